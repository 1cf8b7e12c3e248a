//! Nobody gets more permissions than it was given: to an administrator, through a workload, or to other powers.

use super::kit::*;
use crate::finding::Finding;
use crate::graph::methods::{self, Shape};
use crate::graph::{Graph, Path, Who, remedy};
use analysis::who_can::{Kind, Verdict};

const PATHS: &str = "https://pathfinding.cloud";
const PASS_ROLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html";
const BOUNDARIES: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html";

pub(super) const TO_ADMIN: Check = Check {
    id: "escalation-to-admin",
    title: "Nobody who is no administrator can become one",
    severity: Severity::Critical,
    area: Area::Escalation,
    why: "Whoever gets hold of such a user or role has the whole account, though its policies look harmless.",
    judged: "Every way of the catalogue of paths is tried by exact decisions: identity and group policies, boundaries, \
             SCPs and RCPs, trust policies, conditions. Chains over several principals count. A way that depends on \
             conditions which the holder can arrange is told with them, as high instead of critical. Denied or bounded \
             ways, roles that the service does not trust, and targets that are no administrators are no finding.",
    remediation: "Narrow the statement that allows the first step: name the roles that may be passed and the service, \
                  keep IAM write access to administrators, or set a permissions boundary.",
    references: &[PATHS, PASS_ROLE, BOUNDARIES],
    needs: &[Input::Entities],
    run: |auditor, account, judged| to_admin(auditor, account, judged, false),
};

pub(super) const THROUGH_WORKLOAD: Check = Check {
    id: "escalation-through-workload",
    title: "Nobody becomes an administrator through a function, instance or job that runs as one",
    severity: Severity::Critical,
    area: Area::Escalation,
    why: "Whoever can change what runs as an administrator, or run commands in it, is an administrator.",
    judged: "As `escalation-to-admin`, by paths with a step through a known resource that runs as a role.",
    remediation: "Give the workload a role of what it needs, or narrow who may change it.",
    references: &[PATHS],
    needs: &[Input::Entities, Input::Workloads],
    run: |auditor, account, judged| to_admin(auditor, account, judged, true),
};

pub(super) const TO_MORE: Check = Check {
    id: "escalation-to-more",
    title: "Nobody gets powers of another by passing, rewriting or resetting it",
    severity: Severity::Medium,
    area: Area::Escalation,
    why: "Secrets, data and other people's workloads are reached though one's own policies do not allow it.",
    judged: "By one step of the catalogue other than a role that may be assumed, which was meant, to a principal that \
             can do on anything what one cannot do oneself: write IAM policies, read every secret, object or table, \
             run commands everywhere, change functions, stop trails.",
    remediation: "Name the roles that may be passed, and the users whose credentials may be changed.",
    references: &[PATHS, PASS_ROLE],
    needs: &[Input::Entities],
    run: to_more,
};

/// Users and roles of an account that an attacker can be.
fn sources(graph: &Graph, account: AccountId) -> impl Iterator<Item = Who> + use<'_> {
    let is_source = move |who: &Who| {
        graph.account(*who) == account && matches!(graph.kind(*who), Kind::User | Kind::Role)
    };
    graph.everybody().filter(is_source)
}

fn to_admin(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>, through: bool) {
    let graph = auditor.graph();
    for who in sources(graph, account).filter(|who| graph.admin(*who) == Verdict::Never) {
        let path = graph.path_to_admin(who).filter(|path| uses_workload(path) == through);
        let Some(path) = path else {
            judged.pass();
            continue;
        };
        let message = format!("{} can become an administrator: {}", name_of(graph.arn(who)), told(&path));
        judged.tell(graph.arn(who), "", message, |finding| {
            finding.severity = if path.unconditional { Severity::Critical } else { Severity::High };
            fill(auditor, graph, finding, &path);
        });
    }
}

fn to_more(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let graph = auditor.graph();
    for who in sources(graph, account).filter(|who| graph.admin(*who) == Verdict::Never) {
        let Some((path, gained)) = graph.lateral(who) else {
            judged.pass();
            continue;
        };
        let message = format!("{} can {}: {}", name_of(graph.arn(who)), gained.join(", "), told(&path));
        judged.tell(graph.arn(who), "", message, |finding| {
            finding.severity = if path.unconditional { Severity::Medium } else { Severity::Low };
            fill(auditor, graph, finding, &path);
        });
    }
}

fn uses_workload(path: &Path) -> bool {
    let shape = |id: &str| methods::by_id(id).map(|method| method.shape);
    path.steps.iter().any(|step| shape(&step.id) == Some(Shape::Use))
}

/// The steps in a sentence.
fn told(path: &Path) -> String {
    let steps: Vec<&str> = path.steps.iter().map(|step| step.how.as_str()).collect();
    steps.join("; ")
}

fn fill(auditor: &Auditor<'_>, graph: &Graph, finding: &mut Finding, path: &Path) {
    let holder = graph.arn(path.from).to_owned();
    finding.principals.push(holder.clone());
    finding.path = Some(path.steps.clone());
    for action in path.steps.iter().flat_map(|step| &step.actions) {
        if !finding.actions.contains(action) {
            finding.actions.push(action.clone());
        }
    }
    finding.witness = graph.witness(path);
    finding.evidence = graph.evidence(path);
    finding.fix = finding.evidence.first().and_then(|first| remedy(auditor.estate, first, &holder));
}
