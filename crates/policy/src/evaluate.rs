//! The decision.
//!
//! Denies are looked for first, through all layers; then each gate must allow. The order of the layers is AWS's, and
//! matters only for which one is named as the reason. `docs/semantics.md` tells the whole.

use crate::compile::{CompiledCondition, CompiledStatement, Open, Reach};
use crate::decision::{Cause, Decision, Layer, Outcome, Reason};
use crate::document::Effect;
use crate::principal::{Principal, PrincipalForm};
use crate::request::Request;
use crate::service;
use crate::set::{Found, PolicySet, StatementRef};
use std::sync::Arc;

/// The policies that a request is judged by.
///
/// A layer that does not concern the principal (identity policies of a service, SCPs of the management account) may be
/// given all the same; it is left out by the rules.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// Policies of the user (those of its groups included) or role; of a federated user, those of the user that
    /// federated.
    pub identity: &'a PolicySet,
    /// The permissions boundary, if the user or role has one.
    pub boundary: Option<&'a PolicySet>,
    /// The session policies: `None` if the session was made without, else all of them.
    pub session: Option<&'a PolicySet>,
    /// The policy of the resource; for the STS actions that assume a role, the role's trust policy.
    pub resource: Option<&'a PolicySet>,
    /// SCPs on the way to the principal's account, root first, one set a level. Empty: no organization. A level
    /// without policies denies.
    pub scps: &'a [Arc<PolicySet>],
    /// RCPs on the way to the resource's account, root first, one set a level; empty for resources of the management
    /// account. That everything is allowed otherwise (`RCPFullAWSAccess`) needs no mention.
    pub rcps: &'a [Arc<PolicySet>],
    /// The policy of the VPC endpoint that the request came through.
    pub endpoint: Option<&'a PolicySet>,
}

impl Default for Layers<'_> {
    fn default() -> Self {
        Self {
            identity: PolicySet::empty(),
            boundary: None,
            session: None,
            resource: None,
            scps: &[],
            rcps: &[],
            endpoint: None,
        }
    }
}

/// Decides a request. Does not allocate.
///
/// ```
/// # use bailiwick_policy::*;
/// let nobody = Principal::anonymous();
/// let context = ContextMap::new();
/// let request = Request::new(&nobody, "s3:GetObject", "arn:aws:s3:::bucket/key", &context);
/// assert_eq!(evaluate(&Layers::default(), &request).outcome, Outcome::ImplicitlyDenied);
/// ```
pub fn evaluate(layers: &Layers<'_>, request: &Request<'_>) -> Decision {
    if request.has_rules && service::is_always_allowed(request) {
        return plain(Outcome::Allowed, Cause::AlwaysAllowed, Layer::Identity);
    }
    if request.has_rules && service::changes_what_aws_owns(request) {
        return plain(Outcome::ImplicitlyDenied, Cause::AwsOwned, Layer::Resource);
    }
    if request.other_partition {
        return plain(Outcome::ImplicitlyDenied, Cause::OtherPartition, Layer::Resource);
    }
    let bound = layers.binding_the_principal(request.principal);
    match bound.find_deny(request) {
        Some(reason) => Decision { outcome: Outcome::ExplicitlyDenied, reason },
        None => bound.pass_gates(request),
    }
}

fn plain(outcome: Outcome, cause: Cause, layer: Layer) -> Decision {
    Decision { outcome, reason: Reason { cause, layer, level: 0, policy: None, statement: None } }
}

fn lacking(layer: Layer, level: usize) -> Decision {
    let reason = Reason { cause: Cause::NoAllow, layer, level: level as u32, policy: None, statement: None };
    Decision { outcome: Outcome::ImplicitlyDenied, reason }
}

fn allowed_by(layer: Layer, place: StatementRef) -> Decision {
    Decision { outcome: Outcome::Allowed, reason: by_statement(layer, 0, place) }
}

fn by_statement(layer: Layer, level: usize, place: StatementRef) -> Reason {
    let StatementRef { policy, statement } = place;
    let (policy, statement) = (Some(policy), Some(statement));
    Reason { cause: Cause::Statement, layer, level: level as u32, policy, statement }
}

impl<'a> Layers<'a> {
    /// The layers that bind the principal and the service of this request.
    pub(crate) fn binding(&self, request: &Request<'_>) -> Layers<'a> {
        let mut bound = self.binding_the_principal(request.principal);
        if !bound.rcps.is_empty() && !service::rcps_apply(request) {
            bound.rcps = &[];
        }
        bound
    }

    /// The layers that bind the principal; RCPs bind services, and that is asked only if one denies.
    fn binding_the_principal(&self, principal: &Principal) -> Layers<'a> {
        let mut bound = *self;
        if !bound.scps.is_empty() && !service::scps_apply(principal) {
            bound.scps = &[];
        }
        if !has_policies(principal) {
            (bound.identity, bound.boundary, bound.session) = (PolicySet::empty(), None, None);
        }
        bound
    }

