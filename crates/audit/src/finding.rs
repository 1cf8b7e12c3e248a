//! What an audit finds: what is the matter, with what evidence, how bad it is, and the change that ends it.

use aws_lc_rs::digest::{Context, SHA256};
use base::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is not.
    Fail,
    /// It could not be judged because of an error; never a pass.
    Error,
    /// It cannot be judged by what was given; never a pass.
    NotAssessable,
    /// It is.
    Pass,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Untidy.
    Low,
    /// To be mended in the course of things.
    Medium,
    /// To be mended soon.
    High,
    /// To be mended now.
    Critical,
}

impl Severity {
    /// `critical` and so on.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];
}

/// One thing that was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The same in every audit as long as it is the same matter: of the check, the account, the resource and what
    /// tells several findings of one resource apart.
    pub fingerprint: String,
    /// The id of the check.
    pub check: &'static str,
    /// What came out.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// The account.
    pub account: AccountId,
    /// The ARN of what it is about; of the account's root user if it is about the account.
    pub resource: String,
    /// What is the matter, in a sentence.
    pub message: String,
    /// The principals that it is about or that gain by it, by ARN.
    pub principals: Vec<String>,
    /// How the principal gets where it should not: only of escalations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<Step>>,
    /// Who outside has access: only of external access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
    /// The actions that it is about.
    pub actions: Vec<String>,
    /// A request that the engine has decided as the finding says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// The change that ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// How its place in the ranking comes about: only of those that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// Who has taken it on, and until when: it is shown, and does not count unless that is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// Whether an older audit had found it too; none if it is compared with none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

impl Finding {
    /// A finding of which nothing more is known yet.
    pub fn plain(
        check: &'static str,
        status: Status,
        account: AccountId,
        resource: &str,
        fingerprint: String,
    ) -> Self {
        Self {
            fingerprint,
            check,
            status,
            severity: Severity::Info,
            account,
            resource: resource.to_owned(),
            message: String::new(),
            principals: Vec::new(),
            path: None,
            external: None,
            actions: Vec::new(),
            witness: None,
            evidence: Vec::new(),
            fix: None,
            risk: None,
            exception: None,
            since: None,
        }
    }

    /// Whether it is something to do: it failed, and nobody has taken it on.
    pub fn counts(&self) -> bool {
        self.status == Status::Fail && self.exception.as_ref().is_none_or(|exception| exception.expired)
    }
}

/// An exception that somebody answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who has agreed.
    pub approver: String,
    /// The last day that it holds, `2027-03-31`.
    pub expires: String,
    /// Whether that day is over: then the finding counts as any other.
    pub expired: bool,
}

/// How a finding stands to an older audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// It was not found then.
    New,
    /// It was found then, too.
    Unchanged,
}

/// A step of an escalation: from one principal to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The id of the method in the catalogue of paths (pathfinding.cloud): `iam-001`.
    pub id: String,
    /// Who acts, by ARN.
    pub from: String,
    /// Whom that yields, by ARN: a principal, or the same one with more permissions.
    pub to: String,
    /// The actions that are needed.
    pub actions: Vec<String>,
    /// On what: the ARN of the function, instance or role that is used; empty if it is `to`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub through: String,
    /// What is done, in a sentence.
    pub how: String,
    /// Conditions that the request must fulfil, in words; none if any request will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// Which kind of stranger has access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalKind {
    /// Anybody.
    Public,
    /// An account that is not ours.
    Account,
    /// Another organization.
    Organization,
    /// The account of a vendor that is known by name.
    Vendor,
    /// An AWS service on behalf of any account: the confused deputy.
    Service,
    /// Users of an identity provider that others use too.
    Federated,
}

/// Who outside has access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// Which kind.
    pub kind: ExternalKind,
    /// Who: `*`, an account id or ARN, an organization's id, a service principal, the ARN of a provider.
    pub who: String,
    /// The name, if it is known: of a vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What limits the access, in words; none if nothing does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// An ARN, a service principal, or `*` for an anonymous caller.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The ARN of the resource, `*` if the action has none.
    pub resource: String,
    /// The condition keys that the request has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Vec<String>>,
}

/// What shows a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// What is to be seen there, in a few words.
    pub what: String,
    /// Where: the ARN of the policy or of who holds it, the report.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The policy's name, if it is an inline policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The statement's Sid, or its number from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The line in the policy's text, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The text itself: a statement, a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Evidence {
    /// What is to be seen where.
    pub fn new(what: impl Into<String>, source: impl Into<String>) -> Self {
        Self { what: what.into(), source: source.into(), ..Self::default() }
    }

    /// The same with the text itself.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

/// The change that ends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fix {
    /// What to do, in a sentence.
    pub summary: String,
    /// Findings of the same action fold into one thing to do; the same text is the same action.
    pub action: String,
    /// Commands of the AWS CLI, one each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// The change of a policy's text, as a unified diff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Where to change it in Terraform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// The change itself, for `--verify-fix`.
    #[serde(skip)]
    pub change: Option<Change>,
}

/// A change of the accounts that can be tried: the audit is run again on what it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A managed policy is detached from a user, group or role.
    Detach {
        /// The ARN of the user, group or role.
        from: String,
        /// The policy's ARN.
        policy: String,
    },
    /// An inline policy is deleted.
    DeleteInline {
        /// The ARN of the user, group or role.
        of: String,
        /// The policy's name.
        name: String,
    },
    /// An inline policy gets another text.
    PutInline {
        /// The ARN of the user, group or role.
        of: String,
        /// The policy's name.
        name: String,
        /// The new text.
        text: String,
    },
    /// A customer managed policy gets a new default version.
    PutVersion {
        /// The policy's ARN.
        policy: String,
        /// The new text.
        text: String,
    },
    /// A role's trust policy gets another text.
    PutTrust {
        /// The role's ARN.
        role: String,
        /// The new text.
        text: String,
    },
    /// A resource's policy gets another text.
    PutResourcePolicy {
        /// The resource's ARN.
        resource: String,
        /// The new text; none deletes the policy.
        text: Option<String>,
    },
    /// A user, group, role or policy is deleted.
    Delete {
        /// Its ARN.
        arn: String,
    },
}

/// How a finding's place in the ranking comes about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// 0–100, the product of the three.
    pub score: f64,
    /// What the identity can reach, 0–1, and why.
    pub reach: Term,
    /// How exposed it is, 0–1, and why.
    pub exposure: Term,
    /// What protection leaves, 0–1 (1: nothing protects it), and why.
    pub protection: Term,
}

/// One term of a risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// 0–1.
    pub value: f64,
    /// Why.
    pub because: String,
}

/// The fingerprint of a finding: 32 hexadecimal digits of SHA-256 over the parts.
pub fn fingerprint(check: &str, account: AccountId, resource: &str, discriminator: &str) -> String {
    let mut hash = Context::new(&SHA256);
    for part in [check, account.as_str(), resource, discriminator] {
        hash.update(&part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
