//! Policies ready for evaluation: patterns cut, values parsed, keys hashed.

mod action;
mod condition;
mod interned;
mod keys;
mod principal;
mod resource;

pub(crate) use action::{ActionMatcher, ActionPattern};
pub(crate) use condition::CompiledCondition;
pub(crate) use keys::{ActionKey, Group, Keys, Open, Part, ResourceKey, STEM, first_word};
pub(crate) use principal::{PrincipalMatcher, Reach};
pub(crate) use resource::ResourceMatcher;

use crate::context::Context;
use crate::document::{Document, Effect, Statement, Version};
use std::sync::Arc;

/// Where a policy comes from, for explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// A managed policy, attached.
    Managed,
    /// An inline policy of a user, group or role.
    Inline,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A resource's policy.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint's policy.
    Endpoint,
}

/// What a policy is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PolicyLabel {
    /// Where it comes from.
    pub kind: PolicyKind,
    /// The policy's ARN; for inline policies that of the entity that holds it, for resource policies the resource's.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl PolicyLabel {
    /// A label.
    pub fn new(kind: PolicyKind, id: &str, name: &str) -> Self {
        Self { kind, id: id.into(), name: name.into() }
    }
}

/// A compiled policy; share it behind an [`Arc`].
#[derive(Debug)]
pub struct CompiledPolicy {
    label: PolicyLabel,
    document: Arc<Document>,
    statements: Box<[CompiledStatement]>,
}

/// A statement, in the order of evaluation.
#[derive(Debug)]
pub(crate) struct CompiledStatement {
    pub(crate) effect: Effect,
    /// Its place in [`Document::statements`].
    pub(crate) place: u32,
    pub(crate) action: Arc<ActionMatcher>,
    /// `None`: no such element.
    pub(crate) resource: Option<ResourceMatcher>,
    /// `None`: no such element.
    pub(crate) principal: Option<PrincipalMatcher>,
    /// Those first that cost least.
    pub(crate) conditions: Arc<[CompiledCondition]>,
    /// What it is found by.
    pub(crate) keys: Keys,
}

impl CompiledPolicy {
    /// Compiles a document. Never fails: what can never match is compiled to something that never matches.
    pub fn compile(document: Arc<Document>, label: PolicyLabel) -> CompiledPolicy {
        let version = document.version();
        let statements = document.statements().iter().enumerate();
        let statements =
            statements.map(|(place, statement)| CompiledStatement::new(statement, place, version)).collect();
        Self { label, document, statements }
    }

    /// What it is called.
    pub fn label(&self) -> &PolicyLabel {
        &self.label
    }

    /// The document that it was compiled from.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    pub(crate) fn statements(&self) -> &[CompiledStatement] {
        &self.statements
    }
}

impl CompiledStatement {
    fn new(statement: &Statement, place: usize, version: Version) -> Self {
        let variables = version == Version::V2012;
        let mut compiled = Self {
            effect: statement.effect,
            place: u32::try_from(place).unwrap_or(u32::MAX),
            action: ActionMatcher::shared(&statement.action, statement.effect),
            resource: statement.resource.as_ref().map(|element| ResourceMatcher::new(element, variables)),
            principal: statement.principal.as_ref().map(PrincipalMatcher::new),
            conditions: CompiledCondition::all(&statement.conditions, variables),
            keys: Keys::default(),
        };
        compiled.keys = Keys::of(&compiled);
        compiled
    }

    /// Whether all conditions hold.
    #[inline]
    pub(crate) fn conditions_hold(&self, context: &dyn Context) -> bool {
        self.conditions.iter().all(|condition| condition.holds(context))
    }
}
