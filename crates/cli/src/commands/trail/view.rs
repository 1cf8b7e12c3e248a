//! Records for people: one line each.

use crate::terminal::{self, Cell, Style, shorten};
use serde_json::Value;
use trail::RecordView;

const HEADINGS: [&str; 6] = ["TIME", "WHO", "EVENT", "OUTCOME", "SOURCE", "DETAILS"];
/// How wide the columns of a followed trail are; a table finds its own.
const WIDTHS: [usize; 5] = [20, 28, 32, 14, 15];
/// How many parameters are told, and how much of each.
const PARAMETERS: usize = 4;
const PARAMETER_WIDTH: usize = 60;

/// The records as a table.
pub(super) fn table(records: &[RecordView], colours: bool) -> String {
    terminal::table(&HEADINGS, records.iter().map(row).collect(), colours)
}

/// One record as a line of a stream.
pub(super) fn line(record: &RecordView, colours: bool) -> String {
    let mut text = String::new();
    let mut cells = row(record).into_iter();
    for (cell, width) in cells.by_ref().take(WIDTHS.len()).zip(WIDTHS) {
        let safe = terminal::escape(&cell.1).into_owned();
        let padding = width.saturating_sub(safe.chars().count()) + 2;
        text.push_str(&cell.0.paint(&safe, colours));
        text.push_str(&" ".repeat(padding));
    }
    if let Some(last) = cells.next() {
        text.push_str(&last.0.paint(&terminal::escape(&last.1), colours));
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.push('\n');
    text
}

fn row(record: &RecordView) -> Vec<Cell> {
    let outcome = match record.error_code.as_str() {
        "" => Cell(Style::Plain, "ok".into()),
        code => Cell(Style::Red, code.into()),
    };
    let style = if record.read_only == Some(true) { Style::Plain } else { Style::Bold };
    vec![
        record.event_time.iso().into(),
        who(record).into(),
        Cell(style, format!("{}:{}", record.service(), record.event_name)),
        outcome,
        record.source_ip_address.clone().into(),
        Cell(Style::Dim, details(record)),
    ]
}

/// The principal: a session with its role before it.
fn who(record: &RecordView) -> String {
    let identity = &record.user_identity;
    let issuer = identity.session_context.session_issuer.user_name.as_str();
    let name = match identity.display_name() {
        // The operator of the local socket is no user and no service.
        "" => identity.principal_id.as_str(),
        name => name,
    };
    match (issuer, name) {
        ("", "") => "-".to_owned(),
        ("", name) => name.to_owned(),
        (issuer, name) if issuer == name => name.to_owned(),
        (issuer, name) => format!("{issuer}/{name}"),
    }
}

/// What the call was about: its short parameters.
fn details(record: &RecordView) -> String {
    let parameters = record.request_parameters.as_ref().map(|json| serde_json::from_str::<Value>(json.get()));
    let Some(Ok(Value::Object(parameters))) = parameters else { return String::new() };
    let mut told: Vec<String> = parameters
        .iter()
        .filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => shorten(text, PARAMETER_WIDTH).into_owned(),
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                _ => return None,
            };
            Some(format!("{name}={value}"))
        })
        .collect();
    if told.len() > PARAMETERS {
        told.truncate(PARAMETERS);
        told.push("…".to_owned());
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> RecordView {
        RecordView::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_line_tells_who_did_what_and_how_it_ended() {
        let text = line(
            &record(
                r#"{"eventTime":"2026-11-22T08:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser",
                "errorCode":"AccessDenied","sourceIPAddress":"127.0.0.1","requestParameters":{"userName":"bob"},
                "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s",
                "sessionContext":{"sessionIssuer":{"userName":"r"}}}}"#,
            ),
            false,
        );
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["2026-11-22T08:00:00Z", "r/s", "iam:CreateUser", "AccessDenied", "127.0.0.1", "userName=bob"]
        );
    }

    #[test]
    fn records_cannot_act_on_the_terminal() {
        let hostile = record(
            r#"{"eventName":"\u001b[2J","userIdentity":{"userName":"a\nb"},"errorCode":"\u009b31m",
            "requestParameters":{"x":"\r\u202e"},"sourceIPAddress":"\u0007"}"#,
        );
        for text in [line(&hostile, false), table(std::slice::from_ref(&hostile), false)] {
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
            assert!(!text.contains('\u{202e}'));
        }
        assert_eq!(line(&hostile, false).lines().count(), 1);
    }
}
