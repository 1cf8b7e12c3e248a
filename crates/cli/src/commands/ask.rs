//! `bailiwick ask`: exact questions about policies, one JSON object a line.

use crate::commands::Context;
use crate::commands::decide::{Asked, answer_all, read};
use crate::problem::{Exit, Problem};
use std::path::PathBuf;

const AFTER: &str = "\
Each line is a question about all requests there are, and is answered with one line, in order:

  no_new_access       `policy` allows nothing that `reference` does not
  equivalent          both allow the same
  access_not_granted  `policy` allows nothing of `access`: no listed action on a listed resource
  public              `policy`, of a resource, lets in nobody whom it does not trust

  {\"id\": 1, \"kind\": \"no_new_access\", \"policy_type\": \"identity\",
   \"policy\": {\"Version\": \"2012-10-17\", \"Statement\": []}, \"reference\": {}, \"mode\": \"realistic\"}
  {\"id\": 2, \"kind\": \"access_not_granted\", \"policy\": {},
   \"access\": [{\"actions\": [\"s3:PutObject\"], \"resources\": [\"arn:aws:s3:::b/*\"]}]}
  {\"id\": 3, \"kind\": \"public\", \"resource_type\": \"AWS::S3::Bucket\", \"policy\": {}}

The verdict is PASS (proved), FAIL with a `witness`, a request that the engine has confirmed, and the `statements` to \
blame, or UNDETERMINED with the `reasons`. A line that is no question is answered with its id and an error, and the \
others go on. docs/questions.md tells what each member means.

Examples:
  bailiwick ask questions.jsonl
  generate-questions | bailiwick ask | jq -r 'select(.verdict != \"PASS\") | .id'

Exit codes: 0 if every question was answered, whatever the answers; 2 if one could not be.";

/// Answer exact questions about policies.
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
    answer_all(&name, questions, context, &mut |line| {
        let reply = audit::ask::answer(line);
        Asked::of(&reply, reply.verdict().is_some())
    })
}
