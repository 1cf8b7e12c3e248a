//! The commands, a file each: its arguments, its help, what it does.

pub(crate) mod account;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod can;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod decide;
pub(crate) mod explain;
pub(crate) mod grants;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod lint;
pub(crate) mod login;
pub(crate) mod minimize;
pub(crate) mod overlap;
pub(crate) mod password_policy;
pub(crate) mod paths;
pub(crate) mod public;
pub(crate) mod questions;
pub(crate) mod redundant;
pub(crate) mod serve;
pub(crate) mod snapshot;
pub(crate) mod test;
pub(crate) mod trail;
pub(crate) mod verify;
pub(crate) mod who_can;

use crate::args::{Command, CommandLine, Form, Global};
use crate::client::Target;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use std::path::PathBuf;

/// What every command gets.
pub(crate) struct Context<'a> {
    /// The options that all commands share.
    pub(crate) global: Global,
    /// Where results and errors go.
    pub(crate) output: &'a Output,
}

impl Context<'_> {
    /// The data directory: the option's, else the environment's, else the user's.
    pub(crate) fn data(&self) -> Result<PathBuf, Problem> {
        self.global.data.clone().or_else(crate::environment::data_directory).ok_or_else(|| {
            Problem::usage("there is no home directory to keep data in")
                .help("name a directory with `--data DIR`")
        })
    }

    /// Where the server is, and how to reach it.
    pub(crate) fn target(&self) -> Result<Target, Problem> {
        Ok(Target {
            data: self.data()?,
            data_was_named: self.global.data.is_some(),
            endpoint: self.global.endpoint.clone(),
            ca_bundle: self.global.ca_bundle.clone(),
        })
    }
}

/// Runs the command.
pub(crate) fn run(line: CommandLine, output: &Output) -> Result<Exit, Problem> {
    let context = Context { global: line.global, output };
    if context.global.format == Form::Sarif && !writes_sarif(&line.command) {
        return Err(Problem::usage("this command does not write SARIF").help(
            "`audit`, `lint`, `compare`, `grants`, `public`, `overlap`, `redundant` and `minimize` do",
        ));
    }
    if context.global.format == Form::Junit && !matches!(line.command, Command::Test(_)) {
        return Err(Problem::usage("only `test` writes JUnit's form").help("write `--format json`"));
    }
    let only_audits = matches!(context.global.format, Form::Html | Form::Csv | Form::Ocsf);
    if only_audits && !matches!(line.command, Command::Audit(_)) {
        return Err(Problem::usage("only `audit` writes this form").help("write `--format json`"));
    }
    match line.command {
        Command::Audit(args) => audit::run(args, &context),
        Command::Serve(args) => serve::run(args, &context),
        Command::Snapshot(args) => snapshot::run(args, &context),
        Command::Login(args) => login::run(args, &context),
        Command::Account(args) => account::run(args, &context),
        Command::Import(args) => import::run(args, &context),
        Command::Explain(args) => explain::run(args, &context),
        Command::Verify(args) => verify::run(args, &context),
        Command::WhoCan(args) => who_can::run(args, &context),
        Command::Can(args) => can::run(args, &context),
        Command::Paths(args) => paths::run(args, &context),
        Command::Compare(args) => compare::run(args, &context),
        Command::Grants(args) => grants::run(args, &context),
        Command::Public(args) => public::run(args, &context),
        Command::Overlap(args) => overlap::run(args, &context),
        Command::Redundant(args) => redundant::run(args, &context),
        Command::Minimize(args) => minimize::run(args, &context),
        Command::Ask(args) => ask::run(args, &context),
        Command::Decide(args) => decide::run(args, &context),
        Command::Test(args) => test::run(args, &context),
        Command::Lint(args) => lint::run(args, &context),
        Command::Trail(args) => trail::run(args, &context),
        Command::Keys(args) => keys::run(args, &context),
        Command::PasswordPolicy(args) => password_policy::run(args, &context),
        Command::Completions(args) => completions::run(args, &context),
    }
}

fn writes_sarif(command: &Command) -> bool {
    use Command::{Audit, Compare, Grants, Lint, Minimize, Overlap, Public, Redundant};
    matches!(
        command,
        Audit(_) | Lint(_) | Compare(_) | Grants(_) | Public(_) | Overlap(_) | Redundant(_) | Minimize(_)
    )
}