    /// Every set of policies with its layer and level, in order.
    pub(crate) fn sets(&self) -> impl Iterator<Item = (Layer, usize, &'a PolicySet)> + use<'a> {
        let levels = |layer, levels: &'a [Arc<PolicySet>]| {
            levels.iter().enumerate().map(move |(level, set)| (layer, level, &**set))
        };
        let one = |layer, set: Option<&'a PolicySet>| set.map(|set| (layer, 0, set));
        levels(Layer::Rcp, self.rcps)
            .chain(levels(Layer::Scp, self.scps))
            .chain(one(Layer::Endpoint, self.endpoint))
            .chain(one(Layer::Resource, self.resource))
            .chain(one(Layer::Identity, Some(self.identity)))
            .chain(one(Layer::Boundary, self.boundary))
            .chain(one(Layer::Session, self.session))
    }

    /// The first statement that denies. The layers are those that bind the principal.
    fn find_deny(&self, request: &Request<'_>) -> Option<Reason> {
        let bounded = self.boundary.is_some();
        let deny = |layer, level, set: &PolicySet| {
            let place = find_deny(set, layer, bounded, request)?;
            Some(by_statement(layer, level, place))
        };
        let one = |layer, set: Option<&PolicySet>| set.and_then(|set| deny(layer, 0, set));
        let levels = |layer, sets: &[Arc<PolicySet>]| {
            sets.iter().enumerate().find_map(|(level, set)| deny(layer, level, set))
        };
        levels(Layer::Rcp, self.rcps)
            .filter(|_| service::rcps_apply(request))
            .or_else(|| levels(Layer::Scp, self.scps))
            .or_else(|| one(Layer::Endpoint, self.endpoint))
            .or_else(|| one(Layer::Resource, self.resource))
            .or_else(|| deny(Layer::Identity, 0, self.identity))
            .or_else(|| one(Layer::Boundary, self.boundary))
            .or_else(|| one(Layer::Session, self.session))
    }

    /// Asks the gates, in order, once no statement denies. RCPs are not among them: `RCPFullAWSAccess` is attached
    /// everywhere and cannot be detached, so that they only ever deny.
    fn pass_gates(&self, request: &Request<'_>) -> Decision {
        for (level, set) in self.scps.iter().enumerate() {
            if find_allow(set, Layer::Scp, request).is_none() {
                return lacking(Layer::Scp, level);
            }
        }
        if self.endpoint.is_some_and(|set| find_allow(set, Layer::Endpoint, request).is_none()) {
            return lacking(Layer::Endpoint, 0);
        }
        let grant = self.resource.and_then(|set| find_allow(set, Layer::Resource, request));
        if !has_policies(request.principal) && !is_root(request.principal) {
            return match grant {
                Some((_, place)) => allowed_by(Layer::Resource, place),
                None => lacking(Layer::Resource, 0),
            };
        }
        if is_at_home(request) {
            self.decide_at_home(grant, request)
        } else {
            self.decide_abroad(grant, request)
        }
    }

    /// Principal and resource belong to the same account.
    fn decide_at_home(&self, grant: Option<(Reach, StatementRef)>, request: &Request<'_>) -> Decision {
        match grant {
            Some((Reach::Direct, place)) => allowed_by(Layer::Resource, place),
            Some((Reach::Entity, place)) => match self.limit(request) {
                Some(lacking) => lacking,
                None => allowed_by(Layer::Resource, place),
            },
            None if request.has_rules && service::needs_resource_policy(request) => {
                lacking(Layer::Resource, 0)
            }
            Some((Reach::Account, _)) | None => self.decide_by_identity(request),
        }
    }

    /// The resource belongs to another account: its policy and the principal's must allow.
    fn decide_abroad(&self, grant: Option<(Reach, StatementRef)>, request: &Request<'_>) -> Decision {
        if grant.is_none() { lacking(Layer::Resource, 0) } else { self.decide_by_identity(request) }
    }

    fn decide_by_identity(&self, request: &Request<'_>) -> Decision {
        if is_root(request.principal) {
            return plain(Outcome::Allowed, Cause::RootUser, Layer::Identity);
        }
        match find_allow(self.identity, Layer::Identity, request) {
            None => lacking(Layer::Identity, 0),
            Some((_, place)) => self.limit(request).unwrap_or_else(|| allowed_by(Layer::Identity, place)),
        }
    }

