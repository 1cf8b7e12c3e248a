//! `Fn::If`: whatever a condition chooses, there may be a policy, so that each is read.

use super::{Made, Search};
use base::json::JsonNode;
use std::collections::BTreeMap;

/// So many combinations of conditions are gone through, resource by resource.
const BRANCHES: usize = 16;

/// Whether conditions hold.
type Conditions = BTreeMap<String, bool>;

impl Search<'_, '_> {
    /// Searches a resource for every combination of the conditions that its policies ask of.
    pub(super) fn branches(&mut self, logical: &str, resource: &JsonNode) {
        let mut open: Vec<Conditions> = vec![Conditions::new()];
        let mut done: Vec<(Conditions, Vec<Made>)> = Vec::new();
        while let Some(conditions) = open.pop() {
            if done.len() == BRANCHES {
                self.found.note(format!(
                    "`{logical}` has more combinations of conditions than {BRANCHES}; the others are not looked at"
                ));
                break;
            }
            self.evaluator.conditions = conditions.clone();
            self.evaluator.asked.clear();
            self.resource(logical, resource);
            let mut holding = conditions.clone();
            let mut others = Vec::new();
            for condition in std::mem::take(&mut self.evaluator.asked) {
                if !conditions.contains_key(&condition) {
                    let mut other = holding.clone();
                    other.insert(condition.clone(), false);
                    others.push(other);
                    holding.insert(condition, true);
                }
            }
            open.extend(others.into_iter().rev());
            done.push((holding, std::mem::take(&mut self.made)));
        }
        self.evaluator.conditions.clear();
        self.tell(done);
    }

    /// Adds what was found: what is the same in every branch once, everything else with its conditions.
    fn tell(&mut self, branches: Vec<(Conditions, Vec<Made>)>) {
        let mut told: Vec<(usize, String, Made)> = Vec::new();
        let mut several: Vec<String> = Vec::new();
        for (branch, (conditions, made)) in branches.into_iter().enumerate() {
            for made in made {
                let is_same = |(_, _, known): &(usize, String, Made)| {
                    known.name == made.name && known.document == made.document
                };
                if told.iter().any(is_same) {
                    continue;
                }
                let is_other =
                    |(other, _, known): &(usize, String, Made)| *other != branch && known.name == made.name;
                if told.iter().any(is_other) && !several.contains(&made.name) {
                    several.push(made.name.clone());
                }
                told.push((branch, shown(&conditions), made));
            }
        }
        for (_, conditions, Made { place, name, document, what }) in told {
            let name = if several.contains(&name) { format!("{name} ({conditions})") } else { name };
            self.found.add(place, Some(name), document, Some(what));
        }
    }
}

/// `if IsProduction`, `otherwise`; of several conditions, `if IsProduction and not IsSmall`.
fn shown(conditions: &Conditions) -> String {
    let mut all = conditions.iter();
    if let (Some((_, false)), None) = (all.next(), all.next()) {
        return "otherwise".to_owned();
    }
    let each =
        conditions.iter().map(|(name, holds)| if *holds { name.clone() } else { format!("not {name}") });
    format!("if {}", each.collect::<Vec<_>>().join(" and "))
}
