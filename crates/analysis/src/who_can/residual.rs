//! What a document leaves to be asked once action and resource are given.

use super::scene::{Scene, Word};
use super::truth::{Brief, Truth};
use policy::elements::{ConditionTest, ResourceTest};
use policy::{
    ConditionElement, ConditionKey, Document, Effect, ListElement, Request, Statement, Text, Version,
};
use std::sync::Arc;

/// The statements of a document that may apply, and what is left of them.
#[derive(Debug, Default)]
pub(super) struct Residual {
    pub(super) left: Vec<Residue>,
    pub(super) said: Said,
    /// Whether more can be said of single principals.
    pub(super) personal: bool,
}

/// What statements come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) allow: Truth,
    pub(super) deny: Truth,
}

/// What is left of a statement that covers the action.
#[derive(Debug)]
pub(super) struct Residue {
    /// Its place in the document.
    pub(super) statement: u32,
    pub(super) effect: Effect,
    resource: Option<OpenResource>,
    conditions: Vec<OpenCondition>,
}

/// A resource element whose variables are not all known.
#[derive(Debug)]
struct OpenResource {
    negated: bool,
    entries: Vec<OpenEntry>,
}

#[derive(Debug)]
struct OpenEntry {
    place: u32,
    test: ResourceTest,
    asks: Asks,
}

#[derive(Debug)]
struct OpenCondition {
    place: u32,
    statement: Arc<Prepared>,
    asks: Asks,
}

/// The tests of a statement, made once.
#[derive(Debug)]
pub(super) struct Prepared {
    conditions: Vec<PreparedCondition>,
    /// An operator that does not exist never holds.
    holds_never: bool,
    /// Of an element without variables.
    resource: Option<ResourceTest>,
}

#[derive(Debug)]
struct PreparedCondition {
    test: ConditionTest,
    keys: Vec<ConditionKey>,
}

impl Prepared {
    pub(super) fn new(statement: &Statement, version: Version) -> Self {
        let condition = |element: &ConditionElement| PreparedCondition {
            test: ConditionTest::new(element, version),
            keys: keys_of(element, version),
        };
        let plain = |element: &&ListElement| {
            version != Version::V2012
                || element.entries.iter().all(|entry| variables_of(&entry.value, version).is_empty())
        };
        Self {
            conditions: statement.conditions.iter().map(condition).collect(),
            holds_never: statement.conditions.iter().any(|element| element.operator.is_none()),
            resource: statement.resource.as_ref().filter(plain).map(|it| ResourceTest::new(it, version)),
        }
    }
}

/// What something asks for that is not known as long as nobody is looked at.
#[derive(Debug)]
enum Asks {
    /// Keys that follow from the principal, at most.
    Personal(Vec<ConditionKey>),
    /// Also others.
    Unknown,
}

impl Asks {
    /// What is not known of these keys; nobody is looked at. `None` if all are.
    fn of(keys: &[ConditionKey], scene: &Scene<'_>) -> Option<Self> {
        let mut personal = Vec::new();
        for key in keys {
            match scene.word(key) {
                Word::Known => {}
                Word::Personal => personal.push(key.clone()),
                Word::Unknown => return Some(Asks::Unknown),
            }
        }
        (!personal.is_empty()).then_some(Asks::Personal(personal))
    }

    /// Whether everything is known of whom the scene looks at.
    fn are_known(&self, scene: &Scene<'_>) -> bool {
        match self {
            Asks::Personal(keys) => scene.knows_all(keys),
            Asks::Unknown => false,
        }
    }
}

/// What of a statement is open, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Opens {
    /// Places of conditions.
    pub(super) conditions: Vec<u32>,
    /// Places of entries of the resource element.
    pub(super) resources: Vec<u32>,
}

impl Said {
    pub(super) fn add(&mut self, other: Said) {
        self.allow = self.allow.or(other.allow);
        self.deny = self.deny.or(other.deny);
    }

    pub(super) fn add_statement(&mut self, effect: Effect, truth: Truth) {
        match effect {
            Effect::Allow => self.allow = self.allow.or(truth),
            Effect::Deny => self.deny = self.deny.or(truth),
        }
    }
}

