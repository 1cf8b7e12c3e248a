//! Searches: backward from where it matters, forward from one principal.

use super::edges::{Between, Edge};
use super::{Graph, Who};
use crate::finding::Step;
use analysis::who_can::{Kind, QuestionError, Verdict};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// A way from one principal to another, or to more permissions.
#[derive(Debug, Clone)]
pub struct Path {
    /// Who goes it.
    pub from: Who,
    /// Where it ends: the same one if it gains permissions itself.
    pub to: Who,
    /// Whether it ends at an administrator.
    pub admin: bool,
    /// Whether every step is allowed whatever the conditions.
    pub unconditional: bool,
    /// The steps.
    pub steps: Vec<Step>,
    pub(super) edges: Vec<Edge>,
}

/// Where paths may lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Any administrator.
    Admin,
    /// A principal.
    Principal(Who),
    /// Whoever can do this.
    Action {
        /// The action: `s3:GetObject`.
        action: String,
        /// The resource's ARN, or `*`.
        resource: String,
    },
}

/// What somebody can reach.
#[derive(Debug, Clone)]
pub struct Blast {
    /// Who.
    pub from: Who,
    /// Whether it is an administrator, or can become one: then it reaches everything of the account.
    pub admin: bool,
    /// The shortest path to every principal that it can become, the nearest first. Behind an administrator nothing is
    /// looked for.
    pub paths: Vec<Path>,
    /// What it or those that it can become can do on anything, in words.
    pub powers: BTreeSet<&'static str>,
}

/// The next edge of every node on its shortest way to the goals.
#[derive(Debug, Default)]
pub(super) struct Backward {
    next: HashMap<u32, Edge>,
    goals: HashSet<u32>,
    /// Nodes in the order in which they were reached.
    order: Vec<u32>,
}

/// How many paths are told at most where all are asked for.
const MOST: usize = 1_000;
/// How long they are at most.
const LONGEST: usize = 6;

impl Graph {
    /// The shortest path of a principal to the goal. `None` if there is none, or it is there already.
    ///
    /// # Errors
    /// If the action or resource of the goal cannot be asked of.
    pub fn shortest(&self, from: Who, goal: &Goal) -> Result<Option<Path>, QuestionError> {
        Ok(match goal {
            Goal::Admin => self.path_to_admin(from),
            goal => self.path(&self.backward(self.goals(goal)?), from.0),
        })
    }

    /// The shortest path of a principal to an administrator, unless it is one.
    pub fn path_to_admin(&self, from: Who) -> Option<Path> {
        self.path(self.to_admin(), from.0)
    }

    /// The shortest path of everybody who can reach the goal and is not there already, the nearest first.
    ///
    /// # Errors
    /// If the action or resource of the goal cannot be asked of.
    pub fn all_who_reach(&self, goal: &Goal) -> Result<Vec<Path>, QuestionError> {
        let found;
        let backward = match goal {
            Goal::Admin => self.to_admin(),
            goal => {
                found = self.backward(self.goals(goal)?);
                &found
            }
        };
        let reached = backward.order.iter().filter(|node| **node < self.world.real);
        Ok(reached.filter_map(|node| self.path(backward, *node)).collect())
    }

    /// Every principal that is at the goal without any path.
    ///
    /// # Errors
    /// If the action or resource of the goal cannot be asked of.
    pub fn at(&self, goal: &Goal) -> Result<Vec<Who>, QuestionError> {
        let mut goals = self.goals(goal)?;
        goals.retain(|node| *node < self.world.real);
        Ok(goals.into_iter().map(Who).collect())
    }

    /// Whether somebody is at the goal without any path.
    ///
    /// # Errors
    /// If the action or resource of the goal cannot be asked of.
    pub fn verdict(&self, who: Who, goal: &Goal) -> Result<Verdict, QuestionError> {
        Ok(match goal {
            Goal::Admin => self.admin(who),
            Goal::Principal(other) if *other == who => Verdict::Always,
            Goal::Principal(_) => Verdict::Never,
            Goal::Action { action, resource } => self.world.does(who.0, action, resource)?,
        })
    }

    /// Paths of a principal to an administrator by different ways, the shortest first, a thousand at most.
    pub fn paths_to_admin(&self, from: Who) -> Vec<Path> {
        let backward = self.to_admin();
        let mut paths = Vec::new();
        let mut open = VecDeque::from([vec![]]);
        while let Some(way) = open.pop_front() {
            let way: Vec<Edge> = way;
            let at = way.last().map_or(from.0, |edge| edge.to);
            for edge in self.all_from(at, backward) {
                let seen = edge.to == from.0 || way.iter().any(|before| before.to == edge.to);
                if seen || paths.len() == MOST {
                    continue;
                }
                let ends = backward.goals.contains(&edge.to);
                let mut longer = way.clone();
                longer.push(edge);
                if ends {
                    paths.push(self.told(from.0, &longer));
                } else if longer.len() < LONGEST {
                    open.push_back(longer);
                }
            }
        }
        paths
    }

