//! The policy texts of an account, each once, with who holds it; and what single statements of them come to.

use crate::estate::Estate;
use crate::finding::Evidence;
use analysis::who_can::Question;
use base::{AccountId, Partition};
use model::{AccountState, InlinePolicies, PolicyRef};
use policy::catalogue::Catalogue;
use policy::elements::{ActionTest, ResourceTest};
use policy::{CompiledPolicy, Document, Effect, ListElement, PolicyKind, PolicyLabel, Request, Statement};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Who wrote a policy, and where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// AWS manages it.
    Aws,
    /// A customer managed policy.
    Customer,
    /// It is part of a user, group or role.
    Inline,
}

/// A policy of an account.
#[derive(Debug)]
pub struct HeldPolicy {
    /// Who wrote it.
    pub origin: Origin,
    /// The ARN of a managed policy; of an inline policy that of its user, group or role.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub document: Arc<Document>,
    /// The users, groups and roles that have it.
    pub holders: Vec<String>,
    /// The users and roles that have it, by a group or themselves; service-linked roles are left out, as nobody but
    /// their service changes them.
    pub people: Vec<String>,
    /// Whether it is somebody's permissions boundary.
    pub is_boundary: bool,
    tests: Tests,
}

/// The tests of a document's statements, shared by all policies of the same text.
type Tests = Arc<[(ActionTest, ResourceTest)]>;

/// Keys of conditions that do not say on what somebody acts, only how and when.
const CIRCUMSTANCES: [&str; 8] = [
    "aws:securetransport",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:useragent",
    "aws:referer",
];

impl HeldPolicy {
    fn new(origin: Origin, arn: String, name: String, document: Arc<Document>, tests: Tests) -> Self {
        let (holders, people) = (Vec::new(), Vec::new());
        Self { origin, arn, name, document, holders, people, is_boundary: false, tests }
    }

    /// Whether a statement covers a request's action and resource, its conditions apart.
    pub fn covers(&self, statement: &Statement, request: &Request<'_>) -> bool {
        let Some((actions, resources)) = self.tests.get(statement.index) else { return false };
        actions.covers(request) && resources.covers(request)
    }

    /// The statements that allow.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.document.statements().iter().filter(|statement| statement.effect == Effect::Allow)
    }

    /// Where a statement stands, and what is to be seen there.
    pub fn evidence(&self, statement: &Statement, what: impl Into<String>) -> Evidence {
        let sid = statement.sid.as_ref().map(|sid| sid.value.to_string()).filter(|sid| !sid.is_empty());
        let (start, end) = (statement.span.start as usize, statement.span.end as usize);
        Evidence {
            policy: Some(self.name.clone()),
            statement: Some(sid.unwrap_or_else(|| (statement.index + 1).to_string())),
            line: Some(base::span::position(self.document.text(), statement.span.start).line),
            text: self.document.text().get(start..end).map(str::to_owned),
            ..Evidence::new(what, &self.arn)
        }
    }
}

/// Whether one of a statement's conditions says on what, for whom or for which service it holds. Conditions on
/// circumstances alone (time, region, MFA) leave it as wide as it is.
pub fn is_limited(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        let key = condition.key.value.to_ascii_lowercase();
        !CIRCUMSTANCES.contains(&key.as_str())
    })
}

/// Whether a statement names all actions of all services.
pub fn is_every_action(statement: &Statement) -> bool {
    !statement.action.negated
        && statement.action.entries.iter().any(|entry| matches!(&*entry.value, "*" | "*:*"))
}

/// Whether a statement names all resources.
pub fn is_every_resource(statement: &Statement) -> bool {
    statement.resource.as_ref().is_some_and(|resource| {
        !resource.negated && resource.entries.iter().any(|entry| matches!(&*entry.value, "*"))
    })
}

/// A resource of the kind that an action acts on which nobody has named in a policy: `*` for actions on none.
pub fn probe(action: &str, account: AccountId, partition: Partition) -> String {
    resource_of(action, account, partition, "bailiwick-probe")
}

/// The ARN of a resource of the kind that an action acts on, with `name` for everything that has a name.
pub fn resource_of(action: &str, account: AccountId, partition: Partition, name: &str) -> String {
    let Some(action) = Catalogue::get().action(action) else { return "*".to_owned() };
    // The shortest ARN is that of the thing itself: an object before an object behind an access point.
    let kinds: Vec<_> = action.resource_types().collect();
    let required = kinds.iter().any(|kind| kind.required());
    let kinds = kinds.into_iter().filter(|kind| kind.required() == required);
    let Some(kind) = kinds.min_by_key(|kind| kind.resource_type().arn_pattern().len()) else {
        return "*".to_owned();
    };
    let mut arn = String::new();
    let mut rest = kind.resource_type().arn_pattern();
    while let Some((before, after)) = rest.split_once("${") {
        arn.push_str(before);
        let (variable, after) = after.split_once('}').unwrap_or((after, ""));
        arn.push_str(match variable {
            "Partition" => partition.id(),
            "Region" => "us-east-1",
            "Account" => account.as_str(),
            _ => name,
        });
        rest = after;
    }
    arn.push_str(rest);
    arn.replace('*', name)
}

/// The question whether somebody can do an action on a resource of the account that nobody named. Roles and keys let in
/// nobody by identity policies alone; theirs are taken to leave it to the account.
pub fn question(action: &str, account: AccountId, partition: Partition) -> Option<Question> {
    question_about(action, &probe(action, account, partition), account, partition)
}

