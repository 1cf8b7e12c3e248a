//! Records made for the tests.

use bailiwick_trail as trail;
use base::{AccountId, Timestamp};
use std::path::{Path, PathBuf};
use trail::{Identity, IdentityKind, Kind, Record};

/// A record of `name` by `user` at `time`, with this event id.
pub fn record(time: &str, user: &str, name: &str, event_id: &str) -> Vec<u8> {
    record_in("123456789012", "us-east-1", time, user, name, event_id)
}

pub fn record_in(account: &str, region: &str, time: &str, user: &str, name: &str, event_id: &str) -> Vec<u8> {
    let account = AccountId::parse(account).unwrap();
    let arn = format!("arn:aws:iam::{account}:user/{user}");
    let read_only = name.starts_with("Get") || name.starts_with("List");
    let identity = Identity {
        kind: IdentityKind::IamUser,
        principal_id: Some("AIDAEXAMPLE"),
        arn: Some(&arn),
        account: Some(account),
        access_key_id: Some("AKIAEXAMPLE"),
        user_name: Some(user),
        ..Identity::default()
    }
    .to_json();
    let record = Record {
        identity: &identity,
        event_time: Timestamp::parse(time).unwrap(),
        event_source: "iam.amazonaws.com",
        event_name: name,
        aws_region: region,
        source_ip_address: "192.0.2.1",
        user_agent: Some("aws-cli/2.9.19"),
        error: user.starts_with("mallory").then_some(("AccessDenied", Some("not authorized"))),
        request_parameters: Some(br#"{"userName":"x"}"#),
        response_elements: None,
        additional_event_data: None,
        request_id: "r",
        event_id,
        read_only,
        resources: &[],
        kind: Kind::ApiCall,
        api_version: None,
        management_event: true,
        recipient_account: account,
        shared_event_id: None,
        tls: None,
        session_credential_from_console: false,
    };
    record.to_json()
}

/// Every file under a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub fn ids<'r>(records: impl IntoIterator<Item = &'r trail::RecordView>) -> Vec<String> {
    records.into_iter().map(|record| record.event_id.clone()).collect()
}
