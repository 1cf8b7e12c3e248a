//! What did whole accounts gain and lose: which users and roles may do more or less than before, who may assume which
//! role, and whom resources let in.
//!
//! Of each user and role the policies count that speak for it together: its own, those of its groups, its boundary and
//! the SCPs of its account, so that a change of an SCP is a question like any other. RCPs count for roles to be assumed
//! and for resources with policies. Who has the same policies as before is passed over without a question; the same
//! change of many is asked about once.
//!
//! ```
//! # use bailiwick_audit::import::{ImportOptions, authorization_details};
//! # let export = |action: &str| {
//! #     let text = format!(r#"{{"UserDetailList": [{{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN",
//! #         "Arn": "arn:aws:iam::123456789012:user/Ann", "UserPolicyList": [{{"PolicyName": "read", "PolicyDocument":
//! #         {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}}}]}}]}}"#);
//! #     authorization_details(text.as_bytes(), &ImportOptions::at(base::Timestamp::from_seconds(1_790_000_000))).unwrap().snapshot()
//! # };
//! let (old, new) = (export("s3:Get*"), export("s3:*"));
//! let found = bailiwick_audit::compare::accounts(&old, &new, base::Partition::aws(), Default::default());
//! let ann = &found.changes[0];
//! assert_eq!(ann.principal, "arn:aws:iam::123456789012:user/Ann");
//! assert!(ann.gained.verdict.refutation().is_some() && ann.lost.verdict.is_proved());
//! ```

mod guardrails;
mod keys;
mod people;
mod resources;
mod side;

use crate::estate::Estate;
use crate::import::{AccountTwice, Import, join};
use analysis::{Blamed, Options, Scope, Verdict, denying, no_new_access};
use base::Partition;
use guardrails::Guardrails;
use keys::Keys;
use model::Snapshot;
use people::{Person, people};
use side::{Side, Texts};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What changed of accounts.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Of each user and role whose policies changed what that means, by ARN; of a role's trust policy apart, and of each
    /// resource.
    pub changes: Vec<Change>,
    /// How many have the same policies as before.
    pub unchanged: usize,
    /// What is not looked at.
    pub notes: Vec<String>,
}

/// What changed of a user, a role, a trust policy or a resource.
#[derive(Debug, Clone)]
pub struct Change {
    /// The user's, role's or resource's ARN.
    pub principal: String,
    /// What changed of it.
    pub part: Part,
    /// Whether it was there before.
    pub was_there: bool,
    /// Whether it is there now.
    pub is_there: bool,
    /// What is allowed now that was not before.
    pub gained: Found,
    /// What was allowed before and is not now.
    pub lost: Found,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What a user or role may do.
    Permissions,
    /// Who may assume a role.
    Trust,
    /// Whom a resource lets in.
    Resource,
}

/// What one side allows that the other does not.
#[derive(Debug, Clone)]
pub struct Found {
    /// `Proved` if there is nothing.
    pub verdict: Verdict,
    /// The statements that allow it.
    pub by: Vec<StatementOf>,
    /// The statements of the other side that deny it.
    pub denied_by: Vec<StatementOf>,
}

/// A statement to blame, and the policy that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementOf {
    /// `managed policy crew-limit`.
    pub policy: String,
    /// Its place in the policy, from zero.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its text.
    pub text: String,
}

/// Compares the users and roles of exports with those of others.
///
/// # Errors
/// If two exports of one side hold the same account.
pub fn exports(old: &[Import], new: &[Import], options: Options) -> Result<Comparison, AccountTwice> {
    let partition = new.iter().chain(old).next().map_or(Partition::aws(), |import| import.report.partition);
    Ok(accounts(&join(old)?, &join(new)?, partition, options))
}

/// Compares the users and roles of two snapshots.
pub fn accounts(old: &Snapshot, new: &Snapshot, partition: Partition, options: Options) -> Comparison {
    let estate = |snapshot: &Snapshot| Estate { snapshot: snapshot.clone(), ..Estate::new(partition) };
    estates(&estate(old), &estate(new), options)
}

