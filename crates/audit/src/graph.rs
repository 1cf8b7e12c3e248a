//! The access graph: who can become whom, and how.
//!
//! Nodes are users and roles, as they are and as they would be with more: with everything allowed within their
//! boundary, without it, as members of another group. Edges are ways of the table of [`methods`], each decided exactly:
//! by identity policies, boundaries, SCPs and RCPs, trust policies, conditions, and what is known of credentials and
//! workloads. A verdict that depends on conditions which the holder of credentials can arrange counts as possible, and
//! the conditions are told. See docs/access-graph.md.
//!
//! The graph is searched backward from where it matters: only ways into administrators, and into whoever leads to
//! them, are ever asked about.

mod admin;
mod ask;
mod draw;
mod edges;
pub mod methods;
mod remedy;
mod search;
mod sensitive;
mod steps;
mod trust;
mod variants;
mod world;

pub use remedy::remedy;
pub use search::{Blast, Goal, Path};

use crate::estate::Estate;
use crate::people::Everybody;
use admin::Powers;
use analysis::who_can::{Kind, Verdict};
use base::{AccountId, Timestamp};
use edges::Edge;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use variants::{Maker, Way};
use world::{Change, World};

/// How often what was made of somebody is asked what it can make in turn.
const ROUNDS: usize = 3;

/// The access graph of an estate.
#[derive(Debug)]
pub struct Graph {
    world: World,
    /// Edges to nodes that are principals with more, by that node.
    into: HashMap<u32, Vec<Edge>>,
    /// The way of every node to an administrator.
    to_admin: OnceLock<search::Backward>,
    powers: OnceLock<Vec<Powers>>,
    lateral: OnceLock<HashMap<u32, (Edge, Powers)>>,
}

/// A principal of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who(u32);

impl Graph {
    /// The graph of an estate, as of `now`: conditions on the time hold or not.
    pub fn new(estate: &Estate, now: Timestamp) -> Self {
        Self::of(estate, Arc::new(Everybody::of(estate)), now)
    }

    /// The same of an estate whose principals were gathered already.
    pub fn of(estate: &Estate, everybody: Arc<Everybody>, now: Timestamp) -> Self {
        let mut graph = Self {
            world: World::new(estate, everybody, now),
            into: HashMap::new(),
            to_admin: OnceLock::new(),
            powers: OnceLock::new(),
            lateral: OnceLock::new(),
        };
        graph.make();
        graph
    }

    /// Adds what principals can make of themselves and others, and what that can make.
    fn make(&mut self) {
        let mut places: HashMap<(u32, Change), u32> = HashMap::new();
        let mut first = 0;
        for _ in 0..ROUNDS {
            let world = &self.world;
            let asked = (first..world.nodes.len() as u32)
                .filter(|node| world.is_source(*node) && world.admin(*node) == Verdict::Never);
            let ways: Vec<Way> = asked.flat_map(|node| Maker::ways(world, node)).collect();
            let mut new = Vec::new();
            for way in ways.iter().filter(|way| way.change != Change::None) {
                let key = (way.base, way.change.clone());
                let next = self.world.nodes.len() + new.len();
                if let std::collections::hash_map::Entry::Vacant(entry) = places.entry(key) {
                    new.push(entry.key().clone());
                    entry.insert(next as u32);
                }
            }
            first = self.world.add(&new);
            for Way { base, change, mut edge } in ways {
                edge.to = places.get(&(base, change)).copied().unwrap_or(base);
                if edge.to != edge.from {
                    self.into.entry(edge.to).or_default().push(edge);
                }
            }
            if new.is_empty() {
                break;
            }
        }
    }

    /// Every user, role and root user, in the order of the accounts.
    pub fn everybody(&self) -> impl Iterator<Item = Who> + use<> {
        (0..self.world.real).map(Who)
    }

    /// The principal of an ARN.
    pub fn by_arn(&self, arn: &str) -> Option<Who> {
        self.world.by_arn(arn).map(Who)
    }

    /// The ARN of a principal.
    pub fn arn(&self, who: Who) -> &str {
        self.world.arn(who.0)
    }

    /// What kind of principal it is.
    pub fn kind(&self, who: Who) -> Kind {
        self.world.kind(who.0)
    }

    /// The account that it is of.
    pub fn account(&self, who: Who) -> AccountId {
        self.world.account_of(who.0)
    }

    /// Whether it is an administrator, whatever its policies are called: it can give itself anything, and can do nearly
    /// everything else; [`Verdict::If`] under conditions.
    pub fn admin(&self, who: Who) -> Verdict {
        self.world.admin(who.0)
    }

    /// What of a kind it can do on anything, in words: `read every secret`.
    pub fn powers(&self, who: Who) -> impl Iterator<Item = &'static str> {
        self.powers_of(who.0).names()
    }

    /// Whether what runs as which role is known in an account; without, ways through it are not found.
    pub fn workloads_known(&self, account: AccountId) -> bool {
        self.world.workloads_known(account)
    }

    /// How somebody who cannot become an administrator gets what it cannot do itself, by a way that nobody meant: a role
    /// that it may assume was given to it. Tells what it gets.
    pub fn lateral(&self, from: Who) -> Option<(Path, Vec<&'static str>)> {
        let (edge, gained) = self.lateral.get_or_init(|| self.find_lateral()).get(&from.0)?;
        Some((self.told(from.0, std::slice::from_ref(edge)), gained.names().collect()))
    }

    fn find_lateral(&self) -> HashMap<u32, (Edge, Powers)> {
        let mut found: HashMap<u32, (Edge, Powers)> = HashMap::new();
        let world = &self.world;
        let reach_admin =
            |node| world.admin(node) != Verdict::Never || self.path_to_admin(Who(node)).is_some();
        let ordinary = |node: &u32| world.is_source(*node) && !reach_admin(*node);
        for to in (0..world.real).filter(ordinary) {
            let powers = self.powers_of(to);
            if powers.is_empty() {
                continue;
            }
            for from in world.candidates(to).into_iter().filter(|from| *from < world.real && ordinary(from)) {
                let gained = powers.beyond(self.powers_of(from));
                if gained.is_empty() || found.contains_key(&from) {
                    continue;
                }
                let mut edges = edges::Between::find(world, from, to, true).into_iter();
                if let Some(edge) = edges.find(|edge| edge.method.shape != methods::Shape::Assume) {
                    found.insert(from, (edge, gained));
                }
            }
        }
        found
    }

    /// Whether a role can be had by a service that runs code or calls operations for others.
    pub fn is_workload_role(&self, who: Who) -> bool {
        let passed = methods::of(methods::Shape::Pass).flat_map(|method| &method.trust);
        let trusted = self.world.trusted(who.0);
        trusted.is_some_and(|trusted| passed.into_iter().any(|service| trusted.service(service).is_some()))
    }

    fn powers_of(&self, node: u32) -> Powers {
        let all = self.powers.get_or_init(|| {
            let judge = |node| match self.world.is_source(node) {
                true => self.world.judge_powers(node),
                false => Powers::default(),
            };
            (0..self.world.real).map(judge).collect()
        });
        all.get(node as usize).copied().unwrap_or_default()
    }
}
