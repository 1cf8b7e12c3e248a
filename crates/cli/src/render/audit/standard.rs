//! A standard, requirement by requirement.

use super::{Pen, wrapped};
use crate::terminal::Style;
use audit::compliance::{Assessment, RequirementStatus};

/// Where titles begin.
const INDENT: usize = 27;

pub(super) fn standard(found: &Assessment, pen: Pen) -> String {
    let mut text = format!("{}\n", pen.heading(found.name));
    for requirement in &found.requirements {
        let (style, word) = match requirement.status {
            RequirementStatus::Passed => (Style::Green, "passed"),
            RequirementStatus::Failed => (Style::Red, "failed"),
            RequirementStatus::NotAssessable => (Style::Yellow, "not assessable"),
        };
        let first = format!("{word:<14}  {:<9}  ", requirement.id);
        let indent = first.chars().count().max(INDENT);
        let mut title = requirement.title.to_owned();
        match requirement.findings.len() {
            0 => {}
            1 => title.push_str(" (1 finding)"),
            many => title.push_str(&format!(" ({many} findings)")),
        }
        if let Some(reason) = requirement.reasons.first() {
            title.push_str(&format!(": {reason}"));
        }
        text.push_str(&wrapped(&first, indent, &title).replacen(word, &pen.paint(style, word), 1));
    }
    let count = |status| found.count(status);
    text.push_str(&format!(
        "{} passed, {} failed, {} not assessable. ",
        count(RequirementStatus::Passed),
        count(RequirementStatus::Failed),
        count(RequirementStatus::NotAssessable)
    ));
    text.push('\n');
    text.push_str(&wrapped("", 0, found.scope));
    text.push('\n');
    text
}
