//! The change that shuts somebody out.

use super::ExternalAccess;
use crate::diff::policy_diff;
use crate::finding::{Change, ExternalKind, Fix};
use base::{AccountId, ArnRef};
use serde_json::{Value, json};

/// How to end an access from outside: services get told for whom they may act; statements that let in others go.
///
/// `text` is the policy as it is now; without it (lists, grants) only words are given.
pub fn mend(found: &ExternalAccess, owner: AccountId, text: Option<&str>) -> Fix {
    let who = found.external.name.as_deref().unwrap_or(&found.external.who);
    let Some(text) = text.filter(|_| !found.statements.is_empty()) else {
        return by_other_means(found);
    };
    let (summary, mended) = match found.external.kind {
        ExternalKind::Service => (
            format!("Let {who} act only for account {owner}"),
            changed(text, found, |statement| add_source(statement, owner)),
        ),
        _ => (format!("Take the access of {} away", name_of(found)), changed(text, found, |_| false)),
    };
    let name = short_name(&found.resource);
    let Some(mended) = mended else { return Fix { action: summary.clone(), summary, ..Fix::default() } };
    let change = if found.kind == "AWS::IAM::Role" {
        Change::PutTrust { role: found.resource.clone(), text: mended.clone().unwrap_or_default() }
    } else {
        Change::PutResourcePolicy { resource: found.resource.clone(), text: mended.clone() }
    };
    Fix {
        action: format!("{summary} from {}", found.kind),
        summary,
        commands: commands(found, mended.is_some()),
        diff: Some(policy_diff(&name, text, mended.as_deref().unwrap_or("{}"))),
        terraform: Some(terraform(&found.kind).to_owned()),
        change: Some(change),
    }
}

fn name_of(found: &ExternalAccess) -> String {
    match found.external.kind {
        ExternalKind::Public => "everybody".to_owned(),
        ExternalKind::Federated => format!(
            "everybody with a token of {}",
            found.external.name.as_deref().unwrap_or(&found.external.who)
        ),
        _ => found.external.name.clone().unwrap_or_else(|| found.external.who.clone()),
    }
}

/// The policy with the statements at fault changed; those for which `mend` says no are left out. `Some(None)` if nothing
/// is left.
#[expect(
    clippy::option_option,
    reason = "no text at all, and a policy that is to be deleted, are two things"
)]
fn changed(text: &str, found: &ExternalAccess, mend: impl Fn(&mut Value) -> bool) -> Option<Option<String>> {
    let mut policy: Value = serde_json::from_str(text).ok()?;
    let statement = policy.get_mut("Statement")?;
    if !statement.is_array() {
        *statement = Value::Array(vec![statement.take()]);
    }
    let all = statement.as_array_mut()?;
    let mut place = 0;
    all.retain_mut(|statement| {
        place += 1;
        !found.statements.contains(&(place - 1)) || mend(statement)
    });
    if all.is_empty() { Some(None) } else { Some(serde_json::to_string(&policy).ok()) }
}

fn add_source(statement: &mut Value, owner: AccountId) -> bool {
    let Some(statement) = statement.as_object_mut() else { return false };
    let condition = statement.entry("Condition").or_insert_with(|| json!({}));
    let Some(equals) =
        condition.as_object_mut().map(|all| all.entry("StringEquals").or_insert_with(|| json!({})))
    else {
        return false;
    };
    match equals.as_object_mut() {
        Some(equals) => drop(equals.insert("aws:SourceAccount".to_owned(), json!(owner.as_str()))),
        None => return false,
    }
    true
}

fn short_name(arn: &str) -> String {
    ArnRef::parse(arn).map_or(arn, |arn| arn.resource).to_owned()
}

