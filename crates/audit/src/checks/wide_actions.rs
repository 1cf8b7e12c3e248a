//! Actions that do harm on resources that nobody named: one check for each kind of harm.

use super::kit::*;
use super::wide;
use crate::texts::{HeldPolicy, Origin};
use policy::catalogue::{AccessLevel, Catalogue};
use std::sync::OnceLock;

const LEAST: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege";

/// Actions that hand out data, of the services in which most of it lies.
const DATA: [&str; 14] = [
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "rds:DownloadCompleteDBLogFile",
    "sqs:ReceiveMessage",
    "kinesis:GetRecords",
    "logs:GetLogEvents",
    "lambda:GetFunction",
    "codecommit:GitPull",
];

/// Actions whose answer is a credential, or makes one: facts of primeharbor/sensitive_iam_actions (CC0).
const CREDENTIALS: [&str; 29] = [
    "appsync:ListApiKeys",
    "chime:CreateApiKey",
    "codeartifact:GetAuthorizationToken",
    "codepipeline:PollForJobs",
    "cognito-identity:GetCredentialsForIdentity",
    "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "cognito-idp:DescribeUserPoolClient",
    "connect:GetFederationToken",
    "ec2:GetPasswordData",
    "ec2-instance-connect:SendSSHPublicKey",
    "gamelift:GetComputeAuthToken",
    "gamelift:GetInstanceAccess",
    "gamelift:RequestUploadCredentials",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "lightsail:DownloadDefaultKeyPair",
    "lightsail:GetBucketAccessKeys",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "mediapackage:RotateIngestEndpointCredentials",
    "rds-db:connect",
    "redshift:GetClusterCredentials",
    "snowball:GetJobUnlockCode",
    "storagegateway:DescribeChapCredentials",
    "sts:GetFederationToken",
];

pub(super) const DATA_EXFILTRATION: Check = Check {
    id: "data-exfiltration",
    title: "Nobody can read all objects, secrets, parameters or tables",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "One stolen session of such an identity takes all the data along, also that which is kept tomorrow.",
    judged: "Statements that allow reading data (s3:GetObject, secretsmanager:GetSecretValue, ssm:GetParameter, dynamodb:Scan \
             and their like) on resources that nobody named. Statements on all actions are told by the checks of full \
             access; where conditions say on what, or where a boundary, a deny or an SCP stops all holders, nothing is told.",
    remediation: "Name the buckets, secrets and tables that the work needs.",
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, &DATA, any, "read data of all kinds", "name what may be read")
    },
};

pub(super) const CREDENTIALS_EXPOSURE: Check = Check {
    id: "credentials-exposure",
    title: "Nobody can get credentials of everybody",
    severity: Severity::High,
    area: Area::Privilege,
    why: "Whoever makes keys or passwords of others, or reads tokens, acts under their names next.",
    judged: "Statements that allow, on resources that nobody named, actions whose answer is a credential or makes one \
             (AWS's SecurityAudit, which another check asks for, is left out). Statements on all actions are told by the checks of full access; where conditions say on what, or where a \
             boundary, a deny or an SCP stops all holders, nothing is told.",
    remediation: "Limit it to the caller's own user (`${aws:username}`), or to the resources that the work needs.",
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &CREDENTIALS,
            but_audit,
            "get credentials",
            "take back access to credentials",
        )
    },
};

pub(super) const RESOURCE_EXPOSURE: Check = Check {
    id: "resource-exposure",
    title: "Nobody can open all resources to the outside",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "Whoever changes the policies of resources lets in whom they want, and it looks like administration.",
    judged: "Statements that allow, on resources that nobody named, actions of the access level Permissions management that \
             put a policy, permission or grant on a resource outside IAM (by the catalogue of services). Statements on all \
             actions are told by the checks of full access; where conditions say on what, or where a boundary, a deny or an \
             SCP stops all holders, nothing is told.",
    remediation: "Name the resources, or leave policies of resources to the pipeline.",
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            exposing(),
            any,
            "change who may use resources",
            "take back changes of resources' policies",
        )
    },
};

pub(super) const FULL_KMS: Check = Check {
    id: "full-kms",
    title: "Nobody has all of KMS on all keys",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "Keys part those who keep data from those who read it; who has both, and may delete keys too, undoes that.",
    judged: "Customer managed and inline policies that allow both kms:Decrypt and kms:ScheduleKeyDeletion on keys that nobody \
             named.",
    remediation: "Grant the use of named keys, and leave their administration to a role of its own.",
    references: &["https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        both(
            auditor,
            account,
            judged,
            &["kms:Decrypt", "kms:ScheduleKeyDeletion"],
            "use and delete every key",
            "narrow access to KMS",
        )
    },
};

pub(super) const DECRYPT_ALL: Check = Check {
    id: "kms-decrypt-all",
    title: "Nobody can decrypt with every key",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "Encryption keeps data from those who may read the storage; whoever may use every key is kept from nothing.",
    judged: "Customer managed and inline policies that allow kms:Decrypt or kms:ReEncryptFrom on keys that nobody named, without \
             a condition such as kms:ViaService. Key policies are the keys' own.",
    remediation: "Name the keys, or the service with kms:ViaService.",
    references: &["https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        let actions = ["kms:Decrypt", "kms:ReEncryptFrom"];
        run(
            auditor,
            account,
            judged,
            &actions,
            own,
            "decrypt with every key",
            "name the keys that may be used",
        )
    },
};

