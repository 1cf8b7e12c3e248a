//! How AWS decides, fact by fact. Each test is named after the fact's number; `docs/semantics.md` lists them. Every
//! question is also put to the oracle, which must agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "facts/actions_and_resources.rs"]
mod actions_and_resources;
#[path = "facts/conditions.rs"]
mod conditions;
#[path = "facts/decision.rs"]
mod decision;
#[path = "facts/explanation.rs"]
mod explanation;
#[path = "facts/grammar.rs"]
mod grammar;
#[path = "facts/organizations.rs"]
mod organizations;
#[path = "facts/principals.rs"]
mod principals;
#[path = "facts/resource_policies.rs"]
mod resource_policies;
#[path = "facts/services.rs"]
mod services;
#[path = "facts/variables.rs"]
mod variables;
