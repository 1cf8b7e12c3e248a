//! A strict reader of XML with namespaces, into a tree small enough to be looked at whole.
//!
//! Of XML it takes what SAML needs: elements, attributes, text, comments between elements. Document types, entities but
//! the five of XML, processing instructions and comments inside of text are refused, and so is what makes two readers
//! disagree: attributes twice, namespaces that are not absolute, prefixes bound to nothing.

use super::ns;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashSet;

/// Elements within elements.
const DEEPEST: usize = 48;
/// Attributes and namespace declarations of one element.
const MOST_ATTRIBUTES: usize = 64;

/// Why a text is not taken as XML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct XmlError(pub String);

fn bad(what: impl Into<String>) -> XmlError {
    XmlError(what.into())
}

/// An attribute that is no namespace declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The prefix; empty if there is none.
    pub prefix: String,
    /// The name without the prefix.
    pub local: String,
    /// The namespace of the prefix; empty without one.
    pub namespace: String,
    /// The value, entities resolved and white space made plain.
    pub value: String,
}

/// A prefix with its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The prefix; empty for the default namespace.
    pub prefix: String,
    /// The namespace; empty for none.
    pub namespace: String,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Another element.
    Element(Element),
    /// Text, entities resolved.
    Text(String),
    /// A comment, which stands between elements.
    Comment(String),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The prefix as written; empty if there is none.
    pub prefix: String,
    /// The name without the prefix.
    pub local: String,
    /// The namespace; empty for none.
    pub namespace: String,
    /// The namespaces that it declares.
    pub declared: Vec<Binding>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// What stands in it.
    pub nodes: Vec<Node>,
}

/// How much a document may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes.
    pub bytes: usize,
    /// Elements.
    pub elements: usize,
}

impl Bounds {
    /// For a response and what is in it.
    pub const RESPONSE: Self = Self { bytes: 512 * 1024, elements: 10_000 };
    /// For metadata, which AWS lets have ten million characters.
    pub const METADATA: Self = Self { bytes: 40_000_000, elements: 400_000 };
}

/// Reads a whole document.
///
/// # Errors
/// If it is not XML, or has something in it that is not taken, or too much.
pub fn parse(text: &str, bounds: Bounds) -> Result<Element, XmlError> {
    parse_within(text, &[], bounds)
}

/// Reads an element that stood where these namespaces are in scope, the innermost last.
///
/// # Errors
/// As [`parse`].
pub fn parse_within(text: &str, scope: &[Binding], bounds: Bounds) -> Result<Element, XmlError> {
    if text.len() > bounds.bytes {
        return Err(bad("the document is too large"));
    }
    if !text.chars().all(is_char) {
        return Err(bad("the document holds a character that XML does not have"));
    }
    let mut reader = quick_xml::Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.check_end_names = true;
    config.allow_unmatched_ends = false;
    config.allow_dangling_amp = false;
    let mut builder = Builder { open: Vec::new(), scope: scope.to_vec(), root: None, left: bounds.elements };
    let mut is_first = true;
    loop {
        let event = reader.read_event().map_err(|error| bad(format!("not well-formed XML: {error}")))?;
        match event {
            Event::Start(start) => builder.start(&start)?,
            Event::Empty(start) => {
                builder.start(&start)?;
                builder.end()?;
            }
            Event::End(_) => builder.end()?,
            Event::Text(text) => builder.text(&line_ends(&text))?,
            Event::CData(text) => builder.text(&line_ends(&text))?,
            Event::GeneralRef(name) => builder.text(&resolve(&name)?.to_string())?,
            Event::Comment(text) => builder.comment(&line_ends(&text))?,
            Event::Decl(decl) if is_first => check_encoding(decl.encoding())?,
            Event::Decl(_) | Event::PI(_) => {
                return Err(bad("processing instructions are not taken"));
            }
            Event::DocType(_) => return Err(bad("document types are not taken")),
            Event::Eof => break,
        }
        is_first = false;
    }
    builder.finish()
}

type Encoding<'a> = Option<Result<std::borrow::Cow<'a, str>, quick_xml::events::attributes::AttrError>>;

fn check_encoding(encoding: Encoding<'_>) -> Result<(), XmlError> {
    match encoding {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(bad("the document must be UTF-8")),
    }
}

/// What is open, and what is done.
struct Builder {
    open: Vec<Open>,
    scope: Vec<Binding>,
    root: Option<Element>,
    left: usize,
}

struct Open {
    element: Element,
    /// Bindings in scope before the element's own.
    outside: usize,
}