    /// The denial by boundary or session policies, if they do not allow.
    fn limit(&self, request: &Request<'_>) -> Option<Decision> {
        if self.boundary.is_some_and(|set| find_allow(set, Layer::Boundary, request).is_none()) {
            return Some(lacking(Layer::Boundary, 0));
        }
        let session_allows = match self.session {
            Some(set) => find_allow(set, Layer::Session, request).is_some(),
            // A federated user without session policy has no permissions of the user that federated.
            None => !matches!(request.principal.form(), PrincipalForm::FederatedUser { .. }),
        };
        (!session_allows).then(|| lacking(Layer::Session, 0))
    }
}

/// Whether identity policies, boundary and session policies concern the principal.
pub(crate) fn has_policies(principal: &Principal) -> bool {
    use PrincipalForm::{FederatedUser, RoleSession, User};
    matches!(principal.form(), User { .. } | RoleSession { .. } | FederatedUser { .. })
}

fn is_root(principal: &Principal) -> bool {
    matches!(principal.form(), PrincipalForm::Root)
}

pub(crate) fn is_at_home(request: &Request<'_>) -> bool {
    request.owner().is_none_or(|owner| request.principal.account() == Some(owner))
}

/// A statement that denies.
#[inline]
fn find_deny(set: &PolicySet, layer: Layer, bounded: bool, request: &Request<'_>) -> Option<StatementRef> {
    let mut denying = None;
    set.search(Effect::Deny, request, &mut |found| {
        let denies = reach(set, found, layer, bounded, request).is_some();
        denying = denies.then_some(found.place);
        denies
    });
    denying
}

/// The statement that allows and reaches the principal most closely.
fn find_allow(set: &PolicySet, layer: Layer, request: &Request<'_>) -> Option<(Reach, StatementRef)> {
    let mut best: Option<(Reach, StatementRef)> = None;
    set.search(Effect::Allow, request, &mut |found| {
        let Some(reach) = reach(set, found, layer, false, request) else { return false };
        if best.is_none_or(|(known, _)| known < reach) {
            best = Some((reach, found.place));
        }
        reach == Reach::Direct
    });
    best
}

/// What the policies of one layer come to by themselves.
pub(crate) fn says(set: &PolicySet, layer: Layer, request: &Request<'_>) -> Outcome {
    if find_deny(set, layer, false, request).is_some() {
        Outcome::ExplicitlyDenied
    } else if find_allow(set, layer, request).is_some() {
        Outcome::Allowed
    } else {
        Outcome::ImplicitlyDenied
    }
}

/// Whether the layer's policies name principals.
pub(crate) fn names_principals(layer: Layer) -> bool {
    matches!(layer, Layer::Resource | Layer::Rcp | Layer::Endpoint)
}

/// How a statement that was found reaches the request, with what is still to be asked of it.
#[inline]
fn reach(
    set: &PolicySet,
    found: Found<'_>,
    layer: Layer,
    bounded: bool,
    request: &Request<'_>,
) -> Option<Reach> {
    let open = found.open;
    if open.is_nothing() && !names_principals(layer) {
        return Some(Reach::Direct);
    }
    if open.has(Open::ACTION) {
        let matches = found.action_matches(&request.action);
        if !matches.or_else(|| Some(set.statement(found.place)?.action.matches(&request.action)))? {
            return None;
        }
    }
    let reach = if names_principals(layer) || open.has(Open::RESOURCE.and(Open::PRINCIPAL)) {
        let statement = set.statement(found.place)?;
        if open.has(Open::RESOURCE) && !resource_matches(statement, layer, request) {
            return None;
        }
        principal_reach(statement, layer, bounded, request.principal)?
    } else {
        Reach::Direct
    };
    (!open.has(Open::CONDITIONS) || hold(found.conditions(), request)).then_some(reach)
}

#[inline]
fn hold(conditions: &[CompiledCondition], request: &Request<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(request.context))
}

/// Policies of resources may leave `Resource` out, as trust policies must: they speak of what they are attached to.
pub(crate) fn resource_matches(statement: &CompiledStatement, layer: Layer, request: &Request<'_>) -> bool {
    match &statement.resource {
        Some(resource) => resource.matches(request),
        None => layer == Layer::Resource,
    }
}

/// How the statement's principal element reaches the principal; `bounded` says that it has a permissions boundary.
pub(crate) fn principal_reach(
    statement: &CompiledStatement,
    layer: Layer,
    bounded: bool,
    principal: &Principal,
) -> Option<Reach> {
    match (&statement.principal, names_principals(layer)) {
        (None, false) => Some(Reach::Direct),
        // `NotPrincipal` with `Allow` is no longer supported by AWS: it admits nobody.
        (Some(element), true) if element.negated && statement.effect == Effect::Allow => None,
        (Some(element), true) if element.negated && bounded => Some(Reach::Direct),
        (Some(element), true) => element.reach(principal),
        // No principal where one is required, or one where none may be: never matches.
        (None, true) | (Some(_), false) => None,
    }
}
