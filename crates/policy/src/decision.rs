//! The answer.

/// What an evaluation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Everything that must allow does, and nothing denies.
    Allowed,
    /// A statement denies.
    ExplicitlyDenied,
    /// No statement denies, but an allow is missing.
    ImplicitlyDenied,
}

/// A layer of policies, in the order in which AWS asks them.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Resource control policies.
    Rcp,
    /// Service control policies.
    Scp,
    /// The policy of the VPC endpoint that the request came through.
    Endpoint,
    /// The policy of the resource; for roles the trust policy.
    Resource,
    /// Policies of the user or role, those of a user's groups included.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

/// What kind of reason decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The statement that the reason names allows or denies.
    Statement,
    /// The layer that the reason names lacks an allow.
    NoAllow,
    /// The root user needs no policy.
    RootUser,
    /// `sts:GetCallerIdentity` is open to every signed caller.
    AlwaysAllowed,
    /// Caller and resource are in different partitions.
    OtherPartition,
    /// The resource belongs to AWS and cannot be changed.
    AwsOwned,
}

/// Why a decision came out as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason {
    /// What kind of reason it is.
    pub cause: Cause,
    /// The layer that decided.
    pub layer: Layer,
    /// For SCPs and RCPs: the level, root first, from zero.
    pub level: u32,
    /// The deciding policy's place in its layer (or level), from zero.
    pub policy: Option<u32>,
    /// The deciding statement's place in its policy, from zero.
    pub statement: Option<u32>,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Allowed, or denied in which way.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }
}

impl Layer {
    /// What AWS calls a policy of this layer in its messages: `identity-based policy`, `permissions boundary` …
    pub fn policy_name(self) -> &'static str {
        match self {
            Layer::Rcp => "resource control policy",
            Layer::Scp => "service control policy",
            Layer::Endpoint => "VPC endpoint policy",
            Layer::Resource => "resource-based policy",
            Layer::Identity => "identity-based policy",
            Layer::Boundary => "permissions boundary",
            Layer::Session => "session policy",
        }
    }
}
