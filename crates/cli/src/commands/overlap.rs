//! `bailiwick overlap`: is there a request that two policies both allow?

use super::lint::Kind;
use super::questions::{Asked, Finding, ModeArgs, Report, Sources, What};
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::request;
use crate::sources::read_inputs;
use analysis::{Blamed, Refutation, Scope, overlap};

const OVERLAP: What = What {
    code: "OVERLAP",
    key: "Overlap",
    some: "overlap",
    none: "no overlap",
    summary: "two policies allow the same request",
    denied: "",
};

const AFTER: &str = "\
It is proved that no request is allowed by both policies, or one is shown, with the statements of both that allow it. \
Two policies of different types may be asked about: what an identity policy and a boundary both allow is what is left of \
it.

Examples:
  bailiwick overlap team-a.json team-b.json
  bailiwick overlap role.json boundary.json --format json

Exit codes: 0 if there is no overlap, 1 if there is, 2 if the command line or a policy is wrong, 3 if neither could be \
shown, 4 if a file cannot be read.";

/// Tell whether two policies allow the same request.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// A file with one policy, git's REVISION:PATH, or `-` for standard input
    a: String,
    /// Another
    b: String,
    /// What both policies are: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by
    /// what they say]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    #[command(flatten)]
    mode: ModeArgs,
}

/// Asks of the two policies.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    if args.a == "-" && args.b == "-" {
        return Err(Problem::usage("standard input cannot be both policies"));
    }
    let read = |name: &String| -> Result<(Sources, Asked), Problem> {
        let sources = Sources::of(read_inputs(std::slice::from_ref(name))?)?;
        let asked = Asked::read(sources.only()?, args.kind.map(Into::into))?;
        Ok((sources, asked))
    };
    let ((a_sources, a), (b_sources, b)) = (read(&args.a)?, read(&args.b)?);
    let verdict = overlap(&a.read.access(), &b.read.access(), &Scope::default(), args.mode.options());
    let statements = |found: &Refutation| {
        let of = |layer: usize| -> Vec<Blamed> {
            found.blamed.iter().filter(|blamed| blamed.layer == layer).cloned().collect()
        };
        let of_a = a_sources.statements(&a, &of(0));
        of_a.into_iter().chain(b_sources.statements(&b, &of(1))).collect()
    };
    let finding = Finding::new(
        &OVERLAP,
        verdict,
        [&a, &b].iter().filter_map(|asked| asked.read.loss.clone()).collect(),
        |witness| format!("both let {}", request(witness)),
        statements,
    );
    let mut notes = [a_sources.notes(), b_sources.notes()].concat();
    notes.extend(a.notes().chain(b.notes()));
    let mut answers = a.answers(vec![finding]);
    answers.file = format!("{} and {}", a.found.file, b.found.file);
    answers.kind = String::new();
    Report { answers: vec![answers], unchanged: 0, notes }.finish(context)
}
