//! Policies are managed.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "inline-policies",
    title: "Groups and roles have managed policies, not inline ones",
    severity: Severity::Info,
    area: Area::Policies,
    why: "A managed policy has versions to go back to, and one list to review; an inline one is found only by who looks at \
          its holder.",
    judged: "Groups and roles with inline policies. Service-linked roles and those of Identity Center are kept by others.",
    remediation: "Make it a managed policy, and attach that.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let partition = auditor.estate.partition;
    let groups = state.groups.iter().map(|group| (group.arn(partition), &group.inline));
    let roles = state.roles.iter().filter(|role| !role.is_service_linked() && !role.is_reserved());
    let roles = roles.map(|role| (role.arn(partition), &role.inline));
    for (arn, inline) in groups.chain(roles) {
        let arn = arn.as_str();
        if inline.is_empty() {
            judged.pass();
            continue;
        }
        let names: Vec<String> = inline.keys().cloned().collect();
        let kind = kind_of(arn);
        let message = format!("{kind} {} has inline policies: {}", name_of(arn), some(&names));
        judged.tell(arn, "", message, |finding| {
            finding.principals.push(arn.to_owned());
            let shown = |name: &String| Evidence { policy: Some(name.clone()), ..Evidence::new("inline policy", arn) };
            finding.evidence.extend(names.iter().map(shown));
            let holder = name_of(arn);
            let commands = names.iter().take(5).flat_map(|name| {
                [
                    format!("aws iam get-{kind}-policy --{kind}-name {holder} --policy-name {name} --query PolicyDocument > {name}.json"),
                    format!("aws iam create-policy --policy-name {name} --policy-document file://{name}.json"),
                    format!("aws iam delete-{kind}-policy --{kind}-name {holder} --policy-name {name}"),
                ]
            });
            finding.fix = Some(fix_in_terraform(
                format!("Make managed policies of the inline policies of {holder}"),
                "make managed policies of inline ones",
                commands.collect(),
                "aws_iam_policy and its attachment instead of the inline policy",
            ));
        });
    }
}
