//! There is room for a new version.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "policy-versions",
    title: "Managed policies have room for a new version",
    severity: Severity::Info,
    area: Area::Policies,
    why: "With five versions kept, the next change fails, and it is the urgent one that finds out; old wide versions also wait \
          for whoever may make them the default.",
    judged: "Customer managed policies with five versions.",
    remediation: "Delete the oldest version.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for policy in state.policies.iter() {
        let oldest = policy.versions.iter().find(|version| version.number != policy.default_version);
        let Some(oldest) = oldest.filter(|_| policy.versions.len() >= 5) else {
            judged.pass();
            continue;
        };
        let arn = policy.arn(auditor.estate.partition).as_str().to_owned();
        judged.tell(&arn, "", format!("policy {} has five versions", policy.name), |finding| {
            finding.evidence.push(Evidence::new(format!("v{} is the oldest", oldest.number), &arn));
            finding.fix = Some(fix(
                format!("Delete v{} of {}", oldest.number, policy.name),
                "delete old versions of policies",
                vec![format!(
                    "aws iam delete-policy-version --policy-arn {arn} --version-id v{}",
                    oldest.number
                )],
            ));
        });
    }
}
