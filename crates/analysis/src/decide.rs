//! Is there a request that one access allows and another does not?
//!
//! Ways to be allowed and ways to be refused are enumerated as *cases*: statements that must match and statements that
//! must not. Each case is searched by itself. What is found is replayed by the engine before it is told.
//!
//! Where policy variables stand in the policies, two searches are made: one in which a variable is a letter of its own,
//! which proves that there is no such request whatever the variables stand for; and one in which the variables have
//! texts, which finds such requests. Where neither succeeds the answer is left open.

mod cases;

use crate::access::{Access, AccessLayer};
use crate::callers::Callers;
use crate::problem::{LayerStatements, Literal, Problem};
use crate::ties::{Told, told};
use crate::untrusted;
use crate::value::{KeyValue, Value};
use crate::verdict::{Blamed, Refutation, Verdict, Witness};
use crate::word::{Found, Variables, Word, Work};
use policy::{ContextMap, Principal, PrincipalForm, Request};
use std::collections::HashMap;

/// Which requests there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// As AWS's custom policy checks have it: any action on any resource with any condition keys, and who asks is not
    /// tied to the keys that tell who asks. Parts of ARNs are matched each by itself.
    AwsCompat,
    /// As services have it: documented actions are asked on the resources and with the condition keys that AWS
    /// documents for them, and keys that tell who asks do.
    #[default]
    Realistic,
}

/// What requests are asked about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only these actions (`s3:Get*`).
    pub actions: Option<Vec<String>>,
    /// Only resources that fit these ARNs.
    pub resources: Option<Vec<String>>,
    /// Only this principal.
    pub principal: Option<Principal>,
    /// What condition keys are known to have.
    pub context: Vec<(String, KeyValue)>,
    /// Only whom nobody trusts: callers of accounts that no policy names, with no trusted network or source. If the
    /// principal is told as well, it is that one, with no trusted network or source.
    pub untrusted: bool,
    /// Only actions of this service (`s3`), of those that AWS documents.
    pub service: Option<String>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which requests there are.
    pub mode: Mode,
    /// Whether all statements are told that are to blame, not only those of the first request found.
    pub blame_all: bool,
    /// How much may be done for an answer; about 50 million are done in a second.
    pub work: u64,
    /// Whether to learn from conflicts from the start, and not only where branching takes long. The answers are the same.
    pub learn_at_once: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: Mode::default(), blame_all: true, work: 40_000_000, learn_at_once: false }
    }
}

/// Proves that whatever `new` allows within the scope `old` allows as well, or finds a request that shows otherwise.
pub fn no_new_access(new: &Access, old: &Access, scope: &Scope, options: Options) -> Verdict {
    let mut work = Work::new(options.work);
    let question = Question { new, old, scope, options };
    let first = question.attempt(known_variables(scope, None), &mut work);
    let met = match first {
        Attempt::Refuted(refutation) => return Verdict::Refuted(refutation),
        Attempt::Proved => return Verdict::Proved,
        Attempt::Open { variables, reasons } if variables.is_empty() => {
            return Verdict::Undetermined(reasons);
        }
        Attempt::Open { variables, .. } => variables,
    };
    // What is known to be absent stands for nothing.
    let is_absent = |key: &String| {
        let of_key = |(known, value): &(String, KeyValue)| {
            known.eq_ignore_ascii_case(key) && *value == KeyValue::Absent
        };
        scope.context.iter().any(of_key)
    };
    if met.iter().all(is_absent) {
        return match question.attempt(known_variables(scope, Some(&[])), &mut work) {
            Attempt::Proved => Verdict::Proved,
            Attempt::Refuted(refutation) => Verdict::Refuted(refutation),
            Attempt::Open { reasons, .. } => Verdict::Undetermined(reasons),
        };
    }
    // All there, none there, all but one.
    let but_one =
        met.iter().take(MOST_VARIABLES).map(|one| met.iter().filter(|key| *key != one).cloned().collect());
    for present in [met.clone(), Vec::new()].into_iter().chain(but_one) {
        if let Attempt::Refuted(refutation) =
            question.attempt(known_variables(scope, Some(&present)), &mut work)
        {
            return Verdict::Refuted(refutation);
        }
    }
    let names: Vec<String> = met.iter().map(|key| format!("the policy variable `${{{key}}}`")).collect();
    Verdict::Undetermined(names)
}