/// The same of a resource of the account.
pub fn question_about(
    action: &str,
    resource: &str,
    account: AccountId,
    partition: Partition,
) -> Option<Question> {
    let question = Question::new(action, resource).ok()?.resource_account(account);
    if !action.starts_with("kms:") && !action.starts_with("sts:AssumeRole") {
        return Some(question);
    }
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "arn:{partition}:iam::{account}:root"}},
        "Action": "*", "Resource": "*"}}}}"#
    );
    let document = Document::parse_tolerant(&text).0?;
    let label = PolicyLabel::new(PolicyKind::Resource, question.resource(), "leaves it to the account");
    Some(question.resource_policy(Arc::new(CompiledPolicy::compile(Arc::new(document), label))))
}

/// The only region whose resources a statement names, if there is one.
pub fn region_of(statement: &Statement) -> Option<&str> {
    let resource = statement.resource.as_ref().filter(|resource| !resource.negated)?;
    let mut regions = resource.entries.iter().map(|entry| entry.value.split(':').nth(3).unwrap_or_default());
    let region = regions.next().filter(|region| !region.is_empty() && !region.contains(['*', '?', '$']))?;
    regions.all(|other| other == region).then_some(region)
}

/// The same resource in another region.
pub fn moved(probe: &str, region: &str) -> String {
    probe.replacen(":us-east-1:", &format!(":{region}:"), 1)
}

/// Every policy of an account that users, groups and roles have or could have.
pub fn of_account(estate: &Estate, account: AccountId) -> Vec<HeldPolicy> {
    let Some(state) = estate.snapshot.account(account) else { return Vec::new() };
    let mut all = Texts {
        state,
        partition: estate.partition,
        managed: BTreeMap::new(),
        inline: Vec::new(),
        tests: HashMap::new(),
    };
    all.customer();
    all.held();
    let mut policies: Vec<HeldPolicy> = all.managed.into_values().collect();
    policies.append(&mut all.inline);
    policies
}

struct Texts<'a> {
    state: &'a AccountState,
    partition: Partition,
    managed: BTreeMap<PolicyRef, HeldPolicy>,
    inline: Vec<HeldPolicy>,
    /// By the place of the document, which its policies hold.
    tests: HashMap<usize, Tests>,
}

impl Texts<'_> {
    fn customer(&mut self) {
        for policy in self.state.policies.iter() {
            self.managed_policy(&PolicyRef::Customer(policy.id.clone()));
        }
    }

    fn held(&mut self) {
        let (state, partition) = (self.state, self.partition);
        for group in state.groups.iter() {
            let people: Vec<String> =
                state.members(group).map(|user| user.arn(partition).as_str().to_owned()).collect();
            self.holder(group.arn(partition).as_str(), &people, &group.inline, &group.attached, None);
        }
        for user in state.users.iter() {
            let arn = user.arn(partition).as_str().to_owned();
            let people = [arn.clone()];
            self.holder(&arn, &people, &user.inline, &user.attached, user.boundary.as_ref());
        }
        for role in state.roles.iter() {
            let arn = role.arn(partition).as_str().to_owned();
            let people = if role.is_service_linked() { vec![] } else { vec![arn.clone()] };
            self.holder(&arn, &people, &role.inline, &role.attached, role.boundary.as_ref());
        }
    }

    fn holder(
        &mut self,
        arn: &str,
        people: &[String],
        inline: &InlinePolicies,
        attached: &[PolicyRef],
        boundary: Option<&PolicyRef>,
    ) {
        for (name, text) in inline {
            let Some(document) = text.document().cloned() else { continue };
            let tests = self.tests(&document);
            let mut policy = HeldPolicy::new(Origin::Inline, arn.to_owned(), name.clone(), document, tests);
            policy.holders.push(arn.to_owned());
            policy.people.extend_from_slice(people);
            self.inline.push(policy);
        }
        for reference in attached {
            if let Some(policy) = self.managed_policy(reference) {
                policy.holders.push(arn.to_owned());
                let known = |person: &&String| !policy.people.contains(*person);
                let new: Vec<String> = people.iter().filter(known).cloned().collect();
                policy.people.extend(new);
            }
        }
        if let Some(policy) = boundary.and_then(|reference| self.managed_policy(reference)) {
            policy.is_boundary = true;
        }
    }

    fn tests(&mut self, document: &Arc<Document>) -> Tests {
        let place = Arc::as_ptr(document).addr();
        Arc::clone(self.tests.entry(place).or_insert_with(|| tests(document)))
    }

    fn managed_policy(&mut self, reference: &PolicyRef) -> Option<&mut HeldPolicy> {
        if !self.managed.contains_key(reference) {
            let compiled = self.state.compiled(reference, self.partition)?;
            let origin = if matches!(reference, PolicyRef::Aws(_)) { Origin::Aws } else { Origin::Customer };
            let (arn, name) = (compiled.label().id.to_string(), compiled.label().name.to_string());
            let tests = self.tests(compiled.document());
            let policy = HeldPolicy::new(origin, arn, name, Arc::clone(compiled.document()), tests);
            self.managed.insert(reference.clone(), policy);
        }
        self.managed.get_mut(reference)
    }
}

/// The tests of a document's statements.
fn tests(document: &Document) -> Tests {
    let version = document.version();
    let everything = || ListElement { negated: true, span: base::Span::default(), entries: Vec::new() };
    let test = |statement: &Statement| {
        let resource = statement.resource.clone().unwrap_or_else(everything);
        (ActionTest::new(&statement.action, statement.effect), ResourceTest::new(&resource, version))
    };
    document.statements().iter().map(test).collect()
}
