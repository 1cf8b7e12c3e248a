//! What runs code does not run as an administrator.

use super::kit::*;
use crate::graph::remedy;
use analysis::who_can::{Kind, Verdict};

pub(super) const CHECK: Check = Check {
    id: "admin-workload",
    title: "No role that services run code with is an administrator",
    severity: Severity::High,
    area: Area::Escalation,
    why: "Any hole in the program, and anybody who may change or start one with this role, is an administrator.",
    judged: "Roles that are administrators by trying (see `admin-equivalent`) and that a service trusts which runs code \
             or calls operations for others: Lambda, EC2, ECS, Glue, CodeBuild, CloudFormation and so on.",
    remediation: "Give the role what the program needs.",
    references: &[BEST_PRACTICES],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let graph = auditor.graph();
    let roles = graph.everybody().filter(|who| graph.account(*who) == account);
    for who in roles.filter(|who| graph.kind(*who) == Kind::Role && graph.is_workload_role(*who)) {
        if graph.admin(who) == Verdict::Never {
            judged.pass();
            continue;
        }
        let arn = graph.arn(who);
        let message = format!("services run code as {}, which is an administrator", name_of(arn));
        judged.tell(arn, "", message, |finding| {
            finding.principals.push(arn.to_owned());
            finding.actions.push("*".into());
            finding.evidence = graph.admin_evidence(who);
            finding.fix = finding.evidence.first().and_then(|first| remedy(auditor.estate, first, arn));
        });
    }
}