/// How many variables are looked at that are absent while others are there.
const MOST_VARIABLES: usize = 8;

/// What variables stand for: what is known, and a text of no meaning for those that are to be there; nothing for others.
/// Without such a list, what is not known is a letter.
fn known_variables(scope: &Scope, present: Option<&[String]>) -> Variables {
    let known = scope.context.iter().filter_map(|(key, value)| match value {
        KeyValue::One(text) => Some((key.to_lowercase().into(), text.clone())),
        _ => None,
    });
    let mut texts: HashMap<Box<str>, String> = known.collect();
    match present {
        None if texts.is_empty() => Variables::unknown(),
        None => Variables::Partly(texts, Vec::new()),
        Some(present) => {
            for key in present {
                let name = key.rsplit([':', '/']).next().unwrap_or(key);
                let text = match key.as_str() {
                    "aws:principalaccount" | "aws:sourceaccount" | "aws:resourceaccount" => {
                        "111122223333".to_owned()
                    }
                    _ => format!("example-{name}"),
                };
                texts.entry(key.as_str().into()).or_insert(text);
            }
            Variables::Texts(texts)
        }
    }
}

struct Question<'a> {
    new: &'a Access,
    old: &'a Access,
    scope: &'a Scope,
    options: Options,
}

enum Attempt {
    Proved,
    Refuted(Box<Refutation>),
    Open { variables: Vec<String>, reasons: Vec<String> },
}

/// Statements that must match, and statements that must not.
#[derive(Debug, Clone, Default)]
struct Case {
    matching: Vec<usize>,
    failing: Vec<usize>,
}

/// A question as far as it was written down for the search.
struct Written {
    problem: Problem,
    callers: Callers,
    new: Vec<LayerStatements>,
    /// Of the documents of `new`, in order: layer and place in the layer.
    places: Vec<(usize, usize)>,
    old: Vec<LayerStatements>,
    units: Vec<(Literal, bool)>,
    /// For each kind of caller, what follows for the condition keys.
    kinds: Vec<Vec<(Literal, bool)>>,
    /// Only documented actions.
    documented: Option<Literal>,
}

