//! Answers: proved, refuted by a request, or not determined.

use crate::value::KeyValue;

/// The answer to a question whether something never happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It never happens, whatever the request.
    Proved,
    /// It happens: here is a request, and the engine has confirmed it.
    Refuted(Box<Refutation>),
    /// Neither could be shown; here is why.
    Undetermined(Vec<String>),
}

/// How something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refutation {
    /// A request with which it happens.
    pub witness: Witness,
    /// The statements that allow it, of all such requests if that was asked for.
    pub blamed: Vec<Blamed>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who asks: an ARN, a service's name, an identity provider, or `anonymous`. `None`: whoever has the policies.
    pub principal: Option<String>,
    /// The action, in AWS's spelling if AWS documents it.
    pub action: String,
    /// The resource: an ARN, or `*` for actions on no resource.
    pub resource: String,
    /// The condition keys that the request has; the others that policies ask for are absent.
    pub context: Vec<(String, KeyValue)>,
    /// Whether AWS documents the action, and the resource and condition keys for it. If not, no such request was found.
    pub documented: bool,
}

/// A statement that allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blamed {
    /// The layer's place among those of the access.
    pub layer: usize,
    /// The policy's place in its layer.
    pub policy: usize,
    /// The statement's place in its policy.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

impl Verdict {
    /// Whether it is proved.
    pub fn is_proved(&self) -> bool {
        *self == Verdict::Proved
    }

    /// The refutation, if there is one.
    pub fn refutation(&self) -> Option<&Refutation> {
        match self {
            Verdict::Refuted(refutation) => Some(refutation),
            _ => None,
        }
    }
}
