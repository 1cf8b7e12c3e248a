//! The project's own tasks: `cargo xtask --help`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the person who runs it")]
#![allow(clippy::disallowed_methods, reason = "a task reads the environment and the clock")]

mod codegen;
mod facts;
mod output;
mod pypi;

fn main() -> anyhow::Result<()> {
    if std::env::args().any(|a| a == "codegen") {
        return codegen::run(std::env::args().any(|a| a == "--check"));
    }
    facts::run(std::env::args().any(|a| a == "--check"))
}
