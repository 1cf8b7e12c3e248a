//! What went wrong, what to do about it, and the exit code that says so.

use std::process::ExitCode;

/// How the command ended. The codes are documented in `bailiwick --help` and `docs/cli.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; where the command decides, the answer is yes.
    Ok = 0,
    /// The command decides, and the answer is no.
    #[allow(dead_code, reason = "commands that decide are built on top of this table")]
    No = 1,
    /// The command line or a file given to it is wrong. Clap uses the same code.
    Usage = 2,
    /// The server understood and refused. Of a question about policies: neither yes nor no could be shown.
    Refused = 3,
    /// No server answered, or a file or socket could not be used.
    Unavailable = 4,
}

impl Exit {
    /// A question about policies to which neither yes nor no could be shown: such commands ask no server.
    pub(crate) const UNDETERMINED: Exit = Exit::Refused;
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error as the user reads it: a sentence without full stop, and a help line apart from it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    exit: Exit,
    message: String,
    help: Option<String>,
    code: Option<String>,
}

impl Problem {
    /// The command line or a file is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The server refused, with this error code.
    pub(crate) fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..Self::new(Exit::Refused, message) }
    }

    /// Something that is needed is not there.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, message)
    }

    /// The reader of the output has left: no error, nothing more to do.
    pub(crate) fn nobody_reads() -> Self {
        Self::new(Exit::Ok, "")
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None, code: None }
    }

    /// Adds the help line.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the help line if there is one.
    #[must_use]
    pub(crate) fn help_if(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The sentence; empty if there is nothing to say.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The help line.
    pub(crate) fn help_line(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The server's error code.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// What the system says, without the number that the standard library adds.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
