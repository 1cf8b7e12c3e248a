//! Trust policies name only who is there.

use super::kit::*;
use policy::PrincipalType;

pub(super) const CHECK: Check = Check {
    id: "trust-deleted",
    title: "Trust policies name nobody who was deleted",
    severity: Severity::Low,
    area: Area::Policies,
    why: "An entry that nobody can use is an entry that nobody reads, next to the one that somebody uses.",
    judged: "Entries of trust policies that are a unique id (AIDA…, AROA…), which is how IAM shows who is gone, and of whom the \
             account has nobody.",
    remediation: "Take the entry out.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles",
    ],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let is_known = |id: &str| state.users.by_id(id).is_some() || state.roles.by_id(id).is_some();
    for role in state.roles.iter().filter(|role| !role.is_service_linked()) {
        let Some(document) = role.trust.document() else { continue };
        let gone: Vec<String> = document
            .principals()
            .filter(|entry| entry.kind == PrincipalType::Aws)
            .map(|entry| entry.text.value.to_string())
            .filter(|text| {
                (text.starts_with("AIDA") || text.starts_with("AROA"))
                    && !text.contains(':')
                    && !is_known(text)
            })
            .collect();
        if gone.is_empty() {
            judged.pass();
            continue;
        }
        let arn = role.arn(auditor.estate.partition).as_str().to_owned();
        judged.tell(&arn, "", format!("{} trusts somebody who was deleted", role.name), |finding| {
            finding.evidence.push(Evidence::new("the trust policy", &arn).text(gone.join(", ")));
            finding.fix = Some(fix_in_terraform(
                format!("Take {} out of the trust policy of {}", gone.join(", "), role.name),
                "take who is gone out of trust policies",
                vec![format!(
                    "aws iam update-assume-role-policy --role-name {} --policy-document file://policy.json",
                    role.name
                )],
                "`assume_role_policy` of aws_iam_role",
            ));
        });
    }
}
