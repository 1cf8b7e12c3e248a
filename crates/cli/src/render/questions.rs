//! What exact questions found, for people, programs and code-scanning services.

use super::sarif::{log, uri};
use crate::commands::questions::{Answers, Finding, Place, Report, Statement, What};
use crate::terminal::{Style, escape, paragraph, shorten};
use analysis::{KeyValue, Verdict, Witness};
use audit::ask::WitnessShown;
use policy::DocumentKind;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// So much of a statement is shown.
const WIDTH: usize = 160;
/// So many statements of a finding are shown.
const MOST: usize = 10;

/// A kind of policies in words.
pub(crate) fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Identity => "identity policy",
        DocumentKind::Resource => "policy of a resource",
        DocumentKind::Trust => "trust policy",
        DocumentKind::Scp => "SCP",
        DocumentKind::Rcp => "RCP",
        DocumentKind::Endpoint => "endpoint policy",
        DocumentKind::Session => "session policy",
        DocumentKind::Boundary => "permissions boundary",
    }
}

/// A request as a clause: `whoever has it do s3:GetObject on arn:… if aws:SourceIp is 203.0.113.7`.
pub(crate) fn request(witness: &Witness) -> String {
    let who = match witness.principal.as_deref() {
        None => "whoever has it",
        Some("anonymous") => "anybody without credentials",
        Some(principal) => principal,
    };
    let resource = if witness.resource == "*" { String::new() } else { format!(" on {}", witness.resource) };
    let mut text = format!("{who} do {}{resource}", witness.action);
    let keys: Vec<String> = witness.context.iter().filter_map(condition).collect();
    if !keys.is_empty() {
        let _ = write!(text, " if {}", keys.join(" and "));
    }
    if !witness.documented {
        text.push_str(" (AWS documents no such request)");
    }
    text
}

fn condition((key, value): &(String, KeyValue)) -> Option<String> {
    match value {
        KeyValue::Absent => None,
        KeyValue::One(value) => Some(format!("{key} is `{value}`")),
        KeyValue::Many(values) => Some(format!("{key} has `{}`", values.join("`, `"))),
    }
}

