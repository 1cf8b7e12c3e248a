//! What no compiler checks: who may import whom, what is depended on and under which licence, how long files are
//! and what they are called. Each check is a test as well.

mod edges;
mod facts;
mod files;
mod licence;
pub mod metadata;
mod supply;

use anyhow::{Result, bail};

/// A check: what is wrong, one line each.
type Check = fn() -> Result<Vec<String>>;

const CHECKS: &[(&str, Check)] = &[
    ("crate edges", edges::problems),
    ("dependencies", supply::problems),
    ("manifests", files::manifests),
    ("file lengths", files::lengths),
    ("file names", files::names),
    ("words", files::words),
    ("facts", facts::problems),
];

/// Runs all checks and prints what is wrong.
pub fn run() -> Result<()> {
    let mut wrong = 0;
    for (name, check) in CHECKS {
        for problem in check()? {
            eprintln!("{name}: {problem}");
            wrong += 1;
        }
    }
    for warning in files::long()? {
        println!("warning: {warning}");
    }
    if wrong > 0 {
        bail!("{wrong} problems");
    }
    println!("{} checks passed", CHECKS.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(check: Check) {
        let problems = check().unwrap();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn crates_import_only_whom_they_may() {
        check(edges::problems);
    }

    #[test]
    fn dependencies_are_argued_for_and_licensed() {
        check(supply::problems);
    }

    #[test]
    fn crates_forbid_unsafe_code_and_share_lints() {
        check(files::manifests);
    }

    #[test]
    fn files_are_short() {
        check(files::lengths);
    }

    #[test]
    fn files_have_telling_names() {
        check(files::names);
    }

    #[test]
    fn files_name_no_machine() {
        check(files::words);
    }

    #[test]
    fn every_fact_has_a_test() {
        check(facts::problems);
    }
}
