//! What principals can make of themselves and of others: nodes that are not there yet.
//!
//! Whoever writes a policy of somebody makes it as mighty as its boundary, SCPs and denials leave it: the same
//! principal with everything allowed besides. Who joins a group has the group's policies too. Each such node is judged
//! like any other, so that a boundary that holds is no way to anything.

use super::ask::{Ask, Trust};
use super::edges::{Edge, is_kept, rewriting};
use super::methods::{self, Method, Need, On, Shape};
use super::world::{Change, World};
use crate::people::Entity;
use analysis::who_can::{Kind, Verdict};
use base::AccountId;
use model::{ManagedPolicy, Named, PolicyRef};
use policy::{Effect, Statement};
use std::sync::Arc;

/// How many targets are told of each way that one principal has to many.
const TARGETS: usize = 3;

/// A policy holds five versions at most.
const VERSIONS: usize = 5;

/// An edge to a node that may not be there yet.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) base: u32,
    pub(super) change: Change,
    pub(super) edge: Edge,
}

/// Looks for what one node can make of itself and others.
pub(super) struct Maker<'w> {
    world: &'w World,
    node: u32,
    ways: Vec<Way>,
}

impl<'w> Maker<'w> {
    pub(super) fn ways(world: &'w World, node: u32) -> Vec<Way> {
        let mut maker = Self { world, node, ways: Vec::new() };
        let change = world.node(node).map_or(&Change::None, |node| &node.change);
        let all = !matches!(change, Change::Given | Change::Freed { given: true });
        if all {
            maker.write_own();
            maker.join();
            maker.put_in_force();
            maker.write_others();
            maker.sign_on();
        }
        maker.unbind();
        maker.ways
    }

    fn may(&self, method: &Method) -> bool {
        method.needs.iter().all(|need| self.world.may(self.node, need.action))
    }

    fn found(
        &mut self,
        base: u32,
        change: Change,
        method: &'static Method,
        asks: Vec<Ask>,
        through: &str,
    ) -> bool {
        let verdict = self.world.judge_all(self.node, &asks);
        if verdict == Verdict::Never {
            return false;
        }
        let edge = Edge::new(self.node, base, method, verdict).asking(asks).through(through);
        self.ways.push(Way { base, change, edge });
        true
    }

    fn base(&self) -> u32 {
        self.world.base(self.node)
    }

    /// The same with everything allowed.
    fn given(&self) -> Change {
        match self.world.node(self.node).map(|node| &node.change) {
            Some(Change::Freed { .. }) => Change::Freed { given: true },
            _ => Change::Given,
        }
    }

    fn write_own(&mut self) {
        if is_kept(self.world, self.node) {
            return;
        }
        for method in methods::of(Shape::SelfPolicy) {
            let Some(need) = method.needs.first().filter(|_| self.may(method)) else { continue };
            let own = self.own(need);
            for resource in own {
                let asks = self.world.writing(self.node, need.action, &resource);
                let through = if need.on == On::Group || need.on == On::Policy { &*resource } else { "" };
                if self.found(self.base(), self.given(), method, asks, through) {
                    break;
                }
            }
        }
    }

