//! The index of the security cases: every number has tests that bear it, or says what it waits for.
//!
//! `cases.txt` has a line for each: the number, what must be refused, and either the tests or the reason why there is
//! none yet. After tests were added or renamed, run this test once with `BAILIWICK_WRITE_GOLDEN=1`: it writes the names
//! anew, and leaves the reasons of cases without tests as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

const INDEX: &str = include_str!("cases.txt");
const LAST: u32 = 105;
const TESTED: &str = "tested by ";
const WAITS: &str = "waits for: ";

type Found = BTreeMap<u32, BTreeSet<String>>;

/// The functions `case_NNN_…` of the whole workspace, by number; one name can bear several.
fn tests() -> Found {
    let mut found = Found::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = vec![crates.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                gather(&std::fs::read_to_string(path).unwrap(), &mut found);
            }
        }
    }
    found
}

fn gather(source: &str, found: &mut Found) {
    for line in source.lines() {
        let Some(name) =
            line.trim_start().strip_prefix("fn ").or_else(|| line.trim_start().strip_prefix("async fn "))
        else {
            continue;
        };
        let name = name.split(['(', '<']).next().unwrap();
        if !name.starts_with("case_") {
            continue;
        }
        for number in name.split("case_").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok()) {
            found.entry(number).or_default().insert(name.to_owned());
        }
    }
}

struct Case<'t> {
    number: u32,
    title: &'t str,
    state: &'t str,
}

fn cases() -> Vec<Case<'static>> {
    let lines = INDEX.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.splitn(3, " | ");
            let number = parts.next().unwrap().parse().unwrap_or_else(|_| panic!("no number: {line}"));
            let title = parts.next().unwrap_or_else(|| panic!("no title: {line}"));
            let state = parts.next().unwrap_or_else(|| panic!("no state: {line}"));
            Case { number, title, state }
        })
        .collect()
}

fn rewrite(found: &Found) {
    let mut text: String =
        INDEX.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    for Case { number, title, state } in cases() {
        let state = match found.get(&number) {
            Some(names) => format!("{TESTED}{}", names.iter().cloned().collect::<Vec<_>>().join(", ")),
            None => state.to_owned(),
        };
        writeln!(text, "{number:03} | {title} | {state}").unwrap();
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/security/cases.txt"), text).unwrap();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs it says whether the list is written")]
fn every_case_has_a_test_or_says_what_it_waits_for() {
    let found = tests();
    if std::env::var_os("BAILIWICK_WRITE_GOLDEN").is_some() {
        rewrite(&found);
        return;
    }
    let cases = cases();
    let numbers: Vec<_> = cases.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=LAST).collect::<Vec<_>>(), "a line for each number, in order");
    for case in &cases {
        let known = found.get(&case.number).cloned().unwrap_or_default();
        match case.state.strip_prefix(TESTED) {
            Some(names) => {
                let names: BTreeSet<_> = names.split(", ").map(str::to_owned).collect();
                assert_eq!(
                    names, known,
                    "case {}: write the index anew with BAILIWICK_WRITE_GOLDEN=1",
                    case.number
                );
            }
            None => {
                assert!(case.state.starts_with(WAITS), "case {}: `{}`", case.number, case.state);
                assert!(
                    known.is_empty(),
                    "case {} has tests: write the index anew with BAILIWICK_WRITE_GOLDEN=1",
                    case.number
                );
            }
        }
    }
    assert!(found.keys().all(|number| (1..=LAST).contains(number)), "a test bears a number that is no case");
}
