//! Types of resources that have policies, and what such policies speak of.

use super::actions::covered;
use super::arn::{Pattern, forms};
use super::checks::{
    IRRELEVANT_CONDITION_KEY_IN_POLICY, UNSUPPORTED_ACTION_IN_POLICY, UNSUPPORTED_RESOURCE_ARN_IN_POLICY,
};
use super::overlap::tokens;
use super::{Finding, Lint, listed, shown};
use crate::document::DocumentKind;
use std::fmt;

macro_rules! kinds {
    ($($name:ident $cloud:literal $service:literal $types:expr, $quota:expr, $words:literal;)*) => {
        /// A type of resource that has a policy, by its name in CloudFormation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ResourceKind {
            $(#[doc = concat!("`", $cloud, "`: ", $words)] $name,)*
        }

        impl ResourceKind {
            /// Every type.
            pub const ALL: &'static [ResourceKind] = &[$(Self::$name),*];

            /// `AWS::S3::Bucket`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $cloud,)* }
            }

            /// In words: `an S3 bucket`.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }

            /// The prefix of the service's actions, and the types of its resources that the policy governs; all if
            /// none is named.
            const fn governs(self) -> (&'static str, &'static [&'static str]) {
                match self { $(Self::$name => ($service, $types),)* }
            }

            /// How many characters its policies may have.
            pub(super) const fn quota(self) -> Option<usize> {
                match self { $(Self::$name => $quota,)* }
            }
        }
    };
}

kinds! {
    S3Bucket "AWS::S3::Bucket" "s3" &["bucket", "object"], Some(20 * 1024), "an S3 bucket";
    S3AccessPoint "AWS::S3::AccessPoint" "s3" &["accesspoint", "accesspointobject", "object", "bucket"], Some(20 * 1024), "an S3 access point";
    S3MultiRegionAccessPoint "AWS::S3::MultiRegionAccessPoint" "s3" &["multiregionaccesspoint", "accesspoint", "accesspointobject", "object", "bucket"], Some(20 * 1024), "an S3 multi-region access point";
    S3ObjectLambdaAccessPoint "AWS::S3ObjectLambda::AccessPoint" "s3-object-lambda" &[], Some(20 * 1024), "an S3 Object Lambda access point";
    IamRole "AWS::IAM::AssumeRolePolicyDocument" "sts" &[], None, "an IAM role";
    DynamoDbTable "AWS::DynamoDB::Table" "dynamodb" &["table", "index", "stream"], Some(20 * 1024), "a DynamoDB table";
    KmsKey "AWS::KMS::Key" "kms" &[], Some(32 * 1024), "a KMS key";
    SqsQueue "AWS::SQS::Queue" "sqs" &[], Some(20 * 1024), "an SQS queue";
    SnsTopic "AWS::SNS::Topic" "sns" &[], Some(30 * 1024), "an SNS topic";
    SecretsManagerSecret "AWS::SecretsManager::Secret" "secretsmanager" &[], Some(20 * 1024), "a secret";
    LambdaFunction "AWS::Lambda::Function" "lambda" &[], Some(20 * 1024), "a Lambda function";
    EcrRepository "AWS::ECR::Repository" "ecr" &[], None, "an ECR repository";
}

impl ResourceKind {
    /// The prefix of the service whose actions its policies speak of.
    pub(super) const fn service(self) -> &'static str {
        self.governs().0
    }

    /// Whether the resource part of an ARN tells this type among those of its service.
    pub(super) fn fits_detected(self, resource: &str) -> bool {
        let is_access_point = resource.starts_with("accesspoint/");
        match self {
            Self::S3Bucket => !is_access_point,
            Self::S3AccessPoint | Self::S3ObjectLambdaAccessPoint => is_access_point,
            Self::S3MultiRegionAccessPoint => false,
            _ => true,
        }
    }

    /// The type of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let Some(kind) = lint.resource_kind.filter(|_| lint.kind == DocumentKind::Resource) else { return };
    let policy = lint.policy;
    for statement in &policy.statements {
        check_actions(statement.plain_actions(), kind, lint);
        if let Some(resources) = &statement.resources {
            check_resources(&resources.entries, kind, lint);
        }
        for condition in &statement.conditions {
            // Whose the bucket is, the bucket's own policy need not ask.
            if kind.governs().0 == "s3" && condition.is_on("s3:ResourceAccount") {
                let message =
                    format!("`{}` tells nothing in the policy of {}", condition.key(), kind.words());
                let finding =
                    Finding::new(&IRRELEVANT_CONDITION_KEY_IN_POLICY, condition.key_span(), message);
                lint.report(finding.help("it belongs in the policies of principals"));
            }
        }
    }
}

fn check_actions(entries: &[super::view::Entry<'_>], kind: ResourceKind, lint: &mut Lint<'_>) {
    let (service, types) = kind.governs();
    for entry in entries {
        let Some((found, actions)) = covered(entry, lint) else { continue };
        let governed = found.prefix() == service
            && (types.is_empty()
                || actions.is_empty()
                || actions.iter().any(|action| {
                    action.resource_types().any(|used| types.contains(&used.resource_type().name()))
                }));
        if !governed {
            let message = format!("the policy of {} does not govern `{}`", kind.words(), shown(entry.text));
            let finding = Finding::new(&UNSUPPORTED_ACTION_IN_POLICY, entry.span, message);
            lint.report(finding.help(match types {
                [] => format!("it speaks of actions of `{service}`"),
                _ => format!("it speaks of actions of `{service}` on {}", listed(types)),
            }));
        }
    }
}

fn check_resources(entries: &[super::view::Entry<'_>], kind: ResourceKind, lint: &mut Lint<'_>) {
    let (prefix, types) = kind.governs();
    // The policy of an access point speaks of objects, by ARNs of the access point.
    let own: Vec<_> = types.iter().filter(|name| name.contains("accesspoint")).copied().collect();
    let types = if own.is_empty() { types.to_vec() } else { own };
    let variables = lint.policy.variables;
    for entry in entries.iter().filter(|entry| entry.text != "*") {
        let Some(pattern) = Pattern::read(entry.text, variables) else { continue };
        if pattern.service.contains(['*', '?']) {
            continue;
        }
        let resource = tokens(pattern.resource, variables);
        let fits = forms(pattern.service).iter().any(|form| {
            form.prefix == prefix
                && (types.is_empty() || types.contains(&form.name))
                && form.region().meets(pattern.region, variables)
                && form.account().meets(pattern.account, variables)
                && form.meets_resource(&resource, &lint.effort)
        });
        if !fits {
            let message = format!("`{}` is not an ARN of {}", shown(entry.text), kind.words());
            lint.report(Finding::new(&UNSUPPORTED_RESOURCE_ARN_IN_POLICY, entry.span, message));
        }
    }
}
