//! Statements as conjunctions of tests, each of one dimension.

use crate::dimension::action::ActionDimension;
use crate::dimension::key::{Arity, KeyDimension};
use crate::dimension::principal::PrincipalDimension;
use crate::dimension::resource::ResourceDimension;
use crate::dimension::{Dimension, Kind};
use crate::value::{KeyValue, Value};
use crate::word::{Found, Variables, Word, Work};
use policy::catalogue::Catalogue;
use policy::elements::{PrincipalTest, action_tokens, resource_tokens};
use policy::{ConditionElement, Document, Effect, Layer, ListElement, Principal, Statement, Version};
use std::collections::HashMap;

/// A test of one dimension, both by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) dimension: usize,
    pub(crate) test: u32,
}

/// Literals with whether they hold, one of which must be so.
pub(crate) type Clause = Vec<(Literal, bool)>;

const ACTION: usize = 0;
const RESOURCE: usize = 1;
const PRINCIPAL: usize = 2;

/// A statement that can match something: it does if all its tests are passed.
#[derive(Debug, Clone)]
pub(crate) struct Conjunction {
    pub(crate) literals: Vec<Literal>,
    /// Its document's place among those that were added, and its place there.
    pub(crate) document: usize,
    pub(crate) statement: usize,
}

/// The statements of one layer, by effect; places in [`Problem::statements`].
#[derive(Debug, Clone, Default)]
pub(crate) struct LayerStatements {
    pub(crate) allows: Vec<usize>,
    pub(crate) denies: Vec<usize>,
}

/// Dimensions and statements.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) statements: Vec<Conjunction>,
    pub(crate) variables: Variables,
    keys: HashMap<String, usize>,
    documents: usize,
    /// What ties dimensions together, as far as it was met.
    pub(crate) ties: crate::ties::Ties,
    /// That no `*` in one of the first parts of an ARN goes on beyond its colon, if it is to be so.
    pub(crate) parts_alone: Vec<Clause>,
    /// Whether the search learns from conflicts from the start.
    pub(crate) learns_at_once: bool,
    /// Patterns of ARNs in which one does, and the same in which it does not.
    crossing: Vec<(Word, Word)>,
}

impl Problem {
    /// No statements yet.
    pub(crate) fn new(principals: Vec<Principal>, variables: Variables) -> Self {
        let dimensions = [
            Kind::Action(ActionDimension::default()),
            Kind::Resource(ResourceDimension::default()),
            Kind::Principal(PrincipalDimension::new(principals)),
        ];
        Self {
            dimensions: dimensions.into_iter().map(Dimension::new).collect(),
            statements: Vec::new(),
            variables,
            keys: HashMap::new(),
            documents: 0,
            ties: crate::ties::Ties::default(),
            parts_alone: Vec::new(),
            learns_at_once: false,
            crossing: Vec::new(),
        }
    }

    /// Adds a document of a layer.
    pub(crate) fn add(&mut self, document: &Document, layer: Layer) -> LayerStatements {
        let mut found = LayerStatements::default();
        for statement in document.statements() {
            let Some(literals) = self.literals(statement, document, layer) else { continue };
            let place = self.statements.len();
            self.statements.push(Conjunction {
                literals,
                document: self.documents,
                statement: statement.index,
            });
            match statement.effect {
                Effect::Allow => found.allows.push(place),
                Effect::Deny => found.denies.push(place),
            }
        }
        self.documents += 1;
        found
    }

