//! `--verify-fix`: the change of a finding's fix, tried on a copy.

use super::asked::Asked;
use super::{Args, inputs};
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::render::audit::verified;
use audit::auditor::{Auditor, Outcome};
use audit::finding::{Finding, Status};
use audit::verify::{Ended, verify};

/// Tries the fix of a finding and tells what comes of it.
pub(super) fn run(print: &str, args: &Args, asked: &Asked, context: &Context<'_>) -> Result<Exit, Problem> {
    let (estate, _) = inputs::estate(&args.paths, asked.now)?;
    let auditor = Auditor::new(&estate, &asked.settings, asked.now);
    let finding = find(&auditor, asked, print)?;
    let change = finding.fix.as_ref().and_then(|fix| fix.change.as_ref()).ok_or_else(|| {
        let fix = finding.fix.as_ref().map_or(finding.message.as_str(), |fix| &fix.summary);
        Problem::usage(format!("the fix of this finding changes no policy and cannot be tried: {fix}")).help(
            "make the change, export the account again, and hold it against this audit with `--baseline`",
        )
    })?;
    let found = verify(&auditor, &finding, change)
        .map_err(|error| Problem::usage(format!("the change cannot be made: {error}")))?;
    match context.output.format() {
        Format::Json => context.output.json(&verified::json(&finding, &found))?,
        Format::Text => context.output.text(&verified::text(&finding, &found, context.output.colours()))?,
    }
    Ok(if found.outcome == Ended::Gone { Exit::Ok } else { Exit::No })
}

fn find(auditor: &Auditor<'_>, asked: &Asked, print: &str) -> Result<Finding, Problem> {
    for account in auditor.estate.audited() {
        for check in &asked.checks {
            let mut outcome = Outcome::default();
            auditor.check(check, account, &mut outcome);
            let is_it = |it: &Finding| it.status == Status::Fail && it.fingerprint == print;
            if let Some(finding) = outcome.findings.into_iter().find(is_it) {
                return Ok(finding);
            }
        }
    }
    Err(Problem::usage(format!("there is no finding `{print}`"))
        .help("`--show all` lists all findings with their fingerprints"))
}
