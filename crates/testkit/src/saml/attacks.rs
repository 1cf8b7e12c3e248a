//! Ways of making a response say what its provider did not sign.
//!
//! Each begins with what somebody can get who has signed in once: a response about himself, rightly signed. The names
//! XSW1 to XSW8 are those of Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (2012).

use super::{Assertion, DS, Idp, SAML, SAMLP, Signed, place};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A response that must be refused.
#[derive(Debug, Clone)]
pub struct Attack {
    /// The number of the case that it belongs to.
    pub case: u32,
    /// What it does.
    pub name: &'static str,
    /// The response.
    pub response: String,
}

fn attack(name: &'static str, response: String) -> Attack {
    Attack { case: 0, name, response }
}

/// Whom the attacker would like to be.
pub const VICTIM: &str = "admin@example.com";

/// What all of them are made of.
struct Material<'a> {
    idp: &'a Idp,
    /// The attacker's own assertion.
    own: &'a Assertion,
    /// The same about the victim, with an id of its own.
    evil: Assertion,
    /// The signature of the attacker's own.
    signature: String,
}

impl Material<'_> {
    fn plain(&self) -> String {
        self.own.text(&self.idp.entity_id)
    }

    fn signed(&self) -> String {
        place(&self.plain(), &self.signature)
    }

    fn evil(&self) -> String {
        self.evil.text(&self.idp.entity_id)
    }

    fn around(&self, content: &str) -> String {
        self.idp.envelope(content, self.own.issued)
    }

    /// The attacker's response, its `SignedInfo` changed before it was signed: what a careless provider makes.
    fn with_info(&self, from: &str, to: &str) -> String {
        self.around(&self.idp.sign_changed(&self.plain(), |info| info.replace(from, to)))
    }
}

/// Every one, from an assertion that the provider signs for the attacker.
pub fn all(idp: &Idp, own: &Assertion) -> Vec<Attack> {
    let mut evil = own.clone().id("_evil");
    evil.name_id = VICTIM.into();
    let signature = idp.signature_of(&own.text(&idp.entity_id), |info| info);
    let material = Material { idp, own, evil, signature };
    let groups = [
        (46, wrapping(&material)),
        (48, texts(&material)),
        (49, documents(&material)),
        (50, signatures(&material)),
        (50, keys(&material)),
    ];
    groups
        .into_iter()
        .flat_map(|(case, group)| group.into_iter().map(move |attack| Attack { case, ..attack }))
        .collect()
}

