//! What open conditions come to together: never, always, or sometimes.
//!
//! Each gate of a way needs one of its statements; no statement may deny. The combinations are gone through, and of each
//! it is asked whether every condition key has a value with which all conditions hold that must and none of those that
//! must not. What is not known of a statement beside its conditions is taken as it suits.

use super::grounds::{Gate, Ground, Grounds, Refine};
use super::people::PersonId;
use super::population::Population;
use super::question::Question;
use super::scene::{Scene, Word};
use super::solve::Verdict;
use crate::decide::fixed;
use crate::problem::{Clause, Literal, Problem};
use crate::search::solve;
use crate::value::KeyValue;
use crate::word::{Found, Variables, Work};
use policy::{ConditionKey, Context, Principal, Values};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

/// Decides whether conditions can hold together; for [`Population::who_can_with`] and [`Population::judge_with`].
///
/// Where it knows no better, as where policy variables are in the way or the work is used up, the verdict stays
/// [`Verdict::If`]. Principals of whom the same conditions are open are decided once.
///
/// ```
/// use bailiwick_analysis::who_can::{Joint, Kind, Person, Population, Question, Verdict};
/// use policy::{Document, PolicyKind, PolicyLabel};
///
/// let text = r#"{"Statement": [
///     {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
///     {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-2"}}}]}"#;
/// let document = Document::parse_tolerant(text).0.unwrap().into();
/// let mut builder = Population::builder();
/// let account = builder.account("123456789012".parse()?, "aws");
/// let policy = builder.policy(document, PolicyLabel::new(PolicyKind::Managed, "arn", "vpcs"));
/// let arn = "arn:aws:iam::123456789012:user/Ann";
/// let ann = builder.person(&Person { identity: &[policy], ..Person::new(account, Kind::User, arn) })?;
/// let population = builder.finish();
///
/// let question = Question::new("s3:GetObject", "arn:aws:s3:::bucket/1.txt")?;
/// assert_eq!(population.judge(ann, &question), Verdict::If);
/// assert_eq!(population.judge_with(ann, &question, &Joint::new(&population, &question)), Verdict::Never);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Joint<'p> {
    population: &'p Population,
    question: &'p Question,
    /// Made when something is open. It looks at nobody: what follows from a principal was used before, and others may
    /// have the same policies.
    scene: OnceCell<Scene<'p>>,
    known: RefCell<HashMap<Signature, Verdict>>,
}

/// What is open: places in memory of conditions, in order, with what they are for.
type Signature = Vec<usize>;

/// Literals with whether they hold.
type Units = Vec<(Literal, bool)>;

/// How much is done for one decision.
const WORK: u64 = 400_000;
/// How many combinations of statements are gone through for one.
const MOST: usize = 512;

/// Conditions that are open of a statement.
struct Conditions {
    literals: Vec<Literal>,
    /// Whether it applies whenever they hold.
    exactly: bool,
}

impl<'p> Joint<'p> {
    /// For the principals of a population, and one question.
    pub fn new(population: &'p Population, question: &'p Question) -> Self {
        Self { population, question, scene: OnceCell::new(), known: RefCell::default() }
    }

    fn scene(&self) -> &Scene<'p> {
        self.scene.get_or_init(|| Scene::new(self.population, self.question))
    }

    fn decide(&self, grounds: &Grounds<'_>) -> Verdict {
        let mut written = self.write(grounds);
        if !written.may_be_allowed() {
            Verdict::Never
        } else if !written.may_be_refused() {
            Verdict::Always
        } else {
            Verdict::If
        }
    }

    /// Writes the conditions down.
    fn write(&self, grounds: &Grounds<'_>) -> Written {
        let keys: Vec<ConditionKey> = grounds.statements().flat_map(keys_of).collect();
        let known: Vec<(&ConditionKey, KeyValue)> =
            keys.iter().filter_map(|key| Some((key, self.value(key)?))).collect();
        let text = |(key, value): &(&ConditionKey, KeyValue)| match value {
            KeyValue::One(text) => Some((key.name().into(), text.clone())),
            _ => None,
        };
        let variables = Variables::Partly(known.iter().filter_map(text).collect(), Vec::new());
        let mut problem = Problem::new(vec![Principal::anonymous()], variables);
        let denies = grounds.denies.iter().map(|ground| Conditions::new(&mut problem, ground)).collect();
        let open = |gate: &&Gate<'_>| !gate.settled;
        let mut gate = |gate: &Gate<'_>| -> Vec<Conditions> {
            gate.statements.iter().map(|ground| Conditions::new(&mut problem, ground)).collect()
        };
        let ways =
            grounds.ways.iter().map(|way| way.gates.iter().filter(open).map(&mut gate).collect()).collect();
        let units = known.iter().flat_map(|(key, value)| fixed(&mut problem, key.name(), value)).collect();
        Written { problem, units, denies, ways, work: Work::new(WORK) }
    }

    /// What the question says of a key.
    fn value(&self, key: &ConditionKey) -> Option<KeyValue> {
        if self.scene().word(key) != Word::Known {
            return None;
        }
        match self.scene().values(key) {
            Values::Absent => Some(KeyValue::Absent),
            Values::One(text) => Some(KeyValue::One(text.to_owned())),
            Values::Many(_) | Values::Either(_) => None,
        }
    }
}

