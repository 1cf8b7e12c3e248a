//! What a decision costs, beside the naive oracle of the tests.
//!
//! `cargo bench -p bailiwick-policy --bench engine` prints a table; with `-- lines` lines for `cargo xtask bench`,
//! which adds other engines; with `-- COUNT SCENARIO` it only decides COUNT times a thousand requests, for callgrind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code
)]

#[path = "../tests/oracle/mod.rs"]
mod oracle;
#[path = "engine/scenario.rs"]
mod scenario;
#[path = "engine/timing.rs"]
mod timing;

use bailiwick_policy::{
    CompiledPolicy, ContextMap, Layers, PolicySet, Principal, Request, evaluate, explain,
};
use oracle::{KeyValue, Question, Who};
use scenario::{Asked, KNOWN, Rule};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use timing::{Figures, rate};

const TIME: Duration = Duration::from_millis(700);
/// Policies on one principal, for the growth.
const GROWTH: [usize; 7] = [1, 10, 20, 100, 1_000, 3_000, 10_000];

/// A principal's policies in every layer.
struct Sets {
    identity: PolicySet,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<PolicySet>,
    scps: Vec<Arc<PolicySet>>,
    rcps: Vec<Arc<PolicySet>>,
}

impl Sets {
    fn of_identity(policies: &[Vec<Rule>]) -> Self {
        let identity = scenario::set(policies);
        Self { identity, boundary: None, session: None, resource: None, scps: Vec::new(), rcps: Vec::new() }
    }

    fn in_all_layers(policies: &[Vec<Rule>]) -> Self {
        let around = scenario::around();
        let levels = |levels: &[Vec<Vec<Rule>>]| levels.iter().map(|l| Arc::new(scenario::set(l))).collect();
        Self {
            boundary: Some(scenario::set(&around.boundary)),
            session: Some(scenario::set(&around.session)),
            resource: Some(scenario::set(&around.resource)),
            scps: levels(&around.scps),
            rcps: levels(&around.rcps),
            ..Self::of_identity(policies)
        }
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            scps: &self.scps,
            rcps: &self.rcps,
            endpoint: None,
        }
    }
}

/// The callers and what is known of their requests.
struct Callers {
    principals: Vec<Principal>,
    contexts: Vec<ContextMap>,
}

impl Callers {
    fn new() -> Self {
        Self {
            principals: KNOWN.iter().map(|known| Principal::user(&known.arn()).unwrap()).collect(),
            contexts: KNOWN.iter().map(scenario::Known::context).collect(),
        }
    }

    fn request<'a>(&'a self, asked: &'a Asked) -> Request<'a> {
        let context = &self.contexts[asked.known];
        Request::new(&self.principals[asked.known], &asked.action, &asked.resource, context)
    }

    fn requests<'a>(&'a self, asked: &'a [Asked]) -> Vec<Request<'a>> {
        asked.iter().map(|asked| self.request(asked)).collect()
    }
}

/// Decides every request once; how many are allowed.
#[inline(never)]
fn decide_all(layers: &Layers<'_>, requests: &[Request<'_>]) -> usize {
    requests.iter().filter(|request| evaluate(black_box(layers), black_box(request)).is_allowed()).count()
}

#[inline(never)]
fn explain_all(layers: &Layers<'_>, requests: &[Request<'_>]) -> usize {
    requests.iter().map(|request| explain(black_box(layers), black_box(request)).layers.len()).sum()
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let callers = Callers::new();
    if let Some(count) = words.first().and_then(|word| word.parse().ok()) {
        return count_instructions(&callers, count, words.get(1).map_or("20 policies", String::as_str));
    }
    let report = Report::begin(words.iter().any(|word| word == "lines"));
    twenty_policies(&callers, &report);
    all_layers(&callers, &report);
    many_principals(&callers, &report);
    growth(&callers, &report);
    building(&callers, &report);
}

/// Prints figures as they come.
struct Report {
    /// For programs, not for people.
    lines: bool,
}

