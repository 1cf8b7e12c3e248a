//! `bailiwick minimize`: a policy without what changes nothing.

use super::lint::Kind;
use super::questions::{Asked, ModeArgs, Sources, What};
use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::{Piece, sarif_of_pieces};
use crate::terminal::{escape, shorten};
use analysis::{Minimized, Verdict, minimize};
use base::Span;
use policy::{Document, Effect};
use serde_json::json;

const SMALLER: What = What {
    code: "NOT_MINIMAL",
    key: "NotMinimal",
    some: "not minimal",
    none: "minimal",
    summary: "the policy by itself allows the same with less",
    denied: "",
};

/// So much of a part is shown.
const WIDTH: usize = 120;

const AFTER: &str = "\
Statements and entries of actions and resources are taken out until nothing more can go. Then it is proved of the whole \
that the policy allows what it did, no more and no less; without that proof nothing is printed. What is printed is \
minimal in that no statement and no entry of it can be left out; another policy that says the same otherwise may be \
shorter.

The policy is judged alone: the other policies of whoever has it, boundaries, SCPs and policies of resources are not \
looked at. A deny that is taken out because it denies nothing of its own policy is told, since it may deny what others \
allow. The policy goes to standard output, what was taken out is told on standard error.

Examples:
  bailiwick minimize policy.json > smaller.json
  bailiwick minimize policy.json --format json | jq .Removed
  bailiwick minimize policy.json --format sarif > smaller.sarif

Exit codes: 0 if the policy is printed, 2 if the command line or a policy is wrong, 3 if it could not be proved that it \
is the same, 4 if a file cannot be read.";

/// Print a policy without what changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// A file with one policy, git's REVISION:PATH, or `-` for standard input
    policy: String,
    /// What the policy is: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by what it
    /// says]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    #[command(flatten)]
    mode: ModeArgs,
}

/// Prints the smaller policy.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let sources = Sources::read(std::slice::from_ref(&args.policy))?;
    let asked = Asked::read(sources.only()?, args.kind.map(Into::into))?;
    asked.whole()?;
    if asked.only_denies() {
        return Err(Problem::usage(format!("`{}` allows nothing by itself", asked.shown()))
            .help("what of it is needed depends on the policies beside it"));
    }
    let found = minimize(&asked.read.document, asked.read.kind, args.mode.options());
    let is_proved = found.proof == (Verdict::Proved, Verdict::Proved);
    if !is_proved {
        context.output.note("it could not be proved that the smaller policy allows the same");
        return Ok(Exit::UNDETERMINED);
    }
    let text = found.document.text();
    match context.global.format {
        Form::Sarif => context.output.json(&sarif(&sources, &asked, &found))?,
        Form::Json | Form::Junit | Form::Ocsf => {
            let policy: serde_json::Value = serde_json::from_str(text)
                .map_err(|error| Problem::usage(format!("the policy is no JSON: {error}")))?;
            context.output.json(&json!({ "Policy": policy, "Removed": found.removed }))?;
        }
        Form::Text | Form::Html | Form::Csv => {
            context.output.text(&format!("{}\n", text.trim_end()))?;
            if denies(&asked.read.document) > denies(&found.document) {
                context.output.note(
                    "note: a statement was taken out that denies: of the policy itself it denied nothing, but it may \
                     of other policies beside it",
                );
            }
            for removed in &found.removed {
                context.output.note(&format!("taken out: {}", escape(&shown(removed))));
            }
        }
    }
    Ok(Exit::Ok)
}

/// One result if something can go, with the smaller policy as its fix.
fn sarif(sources: &Sources, asked: &Asked, found: &Minimized) -> serde_json::Value {
    let removed: Vec<String> = found.removed.iter().map(|removed| shown(removed)).collect();
    let whole = asked.read.document.text();
    let (start, end) = (whole.len() - whole.trim_start().len(), whole.trim_end().len());
    let span = Span::new(start, end);
    let policy = &asked.found;
    let piece = Piece {
        file: &policy.file,
        policy: Some(&*policy.name).filter(|name| *name != policy.file),
        place: sources.place(asked, span),
        message: format!("{}; it can go without: {}", SMALLER.summary, removed.join(", ")),
        instead: policy.is_verbatim.then(|| found.document.text().trim()),
    };
    let pieces = if removed.is_empty() { Vec::new() } else { vec![piece] };
    sarif_of_pieces(&SMALLER, &pieces, &sources.notes())
}

/// A part in a line.
fn shown(removed: &str) -> String {
    shorten(&removed.split_whitespace().collect::<Vec<_>>().join(" "), WIDTH).into_owned()
}

/// How many statements deny.
fn denies(document: &Document) -> usize {
    document.statements().iter().filter(|statement| statement.effect == Effect::Deny).count()
}
