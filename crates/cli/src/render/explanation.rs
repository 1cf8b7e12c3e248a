//! The answer of `bailiwick explain`: the verdict, each layer's part in it, and the statement that decided,
//! printed from the policy with the deciding element underlined.
//!
//! Everything is taken from the answer itself, which may have come from a server.

use crate::terminal::{Style, escape, shorten};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use audit::explain::{
    Answer, Asked, ChangeAnswer, Effect, LayerAnswer, LayerName, Mark, Part, Place, ShownPolicy, Source,
    StatementAnswer, Verdict,
};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether with colours.
    pub(crate) colours: bool,
    /// Columns of the terminal.
    pub(crate) width: usize,
}

/// Statements of up to this many lines are printed whole; of longer ones only what is marked.
const WHOLE: usize = 18;
/// A label is cut where the line ends, but not to fewer characters than this.
const LABEL: usize = 24;

/// The answer as text, with a line break at its end.
pub(crate) fn text(answer: &Answer, look: Look) -> String {
    let mut text = verdict(answer, look);
    text.push_str(&asked(&answer.request, look));
    text.push_str(&layers(answer, look));
    if let Some(deciding) = &answer.deciding {
        text.push_str(&statement(answer, deciding, "the deciding statement", look));
    }
    let heading = match answer.verdict {
        Verdict::Allowed => "a denial that nearly matched",
        _ => "a statement that nearly allows it",
    };
    for near in &answer.near {
        text.push_str(&statement(answer, near, heading, look));
    }
    for step in further_steps(answer) {
        text.push_str(&statement(answer, step, "a statement that would have to change too", look));
    }
    text.push_str(&changes(answer, look));
    text.push_str(&missing(answer, look));
    text.push_str(&notes(answer, look));
    text
}

/// How many statements of the change are shown that are not shown above.
const FURTHER: usize = 3;
/// How many equally small changes are told.
const CHANGES: usize = 3;

/// Statements that the first change is about and that are not shown already.
fn further_steps(answer: &Answer) -> impl Iterator<Item = &StatementAnswer> {
    let shown = |found: &StatementAnswer| {
        let mut above = answer.deciding.iter().chain(&answer.near);
        above.any(|known| (known.policy, known.statement) == (found.policy, found.statement))
    };
    let steps = answer.changes.first().into_iter().flat_map(|change| &change.steps);
    steps.filter_map(|step| step.statement.as_ref()).filter(move |found| !shown(found)).take(FURTHER)
}

/// What would turn the decision around.
fn changes(answer: &Answer, look: Look) -> String {
    let joined = |change: &ChangeAnswer| {
        let says: Vec<&str> = change.steps.iter().map(|step| step.says.as_str()).collect();
        says.join(", and ")
    };
    let says: Vec<String> = answer.changes.iter().take(CHANGES).map(joined).collect();
    if says.is_empty() {
        return String::new();
    }
    let (would, or) = match answer.verdict {
        Verdict::Allowed => ("it would be denied without ", "; or without "),
        _ => ("it would be allowed if ", "; or if "),
    };
    let more = if answer.changes.len() > CHANGES { "; and there are more ways" } else { "" };
    let words = format!("{would}{}{more}", says.join(or));
    let mut text = "\n".to_owned();
    let label = Style::Bold.paint("change", look.colours);
    paragraph(&mut text, &label, "change", &escape(&words), look);
    text
}

fn verdict(answer: &Answer, look: Look) -> String {
    let (word, style) = match answer.verdict {
        Verdict::Allowed => ("allowed", Style::Green),
        Verdict::ExplicitDeny => ("denied (explicitly)", Style::Red),
        Verdict::ImplicitDeny => ("denied", Style::Red),
    };
    let lines = wrap(&escape(&answer.summary), look.width.saturating_sub(word.len() + 2));
    format!(
        "{}: {}\n",
        style.paint(word, look.colours),
        lines.join(&format!("\n{}", " ".repeat(word.len() + 2)))
    )
}

fn asked(request: &Asked, look: Look) -> String {
    let mut rows = vec![
        ("principal", request.principal.clone()),
        ("action", request.action.clone()),
        ("resource", request.resource.clone()),
    ];
    for entry in request.context.iter().filter(|entry| entry.source == Source::Given) {
        rows.push(("context", format!("{} = {}", entry.key, entry.values.join(", "))));
    }
    let mut text = "\n".to_owned();
    for (name, value) in rows {
        let name = Style::Dim.paint(&format!("{name:<9}"), look.colours);
        line(&mut text, &format!("  {name}  {}", escape(&value)));
    }
    text
}

