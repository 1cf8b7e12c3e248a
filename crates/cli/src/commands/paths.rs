//! `bailiwick paths`: who can become whom, and how.

use crate::commands::Context;
use crate::commands::audit::inputs::estate;
use crate::output::Format;
use crate::problem::{Exit, Problem, plain};
use crate::terminal::{Style, escape};
use audit::finding::Step;
use audit::graph::{Blast, Goal, Graph, Path, Who};
use base::Clock;
use serde::Serialize;
use server::SystemClock;
use std::path::PathBuf;

/// Columns of the text.
const WIDTH: usize = 80;

const AFTER: &str = "\
Every way of the catalogue of paths (pathfinding.cloud) is decided exactly: by identity and group policies, boundaries, \
SCPs, RCPs, trust policies and conditions. Conditions that the holder of credentials can arrange, such as MFA, are told \
with the step. Ways through functions, instances and jobs need the list of what runs as which role.

PATHS are files or folders with `get-account-authorization-details` of any number of accounts and whatever else is \
known of them: see `bailiwick audit --help`. A principal is an ARN, user/NAME or role/NAME.

Examples:
  bailiwick paths --in account/                          everybody who can become an administrator
  bailiwick paths user/alice --in account/               the shortest way of one
  bailiwick paths user/alice --all --in account/         all ways of one
  bailiwick paths --to role/deploy --in account/         who can become a role
  bailiwick paths --to s3:GetObject --on arn:aws:s3:::payroll/1.csv --in account/
  bailiwick paths --blast user/alice --in account/       what one can reach
  bailiwick paths --html paths.html --in account/        a graph to explore

Exit codes: 0 if there is a path, 1 if there is none.";

/// Tell who can become an administrator or somebody else, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Who goes the paths; everybody if it is not said
    #[arg(value_name = "PRINCIPAL")]
    from: Option<String>,
    /// Where they lead: `admin`, a principal, or an action such as s3:GetObject with --on
    #[arg(long, value_name = "GOAL", default_value = "admin")]
    to: String,
    /// The resource of the action that --to names
    #[arg(long, value_name = "ARN", default_value = "*")]
    on: String,
    /// All paths of the principal to an administrator, not only the shortest
    #[arg(long, requires = "from")]
    all: bool,
    /// What this principal can reach
    #[arg(long, value_name = "PRINCIPAL", conflicts_with_all = ["from", "all"])]
    blast: Option<String>,
    /// What whoever finds a key of this principal can reach
    #[arg(long, value_name = "PRINCIPAL", conflicts_with_all = ["from", "all", "blast"])]
    leaked: Option<String>,
    /// Files and folders with what is known of the accounts
    #[arg(long = "in", value_name = "PATHS", required = true, num_args = 1..)]
    paths: Vec<PathBuf>,
    /// Write the graph of the paths into this file, in the language of Graphviz
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
    /// Write the graph of the paths into this file, as a page to explore
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many paths are printed at most; 0 prints all
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
}

/// The answer, as data.
#[derive(Serialize)]
struct Answer<'a> {
    /// Who is at the goal without a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    there: Option<Vec<&'a str>>,
    /// Whether the principal is or can become an administrator: only of `--blast` and `--leaked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<bool>,
    /// What it or those whom it can become can do on anything: only of `--blast` and `--leaked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    powers: Option<Vec<&'a str>>,
    count: usize,
    paths: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    from: &'a str,
    to: &'a str,
    admin: bool,
    unconditional: bool,
    steps: &'a [Step],
}

/// Looks for the paths and prints them.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let now = SystemClock.now();
    let (estate, _) = estate(&args.paths, now)?;
    let graph = Graph::new(&estate, now);
    let (there, blast, paths) = found(&args, &graph)?;
    write(args.dot.as_ref(), || graph.dot(&paths))?;
    write(args.html.as_ref(), || graph.page(&paths))?;
    let limit = if args.limit == 0 { usize::MAX } else { args.limit };
    match context.output.format() {
        Format::Json => {
            let told = paths.iter().take(limit).map(|path| told(&graph, path)).collect();
            context.output.json(&Answer {
                there: there.as_ref().map(|all| all.iter().map(|who| graph.arn(*who)).collect()),
                admin: blast.as_ref().map(|blast| blast.admin),
                powers: blast.as_ref().map(|blast| blast.powers.iter().copied().collect()),
                count: paths.len(),
                paths: told,
            })?;
        }
        Format::Text => {
            let colours = context.output.colours();
            let mut text = heading(&args, &graph, blast.as_ref(), there.as_deref(), paths.len());
            for path in paths.iter().take(limit) {
                text.push('\n');
                text.push_str(&shown(&graph, path, colours));
            }
            if paths.len() > limit {
                text.push_str(&format!("\nand {} more; --limit prints more of them\n", paths.len() - limit));
            }
            let blind = estate.audited().filter(|account| !graph.workloads_known(*account)).count();
            if blind > 0 {
                text.push_str(&wrapped(
                    "\nnote: ",
                    "what runs as which role is not known, so ways through functions, instances and jobs are not \
                     looked for",
                    2,
                ));
            }
            context.output.text(&text)?;
        }
    }
    Ok(if paths.is_empty() { Exit::No } else { Exit::Ok })
}

type Found = (Option<Vec<Who>>, Option<Blast>, Vec<Path>);

