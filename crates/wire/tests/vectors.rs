//! The protocol vectors of botocore's source tree: `tests/unit/protocols` of its source distribution.
//!
//! Runs when `BAILIWICK_PROTOCOL_VECTORS` names that folder; the vectors stay out of the repository. The
//! schemas are built from the vectors' own shapes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a test asks for its judge")]

use bailiwick_wire as wire;

use base::Timestamp;
use serde_json::{Map, Value as Json, json};
use std::path::PathBuf;
use wire::json::{JsonWriter, Style};
use wire::query::{self, Params};
use wire::schema::*;
use wire::shape::{ShapeWriter, Structure, UNIT, write_fields};
use wire::xml::{self, Element};
use wire::{Fields, Value, reply};

/// Cases about what is not built: hosts, compression, retries, defaults of the client's side.
const OTHER_MATTERS: &[&str] = &[
    "IdempotencyToken",
    "ContentEncoding",
    "Gzip",
    "InlineDocument",
    // Empty maps cannot be told from absent ones in a form.
    "QueryEmptyQueryMaps",
    "Host",
    "Compression",
    "Endpoint",
    "Event",
    "ClientPopulatesDefault",
    "ClientIgnores",
    "ClientUsesExplicitly",
];

/// Shapes deeper than this are cut: statics cannot be made to refer to themselves at run time.
const DEEPEST: usize = 13;

fn suites(direction: &str, protocol: &str) -> Option<Vec<Json>> {
    let Some(folder) = std::env::var_os("BAILIWICK_PROTOCOL_VECTORS") else {
        println!("skipped: BAILIWICK_PROTOCOL_VECTORS names no folder");
        return None;
    };
    let path = PathBuf::from(folder).join(direction).join(format!("{protocol}.json"));
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn name(text: &str) -> &'static str {
    kept(text.to_owned())
}

fn shape(shapes: &Json, at: &Json, depth: usize) -> Shape {
    let target = at["shape"].as_str().unwrap();
    let it = &shapes[target];
    let flattened = at["flattened"] == true || it["flattened"] == true;
    let named = |at: &Json, other: &str| name(at["locationName"].as_str().unwrap_or(other));
    let text = || {
        kept(StringSchema {
            name: name(target),
            min: None,
            max: None,
            pattern: None,
            values: &[],
            sensitive: false,
        })
    };
    if depth > DEEPEST {
        return Shape::String(text());
    }
    match it["type"].as_str().unwrap() {
        "structure" => Shape::Structure(structure(shapes, target, depth + 1)),
        "list" => Shape::List(kept(ListSchema {
            name: name(target),
            member: shape(shapes, &it["member"], depth + 1),
            element: named(&it["member"], "member"),
            flattened,
            min: None,
            max: None,
            sensitive: false,
        })),
        "map" => Shape::Map(kept(MapSchema {
            name: name(target),
            key: text(),
            value: shape(shapes, &it["value"], depth + 1),
            key_name: named(&it["key"], "key"),
            value_name: named(&it["value"], "value"),
            flattened,
            min: None,
            max: None,
            sensitive: false,
        })),
        "blob" => {
            Shape::Blob(kept(BlobSchema { name: name(target), min: None, max: None, sensitive: false }))
        }
        "integer" => {
            Shape::Integer(kept(IntegerSchema { name: name(target), min: None, max: None, long: false }))
        }
        "long" => {
            Shape::Integer(kept(IntegerSchema { name: name(target), min: None, max: None, long: true }))
        }
        "float" | "double" => Shape::Float,
        "boolean" => Shape::Boolean,
        "timestamp" => {
            let format = at["timestampFormat"].as_str().or(it["timestampFormat"].as_str());
            Shape::Timestamp(match format {
                Some("iso8601") => TimestampFormat::Iso8601,
                Some("unixTimestamp") => TimestampFormat::UnixSeconds,
                Some("rfc822") => TimestampFormat::Rfc822,
                _ => TimestampFormat::Protocol,
            })
        }
        _ => Shape::String(text()),
    }
}

fn flattened_element<'a>(shapes: &'a Json, at: &Json) -> Option<&'a str> {
    let it = &shapes[at["shape"].as_str().unwrap()];
    it["member"]["locationName"].as_str().filter(|_| it["flattened"] == true)
}

