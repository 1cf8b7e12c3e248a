//! Static schemas of a model: shapes, errors, operations, the service.

use super::model::{Metadata, Model, Operation, members, strings, target, text, truth};
use super::names::{field, shout, snake, type_name};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// All statics of the service.
pub(super) fn all(model: &Model) -> Result<String> {
    let mut out = String::from("pub mod schema {\nuse crate::schema::*;\n");
    let mut taken = BTreeMap::new();
    for name in model.reached()? {
        let mut one = shape(model, &name)?;
        if flattened_somewhere(model, &name)? {
            one += &shape_named(model, &name, &flattened_name(&name), true)?;
        }
        if !one.is_empty()
            && let Some(other) = taken.insert(shout(&name), name.clone())
        {
            bail!("shapes `{name}` and `{other}` have one name in Rust");
        }
        out += &one;
    }
    out += "}\n\n";
    out += &errors(model)?;
    out += &operations(model)?;
    out += &service(model)?;
    Ok(out)
}

/// Whether some member flattens this list or map though the shape itself is not flat: the flat form is then a
/// schema of its own, so that codecs need to look in one place only.
fn flattened_somewhere(model: &Model, name: &str) -> Result<bool> {
    if truth(model.shape(name)?, "flattened") {
        return Ok(false);
    }
    let flattens =
        |at: &Value| target(at).ok() == Some(name) && at.get("flattened") == Some(&Value::Bool(true));
    Ok(model
        .shapes
        .values()
        .filter_map(Value::as_object)
        .any(|shape| members(shape).into_iter().any(|(_, at)| flattens(at))))
}

fn flattened_name(name: &str) -> String {
    shout(name) + "_FLAT"
}

/// The static of one shape; empty for shapes that carry nothing but their type.
fn shape(model: &Model, name: &str) -> Result<String> {
    shape_named(model, name, &shout(name), truth(model.shape(name)?, "flattened"))
}

fn shape_named(model: &Model, name: &str, rust: &str, flattened: bool) -> Result<String> {
    let shape = model.shape(name)?;
    let sensitive = truth(shape, "sensitive");
    let range = format!("min: {}, max: {}", number(shape, "min"), number(shape, "max"));
    Ok(match model.kind(name)? {
        "structure" => structure(model, name, shape)?,
        "list" => {
            let member = shape.get("member").context("a list without members")?;
            format!(
                "pub static {rust}: ListSchema = ListSchema {{ name: {name:?}, member: {}, element: {:?},
                 flattened: {}, {range}, sensitive: {sensitive} }};\n",
                reference(model, member)?,
                wire(member).unwrap_or("member"),
                flattened,
            )
        }
        "map" => {
            let (key, value) = (shape.get("key").context("no key")?, shape.get("value").context("no value")?);
            format!(
                "pub static {rust}: MapSchema = MapSchema {{ name: {name:?}, key: &{}, value: {},
                 key_name: {:?}, value_name: {:?}, flattened: {}, {range}, sensitive: {sensitive} }};\n",
                shout(target(key)?),
                reference(model, value)?,
                wire(key).unwrap_or("key"),
                wire(value).unwrap_or("value"),
                flattened,
            )
        }
        "string" | "character" => {
            let pattern = match text(shape, "pattern") {
                Some(pattern) => format!("Some(crate::pattern::Pattern::new({pattern:?}))"),
                None => "None".to_owned(),
            };
            format!(
                "pub static {rust}: StringSchema = StringSchema {{ name: {name:?}, {range}, pattern: {pattern},
                 values: &{:?}, sensitive: {sensitive} }};\n",
                strings(shape.get("enum")),
            )
        }
        "blob" => format!(
            "pub static {rust}: BlobSchema = BlobSchema {{ name: {name:?}, {range}, sensitive: {sensitive} }};\n"
        ),
        kind @ ("integer" | "long") => format!(
            "pub static {rust}: IntegerSchema = IntegerSchema {{ name: {name:?}, {range}, long: {} }};\n",
            kind == "long"
        ),
        _ => String::new(),
    })
}

