//! The table of requirements, read.

use super::{Demand, Framework, Requirement};
use crate::checks::ALL;
use std::collections::HashMap;
use std::sync::OnceLock;

static TABLE: &str = include_str!("frameworks.txt");

/// Every standard.
pub fn frameworks() -> &'static [Framework] {
    static FRAMEWORKS: OnceLock<Vec<Framework>> = OnceLock::new();
    FRAMEWORKS.get_or_init(|| read(TABLE))
}

fn read(table: &'static str) -> Vec<Framework> {
    let mut groups: HashMap<&str, &str> = HashMap::new();
    let mut frameworks: Vec<Framework> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&'static str> = line.split('\t').collect();
        match fields[..] {
            ["group", name, checks] => drop(groups.insert(name, checks)),
            ["framework", id, name] => frameworks.push(Framework { id, name, requirements: Vec::new() }),
            [id, title, checks, ref demands @ ..] => {
                let demands =
                    demands.iter().flat_map(|all| all.split(',')).filter_map(Demand::read).collect();
                let requirement = Requirement { id, title, checks: named(checks, &groups), demands };
                if let Some(framework) = frameworks.last_mut() {
                    framework.requirements.push(requirement);
                }
            }
            _ => {}
        }
    }
    frameworks
}

/// The checks that a field names, each once.
fn named(field: &'static str, groups: &HashMap<&str, &'static str>) -> Vec<&'static str> {
    let mut checks: Vec<&'static str> = Vec::new();
    for name in field.split(' ').filter(|name| *name != "-") {
        let found = match (name.strip_prefix('%'), name.strip_prefix('@')) {
            (Some(group), _) => groups.get(group).map_or_else(Vec::new, |field| named(field, groups)),
            (_, Some(area)) => of_area(area),
            _ => vec![name],
        };
        let new: Vec<&'static str> = found.into_iter().filter(|check| !checks.contains(check)).collect();
        checks.extend(new);
    }
    checks
}

fn of_area(name: &str) -> Vec<&'static str> {
    let is_such = |area: crate::checks::Area| format!("{area:?}").eq_ignore_ascii_case(name);
    ALL.iter().filter(|check| is_such(check.area)).map(|check| check.id).collect()
}