pub(super) const FULL_CLOUDTRAIL: Check = Check {
    id: "full-cloudtrail",
    title: "Nobody has all of CloudTrail",
    severity: Severity::High,
    area: Area::Privilege,
    why: "The first thing after a break-in is to stop the record of it.",
    judged: "Customer managed and inline policies that allow both cloudtrail:StopLogging and cloudtrail:DeleteTrail on trails \
             that nobody named.",
    remediation: "Grant reading (Get*, List*, LookupEvents); leave the rest to the security team, under an SCP.",
    references: &["https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        both(
            auditor,
            account,
            judged,
            &["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"],
            "stop and delete every trail",
            "narrow access to CloudTrail",
        )
    },
};

pub(super) const MARKETPLACE: Check = Check {
    id: "marketplace-subscribe",
    title: "Nobody can subscribe to just anything in the marketplace",
    severity: Severity::Low,
    area: Area::Privilege,
    why: "A subscription is a contract and a bill, and brings other people's software into the account.",
    judged: "Customer managed and inline policies that allow aws-marketplace:Subscribe without a condition.",
    remediation: "Leave it to procurement, or allow single products with aws-marketplace:ProductId.",
    references: &[
        "https://docs.aws.amazon.com/marketplace/latest/buyerguide/buyer-iam-users-groups-policies.html",
    ],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &["aws-marketplace:Subscribe"],
            own,
            "subscribe to anything",
            "narrow aws-marketplace:Subscribe",
        )
    },
};

pub(super) const PASS_ROLE: Check = Check {
    id: "pass-role-wide",
    title: "Nobody can pass just any role",
    severity: Severity::High,
    area: Area::Privilege,
    why: "Whoever passes a role to a service that they use acts with the role's permissions, also of roles that are made \
          tomorrow.",
    judged: "Statements that allow iam:PassRole on roles that nobody named, without a condition such as iam:PassedToService. \
             Statements on all actions are told by the checks of full access; where a boundary, a deny or an SCP stops all \
             holders, nothing is told.",
    remediation: "Name the roles, or a path of them, and the service with iam:PassedToService.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &["iam:PassRole"],
            any,
            "pass any role",
            "name the roles that may be passed",
        )
    },
};

pub(super) const ASSUME_ANY: Check = Check {
    id: "assume-any-role",
    title: "Nobody can assume just any role",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "Every role of this or another account whose trust policy lets the whole account in is open to the holder.",
    judged: "Customer managed and inline policies that allow sts:AssumeRole on roles that nobody named, without a condition \
             that says which.",
    remediation: "Name the roles.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &["sts:AssumeRole"],
            own,
            "assume any role that lets the account in",
            "name the roles that may be assumed",
        )
    },
};

fn any(_: &HeldPolicy) -> bool {
    true
}

/// Reviewers are to have SecurityAudit; that it lists some keys of applications is AWS's decision.
fn but_audit(policy: &HeldPolicy) -> bool {
    policy.origin != Origin::Aws || policy.name != "SecurityAudit"
}

fn own(policy: &HeldPolicy) -> bool {
    policy.origin != Origin::Aws
}

/// Actions that write the policy, the permissions or the grants of a resource.
fn exposing() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&'static str>> = OnceLock::new();
    ALL.get_or_init(|| {
        let writes = |name: &str| {
            let verb = ["Put", "Set", "Add", "Create", "Modify", "Authorize", "Share", "Grant"];
            let noun =
                ["Policy", "Permission", "Permissions", "Grant", "Acl", "SnapshotAttribute", "ResourceShare"];
            verb.iter().any(|verb| name.starts_with(verb)) && noun.iter().any(|noun| name.ends_with(noun))
        };
        let is_such = |action: &policy::catalogue::Action| {
            action.access_level() == AccessLevel::PermissionsManagement
                && !action.is_wildcard_only()
                && !["iam", "sso", "organizations"].contains(&action.service().prefix())
                && writes(action.name())
        };
        let name = |action: policy::catalogue::Action| &*action.to_string().leak();
        Catalogue::get().actions().filter(is_such).map(name).collect()
    })
}

fn run(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    actions: &[&str],
    takes: fn(&HeldPolicy) -> bool,
    what: &str,
    action: &str,
) {
    let (found, fine) = wide::grants(auditor, account, actions, takes);
    (0..fine).for_each(|_| judged.pass());
    for grant in found {
        wide::tell(auditor, account, judged, &grant, what, action);
    }
}

/// The same, of policies that grant all of these actions.
fn both(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    actions: &[&str],
    what: &str,
    action: &str,
) {
    let (found, fine) = wide::grants(auditor, account, actions, own);
    (0..fine).for_each(|_| judged.pass());
    for grant in found {
        if grant.actions().len() == actions.len() {
            wide::tell(auditor, account, judged, &grant, what, action);
        } else {
            judged.pass();
        }
    }
}
