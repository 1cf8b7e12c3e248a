//! Inputs made from the shapes of the operations: the required members, with values of `samples.rs` or, where the
//! shape alone tells enough, the smallest that its constraints let through.

use crate::harness::{ACCOUNT, Answer, Keys, World, allow, trust};
use crate::samples::{self, SUBJECT};
use std::cell::Cell;
use wire::schema::{Member, Shape, StructSchema};

/// A server with something of every kind to act on, and callers of any policy.
pub struct Stage {
    pub world: World,
    made: Cell<usize>,
    caller: Keys,
}

impl Stage {
    pub fn new() -> Self {
        let world = World::new();
        let caller = world.user("caller", "");
        samples::furnish(&world);
        Self { world, made: Cell::new(0), caller }
    }

    /// The one caller with this policy and no other.
    pub fn caller(&self, policy: &str) -> Keys {
        self.made.set(self.made.get() + 1);
        let params = [("UserName", "caller"), ("PolicyName", "p"), ("PolicyDocument", policy)];
        self.world.iam("PutUserPolicy", &params);
        self.caller.clone()
    }
}

/// One operation with an input for it.
#[derive(Debug)]
pub struct Input {
    service: &'static str,
    operation: &'static str,
    /// What is special about it; empty for the plain one.
    variant: String,
    params: Vec<(String, String)>,
    json: &'static str,
}

/// The inputs of an operation: the plain one, and one for each optional member that brings demands of its own.
pub fn variants(service: &'static str, operation: &'static str) -> Vec<Input> {
    if service == "bailiwick" {
        let plain = |json| Input { service, operation, variant: String::new(), params: Vec::new(), json };
        return vec![plain(samples::own(operation))];
    }
    let schema = if service == "iam" { &wire::iam::SERVICE } else { &wire::sts::SERVICE };
    let input = schema.operation(operation).unwrap().input;
    let made = |variant: &str, also: &[&str]| {
        let mut params = Vec::new();
        for member in input.map_or(&[][..], |input| input.members) {
            let is_wanted =
                member.required || also.contains(&member.name) || samples::is_given(operation, member.name);
            if is_wanted {
                write(operation, member.wire, member, &mut params);
            }
        }
        Input { service, operation, variant: variant.to_owned(), params, json: "" }
    };
    let mut all = vec![made("", &[])];
    for member in input.map_or(&[][..], |input| input.members) {
        if samples::SPECIAL.contains(&member.name) && !member.required {
            all.push(made(&format!("with {}", member.name), &[member.name]));
        }
    }
    all
}

fn write(operation: &str, name: &str, member: &'static Member, into: &mut Vec<(String, String)>) {
    write_shape(operation, member.name, name, member.shape, into);
}

fn write_shape(operation: &str, member: &str, name: &str, shape: Shape, into: &mut Vec<(String, String)>) {
    match shape {
        Shape::Structure(schema) => write_structure(operation, name, schema, into),
        Shape::List(list) => {
            let element =
                if list.flattened { format!("{name}.1") } else { format!("{name}.{}.1", list.element) };
            write_shape(operation, member, &element, list.member, into);
        }
        Shape::Map(map) => {
            into.push((format!("{name}.entry.1.{}", map.key_name), "sample".to_owned()));
            write_shape(operation, member, &format!("{name}.entry.1.{}", map.value_name), map.value, into);
        }
        _ => into.push((name.to_owned(), scalar(operation, member, shape))),
    }
}

fn write_structure(
    operation: &str,
    name: &str,
    schema: &'static StructSchema,
    into: &mut Vec<(String, String)>,
) {
    let some_required = schema.members.iter().any(|member| member.required);
    for (place, member) in schema.members.iter().enumerate() {
        // A structure whose members are all optional gets its first.
        if member.required || (!some_required && place == 0) {
            write(operation, &format!("{name}.{}", member.wire), member, into);
        }
    }
}

fn scalar(operation: &str, member: &str, shape: Shape) -> String {
    if let Some(sample) = samples::value(operation, member) {
        return sample;
    }
    match shape {
        Shape::String(schema) => match schema.values.first() {
            Some(value) => (*value).to_owned(),
            None => {
                let times = (schema.min.unwrap_or(1) as usize).div_ceil(6).max(1);
                let fits =
                    |text: &String| schema.pattern.as_ref().is_none_or(|pattern| pattern.matches(text));
                let texts = ["sample", "123456"].map(|text| text.repeat(times));
                texts.iter().find(|text| fits(text)).unwrap_or(&texts[0]).clone()
            }
        },
        Shape::Integer(schema) => schema.min.unwrap_or(1).to_string(),
        Shape::Boolean => "true".to_owned(),
        Shape::Timestamp(_) => "2026-01-02T03:04:05Z".to_owned(),
        Shape::Blob(_) => "c2FtcGxl".to_owned(),
        _ => "1".to_owned(),
    }
}

impl Input {
    /// `iam:CreateUser`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The name, with what is special.
    pub fn title(&self) -> String {
        if self.variant.is_empty() { self.name() } else { format!("{} {}", self.name(), self.variant) }
    }

    /// Sends it.
    pub fn send(&self, world: &World, who: &Keys) -> Answer {
        if self.service == "bailiwick" {
            return world.own_as(who, self.operation, self.json);
        }
        let params: Vec<_> =
            self.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match self.service {
            "sts" => world.sts_as(who, self.operation, &params),
            _ => world.iam_as(who, self.operation, &params),
        }
    }

    /// An input that the validation stops never reached the gate, so that nothing was learnt; neither was it from one
    /// for which nothing was demanded.
    pub fn check_reached(&self, answer: &Answer, demanded: bool) {
        let message = if answer.is_ok() { String::new() } else { answer.any_message() };
        let is_stopped =
            message.contains("failed to satisfy constraint") || answer.code() == "MissingParameter";
        assert!(
            !is_stopped && demanded,
            "{} demands nothing, or its sample input {:?} is refused before the gate: see samples.rs: {}",
            self.title(),
            self.params,
            answer.body
        );
    }
}

/// A trust policy that lets the account in, with tags and a source identity.
pub fn open_trust() -> String {
    trust(ACCOUNT)
        .replace("\"sts:AssumeRole\"", r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#)
}

/// A policy that allows listing users.
pub fn small_policy() -> String {
    allow(&["iam:ListUsers"])
}

/// The ARN of something in the account.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

/// The ARN of the subject's device.
pub fn device() -> String {
    arn(&format!("mfa/{SUBJECT}"))
}
