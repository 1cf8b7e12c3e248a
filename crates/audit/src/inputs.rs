//! What people have at hand of an account, read into an [`Estate`]: answers of the AWS CLI, credential reports,
//! snapshots of ours, in any mixture and of any number of accounts.
//!
//! A file is recognised by what is in it, not by its name; a packed one is unpacked. A file that tells nothing is
//! told of in a note, one that is broken is an error of the whole: half an audit would pass for one. Which account a
//! file without account ids is of is told by the folder it lies in, by its siblings, or by there being only one.
//!
//! ```
//! use bailiwick_audit::inputs::{InputFile, read};
//! let export = br#"{"UserDetailList": [{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN",
//!     "Arn": "arn:aws:iam::123456789012:user/Ann", "CreateDate": "2026-01-02T03:04:05Z"}],
//!     "GroupDetailList": [], "RoleDetailList": [], "Policies": []}"#;
//! let summary = br#"{"SummaryMap": {"Users": 1, "AccountMFAEnabled": 1}}"#;
//! let files = [InputFile::new("iam/a.json", export.to_vec()), InputFile::new("iam/b.json", summary.to_vec())];
//! let inputs = read(files, base::Timestamp::from_seconds(1_790_000_000))?;
//! let account = "123456789012".parse().unwrap();
//! assert_eq!(inputs.estate.facts(account).unwrap().summary.as_ref().unwrap()["AccountMFAEnabled"], 1);
//! # Ok::<(), bailiwick_audit::inputs::InputError>(())
//! ```

mod agree;
mod assemble;
mod directory;
mod error;
mod exports;
mod fact;
mod forms;
mod json;
mod note;
mod organization;
mod owner;
mod plan;
mod recognize;
mod resources;
mod text;

pub use directory::of_directory;
pub use error::{InputError, Place, Reason};
pub use note::{InputNote, InputNoteKind};
pub use plan::{AccountFiles, Plan, Planner};

use crate::estate::Estate;
use base::{AccountId, Timestamp};
use fact::Reading;
use serde::Serialize;

/// A file, read by whoever does I/O.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Its path as it was named, with `/` between folders: for errors, and to tell accounts apart.
    pub name: String,
    /// What is in it, packed with gzip or not.
    pub bytes: Vec<u8>,
    /// The account that it is of, where the caller knows.
    pub account: Option<AccountId>,
}

impl InputFile {
    /// A file of which the content tells the account.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, account: None }
    }
}

/// What the files tell.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// All of it.
    pub estate: Estate,
    /// What to know about it.
    pub notes: Vec<InputNote>,
    /// What was read of which file.
    pub sources: Vec<Source>,
    /// Whether the organization manages root credentials of its members centrally, where that is known.
    pub central_root_access: Option<bool>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The file's name.
    pub file: String,
    /// What it is, as in `credential report`; several where a file holds several answers.
    pub kinds: Vec<&'static str>,
    /// The account that it is of; `None` if it is of none, or of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// When it was made, if it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Timestamp>,
}

/// Reads files into an estate; `now` is the time of the audit.
///
/// # Errors
/// A file that is broken or contradicts another one, or files that tell nothing; see [`InputError`].
pub fn read(files: impl IntoIterator<Item = InputFile>, now: Timestamp) -> Result<Inputs, InputError> {
    let readings: Vec<Reading> = files.into_iter().map(recognize::file).collect::<Result<_, _>>()?;
    assemble::inputs(readings, now)
}