impl Residual {
    /// What is left of these statements, which cover the action. The document is one of a layer that does not name
    /// principals, and nobody is looked at.
    pub(super) fn new(
        document: &Document,
        prepared: impl Fn(u32) -> Option<Arc<Prepared>>,
        statements: &[u32],
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Self {
        let mut residual = Residual::default();
        for place in statements {
            let Some(statement) = document.statements().get(*place as usize) else { continue };
            // Where principals are not named, a statement that does never matches.
            if statement.principal.is_some() || statement.resource.is_none() {
                continue;
            }
            let Some(prepared) = prepared(*place) else { continue };
            residual.left.extend(Residue::new(
                statement,
                *place,
                document.version(),
                &prepared,
                scene,
                request,
            ));
        }
        let truth = |residue: &Residue| residue.truth(scene, request);
        for residue in &residual.left {
            residual.said.add_statement(residue.effect, truth(residue));
        }
        let said = residual.said;
        residual.personal = residual.left.iter().any(|residue| {
            let settled = match residue.effect {
                Effect::Allow => said.allow == Truth::Yes,
                Effect::Deny => said.deny == Truth::Yes,
            };
            !settled && residue.is_personal()
        });
        residual
    }

    /// Whether no statement may apply.
    pub(super) fn is_nothing(&self) -> bool {
        self.left.is_empty()
    }

    /// What it comes to as long as nobody is looked at.
    pub(super) fn brief(&self) -> Brief {
        Brief::new(self.said.allow, self.said.deny, self.personal)
    }

    /// Whether nothing is open.
    pub(super) fn is_plain(&self) -> bool {
        self.left.iter().all(Residue::is_plain)
    }

    /// What it comes to for whom the scene looks at.
    pub(super) fn now(&self, scene: &Scene<'_>, request: &Request<'_>) -> Said {
        let mut said = Said::default();
        for residue in &self.left {
            said.add_statement(residue.effect, residue.truth(scene, request));
        }
        said
    }
}

impl Residue {
    /// What is left of a statement that covers the action; nothing if it cannot apply. Of its principal element
    /// nothing is asked; without a resource element it speaks of what it is attached to.
    pub(super) fn new(
        statement: &Statement,
        place: u32,
        version: Version,
        prepared: &Arc<Prepared>,
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Option<Self> {
        if prepared.holds_never {
            return None;
        }
        let resource = match (&statement.resource, &prepared.resource) {
            (Some(_), Some(test)) if test.covers(request) => None,
            (Some(_), Some(_)) => return None,
            (Some(element), None) => OpenResource::new(element, version, scene, request)?,
            (None, _) => None,
        };
        let mut conditions = Vec::new();
        for (PreparedCondition { test, keys }, place) in prepared.conditions.iter().zip(0..) {
            match Asks::of(keys, scene) {
                None if test.holds(scene) => {}
                None => return None,
                Some(asks) => {
                    conditions.push(OpenCondition { place, statement: Arc::clone(prepared), asks });
                }
            }
        }
        Some(Self { statement: place, effect: statement.effect, resource, conditions })
    }

    fn is_plain(&self) -> bool {
        self.resource.is_none() && self.conditions.is_empty()
    }

    /// Whether something depends on who is looked at.
    pub(super) fn is_personal(&self) -> bool {
        let entries = self.resource.iter().flat_map(|resource| &resource.entries).map(|entry| &entry.asks);
        let conditions = self.conditions.iter().map(|condition| &condition.asks);
        entries.chain(conditions).any(|asks| matches!(asks, Asks::Personal(_)))
    }

    /// Whether it applies, as far as the scene tells.
    pub(super) fn truth(&self, scene: &Scene<'_>, request: &Request<'_>) -> Truth {
        let mut truth = Truth::Yes;
        for condition in &self.conditions {
            truth = truth.and(condition.truth(scene));
            if truth == Truth::No {
                return truth;
            }
        }
        self.resource.as_ref().map_or(truth, |resource| truth.and(resource.truth(scene, request)))
    }

    /// What is open of it, as far as the scene tells.
    pub(super) fn opens(&self, scene: &Scene<'_>, request: &Request<'_>) -> Opens {
        let conditions = self.conditions.iter().filter(|condition| condition.truth(scene) == Truth::Open);
        let resources = self
            .resource
            .iter()
            .filter(|resource| resource.truth(scene, request) == Truth::Open)
            .flat_map(|resource| &resource.entries)
            .filter(|entry| entry.truth(scene, request) == Truth::Open);
        Opens {
            conditions: conditions.map(|condition| condition.place).collect(),
            resources: resources.map(|entry| entry.place).collect(),
        }
    }
}

/// The key of a condition, and variables in its values.
pub(super) fn keys_of(element: &ConditionElement, version: Version) -> Vec<ConditionKey> {
    let mut keys = vec![ConditionKey::new(&element.key.value)];
    if version == Version::V2012 && element.operator.is_some_and(|operator| operator.takes_variables()) {
        element.values.iter().for_each(|value| pieces(&value.value, |_| {}, |key| keys.push(key)));
    }
    keys
}

impl OpenCondition {
    fn truth(&self, scene: &Scene<'_>) -> Truth {
        let test = self.statement.conditions.get(self.place as usize).map(|condition| &condition.test);
        match test.filter(|_| self.asks.are_known(scene)) {
            Some(test) => test.holds(scene).into(),
            None => Truth::Open,
        }
    }
}

impl OpenResource {
    /// What is left of an element with variables: `None` if it does not cover the resource, `Some(None)` if it does.
    fn new(
        element: &ListElement,
        version: Version,
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Option<Option<Self>> {
        let variables = |entry: &Text| variables_of(&entry.value, version);
        let mut entries = Vec::new();
        for (text, place) in element.entries.iter().zip(0..) {
            let asks = Asks::of(&variables(text), scene);
            let widest = match asks {
                None => text.value.clone(),
                Some(_) => without_variables(&text.value).into(),
            };
            let covers = |text: Text| ResourceTest::new(&alone(element, text), version).covers(request);
            if !covers(Text { value: widest, span: text.span }) {
                continue;
            }
            // One entry that covers the resource settles the element.
            let Some(asks) = asks else { return (!element.negated).then_some(None) };
            let test = ResourceTest::new(&alone(element, text.clone()), version);
            entries.push(OpenEntry { place, test, asks });
        }
        match entries.is_empty() {
            true => element.negated.then_some(None),
            false => Some(Some(Self { negated: element.negated, entries })),
        }
    }

    fn truth(&self, scene: &Scene<'_>, request: &Request<'_>) -> Truth {
        let covers = self.entries.iter().fold(Truth::No, |sum, entry| sum.or(entry.truth(scene, request)));
        if self.negated { covers.not() } else { covers }
    }
}

impl OpenEntry {
    fn truth(&self, scene: &Scene<'_>, request: &Request<'_>) -> Truth {
        if self.asks.are_known(scene) { self.test.covers(request).into() } else { Truth::Open }
    }
}

/// An element `Resource` of one entry.
fn alone(element: &ListElement, text: Text) -> ListElement {
    ListElement { negated: false, span: element.span, entries: vec![text] }
}

/// The variables of an entry of a resource element: they stand after its fifth colon only.
fn variables_of(text: &str, version: Version) -> Vec<ConditionKey> {
    let mut keys = Vec::new();
    if version == Version::V2012
        && let Some(rest) = text.splitn(6, ':').nth(5)
    {
        pieces(rest, |_| {}, |key| keys.push(key));
    }
    keys
}

/// The entry with a star for each variable: it covers whatever the entry can cover.
fn without_variables(text: &str) -> String {
    let rest = text.splitn(6, ':').nth(5).unwrap_or_default();
    let mut wide = text.strip_suffix(rest).unwrap_or_default().to_owned();
    let out = std::cell::RefCell::new(&mut wide);
    pieces(rest, |literal| out.borrow_mut().push_str(literal), |_| out.borrow_mut().push('*'));
    wide
}

/// Cuts a text into literals, escaped letters (`${*}`) included, and the keys of variables.
fn pieces(text: &str, mut literal: impl FnMut(&str), mut variable: impl FnMut(ConditionKey)) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        literal(before);
        let Some((inside, next)) = after.split_once('}') else {
            return literal(rest.get(before.len()..).unwrap_or_default());
        };
        match inside {
            "*" | "?" | "$" => literal(&format!("${{{inside}}}")),
            inside => variable(ConditionKey::new(key_of(inside))),
        }
        rest = next;
    }
    literal(rest);
}

/// The key of what stands between `${` and `}`, with or without a default.
fn key_of(inside: &str) -> &str {
    let with_default = inside.split_once(',').filter(|(_, default)| {
        let quoted = default.trim().strip_prefix('\'');
        quoted.is_some_and(|quoted| quoted.ends_with('\''))
    });
    with_default.map_or(inside, |(key, _)| key).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_where_the_engine_finds_them() {
        let names = |text| {
            let keys = variables_of(text, Version::V2012);
            keys.iter().map(|key| key.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("arn:aws:s3:::b/${aws:UserName}/${k, 'd'}${*}"), ["aws:username", "k"]);
        assert_eq!(names("arn:aws:s3::${aws:username}"), [] as [&str; 0]);
        assert_eq!(names("arn:aws:s3:::b/${x"), [] as [&str; 0]);
        assert!(variables_of("arn:aws:s3:::${aws:username}", Version::V2008).is_empty());
        let wide = without_variables("arn:aws:s3:::b/${aws:username}/${*}/$x/${k,'d'}${");
        assert_eq!(wide, "arn:aws:s3:::b/*/${*}/$x/*${");
    }
}
