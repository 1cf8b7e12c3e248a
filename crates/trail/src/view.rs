//! A record as it is read: tolerant of what is missing, odd or new, since many programs write such files.

use base::Timestamp;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A record read from a file. Text that is missing or `null` is empty.
///
/// Unknown members are skipped. The text may hold control characters: escape it before showing it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordView {
    /// The version of the format.
    #[serde(deserialize_with = "text")]
    pub event_version: String,
    /// Who asked.
    #[serde(deserialize_with = "or_default")]
    pub user_identity: IdentityView,
    /// When; 1970 if it is missing or unreadable.
    #[serde(deserialize_with = "time")]
    pub event_time: Timestamp,
    /// The service's host.
    #[serde(deserialize_with = "text")]
    pub event_source: String,
    /// The operation.
    #[serde(deserialize_with = "text")]
    pub event_name: String,
    /// The region.
    #[serde(deserialize_with = "text")]
    pub aws_region: String,
    /// The client's address, or a service's name.
    #[serde(rename = "sourceIPAddress", deserialize_with = "text")]
    pub source_ip_address: String,
    /// The client.
    #[serde(deserialize_with = "text")]
    pub user_agent: String,
    /// The error's code; empty if the request succeeded.
    #[serde(deserialize_with = "text")]
    pub error_code: String,
    /// The error's message.
    #[serde(deserialize_with = "text")]
    pub error_message: String,
    /// The parameters as JSON text.
    pub request_parameters: Option<Box<RawValue>>,
    /// What was changed, as JSON text.
    pub response_elements: Option<Box<RawValue>>,
    /// Further data as JSON text.
    pub additional_event_data: Option<Box<RawValue>>,
    /// The request's id.
    #[serde(rename = "requestID", deserialize_with = "text")]
    pub request_id: String,
    /// The record's id.
    #[serde(rename = "eventID", deserialize_with = "text")]
    pub event_id: String,
    /// Whether the operation only reads, if it is told.
    #[serde(deserialize_with = "boolean")]
    pub read_only: Option<bool>,
    /// The resources touched.
    #[serde(deserialize_with = "or_default")]
    pub resources: Vec<ResourceView>,
    /// As in `AwsApiCall`.
    #[serde(deserialize_with = "text")]
    pub event_type: String,
    /// Whether it is a management event, if it is told.
    #[serde(deserialize_with = "boolean")]
    pub management_event: Option<bool>,
    /// The account that got the record.
    #[serde(deserialize_with = "text")]
    pub recipient_account_id: String,
    /// Shared by the records of one request.
    #[serde(rename = "sharedEventID", deserialize_with = "text")]
    pub shared_event_id: String,
    /// As in `Management`.
    #[serde(deserialize_with = "text")]
    pub event_category: String,
    /// The record as it stood in the file.
    #[serde(skip)]
    pub raw: Box<[u8]>,
}

impl RecordView {
    /// Reads one record from its JSON.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        // A list would be taken for the members in order.
        if json.trim_ascii_start().first() != Some(&b'{') {
            return Err(serde::de::Error::custom("a record is an object"));
        }
        let mut view: Self = serde_json::from_slice(json)?;
        view.raw = json.into();
        Ok(view)
    }

    /// The service's namespace: `iam` of `iam.amazonaws.com`.
    pub fn service(&self) -> &str {
        self.event_source.split('.').next().unwrap_or_default()
    }

    /// Whether the request failed.
    pub fn failed(&self) -> bool {
        !self.error_code.is_empty()
    }
}

/// `userIdentity`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IdentityView {
    /// As in `IAMUser`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// The unique id, for sessions with the session's name.
    #[serde(deserialize_with = "text")]
    pub principal_id: String,
    /// The principal's ARN.
    #[serde(deserialize_with = "text")]
    pub arn: String,
    /// The principal's account.
    #[serde(deserialize_with = "text")]
    pub account_id: String,
    /// The access key that signed.
    #[serde(deserialize_with = "text")]
    pub access_key_id: String,
    /// The user's name.
    #[serde(deserialize_with = "text")]
    pub user_name: String,
    /// The service that asked on someone's behalf.
    #[serde(deserialize_with = "text")]
    pub invoked_by: String,
    /// The identity provider.
    #[serde(deserialize_with = "text")]
    pub identity_provider: String,
    /// The session.
    #[serde(deserialize_with = "or_default")]
    pub session_context: SessionView,
}

