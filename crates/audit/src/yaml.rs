//! YAML as the same tree of values and places that JSON gives.
//!
//! Plain scalars are read by YAML's JSON-like rules: `null`, `true`, `false` and numbers as JSON writes them; everything
//! else is a text, so that `2012-10-17` and `no` are what they look like. Keys are texts. Aliases stand for what they
//! name; merge keys and several documents are refused, and so are tags, but for CloudFormation's short forms where
//! they are expected.

use base::json::{Json, JsonNode, JsonValue, Member};
use base::{Diagnostic, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::collections::{HashMap, HashSet};

/// Values of the whole tree, those that aliases repeat included; a long text counts as several.
const VALUES: usize = 1 << 20;
/// Bytes of a text that count as one value.
const BYTES: usize = 32;
/// Mappings up to this many members are searched for duplicate keys one by one; larger ones by a set.
const FEW_MEMBERS: usize = 16;

/// What tags are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tags {
    /// None.
    Refused,
    /// The short forms of CloudFormation's functions: `!Sub text` is `{"Fn::Sub": "text"}`.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
    CloudFormation,
}

impl Tags {
    /// Values within each other: templates nest functions within policies within resources.
    fn depth(self) -> usize {
        match self {
            Self::Refused => 32,
            Self::CloudFormation => 64,
        }
    }
}

pub(crate) fn parse(text: &str, tags: Tags) -> Result<Json, Diagnostic> {
    let mut tree = Tree {
        tags,
        bytes: Bytes::new(text),
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        duplicates: Vec::new(),
        values: 0,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, place) = event.map_err(|error| {
            let at = tree.bytes.offset(error.marker());
            Diagnostic::error("SYNTAX", Span::new(at, at), error.info().to_owned())
        })?;
        let span = Span::new(tree.bytes.offset(&place.start), tree.bytes.offset(&place.end));
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(refused(span, "a file is one YAML document"));
            }
        }
        tree.take(event, span)?;
    }
    let root = tree.root.ok_or_else(|| refused(Span::default(), "the file is empty"))?;
    Ok(Json { root, duplicates: tree.duplicates })
}

fn refused(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("SYNTAX", span, message)
}

/// From the parser's places in characters to bytes; places mostly go forward.
struct Bytes<'t> {
    text: &'t str,
    /// Bytes of every 64th character's start.
    steps: Vec<usize>,
}

const STEP: usize = 64;

impl<'t> Bytes<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, steps: text.char_indices().step_by(STEP).map(|(offset, _)| offset).collect() }
    }

    fn offset(&self, place: &Marker) -> usize {
        let Some(start) = self.steps.get(place.index() / STEP) else { return self.text.len() };
        let rest = self.text.get(*start..).unwrap_or_default();
        rest.char_indices().nth(place.index() % STEP).map_or(self.text.len(), |(offset, _)| start + offset)
    }
}

/// The tree in the making.
struct Tree<'t> {
    tags: Tags,
    bytes: Bytes<'t>,
    open: Vec<Open>,
    root: Option<JsonNode>,
    /// What anchors name, with how many values it has.
    anchors: HashMap<usize, (JsonNode, usize)>,
    duplicates: Vec<Span>,
    values: usize,
}

/// A list or mapping that is not finished.
struct Open {
    start: Span,
    anchor: usize,
    /// The function whose argument it is.
    function: Option<String>,
    /// How many values there were before it.
    before: usize,
    content: Content,
}

enum Content {
    List(Vec<JsonNode>),
    Mapping { members: Vec<Member>, seen: HashSet<Box<str>>, key: Option<(Box<str>, Span)> },
}

