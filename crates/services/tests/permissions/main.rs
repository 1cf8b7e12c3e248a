//! The permission matrix: what every operation demands, and that it is refused without each of it.
//!
//! Every row of the operation table is called with an input made from its shape (`inputs.rs`, `samples.rs`) by a user
//! who gets one right after the other until the call is no longer refused: so the demands are found from outside.
//! Then, for each of them, a user with every right but that one is refused in its name. What was found is compared
//! with `permission_matrix.txt`; a row without a line fails. After a wanted change, run the test once with
//! `BAILIWICK_WRITE_GOLDEN=1` and look at what changed.
#![allow(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether the golden file is written"
)]
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "../harness/mod.rs"]
mod harness;
mod inputs;
mod samples;

use bailiwick_services::table::Table;
use harness::Answer;
use inputs::{Input, Stage};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const GOLDEN: &str = include_str!("permission_matrix.txt");

/// Operations that no policy speaks of, with the reason.
const OPEN: [(&str, &str); 4] = [
    ("bailiwick:Login", "for the operator alone, over the local socket"),
    ("bailiwick:Reset", "for the development server's own key alone"),
    ("sts:GetCallerIdentity", "open to every signed caller"),
    ("sts:GetSessionToken", "open to every user's long-term key"),
];

/// Demands of one operation at most; more would mean that granting has no effect.
const MOST_DEMANDS: usize = 12;

/// What one refusal names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Demanded {
    action: String,
    resource: String,
}

/// What a refusal of the gate demands; `None` for every other answer.
fn demanded(answer: &Answer) -> Option<Demanded> {
    if !answer.code().starts_with("AccessDenied") {
        return None;
    }
    let message = answer.any_message();
    let (_, rest) = message.split_once("is not authorized to perform: ")?;
    let (action, rest) = rest.split_once(" on resource: ")?;
    let resource = rest.split(" because ").next()?.split(" with an explicit deny").next()?;
    Some(Demanded { action: action.to_owned(), resource: resource.to_owned() })
}

/// The operations of the table with their variants of inputs.
fn operations() -> Vec<Input> {
    let table = Table::new();
    let mut all = Vec::new();
    for service in ["iam", "sts", "bailiwick"] {
        for name in table.built(service) {
            let row = table.row(service, name).unwrap();
            if row.identify.is_none() {
                all.extend(inputs::variants(service, name));
            }
        }
    }
    all
}

/// Calls with the rights that a policy gives.
fn call(stage: &Stage, input: &Input, policy: &str) -> Answer {
    let caller = stage.caller(policy);
    input.send(&stage.world, &caller)
}

fn policy(element: &str, actions: &[String]) -> String {
    let actions: Vec<_> = actions.iter().map(|action| format!("\"{action}\"")).collect();
    let list = actions.join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","{element}":[{list}],"Resource":"*"}}]}}"#
    )
}

/// The demands, found by granting what each refusal names.
fn discover(input: &Input) -> Vec<Demanded> {
    let stage = Stage::new();
    let mut found: Vec<Demanded> = Vec::new();
    for _ in 0..MOST_DEMANDS {
        let actions: Vec<_> = found.iter().map(|demanded| demanded.action.clone()).collect();
        // One action that no operation demands, since a policy must name one.
        let granted = [&["ec2:DescribeRegions".to_owned()][..], &actions].concat();
        let answer = call(&stage, input, &policy("Action", &granted));
        match demanded(&answer) {
            None => {
                let is_open = OPEN.iter().any(|(name, _)| *name == input.name());
                input.check_reached(&answer, is_open || !found.is_empty());
                return found;
            }
            Some(next) => {
                assert!(
                    !found.contains(&next),
                    "{}: {next:?} is demanded although it is granted: {}",
                    input.title(),
                    answer.body
                );
                found.push(next);
            }
        }
    }
    panic!("{}: more than {MOST_DEMANDS} demands: {found:?}", input.title());
}

/// A caller with every right but one is refused in that one's name, whatever else it may.
fn refused_without(input: &Input, wanted: &Demanded) {
    let stage = Stage::new();
    let answer = call(&stage, input, &policy("NotAction", std::slice::from_ref(&wanted.action)));
    let named = demanded(&answer).map(|refused| refused.action);
    assert_eq!(
        named.as_ref(),
        Some(&wanted.action),
        "{} without {}: {} {}",
        input.title(),
        wanted.action,
        answer.status,
        answer.body
    );
    let deny = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny","Action":"{}","Resource":"*"}}]}}"#,
        wanted.action
    );
    let answer = call(&stage, input, &deny);
    assert_eq!(
        demanded(&answer).map(|refused| refused.action).as_ref(),
        Some(&wanted.action),
        "{} with {} denied: {} {}",
        input.title(),
        wanted.action,
        answer.status,
        answer.body
    );
}

fn line(input: &Input, demands: &[Demanded]) -> String {
    let mut line = input.title();
    if demands.is_empty() {
        let reason = OPEN.iter().find(|(name, _)| *name == input.name()).map(|(_, reason)| *reason);
        write!(line, " | ({})", reason.unwrap()).unwrap();
    }
    for demanded in demands {
        write!(line, " | {} on {}", demanded.action, demanded.resource).unwrap();
    }
    line
}

#[test]
fn case_074_every_operation_is_refused_without_each_right_that_it_demands() {
    let mut written = String::new();
    for input in operations() {
        let demands = discover(&input);
        let actions: BTreeSet<_> = demands.iter().map(|demanded| demanded.action.clone()).collect();
        for action in actions {
            let wanted = demands.iter().find(|demanded| demanded.action == action).unwrap();
            refused_without(&input, wanted);
        }
        writeln!(written, "{}", line(&input, &demands)).unwrap();
    }
    let header: String =
        GOLDEN.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let written = header + &written;
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
    let is_rewriting = std::env::var_os("BAILIWICK_WRITE_GOLDEN").is_some();
    if is_rewriting {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/permissions/permission_matrix.txt");
        std::fs::write(path, &written).unwrap();
        return;
    }
    let known: BTreeSet<_> = GOLDEN.lines().collect();
    let found: BTreeSet<_> = written.lines().collect();
    let new: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "the permission matrix changed; if that is meant, write it anew with BAILIWICK_WRITE_GOLDEN=1\nnew: {new:#?}\ngone: {gone:#?}"
    );
}

#[test]
fn the_matrix_names_every_operation_of_the_table() {
    let table = Table::new();
    for service in ["iam", "sts", "bailiwick"] {
        for name in table.built(service) {
            let row = table.row(service, name).unwrap();
            let title = format!("{service}:{name}");
            let is_listed = GOLDEN.lines().any(|line| line.split([' ', '|']).next() == Some(title.as_str()));
            assert!(is_listed || row.identify.is_some(), "{title} has no line in permission_matrix.txt");
        }
    }
}
