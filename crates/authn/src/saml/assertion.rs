//! What an assertion claims, and whether it holds here and now.
//!
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf>, 4.1.4, and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>.

use super::ns;
use super::refusal::Refusal;
use super::response::{Trust, check_issuer};
use super::xml::Element;
use base::Timestamp;
use std::time::Duration;

/// How long after it was issued an assertion is taken: `Token must be redeemed within 5 minutes of issuance`.
const REDEEMED_WITHIN: Duration = Duration::from_secs(300);
/// How far the provider's clock may go ahead.
const SKEW: Duration = Duration::from_secs(60);

/// The way of confirming a subject that needs no more than holding the assertion.
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// What a `NameID` without a format has.
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// What AWS leaves out of formats.
const FORMAT_PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

/// What an assertion that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The assertion's id.
    pub id: String,
    /// When it is no longer taken, at the latest.
    pub ends: Timestamp,
    /// Who issued it.
    pub issuer: String,
    /// The text of `NameID`.
    pub subject: String,
    /// Its format, as AWS shows it.
    pub subject_type: String,
    /// The sign-in address that it is for.
    pub recipient: String,
    /// The request that it answers, if it says so.
    pub in_response_to: Option<String>,
    /// When a session that stands on it ends, if it says so.
    pub session_ends: Option<Timestamp>,
    /// The attributes: names and values.
    pub attributes: Vec<(String, Vec<String>)>,
}

fn invalid(what: &str) -> Refusal {
    Refusal::invalid(format!("the assertion is not valid: {what}"))
}

impl Claims {
    /// Reads an assertion whose signature held.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn read(assertion: &Element, trust: &Trust<'_>) -> Result<Self, Refusal> {
        if assertion.attribute("Version") != Some("2.0") {
            return Err(invalid("its version is not 2.0"));
        }
        let id =
            assertion.attribute("ID").filter(|id| !id.is_empty()).ok_or_else(|| invalid("it has no ID"))?;
        let issuer = assertion.only(ns::SAML, "Issuer").ok_or_else(|| invalid("it has no issuer"))?;
        check_issuer(issuer, trust)?;
        let issued = time(assertion, "IssueInstant")?.ok_or_else(|| invalid("it has no IssueInstant"))?;
        if issued > trust.now + SKEW {
            return Err(invalid("it was issued in the future"));
        }
        if trust.now >= issued + REDEEMED_WITHIN {
            return Err(Refusal::Expired("Token must be redeemed within 5 minutes of issuance".into()));
        }
        let subject = Subject::read(assertion, trust)?;
        check_conditions(assertion, trust)?;
        Ok(Self {
            id: id.to_owned(),
            ends: issued + REDEEMED_WITHIN,
            issuer: trust.entity_id.to_owned(),
            subject: subject.name,
            subject_type: subject.format,
            recipient: subject.recipient,
            in_response_to: subject.in_response_to,
            session_ends: session_ends(assertion, trust)?,
            attributes: attributes(assertion)?,
        })
    }

    /// The values of an attribute; none if it is not there.
    pub fn values(&self, name: &str) -> &[String] {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or(&[], |(_, values)| values.as_slice())
    }
}

/// The subject, and how it is confirmed.
struct Subject {
    name: String,
    format: String,
    recipient: String,
    in_response_to: Option<String>,
}

