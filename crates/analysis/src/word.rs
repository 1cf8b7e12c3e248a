//! Patterns of texts, and the search for a text that fits some of them and none of others.
//!
//! A pattern is a sequence of steps; where one can be in it while a text is read is a set of places.
//!
//! Policy variables stand for texts that are not known. Each has a letter of its own. Where a pattern must *surely*
//! match (it is avoided), the letter is matched by its own variable and by `*`; where it *might* match (it is wanted),
//! the letter may be any text. What is proved in this way holds whatever the variables stand for.

mod automaton;

pub(crate) use automaton::{Found, Work, find};

use policy::elements::Token;
use std::collections::HashMap;

/// The first of the letters that stand for variables, in a plane that is for private use.
const FIRST_LETTER: u32 = 0xF_0000;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    Letter(char),
    AnyCase(char),
    One {
        colon: bool,
    },
    Star {
        colon: bool,
    },
    /// A variable, by its letter.
    Variable(char),
}

/// A pattern of texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Word(pub(crate) Box<[Step]>);

/// What policy variables stand for.
#[derive(Debug, Clone)]
pub(crate) enum Variables {
    /// Not known: each is a letter.
    Letters(Vec<(Box<str>, Option<Box<str>>)>),
    /// These texts; a variable that is not among them is a letter.
    Partly(HashMap<Box<str>, String>, Vec<(Box<str>, Option<Box<str>>)>),
    /// These texts; a variable that is not among them stands for its default, or for nothing.
    Texts(HashMap<Box<str>, String>),
}

impl Variables {
    /// None is known.
    pub(crate) fn unknown() -> Self {
        Variables::Letters(Vec::new())
    }

    /// Whether variables were met that are letters.
    pub(crate) fn has_letters(&self) -> bool {
        match self {
            Variables::Letters(met) | Variables::Partly(_, met) => !met.is_empty(),
            Variables::Texts(_) => false,
        }
    }

    /// The keys that variables name which were met.
    pub(crate) fn met(&self) -> Vec<&str> {
        match self {
            Variables::Letters(met) | Variables::Partly(_, met) => {
                met.iter().map(|(key, _)| &**key).collect()
            }
            Variables::Texts(_) => Vec::new(),
        }
    }

    /// The steps of a variable; `None` if it stands for nothing.
    fn steps(&mut self, key: &str, default: Option<&str>) -> Option<Vec<Step>> {
        let letters = |text: &str| Some(text.chars().map(Step::Letter).collect());
        match self {
            Variables::Partly(texts, _) if texts.contains_key(key) => letters(texts.get(key)?),
            Variables::Letters(met) | Variables::Partly(_, met) => {
                let is_it = |(known, other): &(Box<str>, Option<Box<str>>)| {
                    **known == *key && other.as_deref() == default
                };
                let place = met.iter().position(is_it).unwrap_or_else(|| {
                    met.push((key.into(), default.map(Into::into)));
                    met.len() - 1
                });
                let letter = char::from_u32(FIRST_LETTER + u32::try_from(place).ok()?)?;
                Some(vec![Step::Variable(letter)])
            }
            Variables::Texts(texts) => letters(texts.get(key).map(String::as_str).or(default)?),
        }
    }
}

impl Word {
    /// The pattern of these tokens; `None` if it matches nothing.
    pub(crate) fn new(tokens: &[Token], variables: &mut Variables) -> Option<Word> {
        let mut steps = Vec::with_capacity(tokens.len());
        for token in tokens {
            match token {
                Token::Letter(letter) => steps.push(Step::Letter(*letter)),
                Token::AnyCase(letter) => steps.push(Step::AnyCase(*letter)),
                Token::One { colon } => steps.push(Step::One { colon: *colon }),
                Token::Star { colon } => steps.push(Step::Star { colon: *colon }),
                Token::Variable { key, default } => {
                    steps.extend(variables.steps(key, default.as_deref())?);
                }
            }
        }
        Some(Word(steps.into()))
    }

    /// The pattern that only this text fits.
    pub(crate) fn exact(text: &str) -> Word {
        Word(text.chars().map(Step::Letter).collect())
    }

    /// The pattern of a text in which `*` stands for any letters.
    pub(crate) fn glob(text: &str) -> Word {
        let step = |letter| match letter {
            '*' => Step::Star { colon: true },
            '?' => Step::One { colon: true },
            letter => Step::Letter(letter),
        };
        Word(text.chars().map(step).collect())
    }

