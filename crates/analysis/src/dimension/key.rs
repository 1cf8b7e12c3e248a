//! One condition key.
//!
//! A key is absent, has one value, or several. What conditions ask of one value is, for texts, that it fit one of some
//! patterns or none of them; for numbers, dates, addresses and bytes, values that stand for all are tried. Of several
//! values, `ForAllValues` asks something of each and `ForAnyValue` of one: each of the latter gets a value of its own.

use super::Wish;
use super::typed::candidates;
use crate::value::{KeyValue, Value};
use crate::word::{Found, Variables, Word, Work, find};
use policy::elements::{ConditionTest, ValuePattern, value_pattern};
use policy::{Comparison, ConditionElement, ContextMap, Operator, Quantifier, Version};

/// How many values a key can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    /// One at most.
    One,
    /// A list.
    Many,
    /// Nobody knows.
    Any,
}

/// The tests of one condition key.
#[derive(Debug)]
pub(crate) struct KeyDimension {
    /// Its name, as first written.
    pub(crate) name: String,
    arity: Arity,
    tests: Vec<KeyTest>,
    /// Values that stand for all, of keys that are compared as numbers and the like.
    typed: Vec<String>,
}

#[derive(Debug)]
struct KeyTest {
    kind: TestKind,
    /// What tells tests apart: the same test is added once.
    written: String,
}

#[derive(Debug)]
enum TestKind {
    Condition {
        operator: Option<Operator>,
        patterns: Vec<Pattern>,
        engine: ConditionTest,
        has_variable: bool,
    },
    /// A value is there, and one fits.
    Is(Vec<Pattern>),
    /// A value is there.
    Present,
}

#[derive(Debug)]
enum Pattern {
    Text(Word),
    Typed(ValuePattern),
}

/// Of a text: to fit one of each union, and none of the others.
#[derive(Debug, Clone, Default)]
struct Demand {
    wanted: Vec<Vec<Word>>,
    avoided: Vec<Word>,
}

/// What one value must be so that a test is passed, or failed.
enum Demands {
    /// One of these must be met.
    Text(Vec<Demand>),
    /// Asked of the engine.
    Typed,
}

impl Demands {
    fn always() -> Self {
        Demands::Text(vec![Demand::default()])
    }

    fn never() -> Self {
        Demands::Text(Vec::new())
    }

    fn constant(holds: bool) -> Self {
        if holds { Self::always() } else { Self::never() }
    }

    fn fits(words: Vec<Word>) -> Self {
        Demands::Text(vec![Demand { wanted: vec![words], avoided: Vec::new() }])
    }

    fn avoids(words: Vec<Word>) -> Self {
        Demands::Text(vec![Demand { wanted: Vec::new(), avoided: words }])
    }
}

impl KeyDimension {
    pub(crate) fn new(name: &str, arity: Arity) -> Self {
        Self { name: name.to_owned(), arity, tests: Vec::new(), typed: Vec::new() }
    }

    /// Adds a condition. Its place.
    pub(crate) fn add_condition(
        &mut self,
        element: &ConditionElement,
        version: Version,
        variables: &mut Variables,
    ) -> u32 {
        let values: Vec<&str> = element.values.iter().map(|value| &*value.value).collect();
        let written = format!("{:?} {version:?} {values:?}", element.operator);
        self.add(written, || {
            let mut patterns = Vec::new();
            let mut has_variable = false;
            for text in values {
                let Some(operator) = element.operator else { continue };
                match value_pattern(operator, text, version) {
                    ValuePattern::Text(tokens) => {
                        let Some(word) = Word::new(&tokens, variables) else { continue };
                        has_variable |= word.has_variable();
                        patterns.push(Pattern::Text(word));
                    }
                    other => patterns.push(Pattern::Typed(other)),
                }
            }
            let engine = ConditionTest::new(element, version);
            TestKind::Condition { operator: element.operator, patterns, engine, has_variable }
        })
    }

    /// Adds a test that a value passes that is there and fits one of these. Its place.
    pub(crate) fn add_is(&mut self, words: Vec<Word>, typed: Vec<ValuePattern>) -> u32 {
        let written = format!("is {words:?} {typed:?}");
        let patterns = words.into_iter().map(Pattern::Text).chain(typed.into_iter().map(Pattern::Typed));
        self.add(written, || TestKind::Is(patterns.collect()))
    }

    /// Adds the test whether the key is there. Its place.
    pub(crate) fn add_present(&mut self) -> u32 {
        self.add("present".to_owned(), || TestKind::Present)
    }

