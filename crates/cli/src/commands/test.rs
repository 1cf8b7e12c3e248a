//! `bailiwick test`: files of expected decisions, held against policies, exports or a running server.

use super::explain::{Input, bytes, unreadable};
use crate::args::Form as ReportForm;
use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem, plain};
use crate::render::explanation::Look;
use crate::render::{junit, outcome};
use audit::corpus::{Corpus, Form, Judgement, Test, World};
use audit::import::{Import, ImportOptions, authorization_details};
use base::{AccountId, Clock};
use server::SystemClock;
use std::path::{Path, PathBuf};

/// Columns of a report.
const WIDTH: usize = 100;
/// The longest file of tests, and the longest policy, in bytes.
const LONGEST: usize = 8 << 20;

const AFTER: &str = "\
A file says in JSON or YAML who does what on what, and how that must be decided:

  policies:
    reports: policies/reports.json
  tests:
    - name: ann reads her own reports, and only reads
      principal: arn:aws:iam::111122223333:user/ann
      action: [s3:GetObject, s3:GetObjectVersion]
      resource: arn:aws:s3:::reports/ann/2026.csv
      identity_policies: [reports]
      expect: allowed

Of a case that comes out otherwise it is told what was expected, what was decided, and why. \
docs/testing-policies.md tells what a file may say.

