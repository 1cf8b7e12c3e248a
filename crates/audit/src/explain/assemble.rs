//! From the engine's explanation to an answer.

use super::answer::{
    Answer, Asked, LayerAnswer, LayerName, Mark, Part, Place, ShownPolicy, StatementAnswer, Verdict,
};
use super::keys::Keys;
use super::shown::ShownText;
use super::{changes, subject, words};
use base::span::LineIndex;
use base::{Partition, Span};
use model::Snapshot;
use policy::{
    CompiledPolicy, Effect, Element, Explanation, Layer, LayerExplanation, Layers, ListElement, Miss,
    Outcome, PrincipalElement, Request, Statement, StatementExplanation,
};
use std::sync::Arc;

/// How many statements that nearly matched are told.
const NEAR: usize = 3;
/// How many statements of a layer are told.
const STATEMENTS: usize = 100;

/// What was asked of what.
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) partition: Partition,
    /// Nothing counts but what the question brings along: what it does not, is not there.
    pub(super) alone: bool,
    pub(super) request: &'a Request<'a>,
    pub(super) layers: &'a Layers<'a>,
    pub(super) keys: &'a Keys,
}

/// Puts an answer together, all but the request and the notes.
pub(super) fn assemble(scene: &Scene<'_>, explanation: &Explanation) -> Answer {
    let mut shelf = Shelf { scene, policies: Vec::new() };
    let mut layers = layers(&mut shelf, explanation);
    let deciding = explanation.deciding_statement().map(|found| {
        let layer = explanation.decision.reason.layer;
        shelf.statement(layer, found)
    });
    if let (Some(layer), Some(deciding)) = (layers.iter_mut().find(|layer| layer.decides), &deciding) {
        layer.by = Some((deciding.policy, deciding.statement));
    }
    let near = near(explanation).into_iter().map(|(layer, found)| shelf.statement(layer, found)).collect();
    let changes = changes::changes(&mut shelf, &policy::flip(scene.layers, scene.request));
    let verdict = Verdict::from(explanation.decision.outcome);
    let policies: Vec<ShownPolicy> = shelf.policies.into_iter().map(|held| held.shown).collect();
    let title = |statement: &StatementAnswer| policies.get(statement.policy).map(ShownPolicy::title);
    let summary = words::summary(scene, explanation, deciding.as_ref().and_then(title).as_deref());
    let context = Vec::new();
    let request = Asked {
        principal: String::new(),
        action: String::new(),
        resource: String::new(),
        resource_account: None,
        context,
    };
    let missing_context = missing_context(explanation);
    let notes = Vec::new();
    Answer { verdict, summary, request, layers, deciding, near, changes, missing_context, notes, policies }
}

/// The keys that the request lacks, spelt as the statements that ask for them spell them.
fn missing_context(explanation: &Explanation) -> Vec<String> {
    let statements = explanation.layers.iter().flat_map(|layer| &layer.statements);
    let conditions = statements.filter_map(StatementExplanation::statement).flat_map(|it| &it.conditions);
    let written: Vec<&str> = conditions.map(|condition| &*condition.key.value).collect();
    let spelt = |key: &String| written.iter().find(|known| known.eq_ignore_ascii_case(key)).copied();
    explanation.missing_context.iter().map(|key| spelt(key).unwrap_or(key).to_owned()).collect()
}

/// The layers that are asked, present or not.
fn layers(shelf: &mut Shelf<'_>, explanation: &Explanation) -> Vec<LayerAnswer> {
    let reason = explanation.decision.reason;
    let decides = |layer| reason.layer == layer;
    let mut answers = Vec::new();
    let above = explanation.layers.iter().filter(|found| is_above(found.layer));
    for found in above {
        answers.push(LayerAnswer {
            layer: found.layer.into(),
            part: part(found),
            policies: shelf.scene.count_at(found.layer, found.level as usize),
            decides: decides(found.layer) && reason.level == found.level,
            by: shelf.by(found),
            statements: shelf.statements(found),
        });
    }
    for layer in [Layer::Resource, Layer::Identity, Layer::Boundary, Layer::Session] {
        let found = explanation.layers.iter().find(|found| found.layer == layer);
        let answer = match found {
            Some(found) => {
                let part = part(found);
                let by = shelf.by(found);
                let policies = shelf.scene.count(layer);
                let part = if policies == 0 && layer == Layer::Identity { Part::Silent } else { part };
                let statements = shelf.statements(found);
                LayerAnswer { layer: layer.into(), part, policies, decides: decides(layer), by, statements }
            }
            None => {
                let unknown = layer == Layer::Resource && shelf.scene.can_have_resource_policy();
                let part = if unknown { Part::Unknown } else { Part::Absent };
                let (layer, decides, statements) = (layer.into(), decides(layer), Vec::new());
                LayerAnswer { layer, part, policies: 0, decides, by: None, statements }
            }
        };
        answers.push(answer);
    }
    answers
}

