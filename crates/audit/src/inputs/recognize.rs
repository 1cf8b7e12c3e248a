//! What a file is, told by what is in it.

use super::InputFile;
use super::error::{InputError, Reason};
use super::fact::{Fact, Reading};
use super::forms;
use super::json::{Json, Members};
use super::note::{InputNote, InputNoteKind};
use super::text::{self, TextKind};
use crate::import::ImportError;

/// Endings of names that tell of text which only begins as JSON does.
const NOT_JSON: [&str; 14] = [
    "md", "markdown", "txt", "rst", "tf", "tfvars", "hcl", "yaml", "yml", "toml", "ini", "html", "py", "log",
];
/// Endings of names of files that must be what they are named.
const OURS: [&str; 4] = ["json", "csv", "gz", "jsonl"];

/// Reads a file.
pub(super) fn file(input: InputFile) -> Result<Reading, InputError> {
    read(input).map(Reading::finish)
}

fn read(input: InputFile) -> Result<Reading, InputError> {
    let InputFile { name, bytes, account } = input;
    let mut reading = Reading::new(name.clone(), account);
    let ending =
        name.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, ending)| ending);
    let ending = ending.to_ascii_lowercase();
    let text = match text::text(&name, &bytes) {
        Ok(text) => text,
        Err(error) if !OURS.contains(&&*ending) && is_no_text(&error) => {
            unknown(&mut reading, "holds no text that is known");
            return Ok(reading);
        }
        Err(error) => return Err(error),
    };
    match text::kind(&text) {
        TextKind::Json => match json(&text, &mut reading) {
            Err(error) if NOT_JSON.contains(&&*ending) && matches!(*error.reason, Reason::NotJson(_)) => {
                unknown(&mut reading, "holds nothing that is known");
            }
            other => other?,
        },
        TextKind::Report => forms::credential_report::csv(&text, &mut reading)?,
        TextKind::CliError => forms::cli_error::read(&text, &mut reading)?,
        TextKind::OtherOutput => return Err(InputError::of(&name, Reason::OtherOutput)),
        TextKind::Other => unknown(&mut reading, "holds nothing that is known"),
    }
    Ok(reading)
}

fn is_no_text(error: &InputError) -> bool {
    text::is_empty(error) || matches!(*error.reason, Reason::Export(ImportError::NotUtf8 { .. }))
}

fn unknown(reading: &mut Reading, message: &str) {
    reading.notes.push(InputNote::new(InputNoteKind::Unknown, Some(&reading.file), message));
}

fn json(text: &str, reading: &mut Reading) -> Result<(), InputError> {
    let file = reading.file.clone();
    text::not_too_deep(&file, text)?;
    for value in Json::values(&file, text)? {
        document(value, reading)?;
    }
    if reading.kinds.is_empty() && reading.notes.is_empty() {
        let message = match looks_like(text) {
            Some(what) => format!("holds nothing that an audit needs: it looks like {what}"),
            None => "is JSON, but holds nothing that is known".to_owned(),
        };
        unknown(reading, &message);
    }
    Ok(())
}

/// Reads one value at the top of a file: an answer, or a list of answers.
fn document(value: Json<'_>, reading: &mut Reading) -> Result<(), InputError> {
    if value.is_array() {
        for element in value.elements()? {
            if element.is_object() {
                object(element, &element.members()?, reading)?;
            }
        }
        return Ok(());
    }
    if value.is_null() && value.file.to_ascii_lowercase().contains("password") {
        reading.is("password policy");
        reading.facts.push(Fact::PasswordPolicy(None));
    }
    object(value, &value.members()?, reading)
}

/// Takes the members that are a form's own.
type Form = fn(Json<'_>, &Members<'_>, &mut Reading) -> Result<(), InputError>;

/// Reads an object: every form takes the members that are its own.
fn object(value: Json<'_>, members: &Members<'_>, reading: &mut Reading) -> Result<(), InputError> {
    const FORMS: [Form; 9] = [
        forms::export::read,
        forms::credential_report::answer,
        forms::account::read,
        forms::last_accessed::read,
        forms::organization::read,
        forms::sign_on::read,
        forms::analyzer::read,
        forms::snapshot::read,
        forms::cli_error::answer,
    ];
    let (before, notes) = (reading.facts.len(), reading.notes.len());
    for form in FORMS {
        form(value, members, reading)?;
    }
    // Resources and workloads are told by looser signs: only of what is nothing else.
    if reading.facts.len() == before && reading.notes.len() == notes {
        forms::resource::read(value, members, reading)?;
    }
    if reading.facts.len() == before && reading.notes.len() == notes {
        forms::workload::read(value, members, reading)?;
    }
    if reading.facts.len() == before && reading.notes.len() == notes {
        forms::not_needed::read(members, reading);
    }
    let is_export = matches!(reading.facts.get(before), Some(Fact::Export(_)));
    if reading.facts.len() > before && !is_export && is_a_page(members) {
        return Err(value.error(Reason::Incomplete));
    }
    Ok(())
}

/// Whether there is more under a marker.
fn is_a_page(members: &Members<'_>) -> bool {
    let truncated = ["IsTruncated", "Truncated"]
        .iter()
        .any(|name| members.get(*name).is_some_and(|it| it.raw() == "true"));
    let markers = ["Marker", "NextToken", "nextToken", "NextMarker"];
    let marked =
        |name: &&str| members.get(*name).and_then(Json::string).is_some_and(|marker| !marker.is_empty());
    truncated || markers.iter().any(marked)
}

/// Other files that people have at hand, told by a member near their beginning.
fn looks_like(text: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 9] = [
        ("\"Records\"", "a CloudTrail file"),
        ("\"AWSTemplateFormatVersion\"", "a CloudFormation template"),
        ("\"planned_values\"", "a Terraform plan"),
        ("\"terraform_version\"", "Terraform state"),
        ("\"Statement\"", "a policy document"),
        ("\"finding_info\"", "findings of another auditor"),
        ("\"Findings\"", "findings of another auditor"),
        ("\"findings\"", "a report of findings"),
        ("\"$schema\"", "a file that describes another tool's data"),
    ];
    let near: String = text.chars().take(600).collect();
    SIGNS.iter().find(|(sign, _)| near.contains(sign)).map(|(_, what)| *what)
}