impl Question<'_> {
    fn attempt(&self, variables: Variables, work: &mut Work) -> Attempt {
        let is_concrete = matches!(variables, Variables::Texts(_));
        let Some(mut written) = self.write(variables) else { return Attempt::Proved };
        let met: Vec<String> = written.problem.variables.met().into_iter().map(str::to_owned).collect();
        let is_exact = met.is_empty();
        let (mut blamed, mut witness, mut reasons) = (Vec::new(), None, Vec::new());
        let mut open = false;
        let Some(allowing) = written.ways_to_allow(self.new, work) else {
            return Attempt::Open {
                variables: met,
                reasons: vec!["there are too many combinations of statements".to_owned()],
            };
        };
        let refusing = written.ways_to_refuse(self.old);
        let denies: Vec<usize> = written.new.iter().flat_map(|layer| layer.denies.iter().copied()).collect();
        'allowing: for allow in &allowing {
            if self.is_blamed(&written, allow, &blamed) {
                continue;
            }
            for refuse in &refusing {
                let case = Case {
                    matching: allow.iter().chain(&refuse.matching).copied().collect(),
                    failing: refuse.failing.iter().chain(&denies).copied().collect(),
                };
                match self.search(&mut written, &case, work) {
                    Found::None => continue,
                    Found::Exhausted => {
                        open = true;
                        note(&mut reasons, "the search took too long".to_owned());
                        continue;
                    }
                    Found::One(_) if !is_exact => {
                        // In letters: it shows that a proof fails, not that there is a request.
                        open = true;
                        break 'allowing;
                    }
                    Found::One(values) => {
                        let found = self.witness(&mut written, &values);
                        if !self.is_confirmed(&written, &found, &values) {
                            open = true;
                            note(&mut reasons, "what was found is not borne out by the engine".to_owned());
                            continue;
                        }
                        blamed.extend(written.blamed(self.new, allow));
                        if witness
                            .as_ref()
                            .is_none_or(|known: &Witness| !known.documented && found.documented)
                        {
                            witness = Some(found);
                        }
                        if !self.options.blame_all {
                            break 'allowing;
                        }
                        continue 'allowing;
                    }
                }
            }
        }
        blamed.sort();
        blamed.dedup();
        match witness {
            Some(witness) => Attempt::Refuted(Box::new(Refutation { witness, blamed })),
            None if open || (is_concrete && !is_exact) => Attempt::Open { variables: met, reasons },
            None => Attempt::Proved,
        }
    }

    /// Whether all statements of this way to allow are to blame already.
    fn is_blamed(&self, written: &Written, allow: &[usize], blamed: &[Blamed]) -> bool {
        !allow.is_empty()
            && written.blamed(self.new, allow).iter().all(|statement| blamed.contains(statement))
    }

    /// Writes the question down. `None` if its scope is empty.
    fn write(&self, variables: Variables) -> Option<Written> {
        let callers = match &self.scope.principal {
            Some(principal) => {
                Callers { principals: vec![principal.clone()], unnamed: vec![false], strangers: vec![false] }
            }
            None => Callers::of([self.new, self.old].into_iter()),
        };
        let is_concrete = match &variables {
            Variables::Texts(texts) => {
                texts.iter().map(|(key, text)| (key.to_string(), text.clone())).collect()
            }
            _ => Vec::new(),
        };
        let mut problem = Problem::new(callers.principals.clone(), variables);
        let mut places = Vec::new();
        let new = self.new.layers().iter().enumerate().map(|(place, layer)| {
            places.extend((0..layer.documents().len()).map(|document| (place, document)));
            add(&mut problem, layer)
        });
        let new = new.collect();
        let old = self.old.layers().iter().map(|layer| add(&mut problem, layer)).collect();
        let mut units = Vec::new();
        if let Some(actions) = &self.scope.actions {
            units.extend(problem.listed_actions(actions)?.map(|literal| (literal, true)));
        }
        if let Some(resources) = &self.scope.resources {
            units.extend(problem.listed_resources(resources)?.map(|literal| (literal, true)));
        }
        if let Some(service) = &self.scope.service {
            units.extend(problem.listed_actions(&[format!("{service}:*")])?.map(|literal| (literal, true)));
        }
        for (key, value) in &self.scope.context {
            units.extend(fixed(&mut problem, key, value));
        }
        for (key, text) in is_concrete {
            if problem.known_key(&key).is_some() {
                units.extend(fixed(&mut problem, &key, &KeyValue::One(text)));
            }
        }
        if self.scope.untrusted && self.scope.principal.is_none() {
            let strangers = callers.strangers.clone();
            let everybody = callers.principals.clone();
            let is_stranger = |principal: &Principal| {
                everybody
                    .iter()
                    .position(|other| other == principal)
                    .and_then(|place| strangers.get(place))
                    .copied()
                    .unwrap_or(false)
            };
            units.push((problem.principal(is_stranger)?, true));
        }
        if self.scope.untrusted {
            units.extend(untrusted::limits(&mut problem, [self.new, self.old].into_iter()));
        }
        if self.options.mode == Mode::AwsCompat {
            problem.match_parts_alone();
        }
        problem.learns_at_once = self.options.learn_at_once;
        let kinds = self.kinds(&mut problem, &callers);
        let documented = problem.all_documented();
        Some(Written { problem, callers, new, places, old, units, kinds, documented })
    }

    /// What follows from who asks, for each candidate that differs from the others; one case without consequences if
    /// nothing follows.
    fn kinds(&self, problem: &mut Problem, callers: &Callers) -> Vec<Vec<(Literal, bool)>> {
        let is_about_callers =
            self.new.names_principals() || self.old.names_principals() || self.scope.principal.is_some();
        let keys: Vec<(String, usize)> = problem
            .key_names()
            .into_iter()
            .filter(|(name, _)| callers.principals.iter().any(|principal| told(principal, name).is_some()))
            .collect();
        if self.options.mode == Mode::AwsCompat || !is_about_callers || keys.is_empty() {
            return vec![Vec::new()];
        }
        let mut kinds: Vec<Vec<(Literal, bool)>> = Vec::new();
        for (place, principal) in callers.principals.iter().enumerate() {
            let is_unnamed = callers.unnamed.get(place).copied().unwrap_or(false);
            let mut kind: Vec<(Literal, bool)> =
                problem.only(place).map(|only| (only, true)).into_iter().collect();
            for (name, dimension) in &keys {
                if is_unnamed && name == "aws:principalarn" {
                    kind.extend(any_name(problem, *dimension, principal, callers));
                    continue;
                }
                if is_unnamed
                    && name == "aws:username"
                    && matches!(principal.form(), PrincipalForm::User { .. })
                {
                    kind.extend(problem.present(*dimension).map(|present| (present, true)));
                    continue;
                }
                match told(principal, name) {
                    None => {}
                    Some(Told::Absent) => {
                        kind.extend(problem.present(*dimension).map(|present| (present, false)))
                    }
                    Some(Told::Fits(words)) => {
                        kind.extend(problem.is(*dimension, words, Vec::new()).map(|fits| (fits, true)));
                    }
                }
            }
            kinds.push(kind);
        }
        kinds
    }

    /// Values for a case. With documented actions if there are any.
    fn search(&self, written: &mut Written, case: &Case, work: &mut Work) -> Found<Vec<Value>> {
        let is_tied = self.options.mode == Mode::Realistic;
        match written.search(case, None, is_tied, work) {
            Found::One(values) if written.problem.variables.met().is_empty() => {
                let documented = Problem::documented_place(&values).is_some();
                let is_real = documented && (is_tied || written.problem.broken_tie(&values).is_none());
                if is_real {
                    return Found::One(values);
                }
                let mut some = Work::new(PRETTY);
                let better = [(written.documented, true), (written.documented, is_tied)];
                let found = better.into_iter().find_map(|(only, is_tied)| {
                    match written.search(case, only, is_tied, &mut some) {
                        Found::One(values) => Some(values),
                        _ => None,
                    }
                });
                Found::One(found.unwrap_or(values))
            }
            other => other,
        }
    }

    fn witness(&self, written: &mut Written, values: &[Value]) -> Witness {
        let place = Problem::documented_place(values);
        let documented = place.is_some() && written.problem.broken_tie(values).is_none();
        let action = match (
            place.and_then(|place| crate::dimension::action::Documented::get().action(place)),
            values.first(),
        ) {
            (Some(action), _) => action.to_string(),
            (None, Some(Value::Action(action))) => action.name.clone(),
            _ => String::new(),
        };
        let resource = match values.get(1) {
            Some(Value::Resource(text)) => text.clone(),
            _ => String::new(),
        };
        let mut context = written.problem.context(values);
        for (key, value) in &self.scope.context {
            if !context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) && *value != KeyValue::Absent
            {
                context.push((key.clone(), value.clone()));
            }
        }
        if let Variables::Texts(texts) = &written.problem.variables {
            for (key, text) in texts {
                if !context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
                    context.push((key.to_string(), KeyValue::One(text.clone())));
                }
            }
        }
        context.sort_by(|one, other| one.0.cmp(&other.0));
        let is_told =
            self.new.names_principals() || self.old.names_principals() || self.scope.principal.is_some();
        let principal = is_told.then(|| name_of(&written.caller(values, &context)));
        Witness { principal, action, resource, context, documented }
    }

    /// Asks the engine whether the new access allows the request and the old one does not.
    fn is_confirmed(&self, written: &Written, witness: &Witness, values: &[Value]) -> bool {
        let mut context = ContextMap::new();
        witness.context.iter().for_each(|(key, value)| value.insert(key, &mut context));
        let caller = written.caller(values, &witness.context);
        let request = Request::new(&caller, &witness.action, &witness.resource, &context);
        self.new.allows(&request) && !self.old.allows(&request)
    }
}

