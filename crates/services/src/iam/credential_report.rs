//! The credential report of an account.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.
//!
//! Columns and words are those of AWS's reports: lower-case booleans, `N/A`, `no_information`, `not_supported`.

use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{Arn, Partition, Timestamp};
use directory::Tx;
use model::report::{CREDENTIALS, MadeReport, ReportKind};
use model::user_credentials::SigningCertificate;
use model::{AccessKey, AccountState, KeyStatus, Report, Snapshot, User};
use std::time::Duration;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::GenerateCredentialReport>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), generate),
        Row::read::<ops::GetCredentialReport>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), get),
    ]
}

/// How long a report is good: so long it is not made anew, and after that it is not given out.
const GOOD: Duration = Duration::from_secs(4 * 3_600);
/// A report that was asked for longer ago is made when it is asked for again; until then the server's own round
/// makes it.
const PATIENCE: Duration = Duration::from_secs(1);

fn generate(
    at: Allowed<'_, ops::GenerateCredentialReport>,
    tx: &mut Tx<'_>,
    _: Unit,
) -> Result<shape::GenerateCredentialReportResponse, Fault> {
    let known = at.account_in(tx)?.reports.get(CREDENTIALS).cloned();
    let state = match known.as_deref().and_then(Made::of) {
        Some(Made::Done(made)) if at.now.since(made.done) <= GOOD => "COMPLETE",
        Some(Made::Pending(requested)) if at.now.since(requested) < PATIENCE => "INPROGRESS",
        Some(Made::Pending(requested)) => {
            let text = text(tx.snapshot(), at.account_in(tx)?, at.partition);
            tx.put(report(&at, requested, Some(MadeReport { done: at.now.whole_seconds(), text })));
            "COMPLETE"
        }
        _ => {
            tx.put(report(&at, at.now, None));
            "STARTED"
        }
    };
    Ok(shape::GenerateCredentialReportResponse {
        state: Some(state.to_owned()),
        description: (state == "STARTED")
            .then(|| "No report exists. Starting a new report generation task".to_owned()),
    })
}

fn report(call: &crate::call::Call, requested: Timestamp, made: Option<MadeReport>) -> Report {
    let kind = ReportKind::Credentials { partition: call.partition.id().to_owned(), made };
    Report { account: call.account_id(), id: CREDENTIALS.to_owned(), requested, kind }
}

/// How far a report is.
enum Made<'a> {
    Pending(Timestamp),
    Done(&'a MadeReport),
}

impl<'a> Made<'a> {
    fn of(report: &'a Report) -> Option<Self> {
        match &report.kind {
            ReportKind::Credentials { made: Some(made), .. } => Some(Made::Done(made)),
            ReportKind::Credentials { made: None, .. } => Some(Made::Pending(report.requested)),
            _ => None,
        }
    }
}

fn get(
    at: Allowed<'_, ops::GetCredentialReport>,
    snapshot: &Snapshot,
    _: Unit,
) -> Result<shape::GetCredentialReportResponse, Fault> {
    let known = at.account(snapshot)?.reports.get(CREDENTIALS);
    let made = match known.and_then(|report| Made::of(report)) {
        None => {
            return Err(Fault::of(&errors::CREDENTIAL_REPORT_NOT_PRESENT, "There is no credential report."));
        }
        Some(Made::Pending(_)) => {
            return Err(Fault::of(
                &errors::CREDENTIAL_REPORT_NOT_READY,
                "The credential report is still being generated.",
            ));
        }
        Some(Made::Done(made)) => made,
    };
    if at.now.since(made.done) > GOOD {
        return Err(Fault::of(
            &errors::CREDENTIAL_REPORT_EXPIRED,
            "The most recent credential report has expired. To generate a new credential report, use \
             GenerateCredentialReport.",
        ));
    }
    Ok(shape::GetCredentialReportResponse {
        content: Some(made.text.clone().into_bytes()),
        report_format: Some("text/csv".to_owned()),
        generated_time: Some(made.done),
    })
}

const COLUMNS: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];

/// The value does not exist.
const NONE: &str = "N/A";
/// The value exists for users but not for the root user.
const NOT_SUPPORTED: &str = "not_supported";
/// It exists, and was not used yet.
const NO_INFORMATION: &str = "no_information";

/// The report of an account as it is now: the root user, then the users by name, without a line feed at the end.
pub fn text(snapshot: &Snapshot, account: &AccountState, partition: Partition) -> String {
    let mut lines = vec![COLUMNS.join(","), line(root(account, partition))];
    lines.extend(account.users.iter().map(|user| line(row(snapshot, account, user, partition))));
    lines.join("\n")
}

fn line(cells: Vec<String>) -> String {
    let quoted = |cell: String| match cell.contains([',', '"']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    };
    cells.into_iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// The root user has neither password nor keys of its own here.
fn root(account: &AccountState, partition: Partition) -> Vec<String> {
    let arn = Arn::global(partition.id(), "iam", account.id().as_str(), ["root"]);
    let mut cells =
        vec!["<root_account>".to_owned(), arn.into(), account.account.created.whole_seconds().iso()];
    cells.extend([NOT_SUPPORTED, NO_INFORMATION, NOT_SUPPORTED, NOT_SUPPORTED, "false"].map(str::to_owned));
    cells.extend(no_key().into_iter().chain(no_key()));
    cells.extend(certificate(None).into_iter().chain(certificate(None)));
    cells
}

fn row(snapshot: &Snapshot, account: &AccountState, user: &User, partition: Partition) -> Vec<String> {
    let mut cells = vec![user.name.clone(), user.arn(partition).into(), user.created.iso()];
    cells.extend(password(account, user));
    cells.push(account.mfa_devices_of(&user.id).next().is_some().to_string());
    let mut keys = user.access_keys.iter();
    cells.extend(key(snapshot, keys.next()));
    cells.extend(key(snapshot, keys.next()));
    let mut certificates = user.credentials.certificates.iter();
    cells.extend(certificate(certificates.next()));
    cells.extend(certificate(certificates.next()));
    cells
}

/// Whether there is a password, when it was used, when it was set, when it must be changed.
fn password(account: &AccountState, user: &User) -> [String; 4] {
    let Some(profile) = &user.login_profile else {
        return ["false", NONE, NONE, NONE].map(str::to_owned);
    };
    let used = user.password_last_used.map_or_else(|| NO_INFORMATION.to_owned(), Timestamp::iso);
    let due = profile.expires(account.account.password_policy.as_ref());
    let due = due.map_or_else(|| NONE.to_owned(), Timestamp::iso);
    ["true".to_owned(), used, profile.changed.iso(), due]
}

fn no_key() -> [String; 5] {
    ["false", NONE, NONE, NONE, NONE].map(str::to_owned)
}

fn key(snapshot: &Snapshot, key: Option<&AccessKey>) -> [String; 5] {
    let Some(key) = key else { return no_key() };
    let usage = snapshot.key_usage(key.id.as_str());
    [
        (key.status == KeyStatus::Active).to_string(),
        key.created.iso(),
        usage.map_or_else(|| NONE.to_owned(), |usage| usage.at.whole_seconds().iso()),
        usage.map_or(NONE, |usage| &usage.region).to_owned(),
        usage.map_or(NONE, |usage| &usage.service).to_owned(),
    ]
}

fn certificate(known: Option<&SigningCertificate>) -> [String; 2] {
    match known {
        Some(known) => [(known.status == KeyStatus::Active).to_string(), known.uploaded.iso()],
        None => ["false", NONE].map(str::to_owned),
    }
}
