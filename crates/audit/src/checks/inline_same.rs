//! The same policy stands once.

use super::kit::*;
use crate::texts::Origin;
use std::collections::BTreeMap;

pub(super) const CHECK: Check = Check {
    id: "inline-same",
    title: "The same inline policy does not stand many times",
    severity: Severity::Low,
    area: Area::Policies,
    why: "What is to be changed in twenty places is changed in nineteen.",
    judged: "Inline policies with the same content (spaces apart) in three places or more (`same-inline`).",
    remediation: "Make one managed policy of it, attach that everywhere, delete the copies.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let mut same: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
    for policy in auditor.policies(account).iter().filter(|policy| policy.origin == Origin::Inline) {
        let content = policy.document.print(base::json::Style::Compact);
        same.entry(content).or_default().push((&policy.arn, &policy.name));
    }
    for (content, places) in same {
        let Some((first, name)) = places.first().copied() else { continue };
        if places.len() < auditor.settings.same_inline {
            judged.pass();
            continue;
        }
        let holders: Vec<String> = places.iter().map(|(arn, _)| (*arn).to_owned()).collect();
        let message = format!("the same inline policy is in {} places: {}", places.len(), some(&holders));
        // The content tells it apart from others; the places come and go.
        let root = judged.root().to_owned();
        judged.tell(&root, &content, message, |finding| {
            finding.evidence.push(
                Evidence { policy: Some(name.to_owned()), ..Evidence::new("the first of them", first) }
                    .text(&content),
            );
            let mut commands = vec![format!(
                "aws iam create-policy --policy-name {name} --policy-document file://policy.json"
            )];
            for (arn, name) in places.iter().take(20) {
                let (kind, holder) = (kind_of(arn), name_of(arn));
                commands
                    .push(format!("aws iam attach-{kind}-policy --{kind}-name {holder} --policy-arn POLICY"));
                commands.push(format!(
                    "aws iam delete-{kind}-policy --{kind}-name {holder} --policy-name {name}"
                ));
            }
            finding.fix = Some(fix_in_terraform(
                format!("Make one managed policy of {} equal inline policies", places.len()),
                "make one managed policy of equal inline ones",
                commands,
                "one aws_iam_policy with an attachment each",
            ));
            finding.principals = holders;
        });
    }
}