impl Tree<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The place of a block scalar may reach over the line break behind it.
                let function = self.function(tag.as_deref(), span)?;
                if self.is_key() {
                    return if tag.is_none() {
                        self.key(&text, span)
                    } else {
                        Err(refused(span, "a key is a text"))
                    };
                }
                let value = match &function {
                    // Whatever it looks like, it is the name of something.
                    Some(_) => JsonValue::String(text.as_ref().into()),
                    None if tag.is_some() => JsonValue::String(text.as_ref().into()),
                    None => scalar(&text, style),
                };
                let count = 1 + text.len() / BYTES;
                self.value(called(function, JsonNode { span, value }), anchor, count)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let empty = Content::Mapping { members: Vec::new(), seen: HashSet::new(), key: None };
                self.open(span, anchor, tag.as_deref(), empty)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let (node, count) =
                    known.ok_or_else(|| refused(span, "the alias stands within what it names"))?;
                if self.is_key() {
                    return Err(refused(span, "a key is a text"));
                }
                self.value(JsonNode { span, ..node }, 0, count)
            }
            _ => Ok(()),
        }
    }

    /// The function that a tag stands for; none if there is no tag, or one of YAML's own.
    fn function(&self, tag: Option<&Tag>, span: Span) -> Result<Option<String>, Diagnostic> {
        let Some(tag) = tag else { return Ok(None) };
        match (self.tags, tag.handle.as_str(), tag.suffix.as_str()) {
            (Tags::Refused, ..) => Err(refused(span, "tags are not read")),
            (Tags::CloudFormation, "tag:yaml.org,2002:", name) if TYPES.contains(&name) => Ok(None),
            (Tags::CloudFormation, "!", name @ ("Ref" | "Condition")) => Ok(Some(name.to_owned())),
            // Other tools have more short forms; who evaluates the functions tells which it does not know.
            (Tags::CloudFormation, "!", name) if !name.is_empty() => Ok(Some(format!("Fn::{name}"))),
            (Tags::CloudFormation, handle, name) => Err(refused(
                span,
                format!("`{handle}{name}` is no short form of a function of CloudFormation"),
            )),
        }
    }

    fn is_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Mapping { key: None, .. }, .. }))
    }

    fn key(&mut self, text: &str, span: Span) -> Result<(), Diagnostic> {
        if text == "<<" {
            return Err(refused(
                span,
                match self.tags {
                    Tags::Refused => "merge keys are not read; use `defaults`",
                    Tags::CloudFormation => "merge keys are not read, and neither does CloudFormation",
                },
            ));
        }
        if let Some(Open { content: Content::Mapping { members, seen, key }, .. }) = self.open.last_mut() {
            if is_duplicate(members, seen, text) {
                self.duplicates.push(span);
            }
            *key = Some((text.into(), span));
        }
        Ok(())
    }

    fn open(
        &mut self,
        start: Span,
        anchor: usize,
        tag: Option<&Tag>,
        content: Content,
    ) -> Result<(), Diagnostic> {
        if self.is_key() {
            return Err(refused(start, "a key is a text"));
        }
        let depth = self.tags.depth();
        if self.open.len() >= depth {
            return Err(refused(start, format!("more than {depth} values stand within each other")));
        }
        let function = self.function(tag, start)?;
        let before = self.values;
        self.open.push(Open { start, anchor, function, before, content });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Diagnostic> {
        let Some(Open { start, anchor, function, before, content }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            Content::List(elements) => JsonValue::Array(elements),
            Content::Mapping { members, .. } => JsonValue::Object(members),
        };
        // The end of what is written in lines is found only where something else begins.
        let whole = start.to(end);
        let text = whole.of(self.bytes.text).trim_end();
        let span = Span::new(whole.start as usize, whole.start as usize + text.len());
        let count = self.values - before + 1;
        self.values -= count - 1;
        self.value(called(function, JsonNode { span, value }), anchor, count)
    }

    /// Puts a value of so many values where it belongs.
    fn value(&mut self, node: JsonNode, anchor: usize, count: usize) -> Result<(), Diagnostic> {
        self.values = self.values.saturating_add(count);
        if self.values > VALUES {
            return Err(refused(node.span, "the file has too many values, its aliases counted"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), count));
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(elements)) => elements.push(node),
            Some(Content::Mapping { members, key, .. }) => {
                if let Some((key, key_span)) = key.take() {
                    members.push(Member { key, key_span, value: node });
                }
            }
        }
        Ok(())
    }
}

/// YAML's own tags that change nothing for a template, in which everything is a text.
const TYPES: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];

/// A value as the argument of a function.
fn called(function: Option<String>, argument: JsonNode) -> JsonNode {
    let Some(function) = function else { return argument };
    let span = argument.span;
    let argument = match (function.as_str(), &argument.value) {
        ("Fn::GetAtt", JsonValue::String(text)) => {
            let parts =
                text.splitn(2, '.').map(|part| JsonNode { span, value: JsonValue::String(part.into()) });
            JsonNode { span, value: JsonValue::Array(parts.collect()) }
        }
        _ => argument,
    };
    let member = Member { key: function.into(), key_span: span, value: argument };
    JsonNode { span, value: JsonValue::Object(vec![member]) }
}

fn is_duplicate(members: &[Member], seen: &mut HashSet<Box<str>>, key: &str) -> bool {
    if members.len() < FEW_MEMBERS {
        return members.iter().any(|member| *member.key == *key);
    }
    if seen.is_empty() {
        seen.extend(members.iter().map(|member| member.key.clone()));
    }
    !seen.insert(key.into())
}

/// What a scalar is: only plain ones are anything but texts.
fn scalar(text: &str, style: ScalarStyle) -> JsonValue {
    match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null") => JsonValue::Null,
        (ScalarStyle::Plain, "true") => JsonValue::Bool(true),
        (ScalarStyle::Plain, "false") => JsonValue::Bool(false),
        (ScalarStyle::Plain, text) if is_number(text) => JsonValue::Number(text.into()),
        _ => JsonValue::String(text.into()),
    }
}

