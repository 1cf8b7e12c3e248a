//! Import of an account's export: the answer of `aws iam get-account-authorization-details` becomes the
//! entities of a new account with the export's own id.
//!
//! Unique ids, dates, tags, paths, boundaries, inline policies, attachments and versions are kept as they are.
//! An export that is cut off, contradicts itself or refers to what it does not hold is refused as a whole, with
//! a typed error; what is merely different afterwards is told in the [`ImportReport`].
//!
//! ```
//! let export = br#"{"UserDetailList": [{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN",
//!     "Arn": "arn:aws:iam::123456789012:user/Ann", "CreateDate": "2026-01-02T03:04:05Z"}],
//!     "GroupDetailList": [], "RoleDetailList": [], "Policies": []}"#;
//! let options = bailiwick_audit::import::ImportOptions::at(base::Timestamp::from_seconds(1_790_000_000));
//! let import = bailiwick_audit::import::authorization_details(export, &options)?;
//! assert_eq!(import.report.users, 1);
//! assert_eq!(import.account.id.as_str(), "123456789012");
//! # Ok::<(), bailiwick_audit::import::ImportError>(())
//! ```

mod build;
mod document;
mod error;
mod lists;
mod registry;
mod report;
mod shape;
mod text;

pub(crate) use document::{percent_decode, text as document_text};
pub use error::ImportError;
pub use report::{ImportReport, Note, NoteKind};
pub use text::MAX_BYTES;

use base::{AccountId, Timestamp};
use model::snapshot::Entity;
use model::{Account, AwsPolicyText, Snapshot};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an import may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// The account's id. It is needed only for an export without entities, and must agree with all others.
    pub account_id: Option<AccountId>,
    /// The account's name; its id if there is none.
    pub name: Option<String>,
    /// The time of the import.
    pub now: Timestamp,
    /// Whose texts of AWS managed policies hold afterwards.
    pub aws_policies: AwsPolicies,
}

/// Whose texts of AWS managed policies hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AwsPolicies {
    /// Those that we ship; policies that we do not know become customer managed policies. So does a server, which
    /// keeps rows and no texts of AWS's.
    #[default]
    Shipped,
    /// Those of the export, whether we know the policy or not: what an audit judges is what held in the account.
    Exported,
}

impl ImportOptions {
    /// The export tells everything but the time.
    pub fn at(now: Timestamp) -> Self {
        Self { account_id: None, name: None, now, aws_policies: AwsPolicies::Shipped }
    }
}

/// An export, read whole: nothing is changed until somebody writes these entities.
#[derive(Debug, Clone)]
pub struct Import {
    /// The account of the export; if it holds several, the one with the most entities.
    pub account: Account,
    /// Every row in an order in which it can be written: accounts first, what is referred to before what refers.
    pub entities: Vec<Entity>,
    /// Texts of AWS managed policies by the resource part of their ARN, if [`AwsPolicies::Exported`] was asked for.
    pub aws_policies: Arc<BTreeMap<String, AwsPolicyText>>,
    /// What came over, and what did not.
    pub report: ImportReport,
}

impl Import {
    /// The entities as a realm of their own, to ask questions of without importing them.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        self.put_into(&mut snapshot);
        snapshot
    }

    /// Puts the entities into a realm that does not have their accounts yet.
    pub(crate) fn put_into(&self, snapshot: &mut Snapshot) {
        for entity in &self.entities {
            // Accounts come first, so no entity lacks its account.
            let _ = snapshot.put(entity.clone());
        }
        if !self.aws_policies.is_empty() {
            for account in &self.report.accounts {
                let _ = snapshot.set_aws_policies(*account, Arc::clone(&self.aws_policies));
            }
        }
    }
}

/// Two exports hold the same account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {0} is in two exports")]
pub struct AccountTwice(pub AccountId);

/// The entities of several exports in one realm, to ask questions of.
///
/// # Errors
/// If two exports hold the same account.
pub fn join(imports: &[Import]) -> Result<Snapshot, AccountTwice> {
    let mut snapshot = Snapshot::default();
    for import in imports {
        let known = import.report.accounts.iter().find(|id| snapshot.account(**id).is_some());
        if let Some(known) = known {
            return Err(AccountTwice(*known));
        }
        import.put_into(&mut snapshot);
    }
    Ok(snapshot)
}

/// The text of an export as it lies in a file: unpacked if it is a gzip file.
///
/// # Errors
/// If it is too large, broken, empty or no UTF-8 text; see [`ImportError`].
pub fn export_text(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    text::text(bytes)
}

/// Reads the output of `aws iam get-account-authorization-details`, plain or packed with gzip.
///
/// Documents may stand in it as objects, as the AWS CLI prints them, or as URL-encoded strings, as the API answers
/// them. See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.
///
/// # Errors
/// Whatever makes the export less than one whole account; see [`ImportError`].
pub fn authorization_details(bytes: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    let text = text::text(bytes)?;
    build::build(text::whole_export(&text)?, options)
}

/// Reads exports of one account that were made in parts: the pages of one answer, or several with `--filter`.
/// Gives the number of the part that is refused with the reason.
///
/// # Errors
/// As [`authorization_details`]; pages of which the last one is missing are [`ImportError::Incomplete`].
pub fn authorization_parts(parts: &[&str], options: &ImportOptions) -> Result<Import, (usize, ImportError)> {
    let mut whole: Option<shape::Export<'_>> = None;
    let mut pages = 0;
    for (number, part) in parts.iter().enumerate() {
        let part = text::export(part).map_err(|error| (number, error))?;
        pages += usize::from(part.is_a_page());
        match &mut whole {
            Some(whole) => whole.join(part),
            None => whole = Some(part),
        }
    }
    let last = parts.len().saturating_sub(1);
    // Each page but the last tells of another one.
    if pages > 0 && pages != last {
        return Err((last, ImportError::Incomplete));
    }
    let whole = whole.ok_or((0, ImportError::Empty))?;
    build::build(whole, options).map_err(|error| (0, error))
}
