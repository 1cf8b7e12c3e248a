//! The smallest change of policies that turns a decision around.
//!
//! Of a denial: which denying statements to lift, and which layers lack an allow. Of a permission: which allowing
//! statements to take away. A property test applies what is said here to random policies and asks again.

use crate::compile::Reach;
use crate::decision::{Cause, Layer, Outcome};
use crate::document::Effect;
use crate::evaluate::{Layers, evaluate, has_policies, is_at_home, principal_reach};
use crate::explain::{Element, LayerExplanation, Miss, StatementExplanation, explain};
use crate::principal::PrincipalForm;
use crate::request::Request;
use crate::service;

/// What turns a decision around.
#[derive(Debug, Clone)]
pub enum Flip {
    /// Any one of these changes does; they are equally small, and none is smaller. The first is the one that is most
    /// at hand: what belongs to the caller goes before what belongs to the resource.
    Changes(Vec<Change>),
    /// Nothing needs to be allowed, so that nothing can be taken away: only an explicit deny stops the root user.
    OnlyDeny,
    /// No policy decides this: [`Cause::AlwaysAllowed`], [`Cause::AwsOwned`], [`Cause::OtherPartition`].
    Never,
}

/// Steps that turn a decision around if all of them are taken.
#[derive(Debug, Clone)]
pub struct Change {
    /// The steps; at least one.
    pub steps: Vec<Step>,
}

/// One step of a change.
#[derive(Debug, Clone)]
pub enum Step {
    /// Lift a deny: take the statement away, or exempt the request from it.
    Lift(Place),
    /// Take an allowing statement away.
    Remove(Place),
    /// Have a statement of the layer allow the request.
    Allow(MissingAllow),
}

/// A statement that matches, and where it stands.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its layer.
    pub layer: Layer,
    /// For SCPs and RCPs: the level, root first, from zero.
    pub level: u32,
    /// The statement.
    pub statement: StatementExplanation,
}

/// An allow that a layer lacks.
#[derive(Debug, Clone)]
pub struct MissingAllow {
    /// The layer.
    pub layer: Layer,
    /// For SCPs: the level, root first, from zero.
    pub level: u32,
    /// Whether the statement has to name the caller itself, a session by its own ARN, or everybody: naming the account
    /// or the role would not do. Only for resource policies.
    pub directly: bool,
    /// The statement of the layer that comes nearest, with the elements that would have to change.
    pub nearest: Option<StatementExplanation>,
}

/// Tells the smallest change that would turn the decision on a request around.
///
/// It costs about as much as [`explain`], and is asked for apart from it.
///
/// ```
/// # use bailiwick_policy::*;
/// # use std::sync::Arc;
/// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Put*","Resource":"*"}}"#;
/// let document = Arc::new(Document::parse_strict(text, DocumentKind::Identity)?);
/// let label = PolicyLabel::new(PolicyKind::Inline, "arn:aws:iam::123456789012:user/Ann", "puts");
/// let identity = PolicySet::new(vec![Arc::new(CompiledPolicy::compile(document, label))]);
/// let layers = Layers { identity: &identity, ..Layers::default() };
///
/// let ann = Principal::user("arn:aws:iam::123456789012:user/Ann")?;
/// let context = ContextMap::new();
/// let request = Request::new(&ann, "s3:GetObject", "arn:aws:s3:::reports/1.csv", &context);
/// let Flip::Changes(changes) = flip(&layers, &request) else { unreachable!() };
/// let [Step::Allow(missing)] = changes[0].steps.as_slice() else { unreachable!() };
/// assert_eq!(missing.layer, Layer::Identity);
/// let nearest = missing.nearest.as_ref().expect("the statement about another action");
/// assert_eq!(nearest.misses[0].element, Element::Action);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn flip(layers: &Layers<'_>, request: &Request<'_>) -> Flip {
    let decision = evaluate(layers, request);
    if matches!(decision.reason.cause, Cause::AlwaysAllowed | Cause::AwsOwned | Cause::OtherPartition) {
        return Flip::Never;
    }
    let scene = Scene::new(layers, request);
    let ways = match decision.outcome {
        Outcome::Allowed => scene.ways_to_deny(),
        Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied => scene.ways_to_allow(),
    };
    let least = ways.iter().map(Vec::len).min();
    let mut changes: Vec<Change> = Vec::new();
    for steps in ways.into_iter().filter(|steps| Some(steps.len()) == least) {
        // Two ways can come to the same, as where the trust policy alone lets a caller in.
        let known = changes.iter().any(|change| change.steps.iter().map(target).eq(steps.iter().map(target)));
        if !known {
            changes.push(Change { steps });
        }
    }
    if changes.is_empty() { Flip::OnlyDeny } else { Flip::Changes(changes) }
}