/// The report as people read it. What is found of many alike is told once.
pub(crate) fn text(report: &Report, colours: bool) -> String {
    let mut text = String::new();
    let mut told: Vec<(&Answers, String, Vec<&str>)> = Vec::new();
    for answers in report.answers.iter().filter(|answers| !is_quiet(answers)) {
        let body: String = answers.findings.iter().map(|finding| finding_text(finding, colours)).collect();
        let name = answers.policy.as_deref().unwrap_or_default();
        let is_alike = |(other, known, _): &&mut (&Answers, String, Vec<&str>)| {
            let other_name = other.policy.as_deref().unwrap_or_default();
            other.kind == answers.kind && without(known, other_name) == without(&body, name)
        };
        match told.iter_mut().find(is_alike).filter(|_| !name.is_empty()) {
            Some((_, _, others)) => others.push(name),
            None => told.push((answers, body, Vec::new())),
        }
    }
    for (answers, body, others) in &told {
        let _ = writeln!(text, "{}", Style::Bold.paint(&escape(&heading(answers)), colours));
        text.push_str(&alike(others));
        text.push_str(body);
        text.push('\n');
    }
    for note in &report.notes {
        let note = paragraph(&format!("note: {}", escape(note)), 0, 6);
        text.push_str(&note.replacen("note", &Style::Bold.paint("note", colours), 1));
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    text.push_str(&summary(report, colours));
    text
}

fn heading(answers: &Answers) -> String {
    let name = answers.policy.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    match answers.kind.as_str() {
        "" => format!("{}{name}", answers.file),
        kind if name.ends_with(kind) => format!("{}{name}", answers.file),
        kind => format!("{}{name} ({kind})", answers.file),
    }
}

/// What a text says of anybody, whatever the name.
fn without(text: &str, name: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { text } else { text.replace(name, "\0") }
}

/// Names of those of whom the same is found.
fn alike(others: &[&str]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let mut text = format!("  and {} more alike:\n", others.len());
    for other in others.iter().take(MOST) {
        let _ = writeln!(text, "    {}", escape(other));
    }
    if others.len() > MOST {
        let _ = writeln!(text, "    and {} more; `--format json` tells all", others.len() - MOST);
    }
    text
}

fn is_quiet(answers: &Answers) -> bool {
    answers.findings.iter().all(|finding| finding.verdict.is_proved())
}

fn finding_text(finding: &Finding, colours: bool) -> String {
    let some = finding.what.some;
    let (said, style) = match &finding.verdict {
        Verdict::Proved => return String::new(),
        Verdict::Undetermined(reasons) => (format!("not determined: {}", reasons.join("; ")), Style::Plain),
        Verdict::Refuted(_) => {
            (finding.sentence.clone(), if finding.counts { Style::Red } else { Style::Plain })
        }
    };
    let text = paragraph(&format!("{some}: {}", escape(&said)), 2, 4);
    let mut text = text.replacen(some, &style.paint(some, colours), 1);
    statements_text(&finding.statements, "", &mut text);
    statements_text(&finding.denied_by, finding.what.denied, &mut text);
    text
}

fn statements_text(statements: &[Statement], which: &str, text: &mut String) {
    for statement in statements.iter().take(MOST) {
        let _ = writeln!(text, "    {}{which}:", escape(&place(statement)));
        // Text without spaces could not be broken into lines.
        let spaced = ["\",", "],", "},"].iter().fold(statement.text.clone(), |text, end| {
            text.replace(&format!("{end} "), end).replace(end, &format!("{end} "))
        });
        text.push_str(&paragraph(&escape(&shorten(&spaced, WIDTH)), 6, 6));
    }
    if statements.len() > MOST {
        let _ = writeln!(text, "    and {} more statements{which}", statements.len() - MOST);
    }
}

/// `policy.json:4, statement 2 (Write)`.
fn place(statement: &Statement) -> String {
    let Statement { file, policy, index, sid, place, .. } = statement;
    let line = match (place, policy) {
        (Some(((line, _), _)), _) => format!("{file}:{line}"),
        // Exports are one line, or nothing that one would look into.
        (None, Some(policy)) => policy.clone(),
        (None, None) => file.clone(),
    };
    let sid = sid.as_ref().map(|sid| format!(" ({sid})")).unwrap_or_default();
    format!("{line}, statement {}{sid}", index + 1)
}

fn summary(report: &Report, colours: bool) -> String {
    let mut parts = Vec::new();
    let findings = || report.answers.iter().flat_map(|answers| &answers.findings);
    let mut whats: Vec<&What> = Vec::new();
    for finding in findings() {
        if !whats.contains(&finding.what) {
            whats.push(finding.what);
        }
    }
    for what in whats {
        let of_what = || findings().filter(|finding| finding.what == what);
        let some = of_what().filter(|finding| finding.verdict.refutation().is_some()).count();
        let open = of_what().filter(|finding| matches!(finding.verdict, Verdict::Undetermined(_))).count();
        parts.push(match (some, open, report.answers.len() + report.unchanged) {
            (0, 0, _) => Style::Green.paint(what.none, colours),
            (0, _, 1) => format!("{} not determined", what.some),
            (0, open, all) => format!("{} not determined in {open} of {all}", what.some),
            (_, _, 1) => Style::Red.paint(what.some, colours),
            (some, 0, all) => Style::Red.paint(&format!("{} in {some} of {all}", what.some), colours),
            (some, open, all) => {
                let found = format!("{} in {some} of {all}, not determined in {open}", what.some);
                Style::Red.paint(&found, colours)
            }
        });
    }
    if parts.is_empty() {
        let all = report.unchanged;
        return format!("{}\n", if all == 0 { "there are no policies" } else { "nothing has changed" });
    }
    format!("{}\n", parts.join(", "))
}

/// The report for programs.
pub(crate) fn json(report: &Report) -> Value {
    let policies: Vec<Value> = report.answers.iter().map(answers_json).collect();
    json!({ "Policies": policies, "Unchanged": report.unchanged, "Notes": report.notes })
}

fn answers_json(answers: &Answers) -> Value {
    let mut members = Map::new();
    members.insert("File".to_owned(), json!(answers.file));
    members.insert("Policy".to_owned(), json!(answers.policy));
    members.insert("Type".to_owned(), json!(answers.kind));
    for finding in &answers.findings {
        let (verdict, witness, reasons) = match &finding.verdict {
            Verdict::Proved => ("PASS", None, Vec::new()),
            Verdict::Refuted(found) => ("FAIL", Some(witness_json(&found.witness)), Vec::new()),
            Verdict::Undetermined(reasons) => ("UNDETERMINED", None, reasons.clone()),
        };
        let explanation = Some(&finding.sentence).filter(|text| !text.is_empty());
        let statements: Vec<Value> = finding.statements.iter().map(statement_json).collect();
        let denied: Vec<Value> = finding.denied_by.iter().map(statement_json).collect();
        members.insert(
            finding.what.key.to_owned(),
            json!({ "Verdict": verdict, "Witness": witness, "Explanation": explanation,
                    "Statements": statements, "DeniedBy": denied, "Reasons": reasons }),
        );
    }
    Value::Object(members)
}

fn statement_json(statement: &Statement) -> Value {
    let Statement { file, policy, index, sid, place, .. } = statement;
    let line = place.map(|((line, _), _)| line);
    json!({ "File": file, "Policy": policy, "Statement": index, "Sid": sid, "Line": line })
}

fn witness_json(witness: &Witness) -> Value {
    let WitnessShown { principal, action, resource, context, documented } = WitnessShown::from(witness);
    json!({ "Principal": principal, "Action": action, "Resource": resource, "Context": context,
            "Documented": documented })
}

/// A piece of a policy that code-scanning services are told of.
pub(crate) struct Piece<'a> {
    pub(crate) file: &'a str,
    /// Of which policy of the file, if it has several.
    pub(crate) policy: Option<&'a str>,
    pub(crate) place: Option<Place>,
    pub(crate) message: String,
    /// What to put in its place, if it stands in the file as it is.
    pub(crate) instead: Option<&'a str>,
}

