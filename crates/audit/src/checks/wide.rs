//! What checks of wide grants share: statements that allow something on resources that nobody named, to somebody whom
//! nothing stops; and the change that narrows them.

use super::kit::*;
use crate::diff::policy_diff;
use crate::texts::{self, HeldPolicy, Origin};
use analysis::who_can::{Question, Verdict};
use base::Partition;
use policy::{ContextMap, Principal, Request, Statement};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// A policy that grants too widely, to whom it does.
pub(super) struct Grant<'a> {
    pub(super) policy: &'a HeldPolicy,
    /// The statements, each with the actions that it grants.
    pub(super) statements: Vec<(&'a Statement, Vec<String>)>,
    /// Users and roles that can in fact do it: boundaries, denies and SCPs are counted.
    pub(super) people: Vec<String>,
}

impl Grant<'_> {
    /// All actions, each once.
    pub(super) fn actions(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.statements.iter().flat_map(|(_, actions)| actions.iter().cloned()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// What tells the policy from others of its holder.
    pub(super) fn discriminator(&self) -> &str {
        if self.policy.origin == Origin::Inline { &self.policy.name } else { "" }
    }
}

/// Looks for policies that grant some of these actions on resources that nobody named. Statements on all actions, with
/// `NotAction`, or with conditions that say on what, are left out. Returns also how many policies do not.
pub(super) fn grants<'a>(
    auditor: &'a Auditor<'_>,
    account: AccountId,
    actions: &[&str],
    takes: fn(&HeldPolicy) -> bool,
) -> (Vec<Grant<'a>>, usize) {
    let probes = Probes::new(actions, account, auditor.estate.partition);
    let tried = probes.tried();
    let mut known: HashMap<usize, Granted> = HashMap::new();
    let (mut found, mut fine) = (Vec::new(), 0);
    let attached = auditor.policies(account).iter().filter(|held| !held.people.is_empty() && takes(held));
    for policy in attached {
        let document = Arc::as_ptr(&policy.document).addr();
        let granted = known.entry(document).or_insert_with(|| probes.granted(policy, &tried));
        let statements: Vec<(&Statement, Vec<String>)> = policy
            .allows()
            .filter_map(|statement| Some((statement, granted.get(&statement.index)?.clone())))
            .collect();
        let people = effective(auditor, account, policy, &statements);
        if people.is_empty() {
            fine += 1;
        } else {
            found.push(Grant { policy, statements, people });
        }
    }
    (found, fine)
}

/// The actions that each statement of a document grants, by the statement's place.
type Granted = HashMap<usize, Vec<String>>;

/// Actions, each with a resource that nobody named.
struct Probes<'a> {
    all: Vec<(&'a str, String)>,
    nobody: Principal,
    context: ContextMap,
}

impl<'a> Probes<'a> {
    fn new(actions: &[&'a str], account: AccountId, partition: Partition) -> Self {
        let probe = |action: &&'a str| (*action, texts::probe(action, account, partition));
        let all = actions.iter().map(probe).collect();
        Self { all, nobody: Principal::anonymous(), context: ContextMap::new() }
    }

    /// A request for each, made once for many policies.
    fn tried(&self) -> Vec<Request<'_>> {
        let all = self.all.iter();
        all.map(|(action, probe)| Request::new(&self.nobody, action, probe, &self.context)).collect()
    }