    /// The only text that fits, if there is only one.
    pub(crate) fn text(&self) -> Option<String> {
        let letter = |step: &Step| match step {
            Step::Letter(letter) => Some(*letter),
            _ => None,
        };
        self.0.iter().map(letter).collect()
    }

    /// What every text that fits begins with.
    pub(crate) fn literal_prefix(&self) -> String {
        let letter = |step: &Step| match step {
            Step::Letter(letter) => Some(*letter),
            _ => None,
        };
        self.0.iter().map_while(letter).collect()
    }

    /// Of a pattern of ARNs: the service as written, if it is written out.
    pub(crate) fn service(&self) -> Option<String> {
        let mut parts = self.0.split(|step| *step == Step::Letter(':')).skip(2);
        let service = parts.next()?;
        parts.next()?;
        let letter = |step: &Step| match step {
            Step::Letter(letter) => Some(*letter),
            _ => None,
        };
        service.iter().map(letter).collect()
    }

    /// Of a pattern of ARNs: whether what is written as its service may be matched by a later part.
    pub(crate) fn crosses_before_service(&self) -> bool {
        let mut before = self.0.split(|step| *step == Step::Letter(':')).take(2);
        before.any(|part| part.contains(&Step::Star { colon: true }))
    }

    /// Of a form of ARNs: whether there may be more than five colons.
    pub(crate) fn has_more_colons(&self) -> bool {
        let mut colons = 0;
        self.0.iter().any(|step| {
            colons += usize::from(*step == Step::Letter(':'));
            colons > 5 || matches!(step, Step::One { colon: true } | Step::Star { colon: true })
        })
    }

    /// Whether it is a text and one full star.
    pub(crate) fn is_prefix(&self) -> bool {
        let literal = self.0.iter().take_while(|step| matches!(step, Step::Letter(_))).count();
        literal + 1 == self.0.len() && matches!(self.0.last(), Some(Step::Star { colon: true }))
    }

    /// The same with stars in the first five parts of an ARN that stay there.
    pub(crate) fn within_parts(&self) -> Word {
        let mut colons = 0;
        let step = |step: &Step| match step {
            Step::Star { .. } if colons < 5 => Step::Star { colon: false },
            Step::Letter(':') => {
                colons += 1;
                *step
            }
            other => *other,
        };
        Word(self.0.iter().map(step).collect())
    }

    /// Whether every text fits.
    pub(crate) fn is_everything(&self) -> bool {
        *self.0 == [Step::Star { colon: true }]
    }

