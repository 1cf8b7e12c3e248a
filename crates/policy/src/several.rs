//! Requests that touch several resources.

use crate::decision::{Decision, Outcome};
use crate::evaluate::{Layers, evaluate};
use crate::request::Request;

/// The decision on a call that touches several resources, each of which is judged by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiDecision {
    /// The decision on each resource, in the order given; at least one.
    pub decisions: Vec<Decision>,
    /// The place of the decision that stands for all.
    pub deciding: usize,
}

impl MultiDecision {
    /// The decision that stands for all: the first of the most restrictive.
    pub fn decision(&self) -> Option<Decision> {
        self.decisions.get(self.deciding).copied()
    }

    /// What all come to: allowed if every single one is.
    pub fn outcome(&self) -> Outcome {
        self.decision().map_or(Outcome::ImplicitlyDenied, |decision| decision.outcome)
    }

    /// Whether all are allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome() == Outcome::Allowed
    }

    /// From decisions that were made; `None` if there are none, for a call that touches nothing is nobody's to allow.
    pub fn of(decisions: Vec<Decision>) -> Option<MultiDecision> {
        let worst = decisions.iter().map(|decision| strictness(decision.outcome)).max()?;
        let deciding = decisions.iter().position(|decision| strictness(decision.outcome) == worst)?;
        Some(Self { decisions, deciding })
    }
}

fn strictness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Allowed => 0,
        Outcome::ImplicitlyDenied => 1,
        Outcome::ExplicitlyDenied => 2,
    }
}

/// Decides a call that touches several resources. Each is a request of its own: with its condition keys, its owner,
/// its resource policy; and the call needs all of them. `None` if there are no requests.
///
/// See `RunInstances` in
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
///
/// ```
/// # use bailiwick_policy::*;
/// # use std::sync::Arc;
/// let text = r#"{"Version":"2012-10-17","Statement":[
///     {"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*"},
///     {"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:image/*",
///      "Condition":{"StringEquals":{"ec2:Owner":"amazon"}}}]}"#;
/// let document = Arc::new(Document::parse_strict(text, DocumentKind::Identity)?);
/// let label = PolicyLabel::new(PolicyKind::Inline, "arn:aws:iam::123456789012:user/Ann", "runs");
/// let identity = PolicySet::new(vec![Arc::new(CompiledPolicy::compile(document, label))]);
/// let layers = Layers { identity: &identity, ..Layers::default() };
///
/// let ann = Principal::user("arn:aws:iam::123456789012:user/Ann")?;
/// let (nothing, owned) = (ContextMap::new(), ContextMap::new().with("ec2:Owner", "amazon"));
/// let on = |resource, context| Request::new(&ann, "ec2:RunInstances", resource, context);
/// let instance = on("arn:aws:ec2:us-east-1:123456789012:instance/*", &nothing);
/// let image = on("arn:aws:ec2:us-east-1:123456789012:image/ami-1", &owned);
/// assert!(evaluate_all([(&layers, &instance), (&layers, &image)]).unwrap().is_allowed());
///
/// let subnet = on("arn:aws:ec2:us-east-1:123456789012:subnet/s-1", &nothing);
/// let all = evaluate_all([(&layers, &instance), (&layers, &image), (&layers, &subnet)]).unwrap();
/// assert_eq!((all.outcome(), all.deciding), (Outcome::ImplicitlyDenied, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate_all<'r, 'l: 'r>(
    requests: impl IntoIterator<Item = (&'r Layers<'l>, &'r Request<'r>)>,
) -> Option<MultiDecision> {
    MultiDecision::of(requests.into_iter().map(|(layers, request)| evaluate(layers, request)).collect())
}
