//! One audit: what is asked of the checks, what they share, and what comes out.

use crate::checks::{ALL, Check, Judged};
use crate::estate::Estate;
use crate::external::{Externals, externals};
use crate::finding::{Finding, Status};
use crate::graph::Graph;
use crate::people::{Entity, Everybody};
use crate::settings::Settings;
use crate::texts::{self, HeldPolicy};
use analysis::who_can::{PersonId, Question, Verdict};
use base::{AccountId, Arn, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// An audit of an estate: the checks ask it for what several of them need, which is made once.
#[derive(Debug)]
pub struct Auditor<'a> {
    /// What is audited.
    pub estate: &'a Estate,
    /// What counts as old, long or privileged.
    pub settings: &'a Settings,
    /// The time that ages are counted to.
    pub now: Timestamp,
    externals: OnceLock<BTreeMap<AccountId, Externals>>,
    graph: OnceLock<Graph>,
    people: OnceLock<Arc<Everybody>>,
    policies: OnceLock<BTreeMap<AccountId, Vec<HeldPolicy>>>,
    reached: Mutex<HashMap<Reached, Arc<Reach>>>,
    powerful: Mutex<BTreeMap<AccountId, Arc<Powerful>>>,
}

/// Users and roles of an account that can do something, and whether they always can.
#[derive(Debug)]
pub struct Reach {
    everybody: Arc<Everybody>,
    /// By the number of the person.
    verdicts: Vec<Verdict>,
}

/// Users and roles that can give permissions, with the actions by which.
pub type Powerful = BTreeMap<String, Vec<String>>;

/// What was asked of whom: the account, the action, the condition keys.
type Reached = (AccountId, String, Vec<(String, String)>);

/// Actions by which somebody gives permissions to others or to itself.
pub const POWERS: [&str; 9] = [
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:AddUserToGroup",
];

/// What an audit found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings of every status, in the order of the checks.
    pub findings: Vec<Finding>,
    /// How many things each check found to be as they should.
    pub passed: BTreeMap<(AccountId, &'static str), usize>,
}

impl<'a> Auditor<'a> {
    /// An audit as of `now`.
    pub fn new(estate: &'a Estate, settings: &'a Settings, now: Timestamp) -> Self {
        Self {
            estate,
            settings,
            now,
            externals: OnceLock::new(),
            graph: OnceLock::new(),
            people: OnceLock::new(),
            policies: OnceLock::new(),
            reached: Mutex::default(),
            powerful: Mutex::default(),
        }
    }

    /// Runs every check on every account.
    pub fn run(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for account in self.estate.audited() {
            for check in ALL {
                self.check(check, account, &mut outcome);
            }
        }
        outcome
    }

    /// Runs a check on an account.
    pub fn check(&self, check: &'static Check, account: AccountId, outcome: &mut Outcome) {
        let root = Arn::global(self.estate.partition.id(), "iam", account.as_str(), ["root"]);
        let mut judged = Judged::new(check, account, root.as_str().to_owned(), &mut outcome.findings);
        let missing = check.needs.iter().find(|input| !self.estate.has(account, **input));
        match missing {
            Some(input) => judged.not_assessable(root.as_str(), format!("needs {}", input.missing())),
            None => (check.run)(self, account, &mut judged),
        }
        outcome.passed.insert((account, check.id), judged.finish());
    }

    /// Access from outside to what is known of an account.
    pub fn externals(&self, account: AccountId) -> Option<&Externals> {
        let all = || {
            let accounts = self.estate.audited();
            accounts.map(|account| (account, externals(self.estate, self.settings, account))).collect()
        };
        self.externals.get_or_init(all).get(&account)
    }

