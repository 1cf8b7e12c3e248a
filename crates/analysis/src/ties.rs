//! What ties the dimensions of real requests together: an action is asked on resources of its own types and carries
//! the condition keys of its service; who asks is told by keys, too.
//!
//! Ties are looked up for what a search has come upon, and become clauses for the rest of it. They hold of documented
//! actions only; whatever else there may be is not tied.

use crate::dimension::action::Documented;
use crate::problem::{Clause, Literal, Problem};
use crate::value::Value;
use crate::word::{Step, Word, Work};
use policy::catalogue::{Action, Catalogue, Service};
use policy::{Principal, PrincipalForm};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

/// Clauses that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Ties {
    /// By the place of a documented action: its clause about resources.
    resources: HashMap<usize, Option<Clause>>,
    /// By the dimension of a key: which actions it cannot be there with.
    keys: HashMap<usize, Option<Clause>>,
    /// Names of keys by dimension.
    names: Vec<(String, usize)>,
}

/// What the principal says of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is not there.
    Absent,
    /// It is there and fits one of these.
    Fits(Vec<Word>),
}

impl Problem {
    /// A clause that real requests fulfil and these values do not.
    pub(crate) fn broken_tie(&mut self, values: &[Value]) -> Option<Clause> {
        let place = Problem::documented_place(values)?;
        let mut ties = std::mem::take(&mut self.ties);
        let broken = ties.find(self, place, values);
        self.ties = ties;
        broken
    }
}

impl Ties {
    fn find(&mut self, problem: &mut Problem, place: usize, values: &[Value]) -> Option<Clause> {
        let is_broken =
            |problem: &Problem, clause: &Clause| !clause.iter().any(|wish| problem.fulfils(values, *wish));
        if !self.resources.contains_key(&place) {
            let (group, clause) = resource_tie(problem, place)?;
            for member in group {
                self.resources.insert(member, clause.clone());
            }
        }
        if let Some(Some(clause)) = self.resources.get(&place)
            && is_broken(problem, clause)
        {
            return Some(clause.clone());
        }
        if self.names.len() != problem.key_names().len() {
            self.names = problem.key_names();
            self.names.sort();
        }
        for (name, dimension) in &self.names {
            let clause = self.keys.entry(*dimension).or_insert_with(|| key_tie(problem, name, *dimension));
            if let Some(clause) = clause
                && is_broken(problem, clause)
            {
                return Some(clause.clone());
            }
        }
        None
    }
}

/// Documented actions of a service that act on the same types of resources.
#[derive(Debug, Clone)]
struct Group {
    places: Vec<usize>,
    /// The forms of their ARNs.
    words: Vec<Word>,
    /// Whether they can be asked on no resource.
    star: bool,
    /// The services of these forms, and whether there may be more colons than five.
    services: Vec<(Option<String>, bool)>,
}

impl Group {
    /// Whether a resource of these forms may fit a pattern of this service (`None`: of any), whose place in the ARN may
    /// be a later one.
    fn may_be_of(&self, service: Option<&str>, crosses: bool) -> bool {
        let Some(service) = service else { return true };
        self.services.iter().any(|(own, has_more_colons)| {
            own.as_deref().is_none_or(|own| own == service) || (crosses && *has_more_colons)
        })
    }
}

