//! Why an export is refused.

use base::AccountId;

/// Why an export cannot be imported. Nothing has been changed when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file is larger than is read.
    #[error("the export has more than {} MiB", .limit >> 20)]
    TooLarge {
        /// What is read at most, in bytes.
        limit: usize,
    },
    /// The file is a broken gzip file.
    #[error("the export cannot be unpacked: {reason}")]
    BrokenGzip {
        /// What the decompressor says.
        reason: String,
    },
    /// The bytes are no UTF-8 text.
    #[error("the export is not UTF-8 text: byte {offset} does not belong there")]
    NotUtf8 {
        /// Offset of the first wrong byte.
        offset: usize,
    },
    /// The file is empty.
    #[error("the export is empty")]
    Empty,
    /// The text is not JSON.
    #[error("the export is not JSON: {message}")]
    NotJson {
        /// Line, from one.
        line: usize,
        /// Column, from one.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The text ends before the JSON does.
    #[error("the export is cut off: it ends in the middle of a value")]
    CutOff {
        /// Line, from one.
        line: usize,
        /// Column, from one.
        column: usize,
    },
    /// The JSON has another shape than an export.
    #[error("the export has an unexpected shape: {message}")]
    Shape {
        /// Line, from one.
        line: usize,
        /// Column, from one.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The file is JSON, but none of the members of an export is there.
    #[error(
        "this is no export of an account: it has none of UserDetailList, GroupDetailList, RoleDetailList and Policies"
    )]
    OtherTool {
        /// What it looks like, if that can be told.
        looks_like: Option<&'static str>,
    },
    /// The answer was paginated and only one page is here.
    #[error("the export is one page of several: there is more under its marker")]
    Incomplete,
    /// Nothing in the export tells its account.
    #[error("the export has no entity from which its account could be told")]
    AccountUnknown,
    /// The account that was asked for is not the export's.
    #[error("the export is of account {found}, not {expected}")]
    OtherAccount {
        /// The id asked for.
        expected: AccountId,
        /// The id in the export's ARNs.
        found: AccountId,
    },
    /// ARNs of two partitions.
    #[error("`{arn}` is in another partition than the entities before it (`{partition}`)")]
    MixedPartitions {
        /// The stray ARN.
        arn: String,
        /// The partition of those before.
        partition: String,
    },
    /// An ARN that is none, or not of the kind that its list holds.
    #[error("`{arn}` is not the ARN of {expected}")]
    BadArn {
        /// As it stands.
        arn: String,
        /// `a user`, `a role` …
        expected: &'static str,
    },
    /// Name or path contradict the ARN.
    #[error("`{arn}` does not agree with path `{path}` and name `{name}`")]
    ArnDisagrees {
        /// The ARN.
        arn: String,
        /// The path, or `/` if there is none.
        path: String,
        /// The name.
        name: String,
    },
    /// A member is empty or of a form that cannot be.
    #[error("{member} of `{entity}` cannot be `{value}`")]
    BadValue {
        /// The entity's ARN.
        entity: String,
        /// The member of the export.
        member: &'static str,
        /// As it stands.
        value: String,
    },
    /// Two entities of one kind share a name, ignoring case, or a unique id; or one entity has something twice.
    #[error("{what} `{value}` stands twice: in `{first}` and in `{second}`")]
    Twice {
        /// `the name`, `the unique id` …
        what: &'static str,
        /// The shared value.
        value: String,
        /// The ARN of the first.
        first: String,
        /// The ARN of the second.
        second: String,
    },
    /// A reference to something that the export does not hold.
    #[error("`{entity}` refers to {what} `{target}`, which is not in the export")]
    Dangling {
        /// The ARN of the entity that refers.
        entity: String,
        /// `the group`, `the attached policy` …
        what: &'static str,
        /// What it refers to.
        target: String,
    },
    /// A policy whose version in force has no text in the export.
    #[error("the version in force of `{policy}` (`{version}`) has no document in the export")]
    NoDefaultVersion {
        /// The policy's ARN.
        policy: String,
        /// The default version's id.
        version: String,
    },
    /// A policy document is neither an object nor a string.
    #[error("{what} of `{entity}` is neither an object nor a string")]
    NoDocument {
        /// The entity's ARN.
        entity: String,
        /// Which document.
        what: String,
    },
    /// A policy document is larger than any that AWS takes.
    #[error("{what} of `{entity}` has {size} bytes, more than any policy can have")]
    DocumentTooLarge {
        /// The entity's ARN.
        entity: String,
        /// Which document.
        what: String,
        /// Its bytes.
        size: usize,
    },
}

impl ImportError {
    /// Line and column in the export, both from one, if the error has a place there.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::NotJson { line, column, .. }
            | Self::CutOff { line, column }
            | Self::Shape { line, column, .. } => Some((*line, *column)),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        const AGAIN: &str = "export it again: aws iam get-account-authorization-details --output json > FILE";
        match self {
            Self::TooLarge { .. } => "the limit is on the unpacked text; \
                                      leave out what is not needed with --filter"
                .into(),
            Self::BrokenGzip { .. } | Self::Empty | Self::CutOff { .. } => AGAIN.into(),
            Self::NotUtf8 { offset: 0 } => {
                "some shells write UTF-16 when they redirect: save the file as UTF-8".into()
            }
            Self::NotUtf8 { .. } => "save the file as UTF-8".into(),
            Self::NotJson { .. } | Self::Shape { .. } => {
                format!("was it edited, or written with another --output? {AGAIN}")
            }
            Self::OtherTool { looks_like: Some(what) } => format!("it looks like {what}; {AGAIN}"),
            Self::OtherTool { looks_like: None } => AGAIN.into(),
            Self::Incomplete => {
                "export without --max-items and --no-paginate, or join the pages' lists".into()
            }
            Self::AccountUnknown => "name the account with --account-id".into(),
            Self::OtherAccount { .. } => "leave --account-id out: the export's own id is used".into(),
            Self::MixedPartitions { .. } => "import the accounts one by one".into(),
            Self::BadArn { .. }
            | Self::DocumentTooLarge { .. }
            | Self::ArnDisagrees { .. }
            | Self::BadValue { .. }
            | Self::NoDocument { .. } => {
                format!("was it edited? {AGAIN}")
            }
            Self::Twice { .. } => "were two exports joined? take the second entry out".into(),
            Self::Dangling { .. } | Self::NoDefaultVersion { .. } => {
                "an export made with --filter leaves things out: export without it".into()
            }
        }
    }
}