impl Builder {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(bad("there are several roots"));
        }
        if self.open.len() >= DEEPEST {
            return Err(bad("elements are nested too deeply"));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| bad("there are too many elements"))?;
        let outside = self.scope.len();
        let (declared, plain) = attributes_of(start)?;
        self.scope.extend(declared.iter().cloned());
        let (prefix, local) = split(start.name().as_ref())?;
        let namespace = self.namespace(&prefix)?;
        let mut attributes = Vec::with_capacity(plain.len());
        for (prefix, local, value) in plain {
            let namespace = if prefix.is_empty() { String::new() } else { self.namespace(&prefix)? };
            attributes.push(Attribute { prefix, local, namespace, value });
        }
        let mut seen = HashSet::new();
        if !attributes.iter().all(|it| seen.insert((it.namespace.as_str(), it.local.as_str()))) {
            return Err(bad("an attribute stands twice"));
        }
        let element = Element { prefix, local, namespace, declared, attributes, nodes: Vec::new() };
        self.open.push(Open { element, outside });
        Ok(())
    }

    fn namespace(&self, prefix: &str) -> Result<String, XmlError> {
        match (prefix, self.scope.iter().rev().find(|binding| binding.prefix == prefix)) {
            ("xml", _) => Ok(ns::XML.to_owned()),
            (_, Some(binding)) => Ok(binding.namespace.clone()),
            ("", None) => Ok(String::new()),
            (_, None) => Err(bad(format!("the prefix `{prefix}` is not bound"))),
        }
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let Open { element, outside } = self.open.pop().ok_or_else(|| bad("an end without a start"))?;
        self.scope.truncate(outside);
        let has_text = element.nodes.iter().any(|node| matches!(node, Node::Text(text) if !is_blank(text)));
        if has_text && element.nodes.iter().any(|node| matches!(node, Node::Comment(_))) {
            return Err(bad("a comment stands inside of text"));
        }
        match self.open.last_mut() {
            Some(parent) => parent.element.nodes.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(parent) => {
                match parent.element.nodes.last_mut() {
                    Some(Node::Text(before)) => before.push_str(text),
                    _ => parent.element.nodes.push(Node::Text(text.to_owned())),
                }
                Ok(())
            }
            None if is_blank(text) => Ok(()),
            None => Err(bad("text stands outside of the root")),
        }
    }

    fn comment(&mut self, text: &str) -> Result<(), XmlError> {
        if let Some(parent) = self.open.last_mut() {
            parent.element.nodes.push(Node::Comment(text.to_owned()));
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(bad("the document is not one whole element")),
        }
    }
}

type Plain = (String, String, String);

/// The namespaces that a start tag declares, and its other attributes: prefix, name, value.
fn attributes_of(start: &BytesStart<'_>) -> Result<(Vec<Binding>, Vec<Plain>), XmlError> {
    let (mut declared, mut plain) = (Vec::<Binding>::new(), Vec::new());
    for (count, attribute) in start.attributes().with_checks(false).enumerate() {
        if count >= MOST_ATTRIBUTES {
            return Err(bad("an element has too many attributes"));
        }
        let attribute = attribute.map_err(|error| bad(format!("not well-formed XML: {error}")))?;
        let value = attribute_value(&attribute.value)?;
        let (prefix, local) = split(attribute.key.as_ref())?;
        let binding = match (prefix.as_str(), local.as_str()) {
            ("", "xmlns") => Binding { prefix: String::new(), namespace: value },
            ("xmlns", _) => Binding { prefix: local, namespace: value },
            _ => {
                plain.push((prefix, local, value));
                continue;
            }
        };
        check_binding(&binding)?;
        if declared.iter().any(|known| known.prefix == binding.prefix) {
            return Err(bad("a namespace is declared twice"));
        }
        declared.push(binding);
    }
    Ok((declared, plain))
}

/// Namespaces must be absolute: canonical XML is not defined for others, and readers differ about them.
fn check_binding(binding: &Binding) -> Result<(), XmlError> {
    let Binding { prefix, namespace } = binding;
    if prefix == "xml" || prefix == "xmlns" || namespace == ns::XML {
        return Err(bad("the prefixes `xml` and `xmlns` are not to be bound"));
    }
    if namespace.is_empty() {
        return if prefix.is_empty() { Ok(()) } else { Err(bad("a prefix is bound to nothing")) };
    }
    let scheme = namespace.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_absolute = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if is_absolute { Ok(()) } else { Err(bad(format!("the namespace `{namespace}` is not absolute"))) }
}

/// A name's prefix and the rest.
fn split(name: &str) -> Result<(String, String), XmlError> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_whole = is_name(local) && (prefix.is_empty() && !name.starts_with(':') || is_name(prefix));
    if is_whole { Ok((prefix.to_owned(), local.to_owned())) } else { Err(bad("a name is not one of XML")) }
}

/// A name without a colon; of the letters beyond ASCII more are let in than XML does, and none that could be taken for
/// a sign of its own.
fn is_name(name: &str) -> bool {
    let is_start = |letter: char| letter == '_' || letter.is_alphabetic();
    let is_inner = |letter: char| is_start(letter) || letter.is_numeric() || letter == '-' || letter == '.';
    name.chars().next().is_some_and(is_start) && name.chars().all(is_inner)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'))
}

/// See <https://www.w3.org/TR/xml/#charsets>.
fn is_char(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        || letter >= '\u{10000}'
}

