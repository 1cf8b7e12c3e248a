//! Conditions on MFA do what they are meant to.

use super::kit::*;
use super::wide::title;
use crate::texts::HeldPolicy;
use policy::elements::ConditionTest;
use policy::{ContextMap, Document, Effect, Statement};

const KEY: &str = "aws:multifactorauthpresent";

pub(super) const CHECK: Check = Check {
    id: "mfa-condition",
    title: "Conditions on MFA hold for calls with keys too",
    severity: Severity::Medium,
    area: Area::SignIn,
    why: "Requests signed with a long-term key do not have aws:MultiFactorAuthPresent at all: `Bool` false does not match \
          them, so a deny lets them through, and `BoolIfExists` true matches them, so an allow lets them in.",
    judged: "Each statement's conditions on aws:MultiFactorAuthPresent are tried without the key, with false and with true. A \
             deny must match the first two (unless another statement of the policy denies what it lets through), an allow \
             neither. Denies are judged where users hold the policy, allows also in trust policies.",
    remediation: "Deny with `BoolIfExists` false, allow with `Bool` true.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent",
    ],
    needs: &[Input::Entities],
    run,
};

/// What is wrong with a condition on MFA.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// A deny that does not match requests with keys.
    DenySlips,
    /// A deny that matches those with MFA, or all.
    DenyBackwards,
    /// An allow that matches requests without MFA.
    AllowSlips,
}

impl Flaw {
    fn words(self) -> &'static str {
        match self {
            Self::DenySlips => "the deny does not match requests with long-term keys",
            Self::DenyBackwards => "the deny matches requests with MFA",
            Self::AllowSlips => "the allow matches requests without MFA",
        }
    }
}

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for policy in auditor.policies(account) {
        let has_users = policy.holders.iter().any(|arn| kind_of(arn) != "role") || policy.holders.is_empty();
        let flaws: Vec<(&Statement, Flaw)> = flaws(&policy.document)
            .into_iter()
            .filter(|(_, flaw)| *flaw != Flaw::DenySlips || has_users)
            .collect();
        if flaws.is_empty() {
            judged.pass();
            continue;
        }
        tell(judged, policy, &flaws);
    }
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for role in state.roles.iter().filter(|role| !role.is_service_linked()) {
        let Some(document) = role.trust.document() else { continue };
        let flaws = flaws(document);
        let Some((statement, flaw)) = flaws.iter().find(|(_, flaw)| *flaw == Flaw::AllowSlips) else {
            judged.pass();
            continue;
        };
        let arn = role.arn(auditor.estate.partition).as_str().to_owned();
        let message =
            format!("the trust policy of {} does not demand MFA as it seems: {}", role.name, flaw.words());
        judged.tell(&arn, "trust", message, |finding| {
            finding.evidence.push(Evidence {
                statement: Some((statement.index + 1).to_string()),
                line: Some(base::span::position(document.text(), statement.span.start).line),
                ..Evidence::new(flaw.words(), &arn)
            });
            finding.fix = Some(fix(
                "Write `Bool` instead of `BoolIfExists`",
                "mend conditions on MFA",
                vec![format!(
                    "aws iam update-assume-role-policy --role-name {} --policy-document file://policy.json",
                    role.name
                )],
            ));
        });
    }
}

fn tell(judged: &mut Judged<'_>, policy: &HeldPolicy, flaws: &[(&Statement, Flaw)]) {
    let words = flaws.first().map_or("", |(_, flaw)| flaw.words());
    let discriminator = if policy.origin == crate::texts::Origin::Inline { policy.name.as_str() } else { "" };
    judged.tell(&policy.arn, discriminator, format!("in {} {words}", title(policy)), |finding| {
        finding.principals = policy.people.clone();
        finding
            .evidence
            .extend(flaws.iter().map(|(statement, flaw)| policy.evidence(statement, flaw.words())));
        let text = policy.document.text();
        let mended = match flaws.iter().all(|(_, flaw)| *flaw == Flaw::DenySlips) {
            true => text.replace("\"Bool\"", "\"BoolIfExists\""),
            false => text.replace("\"BoolIfExists\"", "\"Bool\""),
        };
        let diff = crate::diff::policy_diff(&policy.name, text, &mended);
        finding.fix = Some(Fix {
            diff: Some(diff).filter(|diff| !diff.is_empty()),
            ..fix(
                "Deny with `BoolIfExists` false, allow with `Bool` true",
                "mend conditions on MFA",
                Vec::new(),
            )
        });
    });
}

/// The statements whose conditions on MFA do not do what they should.
fn flaws(document: &Document) -> Vec<(&Statement, Flaw)> {
    let tries =
        [ContextMap::new(), ContextMap::new().with(KEY, "false"), ContextMap::new().with(KEY, "true")];
    let about =
        |statement: &Statement| statement.conditions.iter().any(|it| it.key.value.eq_ignore_ascii_case(KEY));
    let holds = |statement: &Statement| {
        let tests: Vec<ConditionTest> = statement
            .conditions
            .iter()
            .filter(|condition| condition.key.value.eq_ignore_ascii_case(KEY))
            .map(|condition| ConditionTest::new(condition, document.version()))
            .collect();
        tries.each_ref().map(|context| tests.iter().all(|test| test.holds(context)))
    };
    let denies: Vec<[bool; 3]> = document
        .statements()
        .iter()
        .filter(|statement| statement.effect == Effect::Deny && about(statement))
        .map(holds)
        .collect();
    let denied_without_key = denies.iter().any(|[without, ..]| *without);
    let mut found = Vec::new();
    for statement in document.statements().iter().filter(|statement| about(statement)) {
        let flaw = match (statement.effect, holds(statement)) {
            (Effect::Deny, [_, _, true]) => Some(Flaw::DenyBackwards),
            (Effect::Deny, [false, true, false]) if !denied_without_key => Some(Flaw::DenySlips),
            (Effect::Allow, [true, _, true] | [_, true, true]) => Some(Flaw::AllowSlips),
            _ => None,
        };
        found.extend(flaw.map(|flaw| (statement, flaw)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(effect: &str, operator: &str, value: &str) -> Vec<Flaw> {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "*", "Resource": "*",
            "Condition": {{"{operator}": {{"aws:MultiFactorAuthPresent": "{value}"}}}}}}}}"#
        );
        let document = Document::parse_tolerant(&text).0.unwrap();
        flaws(&document).into_iter().map(|(_, flaw)| flaw).collect()
    }

    #[test]
    fn conditions_are_tried() {
        assert!(found("Deny", "Bool", "false") == [Flaw::DenySlips]);
        assert!(found("Deny", "BoolIfExists", "false").is_empty());
        assert!(found("Deny", "Bool", "true") == [Flaw::DenyBackwards]);
        assert!(found("Allow", "Bool", "true").is_empty());
        assert!(found("Allow", "BoolIfExists", "true") == [Flaw::AllowSlips]);
    }

    #[test]
    fn two_denies_mend_each_other() {
        let text = r#"{"Statement": [
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}]}"#;
        let document = Document::parse_tolerant(text).0.unwrap();
        assert!(flaws(&document).is_empty());
    }
}
