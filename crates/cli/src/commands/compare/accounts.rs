//! Whole accounts: which users and roles gained or lost what.

use super::{Args, LOST, NEW};
use crate::commands::explain::unreadable;
use crate::commands::questions::{Answers, Finding, Report, Statement, What};
use crate::problem::Problem;
use crate::render::questions::request;
use crate::sources::Input;
use analysis::Witness;
use audit::compare::{Change, Found, Part, StatementOf};
use audit::import::{Import, ImportOptions, authorization_details};
use base::Clock;
use server::SystemClock;
use std::path::Path;

/// Whether all these are exports of accounts.
pub(super) fn are_exports(inputs: &[Input]) -> bool {
    let is_export = |input: &Input| {
        input.text.contains("\"UserDetailList\"") || input.text.contains("\"RoleDetailList\"")
    };
    !inputs.is_empty() && inputs.iter().all(is_export)
}

/// Compares the accounts of two sets of exports.
pub(super) fn compare(args: &Args, old: &[Input], new: &[Input]) -> Result<Report, Problem> {
    let found = audit::compare::exports(&imports(old)?, &imports(new)?, args.mode.options())
        .map_err(|error| Problem::usage(error.to_string()))?;
    let name = |inputs: &[Input]| inputs.first().map(|input| input.name.clone()).unwrap_or_default();
    let (old_name, new_name) = (name(old), name(new));
    let answers = found.changes.into_iter().map(|change| {
        let Change { principal, part, was_there, is_there, gained, lost } = change;
        let (policy, kind) = match part {
            Part::Permissions => (principal, "effective permissions"),
            Part::Trust => (principal, "trust policy"),
            Part::Resource => (principal, "policy of a resource"),
        };
        let tell = |what, files: (&String, &String), found: Found, sides: (&str, &str, bool)| {
            finding(what, files, &policy, found, sides)
        };
        let gained = tell(&NEW, (&new_name, &old_name), gained, ("NEW", "OLD", was_there));
        let lost = tell(&LOST, (&old_name, &new_name), lost, ("OLD", "NEW", is_there));
        let lost = Finding { counts: args.equivalent, ..lost };
        let file = new_name.clone();
        Answers { file, policy: Some(policy), kind: kind.to_owned(), findings: vec![gained, lost] }
    });
    Ok(Report { answers: answers.collect(), unchanged: found.unchanged, notes: found.notes })
}

fn finding(
    what: &'static What,
    (file, other_file): (&String, &String),
    holder: &String,
    found: Found,
    (this, other, other_has_it): (&str, &str, bool),
) -> Finding {
    let sentence = |witness: &Witness| match other_has_it {
        true => format!("{this} lets {}; {other} does not", request(witness)),
        false => format!("{this} lets {}; {other} has no such principal", request(witness)),
    };
    let statements = |all: Vec<StatementOf>, file: &String| -> Vec<Statement> {
        all.into_iter().map(|by| statement(file, holder, by)).collect()
    };
    let by = statements(found.by, file);
    let finding = Finding::new(what, found.verdict, Vec::new(), sentence, |_| by.clone());
    finding.denied_by(statements(found.denied_by, other_file))
}

fn statement(file: &str, holder: &str, by: StatementOf) -> Statement {
    let StatementOf { policy, statement, sid, text } = by;
    let is_of_holder = policy == "trust policy" || policy == "resource policy";
    let policy = if is_of_holder { format!("{policy} of {holder}") } else { policy };
    Statement { file: file.to_owned(), policy: Some(policy), index: statement, sid, place: None, text }
}

fn imports(inputs: &[Input]) -> Result<Vec<Import>, Problem> {
    let import = |input: &Input| {
        authorization_details(input.text.as_bytes(), &ImportOptions::at(SystemClock.now()))
            .map_err(|error| unreadable(Path::new(&input.name), &error))
    };
    inputs.iter().map(import).collect()
}
