//! docs/checks.md and docs/compliance.md are made from the tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::checks::{ALL, Area};
use bailiwick_audit::compliance::{SCOPE, frameworks};
use std::fmt::Write;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// Compares; with `BAILIWICK_WRITE_DOCS` set, writes the page anew.
#[expect(clippy::disallowed_methods, reason = "who changes a table writes its page anew by this variable")]
fn page(name: &str, made: &str) {
    let path = format!("{DOCS}/{name}");
    if std::env::var_os("BAILIWICK_WRITE_DOCS").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/{name} is old: run `BAILIWICK_WRITE_DOCS=1 cargo test -p bailiwick-audit --test check_docs`"
    );
}

#[test]
fn checks_are_documented() {
    let mut text = format!(
        "# The checks of `bailiwick audit`\n\n{} checks, made from their table. A check that lacks an input is not assessable; \
         that is never a pass.\nThresholds (`key-days`, `credential-days`, `unused-days`, the password profile, names of tags) \
         are settings.\n",
        ALL.len()
    );
    for area in Area::ALL {
        let checks: Vec<_> = ALL.iter().filter(|check| check.area == area).collect();
        if checks.is_empty() {
            continue;
        }
        write!(text, "\n## {}\n\n| check | how it should be | severity |\n|---|---|---|\n", area.title())
            .unwrap();
        for check in &checks {
            writeln!(text, "| [`{0}`](#{0}) | {1} | {2} |", check.id, check.title, check.severity.as_str())
                .unwrap();
        }
        for check in &checks {
            write!(text, "\n### {}\n\n{}. {}\n\n", check.id, check.title, check.why).unwrap();
            writeln!(text, "- Judged: {}", check.judged).unwrap();
            writeln!(text, "- To do: {}", check.remediation).unwrap();
            let needs: Vec<&str> = check.needs.iter().map(|input| input.missing()).collect();
            if !needs.is_empty() {
                writeln!(text, "- Needs: {}", needs.join("; ")).unwrap();
            }
            let links: Vec<String> = check.references.iter().map(|link| format!("<{link}>")).collect();
            writeln!(text, "- Read: {}", links.join(", ")).unwrap();
            let shows: Vec<String> = frameworks()
                .iter()
                .flat_map(|framework| {
                    let names =
                        |it: &&bailiwick_audit::compliance::Requirement| it.checks.contains(&check.id);
                    framework
                        .requirements
                        .iter()
                        .filter(names)
                        .map(|it| format!("{} {}", framework.id, it.id))
                })
                .collect();
            if !shows.is_empty() {
                writeln!(text, "- Evidence for: {}", shows.join(", ")).unwrap();
            }
        }
    }
    page("checks.md", &text);
}

#[test]
fn requirements_are_documented() {
    let mut text = format!(
        "# Standards\n\n{SCOPE}\n\nA requirement fails by any finding of its checks; it passes only if every check was judged in \
         every account. Where a standard asks for another\nthreshold than the audit was run with, the password policy is judged \
         against the standard's, and of others only what follows is said. Which requirements\nspeak of identities are facts of \
         Prowler's compliance files (Apache-2.0); titles are our own.\n"
    );
    for framework in frameworks() {
        write!(
            text,
            "\n## {} (`{}`)\n\n| requirement | in short | checks |\n|---|---|---|\n",
            framework.name, framework.id
        )
        .unwrap();
        for requirement in &framework.requirements {
            let checks: Vec<String> =
                requirement.checks.iter().map(|check| format!("[`{check}`](checks.md#{check})")).collect();
            let checks =
                if checks.is_empty() { "none: not assessable".to_owned() } else { checks.join(", ") };
            writeln!(text, "| {} | {} | {checks} |", requirement.id, requirement.title).unwrap();
        }
    }
    page("compliance.md", &text);
}
