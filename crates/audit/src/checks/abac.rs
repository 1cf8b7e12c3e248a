//! Access by tags rests on tags that are there, and that the one they rule cannot change.

use super::kit::*;
use crate::texts::HeldPolicy;
use analysis::who_can::{Question, Verdict};
use policy::Statement;
use policy::catalogue::{AccessLevel, Catalogue};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html";

pub(super) const OWN_TAGS: Check = Check {
    id: "abac-own-tags",
    title: "Nobody can change the own tags that access rests on",
    severity: Severity::High,
    area: Area::Governance,
    why: "Who may tag itself `team=payments` is of the payments team.",
    judged: "Users and roles with a policy that speaks of aws:PrincipalTag/KEY, of whom the engine says that they can put another \
             value of this tag on themselves (iam:TagUser, iam:TagRole). Administrators are told elsewhere.",
    remediation: "Deny iam:TagUser and iam:TagRole on oneself, or of these keys (aws:TagKeys).",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: own_tags,
};

pub(super) const RESOURCE_TAGS: Check = Check {
    id: "abac-resource-tags",
    title: "Nobody can put on the tags of resources that access rests on",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "Who may tag any resource `team=mine` has access to it next.",
    judged: "Policies whose statements allow only resources with a tag (aws:ResourceTag/KEY), whose holders can put this tag on \
             resources that do not have it, by a tagging action of the same service, and who could not do it without the tag. Administrators are told elsewhere.",
    remediation: "Allow tagging only of resources that have the tag already, or forbid this key with aws:TagKeys.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: resource_tags,
};

pub(super) const HOLES: Check = Check {
    id: "abac-holes",
    title: "Who gets access by a tag has the tag",
    severity: Severity::Low,
    area: Area::Governance,
    why: "Without the tag a policy on it gives nothing, a deny on it may hold nobody off, and somebody mends that with a wider \
          policy.",
    judged: "Users and roles with a policy of their own or their groups that speaks of aws:PrincipalTag/KEY, without that tag. \
             Roles whose trust policy allows sts:TagSession may get it with the session, and pass.",
    remediation: "Put the tag on.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: holes,
};

/// The keys of tags that a text speaks of, after `prefix` (in lower case).
fn keys(text: &str, prefix: &str) -> BTreeSet<String> {
    let lower = text.to_ascii_lowercase();
    let ends = |letter: char| matches!(letter, '"' | '}' | ',' | '\'') || letter.is_whitespace();
    lower
        .match_indices(prefix)
        .filter_map(|(at, found)| text.get(at + found.len()..))
        .filter_map(|rest| rest.split(ends).next())
        .filter(|key| !key.is_empty() && !key.contains("${"))
        .map(str::to_owned)
        .collect()
}

/// Whose policies speak of which tags of principals, and one of the policies.
fn reliant<'a>(auditor: &'a Auditor<'_>, account: AccountId) -> BTreeMap<(&'a str, String), &'a HeldPolicy> {
    let mut found = BTreeMap::new();
    for policy in auditor.policies(account) {
        for key in keys(policy.document.text(), "aws:principaltag/") {
            for person in &policy.people {
                found.entry((person.as_str(), key.clone())).or_insert(policy);
            }
        }
    }
    found
}

fn own_tags(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let powerful = auditor.powerful(account);
    for ((person, key), policy) in reliant(auditor, account) {
        let action = if kind_of(person) == "user" { "iam:TagUser" } else { "iam:TagRole" };
        let question = Question::new(action, person)
            .map(|it| it.with("aws:TagKeys", &key).with(&format!("aws:RequestTag/{key}"), "another-value"));
        let can = question.is_ok_and(|question| auditor.judge(person, &question) != Verdict::Never);
        if !can || powerful.contains_key(person) {
            judged.pass();
            continue;
        }
        let message =
            format!("{} can change its own tag {key}, on which {} rests", name_of(person), policy.name);
        judged.tell(person, &key, message, |finding| {
            finding.principals.push(person.to_owned());
            finding.actions.push(action.to_owned());
            let what = format!("speaks of aws:PrincipalTag/{key}");
            finding
                .evidence
                .push(Evidence { policy: Some(policy.name.clone()), ..Evidence::new(what, &policy.arn) });
            finding.fix = Some(fix(
                format!("Deny {action} with the key {key} to {}", name_of(person)),
                "keep the tags that access rests on from those they rule",
                vec![format!(
                    "aws iam simulate-principal-policy --policy-source-arn {person} --action-names {action}"
                )],
            ));
        });
    }
}