fn structure(model: &Model, name: &str, shape: &Map<String, Value>) -> Result<String> {
    let required = strings(shape.get("required"));
    let payload = text(shape, "payload");
    let mut listed = String::new();
    for (member, at) in members(shape) {
        let location = match at.get("location").and_then(Value::as_str) {
            Some("header") => "Header",
            Some("headers") => "Headers",
            Some("uri") => "Uri",
            Some("querystring") => "Query",
            Some("statusCode") => "StatusCode",
            Some(other) => bail!("unknown location `{other}`"),
            None if payload == Some(member) => "Payload",
            None => "Body",
        };
        writeln!(
            listed,
            "Member {{ name: {member:?}, wire: {:?}, field: {:?}, shape: {}, required: {},
             location: Location::{location}, idempotency_token: {} }},",
            wire(at).or(flattened_element(model, at)?).unwrap_or(member),
            field(member),
            reference(model, at)?,
            required.iter().any(|needed| needed == member),
            at.get("idempotencyToken").and_then(Value::as_bool).unwrap_or(false),
        )?;
    }
    Ok(format!(
        "pub static {}: StructSchema = StructSchema {{ name: {name:?}, members: &[{listed}], union: {},
         sensitive: {} }};\n",
        shout(name),
        truth(shape, "union"),
        truth(shape, "sensitive"),
    ))
}

/// What the elements of a list are called that is flat by itself: they stand under that name. (Where a member
/// flattens the list, the name of the member counts.)
fn flattened_element<'m>(model: &'m Model, at: &Value) -> Result<Option<&'m str>> {
    let shape = model.shape(target(at)?)?;
    Ok(shape.get("member").filter(|_| truth(shape, "flattened")).and_then(wire))
}

fn wire(reference: &Value) -> Option<&str> {
    reference.get("locationName").and_then(Value::as_str)
}

/// A `Shape` that refers to the static of the reference's target.
fn reference(model: &Model, at: &Value) -> Result<String> {
    let name = target(at)?;
    let shape = model.shape(name)?;
    let flat = at.get("flattened") == Some(&Value::Bool(true)) && !truth(shape, "flattened");
    let rust = if flat { flattened_name(name) } else { shout(name) };
    Ok(match model.kind(name)? {
        "structure" => format!("Shape::Structure(&{rust})"),
        "list" => format!("Shape::List(&{rust})"),
        "map" => format!("Shape::Map(&{rust})"),
        "string" | "character" => format!("Shape::String(&{rust})"),
        "blob" => format!("Shape::Blob(&{rust})"),
        "integer" | "long" => format!("Shape::Integer(&{rust})"),
        "float" | "double" => "Shape::Float".to_owned(),
        "boolean" => "Shape::Boolean".to_owned(),
        "timestamp" => {
            let format = at.get("timestampFormat").and_then(Value::as_str).or(text(shape, "timestampFormat"));
            let format = match format {
                None => "Protocol",
                Some("iso8601") => "Iso8601",
                Some("unixTimestamp") => "UnixSeconds",
                Some("rfc822") => "Rfc822",
                Some(other) => bail!("unknown timestamp format `{other}`"),
            };
            format!("Shape::Timestamp(TimestampFormat::{format})")
        }
        other => bail!("shape `{name}` has the unknown type `{other}`"),
    })
}

fn number(shape: &Map<String, Value>, key: &str) -> String {
    match shape.get(key).and_then(Value::as_i64) {
        Some(number) => format!("Some({number})"),
        None => "None".to_owned(),
    }
}

fn optional(value: Option<&str>) -> String {
    match value {
        Some(value) => format!("Some({value:?})"),
        None => "None".to_owned(),
    }
}

fn error_name(shape: &str) -> String {
    shout(shape.strip_suffix("Exception").filter(|rest| !rest.is_empty()).unwrap_or(shape))
}

fn errors(model: &Model) -> Result<String> {
    let mut out = String::from("pub mod errors {\nuse crate::schema::ErrorSchema;\n");
    let mut used = BTreeSet::new();
    for operation in &model.operations {
        used.extend(operation.errors.iter().map(|error| error.shape.clone()));
    }
    for name in used {
        let shape = model.shape(&name)?;
        let error = shape.get("error").and_then(Value::as_object).cloned().unwrap_or_default();
        let fault = truth(shape, "fault");
        let status =
            error.get("httpStatusCode").and_then(Value::as_u64).unwrap_or(if fault { 500 } else { 400 });
        writeln!(
            out,
            "pub static {}: ErrorSchema = ErrorSchema {{ shape: {name:?}, code: {:?}, status: {status}, sender: {} }};",
            error_name(&name),
            text(&error, "code").unwrap_or(&name),
            status < 500,
        )?;
    }
    Ok(out + "}\n\n")
}