/// Layers that are told only where there are some: a snapshot holds none of them.
fn is_above(layer: Layer) -> bool {
    matches!(layer, Layer::Rcp | Layer::Scp | Layer::Endpoint)
}

fn part(found: &LayerExplanation) -> Part {
    match (found.denies, found.allows) {
        (true, _) => Part::Denies,
        (false, true) => Part::Allows,
        (false, false) => Part::Silent,
    }
}

impl Scene<'_> {
    /// The action that is asked for.
    pub(super) fn action(&self) -> &str {
        self.request.action()
    }

    /// Whether the resource may have a policy of its own that is not known: nothing of IAM's has one, roles apart.
    pub(super) fn can_have_resource_policy(&self) -> bool {
        !self.alone && self.request.resource() != "*" && !words::is_of("iam", self.request.action())
    }

    fn count_at(&self, layer: Layer, level: usize) -> usize {
        let set = match layer {
            Layer::Rcp => self.layers.rcps.get(level).map(|set| &**set),
            Layer::Scp => self.layers.scps.get(level).map(|set| &**set),
            _ => self.layers.endpoint,
        };
        set.map_or(0, |set| set.policies().len())
    }

    fn count(&self, layer: Layer) -> usize {
        let set = match layer {
            Layer::Resource => self.layers.resource,
            Layer::Identity => Some(self.layers.identity),
            Layer::Boundary => self.layers.boundary,
            Layer::Session => self.layers.session,
            Layer::Rcp | Layer::Scp | Layer::Endpoint => None,
        };
        set.map_or(0, |set| set.policies().len())
    }
}

/// Statements that nearly matched and would have turned the decision: of a denial for want of an allow those of the
/// layer that lacks it, of a permission those that deny.
fn near(explanation: &Explanation) -> Vec<(Layer, &StatementExplanation)> {
    let wanted = match explanation.decision.outcome {
        Outcome::ExplicitlyDenied => return Vec::new(),
        Outcome::ImplicitlyDenied => Effect::Allow,
        Outcome::Allowed => Effect::Deny,
    };
    let deciding = explanation.decision.reason.layer;
    let layers = explanation.layers.iter().filter(|layer| wanted == Effect::Deny || layer.layer == deciding);
    let mut near: Vec<_> = layers
        .flat_map(|layer| layer.statements.iter().map(|statement| (layer.layer, statement)))
        .filter(|(_, statement)| statement.effect == wanted && !statement.matches())
        .filter(|(_, statement)| wanted == Effect::Allow || covers_action(statement))
        .collect();
    // A condition can be met by another request; an action or resource only by another policy.
    let unmet =
        |statement: &StatementExplanation| statement.misses.iter().filter(|it| !is_condition(it)).count();
    near.sort_by_key(|(_, statement)| (!covers_action(statement), statement.misses.len(), unmet(statement)));
    // Of those that have another action of the same service, one is enough, and only for want of better ones.
    let with_action = near.iter().filter(|(_, statement)| covers_action(statement)).count();
    near.truncate(if with_action == 0 { 1 } else { with_action.min(NEAR) });
    near
}

fn covers_action(statement: &StatementExplanation) -> bool {
    statement.misses.iter().all(|miss| miss.element != Element::Action)
}

fn is_condition(miss: &Miss) -> bool {
    matches!(miss.element, Element::Condition(_))
}

/// The policies that an answer speaks of, each shown once.
pub(super) struct Shelf<'a> {
    scene: &'a Scene<'a>,
    policies: Vec<Held>,
}

struct Held {
    policy: Arc<CompiledPolicy>,
    text: ShownText,
    lines: LineIndex,
    shown: ShownPolicy,
}

impl<'a> Shelf<'a> {
    /// What was asked of what.
    pub(super) fn scene(&self) -> &'a Scene<'a> {
        self.scene
    }

    /// The policy of a statement.
    pub(super) fn policy(&self, statement: &StatementAnswer) -> Option<&ShownPolicy> {
        self.policies.get(statement.policy).map(|held| &held.shown)
    }

    /// The place of a policy among those shown.
    fn place_of(&mut self, layer: Layer, policy: &Arc<CompiledPolicy>) -> usize {
        if let Some(found) = self.policies.iter().position(|held| Arc::ptr_eq(&held.policy, policy)) {
            return found;
        }
        let Scene { snapshot, partition, .. } = *self.scene;
        let mut arn_of = |id: &str| subject::arn_of_id(snapshot, id, partition);
        let text = ShownText::new(policy.document(), &mut arn_of);
        let label = policy.label();
        let shown = ShownPolicy {
            kind: words::kind(label, layer).to_owned(),
            name: label.name.to_string(),
            of: label.id.to_string(),
            text: text.text.clone(),
        };
        let lines = LineIndex::new(&shown.text);
        self.policies.push(Held { policy: Arc::clone(policy), text, lines, shown });
        self.policies.len() - 1
    }