/// What a step is about: layer, level, policy and statement; and whether the caller has to be named itself.
fn target(step: &Step) -> (Layer, u32, Option<(u32, u32)>, bool) {
    let at = |statement: &StatementExplanation| (statement.policy_place, statement.statement_place);
    match step {
        Step::Lift(place) | Step::Remove(place) => {
            (place.layer, place.level, Some(at(&place.statement)), false)
        }
        Step::Allow(missing) => (missing.layer, missing.level, None, missing.directly),
    }
}

/// Steps of which all are needed.
type Way = Vec<Step>;

/// A layer, or level of one, with what its statements say.
struct Said {
    explained: LayerExplanation,
    /// How closely each of the layer's allowing statements names the caller.
    reaches: Vec<Option<Reach>>,
}

struct Scene<'a> {
    request: &'a Request<'a>,
    /// Whether the resource has a policy that could be changed.
    has_resource_policy: bool,
    said: Vec<Said>,
}

impl<'a> Scene<'a> {
    fn new(layers: &Layers<'_>, request: &'a Request<'a>) -> Self {
        let said = explain(layers, request).layers.into_iter().map(|layer| Said::new(layer, request));
        Self { request, has_resource_policy: layers.resource.is_some(), said: said.collect() }
    }

    fn layer(&self, layer: Layer) -> Option<&Said> {
        self.said.iter().find(|said| said.explained.layer == layer)
    }

    /// Whether a layer that is there allows; one that is not there does not stand in the way.
    fn lets_through(&self, layer: Layer) -> bool {
        self.layer(layer).is_none_or(|said| said.explained.allows)
    }

    fn is_root(&self) -> bool {
        *self.request.principal.form() == PrincipalForm::Root
    }

    fn is_federated_user(&self) -> bool {
        matches!(self.request.principal.form(), PrincipalForm::FederatedUser { .. })
    }

    /// A federated user without session policies has none of the permissions of the user that federated.
    fn session_lets_through(&self) -> bool {
        match self.layer(Layer::Session) {
            Some(said) => said.explained.allows,
            None => !self.is_federated_user(),
        }
    }

    /// The matching allows of the resource's policy that name the caller at least so closely.
    fn grants(&self, least: Reach) -> Way {
        self.layer(Layer::Resource).map(|said| said.removals(Some(least))).unwrap_or_default()
    }

    fn removals(&self, layer: Layer) -> Way {
        self.layer(layer).map(|said| said.removals(None)).unwrap_or_default()
    }
}

/// From a denial to a permission.
impl Scene<'_> {
    fn ways_to_allow(&self) -> Vec<Way> {
        let mut always: Way = self.said.iter().flat_map(Said::lifts).collect();
        let gates = [Layer::Scp, Layer::Endpoint];
        let closed =
            self.said.iter().filter(|it| gates.contains(&it.explained.layer) && !it.explained.allows);
        always.extend(closed.map(|said| said.missing_allow(false)));
        let ways = self.ways_through_the_account().into_iter();
        ways.map(|way| always.iter().cloned().chain(way).collect()).collect()
    }

    /// What is missing behind the organization's and the endpoint's gates.
    fn ways_through_the_account(&self) -> Vec<Way> {
        let granted = !self.grants(Reach::Account).is_empty();
        if !has_policies(self.request.principal) && !self.is_root() {
            return vec![if granted { Vec::new() } else { vec![self.missing(Layer::Resource, true)] }];
        }
        if !is_at_home(self.request) {
            let mut way = self.own_missing();
            way.extend((!granted).then(|| self.missing(Layer::Resource, false)));
            return vec![way];
        }
        let needed = service::needs_resource_policy(self.request);
        let mut by_identity = self.own_missing();
        by_identity.extend((needed && !granted).then(|| self.missing(Layer::Resource, false)));
        let mut ways = vec![by_identity];
        if !self.grants(Reach::Entity).is_empty() {
            ways.push(self.limits_missing());
        }
        let is_granted = !self.grants(Reach::Direct).is_empty();
        if is_granted {
            ways.push(Vec::new());
        } else if (self.has_resource_policy || needed) && !self.is_root() {
            ways.push(vec![self.missing(Layer::Resource, true)]);
        }
        ways
    }

    /// Allows that the caller's own layers lack.
    fn own_missing(&self) -> Way {
        if self.is_root() {
            return Vec::new();
        }
        let identity = (!self.lets_through(Layer::Identity)).then(|| self.missing(Layer::Identity, false));
        identity.into_iter().chain(self.limits_missing()).collect()
    }

    fn limits_missing(&self) -> Way {
        let boundary = (!self.lets_through(Layer::Boundary)).then(|| self.missing(Layer::Boundary, false));
        let session = (!self.session_lets_through()).then(|| self.missing(Layer::Session, false));
        boundary.into_iter().chain(session).collect()
    }

    fn missing(&self, layer: Layer, directly: bool) -> Step {
        match self.layer(layer) {
            Some(said) => said.missing_allow(directly),
            None => Step::Allow(MissingAllow { layer, level: 0, directly, nearest: None }),
        }
    }
}

