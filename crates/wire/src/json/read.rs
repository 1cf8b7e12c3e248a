//! JSON text into values.

use crate::fault::{Fault, shortened};
use crate::schema::{Shape, StructSchema, TimestampFormat};
use crate::value::{Fields, Value};
use crate::{base64, time};
use serde_json::Value as Json;

fn malformed(what: impl std::fmt::Display) -> Fault {
    Fault::new("SerializationException", 400, what.to_string())
}

/// Reads a body into the type of a service that uses serde; an empty body is an empty object.
///
/// # Errors
/// `SerializationException`, also for unknown or repeated members where the type refuses them.
pub fn input<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| malformed(shortened(&error.to_string(), 512)))
}

/// Reads a body into the members of `schema`; an empty body is an empty object.
///
/// # Errors
/// `SerializationException` for text that is not JSON and values that do not fit their shape.
pub fn parse(body: &[u8], schema: &'static StructSchema) -> Result<Fields, Fault> {
    read(input(body)?, schema)
}

/// Reads an object into the members of `schema`. Unknown members are ignored, `null` is absent.
///
/// # Errors
/// `SerializationException` for values that do not fit their shape.
pub fn read(json: Json, schema: &'static StructSchema) -> Result<Fields, Fault> {
    let Json::Object(mut object) = json else {
        return Err(malformed("Unexpected value where an object was expected"));
    };
    let mut fields = Fields::new(schema);
    for (place, member) in schema.members.iter().enumerate() {
        if let Some(json) = object.remove(member.wire) {
            fields.set(place, value(json, member.shape)?);
        }
    }
    Ok(fields)
}

fn value(json: Json, shape: Shape) -> Result<Value, Fault> {
    let wrong = |json: &Json, target: &str| {
        let kind = match json {
            Json::Null => "NULL_VALUE",
            Json::Bool(true) => "TRUE_VALUE",
            Json::Bool(false) => "FALSE_VALUE",
            Json::Number(_) => "NUMBER_VALUE",
            Json::String(_) => "STRING_VALUE",
            Json::Array(_) => return malformed("Unrecognized collection type"),
            Json::Object(_) => return malformed("Start of structure or map found where not expected."),
        };
        malformed(format_args!("{kind} can not be converted to {target}"))
    };
    Ok(match (shape, json) {
        (_, Json::Null) => Value::Null,
        (Shape::Structure(schema), object @ Json::Object(_)) => Value::Struct(read(object, schema)?),
        (Shape::List(list), Json::Array(elements)) => {
            Value::List(elements.into_iter().map(|it| value(it, list.member)).collect::<Result<_, _>>()?)
        }
        (Shape::Map(map), Json::Object(entries)) => Value::Map(
            entries
                .into_iter()
                .map(|(key, it)| Ok((key, value(it, map.value)?)))
                .collect::<Result<_, Fault>>()?,
        ),
        (Shape::String(_), Json::String(text)) => Value::String(text),
        (Shape::Boolean, Json::Bool(truth)) => Value::Boolean(truth),
        (Shape::Integer(schema), Json::Number(number)) => {
            // `1.0` is one, `1.5` is nothing.
            let whole =
                number.as_i64().or(number.as_f64().filter(|it| it.fract() == 0.0).map(|it| it as i64));
            match whole.filter(|it| schema.long || i32::try_from(*it).is_ok()) {
                Some(whole) => Value::Integer(whole),
                None => return Err(malformed("NUMBER_VALUE can not be converted to an Integer")),
            }
        }
        (Shape::Float, Json::Number(number)) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        (Shape::Float, Json::String(text)) if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") => {
            Value::Float(text.parse().unwrap_or(f64::NAN))
        }
        (Shape::Blob(_), Json::String(text)) => match base64::decode(&text) {
            Some(bytes) => Value::Blob(bytes),
            None => return Err(malformed("STRING_VALUE can not be converted to a Blob")),
        },
        (Shape::Timestamp(_), Json::Number(number)) => match number.as_f64().and_then(time::from_seconds) {
            Some(instant) => Value::Timestamp(instant),
            None => return Err(malformed("NUMBER_VALUE can not be converted to a Timestamp")),
        },
        (Shape::Timestamp(format), Json::String(text)) if format != TimestampFormat::UnixSeconds => {
            match time::read(&text) {
                Some(instant) => Value::Timestamp(instant),
                None => return Err(malformed("STRING_VALUE can not be converted to a Timestamp")),
            }
        }
        (shape, json) => {
            let target = match shape {
                Shape::Structure(_) => "a structure",
                Shape::List(_) => "a list",
                Shape::Map(_) => "a map",
                Shape::String(_) => "String",
                Shape::Blob(_) => "a Blob",
                Shape::Integer(_) => "an Integer",
                Shape::Float => "a Double",
                Shape::Boolean => "Boolean",
                Shape::Timestamp(_) => "a Timestamp",
            };
            return Err(wrong(&json, target));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::CreateUserRequest;
    use crate::json::{JsonWriter, Style};
    use crate::shape::Structure;
    use crate::sts::{AssumeRoleRequest, AssumeRoleResponse};

    #[test]
    fn there_and_back() {
        let text =
            r#"{"RoleArn":"a","DurationSeconds":900,"Tags":[{"Key":"k","Value":"v"}],"New":1,"Policy":null}"#;
        let input = AssumeRoleRequest::read(parse(text.as_bytes(), AssumeRoleRequest::schema()).unwrap());
        assert_eq!((input.duration_seconds, input.policy.as_deref()), (Some(900), None));
        let again = JsonWriter::structure(&input, Style::PROTOCOL);
        assert_eq!(
            AssumeRoleRequest::read(parse(again.as_bytes(), AssumeRoleRequest::schema()).unwrap()),
            input
        );
        let text = br#"{"Credentials":{"Expiration":1795330497.25}}"#;
        let output = AssumeRoleResponse::read(parse(text, AssumeRoleResponse::schema()).unwrap());
        assert!(JsonWriter::structure(&output, Style::PROTOCOL).contains("\"Expiration\":1795330497.250"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for bad in [
            "[]",
            "{",
            r#"{"UserName":1}"#,
            r#"{"UserName":{}}"#,
            r#"{"Tags":{}}"#,
            r#"{"Tags":["k"]}"#,
            "\u{0}",
        ] {
            let fault = parse(bad.as_bytes(), CreateUserRequest::schema()).unwrap_err();
            assert_eq!((fault.code.as_ref(), fault.status), ("SerializationException", 400), "{bad}");
        }
        assert!(parse(&[b'['; 100_000], CreateUserRequest::schema()).is_err());
    }
}