impl Subject {
    fn read(assertion: &Element, trust: &Trust<'_>) -> Result<Self, Refusal> {
        let subject = assertion.only(ns::SAML, "Subject");
        let name_id = subject.and_then(|subject| subject.only(ns::SAML, "NameID")).ok_or(Refusal::Denied)?;
        let name = name_id.text().map(str::trim).filter(|name| !name.is_empty()).ok_or(Refusal::Denied)?;
        let confirmation = subject.and_then(|subject| subject.only(ns::SAML, "SubjectConfirmation"));
        let confirmation = confirmation.ok_or_else(|| invalid("there is not one SubjectConfirmation"))?;
        if confirmation.attribute("Method") != Some(BEARER) {
            return Err(invalid("its subject is not confirmed as bearer"));
        }
        let data = confirmation.only(ns::SAML, "SubjectConfirmationData");
        let data = data.ok_or_else(|| invalid("there is no SubjectConfirmationData"))?;
        check_period(data, trust)?;
        if data.attribute("NotOnOrAfter").is_none() {
            return Err(invalid("its SubjectConfirmationData has no NotOnOrAfter"));
        }
        let recipient = data.attribute("Recipient").unwrap_or_default();
        if !trust.endpoints.is_sign_in(recipient) {
            return Err(invalid("its recipient is not this service"));
        }
        let format = name_id.attribute("Format").filter(|format| !format.is_empty()).unwrap_or(UNSPECIFIED);
        Ok(Self {
            name: name.to_owned(),
            format: format.strip_prefix(FORMAT_PREFIX).unwrap_or(format).to_owned(),
            recipient: recipient.to_owned(),
            in_response_to: data.attribute("InResponseTo").map(str::to_owned),
        })
    }
}

/// An instant in an attribute; what is no instant is no absent one.
fn time(element: &Element, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    // Without an offset a time of XML is nobody's: SAML demands `Z`.
    let read = Timestamp::parse(text).ok().filter(|_| text.ends_with('Z') && text.contains('T'));
    read.map(Some).ok_or_else(|| invalid(&format!("its {name} is not a time in UTC")))
}

/// `NotBefore` and `NotOnOrAfter`.
fn check_period(element: &Element, trust: &Trust<'_>) -> Result<(), Refusal> {
    if time(element, "NotBefore")?.is_some_and(|begin| trust.now + SKEW < begin) {
        return Err(invalid("it does not hold yet"));
    }
    if time(element, "NotOnOrAfter")?.is_some_and(|end| trust.now >= end) {
        return Err(Refusal::Expired("the assertion has expired".into()));
    }
    Ok(())
}

/// See <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>, 2.5.1: every restriction must hold, in
/// each one of its audiences suffices, and a condition that is not understood makes the assertion worth nothing.
fn check_conditions(assertion: &Element, trust: &Trust<'_>) -> Result<(), Refusal> {
    let conditions = assertion.only(ns::SAML, "Conditions").ok_or_else(|| invalid("it has no conditions"))?;
    check_period(conditions, trust)?;
    let mut is_restricted = false;
    for condition in conditions.children() {
        if condition.is(ns::SAML, "AudienceRestriction") {
            let mut audiences = condition.all(ns::SAML, "Audience").filter_map(Element::text).map(str::trim);
            if !audiences.any(|audience| trust.endpoints.is_audience(audience)) {
                return Err(Refusal::invalid("Response does not contain the required audience."));
            }
            is_restricted = true;
        } else if !condition.is(ns::SAML, "OneTimeUse") && !condition.is(ns::SAML, "ProxyRestriction") {
            return Err(invalid("it has a condition that is not supported"));
        }
    }
    if is_restricted {
        Ok(())
    } else {
        Err(Refusal::invalid("Response does not contain the required audience."))
    }
}

/// `SessionNotOnOrAfter`, the earliest.
fn session_ends(assertion: &Element, trust: &Trust<'_>) -> Result<Option<Timestamp>, Refusal> {
    let mut ends = None;
    for statement in assertion.all(ns::SAML, "AuthnStatement") {
        let end = time(statement, "SessionNotOnOrAfter")?;
        if end.is_some_and(|end| trust.now >= end) {
            return Err(Refusal::Expired("the session at the identity provider has ended".into()));
        }
        ends = [ends, end].into_iter().flatten().min();
    }
    Ok(ends)
}

/// All attributes; the values of those that stand several times are joined.
fn attributes(assertion: &Element) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for attribute in assertion.all(ns::SAML, "AttributeStatement").flat_map(Element::children) {
        let name = attribute.attribute("Name").filter(|_| attribute.is(ns::SAML, "Attribute"));
        let name = name.ok_or_else(|| invalid("it has an attribute that cannot be read"))?;
        let values = attribute.all(ns::SAML, "AttributeValue");
        // A value that holds elements says nothing that anything here asks for.
        let values = values.filter_map(Element::text).map(|value| value.trim().to_owned());
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => all.push((name.to_owned(), values.collect())),
        }
    }
    Ok(all)
}