fn by_other_means(found: &ExternalAccess) -> Fix {
    let name = short_name(&found.resource);
    let (summary, command) = match &found.by {
        Some(by) if by.starts_with("grant ") => (
            format!("Revoke {by} of {name}"),
            format!(
                "aws kms revoke-grant --key-id {} --grant-id {}",
                found.resource,
                by.trim_start_matches("grant ")
            ),
        ),
        _ => (
            "Turn access control lists off and block public access".to_owned(),
            format!(
                "aws s3api put-public-access-block --bucket {name} --public-access-block-configuration \
                 BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
            ),
        ),
    };
    Fix { action: summary.clone(), summary, commands: vec![command], ..Fix::default() }
}

fn commands(found: &ExternalAccess, is_left: bool) -> Vec<String> {
    let (arn, name) = (&found.resource, short_name(&found.resource));
    let last = name.rsplit(['/', ':']).next().unwrap_or(&name);
    let command = match (found.kind.as_str(), is_left) {
        ("AWS::IAM::Role", true) => {
            format!(
                "aws iam update-assume-role-policy --role-name {last} --policy-document file://policy.json"
            )
        }
        ("AWS::IAM::Role", false) => {
            format!("aws iam delete-role --role-name {last}  # nobody else could assume it")
        }
        ("AWS::S3::Bucket", true) => {
            format!("aws s3api put-bucket-policy --bucket {name} --policy file://policy.json")
        }
        ("AWS::S3::Bucket", false) => format!("aws s3api delete-bucket-policy --bucket {name}"),
        ("AWS::KMS::Key", _) => {
            format!(
                "aws kms put-key-policy --key-id {last} --policy-name default --policy file://policy.json"
            )
        }
        ("AWS::SQS::Queue", _) => format!(
            "aws sqs set-queue-attributes --queue-url \"$(aws sqs get-queue-url --queue-name {last} --query QueueUrl --output text)\" \
             --attributes file://attributes.json"
        ),
        ("AWS::SNS::Topic", _) => {
            format!(
                "aws sns set-topic-attributes --topic-arn {arn} --attribute-name Policy --attribute-value file://policy.json"
            )
        }
        ("AWS::Lambda::Function", _) => {
            format!("aws lambda remove-permission --function-name {last} --statement-id SID")
        }
        ("AWS::SecretsManager::Secret", true) => {
            format!(
                "aws secretsmanager put-resource-policy --secret-id {arn} --resource-policy file://policy.json"
            )
        }
        ("AWS::SecretsManager::Secret", false) => {
            format!("aws secretsmanager delete-resource-policy --secret-id {arn}")
        }
        ("AWS::ECR::Repository", true) => {
            format!("aws ecr set-repository-policy --repository-name {last} --policy-text file://policy.json")
        }
        ("AWS::ECR::Repository", false) => {
            format!("aws ecr delete-repository-policy --repository-name {last}")
        }
        ("AWS::EFS::FileSystem", _) => {
            format!("aws efs put-file-system-policy --file-system-id {last} --policy file://policy.json")
        }
        _ => return Vec::new(),
    };
    vec![command]
}

/// Where the policy is kept in Terraform.
fn terraform(kind: &str) -> &'static str {
    match kind {
        "AWS::IAM::Role" => "`assume_role_policy` of aws_iam_role",
        "AWS::S3::Bucket" => "`policy` of aws_s3_bucket_policy",
        "AWS::KMS::Key" => "`policy` of aws_kms_key or aws_kms_key_policy",
        "AWS::SQS::Queue" => "`policy` of aws_sqs_queue_policy",
        "AWS::SNS::Topic" => "`policy` of aws_sns_topic_policy",
        "AWS::Lambda::Function" => "aws_lambda_permission (`source_account`, `source_arn`, `principal`)",
        "AWS::SecretsManager::Secret" => "`policy` of aws_secretsmanager_secret_policy",
        "AWS::ECR::Repository" => "`policy` of aws_ecr_repository_policy",
        "AWS::EFS::FileSystem" => "`policy` of aws_efs_file_system_policy",
        _ => "the policy of the resource",
    }
}