/// From a permission to a denial.
impl Scene<'_> {
    fn ways_to_deny(&self) -> Vec<Way> {
        let mut ways = self.ways_to_close_the_account();
        let gates = [Layer::Endpoint, Layer::Scp];
        let gates = self.said.iter().filter(|said| gates.contains(&said.explained.layer));
        ways.extend(gates.map(|said| said.removals(None)));
        ways.retain(|way| !way.is_empty());
        ways
    }

    fn ways_to_close_the_account(&self) -> Vec<Way> {
        let grants = self.grants(Reach::Account);
        if !has_policies(self.request.principal) && !self.is_root() {
            return vec![grants];
        }
        let own = if self.is_root() { Vec::new() } else { self.ways_to_close_the_caller() };
        if !is_at_home(self.request) {
            return own.into_iter().chain([grants]).collect();
        }
        // The resource's policy may open a second way beside the caller's own permissions, and a third.
        let needed = service::needs_resource_policy(self.request);
        let (direct, entity) = (self.grants(Reach::Direct), self.grants(Reach::Entity));
        let limited = self.lets_through(Layer::Boundary) && self.session_lets_through();
        if !limited {
            return vec![direct];
        }
        let mut ways = Vec::new();
        if self.is_root() {
            return if needed { vec![grants] } else { Vec::new() };
        }
        let identity = self.removals(Layer::Identity);
        ways.push(entity.into_iter().chain(identity).collect());
        for limit in [Layer::Boundary, Layer::Session] {
            if self.layer(limit).is_some() {
                ways.push(direct.iter().cloned().chain(self.removals(limit)).collect());
            }
        }
        if needed {
            ways.push(grants);
        }
        ways
    }

    /// Each of the caller's own layers that are there can be closed.
    fn ways_to_close_the_caller(&self) -> Vec<Way> {
        let layers = [Layer::Identity, Layer::Boundary, Layer::Session];
        layers.into_iter().filter(|layer| self.layer(*layer).is_some()).map(|it| self.removals(it)).collect()
    }
}

impl Said {
    fn new(explained: LayerExplanation, request: &Request<'_>) -> Self {
        let reach = |found: &StatementExplanation| {
            let compiled = found.policy.statements().iter().find(|it| it.place == found.statement_place)?;
            principal_reach(compiled, explained.layer, false, request.principal)
        };
        let reaches = explained.statements.iter().map(reach).collect();
        Self { explained, reaches }
    }

    fn matching(&self, effect: Effect) -> impl Iterator<Item = (&StatementExplanation, Option<Reach>)> {
        let statements = self.explained.statements.iter().zip(self.reaches.iter().copied());
        statements.filter(move |(found, _)| found.matches() && found.effect == effect)
    }

    fn place(&self, statement: &StatementExplanation) -> Place {
        let LayerExplanation { layer, level, .. } = self.explained;
        Place { layer, level, statement: statement.clone() }
    }

    fn lifts(&self) -> Way {
        self.matching(Effect::Deny).map(|(found, _)| Step::Lift(self.place(found))).collect()
    }

    /// The matching allows that name the caller at least so closely.
    fn removals(&self, least: Option<Reach>) -> Way {
        let found = self.matching(Effect::Allow).filter(|(_, reach)| *reach >= least);
        found.map(|(found, _)| Step::Remove(self.place(found))).collect()
    }

    fn missing_allow(&self, directly: bool) -> Step {
        let LayerExplanation { layer, level, .. } = self.explained;
        Step::Allow(MissingAllow { layer, level, directly, nearest: self.nearest(directly) })
    }

    /// The allowing statement that fails on least. A condition can be met by another request, and counts less than
    /// an action or a resource that is not named.
    fn nearest(&self, directly: bool) -> Option<StatementExplanation> {
        let statements = self.explained.statements.iter().zip(&self.reaches);
        let allows = statements.filter(|(found, _)| found.effect == Effect::Allow);
        let fails = allows.map(|(found, reach)| {
            let mut found = found.clone();
            if directly && reach.is_some_and(|reach| reach < Reach::Direct) {
                let span = found.statement().map(|it| it.principal.as_ref().map_or(it.span, |it| it.span));
                let place = found.misses.iter().take_while(|miss| miss.element == Element::Action).count();
                let span = span.unwrap_or_default();
                found
                    .misses
                    .insert(place, Miss { element: Element::Principal, span, missing_keys: Vec::new() });
            }
            found
        });
        fails.min_by_key(|found| {
            let hard =
                found.misses.iter().filter(|miss| !matches!(miss.element, Element::Condition(_))).count();
            let action = found.misses.iter().any(|miss| miss.element == Element::Action);
            (action, found.misses.len(), hard)
        })
    }
}
