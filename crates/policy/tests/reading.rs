//! Reading and printing documents: whatever stands in them, wherever, and in bounded time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_policy::*;
use base::json::{Json, Limits, Style, quote};
use base::{Diagnostic, Span, span};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// JSON as it is written: with order, and with keys that stand twice.
#[derive(Debug, Clone)]
enum Tree {
    Scalar(&'static str),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// Letters that readers trip over: quotes, escapes, controls, the ends of planes, combining marks, other directions.
const LETTERS: [char; 22] = [
    'a',
    'Z',
    '*',
    '?',
    '$',
    '{',
    '}',
    ':',
    '/',
    '"',
    '\\',
    ' ',
    '\n',
    '\u{0}',
    '\u{1f}',
    '\u{7f}',
    'é',
    '\u{301}',
    '\u{202e}',
    '\u{ffff}',
    '😀',
    '\u{10ffff}',
];

const WORDS: [&str; 24] = [
    "Version",
    "2012-10-17",
    "2008-10-17",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Allow",
    "Deny",
    "Principal",
    "NotPrincipal",
    "AWS",
    "Service",
    "Action",
    "NotAction",
    "s3:Get*",
    "Resource",
    "NotResource",
    "arn:aws:s3:::b/*",
    "Condition",
    "StringLike",
    "ForAllValues:NumericEqualsIfExists",
    "aws:username",
    "*",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => select(&WORDS[..]).prop_map(str::to_owned),
        1 => vec(select(&LETTERS[..]), 0..6).prop_map(|letters| letters.into_iter().collect()),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let numbers =
        ["0", "-1", "1.50", "1e3", "-0.0E+7", "123456789012345678901234567890", "true", "false", "null"];
    let leaf = prop_oneof![text().prop_map(Tree::Text), select(numbers.to_vec()).prop_map(Tree::Scalar)];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Tree::List),
            vec((text(), inner), 0..5).prop_map(Tree::Object),
        ]
    })
}

/// Statements of which most can be read, among others of which nothing can.
fn document() -> impl Strategy<Value = Tree> {
    let values = prop_oneof![
        text().prop_map(Tree::Text),
        select(vec!["0", "-1.5", "true", "false"]).prop_map(Tree::Scalar),
        vec(prop_oneof![text().prop_map(Tree::Text), Just(Tree::Scalar("12.0"))], 0..3).prop_map(Tree::List),
    ];
    let texts = || {
        prop_oneof![text().prop_map(Tree::Text), vec(text().prop_map(Tree::Text), 0..3).prop_map(Tree::List),]
    };
    let keys = vec((text(), values), 0..3).prop_map(Tree::Object);
    let condition = vec((select(&["StringLike", "Bool", "nothing"][..]), keys), 0..3)
        .prop_map(|it| Tree::Object(it.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
    let effect = select(&["Allow", "Deny"][..]).prop_map(|it| Tree::Text(it.to_owned()));
    let statement = (effect, texts(), texts(), condition, text(), vec(text(), 0..3)).prop_map(
        |(effect, action, resource, condition, sid, order)| {
            let mut members = vec![
                ("Effect".to_owned(), effect),
                ("Action".to_owned(), action),
                ("Resource".to_owned(), resource),
                ("Condition".to_owned(), condition),
                ("Sid".to_owned(), Tree::Text(sid)),
            ];
            members.rotate_left(order.len());
            Tree::Object(members)
        },
    );
    let statements = vec(prop_oneof![4 => statement, 1 => tree()], 0..4).prop_map(Tree::List);
    (statements, tree(), any::<bool>()).prop_map(|(statements, other, with_other)| {
        let mut members = vec![("Version".to_owned(), Tree::Text("2012-10-17".to_owned()))];
        members.push(("Statement".to_owned(), statements));
        members.extend(with_other.then(|| ("Other".to_owned(), other)));
        Tree::Object(members)
    })
}

/// Writes with blanks and escapes that `noise` picks.
fn write(tree: &Tree, noise: &mut impl FnMut(u32) -> u32, out: &mut String) {
    match tree {
        Tree::Scalar(text) => out.push_str(text),
        Tree::Text(text) => write_text(text, noise, out),
        Tree::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                write_blank(noise, out);
                write(item, noise, out);
                write_blank(noise, out);
            }
            out.push(']');
        }
        Tree::Object(members) => {
            out.push('{');
            for (place, (key, value)) in members.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                write_blank(noise, out);
                write_text(key, noise, out);
                write_blank(noise, out);
                out.push(':');
                write_blank(noise, out);
                write(value, noise, out);
            }
            write_blank(noise, out);
            out.push('}');
        }
    }
}

fn write_blank(noise: &mut impl FnMut(u32) -> u32, out: &mut String) {
    out.push_str(["", "", "", " ", "\n", "\t", "\r\n  "][noise(7) as usize]);
}

