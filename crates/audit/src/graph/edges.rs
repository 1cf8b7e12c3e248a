//! Edges: who can become whom, by which way, decided exactly.

use super::ask::{Ask, Trust};
use super::methods::{self, Method, On, Shape};
use super::world::World;
use crate::people::Entity;
use analysis::who_can::{Kind, Verdict};
use model::Workload;

/// A way that one node has to another.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) method: &'static Method,
    /// What is used: a function, an instance, a policy, a group; empty if nothing is.
    pub(super) through: String,
    /// Everything that must be allowed.
    pub(super) asks: Vec<Ask>,
    /// Whether all of it is allowed whatever the conditions.
    pub(super) settled: bool,
    /// What besides must hold, in words.
    pub(super) conditions: Vec<String>,
}

impl Edge {
    pub(super) fn new(from: u32, to: u32, method: &'static Method, verdict: Verdict) -> Self {
        Self {
            from,
            to,
            method,
            through: String::new(),
            asks: Vec::new(),
            settled: verdict == Verdict::Always,
            conditions: method.prerequisite.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    pub(super) fn asking(mut self, asks: Vec<Ask>) -> Self {
        self.asks = asks;
        self
    }

    pub(super) fn through(mut self, arn: impl Into<String>) -> Self {
        self.through = arn.into();
        self
    }
}

/// Looks for edges between two nodes.
pub(super) struct Between<'w> {
    pub(super) world: &'w World,
    pub(super) from: u32,
    pub(super) to: u32,
    /// Whether every edge is looked for, or the first suffices.
    pub(super) every: bool,
    found: Vec<Edge>,
}

impl<'w> Between<'w> {
    /// The edges from a node to a principal as it is.
    pub(super) fn find(world: &'w World, from: u32, to: u32, every: bool) -> Vec<Edge> {
        let mut between = Self { world, from, to, every, found: Vec::new() };
        if world.base(from) == to {
            return between.found;
        }
        match world.kind(to) {
            Kind::Role => {
                between.assume();
                between.rewrite_trust();
                between.pass();
                between.use_workloads();
            }
            Kind::User => between.credentials(),
            Kind::LinkedRole | Kind::Root => {}
        }
        between.found
    }

    fn is_done(&self) -> bool {
        !self.every && !self.found.is_empty()
    }

    /// Notes an edge if everything that it asks is allowed.
    fn try_edge(&mut self, method: &'static Method, asks: Vec<Ask>, through: &str) {
        let verdict = self.world.judge_all(self.from, &asks);
        if verdict != Verdict::Never {
            self.found.push(Edge::new(self.from, self.to, method, verdict).asking(asks).through(through));
        }
    }

    fn is_same_account(&self) -> bool {
        self.world.account_of(self.from) == self.world.account_of(self.to)
    }

    fn assume(&mut self) {
        if !self.world.trusted(self.to).is_some_and(|trusted| trusted.people) {
            return;
        }
        for method in methods::of(Shape::Assume) {
            let ask = Ask::new("sts:AssumeRole", self.world.arn(self.to)).trust(Trust::Known);
            self.try_edge(method, vec![ask], "");
        }
    }

    fn rewrite_trust(&mut self) {
        let world = self.world;
        if self.is_done() || !self.is_same_account() || is_kept(world, self.to) {
            return;
        }
        for method in methods::of(Shape::Trust) {
            if world.may(self.from, "iam:UpdateAssumeRolePolicy") {
                self.try_edge(method, rewriting(world.arn(self.to)), "");
            }
        }
    }

    fn pass(&mut self) {
        let world = self.world;
        if self.is_done() || !self.is_same_account() || !world.may(self.from, "iam:PassRole") {
            return;
        }
        let Some(trusted) = world.trusted(self.to) else { return };
        let mut passed: Vec<(&str, Verdict)> = Vec::new();
        for method in methods::of(Shape::Pass) {
            if self.is_done() {
                return;
            }
            if !method.needs.iter().all(|need| world.may(self.from, need.action)) {
                continue;
            }
            for service in &method.trust {
                let Some((name, conditions)) = trusted.service(service) else { continue };
                let ask = passing(world.arn(self.to), name);
                let known = passed.iter().find(|(known, _)| known == service).map(|(_, verdict)| *verdict);
                let verdict = known.unwrap_or_else(|| world.judge(self.from, &ask));
                passed.push((service, verdict));
                if verdict == Verdict::Never {
                    continue;
                }
                if let Some(mut edge) = self.pass_by(method, ask, *service == "ec2.amazonaws.com") {
                    edge.conditions.extend(conditions.iter().map(|text| format!("the role's trust: {text}")));
                    self.found.push(edge);
                    break;
                }
            }
        }
    }

    /// The edge by a way, if the rest of it is allowed too.
    fn pass_by(&self, method: &'static Method, pass: Ask, on_instance: bool) -> Option<Edge> {
        let mut asks = vec![pass];
        for need in method.needs.iter().filter(|need| need.on == On::Any) {
            asks.extend(self.world.anywhere(self.from, need.action)?);
        }
        if on_instance && self.world.has_profile(self.to) == Some(false) {
            for action in ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"] {
                asks.extend(self.world.anywhere(self.from, action)?);
            }
        }
        let verdict = self.world.judge_all(self.from, &asks);
        (verdict != Verdict::Never).then(|| Edge::new(self.from, self.to, method, verdict).asking(asks))
    }

    fn use_workloads(&mut self) {
        for workload in self.world.workloads(self.to) {
            for method in methods::of(Shape::Use).filter(|method| method.workloads.contains(&&*workload.kind))
            {
                if self.is_done() {
                    return;
                }
                if let Some(asks) = self.using(method, workload) {
                    self.try_edge(method, asks, &workload.arn);
                }
            }
        }
    }