    /// What of one's own an action is asked of.
    fn own(&self, need: &Need) -> Vec<String> {
        let world = self.world;
        let arn = world.arn(self.node).to_owned();
        match (need.on, world.entity(self.node)) {
            (On::User, Entity::User(_)) | (On::Role, Entity::Role(_)) => vec![arn],
            (On::Group, Entity::User(user)) => {
                let state = world.state_of(self.node);
                let groups = state.map(|state| state.groups_of(user)).unwrap_or_default();
                groups.iter().map(|group| group.arn(world.partition).as_str().to_owned()).collect()
            }
            (On::Policy, _) => {
                let policies = world.customer_policies(self.node);
                policies.iter().map(|policy| policy.arn(world.partition).as_str().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn join(&mut self) {
        let world = self.world;
        let (Entity::User(user), Some(state)) = (world.entity(self.node), world.state_of(self.node)) else {
            return;
        };
        for method in methods::of(Shape::Join).filter(|method| self.may(method)).collect::<Vec<_>>() {
            let others = state.groups.iter().filter(|group| !user.groups.contains(group.id()));
            for group in others.filter(|group| !group.inline.is_empty() || !group.attached.is_empty()) {
                let arn = group.arn(world.partition);
                let asks = vec![Ask::new("iam:AddUserToGroup", arn.as_str())];
                self.found(self.base(), Change::Joined(group.id.clone()), method, asks, arn.as_str());
            }
        }
    }

    fn put_in_force(&mut self) {
        let world = self.world;
        for method in methods::of(Shape::Version).filter(|method| self.may(method)).collect::<Vec<_>>() {
            for policy in world.customer_policies(self.node) {
                let arn = policy.arn(world.partition);
                for version in policy.versions.iter().filter(|it| it.number != policy.default_version) {
                    let asks = vec![Ask::new("iam:SetDefaultPolicyVersion", arn.as_str())];
                    let change = Change::Versioned(policy.id.clone(), version.number);
                    self.found(self.base(), change, method, asks, arn.as_str());
                }
            }
        }
    }

    fn write_others(&mut self) {
        let methods: Vec<_> = methods::of(Shape::OtherPolicy).filter(|method| self.may(method)).collect();
        for method in methods {
            let Some([write, take]) =
                method.needs.get(..2).and_then(|needs| <&[Need; 2]>::try_from(needs).ok())
            else {
                continue;
            };
            let kind = if take.on == On::User { Kind::User } else { Kind::Role };
            let mut told = 0;
            for target in self.world.others(self.node, kind) {
                if told == TARGETS {
                    break;
                }
                told += usize::from(self.write_other(method, write, take, target));
            }
        }
    }

    fn write_other(&mut self, method: &'static Method, write: &Need, take: &Need, target: u32) -> bool {
        let world = self.world;
        let arn = world.arn(target);
        let Some(take) = world.taking(take.action, target) else { return false };
        if world.judge_all(self.node, &take) == Verdict::Never {
            return false;
        }
        let policies: Vec<String> = match write.on {
            On::Policy => {
                let policies = world.customer_policies(target);
                policies.iter().map(|policy| policy.arn(world.partition).as_str().to_owned()).collect()
            }
            _ => vec![arn.to_owned()],
        };
        policies.into_iter().any(|resource| {
            let mut asks = world.writing(self.node, write.action, &resource);
            asks.extend(take.iter().cloned());
            let through = if write.on == On::Policy { &*resource } else { "" };
            self.found(target, Change::Given, method, asks, through)
        })
    }

    fn unbind(&mut self) {
        let world = self.world;
        let change = world.node(self.node).map(|node| node.change.clone());
        let freed = |given| Change::Freed { given };
        let own = freed(change == Some(Change::Given));
        let bound = world.boundary_arn(self.node).filter(|_| !matches!(change, Some(Change::Freed { .. })));
        let methods: Vec<_> = methods::of(Shape::Unbind).chain(methods::of(Shape::UnbindPolicy)).collect();
        for method in methods {
            let Some(need) = method.needs.first() else { continue };
            if !world.may(self.node, need.action) {
                continue;
            }
            let own_kind = match need.on {
                On::User => world.kind(self.node) == Kind::User,
                On::Role => world.kind(self.node) == Kind::Role && !is_kept(world, self.node),
                _ => true,
            };
            if let Some(boundary) = bound.as_ref().filter(|_| own_kind) {
                let on_policy = need.on == On::Policy;
                let resource = if on_policy { boundary.clone() } else { world.arn(self.node).to_owned() };
                if !on_policy || world.is_customer(&resource) {
                    let asks = world.writing(self.node, need.action, &resource);
                    self.found(self.base(), own.clone(), method, asks, if on_policy { boundary } else { "" });
                }
            }
            if need.on == On::Role && change == Some(Change::None) {
                self.unbind_others(method, need);
            }
        }
    }

    /// Roles that can be assumed are freed of their boundaries.
    fn unbind_others(&mut self, method: &'static Method, need: &Need) {
        let world = self.world;
        let mut told = 0;
        for role in world.others(self.node, Kind::Role) {
            if told == TARGETS {
                break;
            }
            if !world.is_bounded(role) {
                continue;
            }
            let Some(take) = world.taking("sts:AssumeRole", role) else { continue };
            let mut asks = world.writing(self.node, need.action, world.arn(role));
            asks.extend(take);
            told += usize::from(self.found(role, Change::Freed { given: false }, method, asks, ""));
        }
    }

    /// Identity Center is managed in the management account, and grants access to every account.
    fn sign_on(&mut self) {
        let world = self.world;
        let Some(management) = world.sign_on else { return };
        let account = world.account_of(self.node);
        if management.is_some_and(|management| management != account) {
            return;
        }
        let root = Entity::Root(account).arn(world.partition);
        let Some(root) = world.by_arn(&root) else { return };
        for method in methods::of(Shape::SignOn).filter(|method| self.may(method)).collect::<Vec<_>>() {
            let asks = method.needs.iter().map(|need| world.anywhere(self.node, need.action));
            let Some(asks) = asks.collect::<Option<Vec<_>>>() else { continue };
            self.found(root, Change::None, method, asks.concat(), "");
        }
    }
}

impl World {
    /// What must be allowed to write a policy that allows everything: which policies may be attached is looked for.
    fn writing(&self, node: u32, action: &'static str, resource: &str) -> Vec<Ask> {
        let ask = Ask::new(action, resource);
        if action.starts_with("iam:Attach") {
            let policies =
                std::iter::once(self.administrator_access()).chain(self.mighty(self.account_of(node)));
            let mut asks = policies.map(|policy| ask.clone().with("iam:policyarn", policy));
            let Some(first) = asks.next() else { return vec![ask] };
            let allowed = |ask: &Ask| self.judge(node, ask) != Verdict::Never;
            if allowed(&first) {
                return vec![first];
            }
            return vec![asks.find(allowed).unwrap_or(first)];
        }
        if action.starts_with("iam:Put") && action.ends_with("PermissionsBoundary") {
            return vec![ask.with("iam:permissionsboundary", self.administrator_access())];
        }
        let full = self.customer_policy(resource).is_some_and(|policy| policy.versions.len() >= VERSIONS);
        if action == "iam:CreatePolicyVersion" && full {
            return vec![ask, Ask::new("iam:DeletePolicyVersion", resource)];
        }
        vec![ask]
    }

    /// What must be allowed to take somebody over; `None` if that way does not lead there at all.
    fn taking(&self, action: &'static str, target: u32) -> Option<Vec<Ask>> {
        let arn = self.arn(target);
        match action {
            "sts:AssumeRole" => {
                let people = self.trusted(target).is_some_and(|trusted| trusted.people);
                people.then(|| vec![Ask::new(action, arn).trust(Trust::Known)])
            }
            "iam:UpdateAssumeRolePolicy" => Some(rewriting(arn)),
            _ => Some(vec![Ask::new(action, arn)]),
        }
    }

    /// Others of an account that can be changed and are no administrators; those without boundary first.
    fn others(&self, node: u32, kind: Kind) -> Vec<u32> {
        let account = self.account_of(node);
        let fits = |other: &u32| {
            *other != self.base(node)
                && self.kind(*other) == kind
                && self.account_of(*other) == account
                && self.admin(*other) == Verdict::Never
                && !is_kept(self, *other)
        };
        let mut others: Vec<u32> = (0..self.real).filter(fits).collect();
        others.sort_by_key(|other| self.is_bounded(*other));
        others
    }

    /// Customer managed policies that a principal has, by itself or by its groups.
    pub(super) fn customer_policies(&self, node: u32) -> Vec<&Arc<ManagedPolicy>> {
        let Some(state) = self.state_of(node) else { return Vec::new() };
        let mut references: Vec<&PolicyRef> = Vec::new();
        match self.entity(node) {
            Entity::Root(_) => {}
            Entity::Role(role) => references.extend(&role.attached),
            Entity::User(user) => {
                references.extend(&user.attached);
                for group in &user.groups {
                    references.extend(state.groups.by_id(group.as_str()).iter().flat_map(|it| &it.attached));
                }
            }
        }
        let ids = references.into_iter().filter_map(|reference| match reference {
            PolicyRef::Customer(id) => state.policies.by_id(id.as_str()),
            PolicyRef::Aws(_) => None,
        });
        ids.collect()
    }

    fn customer_policy(&self, arn: &str) -> Option<&Arc<ManagedPolicy>> {
        let parts = base::ArnRef::parse(arn).filter(|parts| parts.resource.starts_with("policy/"))?;
        self.snapshot.account(AccountId::parse(parts.account).ok()?)?.policies.get(parts.name())
    }

    fn is_customer(&self, arn: &str) -> bool {
        self.customer_policy(arn).is_some()
    }

    /// ARNs of the account's own policies that allow everything.
    fn mighty(&self, account: AccountId) -> impl Iterator<Item = String> + '_ {
        let policies = self.snapshot.account(account).into_iter().flat_map(|state| state.policies.iter());
        let mighty = |policy: &&Arc<ManagedPolicy>| {
            let text = policy.default().map(|version| &version.text);
            let arn = policy.arn(self.partition);
            let label = || policy::PolicyLabel::new(policy::PolicyKind::Managed, arn.as_str(), &policy.name);
            let compiled = text.and_then(|text| text.compiled(label));
            compiled.is_some_and(|policy| policy.document().statements().iter().any(allows_everything))
        };
        policies.filter(mighty).map(|policy| policy.arn(self.partition).as_str().to_owned())
    }
}

fn allows_everything(statement: &Statement) -> bool {
    let all = |element: &policy::ListElement| {
        !element.negated && element.entries.iter().any(|entry| &*entry.value == "*" || &*entry.value == "*:*")
    };
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && all(&statement.action)
        && statement.resource.as_ref().is_some_and(all)
}