/// A number of JSON.
fn is_number(text: &str) -> bool {
    let first = text.strip_prefix('-').unwrap_or(text).bytes().next();
    first.is_some_and(|byte| byte.is_ascii_digit())
        && Json::parse(text, base::json::Limits::default())
            .is_ok_and(|json| json.root.value == JsonValue::Number(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::json::Style;

    fn json(text: &str) -> String {
        parse(text, Tags::Refused).unwrap().print(Style::Compact)
    }

    #[test]
    fn yaml_is_read_as_the_json_that_it_means() {
        for (text, expected) in [
            ("a: 1\nb: [x, 'y', \"z\"]\n", r#"{"a":1,"b":["x","y","z"]}"#),
            ("v: 2012-10-17\nn: no\nt: true\nz:\n", r#"{"v":"2012-10-17","n":"no","t":true,"z":null}"#),
            (
                "- 012345678901\n- 111122223333\n- 0x1F\n- 1e3\n",
                r#"["012345678901",111122223333,"0x1F",1e3]"#,
            ),
            ("a: &x {k: [1]}\nb: *x\n", r#"{"a":{"k":[1]},"b":{"k":[1]}}"#),
            ("text: |\n  two\n  lines\n", r#"{"text":"two\nlines\n"}"#),
            ("# a comment\n{\"a\": [1, null]}\n", r#"{"a":[1,null]}"#),
            ("'true'", r#""true""#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let text = "é: ü\nlist:\n  - ä: x\n    b: y\n\nend: 1\n";
        let tree = parse(text, Tags::Refused).unwrap();
        let members = tree.root.as_object().unwrap();
        assert_eq!(members[0].value.span.of(text), "ü");
        assert_eq!(members[1].key_span.of(text), "list");
        let first = &members[1].value.as_array().unwrap()[0];
        assert_eq!(first.span.of(text), "ä: x\n    b: y");
        assert_eq!(members[2].value.span.of(text), "1");
    }

    #[test]
    fn what_would_be_misread_is_refused() {
        for text in [
            "",
            "a: !!str 1",
            "<<: {a: 1}",
            "a: 1\n---\nb: 2",
            "? [a]\n: 1",
            "a: [",
            "a: &x [*x]",
            "a: b: c",
            &"[".repeat(100),
        ] {
            assert!(parse(text, Tags::Refused).is_err(), "{text}");
        }
        assert_eq!(parse("a: 1\na: 2", Tags::Refused).unwrap().duplicates.len(), 1);
    }

    #[test]
    fn aliases_do_not_explode() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        assert!(parse(&text, Tags::Refused).unwrap_err().message.contains("too many values"));
    }

    #[test]
    fn long_texts_do_not_explode() {
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 40].join(", "));
        assert!(parse(&text, Tags::CloudFormation).unwrap_err().message.contains("too many values"));
    }

    #[test]
    fn large_mappings_are_searched_for_duplicates_at_once() {
        let mut text: String = (0..10_000).map(|number| format!("k{number}: 1\n")).collect();
        assert_eq!(parse(&text, Tags::Refused).unwrap().duplicates, []);
        text.push_str("k99: 2\nk99: 3\n");
        assert_eq!(parse(&text, Tags::Refused).unwrap().duplicates.len(), 2);
    }

    #[test]
    fn short_forms_are_functions() {
        let text = concat!(
            "a: !Ref Bucket\nb: !GetAtt Key.Outputs.Arn\nc: !Sub '${A}/*'\nd: !Join ['', [a, !Ref 1]]\n",
            "e: !If [C, {x: !Condition D}, !!str 1]\nf: !GetAtt [Key, Arn]\ng: &g !Base64 x\nh: *g\n",
            "i: !Sub\n  - '${x}'\n  - x: 1\n",
        );
        assert_eq!(
            parse(text, Tags::CloudFormation).unwrap().print(Style::Compact),
            concat!(
                r#"{"a":{"Ref":"Bucket"},"b":{"Fn::GetAtt":["Key","Outputs.Arn"]},"c":{"Fn::Sub":"${A}/*"},"#,
                r#""d":{"Fn::Join":["",["a",{"Ref":"1"}]]},"e":{"Fn::If":["C",{"x":{"Condition":"D"}},"1"]},"#,
                r#""f":{"Fn::GetAtt":["Key","Arn"]},"g":{"Fn::Base64":"x"},"h":{"Fn::Base64":"x"},"#,
                r#""i":{"Fn::Sub":["${x}",{"x":1}]}}"#
            )
        );
        for text in ["a: !<x> y", "!Ref a: 1", "a: !!binary x", "<<: {a: 1}", &"[".repeat(70)] {
            assert!(parse(text, Tags::CloudFormation).is_err(), "{text}");
        }
        assert!(parse("a: !Ref b", Tags::Refused).unwrap_err().message.contains("tags"));
    }
}
