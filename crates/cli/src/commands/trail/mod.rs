//! `bailiwick trail`: who did what, from a server or from CloudTrail files.

mod files;
mod remote;
mod view;

use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use base::{AccountId, Clock, Timestamp};
use serde_json::value::RawValue;
use server::SystemClock;
use std::path::PathBuf;
use std::time::Duration;
use trail::{ErrorMatch, Filter, RecordView};

/// How often a followed trail is looked at.
const INTERVAL: Duration = Duration::from_secs(1);

const AFTER: &str = "\
Every call leaves a record in CloudTrail's format: reads and refusals, too. The server writes them to \
files in CloudTrail's folders (DATA/trail/AWSLogs/…); this looks them up, newest first, or reads files that AWS \
wrote.

Texts may hold `*`. Times are like 15m, 4h, 7d (ago), 2026-11-22, or 2026-11-22T08:00:00Z.

Examples:
  bailiwick trail                                        the last 50 calls
  bailiwick trail --follow                               watch them
  bailiwick trail --user alice --errors --since 1h       what alice was refused
  bailiwick trail --event 'Delete*' --writes --limit 500
  bailiwick trail --from ~/cloudtrail --service sts      files from an S3 bucket
  bailiwick trail --format json --since 7d > week.json   in the form of CloudTrail's own files";

/// Show who did what.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Only of this user, role or session
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only calls of this operation, as in CreateUser
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Only of this service, as in iam or sts
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Only with this error, as in AccessDenied
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// Only those that failed
    #[arg(long, conflicts_with = "error")]
    errors: bool,
    /// Only of this account
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Only those that touch the resource with this ARN
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// Only those signed with this access key
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Only those that hold this text anywhere
    #[arg(long)]
    text: Option<String>,
    /// Not before this time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only those that read
    #[arg(long, conflicts_with = "writes")]
    read_only: bool,
    /// Only those that change something
    #[arg(long)]
    writes: bool,
    /// How many at most, the newest
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// Go on with new ones as they come, oldest first
    #[arg(long, short, conflicts_with = "until")]
    follow: bool,
    /// Read files in this folder instead of asking a server
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

/// Where records come from.
enum Source {
    Files(PathBuf),
    Server(Client),
}

impl Source {
    /// The newest records, newest first.
    fn newest(
        &self,
        context: &Context<'_>,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<RecordView>, Problem> {
        match self {
            Source::Files(folder) => files::newest(context, folder, filter, limit),
            Source::Server(client) => remote::newest(client, filter, limit),
        }
    }
}

/// Shows the trail.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let filter = filter(&args, SystemClock.now())?;
    let source = match &args.from {
        Some(folder) => Source::Files(files::check(folder)?),
        None => Source::Server(Client::open(&context.target()?)?),
    };
    let mut records = source.newest(context, &filter, args.limit)?;
    if args.follow {
        records.reverse();
        return follow(context, source, filter, records);
    }
    match context.output.format() {
        Format::Json => {
            let records = records.iter().map(raw).collect::<Result<Vec<_>, _>>()?;
            context.output.json(&serde_json::json!({ "Records": records }))?;
        }
        Format::Text if records.is_empty() => context.output.note("no records match"),
        Format::Text => context.output.text(&view::table(&records, context.output.colours()))?,
    }
    Ok(Exit::Ok)
}

/// Shows what is there, then what comes, until it is interrupted.
fn follow(
    context: &Context<'_>,
    source: Source,
    filter: Filter,
    records: Vec<RecordView>,
) -> Result<Exit, Problem> {
    let start = records.last().map_or_else(|| SystemClock.now(), |last| last.event_time);
    let mut news: Box<dyn FnMut() -> Result<Vec<RecordView>, Problem>> = match source {
        Source::Files(folder) => files::follow(folder, filter, start, &records),
        Source::Server(client) => remote::follow(client, filter, start, &records),
    };
    show(context, &records)?;
    loop {
        std::thread::sleep(INTERVAL);
        show(context, &news()?)?;
    }
}

fn show(context: &Context<'_>, records: &[RecordView]) -> Result<(), Problem> {
    for record in records {
        match context.output.format() {
            Format::Json => context.output.json_line(&raw(record)?)?,
            Format::Text => context.output.text(&view::line(record, context.output.colours()))?,
        }
    }
    Ok(())
}

/// The record as it stands in its file.
fn raw(record: &RecordView) -> Result<Box<RawValue>, Problem> {
    serde_json::from_slice(&record.raw)
        .map_err(|error| Problem::unavailable(format!("a record cannot be shown as JSON: {error}")))
}

fn filter(args: &Args, now: Timestamp) -> Result<Filter, Problem> {
    let time = |text: &Option<String>| text.as_deref().map(|text| moment(text, now)).transpose();
    let error = match (&args.error, args.errors) {
        (Some(code), _) => Some(ErrorMatch::Code(code.clone())),
        (None, true) => Some(ErrorMatch::Any),
        (None, false) => None,
    };
    Ok(Filter {
        user_name: args.user.clone(),
        event_name: args.event.clone(),
        event_source: args.service.clone(),
        access_key_id: args.key.clone(),
        account: args.account.map(String::from),
        event_id: None,
        resource: args.resource.clone(),
        error,
        read_only: (args.read_only || args.writes).then_some(args.read_only),
        from: time(&args.since)?,
        to: time(&args.until)?,
        text: args.text.clone(),
    })
}

/// A time as users write it: a span ago, a day, or an instant.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let span =
        |unit: char| text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok()).map(u64::from);
    for (unit, seconds) in [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)] {
        if let Some(number) = span(unit) {
            return Ok(now - Duration::from_secs(number * seconds));
        }
    }
    let day = format!("{text}T00:00:00Z");
    Timestamp::parse(text).or_else(|_| Timestamp::parse(&day)).map_err(|_| {
        Problem::usage(format!("`{text}` is not a time"))
            .help("write 15m, 4h, 7d, 2026-11-22 or 2026-11-22T08:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spans_days_or_instants() {
        let now = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
        for (text, expected) in [
            ("15m", "2026-11-22T07:45:00Z"),
            ("7d", "2026-11-15T08:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T01:02:03Z", "2026-11-20T01:02:03Z"),
            ("2026-11-20T01:02:03+01:00", "2026-11-20T00:02:03Z"),
        ] {
            assert_eq!(moment(text, now).unwrap().iso(), expected, "{text}");
        }
        for bad in ["", "yesterday", "-1h", "5w", "99999999999d"] {
            assert!(moment(bad, now).is_err(), "{bad}");
        }
    }
}