fn layers(answer: &Answer, look: Look) -> String {
    let is_trust = answer.request.action.starts_with("sts:") && answer.request.resource.contains(":role/");
    let name = |layer: &LayerAnswer| match (layer.layer, layer.policies) {
        (LayerName::ResourcePolicy, _) if is_trust => "trust policy".to_owned(),
        (LayerName::IdentityPolicies | LayerName::SessionPolicies, count @ 1..) => {
            format!("{} ({count})", layer.layer.words())
        }
        (other, _) => other.words().to_owned(),
    };
    let width = answer.layers.iter().map(|layer| name(layer).len()).max().unwrap_or_default();
    let mut text = "\n".to_owned();
    for layer in &answer.layers {
        let (word, style) = part(layer);
        let marker = if layer.decides { Style::Bold.paint(">", look.colours) } else { " ".to_owned() };
        let room = look.width.saturating_sub(width + 20);
        let by = layer.by.and_then(|(policy, place)| by(answer, policy, place)).unwrap_or_default();
        let row = format!(
            "{marker} {:<width$}  {}  {}",
            name(layer),
            style.paint(&format!("{word:<14}"), look.colours),
            shorten(&by, room)
        );
        line(&mut text, &row);
    }
    text
}

fn part(layer: &LayerAnswer) -> (&'static str, Style) {
    match layer.part {
        Part::Denies => ("denies", Style::Red),
        Part::Allows => ("allows", Style::Green),
        Part::Silent if layer.decides => ("does not allow", Style::Red),
        Part::Silent => ("says nothing", Style::Plain),
        Part::Absent => ("none", Style::Dim),
        Part::Unknown => ("not known here", Style::Dim),
    }
}

fn by(answer: &Answer, policy: usize, statement: usize) -> Option<String> {
    let title = answer.policies.get(policy).map(ShownPolicy::title)?;
    Some(escape(&format!("statement {} of {title}", statement + 1)).into_owned())
}

/// A statement from its policy's text, marked.
fn statement(answer: &Answer, found: &StatementAnswer, heading: &str, look: Look) -> String {
    let Some(policy) = answer.policies.get(found.policy) else { return String::new() };
    let Some((range, first_line)) = whole_lines(&policy.text, found.place) else { return String::new() };
    let Some(source) = policy.text.get(range.clone()) else { return String::new() };
    let source = &*harmless(source);
    let title = match &found.sid {
        Some(sid) => format!("{heading}: number {}, `{}`", found.statement + 1, escape(sid)),
        None => format!("{heading}: number {}", found.statement + 1),
    };
    // The last line's number, ` | ` after it, and a blank before the label.
    let gutter = (first_line + source.lines().count()).to_string().len() + 4;
    let marks = found.marks.iter().enumerate().filter_map(|(rank, mark)| {
        let span = within(mark, &range, source)?;
        let kind = if rank == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let before = source.get(..span.end).and_then(|text| text.rsplit('\n').next()).unwrap_or_default();
        let room = look.width.saturating_sub(before.chars().count() + gutter).max(LABEL);
        Some(kind.span(span).label(shorten(&escape(&mark.label), room).into_owned()))
    });
    let name = escape(&policy.title()).replace('`', "");
    let snippet = Snippet::source(source)
        .line_start(first_line)
        .path(name)
        .fold(source.lines().count() > WHOLE)
        .annotations(marks);
    let level = match (answer.verdict, found.effect) {
        (Verdict::Allowed, Effect::Allow) => Level::NOTE,
        (_, Effect::Deny) => Level::ERROR,
        (_, Effect::Allow) => Level::WARNING,
    };
    let group: Group<'_> = level.no_name().secondary_title(title).element(snippet);
    let renderer = if look.colours { Renderer::styled() } else { Renderer::plain() };
    format!("\n{}\n", renderer.term_width(look.width).render(&[group]))
}

/// The text without anything that a terminal would obey, every character in its old place.
pub(crate) fn harmless(source: &str) -> String {
    let stand_in = |letter: char| match (letter, letter.len_utf8()) {
        ('\n' | '\t', _) => letter,
        _ if matches!(escape(letter.encode_utf8(&mut [0; 4])), Cow::Borrowed(_)) => letter,
        (_, 1) => '?',
        (_, 2) => '·',
        _ => '\u{fffd}',
    };
    source.chars().map(stand_in).collect()
}

/// The lines that hold a place: their range in the text, and the number of the first.
fn whole_lines(text: &str, place: Place) -> Option<(Range<usize>, usize)> {
    let (start, end) = (place.start as usize, place.end as usize);
    let from = text.get(..start)?.rfind('\n').map_or(0, |found| found + 1);
    let to = text.get(end..)?.find('\n').map_or(text.len(), |found| end + found);
    Some((from..to, place.line as usize))
}

/// A mark's range in the printed lines; of a mark over several lines what stands on the first.
fn within(mark: &Mark, range: &Range<usize>, source: &str) -> Option<Range<usize>> {
    let start = (mark.place.start as usize).checked_sub(range.start)?;
    let end = (mark.place.end as usize).checked_sub(range.start)?;
    let marked = source.get(start..end)?;
    Some(start..start + marked.lines().next().map_or(0, str::len))
}

fn missing(answer: &Answer, look: Look) -> String {
    if answer.missing_context.is_empty() || answer.verdict == Verdict::ExplicitDeny {
        return String::new();
    }
    let mut text = String::new();
    let label = Style::Bold.paint("missing", look.colours);
    let keys: Vec<_> = answer.missing_context.iter().map(|key| format!("`{}`", escape(key))).collect();
    let says = format!("statements ask for {}, which the request does not have", keys.join(", "));
    paragraph(&mut text, &label, "missing", &says, look);
    if let Some(first) = answer.missing_context.first() {
        let label = Style::Bold.paint("help", look.colours);
        paragraph(
            &mut text,
            &label,
            "help",
            &format!("give it with --context {}=VALUE", escape(first)),
            look,
        );
    }
    format!("\n{text}")
}

