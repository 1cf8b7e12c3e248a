//! The principals of an estate as nodes: as they are, and as they would be with more.

use super::ask::Ask;
use super::sensitive::{Actions, Filter, Trials};
use super::trust::Trusted;
use crate::estate::Estate;
use crate::people::{Entity, Everybody, Gathering, Limits, everything, limits};
use analysis::who_can::{Kind, PersonId, Population, Question, Verdict};
use base::{AccountId, Partition, Timestamp, UniqueId};
use model::{AccountState, EffectivePolicies, PolicyRef, Snapshot, Workload};
use policy::{CompiledPolicy, ContextMap, PolicyKind, PolicyLabel, Principal};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// What makes a node more than the principal is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Change {
    /// Nothing: the principal as it is.
    None,
    /// A policy that allows everything, under the same boundary.
    Given,
    /// No permissions boundary, and perhaps everything allowed.
    Freed {
        /// Whether everything is allowed besides.
        given: bool,
    },
    /// A member of this group.
    Joined(UniqueId),
    /// This version of this policy is in force.
    Versioned(UniqueId, u32),
}

/// A principal, as it is or as it would be.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) layer: usize,
    pub(super) person: PersonId,
    /// The node of the principal as it is.
    pub(super) base: u32,
    pub(super) change: Change,
    actions: Actions,
    /// Whether it is an administrator.
    pub(super) admin: Verdict,
}

/// What is known of a user's credentials.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Credentials {
    pub(super) known: bool,
    pub(super) keys: usize,
    pub(super) password: Option<bool>,
    pub(super) mfa: bool,
}

