//! Why files cannot be used.

use crate::import::ImportError;
use base::AccountId;
use std::fmt;

/// Why files cannot be used. An audit of the rest would pass for a whole one, so there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The file; `None` if it is about all of them.
    pub place: Option<Place>,
    /// What is the matter.
    pub reason: Box<Reason>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// Line and column, both from one.
    pub position: Option<(usize, usize)>,
}

/// What is the matter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// An export or the text of a file is refused.
    #[error("{0}")]
    Export(ImportError),
    /// The text is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// The text ends before its last value does.
    #[error("it is cut off: it ends in the middle of {0}")]
    CutOff(&'static str),
    /// Brackets are nested deeper than anything of AWS's.
    #[error("its brackets are nested more than {0} deep")]
    TooDeep(usize),
    /// A member has another shape than it should.
    #[error("it has an unexpected shape: {0}")]
    Shape(String),
    /// The AWS CLI wrote another form than JSON.
    #[error("it looks like an answer of the AWS CLI in another form than JSON")]
    OtherOutput,
    /// One page of several.
    #[error("it is one page of several: there is more under its marker")]
    Incomplete,
    /// A snapshot of ours that is not whole.
    #[error("the snapshot was broken off")]
    BrokenOff,
    /// A value that cannot be.
    #[error("{what} cannot be `{value}`")]
    BadValue {
        /// The member or column.
        what: String,
        /// As it stands.
        value: String,
    },
    /// A line of a CSV file has fewer cells than its header.
    #[error("it is cut off: line {line} has {cells} of {columns} columns")]
    ShortLine {
        /// The line, from one.
        line: usize,
        /// Its cells.
        cells: usize,
        /// The cells of the header.
        columns: usize,
    },
    /// A policy does not tell of which resource it is.
    #[error("nothing in it tells which resource it is of")]
    ResourceUnknown,
    /// A member of an organization's answers does not tell what it belongs to.
    #[error("nothing in it tells {0}")]
    Belongs(&'static str),
    /// Nothing tells of which account the file is.
    #[error("nothing tells which account it is of")]
    AccountUnknown,
    /// One report of two accounts.
    #[error("it is of two accounts, {first} and {second}")]
    MixedAccounts {
        /// The one that comes first.
        first: AccountId,
        /// The other.
        second: AccountId,
    },
    /// A file about another account than the export that lies beside it.
    #[error("it is of account {found}, but the export beside it (`{export}`) is of account {expected}")]
    OtherAccount {
        /// Its account.
        found: AccountId,
        /// The account of the export.
        expected: AccountId,
        /// The export's file.
        export: String,
    },
    /// A credential report that shares no user with the export.
    #[error(
        "its users are not those of the export `{export}`: of {report} users in the report none is in the export"
    )]
    OtherUsers {
        /// The export's file.
        export: String,
        /// Users in the report.
        report: usize,
    },
    /// Two files tell the same thing differently.
    #[error("it and `{other}` both tell {what} of account {account}, and not the same")]
    Twice {
        /// What they tell.
        what: &'static str,
        /// The account.
        account: AccountId,
        /// The other file.
        other: String,
    },
    /// Accounts of two partitions.
    #[error("its ARNs are of partition `{found}`, those before of `{expected}`")]
    Partition {
        /// Its partition.
        found: String,
        /// That of the others.
        expected: String,
    },
    /// Two organizations.
    #[error("it is of organization {found}, other files are of {expected}")]
    TwoOrganizations {
        /// Its organization.
        found: String,
        /// That of the others.
        expected: String,
    },
    /// Policies of the organization without their text.
    #[error("it names policy `{0}` of the organization, but nothing given has its text")]
    NoContent(String),
    /// The account summary counts what the export does not have.
    #[error(
        "the account has {summary} {what}, but the export `{export}` has none: was it made with --filter?"
    )]
    Filtered {
        /// `users`, `roles`, `groups`.
        what: &'static str,
        /// How many the account summary counts.
        summary: i64,
        /// The export's file.
        export: String,
    },
    /// No file tells anything.
    #[error("{0}")]
    Nothing(String),
}

impl InputError {
    /// An error of a file as a whole.
    pub(super) fn of(file: &str, reason: Reason) -> Self {
        Self { place: Some(Place { file: file.to_owned(), position: None }), reason: Box::new(reason) }
    }

    /// An error at a place of a file.
    pub(super) fn at(file: &str, position: (usize, usize), reason: Reason) -> Self {
        Self {
            place: Some(Place { file: file.to_owned(), position: Some(position) }),
            reason: Box::new(reason),
        }
    }

    /// An error of an export.
    pub(super) fn export(file: &str, error: ImportError) -> Self {
        Self {
            place: Some(Place { file: file.to_owned(), position: error.position() }),
            reason: Box::new(Reason::Export(error)),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match &*self.reason {
            Reason::Export(error) => error.help(),
            Reason::NotJson(_) | Reason::CutOff(_) | Reason::Shape(_) | Reason::ShortLine { .. } => {
                "make the file again; was it edited, or did the command end early?".into()
            }
            Reason::TooDeep(_) => "no answer of AWS's is nested like this; leave the file out".into(),
            Reason::OtherOutput => "make it again with `--output json`".into(),
            Reason::Incomplete => "make it again without --max-items and --no-paginate".into(),
            Reason::BrokenOff => "run `bailiwick snapshot` again with the same `--out`: it goes on where it stopped".into(),
            Reason::BadValue { .. } => "was the file edited? make it again".into(),
            Reason::ResourceUnknown => {
                "name the file by the resource's ARN or the bucket, or add a member `ResourceArn` to it".into()
            }
            Reason::Belongs(_) => "docs/audit-inputs.md tells which member to add".into(),
            Reason::AccountUnknown => {
                "put it into a folder that is named by the account's id, or beside the account's export".into()
            }
            Reason::MixedAccounts { .. } | Reason::OtherAccount { .. } | Reason::OtherUsers { .. } => {
                "put the files of each account into a folder of their own".into()
            }
            Reason::Twice { .. } => "leave the older file out".into(),
            Reason::TwoOrganizations { .. } => "audit the organizations one by one".into(),
            Reason::Partition { .. } => "audit the partitions one by one".into(),
            Reason::NoContent(_) => {
                "add the answer of `aws organizations describe-policy`, or let `bailiwick snapshot` collect it".into()
            }
            Reason::Filtered { .. } => "export it again without --filter".into(),
            Reason::Nothing(_) => {
                "begin with: aws iam get-account-authorization-details --output json > authorization-details.json"
                    .into()
            }
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None => write!(f, "{}", self.reason),
            Some(Place { file, position: None }) => {
                write!(f, "the file `{file}` cannot be used: {}", self.reason)
            }
            Some(Place { file, position: Some((line, column)) }) => {
                write!(f, "the file `{file}:{line}:{column}` cannot be used: {}", self.reason)
            }
        }
    }
}

impl std::error::Error for InputError {}
