//! Nobody has a policy that allows everything on everything: one check for each kind of policy.

use super::kit::*;
use super::wide::{effective, take_out, title};
use crate::texts::{HeldPolicy, Origin, is_every_action, is_every_resource, is_limited};
use policy::Statement;

const WHY: &str = "Whoever gets hold of such an identity owns the account; hardly any work needs it all day.";
const JUDGED: &str = "Statements that allow `*` on `*`, in policies of which somebody can in fact use it: where a boundary, a \
    deny or an SCP stops all holders, nothing is told.";
const REMEDIATION: &str =
    "Give each holder a policy for its work, and keep one watched role for emergencies.";
const LEAST: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege";

pub(super) const AWS_MANAGED: Check = Check {
    id: "full-access-aws",
    title: "AWS managed policies that allow everything are attached to nobody",
    severity: Severity::High,
    area: Area::Privilege,
    why: WHY,
    judged: JUDGED,
    remediation: REMEDIATION,
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| attached(auditor, account, judged, Origin::Aws),
};

pub(super) const CUSTOMER: Check = Check {
    id: "full-access-customer",
    title: "Customer managed policies do not allow everything",
    severity: Severity::High,
    area: Area::Privilege,
    why: WHY,
    judged: JUDGED,
    remediation: REMEDIATION,
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| attached(auditor, account, judged, Origin::Customer),
};

pub(super) const INLINE: Check = Check {
    id: "full-access-inline",
    title: "Inline policies do not allow everything",
    severity: Severity::High,
    area: Area::Privilege,
    why: "Whoever gets hold of such an identity owns the account, and an inline policy is found in no list of policies.",
    judged: JUDGED,
    remediation: REMEDIATION,
    references: &[LEAST],
    needs: &[Input::Entities],
    run: |auditor, account, judged| attached(auditor, account, judged, Origin::Inline),
};

pub(super) const UNATTACHED: Check = Check {
    id: "full-access-unattached",
    title: "No policy that allows everything lies ready",
    severity: Severity::Low,
    area: Area::Privilege,
    why: "Who may attach policies becomes administrator with it in one call, and it looks like any other.",
    judged: "Customer managed policies with a statement that allows `*` on `*`, attached to nobody and nobody's boundary.",
    remediation: "Delete the policy.",
    references: &[LEAST],
    needs: &[Input::Entities],
    run: unattached,
};

/// Actions of which whoever has everything can do some.
const SAMPLE: [&str; 4] = ["iam:CreateUser", "s3:GetObject", "ec2:RunInstances", "kms:ScheduleKeyDeletion"];

fn statements(policy: &HeldPolicy) -> Vec<(&Statement, Vec<String>)> {
    let sample = || SAMPLE.iter().map(|action| (*action).to_owned()).collect::<Vec<String>>();
    let all = policy.allows().filter(|statement| is_every_action(statement) && is_every_resource(statement));
    all.map(|statement| (statement, sample())).collect()
}

fn attached(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>, origin: Origin) {
    let policies = auditor.policies(account).iter();
    for policy in policies.filter(|policy| policy.origin == origin && !policy.people.is_empty()) {
        let statements = statements(policy);
        let people = effective(auditor, account, policy, &statements);
        if people.is_empty() {
            judged.pass();
            continue;
        }
        let limited = statements.iter().all(|(statement, _)| is_limited(statement));
        let under = if limited { ", under conditions" } else { "" };
        let message = format!("{} allows everything{under} to {}", title(policy), some(&people));
        let discriminator = if origin == Origin::Inline { policy.name.as_str() } else { "" };
        judged.tell(&policy.arn, discriminator, message, |finding| {
            finding.severity = if limited { Severity::Medium } else { finding.severity };
            finding.actions.push("*".into());
            for (statement, _) in &statements {
                finding.evidence.push(policy.evidence(statement, "allows everything on everything"));
            }
            let places: Vec<usize> = statements.iter().map(|(statement, _)| statement.index).collect();
            let action = format!("take full access by {} away", policy.name);
            finding.fix = Some(take_out(policy, &places, &action));
            finding.principals = people;
        });
    }
}

fn unattached(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let loose = |policy: &&HeldPolicy| {
        policy.origin == Origin::Customer && policy.holders.is_empty() && !policy.is_boundary
    };
    for policy in auditor.policies(account).iter().filter(loose) {
        let statements = statements(policy);
        let Some((statement, _)) = statements.first() else {
            judged.pass();
            continue;
        };
        let message = format!("{} allows everything and is attached to nobody", title(policy));
        judged.tell(&policy.arn, "", message, |finding| {
            finding.actions.push("*".into());
            finding.evidence.push(policy.evidence(statement, "allows everything on everything"));
            finding.fix = Some(Fix {
                change: Some(Change::Delete { arn: policy.arn.clone() }),
                ..fix_in_terraform(
                    format!("Delete {}", title(policy)),
                    "delete unattached policies that allow everything",
                    vec![format!("aws iam delete-policy --policy-arn {}", policy.arn)],
                    "aws_iam_policy",
                )
            });
        });
    }
}