/// Signature wrapping: case 46.
fn wrapping(of: &Material<'_>) -> Vec<Attack> {
    let response = of.around(&of.plain());
    let signature = of.idp.signature_of(&response, |info| info);
    let evil_response = of.around(&of.evil()).replace("\"_response\"", "\"_evil_response\"");
    let enveloping = signature.replace("</ds:Signature>", &format!("{response}</ds:Signature>"));
    let object = |content: &str| {
        let object = format!("<ds:Object>{content}</ds:Object></ds:Signature>");
        of.signature.replace("</ds:Signature>", &object)
    };
    let inside = of.signature.replace("</ds:Signature>", &format!("{}</ds:Signature>", of.plain()));
    let changed = of.signed().replace("ann@example.com", VICTIM).replace("\"_assertion\"", "\"_evil\"");
    let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", of.evil());
    let same_id = of.evil().replace("\"_evil\"", &format!("\"{}\"", of.own.id));
    vec![
        attack("XSW1: the signed response inside of its signature", place(&evil_response, &enveloping)),
        attack(
            "XSW2: the signed response before its signature",
            place(&evil_response, &format!("{response}{signature}")),
        ),
        attack("XSW3: another assertion before the signed one", of.around(&(of.evil() + &of.signed()))),
        attack("an assertion behind the signed one", of.around(&(of.signed() + &of.evil()))),
        attack(
            "XSW4: the signed assertion inside of another",
            of.around(&of.evil().replace("</saml:Assertion>", &format!("{}</saml:Assertion>", of.signed()))),
        ),
        attack(
            "XSW5: a changed assertion, the one that was signed behind it",
            of.around(&(changed + &of.plain())),
        ),
        attack("XSW6: the signed assertion inside of its signature", of.around(&place(&of.evil(), &inside))),
        attack(
            "XSW7: another assertion in an extension",
            of.around(&of.signed()).replace("<samlp:Status>", &format!("{extensions}<samlp:Status>")),
        ),
        attack(
            "XSW8: the signed assertion in an object of its signature",
            of.around(&place(&of.evil(), &object(&of.plain()))),
        ),
        attack("the same id twice, the other first", of.around(&(same_id.clone() + &of.signed()))),
        attack("the same id twice, the other last", of.around(&(of.signed() + &same_id))),
        attack("another assertion with the signature", of.around(&place(&of.evil(), &of.signature))),
        attack("the same id and the signature", of.around(&place(&same_id, &of.signature))),
        attack("a signature as a child of the response", place(&of.around(&of.plain()), &of.signature)),
        attack(
            "an id in another namespace",
            of.around(&place(
                &of.evil()
                    .replace(" ID=", &format!(" xmlns:samlp=\"{SAMLP}\" samlp:ID=\"{}\" ID=", of.own.id)),
                &of.signature,
            )),
        ),
        attack("no signature at all", of.idp.response(&of.evil, Signed::Nothing)),
        attack("a changed assertion", of.around(&of.signed().replace("ann@example.com", VICTIM))),
        attack(
            "an assertion in the advice of the signed response",
            of.around(&of.signed().replace(
                "<saml:AuthnStatement",
                &format!("<saml:Advice>{}</saml:Advice><saml:AuthnStatement", of.evil()),
            )),
        ),
    ]
}

/// What two readers of one text read differently: case 48.
fn texts(of: &Material<'_>) -> Vec<Attack> {
    let mut longer = of.own.clone();
    longer.name_id = format!("{VICTIM}.evil.example");
    let signed = of.idp.sign(&longer.text(&of.idp.entity_id));
    let cut = |with: &str| of.around(&signed.replace(".evil.example", &format!("{with}.evil.example")));
    let digest = of.signature.split_once("<ds:DigestValue>").and_then(|(_, rest)| rest.split_once('<'));
    let digest = digest.map(|(digest, _)| digest.to_owned()).unwrap_or_default();
    let evil_digest =
        STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, of.evil().as_bytes()));
    let with_digest = |digest_text: &str| {
        of.around(&place(
            &of.evil().replace("\"_evil\"", "\"_assertion\""),
            &of.signature.replace(&digest, digest_text),
        ))
    };
    let (info, rest) = of.signature.split_once("</ds:SignedInfo>").unwrap_or_default();
    let info = format!("{info}</ds:SignedInfo>");
    let (_, only_info) = info.split_once('>').unwrap_or_default();
    let other_info = only_info.replace(&digest, &evil_digest);
    let several = |first: &str, second: &str| {
        let signature = format!("<ds:Signature xmlns:ds=\"{DS}\">{first}{second}{rest}");
        of.around(&place(&of.evil().replace("\"_evil\"", "\"_assertion\""), &signature))
    };
    vec![
        attack("a comment in the NameID", cut("<!-- -->")),
        attack("an empty comment in the NameID", cut("<!---->")),
        attack("a processing instruction in the NameID", cut("<?x?>")),
        attack("an element in the NameID", cut("<x/>")),
        attack("a comment in the DigestValue", with_digest(&format!("<!--{digest}-->{evil_digest}"))),
        attack("a comment behind the DigestValue", with_digest(&format!("{evil_digest}<!--{digest}-->"))),
        attack("two SignedInfo, the signed one last", several(&other_info, only_info)),
        attack("two SignedInfo, the signed one first", several(only_info, &other_info)),
        attack(
            "two DigestValue",
            with_digest(&format!("{evil_digest}</ds:DigestValue><ds:DigestValue>{digest}")),
        ),
    ]
}

