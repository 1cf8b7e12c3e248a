//! Parameters into the members of an input, as its schema says.
//!
//! Parameters that the schema does not know are ignored, as AWS does; one that it knows but cannot read is
//! `MalformedInput`.

use super::Params;
use crate::fault::{Fault, shortened};
use crate::schema::{ListSchema, MapSchema, Shape, StructSchema};
use crate::split::parts;
use crate::value::{Fields, Value};
use crate::{base64, time};
use std::collections::BTreeMap;

/// Dots in a parameter's name.
const DEEPEST: usize = 24;

/// Reads the members of `schema` from the parameters.
///
/// # Errors
/// `MalformedInput` for values that do not fit their shape.
pub fn decode(params: &Params<'_>, schema: &'static StructSchema) -> Result<Fields, Fault> {
    if !params.iter().any(|(name, _)| name.contains('.')) {
        return flat(params, schema);
    }
    let mut root = Node::default();
    for (name, value) in params.iter() {
        root.insert(name, value)?;
    }
    structure(&root, schema)
}

/// Reads parameters none of which is within another, as those of most requests: there is no tree to be made.
fn flat(params: &Params<'_>, schema: &'static StructSchema) -> Result<Fields, Fault> {
    let mut fields = Fields::new(schema);
    for (place, member) in schema.members.iter().enumerate() {
        if let Some(text) = params.get(member.wire) {
            let node = Node { text: Some(text), children: BTreeMap::new() };
            fields.set(place, value(&node, member.shape, member.wire)?);
        }
    }
    Ok(fields)
}

/// The parameters as a tree over the segments of their names.
#[derive(Default)]
struct Node<'p> {
    text: Option<&'p str>,
    children: BTreeMap<&'p str, Node<'p>>,
}

impl<'p> Node<'p> {
    fn insert(&mut self, name: &'p str, value: &'p str) -> Result<(), Fault> {
        let mut node = self;
        for (depth, segment) in parts(name, b'.').enumerate() {
            if depth == DEEPEST {
                return Err(malformed(name, "is nested too deeply"));
            }
            node = node.children.entry(segment).or_default();
        }
        node.text = Some(value);
        Ok(())
    }

    /// The children whose names are numbers, in the order of the numbers. Gaps close.
    fn numbered(&self, path: &str) -> Result<Vec<&Node<'p>>, Fault> {
        let mut found = Vec::with_capacity(self.children.len());
        for (name, child) in &self.children {
            // One spelling per number: `1` and `01` would be two values of one element.
            let canonical = !name.is_empty() && name.len() <= 9 && !name.starts_with('0');
            match name.parse::<u32>() {
                Ok(number) if canonical && name.bytes().all(|digit| digit.is_ascii_digit()) => {
                    found.push((number, child));
                }
                _ => return Err(malformed(path, "has an element that is not numbered from 1")),
            }
        }
        found.sort_unstable_by_key(|(number, _)| *number);
        Ok(found.into_iter().map(|(_, child)| child).collect())
    }

    fn scalar(&self, path: &str) -> Result<&'p str, Fault> {
        match self.text {
            Some(text) if self.children.is_empty() => Ok(text),
            _ => Err(malformed(path, "must be a single value")),
        }
    }
}

fn malformed(path: &str, what: &str) -> Fault {
    Fault::malformed_input(format!("The parameter {} {what}", shortened(path, 128)))
}

fn structure(node: &Node<'_>, schema: &'static StructSchema) -> Result<Fields, Fault> {
    let mut fields = Fields::new(schema);
    for (place, member) in schema.members.iter().enumerate() {
        if let Some(child) = node.children.get(member.wire) {
            fields.set(place, value(child, member.shape, member.wire)?);
        }
    }
    Ok(fields)
}

fn value(node: &Node<'_>, shape: Shape, path: &str) -> Result<Value, Fault> {
    Ok(match shape {
        Shape::Structure(schema) => {
            nested(node, path)?;
            Value::Struct(structure(node, schema)?)
        }
        Shape::List(schema) => list(node, schema, path)?,
        Shape::Map(schema) => map(node, schema, path)?,
        Shape::String(_) => Value::String(node.scalar(path)?.to_owned()),
        Shape::Blob(_) => match base64::decode(node.scalar(path)?) {
            Some(bytes) => Value::Blob(bytes),
            None => return Err(malformed(path, "must be base64")),
        },
        Shape::Integer(schema) => match node.scalar(path)?.parse::<i64>() {
            Ok(number) if schema.long || i32::try_from(number).is_ok() => Value::Integer(number),
            _ => return Err(malformed(path, "must be an integer")),
        },
        Shape::Float => match node.scalar(path)?.parse::<f64>() {
            Ok(number) => Value::Float(number),
            Err(_) => return Err(malformed(path, "must be a number")),
        },
        Shape::Boolean => match node.scalar(path)? {
            text if text.eq_ignore_ascii_case("true") => Value::Boolean(true),
            text if text.eq_ignore_ascii_case("false") => Value::Boolean(false),
            _ => return Err(malformed(path, "must be true or false")),
        },
        Shape::Timestamp(_) => match time::read(node.scalar(path)?) {
            Some(instant) => Value::Timestamp(instant),
            None => return Err(malformed(path, "must be a timestamp")),
        },
    })
}

