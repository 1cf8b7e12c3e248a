//! Nobody outside may read everything.

use super::kit::*;
use super::wide::detach;
use crate::finding::ExternalKind;
use crate::texts::Origin;

pub(super) const CHECK: Check = Check {
    id: "read-only-external",
    title: "No account outside may read everything",
    severity: Severity::High,
    area: Area::Privilege,
    why: "ReadOnlyAccess is no harmless policy: it reads objects, tables, logs and code of the whole account.",
    judged: "Roles with the AWS managed policy ReadOnlyAccess that somebody outside can assume, as the checks of external \
             access find it.",
    remediation: "Give SecurityAudit or ViewOnlyAccess instead, which read configuration and no data.",
    references: &["https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let read_only =
        auditor.policies(account).iter().find(|it| it.origin == Origin::Aws && it.name == "ReadOnlyAccess");
    let (Some(policy), Some(externals)) = (read_only, auditor.externals(account)) else {
        return judged.pass();
    };
    for role in policy.people.iter().filter(|arn| kind_of(arn) == "role") {
        let foreign = externals
            .found
            .iter()
            .find(|found| found.resource == **role && !matches!(found.external.kind, ExternalKind::Service));
        let Some(foreign) = foreign else {
            judged.pass();
            continue;
        };
        let who = foreign.external.name.as_deref().unwrap_or(&foreign.external.who);
        judged.tell(role, who, format!("{who} may read everything by {}", name_of(role)), |finding| {
            finding.principals.push(role.clone());
            finding.external = Some(foreign.external.clone());
            finding.evidence.push(Evidence::new("ReadOnlyAccess is attached", role));
            finding.fix = Some(Fix {
                change: Some(Change::Detach { from: role.clone(), policy: policy.arn.clone() }),
                ..fix(
                    format!("Replace ReadOnlyAccess of {} by ViewOnlyAccess", name_of(role)),
                    "replace ReadOnlyAccess of roles for outsiders",
                    vec![detach(role, &policy.arn)],
                )
            });
        });
    }
}
