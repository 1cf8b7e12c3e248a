//! Findings one by one, and one in full.

use super::{Pen, command, short, style_of, wrapped};
use crate::terminal::{Style, escape};
use audit::checks::{Check, by_id};
use audit::finding::{Evidence, Finding, Fix, Status, Step, Term};

/// A finding a few lines, in the order given.
pub(super) fn list<'f>(findings: impl Iterator<Item = &'f Finding>, pen: Pen) -> String {
    let mut text = String::new();
    for finding in findings {
        text.push_str(&row(finding, pen));
    }
    if text.is_empty() {
        text.push_str("no findings\n");
    }
    text.push('\n');
    text
}

fn row(finding: &Finding, pen: Pen) -> String {
    let (word, style) = word(finding);
    let risk = finding.risk.as_ref().map(|risk| format!(" risk {}", risk.score)).unwrap_or_default();
    let mut text = format!(
        "{:<9} {}{risk}  {}\n",
        pen.paint(style, word),
        pen.heading(finding.check),
        pen.paint(Style::Dim, &finding.fingerprint)
    );
    text.push_str(&wrapped("  ", 4, &format!("{}: {}", short(&finding.resource), finding.message)));
    if let Some(line) = excepted(finding) {
        text.push_str(&wrapped("  ", 4, &line));
    }
    text
}

fn word(finding: &Finding) -> (&'static str, Style) {
    match finding.status {
        Status::Fail if !finding.counts() => ("excepted", Style::Dim),
        Status::Fail => (finding.severity.as_str(), style_of(finding.severity)),
        Status::Error => ("error", Style::Alarm),
        Status::NotAssessable => ("unknown", Style::Yellow),
        Status::Pass => ("pass", Style::Green),
    }
}

fn excepted(finding: &Finding) -> Option<String> {
    let exception = finding.exception.as_ref()?;
    let state = if exception.expired { "THE EXCEPTION IS OVER SINCE" } else { "excepted until" };
    Some(format!(
        "{state} {}: {} (owner {}, approved by {})",
        exception.expires, exception.reason, exception.owner, exception.approver
    ))
}

/// What a check is.
pub(super) fn documentation(check: &Check, pen: Pen) -> String {
    let mut text = format!("{} {}\n", pen.heading(check.id), pen.paint(Style::Dim, check.area.title()));
    text.push_str(&wrapped("  ", 2, &format!("{}.", check.title)));
    for (name, words) in [("Why", check.why), ("Judged", check.judged), ("Fix", check.remediation)] {
        text.push_str(&wrapped(&format!("  {name}: "), 4, words));
    }
    for page in check.references {
        text.push_str(&format!("  {page}\n"));
    }
    text.push('\n');
    text
}

/// One finding with all that is known.
pub(super) fn whole(finding: &Finding, pen: Pen) -> String {
    let title = by_id(finding.check).map_or(finding.check, |check| check.title);
    let mut text = row(finding, pen);
    text.push_str(&wrapped("  ", 4, &format!("It should be: {title}.")));
    text.push_str(&format!("  account {}, resource {}\n", finding.account, escape(&finding.resource)));
    if !finding.principals.is_empty() {
        text.push_str(&names("Principals", &finding.principals, pen));
    }
    if !finding.actions.is_empty() {
        text.push_str(&names("Actions", &finding.actions, pen));
    }
    if let Some(external) = &finding.external {
        let name = external.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        text.push_str(&part("Who", pen));
        text.push_str(&wrapped("  ", 4, &format!("{}{name}", external.who)));
        external.conditions.iter().for_each(|it| text.push_str(&wrapped("  if ", 4, it)));
    }
    if let Some(path) = &finding.path {
        text.push_str(&part("Path", pen));
        path.iter().enumerate().for_each(|(place, step)| text.push_str(&self::step(place + 1, step)));
    }
    if let Some(witness) = &finding.witness {
        text.push_str(&part("A request that shows it", pen));
        let line = format!("{} does {} on {}", witness.principal, witness.action, witness.resource);
        text.push_str(&wrapped("  ", 4, &line));
        for (key, values) in &witness.context {
            text.push_str(&wrapped("    ", 6, &format!("{key} = {}", values.join(", "))));
        }
    }
    if !finding.evidence.is_empty() {
        text.push_str(&part("Evidence", pen));
        finding.evidence.iter().for_each(|it| text.push_str(&evidence(it)));
    }
    text.push_str(&risk(finding, pen));
    if let Some(fix) = &finding.fix {
        text.push_str(&self::fix(fix, pen));
    }
    text.push('\n');
    text
}

fn part(name: &str, pen: Pen) -> String {
    format!("\n{}\n", pen.heading(name))
}

fn names(name: &str, all: &[String], pen: Pen) -> String {
    const SHOWN: usize = 20;
    let mut text = part(name, pen);
    let listed = all.iter().take(SHOWN).map(|it| it.as_str()).collect::<Vec<_>>().join(" ");
    text.push_str(&wrapped("  ", 2, &listed));
    if all.len() > SHOWN {
        text.push_str(&format!("  and {} more\n", all.len() - SHOWN));
    }
    text
}

fn step(place: usize, step: &Step) -> String {
    let mut text =
        wrapped(&format!("  {place}. "), 5, &format!("{} → {}", short(&step.from), short(&step.to)));
    text.push_str(&wrapped("     ", 5, &format!("{}: {}", step.id, step.how)));
    if !step.through.is_empty() {
        text.push_str(&wrapped("     through ", 7, &step.through));
    }
    text.push_str(&wrapped("     ", 5, &step.actions.join(" ")));
    step.conditions.iter().for_each(|it| text.push_str(&wrapped("     if ", 7, it)));
    text
}

fn evidence(evidence: &Evidence) -> String {
    let mut place = evidence.source.clone();
    if let Some(policy) = &evidence.policy {
        place.push_str(&format!(", inline policy {policy}"));
    }
    if let Some(statement) = &evidence.statement {
        place.push_str(&format!(", statement {statement}"));
    }
    if let Some(line) = evidence.line {
        place.push_str(&format!(", line {line}"));
    }
    let mut text = wrapped("  - ", 4, &format!("{} ({place})", evidence.what));
    for line in evidence.text.iter().flat_map(|text| text.lines()).take(30) {
        text.push_str(&format!("      {}\n", escape(line)));
    }
    text
}

fn risk(finding: &Finding, pen: Pen) -> String {
    let Some(risk) = &finding.risk else { return String::new() };
    let mut text = part(&format!("Risk {}", risk.score), pen);
    let mut term = |name: &str, term: &Term| {
        text.push_str(&wrapped(&format!("  {name:<13}{:<6} ", term.value), 22, &term.because));
    };
    term("reach", &risk.reach);
    term("× exposure", &risk.exposure);
    term("× protection", &risk.protection);
    text
}

fn fix(fix: &Fix, pen: Pen) -> String {
    let mut text = part("Fix", pen);
    text.push_str(&wrapped("  ", 4, &fix.summary));
    for line in &fix.commands {
        text.push_str(&command("  $ ", 6, line));
    }
    for line in fix.diff.iter().flat_map(|diff| diff.lines()) {
        let style = match line.chars().next() {
            Some('+') => Style::Green,
            Some('-') => Style::Red,
            _ => Style::Dim,
        };
        text.push_str(&format!("  {}\n", pen.paint(style, &escape(line))));
    }
    if let Some(terraform) = &fix.terraform {
        text.push_str(&wrapped("  Terraform: ", 4, terraform));
    }
    text
}
