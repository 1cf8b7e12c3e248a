//! A solver by somebody else is asked the same questions, written as formulas: where both decide, they agree.
//!
//! `cargo xtask test` fetches cvc5 (BSD-3-Clause, its Python package) and names the folder in `BAILIWICK_CVC5`; without
//! it this passes over. It is a program of its own and no part of what is shipped.
#![allow(clippy::print_stdout, reason = "a test that passes over says so")]
#![allow(clippy::disallowed_methods, reason = "where the solver is comes from the environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "solver/encode.rs"]
mod encode;

use bailiwick_analysis::*;
use policy::{Document, DocumentKind};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Random pairs; `BAILIWICK_FORMULAS` asks for more.
const PAIRS: usize = 100;
/// How long the solver may take for one.
const MILLISECONDS: u32 = 1_000;

const ACTIONS: [&str; 8] = ["x:a", "x:*", "x:a*", "x:?", "*", "y:*b", "x:ab", "x:a*b*"];
const RESOURCES: [&str; 10] = [
    "*",
    "arn:aws:x:::a",
    "arn:aws:x:::a*",
    "arn:aws:x:*:*:a",
    "arn:aws:x:*",
    "arn:*:x:r*:*:*a",
    "arn:aws:x:::?",
    "arn:aws:y:::*",
    "arn:aws:x:?::a*b",
    "arn:aws:x:::*ab*a*",
];
const OPERATORS: [&str; 9] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "Null",
];
/// Keys of one value, which any request may have.
const KEYS: [&str; 2] = ["aws:SourceVpc", "aws:SourceVpce"];
const VALUES: [&str; 8] = ["a", "b", "a*", "B", "?", "*b*a*", "ab?", "??*"];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn list(&mut self, of: &[&str]) -> String {
        let texts: Vec<&str> = (0..=self.below(2)).map(|_| of[self.below(of.len())]).collect();
        serde_json::to_string(&texts).unwrap()
    }

    fn element(&mut self, name: &str, of: &[&str]) -> String {
        let not = if self.below(5) == 0 { "Not" } else { "" };
        format!(r#""{not}{name}":{}"#, self.list(of))
    }

    fn condition(&mut self) -> String {
        let operator = OPERATORS[self.below(OPERATORS.len())];
        let key = KEYS[self.below(KEYS.len())];
        let values =
            if operator == "Null" { format!(r#"["{}"]"#, self.below(2) == 0) } else { self.list(&VALUES) };
        format!(r#","Condition":{{"{operator}":{{"{key}":{values}}}}}"#)
    }

    fn statement(&mut self) -> String {
        let effect = if self.below(3) == 0 { "Deny" } else { "Allow" };
        let (action, resource) = (self.element("Action", &ACTIONS), self.element("Resource", &RESOURCES));
        let condition = if self.below(2) == 0 { self.condition() } else { String::new() };
        format!(r#"{{"Effect":"{effect}",{action},{resource}{condition}}}"#)
    }

    fn policy(&mut self) -> Arc<Document> {
        let statements: Vec<String> = (0..=self.below(3)).map(|_| self.statement()).collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        Arc::new(Document::parse_tolerant(&text).0.unwrap())
    }

    /// The same with one statement more.
    fn wider(&mut self, document: &Document) -> Arc<Document> {
        let more = self.policy();
        let statement =
            |text: &str| text.split_once("\"Statement\":[").unwrap().1.strip_suffix("]}").unwrap().to_owned();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#,
            statement(document.text()),
            statement(more.text())
        );
        Arc::new(Document::parse_tolerant(&text).0.unwrap())
    }
}

/// What the solver says of each formula.
fn theirs(folder: &OsString, formulas: &[String]) -> Vec<String> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/solver/solve.py");
    let mut child = Command::new("python3")
        .arg(driver)
        .arg(MILLISECONDS.to_string())
        .env("PYTHONPATH", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = child.stdin.take().unwrap();
    let texts = formulas.join("\n;;\n");
    let writer = std::thread::spawn(move || input.write_all(texts.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the driver failed");
    str::from_utf8(&output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_solver_comes_to_the_same() {
    let Some(folder) = std::env::var_os("BAILIWICK_CVC5") else {
        println!("skipped: BAILIWICK_CVC5 names no folder; `cargo xtask test` fetches it");
        return;
    };
    let count = std::env::var("BAILIWICK_FORMULAS").ok().and_then(|text| text.parse().ok()).unwrap_or(PAIRS);
    let mut dice = Dice(1);
    let pairs: Vec<[Arc<Document>; 2]> = (0..count)
        .map(|number| {
            let one = dice.policy();
            let other = if number % 3 == 0 { dice.wider(&one) } else { dice.policy() };
            [one, other]
        })
        .collect();
    let formulas: Vec<String> = pairs.iter().map(|[new, old]| encode::question(new, old)).collect();
    let theirs = theirs(&folder, &formulas);
    assert_eq!(theirs.len(), pairs.len());
    let (mut proved, mut refuted, mut undecided) = (0, 0, 0);
    for (([new, old], theirs), formula) in pairs.iter().zip(&theirs).zip(&formulas) {
        let access = |document: &Arc<Document>| Access::of(Arc::clone(document), DocumentKind::Identity);
        let options = Options { blame_all: false, ..Options::default() };
        let ours = no_new_access(&access(new), &access(old), &Scope::default(), options);
        match (&ours, theirs.as_str()) {
            (Verdict::Proved, "unsat") => proved += 1,
            (Verdict::Refuted(_), "sat") => refuted += 1,
            (Verdict::Undetermined(reasons), _) => panic!("{reasons:?} {} {}", new.text(), old.text()),
            (_, theirs) if theirs.starts_with("unknown") => undecided += 1,
            _ => panic!("{theirs}, but {ours:?}\n{}\n{}\n{formula}", new.text(), old.text()),
        }
    }
    println!("{count} pairs: {proved} proved, {refuted} refuted, {undecided} that cvc5 left");
    assert!(proved * 10 > count && refuted * 10 > count && undecided * 2 < count);
}
