//! The audit record of a call, whatever its outcome.
//!
//! See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use crate::call::{Call, Origin};
use base::{AccountId, ArnRef, Entropy, Timestamp, Uuid};
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use wire::Fault;

/// What is known of a call when its record is written.
pub struct Facts<'a> {
    /// The caller's side; `None` if no caller could be made out.
    pub call: Option<&'a Call>,
    /// The access key id that the request named, good or not; counts only if no caller could be made out.
    pub access_key_id: Option<&'a str>,
    /// When the request arrived.
    pub now: Timestamp,
    /// Counts records up: it keeps those of one millisecond in order.
    pub sequence: u32,
    /// The id that the answer carries.
    pub request_id: Uuid,
    /// Where it came from.
    pub origin: &'a Origin,
    /// The service's name in a credential scope, as in `iam`.
    pub service: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The region of the scope.
    pub region: &'a str,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// The input as JSON, secrets hidden.
    pub parameters: Option<&'a [u8]>,
    /// The output as JSON, secrets hidden, for operations that change something.
    pub response: Option<&'a [u8]>,
    /// The fault, if the call was refused.
    pub fault: Option<&'a Fault>,
    /// The ARNs that the call's demands named.
    pub resources: &'a [String],
    /// The account that gets the record.
    pub recipient: AccountId,
    /// What makes it the record of a sign-in.
    pub sign_in: Option<&'a SignIn>,
}

/// What makes a record one of a sign-in, in the form that CloudTrail gives those.
/// See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>.
#[derive(Debug)]
pub struct SignIn {
    /// `ConsoleLogin` or `GetSigninToken`.
    pub event: &'static str,
    /// `userIdentity` as JSON, where no caller was made out.
    pub identity: Vec<u8>,
    /// What the record says if it failed.
    pub failure: &'static str,
    /// How far it came with a second factor.
    pub factor: Mutex<Factor>,
}

/// How far a sign-in came with a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Factor {
    /// None was asked for.
    #[default]
    None,
    /// The user was asked for one: no sign-in yet.
    Asked,
    /// One was given, and perhaps it was wrong.
    Given,
    /// The device of this serial number.
    Proven(String),
}

impl SignIn {
    /// A sign-in, of somebody who is known or not.
    pub fn new(event: &'static str, identity: Vec<u8>, failure: &'static str) -> Self {
        Self { event, identity, failure, factor: Mutex::default() }
    }

    /// Notes how far it came with a second factor.
    pub fn note(&self, factor: Factor) {
        *self.factor.lock().unwrap_or_else(PoisonError::into_inner) = factor;
    }

    fn factor(&self) -> Factor {
        self.factor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The event: to be asked for a second factor is one of its own.
    fn event(&self) -> &'static str {
        if self.factor() == Factor::Asked { "CheckMfa" } else { self.event }
    }

    fn response(&self, fault: Option<&Fault>) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = trail::Object::begin(&mut json);
        object.string(self.event(), if fault.is_none() { "Success" } else { "Failure" });
        object.end();
        json
    }

    fn additional(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = trail::Object::begin(&mut json);
        object.string("MobileVersion", "No");
        let factor = self.factor();
        if let Factor::Proven(serial) = &factor {
            object.string("MFAIdentifier", serial);
        }
        if factor != Factor::Asked {
            object.string("MFAUsed", if factor == Factor::None { "No" } else { "Yes" });
        }
        object.end();
        json
    }
}

/// Writes the record as one line of JSON, at the end of `out`.
pub fn write(facts: &Facts<'_>, entropy: &dyn Entropy, out: &mut Vec<u8>) {
    let source = match facts.sign_in {
        Some(_) => "signin.amazonaws.com".into(),
        None => event_source(facts.service),
    };
    let response = facts.sign_in.map(|sign_in| sign_in.response(facts.fault));
    let additional = facts.sign_in.map(SignIn::additional);
    let event_id = Uuid::in_order(facts.now, facts.sequence, entropy);
    let unknown;
    let identity = match (facts.call, facts.sign_in) {
        (Some(call), _) => &call.caller.record,
        (None, Some(sign_in)) => &sign_in.identity,
        (None, None) => {
            unknown = trail::Identity { access_key_id: facts.access_key_id, ..trail::Identity::default() }
                .to_json();
            &unknown
        }
    };
    let resources: Vec<_> = facts
        .resources
        .iter()
        .filter_map(|arn| {
            let parts = ArnRef::parse(arn)?;
            let account = AccountId::parse(parts.account).ok();
            Some(trail::Resource { arn, account, kind: resource_kind(&parts)? })
        })
        .collect();
    let record = trail::Record {
        identity,
        event_time: facts.now,
        event_source: &source,
        event_name: facts.sign_in.map_or(facts.operation, |sign_in| sign_in.event()),
        aws_region: facts.region,
        source_ip_address: &facts.origin.source,
        user_agent: (!facts.origin.user_agent.is_empty()).then_some(&*facts.origin.user_agent),
        error: facts.fault.map(|fault| error(fault, facts.sign_in)),
        request_parameters: facts.parameters.filter(|_| facts.sign_in.is_none()),
        response_elements: response.as_deref().or(facts.response),
        additional_event_data: additional.as_deref(),
        request_id: facts.request_id.as_str(),
        event_id: event_id.as_str(),
        read_only: facts.read_only,
        resources: &resources,
        kind: facts.sign_in.map_or(trail::Kind::ApiCall, |_| trail::Kind::ConsoleSignIn),
        api_version: None,
        management_event: true,
        recipient_account: facts.recipient,
        shared_event_id: None,
        tls: facts.origin.tls.as_deref().map(|(version, cipher_suite)| trail::Tls {
            version,
            cipher_suite,
            client_provided_host: None,
        }),
        session_credential_from_console: facts.call.is_some_and(is_from_console),
    };
    record.write(out);
}

/// Code and message of a fault. A sign-in that failed has a sentence of its own, and no code, as CloudTrail shows it.
fn error<'a>(fault: &'a Fault, sign_in: Option<&SignIn>) -> (&'a str, Option<&'a str>) {
    match sign_in {
        Some(sign_in) => ("", Some(sign_in.failure)),
        None => (&*fault.code, Some(fault.message.as_str())),
    }
}

fn is_from_console(call: &Call) -> bool {
    let session = call.caller.session.as_deref();
    session.is_some_and(|session| matches!(session.parent, authn::Parent::Console { .. }))
}

/// The service's host, as in `iam.amazonaws.com`.
fn event_source(service: &str) -> Cow<'static, str> {
    match service {
        "iam" => "iam.amazonaws.com".into(),
        "sts" => "sts.amazonaws.com".into(),
        other => format!("{other}.amazonaws.com").into(),
    }
}

/// The type of a resource as CloudTrail names it; `None` for what is no single resource.
fn resource_kind(arn: &ArnRef<'_>) -> Option<&'static str> {
    match (arn.service, arn.typed_resource()?.0) {
        ("iam", "user") => Some("AWS::IAM::User"),
        ("iam", "group") => Some("AWS::IAM::Group"),
        ("iam", "role") => Some("AWS::IAM::Role"),
        ("iam", "policy") => Some("AWS::IAM::Policy"),
        ("iam", "mfa") => Some("AWS::IAM::VirtualMFADevice"),
        ("iam", "instance-profile") => Some("AWS::IAM::InstanceProfile"),
        ("iam", "saml-provider") => Some("AWS::IAM::SAMLProvider"),
        ("iam", "server-certificate") => Some("AWS::IAM::ServerCertificate"),
        _ => None,
    }
}
