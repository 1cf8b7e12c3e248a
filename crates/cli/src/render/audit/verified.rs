//! What a fix would do.

use super::{Pen, command, short, wrapped};
use crate::render::questions::request;
use crate::terminal::Style;
use analysis::Verdict;
use audit::compare::{Change, Found};
use audit::finding::Finding;
use audit::verify::{Ended, Verified};
use serde_json::{Value, json};

/// How many principals are told.
const TOLD: usize = 20;

/// For people.
pub(crate) fn text(finding: &Finding, found: &Verified, colours: bool) -> String {
    let pen = Pen { colours };
    let mut text =
        wrapped("", 2, &format!("{} {}: {}", finding.check, short(&finding.resource), finding.message));
    for line in finding.fix.iter().flat_map(|fix| &fix.commands) {
        text.push_str(&command("$ ", 2, line));
    }
    let (style, word) = match found.outcome {
        Ended::Gone => (Style::Green, "After the change the finding is gone."),
        Ended::Still => (Style::Red, "After the change the finding is still there."),
        Ended::Unjudged => (Style::Yellow, "After the change the check cannot be judged."),
    };
    text.push_str(&format!("\n{}\n", pen.paint(style, word)));
    if found.others > 0 {
        text.push_str(&format!("The change ends {} more findings of this check.\n", found.others));
    }
    for finding in &found.appeared {
        text.push_str(&wrapped("New: ", 4, &format!("{}: {}", short(&finding.resource), finding.message)));
    }
    text.push_str(&format!("\n{}\n", pen.heading("Access that would be lost")));
    text.push_str(&lost(found));
    text
}

fn lost(found: &Verified) -> String {
    let mut lines = String::new();
    let losing = |change: &&Change| !change.lost.verdict.is_proved() || !change.is_there;
    let losing: Vec<&Change> = found.access.iter().filter(losing).collect();
    for change in losing.iter().take(TOLD) {
        lines.push_str(&wrapped("  ", 4, &format!("{}: {}", short(&change.principal), sentence(change))));
    }
    if losing.len() > TOLD {
        lines.push_str(&format!("  and {} more\n", losing.len() - TOLD));
    }
    match &found.resource {
        Some(Verdict::Refuted(found)) => {
            lines.push_str(&wrapped("  ", 4, &format!("the policy let {}", request(&found.witness))));
        }
        Some(verdict) if !verdict.is_proved() => {
            lines.push_str("  what the resource's policy allowed could not be compared\n");
        }
        _ => {}
    }
    if lines.is_empty() { "  none\n".to_owned() } else { lines }
}

fn sentence(change: &Change) -> String {
    match change.lost.verdict.refutation() {
        _ if !change.is_there => "it is no more".to_owned(),
        Some(found) => format!("loses among others: {}", request(&found.witness)),
        None => "what it loses could not be shown".to_owned(),
    }
}

/// For programs.
pub(crate) fn json(finding: &Finding, found: &Verified) -> Value {
    let side = |it: &Found| match it.verdict.refutation() {
        Some(found) => json!(request(&found.witness)),
        None => Value::Null,
    };
    let access: Vec<Value> = found
        .access
        .iter()
        .map(|change| {
            json!({
                "principal": change.principal,
                "is_there": change.is_there,
                "lost": side(&change.lost),
                "gained": side(&change.gained),
            })
        })
        .collect();
    json!({
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "resource": finding.resource,
        "outcome": match found.outcome {
            Ended::Gone => "gone",
            Ended::Still => "still",
            Ended::Unjudged => "unjudged",
        },
        "others": found.others,
        "appeared": found.appeared,
        "access": access,
        "resource_loses": found.resource.as_ref().and_then(Verdict::refutation).map(|it| request(&it.witness)),
    })
}
