//! A record of one request in CloudTrail's format, written straight to JSON.
//!
//! Follows <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
//! and <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use crate::json::Object;
use base::{AccountId, Timestamp};

/// The version of the format that is written.
pub const EVENT_VERSION: &str = "1.11";
/// Error code, error message and user agent are cut after this many bytes.
const MAX_TEXT: usize = 1024;
/// Request parameters and response elements beyond this are replaced by a note.
const MAX_ELEMENTS: usize = 100 * 1024;
/// Additional event data beyond this are replaced by a note.
const MAX_ADDITIONAL: usize = 28 * 1024;
/// A record beyond this is written again with a quarter of the room for its elements.
const MAX_EVENT: usize = 256 * 1024;
/// At most so many resources are named, each at most [`MAX_TEXT`] long.
const MAX_RESOURCES: usize = 20;

/// One request and its outcome. Everything is borrowed; [`Record::write`] makes the JSON.
///
/// Texts may come from the user: they are escaped and bounded. Members that are JSON already must come from
/// [`Object`], with secrets hidden.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Who asked, as JSON from [`Identity::to_json`]: the same for many records, and so kept by who can.
    pub identity: &'a [u8],
    /// When the request came.
    pub event_time: Timestamp,
    /// The service's host, as in `iam.amazonaws.com`.
    pub event_source: &'a str,
    /// The operation.
    pub event_name: &'a str,
    /// The region asked.
    pub aws_region: &'a str,
    /// The client's address.
    pub source_ip_address: &'a str,
    /// The client's `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// The error code and message, if the request failed; a code that is empty is left out.
    pub error: Option<(&'a str, Option<&'a str>)>,
    /// The request's parameters as JSON, secrets hidden.
    pub request_parameters: Option<&'a [u8]>,
    /// What the operation changed, as JSON, secrets hidden; `None` for operations that only read.
    pub response_elements: Option<&'a [u8]>,
    /// Data that belong to neither, as JSON.
    pub additional_event_data: Option<&'a [u8]>,
    /// The id of the request.
    pub request_id: &'a str,
    /// The id of this record, a UUID: readers tell duplicates by it.
    pub event_id: &'a str,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// The resources touched.
    pub resources: &'a [Resource<'a>],
    /// What happened: a call, a sign-in.
    pub kind: Kind,
    /// The version of the API, as in `2010-05-08`; CloudTrail leaves it out for IAM and STS.
    pub api_version: Option<&'a str>,
    /// Whether it is a management event, as everything in IAM is.
    pub management_event: bool,
    /// The account that gets the record.
    pub recipient_account: AccountId,
    /// Shared by the records of one request that go to several accounts.
    pub shared_event_id: Option<&'a str>,
    /// The TLS connection.
    pub tls: Option<Tls<'a>>,
    /// Whether the credentials came from a console session.
    pub session_credential_from_console: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// `AwsApiCall`.
    #[default]
    ApiCall,
    /// `AwsConsoleSignIn`.
    ConsoleSignIn,
    /// `AwsConsoleAction`: something in the console that is no API call.
    ConsoleAction,
    /// `AwsServiceEvent`: the service did something by itself.
    ServiceEvent,
}

impl Kind {
    /// The value of `eventType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiCall => "AwsApiCall",
            Self::ConsoleSignIn => "AwsConsoleSignIn",
            Self::ConsoleAction => "AwsConsoleAction",
            Self::ServiceEvent => "AwsServiceEvent",
        }
    }
}

/// What kind of principal asked: the `type` of `userIdentity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdentityKind {
    /// The account itself.
    Root,
    /// A user with own keys or a password.
    IamUser,
    /// A session of a role.
    AssumedRole,
    /// A session from `GetFederationToken`.
    FederatedUser,
    /// Another account.
    AwsAccount,
    /// A service.
    AwsService,
    /// Someone who brought a SAML assertion.
    SamlUser,
    /// Someone who brought a token of an OIDC provider.
    WebIdentityUser,
    /// A user of the Identity Center.
    IdentityCenterUser,
    /// Nobody that is known, as in a refused request without valid credentials.
    #[default]
    Unknown,
}

impl IdentityKind {
    /// The value of `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::IamUser => "IAMUser",
            Self::AssumedRole => "AssumedRole",
            Self::FederatedUser => "FederatedUser",
            Self::AwsAccount => "AWSAccount",
            Self::AwsService => "AWSService",
            Self::SamlUser => "SAMLUser",
            Self::WebIdentityUser => "WebIdentityUser",
            Self::IdentityCenterUser => "IdentityCenterUser",
            Self::Unknown => "Unknown",
        }
    }
}

