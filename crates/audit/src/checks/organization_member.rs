//! The account is of an organization.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "organization-member",
    title: "The account is of an organization with all features",
    severity: Severity::Medium,
    area: Area::Account,
    why: "An account by itself has no guardrails above it: whoever becomes its administrator is bound by nothing.",
    judged: "The account is among the organization's accounts, and the organization has all features enabled, without \
             which it has no policies.",
    remediation: "Invite the account into the organization.",
    references: &["https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices.html"],
    needs: &[Input::Organization],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(organization) = &auditor.estate.organization else { return };
    let (message, action, command) = match (organization.has(account), organization.all_features) {
        (true, true) => return judged.pass(),
        (true, false) => (
            "the organization has only consolidated billing, so no policy binds the account",
            "enable all features of the organization",
            "aws organizations enable-all-features".to_owned(),
        ),
        (false, _) => (
            "the account is not of the organization",
            "invite the account into the organization",
            format!("aws organizations invite-account-to-organization --target Id={account},Type=ACCOUNT"),
        ),
    };
    let root = judged.root().to_owned();
    judged.tell(&root, "", message, |finding| {
        finding.evidence.push(Evidence::new(format!("organization {}", organization.id), "organization"));
        finding.fix = Some(fix(action, action, vec![command]));
    });
}