fn resource_tags(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let powerful = auditor.powerful(account);
    for policy in auditor.policies(account) {
        for statement in policy.allows() {
            let (start, end) = (statement.span.start as usize, statement.span.end as usize);
            let text = policy.document.text().get(start..end).unwrap_or_default();
            for key in keys(text, "aws:resourcetag/") {
                let services =
                    statement.action.entries.iter().filter_map(|entry| entry.value.split(':').next());
                let services: BTreeSet<&str> = services.collect();
                let way = services.into_iter().find_map(|service| {
                    let action = tagging(service)?;
                    let can = |person: &&String| {
                        !powerful.contains_key(*person)
                            && can_tag(auditor, account, person, &action, &key)
                            && gains(auditor, account, person, statement, &key)
                    };
                    let people: Vec<String> = policy.people.iter().filter(can).cloned().collect();
                    (!people.is_empty()).then_some((action, people))
                });
                let Some((action, people)) = way else {
                    judged.pass();
                    continue;
                };
                let message = format!(
                    "{} can put the tag {key} on, on which {} rests ({action})",
                    some(&people),
                    policy.name
                );
                judged.tell(&policy.arn, &format!("{}/{key}", policy.name), message, |finding| {
                    finding
                        .evidence
                        .push(policy.evidence(statement, format!("rests on aws:ResourceTag/{key}")));
                    finding.fix = Some(fix(
                        format!("Allow {action} only of resources that have the tag already"),
                        "keep the tags that access rests on from those they rule",
                        Vec::new(),
                    ));
                    finding.principals = people;
                    finding.actions.push(action);
                });
            }
        }
    }
}

/// The action of a service that puts tags on.
fn tagging(service: &str) -> Option<String> {
    let service = Catalogue::get().service(service)?;
    let takes_off = |name: &str| ["Untag", "Delete", "Remove"].iter().any(|verb| name.starts_with(verb));
    let mut actions = service.actions().filter(|action| action.access_level() == AccessLevel::Tagging);
    actions.find(|action| !takes_off(action.name())).map(|action| action.to_string())
}

/// Whether the tag is what keeps somebody off: who may act on resources without it anyway gains nothing by putting it on.
fn gains(auditor: &Auditor<'_>, account: AccountId, person: &str, statement: &Statement, key: &str) -> bool {
    let entries = statement.action.entries.iter().filter(|_| !statement.action.negated);
    let action = entries
        .filter_map(|entry| Catalogue::get().actions_matching(&entry.value).find(|it| !it.is_wildcard_only()))
        .next();
    let Some(action) = action.map(|action| action.to_string()) else { return true };
    let question = crate::texts::question(&action, account, auditor.estate.partition);
    question.is_none_or(|it| {
        auditor.judge(person, &it.with(&format!("aws:ResourceTag/{key}"), "")) == Verdict::Never
    })
}

fn can_tag(auditor: &Auditor<'_>, account: AccountId, person: &str, action: &str, key: &str) -> bool {
    let probe = crate::texts::probe(action, account, auditor.estate.partition);
    let question = Question::new(action, &probe).map(|it| {
        it.with("aws:TagKeys", key)
            .with(&format!("aws:RequestTag/{key}"), "any-value")
            .with(&format!("aws:ResourceTag/{key}"), "")
    });
    question.is_ok_and(|question| auditor.judge(person, &question) == Verdict::Always)
}

fn holes(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for ((person, key), policy) in reliant(auditor, account) {
        let name = name_of(person);
        let has = match kind_of(person) {
            "user" => state.users.get(name).is_some_and(|user| user.tags.get(&key).is_some()),
            _ => state.roles.get(name).is_some_and(|role| {
                role.tags.get(&key).is_some() || role.trust.text().contains("TagSession")
            }),
        };
        if has {
            judged.pass();
            continue;
        }
        let message = format!("{name} lacks the tag {key}, on which {} rests", policy.name);
        judged.tell(person, &key, message, |finding| {
            finding.principals.push(person.to_owned());
            let what = format!("speaks of aws:PrincipalTag/{key}");
            finding
                .evidence
                .push(Evidence { policy: Some(policy.name.clone()), ..Evidence::new(what, &policy.arn) });
            let kind = kind_of(person);
            finding.fix = Some(fix_in_terraform(
                format!("Put the tag {key} on {name}"),
                "put on the tags that access rests on",
                vec![format!("aws iam tag-{kind} --{kind}-name {name} --tags Key={key},Value=VALUE")],
                &format!("`tags` of aws_iam_{kind}"),
            ));
        });
    }
}
