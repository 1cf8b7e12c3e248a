//! Steps in words, with the statements that allow them.

use super::ask::Ask;
use super::edges::Edge;
use super::world::World;
use super::{Graph, Path, Who};
use crate::finding::{Evidence, Step, Witness};
use analysis::who_can::{Gate, Ground, Joint, Question, QuestionError, Verdict, Way};
use base::ArnRef;
use policy::{ConditionElement, Layer};
use std::collections::BTreeMap;

impl Graph {
    /// An edge in words.
    pub(super) fn step(&self, edge: &Edge) -> Step {
        let world = &self.world;
        let mut actions: Vec<String> = edge.asks.iter().map(|ask| ask.action().to_owned()).collect();
        actions.dedup();
        let mut conditions = edge.conditions.clone();
        for ask in &edge.asks {
            if world.judge(edge.from, ask) == Verdict::If {
                conditions.extend(self.open_conditions(edge.from, ask));
            }
        }
        conditions.dedup();
        Step {
            id: edge.method.id.to_owned(),
            from: world.arn(edge.from).to_owned(),
            to: world.arn(edge.to).to_owned(),
            actions,
            through: edge.through.clone(),
            how: self.how(edge),
            conditions,
        }
    }

    fn how(&self, edge: &Edge) -> String {
        let name = |arn: &str| ArnRef::parse(arn).map_or(arn.to_owned(), |arn| arn.resource.to_owned());
        let done = edge.method.how.replace("{to}", &name(self.world.arn(edge.to)));
        let through = match edge.through.is_empty() {
            true => String::new(),
            false => format!(" ({})", name(&edge.through)),
        };
        format!("{} {done}{through}", name(self.world.arn(edge.from)))
    }

    /// The conditions that are open of what lets somebody do something.
    fn open_conditions(&self, node: u32, ask: &Ask) -> Vec<String> {
        let words = self.with_grounds(node, ask, |way, denies| {
            let mut words: Vec<String> = Vec::new();
            for gate in way.gates.iter().filter(|gate| !gate.settled) {
                let least = gate.statements.iter().min_by_key(|ground| ground.conditions.len());
                words.extend(least.into_iter().flat_map(open));
            }
            words.extend(denies.iter().map(|ground| format!("not: {}", open(ground).join(" and "))));
            words
        });
        words.unwrap_or_default()
    }

    /// What shows a path: the statements that allow its steps.
    pub fn evidence(&self, path: &Path) -> Vec<Evidence> {
        let mut all = Vec::new();
        for (from, ask) in self.asked(path) {
            let evidence = self.with_grounds(from, &ask, |way, _| {
                let telling = |gate: &&Gate<'_>| matches!(gate.layer, Layer::Identity | Layer::Resource);
                let grounds = way.gates.iter().filter(telling).filter_map(|gate| gate.statements.first());
                grounds.map(|ground| shown(ground, &ask, self.world.arn(from))).collect::<Vec<_>>()
            });
            all.extend(evidence.unwrap_or_default());
        }
        all.dedup();
        all
    }

    /// The request that decides the first step of a path.
    pub fn witness(&self, path: &Path) -> Option<Witness> {
        let (from, ask) = self.asked(path).into_iter().next()?;
        Some(Witness {
            principal: self.world.arn(from).to_owned(),
            action: ask.action().to_owned(),
            resource: ask.resource().to_owned(),
            context: ask
                .context()
                .map(|(key, value)| (key.to_owned(), vec![value.to_owned()]))
                .collect::<BTreeMap<_, _>>(),
        })
    }

    /// What the steps of a path ask, with who asks it.
    fn asked(&self, path: &Path) -> Vec<(u32, Ask)> {
        let edges = path.edges.iter();
        edges.flat_map(|edge| edge.asks.iter().map(|ask| (edge.from, ask.clone()))).collect()
    }

