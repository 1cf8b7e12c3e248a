//! Questions that are several of the one question.

use crate::access::{Access, AccessLayer};
use crate::decide::{Options, Scope, no_new_access};
use crate::edit::{Part, parts, text_of, without};
use crate::verdict::{Blamed, Verdict};
use policy::{Document, DocumentKind, Effect};
use std::sync::Arc;

/// Whether two accesses have no request in common: [`Verdict::Refuted`] shows one that both allow.
///
/// Both are asked as one: every layer of each must allow, and a deny of either counts. Accesses that allow in more than
/// one way are not joined; the verdict is then [`Verdict::Undetermined`].
pub fn overlap(one: &Access, other: &Access, scope: &Scope, options: Options) -> Verdict {
    let ways = (one.ways(), other.ways());
    let ([first], [second]) = ways else {
        return Verdict::Undetermined(vec!["one of the two allows in several ways".to_owned()]);
    };
    let layers: Vec<AccessLayer> = one.layers().iter().chain(other.layers()).cloned().collect();
    let moved = second.iter().map(|layer| layer + one.layers().len());
    let way = first.iter().copied().chain(moved).collect();
    no_new_access(&Access::in_ways(layers, vec![way]), &Access::nothing(), scope, options)
}

/// Whether two accesses allow the same: what the second allows beyond the first, and the first beyond the second.
pub fn compare(old: &Access, new: &Access, scope: &Scope, options: Options) -> (Verdict, Verdict) {
    (no_new_access(new, old, scope, options), no_new_access(old, new, scope, options))
}

/// The statements of `narrow` that deny something of what `wide` allows, each asked by itself: where access is new,
/// those of the old policies that kept it away.
pub fn denying(wide: &Access, narrow: &Access, scope: &Scope, options: Options) -> Vec<Blamed> {
    let options = Options { blame_all: false, ..options };
    let mut found = Vec::new();
    for (place, layer) in narrow.layers().iter().enumerate() {
        for (policy, document) in layer.documents().iter().enumerate() {
            let denies = document.statements().iter().enumerate().filter(|(_, it)| it.effect == Effect::Deny);
            for (number, statement) in denies {
                // What denies on both sides keeps nothing from one of them.
                let is_on_both =
                    wide.layers().iter().filter(|other| other.layer() == layer.layer()).any(|it| {
                        it.documents()
                            .iter()
                            .any(|other| has_statement(other, statement.span.of(document.text())))
                    });
                let Some(alone) = (!is_on_both).then(|| only(document, number)).flatten() else { continue };
                // Nothing has to allow, so that only the denial counts.
                let alone = AccessLayer::new(layer.layer(), vec![alone]);
                let alone = Access::in_ways(vec![alone], vec![Vec::new()]);
                if no_new_access(wide, &alone, scope, options).refutation().is_some() {
                    let sid = statement.sid.as_ref().map(|sid| sid.value.to_string());
                    found.push(Blamed { layer: place, policy, statement: statement.index, sid });
                }
            }
        }
    }
    found
}

fn has_statement(document: &Document, text: &str) -> bool {
    document.statements().iter().any(|statement| statement.span.of(document.text()) == text)
}

/// The document with one statement only.
fn only(document: &Arc<Document>, place: usize) -> Option<Arc<Document>> {
    let others = (0..document.statements().len()).rev().filter(|other| *other != place);
    others.into_iter().try_fold(Arc::clone(document), |rest, other| without(&rest, Part::Statement(other)))
}

/// A part of a policy that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redundant {
    /// The part.
    pub part: Part,
    /// Its text.
    pub text: String,
    /// Of a statement that allows: whether the policy's own denies leave nothing of it.
    pub is_denied: bool,
}

