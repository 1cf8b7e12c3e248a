//! What did whole accounts gain and lose: which users and roles may do more or less than before, and who may assume
//! which role.
//!
//! Of each user and role the policies count that speak for it together: its own, those of its groups, its boundary.
//! Who has the same policies as before is passed over without a question; the same change of many is asked about once.
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

mod people;

use crate::explain::words;
use crate::import::{AccountTwice, Import, join};
use analysis::{Access, AccessLayer, Blamed, KeyValue, Options, Scope, Verdict, no_new_access};
use base::Partition;
use model::Snapshot;
use people::{Person, people};
use policy::{CompiledPolicy, Layer, Principal};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What changed of accounts.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Of each user and role whose policies changed what that means, by ARN; of a role's trust policy apart.
    pub changes: Vec<Change>,
    /// How many have the same policies as before.
    pub unchanged: usize,
    /// What is not looked at.
    pub notes: Vec<String>,
}

/// What changed of a user, a role or a trust policy.
#[derive(Debug, Clone)]
pub struct Change {
    /// The user's or role's ARN.
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

/// What changed of a user or role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What it may do.
    Permissions,
    /// Who may assume it.
    Trust,
}

/// What one side allows that the other does not.
#[derive(Debug, Clone)]
pub struct Found {
    /// `Proved` if there is nothing.
    pub verdict: Verdict,
    /// The statements to blame.
    pub by: Vec<StatementOf>,
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
    let (before, after) = (people(old, partition), people(new, partition));
    let mut comparing = Comparing { options, known: HashMap::new(), comparison: Comparison::default() };
    let all: BTreeMap<&str, ()> = before.keys().chain(after.keys()).map(|arn| (arn.as_str(), ())).collect();
    for arn in all.keys() {
        comparing.compare(arn, before.get(*arn), after.get(*arn));
    }
    comparing.comparison
}

/// The same change of many.
type Asked = (Option<Vec<Vec<Arc<str>>>>, Option<Vec<Vec<Arc<str>>>>);

struct Comparing {
    options: Options,
    known: HashMap<Asked, (Found, Found)>,
    comparison: Comparison,
}

impl Comparing {
    fn compare(&mut self, arn: &str, old: Option<&Person>, new: Option<&Person>) {
        let texts = |person: Option<&Person>| person.map(Person::texts);
        let tags = |person: Option<&Person>| person.map(|person| person.tags.clone());
        let asked = (texts(old), texts(new));
        let keys = Keys::of(&asked);
        if old.is_some() && new.is_some() && keys.tags && tags(old) != tags(new) {
            let note = "its tags, of which its policies speak, have changed; only the change of its policies is looked at";
            self.comparison.notes.push(format!("{arn}: {note}"));
        }
        if asked.0 == asked.1 {
            self.comparison.unchanged += 1;
        } else {
            let scope = scope(&keys, &asked, old, new);
            let (gained, lost) = match self.known.get(&asked).filter(|_| !keys.any()) {
                Some(known) => known.clone(),
                None => self.ask(&permissions(old), &permissions(new), &scope),
            };
            if !keys.any() {
                self.known.entry(asked).or_insert_with(|| (gained.clone(), lost.clone()));
            }
            let (gained, lost) = (gained.of(arn), lost.of(arn));
            self.add(arn, Part::Permissions, (old, new), (gained, lost));
        }
        let trust = |person: Option<&Person>| person.and_then(|person| person.trust.clone());
        let text =
            |trust: Option<Arc<CompiledPolicy>>| trust.map(|policy| policy.document().text().to_owned());
        if text(trust(old)) != text(trust(new)) {
            let side = |trust: Option<Arc<CompiledPolicy>>| Side {
                layers: trust.into_iter().map(|policy| (Layer::Resource, vec![policy])).collect(),
            };
            let scope = Scope { resources: Some(vec![arn.to_owned()]), ..Scope::default() };
            let found = self.ask(&side(trust(old)), &side(trust(new)), &scope);
            self.add(arn, Part::Trust, (old, new), found);
        }
    }

