//! Where results and errors go.

use crate::problem::{Problem, plain};
use crate::terminal::{Style, escape};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON document on standard output, errors as JSON on standard error.
    Json,
}

/// Standard output and standard error, and how to write on them.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    format: Format,
    colours: bool,
    error_colours: bool,
}

impl Output {
    /// Looks at what the streams are: colours only on a terminal, and never under `NO_COLOR`.
    pub(crate) fn new(format: Format) -> Self {
        let wanted = crate::environment::colours();
        Self {
            format,
            colours: wanted && io::stdout().is_terminal(),
            error_colours: wanted && io::stderr().is_terminal(),
        }
    }

    /// The form asked for.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether results may be coloured.
    pub(crate) fn colours(&self) -> bool {
        self.colours
    }

    /// Whether a person reads the results on a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Writes text as a result.
    pub(crate) fn text(&self, text: &str) -> Result<(), Problem> {
        let mut stream = io::stdout().lock();
        written(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }

    /// Writes a value as a result, indented.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Problem> {
        let mut text = serde_json::to_string_pretty(value)
            .map_err(|error| Problem::unavailable(format!("the result cannot be written: {error}")))?;
        text.push('\n');
        self.text(&text)
    }

    /// Writes a value as one line of a stream.
    pub(crate) fn json_line(&self, value: &impl Serialize) -> Result<(), Problem> {
        let mut text = serde_json::to_string(value)
            .map_err(|error| Problem::unavailable(format!("the result cannot be written: {error}")))?;
        text.push('\n');
        self.text(&text)
    }

    /// Tells a person something beside the result.
    pub(crate) fn note(&self, text: &str) {
        // Nobody to tell it to is no reason to fail.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Tells what went wrong.
    pub(crate) fn problem(&self, problem: &Problem) {
        if problem.message().is_empty() {
            return;
        }
        let text = match self.format {
            Format::Json => self.json_problem(problem),
            Format::Text => self.text_problem(problem),
        };
        self.note(&text);
    }

    fn text_problem(&self, problem: &Problem) -> String {
        let label = Style::Red.paint("error", self.error_colours);
        let mut text = format!("{label}: {}", escape(problem.message()));
        if let Some(help) = problem.help_line() {
            let label = Style::Bold.paint("help", self.error_colours);
            text.push_str(&format!("\n{label}: {}", escape(help)));
        }
        text
    }

    fn json_problem(&self, problem: &Problem) -> String {
        let mut error = serde_json::Map::new();
        error.insert("message".into(), problem.message().into());
        if let Some(code) = problem.code() {
            error.insert("code".into(), code.into());
        }
        if let Some(help) = problem.help_line() {
            error.insert("help".into(), help.into());
        }
        serde_json::json!({ "error": error }).to_string()
    }
}

fn written(outcome: io::Result<()>) -> Result<(), Problem> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Problem::nobody_reads()),
        Err(error) => {
            Err(Problem::unavailable(format!("standard output cannot be written: {}", plain(&error))))
        }
    }
}