fn notes(answer: &Answer, look: Look) -> String {
    if answer.notes.is_empty() {
        return String::new();
    }
    let mut text = "\n".to_owned();
    let label = Style::Bold.paint("note", look.colours);
    for note in &answer.notes {
        paragraph(&mut text, &label, "note", &escape(note), look);
    }
    text
}

/// `label: words …`, with the lines after the first under the words.
fn paragraph(text: &mut String, painted: &str, label: &str, words: &str, look: Look) {
    let indent = label.len() + 2;
    let lines = wrap(words, look.width.saturating_sub(indent)).join(&format!("\n{}", " ".repeat(indent)));
    line(text, &format!("{painted}: {lines}"));
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", line.trim_end());
}

/// Breaks text at blanks; a word longer than the width stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::explain::{Question, Setting, ask};
    use audit::import::{ImportOptions, authorization_details};
    use base::Timestamp;

    const PLAIN: Look = Look { colours: false, width: 100 };

    /// An answer of the example export, as it comes back from JSON.
    fn answer(principal: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Answer {
        let now = Timestamp::from_seconds(1_790_000_000);
        let export = include_bytes!("../../../audit/tests/fixtures/harbour.json");
        let import = authorization_details(export, &ImportOptions::at(now)).unwrap();
        let question =
            context.iter().fold(Question::new(principal, action, resource), |question, (key, value)| {
                question.with(key, value)
            });
        let answer = ask(&import.snapshot(), &question, &Setting::at(now)).unwrap();
        serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap()
    }

    #[test]
    fn a_permission_shows_the_statement_that_gives_it() {
        let answer = answer("user/nadia", "s3:GetObject", "arn:aws:s3:::harbour-notes/nadia/log.txt", &[]);
        insta::assert_snapshot!(text(&answer, PLAIN));
    }

    #[test]
    fn a_denial_shows_the_statement_that_denies() {
        let beacon = "arn:aws:ec2:eu-north-1:111122223333:instance/i-0123456789abcdef0";
        let answer =
            answer("user/nadia", "ec2:TerminateInstances", beacon, &[("aws:ResourceTag/role", "beacon")]);
        insta::assert_snapshot!(text(&answer, PLAIN));
    }

    #[test]
    fn a_missing_permission_shows_what_nearly_gives_it() {
        let lamp = "arn:aws:secretsmanager:eu-north-1:111122223333:secret:lamp-7";
        insta::assert_snapshot!(text(
            &answer("user/nadia", "secretsmanager:GetSecretValue", lamp, &[]),
            PLAIN
        ));
    }

    #[test]
    fn a_boundary_is_told_beside_the_policy_that_it_limits() {
        insta::assert_snapshot!(text(
            &answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest", &[]),
            PLAIN
        ));
    }

    #[test]
    fn a_trust_policy_of_one_line_is_laid_out_with_arns() {
        insta::assert_snapshot!(text(
            &answer("role/deployer/run-7", "sts:AssumeRole", "role/surveyor", &[]),
            PLAIN
        ));
    }

    #[test]
    fn lines_fit_a_terminal() {
        let beacon = "arn:aws:ec2:eu-north-1:111122223333:instance/i-0";
        for (principal, action, resource) in [
            ("user/nadia", "ec2:TerminateInstances", beacon),
            ("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest"),
            ("role/deployer", "sts:AssumeRole", "role/surveyor"),
            ("user/olga", "iam:CreateUser", "*"),
        ] {
            let text = text(&answer(principal, action, resource, &[]), PLAIN);
            for line in text.lines() {
                assert!(line.chars().count() <= PLAIN.width, "{line}");
            }
        }
    }

    #[test]
    fn colours_come_only_when_wanted() {
        let answer = answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest", &[]);
        assert!(!text(&answer, PLAIN).contains('\x1b'));
        assert!(text(&answer, Look { colours: true, ..PLAIN }).contains("\x1b[31mdenied\x1b[0m"));
    }

    #[test]
    fn an_answer_cannot_act_on_the_terminal_or_break_the_printer() {
        let mut answer = answer("user/nadia", "s3:GetObject", "arn:aws:s3:::harbour-notes/nadia/x", &[]);
        answer.summary = "\x1b[2J".into();
        answer.notes.push("\u{9b}31m".into());
        let policy = &mut answer.policies[0];
        policy.name = "\x1b]0;x\x07".into();
        policy.text = policy.text.replace("OwnFolder", "\u{9b}1\x1b[7m");
        let deciding = answer.deciding.as_mut().unwrap();
        deciding.sid = Some("\x1b".into());
        // Places that belong to another text: nothing is printed of them, and nothing breaks.
        deciding.marks[0].place.start = 7_000;
        deciding.marks[1].place.end = 0;
        let text = text(&answer, PLAIN);
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
    }
}