    /// The tests of a statement; `None` if it matches nothing.
    fn literals(&mut self, statement: &Statement, document: &Document, layer: Layer) -> Option<Vec<Literal>> {
        let mut literals = Vec::new();
        let names_principals = matches!(layer, Layer::Resource | Layer::Rcp | Layer::Endpoint);
        match (&statement.principal, names_principals) {
            (None, false) => {}
            (Some(element), true) => {
                let test = PrincipalTest::new(element, statement.effect);
                literals.push(self.principal(|principal| test.names(principal).is_some())?);
            }
            // The engine reads such statements as matching nobody.
            _ => return None,
        }
        literals.extend(self.actions(&statement.action, statement.effect)?);
        match &statement.resource {
            Some(element) => literals.extend(self.resources(element, document)?),
            None if layer == Layer::Resource => {}
            None => return None,
        }
        for condition in &statement.conditions {
            literals.push(self.condition(condition, document.version()));
        }
        literals.sort_unstable();
        literals.dedup();
        Some(literals)
    }

    /// The test of a condition.
    pub(crate) fn condition(&mut self, condition: &ConditionElement, version: Version) -> Literal {
        let dimension = self.key(&condition.key.value);
        let mut variables = std::mem::replace(&mut self.variables, Variables::unknown());
        let test = match self.dimensions.get_mut(dimension).map(|d| &mut d.kind) {
            Some(Kind::Key(key)) => key.add_condition(condition, version, &mut variables),
            _ => 0,
        };
        self.variables = variables;
        Literal { dimension, test }
    }

    /// The test of an element; `None` if nothing passes it, an empty list if everything does.
    fn actions(&mut self, element: &ListElement, effect: Effect) -> Option<Option<Literal>> {
        let words = self.words(&action_tokens(element, effect));
        self.add_actions(words, element.negated)
    }

    fn add_actions(&mut self, words: Vec<Word>, negated: bool) -> Option<Option<Literal>> {
        if words.is_empty() || words.iter().any(Word::is_everything) {
            return (words.is_empty() == negated).then_some(None);
        }
        let Some(Kind::Action(actions)) = self.dimensions.get_mut(ACTION).map(|d| &mut d.kind) else {
            return None;
        };
        Some(Some(Literal { dimension: ACTION, test: actions.add(words, negated) }))
    }