    fn ask(&self, old: &Side, new: &Side, scope: &Scope) -> (Found, Found) {
        let found = |wide: &Side, narrow: &Side| {
            let verdict = no_new_access(&wide.access(), &narrow.access(), scope, self.options);
            let by = match verdict.refutation() {
                Some(found) => found.blamed.iter().filter_map(|blamed| wide.statement(blamed)).collect(),
                None => Vec::new(),
            };
            Found { verdict, by }
        };
        (found(new, old), found(old, new))
    }

    fn add(
        &mut self,
        arn: &str,
        part: Part,
        (old, new): (Option<&Person>, Option<&Person>),
        (gained, lost): (Found, Found),
    ) {
        let (was_there, is_there) = (old.is_some(), new.is_some());
        self.comparison.changes.push(Change {
            principal: arn.to_owned(),
            part,
            was_there,
            is_there,
            gained,
            lost,
        });
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

/// The policies of one side, by layers.
struct Side {
    layers: Vec<(Layer, Vec<Arc<CompiledPolicy>>)>,
}

fn permissions(person: Option<&Person>) -> Side {
    let Some(person) = person else { return Side { layers: Vec::new() } };
    let boundary = person.effective.boundary.iter().map(|boundary| (Layer::Boundary, boundary.clone()));
    let identity = (Layer::Identity, person.effective.identity.clone());
    Side { layers: std::iter::once(identity).chain(boundary).collect() }
}

impl Side {
    fn access(&self) -> Access {
        if self.layers.is_empty() {
            return Access::nothing();
        }
        let documents = |policies: &[Arc<CompiledPolicy>]| {
            policies.iter().map(|policy| Arc::clone(policy.document())).collect()
        };
        let layer = |(layer, policies): &(Layer, Vec<_>)| AccessLayer::new(*layer, documents(policies));
        Access::layered(self.layers.iter().map(layer).collect())
    }

    fn statement(&self, blamed: &Blamed) -> Option<StatementOf> {
        let (layer, policies) = self.layers.get(blamed.layer)?;
        let policy = policies.get(blamed.policy)?;
        let document = policy.document();
        let known = document.statements().iter().find(|known| known.index == blamed.statement)?;
        let (label, text) = (policy.label(), known.span.of(document.text()));
        let name = match layer {
            Layer::Resource => String::new(),
            _ => format!(" {}", label.name),
        };
        Some(StatementOf {
            policy: format!("{}{name}", words::kind(label, *layer)),
            statement: blamed.statement,
            sid: blamed.sid.clone().filter(|sid| !sid.is_empty()),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }
}

/// Of what the policies speak that differs between principals.
#[derive(Debug, Clone, Copy)]
struct Keys {
    /// Of tags of the principal.
    tags: bool,
    /// Of who it is.
    principal: bool,
}

impl Keys {
    fn of(asked: &Asked) -> Self {
        let mut keys = Self { tags: false, principal: false };
        for text in [&asked.0, &asked.1].into_iter().flatten().flatten().flatten() {
            let text = text.to_lowercase();
            keys.tags |= text.contains("aws:principaltag/");
            keys.principal |=
                text.contains("aws:principal") || text.contains("aws:user") || text.contains("${");
        }
        keys
    }

    fn any(self) -> bool {
        self.tags || self.principal
    }
}

/// Requests of this principal, if that matters, with what is known of it on both sides.
fn scope(keys: &Keys, asked: &Asked, old: Option<&Person>, new: Option<&Person>) -> Scope {
    let Some(person) = new.or(old).filter(|_| keys.any()) else { return Scope::default() };
    let mut context: Vec<(String, String)> = person.keys.clone();
    let others = [old, new].into_iter().flatten();
    let tags =
        person.tags.iter().filter(|tag| others.clone().all(|it| it.tags.get(&tag.key) == Some(&tag.value)));
    context.extend(tags.map(|tag| (format!("aws:PrincipalTag/{}", tag.key), tag.value.clone())));
    let texts: Vec<String> = [&asked.0, &asked.1]
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .map(|text| text.to_lowercase())
        .collect();
    context.retain(|(key, _)| texts.iter().any(|text| text.contains(&key.to_lowercase())));
    let context = context.into_iter().map(|(key, value)| (key, KeyValue::One(value))).collect();
    let principal: Option<Principal> = person.principal.clone();
    Scope { principal, context, ..Scope::default() }
}
