//! Findings as people read them: the line of the policy with the element underlined.

use super::explanation::harmless;
use crate::commands::lint::{LintedPolicy, Source};
use crate::terminal::{Style, escape};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use base::Span;
use base::span::LineIndex;
use policy::DocumentKind;
use policy::validate::{Finding, FindingType, Safety};
use std::fmt::Write;

/// Columns of a report.
const WIDTH: usize = 110;
/// Of one policy so many findings are shown.
const MOST: usize = 50;
/// Another place is shown if it is at most so many lines away.
const NEAR: u32 = 12;

/// All findings and a line that sums them up.
pub(crate) fn report(sources: &[Source], fixed: usize, colours: bool) -> String {
    let mut text = String::new();
    for source in sources {
        for linted in source.policies.iter().filter(|linted| !linted.findings.is_empty()) {
            policy(source, linted, colours, &mut text);
        }
    }
    for source in sources {
        for note in &source.notes {
            let about = format!("{}: {note}", source.input.name);
            let _ = writeln!(text, "{}: {}", Style::Bold.paint("note", colours), escape(&about));
        }
    }
    if sources.iter().any(|source| !source.notes.is_empty()) {
        text.push('\n');
    }
    text.push_str(&summary(sources, fixed, colours));
    text
}

/// The kind of a policy in words: `identity policy`.
pub(crate) fn kind(linted: &LintedPolicy) -> String {
    let kind = match (linted.options.kind, linted.options.resource_kind) {
        (DocumentKind::Identity, _) => "identity policy",
        (DocumentKind::Resource, Some(kind)) => return format!("policy of {}", kind.words()),
        (DocumentKind::Resource, None) => "policy of a resource",
        (DocumentKind::Trust, _) => "trust policy",
        (DocumentKind::Scp, _) => "SCP",
        (DocumentKind::Rcp, _) => "RCP",
        (DocumentKind::Endpoint, _) => "endpoint policy",
        (DocumentKind::Session, _) => "session policy",
        (DocumentKind::Boundary, _) => "permissions boundary",
    };
    kind.to_owned()
}

fn policy(source: &Source, linted: &LintedPolicy, colours: bool, text: &mut String) {
    let mut title = source.input.name.clone();
    if let Some(name) = &linted.name {
        let _ = write!(title, ", {name}");
    }
    let read = match linted.is_told {
        true if title.ends_with(&kind(linted)) => String::new(),
        true => format!(" ({})", kind(linted)),
        false => format!(" (read as {})", with_article(&kind(linted))),
    };
    let head = format!("{}{read}", escape(&title));
    let _ = writeln!(text, "{}\n", Style::Bold.paint(&head, colours));
    // A document that stands in the file as it is, is shown with the file's lines.
    let (whole, offset) = if linted.is_verbatim {
        (source.input.text.as_str(), linted.place.start)
    } else {
        (linted.text.as_str(), 0)
    };
    let lines = LineIndex::new(whole);
    for finding in linted.findings.iter().take(MOST) {
        text.push_str(&self::finding(finding, whole, &lines, offset, &title, colours));
        text.push_str("\n\n");
    }
    if let Some(more) = linted.findings.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "and {more} more; `--format json` tells all\n");
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['i', 'e', 'S', 'R']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn finding(
    finding: &Finding,
    whole: &str,
    lines: &LineIndex,
    offset: u32,
    path: &str,
    colours: bool,
) -> String {
    let level = match finding.check.finding_type() {
        FindingType::Error => Level::ERROR,
        FindingType::SecurityWarning => Level::WARNING.with_name("security warning"),
        FindingType::Warning => Level::WARNING,
        FindingType::Suggestion => Level::NOTE.with_name("suggestion"),
    };
    let at = |span: Span| Span { start: span.start + offset, end: span.end + offset };
    let span = at(finding.span);
    let line = |span: Span| lines.position(whole, span.start).line;
    let related = finding.related.map(|(span, label)| (at(span), label));
    let related = related.filter(|(other, _)| line(*other).abs_diff(line(span)) <= NEAR && *other != span);
    let first = related.map_or(span.start, |(other, _)| other.start.min(span.start));
    let last = related.map_or(span.start, |(other, _)| other.start.max(span.start));
    let from = whole.get(..first as usize).and_then(|text| text.rfind('\n')).map_or(0, |found| found + 1);
    let to = whole
        .get(last as usize..)
        .and_then(|text| text.find('\n'))
        .map_or(whole.len(), |end| last as usize + end);
    let source = harmless(whole.get(from..to).unwrap_or_default());
    // Of a place over several lines, what stands on the first.
    let within = |span: Span| {
        let (start, end) =
            ((span.start as usize).saturating_sub(from), (span.end as usize).saturating_sub(from));
        let shown = source.get(start..end.min(source.len())).unwrap_or_default();
        start.min(source.len())..start.min(source.len()) + shown.lines().next().map_or(0, str::len)
    };
    let mut snippet = Snippet::source(source.as_str())
        .line_start(lines.position(whole, Span::new(from, from).start).line as usize)
        .path(escape(path).into_owned())
        .fold(true)
        .annotation(AnnotationKind::Primary.span(within(span)));
    if let Some((other, label)) = related {
        snippet = snippet.annotation(AnnotationKind::Context.span(within(other)).label(label));
    }
    let mut group: Group<'_> =
        level.primary_title(escape(&finding.message)).id(finding.check.code()).element(snippet);
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(escape(help).into_owned()));
    }
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group])
}

