//! The change that takes a way off: the statement that allows it goes.

use crate::estate::Estate;
use crate::finding::{Change, Evidence, Fix};
use base::{AccountId, ArnRef};
use model::AccountState;
use policy::{Document, Statement};

/// How to take away what a piece of evidence shows: the statement out of its policy, or the policy off its holder where
/// AWS writes the policy or nothing else is in it. `holder` is who has the policy.
pub fn remedy(estate: &Estate, evidence: &Evidence, holder: &str) -> Option<Fix> {
    let source = ArnRef::parse(&evidence.source)?;
    let name = source.name();
    if source.account == "aws" {
        return Some(detach(estate, evidence, holder, name));
    }
    let state = estate.snapshot.account(AccountId::parse(source.account).ok()?)?;
    let (kind, _) = source.typed_resource()?;
    let text = text_of(state, kind, name, evidence.policy.as_deref())?;
    let document = Document::parse_tolerant(&text).0?;
    let place = document.statements().iter().position(|statement| is_meant(statement, evidence))?;
    let rest = without(&document, place);
    let file = "file://policy.json";
    let mut fix = match (kind, evidence.policy.as_deref()) {
        ("policy", _) => Fix {
            commands: vec![format!(
                "aws iam create-policy-version --policy-arn {} --policy-document {file} --set-as-default",
                evidence.source
            )],
            change: rest.clone().map(|text| Change::PutVersion { policy: evidence.source.clone(), text }),
            ..Fix::default()
        },
        (kind, Some(policy)) => Fix {
            commands: vec![match rest {
                Some(_) => format!(
                    "aws iam put-{kind}-policy --{kind}-name {name} --policy-name {policy} --policy-document {file}"
                ),
                None => format!("aws iam delete-{kind}-policy --{kind}-name {name} --policy-name {policy}"),
            }],
            change: Some(match rest.clone() {
                Some(text) => {
                    Change::PutInline { of: evidence.source.clone(), name: policy.to_owned(), text }
                }
                None => Change::DeleteInline { of: evidence.source.clone(), name: policy.to_owned() },
            }),
            ..Fix::default()
        },
        _ => Fix {
            commands: vec![format!(
                "aws iam update-assume-role-policy --role-name {name} --policy-document {file}"
            )],
            change: rest.clone().map(|text| Change::PutTrust { role: evidence.source.clone(), text }),
            ..Fix::default()
        },
    };
    if rest.is_none() && kind == "policy" {
        return Some(detach(estate, evidence, holder, name));
    }
    let which = evidence.statement.clone().unwrap_or_default();
    let policy = evidence.policy.clone().unwrap_or_else(|| name.to_owned());
    fix.summary = format!("Take statement {which} out of {policy}, or narrow its resources and conditions");
    fix.action = format!("narrow statement {which} of {policy} ({})", evidence.source);
    fix.diff = Some(diff(&document, place, &policy));
    Some(fix)
}

/// Takes a managed policy off who has it, which may be a group.
fn detach(estate: &Estate, evidence: &Evidence, holder: &str, policy: &str) -> Fix {
    let from = attached_to(estate, &evidence.source, holder).unwrap_or_else(|| holder.to_owned());
    let arn = ArnRef::parse(&from);
    let kind = arn.and_then(|arn| arn.typed_resource()).map_or("user", |(kind, _)| kind);
    let name = arn.map_or("", |arn| arn.name());
    Fix {
        summary: format!("Detach {policy} from {kind} {name}, and give it a policy of what it needs"),
        action: format!("detach {policy} ({})", evidence.source),
        commands: vec![format!(
            "aws iam detach-{kind}-policy --{kind}-name {name} --policy-arn {}",
            evidence.source
        )],
        change: Some(Change::Detach { from: from.clone(), policy: evidence.source.clone() }),
        ..Fix::default()
    }
}

/// The group that gives a user a policy, if it is not its own.
fn attached_to(estate: &Estate, policy: &str, holder: &str) -> Option<String> {
    let arn = ArnRef::parse(holder)?;
    let state = estate.snapshot.account(AccountId::parse(arn.account).ok()?)?;
    let user = state.users.get(arn.name()).filter(|_| arn.resource.starts_with("user/"))?;
    let is = |reference: &model::PolicyRef| match reference {
        model::PolicyRef::Aws(resource) => policy.ends_with(&format!(":{resource}")),
        model::PolicyRef::Customer(id) => {
            let known = state.policies.by_id(id.as_str());
            known.is_some_and(|known| known.arn(estate.partition).as_str() == policy)
        }
    };
    if user.attached.iter().any(is) {
        return None;
    }
    let groups = state.groups_of(user);
    let group = groups.iter().find(|group| group.attached.iter().any(is))?;
    Some(group.arn(estate.partition).as_str().to_owned())
}

fn is_meant(statement: &Statement, evidence: &Evidence) -> bool {
    let wanted = evidence.statement.as_deref().unwrap_or_default();
    match &statement.sid {
        Some(sid) => &*sid.value == wanted,
        None => (statement.index + 1).to_string() == wanted,
    }
}

fn text_of(state: &AccountState, kind: &str, name: &str, inline: Option<&str>) -> Option<String> {
    let text = match (kind, inline) {
        ("policy", _) => &state.policies.get(name)?.default()?.text,
        ("user", Some(policy)) => state.users.get(name)?.inline.get(policy)?,
        ("group", Some(policy)) => state.groups.get(name)?.inline.get(policy)?,
        ("role", Some(policy)) => state.roles.get(name)?.inline.get(policy)?,
        ("role", None) => &state.roles.get(name)?.trust,
        _ => return None,
    };
    Some(text.text().to_owned())
}

/// A document's text without one of its statements; `None` if there is no other.
fn without(document: &Document, place: usize) -> Option<String> {
    let all = document.statements();
    let text = document.text();
    let span = |place: usize| all.get(place).map(|statement| statement.span);
    let (from, to) = match (span(place + 1), place.checked_sub(1).and_then(span)) {
        (Some(next), _) => (span(place)?.start, next.start),
        (None, Some(before)) => (before.end, span(place)?.end),
        (None, None) => return None,
    };
    Some(format!("{}{}", text.get(..from as usize)?, text.get(to as usize..)?))
}

/// The statement as lines that go.
fn diff(document: &Document, place: usize, policy: &str) -> String {
    let span = document.statements().get(place).map(|statement| statement.span);
    let text = span.and_then(|span| document.text().get(span.start as usize..span.end as usize));
    let text = text.unwrap_or_default();
    let pretty = serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned());
    let lines: String = pretty.lines().map(|line| format!("-{line}\n")).collect();
    format!("--- {policy}\n+++ {policy}\n@@ statement {} @@\n{lines}", place + 1)
}