/// What nodes can do on resources whose names can be chosen, by action.
pub(super) type Anywhere = HashMap<(u32, &'static str), Option<Vec<Ask>>>;

/// What nodes can do on resources of which nothing is special, by layer, account and action: by the number of the person.
pub(super) type OnAnything = HashMap<(usize, AccountId, &'static str), Arc<[Verdict]>>;

/// Everything that edges are found by.
#[derive(Debug)]
pub(super) struct World {
    pub(super) partition: Partition,
    pub(super) snapshot: Snapshot,
    pub(super) nodes: Vec<Node>,
    /// How many of the nodes are principals as they are; they come first.
    pub(super) real: u32,
    everybody: Arc<Everybody>,
    limits: BTreeMap<AccountId, Limits>,
    /// Principals with more; the first layer is everybody.
    layers: Vec<Population>,
    /// The nodes of each layer, by the number of the person.
    layer_nodes: Vec<Vec<u32>>,
    places: HashMap<String, u32>,
    /// Condition keys that any policy speaks of, in lower case.
    mentioned: BTreeSet<String>,
    /// Keys that tell tags of resources, with the names of the tags.
    pub(super) tag_keys: Vec<(String, String)>,
    /// Regions that policies require or forbid, in their order.
    regions: Vec<String>,
    pub(super) times: Vec<(&'static str, String)>,
    trusted: Vec<Option<Trusted>>,
    /// Workloads by the ARN of their role.
    by_role: HashMap<String, Vec<Workload>>,
    /// The roles of workloads, by the workloads' ARNs.
    role_of: HashMap<String, String>,
    workloads_known: HashSet<AccountId>,
    tagged: HashSet<AccountId>,
    credentials: HashMap<String, Credentials>,
    profiles: HashMap<AccountId, HashSet<UniqueId>>,
    filter: Filter,
    /// Whether there is an instance of IAM Identity Center, and the management account.
    pub(super) sign_on: Option<Option<AccountId>>,
    pub(super) anywhere: Mutex<Anywhere>,
    pub(super) on_anything: Mutex<OnAnything>,
}

impl World {
    /// The principals of an estate.
    pub(super) fn new(estate: &Estate, everybody: Arc<Everybody>, now: Timestamp) -> Self {
        let organization = estate.organization.as_ref();
        let mut world = Self {
            partition: estate.partition,
            snapshot: estate.snapshot.clone(),
            nodes: Vec::new(),
            real: 0,
            everybody,
            limits: BTreeMap::new(),
            layers: Vec::new(),
            layer_nodes: Vec::new(),
            places: HashMap::new(),
            mentioned: BTreeSet::new(),
            tag_keys: Vec::new(),
            regions: Vec::new(),
            times: vec![
                ("aws:currenttime", now.iso()),
                ("aws:epochtime", now.seconds().to_string()),
                // Credentials of an older date have ended.
                ("aws:tokenissuetime", now.iso()),
            ],
            trusted: Vec::new(),
            by_role: HashMap::new(),
            role_of: HashMap::new(),
            workloads_known: HashSet::new(),
            tagged: HashSet::new(),
            credentials: HashMap::new(),
            profiles: HashMap::new(),
            filter: Filter::default(),
            sign_on: estate.sign_on.as_ref().map(|_| organization.and_then(|it| it.management_account)),
            anywhere: Mutex::default(),
            on_anything: Mutex::default(),
        };
        for state in estate.snapshot.accounts() {
            world.limits.insert(state.id(), limits(estate, state.id()));
            let profiles = state.instance_profiles.iter().filter_map(|profile| profile.role.clone());
            world.profiles.insert(state.id(), profiles.collect());
        }
        world.read_facts(estate);
        world.add_everybody();
        world
    }

    fn read_facts(&mut self, estate: &Estate) {
        for (account, facts) in &estate.accounts {
            for workload in facts.workloads.iter().flatten() {
                self.by_role.entry(workload.role.clone()).or_default().push(workload.clone());
                self.role_of.insert(workload.arn.clone(), workload.role.clone());
                if !workload.tags.is_empty() {
                    self.tagged.insert(*account);
                }
            }
            if facts.workloads.is_some() {
                self.workloads_known.insert(*account);
            }
            for row in facts.credential_report.iter().flat_map(|report| &report.rows) {
                let known = Credentials {
                    known: true,
                    keys: row.keys.len(),
                    password: row.password_enabled,
                    mfa: row.mfa_active,
                };
                self.credentials.insert(row.arn.clone(), known);
            }
        }
    }

    fn add_everybody(&mut self) {
        let everybody = Arc::clone(&self.everybody);
        for (entity, base) in everybody.entities.iter().zip(0..) {
            self.places.insert(entity.arn(self.partition), base);
            let trusted = self.read_trust(entity);
            self.trusted.push(trusted);
        }
        self.real = everybody.entities.len() as u32;
        let limits: Vec<Arc<CompiledPolicy>> = self
            .limits
            .values()
            .flat_map(|limits| limits.scps.iter().chain(&limits.rcps).flatten().cloned())
            .collect();
        self.read_keys(&limits);
        let persons = everybody.population.people().zip(0..);
        self.settle(persons.map(|(person, base)| (person, base, Change::None)).collect());
    }

    fn read_trust(&mut self, entity: &Entity) -> Option<Trusted> {
        let Entity::Role(role) = entity else { return None };
        let policy = self.snapshot.account(role.account)?.compiled_trust(role, self.partition)?;
        self.read_keys(std::slice::from_ref(&policy));
        Some(Trusted::read(policy.document(), role.account))
    }

    /// Adds nodes as one layer. Returns the place of the first.
    pub(super) fn add(&mut self, new: &[(u32, Change)]) -> u32 {
        let first = self.nodes.len() as u32;
        let mut gathering = Gathering::new(self.partition);
        for (account, limits) in &self.limits {
            gathering.account(*account, limits);
        }
        let mut persons = Vec::new();
        for (base, change) in new {
            let policies = self.policies_with(*base, change);
            let Some(entity) = self.everybody.entities.get(*base as usize) else { continue };
            let Some(person) = gathering.person(entity, &policies) else { continue };
            persons.push((person, *base, change.clone()));
        }
        self.layers.push(gathering.finish());
        self.settle(persons);
        first
    }

    /// Makes nodes of the persons of the newest layer, in the order of their numbers.
    fn settle(&mut self, persons: Vec<(PersonId, u32, Change)>) {
        let (first, layer) = (self.nodes.len() as u32, self.layer_nodes.len());
        let (nobody, context) = (Principal::anonymous(), ContextMap::new());
        let trials = Trials::new(&nobody, &context);
        let mut members = Vec::new();
        for (person, base, change) in persons {
            let policies = self.policies_with(base, &change);
            self.read_keys(&policies.identity);
            self.read_keys(policies.boundary.as_deref().unwrap_or_default());
            let actions = self.filter.of(&policies.identity, &trials);
            members.push(self.nodes.len() as u32);
            self.nodes.push(Node { layer, person, base, change, actions, admin: Verdict::Never });
        }
        self.layer_nodes.push(members);
        for node in first..self.nodes.len() as u32 {
            let admin = match self.kind(node) {
                Kind::Root => Verdict::Always,
                _ => self.judge_admin(node),
            };
            if let Some(node) = self.nodes.get_mut(node as usize) {
                node.admin = admin;
            }
        }
    }

    /// Remembers the condition keys that policies speak of.
    fn read_keys(&mut self, policies: &[Arc<CompiledPolicy>]) {
        for policy in policies {
            let statements = policy.document().statements().iter();
            for element in statements.flat_map(|statement| &statement.conditions) {
                let key = &element.key.value;
                let lower = key.to_ascii_lowercase();
                if lower == "aws:requestedregion" {
                    let values = element.values.iter().map(|value| value.value.to_string());
                    self.regions.extend(values.filter(|value| !value.contains(['*', '?', '$'])));
                }
                if self.mentioned.contains(&lower) {
                    continue;
                }
                if let Some((_, tag)) = lower.split_once(":resourcetag/") {
                    self.tag_keys.push((lower.clone(), tag.to_owned()));
                }
                self.mentioned.insert(lower);
            }
        }
    }

    /// The policies of a node.
    pub(super) fn policies(&self, node: u32) -> EffectivePolicies {
        match self.node(node) {
            Some(node) => self.policies_with(node.base, &node.change),
            None => EffectivePolicies::default(),
        }
    }

    fn policies_with(&self, base: u32, change: &Change) -> EffectivePolicies {
        let Some(entity) = self.everybody.entities.get(base as usize) else {
            return EffectivePolicies::default();
        };
        let Some(state) = self.snapshot.account(entity.account()) else {
            return EffectivePolicies::default();
        };
        let mut policies = entity.policies(state, self.partition);
        let arn = entity.arn(self.partition);
        let given = || everything(PolicyKind::Inline, &arn, "anything");
        match change {
            Change::None => {}
            Change::Given => policies.identity.extend(given()),
            Change::Freed { given: more } => {
                policies.boundary = None;
                policies.identity.extend(more.then(given).flatten());
            }
            Change::Joined(group) => policies.identity.extend(self.of_group(state, group)),
            Change::Versioned(policy, number) => self.put_in_force(state, policy, *number, &mut policies),
        }
        policies
    }

    fn of_group(&self, state: &AccountState, group: &UniqueId) -> Vec<Arc<CompiledPolicy>> {
        let Some(group) = state.groups.by_id(group.as_str()) else { return Vec::new() };
        let arn = group.arn(self.partition);
        let label = |name: &str| PolicyLabel::new(PolicyKind::Inline, arn.as_str(), name);
        let inline = group.inline.iter().filter_map(|(name, text)| text.compiled(|| label(name)).cloned());
        let attached =
            group.attached.iter().filter_map(|reference| state.compiled(reference, self.partition));
        inline.chain(attached).collect()
    }

    fn put_in_force(
        &self,
        state: &AccountState,
        policy: &UniqueId,
        number: u32,
        policies: &mut EffectivePolicies,
    ) {
        let Some(policy) = state.policies.by_id(policy.as_str()) else { return };
        let arn = policy.arn(self.partition);
        let name = format!("{} (v{number})", policy.name);
        let label = || PolicyLabel::new(PolicyKind::Managed, arn.as_str(), &name);
        let Some(version) = policy.version(number).and_then(|version| version.text.compiled(label).cloned())
        else {
            return;
        };
        let boundary = policies.boundary.iter_mut().flatten();
        for place in policies.identity.iter_mut().chain(boundary) {
            if *place.label().id == *arn.as_str() {
                *place = Arc::clone(&version);
            }
        }
    }

    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// The node of the principal as it is.
    pub(super) fn base(&self, node: u32) -> u32 {
        self.node(node).map_or(node, |node| node.base)
    }

    /// Whether somebody is an administrator.
    pub(super) fn admin(&self, node: u32) -> Verdict {
        self.node(node).map_or(Verdict::Never, |node| node.admin)
    }

    /// The population that a node is of, and its number there.
    pub(super) fn population(&self, node: u32) -> Option<(&Population, PersonId)> {
        let node = self.node(node)?;
        Some((self.layer(node.layer)?, node.person))
    }

    fn layer(&self, layer: usize) -> Option<&Population> {
        match layer {
            0 => Some(&self.everybody.population),
            more => self.layers.get(more - 1),
        }
    }

    /// Whoever can do this, of all nodes.
    pub(super) fn who(&self, ask: &Ask) -> Vec<u32> {
        self.question(None, ask).map(|question| self.who_solves(&question)).unwrap_or_default()
    }

    /// Whoever can do what is asked, of all nodes.
    pub(super) fn who_solves(&self, question: &Question) -> Vec<u32> {
        let mut found = Vec::new();
        let layers = std::iter::once(&self.everybody.population).chain(&self.layers);
        for (population, members) in layers.zip(&self.layer_nodes) {
            let solution = population.who_can(question);
            let people = solution.people(population);
            found.extend(people.filter_map(|(person, _)| members.get(person.number()).copied()));
        }
        found
    }

    /// Whom a node stands for.
    pub(super) fn entity(&self, node: u32) -> &Entity {
        let base = self.base(node) as usize;
        #[expect(clippy::indexing_slicing, reason = "every node's base is the place of an entity")]
        &self.everybody.entities[base]
    }

    pub(super) fn kind(&self, node: u32) -> Kind {
        self.entity(node).kind()
    }

    pub(super) fn account_of(&self, node: u32) -> AccountId {
        self.entity(node).account()
    }

    pub(super) fn state_of(&self, node: u32) -> Option<&Arc<AccountState>> {
        self.snapshot.account(self.account_of(node))
    }

    pub(super) fn arn(&self, node: u32) -> &str {
        self.population(node).map_or("", |(population, person)| population.arn(person))
    }

    /// The principal of an ARN, as it is.
    pub(super) fn by_arn(&self, arn: &str) -> Option<u32> {
        self.places.get(arn).copied()
    }

    /// Whether a node's policies allow this on anything at all.
    pub(super) fn may(&self, node: u32, action: &str) -> bool {
        self.node(node).is_some_and(|node| node.actions.has(action))
    }

    /// Whether any policy speaks of this condition key.
    pub(super) fn is_mentioned(&self, key: &str) -> bool {
        self.mentioned.contains(key)
    }

    /// Whether an attacker can be there: neither a service nor a root user.
    pub(super) fn is_source(&self, node: u32) -> bool {
        matches!(self.kind(node), Kind::User | Kind::Role)
    }

    pub(super) fn trusted(&self, role: u32) -> Option<&Trusted> {
        self.trusted.get(self.base(role) as usize)?.as_ref()
    }

    pub(super) fn trust_of(&self, role: &str) -> Option<Arc<CompiledPolicy>> {
        let Entity::Role(role) = self.entity(self.by_arn(role)?) else { return None };
        self.snapshot.account(role.account)?.compiled_trust(role, self.partition)
    }

    /// The ARN of the policy that is a principal's boundary.
    pub(super) fn boundary_arn(&self, node: u32) -> Option<String> {
        let reference = match self.entity(node) {
            Entity::Root(_) => None,
            Entity::User(user) => user.boundary.as_ref(),
            Entity::Role(role) => role.boundary.as_ref(),
        };
        self.policy_arn(self.account_of(node), reference?)
    }

    /// Whether a principal has a permissions boundary.
    pub(super) fn is_bounded(&self, node: u32) -> bool {
        match self.entity(node) {
            Entity::Root(_) => false,
            Entity::User(user) => user.boundary.is_some(),
            Entity::Role(role) => role.boundary.is_some(),
        }
    }

    pub(super) fn policy_arn(&self, account: AccountId, reference: &PolicyRef) -> Option<String> {
        match reference {
            PolicyRef::Customer(id) => {
                let policy = self.snapshot.account(account)?.policies.by_id(id.as_str())?;
                Some(policy.arn(self.partition).as_str().to_owned())
            }
            PolicyRef::Aws(resource) => Some(format!("arn:{}:iam::aws:{resource}", self.partition.id())),
        }
    }

    pub(super) fn administrator_access(&self) -> String {
        format!("arn:{}:iam::aws:policy/AdministratorAccess", self.partition.id())
    }

    /// A region to try things in: one that policies speak of, if they do not speak of the usual one.
    pub(super) fn region(&self) -> &str {
        let usual = match self.partition.id() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => "us-east-1",
        };
        match self.regions.first() {
            Some(first) if !self.regions.iter().any(|region| region == usual) => first,
            _ => usual,
        }
    }

    /// What runs as a role.
    pub(super) fn workloads(&self, role: u32) -> &[Workload] {
        self.by_role.get(self.arn(role)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn workload(&self, arn: &str) -> Option<&Workload> {
        let role = self.role_of.get(arn)?;
        self.by_role.get(role)?.iter().find(|workload| workload.arn == arn)
    }

    /// Whether what runs as which role is known in an account.
    pub(super) fn workloads_known(&self, account: AccountId) -> bool {
        self.workloads_known.contains(&account)
    }

    /// Whether tags of workloads are known.
    pub(super) fn tags_known(&self, account: AccountId) -> bool {
        self.tagged.contains(&account)
    }

    pub(super) fn credentials(&self, user: u32) -> Credentials {
        self.credentials.get(self.arn(user)).copied().unwrap_or_default()
    }

    /// Whether an instance profile holds a role; not known where the account has none at all.
    pub(super) fn has_profile(&self, role: u32) -> Option<bool> {
        let Entity::Role(entity) = self.entity(role) else { return Some(false) };
        let profiles = self.profiles.get(&entity.account)?;
        (!profiles.is_empty()).then(|| profiles.contains(&entity.id))
    }
}
