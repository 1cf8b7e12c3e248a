//! `bailiwick redundant`: which parts of policies change nothing?

use super::lint::Kind;
use super::questions::{Asked, ModeArgs, Place, Sources, What};
use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::{Piece, sarif_of_pieces};
use crate::terminal::{escape, shorten};
use analysis::{Part, Redundant, redundant};
use base::Span;
use policy::Effect;
use serde_json::{Value, json};

const REDUNDANT: What = What {
    code: "REDUNDANT",
    key: "Redundant",
    some: "redundant",
    none: "nothing is redundant",
    summary: "the policy by itself allows the same without this part",
    denied: "",
};

/// So much of a part is shown.
const WIDTH: usize = 120;

const AFTER: &str = "\
A part of a policy - a statement, or an entry of its actions or resources - is redundant if the policy allows the same \
without it. That is proved of each by itself; of parts that stand in for one another not all can go, so that `bailiwick \
minimize` may leave more than what is not told here. A statement of which denies leave nothing is told as such.

A policy is judged alone: the other policies of whoever has it, boundaries, SCPs and policies of resources are not \
looked at. A deny that denies nothing of its own policy still denies what other policies of the same principal allow.

Examples:
  bailiwick redundant policy.json
  bailiwick redundant policies/ --format json
  bailiwick redundant policies/ --format sarif > redundant.sarif
  bailiwick minimize policy.json > smaller.json

Exit codes: 0 if nothing is redundant, 1 if something is, 2 if the command line or a policy is wrong, 4 if a file cannot \
be read.";

/// Tell which parts of policies change nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files, folders and git's REVISION:PATH; `-` reads standard input
    #[arg(required = true, value_name = "POLICY")]
    files: Vec<String>,
    /// What the policies are: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by
    /// what they say]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    #[command(flatten)]
    mode: ModeArgs,
}

/// What is redundant, and where it stands.
struct Found {
    file: String,
    policy: Option<String>,
    place: Option<Place>,
    /// Whether it is of a statement that denies.
    denies: bool,
    redundant: Redundant,
}

/// Asks of every policy.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let sources = Sources::read(&args.files)?;
    let (mut all, mut notes) = (Vec::new(), sources.notes());
    for found in sources.policies() {
        let asked = Asked::read(found, args.kind.map(Into::into))?;
        asked.whole()?;
        if asked.only_denies() {
            notes.push(format!("{}: it allows nothing by itself, and is passed over", asked.shown()));
            continue;
        }
        for redundant in redundant(&asked.read.document, asked.read.kind, args.mode.options()) {
            all.push(Found {
                file: found.file.clone(),
                policy: (found.name != found.file).then(|| found.name.clone()),
                place: span(&asked, redundant.part).and_then(|span| sources.place(&asked, span)),
                denies: is_deny(&asked, redundant.part),
                redundant,
            });
        }
    }
    match context.global.format {
        Form::Sarif => {
            let pieces: Vec<Piece<'_>> = all.iter().map(piece).collect();
            context.output.json(&sarif_of_pieces(&REDUNDANT, &pieces, &notes))?;
        }
        Form::Json | Form::Junit | Form::Ocsf => {
            let found: Vec<Value> = all.iter().map(json).collect();
            context.output.json(&json!({ "Redundant": found, "Notes": notes }))?;
        }
        Form::Text | Form::Html | Form::Csv => {
            let mut text: String = all.iter().map(line).collect();
            text.extend(notes.iter().map(|note| format!("note: {}\n", escape(note))));
            text.push_str(&if all.is_empty() { format!("{}\n", REDUNDANT.none) } else { String::new() });
            context.output.text(&text)?;
        }
    }
    Ok(if all.is_empty() { Exit::Ok } else { Exit::No })
}

/// Where a part stands in its policy.
fn span(asked: &Asked, part: Part) -> Option<Span> {
    let statements = asked.read.document.statements();
    match part {
        Part::Statement(place) => statements.get(place).map(|statement| statement.span),
        Part::Action(place, entry) => Some(statements.get(place)?.action.entries.get(entry)?.span),
        Part::Resource(place, entry) => {
            Some(statements.get(place)?.resource.as_ref()?.entries.get(entry)?.span)
        }
    }
}

fn is_deny(asked: &Asked, part: Part) -> bool {
    let statement = asked.read.document.statements().get(self::part(part).1);
    statement.is_some_and(|statement| statement.effect == Effect::Deny)
}

/// What a part is, and of which statement, from zero.
fn part(part: Part) -> (&'static str, usize) {
    match part {
        Part::Statement(place) => ("statement", place),
        Part::Action(place, _) => ("action", place),
        Part::Resource(place, _) => ("resource", place),
    }
}

fn line(found: &Found) -> String {
    let Found { file, policy, place, .. } = found;
    let line = place.map(|((line, _), _)| format!(":{line}")).unwrap_or_default();
    let policy = policy.as_ref().map(|policy| format!(", {policy}")).unwrap_or_default();
    let text = found.redundant.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = format!("{file}{line}{policy}: {}: {}", said(found), shorten(&text, WIDTH));
    format!("{}\n", escape(&whole))
}

/// `statement 2 changes nothing`.
fn said(found: &Found) -> String {
    let what = match part(found.redundant.part) {
        ("statement", place) => format!("statement {}", place + 1),
        (what, place) => format!("{what} of statement {}", place + 1),
    };
    let why = match (found.denies, found.redundant.is_denied) {
        (true, _) => "denies nothing that the policy allows",
        (false, true) => "is denied altogether",
        (false, false) => "changes nothing",
    };
    format!("{what} {why}")
}

fn piece(found: &Found) -> Piece<'_> {
    let Found { file, policy, place, .. } = found;
    Piece { file, policy: policy.as_deref(), place: *place, message: said(found), instead: None }
}

fn json(found: &Found) -> Value {
    let Found { file, policy, place, denies, redundant } = found;
    let line = place.map(|((line, _), _)| line);
    let (what, statement) = part(redundant.part);
    json!({ "File": file, "Policy": policy, "Line": line, "Part": what, "Statement": statement,
            "Text": redundant.text, "Denies": denies,
            "IsDenied": redundant.is_denied })
}
