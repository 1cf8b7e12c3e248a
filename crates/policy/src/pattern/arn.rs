//! Patterns of ARNs: in `Resource` elements, and in values of ARN operators.

use super::{Glob, Syntax};
use crate::context::Context;
use base::ArnRef;

const WILDCARDS: Syntax = Syntax { wildcards: true, variables: false };

/// An entry of `Resource` or `NotResource`.
///
/// The first five parts are matched part by part, the sixth to the end of the text. A star that ends one of the first
/// parts may go on beyond its colon, and missing parts are completed with stars; see `docs/semantics.md` and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResourcePattern {
    /// `*`: the only pattern that matches requests on no resource.
    Any,
    /// No wildcard in the first five parts: one pattern over the whole ARN.
    Whole(Glob),
    /// Partition, service, region and account, then the rest.
    Parts { head: Box<[Part; 4]>, rest: Glob },
    /// Not an ARN.
    Never,
}

/// One of the first parts of an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    glob: Glob,
    /// It ends in a star, which may match beyond the colon.
    crosses: bool,
}

/// How parts came to match, so that no place is tried twice.
enum Fit {
    Yes,
    No,
    /// A part that crosses colons has tried every place after this one in vain: later starts cannot do better.
    NoneLater,
}

impl ResourcePattern {
    /// Compiles an entry; incomplete ARNs can yield two patterns, either of which may match.
    pub(crate) fn parse(text: &str, variables: bool) -> Vec<ResourcePattern> {
        if text == "*" {
            return vec![ResourcePattern::Any];
        }
        let Some(after_arn) = text.strip_prefix("arn:") else { return vec![ResourcePattern::Never] };
        let parts: Vec<&str> = after_arn.splitn(5, ':').collect();
        match parts.as_slice() {
            [partition, service, region, account, rest] => {
                vec![Self::complete(text, [partition, service, region, account], rest, variables)]
            }
            parts => Self::incomplete(parts),
        }
    }

    fn complete(text: &str, head: [&str; 4], rest: &str, variables: bool) -> ResourcePattern {
        let syntax = Syntax { wildcards: true, variables };
        let special = |letter| matches!(letter, '*' | '?') || (variables && letter == '$');
        if !head.iter().any(|part| part.contains(special)) {
            return ResourcePattern::Whole(Glob::parse(text, syntax));
        }
        if has_wildcard_service(&head) {
            return ResourcePattern::Never;
        }
        ResourcePattern::Parts { head: Box::new(head.map(Part::parse)), rest: Glob::parse(rest, syntax) }
    }

    fn incomplete(parts: &[&str]) -> Vec<ResourcePattern> {
        if has_wildcard_service(parts) {
            return vec![ResourcePattern::Never];
        }
        let mut padded = parts.iter().copied();
        let head = [(); 4].map(|()| Part::parse(padded.next().unwrap_or("*")));
        let completed = ResourcePattern::Parts { head: Box::new(head), rest: Glob::Any };
        // A star that goes on beyond its colon may stand for all that is missing.
        let as_written = parts.split_last().into_iter().flat_map(|(last, head)| {
            let rest = Glob::parse(last, WILDCARDS);
            stretched(head).into_iter().map(move |head| {
                let head = Box::new(head.map(Part::parse));
                ResourcePattern::Parts { head, rest: rest.clone() }
            })
        });
        std::iter::once(completed).chain(as_written).collect()
    }

    /// Whether `resource`, an ARN or `*`, matches; `arn` is the resource split, if it is an ARN.
    pub(crate) fn matches(&self, resource: &str, arn: Option<&ArnRef<'_>>, context: &dyn Context) -> bool {
        let Some(arn) = arn else { return *self == ResourcePattern::Any };
        match self {
            ResourcePattern::Any => true,
            ResourcePattern::Whole(glob) => glob.matches(resource, context),
            ResourcePattern::Parts { head, rest } => {
                fits_part_by_part(head, rest, arn, context)
                    || (arn.resource.contains(':') && crosses(&**head, rest, resource, context))
            }
            ResourcePattern::Never => false,
        }
    }

