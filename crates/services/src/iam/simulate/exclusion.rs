//! `PolicyExclusionList`: policies of the entity that the simulation leaves out.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html>.

use super::input::Documents;
use super::invalid;
use base::ArnRef;
use policy::{CompiledPolicy, PolicyKind};
use wire::Fault;
use wire::iam::PolicyIdentifier;

/// Takes the excluded policies out.
pub(super) fn apply(
    exclusions: &[PolicyIdentifier],
    identity: &mut Documents,
    boundary: &mut Option<Documents>,
) -> Result<(), Fault> {
    for exclusion in exclusions {
        let named = [
            exclusion.policy_type.is_some(),
            exclusion.policy_arn.is_some(),
            exclusion.inline_policy_identifier.is_some(),
        ];
        if named.iter().filter(|is| **is).count() != 1 {
            return Err(invalid(
                "A policy identifier must name exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier.",
            ));
        }
        if exclusion.policy_type.as_deref() == Some("permission-boundary") {
            *boundary = None;
        }
        identity.retain(|policy| !excludes(exclusion, policy));
    }
    Ok(())
}

fn excludes(exclusion: &PolicyIdentifier, policy: &CompiledPolicy) -> bool {
    let label = policy.label();
    let managed = label.kind == PolicyKind::Managed;
    let of_aws = ArnRef::parse(&label.id).is_some_and(|arn| arn.account == "aws");
    if let Some(kind) = exclusion.policy_type.as_deref() {
        return match kind {
            "inline" => label.kind == PolicyKind::Inline,
            "aws-managed" => managed && of_aws,
            "user-managed" => managed && !of_aws,
            _ => false,
        };
    }
    if let Some(arn) = &exclusion.policy_arn {
        return managed && fits(arn, &label.id);
    }
    exclusion.inline_policy_identifier.as_ref().is_some_and(|inline| {
        let owner = ArnRef::parse(&label.id);
        label.kind == PolicyKind::Inline
            && *label.name == *inline.policy_name
            && owner.is_some_and(|owner| {
                owner.typed_resource().is_some_and(|(kind, _)| kind == inline.attachment_type)
                    && fits(&inline.attachment_name, owner.name())
            })
    })
}

/// Whether `*` and `?` in the pattern can stand for the text. AWS allows one star at most; of more the first counts.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let alike = |pattern: &[char], text: &[char]| {
        pattern.len() == text.len()
            && pattern.iter().zip(text).all(|(wanted, letter)| *wanted == '?' || wanted == letter)
    };
    let Some(star) = pattern.iter().position(|letter| *letter == '*') else { return alike(&pattern, &text) };
    let (before, after) = (pattern.get(..star), pattern.get(star + 1..));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let tail = text.len().checked_sub(after.len()).filter(|tail| *tail >= before.len());
    tail.is_some_and(|tail| {
        let (front, back) = (text.get(..before.len()), text.get(tail..));
        alike(before, front.unwrap_or_default()) && alike(after, back.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_and_question_marks_fit() {
        for (pattern, text, expected) in [
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*bc", "abc", true),
            ("ab*bc", "abc", false),
            ("a?c", "abc", true),
            ("a?", "abc", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
