//! AWS policy documents: parse, print, compile, evaluate, explain.
//!
//! A text becomes a [`Document`] (strictly, as IAM reads at write time, or tolerantly, as an analyst must), a
//! document a [`CompiledPolicy`], policies of one layer a [`PolicySet`]. [`evaluate`] answers whether the
//! [`Layers`] allow a [`Request`], [`explain`] says why, with spans into the texts, and [`flip`] what would turn the
//! decision around; [`evaluate_all`] judges a call on several resources. `docs/semantics.md` tells how decisions are
//! made; every fact there has a test. `examples/embed.rs` embeds the engine in ten lines.
//!
//! Invariant: no I/O, no clock, no storage. `evaluate` does not allocate.
//!
//! ```
//! use bailiwick_policy::*;
//! use std::sync::Arc;
//!
//! let text = r#"{"Version":"2012-10-17","Statement":
//!     {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::reports/${aws:username}/*"}}"#;
//! let document = Arc::new(Document::parse_strict(text, DocumentKind::Identity)?);
//! let label = PolicyLabel::new(PolicyKind::Inline, "arn:aws:iam::123456789012:user/Ann", "reports");
//! let identity = PolicySet::new(vec![Arc::new(CompiledPolicy::compile(document, label))]);
//!
//! let ann = Principal::user("arn:aws:iam::123456789012:user/Ann")?;
//! let context = ContextMap::new().with("aws:username", "Ann");
//! let request = Request::new(&ann, "s3:GetObject", "arn:aws:s3:::reports/Ann/1.csv", &context);
//! let decision = evaluate(&Layers { identity: &identity, ..Layers::default() }, &request);
//! assert_eq!(decision.outcome, Outcome::Allowed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Other layers stand beside the identity policies. Here a boundary cuts what they allow, and the explanation names
//! the element on which the boundary's statement fails:
//!
//! ```
//! # use bailiwick_policy::*;
//! # use std::sync::Arc;
//! let set = |kind, text: &str| {
//!     let document = Document::parse_strict(text, DocumentKind::Identity)?;
//!     let label = PolicyLabel::new(kind, "arn:aws:iam::123456789012:policy/p", "p");
//!     Ok::<_, Malformed>(PolicySet::from(Arc::new(CompiledPolicy::compile(document.into(), label))))
//! };
//! let identity = set(PolicyKind::Managed, r#"{"Version":"2012-10-17","Statement":
//!     {"Effect":"Allow","Action":"*","Resource":"*"}}"#)?;
//! let boundary = set(PolicyKind::Boundary, r#"{"Version":"2012-10-17","Statement":
//!     {"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::reports/*"}}"#)?;
//! let layers = Layers { identity: &identity, boundary: Some(&boundary), ..Layers::default() };
//!
//! let session = Principal::role_session("arn:aws:iam::123456789012:role/team/App", "run-7")?;
//! let context = ContextMap::new();
//! let request = Request::new(&session, "s3:GetObject", "arn:aws:s3:::other/1.csv", &context);
//! let explanation = explain(&layers, &request);
//! assert_eq!(explanation.decision.reason.layer, Layer::Boundary);
//! let boundary = explanation.deciding_layer().unwrap();
//! assert_eq!(boundary.statements[0].misses[0].element, Element::Resource);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod catalogue;
mod compile;
mod context;
mod decision;
mod document;
pub mod elements;
mod evaluate;
mod explain;
mod flip;
mod operator;
mod pattern;
mod principal;
mod request;
mod service;
mod set;
mod several;
pub mod validate;
mod value;

pub use compile::{CompiledPolicy, PolicyKind, PolicyLabel};
pub use context::{ConditionKey, Context, ContextMap, Values};
pub use decision::{Cause, Decision, Layer, Outcome, Reason};
pub use document::{
    ConditionElement, ConditionValue, Document, DocumentKind, Effect, ListElement, Malformed,
    PrincipalElement, PrincipalEntry, PrincipalType, Statement, Text, Version, counted_size,
};
pub use evaluate::{Layers, evaluate};
pub use explain::{Element, Explanation, LayerExplanation, Miss, StatementExplanation, explain};
pub use flip::{Change, Flip, MissingAllow, Place, Step, flip};
pub use operator::{Comparison, Operator, Order, Quantifier};
pub use principal::{InvalidPrincipal, Principal, PrincipalForm};
pub use request::Request;
pub use set::PolicySet;
pub use several::{MultiDecision, evaluate_all};