/// The parts of a policy each of which can be taken out by itself without changing what it allows. Of parts that stand
/// in for one another all are told: not all can go. See [`minimize`].
///
/// The document is judged alone: what denies nothing of its own may deny what the policies beside it allow. What could not
/// be determined is not told.
pub fn redundant(document: &Arc<Document>, kind: DocumentKind, options: Options) -> Vec<Redundant> {
    let options = Options { blame_all: false, ..options };
    let mut found: Vec<Redundant> = Vec::new();
    for part in parts(document) {
        // What is said of a statement need not be said of its entries.
        let statement = statement_of(part);
        if found.iter().any(|known| known.part == Part::Statement(statement)) {
            continue;
        }
        let Some(rest) = without(document, part) else { continue };
        if is_same(document, &rest, kind, options) {
            let is_denied =
                matches!(part, Part::Statement(_)) && is_denied(document, statement, kind, options);
            let text = text_of(document, part).unwrap_or_default().to_owned();
            found.push(Redundant { part, text, is_denied });
        }
    }
    found.sort_by_key(|redundant| redundant.part);
    found
}

fn statement_of(part: Part) -> usize {
    match part {
        Part::Statement(place) | Part::Action(place, _) | Part::Resource(place, _) => place,
    }
}

/// Whether both documents allow the same, for certain.
fn is_same(one: &Arc<Document>, other: &Arc<Document>, kind: DocumentKind, options: Options) -> bool {
    let (one, other) = (Access::of(Arc::clone(one), kind), Access::of(Arc::clone(other), kind));
    let holds = |new: &Access, old: &Access| no_new_access(new, old, &Scope::default(), options).is_proved();
    holds(&one, &other) && holds(&other, &one)
}

/// Whether denies leave nothing of an allowing statement.
fn is_denied(document: &Arc<Document>, place: usize, kind: DocumentKind, options: Options) -> bool {
    use Effect::{Allow, Deny};
    let mut alone = Arc::clone(document);
    for other in (0..document.statements().len()).rev() {
        let effect = document.statements().get(other).map(|statement| statement.effect);
        if other != place && effect == Some(Allow) {
            match without(&alone, Part::Statement(other)) {
                Some(fewer) => alone = fewer,
                None => return false,
            }
        }
    }
    let denies = alone.statements().iter().any(|statement| statement.effect == Deny);
    let alone = Access::of(alone, kind);
    denies && no_new_access(&alone, &Access::nothing(), &Scope::default(), options).is_proved()
}

/// A policy that allows the same with nothing in it that could be left out, and what was left out.
#[derive(Debug, Clone)]
pub struct Minimized {
    /// The policy.
    pub document: Arc<Document>,
    /// The texts of the parts that were taken out, statements first.
    pub removed: Vec<String>,
    /// The proof, asked once more of the whole: the result allows nothing that the original does not, and nothing less.
    pub proof: (Verdict, Verdict),
}

/// Takes out of a policy whatever changes nothing, until nothing more can go. The document is judged alone, as by
/// [`redundant`]. The result is minimal in that no statement and no entry of a list can be left out; it need not be the
/// shortest policy of all that allow the same.
pub fn minimize(document: &Arc<Document>, kind: DocumentKind, options: Options) -> Minimized {
    let asked = Options { blame_all: false, ..options };
    let mut smaller = Arc::clone(document);
    let mut removed = Vec::new();
    // What denies goes once nothing is left that it denies: statements are gone through until none can go.
    loop {
        let before = removed.len();
        let statements = parts(&smaller).into_iter().filter(|part| matches!(part, Part::Statement(_)));
        take_out(&mut smaller, statements, kind, asked, &mut removed);
        if removed.len() == before {
            break;
        }
    }
    let entries = parts(&smaller).into_iter().filter(|part| !matches!(part, Part::Statement(_)));
    take_out(&mut smaller, entries, kind, asked, &mut removed);
    let (old, new) = (Access::of(Arc::clone(document), kind), Access::of(Arc::clone(&smaller), kind));
    let proof = compare(&old, &new, &Scope::default(), asked);
    Minimized { document: smaller, removed, proof }
}

/// Takes out those parts that change nothing. The last come first, so that the others keep their places.
fn take_out(
    document: &mut Arc<Document>,
    parts: impl Iterator<Item = Part>,
    kind: DocumentKind,
    options: Options,
    removed: &mut Vec<String>,
) {
    for part in parts {
        let Some(rest) = without(document, part) else { continue };
        let gone = text_of(document, part).unwrap_or_default().to_owned();
        if is_same(document, &rest, kind, options) {
            *document = rest;
            removed.push(gone);
        }
    }
}
