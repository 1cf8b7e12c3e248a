//! Where the audit records of a realm are: in batches of the store, in the spool, in the archive's files.

use base::AccountId;
use directory::Directory;
use std::path::PathBuf;
use std::sync::Arc;
use trail::{Cursor, Filter, Page, Sources, Spool, search};
use wire::Fault;

/// Batches whose records may lie outside files for a moment, and are looked through one by one.
const UNSHIPPED_BATCHES: usize = 10_000;

/// Reads the audit trail.
pub struct TrailDesk {
    /// The folder that holds `AWSLogs`.
    pub archive: PathBuf,
    /// Records of reads and refusals on their way.
    pub spool: Arc<Spool>,
    /// The store, whose batches hold the records of writes.
    pub directory: Arc<Directory>,
}

impl TrailDesk {
    /// The newest `limit` records that match, of one account or of all, older than `before`.
    pub fn look_up(
        &self,
        account: Option<AccountId>,
        filter: Filter,
        limit: usize,
        before: Option<&Cursor>,
    ) -> Result<Page, Fault> {
        let unread = |_| Fault::service_unavailable("the audit trail cannot be read now");
        self.spool
            .flush()
            .map_err(|_| Fault::service_unavailable("the audit trail cannot be written now"))?;
        // Batches before files: a record that moves meanwhile is seen twice, which the search notices, not missed.
        let outbox = self
            .directory
            .unshipped(UNSHIPPED_BATCHES)
            .map_err(|_| Fault::service_unavailable("the store cannot be read now"))?;
        let sources = Sources {
            archive: self.archive.is_dir().then(|| self.archive.clone()),
            spool: Some(self.spool.directory().to_owned()),
            pending: outbox.into_iter().flat_map(|(_, events)| events).collect(),
        };
        let filter = Filter { account: account.map(|id| id.to_string()).or(filter.account), ..filter };
        search(&sources, &filter, limit, before).map_err(unread)
    }
}