/// Who asked: `userIdentity`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity<'a> {
    /// The kind of principal.
    pub kind: IdentityKind,
    /// The unique id; for sessions with `:` and the session's name.
    pub principal_id: Option<&'a str>,
    /// The principal's ARN.
    pub arn: Option<&'a str>,
    /// The account of the principal.
    pub account: Option<AccountId>,
    /// The access key that signed.
    pub access_key_id: Option<&'a str>,
    /// The user's name. For a failed sign-in with an unknown name it must be [`crate::HIDDEN`].
    pub user_name: Option<&'a str>,
    /// The session, if temporary credentials were used.
    pub session: Option<Session<'a>>,
    /// The service that asked on someone's behalf.
    pub invoked_by: Option<&'a str>,
    /// The identity provider, for SAML and web identity.
    pub identity_provider: Option<&'a str>,
}

/// The session behind temporary credentials: `sessionContext`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Session<'a> {
    /// Who issued it.
    pub issuer: Option<Issuer<'a>>,
    /// Where a federated user comes from.
    pub federation: Option<Federation<'a>>,
    /// When it was issued.
    pub creation_date: Timestamp,
    /// Whether multi-factor authentication was used.
    pub mfa_authenticated: bool,
    /// The source identity, which cannot be changed along a chain of roles.
    pub source_identity: Option<&'a str>,
    /// Whether the session is one of `AssumeRoot`.
    pub assumed_root: bool,
}

/// Who issued a session: `sessionIssuer`.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// `Root`, `IAMUser` or `Role`.
    pub kind: &'a str,
    /// The issuer's unique id.
    pub principal_id: &'a str,
    /// The issuer's ARN.
    pub arn: &'a str,
    /// The issuer's account.
    pub account: AccountId,
    /// The issuer's name; none for root.
    pub user_name: Option<&'a str>,
}

/// Where a federated user comes from: `webIdFederationData`.
#[derive(Debug, Clone, Copy)]
pub struct Federation<'a> {
    /// The provider's host or ARN.
    pub provider: &'a str,
    /// Claims, as JSON.
    pub attributes: Option<&'a [u8]>,
}

/// A resource that the request touched.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// Its account.
    pub account: Option<AccountId>,
    /// Its type, as in `AWS::IAM::Role`.
    pub kind: &'a str,
}

/// The TLS connection: `tlsDetails`.
#[derive(Debug, Clone, Copy)]
pub struct Tls<'a> {
    /// As in `TLSv1.3`.
    pub version: &'a str,
    /// As in `TLS_AES_128_GCM_SHA256`.
    pub cipher_suite: &'a str,
    /// The host that the client asked for.
    pub client_provided_host: Option<&'a str>,
}

impl Record<'_> {
    /// Writes the record as one line of JSON, without a line break, at the end of `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.write_within(out, MAX_ELEMENTS, MAX_ADDITIONAL);
        if out.len() - start > MAX_EVENT {
            out.truncate(start);
            self.write_within(out, MAX_ELEMENTS / 4, MAX_ADDITIONAL / 4);
        }
    }

    fn write_within(&self, out: &mut Vec<u8>, most: usize, most_additional: usize) {
        out.reserve(1536);
        let mut object = Object::begin(out);
        object.string("eventVersion", EVENT_VERSION);
        // First what `Address` looks for.
        object.time("eventTime", self.event_time);
        object.string("awsRegion", bounded(self.aws_region));
        object.string("recipientAccountId", self.recipient_account.as_str());
        object.raw("userIdentity", self.identity);
        object.string("eventSource", bounded(self.event_source));
        object.string("eventName", bounded(self.event_name));
        object.string("sourceIPAddress", bounded(self.source_ip_address));
        object.optional("userAgent", self.user_agent.map(bounded));
        if let Some((code, message)) = self.error {
            // A sign-in that failed has a message alone.
            object.optional("errorCode", Some(bounded(code)).filter(|code| !code.is_empty()));
            object.optional("errorMessage", message.map(bounded));
        }
        elements(&mut object, "requestParameters", self.request_parameters, most);
        elements(&mut object, "responseElements", self.response_elements, most);
        if self.additional_event_data.is_some() {
            elements(&mut object, "additionalEventData", self.additional_event_data, most_additional);
        }
        object.string("requestID", bounded(self.request_id)).string("eventID", bounded(self.event_id));
        object.boolean("readOnly", self.read_only);
        if !self.resources.is_empty() {
            let named = self.resources.get(..MAX_RESOURCES).unwrap_or(self.resources);
            object.objects("resources", named, Resource::write);
        }
        object.string("eventType", self.kind.as_str()).optional("apiVersion", self.api_version.map(bounded));
        object.boolean("managementEvent", self.management_event);
        object.optional("sharedEventID", self.shared_event_id.map(bounded));
        object.string("eventCategory", if self.management_event { "Management" } else { "Data" });
        if let Some(tls) = &self.tls {
            object.object("tlsDetails", |inner| tls.write(inner));
        }
        if self.session_credential_from_console {
            object.string("sessionCredentialFromConsole", "true");
        }
        object.end();
    }

    /// The record as bytes of their own.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

