//! `Principal` and `NotPrincipal`.

use super::{Who, part, texts};
use serde_json::Value;

/// 1: the account, 2: the role (or the user that federated), 3: the caller itself or everybody.
pub fn closeness(element: &Value, who: &Who) -> Option<u8> {
    entries(element).iter().filter_map(|(kind, text)| entry(kind, text, who)).max()
}

/// `NotPrincipal` exempts whom it lists at every level at which AWS looks.
pub fn exempts(element: &Value, who: &Who) -> bool {
    let entries = entries(element);
    if entries.iter().any(|(kind, text)| kind == "AWS" && text == "*") {
        return true;
    }
    let lists = |level| entries.iter().any(|(kind, text)| entry(kind, text, who) == Some(level));
    match who {
        Who::Root { .. } => lists(1),
        Who::User { .. } | Who::FederatedUser { .. } => lists(1) && lists(3),
        Who::Session { .. } => lists(1) && lists(2) && lists(3),
        Who::Provider(_) | Who::Service(_) => lists(3),
        Who::Anonymous => false,
    }
}

fn entries(element: &Value) -> Vec<(String, String)> {
    match element {
        Value::Object(map) => map
            .iter()
            .flat_map(|(kind, value)| texts(value).into_iter().map(move |text| (kind.clone(), text)))
            .collect(),
        Value::String(text) => vec![("AWS".to_owned(), text.clone())],
        _ => Vec::new(),
    }
}

fn entry(kind: &str, text: &str, who: &Who) -> Option<u8> {
    match (kind, who) {
        ("AWS", _) if text == "*" => Some(3),
        ("AWS", _) if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) => {
            (who.account().as_deref() == Some(text)).then_some(1)
        }
        ("AWS", _) if text.starts_with("arn:") => arn_entry(text, who),
        ("AWS", Who::User { id: Some(id), .. }) if text.starts_with("AIDA") => (id == text).then_some(3),
        ("AWS", Who::Session { id: Some(id), .. }) if text.starts_with("AROA") => (id == text).then_some(2),
        ("Service", Who::Service(name)) | ("Federated", Who::Provider(name)) => (name == text).then_some(3),
        _ => None,
    }
}

fn arn_entry(text: &str, who: &Who) -> Option<u8> {
    let rest = part(text, 5)?;
    let same_account = who.account().as_deref() == part(text, 4) && who.part(1).as_deref() == part(text, 1);
    match (who, rest.split(['/', ':']).next()?) {
        (_, "root") if rest == "root" => same_account.then_some(1),
        (Who::User { arn, .. }, "user") => (arn == text).then_some(3),
        (Who::FederatedUser { issuer: Some(issuer), .. }, "user") => (issuer == text).then_some(2),
        (Who::FederatedUser { arn, .. }, "federated-user") => (arn == text).then_some(3),
        (Who::Session { role_arn, .. }, "role") => {
            let names =
                (role_arn.rsplit('/').next()?.to_lowercase(), text.rsplit('/').next()?.to_lowercase());
            (same_account && names.0 == names.1).then_some(2)
        }
        (Who::Session { role_arn, session, .. }, "assumed-role") => {
            let mut words = rest.splitn(3, '/').skip(1);
            let role = words.next()?.to_lowercase();
            let same = role == role_arn.rsplit('/').next()?.to_lowercase() && words.next()? == session;
            (same_account && same).then_some(3)
        }
        _ => None,
    }
}
