//! What IAM and IAM Access Analyzer tell of the account.

use super::store::Store;
use super::tree;
use crate::client::{Aws, Call, Failure};
use crate::problem::Problem;
use serde_json::{Map, Value, json};
use std::time::Duration;
use wire::xml::Element;

const VERSION: &str = "2010-05-08";
const DETAILS: &str = "iam/authorization-details.json";
/// How often a job is asked after, with a pause between.
const ASKED: usize = 60;
const PAUSE: Duration = Duration::from_millis(1_000);

/// An operation of IAM without parameters, and the lists in its answer.
const LISTS: [(&str, &str, &str, &[&str]); 6] = [
    ("iam/account-summary.json", "summary", "GetAccountSummary", &[]),
    ("iam/virtual-mfa-devices.json", "virtual_mfa", "ListVirtualMFADevices", &["VirtualMFADevices"]),
    ("iam/account-aliases.json", "", "ListAccountAliases", &["AccountAliases"]),
    ("iam/oidc-providers.json", "", "ListOpenIDConnectProviders", &["OpenIDConnectProviderList"]),
    ("iam/saml-providers.json", "", "ListSAMLProviders", &["SAMLProviderList"]),
    (
        "iam/server-certificates.json",
        "certificates",
        "ListServerCertificates",
        &["ServerCertificateMetadataList"],
    ),
];

/// Collects all of it.
pub(super) fn collect(aws: &Aws, store: &mut Store, last_accessed: bool) -> Result<(), Problem> {
    store.file(DETAILS, ("entities", "GetAccountAuthorizationDetails"), |store| {
        let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
        pages(aws, "GetAccountAuthorizationDetails", &lists, store)
    })?;
    for (file, input, operation, lists) in LISTS {
        store.file(file, (input, operation), |store| pages(aws, operation, lists, store))?;
    }
    store.file(
        "iam/password-policy.json",
        ("password_policy", "GetAccountPasswordPolicy"),
        |_| match one(aws, "GetAccountPasswordPolicy", &[]) {
            Err(failure) if failure.is(&["NoSuchEntity"]) => Ok(json!({"PasswordPolicy": null})),
            other => other.map(|answer| tree::value(&answer)),
        },
    )?;
    store
        .file("iam/credential-report.json", ("credential_report", "GetCredentialReport"), |_| report(aws))?;
    store.file(
        "iam/organizations-features.json",
        ("central_root_access", "ListOrganizationsFeatures"),
        |_| {
            one(aws, "ListOrganizationsFeatures", &[]).map(|answer| {
                let mut value = tree::value(&answer);
                lists_of(&mut value, &["EnabledFeatures"]);
                value
            })
        },
    )?;
    let analyzers =
        Call { service: "access-analyzer", get: true, target: "/analyzer".into(), ..Call::default() };
    store.file("analyzers.json", ("access_analyzer", "ListAnalyzers"), |_| aws.rest_json(&analyzers))?;
    if last_accessed { uses(aws, store) } else { Ok(()) }
}

/// The result of an operation of IAM.
fn one(aws: &Aws, operation: &str, params: &[(&str, &str)]) -> Result<Element, Failure> {
    let root = aws.query("iam", VERSION, operation, params, None)?;
    let result = root.children.into_iter().find(|child| child.name.ends_with("Result"));
    result.ok_or_else(|| Failure::Silent("the answer has no result".into()))
}

