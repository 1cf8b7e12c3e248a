//! Work that an account asked for and comes back to: credential reports, reports of last use, deletions of
//! service-linked roles.

use crate::usage::ServiceUse;
use base::{AccountId, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// One piece of work, asked for at one time and done at another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The account.
    pub account: AccountId,
    /// Unique in the account: a UUID, or [`CREDENTIALS`].
    pub id: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// What it is.
    pub kind: ReportKind,
}

/// The id of the one credential report of an account.
pub const CREDENTIALS: &str = "credentials";

impl Report {
    /// When it was done; `None` if it is not done yet.
    pub fn done(&self) -> Option<Timestamp> {
        match &self.kind {
            ReportKind::Credentials { made, .. } => made.as_ref().map(|made| made.done),
            ReportKind::LastAccessed(job) => job.result.as_ref().map(|result| result.done),
            ReportKind::RoleDeletion { .. } => Some(self.requested),
        }
    }
}

/// Kinds of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportKind {
    /// A credential report.
    Credentials {
        /// The partition whose ARNs it shows.
        partition: String,
        /// The report; `None` until it is made.
        made: Option<MadeReport>,
    },
    /// When services were last used.
    LastAccessed(Box<LastAccessedJob>),
    /// The deletion of a service-linked role.
    RoleDeletion {
        /// The role.
        role: UniqueId,
        /// The task's id, which also names the role.
        task: String,
    },
}

/// A credential report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeReport {
    /// When it was made.
    pub done: Timestamp,
    /// CSV.
    pub text: String,
}

/// A report on when an entity, or those who have its policies, last used which service.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessedJob {
    /// Who asked, as `aws:userid` names callers: nobody else gets the answer.
    pub requester: String,
    /// The ARN that was asked about.
    pub arn: String,
    /// Whether actions are told, too.
    pub actions: bool,
    /// What was found; `None` until it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<LastAccessedResult>,
}

/// What a report on last uses found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessedResult {
    /// When it was made.
    pub done: Timestamp,
    /// The services that the policies allow, by namespace, in order.
    pub services: Vec<String>,
    /// Those who have the policies, with what they used of those services.
    pub entities: Vec<AccessEntity>,
    /// Why it could not be made, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A user or role in a report on last uses, as it was called when the report was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEntity {
    /// `AIDA…` or `AROA…`.
    pub id: UniqueId,
    /// Whether it is a role.
    pub is_role: bool,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// What it used.
    pub uses: Vec<ServiceUse>,
}
