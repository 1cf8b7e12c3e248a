//! Findings folded into things to do: what has the same action is one of them.

use crate::finding::{Finding, Severity};
use base::{AccountId, ArnRef};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many targets and commands of an action are told one by one.
const TOLD: usize = 20;
/// How many actions of an account are kept for the whole of an organization.
const KEPT: usize = 100;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Action {
    /// What to do: `detach AdministratorAccess`.
    pub action: String,
    /// The fix of the worst finding, in a sentence.
    pub summary: String,
    /// The worst severity of what it ends.
    pub severity: Severity,
    /// 0–100: the risk of its findings together; see [the module](super).
    pub risk: f64,
    /// How many findings it ends.
    pub findings: usize,
    /// The greatest risk among them, by fingerprint.
    pub worst: String,
    /// The checks.
    pub checks: BTreeSet<&'static str>,
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// What has to be changed, the first twenty.
    pub targets: Vec<String>,
    /// How many things of which kind have to be changed or gain by the weakness: `role` 14, `user` 3.
    pub radius: BTreeMap<String, usize>,
    /// What the worst of them reaches, in words.
    pub reaches: String,
    /// Commands of the AWS CLI for the first targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// Where to change it in Terraform, of the worst finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// The risks of its findings, the greatest first, as many as tell.
    #[serde(skip)]
    scores: Vec<f64>,
    #[serde(skip)]
    counted: BTreeSet<String>,
}

impl Action {
    /// Who is concerned, in words: `14 roles and 3 users`.
    pub fn radius_in_words(&self) -> String {
        let parts: Vec<String> = self
            .radius
            .iter()
            .map(
                |(kind, count)| {
                    if *count == 1 { format!("1 {kind}") } else { format!("{count} {}", plural(kind)) }
                },
            )
            .collect();
        match parts.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            Some((last, _)) => last.clone(),
            None => String::new(),
        }
    }

    fn new(finding: &Finding, action: &str, summary: &str) -> Self {
        Self {
            action: action.to_owned(),
            summary: summary.to_owned(),
            severity: finding.severity,
            risk: 0.0,
            findings: 0,
            worst: finding.fingerprint.clone(),
            checks: BTreeSet::new(),
            accounts: BTreeSet::new(),
            targets: Vec::new(),
            radius: BTreeMap::new(),
            reaches: String::new(),
            commands: Vec::new(),
            terraform: None,
            scores: Vec::new(),
            counted: BTreeSet::new(),
        }
    }

    fn add(&mut self, finding: &Finding) {
        let score = finding.risk.as_ref().map_or(0.0, |risk| risk.score);
        self.findings += 1;
        self.severity = self.severity.max(finding.severity);
        let is_worst = self.scores.first().is_none_or(|worst| score > *worst);
        self.take(&[score]);
        self.checks.insert(finding.check);
        self.accounts.insert(finding.account);
        if is_worst {
            self.worst.clone_from(&finding.fingerprint);
            self.reaches = finding.risk.as_ref().map(|risk| risk.reach.because.clone()).unwrap_or_default();
            self.terraform = finding.fix.as_ref().and_then(|fix| fix.terraform.clone());
            if let Some(fix) = &finding.fix {
                self.summary.clone_from(&fix.summary);
            }
        }
        if !self.targets.contains(&finding.resource) && self.targets.len() < TOLD {
            self.targets.push(finding.resource.clone());
        }
        for command in finding.fix.iter().flat_map(|fix| &fix.commands) {
            if self.commands.len() < TOLD && !self.commands.contains(command) {
                self.commands.push(command.clone());
            }
        }
        for arn in std::iter::once(&finding.resource).chain(&finding.principals) {
            if self.counted.insert(arn.clone()) {
                *self.radius.entry(kind(arn).to_owned()).or_default() += 1;
            }
        }
    }

    /// Takes in risks of findings.
    fn take(&mut self, scores: &[f64]) {
        /// The share of the next one is less than a thousandth.
        const TELL: usize = 10;
        self.scores.extend(scores);
        self.scores.sort_by(|a, b| b.total_cmp(a));
        self.scores.truncate(TELL);
        let mut share = 1.0;
        let mut rest = 1.0;
        for score in &self.scores {
            rest *= 1.0 - score / 100.0 * share;
            share /= 2.0;
        }
        self.risk = ((1.0 - rest) * 1000.0).round() / 10.0;
    }

    fn merge(&mut self, other: &Action) {
        self.findings += other.findings;
        self.severity = self.severity.max(other.severity);
        let is_worst = other.scores.first() > self.scores.first();
        self.take(&other.scores);
        self.checks.extend(&other.checks);
        self.accounts.extend(&other.accounts);
        if is_worst {
            self.worst.clone_from(&other.worst);
            self.summary.clone_from(&other.summary);
            self.reaches.clone_from(&other.reaches);
            self.terraform.clone_from(&other.terraform);
        }
        let left = |have: usize| TOLD.saturating_sub(have);
        self.targets.extend(other.targets.iter().take(left(self.targets.len())).cloned());
        self.commands.extend(other.commands.iter().take(left(self.commands.len())).cloned());
        for (kind, count) in &other.radius {
            *self.radius.entry(kind.clone()).or_default() += count;
        }
    }
}

