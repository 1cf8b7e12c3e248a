//! How large a document may be.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html> and
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.

use super::checks::{
    Check, POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, POLICY_SIZE_EXCEEDS_RCP_QUOTA,
    POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA,
    POLICY_SIZE_EXCEEDS_SCP_QUOTA,
};
use super::{Finding, Lint};
use crate::document::{DocumentKind, counted_size};
use base::Span;

/// Characters of a managed policy, white space not counted.
const MANAGED: usize = 6_144;
/// Characters of a trust policy, white space not counted; the quota can be raised to 8,192.
const TRUST: usize = 2_048;
/// Characters of an SCP or RCP, white space counted.
const ORGANIZATION: usize = 5_120;

pub(super) fn check(lint: &mut Lint<'_>) {
    use DocumentKind::{Boundary, Endpoint, Identity, Rcp, Resource, Scp, Session, Trust};
    let text = lint.policy.text;
    let spaced = || text.trim().chars().count();
    let (check, size, quota): (&'static Check, usize, usize) = match (lint.kind, lint.resource_kind) {
        (Identity | Boundary, _) => (&POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, counted_size(text), MANAGED),
        (Trust, _) => (&POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, counted_size(text), TRUST),
        (Scp, _) => (&POLICY_SIZE_EXCEEDS_SCP_QUOTA, spaced(), ORGANIZATION),
        (Rcp, _) => (&POLICY_SIZE_EXCEEDS_RCP_QUOTA, spaced(), ORGANIZATION),
        (Resource, Some(kind)) => match kind.quota() {
            Some(quota) => (&POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, spaced(), quota),
            None => return,
        },
        (Resource, None) | (Endpoint | Session, _) => return,
    };
    if size > quota {
        let start = lint.policy.root.span.start;
        let counted = match lint.kind {
            Identity | Boundary | Trust => "characters without white space",
            _ => "characters",
        };
        let message = format!("the policy has {size} {counted}; the quota is {quota}");
        let finding = Finding::new(check, Span { start, end: start + 1 }, message);
        lint.report(match lint.kind {
            Scp | Rcp if counted_size(text) <= quota => finding.help("white space counts: take it out"),
            Trust => finding.help("the quota can be raised; or let one condition stand for many principals"),
            Identity => finding.help(
                "split it; of an inline policy only the sum counts: 2,048 a user, 10,240 a role, 5,120 a group",
            ),
            _ => finding.help("split it, or let wildcards stand for what belongs together"),
        });
    }
}
