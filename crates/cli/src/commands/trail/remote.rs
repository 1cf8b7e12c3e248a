//! Records from a server.

use crate::client::Client;
use crate::problem::Problem;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;
use trail::{Dedupe, ErrorMatch, Filter, RecordView};

/// Records on a page, the most that a server gives.
const PAGE: usize = 1_000;
/// Records shown lately, remembered so that each is shown once.
const WINDOW: usize = 100_000;
/// A record may become visible a little after others of its time.
const OVERLAP: Duration = Duration::from_secs(5);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    records: Vec<Box<RawValue>>,
    #[serde(default)]
    next_token: Option<String>,
}

/// The newest records that the server has, newest first.
pub(super) fn newest(client: &Client, filter: &Filter, limit: usize) -> Result<Vec<RecordView>, Problem> {
    let mut records = Vec::new();
    let mut next_token = None;
    while records.len() < limit {
        let wanted = (limit - records.len()).min(PAGE);
        let page: Page = client.call("LookupRecords", &input(filter, wanted, next_token))?;
        for record in page.records {
            let view = RecordView::parse(record.get().as_bytes());
            records.push(view.map_err(|error| crate::client::unreadable(&error))?);
        }
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    Ok(records)
}

/// Yields at each call the records that are new, oldest first.
pub(super) fn follow(
    client: Client,
    filter: Filter,
    start: Timestamp,
    shown: &[RecordView],
) -> Box<dyn FnMut() -> Result<Vec<RecordView>, Problem>> {
    let mut seen = Dedupe::new(WINDOW);
    for record in shown {
        seen.is_new(record);
    }
    let mut newest_seen = start;
    Box::new(move || {
        let from = filter.from.map_or(newest_seen - OVERLAP, |from| from.max(newest_seen - OVERLAP));
        let mut found = newest(&client, &Filter { from: Some(from), ..filter.clone() }, WINDOW)?;
        found.reverse();
        found.retain(|record| record.event_time >= start && seen.is_new(record));
        newest_seen = found.last().map_or(newest_seen, |last| last.event_time.max(newest_seen));
        Ok(found)
    })
}

fn input(filter: &Filter, limit: usize, next_token: Option<String>) -> Input<'_> {
    Input {
        account: filter.account.as_deref(),
        user_name: filter.user_name.as_deref(),
        event_name: filter.event_name.as_deref(),
        event_source: filter.event_source.as_deref(),
        access_key_id: filter.access_key_id.as_deref(),
        resource: filter.resource.as_deref(),
        error: filter.error.as_ref().map(|error| match error {
            ErrorMatch::Any => "any",
            ErrorMatch::None => "none",
            ErrorMatch::Code(code) => code,
        }),
        read_only: filter.read_only,
        from: filter.from.map(Timestamp::iso_millis),
        to: filter.to.map(Timestamp::iso_millis),
        text: filter.text.as_deref(),
        limit,
        next_token,
    }
}