impl Refine for Joint<'_> {
    fn refine(&self, _: PersonId, grounds: &Grounds<'_>) -> Verdict {
        let signature = signature(grounds);
        if let Some(known) = self.known.borrow().get(&signature) {
            return *known;
        }
        let verdict = self.decide(grounds);
        self.known.borrow_mut().insert(signature, verdict);
        verdict
    }
}

/// Open conditions as they were written down.
struct Written {
    problem: Problem,
    units: Units,
    denies: Vec<Conditions>,
    /// Of each way the gates that are not settled.
    ways: Vec<Vec<Vec<Conditions>>>,
    work: Work,
}

impl Written {
    /// Whether there may be a request that one of the ways allows and no statement denies.
    fn may_be_allowed(&mut self) -> bool {
        // A deny of which more is open than conditions may spare every request.
        let spared: Vec<Clause> = self.denies.iter().filter_map(Conditions::failing).collect();
        for way in &self.ways {
            let Some(choices) = product(way, |conditions| Some(conditions.holding())) else { return true };
            for chosen in choices {
                let units: Vec<_> = self.units.iter().copied().chain(chosen.into_iter().flatten()).collect();
                if solve(&mut self.problem, &units, spared.clone(), false, &mut self.work) != Found::None {
                    return true;
                }
            }
        }
        false
    }

    /// Whether there may be a request that a statement denies, or that none of the ways allows.
    fn may_be_refused(&mut self) -> bool {
        let denied = self.denies.iter().map(|deny| (deny.holding(), Vec::new()));
        let mut cases: Vec<(Units, Vec<Clause>)> = denied.collect();
        // Of each way one gate fails, and so all its statements.
        let closing = |gate: &Vec<Conditions>| -> Option<Vec<Clause>> {
            Some(gate.iter().filter_map(Conditions::failing).collect())
        };
        let Some(closed) = product(&self.ways, closing) else { return true };
        cases.extend(closed.into_iter().map(|clauses| (Vec::new(), clauses.concat())));
        cases.into_iter().any(|(units, clauses)| {
            let units: Vec<_> = self.units.iter().copied().chain(units).collect();
            solve(&mut self.problem, &units, clauses, false, &mut self.work) != Found::None
        })
    }
}

/// Every choice of one from each list; `None` if there are too many. Nothing is chosen from a list whose every choice
/// asks for nothing.
fn product<T, U: Clone>(lists: &[Vec<T>], chosen: impl Fn(&T) -> Option<U>) -> Option<Vec<Vec<U>>> {
    let mut found: Vec<Vec<U>> = vec![Vec::new()];
    for list in lists {
        if found.len().saturating_mul(list.len()) > MOST {
            return None;
        }
        let longer = found.iter().flat_map(|known| {
            list.iter().filter_map(&chosen).map(move |one| known.iter().cloned().chain([one]).collect())
        });
        found = longer.collect();
    }
    Some(found)
}

impl Conditions {
    fn new(problem: &mut Problem, ground: &Ground<'_>) -> Self {
        let version = ground.document.version();
        let literals = ground.conditions.iter().map(|element| problem.condition(element, version)).collect();
        Self { literals, exactly: ground.resources.is_empty() }
    }

    /// That it applies.
    fn holding(&self) -> Units {
        self.literals.iter().map(|literal| (*literal, true)).collect()
    }

    /// That it does not; `None` if that may be anyway.
    fn failing(&self) -> Option<Clause> {
        self.exactly.then(|| self.literals.iter().map(|literal| (*literal, false)).collect())
    }
}

impl<'p> Grounds<'p> {
    fn statements(&self) -> impl Iterator<Item = &Ground<'p>> {
        let gates = self.ways.iter().flat_map(|way| &way.gates);
        gates.filter(|gate| !gate.settled).flat_map(|gate| &gate.statements).chain(&self.denies)
    }
}

/// The keys that open conditions of a statement ask for, also in variables.
fn keys_of(ground: &Ground<'_>) -> Vec<ConditionKey> {
    let version = ground.document.version();
    ground.conditions.iter().flat_map(|element| super::residual::keys_of(element, version)).collect()
}

/// Tells apart what is open.
fn signature(grounds: &Grounds<'_>) -> Signature {
    // Numbers too small for a place in memory stand between.
    let mut signature = Vec::new();
    let add = |ground: &Ground<'_>, signature: &mut Signature| {
        signature.push(2 + usize::from(ground.resources.is_empty()));
        signature.extend(ground.conditions.iter().map(|element| std::ptr::from_ref(*element).addr()));
    };
    grounds.denies.iter().for_each(|ground| add(ground, &mut signature));
    for way in &grounds.ways {
        signature.push(0);
        for gate in way.gates.iter().filter(|gate| !gate.settled) {
            signature.push(1);
            gate.statements.iter().for_each(|ground| add(ground, &mut signature));
        }
    }
    signature
}
