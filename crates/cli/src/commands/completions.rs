//! `bailiwick completions`.

use crate::args::CommandLine;
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use clap::CommandFactory;
use clap_complete::Shell;

const AFTER: &str = "\
Examples:
  source <(bailiwick completions bash)                                        for this shell
  bailiwick completions bash > ~/.local/share/bash-completion/completions/bailiwick
  bailiwick completions zsh > ~/.zfunc/_bailiwick
  bailiwick completions fish > ~/.config/fish/completions/bailiwick.fish";

/// Print a script that completes commands in a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut CommandLine::command(), "bailiwick", &mut script);
    context.output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
