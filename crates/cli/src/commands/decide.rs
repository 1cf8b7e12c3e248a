//! `bailiwick decide`: many self-contained questions, one JSON object a line.

use crate::commands::Context;
use crate::problem::{Exit, Problem, plain};
use audit::decide::Decider;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest question, in bytes.
const LONGEST: usize = 16 << 20;
/// Answers are written when there are so many bytes of them, or when no further question is waiting.
const BATCH: usize = 64 << 10;

const AFTER: &str = "\
Each line is a question that brings everything along: the request, the policies of every layer, the context. Each \
is answered with one line, in order: the decision, the layer that decided, the statements that match, the \
condition keys that are missing, and what is wrong with the policies. A line that is no question is answered \
with its id and an error, and the others go on.

  {\"id\": 1,
   \"request\": {\"principal\": \"arn:aws:iam::111122223333:user/ann\", \"action\": \"s3:GetObject\",
               \"resource\": {\"arn\": \"arn:aws:s3:::reports/1.csv\", \"account_id\": \"111122223333\"},
               \"context\": {\"aws:SourceIp\": \"203.0.113.7\"}},
   \"identity_policies\": [{\"Version\": \"2012-10-17\", \"Statement\": []}], \"resource_policy\": null,
   \"boundaries\": null, \"session_policies\": null, \"scps\": [], \"rcps\": [], \"endpoint_policies\": null,
   \"options\": {}}

docs/cli.md tells what each member means.

Examples:
  bailiwick decide questions.jsonl
  generate-questions | bailiwick decide | jq -r 'select(.decision == \"Allowed\") | .id'

Exit codes: 0 if every question was answered, whatever the answers; 2 if one could not be.";

/// Decide questions that bring their policies along.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The questions; `-` reads standard input
    #[arg(default_value = "-")]
    file: PathBuf,
}

/// Answers every line.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let (name, questions) = read(&args.file)?;
    let mut decider = Decider::new();
    answer_all(&name, questions, context, &mut |line| {
        let reply = decider.answer(line);
        Asked::of(&reply, reply.verdict().is_some())
    })
}

/// What came of a line.
pub(super) struct Asked {
    /// The line that answers it.
    text: String,
    /// Whether it could be answered.
    is_answered: bool,
}

impl Asked {
    /// An answer, or an error in its place.
    pub(super) fn of(reply: &impl Serialize, is_answered: bool) -> Result<Self, Problem> {
        let text = serde_json::to_string(reply)
            .map_err(|error| Problem::unavailable(format!("an answer cannot be written: {error}")))?;
        Ok(Self { text, is_answered })
    }

    fn refused(error: &str) -> Self {
        let text = serde_json::json!({ "id": null, "error": error }).to_string();
        Self { text, is_answered: false }
    }
}

/// Opens a file of questions, `-` being standard input, and says what to call it.
pub(super) fn read(file: &Path) -> Result<(String, Box<dyn Read>), Problem> {
    if file.as_os_str() == "-" {
        return Ok(("standard input".to_owned(), Box::new(io::stdin().lock())));
    }
    let name = format!("the file `{}`", file.display());
    let opened = File::open(file).map_err(|error| unreadable(&name, &error))?;
    Ok((name, Box::new(opened)))
}

/// Answers line by line.
pub(super) fn answer_all(
    name: &str,
    questions: Box<dyn Read>,
    context: &Context<'_>,
    answer: &mut dyn FnMut(&str) -> Result<Asked, Problem>,
) -> Result<Exit, Problem> {
    let mut questions = BufReader::with_capacity(BATCH, questions);
    let (mut line, mut answers) = (Vec::new(), String::new());
    let (mut asked, mut failed) = (0_u64, 0_u64);
    while next_line(&mut questions, &mut line).map_err(|error| unreadable(name, &error))? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let found = match text_of(&line) {
            Ok(text) => answer(text)?,
            Err(error) => Asked::refused(error),
        };
        asked += 1;
        failed += u64::from(!found.is_answered);
        answers.push_str(&found.text);
        answers.push('\n');
        // Whoever waits for the answer before asking on must get it.
        if answers.len() >= BATCH || !questions.buffer().contains(&b'\n') {
            context.output.text(&answers)?;
            answers.clear();
        }
    }
    context.output.text(&answers)?;
    match failed {
        0 => Ok(Exit::Ok),
        _ => Err(Problem::usage(format!("{failed} of {asked} questions could not be answered"))
            .help("their lines of the output have an `error`")),
    }
}

/// The text of a line.
fn text_of(line: &[u8]) -> Result<&str, &'static str> {
    if line.len() > LONGEST {
        return Err("the question is longer than 16 MiB");
    }
    str::from_utf8(line).map(str::trim).map_err(|_| "the question is not text in UTF-8")
}

/// Reads the next line, its end included; of one that is too long no more than shows that it is. `false` at the end.
fn next_line(questions: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    questions.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', line)?;
    if line.len() > LONGEST && line.last() != Some(&b'\n') {
        questions.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem::unavailable(format!("{name} cannot be read: {}", plain(error)))
}
