//! Changes of the text that mend findings.

use super::{Finding, ValidateOptions, validate};
use base::Span;
use base::json::{JsonNode, Member, quote};
use std::collections::BTreeMap;

/// What a fix does to the meaning of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// The engine decides every request as before.
    Safe,
    /// The policy comes to say what was probably meant, which it did not.
    ChangesMeaning,
}

/// A replacement of a part of the text; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: ``write `Allow` ``.
    pub title: String,
    /// What it does to the meaning.
    pub safety: Safety,
    /// The edits, in the order of the text; none overlaps another.
    pub edits: Vec<Edit>,
}

impl Fix {
    pub(super) fn new(safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety, edits }
    }

    /// Writes a string (in quotes) in place of another.
    pub(super) fn string(safety: Safety, span: Span, text: &str) -> Self {
        Self::new(safety, format!("write `{text}`"), vec![Edit { span, text: quote(text) }])
    }

    /// Takes a member out of its object.
    pub(super) fn without_member(safety: Safety, members: &[Member], key_span: Span) -> Option<Self> {
        let spans: Vec<Span> = members.iter().map(|member| member.key_span.to(member.value.span)).collect();
        let gone = members.iter().position(|member| member.key_span == key_span)?;
        let name = &members.get(gone)?.key;
        let edits = without(&spans, &[gone])?;
        Some(Self::new(safety, format!("take `{name}` out"), edits))
    }

    /// Takes elements out of their array, at least one of which stays.
    pub(super) fn without_elements(safety: Safety, nodes: &[JsonNode], gone: &[usize]) -> Option<Self> {
        let spans: Vec<Span> = nodes.iter().map(|node| node.span).collect();
        let title =
            if gone.len() == 1 { "take it out".to_owned() } else { format!("take {} out", gone.len()) };
        Some(Self::new(safety, title, without(&spans, gone)?))
    }
}

/// The edits that take the items of these places (in order) out of a list that commas separate; `None` if no item
/// would be left.
fn without(items: &[Span], gone: &[usize]) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut rest = gone;
    while let Some((first, others)) = rest.split_first() {
        let run = others.iter().zip(first + 1..).take_while(|(place, expected)| *place == expected).count();
        let last = first + run;
        rest = others.get(run..).unwrap_or_default();
        let (start, end) = (items.get(*first)?.start, items.get(last)?.end);
        let span = match items.get(last + 1) {
            Some(next) => Span { start, end: next.start },
            None => Span { start: items.get(first.checked_sub(1)?)?.end, end },
        };
        edits.push(Edit { span, text: String::new() });
    }
    Some(edits)
}

/// Applies fixes to the text that they were made for; tells the text and how many were applied. Of fixes that touch
/// the same place the first is taken.
pub fn apply<'f>(text: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> (String, usize) {
    // By where they start.
    let mut taken: BTreeMap<u32, &Edit> = BTreeMap::new();
    let mut count = 0;
    for fix in fixes {
        let is_free = |edit: &Edit| {
            let before = taken.range(..=edit.span.end).next_back();
            before.is_none_or(|(_, other)| other.span.end < edit.span.start)
        };
        if fix.edits.iter().all(is_free) {
            taken.extend(fix.edits.iter().map(|edit| (edit.span.start, edit)));
            count += 1;
        }
    }
    let mut fixed = String::with_capacity(text.len());
    let mut copied = 0;
    for edit in taken.into_values() {
        fixed.push_str(text.get(copied..edit.span.start as usize).unwrap_or_default());
        fixed.push_str(&edit.text);
        copied = edit.span.end as usize;
    }
    fixed.push_str(text.get(copied..).unwrap_or_default());
    (fixed, count)
}

/// Applies the fixes of all findings that `wanted` picks, again and again until none is left or twenty rounds are
/// over; tells the text and how many fixes were applied.
pub fn fix_all(
    text: &str,
    options: ValidateOptions,
    wanted: impl Fn(&Finding, &Fix) -> bool,
) -> (String, usize) {
    const ROUNDS: usize = 20;
    let (mut fixed, mut total) = (text.to_owned(), 0);
    for _ in 0..ROUNDS {
        let findings = validate(&fixed, options);
        let fixes =
            findings.iter().filter_map(|finding| finding.fix.as_ref().filter(|fix| wanted(finding, fix)));
        let (next, count) = apply(&fixed, fixes);
        if count == 0 || next == fixed {
            break;
        }
        total += count;
        fixed = next;
    }
    (fixed, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(list: &str, gone: &[usize]) -> Option<String> {
        let mut spans = Vec::new();
        let mut at = 1;
        for item in list.trim_matches(['[', ']']).split(", ") {
            spans.push(Span::new(at, at + item.len()));
            at += item.len() + 2;
        }
        let fix = Fix::new(Safety::Safe, "", without(&spans, gone)?);
        Some(apply(list, [&fix]).0)
    }

    #[test]
    fn items_go_with_their_commas() {
        assert_eq!(removed("[a, b, c]", &[0]).unwrap(), "[b, c]");
        assert_eq!(removed("[a, b, c]", &[1]).unwrap(), "[a, c]");
        assert_eq!(removed("[a, b, c]", &[2]).unwrap(), "[a, b]");
        assert_eq!(removed("[a, b, c]", &[0, 2]).unwrap(), "[b]");
        assert_eq!(removed("[a, b, c, d]", &[1, 2, 3]).unwrap(), "[a]");
        assert_eq!(removed("[a]", &[0]), None);
    }

    #[test]
    fn of_fixes_for_one_place_the_first_is_taken() {
        let fix = |start, end, text: &str| {
            Fix::new(Safety::Safe, "", vec![Edit { span: Span::new(start, end), text: text.to_owned() }])
        };
        let fixes = [fix(0, 2, "x"), fix(1, 3, "y"), fix(4, 5, "z")];
        assert_eq!(apply("abcdef", &fixes), ("xcdzf".to_owned(), 2));
    }
}
