//! Whole accounts: which users and roles gained or lost what, and whom resources newly let in.

use super::{Args, LOST, NEW};
use crate::commands::explain::bytes;
use crate::commands::questions::{Answers, Finding, Report, Statement, What};
use crate::problem::Problem;
use crate::render::questions::request;
use crate::sources::{Input, read_inputs, walk};
use analysis::Witness;
use audit::compare::{Change, Found, Part, StatementOf, estates};
use audit::estate::Estate;
use audit::inputs::{InputFile, InputNoteKind, read};
use base::Clock;
use server::SystemClock;
use std::path::Path;

/// What the policy of a resource is called.
const RESOURCE: &str = "policy of a resource";

/// Whether these tell of accounts: one of them is an export.
pub(super) fn are_exports(inputs: &[Input]) -> bool {
    let is_export = |input: &Input| {
        input.text.contains("\"UserDetailList\"") || input.text.contains("\"RoleDetailList\"")
    };
    inputs.iter().any(is_export)
}

/// Compares the accounts of two sets of files; with organizations that came beside them.
pub(super) fn compare(args: &Args, old: &[Input], new: &[Input]) -> Result<Report, Problem> {
    let organizations = (args.organization.first(), args.organization.last());
    let new_path = args.new.as_ref().unwrap_or(&args.old);
    let (old_estate, old_notes) = estate(&args.old, old, organizations.0)?;
    let (new_estate, new_notes) = estate(new_path, new, organizations.1)?;
    let found = estates(&old_estate, &new_estate, args.mode.options());
    let mut notes = found.notes;
    notes.extend(old_notes.into_iter().chain(new_notes));
    let old = args.organization.first().filter(|_| args.new.is_none()).unwrap_or(&args.old);
    let new = args.organization.last().filter(|_| args.new.is_none()).unwrap_or(new_path);
    let (old_name, new_name) = (old.clone(), new.clone());
    let answers = found.changes.into_iter().map(|change| {
        let Change { principal, part, was_there, is_there, gained, lost } = change;
        let (policy, kind) = match part {
            Part::Permissions => (principal, "effective permissions"),
            Part::Trust => (principal, "trust policy"),
            Part::Resource => (principal, RESOURCE),
        };
        let tell = |what, files: (&String, &String), found: Found, sides: (&str, &str, bool)| {
            finding(what, files, (&policy, kind), found, sides)
        };
        let gained = tell(&NEW, (&new_name, &old_name), gained, ("NEW", "OLD", was_there));
        let lost = tell(&LOST, (&old_name, &new_name), lost, ("OLD", "NEW", is_there));
        let lost = Finding { counts: args.equivalent, ..lost };
        let file = new_name.clone();
        Answers { file, policy: Some(policy), kind: kind.to_owned(), findings: vec![gained, lost] }
    });
    Ok(Report { answers: answers.collect(), unchanged: found.unchanged, notes })
}

fn finding(
    what: &'static What,
    (file, other_file): (&String, &String),
    (holder, kind): (&String, &str),
    found: Found,
    (this, other, other_has_it): (&str, &str, bool),
) -> Finding {
    let sentence = |witness: &Witness| match other_has_it {
        true => format!("{this} lets {}; {other} does not", request(witness)),
        false => {
            let missing = if kind == RESOURCE { "resource" } else { "principal" };
            format!("{this} lets {}; {other} has no such {missing}", request(witness))
        }
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

/// What a version tells of its accounts, and what to know about that.
fn estate(
    path: &str,
    inputs: &[Input],
    organization: Option<&String>,
) -> Result<(Estate, Vec<String>), Problem> {
    let mut files = match Path::new(path).is_dir() {
        true => folder(Path::new(path))?,
        false => inputs.iter().map(|it| InputFile::new(&*it.name, it.text.clone().into_bytes())).collect(),
    };
    if let Some(organization) = organization {
        let of_organization = match Path::new(organization).is_dir() {
            true => folder(Path::new(organization))?,
            false => {
                let all = read_inputs(std::slice::from_ref(organization))?;
                all.into_iter().map(|it| InputFile::new(it.name, it.text.into_bytes())).collect()
            }
        };
        files.extend(of_organization);
    }
    let inputs = read(files, SystemClock.now()).map_err(|error| {
        Problem::usage(error.to_string()).help("docs/questions.md tells which files are read")
    })?;
    // What does not speak of policies is of no interest here.
    let of_interest = inputs.notes.into_iter().filter(|note| {
        !matches!(
            note.kind,
            InputNoteKind::Unknown
                | InputNoteKind::NotNeeded
                | InputNoteKind::NotAudited
                | InputNoteKind::Export
        )
    });
    let notes = of_interest.map(|note| match note.file {
        Some(file) => format!("{file}: {}", note.message),
        None => note.message,
    });
    Ok((inputs.estate, notes.collect()))
}

/// The files of a folder that may tell of accounts.
fn folder(path: &Path) -> Result<Vec<InputFile>, Problem> {
    let mut found = Vec::new();
    walk(path, &["json", "csv", "gz"], &mut found)?;
    found.sort();
    let read = |file: &std::path::PathBuf| -> Result<InputFile, Problem> {
        let name = file.display().to_string().replace('\\', "/");
        Ok(InputFile::new(name, bytes(file, audit::import::MAX_BYTES)?))
    };
    found.iter().map(read).collect()
}
