//! Boundaries bind their holders.

use super::kit::*;
use analysis::who_can::{Question, Verdict};
use model::PolicyRef;

pub(super) const CHECK: Check = Check {
    id: "boundary-removal",
    title: "Nobody can take off the own permissions boundary",
    severity: Severity::High,
    area: Area::Governance,
    why: "A boundary that its holder can remove, replace or rewrite limits nobody.",
    judged: "Of every user and role with a boundary it is asked, given all its policies and SCPs, whether it can delete its own \
             boundary, put AdministratorAccess in its place, or change the boundary's policy.",
    remediation: "Deny iam:Delete*PermissionsBoundary and iam:Put*PermissionsBoundary in the boundary itself, and changes of \
                  the boundary's policy.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for (arn, boundary) in bounded(auditor, account) {
        let kind = if kind_of(&arn) == "user" { "User" } else { "Role" };
        let admin = format!("arn:{}:iam::aws:policy/AdministratorAccess", auditor.estate.partition.id());
        let boundary_arn = boundary_arn(auditor, account, &boundary);
        let delete = Question::new(&format!("iam:Delete{kind}PermissionsBoundary"), &arn);
        let put = Question::new(&format!("iam:Put{kind}PermissionsBoundary"), &arn)
            .map(|question| question.with("iam:PermissionsBoundary", &admin));
        let rewrite = boundary_arn.iter().flat_map(|policy| {
            ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"]
                .map(|action| Question::new(action, policy))
        });
        let can: Vec<String> = [delete, put]
            .into_iter()
            .chain(rewrite)
            .filter_map(Result::ok)
            .filter(|question| auditor.judge(&arn, question) != Verdict::Never)
            .map(|question| question.action().to_owned())
            .collect();
        if can.is_empty() {
            judged.pass();
            continue;
        }
        let message = format!("{} can rid itself of its boundary ({})", name_of(&arn), some_actions(&can));
        judged.tell(&arn, "", message, |finding| {
            finding.principals.push(arn.clone());
            finding.evidence.push(Evidence::new("its permissions boundary", boundary_arn.as_deref().unwrap_or(&arn)));
            let command = boundary_arn.iter().map(|policy| {
                format!("aws iam create-policy-version --policy-arn {policy} --policy-document file://policy.json --set-as-default")
            });
            finding.fix = Some(fix_in_terraform(
                format!("Deny {} in the boundary", some_actions(&can)),
                "let boundaries bind their holders",
                command.collect(),
                "`policy` of the boundary's aws_iam_policy",
            ));
            finding.actions = can;
        });
    }
}

/// The users and roles with a boundary.
pub(super) fn bounded(auditor: &Auditor<'_>, account: AccountId) -> Vec<(String, PolicyRef)> {
    let Some(state) = auditor.estate.snapshot.account(account) else { return Vec::new() };
    let partition = auditor.estate.partition;
    let users = state.users.iter().map(|user| (user.arn(partition), user.boundary.clone()));
    let roles = state.roles.iter().map(|role| (role.arn(partition), role.boundary.clone()));
    users.chain(roles).filter_map(|(arn, boundary)| Some((arn.as_str().to_owned(), boundary?))).collect()
}

fn boundary_arn(auditor: &Auditor<'_>, account: AccountId, boundary: &PolicyRef) -> Option<String> {
    let PolicyRef::Customer(id) = boundary else { return None };
    let policy = auditor.estate.snapshot.account(account)?.policies.by_id(id.as_str())?;
    Some(policy.arn(auditor.estate.partition).as_str().to_owned())
}
