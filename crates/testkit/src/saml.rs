//! A SAML identity provider for tests: it signs what it is told to, and its documents are canonical as they are
//! written, so that it needs no canonicalization of its own and cannot share a mistake with the one under test.
#![allow(clippy::expect_used, reason = "a fixture that cannot be made fails its test")]

pub mod attacks;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The namespace of assertions.
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of the protocol.
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// AWS's sign-in page.
pub const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
/// How AWS's attributes begin.
pub const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// A provider.
#[derive(Clone)]
pub struct Idp {
    /// Its name for itself.
    pub entity_id: String,
    key: Arc<Key>,
}

struct Key {
    certificate: Vec<u8>,
    method: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// What a response is to bear a signature on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// Both.
    Both,
    /// Neither.
    Nothing,
}

impl Idp {
    /// The provider that most tests know, with an RSA key.
    pub fn new(entity_id: &str) -> Self {
        static KEY: OnceLock<Arc<Key>> = OnceLock::new();
        Self { entity_id: entity_id.to_owned(), key: Arc::clone(KEY.get_or_init(Key::rsa)) }
    }

    /// The same name with another key: somebody who would like to be it.
    pub fn impostor(entity_id: &str) -> Self {
        static KEY: OnceLock<Arc<Key>> = OnceLock::new();
        Self { entity_id: entity_id.to_owned(), key: Arc::clone(KEY.get_or_init(Key::rsa)) }
    }

    /// A provider with a key on P-256.
    pub fn elliptic(entity_id: &str) -> Self {
        Self { entity_id: entity_id.to_owned(), key: Key::ecdsa() }
    }

    /// Its certificate in base64.
    pub fn certificate(&self) -> String {
        STANDARD.encode(&self.key.certificate)
    }

    /// Its metadata document.
    pub fn metadata(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\n  <md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" protocolSupportEnumeration=\"{SAMLP}\">\n    <md:KeyDescriptor use=\"signing\">\n      <ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n    </md:KeyDescriptor>\n    <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.example.com/sso\"/>\n  </md:IDPSSODescriptor>\n</md:EntityDescriptor>\n",
            self.entity_id,
            self.certificate()
        )
    }

    /// Signs bytes.
    pub fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
        }
    }

    /// Puts a signature into an element in canonical form, behind its issuer.
    pub fn sign(&self, element: &str) -> String {
        self.sign_changed(element, |info| info)
    }

    /// The same with a `SignedInfo` that is changed before it is signed.
    pub fn sign_changed(&self, element: &str, change: impl FnOnce(String) -> String) -> String {
        place(element, &self.signature_of(element, change))
    }

    /// The `Signature` of an element in canonical form.
    pub fn signature_of(&self, element: &str, change: impl FnOnce(String) -> String) -> String {
        let id = element.split_once(" ID=\"").and_then(|(_, rest)| rest.split_once('"')).expect("an ID").0;
        let hash = STANDARD.encode(digest(&SHA256, element.as_bytes()));
        let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
        let info = change(format!(
            "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{exclusive}\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{DS}enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"{exclusive}\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{hash}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
            self.key.method
        ));
        let value = STANDARD.encode(self.signature(info.as_bytes()));
        let inner = info.replacen(&format!(" xmlns:ds=\"{DS}\""), "", 1);
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\">{inner}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            self.certificate()
        )
    }

    /// The whole response, as text.
    pub fn response(&self, assertion: &Assertion, signed: Signed) -> String {
        let mut text = assertion.text(&self.entity_id);
        if matches!(signed, Signed::Assertion | Signed::Both) {
            text = self.sign(&text);
        }
        let response = self.envelope(&text, assertion.issued);
        if matches!(signed, Signed::Response | Signed::Both) { self.sign(&response) } else { response }
    }

    /// A response around the text of an assertion.
    pub fn envelope(&self, assertion: &str, issued: Timestamp) -> String {
        format!(
            "<samlp:Response xmlns:samlp=\"{SAMLP}\" Destination=\"{SIGN_IN}\" ID=\"_response\" IssueInstant=\"{}\" Version=\"2.0\"><saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>{assertion}</samlp:Response>",
            issued.iso(),
            self.entity_id,
        )
    }
}

/// A response as clients send it.
pub fn encoded(response: &str) -> String {
    STANDARD.encode(response)
}

