//! Asking a person for what nobody else may read.

use crate::problem::{Problem, plain};
use base::SecretString;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal, Write};

/// Asks for a password: on a terminal without showing what is typed, else from the next line of standard input.
pub(crate) fn password(question: &str) -> Result<SecretString, Problem> {
    ask(question, true)
}

/// Asks for something that may be seen, such as a code that is good once.
pub(crate) fn code(question: &str) -> Result<SecretString, Problem> {
    ask(question, false)
}

fn ask(question: &str, hide: bool) -> Result<SecretString, Problem> {
    let failed = |error: &io::Error| Problem::unavailable(format!("nothing can be read: {}", plain(error)));
    let is_terminal = io::stdin().is_terminal();
    let hidden =
        if is_terminal && hide { Some(Hidden::now().map_err(|error| failed(&error))?) } else { None };
    if is_terminal {
        // Who does not see the question sees that something is waited for.
        let _ = write!(io::stderr(), "{question}: ").and_then(|()| io::stderr().flush());
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if hidden.is_some() {
        let _ = writeln!(io::stderr());
    }
    drop(hidden);
    if read.map_err(|error| failed(&error))? == 0 {
        return Err(Problem::usage(format!("no {} was given", question.to_lowercase()))
            .help("type it on a terminal, or give it as a line of standard input"));
    }
    let text = line.strip_suffix('\n').unwrap_or(&line);
    Ok(SecretString::new(text.strip_suffix('\r').unwrap_or(text)))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn now() -> io::Result<Self> {
        let shown = tcgetattr(io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that has gone cannot be set back, and need not be.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