    /// What a way asks of a workload.
    fn using(&self, method: &Method, workload: &Workload) -> Option<Vec<Ask>> {
        let mut asks = Vec::new();
        for need in &method.needs {
            if !self.world.may(self.from, need.action) {
                return None;
            }
            match need.on {
                On::Target => {
                    asks.push(Ask::new(need.action, &workload.arn));
                    asks.extend(self.beside(need.action, &workload.arn)?);
                }
                _ => asks.extend(self.world.anywhere(self.from, need.action)?),
            }
        }
        Some(asks)
    }

    /// What an action that is asked of a target names besides: a document of Systems Manager, say.
    fn beside(&self, action: &'static str, target: &str) -> Option<Vec<Ask>> {
        use policy::catalogue::Catalogue;
        let facts = Catalogue::get().action(action)?;
        let others = facts.resource_types().filter(|used| used.required());
        let others: Vec<_> = others.map(|used| used.resource_type()).collect();
        if others.iter().all(|kind| super::ask::is_of(*kind, target)) {
            return Some(Vec::new());
        }
        let all = self.world.anywhere(self.from, action)?;
        let others = others.iter().filter(|kind| !super::ask::is_of(**kind, target));
        let asks =
            others.map(|kind| all.iter().find(|ask| super::ask::is_of(*kind, ask.resource())).cloned());
        asks.collect()
    }

    fn credentials(&mut self) {
        if !self.is_same_account() {
            return;
        }
        let known = self.world.credentials(self.to);
        for method in methods::of(Shape::Credentials) {
            if self.is_done() {
                return;
            }
            let possible = match method.id {
                "iam-002" => known.keys < 2,
                "iam-003" => known.keys >= 2,
                "iam-004" => known.password != Some(true) && !known.mfa,
                "iam-006" => known.password != Some(false) && !known.mfa,
                _ => true,
            };
            if possible && method.needs.iter().all(|need| self.world.may(self.from, need.action)) {
                let ask = |need: &methods::Need| Ask::new(need.action, self.world.arn(self.to));
                let asks = method.needs.iter().map(ask).collect();
                let before = self.found.len();
                self.try_edge(method, asks, "");
                if let (false, Some(edge)) = (known.known, self.found.get_mut(before)) {
                    edge.conditions.extend(unknown(method.id).map(str::to_owned));
                }
            }
        }
    }
}

/// What is not known without the credential report.
fn unknown(method: &str) -> Option<&'static str> {
    match method {
        "iam-002" => Some("the user must not have two access keys already"),
        "iam-004" => Some("the user must not have a password already, nor an MFA device"),
        "iam-006" => Some("the user must have a password, and no MFA device"),
        _ => None,
    }
}

/// Whether AWS keeps others from changing a role.
pub(super) fn is_kept(world: &World, role: u32) -> bool {
    match world.entity(role) {
        Entity::Role(role) => role.is_service_linked() || role.is_reserved(),
        _ => false,
    }
}

/// Rewriting a role's trust policy, and assuming the role then.
pub(super) fn rewriting(role: &str) -> Vec<Ask> {
    vec![
        Ask::new("iam:UpdateAssumeRolePolicy", role),
        Ask::new("sts:AssumeRole", role).trust(Trust::Rewritten),
    ]
}

/// Passing a role to a service; identity providers are named as services are.
pub(super) fn passing(role: &str, service: &str) -> Ask {
    Ask::new("iam:PassRole", role).with("iam:passedtoservice", service)
}

impl World {
    /// Questions one of which is answered yes for whoever has an edge to a principal; `None` among them if it cannot be
    /// told by a question.
    pub(super) fn gates(&self, to: u32) -> Vec<Ask> {
        let arn = self.arn(to);
        if self.kind(to) == Kind::User {
            let ways = methods::of(Shape::Credentials).filter_map(|method| method.needs.first());
            return ways.map(|need| Ask::new(need.action, arn)).collect();
        }
        let mut gates = vec![Ask::new("iam:UpdateAssumeRolePolicy", arn)];
        let Some(trusted) = self.trusted(to) else { return gates };
        if trusted.people {
            gates.push(Ask::new("sts:AssumeRole", arn).trust(Trust::Known));
        }
        let mut services: Vec<&str> =
            methods::of(Shape::Pass).flat_map(|method| method.trust.iter().copied()).collect();
        services.sort_unstable();
        services.dedup();
        let named = services.into_iter().filter_map(|service| trusted.service(service));
        gates.extend(named.map(|(name, _)| passing(arn, name)));
        for workload in self.workloads(to) {
            for method in methods::of(Shape::Use).filter(|method| method.workloads.contains(&&*workload.kind))
            {
                let need = method.needs.iter().find(|need| need.on == On::Target);
                gates.extend(need.map(|need| Ask::new(need.action, &workload.arn)));
            }
        }
        gates
    }

    /// Whoever may have an edge to a principal.
    pub(super) fn candidates(&self, to: u32) -> Vec<u32> {
        let mut found: Vec<u32> = self.gates(to).iter().flat_map(|gate| self.who(gate)).collect();
        let has_tasks = self.workloads(to).iter().any(|workload| workload.kind.starts_with("AWS::ECS::"));
        if has_tasks {
            let all = 0..self.nodes.len() as u32;
            found.extend(all.filter(|node| self.may(*node, "ecs:ExecuteCommand")));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|node| self.is_source(*node));
        found
    }
}