/// Puts a signature behind an element's issuer.
pub fn place(element: &str, signature: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

impl Key {
    fn rsa() -> Arc<Self> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
        let signing = RsaKeyPair::from_pkcs8(&pair.serialize_der()).expect("a key");
        Arc::new(Self { certificate: certificate(&pair), method: RSA_SHA256, pair: Pair::Rsa(signing) })
    }

    fn ecdsa() -> Arc<Self> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let der = pair.serialize_der();
        let signing = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).expect("a key");
        Arc::new(Self { certificate: certificate(&pair), method: ECDSA_SHA256, pair: Pair::Ecdsa(signing) })
    }
}

fn certificate(pair: &KeyPair) -> Vec<u8> {
    let params = CertificateParams::new(vec!["idp.example.com".to_owned()]).expect("a name");
    params.self_signed(pair).expect("a certificate").der().to_vec()
}

/// What an assertion is to say.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// Its id.
    pub id: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// Whom it is about.
    pub name_id: String,
    /// The sign-in page that it is for.
    pub recipient: String,
    /// For whom it is.
    pub audience: String,
    /// Attributes: names and values.
    pub attributes: Vec<(String, Vec<String>)>,
}

impl Assertion {
    /// One that asks for a role.
    pub fn new(issued: Timestamp, role: &str, provider: &str) -> Self {
        let attribute = |name: &str, value: String| (format!("{ATTRIBUTES}{name}"), vec![value]);
        Self {
            id: "_assertion".into(),
            issued,
            name_id: "ann@example.com".into(),
            recipient: SIGN_IN.into(),
            audience: "urn:amazon:webservices".into(),
            attributes: vec![
                attribute("Role", format!("{role},{provider}")),
                attribute("RoleSessionName", "ann".into()),
            ],
        }
    }

    /// The same with another id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// The same with an attribute of AWS's.
    #[must_use]
    pub fn aws(self, name: &str, values: &[&str]) -> Self {
        self.attribute(&format!("{ATTRIBUTES}{name}"), values)
    }

    /// The same with an attribute, in the place of one of the same name.
    #[must_use]
    pub fn attribute(mut self, name: &str, values: &[&str]) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        self.attributes.push((name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect()));
        self
    }

    /// Its text in canonical form.
    pub fn text(&self, issuer: &str) -> String {
        let (issued, end) = (self.issued.iso(), (self.issued + Duration::from_secs(300)).iso());
        let Self { id, name_id, recipient, audience, .. } = self;
        let attributes: String = self
            .attributes
            .iter()
            .map(|(name, values)| {
                let values: String = values
                    .iter()
                    .map(|value| format!("<saml:AttributeValue>{value}</saml:AttributeValue>"))
                    .collect();
                format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute>")
            })
            .collect();
        format!(
            "<saml:Assertion xmlns:saml=\"{SAML}\" ID=\"{id}\" IssueInstant=\"{issued}\" Version=\"2.0\"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{name_id}</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData NotOnOrAfter=\"{end}\" Recipient=\"{recipient}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"{issued}\" NotOnOrAfter=\"{end}\"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"{issued}\"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )
    }
}

/// The private key for which assertions are encrypted.
pub struct EncryptionKey(PrivateDecryptingKey);

impl EncryptionKey {
    /// A fresh one.
    pub fn generate() -> Self {
        Self(PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key"))
    }

    /// It in PEM.
    pub fn pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.0.as_der().expect("a key");
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()))
    }

    /// The `EncryptedAssertion` of an assertion's text, in canonical form: AES-256-GCM, the key by RSA-OAEP.
    pub fn encrypt(&self, assertion: &str) -> String {
        let (content_key, nonce) = ([7; 32], [9; 12]);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).expect("a key"));
        let mut sealed = assertion.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(unique, Aad::empty(), &mut sealed).expect("sealed");
        let content = STANDARD.encode([&nonce[..], &sealed].concat());
        let public = OaepPublicEncryptingKey::new(self.0.public_key()).expect("a key");
        let mut room = vec![0; public.ciphertext_size()];
        let wrapped = public.encrypt(&OAEP_SHA1_MGF1SHA1, &content_key, &mut room, None).expect("wrapped");
        let wrapped = STANDARD.encode(wrapped);
        let xenc = "http://www.w3.org/2001/04/xmlenc#";
        format!(
            "<saml:EncryptedAssertion xmlns:saml=\"{SAML}\"><xenc:EncryptedData xmlns:xenc=\"{xenc}\" Type=\"{xenc}Element\"><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds=\"{DS}\"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\"{xenc}rsa-oaep-mgf1p\"><ds:DigestMethod Algorithm=\"{DS}sha1\"></ds:DigestMethod></xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
        )
    }
}