    fn place(&self, policy: usize, span: Span) -> Place {
        let Some(held) = self.policies.get(policy) else {
            return Place { start: 0, end: 0, line: 1, column: 1 };
        };
        let Span { start, end } = held.text.span(span);
        let position = held.lines.position(&held.shown.text, start);
        Place { start, end, line: position.line, column: position.column }
    }

    /// The statement by which a layer denies or allows.
    fn by(&mut self, layer: &LayerExplanation) -> Option<(usize, usize)> {
        let effect = if layer.denies { Effect::Deny } else { Effect::Allow };
        let found = layer.statements.iter().find(|found| found.matches() && found.effect == effect)?;
        Some((self.place_of(layer.layer, &found.policy), found.statement_place as usize))
    }

    /// The statements of a layer that match or nearly do, those that match first.
    fn statements(&mut self, layer: &LayerExplanation) -> Vec<StatementAnswer> {
        let (matching, near): (Vec<_>, Vec<_>) = layer.statements.iter().partition(|found| found.matches());
        let found = matching.into_iter().chain(near).take(STATEMENTS);
        found.map(|found| self.statement(layer.layer, found)).collect()
    }

    /// A statement with what is to be said of its elements.
    pub(super) fn statement(&mut self, layer: Layer, found: &StatementExplanation) -> StatementAnswer {
        let policy = self.place_of(layer, &found.policy);
        let span = found.statement().map(|statement| statement.span).unwrap_or_default();
        let sid = found.statement().and_then(|statement| statement.sid.as_ref());
        let marks = marks(self.scene, found).into_iter().map(|(span, matches, label)| Mark {
            place: self.place(policy, span),
            matches,
            label,
        });
        let marks = marks.collect();
        StatementAnswer {
            layer: LayerName::from(layer),
            policy,
            statement: found.statement_place as usize,
            sid: sid.map(|sid| sid.value.to_string()).filter(|sid| !sid.is_empty()),
            effect: found.effect.into(),
            matches: found.matches(),
            place: self.place(policy, span),
            marks,
        }
    }
}

/// What is to be said of a statement's elements: of one that matches, by what; of another, why not.
fn marks(scene: &Scene<'_>, found: &StatementExplanation) -> Vec<(Span, bool, String)> {
    let Some(statement) = found.statement() else { return Vec::new() };
    if !found.matches() {
        let miss = |miss: &Miss| (span_of(statement, miss), false, words::miss(scene, statement, miss));
        return found.misses.iter().map(miss).collect();
    }
    let mut marks = Vec::new();
    let action = found.action_span.unwrap_or_else(|| list_span(&statement.action, "Action"));
    marks.push((action, true, words::covers_action(scene, found.effect, statement)));
    if let Some(element) = &statement.resource {
        let span = found.resource_span.unwrap_or_else(|| list_span(element, "Resource"));
        marks.push((span, true, words::covers_resource(element).to_owned()));
    }
    if let Some(element) = &statement.principal {
        marks.push((principal_span(element), true, words::names_principal(element).to_owned()));
    }
    for condition in &statement.conditions {
        marks.push((condition.key.span, true, words::holds(scene, condition)));
    }
    marks
}

/// The piece to mark for a miss: of a condition its key; of another element its entry if it has only one, else its
/// key, since the entries may be many.
fn span_of(statement: &Statement, miss: &Miss) -> Span {
    let smaller = match miss.element {
        Element::Action => Some(list_span(&statement.action, "Action")),
        Element::Resource => statement.resource.as_ref().map(|element| list_span(element, "Resource")),
        Element::Principal => statement.principal.as_ref().map(principal_span),
        Element::Condition(place) => statement.conditions.get(place).map(|condition| condition.key.span),
    };
    smaller.unwrap_or(miss.span)
}

fn list_span(element: &ListElement, name: &str) -> Span {
    match element.entries.as_slice() {
        [entry] => entry.span,
        _ => key_span(element.span, name, element.negated),
    }
}

fn principal_span(element: &PrincipalElement) -> Span {
    match element.entries.as_slice() {
        [entry] => entry.text.span,
        _ => key_span(element.span, "Principal", element.negated),
    }
}

/// The key at the front of an element, quotes included.
fn key_span(element: Span, name: &str, negated: bool) -> Span {
    let length = name.len() + if negated { "Not".len() } else { 0 } + 2;
    let end = element.start.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
    Span { start: element.start, end: end.min(element.end) }
}