fn structure(shapes: &Json, target: &str, depth: usize) -> &'static StructSchema {
    let members = shapes[target]["members"].as_object().cloned().unwrap_or_default();
    let members: Vec<Member> = members
        .iter()
        .map(|(member, at)| Member {
            name: name(member),
            wire: name(at["locationName"].as_str().or(flattened_element(shapes, at)).unwrap_or(member)),
            field: "",
            shape: shape(shapes, at, depth + 1),
            required: false,
            location: Location::Body,
            idempotency_token: false,
        })
        .collect();
    kept(StructSchema { name: name(target), members: members.leak(), union: false, sensitive: false })
}

/// A value as the vectors write it.
fn value(json: &Json, shape: Shape) -> Value {
    match (shape, json) {
        (_, Json::Null) => Value::Null,
        (Shape::Structure(schema), _) => Value::Struct(fields(json, schema)),
        (Shape::List(list), Json::Array(elements)) => {
            Value::List(elements.iter().map(|it| value(it, list.member)).collect())
        }
        (Shape::Map(map), Json::Object(entries)) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(key, it)| (key.clone(), value(it, map.value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(entries)
        }
        (Shape::String(_), Json::String(text)) => Value::String(text.clone()),
        (Shape::Blob(_), Json::String(text)) => Value::Blob(text.clone().into_bytes()),
        (Shape::Integer(_), Json::Number(number)) => Value::Integer(number.as_i64().unwrap()),
        (Shape::Float, Json::Number(number)) => Value::Float(number.as_f64().unwrap()),
        (Shape::Float, Json::String(text)) => Value::Float(text.parse().unwrap()),
        (Shape::Boolean, Json::Bool(truth)) => Value::Boolean(*truth),
        (Shape::Timestamp(_), Json::Number(number)) => {
            Value::Timestamp(wire::time::from_seconds(number.as_f64().unwrap()).unwrap())
        }
        (shape, json) => panic!("{shape:?}: {json}"),
    }
}

fn fields(json: &Json, schema: &'static StructSchema) -> Fields {
    let mut fields = Fields::new(schema);
    for (place, member) in schema.members.iter().enumerate() {
        fields.set(place, value(&json[member.name], member.shape));
    }
    fields
}

/// Maps have no order in the vectors; absent elements are left out.
fn ordered(value: Value) -> Value {
    match value {
        Value::Map(mut entries) => {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(entries.into_iter().map(|(key, it)| (key, ordered(it))).collect())
        }
        Value::List(elements) => Value::List(elements.into_iter().map(ordered).collect()),
        Value::Struct(fields) => Value::Struct(ordered_fields(fields)),
        other => other,
    }
}

fn ordered_fields(fields: Fields) -> Fields {
    let mut out = Fields::new(fields.schema());
    for (place, value) in
        fields.schema().members.iter().enumerate().map(|(place, _)| (place, fields.at(place).clone()))
    {
        out.set(place, ordered(value));
    }
    out
}

/// Not a number is equal to itself here.
#[track_caller]
fn equal(id: &str, got: Fields, expected: Fields) {
    assert_eq!(format!("{:#?}", ordered_fields(got)), format!("{:#?}", ordered_fields(expected)), "{id}");
}

struct Dynamic(Fields);

impl Structure for Dynamic {
    fn schema() -> &'static StructSchema {
        &UNIT
    }
    fn read(fields: Fields) -> Self {
        Self(fields)
    }
    fn write(&self, to: &mut dyn ShapeWriter) {
        write_fields(&self.0, to);
    }
    fn schema_of(&self) -> &'static StructSchema {
        self.0.schema()
    }
}