impl Report {
    fn begin(lines: bool) -> Self {
        if !lines {
            println!("| scenario | engine | a second | p50 ns | p99 ns |\n|---|---|---:|---:|---:|");
        }
        Self { lines }
    }

    fn add(&self, figures: Figures) {
        if self.lines {
            return println!("{}", figures.line());
        }
        let number = |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        println!(
            "| {} | {} | {:.0} | {} | {} |",
            figures.scenario,
            figures.contestant,
            figures.per_second,
            number(figures.p50),
            number(figures.p99)
        );
    }
}

fn count_instructions(callers: &Callers, count: usize, name: &str) {
    if name == "principals" {
        let principals = principals();
        let spread = spread(callers, &principals);
        return (0..count).for_each(|_| {
            black_box(decide_spread(black_box(&spread)));
        });
    }
    let number = name.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(20);
    let policies = scenario::policies(1, number);
    let asked = scenario::requests(1, &policies, scenario::REQUESTS);
    let sets =
        if name == "all layers" { Sets::in_all_layers(&policies) } else { Sets::of_identity(&policies) };
    let (layers, requests) = (sets.layers(), callers.requests(&asked));
    let name = name.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
    for _ in 0..count {
        black_box(match name {
            "explain" => explain_all(&layers, &requests),
            "requests" => prepare_all(callers, &asked),
            "compiled" => compile_all(&policies).len(),
            "renewed" => renew(&sets.identity).policies().len(),
            _ => decide_all(&layers, &requests),
        });
    }
}

#[inline(never)]
fn prepare_all(callers: &Callers, asked: &[Asked]) -> usize {
    asked.iter().map(|asked| black_box(callers.request(black_box(asked))).action().len()).sum()
}

#[inline(never)]
fn renew(set: &PolicySet) -> PolicySet {
    PolicySet::new(set.policies().to_vec())
}

#[inline(never)]
fn compile_all(policies: &[Vec<Rule>]) -> Vec<Arc<CompiledPolicy>> {
    policies.iter().map(|rules| scenario::compile(&scenario::text(rules))).collect()
}

fn twenty_policies(callers: &Callers, report: &Report) {
    let policies = scenario::policies(1, 20);
    let asked = scenario::requests(1, &policies, scenario::REQUESTS);
    let sets = Sets::of_identity(&policies);
    let (layers, requests) = (sets.layers(), callers.requests(&asked));
    report.add(engine("20 policies × 5 statements", &layers, &requests));
    report.add(Figures::measure("20 policies × 5 statements", "explained", requests.len(), TIME, |place| {
        black_box(explain(&layers, &requests[place]));
    }));
    let questions: Vec<Question> = asked.iter().map(|asked| question(asked, &policies)).collect();
    for (question, request) in questions.iter().zip(&requests) {
        let agreed =
            (oracle::answer(question) == oracle::Answer::Allowed) == evaluate(&layers, request).is_allowed();
        assert!(agreed, "the engine and the oracle disagree: {question:?}");
    }
    report.add(Figures::measure("20 policies × 5 statements", "oracle", 100, TIME, |place| {
        black_box(oracle::answer(&questions[place]));
    }));
}

fn engine(scenario: &str, layers: &Layers<'_>, requests: &[Request<'_>]) -> Figures {
    Figures::measure(scenario, "bailiwick", requests.len(), TIME, |place| {
        black_box(evaluate(black_box(layers), &requests[place]));
    })
}

fn question(asked: &Asked, policies: &[Vec<Rule>]) -> Question {
    let known = KNOWN[asked.known];
    let keys = known
        .context()
        .iter()
        .map(|(key, values)| (key.to_owned(), KeyValue::One(values[0].clone())))
        .collect();
    Question {
        who: Who::User { arn: known.arn(), id: None },
        management_account: false,
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        resource_account: None,
        keys,
        wildcard_only: false,
        aws_managed_key: false,
        identity: policies.iter().map(|rules| scenario::document(rules)).collect(),
        boundary: None,
        session: None,
        resource_policy: None,
        scps: Vec::new(),
        rcps: Vec::new(),
        endpoint: None,
    }
}