Examples:
  bailiwick test permissions.yaml
  bailiwick test tests/*.yaml --junit report.xml
  bailiwick test permissions.yaml --from authorization-details.json
  bailiwick test permissions.yaml --live --name backup

Exit codes: 0 if every case came out as expected, 1 if one did not, 2 if a file is wrong or a case could not be \
answered.";

/// Hold expected decisions against policies
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files of tests; `-` reads standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The export of an account, instead of those that the files name; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with = "live")]
    from: Vec<PathBuf>,
    /// Ask the running server instead of exports
    #[arg(long)]
    live: bool,
    /// The account in which names are looked up [default: what the file says, else all]
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Only tests with this text in their name or as a tag; may be given several times
    #[arg(long, value_name = "TEXT")]
    name: Vec<String>,
    /// Write a report in JUnit's form to this file, too; `-` writes it instead of the other
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// What came of a file.
#[derive(Debug)]
pub(crate) struct FileOutcome {
    /// The file as it was named.
    pub(crate) name: String,
    /// Its tests, in order, those that were left out not among them.
    pub(crate) tests: Vec<TestOutcome>,
}

/// What came of a test.
#[derive(Debug)]
pub(crate) struct TestOutcome {
    /// The test.
    pub(crate) test: Test,
    /// What came of each case, in order.
    pub(crate) judgements: Vec<Judgement>,
}

/// Runs every test of every file.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let corpora = args.files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut outcomes = Vec::new();
    for (file, corpus) in args.files.iter().zip(corpora) {
        outcomes.push(run_file(file, corpus, &args, context)?);
    }
    if outcomes.iter().all(|outcome| outcome.tests.is_empty()) {
        return Err(match args.name.first() {
            Some(name) => Problem::usage(format!("no test has `{name}` in its name or as a tag")),
            None => Problem::usage("there are no tests"),
        });
    }
    report(&outcomes, &args, context)?;
    let totals = outcome::Totals::of(&outcomes);
    Ok(match (totals.errors, totals.failed) {
        (0, 0) => Exit::Ok,
        (0, _) => Exit::No,
        _ => Exit::Usage,
    })
}

fn report(outcomes: &[FileOutcome], args: &Args, context: &Context<'_>) -> Result<(), Problem> {
    match &args.junit {
        Some(file) if file.as_os_str() == "-" => return context.output.text(&junit::text(outcomes)),
        Some(file) => std::fs::write(file, junit::text(outcomes)).map_err(|error| {
            Problem::unavailable(format!(
                "the file `{}` cannot be written: {}",
                file.display(),
                plain(&error)
            ))
        })?,
        None if context.global.format == ReportForm::Junit => {
            return context.output.text(&junit::text(outcomes));
        }
        None => {}
    }
    match context.output.format() {
        Format::Text => {
            let look = Look { colours: context.output.colours(), width: WIDTH };
            context.output.text(&outcome::text(outcomes, look))
        }
        _ => context.output.json(&outcome::json(outcomes)),
    }
}

/// Reads a file of tests; everything that is wrong with it is told at once.
fn read(file: &Path) -> Result<Corpus, Problem> {
    let name = shown(file);
    let text = text(file)?;
    let form = if file.as_os_str() == "-" { Form::Yaml } else { Form::of(&name) };
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut beside =
        |path: &str| self::text(&folder.join(path)).map_err(|problem| problem.message().to_owned());
    Corpus::read(&text, form, &mut beside).map_err(|error| {
        let lines = error.render(&name, &text);
        let (first, others) = lines
            .split_first()
            .map_or((name.clone(), lines.as_slice()), |(first, others)| (first.clone(), others));
        Problem::usage(first)
            .help_if((!others.is_empty()).then(|| format!("and also: {}", others.join("; "))))
    })
}

/// Asks whoever decides about the cases of a test.
type Judge = Box<dyn Fn(&Test) -> Result<Vec<Judgement>, Problem>>;

fn run_file(file: &Path, corpus: Corpus, args: &Args, context: &Context<'_>) -> Result<FileOutcome, Problem> {
    let wanted = |test: &Test| args.name.is_empty() || args.name.iter().any(|name| is_named(test, name));
    let account = args.account.or(corpus.account);
    let judge: Judge = if args.live {
        let client = Client::open(&context.target()?)?;
        Box::new(move |test| ask_server(&client, test, account))
    } else {
        let world = world(file, &corpus, args, account)?;
        Box::new(move |test| Ok(test.cases.iter().map(|case| case.judge(world.ask(case))).collect()))
    };
    let mut tests = Vec::new();
    for test in corpus.tests.into_iter().filter(wanted) {
        let judgements = judge(&test)?;
        tests.push(TestOutcome { test, judgements });
    }
    Ok(FileOutcome { name: shown(file), tests })
}

fn is_named(test: &Test, text: &str) -> bool {
    let text = text.to_lowercase();
    test.name.to_lowercase().contains(&text) || test.tags.iter().any(|tag| tag.to_lowercase() == text)
}

/// The exports of the command line, else those that the file names, which lie beside it.
fn world(file: &Path, corpus: &Corpus, args: &Args, account: Option<AccountId>) -> Result<World, Problem> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let paths = match args.from.as_slice() {
        [] => corpus.exports.iter().map(|path| folder.join(path)).collect(),
        from => from.to_vec(),
    };
    let imports = paths.iter().map(|path| export(path)).collect::<Result<Vec<_>, _>>()?;
    World::of(&imports, account, SystemClock.now()).map_err(|error| Problem::usage(error.to_string()))
}

fn export(file: &Path) -> Result<Import, Problem> {
    let bytes = bytes(file, audit::import::MAX_BYTES)?;
    let options = ImportOptions::at(SystemClock.now());
    authorization_details(&bytes, &options).map_err(|error| unreadable(file, &error))
}

/// A server that refuses a question leaves the case without an answer; one that is not there ends the command.
fn ask_server(client: &Client, test: &Test, account: Option<AccountId>) -> Result<Vec<Judgement>, Problem> {
    let ask = |case: &audit::corpus::Case| {
        if let Some(member) = case.not_for_servers() {
            return Ok(case.judge(Err(format!("a server is not told `{member}`"))));
        }
        let question = case.question_for_servers();
        match client.call("Explain", &Input { account, question: &question }) {
            Ok(answer) => Ok(case.judge::<String>(Ok(answer))),
            Err(problem) if problem.exit() == Exit::Refused => Ok(case.judge(Err(problem.message()))),
            Err(problem) => Err(problem),
        }
    };
    test.cases.iter().map(ask).collect()
}

fn shown(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

fn text(file: &Path) -> Result<String, Problem> {
    String::from_utf8(bytes(file, LONGEST)?)
        .map_err(|_| Problem::usage(format!("the file `{}` is not text in UTF-8", file.display())))
}