/// Document types, entities, namespaces: cases 47 and 49.
fn documents(of: &Material<'_>) -> Vec<Attack> {
    let good = of.around(&of.signed());
    let doctype = |inner: &str| format!("<!DOCTYPE r [{inner}]>{good}");
    let entity = |inner: &str| doctype(inner).replace("ann@example.com", "&e;");
    let laughs: String = (1..10)
        .map(|number| format!("<!ENTITY e{number} \"{}\">", format!("&e{};", number - 1).repeat(10)))
        .collect();
    let relative =
        |element: &str| good.replacen(&format!("<{element} "), &format!("<{element} xmlns:v=\"1\" "), 1);
    let evil = of.around(&place(&of.evil().replace("\"_evil\"", "\"_assertion\""), &of.signature));
    vec![
        attack("a document type", doctype("")),
        attack("an entity", entity("<!ENTITY e \"admin\">")),
        attack("an external entity", entity("<!ENTITY e SYSTEM \"file:///etc/passwd\">")),
        attack("an external document type", format!("<!DOCTYPE r SYSTEM \"http://127.0.0.1/x.dtd\">{good}")),
        attack(
            "entities by the billion",
            entity(&format!("<!ENTITY e0 \"ha\">{laughs}<!ENTITY e \"&e9;\">")),
        ),
        attack(
            "default attributes by a document type",
            format!("<!DOCTYPE r [<!ATTLIST r ID ID #IMPLIED>]>{evil}"),
        ),
        attack("an unknown entity", good.replace("ann@example.com", "ann&nbsp;")),
        attack("a relative namespace in the assertion", relative("saml:Assertion")),
        attack("a relative namespace in the response", relative("samlp:Response")),
        attack(
            "void canonicalization of another assertion",
            evil.replacen("<saml:Assertion ", "<saml:Assertion xmlns:v=\"relative\" ", 1),
        ),
        attack(
            "a prefix bound to nothing",
            good.replacen("<saml:Subject>", "<saml:Subject xmlns:v=\"\">", 1),
        ),
        attack(
            "the prefix xml bound anew",
            good.replacen("<saml:Subject>", "<saml:Subject xmlns:xml=\"urn:x\">", 1),
        ),
        attack(
            "a prefix bound anew below",
            good.replacen("<saml:Subject>", "<saml:Subject xmlns:saml=\"urn:x\">", 1),
        ),
        attack(
            "the vocabulary in another namespace",
            good.replace(SAML, "urn:oasis:names:tc:SAML:1.0:assertion"),
        ),
        attack("an attribute twice", good.replacen(" Version=", " Version=\"2.0\" Version=", 1)),
        attack(
            "nested too deeply",
            good.replace("ann@example.com", &("<a>".repeat(5_000) + &"</a>".repeat(5_000))),
        ),
        attack("text behind the root", format!("{good}x")),
        attack("a second root", format!("{good}{good}")),
        attack("no XML", "this is no response".to_owned()),
        attack("nothing", String::new()),
    ]
}

