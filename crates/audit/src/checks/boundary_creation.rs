//! Who is bounded makes only principals that are.

use super::boundary_removal::bounded;
use super::kit::*;
use analysis::who_can::{Question, Verdict};

pub(super) const CHECK: Check = Check {
    id: "boundary-creation",
    title: "Who has a boundary cannot make principals without one",
    severity: Severity::High,
    area: Area::Governance,
    why: "A bounded identity that makes an unbounded user or role, and gives it permissions, is bounded no more.",
    judged: "Of every user and role with a boundary it is asked, given all its policies and SCPs, whether it can make a user or \
             role in a request without iam:PermissionsBoundary, and attach or write policies of one without a boundary.",
    remediation: "Allow iam:CreateUser, iam:CreateRole and the attaching of policies only with the condition \
                  iam:PermissionsBoundary.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate",
    ],
    needs: &[Input::Entities],
    run,
};

const KINDS: [(&str, [&str; 2]); 2] = [
    ("iam:CreateUser", ["iam:AttachUserPolicy", "iam:PutUserPolicy"]),
    ("iam:CreateRole", ["iam:AttachRolePolicy", "iam:PutRolePolicy"]),
];

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for (arn, _) in bounded(auditor, account) {
        let can = |action: &str| {
            let probe = crate::texts::probe(action, account, auditor.estate.partition);
            let question =
                Question::new(action, &probe).map(|question| question.with("iam:PermissionsBoundary", ""));
            question.is_ok_and(|question| auditor.judge(&arn, &question) != Verdict::Never)
        };
        let way = KINDS.iter().find_map(|(create, give)| {
            let give = give.iter().find(|give| can(give))?;
            can(create).then(|| vec![(*create).to_owned(), (*give).to_owned()])
        });
        let Some(actions) = way else {
            judged.pass();
            continue;
        };
        let message = format!("{} can make principals without a boundary", name_of(&arn));
        judged.tell(&arn, "", message, |finding| {
            finding.principals.push(arn.clone());
            finding.evidence.push(Evidence::new(format!("can do {} without iam:PermissionsBoundary", actions.join(" and ")), &arn));
            finding.fix = Some(fix_in_terraform(
                "Demand iam:PermissionsBoundary of whom it makes",
                "let boundaries bind whom their holders make",
                vec!["aws iam create-policy-version --policy-arn POLICY --policy-document file://policy.json --set-as-default".into()],
                "a `condition` with iam:PermissionsBoundary in the policy",
            ));
            finding.actions = actions;
        });
    }
}