/// Things to do, found by their action.
#[derive(Debug, Clone, Default)]
pub struct Actions(BTreeMap<String, Action>);

impl Actions {
    /// The things to do about these findings.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut actions = Self::default();
        for finding in findings.into_iter().filter(|finding| finding.counts()) {
            let fix = finding.fix.as_ref();
            let action = fix.map(|fix| fix.action.as_str()).filter(|action| !action.is_empty());
            let action = action.map_or_else(|| format!("look at {}", finding.check), str::to_owned);
            let summary = fix.map_or(finding.message.as_str(), |fix| &fix.summary);
            let known = actions.0.entry(action.clone());
            known.or_insert_with(|| Action::new(finding, &action, summary)).add(finding);
        }
        actions
    }

    /// Takes in those of another account; the hundred first of it.
    pub fn merge(&mut self, of_account: &[Action]) {
        for action in of_account.iter().take(KEPT) {
            match self.0.get_mut(&action.action) {
                Some(known) => known.merge(action),
                None => {
                    let action = Action { counted: BTreeSet::new(), ..action.clone() };
                    self.0.insert(action.action.clone(), action);
                }
            }
        }
    }

    /// All: what ends the worst finding first, and among equals the greatest risk. Many small matters do not come before
    /// one that gives the account away.
    pub fn ranked(self) -> Vec<Action> {
        let mut actions: Vec<Action> = self.0.into_values().collect();
        actions.sort_by(|a, b| {
            (b.severity.cmp(&a.severity))
                .then_with(|| b.risk.total_cmp(&a.risk))
                .then_with(|| a.action.cmp(&b.action))
        });
        actions
    }
}

/// What an ARN names, in a word.
fn kind(arn: &str) -> &'static str {
    let Some(parts) = ArnRef::parse(arn) else {
        return if arn.len() == 12 && arn.bytes().all(|byte| byte.is_ascii_digit()) {
            "account"
        } else {
            "principal outside"
        };
    };
    match (parts.service, parts.typed_resource().map(|(kind, _)| kind)) {
        ("iam", Some("user")) => "user",
        ("iam", Some("role")) => "role",
        ("iam", Some("group")) => "group",
        ("iam", Some("policy")) => "policy",
        ("iam", None) if parts.resource == "root" => "account",
        ("sts", _) => "session",
        ("s3", _) => "bucket",
        ("kms", _) => "key",
        ("lambda", _) => "function",
        ("sso", _) => "permission set",
        _ => "resource",
    }
}

fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) if !kind.ends_with("ey") => format!("{stem}ies"),
        _ if kind == "principal outside" => "principals outside".to_owned(),
        _ => format!("{kind}s"),
    }
}
