//! Questions of the graph: one action, one resource, and what an attacker cannot choose.
//!
//! Keys that the holder of credentials can arrange (MFA, network, region, tags of requests) stay open; keys that follow
//! from what is done are given: the service that a role is passed to, the policy that is attached, boundaries and tags
//! of what is acted on. External ids are secrets that nobody is taken to know.

use super::world::World;
use analysis::who_can::{Joint, Question, Verdict};
use base::{AccountId, ArnRef};
use policy::catalogue::{Action, Catalogue, ResourceType};
use policy::elements::ActionTest;
use policy::{CompiledPolicy, ContextMap, Document, Effect, PolicyKind, PolicyLabel, Principal, Request};
use std::sync::Arc;

/// Which trust policy is asked along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Trust {
    /// None.
    #[default]
    None,
    /// That of the role.
    Known,
    /// One that names who asks.
    Rewritten,
}

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) action: &'static str,
    pub(super) resource: String,
    pub(super) context: Vec<(&'static str, String)>,
    pub(super) trust: Trust,
}

impl Ask {
    pub(super) fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), context: Vec::new(), trust: Trust::None }
    }

    /// The same with a condition key of the request, in lower case.
    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }

    pub(super) fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// The action.
    pub(super) fn action(&self) -> &str {
        self.action
    }

    /// The resource.
    pub(super) fn resource(&self) -> &str {
        &self.resource
    }

    /// Condition keys that the request has, by their names in lower case.
    pub(super) fn context(&self) -> impl Iterator<Item = (&str, &str)> {
        self.context.iter().map(|(key, value)| (*key, &**value))
    }
}

/// What requests of principals have or have not, whoever makes them.
const CLOSED: [(&str, &str); 11] = [
    ("aws:viaawsservice", "false"),
    ("aws:principalisawsservice", "false"),
    ("aws:principalservicename", ""),
    ("aws:calledvia", ""),
    ("aws:calledviafirst", ""),
    ("aws:calledvialast", ""),
    ("aws:sourcearn", ""),
    ("aws:sourceaccount", ""),
    ("aws:sourceorgid", ""),
    ("aws:sourceorgpaths", ""),
    ("sts:externalid", ""),
];

impl World {
    /// Whether a node can do this.
    pub(super) fn judge(&self, node: u32, ask: &Ask) -> Verdict {
        if !self.may(node, ask.action) {
            // The trust policy of a role of the same account may let somebody in by itself.
            if ask.trust == Trust::None {
                return Verdict::Never;
            }
        }
        let Some(question) = self.question(Some(node), ask) else { return Verdict::Never };
        let Some((population, person)) = self.population(node) else { return Verdict::Never };
        population.judge_with(person, &question, &Joint::new(population, &question))
    }

    /// Whether a node can do all of these: the weakest verdict.
    pub(super) fn judge_all(&self, node: u32, asks: &[Ask]) -> Verdict {
        let mut all = Verdict::Always;
        for ask in asks {
            all = all.min(self.judge(node, ask));
            if all == Verdict::Never {
                break;
            }
        }
        all
    }

    /// The question that is asked. Without a node it can be asked of everybody.
    pub(super) fn question(&self, node: Option<u32>, ask: &Ask) -> Option<Question> {
        let mut question = Question::new(ask.action, &ask.resource).ok()?;
        for (key, value) in CLOSED.iter().filter(|(key, _)| self.is_mentioned(key)) {
            question = question.with(key, value);
        }
        for (key, value) in self.times.iter().filter(|(key, _)| self.is_mentioned(key)) {
            question = question.with(key, value);
        }
        question = self.about_resource(question, ask);
        for (key, value) in &ask.context {
            question = question.with(key, value);
        }
        let nameless = ArnRef::parse(&ask.resource).is_some_and(|arn| arn.account.is_empty());
        if let (true, Some(node)) = (nameless, node) {
            question = question.resource_account(self.account_of(node));
        }
        match ask.trust {
            Trust::None => Some(question),
            Trust::Known => self.trust_of(&ask.resource).map(|policy| question.resource_policy(policy)),
            Trust::Rewritten => Some(question.resource_policy(rewritten(&ask.resource, self.arn(node?))?)),
        }
    }

    /// Tags and the boundary of what is acted on. What does not exist yet has none.
    fn about_resource(&self, mut question: Question, ask: &Ask) -> Question {
        let node = self.by_arn(&ask.resource);
        let workload = self.workload(&ask.resource);
        if ask.action.starts_with("iam:")
            && self.is_mentioned("iam:permissionsboundary")
            && !ask.context.iter().any(|(key, _)| *key == "iam:permissionsboundary")
        {
            let boundary = node.and_then(|node| self.boundary_arn(node));
            question = question.with("iam:permissionsboundary", boundary.as_deref().unwrap_or_default());
        }
        for (key, tag) in &self.tag_keys {
            let value = match (node, workload) {
                (Some(node), _) => {
                    let tags = self.entity(node).tags();
                    let same = tags.iter().find(|known| known.key.eq_ignore_ascii_case(tag));
                    same.map(|known| known.value.clone())
                }
                (None, Some(workload)) => {
                    let tags = &workload.tags;
                    if tags.is_empty() && !self.tags_known(workload.account) {
                        continue;
                    }
                    tags.iter()
                        .find(|(known, _)| known.eq_ignore_ascii_case(tag))
                        .map(|(_, value)| value.clone())
                }
                (None, None) => None,
            };
            question = question.with(key, value.as_deref().unwrap_or_default());
        }
        question
    }