/// Signatures that say more, or less, than they should: cases 48 and 50.
fn signatures(of: &Material<'_>) -> Vec<Attack> {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let transform = |algorithm: &str| format!("<ds:Transform Algorithm=\"{algorithm}\"></ds:Transform>");
    let last = transform(exclusive) + "</ds:Transforms>";
    let second = |info: &str| {
        let (before, rest) = info.split_once("<ds:Reference").unwrap_or_default();
        let (reference, after) = rest.split_once("</ds:Reference>").unwrap_or_default();
        let reference = format!("<ds:Reference{reference}</ds:Reference>");
        let other = reference.replace("#_assertion", "#_response");
        format!("{before}{reference}{other}{after}")
    };
    let two = of.around(&of.idp.sign_changed(&of.plain(), |info| second(&info)));
    vec![
        attack("two references", two),
        attack(
            "no reference",
            of.around(&of.idp.sign_changed(&of.plain(), |info| {
                let (before, rest) = info.split_once("<ds:Reference").unwrap_or_default();
                before.to_owned() + rest.split_once("</ds:Reference>").unwrap_or_default().1
            })),
        ),
        attack("a reference to the whole document", of.with_info("URI=\"#_assertion\"", "URI=\"\"")),
        attack("a reference to another element", of.with_info("#_assertion", "#_response")),
        attack("a reference by XPointer", of.with_info("#_assertion", "#xpointer(/)")),
        attack("a reference elsewhere", of.with_info("#_assertion", "http://127.0.0.1/x")),
        attack("no transforms", of.with_info(&last, "</ds:Transforms>")),
        attack(
            "a stylesheet among the transforms",
            of.with_info(&last, &(transform("http://www.w3.org/TR/1999/REC-xslt-19991116") + &last)),
        ),
        attack(
            "an XPath among the transforms",
            of.with_info(&last, &(transform("http://www.w3.org/TR/1999/REC-xpath-19991116") + &last)),
        ),
        attack(
            "inclusive canonicalization",
            of.with_info(exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ),
        attack(
            "SHA-1 in the signature",
            of.with_info(
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            ),
        ),
        attack(
            "SHA-1 in the digest",
            of.with_info("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ),
        attack("an unknown digest", of.with_info("http://www.w3.org/2001/04/xmlenc#sha256", "urn:none")),
        attack(
            "an unknown signature method",
            of.with_info("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "urn:none"),
        ),
        attack("an empty signature value", of.around(&empty_value(&of.signed()))),
        attack("signed twice", of.around(&place(&of.signed(), &of.signature))),
        attack(
            "a signature further down",
            of.around(&of.plain().replace("<saml:Subject>", &format!("<saml:Subject>{}", of.signature))),
        ),
    ]
}

fn empty_value(text: &str) -> String {
    let (before, rest) = text.split_once("<ds:SignatureValue>").unwrap_or_default();
    let (_, after) = rest.split_once("</ds:SignatureValue>").unwrap_or_default();
    format!("{before}<ds:SignatureValue></ds:SignatureValue>{after}")
}

/// Keys that are not the provider's: case 50.
fn keys(of: &Material<'_>) -> Vec<Attack> {
    let impostor = Idp::impostor(&of.idp.entity_id);
    let name = &of.idp.entity_id;
    let hidden = impostor.sign(&of.evil()).replace(&impostor.certificate(), &of.idp.certificate());
    let hmac = of.evil();
    let method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    let signature = of.idp.signature_of(&hmac, |info| {
        info.replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", method)
    });
    let key = aws_lc_rs::hmac::Key::new(
        aws_lc_rs::hmac::HMAC_SHA256,
        &STANDARD.decode(of.idp.certificate()).unwrap_or_default(),
    );
    let (before, rest) = signature.split_once("<ds:SignatureValue>").unwrap_or_default();
    let (_, after) = rest.split_once("</ds:SignatureValue>").unwrap_or_default();
    let (_, info) = before.split_once('>').unwrap_or_default();
    let info = info.replacen("<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"), 1);
    let tag = STANDARD.encode(aws_lc_rs::hmac::sign(&key, info.as_bytes()));
    let forged = place(&hmac, &format!("{before}<ds:SignatureValue>{tag}</ds:SignatureValue>{after}"));
    vec![
        attack("the certificate of the message", impostor.response(&of.evil, Signed::Assertion)),
        attack(
            "the certificate of the message, on the response",
            impostor.response(&of.evil, Signed::Response),
        ),
        attack("the provider's certificate beside another key's signature", of.around(&hidden)),
        attack("HMAC with the public key", of.around(&forged)),
        attack("a good response around a forged assertion", {
            let forged = impostor.sign(&of.evil.text(name));
            of.idp.sign(&of.around(&forged))
        }),
        attack("a forged response around a good assertion", impostor.sign(&of.around(&of.signed()))),
    ]
}
