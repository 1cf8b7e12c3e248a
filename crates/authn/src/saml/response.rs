//! A response on its way to its one assertion: signed, whole, and with nothing beside it.

use super::assertion::Claims;
use super::decrypt::{DecryptionKey, decrypt};
use super::endpoint::Endpoints;
use super::key::VerifyingKey;
use super::ns;
use super::refusal::Refusal;
use super::signature::{is_signed, verify};
use super::xml::{Binding, Bounds, Element, XmlError, parse, parse_within};
use base::Timestamp;
use std::collections::HashSet;

/// What a response is held against.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The provider's name for itself, from its metadata.
    pub entity_id: &'a str,
    /// The keys of its metadata.
    pub keys: &'a [VerifyingKey],
    /// The keys that open what was encrypted for this server.
    pub private_keys: &'a [DecryptionKey],
    /// Whether an assertion must be encrypted.
    pub must_encrypt: bool,
    /// Where it may be addressed to.
    pub endpoints: Endpoints<'a>,
    /// The time.
    pub now: Timestamp,
}

/// The status that says that somebody was authenticated.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

fn unread(error: &XmlError) -> Refusal {
    Refusal::invalid(format!("the SAML response cannot be parsed: {error}"))
}

/// Reads a response and yields what its assertion claims, if all of it holds.
///
/// # Errors
/// Whatever does not hold.
pub fn read(text: &str, trust: &Trust<'_>) -> Result<Claims, Refusal> {
    let root = parse(text, Bounds::RESPONSE).map_err(|error| unread(&error))?;
    check_form(&root)?;
    check_ids(&root)?;
    check_counts(&root)?;
    let signed = if is_signed(&root) { Some(verify(&[], &root, trust.keys)?) } else { None };
    let outer = signed.as_ref().unwrap_or(&root);
    let encrypted = outer.only(ns::SAML, "EncryptedAssertion");
    if trust.must_encrypt && encrypted.is_none() {
        return Err(Refusal::invalid("the provider demands that assertions are encrypted"));
    }
    let assertion = match encrypted {
        Some(encrypted) => opened(outer, encrypted, signed.is_some(), trust)?,
        None => plain(&root, signed.as_ref(), trust)?,
    };
    check_envelope(outer, trust)?;
    let claims = Claims::read(&assertion, trust)?;
    let answered = outer.attribute("InResponseTo");
    match (answered, &claims.in_response_to) {
        (Some(outside), Some(inside)) if outside != inside => {
            Err(Refusal::invalid("the assertion answers another request than the response"))
        }
        _ => Ok(claims),
    }
}

/// The assertion as it was signed: by its own signature, or else by the response's.
fn plain(root: &Element, signed: Option<&Element>, trust: &Trust<'_>) -> Result<Element, Refusal> {
    let none = || Refusal::invalid("there is not one assertion");
    let original = root.only(ns::SAML, "Assertion").ok_or_else(none)?;
    if is_signed(original) {
        return verify(&[root], original, trust.keys);
    }
    let signed = signed.ok_or_else(unsigned)?;
    signed.only(ns::SAML, "Assertion").cloned().ok_or_else(none)
}

/// The assertion that was encrypted: signed on its own, or inside of a response whose signature held.
fn opened(
    outer: &Element,
    encrypted: &Element,
    vouched: bool,
    trust: &Trust<'_>,
) -> Result<Element, Refusal> {
    let text = decrypt(encrypted, trust.private_keys, vouched)?;
    let scope: Vec<Binding> = outer.declared.iter().chain(&encrypted.declared).cloned().collect();
    let assertion = parse_within(&text, &scope, Bounds::RESPONSE).map_err(|error| unread(&error))?;
    if !assertion.is(ns::SAML, "Assertion") {
        return Err(Refusal::invalid("what was encrypted is no assertion"));
    }
    check_ids(&assertion)?;
    check_counts(&assertion)?;
    if is_signed(&assertion) {
        let around = Element { declared: scope, ..Element::default() };
        return verify(&[&around], &assertion, trust.keys);
    }
    if vouched { Ok(assertion) } else { Err(unsigned()) }
}

fn unsigned() -> Refusal {
    Refusal::invalid("Response signature invalid: neither the response nor its assertion is signed")
}