    fn add(&mut self, written: String, kind: impl FnOnce() -> TestKind) -> u32 {
        if let Some(place) = self.tests.iter().position(|test| test.written == written) {
            return place as u32;
        }
        self.tests.push(KeyTest { kind: kind(), written });
        let patterns = self.tests.iter().flat_map(|test| match &test.kind {
            TestKind::Condition { patterns, .. } | TestKind::Is(patterns) => patterns.as_slice(),
            TestKind::Present => &[],
        });
        let typed = patterns.filter_map(|pattern| match pattern {
            Pattern::Typed(value) => Some(value),
            Pattern::Text(_) => None,
        });
        self.typed = candidates(typed);
        self.tests.len() as u32 - 1
    }

    pub(super) fn fulfils(&self, value: &KeyValue, (place, wanted): Wish) -> bool {
        let Some(test) = self.tests.get(place as usize) else { return false };
        match value {
            KeyValue::One(text) if !text.is_empty() => self.meets(test, text, wanted),
            KeyValue::Many(texts) if texts.iter().any(|text| !text.is_empty()) => {
                self.set_meets(test, texts, wanted)
            }
            _ => self.nothing_meets(test, value, wanted),
        }
    }

    /// Of a key that is absent, or has nothing but empty values.
    fn nothing_meets(&self, test: &KeyTest, value: &KeyValue, wanted: bool) -> bool {
        match &test.kind {
            // The engine does not know the variable; to an operator without prefix an empty text is a text. Where a
            // variable stands for it, it is looked at as that variable's letter, not here.
            TestKind::Condition { has_variable: true, operator: Some(operator), .. }
                if *value != KeyValue::Absent && operator.quantifier == Quantifier::Single =>
            {
                match test.demands(wanted) {
                    Demands::Text(demands) => demands.iter().any(|demand| demand.is_met("", true)),
                    Demands::Typed => self.engine_holds(test, "") == wanted,
                }
            }
            TestKind::Condition { engine, .. } => engine.holds(&self.context(value)) == wanted,
            TestKind::Is(_) => !wanted,
            TestKind::Present => (*value != KeyValue::Absent) == wanted,
        }
    }

    fn context(&self, value: &KeyValue) -> ContextMap {
        let mut context = ContextMap::new();
        value.insert(&self.name, &mut context);
        context
    }

    /// Of one value.
    fn meets(&self, test: &KeyTest, text: &str, wanted: bool) -> bool {
        match test.demands(wanted) {
            Demands::Text(demands) => demands.iter().any(|demand| demand.is_met(text, false)),
            Demands::Typed => self.engine_holds(test, text) == wanted,
        }
    }

    /// Asks the engine, of one value.
    fn engine_holds(&self, test: &KeyTest, text: &str) -> bool {
        match &test.kind {
            TestKind::Condition { engine, .. } => {
                engine.holds(&self.context(&KeyValue::One(text.to_owned())))
            }
            TestKind::Is(patterns) => patterns.iter().any(|pattern| match pattern {
                Pattern::Text(word) => word.matches(text, true),
                Pattern::Typed(ValuePattern::Network(first, last)) => {
                    text.parse().is_ok_and(|address: std::net::IpAddr| {
                        let address = address.to_canonical();
                        address.is_ipv4() == first.is_ipv4() && (*first..=*last).contains(&address)
                    })
                }
                Pattern::Typed(_) => false,
            }),
            TestKind::Present => true,
        }
    }

    /// Of several values, one at least not empty.
    fn set_meets(&self, test: &KeyTest, texts: &[String], wanted: bool) -> bool {
        let each = |text: &String, wanted| {
            if text.is_empty() {
                self.engine_holds(test, text) == wanted
            } else {
                self.meets(test, text, wanted)
            }
        };
        match test.reading(texts.len()) {
            Reading::Never => !wanted,
            // What holds of all holds of each; and what fails of all fails of one.
            Reading::Each if wanted => texts.iter().all(|text| each(text, true)),
            Reading::Each => texts.iter().any(|text| each(text, false)),
            Reading::Some if wanted => texts.iter().any(|text| each(text, true)),
            Reading::Some => texts.iter().all(|text| each(text, false)),
        }
    }

    pub(super) fn find(&self, wishes: &[Wish], work: &mut Work) -> Found<Value> {
        let found = |value| Found::One(Value::Key(value));
        let is_answer = |value: &KeyValue| wishes.iter().all(|wish| self.fulfils(value, *wish));
        if is_answer(&KeyValue::Absent) {
            return found(KeyValue::Absent);
        }
        let mut exhausted = false;
        if self.arity != Arity::Many {
            match self.find_text(&self.each(wishes), None, work) {
                Found::One(text) => return found(KeyValue::One(text)),
                Found::Exhausted => exhausted = true,
                Found::None => {}
            }
            let empty = KeyValue::One(String::new());
            if is_answer(&empty) {
                return found(empty);
            }
        }
        if self.arity != Arity::One {
            match self.find_set(wishes, work) {
                Found::One(texts) => return found(KeyValue::Many(texts)),
                Found::Exhausted => exhausted = true,
                Found::None => {}
            }
        }
        if exhausted { Found::Exhausted } else { Found::None }
    }

