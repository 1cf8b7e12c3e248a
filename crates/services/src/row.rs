//! The operation table: one row an operation, from which dispatch, gate, audit and documentation read.
//!
//! A row says how members of the input become resources and condition keys, and which handler answers. The
//! rest — names, shapes, constraints, resource types — comes from generated facts.

use crate::call::{Call, Draw, Origin, Prepared, Tools};
use crate::demand::Demand;
use crate::gate::{self, Allowed};
use crate::record::SignIn;
use authn::Authenticated;
use authn::second_factor::Proven;
use base::{AccountId, Region, Timestamp};
use directory::Tx;
use model::Snapshot;
use policy::catalogue::Catalogue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::cell::OnceCell;
use std::sync::Arc;
use wire::{Fault, Fields, Operation, Structure};

/// A decoded input.
#[derive(Debug, Clone)]
pub enum Body {
    /// Members of a generated shape, decoded and validated.
    Fields(Fields),
    /// An object of our own service.
    Json(serde_json::Value),
}

impl Body {
    /// Whether it brings a second factor, or a part of one, under the names that STS has for them.
    pub fn brings_factor(&self) -> bool {
        let Body::Fields(fields) = self else { return false };
        ["SerialNumber", "TokenCode"].iter().any(|name| fields.get(name).is_some())
    }
}

impl Default for Body {
    /// No input.
    fn default() -> Self {
        Body::Json(serde_json::Value::Null)
    }
}

/// A typed output, ready for a codec.
pub enum Answer {
    /// A generated shape.
    Shape(Box<dyn Structure + Send>),
    /// An object of our own service.
    Json(serde_json::Value),
    /// The way on for a browser.
    Redirect(Redirect),
}

/// The way on for a browser that has signed in.
pub struct Redirect {
    /// A path of this server.
    pub to: String,
    /// The cookie that it takes along.
    pub cookie: String,
}

/// How a call ended, and what it touched.
pub struct Ran {
    /// The output or the fault.
    pub result: Result<Answer, Fault>,
    /// The resources that the demands named, for the audit record.
    pub resources: Vec<String>,
}