fn all_layers(callers: &Callers, report: &Report) {
    let policies = scenario::policies(1, 20);
    let asked = scenario::requests(1, &policies, scenario::REQUESTS);
    let sets = Sets::in_all_layers(&policies);
    let (layers, requests) = (sets.layers(), callers.requests(&asked));
    report.add(engine("all layers", &layers, &requests));
}

const PRINCIPALS: usize = 500;

/// Each principal's sets, and what it asks.
fn principals() -> Vec<(Sets, Vec<Asked>)> {
    const EACH: usize = 10;
    let principal = |number: usize| {
        let policies = scenario::policies(100 + number as u64, 20);
        let asked = scenario::requests(100 + number as u64, &policies, EACH);
        (Sets::of_identity(&policies), asked)
    };
    (0..PRINCIPALS).map(principal).collect()
}

/// Every principal's requests, so that neighbours ask neither as the same nor as the next principal.
fn spread<'a>(callers: &'a Callers, principals: &'a [(Sets, Vec<Asked>)]) -> Vec<(&'a Sets, Request<'a>)> {
    let each = principals[0].1.len();
    let order = (0..PRINCIPALS * each).map(|number| (number * 7_919 % PRINCIPALS, number / PRINCIPALS));
    order.map(|(who, what)| (&principals[who].0, callers.request(&principals[who].1[what]))).collect()
}

#[inline(never)]
fn decide_spread(spread: &[(&Sets, Request<'_>)]) -> usize {
    spread.iter().filter(|(sets, request)| evaluate(&sets.layers(), black_box(request)).is_allowed()).count()
}

fn many_principals(callers: &Callers, report: &Report) {
    let principals = principals();
    let spread = spread(callers, &principals);
    report.add(Figures::measure("500 principals × 20 policies", "bailiwick", spread.len(), TIME, |place| {
        let (sets, request) = &spread[place];
        black_box(evaluate(black_box(&sets.layers()), request));
    }));
}

fn growth(callers: &Callers, report: &Report) {
    for count in GROWTH {
        let policies = scenario::policies(1, count);
        let asked = scenario::requests(1, &policies, scenario::REQUESTS);
        let sets = Sets::of_identity(&policies);
        let (layers, requests) = (sets.layers(), callers.requests(&asked));
        report.add(engine(&format!("growth {count}"), &layers, &requests));
    }
}

/// What is measured apart from decisions; the rates are of requests, policies and sets.
fn building(callers: &Callers, report: &Report) {
    let add = |scenario: &str, per_second| {
        let (p50, p99) = (None, None);
        report.add(Figures { scenario: scenario.to_owned(), contestant: "bailiwick", per_second, p50, p99 });
    };
    let policies = scenario::policies(1, 10_000);
    let asked = scenario::requests(1, &policies, scenario::REQUESTS);
    let texts: Vec<String> = policies.iter().map(|rules| scenario::text(rules)).collect();
    let prepared = rate(asked.len(), TIME, |place| {
        black_box(callers.request(&asked[place]));
    });
    add("a request prepared", prepared);
    let mut compiled = Vec::new();
    let read = rate(texts.len(), 2 * TIME, |place| {
        compiled.truncate(place);
        compiled.push(scenario::compile(&texts[place]));
    });
    add("a policy read and compiled", read);
    for count in [20, 1_000] {
        let set = PolicySet::new(compiled[..count].to_vec());
        let renewed = rate(1, TIME / 2, |_| {
            let mut all = set.policies().to_vec();
            all[count / 2] = scenario::compile(&texts[count]);
            black_box(set.renewed(all));
        });
        add(&format!("one policy of {count} changed: compiled, set renewed"), renewed);
        let anew = rate(1, TIME / 2, |_| {
            black_box(PolicySet::new(set.policies().to_vec()));
        });
        add(&format!("a set of {count} policies made"), anew);
    }
}