    fn each(&self, wishes: &[Wish]) -> Vec<(&KeyTest, bool)> {
        wishes
            .iter()
            .filter_map(|(place, wanted)| Some((self.tests.get(*place as usize)?, *wanted)))
            .collect()
    }

    /// A list of values.
    fn find_set(&self, wishes: &[Wish], work: &mut Work) -> Found<Vec<String>> {
        // A list of one value first, where the key always has a list: then of two or more.
        if self.arity == Arity::Many {
            match self.find_text(&self.each(wishes), None, work) {
                Found::None => {}
                Found::One(text) => return Found::One(vec![text]),
                Found::Exhausted => return Found::Exhausted,
            }
        }
        let (mut of_all, mut of_one) = (Vec::new(), Vec::new());
        for (test, wanted) in self.each(wishes) {
            match (test.reading(2), wanted) {
                (Reading::Never, true) => return Found::None,
                (Reading::Never, false) => {}
                (Reading::Each, true) | (Reading::Some, false) => of_all.push((test, wanted)),
                (Reading::Each, false) | (Reading::Some, true) => of_one.push((test, wanted)),
            }
        }
        let mut texts: Vec<String> = Vec::new();
        for one in of_one {
            let asked: Vec<_> = of_all.iter().copied().chain([one]).collect();
            match self.find_text(&asked, None, work) {
                Found::One(text) => {
                    if !texts.contains(&text) {
                        texts.push(text);
                    }
                }
                Found::None => return Found::None,
                Found::Exhausted => return Found::Exhausted,
            }
        }
        while texts.len() < 2 {
            match self.find_text(&of_all, texts.first().map(String::as_str), work) {
                Found::One(text) => texts.push(text),
                Found::None => return Found::None,
                Found::Exhausted => return Found::Exhausted,
            }
        }
        Found::One(texts)
    }

    /// What a value may well be.
    fn usual_words(&self) -> impl Iterator<Item = &'static str> {
        let is_yes_or_no = self.tests.iter().any(|test| {
            matches!(&test.kind, TestKind::Condition { operator: Some(operator), .. } if operator.comparison == Comparison::Bool)
        });
        let words = if is_yes_or_no { ["false", "true"] } else { ["example", "other"] };
        words.into_iter()
    }

    /// One value that is not empty, and not the one that is there already.
    fn find_text(&self, asked: &[(&KeyTest, bool)], besides: Option<&str>, work: &mut Work) -> Found<String> {
        let mut ways = vec![Demand::default()];
        let mut is_typed = false;
        for (test, wanted) in asked {
            match test.demands(*wanted) {
                Demands::Typed => is_typed = true,
                Demands::Text(alternatives) => {
                    let joined =
                        |way: &Demand| alternatives.iter().map(|other| way.and(other)).collect::<Vec<_>>();
                    ways = ways.iter().flat_map(joined).collect();
                }
            }
            if ways.len() > MOST_WAYS {
                return Found::Exhausted;
            }
        }
        let suits = |text: &str| {
            !text.is_empty()
                && Some(text) != besides
                && asked.iter().all(|(test, wanted)| self.meets(test, text, *wanted))
        };
        let words = ways.iter().flat_map(|way| way.wanted.iter().flatten()).take(MOST_USUAL);
        let usual = words.flat_map(|word| ["example", "1", "other"].map(|filler| word.instance(filler)));
        let usual: Vec<String> = usual.flatten().chain(self.usual_words().map(str::to_owned)).collect();
        // With variables that are not known, only the search knows which text is a variable's.
        let is_known = !ways.iter().any(|way| way.wanted.iter().flatten().any(Word::has_variable));
        if let Some(text) = self
            .typed
            .iter()
            .chain(&usual)
            .find(|text| is_known && (is_typed || **text != "invalid!") && suits(text))
        {
            return Found::One(text.clone());
        }
        if is_typed {
            // Values that stand for all were tried; but texts that patterns ask for as well were not all of them.
            let is_mixed = ways.iter().any(|way| !way.wanted.is_empty() || !way.avoided.is_empty());
            return if is_mixed { Found::Exhausted } else { Found::None };
        }
        for way in &ways {
            let empty = Word(Box::new([]));
            let taken = besides.map(Word::exact);
            let wanted: Vec<&[Word]> = way.wanted.iter().map(Vec::as_slice).collect();
            let avoided: Vec<&Word> = way.avoided.iter().chain([&empty]).chain(&taken).collect();
            match find(&wanted, &avoided, work) {
                Found::None => {}
                other => return other,
            }
        }
        Found::None
    }
}