impl Identity<'_> {
    /// The identity as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        let mut object = Object::begin(&mut out);
        self.write(&mut object);
        object.end();
        out
    }

    fn write(&self, object: &mut Object<'_>) {
        object.string("type", self.kind.as_str());
        object.optional("principalId", self.principal_id.map(bounded));
        object.optional("arn", self.arn.map(bounded));
        object.optional("accountId", self.account.as_ref().map(AccountId::as_str));
        object.optional("accessKeyId", self.access_key_id.map(bounded));
        object.optional("userName", self.user_name.map(bounded));
        if let Some(session) = &self.session {
            object.object("sessionContext", |inner| session.write(inner));
        }
        object.optional("invokedBy", self.invoked_by.map(bounded));
        object.optional("identityProvider", self.identity_provider.map(bounded));
    }
}

impl Session<'_> {
    fn write(&self, object: &mut Object<'_>) {
        if let Some(issuer) = &self.issuer {
            object.object("sessionIssuer", |inner| issuer.write(inner));
        }
        if let Some(federation) = &self.federation {
            object.object("webIdFederationData", |inner| {
                inner.string("federatedProvider", bounded(federation.provider));
                if federation.attributes.is_some() {
                    elements(inner, "attributes", federation.attributes, MAX_TEXT * 4);
                }
            });
        }
        object.object("attributes", |inner| {
            inner.time("creationDate", self.creation_date);
            inner.string("mfaAuthenticated", if self.mfa_authenticated { "true" } else { "false" });
        });
        object.optional("sourceIdentity", self.source_identity.map(bounded));
        if self.assumed_root {
            object.string("assumedRoot", "true");
        }
    }
}

impl Issuer<'_> {
    fn write(&self, object: &mut Object<'_>) {
        object.string("type", bounded(self.kind));
        object.string("principalId", bounded(self.principal_id));
        object.string("arn", bounded(self.arn));
        object.string("accountId", self.account.as_str());
        object.optional("userName", self.user_name.map(bounded));
    }
}

impl Resource<'_> {
    fn write(&self, object: &mut Object<'_>) {
        object.optional("accountId", self.account.as_ref().map(AccountId::as_str));
        object.string("type", bounded(self.kind)).string("ARN", bounded(self.arn));
    }
}

impl Tls<'_> {
    fn write(&self, object: &mut Object<'_>) {
        object.string("tlsVersion", bounded(self.version)).string("cipherSuite", bounded(self.cipher_suite));
        object.optional("clientProvidedHostHeader", self.client_provided_host.map(bounded));
    }
}

/// JSON that fits, `null`, or a note that it was left out, as CloudTrail writes it.
fn elements(object: &mut Object<'_>, key: &'static str, json: Option<&[u8]>, limit: usize) {
    match json {
        Some(json) if json.len() > limit => {
            object.object(key, |note| {
                note.boolean("omitted", true);
                note.number("originalSize", i64::try_from(json.len()).unwrap_or(i64::MAX));
                note.string("reason", &format!("{key} too large"));
            });
        }
        // A line break would end the record's line.
        Some(json) if memchr::memchr2(b'\n', b'\r', json).is_some() => {
            let line: Vec<u8> =
                json.iter().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { *b }).collect();
            object.raw(key, &line);
        }
        json => {
            object.raw_or_null(key, json);
        }
    }
}