fn found(args: &Args, graph: &Graph) -> Result<Found, Problem> {
    if let Some(name) = args.blast.as_ref().or(args.leaked.as_ref()) {
        let blast = graph.blast(principal(graph, name)?);
        let paths = blast.paths.clone();
        return Ok((None, Some(blast), paths));
    }
    let goal = goal(args, graph)?;
    let unusable =
        |error: analysis::who_can::QuestionError| Problem::usage(error.to_string()).help(error.help());
    let Some(from) = &args.from else {
        let there = graph.at(&goal).map_err(unusable)?;
        return Ok((Some(there), None, graph.all_who_reach(&goal).map_err(unusable)?));
    };
    let from = principal(graph, from)?;
    let paths = match (args.all, &goal) {
        (true, Goal::Admin) => graph.paths_to_admin(from),
        (true, _) => {
            return Err(Problem::usage("all paths are told to administrators only").help("leave out `--to`"));
        }
        (false, goal) => graph.shortest(from, goal).map_err(unusable)?.into_iter().collect(),
    };
    let there = graph.at(&goal).map_err(unusable)?.into_iter().filter(|who| *who == from).collect();
    Ok((Some(there), None, paths))
}

fn goal(args: &Args, graph: &Graph) -> Result<Goal, Problem> {
    if args.to == "admin" {
        return Ok(Goal::Admin);
    }
    match args.to.starts_with("arn:") || args.to.contains('/') {
        true => Ok(Goal::Principal(principal(graph, &args.to)?)),
        false => Ok(Goal::Action { action: args.to.clone(), resource: args.on.clone() }),
    }
}

/// The principal of a name: an ARN, or the end of one that no other has.
pub(crate) fn principal(graph: &Graph, name: &str) -> Result<Who, Problem> {
    if let Some(who) = graph.by_arn(name) {
        return Ok(who);
    }
    let fits = |who: &Who| {
        let arn = graph.arn(*who);
        let (kind, short) = name.split_once('/').unwrap_or(("", name));
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        resource == name
            || (resource.rsplit('/').next() == short.rsplit('/').next() && resource.starts_with(kind))
    };
    let all: Vec<Who> = graph.everybody().filter(fits).collect();
    match all[..] {
        [who] => Ok(who),
        [] => Err(Problem::usage(format!("there is no user or role `{name}`"))
            .help("write an ARN, user/NAME or role/NAME")),
        [first, second, ..] => {
            Err(Problem::usage(format!("`{name}` may be `{}` or `{}`", graph.arn(first), graph.arn(second)))
                .help("write the ARN"))
        }
    }
}

fn told<'a>(graph: &'a Graph, path: &'a Path) -> Told<'a> {
    Told {
        from: graph.arn(path.from),
        to: graph.arn(path.to),
        admin: path.admin,
        unconditional: path.unconditional,
        steps: &path.steps,
    }
}

fn write(file: Option<&PathBuf>, text: impl FnOnce() -> String) -> Result<(), Problem> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(file, text()).map_err(|error| {
        Problem::unavailable(format!("the file `{}` cannot be written: {}", file.display(), plain(&error)))
    })
}

fn heading(args: &Args, graph: &Graph, blast: Option<&Blast>, there: Option<&[Who]>, count: usize) -> String {
    if let Some(blast) = blast {
        let name = short(graph.arn(blast.from));
        let begin = if args.leaked.is_some() { "whoever finds a key of " } else { "" };
        let mut text = wrapped(begin, &format!("{name} can become {count} others"), 2);
        if blast.admin {
            text.push_str("among them an administrator: everything in the account is within reach\n");
        }
        for power in &blast.powers {
            text.push_str(&format!("  it can {power}\n"));
        }
        return text;
    }
    let what = match &*args.to {
        "admin" => "become an administrator".to_owned(),
        to if to.starts_with("arn:") || to.contains('/') => format!("become {}", short(to)),
        action => format!("get {action} on {}", args.on),
    };
    match (&args.from, count) {
        (Some(from), 0) => {
            let is = there.is_some_and(|there| !there.is_empty());
            let text = if is { "needs no path: it can already" } else { "finds no path to" };
            wrapped("", &format!("{} {text} {what}", escape(from)), 2)
        }
        (Some(from), 1) => wrapped("", &format!("{} can {what} in one way", escape(from)), 2),
        (Some(from), count) => wrapped("", &format!("{} can {what} in {count} ways", escape(from)), 2),
        (None, count) => {
            let there = there.map_or(0, <[Who]>::len);
            wrapped("", &format!("{count} can {what}; {there} can already"), 2)
        }
    }
}

fn shown(graph: &Graph, path: &Path, colours: bool) -> String {
    let from = short(graph.arn(path.from));
    let to = if path.to == path.from { "itself with more".to_owned() } else { short(graph.arn(path.to)) };
    let sure = if path.unconditional { Style::Alarm } else { Style::Yellow };
    let mut text = sure.paint(&wrapped("", &format!("{from} → {to}"), 2), colours);
    for (place, step) in path.steps.iter().enumerate() {
        text.push_str(&wrapped(&format!("  {}. {} ", place + 1, step.id), &escape(&step.how), 5));
        for condition in &step.conditions {
            text.push_str(&wrapped("     if ", &escape(condition), 8));
        }
    }
    text
}

/// An ARN without what everything of IAM has in common.
fn short(arn: &str) -> String {
    let end = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    escape(end).into_owned()
}

/// Text in lines that fit; those after the first are indented.
pub(super) fn wrapped(begin: &str, text: &str, indent: usize) -> String {
    let mut lines = begin.to_owned();
    let mut column = begin.trim_start_matches('\n').chars().count();
    let mut first = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !first && column + 1 + length > WIDTH {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if !first {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
        first = false;
    }
    lines.push('\n');
    lines
}