    /// Reads the way that is the most settled of those that let a node do something, and what may deny it.
    fn with_grounds<T>(
        &self,
        node: u32,
        ask: &Ask,
        read: impl FnOnce(&Way<'_>, &[Ground<'_>]) -> T,
    ) -> Option<T> {
        let question: Question = self.world.question(Some(node), ask)?;
        let (population, person) = self.world.population(node)?;
        let grounds = population.grounds(person, &question)?;
        let unsettled = |way: &&Way<'_>| way.gates.iter().filter(|gate| !gate.settled).count();
        let way = grounds.ways.iter().min_by_key(unsettled)?;
        Some(read(way, &grounds.denies))
    }

    /// The statement that makes an administrator one.
    pub fn admin_evidence(&self, who: Who) -> Vec<Evidence> {
        let Some(ask) = self.world.mightiest(who.0) else { return Vec::new() };
        let evidence = self.with_grounds(who.0, &ask, |way, _| {
            let grounds = way.gates.iter().filter(|gate| gate.layer == Layer::Identity);
            let grounds = grounds.filter_map(|gate| gate.statements.first());
            grounds.map(|ground| shown(ground, &ask, self.world.arn(who.0))).collect::<Vec<_>>()
        });
        evidence.unwrap_or_default()
    }
}

impl World {
    /// Everybody who can do this.
    pub(super) fn who_does(&self, action: &str, resource: &str) -> Result<Vec<u32>, QuestionError> {
        let question = self.asked(action, resource)?;
        Ok(self.who_solves(&question))
    }

    /// Whether one can do this.
    pub(super) fn does(&self, node: u32, action: &str, resource: &str) -> Result<Verdict, QuestionError> {
        let question = self.asked(action, resource)?;
        let Some((population, person)) = self.population(node) else { return Ok(Verdict::Never) };
        Ok(population.judge_with(person, &question, &Joint::new(population, &question)))
    }

    /// A question as people ask it; a role that is to be assumed brings its trust policy.
    fn asked(&self, action: &str, resource: &str) -> Result<Question, QuestionError> {
        let question = Question::new(action, resource)?;
        let trust = self.trust_of(resource).filter(|_| question.action().starts_with("sts:"));
        Ok(trust.into_iter().fold(question, |question, trust| question.resource_policy(trust)))
    }
}

/// A statement as evidence.
fn shown(ground: &Ground<'_>, ask: &Ask, holder: &str) -> Evidence {
    let document = ground.document.text();
    let text = document
        .get(ground.statement.span.start as usize..ground.statement.span.end as usize)
        .unwrap_or_default();
    let line =
        document.get(..ground.statement.span.start as usize).map(|before| before.matches('\n').count() + 1);
    let what = match ground.layer {
        Layer::Resource => format!("trusts {holder}"),
        _ => format!("allows {holder} {} on {}", ask.action(), ask.resource()),
    };
    let inline = ground.label.kind == policy::PolicyKind::Inline;
    Evidence {
        what,
        source: ground.label.id.to_string(),
        policy: inline.then(|| ground.label.name.to_string()),
        statement: Some(match &ground.statement.sid {
            Some(sid) => sid.value.to_string(),
            None => (ground.statement.index + 1).to_string(),
        }),
        line: line.map(|line| line as u32),
        text: Some(text.to_owned()),
    }
}

/// What is open of a statement, in words.
fn open(ground: &Ground<'_>) -> Vec<String> {
    let mut words: Vec<String> = ground.conditions.iter().map(|element| condition(element)).collect();
    if !ground.resources.is_empty() {
        let entries: Vec<&str> = ground.resources.iter().map(|text| &*text.value).collect();
        words.push(format!("the resource is {}", entries.join(" | ")));
    }
    words
}

fn condition(element: &ConditionElement) -> String {
    let values: Vec<&str> = element.values.iter().map(|value| &*value.value).collect();
    format!("{} {} {}", element.key.value, element.operator_text.value, values.join(" | "))
}
