//! Permissions that are not used are taken back.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "unused-permissions",
    title: "Services that are granted are used",
    severity: Severity::Low,
    area: Area::Unused,
    why: "What is granted and not used helps only whoever takes the identity over.",
    judged: "Services that a principal's policies allow and that it has not used for 90 days (`unused-days`), by its report \
             of services last accessed; principals that are younger are not judged.",
    remediation: "Take the services out of the policies, or give a narrower policy.",
    references: &[LAST_ACCESSED],
    needs: &[Input::Entities, Input::LastAccessed],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(facts) = auditor.estate.facts(account) else { return };
    let period = auditor.settings.unused_days;
    for (arn, report) in &facts.last_accessed {
        let made = made(auditor, account, arn);
        let is_young = made.is_some_and(|made| auditor.days_since(made) <= period);
        let is_unused = |last: Option<base::Timestamp>| last.is_none_or(|at| auditor.days_since(at) > period);
        let unused: Vec<&str> = report
            .services
            .iter()
            .filter(|service| is_unused(service.last))
            .map(|service| service.namespace.as_str())
            .collect();
        if is_young || unused.is_empty() {
            judged.pass();
            continue;
        }
        let granted = report.services.len();
        let message = format!(
            "{} has not used {} of the {granted} services that it may use",
            name_of(arn),
            unused.len()
        );
        judged.tell(arn, "", message, |finding| {
            finding.principals.push(arn.clone());
            finding.actions = unused.iter().map(|namespace| format!("{namespace}:*")).collect();
            finding.severity = if unused.len() == granted { Severity::Medium } else { finding.severity };
            let what = format!("not used for {period} days");
            finding.evidence.push(Evidence::new(what, "services last accessed").text(unused.join(", ")));
            finding.fix = Some(fix(
                format!("Take {} out of the policies of {}", some_actions(&finding.actions), name_of(arn)),
                "take back permissions that are not used",
                vec![
                    format!("aws iam generate-service-last-accessed-details --arn {arn} --granularity ACTION_LEVEL"),
                    format!("aws iam list-policies-granting-service-access --arn {arn} --service-namespaces {}", unused.join(" ")),
                ],
            ));
        });
    }
}

/// When a user, group, role or policy was made.
fn made(auditor: &Auditor<'_>, account: AccountId, arn: &str) -> Option<base::Timestamp> {
    let state = auditor.estate.snapshot.account(account)?;
    let name = name_of(arn);
    match base::ArnRef::parse(arn)?.resource.split('/').next()? {
        "user" => state.users.get(name).map(|user| user.created),
        "group" => state.groups.get(name).map(|group| group.created),
        "role" => state.roles.get(name).map(|role| role.created),
        "policy" => state.policies.get(name).map(|policy| policy.created),
        _ => None,
    }
}