    /// Who can become whom.
    pub fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::of(self.estate, Arc::clone(self.people()), self.now))
    }

    /// Everybody, under all policies that bind them, ready to be asked about.
    pub fn people(&self) -> &Arc<Everybody> {
        self.people.get_or_init(|| Arc::new(Everybody::of(self.estate)))
    }

    /// The policies of an account, each once, with who holds it.
    pub fn policies(&self, account: AccountId) -> &[HeldPolicy] {
        let of = |account| (account, texts::of_account(self.estate, account));
        let all = self.policies.get_or_init(|| self.estate.audited().map(of).collect());
        all.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Whether a user or role can do something, in the end.
    pub fn judge(&self, arn: &str, question: &Question) -> Verdict {
        let people = self.people();
        people.person(arn).map_or(Verdict::Never, |person| people.population.judge(person, question))
    }

    /// The users and roles of an account that can do an action on a resource that nobody named, in the end: denies,
    /// boundaries and SCPs are counted, conditions that are open are taken to hold. Service-linked roles are left out.
    pub fn reach(&self, account: AccountId, action: &str) -> Arc<Reach> {
        self.reach_with(account, action, &[])
    }

    /// The same of requests with these values of condition keys; of a key with an empty one the request has none. Only
    /// who always can is told then: what else is open is no answer to a question about these keys.
    pub fn reach_with(&self, account: AccountId, action: &str, context: &[(&str, &str)]) -> Arc<Reach> {
        let keys = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let asked: Reached = (account, action.to_owned(), keys);
        let mut known = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reach) = known.get(&asked) {
            return Arc::clone(reach);
        }
        let least = if context.is_empty() { Verdict::If } else { Verdict::Always };
        let reach = Arc::new(self.reached_by(account, action, context, least));
        known.insert(asked, Arc::clone(&reach));
        reach
    }

    fn reached_by(
        &self,
        account: AccountId,
        action: &str,
        context: &[(&str, &str)],
        least: Verdict,
    ) -> Reach {
        let everybody = Arc::clone(self.people());
        let Some(question) = texts::question(action, account, self.estate.partition) else {
            return Reach { everybody, verdicts: Vec::new() };
        };
        let question = context.iter().fold(question, |question, (key, value)| question.with(key, value));
        let population = &everybody.population;
        let solution = population.who_can(&question);
        let of_account = |entity: &Entity| match entity {
            Entity::Root(_) => false,
            Entity::Role(role) => role.account == account && !role.is_service_linked(),
            Entity::User(user) => user.account == account,
        };
        let verdict = |(person, entity)| match solution.verdict(population, person) {
            verdict if verdict >= least && of_account(entity) => verdict,
            _ => Verdict::Never,
        };
        let verdicts = population.people().zip(&everybody.entities).map(verdict).collect();
        Reach { everybody, verdicts }
    }

    /// The users and roles of an account that can give permissions, whatever the conditions, with the actions by which.
    pub fn powerful(&self, account: AccountId) -> Arc<Powerful> {
        let mut known = self.powerful.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(account).or_insert_with(|| {
            let mut powerful = Powerful::new();
            for action in POWERS {
                let reach = self.reach(account, action);
                for (arn, _) in reach.iter().filter(|(_, verdict)| *verdict == Verdict::Always) {
                    powerful.entry(arn.to_owned()).or_default().push(action.to_owned());
                }
            }
            Arc::new(powerful)
        });
        Arc::clone(made)
    }

    /// Whether what belongs to no account, or to all of them, is told of with this one: the organization's management
    /// account, or the first account where that is not audited.
    pub fn speaks_for_all(&self, account: AccountId) -> bool {
        let management = self.estate.organization.as_ref().and_then(|known| known.management_account);
        let speaker = management.filter(|id| self.estate.audited().any(|audited| audited == *id));
        speaker.or_else(|| self.estate.audited().next()) == Some(account)
    }

    /// Whole days between a time and now; none for times to come.
    pub fn days_since(&self, then: Timestamp) -> u64 {
        self.now.since(then).as_secs() / 86_400
    }
}

impl Reach {
    /// Whether somebody can; who is not of the account cannot.
    pub fn has(&self, arn: &str) -> bool {
        self.everybody.person(arn).is_some_and(|person| self.has_person(person))
    }

    /// The same of a person of the estate.
    pub fn has_person(&self, person: PersonId) -> bool {
        self.verdicts.get(person.number()).is_some_and(|verdict| *verdict != Verdict::Never)
    }

    /// Everybody who can, in the order of their ARNs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Verdict)> {
        let able = self.everybody.population.people().zip(&self.verdicts);
        let able = able.filter(|(_, verdict)| **verdict != Verdict::Never);
        let mut able: Vec<_> =
            able.map(|(person, verdict)| (self.everybody.population.arn(person), *verdict)).collect();
        able.sort_unstable_by(|a, b| a.0.cmp(b.0));
        able.into_iter()
    }
}

impl Outcome {
    /// The findings that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.status == Status::Fail)
    }
}