/// The groups of a service's actions; made once.
fn groups(service: &'static Service) -> Arc<[Group]> {
    type Known = HashMap<&'static str, Arc<[Group]>>;
    static KNOWN: OnceLock<Mutex<Known>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(found) = known.lock().ok().and_then(|known| known.get(service.prefix()).cloned()) {
        return found;
    }
    let mut by_forms: BTreeMap<(Vec<&'static str>, bool), Vec<usize>> = BTreeMap::new();
    for action in service.actions() {
        let place = Documented::get().place(&action.to_string().to_ascii_lowercase());
        by_forms.entry(resource_forms(action)).or_default().extend(place);
    }
    let group = |((patterns, star), places): ((Vec<&'static str>, bool), Vec<usize>)| {
        let words: Vec<Word> = patterns.iter().map(|pattern| form(pattern)).collect();
        let mut services: Vec<_> =
            words.iter().map(|word| (word.service(), word.has_more_colons())).collect();
        services.sort();
        services.dedup();
        Group { places, words, star, services }
    };
    let made: Arc<[Group]> = by_forms.into_iter().map(group).collect();
    if let Ok(mut known) = known.lock() {
        known.insert(service.prefix(), Arc::clone(&made));
    }
    made
}

/// Actions that act on the same types of resources, and what follows for the resource.
fn resource_tie(problem: &mut Problem, place: usize) -> Option<(Vec<usize>, Option<Clause>)> {
    let action = Documented::get().action(place)?;
    let groups = groups(action.service());
    let group = groups.iter().find(|group| group.places.contains(&place))?;
    let is_action = problem.documented(&group.places)?;
    let fits = problem.resource(group.words.clone(), group.star, false)?;
    Some((group.places.clone(), Some(vec![(fits, true), (is_action, false)])))
}

/// The forms of ARNs that an action can be asked on, and whether it can be asked on none.
fn resource_forms(action: Action) -> (Vec<&'static str>, bool) {
    let mut patterns: Vec<&'static str> =
        action.resource_types().map(|used| used.resource_type().arn_pattern()).collect();
    patterns.sort_unstable();
    patterns.dedup();
    let star = patterns.is_empty() || !action.resource_types().any(|used| used.required());
    (patterns, star)
}

impl Problem {
    /// Documented actions that cannot fulfil these units, because none of their resources can, or because they never
    /// carry a condition key that must be there: a unit that leaves them out. Otherwise each would have to be found out
    /// by itself.
    ///
    /// `thoroughly` asks of every form of ARNs whether it can fulfil them.
    pub(crate) fn narrowed(
        &mut self,
        units: &[(Literal, bool)],
        thoroughly: bool,
        work: &mut Work,
    ) -> Option<(Literal, bool)> {
        let needed: Option<Vec<(Option<String>, bool)>> = self
            .needed_resources(units)
            .map(|words| words.iter().map(|word| (word.service(), word.crosses_before_service())).collect());
        let mut excluded = vec![false; Documented::get().count()];
        let mut exclude = |group: &Group| {
            for place in &group.places {
                if let Some(excluded) = excluded.get_mut(*place) {
                    *excluded = true;
                }
            }
        };
        let all: Vec<Arc<[Group]>> = Catalogue::get().services().map(groups).collect();
        for group in all.iter().flat_map(|groups| groups.iter()) {
            let is_of_need = needed.as_ref().is_none_or(|needed| {
                needed.iter().any(|(service, crosses)| group.may_be_of(service.as_deref(), *crosses))
            });
            if !is_of_need || (thoroughly && !self.admits(units, &group.words, group.star, work)) {
                exclude(group);
            }
        }
        for (name, dimension) in self.key_names() {
            if is_tied_key(&name) && self.must_be_there(dimension, units) {
                let carriers = carriers(&name);
                for (place, excluded) in excluded.iter_mut().enumerate() {
                    *excluded |= carriers.binary_search(&place).is_err();
                }
            }
        }
        let places: Vec<usize> =
            (0..).zip(excluded).filter(|(_, excluded)| *excluded).map(|(place, _)| place).collect();
        if places.is_empty() {
            return None;
        }
        Some((self.documented(&places)?, false))
    }
}

/// The places of documented actions whose requests may carry a key, sorted; looked up once.
fn carriers(name: &str) -> Arc<[usize]> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Arc<[usize]>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(found) = known.lock().ok().and_then(|known| known.get(name).cloned()) {
        return found;
    }
    let services = Catalogue::get()
        .services()
        .filter(|service| service.condition_keys().iter().any(|key| key.matches(name)));
    let actions = services.flat_map(|service| service.actions()).filter(|action| carries(*action, name));
    let mut places: Vec<usize> = actions
        .filter_map(|action| Documented::get().place(&action.to_string().to_ascii_lowercase()))
        .collect();
    places.sort_unstable();
    let places: Arc<[usize]> = places.into();
    if let Ok(mut known) = known.lock()
        // Names are written by whoever writes policies: not any number of them is kept.
        && known.len() < MOST_KEYS
    {
        known.insert(name.to_owned(), Arc::clone(&places));
    }
    places
}

/// How many keys are remembered.
const MOST_KEYS: usize = 4_096;

/// Whether only some services' requests carry a key.
fn is_tied_key(name: &str) -> bool {
    let is_of_a_service = name
        .split_once(':')
        .is_some_and(|(service, _)| service != "aws" && Catalogue::get().service(service).is_some());
    is_of_a_service
        && !Catalogue::get().global_condition_keys().iter().any(|key| key.matches(name))
        && Catalogue::get().condition_key(name).is_some()
}

/// The form of an ARN: its variables are one letter at least, and have no colons where the form has slashes between its
/// parts, except for the names that may have some.
fn form(pattern: &str) -> Word {
    const NAMES_WITH_COLONS: [&str; 6] =
        ["s3", "s3express", "s3-object-lambda", "s3-outposts", "dynamodb", "backup"];
    let service = pattern.split(':').nth(2).unwrap_or_default();
    let last = pattern.splitn(6, ':').nth(5).unwrap_or_default();
    let type_ends = last.find(['/', ':']).and_then(|at| last.get(at..at + 1));
    let colons_within =
        NAMES_WITH_COLONS.contains(&service) || type_ends != Some("/") || last.starts_with("alias/");
    let mut steps = Vec::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let variable = rest.strip_prefix("${").and_then(|inside| inside.split_once('}'));
        let is_in_last_part = steps.iter().filter(|step| **step == Step::Letter(':')).count() >= 5;
        match (variable, letter) {
            (Some((_, after)), _) => {
                let colon = is_in_last_part && colons_within;
                steps.extend([Step::One { colon }, Step::Star { colon }]);
                rest = after;
                continue;
            }
            (None, '*') => steps.push(Step::Star { colon: is_in_last_part }),
            (None, letter) => steps.push(Step::Letter(letter)),
        }
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    Word(steps.into())
}

/// Keys of a service are only in requests for actions that document them. Keys that all services share may be in any
/// request; so may keys that nobody documents.
fn key_tie(problem: &mut Problem, name: &str, dimension: usize) -> Option<Clause> {
    if !is_tied_key(name) {
        return None;
    }
    let carriers = carriers(name);
    let others: Vec<usize> =
        (0..Documented::get().count()).filter(|place| carriers.binary_search(place).is_err()).collect();
    let is_other: Literal = problem.documented(&others)?;
    let is_there = problem.present(dimension)?;
    Some(vec![(is_there, false), (is_other, false)])
}

fn carries(action: Action, name: &str) -> bool {
    action.all_condition_keys().iter().any(|key| key.matches(name))
}

/// What condition keys tell of a principal, in requests that it makes itself. `None`: the key may be anything.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
pub(crate) fn told(principal: &Principal, key: &str) -> Option<Told> {
    let exact = |text: &str| Told::Fits(vec![Word::exact(text)]);
    let form = principal.form();
    let has_account = principal.account().is_some();
    let is_service = matches!(form, PrincipalForm::Service { .. });
    Some(match key {
        "aws:principalarn" => match form {
            PrincipalForm::User { arn } | PrincipalForm::FederatedUser { arn, .. } => exact(arn),
            PrincipalForm::RoleSession { role_arn: Some(arn), .. } => exact(arn),
            PrincipalForm::RoleSession { role_arn: None, role_name, .. } => {
                let (account, partition) = (principal.account()?, principal.partition()?);
                let start = format!("arn:{partition}:iam::{account}:role/");
                Told::Fits(vec![
                    Word::exact(&format!("{start}{role_name}")),
                    Word::glob(&format!("{start}*/{role_name}")),
                ])
            }
            PrincipalForm::Root => {
                exact(&format!("arn:{}:iam::{}:root", principal.partition()?, principal.account()?))
            }
            PrincipalForm::Service { .. } | PrincipalForm::Federated { .. } | PrincipalForm::Anonymous => {
                Told::Absent
            }
        },
        "aws:principalaccount" => match principal.account() {
            Some(account) => exact(&account.to_string()),
            None => Told::Absent,
        },
        "aws:principalorgid" | "aws:principalorgpaths" if !has_account => Told::Absent,
        "aws:principalisawsservice" => exact(if is_service { "true" } else { "false" }),
        "aws:principalservicename" => match form {
            PrincipalForm::Service { name } => exact(name),
            _ => Told::Absent,
        },
        "aws:principaltype" => match form {
            PrincipalForm::Root => exact("Account"),
            PrincipalForm::User { .. } => exact("User"),
            PrincipalForm::RoleSession { .. } => exact("AssumedRole"),
            PrincipalForm::FederatedUser { .. } => exact("FederatedUser"),
            PrincipalForm::Anonymous => exact("Anonymous"),
            PrincipalForm::Service { .. } | PrincipalForm::Federated { .. } => return None,
        },
        "aws:username" => match form {
            PrincipalForm::User { arn } => exact(arn.rsplit('/').next().unwrap_or_default()),
            _ => Told::Absent,
        },
        // These come with calls that a service makes for itself, about the resource that made it do so.
        "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths" if !is_service => {
            Told::Absent
        }
        key if key.starts_with("aws:principaltag/") && !has_account => Told::Absent,
        _ => return None,
    })
}