/// In how many ways a value can be asked for at most.
const MOST_WAYS: usize = 256;
/// How many patterns are tried with a usual word.
const MOST_USUAL: usize = 8;

/// How a test reads several values.
enum Reading {
    Never,
    /// It holds if it holds of each.
    Each,
    /// It holds if it holds of one.
    Some,
}

impl Demand {
    fn and(&self, other: &Demand) -> Demand {
        Demand {
            wanted: self.wanted.iter().chain(&other.wanted).cloned().collect(),
            avoided: self.avoided.iter().chain(&other.avoided).cloned().collect(),
        }
    }

    /// `surely`: what is wanted must match whatever variables stand for.
    fn is_met(&self, text: &str, surely: bool) -> bool {
        self.wanted.iter().all(|union| union.iter().any(|word| word.matches(text, surely)))
            && !self.avoided.iter().any(|word| word.matches(text, true))
    }
}

impl KeyTest {
    fn reading(&self, values: usize) -> Reading {
        match &self.kind {
            TestKind::Is(_) => Reading::Some,
            TestKind::Present => Reading::Each,
            TestKind::Condition { operator: None, .. } => Reading::Never,
            TestKind::Condition { operator: Some(operator), .. } => match operator.quantifier {
                // Whether there is a value is asked of the list as a whole.
                Quantifier::Single if operator.comparison == Comparison::Null => Reading::Some,
                Quantifier::Single if values > 1 => Reading::Never,
                Quantifier::Single | Quantifier::ForAllValues => Reading::Each,
                Quantifier::ForAnyValue => Reading::Some,
            },
        }
    }

    /// What a value that is not empty must be.
    fn demands(&self, wanted: bool) -> Demands {
        let (operator, patterns) = match &self.kind {
            TestKind::Present => return Demands::constant(wanted),
            TestKind::Is(patterns) if patterns.iter().all(Pattern::is_text) => {
                let words = words(patterns);
                return if wanted { Demands::fits(words) } else { Demands::avoids(words) };
            }
            TestKind::Is(_) => return Demands::Typed,
            TestKind::Condition { operator: None, .. } => return Demands::constant(!wanted),
            TestKind::Condition { operator: Some(operator), patterns, .. } => (*operator, patterns),
        };
        let has = |value: &ValuePattern| {
            patterns.iter().any(|pattern| matches!(pattern, Pattern::Typed(known) if known == value))
        };
        match operator.comparison {
            Comparison::String | Comparison::StringLike | Comparison::StringIgnoreCase => {
                let words = words(patterns);
                if wanted == operator.negated { Demands::avoids(words) } else { Demands::fits(words) }
            }
            Comparison::Arn => {
                let words = words(patterns);
                let arn = super::resource::arn_form();
                match (operator.negated, wanted) {
                    (false, true) => Demands::fits(words),
                    (false, false) => Demands::avoids(words),
                    (true, true) => Demands::Text(vec![Demand { wanted: vec![vec![arn]], avoided: words }]),
                    (true, false) => {
                        let no_arn = Demand { wanted: Vec::new(), avoided: vec![arn] };
                        Demands::Text(vec![Demand { wanted: vec![words], avoided: Vec::new() }, no_arn])
                    }
                }
            }
            Comparison::Bool => {
                let said: Vec<Word> = words(patterns);
                let yes = vec![Word("true".chars().map(crate::word::Step::AnyCase).collect())];
                if !said.is_empty() {
                    // A variable may say either.
                    return Demands::always();
                }
                match (has(&ValuePattern::Bool(true)), has(&ValuePattern::Bool(false))) {
                    (true, true) => Demands::constant(wanted),
                    (false, false) => Demands::constant(!wanted),
                    (true, false) if wanted => Demands::fits(yes),
                    (false, true) if !wanted => Demands::fits(yes),
                    _ => Demands::avoids(yes),
                }
            }
            Comparison::Null => Demands::constant(has(&ValuePattern::Absent(false)) == wanted),
            Comparison::Numeric(_) | Comparison::Date(_) | Comparison::IpAddress | Comparison::Binary => {
                Demands::Typed
            }
        }
    }
}

impl Pattern {
    fn is_text(&self) -> bool {
        matches!(self, Pattern::Text(_))
    }
}

fn words(patterns: &[Pattern]) -> Vec<Word> {
    let word = |pattern: &Pattern| match pattern {
        Pattern::Text(word) => Some(word.clone()),
        Pattern::Typed(_) => None,
    };
    patterns.iter().filter_map(word).collect()
}
