//! A second implementation by somebody else: @cloud-copilot/iam-simulate answers the same questions.
//!
//! `cargo xtask test` installs it with npm and names its folder in `BAILIWICK_IAM_SIMULATE`; without it these tests
//! pass over. It is under the AGPL and never part of what is shipped: it runs as a program of its own.
//!
//! Every difference is looked up in the facts. Those that stay are the table in `second_opinion/differences.rs`: a
//! difference that no row explains fails the test, and so does a row that no longer has a difference.
#![allow(clippy::print_stdout, reason = "a test that fails or passes over says of what")]
#![allow(clippy::disallowed_methods, reason = "what is asked and of whom comes from the environment")]
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "second_opinion/differences.rs"]
mod differences;
#[path = "second_opinion/questions.rs"]
mod questions;

use bailiwick_audit::corpus::{Corpus, Form};
use bailiwick_audit::decide::Decider;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Random questions; `BAILIWICK_QUESTIONS` asks for more.
const QUESTIONS: usize = 20_000;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("BAILIWICK_IAM_SIMULATE").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: BAILIWICK_IAM_SIMULATE names no folder; `cargo xtask test` installs it");
    }
    folder
}

/// What the other implementation says, in order.
fn theirs(folder: &Path, questions: &[Value]) -> Vec<String> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_opinion/answer.mjs");
    let mut child = Command::new("node")
        .arg(driver)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut input = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the driver failed");
    let answers = str::from_utf8(&output.stdout).unwrap().lines();
    let answers = answers.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answers: Vec<String> =
        answers.map(|answer| answer["decision"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answers.len(), questions.len());
    answers
}

/// What we say.
fn ours(questions: &[Value]) -> Vec<String> {
    let mut decider = Decider::new();
    let mut answer = |question: &Value| {
        let reply = serde_json::to_value(decider.answer(&question.to_string())).unwrap();
        assert!(reply["decision"].is_string(), "{reply}: {question}");
        reply["decision"].as_str().unwrap().to_owned()
    };
    questions.iter().map(&mut answer).collect()
}

/// The questions that come out differently, each under the row of the table that explains it.
fn compare(folder: &Path, questions: &[Value]) -> BTreeMap<&'static str, usize> {
    let (ours, theirs) = (ours(questions), theirs(folder, questions));
    let mut counts = BTreeMap::new();
    let mut unknown = Vec::new();
    for ((question, ours), theirs) in questions.iter().zip(&ours).zip(&theirs) {
        if ours == theirs {
            continue;
        }
        match differences::explain(question, ours, theirs) {
            Some(known) => *counts.entry(known).or_default() += 1,
            None => unknown.push(format!("ours {ours}, theirs {theirs}: {question}")),
        }
    }
    println!("{} questions, {} differences: {counts:?}", questions.len(), counts.values().sum::<usize>());
    let shown: Vec<&String> = unknown.iter().take(40).collect();
    assert!(unknown.is_empty(), "{} differences that the table does not know:\n{shown:#?}", unknown.len());
    counts
}

#[test]
fn random_questions_are_answered_alike() {
    let Some(folder) = folder() else { return };
    let count =
        std::env::var("BAILIWICK_QUESTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(QUESTIONS);
    let found = compare(&folder, &questions::random(count));
    let stale: Vec<&str> =
        differences::TABLE.iter().map(|row| row.name).filter(|name| !found.contains_key(name)).collect();
    assert!(stale.is_empty(), "nothing differs any longer for {stale:?}: take these rows out of the table");
}

#[test]
fn the_corpus_is_answered_alike() {
    let Some(folder) = folder() else { return };
    let mut asked = Vec::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let corpus = Corpus::read(&text, Form::of(path.to_str().unwrap()), &mut |path| Err(path.to_owned()));
        let corpus = corpus.unwrap();
        asked.extend(corpus.cases().map(questions::of_case));
    }
    assert!(asked.len() > 200);
    compare(&folder, &asked);
}

/// Every row names facts that have tests, and stands in the documentation.
#[test]
fn the_table_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let files = std::fs::read_dir(root.join("crates/policy/tests/facts")).unwrap();
    let tests: String = files.map(|entry| read(entry.unwrap().path())).collect();
    let documentation = read(root.join("docs/semantics.md"));
    for row in differences::TABLE {
        let numbers: Vec<String> = row.facts.iter().map(u32::to_string).collect();
        let line = format!("| {} | {} |", row.name, numbers.join(", "));
        assert!(documentation.contains(&line), "`docs/semantics.md` lacks the line {line}");
        for fact in row.facts {
            assert!(tests.contains(&format!("fact_{fact:03}_")), "fact {fact} has no test");
        }
    }
}
