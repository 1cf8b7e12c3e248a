//! The operation table: one row an operation, from which dispatch, gate, audit and documentation read.
//!
//! A row says how members of the input become resources and condition keys, and which handler answers. The
//! rest — names, shapes, constraints, resource types — comes from generated facts.

use crate::call::Call;
use crate::demand::Demand;
use crate::gate::{self, Allowed};
use directory::Tx;
use model::Snapshot;
use policy::catalogue::Catalogue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use wire::{Fault, Fields, Operation, Structure};

/// A decoded input.
#[derive(Debug, Clone)]
pub enum Body {
    /// Members of a generated shape, decoded and validated.
    Fields(Fields),
    /// An object of our own service.
    Json(serde_json::Value),
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

/// How a row's operation runs.
pub enum Run {
    /// On a snapshot.
    Read(Read),
    /// In a transaction.
    Write(Write),
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
}

/// A handler that reads: the proof that it may, the realm, the input.
pub type ReadHandler<O, I, T> = fn(Allowed<'_, O>, &Snapshot, I) -> Result<T, Fault>;
/// A handler that writes.
pub type WriteHandler<O, I, T> = fn(Allowed<'_, O>, &mut Tx<'_>, I) -> Result<T, Fault>;

/// What an operation's input demands.
pub type Demanded = Result<Vec<Demand>, Fault>;

impl Row {
    fn new(service: &str, name: &'static str, run: Run) -> Self {
        let action = format!("{service}:{name}");
        let wildcard_only = Catalogue::get().action(&action).is_some_and(|facts| facts.is_wildcard_only());
        Self { name, action, wildcard_only, run }
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

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        matches!(self.run, Run::Write(_))
    }
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
