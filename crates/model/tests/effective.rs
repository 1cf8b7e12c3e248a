//! What a change of policies costs and when it counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_model::{
    Account, EffectivePolicies, Group, ManagedPolicy, PolicyRef, PolicyText, PolicyVersion, Snapshot, User,
};
use base::{AccountId, Partition, Timestamp, UniqueId};
use policy::{CompiledPolicy, ContextMap, Layers, PolicySet, Principal, Request, evaluate};
use std::sync::Arc;

const USER: &str = "AIDAUSERUSERUSERUSER1";

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn id(text: &str) -> UniqueId {
    UniqueId::from_text(text)
}

fn allow(action: &str) -> PolicyText {
    PolicyText::new(format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
    ))
}

fn policy_id(number: u32) -> UniqueId {
    id(&format!("ANPAPOLICYPOLICYPOL{number}A"))
}

fn managed(number: u32, action: &str) -> ManagedPolicy {
    let created = Timestamp::default();
    ManagedPolicy {
        id: policy_id(number),
        account: account(),
        name: format!("policy{number}"),
        path: "/".to_owned(),
        description: None,
        created,
        updated: created,
        default_version: 1,
        next_version: 2,
        versions: vec![PolicyVersion { number: 1, text: allow(action), created }],
        tags: Default::default(),
    }
}

/// A user with an inline policy, two managed ones, and a third through a group with an inline policy of its own.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::default();
    let created = Timestamp::default();
    snapshot.put(Account::new(account(), "a", created).into()).unwrap();
    for number in 1..=3 {
        snapshot.put(managed(number, "sqs:ListQueues").into()).unwrap();
    }
    let group = Group {
        id: id("AGPAGROUPGROUPGROUPG1"),
        account: account(),
        name: "g".to_owned(),
        path: "/".to_owned(),
        created,
        inline: [("of the group".to_owned(), allow("kms:ListKeys"))].into(),
        attached: vec![PolicyRef::Customer(policy_id(3))],
    };
    let user = User {
        id: id(USER),
        account: account(),
        name: "Ann".to_owned(),
        path: "/".to_owned(),
        created,
        password_last_used: None,
        tags: Default::default(),
        boundary: Some(PolicyRef::Customer(policy_id(1))),
        inline: [("own".to_owned(), allow("sns:ListTopics"))].into(),
        attached: vec![PolicyRef::Customer(policy_id(1)), PolicyRef::Customer(policy_id(2))],
        groups: [group.id.clone()].into(),
        access_keys: Vec::new(),
        login_profile: None,
        credentials: Default::default(),
    };
    snapshot.put(group.into()).unwrap();
    snapshot.put(user.into()).unwrap();
    snapshot
}

fn effective(snapshot: &Snapshot) -> EffectivePolicies {
    let account = snapshot.account(account()).unwrap();
    let user = account.users.by_id(USER).unwrap();
    account.effective_of_user(user, Partition::by_id("aws").unwrap())
}

fn may(policies: &[Arc<CompiledPolicy>], action: &str) -> bool {
    let identity = PolicySet::new(policies.to_vec());
    let ann = Principal::user("arn:aws:iam::123456789012:user/Ann").unwrap();
    let context = ContextMap::new();
    let request = Request::new(&ann, action, "*", &context);
    evaluate(&Layers { identity: &identity, ..Layers::default() }, &request).is_allowed()
}

/// Which places hold the same compiled policy as before.
fn kept(before: &EffectivePolicies, after: &EffectivePolicies) -> Vec<bool> {
    assert_eq!(before.identity.len(), after.identity.len());
    before.identity.iter().zip(&after.identity).map(|(before, after)| Arc::ptr_eq(before, after)).collect()
}

#[test]
fn nothing_is_compiled_again_without_a_change() {
    let mut snapshot = snapshot();
    let before = effective(&snapshot);
    assert_eq!(kept(&before, &effective(&snapshot)), [true; 5]);
    // What a policy is compiled to is shared by all whom it is attached to, and as a boundary.
    assert!(Arc::ptr_eq(&before.boundary.as_ref().unwrap()[0], &before.identity[1]));
    // Another entity's change is none of this one.
    snapshot.put(managed(9, "s3:*").into()).unwrap();
    assert_eq!(kept(&before, &effective(&snapshot)), [true; 5]);
}

#[test]
fn a_changed_managed_policy_is_compiled_again_alone_and_counts_at_once() {
    let mut snapshot = snapshot();
    let before = effective(&snapshot);
    assert!(!may(&before.identity, "s3:ListAllMyBuckets"));
    let mut changed = managed(2, "sqs:ListQueues");
    changed.versions.push(PolicyVersion {
        number: 2,
        text: allow("s3:ListAllMyBuckets"),
        created: changed.created,
    });
    changed.default_version = 2;
    snapshot.put(changed.into()).unwrap();
    let after = effective(&snapshot);
    assert_eq!(kept(&before, &after), [true, true, false, true, true]);
    assert!(may(&after.identity, "s3:ListAllMyBuckets"));
    // Who still reads the earlier snapshot is judged by it.
    assert!(!may(&before.identity, "s3:ListAllMyBuckets"));
}

#[test]
fn a_changed_group_counts_at_once() {
    let mut snapshot = snapshot();
    let before = effective(&snapshot);
    let state = snapshot.account(account()).unwrap();
    let mut group = Group::clone(state.groups.iter().next().unwrap());
    group.inline.insert("of the group".to_owned(), allow("kms:ListAliases"));
    snapshot.put(group.into()).unwrap();
    let after = effective(&snapshot);
    assert_eq!(kept(&before, &after), [true, true, true, false, true]);
    assert!(may(&after.identity, "kms:ListAliases") && !may(&after.identity, "kms:ListKeys"));
}
