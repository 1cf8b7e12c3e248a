//! Answers that are known and not needed: the export tells the same, or nothing is judged by them.

use crate::inputs::fact::Reading;
use crate::inputs::json::{Json, Members};
use crate::inputs::note::{InputNote, InputNoteKind};

const FROM_EXPORT: &str = "get-account-authorization-details tells the same and more";
const NOT_JUDGED: &str = "nothing is judged by it";

/// Members that tell such an answer.
const KNOWN: [(&str, &str, &str); 22] = [
    ("Users", "list-users", FROM_EXPORT),
    ("Roles", "list-roles", FROM_EXPORT),
    ("Groups", "list-groups", FROM_EXPORT),
    ("User", "get-user", FROM_EXPORT),
    ("Role", "get-role", FROM_EXPORT),
    ("Group", "get-group", FROM_EXPORT),
    ("PolicyVersion", "get-policy-version", FROM_EXPORT),
    ("AttachedPolicies", "list-attached-policies", FROM_EXPORT),
    ("PolicyNames", "the names of inline policies", FROM_EXPORT),
    ("InstanceProfiles", "list-instance-profiles", FROM_EXPORT),
    ("AccessKeyMetadata", "list-access-keys", "the credential report tells the same of all users"),
    ("MFADevices", "list-mfa-devices", "the credential report tells the same of all users"),
    ("State", "generate-credential-report", "the report itself is the answer of get-credential-report"),
    ("JobId", "generate-service-last-accessed-details", "the report itself is another answer"),
    ("UserId", "get-caller-identity", NOT_JUDGED),
    ("Buckets", "list-buckets", NOT_JUDGED),
    ("Keys", "list-keys", NOT_JUDGED),
    ("QueueUrls", "list-queues", NOT_JUDGED),
    ("Topics", "list-topics", NOT_JUDGED),
    ("SecretList", "list-secrets", NOT_JUDGED),
    ("DelegatedAdministrators", "list-delegated-administrators", NOT_JUDGED),
    ("PolicyStatus", "get-bucket-policy-status", "the policy itself is judged"),
];

/// Notes that an answer is known and not needed.
pub(in crate::inputs) fn read(members: &Members<'_>, reading: &mut Reading) {
    let found = KNOWN.iter().find(|(member, _, _)| members.contains_key(*member));
    let is_iam_policy = |name: &str| {
        let policy = members.get(name);
        policy.is_some_and(|policy| match policy.is_array() {
            true => policy.first_members().contains_key("PolicyName"),
            false => policy.members().is_ok_and(|policy| policy.contains_key("PolicyName")),
        })
    };
    let is_inline = members.contains_key("PolicyDocument")
        && ["UserName", "RoleName", "GroupName"]
            .iter()
            .any(|name| members.get(*name).and_then(Json::string).is_some());
    let (what, why) = match found {
        Some((_, what, why)) => (*what, *why),
        None if is_iam_policy("Policies") || is_iam_policy("Policy") || is_inline => {
            ("a policy of IAM", FROM_EXPORT)
        }
        None => return,
    };
    let message = format!("looks like {what}: {why}");
    reading.notes.push(InputNote::new(InputNoteKind::NotNeeded, Some(&reading.file), message));
}
