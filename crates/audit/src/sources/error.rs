//! Why a text is no source.

/// Why a text cannot be read; the sentence goes on after its name: "the file `x` …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There are more bytes than are read.
    #[error("is larger than {} MiB", .limit >> 20)]
    TooLarge {
        /// What is read, in bytes.
        limit: usize,
    },
    /// The bytes are no text.
    #[error("is not text in UTF-8")]
    NotUtf8 {
        /// The first byte that is not.
        offset: usize,
    },
    /// The file is packed, and cannot be unpacked.
    #[error("cannot be unpacked: {reason}")]
    BrokenGzip {
        /// What the unpacker says.
        reason: String,
    },
    /// The file is an archive.
    #[error("is an archive, such as `terraform plan -out` writes")]
    Archive,
    /// There is nothing but blanks.
    #[error("is empty")]
    Empty,
    /// It is Terraform's language.
    #[error("is Terraform's source, which only Terraform evaluates")]
    TerraformSource,
    /// It is not JSON, or too deep.
    #[error("is not JSON: line {line}, column {column}: {message}")]
    NotJson {
        /// The line, from one.
        line: u32,
        /// The column, from one.
        column: u32,
        /// What is wrong there.
        message: String,
    },
    /// It is not YAML, or not the YAML that templates are written in, or too deep.
    #[error("is not YAML that can be read: line {line}, column {column}: {message}")]
    NotYaml {
        /// The line, from one.
        line: u32,
        /// The column, from one.
        column: u32,
        /// What is wrong there.
        message: String,
    },
}

impl SourceError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Archive => {
                Some("print the plan with `terraform show -json PLAN > plan.json` and name that")
            }
            Self::TerraformSource => Some(
                "let Terraform evaluate it: `terraform plan -out PLAN` and `terraform show -json PLAN > plan.json`",
            ),
            _ => None,
        }
    }
}