    /// What a document grants of them.
    fn granted(&self, policy: &HeldPolicy, tried: &[Request<'_>]) -> Granted {
        let is_open = |statement: &&Statement| {
            !texts::is_every_action(statement) && !statement.action.negated && !texts::is_limited(statement)
        };
        let granted = policy.allows().filter(is_open).map(|statement| {
            let granted = match texts::region_of(statement) {
                Some(region) => self.in_region(policy, statement, region),
                None => {
                    let tried = self.all.iter().zip(tried);
                    let covered = tried.filter(|(_, request)| policy.covers(statement, request));
                    covered.map(|((action, _), _)| (*action).to_owned()).collect()
                }
            };
            (statement.index, granted)
        });
        granted.filter(|(_, granted)| !granted.is_empty()).collect()
    }

    fn in_region(&self, policy: &HeldPolicy, statement: &Statement, region: &str) -> Vec<String> {
        let covered = self.all.iter().filter(|(action, probe)| {
            let probe = texts::moved(probe, region);
            let request = Request::new(&self.nobody, action, &probe, &self.context);
            policy.covers(statement, &request)
        });
        covered.map(|(action, _)| (*action).to_owned()).collect()
    }
}

/// Of the people of a policy those who can do one of the actions in fact.
pub(super) fn effective(
    auditor: &Auditor<'_>,
    account: AccountId,
    policy: &HeldPolicy,
    statements: &[(&Statement, Vec<String>)],
) -> Vec<String> {
    if statements.is_empty() {
        return Vec::new();
    }
    let (elsewhere, here): (Vec<_>, Vec<_>) =
        statements.iter().partition(|(statement, _)| texts::region_of(statement).is_some());
    let reached: Vec<_> =
        here.iter().flat_map(|(_, actions)| actions).map(|action| auditor.reach(account, action)).collect();
    let partition = auditor.estate.partition;
    let asked: Vec<Question> = elsewhere
        .iter()
        .flat_map(|(statement, actions)| actions.iter().map(|action| (texts::region_of(statement), action)))
        .filter_map(|(region, action)| {
            let probe = texts::moved(&texts::probe(action, account, partition), region?);
            texts::question_about(action, &probe, account, partition)
        })
        .collect();
    let everybody = auditor.people();
    let can = |person: &&String| {
        let number = everybody.person(person);
        reached.iter().any(|reach| number.is_some_and(|number| reach.has_person(number)))
            || asked.iter().any(|question| auditor.judge(person, question) != Verdict::Never)
    };
    policy.people.iter().filter(can).cloned().collect()
}

/// Tells of a grant: where, who, and how to narrow it.
pub(super) fn tell(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    grant: &Grant<'_>,
    what: &str,
    action: &str,
) {
    let actions = grant.actions();
    let message =
        format!("{} lets {} {what} ({})", title(grant.policy), some(&grant.people), some_actions(&actions));
    judged.tell(&grant.policy.arn, grant.discriminator(), message, |finding| {
        for (statement, granted) in &grant.statements {
            let shown = format!("allows {} on resources that nobody named", some_actions(granted));
            finding.evidence.push(grant.policy.evidence(statement, shown));
        }
        finding.principals = grant.people.clone();
        finding.fix = Some(narrow(auditor, account, grant, action));
        finding.actions = actions;
    });
}

/// How a policy is called in a message.
pub(super) fn title(policy: &HeldPolicy) -> String {
    match policy.origin {
        Origin::Aws => format!("AWS's policy {}", policy.name),
        Origin::Customer => format!("policy {}", policy.name),
        Origin::Inline => format!("inline policy {}", policy.name),
    }
}

/// Names the resources instead of `*`: the names are to be filled in.
fn narrow(auditor: &Auditor<'_>, account: AccountId, grant: &Grant<'_>, action: &str) -> Fix {
    let policy = grant.policy;
    if policy.origin == Origin::Aws {
        return replace_aws(policy, action);
    }
    let text = policy.document.text();
    let narrowed = change_statements(text, |place, statement| {
        let Some((_, actions)) = grant.statements.iter().find(|(it, _)| it.index == place) else {
            return true;
        };
        let mut named: Vec<String> = actions
            .iter()
            .map(|action| texts::resource_of(action, account, auditor.estate.partition, "NAME"))
            .collect();
        named.sort();
        named.dedup();
        if let Some(statement) = statement.as_object_mut()
            && !named.iter().any(|name| name == "*")
        {
            statement.insert("Resource".into(), json!(named));
        }
        true
    });
    let diff = narrowed.flatten().map(|new| policy_diff(&policy.name, text, &new));
    Fix {
        diff: diff.filter(|diff| !diff.is_empty()),
        terraform: Some(terraform(policy).into()),
        ..fix(format!("Name the resources in {}", title(policy)), action, vec![put(policy)])
    }
}

/// Takes whole statements out of a policy: a change that can be tried.
pub(super) fn take_out(policy: &HeldPolicy, places: &[usize], action: &str) -> Fix {
    if policy.origin == Origin::Aws {
        return replace_aws(policy, action);
    }
    let text = policy.document.text();
    let left = change_statements(text, |place, _| !places.contains(&place));
    let Some(left) = left else { return fix(action, action, vec![put(policy)]) };
    let summary = format!("Take the statement out of {}", title(policy));
    let diff = Some(policy_diff(&policy.name, text, left.as_deref().unwrap_or("{}")));
    let (commands, change) = match (policy.origin, left) {
        (Origin::Inline, None) => {
            let (kind, holder) = (kind_of(&policy.arn), name_of(&policy.arn));
            let command =
                format!("aws iam delete-{kind}-policy --{kind}-name {holder} --policy-name {}", policy.name);
            (vec![command], Change::DeleteInline { of: policy.arn.clone(), name: policy.name.clone() })
        }
        (Origin::Inline, Some(text)) => {
            let change = Change::PutInline { of: policy.arn.clone(), name: policy.name.clone(), text };
            (vec![put(policy)], change)
        }
        (_, None) => {
            let mut commands: Vec<String> =
                policy.holders.iter().take(20).map(|holder| detach(holder, &policy.arn)).collect();
            commands.push(format!("aws iam delete-policy --policy-arn {}", policy.arn));
            (commands, Change::Delete { arn: policy.arn.clone() })
        }
        (_, Some(text)) => (vec![put(policy)], Change::PutVersion { policy: policy.arn.clone(), text }),
    };
    Fix {
        diff,
        change: Some(change),
        terraform: Some(terraform(policy).into()),
        ..fix(summary, action, commands)
    }
}

/// The command that detaches a managed policy.
pub(super) fn detach(holder: &str, policy: &str) -> String {
    let kind = kind_of(holder);
    format!("aws iam detach-{kind}-policy --{kind}-name {} --policy-arn {policy}", name_of(holder))
}

/// AWS's policies cannot be changed: another one takes their place.
fn replace_aws(policy: &HeldPolicy, action: &str) -> Fix {
    let change = match &policy.holders[..] {
        [only] => Some(Change::Detach { from: only.clone(), policy: policy.arn.clone() }),
        _ => None,
    };
    let commands = policy.holders.iter().take(20).map(|holder| detach(holder, &policy.arn)).collect();
    let summary = format!("Detach {} and attach a narrower policy", policy.name);
    Fix { change, ..fix_in_terraform(summary, action, commands, "aws_iam_*_policy_attachment") }
}

/// The command that puts a new text.
fn put(policy: &HeldPolicy) -> String {
    if policy.origin != Origin::Inline {
        return format!(
            "aws iam create-policy-version --policy-arn {} --policy-document file://policy.json --set-as-default",
            policy.arn
        );
    }
    let (kind, holder) = (kind_of(&policy.arn), name_of(&policy.arn));
    format!(
        "aws iam put-{kind}-policy --{kind}-name {holder} --policy-name {} --policy-document file://policy.json",
        policy.name
    )
}

fn terraform(policy: &HeldPolicy) -> &'static str {
    match (policy.origin, kind_of(&policy.arn)) {
        (Origin::Inline, "user") => "`policy` of aws_iam_user_policy",
        (Origin::Inline, "group") => "`policy` of aws_iam_group_policy",
        (Origin::Inline, _) => "`policy` of aws_iam_role_policy",
        _ => "`policy` of aws_iam_policy",
    }
}

/// The policy with its statements changed; those for which `keep` says no are left out. `Some(None)` if nothing is left.
#[expect(clippy::option_option, reason = "a text that cannot be read, and nothing left, are two things")]
fn change_statements(text: &str, mut keep: impl FnMut(usize, &mut Value) -> bool) -> Option<Option<String>> {
    let mut policy: Value = serde_json::from_str(text).ok()?;
    let statement = policy.get_mut("Statement")?;
    if !statement.is_array() {
        *statement = Value::Array(vec![statement.take()]);
    }
    let all = statement.as_array_mut()?;
    let mut place = 0;
    all.retain_mut(|statement| {
        place += 1;
        keep(place - 1, statement)
    });
    if all.is_empty() { Some(None) } else { Some(serde_json::to_string(&policy).ok()) }
}