    /// Every edge of a node to nodes that lead to the goals.
    fn all_from(&self, from: u32, backward: &Backward) -> Vec<Edge> {
        if !self.world.is_source(from) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut targets: Vec<u32> = backward.goals.iter().chain(backward.next.keys()).copied().collect();
        targets.sort_unstable();
        for to in targets {
            let edges = self.into.get(&to).into_iter().flatten();
            found.extend(edges.filter(|edge| edge.from == from).cloned());
            if to < self.world.real {
                found.extend(Between::find(&self.world, from, to, true));
            }
        }
        found
    }

    /// What somebody can reach; for an administrator, nothing is looked for.
    pub fn blast(&self, from: Who) -> Blast {
        let mut came: HashMap<u32, Edge> = HashMap::new();
        let mut order = Vec::new();
        let mut open = VecDeque::from([from.0]);
        let mut admin = self.world.admin(from.0) != Verdict::Never;
        let mut powers: BTreeSet<&'static str> = self.powers(from).collect();
        while let Some(at) = open.pop_front() {
            if self.world.admin(at) != Verdict::Never {
                continue;
            }
            for edge in self.out(at, from.0, &came) {
                admin |= self.world.admin(edge.to) != Verdict::Never;
                powers.extend(self.powers_of(self.world.base(edge.to)).names());
                order.push(edge.to);
                open.push_back(edge.to);
                came.insert(edge.to, edge);
            }
        }
        let paths = order.iter().map(|node| {
            let mut way = Vec::new();
            let mut at = *node;
            while let Some(edge) = came.get(&at) {
                way.push(edge.clone());
                at = edge.from;
            }
            way.reverse();
            self.told(from.0, &way)
        });
        Blast { from, admin, paths: paths.collect(), powers }
    }

    /// One edge to each node that was not reached before.
    fn out(&self, at: u32, start: u32, came: &HashMap<u32, Edge>) -> Vec<Edge> {
        if !self.world.is_source(at) {
            return Vec::new();
        }
        let is_new = |node: &u32| *node != start && !came.contains_key(node);
        let mut found: Vec<Edge> = (0..self.world.real)
            .filter(is_new)
            .filter_map(|to| Between::find(&self.world, at, to, false).into_iter().next())
            .collect();
        let mut more: Vec<(&u32, &Vec<Edge>)> = self.into.iter().filter(|(to, _)| is_new(to)).collect();
        more.sort_by_key(|(to, _)| **to);
        found.extend(
            more.into_iter().filter_map(|(_, edges)| edges.iter().find(|edge| edge.from == at).cloned()),
        );
        found
    }

    fn to_admin(&self) -> &Backward {
        self.to_admin.get_or_init(|| {
            let all = 0..self.world.nodes.len() as u32;
            let goals = all.filter(|node| self.world.admin(*node) != Verdict::Never);
            self.backward(goals.filter(|node| self.world.kind(*node) != Kind::LinkedRole).collect())
        })
    }

    fn goals(&self, goal: &Goal) -> Result<Vec<u32>, QuestionError> {
        let all = 0..self.world.nodes.len() as u32;
        Ok(match goal {
            Goal::Admin => all.filter(|node| self.world.admin(*node) != Verdict::Never).collect(),
            Goal::Principal(who) => all.filter(|node| self.world.base(*node) == who.0).collect(),
            Goal::Action { action, resource } => self.world.who_does(action, resource)?,
        })
    }

    /// The shortest way of every node that has one.
    pub(super) fn backward(&self, goals: Vec<u32>) -> Backward {
        let mut backward = Backward { goals: goals.iter().copied().collect(), ..Backward::default() };
        let mut open: VecDeque<u32> = goals.into();
        while let Some(to) = open.pop_front() {
            let reached = |backward: &Backward, node: u32| {
                backward.goals.contains(&node) || backward.next.contains_key(&node)
            };
            let mut found: Vec<Edge> = self.into.get(&to).cloned().unwrap_or_default();
            if to < self.world.real {
                let candidates = self.world.candidates(to);
                let new = candidates.into_iter().filter(|from| !reached(&backward, *from));
                found.extend(
                    new.filter_map(|from| Between::find(&self.world, from, to, false).into_iter().next()),
                );
            }
            for edge in found {
                if !reached(&backward, edge.from) {
                    backward.order.push(edge.from);
                    open.push_back(edge.from);
                    backward.next.insert(edge.from, edge);
                }
            }
        }
        backward
    }

    fn path(&self, backward: &Backward, from: u32) -> Option<Path> {
        let mut way = Vec::new();
        let mut at = from;
        while let Some(edge) = backward.next.get(&at) {
            at = edge.to;
            way.push(edge.clone());
        }
        (!way.is_empty()).then(|| self.told(from, &way))
    }

    pub(super) fn told(&self, from: u32, way: &[Edge]) -> Path {
        let to = way.last().map_or(from, |edge| edge.to);
        Path {
            from: Who(from),
            to: Who(self.world.base(to)),
            admin: self.world.admin(to) != Verdict::Never,
            unconditional: way.iter().all(|edge| edge.settled && edge.conditions.is_empty())
                && self.world.admin(to) != Verdict::If,
            steps: way.iter().map(|edge| self.step(edge)).collect(),
            edges: way.to_vec(),
        }
    }
}