fn summary(sources: &[Source], fixed: usize, colours: bool) -> String {
    let policies = || sources.iter().flat_map(|source| &source.policies);
    let count = |kind: FindingType| {
        policies()
            .flat_map(|policy| &policy.findings)
            .filter(|finding| finding.check.finding_type() == kind)
            .count()
    };
    let mut parts = Vec::new();
    for kind in
        [FindingType::Error, FindingType::SecurityWarning, FindingType::Warning, FindingType::Suggestion]
    {
        match count(kind) {
            0 => {}
            found => {
                let style = if kind == FindingType::Error { Style::Red } else { Style::Plain };
                parts.push(style.paint(&counted(found, kind.words()), colours));
            }
        }
    }
    let read = match policies().count() {
        1 => policies().next().map_or_else(String::new, |linted| with_article(&kind(linted))),
        more => format!("{more} policies"),
    };
    let mut text = if parts.is_empty() {
        format!("{} in {read}\n", Style::Green.paint("no findings", colours))
    } else {
        format!("{} in {read}\n", parts.join(", "))
    };
    if fixed > 0 {
        let _ = writeln!(text, "{} applied", counted(fixed, "fix"));
    }
    let mendable = |safety: Safety| {
        let files = sources.iter().filter(|source| source.input.path.is_some());
        let policies = files.flat_map(|source| &source.policies).filter(|linted| linted.is_verbatim);
        let fixes = policies.flat_map(|linted| &linted.findings).filter_map(|finding| finding.fix.as_ref());
        fixes.filter(|fix| fix.safety == safety).count()
    };
    let hint = match (mendable(Safety::Safe), mendable(Safety::ChangesMeaning)) {
        (0, 0) => String::new(),
        (safe, 0) => format!("{safe} can be mended with --fix\n"),
        (0, other) => format!("{other} can be mended with --fix-all, which changes what is allowed\n"),
        (safe, other) => format!(
            "{safe} can be mended with --fix, {other} more with --fix-all, which changes what is allowed\n"
        ),
    };
    text.push_str(&hint);
    let skipped = sources.iter().map(|source| source.skipped).sum::<usize>();
    if skipped > 0 {
        let _ = writeln!(text, "{} of AWS's own passed over", counted(skipped, "policy"));
    }
    text
}

fn counted(count: usize, what: &str) -> String {
    match (count, what) {
        (1, what) => format!("1 {what}"),
        (count, "policy") => format!("{count} policies"),
        (count, "fix") => format!("{count} fixes"),
        (count, what) => format!("{count} {what}s"),
    }
}