/// Every case of a file with the schema of its input or output.
fn cases(direction: &str, protocol: &str, run: &dyn Fn(&str, &Json, &Json, &'static StructSchema)) {
    let mut count = 0;
    for suite in suites(direction, protocol).into_iter().flatten() {
        for case in suite["cases"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            if OTHER_MATTERS.iter().any(|other| id.contains(other)) {
                continue;
            }
            let schema = match case["given"][direction]["shape"].as_str() {
                Some(target) => structure(&suite["shapes"], target, 0),
                None => &UNIT,
            };
            run(id, &suite, case, schema);
            count += 1;
        }
    }
    println!("{direction} {protocol}: {count} cases");
}

fn service(suite: &Json, protocol: Protocol) -> &'static ServiceSchema {
    kept(ServiceSchema {
        id: "vector",
        endpoint_prefix: "vector",
        signing_name: "vector",
        api_version: name(suite["metadata"]["apiVersion"].as_str().unwrap_or_default()),
        protocol,
        xml_namespace: Some("https://example.com/"),
        target_prefix: None,
        global_endpoint: None,
        operations: &[],
    })
}

fn operation(case: &Json, schema: &'static StructSchema) -> &'static OperationSchema {
    let given = &case["given"];
    kept(OperationSchema {
        name: name(given["name"].as_str().unwrap()),
        input: None,
        output: Some(schema),
        result_wrapper: given["output"]["resultWrapper"].as_str().map(name),
        errors: &[],
        pagination: None,
        method: "POST",
        uri: "/",
        unsigned: false,
    })
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let params = Params::parse(None, Some(form.as_bytes())).unwrap();
    let mut pairs: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.sort();
    pairs
}

#[test]
fn query_inputs() {
    cases("input", "query", &|id, suite, case, schema| {
        let given = fields(&case["params"], schema);
        let body = case["serialized"]["body"].as_str().unwrap_or_default();
        let ours =
            query::encode(service(suite, Protocol::Query), operation(case, schema), &Dynamic(given.clone()));
        assert_eq!(pairs(&ours), pairs(body), "{id}");
        let params = Params::parse(None, Some(body.as_bytes())).unwrap();
        equal(id, query::decode(&params, schema).unwrap(), given);
    });
}

#[test]
fn query_outputs() {
    cases("output", "query", &|id, suite, case, schema| {
        let body = case["response"]["body"].as_str().unwrap_or_default();
        if case.get("error").is_some() || body.is_empty() {
            return;
        }
        let operation = operation(case, schema);
        let read = |text: &str| {
            let root = Element::parse(text).unwrap();
            let result = root.children.iter().find(|child| child.name.ends_with("Result"));
            xml::members(result.unwrap_or(&root), schema).unwrap()
        };
        let expected = fields(&case["result"], schema);
        equal(id, read(body), expected.clone());
        if id.contains("FractionalSeconds") {
            // They are read, but answers are written in whole seconds, as IAM does.
            return;
        }
        let reply =
            reply::success(service(suite, Protocol::Query), operation, &Dynamic(expected.clone()), "id");
        equal(id, read(std::str::from_utf8(&reply.body).unwrap()), expected);
    });
}

#[test]
fn json_inputs() {
    for protocol in ["json", "json_1_0"] {
        cases("input", protocol, &|id, _, case, schema| {
            let Some(body) = case["serialized"]["body"].as_str().filter(|body| !body.is_empty()) else {
                return;
            };
            let given = fields(&case["params"], schema);
            let ours: Json = serde_json::from_str(&JsonWriter::fields(&given, Style::PROTOCOL)).unwrap();
            let theirs: Json = serde_json::from_str(body).unwrap();
            assert_eq!(numbers(ours), numbers(theirs), "{id}");
            equal(id, wire::json::parse(body.as_bytes(), schema).unwrap(), given);
        });
    }
}

#[test]
fn json_outputs() {
    for protocol in ["json", "json_1_0"] {
        cases("output", protocol, &|id, _, case, schema| {
            let body = case["response"]["body"].as_str().unwrap_or_default();
            if case.get("error").is_some() || id.contains("Error") || id.contains("Defaults") {
                return;
            }
            equal(id, wire::json::parse(body.as_bytes(), schema).unwrap(), fields(&case["result"], schema));
        });
    }
}

/// One and 1.0 are one number.
fn numbers(json: Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(elements) => Json::Array(elements.into_iter().map(numbers).collect()),
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(key, it)| (key, numbers(it))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

#[test]
fn instants_of_vectors_are_exact() {
    assert_eq!(wire::time::from_seconds(1_398_796_238.123), Some(Timestamp::from_millis(1_398_796_238_123)));
}
