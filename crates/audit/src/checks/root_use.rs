//! The root user is not used.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "root-use",
    title: "The root user is not used for daily work",
    severity: Severity::High,
    area: Area::Account,
    why: "What the root user does is bound by no policy, and nobody can tell which person it was.",
    judged: "By the last use of the root user's password and keys in the credential report; used within the last 90 \
             days (`root-days`) is used.",
    remediation: "Find in CloudTrail what it was used for, and make a role for it; keep the root user for the few tasks \
                  that need it.",
    references: &[ROOT_PRACTICES, "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html"],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let root = judged.root().to_owned();
    let Some(row) = root_row(auditor, account) else {
        return judged.not_assessable(&root, "the credential report has no row of the root user");
    };
    let keys = row.keys.iter().map(|key| ("a key", key.last_used));
    let uses = std::iter::once(("the password", row.password_last_used)).chain(keys);
    let last = uses.filter_map(|(what, used)| Some((used.at()?, what))).max_by_key(|(at, _)| *at);
    let Some((at, what)) = last.filter(|(at, _)| auditor.days_since(*at) <= auditor.settings.root_days)
    else {
        return judged.pass();
    };
    let ago = days(auditor.days_since(at));
    judged.tell(&root, "", format!("the root user was used {ago} ago, by {what}"), |finding| {
        finding.principals.push(root.clone());
        finding.evidence.push(Evidence::new(format!("{what} was last used {}", at.iso()), REPORT));
        finding.fix = Some(fix(
            "Find out what the root user is used for, and give that to a role",
            "stop using the root user",
            vec![
                "aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root"
                    .into(),
            ],
        ));
    });
}
