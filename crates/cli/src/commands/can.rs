//! `bailiwick can`: what a principal is able to do, by itself and by whom it can become.

use crate::commands::Context;
use crate::commands::audit::inputs::estate;
use crate::commands::paths::{principal, wrapped};
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::render::explanation::{Look, text as explanation};
use crate::terminal::escape;
use analysis::who_can::Verdict;
use audit::explain::{Question, Setting, ask};
use audit::graph::{Goal, Graph, Path, Who};
use base::Clock;
use serde::Serialize;
use server::SystemClock;
use std::path::PathBuf;

const AFTER: &str = "\
Without an action the command tells whether the principal is an administrator, what it can do on anything, whom it can \
become, and its shortest way to an administrator. With an action it tells whether the principal can do it on the \
resource, by its policies, boundary and, where the organization is among PATHS, SCPs and RCPs, why, and if it cannot, \
whether it can become somebody who can.

Examples:
  bailiwick can user/alice --in account/
  bailiwick can user/alice s3:GetObject arn:aws:s3:::payroll/1.csv --in account/
  bailiwick can role/ci iam:PassRole arn:aws:iam::123456789012:role/web --in account/ --format json

Exit codes: 0 if it can (of no action: if it is or can become an administrator), 1 if it cannot.";

/// Tell what a principal can do, by itself and by whom it can become.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Who: an ARN, user/NAME or role/NAME
    principal: String,
    /// What: one action, such as s3:GetObject
    action: Option<String>,
    /// On what: an ARN, or `*` for actions that have no resources
    #[arg(default_value = "*")]
    resource: String,
    /// Files and folders with what is known of the accounts
    #[arg(long = "in", value_name = "PATHS", required = true, num_args = 1..)]
    paths: Vec<PathBuf>,
}

/// The answer, as data.
#[derive(Serialize)]
struct Answer<'a> {
    principal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    /// `always`, `if` or `never`: the action, or whether it is an administrator.
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    powers: Option<Vec<&'a str>>,
    /// Whom it can become.
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<Vec<&'a str>>,
    /// The shortest way to somebody who can, or to an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a [audit::finding::Step]>,
}

/// Asks and prints the answer.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let now = SystemClock.now();
    let (estate, _) = estate(&args.paths, now)?;
    let graph = Graph::new(&estate, now);
    let who = principal(&graph, &args.principal)?;
    let goal = match &args.action {
        Some(action) => Goal::Action { action: action.clone(), resource: args.resource.clone() },
        None => Goal::Admin,
    };
    let unusable =
        |error: analysis::who_can::QuestionError| Problem::usage(error.to_string()).help(error.help());
    let verdict = graph.verdict(who, &goal).map_err(unusable)?;
    let path = match verdict {
        Verdict::Never => graph.shortest(who, &goal).map_err(unusable)?,
        _ => None,
    };
    let blast = args.action.is_none().then(|| graph.blast(who));
    match context.output.format() {
        Format::Json => context.output.json(&Answer {
            principal: graph.arn(who),
            action: args.action.as_deref(),
            resource: args.action.as_ref().map(|_| &*args.resource),
            verdict: word(verdict),
            powers: blast.as_ref().map(|blast| blast.powers.iter().copied().collect()),
            becomes: blast.as_ref().map(|blast| blast.paths.iter().map(|path| graph.arn(path.to)).collect()),
            path: path.as_ref().map(|path| &*path.steps),
        })?,
        Format::Text => {
            let mut told = told(&args, &graph, who, verdict, path.as_ref());
            if let Some(blast) = &blast {
                for power in &blast.powers {
                    told.push_str(&format!("  it, or whom it can become, can {power}\n"));
                }
                for path in &blast.paths {
                    let steps: Vec<&str> = path.steps.iter().map(|step| step.id.as_str()).collect();
                    let line = format!("{} by {}", escape(graph.arn(path.to)), steps.join(", "));
                    told.push_str(&wrapped("  it can become ", &line, 4));
                }
            }
            if let Some(action) = &args.action {
                let setting = Setting { partition: estate.partition, account: None, now };
                let question = Question::new(graph.arn(who), &**action, &*args.resource);
                if let Ok(answer) = ask(&estate.snapshot, &question, &setting) {
                    told.push_str("\nBy the policies of the account alone:\n\n");
                    let look = Look { colours: context.output.colours(), width: 80 };
                    told.push_str(&explanation(&answer, look));
                }
            }
            context.output.text(&told)?;
        }
    }
    let can = verdict != Verdict::Never || (args.action.is_none() && path.is_some());
    Ok(if can { Exit::Ok } else { Exit::No })
}

fn told(args: &Args, graph: &Graph, who: Who, verdict: Verdict, path: Option<&Path>) -> String {
    let arn = escape(graph.arn(who)).into_owned();
    let mut text = match (&args.action, verdict) {
        (None, Verdict::Never) => wrapped("", &format!("{arn} is no administrator"), 2),
        (None, Verdict::If) => wrapped("", &format!("{arn} is an administrator if conditions hold"), 2),
        (None, Verdict::Always) => wrapped("", &format!("{arn} is an administrator"), 2),
        (Some(action), verdict) => {
            let can = match verdict {
                Verdict::Always => "can",
                Verdict::If => "can, if conditions hold,",
                Verdict::Never => "cannot",
            };
            wrapped("", &format!("{arn} {can} {} on {}", escape(action), escape(&args.resource)), 2)
        }
    };
    if let Some(path) = path {
        text.push_str("but it can become somebody who is or can:\n");
        for (place, step) in path.steps.iter().enumerate() {
            text.push_str(&wrapped(&format!("  {}. {} ", place + 1, step.id), &escape(&step.how), 5));
            for condition in &step.conditions {
                text.push_str(&wrapped("     if ", &escape(condition), 8));
            }
        }
    }
    text
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Always => "always",
        Verdict::If => "if",
        Verdict::Never => "never",
    }
}