type Read = Box<dyn Fn(&Row, &Call, &Snapshot, Body) -> Ran + Send + Sync>;
type Write = Box<dyn Fn(&Row, &Call, &mut Tx<'_>, Body) -> Ran + Send + Sync>;

type Prepare = Box<dyn Fn(&Row, &Call, &Snapshot, Body) -> PreparedRun + Send + Sync>;
type Identify = Box<dyn Fn(&Stranger<'_>, &Snapshot, Body) -> Result<Authenticated, Unproven> + Send + Sync>;

/// How a row's operation runs.
pub enum Run {
    /// On a snapshot.
    Read(Read),
    /// In a transaction.
    Write(Write),
    /// On a snapshot; or in a transaction, if the input brings a second factor, which is used up there.
    Factored {
        /// Without a second factor.
        read: Read,
        /// With one.
        write: Write,
    },
    /// In a transaction, after work that would hold up the store's thread.
    Prepared {
        /// The work, behind the gate.
        prepare: Prepare,
        /// The transaction, behind the gate once more.
        write: Write,
    },
}

/// How the work ahead of a transaction ended.
pub struct PreparedRun {
    /// What it made, or why the call is refused.
    pub result: Result<Prepared, Fault>,
    /// The resources that the demands named, for the audit record.
    pub resources: Vec<String>,
}

/// Who sends a request without a signature, before the proof that its input carries is looked at.
pub struct Stranger<'a> {
    /// When the request arrived.
    pub now: Timestamp,
    /// Where it came from.
    pub origin: &'a Origin,
    /// The region that its host names, else the partition's global one.
    pub region: Region,
    /// What is needed besides the snapshot.
    pub tools: &'a Tools,
    /// Randomness.
    pub entropy: &'a Draw,
    /// What makes the record that of a sign-in, once it is known whose it is.
    pub sign_in: OnceCell<SignIn>,
}

/// The proof that a request carries does not hold.
pub struct Unproven {
    /// What the sender is told.
    pub fault: Fault,
    /// The account whose trail gets the record, where the request names one of the realm's.
    pub account: Option<AccountId>,
}

impl From<Fault> for Unproven {
    fn from(fault: Fault) -> Self {
        Self { fault, account: None }
    }
}

/// One operation.
pub struct Row {
    /// The operation's name.
    pub name: &'static str,
    /// The action of the same name, as in `iam:CreateUser`.
    pub action: String,
    /// Whether the action has no resource type, so that only a policy's `*` speaks of it.
    pub wildcard_only: bool,
    /// Its code.
    pub run: Run,
    /// Whether it takes so long that it must not hold up a connection's thread.
    pub is_slow: bool,
    /// For an operation without a signature: who sends it, by the proof that the input carries.
    pub identify: Option<Identify>,
}

/// A handler that reads: the proof that it may, the realm, the input.
pub type ReadHandler<O, I, T> = fn(Allowed<'_, O>, &Snapshot, I) -> Result<T, Fault>;
/// A handler that writes.
pub type WriteHandler<O, I, T> = fn(Allowed<'_, O>, &mut Tx<'_>, I) -> Result<T, Fault>;
/// Makes what a transaction needs: the proof that the call may, the realm, the input.
pub type PrepareHandler<O, I, P> = fn(Allowed<'_, O>, &Snapshot, &I) -> Result<P, Fault>;
/// A handler that writes, with what was made ahead of it.
pub type PreparedHandler<O, I, P, T> = fn(Allowed<'_, O>, &mut Tx<'_>, I, &P) -> Result<T, Fault>;
/// Makes out who sends a request without a signature.
pub type IdentifyHandler<I> = fn(&Stranger<'_>, &Snapshot, &I) -> Result<Authenticated, Unproven>;

/// Verifies the second factor that an input brings, and uses it up.
pub type ProveHandler<I> = fn(&Call, &mut Tx<'_>, &I) -> Result<Proven, Fault>;
/// A handler that reads, and knows of the second factor that the input brought.
pub type FactoredHandler<O, I, T> = fn(Allowed<'_, O>, &Snapshot, I, Option<&Proven>) -> Result<T, Fault>;

/// What an operation's input demands.
pub type Demanded = Result<Vec<Demand>, Fault>;

impl Row {
    fn new(service: &str, name: &'static str, run: Run) -> Self {
        let action = format!("{service}:{name}");
        let wildcard_only = Catalogue::get().action(&action).is_some_and(|facts| facts.is_wildcard_only());
        Self { name, action, wildcard_only, run, is_slow: false, identify: None }
    }

    /// An operation of a generated service that changes nothing.
    pub fn read<O: Operation>(
        service: &str,
        demands: impl Fn(&O::Input, &Call, &Snapshot) -> Demanded + Send + Sync + 'static,
        handler: ReadHandler<O, O::Input, O::Output>,
    ) -> Self {
        let run = Run::Read(Box::new(move |row, call, snapshot, body| {
            let input = read_fields::<O>(body);
            let demanded = demands(&input, call, snapshot);
            gate::pass::<O, O::Output>(row, call, snapshot, demanded, |allowed| {
                handler(allowed, snapshot, input)
            })
            .map(shape)
        }));
        Self::new(service, O::NAME, run)
    }

    /// An operation of a generated service that changes nothing, but uses up the second factor that its input may
    /// bring: before the gate judges, since policies ask for it, and durably before it is answered.
    pub fn read_factored<O: Operation>(
        service: &str,
        prove: ProveHandler<O::Input>,
        demands: impl Fn(&O::Input, Option<&Proven>, &Call, &Snapshot) -> Demanded + Send + Sync + Clone + 'static,
        handler: FactoredHandler<O, O::Input, O::Output>,
    ) -> Self {
        let demanded_alone = demands.clone();
        let read: Read = Box::new(move |row, call, snapshot, body| {
            let input = read_fields::<O>(body);
            let demanded = demanded_alone(&input, None, call, snapshot);
            gate::pass::<O, O::Output>(row, call, snapshot, demanded, |at| handler(at, snapshot, input, None))
                .map(shape)
        });
        let write: Write = Box::new(move |row, call, tx, body| {
            let input = read_fields::<O>(body);
            let proven = match prove(call, tx, &input) {
                Ok(proven) => proven,
                Err(fault) => return Ran { result: Err(fault), resources: Vec::new() },
            };
            let snapshot = tx.snapshot();
            let demanded = demands(&input, Some(&proven), call, snapshot);
            gate::pass::<O, O::Output>(row, call, snapshot, demanded, |at| {
                handler(at, snapshot, input, Some(&proven))
            })
            .map(shape)
        });
        Self::new(service, O::NAME, Run::Factored { read, write })
    }

    /// An operation of a generated service that changes something.
    pub fn write<O: Operation>(
        service: &str,
        demands: impl Fn(&O::Input, &Call, &Snapshot) -> Demanded + Send + Sync + 'static,
        handler: WriteHandler<O, O::Input, O::Output>,
    ) -> Self {
        let run = Run::Write(Box::new(move |row, call, tx, body| {
            let input = read_fields::<O>(body);
            let snapshot = tx.snapshot().clone();
            let demanded = demands(&input, call, &snapshot);
            gate::pass::<O, O::Output>(row, call, &snapshot, demanded, |allowed| handler(allowed, tx, input))
                .map(shape)
        }));
        Self::new(service, O::NAME, run)
    }

    /// An operation of a generated service that changes something, and needs something made for it that takes long
    /// or is not pure: a hash of a password, a key pair. The gate judges before `prepare` runs, and once more in the
    /// transaction.
    pub fn write_prepared<O: Operation, P: Any + Send + Sync>(
        service: &str,
        demands: impl Fn(&O::Input, &Call, &Snapshot) -> Demanded + Send + Sync + Clone + 'static,
        prepare: PrepareHandler<O, O::Input, P>,
        handler: PreparedHandler<O, O::Input, P, O::Output>,
    ) -> Self {
        let demanded_first = demands.clone();
        let prepare: Prepare = Box::new(move |row, call, snapshot, body| {
            let input = read_fields::<O>(body);
            let demanded = demanded_first(&input, call, snapshot);
            let passed =
                gate::pass::<O, P>(row, call, snapshot, demanded, |at| prepare(at, snapshot, &input));
            PreparedRun::of(passed)
        });
        let write: Write = Box::new(move |row, call, tx, body| {
            let input = read_fields::<O>(body);
            let snapshot = tx.snapshot().clone();
            let demanded = demands(&input, call, &snapshot);
            gate::pass::<O, O::Output>(row, call, &snapshot, demanded, |at| {
                let prepared = prepared::<P>(call)?;
                handler(at, tx, input, &prepared)
            })
            .map(shape)
        });
        Self::new(service, O::NAME, Run::Prepared { prepare, write })
    }

    /// The same for an operation of our own service.
    pub fn own_write_prepared<O: Any, I: DeserializeOwned + 'static, T: Serialize + 'static, P>(
        name: &'static str,
        demands: impl Fn(&I, &Call, &Snapshot) -> Demanded + Send + Sync + Clone + 'static,
        prepare: PrepareHandler<O, I, P>,
        handler: PreparedHandler<O, I, P, T>,
    ) -> Self
    where
        P: Any + Send + Sync,
    {
        let demanded_first = demands.clone();
        let prepare: Prepare = Box::new(move |row, call, snapshot, body| match read_json::<I>(body) {
            Ok(input) => {
                let demanded = demanded_first(&input, call, snapshot);
                let passed =
                    gate::pass::<O, P>(row, call, snapshot, demanded, |at| prepare(at, snapshot, &input));
                PreparedRun::of(passed)
            }
            Err(fault) => PreparedRun { result: Err(fault), resources: Vec::new() },
        });
        let write: Write = Box::new(move |row, call, tx, body| match read_json::<I>(body) {
            Ok(input) => {
                let snapshot = tx.snapshot().clone();
                let demanded = demands(&input, call, &snapshot);
                gate::pass::<O, T>(row, call, &snapshot, demanded, |at| {
                    let prepared = prepared::<P>(call)?;
                    handler(at, tx, input, &prepared)
                })
                .map(json)
            }
            Err(fault) => Ran { result: Err(fault), resources: Vec::new() },
        });
        Self::new("bailiwick", name, Run::Prepared { prepare, write })
    }

    /// Runs a read apart from the threads of the connections.
    #[must_use]
    pub fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Makes out the sender of a request without a signature by what the input carries. Runs apart from the threads
    /// of the connections, since it may hash a password or ask a provider for its keys.
    #[must_use]
    pub fn identify<O: Operation>(mut self, identify: IdentifyHandler<O::Input>) -> Self {
        self.identify = Some(Box::new(move |stranger, snapshot, body| {
            identify(stranger, snapshot, &read_fields::<O>(body))
        }));
        self
    }

    /// The same for an operation of our own service.
    #[must_use]
    pub fn own_identify<I: DeserializeOwned + 'static>(mut self, identify: IdentifyHandler<I>) -> Self {
        self.identify = Some(Box::new(move |stranger, snapshot, body| {
            identify(stranger, snapshot, &read_json::<I>(body)?)
        }));
        self
    }

    /// An operation of our own service that changes nothing; `O` only marks the proof.
    pub fn own_read<O: Any, I: DeserializeOwned + 'static, T: Serialize + 'static>(
        name: &'static str,
        demands: impl Fn(&I, &Call, &Snapshot) -> Demanded + Send + Sync + 'static,
        handler: ReadHandler<O, I, T>,
    ) -> Self {
        let run = Run::Read(Box::new(move |row, call, snapshot, body| match read_json::<I>(body) {
            Ok(input) => {
                let demanded = demands(&input, call, snapshot);
                gate::pass::<O, T>(row, call, snapshot, demanded, |allowed| handler(allowed, snapshot, input))
                    .map(json)
            }
            Err(fault) => Ran { result: Err(fault), resources: Vec::new() },
        }));
        Self::new("bailiwick", name, run)
    }

    /// An operation of our own service that changes something.
    pub fn own_write<O: Any, I: DeserializeOwned + 'static, T: Serialize + 'static>(
        name: &'static str,
        demands: impl Fn(&I, &Call, &Snapshot) -> Demanded + Send + Sync + 'static,
        handler: WriteHandler<O, I, T>,
    ) -> Self {
        let run = Run::Write(Box::new(move |row, call, tx, body| match read_json::<I>(body) {
            Ok(input) => {
                let snapshot = tx.snapshot().clone();
                let demanded = demands(&input, call, &snapshot);
                gate::pass::<O, T>(row, call, &snapshot, demanded, |allowed| handler(allowed, tx, input))
                    .map(json)
            }
            Err(fault) => Ran { result: Err(fault), resources: Vec::new() },
        }));
        Self::new("bailiwick", name, run)
    }

    /// An operation of our own service that sends a browser on.
    pub fn own_redirect<O: Any, I: DeserializeOwned + 'static>(
        name: &'static str,
        handler: fn(Allowed<'_, O>, &Snapshot, I) -> Result<Redirect, Fault>,
    ) -> Self {
        let run = Run::Read(Box::new(move |row, call, snapshot, body| {
            let result = read_json::<I>(body).and_then(|input| {
                let passed = gate::pass::<O, Redirect>(row, call, snapshot, Ok(Vec::new()), |allowed| {
                    handler(allowed, snapshot, input)
                });
                passed.result.map(Answer::Redirect)
            });
            Ran { result, resources: Vec::new() }
        }));
        Self::new("bailiwick", name, run)
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        matches!(self.run, Run::Write(_) | Run::Prepared { .. })
    }
}

impl PreparedRun {
    fn of<P: Any + Send + Sync>(passed: Passed<P>) -> Self {
        let result = passed.result.map(|made| Arc::new(made) as Prepared);
        Self { result, resources: passed.resources }
    }
}

/// What was made ahead of this call's transaction.
fn prepared<P: Any + Send + Sync>(call: &Call) -> Result<Arc<P>, Fault> {
    let made = call.prepared.clone().ok_or_else(Fault::internal)?;
    made.downcast::<P>().map_err(|_| Fault::internal())
}

/// A typed end of a call.
pub struct Passed<T> {
    /// The output or the fault.
    pub result: Result<T, Fault>,
    /// The resources that the demands named.
    pub resources: Vec<String>,
}

impl<T> Passed<T> {
    fn map(self, wrap: fn(T) -> Result<Answer, Fault>) -> Ran {
        Ran { result: self.result.and_then(wrap), resources: self.resources }
    }
}

fn shape<T: Structure + Send + 'static>(output: T) -> Result<Answer, Fault> {
    Ok(Answer::Shape(Box::new(output)))
}

fn json<T: Serialize>(output: T) -> Result<Answer, Fault> {
    serde_json::to_value(output).map(Answer::Json).map_err(|_| Fault::internal())
}

fn read_fields<O: Operation>(body: Body) -> O::Input {
    match body {
        Body::Fields(fields) => O::Input::read(fields),
        Body::Json(_) => O::Input::default(),
    }
}

fn read_json<I: DeserializeOwned>(body: Body) -> Result<I, Fault> {
    let value = match body {
        Body::Json(value) => value,
        Body::Fields(_) => serde_json::Value::Null,
    };
    serde_json::from_value(value).map_err(|error| {
        Fault::new("SerializationException", 400, format!("the request does not decode: {error}"))
    })
}
