//! An audit on a terminal: 80 columns, colours if they are wanted.

mod finding;
mod standard;
mod summary;
pub(crate) mod verified;

use crate::commands::audit::{Asked, Show};
use crate::problem::Problem;
use crate::terminal::{Style, escape};
use audit::finding::{Finding, Severity};
use audit::ranking::Letter;
use audit::report::Summary;

/// Columns of a terminal.
const WIDTH: usize = 80;

/// The report as text: what is to be shown, then the summary.
pub(crate) fn report(
    summary: &Summary,
    kept: &[Finding],
    asked: &Asked,
    colours: bool,
) -> Result<String, Problem> {
    let pen = Pen { colours };
    let mut text = String::new();
    let show = &asked.show;
    for show in show {
        match show {
            Show::Fingerprint(fingerprint) => {
                let found = kept.iter().find(|finding| finding.fingerprint == *fingerprint);
                let found = found.ok_or_else(|| {
                    Problem::usage(format!("there is no finding `{fingerprint}`"))
                        .help("`--show all` lists all findings")
                })?;
                text.push_str(&finding::whole(found, pen));
            }
            Show::Check(check) => {
                text.push_str(&finding::documentation(check, pen));
                text.push_str(&finding::list(kept.iter().filter(|finding| finding.check == check.id), pen));
            }
            Show::All => text.push_str(&finding::list(kept.iter(), pen)),
        }
    }
    if !show.iter().any(|show| matches!(show, Show::Fingerprint(_))) {
        if asked.tells_standards {
            summary.compliance.iter().for_each(|it| text.push_str(&standard::standard(it, pen)));
        }
        text.push_str(&summary::summary(summary, pen));
    }
    Ok(text)
}

/// Writes in colours, or does not.
#[derive(Debug, Clone, Copy)]
struct Pen {
    colours: bool,
}

impl Pen {
    fn paint(self, style: Style, text: &str) -> String {
        style.paint(text, self.colours)
    }

    fn heading(self, text: &str) -> String {
        self.paint(Style::Bold, text)
    }
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::Alarm,
        Severity::High => Style::Red,
        Severity::Medium => Style::Yellow,
        Severity::Low | Severity::Info => Style::Plain,
    }
}

fn style_of_letter(letter: Letter) -> Style {
    match letter {
        Letter::A | Letter::B => Style::Green,
        Letter::C => Style::Yellow,
        Letter::D => Style::Red,
        Letter::F => Style::Alarm,
        Letter::None => Style::Dim,
    }
}

/// Breaks text at blanks into lines that begin with `indent` blanks, the first one with `first`. What has no blank is
/// left whole: an ARN in two pieces is no use.
fn wrapped(first: &str, indent: usize, text: &str) -> String {
    let text = escape(text);
    broken(first, indent, text.split(' ').filter(|word| !word.is_empty()), "")
}

/// A command over several lines, broken before its options; each line but the last ends so that a shell goes on.
fn command(first: &str, indent: usize, text: &str) -> String {
    let text = escape(text);
    let mut quote = None;
    let mut pieces = Vec::new();
    let mut start = 0;
    for (place, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None if text.get(place..).is_some_and(|rest| rest.starts_with(" --")) => {
                pieces.push(text.get(start..place).unwrap_or_default());
                start = place + 1;
            }
            _ => {}
        }
    }
    pieces.push(text.get(start..).unwrap_or_default());
    broken(first, indent, pieces.into_iter(), " \\")
}

fn broken<'t>(first: &str, indent: usize, pieces: impl Iterator<Item = &'t str>, end: &str) -> String {
    let mut lines = String::from(first);
    let mut column = first.chars().count();
    let mut begun = false;
    for piece in pieces {
        let length = piece.chars().count();
        if begun && column + 1 + length + end.len() > WIDTH {
            lines.push_str(end);
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if begun {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(piece);
        column += length;
        begun = true;
    }
    lines.push('\n');
    lines
}

/// `role/app` of an identity, the ARN of others.
fn short(arn: &str) -> String {
    let name = arn.strip_prefix("arn:").and_then(|_| {
        let mut parts = arn.splitn(6, ':');
        (parts.nth(2) == Some("iam")).then(|| parts.nth(2)).flatten()
    });
    escape(name.unwrap_or(arn)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_blanks() {
        let text = "word ".repeat(30);
        let lines = wrapped("   1. ", 6, text.trim());
        assert!(lines.lines().all(|line| line.len() <= WIDTH));
        assert!(lines.lines().skip(1).all(|line| line.starts_with("      word")));
        let command = command("$ ", 2, &format!("aws iam x --a {} --b {}", "y".repeat(70), "z".repeat(60)));
        assert_eq!(command.lines().filter(|line| line.ends_with(" \\")).count(), 2);
    }

    #[test]
    fn identities_are_named_shortly() {
        assert_eq!(short("arn:aws:iam::111122223333:role/a/b"), "role/a/b");
        assert_eq!(short("arn:aws:s3:::bucket"), "arn:aws:s3:::bucket");
    }
}
