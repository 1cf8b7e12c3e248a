//! Documents with parts taken out, everything else as it stands.

use base::Span;
use policy::{Document, ListElement, Statement};
use std::sync::Arc;

/// A part of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A statement, by its place in [`Document::statements`].
    Statement(usize),
    /// An entry of a statement's `Action` or `NotAction`, both by their places.
    Action(usize, usize),
    /// An entry of a statement's `Resource` or `NotResource`, both by their places.
    Resource(usize, usize),
}

/// The document without a part; `None` if there is no such part, or nothing of its kind would be left.
pub fn without(document: &Document, part: Part) -> Option<Arc<Document>> {
    let spans: Vec<Span> = match part {
        Part::Statement(_) => document.statements().iter().map(|statement| statement.span).collect(),
        Part::Action(statement, _) => entries(&document.statements().get(statement)?.action),
        Part::Resource(statement, _) => entries(resource(document.statements().get(statement)?)?),
    };
    let (Part::Statement(place) | Part::Action(_, place) | Part::Resource(_, place)) = part;
    let cut = spans.get(place)?;
    // With the comma before it, or after it if it is the first.
    let (start, end) = match (place.checked_sub(1).and_then(|before| spans.get(before)), spans.get(place + 1))
    {
        (Some(before), _) => (before.end, cut.end),
        (None, Some(after)) => (cut.start, after.start),
        (None, None) => return None,
    };
    let text = document.text();
    let rest = format!("{}{}", text.get(..start as usize)?, text.get(end as usize..)?);
    let (document, _) = Document::parse_tolerant(&rest);
    document.map(Arc::new)
}

/// The text of a part.
pub fn text_of(document: &Document, part: Part) -> Option<&str> {
    let statement = |place: usize| document.statements().get(place);
    let span = match part {
        Part::Statement(place) => statement(place)?.span,
        Part::Action(place, entry) => statement(place)?.action.entries.get(entry)?.span,
        Part::Resource(place, entry) => resource(statement(place)?)?.entries.get(entry)?.span,
    };
    document.text().get(span.start as usize..span.end as usize)
}

/// The entries of all lists that have more than one, and all statements if there are more than one; statements first,
/// and the last first, so that taking one out moves none of those that follow here.
pub(crate) fn parts(document: &Document) -> Vec<Part> {
    let statements = document.statements();
    let mut found = Vec::new();
    if statements.len() > 1 {
        found.extend((0..statements.len()).rev().map(Part::Statement));
    }
    for (place, statement) in statements.iter().enumerate().rev() {
        let several = |list: &ListElement| if list.entries.len() > 1 { list.entries.len() } else { 0 };
        found.extend((0..several(&statement.action)).rev().map(|entry| Part::Action(place, entry)));
        let resources = statement.resource.as_ref().map_or(0, several);
        found.extend((0..resources).rev().map(|entry| Part::Resource(place, entry)));
    }
    found
}

fn entries(list: &ListElement) -> Vec<Span> {
    list.entries.iter().map(|entry| entry.span).collect()
}

fn resource(statement: &Statement) -> Option<&ListElement> {
    statement.resource.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_with_their_commas() {
        let text = r#"{"Statement": [{"Effect":"Allow","Action":["a:b", "a:c","a:d"],"Resource":"*"} , {"Effect":"Deny","Action":"a:e","Resource":"*"}]}"#;
        let (document, _) = Document::parse_tolerant(text);
        let document = document.unwrap();
        let left = |part| without(&document, part).map(|left| left.text().to_owned());
        assert!(left(Part::Statement(1)).unwrap().ends_with(r#""Resource":"*"}]}"#));
        assert!(left(Part::Statement(0)).unwrap().starts_with(r#"{"Statement": [{"Effect":"Deny""#));
        assert!(left(Part::Action(0, 0)).unwrap().contains(r#"["a:c","a:d"]"#));
        assert!(left(Part::Action(0, 2)).unwrap().contains(r#"["a:b", "a:c"]"#));
        assert_eq!(left(Part::Action(1, 0)), None);
        assert_eq!(text_of(&document, Part::Action(0, 1)), Some(r#""a:c""#));
    }
}
