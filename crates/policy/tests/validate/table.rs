//! The table of checks and the page that explains them agree.

use bailiwick_policy::validate::{CHECKS, Safety};

const PAGE: &str = include_str!("../../../../docs/lint.md");

fn row(check: &bailiwick_policy::validate::Check) -> String {
    let fix = match check.fix() {
        None => "",
        Some(Safety::Safe) => "safe",
        Some(Safety::ChangesMeaning) => "changes meaning",
    };
    format!("| `{}` | {} | {} | {} |", check.code(), check.applies_to(), check.summary(), fix)
}

/// To write the tables anew, copy what the failing test prints.
#[test]
fn the_page_lists_every_check() {
    let missing: Vec<_> =
        CHECKS.iter().map(|check| row(check)).filter(|row| !PAGE.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/lint.md lacks or tells otherwise:\n{}", missing.join("\n"));
    let rows = PAGE.lines().filter(|line| line.starts_with("| `") && line.contains('_')).count();
    assert_eq!(rows, CHECKS.len(), "docs/lint.md lists checks that do not exist");
}
