//! What came of tests: for people with the reasons of every failure, for programs as one document.

use super::explanation::{Look, text as explanation};
use crate::commands::test::{FileOutcome, TestOutcome};
use crate::terminal::{Style, escape};
use audit::corpus::{Case, Judgement};
use serde_json::{Value, json};

/// Further failures of a test that are told in a line each before the rest is counted.
const LINES: usize = 20;

/// How many cases came out in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Tests that were run.
    pub(crate) tests: usize,
    /// Cases that came out as expected.
    pub(crate) passed: usize,
    /// Cases that came out otherwise.
    pub(crate) failed: usize,
    /// Cases that could not be answered.
    pub(crate) errors: usize,
}

impl Totals {
    /// Counts the cases of all files.
    pub(crate) fn of(outcomes: &[FileOutcome]) -> Self {
        let mut totals = Self::default();
        for test in outcomes.iter().flat_map(|outcome| &outcome.tests) {
            totals.tests += 1;
            for judgement in &test.judgements {
                match (&judgement.answer, judgement.passed()) {
                    (Err(_), _) => totals.errors += 1,
                    (Ok(_), true) => totals.passed += 1,
                    (Ok(_), false) => totals.failed += 1,
                }
            }
        }
        totals
    }
}

/// Every failure with its reasons, then the totals.
pub(crate) fn text(outcomes: &[FileOutcome], look: Look) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        for test in &outcome.tests {
            text.push_str(&failures(&outcome.name, test, look));
        }
    }
    let totals = Totals::of(outcomes);
    let mut parts = vec![format!("{} passed", totals.passed), format!("{} failed", totals.failed)];
    if totals.errors > 0 {
        parts.push(format!("{} without an answer", totals.errors));
    }
    let good = totals.failed + totals.errors == 0;
    let word = Style::paint(if good { Style::Green } else { Style::Red }, &parts.join(", "), look.colours);
    let cases = totals.passed + totals.failed + totals.errors;
    text.push_str(&format!("{}, {}: {word}\n", count(totals.tests, "test"), count(cases, "case")));
    text
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The first failure of a test is explained; those that follow are told.
fn failures(file: &str, outcome: &TestOutcome, look: Look) -> String {
    let cases = outcome.test.cases.iter().zip(&outcome.judgements);
    let mut failed = cases.filter(|(_, judgement)| !judgement.passed());
    let Some((case, first)) = failed.next() else { return String::new() };
    let mut text = format!(
        "{} {} ({}:{})\n",
        Style::Red.paint("failed:", look.colours),
        Style::Bold.paint(&escape(&outcome.test.name), look.colours),
        escape(file),
        outcome.test.place.line
    );
    for complaint in &first.complaints {
        text.push_str(&format!("  {}\n", escape(complaint)));
    }
    text.push('\n');
    match &first.answer {
        Ok(answer) => text.push_str(&explanation(answer, look)),
        Err(_) => text.push_str(&format!("  {}\n", asked(case))),
    }
    let others: Vec<_> = failed.collect();
    if !others.is_empty() {
        text.push_str(&format!("\nand {} of this test:\n", count(others.len(), "more case")));
    }
    for (case, judgement) in others.iter().take(LINES) {
        text.push_str(&format!("  {}: {}\n", asked(case), complaint(judgement)));
    }
    if others.len() > LINES {
        text.push_str(&format!("  … and {} more\n", others.len() - LINES));
    }
    text.push('\n');
    text
}

/// `PRINCIPAL ACTION RESOURCE`.
pub(super) fn asked(case: &Case) -> String {
    let question = &case.question;
    escape(&format!("{} {} {}", question.principal, question.action, question.resource)).into_owned()
}

fn complaint(judgement: &Judgement) -> String {
    escape(&judgement.complaints.join("; ")).into_owned()
}

/// The same for programs; of what failed with the whole answer.
pub(crate) fn json(outcomes: &[FileOutcome]) -> Value {
    let totals = Totals::of(outcomes);
    let files: Vec<Value> = outcomes
        .iter()
        .map(|outcome| json!({"file": outcome.name, "tests": outcome.tests.iter().map(test).collect::<Vec<_>>()}))
        .collect();
    json!({"files": files, "tests": totals.tests, "passed": totals.passed, "failed": totals.failed, "errors": totals.errors})
}

fn test(outcome: &TestOutcome) -> Value {
    let cases = outcome.test.cases.iter().zip(&outcome.judgements);
    let cases: Vec<Value> = cases.map(|(case, judgement)| one(case, judgement)).collect();
    let passed = outcome.judgements.iter().all(Judgement::passed);
    let place = outcome.test.place;
    json!({
        "name": outcome.test.name, "tags": outcome.test.tags, "line": place.line, "column": place.column,
        "passed": passed, "cases": cases,
    })
}

fn one(case: &Case, judgement: &Judgement) -> Value {
    let question = &case.question;
    let mut value = json!({
        "principal": question.principal, "action": question.action, "resource": question.resource,
        "expected": case.expected, "passed": judgement.passed(),
    });
    let mut set = |key: &str, member: Value| {
        value.as_object_mut().map(|members| members.insert(key.to_owned(), member))
    };
    match &judgement.answer {
        Ok(answer) => {
            set("verdict", json!(answer.verdict));
            set("summary", json!(answer.summary));
            if !judgement.passed() {
                set("complaints", json!(judgement.complaints));
                set("answer", json!(answer));
            }
        }
        Err(error) => drop(set("error", json!(error))),
    }
    value
}
