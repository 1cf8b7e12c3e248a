//! The smallest policy that a snapshot needs. None of these actions changes anything; those that make a report change
//! nothing but the report.

use serde_json::json;

const ACCOUNT: [&str; 16] = [
    "access-analyzer:ListAnalyzers",
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:ListAccountAliases",
    "iam:ListOpenIDConnectProviders",
    "iam:ListOrganizationsFeatures",
    "iam:ListSAMLProviders",
    "iam:ListServerCertificates",
    "iam:ListVirtualMFADevices",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
];
const ORGANIZATION: [&str; 12] = [
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
    "sso:DescribePermissionSet",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:GetPermissionsBoundaryForPermissionSet",
    "sso:ListAccountAssignments",
    "sso:ListAccountsForProvisionedPermissionSet",
    "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
    "sso:ListInstances",
    "sso:ListManagedPoliciesInPermissionSet",
    "sso:ListPermissionSets",
];
const LAST_ACCESSED: [&str; 2] =
    ["iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"];
const RESOURCES: [&str; 28] = [
    "codebuild:BatchGetProjects",
    "codebuild:ListProjects",
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "ecr:DescribeRepositories",
    "ecr:GetRepositoryPolicy",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTaskDefinitions",
    "elasticfilesystem:DescribeFileSystemPolicy",
    "elasticfilesystem:DescribeFileSystems",
    "glue:GetJobs",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "kms:ListKeys",
    "lambda:GetPolicy",
    "lambda:ListFunctions",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecrets",
    "sns:GetTopicAttributes",
    "sns:ListTopics",
    "sqs:GetQueueAttributes",
    "sqs:ListQueues",
];

/// The policy as text.
pub(super) fn policy(resources: bool, last_accessed: bool) -> String {
    let mut actions: Vec<&str> = ACCOUNT.iter().chain(&ORGANIZATION).copied().collect();
    if resources {
        actions.extend(RESOURCES);
    }
    if last_accessed {
        actions.extend(LAST_ACCESSED);
    }
    actions.sort_unstable();
    let statement = json!({"Sid": "Snapshot", "Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    let mut text = serde_json::to_string_pretty(&policy).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_one_and_names_actions_that_exist() {
        let text = policy(true, true);
        let (document, findings) = ::policy::Document::parse_tolerant(&text);
        assert!(document.is_some() && findings.is_empty(), "{findings:?}");
        assert!(text.contains("iam:GetServiceLastAccessedDetails"));
        assert!(!policy(false, false).contains("s3:"));
    }
}
