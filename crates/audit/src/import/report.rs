//! What came over, and what could not.

use base::{AccountId, Partition};
use serde::{Deserialize, Serialize};

/// The counts of an import, and what to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImportReport {
    /// The accounts, the one with the most entities first.
    pub accounts: Vec<AccountId>,
    /// The partition of the export's ARNs.
    pub partition: Partition,
    /// Users.
    pub users: usize,
    /// Groups.
    pub groups: usize,
    /// Memberships of users in groups.
    pub memberships: usize,
    /// Roles.
    pub roles: usize,
    /// Customer managed policies, copies of unknown AWS managed policies included.
    pub policies: usize,
    /// Versions of the customer managed policies.
    pub versions: usize,
    /// Inline policies of users, groups and roles.
    pub inline_policies: usize,
    /// Attachments of managed policies.
    pub attachments: usize,
    /// Users and roles with a permissions boundary.
    pub boundaries: usize,
    /// Instance profiles.
    pub instance_profiles: usize,
    /// AWS managed policies that the export lists and that are known here by name.
    pub aws_managed_policies: usize,
    /// What to know: first what cannot come over, then what differs.
    pub notes: Vec<Note>,
}

impl ImportReport {
    pub(super) fn new(accounts: Vec<AccountId>, partition: Partition) -> Self {
        Self {
            accounts,
            partition,
            users: 0,
            groups: 0,
            memberships: 0,
            roles: 0,
            policies: 0,
            versions: 0,
            inline_policies: 0,
            attachments: 0,
            boundaries: 0,
            instance_profiles: 0,
            aws_managed_policies: 0,
            notes: Vec::new(),
        }
    }

    /// Adds a note; a second one of the same kind joins the first, which then names all subjects.
    pub(super) fn note(&mut self, kind: NoteKind, subject: impl Into<String>) {
        let subject = subject.into();
        match self.notes.iter_mut().find(|note| note.kind == kind) {
            Some(note) => note.subjects.push(subject),
            None => self.notes.push(Note { kind, subjects: vec![subject] }),
        }
        self.notes.sort_by_key(|note| note.kind);
    }
}

/// One thing to know about an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Note {
    /// What is the matter.
    pub kind: NoteKind,
    /// What it is about, each once: ARNs, or a few words.
    pub subjects: Vec<String>,
}

/// What there is to know about an import, most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NoteKind {
    /// Access keys, passwords and devices are never part of an export.
    NoCredentials,
    /// The export holds entities of more than one account.
    SeveralAccounts,
    /// A list is not in the export at all.
    ListAbsent,
    /// A document that is no policy: it grants and denies nothing.
    InvalidDocument,
    /// A document with errors: the statements that cannot be read are without effect.
    FaultyDocument,
    /// An AWS managed policy that is not known here; it came over as a customer managed policy.
    UnknownAwsPolicy,
    /// An AWS managed policy that is known here in another version.
    AwsPolicyVersion,
    /// A version of a customer managed policy without a document; it stayed behind.
    VersionWithoutDocument,
    /// A trust policy names a user or role of the account that is not in the export.
    TrustedNotFound,
    /// The export gives no date of creation; the time of the import stands in for it.
    NoDate,
    /// The export tells no description and no longest session of roles: the default of one hour holds.
    RoleDefaults,
}

impl NoteKind {
    /// A sentence for people; the subjects follow it.
    pub fn message(self) -> &'static str {
        match self {
            Self::NoCredentials => {
                "users came over without access keys, passwords and MFA devices: an export holds none"
            }
            Self::SeveralAccounts => {
                "the export holds entities of several accounts: each becomes an account of its own"
            }
            Self::ListAbsent => "the export lacks these lists; they are taken as empty",
            Self::InvalidDocument => {
                "these documents are no policies: they came over as they are and grant nothing"
            }
            Self::FaultyDocument => {
                "these documents have errors: they came over as they are, and what cannot be read has no effect"
            }
            Self::UnknownAwsPolicy => {
                "these AWS managed policies are not known here: they came over as customer managed policies under the path /aws-managed/"
            }
            Self::AwsPolicyVersion => {
                "these AWS managed policies have another version here than in the export: decisions follow the version here"
            }
            Self::VersionWithoutDocument => "these versions have no document in the export and stayed behind",
            Self::TrustedNotFound => {
                "these trust policies name a user or role of the account that the export lacks: they trust the ARN as it stands"
            }
            Self::NoDate => "these have no date of creation in the export: they got the time of the import",
            Self::RoleDefaults => {
                "an export does not tell how long a session of a role may last: the default of one hour holds"
            }
        }
    }

    /// What to do about it, if anything.
    pub fn help(self) -> Option<&'static str> {
        match self {
            Self::NoCredentials => {
                Some("make a fresh key for a user: aws iam create-access-key --user-name NAME")
            }
            Self::FaultyDocument | Self::InvalidDocument => {
                Some("look at them with `bailiwick explain`, then write them anew")
            }
            Self::RoleDefaults => Some(
                "set it where it matters: aws iam update-role --role-name NAME --max-session-duration SECONDS",
            ),
            _ => None,
        }
    }
}