/// How much is done for a request that AWS documents, once one has been found.
const PRETTY: u64 = 2_000_000;

fn note(reasons: &mut Vec<String>, reason: String) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}

fn add(problem: &mut Problem, layer: &AccessLayer) -> LayerStatements {
    let mut all = LayerStatements::default();
    for document in layer.documents() {
        let found = problem.add(document, layer.layer());
        all.allows.extend(found.allows);
        all.denies.extend(found.denies);
    }
    all
}

/// That a key has this value.
pub(crate) fn fixed(problem: &mut Problem, key: &str, value: &KeyValue) -> Vec<(Literal, bool)> {
    let Some(dimension) = problem.known_key(key) else { return Vec::new() };
    let fits = match value {
        KeyValue::Absent => problem.present(dimension).map(|present| (present, false)),
        KeyValue::One(text) => {
            problem.is(dimension, vec![Word::exact(text)], Vec::new()).map(|fits| (fits, true))
        }
        KeyValue::Many(texts) => {
            let words = texts.iter().map(|text| Word::exact(text)).collect();
            problem.is(dimension, words, Vec::new()).map(|fits| (fits, true))
        }
    };
    fits.into_iter().collect()
}

/// Any name of this kind of principal but those that policies name.
fn any_name(
    problem: &mut Problem,
    dimension: usize,
    principal: &Principal,
    callers: &Callers,
) -> Vec<(Literal, bool)> {
    let (Some(partition), Some(account)) = (principal.partition(), principal.account()) else {
        return Vec::new();
    };
    let kind = if matches!(principal.form(), PrincipalForm::User { .. }) { "user" } else { "role" };
    let start = format!("arn:{partition}:iam::{account}:{kind}/");
    let mut taken = Vec::new();
    for (other, unnamed) in callers.principals.iter().zip(&callers.unnamed) {
        match other.form() {
            PrincipalForm::User { arn } if !unnamed => taken.push(Word::exact(arn)),
            PrincipalForm::RoleSession { role_name, .. } if !unnamed => {
                taken.extend([
                    Word::exact(&format!("{start}{role_name}")),
                    Word::glob(&format!("{start}*/{role_name}")),
                ]);
            }
            _ => {}
        }
    }
    let named = Word::glob(&format!("{start}?*"));
    let is_named = problem.is(dimension, vec![named], Vec::new()).map(|fits| (fits, true));
    let is_taken = (!taken.is_empty()).then(|| problem.is(dimension, taken, Vec::new())).flatten();
    is_named.into_iter().chain(is_taken.map(|taken| (taken, false))).collect()
}

/// A principal as text.
pub(crate) fn name_of(principal: &Principal) -> String {
    match principal.form() {
        PrincipalForm::Root => format!(
            "arn:{}:iam::{}:root",
            principal.partition().unwrap_or("aws"),
            principal.account().map(|account| account.to_string()).unwrap_or_default()
        ),
        PrincipalForm::User { arn } | PrincipalForm::FederatedUser { arn, .. } => arn.to_string(),
        PrincipalForm::RoleSession { session_arn, .. } => session_arn.to_string(),
        PrincipalForm::Federated { provider } => provider.to_string(),
        PrincipalForm::Service { name } => name.to_string(),
        PrincipalForm::Anonymous => "anonymous".to_owned(),
    }
}
