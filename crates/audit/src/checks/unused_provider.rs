//! Identity providers are trusted by some role.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "unused-provider",
    title: "Identity providers are trusted by some role",
    severity: Severity::Low,
    area: Area::Unused,
    why: "A provider that no role trusts does nothing today, and lets its users in as soon as some trust policy names it.",
    judged: "SAML and OIDC providers whose ARN stands in no role's trust policy.",
    remediation: "Delete the provider.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let providers = auditor.estate.facts(account).and_then(|facts| facts.providers.as_ref());
    let Some(providers) = providers else {
        let root = judged.root().to_owned();
        return judged.not_assessable(
            &root,
            "needs identity providers (`aws iam list-open-id-connect-providers`, `aws iam list-saml-providers`)",
        );
    };
    for arn in providers {
        if state.roles.iter().any(|role| role.trust.text().contains(arn.as_str())) {
            judged.pass();
            continue;
        }
        let saml = arn.contains(":saml-provider/");
        judged.tell(arn, "", "no role trusts this identity provider", |finding| {
            finding.evidence.push(Evidence::new("named in no trust policy", arn));
            let (command, resource) = match saml {
                true => ("delete-saml-provider --saml-provider-arn", "aws_iam_saml_provider"),
                false => (
                    "delete-open-id-connect-provider --open-id-connect-provider-arn",
                    "aws_iam_openid_connect_provider",
                ),
            };
            finding.fix = Some(fix_in_terraform(
                "Delete the identity provider",
                "delete identity providers that no role trusts",
                vec![format!("aws iam {command} {arn}")],
                resource,
            ));
        });
    }
}