    /// Whether it has a variable that is not known.
    pub(crate) fn has_variable(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::Variable(_)))
    }

    /// Whether a text fits; `surely` tells how letters of variables are read.
    pub(crate) fn matches(&self, text: &str, surely: bool) -> bool {
        // Up to the first wildcard or variable there is no choice; and mostly that is enough to say no.
        let mut rest = text;
        for (place, step) in self.0.iter().enumerate() {
            let Step::Letter(own) = step else {
                let is_last = place + 1 == self.0.len();
                return match step {
                    Step::Star { colon: true } if is_last => true,
                    _ => Self::matches_from(self.0.get(place..).unwrap_or_default(), rest, surely),
                };
            };
            match rest.chars().next() {
                Some(letter) if letter == *own => rest = rest.get(letter.len_utf8()..).unwrap_or_default(),
                // What stands for a variable may be anything.
                Some(letter) if is_variable(letter) && !surely => {
                    return Self::matches_from(self.0.get(place..).unwrap_or_default(), rest, surely);
                }
                _ => return false,
            }
        }
        rest.is_empty()
    }

    fn matches_from(steps: &[Step], text: &str, surely: bool) -> bool {
        // The places that are live, as the automaton has them, of one pattern.
        let mut live = vec![false; steps.len() + 1];
        let mut next = vec![false; steps.len() + 1];
        if let Some(first) = live.first_mut() {
            *first = true;
        }
        spread(steps, &mut live, surely);
        for letter in text.chars() {
            next.iter_mut().for_each(|place| *place = false);
            let mut any = false;
            for (place, step) in steps.iter().enumerate() {
                if !live.get(place).copied().unwrap_or(false) {
                    continue;
                }
                match follow(*step, letter, surely) {
                    Follow::No => {}
                    Follow::Stay => set(&mut next, place, &mut any),
                    Follow::Pass => set(&mut next, place + 1, &mut any),
                    Follow::Anywhere => (place..=steps.len()).for_each(|to| set(&mut next, to, &mut any)),
                }
            }
            if !any {
                return false;
            }
            std::mem::swap(&mut live, &mut next);
            spread(steps, &mut live, surely);
        }
        live.last().copied().unwrap_or(false)
    }

    /// A text that fits, with this word for its wildcards.
    pub(crate) fn instance(&self, filler: &str) -> Option<String> {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Letter(letter) | Step::AnyCase(letter) => text.push(*letter),
                Step::One { .. } => text.push('x'),
                Step::Star { .. } => text.push_str(filler),
                Step::Variable(_) => return None,
            }
        }
        Some(text)
    }

    /// An ARN that fits, with what is usual in its first parts and this word for wildcards in the last. With `beyond`
    /// a wildcard for the region stands for the account as well, where it may.
    pub(crate) fn arn_instance(&self, filler: &str, beyond: bool) -> Option<String> {
        let mut text = String::new();
        for (place, step) in self.0.iter().enumerate() {
            // One letter and any number of them: one word.
            let is_word = matches!(self.0.get(place + 1), Some(Step::Star { .. }));
            if matches!(step, Step::One { .. }) && is_word && !filler.is_empty() {
                continue;
            }
            let word = match step {
                Step::Letter(letter) | Step::AnyCase(letter) => {
                    text.push(*letter);
                    continue;
                }
                Step::Variable(_) => return None,
                Step::One { .. } => "x",
                Step::Star { colon } => match (text.matches(':').count(), text.ends_with(':')) {
                    (5.., _) => filler,
                    (1, true) => "aws",
                    (3, true) if beyond && *colon => "us-east-1:111122223333",
                    (3, true) => "us-east-1",
                    (3, false) => "east-1",
                    (4, true) => EXAMPLE_ACCOUNT,
                    _ => "",
                },
            };
            text.push_str(word);
        }
        (text.matches(':').count() >= 5).then_some(text)
    }
}

/// AWS's account for examples.
pub(crate) const EXAMPLE_ACCOUNT: &str = "111122223333";

fn set(places: &mut [bool], place: usize, any: &mut bool) {
    if let Some(found) = places.get_mut(place) {
        (*found, *any) = (true, true);
    }
}

/// A `*` may be passed at once.
fn spread(steps: &[Step], live: &mut [bool], surely: bool) {
    for (place, step) in steps.iter().enumerate() {
        let here = live.get(place).copied().unwrap_or(false);
        if here
            && is_star(*step, surely)
            && let Some(after) = live.get_mut(place + 1)
        {
            *after = true;
        }
    }
}

fn is_star(step: Step, surely: bool) -> bool {
    matches!(step, Step::Star { .. }) || (!surely && matches!(step, Step::Variable(_)))
}

/// Where a step leads with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follow {
    No,
    Stay,
    Pass,
    /// The letter may be any text, which may match any number of steps.
    Anywhere,
}

fn is_variable(letter: char) -> bool {
    (FIRST_LETTER..=0xF_FFFD).contains(&u32::from(letter))
}

