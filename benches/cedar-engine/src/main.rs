//! The policies and requests of the engine's benchmark, given to cedar-policy in its own language.
//!
//! `cargo xtask bench --only engine` runs it beside the engine's own and joins the lines that it prints.
#![forbid(unsafe_code)]

#[path = "../../../crates/policy/benches/engine/scenario.rs"]
#[allow(dead_code)]
mod scenario;
#[path = "../../../crates/policy/benches/engine/timing.rs"]
mod timing;

use bailiwick_policy::{Layers, Principal, evaluate};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};
use scenario::{Asked, Condition, KNOWN, Known, Rule};
use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::time::Duration;
use timing::Figures;

const TIME: Duration = Duration::from_millis(700);
/// Policies on one principal, for the growth; beyond that a decision takes many milliseconds.
const GROWTH: [usize; 5] = [1, 10, 20, 100, 1_000];

/// The policies and requests of one scenario, made ready.
struct Prepared {
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

fn main() {
    println!("{}", measure("20 policies × 5 statements", 20).line());
    for count in GROWTH {
        println!("{}", measure(&format!("growth {count}"), count).line());
    }
}

fn measure(name: &str, count: usize) -> Figures {
    let policies = scenario::policies(1, count);
    let asked = scenario::requests(1, &policies, scenario::REQUESTS);
    let prepared = Prepared::new(&policies, &asked);
    let authorizer = Authorizer::new();
    prepared.check(&authorizer, &policies, &asked);
    // A sample of the requests, so that one round does not take longer than all the time there is.
    let sample = if count > 100 { 50 } else { asked.len() };
    Figures::measure(name, "cedar-policy", sample, TIME, |place| {
        let Prepared { policies, entities, requests } = &prepared;
        black_box(authorizer.is_authorized(&requests[place * requests.len() / sample], policies, entities));
    })
}

impl Prepared {
    fn new(policies: &[Vec<Rule>], asked: &[Asked]) -> Self {
        let text: String = policies.iter().flatten().map(policy).collect();
        Self {
            policies: text.parse().expect("policies in Cedar's language"),
            entities: entities(policies, asked),
            requests: asked.iter().map(request).collect(),
        }
    }

    /// Both engines must be asked the same, or nothing is compared.
    fn check(&self, authorizer: &Authorizer, policies: &[Vec<Rule>], asked: &[Asked]) {
        let identity = scenario::set(policies);
        let layers = Layers { identity: &identity, ..Layers::default() };
        for (asked, request) in asked.iter().zip(&self.requests) {
            let known = KNOWN[asked.known];
            let (principal, context) = (Principal::user(&known.arn()).expect("a user"), known.context());
            let ours = bailiwick_policy::Request::new(&principal, &asked.action, &asked.resource, &context);
            let theirs = authorizer.is_authorized(request, &self.policies, &self.entities).decision();
            let same = evaluate(&layers, &ours).is_allowed() == (theirs == Decision::Allow);
            assert!(same, "{} on {} is decided differently", asked.action, asked.resource);
        }
    }
}

/// A statement as a policy of Cedar. Wildcards in actions become groups of actions, which is Cedar's way.
fn policy(rule: &Rule) -> String {
    let effect = if rule.deny { "forbid" } else { "permit" };
    let actions: Vec<String> = rule.actions.iter().map(|action| format!("Action::\"{action}\"")).collect();
    let resources: Vec<String> = rule.resources.iter().map(|text| resource(text)).collect();
    let mut conditions = vec![format!("({})", resources.join(" || "))];
    conditions.extend(rule.conditions.iter().map(condition));
    format!(
        "{effect}(principal, action in [{}], resource) when {{ {} }};\n",
        actions.join(", "),
        conditions.join(" && ")
    )
}

fn resource(text: &str) -> String {
    match text {
        "*" => "true".to_owned(),
        pattern if pattern.contains('*') => format!("resource.arn like \"{pattern}\""),
        exact => format!("resource == Resource::\"{exact}\""),
    }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Team(team) => format!("context.team == \"{team}\""),
        Condition::Source(networks) => {
            let ranges: Vec<String> = networks
                .iter()
                .map(|network| format!("context.source.isInRange(ip(\"{network}\"))"))
                .collect();
            format!("({})", ranges.join(" || "))
        }
        Condition::Secure => "context.secure".to_owned(),
        Condition::Younger(seconds) => format!("context.age < {seconds}"),
        Condition::Caller(pattern) => format!("context.caller like \"{pattern}\""),
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().expect("a type"), id.parse().expect("an id"))
}

fn entities(policies: &[Vec<Rule>], asked: &[Asked]) -> Entities {
    let patterns: HashSet<&str> =
        policies.iter().flatten().flat_map(|rule| &rule.actions).map(String::as_str).collect();
    let mut all: Vec<Entity> =
        patterns.iter().map(|pattern| Entity::with_uid(uid("Action", pattern))).collect();
    all.retain(|entity| entity.uid().id().unescaped().contains(['*', '?']));
    let resources: HashSet<&str> = asked.iter().map(|asked| asked.resource.as_str()).collect();
    let with_arn = |arn: &str| {
        let attributes =
            HashMap::from([("arn".to_owned(), RestrictedExpression::new_string(arn.to_owned()))]);
        Entity::new(uid("Resource", arn), attributes, HashSet::new()).expect("a resource")
    };
    all.extend(resources.into_iter().map(with_arn));
    all.extend(KNOWN.iter().map(|known| Entity::with_uid(uid("User", known.user))));
    all.extend(scenario::every_action().map(|action| {
        let groups =
            patterns.iter().filter(|pattern| **pattern != action && scenario::fits(pattern, &action));
        let parents = groups.map(|pattern| uid("Action", pattern)).collect();
        Entity::new_no_attrs(uid("Action", &action), parents)
    }));
    Entities::from_entities(all, None).expect("entities")
}

fn request(asked: &Asked) -> Request {
    let known = KNOWN[asked.known];
    Request::new(
        uid("User", known.user),
        uid("Action", &asked.action),
        uid("Resource", &asked.resource),
        context(known),
        None,
    )
    .expect("a request")
}

fn context(known: Known) -> Context {
    Context::from_pairs([
        ("team".to_owned(), RestrictedExpression::new_string(known.team.to_owned())),
        ("source".to_owned(), RestrictedExpression::new_ip(known.source)),
        ("secure".to_owned(), RestrictedExpression::new_bool(known.secure)),
        ("age".to_owned(), RestrictedExpression::new_long(known.age)),
        ("caller".to_owned(), RestrictedExpression::new_string(known.arn())),
    ])
    .expect("a context")
}
