//! Few are administrators.

use super::kit::*;
use crate::graph::remedy;
use analysis::who_can::{Kind, Verdict};

pub(super) const CHECK: Check = Check {
    id: "admin-equivalent",
    title: "Users and roles that are administrators are known and few",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "Each of them is the whole account to whoever gets hold of it, whatever its policies are called.",
    judged: "By trying: whoever can give a principal any permission and can do at least 20 of 25 things of 15 services \
             on anything, after denials, boundaries, SCPs and RCPs. Users are high, roles medium, and low if \
             conditions such as MFA must hold.",
    remediation: "Keep a role for administrators that people assume with MFA, and give everybody else what they need.",
    references: &[BEST_PRACTICES],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let graph = auditor.graph();
    for who in graph.everybody().filter(|who| graph.account(*who) == account) {
        let kind = match graph.kind(who) {
            Kind::User => "user",
            Kind::Role => "role",
            Kind::Root | Kind::LinkedRole => continue,
        };
        let admin = graph.admin(who);
        if admin == Verdict::Never {
            judged.pass();
            continue;
        }
        let arn = graph.arn(who);
        let when = if admin == Verdict::If { " if conditions hold" } else { "" };
        judged.tell(arn, "", format!("{kind} {} is an administrator{when}", name_of(arn)), |finding| {
            finding.severity = match (admin, kind) {
                (Verdict::If, _) => Severity::Low,
                (_, "user") => Severity::High,
                _ => Severity::Medium,
            };
            finding.principals.push(arn.to_owned());
            finding.actions.push("*".into());
            finding.evidence = graph.admin_evidence(who);
            finding.fix = finding.evidence.first().and_then(|first| remedy(auditor.estate, first, arn));
        });
    }
}
