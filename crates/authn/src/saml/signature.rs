//! Enveloped XML signatures: from an element as it came to the element that was signed.
//!
//! See <https://www.w3.org/TR/xmldsig-core1/>. Of what the standard offers one form is taken: a `Signature` that is a
//! child of the element it signs, with one reference to that element's `ID`, the enveloped-signature transform and
//! exclusive canonical XML, nothing after.

use super::c14n::{Canonical, EXCLUSIVE, WITH_COMMENTS};
use super::key::{Algorithm, VerifyingKey};
use super::ns;
use super::refusal::Refusal;
use super::xml::{Bounds, Element, Node, parse};
use aws_lc_rs::digest;
use base64::Engine as _;

/// The transform that takes the signature out of what is signed.
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

fn invalid(what: &str) -> Refusal {
    Refusal::invalid(format!("Response signature invalid: {what}"))
}

/// Whether an element has a signature of its own.
pub fn is_signed(element: &Element) -> bool {
    element.all(ns::DS, "Signature").next().is_some()
}

/// Verifies the signature of `element`, which stands in `ancestors`, and yields the element **as it was signed**: what
/// the canonical bytes say whose digest is in the signature, without the signature itself.
///
/// # Errors
/// If the signature is not of the one form that is taken, or none of the keys made it.
pub fn verify(ancestors: &[&Element], element: &Element, keys: &[VerifyingKey]) -> Result<Element, Refusal> {
    let is_signature = |node: &Node| matches!(node, Node::Element(child) if child.is(ns::DS, "Signature"));
    let place = element.nodes.iter().position(is_signature);
    let (Some(place), Some(signature)) = (place, element.only(ns::DS, "Signature")) else {
        return Err(invalid("there is not one signature"));
    };
    let (info, value) = parts(signature)?;
    let path: Vec<&Element> = ancestors.iter().copied().chain([element, signature]).collect();
    let signed_info = canonical_method(info)?.bytes(&path, info, None);
    // From here on the signature's own words are read from the bytes that it covers, too.
    let info = parse(&signed_info, Bounds::RESPONSE).map_err(|error| invalid(&error.0))?;
    let reference = Reference::read(&info)?;
    let value = base64_of(value)?;
    if !keys.iter().any(|key| key.verifies(reference.algorithm, signed_info.as_bytes(), &value)) {
        return Err(Refusal::invalid("Response signature invalid"));
    }
    let id = element.attribute("ID").filter(|id| !id.is_empty());
    if id.is_none() || reference.uri.strip_prefix('#') != id {
        return Err(invalid("it signs another element than the one that it stands in"));
    }
    let bytes = reference.canonical.bytes(ancestors, element, Some(place));
    if digest::digest(reference.hash, bytes.as_bytes()).as_ref() != reference.digest {
        return Err(invalid("the digest is another one"));
    }
    parse(&bytes, Bounds::RESPONSE).map_err(|error| invalid(&error.0))
}

/// `SignedInfo` and `SignatureValue`. `KeyInfo` may stand there and is not looked at; `Object`, in which signed elements
/// are hidden, may not.
fn parts(signature: &Element) -> Result<(&Element, &Element), Refusal> {
    let known = ["SignedInfo", "SignatureValue", "KeyInfo"];
    let is_known = |child: &Element| known.iter().any(|name| child.is(ns::DS, name));
    if !signature.children().all(is_known) || !signature.has_only_elements() {
        return Err(invalid("there is more in it than there should be"));
    }
    match (signature.only(ns::DS, "SignedInfo"), signature.only(ns::DS, "SignatureValue")) {
        (Some(info), Some(value)) => Ok((info, value)),
        _ => Err(invalid("it needs one SignedInfo and one SignatureValue")),
    }
}

fn canonical_method(info: &Element) -> Result<Canonical, Refusal> {
    let method = info.only(ns::DS, "CanonicalizationMethod");
    canonical(method.ok_or_else(|| invalid("there is no canonicalization method"))?)
}

/// How the algorithm that an element names makes canonical.
fn canonical(method: &Element) -> Result<Canonical, Refusal> {
    let comments = match method.attribute("Algorithm") {
        Some(EXCLUSIVE) => false,
        Some(WITH_COMMENTS) => true,
        _ => return Err(invalid("only exclusive canonicalization is supported")),
    };
    let mut children = method.children();
    let inclusive = match (children.next(), children.next()) {
        (None, _) => Vec::new(),
        (Some(list), None) if list.is(ns::EC, "InclusiveNamespaces") => {
            let prefixes = list.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace();
            prefixes.map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned()).collect()
        }
        _ => return Err(invalid("the canonicalization has parameters that are not supported")),
    };
    Ok(Canonical { comments, inclusive })
}

/// What a signature says that it covers.
struct Reference {
    algorithm: Algorithm,
    uri: String,
    canonical: Canonical,
    hash: &'static digest::Algorithm,
    digest: Vec<u8>,
}

impl Reference {
    fn read(info: &Element) -> Result<Self, Refusal> {
        let known = ["CanonicalizationMethod", "SignatureMethod", "Reference"];
        if info.children().count() != known.len() {
            return Err(invalid("SignedInfo must hold one reference"));
        }
        canonical_method(info)?;
        let method = info.only(ns::DS, "SignatureMethod").and_then(|it| it.attribute("Algorithm"));
        let algorithm = Algorithm::named(method.unwrap_or_default())?;
        let reference = info.only(ns::DS, "Reference").ok_or_else(|| invalid("there is no reference"))?;
        if reference.children().count() != 3 {
            return Err(invalid("the reference is not of the form that is taken"));
        }
        let hash = reference.only(ns::DS, "DigestMethod").and_then(|it| it.attribute("Algorithm"));
        let digest = reference.only(ns::DS, "DigestValue").ok_or_else(|| invalid("there is no digest"))?;
        Ok(Self {
            algorithm,
            uri: reference.attribute("URI").unwrap_or_default().to_owned(),
            canonical: transforms(reference)?,
            hash: hash_of(hash.unwrap_or_default())?,
            digest: base64_of(digest)?,
        })
    }
}

/// Exactly two: the signature goes, the rest is made canonical. A transform more could make anything of nothing.
fn transforms(reference: &Element) -> Result<Canonical, Refusal> {
    let all = reference.only(ns::DS, "Transforms").ok_or_else(|| invalid("there are no transforms"))?;
    let mut children = all.children();
    match (children.next(), children.next(), children.next()) {
        (Some(first), Some(second), None)
            if first.is(ns::DS, "Transform")
                && second.is(ns::DS, "Transform")
                && first.attribute("Algorithm") == Some(ENVELOPED)
                && first.children().next().is_none() =>
        {
            canonical(second)
        }
        _ => Err(invalid("the transforms must be enveloped-signature and exclusive canonicalization")),
    }
}

fn hash_of(uri: &str) -> Result<&'static digest::Algorithm, Refusal> {
    match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Ok(&digest::SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Ok(&digest::SHA384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Ok(&digest::SHA512),
        _ if uri.ends_with("sha1") => Err(invalid("SHA-1 is not accepted, use SHA-256 for the digest")),
        _ => Err(invalid("the digest method is not supported")),
    }
}

/// The bytes that an element holds as base64, in lines or not; comments are no text.
pub fn base64_of(element: &Element) -> Result<Vec<u8>, Refusal> {
    let text = element.text().ok_or_else(|| invalid("a value holds something besides text"))?;
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok();
    bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(|| invalid("a value is not base64"))
}