    /// Resources of which nothing is special, one for each type that a request for the action names.
    pub(super) fn plain_resources(&self, action: &str, account: AccountId) -> Vec<String> {
        self.groups(action, account, &[]).into_iter().filter_map(|group| group.into_iter().next()).collect()
    }

    /// Whether a node can do this on some resource whose name can be chosen, and on which.
    pub(super) fn anywhere(&self, node: u32, action: &'static str) -> Option<Vec<Ask>> {
        if !self.may(node, action) {
            return None;
        }
        let key = (node, action);
        if let Some(known) = self.anywhere.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        let found = self.find_anywhere(node, action);
        if let Ok(mut known) = self.anywhere.lock() {
            known.insert(key, found.clone());
        }
        found
    }

    fn find_anywhere(&self, node: u32, action: &'static str) -> Option<Vec<Ask>> {
        let patterns = self.patterns(node, action);
        let groups = self.groups(action, self.account_of(node), &patterns);
        let mut asks = Vec::new();
        for group in groups {
            let mut best: Option<(Verdict, Ask)> = None;
            for resource in group {
                let ask = Ask::new(action, resource);
                let verdict = self.judge(node, &ask);
                if verdict > best.as_ref().map_or(Verdict::Never, |(best, _)| *best) {
                    best = Some((verdict, ask));
                }
                if verdict == Verdict::Always {
                    break;
                }
            }
            asks.push(best?.1);
        }
        Some(asks)
    }

    /// For each type of resource that a request names: the resources to be tried.
    fn groups(&self, action: &str, account: AccountId, patterns: &[String]) -> Vec<Vec<String>> {
        let Some(facts) = Catalogue::get().action(action) else { return vec![vec!["*".to_owned()]] };
        if facts.is_wildcard_only() {
            return vec![vec!["*".to_owned()]];
        }
        let of_type = |kind: ResourceType| -> Vec<String> {
            let plain = self.plain(kind, account);
            let fits = |pattern: &&String| is_of(kind, pattern);
            patterns.iter().filter(fits).cloned().chain(plain).collect()
        };
        let required: Vec<ResourceType> = required(facts);
        if required.is_empty() {
            return vec![facts.resource_types().flat_map(|used| of_type(used.resource_type())).collect()];
        }
        required.into_iter().map(of_type).collect()
    }

    /// A resource of a type of which nothing is special.
    fn plain(&self, kind: ResourceType, account: AccountId) -> Option<String> {
        let mut text = String::new();
        let mut rest = kind.arn_pattern();
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let (name, after) = after.split_once('}')?;
            text.push_str(match name {
                "Partition" => self.partition.id(),
                "Region" => self.region(),
                "Account" => account.as_str(),
                _ => "any",
            });
            rest = after;
        }
        text.push_str(rest);
        ArnRef::parse(&text).is_some().then(|| text.replace('*', "any"))
    }

    /// Resources that a node's policies name where they allow an action, each as one that its pattern fits.
    fn patterns(&self, node: u32, action: &str) -> Vec<String> {
        let (nobody, context) = (Principal::anonymous(), ContextMap::new());
        let request = Request::new(&nobody, action, "*", &context);
        let mut found = Vec::new();
        for policy in &self.policies(node).identity {
            for statement in policy.document().statements() {
                let test = ActionTest::new(&statement.action, statement.effect);
                let Some(resource) = statement.resource.as_ref().filter(|element| !element.negated) else {
                    continue;
                };
                if statement.effect == Effect::Allow && test.covers(&request) {
                    found.extend(
                        resource.entries.iter().filter_map(|entry| self.instance(node, &entry.value)),
                    );
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A resource that a pattern fits; `None` if it is `*`, no ARN, or of another account.
    fn instance(&self, node: u32, pattern: &str) -> Option<String> {
        let name = self.arn(node).rsplit('/').next().unwrap_or_default();
        let pattern = pattern.replace("${aws:username}", name);
        let arn = ArnRef::parse(&pattern)?;
        let account = self.account_of(node);
        let account = match arn.account {
            "" => "",
            text if text == account.as_str() || text.contains('*') => account.as_str(),
            _ => return None,
        };
        let region = match arn.region {
            "" => "",
            text if text.contains(['*', '?']) => self.region(),
            text => text,
        };
        let resource = arn.resource.replace('*', "any").replace('?', "x");
        if resource.contains("${") || arn.service.contains(['*', '?']) {
            return None;
        }
        Some(format!("arn:{}:{}:{region}:{account}:{resource}", self.partition.id(), arn.service))
    }
}

/// The types that every request for an action names; one that starts instances names six.
fn required(action: Action) -> Vec<ResourceType> {
    action.resource_types().filter(|used| used.required()).map(|used| used.resource_type()).collect()
}

/// Whether an ARN is of a type, as far as service and beginning tell.
pub(super) fn is_of(kind: ResourceType, arn: &str) -> bool {
    let (Some(form), Some(arn)) = (ArnRef::parse(kind.arn_pattern()), ArnRef::parse(arn)) else {
        return false;
    };
    let start = form.resource.split("${").next().unwrap_or_default();
    form.service == arn.service && arn.resource.starts_with(start)
}

/// A trust policy of a role that names a principal.
fn rewritten(role: &str, principal: &str) -> Option<Arc<CompiledPolicy>> {
    let principal = serde_json::Value::from(principal);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": {principal}}}, "Action": "sts:AssumeRole"}}}}"#
    );
    let document = Document::parse_tolerant(&text).0?;
    let label = PolicyLabel::new(PolicyKind::Trust, role, "rewritten");
    Some(Arc::new(CompiledPolicy::compile(Arc::new(document), label)))
}
