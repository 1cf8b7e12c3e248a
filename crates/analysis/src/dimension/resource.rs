//! What it is done to: an ARN, or `*` for actions on no resource.

use super::Wish;
use crate::value::Value;
use crate::word::{Found, Word, Work, find};

/// The tests of the resource.
#[derive(Debug, Default)]
pub(crate) struct ResourceDimension {
    tests: Vec<ResourceTest>,
}

/// A `Resource` or `NotResource` element, or a form that ARNs have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ResourceTest {
    negated: bool,
    words: Vec<Word>,
    /// It covers requests on no resource.
    star: bool,
}

impl ResourceDimension {
    /// Adds a test: texts that fit one of the words, and `*` if `star`. Its place.
    pub(crate) fn add(&mut self, words: Vec<Word>, star: bool, negated: bool) -> u32 {
        let test = ResourceTest { negated, words, star };
        let place = self.tests.iter().position(|known| *known == test);
        place.unwrap_or_else(|| {
            self.tests.push(test);
            self.tests.len() - 1
        }) as u32
    }

    /// The patterns one of which the resource must fit to pass this test; `None` if it may be anything, or none.
    pub(crate) fn needed(&self, (place, wanted): Wish) -> Option<&[Word]> {
        let test = self.tests.get(place as usize).filter(|test| wanted != test.negated && !test.star)?;
        Some(&test.words)
    }

    pub(super) fn fulfils(&self, resource: &str, (place, wanted): Wish) -> bool {
        let Some(test) = self.tests.get(place as usize) else { return false };
        // To be sure that it fails, what stands for it must not match for sure; and the other way round.
        let surely = wanted == test.negated;
        let fits = if resource == "*" {
            test.star
        } else {
            test.words.iter().any(|word| word.matches(resource, surely))
        };
        (fits != test.negated) == wanted
    }

    /// Whether a resource of one of these forms fulfils all wishes, as far as can be found out.
    pub(crate) fn admits(&self, wishes: &[Wish], forms: &[Word], star: bool, work: &mut Work) -> bool {
        self.search(wishes, Some((forms, star)), work) != Found::None
    }

    pub(super) fn find(&self, wishes: &[Wish], work: &mut Work) -> Found<Value> {
        self.search(wishes, None, work)
    }

    fn search(&self, wishes: &[Wish], forms: Option<(&[Word], bool)>, work: &mut Work) -> Found<Value> {
        let arn = [arn_form()];
        let (mut wanted, mut avoided): (Vec<&[Word]>, Vec<&Word>) = (vec![&arn], Vec::new());
        let mut star = true;
        if let Some((words, on_none)) = forms {
            star = on_none;
            wanted.push(words);
        }
        for (place, passes) in wishes {
            let Some(test) = self.tests.get(*place as usize) else { return Found::None };
            let covers = *passes != test.negated;
            star &= test.star == covers;
            if covers { wanted.push(&test.words) } else { avoided.extend(&test.words) }
        }
        // With variables that are not known, only the search knows which text is a variable's.
        let is_known = !wanted.iter().any(|words| words.iter().any(Word::has_variable));
        let usual = wanted
            .iter()
            .skip(usize::from(wanted.len() > 1))
            .filter(|_| is_known)
            .flat_map(|words| words.iter().take(MOST_USUAL));
        for word in usual {
            for (filler, beyond) in [("example", false), ("example", true), ("x", false), ("", false)] {
                if !work.take(word.0.len() as u64 * (wanted.len() + avoided.len()) as u64) {
                    return Found::Exhausted;
                }
                let Some(text) = word.arn_instance(filler, beyond) else { continue };
                let fits = |words: &[Word]| words.iter().any(|word| word.matches(&text, false));
                if wanted.iter().all(|words| fits(words))
                    && !avoided.iter().any(|word| word.matches(&text, true))
                {
                    return Found::One(Value::Resource(text));
                }
            }
        }
        match find(&wanted, &avoided, work) {
            Found::One(text) => Found::One(Value::Resource(text)),
            Found::Exhausted => Found::Exhausted,
            Found::None if star => Found::One(Value::Resource("*".to_owned())),
            Found::None => Found::None,
        }
    }
}

/// How many words of an element are tried with what is usual for their wildcards.
const MOST_USUAL: usize = 12;

/// What every ARN fits: six parts.
pub(crate) fn arn_form() -> Word {
    use crate::word::Step::{Letter, Star};
    let mut steps: Vec<_> = "arn:".chars().map(Letter).collect();
    for _ in 0..4 {
        steps.extend([Star { colon: false }, Letter(':')]);
    }
    steps.push(Star { colon: true });
    Word(steps.into())
}
