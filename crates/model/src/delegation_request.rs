//! Requests for temporary access to another account, which that account approves.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html>; the states and their
//! lives follow
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>.

use crate::PolicyText;
use base::{AccountId, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DelegationState {
    /// Made, and nobody's yet.
    Unassigned,
    /// Somebody has taken it on.
    Assigned,
    /// Handed on to somebody who may approve it.
    PendingApproval,
    /// Approved; the token is not released yet.
    Accepted,
    /// The token is released: nothing changes any more.
    Finalized,
    /// Refused.
    Rejected,
    /// Too old.
    Expired,
}

impl DelegationState {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            DelegationState::Unassigned => "UNASSIGNED",
            DelegationState::Assigned => "ASSIGNED",
            DelegationState::PendingApproval => "PENDING_APPROVAL",
            DelegationState::Accepted => "ACCEPTED",
            DelegationState::Finalized => "FINALIZED",
            DelegationState::Rejected => "REJECTED",
            DelegationState::Expired => "EXPIRED",
        }
    }

    /// How long a request stays in it.
    fn life(self) -> Duration {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        if self == DelegationState::Unassigned { DAY } else { DAY * 7 }
    }
}

/// A user, or a session of a role, that took on or approved a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegate {
    /// Its ARN as it called.
    pub arn: String,
    /// Its account.
    pub account: AccountId,
    /// Its unique id, so that a namesake made later is not taken for it.
    pub id: DelegateId,
}

/// The unique id of a delegate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DelegateId {
    /// A user.
    User(UniqueId),
    /// A session of a role.
    Role {
        /// The role.
        id: UniqueId,
        /// The session's name.
        session: String,
    },
}

/// A value for a placeholder of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationParameter {
    /// The placeholder's name.
    pub name: String,
    /// One value, or those of a list.
    pub values: Vec<String>,
    /// `string` or `stringList`.
    pub kind: String,
}

/// A request for temporary access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRequest {
    /// A random UUID.
    pub id: String,
    /// The account that asks.
    pub requestor: AccountId,
    /// The account that is asked, if it is known.
    pub owner_account: Option<AccountId>,
    /// Who has taken the request on.
    pub owner: Option<Delegate>,
    /// Who has approved it: the sessions are this one's.
    pub approver: Option<Delegate>,
    /// What it is for.
    pub description: String,
    /// A word to this one request.
    pub message: Option<String>,
    /// The ARN of the policy that was made into this one's.
    pub template: String,
    /// The values of its placeholders.
    pub parameters: Vec<DelegationParameter>,
    /// What is asked for.
    pub policy: PolicyText,
    /// The requestor's own name for it, which no two of its requests share.
    pub workflow_id: String,
    /// Where to go once it is approved.
    pub redirect_url: Option<String>,
    /// Where the requestor wants to be told of changes.
    pub channel: String,
    /// How long the access lasts, from the release of the token.
    pub session_seconds: u32,
    /// Whether nobody but the owner may release the token.
    pub only_send_by_owner: bool,
    /// Where it stands, age apart: see [`DelegationRequest::state_at`].
    pub state: DelegationState,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Added by its owner.
    pub notes: Option<String>,
    /// Why it was rejected.
    pub rejection_reason: Option<String>,
}

impl DelegationRequest {
    /// When it expires if nobody does anything.
    pub fn expires(&self) -> Timestamp {
        self.since + self.state.life()
    }

    /// Where it stands at this time.
    pub fn state_at(&self, now: Timestamp) -> DelegationState {
        if now >= self.expires() { DelegationState::Expired } else { self.state }
    }

    /// The same in another state.
    #[must_use]
    pub fn moved(&self, state: DelegationState, now: Timestamp) -> Self {
        Self { state, since: now, updated: now, ..self.clone() }
    }
}
