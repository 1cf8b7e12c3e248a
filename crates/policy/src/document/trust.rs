//! What IAM refuses in trust policies only.

use super::read::{Reading, Stage};
use super::{ConditionElement, Effect, PrincipalType, Statement};
use crate::operator::Comparison;
use base::Diagnostic;

/// Checks a statement of a trust policy.
pub(super) fn check(statement: &Statement, reading: &mut Reading) {
    check_actions(statement, reading);
    check_shared_providers(statement, reading);
}

fn check_actions(statement: &Statement, reading: &mut Reading) {
    for action in &statement.action.entries {
        let service = action.value.split(':').next().unwrap_or_default();
        if !service.eq_ignore_ascii_case("sts") || statement.action.negated {
            let message = format!("`{}` assumes no role", action.value);
            let diagnostic = Diagnostic::error("UNSUPPORTED_ACTION", action.span, message);
            let help = "trust policies take `sts:AssumeRole` and its kin, `sts:TagSession` and `sts:SetSourceIdentity`";
            let aws = "AssumeRole policy may only specify STS AssumeRole actions.";
            reading.refuse(Stage::Field, aws, diagnostic.with_help(help));
        }
    }
}

/// Providers of OpenID Connect whose tokens everybody can get, with the claims that tell whose a token is.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>.
const SHARED_PROVIDERS: [(&str, &[&str]); 4] = [
    ("token.actions.githubusercontent.com", &["sub", "job_workflow_ref"]),
    ("gitlab.com", &["sub"]),
    ("app.terraform.io", &["sub"]),
    ("agent.buildkite.com", &["sub"]),
];

/// Who trusts a provider that everybody uses must say whom of them. Like IAM, this looks at how the condition is
/// written, and of its values only at the first: what it lets pass may still admit everybody.
fn check_shared_providers(statement: &Statement, reading: &mut Reading) {
    let federated = statement.principal.iter().filter(|principal| !principal.negated);
    let federated =
        federated.flat_map(|it| &it.entries).filter(|entry| entry.kind == PrincipalType::Federated);
    for entry in federated.filter(|_| statement.effect == Effect::Allow) {
        let principal = &*entry.text.value;
        let host = principal.split_once(":oidc-provider/").map_or(principal, |(_, host)| host);
        let Some((host, claims)) =
            SHARED_PROVIDERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(host))
        else {
            continue;
        };
        let keys: Vec<String> = claims.iter().map(|claim| format!("{host}:{claim}")).collect();
        if statement.conditions.iter().any(|condition| narrows(condition, &keys)) {
            continue;
        }
        let aws = format!(
            "Trust policy with trusted principal {principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {} which is not scoped to all",
            keys.join(" or ")
        );
        let message = format!("everybody can get a token of `{host}`, and the statement lets all of them in");
        let diagnostic = Diagnostic::error("MISSING_SUBJECT_CONDITION", entry.text.span, message);
        let help = format!("add a condition on `{host}:sub` that names whom you trust");
        reading.refuse(Stage::Principal, aws, diagnostic.with_help(help));
    }
}

fn narrows(condition: &ConditionElement, keys: &[String]) -> bool {
    use Comparison::{String, StringIgnoreCase, StringLike};
    let compares = condition.operator.is_some_and(|operator| {
        !operator.negated && matches!(operator.comparison, String | StringIgnoreCase | StringLike)
    });
    let about = keys.iter().any(|key| key.eq_ignore_ascii_case(&condition.key.value));
    let first = condition.values.first().map(|value| value.value.trim());
    compares && about && first.is_some_and(|value| value.contains(|letter| letter != '*'))
}
