//! XML into values, as the client side needs it.

use crate::schema::{ListSchema, MapSchema, Shape, StructSchema};
use crate::value::{Fields, Value};
use crate::{base64, time};
use quick_xml::events::Event;

/// Elements within elements.
const DEEPEST: usize = 64;

/// The text is not XML, or not of the expected shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not the XML that was expected: {0}")]
pub struct InvalidXml(pub String);

fn invalid(what: impl std::fmt::Display) -> InvalidXml {
    InvalidXml(what.to_string())
}

/// An element: its local name, its text and its children. Attributes are not kept: answers carry none but
/// namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name without a namespace prefix.
    pub name: String,
    /// The text between the children, entities resolved.
    pub text: String,
    /// The children in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a whole document. Document types are refused and no entity but the five of XML is known.
    pub fn parse(text: &str) -> Result<Self, InvalidXml> {
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(invalid)?;
            match event {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return Err(invalid("nested too deeply"));
                    }
                    open.push(Element { name: start.local_name().as_ref().to_owned(), ..Element::default() });
                }
                Event::Empty(start) => {
                    let element =
                        Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
                    top(&mut open)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(|| invalid("an end without a start"))?;
                    top(&mut open)?.children.push(element);
                }
                Event::Text(text) => top(&mut open)?.text.push_str(&text.xml10_content()),
                Event::CData(text) => top(&mut open)?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let letter = match reference.resolve_char_ref().map_err(invalid)? {
                        Some(letter) => letter,
                        None => match reference.xml10_content().as_ref() {
                            "amp" => '&',
                            "lt" => '<',
                            "gt" => '>',
                            "quot" => '"',
                            "apos" => '\'',
                            other => return Err(invalid(format_args!("the entity `{other}` is not known"))),
                        },
                    };
                    top(&mut open)?.text.push(letter);
                }
                Event::DocType(_) => return Err(invalid("a document type")),
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        match open.pop() {
            Some(mut root) if open.is_empty() && root.children.len() == 1 && root.text.trim().is_empty() => {
                root.children.pop().ok_or_else(|| invalid("empty"))
            }
            _ => Err(invalid("not one whole element")),
        }
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

fn top(open: &mut [Element]) -> Result<&mut Element, InvalidXml> {
    open.last_mut().ok_or_else(|| invalid("an end without a start"))
}

/// Reads the members of a structure from the children of `element`.
pub fn members(element: &Element, schema: &'static StructSchema) -> Result<Fields, InvalidXml> {
    let mut fields = Fields::new(schema);
    for (place, member) in schema.members.iter().enumerate() {
        let value = match member.shape {
            Shape::List(list) if list.flattened => elements(element, member.wire, list)?,
            Shape::Map(map) if map.flattened => entries(element, member.wire, map)?,
            shape => match element.child(member.wire) {
                Some(child) => value(child, shape)?,
                None => Value::Null,
            },
        };
        fields.set(place, value);
    }
    Ok(fields)
}

fn value(element: &Element, shape: Shape) -> Result<Value, InvalidXml> {
    let bad = |what: &str| invalid(format_args!("`{}` is not {what}", element.name));
    let text = element.text.trim();
    Ok(match shape {
        Shape::Structure(schema) => Value::Struct(members(element, schema)?),
        Shape::List(list) => match elements(element, list.element, list)? {
            Value::Null => Value::List(Vec::new()),
            list => list,
        },
        Shape::Map(map) => match entries(element, "entry", map)? {
            Value::Null => Value::Map(Vec::new()),
            map => map,
        },
        Shape::String(_) => Value::String(element.text.clone()),
        Shape::Blob(_) => Value::Blob(base64::decode(text).ok_or_else(|| bad("base64"))?),
        Shape::Integer(_) => Value::Integer(text.parse().map_err(|_| bad("an integer"))?),
        Shape::Float => Value::Float(text.parse().map_err(|_| bad("a number"))?),
        Shape::Boolean => match text {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => return Err(bad("true or false")),
        },
        Shape::Timestamp(_) => Value::Timestamp(time::read(text).ok_or_else(|| bad("a timestamp"))?),
    })
}

/// The children of this name as a list; `Null` if there are none.
fn elements(parent: &Element, name: &str, list: &'static ListSchema) -> Result<Value, InvalidXml> {
    let children = parent.children.iter().filter(|child| child.name == name);
    let elements: Vec<_> = children.map(|child| value(child, list.member)).collect::<Result<_, _>>()?;
    Ok(if elements.is_empty() { Value::Null } else { Value::List(elements) })
}

fn entries(parent: &Element, name: &str, map: &'static MapSchema) -> Result<Value, InvalidXml> {
    let mut entries = Vec::new();
    for entry in parent.children.iter().filter(|child| child.name == name) {
        let key = entry.text_of(map.key_name).ok_or_else(|| invalid("an entry without a key"))?;
        let held = match entry.child(map.value_name) {
            Some(child) => value(child, map.value)?,
            None => Value::Null,
        };
        entries.push((key.to_owned(), held));
    }
    Ok(if entries.is_empty() { Value::Null } else { Value::Map(entries) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_sections_are_text() {
        let root =
            Element::parse("<?xml version=\"1.0\"?><a xmlns='u'> x&amp;&#xD;<![CDATA[<]]><b/></a>").unwrap();
        assert_eq!((root.name.as_str(), root.text.as_str()), ("a", " x&\r<"));
        assert_eq!(root.child("b"), Some(&Element { name: "b".into(), ..Element::default() }));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bad in [
            "",
            "x",
            "<a>",
            "</a>",
            "<a/><b/>",
            "<a>&boom;</a>",
            "<!DOCTYPE a [<!ENTITY boom 'x'>]><a/>",
            "<a></b>",
        ] {
            assert!(Element::parse(bad).is_err(), "{bad}");
        }
        assert!(Element::parse(&("<a>".repeat(100) + &"</a>".repeat(100))).is_err());
    }
}
