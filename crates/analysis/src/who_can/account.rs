//! What holds for all principals of an account alike.

use super::population::Account;
use super::rcps::Rcps;
use super::residual::{Residual, Said};
use super::scene::Scene;
use super::slots::Slots;
use super::truth::{Brief, Truth};
use policy::{Cause, Context, Layers, Principal, Request, evaluate};

/// An account, as a question sees it.
pub(super) struct Standing {
    pub(super) rule: Rule,
    /// Whether the resource belongs to it.
    pub(super) home: bool,
    /// What its SCPs come to; `allow` is that of all levels.
    pub(super) scps: Said,
    /// Whether more can be said of single principals.
    pub(super) personal: bool,
    /// The RCPs that bind its principals here: those of the resource's account.
    pub(super) rcps: Rcps,
}

/// Whether policies are asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// No: everybody may.
    Everybody,
    /// No: nobody may.
    Nobody,
    /// Yes.
    Policies,
    /// Yes, and at home the resource's policy must allow, be it only the account.
    ResourcePolicy,
}

/// What policies of a list come to; a policy's residual is found by `slots`.
pub(super) struct Residuals<'a> {
    pub(super) all: &'a [Residual],
    pub(super) slots: &'a Slots,
}

impl Residuals<'_> {
    /// The residual of a policy, unless no statement of it may apply.
    pub(super) fn of(&self, policy: u32) -> Option<&Residual> {
        self.all.get(self.slots.slot(policy).checked_sub(1)? as usize)
    }

    /// What policies come to, and whether more can be said of single principals.
    pub(super) fn said(&self, policies: &[u32]) -> (Said, bool) {
        let sum = policies.iter().fold(Brief::default(), |sum, policy| sum.or(self.slots.brief(*policy)));
        (Said { allow: sum.allow(), deny: sum.deny() }, sum.is_personal())
    }

    /// What policies come to for whom the scene looks at.
    pub(super) fn said_now(&self, policies: &[u32], scene: &Scene<'_>, request: &Request<'_>) -> Said {
        let mut said = Said::default();
        for policy in policies {
            let brief = self.slots.brief(*policy);
            if !brief.is_personal() {
                said.add(Said { allow: brief.allow(), deny: brief.deny() });
            } else if let Some(residual) = self.of(*policy) {
                said.add(residual.now(scene, request));
            }
        }
        said
    }
}

impl Rule {
    /// The rule for an account, of which `home` says whether the resource belongs to it.
    pub(super) fn of(
        account: &Account,
        home: bool,
        question: &super::Question,
        context: &dyn Context,
    ) -> Self {
        let root = Principal::root(account.id, &account.partition);
        let request = Request::new(&root, question.action(), question.resource(), context);
        let request = question.owner().into_iter().fold(request, Request::resource_account);
        // Root needs no policies, so what the engine says of it without any tells the rules for this account.
        match evaluate(&Layers::default(), &request).reason.cause {
            Cause::AlwaysAllowed => Rule::Everybody,
            Cause::AwsOwned | Cause::OtherPartition => Rule::Nobody,
            Cause::RootUser => Rule::Policies,
            _ if home => Rule::ResourcePolicy,
            _ => Rule::Policies,
        }
    }
}

impl Standing {
    pub(super) fn new(
        account: &Account,
        question: &super::Question,
        context: &dyn Context,
        residuals: &Residuals<'_>,
        rcps: Rcps,
    ) -> Self {
        let home = question.owner().is_none_or(|owner| owner == account.id);
        let rule = Rule::of(account, home, question, context);
        let mut scps = Said { allow: Truth::Yes, deny: Truth::No };
        let mut personal = false;
        for level in &account.levels {
            let (said, more) = residuals.said(level);
            scps = Said { allow: scps.allow.and(said.allow), deny: scps.deny.or(said.deny) };
            personal |= more;
        }
        Self { rule, home, scps, personal, rcps }
    }
}

/// What the SCPs of an account come to for whom the scene looks at.
pub(super) fn scps_now(
    account: &Account,
    residuals: &Residuals<'_>,
    scene: &Scene<'_>,
    request: &Request<'_>,
) -> Said {
    let mut scps = Said { allow: Truth::Yes, deny: Truth::No };
    for level in &account.levels {
        let said = residuals.said_now(level, scene, request);
        scps = Said { allow: scps.allow.and(said.allow), deny: scps.deny.or(said.deny) };
    }
    scps
}