fn operations(model: &Model) -> Result<String> {
    let mut links =
        String::from("pub mod ops {\nuse super::operations;\nuse crate::schema::*;\nuse crate::shape::*;\n");
    let mut statics =
        String::from("pub mod operations {\nuse super::{errors, schema};\nuse crate::schema::*;\n");
    for operation in &model.operations {
        statics += &operation_static(model, operation)?;
        let of = |reference: &Option<super::model::ShapeRef>| match reference {
            Some(reference) => format!("super::{}", type_name(&reference.shape)),
            None => "Unit".to_owned(),
        };
        writeln!(
            links,
            "#[derive(Debug, Clone, Copy)]\npub struct {name};\nimpl Operation for {name} {{ type Input = {}; type Output = {};
             const NAME: &'static str = {name:?};
             fn schema() -> &'static OperationSchema {{ &operations::{} }} }}\n",
            of(&operation.input),
            of(&operation.output),
            shout(&operation.name),
            name = operation.name,
        )?;
    }
    Ok(statics + "}\n\n" + &links + "}\n\n")
}

fn operation_static(model: &Model, operation: &Operation) -> Result<String> {
    let schema = |reference: &Option<super::model::ShapeRef>| match reference {
        Some(reference) => format!("Some(&schema::{})", shout(&reference.shape)),
        None => "None".to_owned(),
    };
    let errors: Vec<_> =
        operation.errors.iter().map(|error| format!("&errors::{}", error_name(&error.shape))).collect();
    Ok(format!(
        "pub static {}: OperationSchema = OperationSchema {{ name: {:?}, input: {}, output: {}, result_wrapper: {},
         errors: &[{}], pagination: {}, method: {:?}, uri: {:?}, unsigned: {} }};\n",
        shout(&operation.name),
        operation.name,
        schema(&operation.input),
        schema(&operation.output),
        optional(operation.output.as_ref().and_then(|output| output.result_wrapper.as_deref())),
        errors.join(", "),
        pagination(model.paginators.get(&operation.name)),
        operation.http.method,
        operation.http.request_uri,
        operation.authtype.as_deref() == Some("none"),
    ))
}

fn pagination(value: Option<&Value>) -> String {
    let Some(value) = value else { return "None".to_owned() };
    let one = |key: &str| optional(value.get(key).and_then(Value::as_str));
    let many = |key: &str| format!("&{:?}", strings(value.get(key)));
    format!(
        "Some(Pagination {{ input_tokens: {}, output_tokens: {}, more_results: {}, limit_key: {}, result_keys: {} }})",
        many("input_token"),
        many("output_token"),
        one("more_results"),
        one("limit_key"),
        many("result_key"),
    )
}

/// The variant of `Protocol`.
pub(super) fn protocol(metadata: &Metadata) -> Result<&'static str> {
    Ok(match (metadata.protocol.as_str(), metadata.json_version.as_deref()) {
        ("query", _) => "Query",
        ("ec2", _) => "Ec2",
        ("json", Some("1.1")) => "Json11",
        ("json", _) => "Json10",
        ("rest-json", _) => "RestJson",
        ("rest-xml", _) => "RestXml",
        ("smithy-rpc-v2-cbor", _) => "Cbor",
        (other, _) => bail!("unknown protocol `{other}`"),
    })
}

fn service(model: &Model) -> Result<String> {
    let metadata = &model.metadata;
    let operations: Vec<_> =
        model.operations.iter().map(|operation| format!("&operations::{}", shout(&operation.name))).collect();
    let signing = metadata.signing_name.as_deref().unwrap_or(&metadata.endpoint_prefix);
    Ok(format!(
        "pub static SERVICE: ServiceSchema = ServiceSchema {{ id: {:?}, endpoint_prefix: {:?}, signing_name: {signing:?},
         api_version: {:?}, protocol: Protocol::{}, xml_namespace: {}, target_prefix: {}, global_endpoint: {},
         operations: &[{}] }};\n",
        snake(&model.id).replace('_', "-"),
        metadata.endpoint_prefix,
        metadata.api_version,
        protocol(metadata)?,
        optional(metadata.xml_namespace.as_deref()),
        optional(metadata.target_prefix.as_deref()),
        optional(metadata.global_endpoint.as_deref()),
        operations.join(", "),
    ))
}