/// Compares everything of two estates that has policies: users, roles, root users, and resources.
///
/// What only one of them tells of is not compared, and noted; an organization that only one of them tells of is taken to
/// be that of both.
pub fn estates(old: &Estate, new: &Estate, options: Options) -> Comparison {
    let mut comparing = Comparing { options, known: HashMap::new(), comparison: Comparison::default() };
    let (with_old, with_new) = match (&old.organization, &new.organization) {
        (None, Some(_)) => (Some(Estate { organization: new.organization.clone(), ..old.clone() }), None),
        (Some(_), None) => (None, Some(Estate { organization: old.organization.clone(), ..new.clone() })),
        _ => (None, None),
    };
    if with_old.is_some() || with_new.is_some() {
        comparing.note("the organization is known of one version only: it is taken to be the same in both");
    }
    let (old, new) = (with_old.as_ref().unwrap_or(old), with_new.as_ref().unwrap_or(new));
    let (mut old_rails, mut new_rails) = (Guardrails::of(old), Guardrails::of(new));
    let (before, after) = (people(old, &mut old_rails), people(new, &mut new_rails));
    let all: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    for arn in all {
        comparing.person(arn, before.get(arn), after.get(arn));
    }
    resources::compare(&mut comparing, (old, &mut old_rails), (new, &mut new_rails));
    for note in old_rails.notes.iter().chain(&new_rails.notes) {
        comparing.note(note);
    }
    comparing.comparison
}

/// The same change of many: what the policies say, and what they are called.
type Asked = (Texts, Texts, Vec<Arc<str>>);

struct Comparing {
    options: Options,
    known: HashMap<Asked, (Found, Found)>,
    comparison: Comparison,
}

impl Comparing {
    fn note(&mut self, text: &str) {
        if !self.comparison.notes.iter().any(|known| known == text) {
            self.comparison.notes.push(text.to_owned());
        }
    }

    fn person(&mut self, arn: &str, old: Option<&Person>, new: Option<&Person>) {
        let nothing = Side::default();
        let side = |person: Option<&Person>| person.map_or_else(|| nothing.clone(), |it| it.side.clone());
        let sides = (side(old), side(new));
        let texts = (sides.0.texts(), sides.1.texts());
        let keys = Keys::of([&texts.0, &texts.1].into_iter());
        if let (Some(old), Some(new)) = (old, new)
            && keys.tags_differ(old, new)
        {
            let note = "its tags, of which its policies speak, have changed; only the change of its policies is looked at";
            self.comparison.notes.push(format!("{arn}: {note}"));
        }
        if texts.0 == texts.1 {
            self.comparison.unchanged += 1;
        } else {
            let asked = (texts.0, texts.1, [sides.0.names(), sides.1.names()].concat());
            let (gained, lost) = match self.known.get(&asked).filter(|_| !keys.any()) {
                Some(known) => known.clone(),
                None => self.ask(&sides.0, &sides.1, &keys.scope(old, new)),
            };
            if !keys.any() {
                self.known.entry(asked).or_insert_with(|| (gained.clone(), lost.clone()));
            }
            self.add(arn, Part::Permissions, (old.is_some(), new.is_some()), (gained.of(arn), lost.of(arn)));
        }
        let trust = |person: Option<&Person>| person.map_or_else(|| nothing.clone(), |it| it.trust.clone());
        let (old_trust, new_trust) = (trust(old), trust(new));
        if old_trust.texts() != new_trust.texts() {
            let scope = Scope { resources: Some(vec![arn.to_owned()]), ..Scope::default() };
            let found = self.ask(&old_trust, &new_trust, &scope);
            self.add(arn, Part::Trust, (old.is_some(), new.is_some()), found);
        }
    }

    fn ask(&self, old: &Side, new: &Side, scope: &Scope) -> (Found, Found) {
        let found = |wide: &Side, narrow: &Side| {
            let (wide_access, narrow_access) = (wide.access(), narrow.access());
            let verdict = no_new_access(&wide_access, &narrow_access, scope, self.options);
            let of = |side: &Side, blamed: &[Blamed]| {
                let mut all: Vec<StatementOf> = Vec::new();
                for statement in blamed.iter().filter_map(|blamed| side.statement(blamed)) {
                    if !all.contains(&statement) {
                        all.push(statement);
                    }
                }
                all
            };
            let (by, denied_by) = match verdict.refutation() {
                Some(found) => {
                    let denied = denying(&wide_access, &narrow_access, scope, self.options);
                    (of(wide, &found.blamed), of(narrow, &denied))
                }
                None => (Vec::new(), Vec::new()),
            };
            Found { verdict, by, denied_by }
        };
        (found(new, old), found(old, new))
    }

    fn add(
        &mut self,
        arn: &str,
        part: Part,
        (was_there, is_there): (bool, bool),
        (gained, lost): (Found, Found),
    ) {
        let principal = arn.to_owned();
        self.comparison.changes.push(Change { principal, part, was_there, is_there, gained, lost });
    }
}

impl Found {
    /// The same of this principal.
    fn of(mut self, arn: &str) -> Self {
        if let Verdict::Refuted(found) = &mut self.verdict {
            found.witness.principal = Some(arn.to_owned());
        }
        self
    }
}
