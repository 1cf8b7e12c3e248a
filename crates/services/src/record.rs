//! The audit record of a call, whatever its outcome.
//!
//! See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use crate::call::{Call, Origin};
use base::{AccountId, ArnRef, Entropy, Timestamp, Uuid};
use std::borrow::Cow;
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
}

/// Writes the record as one line of JSON, at the end of `out`.
pub fn write(facts: &Facts<'_>, entropy: &dyn Entropy, out: &mut Vec<u8>) {
    let source = event_source(facts.service);
    let event_id = Uuid::in_order(facts.now, facts.sequence, entropy);
    let unknown;
    let identity = match facts.call {
        Some(call) => &call.caller.record,
        None => {
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
        event_name: facts.operation,
        aws_region: facts.region,
        source_ip_address: &facts.origin.source,
        user_agent: (!facts.origin.user_agent.is_empty()).then_some(&*facts.origin.user_agent),
        error: facts.fault.map(|fault| (&*fault.code, Some(fault.message.as_str()))),
        request_parameters: facts.parameters,
        response_elements: facts.response,
        additional_event_data: None,
        request_id: facts.request_id.as_str(),
        event_id: event_id.as_str(),
        read_only: facts.read_only,
        resources: &resources,
        kind: trail::Kind::ApiCall,
        api_version: None,
        management_event: true,
        recipient_account: facts.recipient,
        shared_event_id: None,
        tls: facts.origin.tls.as_deref().map(|(version, cipher_suite)| trail::Tls {
            version,
            cipher_suite,
            client_provided_host: None,
        }),
        session_credential_from_console: false,
    };
    record.write(out);
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
        ("iam", "instance-profile") => Some("AWS::IAM::InstanceProfile"),
        _ => None,
    }
}
