//! Grades by area, from what failed and nothing else.
//!
//! An area gets the grade of the worst thing in it that counts: F critical, D high, C medium, B low, A nothing worse
//! than a remark; no grade if nothing failed and most of its checks could not be judged. What is excepted does not count, what could not be judged
//! is told beside the grade.

use crate::checks::{Area, Check, by_id};
use crate::finding::{Finding, Severity, Status};
use serde::Serialize;
use std::collections::BTreeMap;

/// A grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Letter {
    /// Nothing worse than a remark.
    A,
    /// The worst is low.
    B,
    /// The worst is medium.
    C,
    /// The worst is high.
    D,
    /// Something critical.
    F,
    /// Too little could be judged.
    #[serde(rename = "-")]
    None,
}

impl Letter {
    /// `A` and so on, `–` if too little could be judged.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
            Self::None => "–",
        }
    }
}

/// What was counted in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// What failed and counts: critical, high, medium, low, info.
    pub failed: [usize; 5],
    /// Things that are as they should be.
    pub passed: usize,
    /// Checks that found nothing.
    pub checks_passed: usize,
    /// What failed and is excepted.
    pub excepted: usize,
    /// What could not be judged by what was given.
    pub not_assessable: usize,
    /// What could not be judged because of an error.
    pub errors: usize,
}

impl Tally {
    fn add(&mut self, finding: &Finding) {
        match finding.status {
            Status::Fail if !finding.counts() => self.excepted += 1,
            Status::Fail => {
                let place = Severity::ALL.iter().position(|severity| *severity == finding.severity);
                if let Some(count) = place.and_then(|place| self.failed.get_mut(place)) {
                    *count += 1;
                }
            }
            Status::NotAssessable => self.not_assessable += 1,
            Status::Error => self.errors += 1,
            // How many things passed is counted by the checks.
            Status::Pass => self.checks_passed += 1,
        }
    }

    fn merge(&mut self, other: &Tally) {
        for (count, more) in self.failed.iter_mut().zip(other.failed) {
            *count += more;
        }
        self.passed += other.passed;
        self.checks_passed += other.checks_passed;
        self.excepted += other.excepted;
        self.not_assessable += other.not_assessable;
        self.errors += other.errors;
    }

    /// How many failed and count.
    pub fn all_failed(&self) -> usize {
        self.failed.iter().sum()
    }

    /// The grade.
    pub fn letter(&self) -> Letter {
        const LETTERS: [Letter; 4] = [Letter::F, Letter::D, Letter::C, Letter::B];
        let worst = self.failed.iter().zip(LETTERS).find(|(count, _)| **count > 0);
        match worst {
            Some((_, letter)) => letter,
            None if self.excepted == 0 && self.checks_passed <= self.not_assessable + self.errors => {
                Letter::None
            }
            None => Letter::A,
        }
    }

    /// Why: `2 critical, 14 high; 3 excepted`.
    pub fn because(&self) -> String {
        let named = self.failed.iter().zip(Severity::ALL).filter(|(count, _)| **count > 0);
        let failed: Vec<String> = named.map(|(count, it)| format!("{count} {}", it.as_str())).collect();
        let mut parts = Vec::new();
        match failed.is_empty() {
            false => parts.push(failed.join(", ")),
            true if self.checks_passed > 0 => parts.push("nothing found".to_owned()),
            true => {}
        }
        for (count, what) in [
            (self.excepted, "excepted"),
            (self.not_assessable, "not assessable"),
            (self.errors, "with errors"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        if parts.is_empty() { "nothing to judge".to_owned() } else { parts.join("; ") }
    }
}

/// The grade of an area, with what it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grade {
    /// The area.
    pub area: Area,
    /// Its name.
    pub title: &'static str,
    /// The grade.
    pub grade: Letter,
    /// Why.
    pub because: String,
    /// What was counted.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What was counted in each area.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tallies(BTreeMap<Area, Tally>);

impl Tallies {
    /// Counts the findings of an account, and how many things each check found to be in order.
    pub fn of(findings: &[Finding], passed: impl IntoIterator<Item = (&'static Check, usize)>) -> Self {
        let mut areas: BTreeMap<Area, Tally> = BTreeMap::new();
        for finding in findings {
            if let Some(check) = by_id(finding.check) {
                areas.entry(check.area).or_default().add(finding);
            }
        }
        for (check, count) in passed {
            areas.entry(check.area).or_default().passed += count;
        }
        Self(areas)
    }

    /// Takes in those of another account.
    pub fn merge(&mut self, other: &Self) {
        for (area, tally) in &other.0 {
            self.0.entry(*area).or_default().merge(tally);
        }
    }

    /// The grades of the areas of which something was judged or asked, in the order of the report.
    pub fn grades(&self) -> Vec<Grade> {
        let of = |area: &Area| {
            let tally = *self.0.get(area)?;
            let (title, because) = (area.title(), tally.because());
            Some(Grade { area: *area, title, grade: tally.letter(), because, tally })
        };
        Area::ALL.iter().filter_map(of).collect()
    }

    /// Of all areas together.
    pub fn whole(&self) -> Tally {
        let mut whole = Tally::default();
        self.0.values().for_each(|tally| whole.merge(tally));
        whole
    }
}