impl IdentityView {
    /// The name that the console shows for the principal: the user's name, or what follows the role in a
    /// session's ARN, or `root`, or the service.
    pub fn display_name(&self) -> &str {
        if !self.user_name.is_empty() {
            return &self.user_name;
        }
        match self.kind.as_str() {
            "Root" => "root",
            "AWSService" => &self.invoked_by,
            _ => self.arn.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(&self.principal_id),
        }
    }
}

/// `sessionContext`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionView {
    /// Who issued the session.
    #[serde(deserialize_with = "or_default")]
    pub session_issuer: IssuerView,
    /// When, and how strongly authenticated.
    #[serde(deserialize_with = "or_default")]
    pub attributes: AttributesView,
    /// The source identity.
    #[serde(deserialize_with = "text")]
    pub source_identity: String,
}

/// `sessionContext.attributes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributesView {
    /// When the session began; 1970 if unknown.
    #[serde(deserialize_with = "time")]
    pub creation_date: Timestamp,
    /// Whether multi-factor authentication was used, if it is told.
    #[serde(deserialize_with = "boolean")]
    pub mfa_authenticated: Option<bool>,
}

/// `sessionIssuer`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IssuerView {
    /// `Root`, `IAMUser` or `Role`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// The issuer's unique id.
    #[serde(deserialize_with = "text")]
    pub principal_id: String,
    /// The issuer's ARN.
    #[serde(deserialize_with = "text")]
    pub arn: String,
    /// The issuer's account.
    #[serde(deserialize_with = "text")]
    pub account_id: String,
    /// The issuer's name.
    #[serde(deserialize_with = "text")]
    pub user_name: String,
}

/// A member of `resources`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceView {
    /// The ARN.
    #[serde(rename = "ARN", alias = "arn", deserialize_with = "text")]
    pub arn: String,
    /// The account.
    #[serde(rename = "accountId", deserialize_with = "text")]
    pub account_id: String,
    /// The type, as in `AWS::IAM::Role`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    from.deserialize_any(scalar::Text)
}

fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    Ok(match text(from)?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = text(from)?;
    Ok(Timestamp::parse(&text).or_else(|_| Timestamp::parse_basic(&text)).unwrap_or_default())
}

/// Scalars as text; anything else as nothing.
mod scalar {
    use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
    use std::fmt;

    pub(super) struct Text;

    impl<'de> Visitor<'de> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
            Ok(text)
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_unit<E: Error>(self) -> Result<String, E> {
            Ok(String::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<String, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(String::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<String, A::Error> {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_members_are_survived() {
        let view = RecordView::parse(
            br#"{"eventTime":"20131102T010628Z","userIdentity":null,"readOnly":"true","errorCode":null,
                "eventName":7,"sourceIPAddress":["x"],"resources":null,"requestParameters":null,"new":{"a":[1]},
                "managementEvent":true}"#,
        )
        .unwrap();
        assert_eq!(view.event_time.iso(), "2013-11-02T01:06:28Z");
        assert_eq!((view.read_only, view.management_event), (Some(true), Some(true)));
        assert_eq!((view.event_name.as_str(), view.source_ip_address.as_str()), ("7", ""));
        assert!(!view.failed() && view.request_parameters.is_none());
        assert_eq!(RecordView::parse(b"{}").unwrap().event_time, Timestamp::default());
        for bad in [&b""[..], b"[]", b"{", b"{\"eventTime\":}", b"\xff"] {
            assert!(RecordView::parse(bad).is_err());
        }
    }

    #[test]
    fn principals_have_a_name() {
        let name = |json: &str| serde_json::from_str::<IdentityView>(json).unwrap().display_name().to_owned();
        assert_eq!(name(r#"{"type":"IAMUser","userName":"Bob"}"#), "Bob");
        assert_eq!(name(r#"{"type":"Root","arn":"arn:aws:iam::1:root"}"#), "root");
        assert_eq!(name(r#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s"}"#), "s");
        assert_eq!(name(r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#), "ec2.amazonaws.com");
        assert_eq!(name(r#"{"type":"AWSAccount","principalId":"AIDA:x"}"#), "AIDA:x");
    }
}
