//! `LookupRecords`: who did what.

use super::account_meant;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{AccountId, Timestamp};
use model::{Identity, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use trail::{Cursor, ErrorMatch, Filter};
use wire::Fault;

/// Marks the proof.
pub struct LookupRecords;

/// Records on a page when the caller does not say, and at most.
const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 1_000;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_read::<LookupRecords, LookupInput, LookupOutput>(
        "LookupRecords",
        // The trail of an account is CloudTrail's to guard: a policy that withholds looking up there does so here.
        |_, _, _| Ok(vec![Demand::anywhere(), Demand::of("cloudtrail:LookupEvents", "*")]),
        look_up,
    )]
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct LookupInput {
    account: Option<AccountId>,
    user_name: Option<String>,
    event_name: Option<String>,
    event_source: Option<String>,
    access_key_id: Option<String>,
    event_id: Option<String>,
    resource: Option<String>,
    /// `any`, `none`, or a code.
    error: Option<String>,
    read_only: Option<bool>,
    from: Option<String>,
    to: Option<String>,
    text: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LookupOutput {
    records: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

fn look_up(
    at: Allowed<'_, LookupRecords>,
    snapshot: &Snapshot,
    input: LookupInput,
) -> Result<LookupOutput, Fault> {
    // The operator sees every account; anybody else one account.
    let account = match (&at.caller.identity, input.account) {
        (Identity::Operator(_), named) => named,
        (_, named) => Some(account_meant(&at, snapshot, named)?),
    };
    let before = input.next_token.as_deref().map(read_token).transpose()?;
    let limit = input.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
    let trail = std::sync::Arc::clone(&at.tools.trail);
    let page = trail.look_up(account, filter(input)?, limit, before.as_ref())?;
    let records = page.records.iter().filter_map(|record| {
        let text = String::from_utf8(record.raw.to_vec()).ok()?;
        RawValue::from_string(text).ok()
    });
    Ok(LookupOutput {
        records: records.collect(),
        next_token: page.next.map(|next| format!("{}/{}", next.time.millis(), next.event_id)),
    })
}

fn filter(input: LookupInput) -> Result<Filter, Fault> {
    Ok(Filter {
        user_name: input.user_name,
        event_name: input.event_name,
        event_source: input.event_source,
        access_key_id: input.access_key_id,
        account: None,
        event_id: input.event_id,
        resource: input.resource,
        error: input.error.map(|error| match error.as_str() {
            "any" => ErrorMatch::Any,
            "none" => ErrorMatch::None,
            _ => ErrorMatch::Code(error),
        }),
        read_only: input.read_only,
        from: input.from.as_deref().map(read_time).transpose()?,
        to: input.to.as_deref().map(read_time).transpose()?,
        text: input.text,
    })
}

fn read_time(text: &str) -> Result<Timestamp, Fault> {
    Timestamp::parse(text).map_err(|error| Fault::new("ValidationException", 400, error.to_string()))
}

fn read_token(token: &str) -> Result<Cursor, Fault> {
    let read = || {
        let (millis, event_id) = token.split_once('/')?;
        Some(Cursor { time: Timestamp::from_millis(millis.parse().ok()?), event_id: event_id.to_owned() })
    };
    read().ok_or_else(|| Fault::new("InvalidNextTokenException", 400, "the next token is not one of ours"))
}
