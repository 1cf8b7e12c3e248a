//! Makes the reports that accounts have asked for, apart from any request.

use crate::iam::{credential_report, last_accessed};
use base::{Partition, Timestamp};
use directory::Tx;
use model::report::{LastAccessedJob, MadeReport, ReportKind};
use model::{AccountState, Report, Snapshot};

/// The reports that wait in this snapshot, made; `None` if none waits.
pub(crate) fn made(snapshot: &Snapshot, now: Timestamp) -> Option<Vec<Report>> {
    let of_account = |account: &AccountState| -> Vec<Report> {
        let waiting = account.reports.values().filter(|report| report.done().is_none());
        waiting.map(|report| make(snapshot, account, report, now)).collect()
    };
    let made: Vec<Report> = snapshot.accounts().flat_map(|account| of_account(account)).collect();
    (!made.is_empty()).then_some(made)
}

fn make(snapshot: &Snapshot, account: &AccountState, report: &Report, now: Timestamp) -> Report {
    let kind = match &report.kind {
        ReportKind::Credentials { partition, .. } => {
            let known = Partition::by_id(partition).unwrap_or_else(Partition::aws);
            let text = credential_report::text(snapshot, account, known);
            let made = Some(MadeReport { done: now.whole_seconds(), text });
            ReportKind::Credentials { partition: partition.clone(), made }
        }
        ReportKind::LastAccessed(job) => {
            let result = last_accessed::result(snapshot, account, job, now);
            ReportKind::LastAccessed(Box::new(LastAccessedJob { result: Some(result), ..(**job).clone() }))
        }
        done @ ReportKind::RoleDeletion { .. } => done.clone(),
    };
    Report { kind, ..report.clone() }
}

/// Keeps what was made, unless the report has gone, or was made otherwise, in between.
pub(crate) fn keep(tx: &mut Tx<'_>, made: &[Report]) {
    for report in made {
        let account = tx.snapshot().account(report.account);
        let waits = account
            .and_then(|account| account.reports.get(&report.id))
            .is_some_and(|known| known.done().is_none() && known.requested == report.requested);
        if waits {
            tx.put(report.clone());
        }
    }
}