/// What can go, for code-scanning services.
pub(crate) fn sarif_of_pieces(what: &What, pieces: &[Piece<'_>], notes: &[String]) -> Value {
    let rule = json!({
        "id": what.code,
        "shortDescription": { "text": what.summary },
        "help": { "text": format!("{}: see docs/questions.md", what.summary) },
        "defaultConfiguration": { "level": "note" },
        "properties": { "tags": ["iam", "maintainability"] },
    });
    let note = |note: &String| json!({ "level": "note", "message": { "text": note } });
    let rules = if pieces.is_empty() { Vec::new() } else { vec![rule] };
    log(rules, pieces.iter().map(|piece| piece.result(what)).collect(), notes.iter().map(note).collect())
}

impl Piece<'_> {
    fn result(&self, what: &What) -> Value {
        let artifact = json!({ "uri": uri(self.file) });
        let mut physical = Map::new();
        physical.insert("artifactLocation".to_owned(), artifact.clone());
        physical.extend(self.place.map(|place| ("region".to_owned(), region(place))));
        let mut result = json!({
            "ruleId": what.code,
            "ruleIndex": 0,
            "level": "note",
            "message": { "text": self.message },
            "locations": [{
                "physicalLocation": physical,
                "logicalLocations": self.policy.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
            }],
        });
        if let (Some(place), Some(text), Value::Object(members)) = (self.place, self.instead, &mut result) {
            let replacement = json!({ "deletedRegion": region(place), "insertedContent": { "text": text } });
            let changes = json!([{ "artifactLocation": artifact, "replacements": [replacement] }]);
            let fixes = json!([{ "description": { "text": what.summary }, "artifactChanges": changes }]);
            members.insert("fixes".to_owned(), fixes);
        }
        result
    }
}

fn region(((line, column), (end_line, end_column)): Place) -> Value {
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// The report for code-scanning services: a result for each statement to blame.
pub(crate) fn sarif(report: &Report) -> Value {
    let counting = || {
        let all =
            report.answers.iter().flat_map(|answers| answers.findings.iter().map(move |it| (answers, it)));
        all.filter(|(_, finding)| finding.counts && !finding.verdict.is_proved())
    };
    let mut whats: Vec<&What> = Vec::new();
    for (_, finding) in counting() {
        if !whats.contains(&finding.what) {
            whats.push(finding.what);
        }
    }
    let rule = |what: &&What| {
        json!({
            "id": what.code,
            "shortDescription": { "text": what.summary },
            "help": { "text": format!("{}: see docs/questions.md", what.summary) },
            "defaultConfiguration": { "level": "error" },
            "properties": { "tags": ["iam", "security"], "security-severity": "7.0" },
        })
    };
    let rules = whats.iter().map(rule).collect();
    let results = counting().flat_map(|(answers, finding)| results(answers, finding, &whats)).collect();
    let note = |note: &String| json!({ "level": "note", "message": { "text": note } });
    log(rules, results, report.notes.iter().map(note).collect())
}

fn results(answers: &Answers, finding: &Finding, rules: &[&What]) -> Vec<Value> {
    let (level, message) = match &finding.verdict {
        Verdict::Undetermined(reasons) => {
            ("warning", format!("{}: not determined: {}", finding.what.some, reasons.join("; ")))
        }
        _ => {
            let denied = finding.denied_by.iter().map(|by| format!("; {}{}", place(by), finding.what.denied));
            let denied: String = denied.collect();
            ("error", format!("{}: {}{denied}", finding.what.some, finding.sentence))
        }
    };
    let result = |file: &str, policy: Option<&String>, region: Option<Value>| {
        let mut physical = Map::new();
        physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(file) }));
        physical.extend(region.map(|region| ("region".to_owned(), region)));
        json!({
            "ruleId": finding.what.code,
            "ruleIndex": rules.iter().position(|rule| *rule == finding.what),
            "level": level,
            "message": { "text": message },
            "locations": [{
                "physicalLocation": physical,
                "logicalLocations": policy.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
            }],
        })
    };
    if finding.statements.is_empty() {
        return vec![result(&answers.file, answers.policy.as_ref(), None)];
    }
    let of = |statement: &Statement| {
        result(&statement.file, statement.policy.as_ref(), statement.place.map(region))
    };
    finding.statements.iter().map(of).collect()
}