fn follow(step: Step, letter: char, surely: bool) -> Follow {
    if is_variable(letter) {
        return match step {
            _ if !surely => Follow::Anywhere,
            Step::Star { colon: true } => Follow::Stay,
            Step::Variable(own) if own == letter => Follow::Pass,
            _ => Follow::No,
        };
    }
    match step {
        Step::Letter(own) => {
            if own == letter {
                Follow::Pass
            } else {
                Follow::No
            }
        }
        Step::AnyCase(own) => {
            if own == letter || letter.to_lowercase().eq([own]) {
                Follow::Pass
            } else {
                Follow::No
            }
        }
        Step::One { colon } => {
            if colon || letter != ':' {
                Follow::Pass
            } else {
                Follow::No
            }
        }
        Step::Star { colon } => {
            if colon || letter != ':' {
                Follow::Stay
            } else {
                Follow::No
            }
        }
        // Its text is not known: it may be any, or surely none.
        Step::Variable(_) => {
            if surely {
                Follow::No
            } else {
                Follow::Stay
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(wanted: &[&[&str]], avoided: &[&str]) -> Found<String> {
        let wanted: Vec<Vec<Word>> =
            wanted.iter().map(|union| union.iter().map(|text| Word::glob(text)).collect()).collect();
        let avoided: Vec<Word> = avoided.iter().map(|text| Word::glob(text)).collect();
        let unions: Vec<&[Word]> = wanted.iter().map(Vec::as_slice).collect();
        let avoid: Vec<&Word> = avoided.iter().collect();
        let found = find(&unions, &avoid, &mut Work::new(10_000_000));
        if let Found::One(text) = &found {
            assert!(wanted.iter().all(|union| union.iter().any(|word| word.matches(text, true))), "{text}");
            assert!(!avoided.iter().any(|word| word.matches(text, true)), "{text}");
        }
        found
    }

    #[test]
    fn texts_are_found_where_there_are_some() {
        for (wanted, avoided) in [
            (&["a*"][..], &["ab*", "a"][..]),
            (&["*"], &["?*"]),
            (&["*a*", "b"], &["a*"]),
            (&["??"], &["a?", "?a", "xx"]),
            (&["a?????????b*"], &["*b?????????a*"]),
        ] {
            assert!(matches!(search(&[wanted], avoided), Found::One(_)), "{wanted:?} {avoided:?}");
        }
        for (wanted, avoided) in [
            (&["ab*"][..], &["a*"][..]),
            (&["a*b"], &["a*"]),
            (&["*"], &["", "?", "??*"]),
            (&["ab*", "ac"], &["a?*"]),
            (&["*aab*"], &["*ab*"]),
        ] {
            assert_eq!(search(&[wanted], avoided), Found::None, "{wanted:?} {avoided:?}");
        }
    }

    #[test]
    fn several_wishes_at_once() {
        assert!(matches!(search(&[&["a*"], &["*b"], &["*cc*"]], &["*d*"]), Found::One(_)));
        assert_eq!(search(&[&["a*"], &["b*"]], &[]), Found::None);
        assert_eq!(search(&[&["a?"], &["?b"]], &["ab"]), Found::None);
        let words: Vec<String> = (0..16).map(|word| format!("*w{word:02}*")).collect();
        let unions: Vec<Vec<&str>> = words.iter().map(|word| vec![word.as_str()]).collect();
        let unions: Vec<&[&str]> = unions.iter().map(Vec::as_slice).collect();
        assert!(matches!(search(&unions, &[]), Found::One(_)));
    }

    #[test]
    fn work_is_bounded() {
        let wanted = Word::glob(&format!("*a{}b*", "?".repeat(40)));
        let avoided: Vec<Word> = (0..40).map(|n| Word::glob(&format!("*a{}*", "?".repeat(n)))).collect();
        let avoided: Vec<&Word> = avoided.iter().collect();
        let found = find(&[&[wanted]], &avoided, &mut Work::new(50_000));
        assert_ne!(found, Found::One(String::new()));
    }

    #[test]
    fn a_star_within_parts_stays_there() {
        let part = Word(Box::new([Step::Star { colon: false }, Step::Letter('b')]));
        assert!(part.matches("xb", true) && !part.matches(":b", true));
        assert_eq!(find(&[&[part]], &[&Word::glob("*b")], &mut Work::new(1_000)), Found::None);
    }

    #[test]
    fn variables_are_letters() {
        let mut variables = Variables::unknown();
        let variable = |key: &str| Token::Variable { key: key.into(), default: None };
        let mut word = |tokens: &[Token]| Word::new(tokens, &mut variables).unwrap();
        let home = word(&[Token::Letter('h'), variable("u"), Token::Star { colon: true }]);
        let same = home.clone();
        let other = word(&[Token::Letter('h'), variable("v"), Token::Star { colon: true }]);
        let wide = Word::glob("h*");
        let search = |wanted: &Word, avoided: &Word| {
            find(&[std::slice::from_ref(wanted)], &[avoided], &mut Work::new(10_000))
        };
        assert_eq!(search(&home, &same), Found::None);
        assert_eq!(search(&home, &wide), Found::None);
        assert!(matches!(search(&home, &other), Found::One(_)));
        assert!(matches!(search(&wide, &home), Found::One(_)));
        // What the variable stands for may be `bob`.
        let bob = Word::glob("hbob");
        let both =
            find(&[std::slice::from_ref(&home), std::slice::from_ref(&bob)], &[], &mut Work::new(10_000));
        assert!(matches!(both, Found::One(_)));
    }
}