    /// A test that actions pass which are among these entries (`s3:Get*`); `None` if nothing does, an empty one if
    /// everything does.
    pub(crate) fn listed_actions(&mut self, entries: &[String]) -> Option<Option<Literal>> {
        let word = |entry: &String| {
            let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '\t', '\r', '\n', ',', ':']);
            let is_action = entry == "*"
                || entry.split_once(':').is_some_and(|(service, name)| is_word(service) && is_word(name));
            is_action.then(|| Word::glob(&entry.to_ascii_lowercase()))
        };
        let words = entries.iter().filter_map(word).collect();
        self.add_actions(words, false)
    }

    fn resources(&mut self, element: &ListElement, document: &Document) -> Option<Option<Literal>> {
        let entries: Vec<&str> = element.entries.iter().map(|entry| &*entry.value).collect();
        let star = entries.contains(&"*");
        if star {
            return (!element.negated).then_some(None);
        }
        let tokens: Vec<_> =
            entries.iter().flat_map(|entry| resource_tokens(entry, document.version())).collect();
        let words = self.words(&tokens);
        for (entry, word) in entries.iter().zip(&words).filter(|_| entries.len() == words.len()) {
            if entry.matches(':').count() >= 5 {
                let alone = word.within_parts();
                if alone != *word && !self.crossing.iter().any(|(known, _)| known == word) {
                    self.crossing.push((word.clone(), alone));
                }
            }
        }
        self.add_resources(words, false, element.negated)
    }

    /// Only looks at resources on which it makes no difference whether a `*` at the end of a part of an ARN goes on
    /// beyond its colon: AWS's checks match each part by itself.
    pub(crate) fn match_parts_alone(&mut self) {
        for (crossing, alone) in std::mem::take(&mut self.crossing) {
            let crossing = self.resource(vec![crossing], false, false);
            let alone = self.resource(vec![alone], false, false);
            if let (Some(crossing), Some(alone)) = (crossing, alone) {
                self.parts_alone.push(vec![(crossing, false), (alone, true)]);
            }
        }
    }

    /// A test that resources pass which fit these entries; as for actions.
    pub(crate) fn listed_resources(&mut self, entries: &[String]) -> Option<Option<Literal>> {
        if entries.iter().any(|entry| entry == "*") {
            return Some(None);
        }
        let version = Version::V2008;
        let tokens: Vec<_> = entries.iter().flat_map(|entry| resource_tokens(entry, version)).collect();
        let words = self.words(&tokens);
        self.add_resources(words, false, false)
    }

    fn add_resources(&mut self, words: Vec<Word>, star: bool, negated: bool) -> Option<Option<Literal>> {
        if words.is_empty() && !star {
            return negated.then_some(None);
        }
        Some(self.resource(words, star, negated))
    }

    /// A test of the resource.
    pub(crate) fn resource(&mut self, words: Vec<Word>, star: bool, negated: bool) -> Option<Literal> {
        let Some(Kind::Resource(resources)) = self.dimensions.get_mut(RESOURCE).map(|d| &mut d.kind) else {
            return None;
        };
        Some(Literal { dimension: RESOURCE, test: resources.add(words, star, negated) })
    }

    /// A test that documented actions pass which are among these.
    pub(crate) fn documented(&mut self, places: &[usize]) -> Option<Literal> {
        let Some(Kind::Action(actions)) = self.dimensions.get_mut(ACTION).map(|d| &mut d.kind) else {
            return None;
        };
        Some(Literal { dimension: ACTION, test: actions.add_documented(places) })
    }

    /// A test that all documented actions pass.
    pub(crate) fn all_documented(&mut self) -> Option<Literal> {
        let Some(Kind::Action(actions)) = self.dimensions.get_mut(ACTION).map(|d| &mut d.kind) else {
            return None;
        };
        Some(Literal { dimension: ACTION, test: actions.add_all_documented() })
    }

    /// A test of the principal.
    pub(crate) fn principal(&mut self, passes: impl Fn(&Principal) -> bool) -> Option<Literal> {
        let Some(Kind::Principal(principals)) = self.dimensions.get_mut(PRINCIPAL).map(|d| &mut d.kind)
        else {
            return None;
        };
        Some(Literal { dimension: PRINCIPAL, test: principals.add(passes) })
    }

    /// A test that one candidate passes alone.
    pub(crate) fn only(&mut self, candidate: usize) -> Option<Literal> {
        let Some(Kind::Principal(principals)) = self.dimensions.get_mut(PRINCIPAL).map(|d| &mut d.kind)
        else {
            return None;
        };
        Some(Literal { dimension: PRINCIPAL, test: principals.add_only(candidate) })
    }

    fn words(&mut self, patterns: &[Vec<policy::elements::Token>]) -> Vec<Word> {
        patterns.iter().filter_map(|tokens| Word::new(tokens, &mut self.variables)).collect()
    }

    /// The dimension of a condition key.
    pub(crate) fn key(&mut self, name: &str) -> usize {
        let lower = name.to_lowercase();
        if let Some(known) = self.keys.get(&lower) {
            return *known;
        }
        let arity = match Catalogue::get().condition_key(name) {
            Some(key) if key.is_multivalued() => Arity::Many,
            Some(_) => Arity::One,
            None => Arity::Any,
        };
        let place = self.dimensions.len();
        self.dimensions.push(Dimension::new(Kind::Key(KeyDimension::new(name, arity))));
        self.keys.insert(lower, place);
        place
    }

    /// The dimension of a condition key, if any statement asks for it.
    pub(crate) fn known_key(&self, name: &str) -> Option<usize> {
        self.keys.get(&name.to_lowercase()).copied()
    }

    /// The names of all condition keys that statements ask for, with their dimensions.
    pub(crate) fn key_names(&self) -> Vec<(String, usize)> {
        self.keys.iter().map(|(name, place)| (name.clone(), *place)).collect()
    }

    /// Patterns one of which the resource must fit, by these units; `None` if it may be anything, or none.
    pub(crate) fn needed_resources(&self, units: &[(Literal, bool)]) -> Option<&[Word]> {
        let Some(Kind::Resource(resources)) = self.dimensions.get(RESOURCE).map(|d| &d.kind) else {
            return None;
        };
        let of_resource = units.iter().filter(|(literal, _)| literal.dimension == RESOURCE);
        of_resource
            .filter_map(|(literal, wanted)| resources.needed((literal.test, *wanted)))
            .min_by_key(|words| words.len())
    }

    /// Whether a resource of one of these forms fulfils the units.
    pub(crate) fn admits(
        &self,
        units: &[(Literal, bool)],
        forms: &[Word],
        star: bool,
        work: &mut Work,
    ) -> bool {
        let Some(Kind::Resource(resources)) = self.dimensions.get(RESOURCE).map(|d| &d.kind) else {
            return true;
        };
        let of_resource = units.iter().filter(|(literal, _)| literal.dimension == RESOURCE);
        let wishes: Vec<(u32, bool)> = of_resource.map(|(literal, wanted)| (literal.test, *wanted)).collect();
        resources.admits(&wishes, forms, star, work)
    }

    /// Whether these units need a key to be there.
    pub(crate) fn must_be_there(&self, dimension: usize, units: &[(Literal, bool)]) -> bool {
        let absent = Value::Key(KeyValue::Absent);
        let Some(found) = self.dimensions.get(dimension) else { return false };
        let of_key = units.iter().filter(|(literal, _)| literal.dimension == dimension);
        of_key.into_iter().any(|(literal, wanted)| !found.fulfils(&absent, (literal.test, *wanted)))
    }

    /// The literal whether a key is there.
    pub(crate) fn present(&mut self, dimension: usize) -> Option<Literal> {
        match self.dimensions.get_mut(dimension).map(|d| &mut d.kind) {
            Some(Kind::Key(key)) => Some(Literal { dimension, test: key.add_present() }),
            _ => None,
        }
    }

    /// The literal whether a key has a value that fits.
    pub(crate) fn is(
        &mut self,
        dimension: usize,
        words: Vec<Word>,
        typed: Vec<policy::elements::ValuePattern>,
    ) -> Option<Literal> {
        match self.dimensions.get_mut(dimension).map(|d| &mut d.kind) {
            Some(Kind::Key(key)) => Some(Literal { dimension, test: key.add_is(words, typed) }),
            _ => None,
        }
    }

    /// Whether a value has it that the literal holds, or does not hold.
    pub(crate) fn fulfils(&self, values: &[Value], (literal, holds): (Literal, bool)) -> bool {
        match (self.dimensions.get(literal.dimension), values.get(literal.dimension)) {
            (Some(dimension), Some(value)) => dimension.fulfils(value, (literal.test, holds)),
            _ => false,
        }
    }

    /// A value of a dimension that fulfils all wishes.
    pub(crate) fn find(&mut self, dimension: usize, wishes: &[(u32, bool)], work: &mut Work) -> Found<Value> {
        match self.dimensions.get_mut(dimension) {
            Some(found) => found.find(wishes, work),
            None => Found::None,
        }
    }

    /// The documented action, if it is one.
    pub(crate) fn documented_place(values: &[Value]) -> Option<usize> {
        match values.first() {
            Some(Value::Action(action)) => action.place,
            _ => None,
        }
    }

    /// The values of all condition keys.
    pub(crate) fn context(&self, values: &[Value]) -> Vec<(String, KeyValue)> {
        let named = |(dimension, value): (&Dimension, &Value)| match (&dimension.kind, value) {
            (Kind::Key(key), Value::Key(value)) => Some((key.name.clone(), value.clone())),
            _ => None,
        };
        let mut found: Vec<_> = self.dimensions.iter().zip(values).filter_map(named).collect();
        found.retain(|(_, value)| *value != KeyValue::Absent);
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    }
}