/// A composite has no text of its own, but an empty one is how clients send an empty list.
fn nested(node: &Node<'_>, path: &str) -> Result<(), Fault> {
    match node.text {
        Some(text) if !text.is_empty() || !node.children.is_empty() => {
            Err(malformed(path, "must not be a single value"))
        }
        _ => Ok(()),
    }
}

fn list(node: &Node<'_>, schema: &'static ListSchema, path: &str) -> Result<Value, Fault> {
    nested(node, path)?;
    let mut elements = Vec::new();
    let numbered = if schema.flattened { Some(node) } else { node.children.get(schema.element) };
    if let Some(numbered) = numbered {
        for child in numbered.numbered(path)? {
            elements.push(value(child, schema.member, path)?);
        }
    }
    Ok(Value::List(elements))
}

fn map(node: &Node<'_>, schema: &'static MapSchema, path: &str) -> Result<Value, Fault> {
    nested(node, path)?;
    let mut entries: Vec<(String, Value)> = Vec::new();
    let numbered = if schema.flattened { Some(node) } else { node.children.get("entry") };
    if let Some(numbered) = numbered {
        for child in numbered.numbered(path)? {
            let key = child.children.get(schema.key_name).map(|key| key.scalar(path)).transpose()?;
            let Some(key) = key else { return Err(malformed(path, "has an entry without a key")) };
            let entry = match child.children.get(schema.value_name) {
                Some(node) => value(node, schema.value, path)?,
                None => Value::Null,
            };
            entries.push((key.to_owned(), entry));
        }
    }
    let mut keys: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
        return Err(malformed(path, "has a key twice"));
    }
    Ok(Value::Map(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{CreateUserRequest, GenerateOrganizationsAccessReportRequest, Tag};
    use crate::shape::Structure;
    use crate::sts::AssumeRoleRequest;

    fn read<T: Structure>(text: &str) -> Result<T, Fault> {
        let params = Params::parse(None, Some(text.as_bytes())).unwrap();
        decode(&params, T::schema()).map(T::read)
    }

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn a_request_becomes_its_type() {
        let input: CreateUserRequest = read(
            "Action=CreateUser&Version=2010-05-08&UserName=Bob&Tags.member.10.Key=c&Tags.member.10.Value=3\
             &Tags.member.2.Key=a&Tags.member.2.Value=1&Tags.member.9.Value=&Tags.member.9.Key=b&Unknown=1",
        )
        .unwrap();
        assert_eq!(input.user_name, "Bob");
        assert_eq!(input.path, None);
        // Numbers order the elements, not the text of the numbers, and gaps close.
        assert_eq!(input.tags, Some(vec![tag("a", "1"), tag("b", ""), tag("c", "3")]));
    }

    #[test]
    fn empty_lists_are_lists() {
        let input: CreateUserRequest = read("UserName=Bob&Tags=").unwrap();
        assert_eq!(input.tags, Some(Vec::new()));
    }

    #[test]
    fn numbers_are_read() {
        let input: AssumeRoleRequest = read("DurationSeconds=900&TransitiveTagKeys.member.1=k").unwrap();
        assert_eq!(input.duration_seconds, Some(900));
        assert_eq!(input.transitive_tag_keys, Some(vec!["k".to_owned()]));
        let _: GenerateOrganizationsAccessReportRequest = read("EntityPath=o-1/r-1").unwrap();
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for bad in [
            "DurationSeconds=ten",
            "DurationSeconds=9000000000",
            "DurationSeconds=",
            "RoleArn.member.1=a",
            "Tags=a",
            "Tags.member.0.Key=a",
            "Tags.member.01.Key=a",
            "Tags.member.+1.Key=a",
            "Tags.member.x.Key=a",
            "Tags.member.1=a",
            "Tags=&Tags.member.1.Key=a",
            "Tags.member.99999999999.Key=a",
        ] {
            let fault = read::<AssumeRoleRequest>(bad).unwrap_err();
            assert_eq!((fault.code.as_ref(), fault.status), ("MalformedInput", 400), "{bad}");
        }
        let deep = format!("{}x=1", "a.".repeat(DEEPEST + 1));
        assert!(read::<AssumeRoleRequest>(&deep).is_err());
    }
}
