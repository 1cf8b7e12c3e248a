//! Accounts that are suspended are known.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "suspended-account",
    title: "Suspended accounts have nothing left that trusts them",
    severity: Severity::Info,
    area: Area::Governance,
    why: "A suspended account can be opened again for ninety days, with everybody and everything that was in it.",
    judged: "Accounts of the organization that are not active. They are told of once, with the management account or, where that \
             is not audited, the first account.",
    remediation: "Take them out of trust policies and assignments; let them close, or find out why they are suspended.",
    references: &[
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html",
    ],
    needs: &[Input::Organization],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(organization) = &auditor.estate.organization else { return };
    if !auditor.speaks_for_all(account) {
        return judged.pass_because("told with another account");
    }
    let mut trusting: Vec<(String, String)> = Vec::new();
    for state in auditor.estate.snapshot.accounts() {
        for role in state.roles.iter() {
            trusting
                .push((role.arn(auditor.estate.partition).as_str().to_owned(), role.trust.text().to_owned()));
        }
    }
    for member in &organization.accounts {
        if member.active {
            judged.pass();
            continue;
        }
        let trusts: Vec<String> = trusting
            .iter()
            .filter(|(_, text)| text.contains(member.id.as_str()))
            .map(|(arn, _)| arn.clone())
            .collect();
        let message = match trusts.len() {
            0 => format!("account {} ({}) is suspended", member.name, member.id),
            _ => format!(
                "account {} ({}) is suspended, and {} trusts it",
                member.name,
                member.id,
                some(&trusts)
            ),
        };
        let root = judged.root().to_owned();
        judged.tell(&root, member.id.as_str(), message, |finding| {
            finding.severity = if trusts.is_empty() { Severity::Info } else { Severity::Medium };
            finding.evidence.push(Evidence::new("not active", "organization"));
            finding
                .evidence
                .extend(trusts.iter().take(20).map(|arn| Evidence::new("the trust policy names it", arn)));
            finding.principals = trusts;
            finding.fix = Some(fix(
                format!("Take account {} out of trust policies", member.id),
                "clear up after suspended accounts",
                vec![format!("aws organizations describe-account --account-id {}", member.id)],
            ));
        });
    }
}
