//! Answers as they are written.

use super::ReadPolicy;
use crate::decide::Note;
use analysis::{Blamed, KeyValue, Witness};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a line is answered with: a verdict, or why there is none.
pub type Reply = crate::reply::Reply<Answer>;

impl Reply {
    /// The verdict; `None` if the question could not be understood.
    pub fn verdict(&self) -> Option<Verdict> {
        self.answer().map(|answer| answer.verdict)
    }
}

/// Whether a policy passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// It is proved that it does.
    Pass,
    /// Neither could be shown.
    Undetermined,
    /// A request shows that it does not.
    Fail,
}

/// The verdict on a policy, and what it stands on.
#[derive(Debug, Serialize)]
pub struct Answer {
    verdict: Verdict,
    witness: Option<WitnessShown>,
    statements: Vec<BlamedStatement>,
    reasons: Vec<String>,
    /// Why it is not determined, if nothing shows that it fails.
    #[serde(skip)]
    causes: Vec<String>,
    diagnostics: Vec<Note>,
}

/// A request, for JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessShown {
    /// Who asks; `None`: whoever has the policies.
    pub principal: Option<String>,
    /// The action.
    pub action: String,
    /// The resource: an ARN, or `*`.
    pub resource: String,
    /// The condition keys that the request has.
    pub context: BTreeMap<String, Values>,
    /// Whether AWS documents such requests.
    pub documented: bool,
}

/// What a condition key has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Values {
    /// One value.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl From<&Witness> for WitnessShown {
    fn from(witness: &Witness) -> Self {
        let key = |(key, value): &(String, KeyValue)| match value {
            KeyValue::Absent => None,
            KeyValue::One(value) => Some((key.clone(), Values::One(value.clone()))),
            KeyValue::Many(values) => Some((key.clone(), Values::Many(values.clone()))),
        };
        Self {
            principal: witness.principal.clone(),
            action: witness.action.clone(),
            resource: witness.resource.clone(),
            context: witness.context.iter().filter_map(key).collect(),
            documented: witness.documented,
        }
    }
}

/// A statement that is to blame: it allows, or it denied what is allowed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlamedStatement {
    /// Which policy it is of: `policy` or `reference`.
    #[serde(rename = "in")]
    pub part: &'static str,
    /// Its place in the policy, from zero.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// What a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    NewAccess,
    LostAccess,
    Listed,
    ListedActions,
    Public,
}

impl Told {
    /// Which policy allows it.
    fn part(self) -> &'static str {
        if self == Told::LostAccess { "reference" } else { "policy" }
    }

    /// Which policy does not.
    fn other(self) -> &'static str {
        if self == Told::LostAccess { "policy" } else { "reference" }
    }

    /// In Access Analyzer's words, as far as it has some; those of its answers are shown by
    /// <https://docs.aws.amazon.com/cli/latest/reference/accessanalyzer/check-no-public-access.html> and its siblings.
    fn reason(self, statement: &str) -> String {
        match self {
            Told::NewAccess => format!("New access in the {statement}."),
            Told::LostAccess => format!("Lost access of the reference's {statement}."),
            Told::Listed => format!("One or more of the listed actions or resources in the {statement}."),
            Told::ListedActions => format!("One or more of the listed actions in the {statement}."),
            Told::Public => format!("Public access granted in the following {statement}."),
        }
    }
}

impl Told {
    /// Of a statement that denied what is allowed now, or that denies what was.
    fn denied(self, statement: &str) -> String {
        match self {
            Told::LostAccess => format!("Lost access by the deny of the {statement}."),
            _ => format!("New access that the reference's {statement} denied."),
        }
    }

    /// Where no statement allows: RCPs only ever deny.
    fn without_statement(self) -> &'static str {
        match self {
            Told::NewAccess => "New access by what the policy does not deny.",
            Told::LostAccess => "Lost access by what the policy denies.",
            Told::Listed | Told::ListedActions | Told::Public => "The policy does not deny it.",
        }
    }
}

impl Answer {
    pub(super) fn new(diagnostics: Vec<Note>) -> Self {
        let (statements, reasons, causes) = (Vec::new(), Vec::new(), Vec::new());
        Self { verdict: Verdict::Pass, witness: None, statements, reasons, causes, diagnostics }
    }

    /// Takes in what was found about `blamed`, one of possibly several findings, with the statements of the other
    /// policy that deny it.
    pub(super) fn take(
        &mut self,
        told: Told,
        verdict: analysis::Verdict,
        blamed: &ReadPolicy,
        denied: &[Blamed],
    ) {
        match verdict {
            analysis::Verdict::Proved => {}
            analysis::Verdict::Refuted(found) => {
                self.verdict = Verdict::Fail;
                self.witness.get_or_insert_with(|| WitnessShown::from(&found.witness));
                // Of an SCP, also what stands beside it allows.
                let own = found.blamed.iter().filter(|statement| statement.policy == 0);
                own.for_each(|statement| self.blame(told.part(), statement, |named| told.reason(named)));
                let denied = denied.iter().filter(|statement| statement.policy == 0);
                denied
                    .clone()
                    .for_each(|statement| self.blame(told.other(), statement, |named| told.denied(named)));
                let is_told = denied.count() > 0;
                if !is_told && found.blamed.is_empty() {
                    self.give(told.without_statement().to_owned());
                } else if !is_told && found.blamed.iter().all(|statement| statement.policy > 0) {
                    self.give(told.reason("policy `FullAWSAccess` that stands beside the SCP"));
                }
            }
            analysis::Verdict::Undetermined(reasons) => {
                self.verdict = self.verdict.max(Verdict::Undetermined);
                self.causes.extend(reasons);
            }
        }
        self.causes.extend(blamed.loss.clone());
    }

    fn blame(&mut self, part: &'static str, blamed: &Blamed, reason: impl Fn(&str) -> String) {
        let sid = blamed.sid.clone().filter(|sid| !sid.is_empty());
        let statement = BlamedStatement { part, statement: blamed.statement, sid };
        if self.statements.contains(&statement) {
            return;
        }
        let named = match &statement.sid {
            Some(sid) => format!("statement with sid: {sid}"),
            None => format!("statement with index: {}", statement.statement),
        };
        self.give(reason(&named));
        self.statements.push(statement);
    }

    fn give(&mut self, reason: String) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Says what is to be said of both policies. Of one that cannot be read whole, nothing is sure.
    pub(super) fn note(&mut self, policy: &ReadPolicy, reference: &ReadPolicy) {
        if !std::ptr::eq(policy, reference) {
            self.diagnostics.extend(reference.notes.iter().cloned());
        }
        let losses: Vec<&String> = [policy, reference].iter().filter_map(|read| read.loss.as_ref()).collect();
        if !losses.is_empty() {
            self.verdict = Verdict::Undetermined;
            (self.witness, self.statements, self.reasons) = (None, Vec::new(), Vec::new());
            self.causes.extend(losses.into_iter().cloned());
        }
        if self.verdict == Verdict::Undetermined {
            for cause in std::mem::take(&mut self.causes) {
                self.give(cause);
            }
        }
    }
}
