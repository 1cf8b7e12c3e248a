//! Users that nobody uses are gone.

use super::kit::*;
use model::credential_report::CredentialRow;

pub(super) const CHECK: Check = Check {
    id: "unused-user",
    title: "Users that nobody uses are deleted",
    severity: Severity::Medium,
    area: Area::Unused,
    why: "An identity that nobody uses keeps its permissions, and nobody notices when somebody takes it over.",
    judged: "Users without any use of password or key for more than 90 days (`unused-days`), and made before that, by the \
             credential report. A user without any credential counts as unused too.",
    remediation: "Delete the user; first take away its credentials and wait if somebody may miss it.",
    references: &[UNUSED],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        let last = std::iter::once(row.password_last_used)
            .chain(row.keys.iter().map(|key| key.last_used))
            .filter_map(|used| used.at())
            .max();
        let period = auditor.settings.unused_days;
        let is_young = row.created.is_some_and(|made| auditor.days_since(made) <= period);
        if is_young || last.is_some_and(|at| auditor.days_since(at) <= period) {
            judged.pass();
            continue;
        }
        let Some(made) = row.created else {
            judged.not_assessable(&row.arn, "the report does not tell when the user was made");
            continue;
        };
        let message = match last {
            Some(at) => format!("{} was last active {} ago", row.user, days(auditor.days_since(at))),
            None => format!("{} was never active in {}", row.user, days(auditor.days_since(made))),
        };
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            let used = last.map_or("never".to_owned(), |at| at.iso());
            finding.evidence.push(Evidence::new(format!("last use of any credential: {used}"), REPORT));
            finding.severity = if can_sign_in(row) { finding.severity } else { Severity::Low };
            finding.fix = Some(Fix {
                change: Some(Change::Delete { arn: row.arn.clone() }),
                ..fix_in_terraform(
                    format!("Delete user {}", row.user),
                    "delete users that nobody uses",
                    vec![
                        format!("aws iam delete-login-profile --user-name {}", row.user),
                        format!("aws iam delete-access-key --user-name {} --access-key-id KEY", row.user),
                        format!("aws iam delete-user --user-name {}", row.user),
                    ],
                    "aws_iam_user",
                )
            });
        });
    }
}

/// Without credentials it is untidy, not open.
fn can_sign_in(row: &CredentialRow) -> bool {
    has_password(row) || row.keys.iter().any(|key| key.active)
}