/// See <https://www.w3.org/TR/xml/#sec-line-ends>.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The character that an entity stands for: a numbered one, or one of XML's own five.
fn resolve(name: &str) -> Result<char, XmlError> {
    let known = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    u32::from_str_radix(hex, 16).ok()
                }
                None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok(),
                _ => None,
            });
            number.and_then(char::from_u32).filter(|letter| is_char(*letter))
        }
    };
    known.ok_or_else(|| bad("an entity is not one of XML's own"))
}

/// See <https://www.w3.org/TR/xml/#AVNormalize>.
fn attribute_value(raw: &str) -> Result<String, XmlError> {
    let mut value = String::with_capacity(raw.len());
    let raw = line_ends(raw);
    let mut rest = raw.as_str();
    while let Some(place) = rest.find(['&', '<', '\t', '\n']) {
        let (before, after) = rest.split_at(place);
        value.push_str(before);
        let mut letters = after.chars();
        rest = match letters.next() {
            Some('&') => {
                let (name, rest) =
                    letters.as_str().split_once(';').ok_or_else(|| bad("an entity has no end"))?;
                value.push(resolve(name)?);
                rest
            }
            Some('<') => return Err(bad("a value holds `<`")),
            _ => {
                value.push(' ');
                letters.as_str()
            }
        };
    }
    value.push_str(rest);
    Ok(value)
}

impl Element {
    /// Whether it has this name in this namespace.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// The elements in it.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
    }

    /// The elements of this name in it.
    pub fn all<'e>(&'e self, namespace: &'e str, local: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children().filter(move |child| child.is(namespace, local))
    }

    /// The one element of this name in it; `None` if there is none or several.
    pub fn only<'e>(&'e self, namespace: &'e str, local: &'e str) -> Option<&'e Element> {
        let mut all = self.all(namespace, local);
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether elements, and nothing but white space and comments, stand in it.
    pub fn has_only_elements(&self) -> bool {
        self.nodes.iter().all(|node| !matches!(node, Node::Text(text) if !is_blank(text)))
    }

    /// The text, if nothing else stands in it.
    pub fn text(&self) -> Option<&str> {
        match self.nodes.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The value of an attribute without a prefix.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|it| it.prefix.is_empty() && it.local == local);
        found.map(|it| it.value.as_str())
    }

    /// Calls `look` with it and all that is below it.
    pub fn each<'e>(&'e self, look: &mut dyn FnMut(&'e Element)) {
        look(self);
        self.children().for_each(|child| child.each(look));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element, XmlError> {
        parse(text, Bounds::RESPONSE)
    }

    #[test]
    fn names_are_resolved_and_text_is_joined() {
        let root = read(
            "<?xml version='1.0' encoding='UTF-8'?><a xmlns='u:1' xmlns:p='u:2' p:x='1\n&#10;2' x='&lt;'><p:b>x&amp;<![CDATA[<y>]]></p:b><!-- c --></a>",
        )
        .unwrap();
        assert!(root.is("u:1", "a") && root.only("u:2", "b").unwrap().text() == Some("x&<y>"));
        assert_eq!(root.attributes[0].value, "1 \n2");
        assert_eq!((root.attributes[0].namespace.as_str(), root.attribute("x")), ("u:2", Some("<")));
    }

    #[test]
    fn what_is_not_taken() {
        for text in [
            "",
            "x",
            "<a>",
            "<a/><b/>",
            "<a/>x",
            "<a></b>",
            "\u{feff}<a/>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<a>&#xFFFE;</a>",
            "<a>\u{1}</a>",
            "<a><?pi x?></a>",
            "<?xml version='1.0' encoding='UTF-16'?><a/>",
            "<a><?xml version='1.0'?></a>",
            "<a>x<!-- c -->y</a>",
            "<a>x<!-- c --></a>",
            "<a><!-- a -- b --></a>",
            "<p:a/>",
            "<a p:x='1'/>",
            "<a x='1' x='2'/>",
            "<a xmlns:p='u:1' xmlns:q='u:1' p:x='1' q:x='2'/>",
            "<a xmlns='relative'/>",
            "<a xmlns:p='1'/>",
            "<a xmlns:p=''/>",
            "<a xmlns:xml='u:1'/>",
            "<a xmlns:xmlns='u:1'/>",
            "<a xmlns:p='u:1' xmlns:p='u:2'/>",
            "<a x='<'/>",
            "<a x='&x;'/>",
            "<a:b:c xmlns:a='u:1'/>",
            "<:a/>",
            "<1a/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn there_are_bounds() {
        assert!(read(&("<a>".repeat(49) + &"</a>".repeat(49))).is_err());
        assert!(read(&format!("<a>{}</a>", "<b/>".repeat(10_000))).is_err());
        let many: String = (0..65).map(|number| format!(" x{number}='1'")).collect();
        assert!(read(&format!("<a{many}/>")).is_err());
        assert!(read(&format!("<a>{}</a>", "x".repeat(512 * 1024))).is_err());
    }
}