/// The root and what stands right below it.
fn check_form(root: &Element) -> Result<(), Refusal> {
    if !root.is(ns::SAMLP, "Response") || root.attribute("Version") != Some("2.0") {
        return Err(Refusal::invalid("the document is not a SAML 2.0 response"));
    }
    let parts = [
        (ns::SAML, "Issuer"),
        (ns::DS, "Signature"),
        (ns::SAMLP, "Status"),
        (ns::SAML, "Assertion"),
        (ns::SAML, "EncryptedAssertion"),
    ];
    let count = |(namespace, local)| root.all(namespace, local).count();
    let known: usize = parts.iter().map(|part| count(*part)).sum();
    if known != root.children().count() || !root.has_only_elements() {
        return Err(Refusal::invalid("the response holds an element that does not belong there"));
    }
    if parts.iter().any(|part| count(*part) > 1) {
        return Err(Refusal::invalid("the response holds an element twice"));
    }
    if count((ns::SAML, "Assertion")) + count((ns::SAML, "EncryptedAssertion")) != 1 {
        let status = root.only(ns::SAMLP, "Status");
        check_status(status)?;
        return Err(Refusal::invalid("there is not one assertion"));
    }
    Ok(())
}

/// No id stands twice, in whichever spelling and namespace an attribute bears one.
fn check_ids(root: &Element) -> Result<(), Refusal> {
    let (mut seen, mut unique) = (HashSet::new(), true);
    root.each(&mut |element| {
        let ids = element.attributes.iter().filter(|it| it.local.eq_ignore_ascii_case("id"));
        ids.for_each(|id| unique &= seen.insert(id.value.as_str()));
    });
    if unique { Ok(()) } else { Err(Refusal::invalid("an id stands twice")) }
}

/// Assertions, responses and signatures stand where they belong and nowhere else, however deep.
fn check_counts(root: &Element) -> Result<(), Refusal> {
    let (mut assertions, mut responses, mut signatures) = (0, 0, 0);
    root.each(&mut |element| {
        let is = |name: &str| element.local == name;
        assertions += usize::from(is("Assertion") || is("EncryptedAssertion"));
        responses += usize::from(is("Response"));
        signatures += usize::from(is("Signature") || is("SignedInfo"));
    });
    let own = |element: &Element| element.all(ns::DS, "Signature").count();
    let of_assertion: usize = root.all(ns::SAML, "Assertion").map(own).sum();
    let expected = (own(root) + of_assertion) * 2;
    let is_response = usize::from(root.is(ns::SAMLP, "Response"));
    if assertions != 1 || responses != is_response {
        return Err(Refusal::invalid("there is not one assertion"));
    }
    if signatures != expected {
        return Err(Refusal::invalid("Response signature invalid: a signature stands where none belongs"));
    }
    Ok(())
}

/// Status, issuer and destination of the response itself.
fn check_envelope(outer: &Element, trust: &Trust<'_>) -> Result<(), Refusal> {
    check_status(outer.only(ns::SAMLP, "Status"))?;
    if let Some(issuer) = outer.only(ns::SAML, "Issuer") {
        check_issuer(issuer, trust)?;
    }
    match outer.attribute("Destination").filter(|destination| !destination.is_empty()) {
        Some(destination) if !trust.endpoints.is_sign_in(destination) => {
            Err(Refusal::invalid("the response is addressed to another destination"))
        }
        _ => Ok(()),
    }
}

fn check_status(status: Option<&Element>) -> Result<(), Refusal> {
    let code = status.and_then(|status| status.only(ns::SAMLP, "StatusCode")?.attribute("Value"));
    match code {
        Some(SUCCESS) => Ok(()),
        Some(_) => Err(Refusal::Rejected("the identity provider reports that authentication failed".into())),
        None => Err(Refusal::invalid("the response has no status")),
    }
}

/// The issuer is the one of the metadata.
pub fn check_issuer(issuer: &Element, trust: &Trust<'_>) -> Result<(), Refusal> {
    if issuer.text().map(str::trim) == Some(trust.entity_id) {
        return Ok(());
    }
    Err(Refusal::invalid("Issuer not present in specified provider"))
}
