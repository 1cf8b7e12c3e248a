//! Policies say what they allow, not what they do not: one check each for `NotAction` and `NotResource`.

use super::kit::*;
use super::wide::title;
use crate::texts::{HeldPolicy, Origin, is_limited};
use policy::Statement;

const NOT_ACTION_PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html";
const NOT_RESOURCE_PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html";

pub(super) const NOT_ACTION: Check = Check {
    id: "not-action",
    title: "No policy allows everything but some actions",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "`NotAction` with Allow grants every service that there is and will be, but for a list that somebody wrote once.",
    judged: "Statements of customer managed and inline policies that allow with `NotAction` on all resources, held by somebody.",
    remediation: "List the actions that are allowed; to take some away write a statement that denies them.",
    references: &[NOT_ACTION_PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, "NotAction", |statement| {
            statement.action.negated
                && statement
                    .resource
                    .as_ref()
                    .is_none_or(|it| it.negated || it.entries.iter().any(|entry| &*entry.value == "*"))
        })
    },
};

pub(super) const NOT_RESOURCE: Check = Check {
    id: "not-resource",
    title: "No policy allows something on everything but some resources",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "`NotResource` with Allow reaches whatever is made tomorrow, and often more kinds of resources than were meant.",
    judged: "Statements of customer managed and inline policies that allow with `NotResource`, held by somebody.",
    remediation: "Name the resources that are allowed; to keep some out write a statement that denies.",
    references: &[NOT_RESOURCE_PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, "NotResource", |statement| {
            statement.resource.as_ref().is_some_and(|resource| resource.negated)
        })
    },
};

fn run(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    element: &str,
    is_such: fn(&Statement) -> bool,
) {
    let own = |policy: &&HeldPolicy| policy.origin != Origin::Aws && !policy.people.is_empty();
    for policy in auditor.policies(account).iter().filter(own) {
        let such: Vec<&Statement> =
            policy.allows().filter(|statement| is_such(statement) && !is_limited(statement)).collect();
        if such.is_empty() {
            judged.pass();
            continue;
        }
        let message = format!("{} allows with `{element}`", title(policy));
        let discriminator = if policy.origin == Origin::Inline { policy.name.as_str() } else { "" };
        judged.tell(&policy.arn, discriminator, message, |finding| {
            finding.principals = policy.people.clone();
            finding
                .evidence
                .extend(such.iter().map(|it| policy.evidence(it, format!("allows with `{element}`"))));
            let action = format!("say what is allowed instead of `{element}`");
            finding.fix =
                Some(fix(format!("Rewrite {} without `{element}`", title(policy)), &action, Vec::new()));
        });
    }
}