/// All pages of an operation, their lists joined.
fn pages(aws: &Aws, operation: &str, lists: &[&str], store: &Store) -> Result<Value, Failure> {
    let mut whole: Map<String, Value> = Map::new();
    let mut marker: Option<String> = None;
    for page in 1.. {
        let mut params = vec![];
        if !lists.is_empty() {
            params.push(("MaxItems", "1000"));
        }
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let mut answer = tree::value(&one(aws, operation, &params)?);
        lists_of(&mut answer, lists);
        let Value::Object(members) = answer else { break };
        let more = members.get("IsTruncated") == Some(&Value::Bool(true));
        marker = members.get("Marker").and_then(Value::as_str).map(str::to_owned).filter(|_| more);
        for (name, value) in members {
            match (whole.get_mut(&name), value) {
                _ if matches!(&*name, "IsTruncated" | "Marker") => {}
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (Some(_), _) => {}
                (None, value) => drop(whole.insert(name, value)),
            }
        }
        if marker.is_none() {
            break;
        }
        store.progress(&format!("{operation}, page {page}"));
    }
    Ok(Value::Object(whole))
}

/// Lists that are empty came as nothing.
fn lists_of(value: &mut Value, lists: &[&str]) {
    let Value::Object(members) = value else {
        *value = lists.iter().map(|name| ((*name).to_owned(), json!([]))).collect::<Map<_, _>>().into();
        return;
    };
    for list in lists {
        if members.get(*list).is_none_or(Value::is_null) {
            members.insert((*list).to_owned(), json!([]));
        }
    }
}

/// The credential report, made if there is none.
fn report(aws: &Aws) -> Result<Value, Failure> {
    for _ in 0..ASKED {
        let state = one(aws, "GenerateCredentialReport", &[])?;
        if state.text_of("State").is_some_and(|state| state.trim() == "COMPLETE") {
            return one(aws, "GetCredentialReport", &[]).map(|answer| tree::value(&answer));
        }
        std::thread::sleep(PAUSE);
    }
    Err(Failure::Silent("the report is not made in time".into()))
}

/// When each user and role last used each service: a job for each.
fn uses(aws: &Aws, store: &mut Store) -> Result<(), Problem> {
    let details = store.read(DETAILS).unwrap_or_default();
    let lists = ["UserDetailList", "RoleDetailList"].iter().filter_map(|list| details.get(*list)?.as_array());
    let arns: Vec<String> =
        lists.flatten().filter_map(|it| it.get("Arn")?.as_str().map(str::to_owned)).collect();
    for arn in arns {
        let file = format!("iam/last-accessed/{}.json", wire::percent::encode(&arn));
        store.file(&file, ("last_accessed", "GenerateServiceLastAccessedDetails"), |_| used(aws, &arn))?;
    }
    Ok(())
}

fn used(aws: &Aws, arn: &str) -> Result<Value, Failure> {
    let params = [("Arn", arn), ("Granularity", "ACTION_LEVEL")];
    let job = one(aws, "GenerateServiceLastAccessedDetails", &params)?;
    let job = job.text_of("JobId").unwrap_or_default().to_owned();
    let mut whole: Option<Map<String, Value>> = None;
    let mut marker: Option<String> = None;
    for _ in 0..ASKED {
        let mut params = vec![("JobId", job.as_str())];
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let answer = one(aws, "GetServiceLastAccessedDetails", &params)?;
        if answer.text_of("JobStatus").is_some_and(|state| state == "IN_PROGRESS") {
            std::thread::sleep(PAUSE);
            continue;
        }
        let mut value = tree::value(&answer);
        lists_of(&mut value, &["ServicesLastAccessed"]);
        let Value::Object(mut members) = value else { break };
        members.insert("Arn".into(), arn.into());
        members.remove("IsTruncated");
        marker = members.remove("Marker").and_then(|marker| marker.as_str().map(str::to_owned));
        match &mut whole {
            None => whole = Some(members),
            Some(whole) => {
                let more = members.remove("ServicesLastAccessed");
                if let (Some(Value::Array(known)), Some(Value::Array(more))) =
                    (whole.get_mut("ServicesLastAccessed"), more)
                {
                    known.extend(more);
                }
            }
        }
        if marker.is_none() {
            return Ok(whole.map_or(Value::Null, Value::Object));
        }
    }
    Err(Failure::Silent("the report is not made in time".into()))
}
