//! People sign in through Identity Center or another provider.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "console-people",
    title: "People sign in through IAM Identity Center or a provider of their own",
    severity: Severity::Medium,
    area: Area::SignIn,
    why: "A user with a password is one more account to forget when somebody leaves, with permissions that stand all day; \
          who comes through a provider gets a session, and is gone when the provider says so.",
    judged: "No user of the account has a password, by the credential report; whether a provider or Identity Center is \
             there already is told in the evidence.",
    remediation: "Give people permission sets or roles for their provider, then delete their users.",
    references: &[BEST_PRACTICES, "https://docs.aws.amazon.com/singlesignon/latest/userguide/what-is.html"],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let people: Vec<String> =
        users(auditor, account).filter(|row| has_password(row)).map(|row| row.arn.clone()).collect();
    if people.is_empty() {
        return judged.pass();
    }
    let root = judged.root().to_owned();
    let message = match people.len() {
        1 => format!("{} signs in as an IAM user", some(&people)),
        number => format!("{number} people sign in as IAM users: {}", some(&people)),
    };
    judged.tell(&root, "", message, |finding| {
        finding.evidence.push(Evidence::new(format!("{} users with a password", people.len()), REPORT));
        finding.evidence.extend(provider(auditor, account));
        finding.principals = people;
        finding.fix = Some(fix(
            "Move people to IAM Identity Center and delete their users",
            "move people to IAM Identity Center",
            vec![
                "aws sso-admin create-permission-set --instance-arn INSTANCE --name NAME".into(),
                "aws iam delete-login-profile --user-name NAME".into(),
            ],
        ));
    });
}

/// What is there for people to come through.
fn provider(auditor: &Auditor<'_>, account: AccountId) -> Option<Evidence> {
    if auditor.estate.sign_on.as_ref().is_some_and(|sign_on| !sign_on.assignments.is_empty()) {
        return Some(Evidence::new("Identity Center is in use", "permission sets and assignments"));
    }
    let providers = auditor.estate.facts(account)?.providers.as_ref()?;
    let saml = providers.iter().find(|arn| arn.contains(":saml-provider/"))?;
    Some(Evidence::new("a SAML provider is there", saml))
}
