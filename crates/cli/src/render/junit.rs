//! What came of tests in the form of JUnit's reports, which continuous integration reads.
//!
//! A file is a suite, a case is a case; there is no official schema, so only what every reader knows is written.

use super::explanation::{Look, text as explanation};
use super::outcome::{Totals, asked};
use crate::commands::test::{FileOutcome, TestOutcome};
use audit::corpus::{Case, Judgement};
use std::slice::from_ref;

const LOOK: Look = Look { colours: false, width: 100 };

/// The whole report.
pub(crate) fn text(outcomes: &[FileOutcome]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    text.push_str(&format!("<testsuites name=\"bailiwick test\"{}>\n", counts(&Totals::of(outcomes))));
    for outcome in outcomes {
        let totals = Totals::of(from_ref(outcome));
        text.push_str(&format!("  <testsuite name=\"{}\"{}>\n", escape(&outcome.name), counts(&totals)));
        for test in &outcome.tests {
            for (case, judgement) in test.test.cases.iter().zip(&test.judgements) {
                text.push_str(&one(&outcome.name, test, case, judgement));
            }
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts(totals: &Totals) -> String {
    let cases = totals.passed + totals.failed + totals.errors;
    format!(" tests=\"{cases}\" failures=\"{}\" errors=\"{}\"", totals.failed, totals.errors)
}

fn one(file: &str, outcome: &TestOutcome, case: &Case, judgement: &Judgement) -> String {
    let name = match outcome.test.cases.len() {
        1 => outcome.test.name.clone(),
        _ => format!("{} [{}]", outcome.test.name, asked(case)),
    };
    let line = outcome.test.place.line;
    let head = format!(
        "    <testcase classname=\"{0}\" name=\"{1}\" file=\"{0}\" line=\"{line}\"",
        escape(file),
        escape(&name)
    );
    if judgement.passed() {
        return format!("{head}/>\n");
    }
    let (element, body) = match &judgement.answer {
        Ok(answer) => ("failure", explanation(answer, LOOK)),
        Err(_) => ("error", asked(case)),
    };
    let message = escape(&judgement.complaints.join("; "));
    format!(
        "{head}>\n      <{element} message=\"{message}\">{}</{element}>\n    </testcase>\n",
        escape(&body)
    )
}

/// Text of XML 1.0, in elements and attributes; characters that XML does not have are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ if letter.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn everything_is_text() {
        assert_eq!(escape("a<b>&\"c\"\u{1b}\n"), "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}\n");
    }
}