fn write_text(text: &str, noise: &mut impl FnMut(u32) -> u32, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '/' if noise(2) == 0 => out.push_str("\\/"),
            letter if letter < ' ' || noise(5) == 0 => {
                letter
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .for_each(|unit| write!(out, "\\u{unit:04X}").unwrap());
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn noise(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed | 1;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % below
    }
}

fn written(tree: &Tree, seed: u64) -> String {
    let mut out = String::new();
    write(tree, &mut noise(seed), &mut out);
    out
}

/// What is read, without the places.
fn shape(document: &Document) -> Vec<String> {
    let texts = |list: &ListElement| {
        let entries: Vec<_> = list.entries.iter().map(|entry| &entry.value).collect();
        format!("{} {entries:?}", list.negated)
    };
    let statement = |it: &Statement| {
        let conditions: Vec<_> = it
            .conditions
            .iter()
            .map(|c| {
                let values: Vec<_> = c.values.iter().map(|value| &value.value).collect();
                format!("{:?} {} {} {values:?}", c.operator, c.operator_text.value, c.key.value)
            })
            .collect();
        let principals: Vec<_> = it
            .principal
            .iter()
            .map(|p| (p.negated, p.entries.iter().map(|e| (e.kind, &e.text.value)).collect::<Vec<_>>()))
            .collect();
        format!(
            "{} {:?} {:?} {principals:?} {} {:?} {conditions:?}",
            it.index,
            it.sid.as_ref().map(|sid| &sid.value),
            it.effect,
            texts(&it.action),
            it.resource.as_ref().map(texts)
        )
    };
    let head = format!("{:?} {:?}", document.version(), document.id().map(|id| &id.value));
    std::iter::once(head).chain(document.statements().iter().map(statement)).collect()
}

/// Every text of a document that has a place.
fn texts(document: &Document) -> Vec<&Text> {
    let mut all: Vec<&Text> = document.id().into_iter().collect();
    for statement in document.statements() {
        all.extend(&statement.sid);
        all.extend(&statement.action.entries);
        all.extend(statement.resource.iter().flat_map(|resource| &resource.entries));
        all.extend(statement.principal.iter().flat_map(|principal| &principal.entries).map(|e| &e.text));
        for condition in &statement.conditions {
            all.extend([&condition.operator_text, &condition.key]);
            all.extend(&condition.values);
        }
    }
    all
}

/// What stands at a place, read as JSON: a string's letters, or the number or boolean itself.
fn read_at(text: &str, place: Span) -> String {
    let piece = place.of(text);
    match Json::parse(piece, Limits::default()) {
        Ok(json) => json.root.as_str().map_or_else(|| piece.to_owned(), str::to_owned),
        Err(error) => panic!("{piece}: {error:?}"),
    }
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    ProptestConfig {
        cases: if cases == 256 { 2_000 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Printing and reading again changes nothing, in either layout; and printing twice is printing once.
    #[test]
    fn printing_then_reading_is_the_identity(tree in document(), seed in any::<u64>()) {
        let text = written(&tree, seed);
        let (document, diagnostics) = Document::parse_tolerant(&text);
        let document = document.unwrap();
        prop_assert_eq!(document.text(), &*text, "the text is kept as it was");
        let codes = |all: &[Diagnostic]| all.iter().map(|it| it.code.clone()).collect::<Vec<_>>();
        for style in [Style::Compact, Style::Pretty] {
            let printed = document.print(style);
            let (again, told) = Document::parse_tolerant(&printed);
            let again = again.unwrap();
            prop_assert_eq!(shape(&again), shape(&document));
            prop_assert_eq!(again.print(style), printed.as_str());
            prop_assert_eq!(codes(&told), codes(&diagnostics));
            // The order of all that stands there is kept, whether it could be read or not.
            let keys = |text: &str| {
                let json = Json::parse(text, Limits::default()).unwrap();
                json.print(Style::Compact)
            };
            prop_assert_eq!(keys(&printed), keys(&text));
        }
    }

    #[test]
    fn every_element_has_its_place(tree in document(), seed in any::<u64>()) {
        let text = written(&tree, seed);
        let document = Document::parse_tolerant(&text).0.unwrap();
        for found in texts(&document) {
            prop_assert_eq!(read_at(&text, found.span), &*found.value);
        }
        for statement in document.statements() {
            let whole = statement.span.of(&text);
            prop_assert_eq!((whole.chars().next(), whole.chars().last()), (Some('{'), Some('}')));
            let effect = match statement.effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            };
            prop_assert_eq!(read_at(&text, statement.effect_span), effect);
            let action = statement.action.span.of(&text);
            prop_assert!(read_at(action, Span::new(0, action.find(['\n', ' ', ':', '\t', '\r']).unwrap())).ends_with("Action"));
            // Line and column lead to the place.
            let position = span::position(&text, statement.span.start);
            let line = text.split('\n').nth(position.line as usize - 1).unwrap();
            let from_column: String = line.chars().skip(position.column as usize - 1).collect();
            prop_assert_eq!(from_column.chars().next(), Some('{'));
        }
    }

    /// Whatever is JSON is read or told of, and never both readings fall out of step.
    #[test]
    fn any_json_is_read_in_both_modes(tree in tree(), seed in any::<u64>()) {
        let text = written(&tree, seed);
        let (document, diagnostics) = Document::parse_tolerant(&text);
        prop_assert!(document.is_some() || !diagnostics.is_empty());
        for kind in KINDS {
            match Document::parse_strict(&text, kind) {
                Ok(strict) => {
                    prop_assert_eq!(Some(&strict), document.as_ref());
                    prop_assert!(diagnostics.is_empty());
                }
                Err(malformed) => {
                    prop_assert!(!malformed.message.is_empty() && !malformed.diagnostics.is_empty());
                    for found in &malformed.diagnostics {
                        prop_assert!(found.span.end as usize <= text.len() && found.span.start <= found.span.end);
                        prop_assert!(text.is_char_boundary(found.span.start as usize));
                        prop_assert!(text.is_char_boundary(found.span.end as usize));
                    }
                }
            }
        }
    }

    #[test]
    fn sizes_count_letters_but_no_blanks(tree in document(), seeds in any::<[u64; 2]>()) {
        // Blanks between the elements do not count, however many; blanks in texts do not either, as IAM has it.
        let sizes = seeds.map(|seed| {
            let text = written(&tree, seed);
            let document = Document::parse_tolerant(&text).0.unwrap();
            assert_eq!(document.counted_size(), text.chars().filter(|it| !it.is_whitespace()).count());
            assert_eq!(document.size_as(DocumentKind::Scp), text.chars().count());
            Document::parse_tolerant(&document.print(Style::Compact)).0.unwrap().counted_size()
        });
        prop_assert_eq!(sizes[0], sizes[1]);
    }
}

const KINDS: [DocumentKind; 8] = [
    DocumentKind::Identity,
    DocumentKind::Resource,
    DocumentKind::Trust,
    DocumentKind::Scp,
    DocumentKind::Rcp,
    DocumentKind::Endpoint,
    DocumentKind::Session,
    DocumentKind::Boundary,
];

#[test]
fn quotes_and_controls_survive() {
    for letter in LETTERS {
        let text = format!(
            "{{\"Statement\":{{\"Sid\":{},\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}}}",
            quote(&letter.to_string())
        );
        let document = Document::parse_tolerant(&text).0.unwrap();
        let sid = document.statements()[0].sid.as_ref().unwrap();
        assert_eq!(&*sid.value, letter.to_string(), "{text}");
    }
}

/// Texts as large as are read at all, made to be slow.
#[test]
fn large_documents_take_bounded_time() {
    const MOST: usize = 1 << 20;
    let fill = |head: &str, piece: &dyn Fn(usize) -> String, tail: &str| {
        let mut text = head.to_owned();
        let mut number = 0;
        while text.len() + 64 < MOST - tail.len() {
            write!(text, "{}{}", if number > 0 { "," } else { "" }, piece(number)).unwrap();
            number += 1;
        }
        text + tail
    };
    let statement = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":"#;
    let texts = [
        fill("{\"Statement\":[", &|_| r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#.into(), "]}"),
        fill("{\"Statement\":[", &|n| format!(r#"{{"Sid":"a{n}","Effect":"Deny","Action":"s3:*"}}"#), "]}"),
        fill("{\"Statement\":[", &|_| "0".into(), "]}"),
        fill(&format!("{{\"Statement\":{statement}{{\"Null\":{{"), &|n| format!("\"k{n}\":true"), "}}}}"),
        fill(&format!("{{\"Statement\":{statement}{{\"Null\":{{"), &|_| "\"k\":true".into(), "}}}}"),
        fill(&format!("{{\"Statement\":{statement}{{"), &|n| format!("\"op{n}\":{{\"k\":1}}"), "}}}"),
        fill("{", &|n| format!("\"Statement{n}\":1"), "}"),
        fill("{", &|_| "\"Statement\":1".into(), "}"),
        fill(
            "{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"*\",\"Action\":[",
            &|n| format!("\"s3:{n}*?*\""),
            "]}}",
        ),
        format!("{{\"Statement\":\"{}\"}}", "\\u00e9".repeat(170_000)),
        format!("{{\"Statement\":\"{}", "\\".repeat(MOST - 32)),
        "[".repeat(MOST),
    ];
    for text in texts {
        let start = Instant::now();
        let (document, diagnostics) = Document::parse_tolerant(&text);
        assert!(document.is_some() || !diagnostics.is_empty());
        let strict = Document::parse_strict(&text, DocumentKind::Identity);
        if let Err(malformed) = strict {
            assert!(malformed.render(&text).len() < 4_096, "{}", malformed.message.len());
        }
        if let Some(document) = document {
            document.print(Style::Pretty);
            let label = PolicyLabel::new(PolicyKind::Managed, "", "large");
            CompiledPolicy::compile(document.into(), label);
        }
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(10), "{taken:?} for {}", &text[..60]);
    }
}