    /// The pattern after the fifth colon or of the whole, where variables may stand.
    pub(crate) fn glob(&self) -> Option<&Glob> {
        match self {
            ResourcePattern::Whole(glob) | ResourcePattern::Parts { rest: glob, .. } => Some(glob),
            ResourcePattern::Any | ResourcePattern::Never => None,
        }
    }
}

/// Every way in which stars at the end of these parts can stand for as many parts more as four lack.
fn stretched<'t>(head: &[&'t str]) -> Vec<[&'t str; 4]> {
    if let Ok(four) = head.try_into() {
        return vec![four];
    }
    let mut found = Vec::new();
    for (place, _) in head.iter().enumerate().filter(|(_, part)| part.ends_with('*')) {
        let mut longer = head.to_vec();
        longer.insert(place + 1, "*");
        found.extend(stretched(&longer));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// AWS: no wildcard in the segment that identifies the service.
fn has_wildcard_service(parts: &[&str]) -> bool {
    parts.get(1).is_some_and(|service| service.contains(['*', '?']))
}

impl Part {
    /// The pattern of the part.
    pub(crate) fn glob(&self) -> &Glob {
        &self.glob
    }

    /// Whether its last star may go on beyond the colon.
    pub(super) fn crosses(&self) -> bool {
        self.crosses
    }

    fn parse(text: &str) -> Part {
        Part { glob: Glob::parse(text, WILDCARDS), crosses: text.ends_with('*') }
    }
}

fn fits_part_by_part(head: &[Part; 4], rest: &Glob, arn: &ArnRef<'_>, context: &dyn Context) -> bool {
    let [partition, service, region, account] = head;
    // The most telling first: statements that were found by their action mostly share the service.
    rest.matches(arn.resource, context)
        && account.glob.matches(arn.account, context)
        && region.glob.matches(arn.region, context)
        && service.glob.matches(arn.service, context)
        && partition.glob.matches(arn.partition, context)
}

/// Whether the pattern fits with some star going on beyond its colon.
fn crosses(head: &[Part], rest: &Glob, resource: &str, context: &dyn Context) -> bool {
    let after_arn = resource.strip_prefix("arn:");
    head.iter().any(|part| part.crosses)
        && after_arn.is_some_and(|text| matches!(fit(head, rest, text, context), Fit::Yes))
}

fn fit(head: &[Part], rest: &Glob, text: &str, context: &dyn Context) -> Fit {
    let Some((part, others)) = head.split_first() else {
        return if rest.matches(text, context) { Fit::Yes } else { Fit::No };
    };
    let Some((segment, mut after)) = text.split_once(':') else { return Fit::No };
    if !part.glob.matches(segment, context) {
        return Fit::No;
    }
    loop {
        match fit(others, rest, after, context) {
            Fit::Yes => return Fit::Yes,
            Fit::NoneLater => return Fit::NoneLater,
            Fit::No if !part.crosses => return Fit::No,
            Fit::No => match after.split_once(':') {
                Some((_, later)) => after = later,
                None => return Fit::NoneLater,
            },
        }
    }
}

/// A value of an ARN operator: six parts, each matched by itself. Variables may stand in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`: every ARN.
    Any,
    /// Partition, service, region, account, resource.
    Parts(Box<[Glob; 5]>),
    /// Not an ARN.
    Never,
}

impl ArnPattern {
    /// Compiles a value.
    pub(crate) fn parse(text: &str, variables: bool) -> ArnPattern {
        if text == "*" {
            return ArnPattern::Any;
        }
        let syntax = Syntax { wildcards: true, variables };
        let parts = split_outside_variables(text, variables);
        match parts.as_slice() {
            ["arn", partition, service, region, account, resource] => {
                let globs =
                    [partition, service, region, account, resource].map(|part| Glob::parse(part, syntax));
                ArnPattern::Parts(Box::new(globs))
            }
            _ => ArnPattern::Never,
        }
    }

    /// Whether an ARN matches.
    pub(crate) fn matches(&self, arn: &ArnRef<'_>, context: &dyn Context) -> bool {
        let parts = match self {
            ArnPattern::Any => return true,
            ArnPattern::Never => return false,
            ArnPattern::Parts(parts) => parts,
        };
        let texts = [arn.partition, arn.service, arn.region, arn.account, arn.resource];
        parts.iter().zip(texts).all(|(glob, text)| glob.matches(text, context))
    }

    /// Calls `visit` with the key of every variable without default.
    pub(crate) fn variables(&self, visit: &mut dyn FnMut(&crate::context::ConditionKey)) {
        if let ArnPattern::Parts(parts) = self {
            parts.iter().for_each(|glob| glob.variables(visit));
        }
    }
}

/// Six parts at the first five colons that do not stand in a variable.
fn split_outside_variables(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let mut start = 0;
    let mut inside = false;
    let last_brace = text.rfind('}').unwrap_or_default();
    for (at, letter) in text.char_indices() {
        match letter {
            '$' if variables && at < last_brace && text.get(at..).is_some_and(|t| t.starts_with("${")) => {
                inside = true
            }
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::ContextMap;

    fn resource(pattern: &str, text: &str) -> bool {
        let context = ContextMap::new().with("aws:username", "Ann");
        ResourcePattern::parse(pattern, true)
            .iter()
            .any(|pattern| pattern.matches(text, ArnRef::parse(text).as_ref(), &context))
    }

    #[test]
    fn parts_are_matched_one_by_one() {
        let table = "arn:aws:dynamodb:us-east-1:123456789012:table/prod-x";
        assert!(resource("arn:aws:dynamodb:*:*:table/prod-*", table));
        assert!(resource("arn:aws:dynamodb:us-*-1:12*:table/prod-?", table));
        assert!(resource("arn:*:dynamodb:us-east-1:123456789012:*", table));
        assert!(!resource("arn:aws:dynamodb:us-*t:123456789012:table/prod-x", table));
        assert!(!resource("arn:aws:*:us-east-1:123456789012:table/prod-x", table));
        assert!(!resource("table/*", table));
        assert!(resource("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/Ann/x"));
        assert!(!resource("arn:aws:s3::${aws:username}:b", "arn:aws:s3::Ann:b"));
    }

    #[test]
    fn a_star_at_the_end_of_a_part_crosses_colons() {
        let table = "arn:aws:dynamodb:us-east-1:123456789012:table/prod-x";
        assert!(resource("arn:aws:dynamodb:*:table/prod-*", table));
        assert!(resource("arn:aws:dynamodb:us*", table));
        assert!(resource("arn:aws:dynamodb", table));
        assert!(resource("arn:aws:dynamodb:us-east-1:123456789012", table));
        assert!(!resource("arn:aws:dynamodb:eu-west-1", table));
        assert!(resource("arn:aws*:dynamodb:u*:table/*", table));
        assert!(resource("arn:aws:x:*:b:c", "arn:aws:x:r:a:more:b:c"));
        // What follows such a star is the last part: inside the others stars cross nothing.
        assert!(!resource("arn:aws:x:r*:a*c", "arn:aws:x:r:a:c"));
        assert!(resource("arn:aws:x:r*:a*c", "arn:aws:x:r:q:a:c"));
        assert!(!resource("arn:aws:s3::*c*d", "arn:aws:s3:::c:d"));
        assert!(!resource("arn:aws:x:*r:b:c", "arn:aws:x:r:a:more:b:c"));
    }

    #[test]
    fn crossing_takes_bounded_time() {
        let text = format!("arn:aws:x:{}", "a:".repeat(4_000));
        let start = std::time::Instant::now();
        assert!(!resource("arn:*:x:*:a*:*a*a*a*b", &text));
        assert!(!resource("arn:*:*a*:*:*", &text));
        assert!(start.elapsed().as_secs() < 5);
    }

    #[test]
    fn arn_operators_match_six_parts() {
        let context = ContextMap::new().with("aws:PrincipalAccount", "123456789012");
        let arn = ArnRef::parse("arn:aws:sns:us-east-1:123456789012:a:b").unwrap();
        let matches = |pattern| ArnPattern::parse(pattern, true).matches(&arn, &context);
        assert!(matches("arn:aws:sns:*:${aws:PrincipalAccount}:a:*"));
        assert!(matches("*") && matches("arn:*:*:*:*:*"));
        assert!(!matches("arn:aws:sns:*:a:*") && !matches("arn:aws:sns:*") && !matches("arn:*"));
    }
}
