//! Root credentials of member accounts are managed centrally.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "root-central",
    title: "Root credentials of member accounts are managed centrally",
    severity: Severity::Medium,
    area: Area::Account,
    why: "Every member account has a root user of its own; centrally managed, they need no credentials at all, and \
          nobody can recover them by e-mail.",
    judged: "By whether the organization has the features of centralized root access turned on.",
    remediation: "Turn on centralized root access in the management account, then delete the root credentials of the \
                  member accounts.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management",
    ],
    needs: &[Input::CentralRootAccess],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    if auditor.estate.facts(account).and_then(|facts| facts.central_root_access) == Some(true) {
        return judged.pass();
    }
    let root = judged.root().to_owned();
    judged.tell(&root, "", "root credentials are managed account by account", |finding| {
        finding.evidence.push(Evidence::new("no feature is enabled", "list-organizations-features"));
        finding.fix = Some(fix(
            "Turn on centralized root access",
            "turn on centralized root access",
            vec![
                "aws organizations enable-aws-service-access --service-principal iam.amazonaws.com".into(),
                "aws iam enable-organizations-root-credentials-management".into(),
                "aws iam enable-organizations-root-sessions".into(),
            ],
        ));
    });
}