/// The first [`MAX_TEXT`] bytes of a text, cut between characters.
fn bounded(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        text
    } else {
        text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use serde_json::Value;

    fn plain() -> Record<'static> {
        Record {
            identity: br#"{"type":"Unknown"}"#,
            event_time: Timestamp::from_seconds(1_678_358_505),
            event_source: "iam.amazonaws.com",
            event_name: "CreateUser",
            aws_region: "us-east-1",
            source_ip_address: "10.0.0.1",
            user_agent: Some("aws-cli/2.9.19"),
            error: None,
            request_parameters: Some(br#"{"userName":"Bob"}"#),
            response_elements: None,
            additional_event_data: None,
            request_id: "r",
            event_id: "e",
            read_only: false,
            resources: &[],
            kind: Kind::ApiCall,
            api_version: None,
            management_event: true,
            recipient_account: AccountId::parse("123456789012").unwrap(),
            shared_event_id: None,
            tls: None,
            session_credential_from_console: false,
        }
    }

    #[test]
    fn a_plain_call() {
        let expected = concat!(
            r#"{"eventVersion":"1.11","eventTime":"2023-03-09T10:41:45Z","awsRegion":"us-east-1","#,
            r#""recipientAccountId":"123456789012","userIdentity":{"type":"Unknown"},"#,
            r#""eventSource":"iam.amazonaws.com","eventName":"CreateUser","sourceIPAddress":"10.0.0.1","#,
            r#""userAgent":"aws-cli/2.9.19","requestParameters":{"userName":"Bob"},"#,
            r#""responseElements":null,"requestID":"r","eventID":"e","readOnly":false,"eventType":"AwsApiCall","#,
            r#""managementEvent":true,"eventCategory":"Management"}"#,
        );
        assert_eq!(String::from_utf8(plain().to_json()).unwrap(), expected);
        assert!(Address::at_beginning(expected.as_bytes()).is_some(), "delivery need not read it whole");
    }

    #[test]
    fn a_session_names_its_issuer() {
        let account = AccountId::parse("123456789012").unwrap();
        let issuer = Issuer {
            kind: "Role",
            principal_id: "AROA1",
            arn: "arn:aws:iam::123456789012:role/r",
            account,
            user_name: Some("r"),
        };
        let identity = Identity {
            kind: IdentityKind::AssumedRole,
            principal_id: Some("AROA1:s"),
            arn: Some("arn:aws:sts::123456789012:assumed-role/r/s"),
            account: Some(account),
            access_key_id: Some("ASIA1"),
            session: Some(Session {
                issuer: Some(issuer),
                creation_date: Timestamp::from_seconds(0),
                mfa_authenticated: true,
                source_identity: Some("Eve"),
                ..Session::default()
            }),
            ..Identity::default()
        };
        let json: Value =
            serde_json::from_slice(&Record { identity: &identity.to_json(), ..plain() }.to_json()).unwrap();
        let session = &json["userIdentity"]["sessionContext"];
        assert_eq!(session["sessionIssuer"]["userName"], "r");
        assert_eq!(session["attributes"]["mfaAuthenticated"], "true");
        assert_eq!(session["attributes"]["creationDate"], "1970-01-01T00:00:00Z");
        assert_eq!(session["sourceIdentity"], "Eve");
        assert_eq!(json["userIdentity"]["userName"], Value::Null);
    }

    #[test]
    fn user_text_is_escaped_and_bounded() {
        let agent = format!("\u{1b}]0;x\u{7}\r\n\"{}", "é".repeat(2000));
        let json =
            Record { user_agent: Some(&agent), error: Some(("AccessDenied", Some(&agent))), ..plain() }
                .to_json();
        assert!(json.iter().all(|byte| *byte >= 0x20));
        let parsed: Value = serde_json::from_slice(&json).unwrap();
        assert!(agent.starts_with(parsed["userAgent"].as_str().unwrap()));
        assert!(parsed["userAgent"].as_str().unwrap().len() <= 1024);
        assert!(parsed["errorMessage"].as_str().unwrap().len() >= 1023);
    }

    #[test]
    fn what_is_too_large_is_left_out() {
        let large = format!("{{\"policyDocument\":\"{}\"}}", "x".repeat(200_000));
        let record = Record {
            request_parameters: Some(large.as_bytes()),
            response_elements: Some(b"{\n\"a\":\r1}"),
            additional_event_data: Some(large.as_bytes()),
            ..plain()
        };
        let json = record.to_json();
        assert!(json.len() < 2048 && !json.contains(&b'\n') && !json.contains(&b'\r'));
        let parsed: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(parsed["requestParameters"]["omitted"], true);
        assert_eq!(parsed["requestParameters"]["originalSize"], large.len());
        assert_eq!(parsed["additionalEventData"]["reason"], "additionalEventData too large");
        assert_eq!(parsed["responseElements"]["a"], 1);
    }

    #[test]
    fn a_record_as_a_whole_is_bounded() {
        let large = format!("\"{}\"", "x".repeat(100_000));
        let (agent, arn) = ("\u{1b}".repeat(2000), "\u{7f}".repeat(2000));
        let resource = Resource { arn: &arn, account: None, kind: "AWS::IAM::User" };
        let record = Record {
            user_agent: Some(&agent),
            request_parameters: Some(large.as_bytes()),
            response_elements: Some(large.as_bytes()),
            resources: &[resource; 30],
            ..plain()
        };
        let json = record.to_json();
        assert!(json.len() <= MAX_EVENT, "{}", json.len());
        let parsed: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(parsed["requestParameters"]["omitted"], true);
        assert_eq!(parsed["resources"].as_array().unwrap().len(), MAX_RESOURCES);
    }
}
