//! Condition keys that mean something only with other keys, with some actions, or with some services.

use super::actions::{covered, entry_covers};
use super::checks::{
    ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
    ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, Check,
    DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
    DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, DYNAMODB_ATTRIBUTES_WITHOUT_SELECT,
    MISSING_PAIRED_CONDITION_KEYS, S3_PREFIX_IN_NEGATIVE_CONTEXT,
    USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES,
};
use super::view::{Condition, Statement};
use super::{Finding, Lint, listed, shown};
use crate::catalogue::Action;
use crate::document::Effect;
use crate::operator::Comparison;

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for (statement, condition) in policy.conditions() {
        check_source_ip_of_vpc(statement, condition, lint);
        check_endpoint_owner(statement, condition, lint);
        check_resource_tag(statement, condition, lint);
        check_dynamodb_attributes(statement, condition, lint);
        check_s3_prefix(statement, condition, lint);
    }
}

/// Addresses inside a VPC mean something only together with the VPC.
fn check_source_ip_of_vpc(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let companions = ["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"];
    if lint.is_busy(&MISSING_PAIRED_CONDITION_KEYS)
        || !condition.is_on("aws:VpcSourceIp")
        || companions.iter().any(|key| statement.asks_for(key))
    {
        return;
    }
    let message = "the same private addresses exist in other VPCs";
    let finding = Finding::new(&MISSING_PAIRED_CONDITION_KEYS, condition.key_span(), message);
    lint.report(finding.help("add a condition on `aws:SourceVpc`"));
}

/// The services that tell whose the VPC endpoint is. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpceaccount>.
const ENDPOINT_OWNER_SERVICES: [&str; 39] = [
    "acm-pca",
    "applicationinsights",
    "apprunner",
    "athena",
    "cloudformation",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "dynamodb",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "gamelift",
    "healthlake",
    "iam",
    "iotfleetwise",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "omics",
    "payment-cryptography",
    "polly",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "shield",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
];

fn check_endpoint_owner(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let keys = ["aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"];
    if !keys.iter().any(|key| condition.is_on(key))
        || lint.is_busy(&USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES)
    {
        return;
    }
    let Some(actions) = &statement.actions else { return };
    let is_supported = |text: &str| {
        let service = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        ENDPOINT_OWNER_SERVICES.binary_search(&service.as_str()).is_ok()
    };
    let others: Vec<_> =
        actions.entries.iter().filter(|entry| !is_supported(entry.text)).map(|entry| entry.text).collect();
    if others.is_empty() && !actions.negated {
        return;
    }
    let message = if actions.negated {
        format!("not all services tell `{}`", condition.key())
    } else {
        format!("requests for {} do not carry `{}`", listed(&others), condition.key())
    };
    let finding =
        Finding::new(&USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES, condition.key_span(), message);
    lint.report(finding.help("name the actions of services that tell it"));
}

fn has_resource_tags(action: Action) -> bool {
    action.all_condition_keys().iter().any(|key| key.matches("aws:ResourceTag/x"))
}

/// Tags of resources, which not every action knows.
fn check_resource_tag(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let (Some(operator), Some(effect), Some(actions)) =
        (condition.operator, statement.effect, &statement.actions)
    else {
        return;
    };
    // An absent key satisfies negated operators and those with `IfExists`.
    let needs_tag = !operator.negated && !operator.if_exists && operator.comparison != Comparison::Null;
    if condition.family() != "aws:resourcetag" || !needs_tag {
        return;
    }
    let (check, message): (&'static Check, String) = if actions.negated {
        let message = "not every action knows the tags of its resources".to_owned();
        match effect {
            Effect::Allow => (&ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, message),
            Effect::Deny => (&DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, message),
        }
    } else {
        let mut without = Vec::new();
        for entry in actions.entries.iter().filter(|entry| entry.text != "*") {
            let Some((_, found)) = covered(entry, lint) else { continue };
            if !lint.effort.spend(4 + 200 * found.len()) {
                return;
            }
            if !found.is_empty() && !found.iter().any(|action| has_resource_tags(*action)) {
                without.push(entry.text);
            }
        }
        if without.is_empty() {
            return;
        }
        let names = listed(&without);
        match effect {
            Effect::Allow => (
                &ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
                format!("without tags in their requests, {names} can never be allowed here"),
            ),
            Effect::Deny => (
                &DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
                format!("without tags in their requests, {names} can never be denied here"),
            ),
        }
    };
    let help = if actions.negated {
        "list the actions in `Action`"
    } else {
        "give these actions a statement of their own"
    };
    lint.report(Finding::new(check, condition.key_span(), message).help(help));
}

/// Attributes limit a read only if it must name them.
fn check_dynamodb_attributes(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    if lint.is_busy(&DYNAMODB_ATTRIBUTES_WITHOUT_SELECT)
        || !condition.is_on("dynamodb:Attributes")
        || !statement.allows()
    {
        return;
    }
    let reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"];
    let covers_read = statement
        .plain_actions()
        .iter()
        .any(|entry| reads.iter().any(|action| entry_covers(entry.text, action, &lint.effort)));
    let is_select = |other: &Condition<'_>| {
        other.is_on("dynamodb:Select")
            && other
                .operator
                .is_some_and(|operator| operator.comparison == Comparison::String && !operator.negated)
            && other.values.iter().all(|value| value.text == "SPECIFIC_ATTRIBUTES")
    };
    if covers_read && !statement.conditions.iter().any(is_select) {
        let message = "a read that names no attributes returns all of them";
        let finding = Finding::new(&DYNAMODB_ATTRIBUTES_WITHOUT_SELECT, condition.key_span(), message);
        lint.report(finding.help("add `\"StringEquals\": {\"dynamodb:Select\": \"SPECIFIC_ATTRIBUTES\"}`"));
    }
}

/// What a prefix forbids, a shorter prefix lists all the same.
fn check_s3_prefix(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let Some(operator) = condition.operator else { return };
    let is_string = matches!(
        operator.comparison,
        Comparison::String | Comparison::StringLike | Comparison::StringIgnoreCase
    );
    if !condition.is_on("s3:prefix") || !is_string {
        return;
    }
    if (statement.denies() && !operator.negated) || (statement.allows() && operator.negated) {
        let message =
            format!("a request with a shorter prefix escapes `{}`", shown(&condition.operators.key));
        let finding = Finding::new(&S3_PREFIX_IN_NEGATIVE_CONTEXT, condition.key_span(), message);
        lint.report(finding.help("allow with `StringLike`, or deny with `StringNotLike`"));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn services_are_sorted_for_the_search() {
        assert!(super::ENDPOINT_OWNER_SERVICES.is_sorted());
    }
}
