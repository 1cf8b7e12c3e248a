//! An identity is a person's or a program's, not both.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "user-mixed",
    title: "No user is both a person and a program",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "What a program does under a person's name cannot be told from what the person does; and when the person leaves, \
          either the program stops or the person's access stays.",
    judged: "Users whose password and key were both used within the last 45 days (`credential-days`), the key with a \
             service that scripts call rather than a person looking around: any but sts, iam and signin.",
    remediation: "Give the program a role, or at least a user of its own, and take the key from the person.",
    references: &[BEST_PRACTICES],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let recent = |at| auditor.days_since(at) <= auditor.settings.credential_days;
    for row in users(auditor, account).filter(|row| has_password(row)) {
        let signs_in = row.password_last_used.at().is_some_and(recent);
        let program = row.keys.iter().find(|key| {
            let service = key.last_service.as_deref().unwrap_or_default();
            let by_hand =
                ["", "sts", "iam", "signin", "n/a"].contains(&service.to_ascii_lowercase().as_str());
            key.active && key.last_used.at().is_some_and(recent) && !by_hand
        });
        let Some(key) = program.filter(|_| signs_in) else {
            judged.pass();
            continue;
        };
        let service = key.last_service.clone().unwrap_or_default();
        let message = format!("{} is signed in to, and a program uses its key with {service}", row.user);
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            let uses = [
                ("password".to_owned(), row.password_last_used.at()),
                (format!("key {} ({service})", key.slot), key.last_used.at()),
            ];
            for (what, at) in uses {
                let at = at.map(|at| at.iso()).unwrap_or_default();
                finding.evidence.push(Evidence::new(format!("{what} last used {at}"), REPORT));
            }
            finding.fix = Some(fix(
                format!("Give the program behind the key of {} a role of its own", row.user),
                "part people from programs",
                vec![
                    "aws iam create-role --role-name NAME --assume-role-policy-document file://trust.json"
                        .into(),
                    format!("aws iam delete-access-key --user-name {} --access-key-id KEY", row.user),
                ],
            ));
        });
    }
}
