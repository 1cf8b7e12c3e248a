//! A server that is killed again and again while clients write: what was acknowledged is there, what was in
//! doubt is there whole or not at all, and the trail has every write.

use crate::caller::{Answer, Caller, Failed};
use crate::clients::{PROGRAM, Ran};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;
use testkit::SeededEntropy;
use wire::iam::{self as shape, ops};

const KILLS: usize = 50;
const WRITERS: usize = 4;
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// How far a user got, in the order in which its writer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Nothing,
    Created,
    Joined,
    Permitted,
    Keyed,
    Renamed,
}

/// What a writer knows of one user: the last step that was acknowledged, and whether the next was sent.
#[derive(Debug)]
struct Known {
    name: String,
    acknowledged: Step,
    in_doubt: bool,
    request_ids: Vec<String>,
}

fn renamed(name: &str) -> String {
    format!("{name}-renamed")
}

/// Makes users until no answer comes.
fn write(caller: &Caller, round: usize, writer: usize) -> Vec<Known> {
    let mut users = Vec::new();
    for number in 0.. {
        let mut known = Known {
            name: format!("u{round}-{writer}-{number}"),
            acknowledged: Step::Nothing,
            in_doubt: false,
            request_ids: Vec::new(),
        };
        let lost = make(caller, &mut known).is_none();
        users.push(known);
        if lost {
            break;
        }
    }
    users
}

/// Takes a user through all steps; `None` if an answer was lost.
fn make(caller: &Caller, known: &mut Known) -> Option<()> {
    let name = known.name.clone();
    let tag = |key: &str| shape::Tag { key: key.into(), value: name.clone() };
    step(
        known,
        Step::Created,
        caller.iam::<ops::CreateUser>(&shape::CreateUserRequest {
            user_name: name.clone(),
            tags: Some(vec![tag("a"), tag("b")]),
            ..Default::default()
        }),
    )?;
    step(
        known,
        Step::Joined,
        caller.iam::<ops::AddUserToGroup>(&shape::AddUserToGroupRequest {
            group_name: "all".into(),
            user_name: name.clone(),
        }),
    )?;
    step(
        known,
        Step::Permitted,
        caller.iam::<ops::PutUserPolicy>(&shape::PutUserPolicyRequest {
            user_name: name.clone(),
            policy_name: "own".into(),
            policy_document: POLICY.into(),
        }),
    )?;
    step(
        known,
        Step::Keyed,
        caller.iam::<ops::CreateAccessKey>(&shape::CreateAccessKeyRequest { user_name: Some(name.clone()) }),
    )?;
    step(
        known,
        Step::Renamed,
        caller.iam::<ops::UpdateUser>(&shape::UpdateUserRequest {
            user_name: name.clone(),
            new_user_name: Some(renamed(&name)),
            ..Default::default()
        }),
    )
}

fn step<T>(known: &mut Known, step: Step, answer: Result<Answer<T>, Failed>) -> Option<()> {
    match answer {
        Ok(answer) => {
            known.acknowledged = step;
            known.request_ids.push(answer.request_id);
            Some(())
        }
        Err(Failed::Lost(_)) => {
            known.in_doubt = true;
            None
        }
        // A server that is ending may say that it is.
        Err(Failed::Refused(error)) if error.to_string().contains("ServiceUnavailable") => {
            known.in_doubt = true;
            None
        }
        Err(Failed::Refused(error)) => panic!("{}: {step:?} was refused: {error}", known.name),
    }
}

/// Every user, with all that it has.
fn details(caller: &Caller) -> BTreeMap<String, shape::UserDetail> {
    let mut users = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = caller
            .iam::<ops::GetAccountAuthorizationDetails>(&shape::GetAccountAuthorizationDetailsRequest {
                filter: Some(vec!["User".into()]),
                max_items: Some(1000),
                marker,
            })
            .unwrap()
            .output;
        let page_users = page.user_detail_list.unwrap_or_default();
        users.extend(page_users.into_iter().map(|user| (user.user_name.clone().unwrap(), user)));
        marker = page.marker;
        if marker.is_none() {
            return users;
        }
    }
}

/// Compares what the writer knows of a user with what the server has.
fn compare(known: &Known, users: &BTreeMap<String, shape::UserDetail>, keys: impl Fn(&str) -> usize) {
    let found = [known.name.clone(), renamed(&known.name)].map(|name| users.get(&name));
    let (name, detail, is_renamed) = match found {
        [None, None] => return assert_reached(known, Step::Nothing),
        [Some(detail), None] => (known.name.clone(), detail, false),
        [None, Some(detail)] => (renamed(&known.name), detail, true),
        [Some(_), Some(_)] => panic!("{known:?} is there under both names"),
    };
    let tags = detail.tags.as_deref().unwrap_or_default();
    assert!(tags.len() == 2 && tags.iter().all(|tag| tag.value == known.name), "{known:?}: {detail:?}");
    let has = [
        (Step::Joined, detail.group_list.as_deref() == Some(&["all".to_owned()])),
        (Step::Permitted, detail.user_policy_list.as_deref().is_some_and(|list| list.len() == 1)),
        (Step::Keyed, keys(&name) == 1),
        (Step::Renamed, is_renamed),
    ];
    let reached = has.iter().take_while(|(_, has)| *has).last().map_or(Step::Created, |(step, _)| *step);
    assert!(has.iter().all(|(step, has)| *has == (*step <= reached)), "{known:?} has {has:?}");
    assert_reached(known, reached);
}

/// The server has what was acknowledged, and at most one step more, if that was sent.
#[track_caller]
fn assert_reached(known: &Known, reached: Step) {
    let more = reached as usize - known.acknowledged as usize;
    assert!(
        reached >= known.acknowledged && more <= usize::from(known.in_doubt),
        "{known:?} is at {reached:?}"
    );
}

fn keys_of(caller: &Caller, name: &str) -> usize {
    let input = shape::ListAccessKeysRequest { user_name: Some(name.into()), ..Default::default() };
    caller.iam::<ops::ListAccessKeys>(&input).unwrap().output.access_key_metadata.len()
}

#[test]
fn fifty_kills_under_load_lose_nothing() {
    let mut server = testkit::server(PROGRAM).start();
    let administrator = Caller::of(&server);
    let group = shape::CreateGroupRequest { group_name: "all".into(), ..Default::default() };
    administrator.iam::<ops::CreateGroup>(&group).unwrap();
    let entropy = SeededEntropy::new(0x6b69_6c6c);
    let mut known = Vec::new();
    for round in 0..KILLS {
        let caller = administrator.moved(&server);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let caller = caller.clone();
                thread::spawn(move || write(&caller, round, writer))
            })
            .collect();
        thread::sleep(Duration::from_millis(20 + entropy.next() % 130));
        server.kill();
        let users: Vec<Known> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        server.restart();
        let caller = administrator.moved(&server);
        // A restart may not lose what an earlier one had; the last users are those that the kill could hurt.
        let last: Vec<_> = users.iter().filter(|user| user.in_doubt).collect();
        let found = details_of(&caller, &last);
        for user in last {
            compare(user, &found, |name| keys_of(&caller, name));
        }
        known.extend(users);
    }
    let caller = administrator.moved(&server);
    let users = details(&caller);
    for user in &known {
        // That each has its key was seen when it was made, or is seen in the trail below.
        let whole = user.acknowledged >= Step::Keyed && !user.in_doubt;
        compare(user, &users, |name| if whole { 1 } else { keys_of(&caller, name) });
    }
    let acknowledged: usize = known.iter().map(|user| user.request_ids.len()).sum();
    println!("{} users, {acknowledged} acknowledged writes, {KILLS} kills", users.len());
    assert!(acknowledged > KILLS * WRITERS, "the load was too small to tell anything: {acknowledged}");
    trail_has_every_write(&server, &known, &users);
}

/// The users of these names, as [`details`] shows them.
fn details_of(caller: &Caller, wanted: &[&Known]) -> BTreeMap<String, shape::UserDetail> {
    let names = wanted.iter().flat_map(|known| [known.name.clone(), renamed(&known.name)]);
    names.filter_map(|name| Some((name.clone(), detail(caller, &name)?))).collect()
}

fn detail(caller: &Caller, name: &str) -> Option<shape::UserDetail> {
    let input = shape::GetUserRequest { user_name: Some(name.into()) };
    let user = match caller.iam::<ops::GetUser>(&input) {
        Ok(answer) => answer.output.user,
        Err(Failed::Refused(_)) => return None,
        Err(lost) => panic!("{name}: {lost:?}"),
    };
    let groups = shape::ListGroupsForUserRequest { user_name: name.into(), ..Default::default() };
    let groups = caller.iam::<ops::ListGroupsForUser>(&groups).unwrap().output.groups;
    let policies = shape::ListUserPoliciesRequest { user_name: name.into(), ..Default::default() };
    let policies = caller.iam::<ops::ListUserPolicies>(&policies).unwrap().output.policy_names;
    let policy = |name| shape::PolicyDetail { policy_name: Some(name), ..Default::default() };
    Some(shape::UserDetail {
        user_name: Some(user.user_name),
        tags: user.tags,
        group_list: Some(groups.into_iter().map(|group| group.group_name).collect()),
        user_policy_list: Some(policies.into_iter().map(policy).collect()),
        ..Default::default()
    })
}

fn trail_has_every_write(
    server: &testkit::Server,
    known: &[Known],
    users: &BTreeMap<String, shape::UserDetail>,
) {
    let mut command = server.command(&["trail", "--writes", "--limit", "1000000", "--format", "json"]);
    let trail: serde_json::Value = serde_json::from_str(&Ran::of(&mut command).good()).unwrap();
    let records = trail["Records"].as_array().unwrap();
    let text = |record: &serde_json::Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let ids: Vec<String> = records.iter().map(|record| text(record, "requestID")).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "a write has two records");
    let missing: Vec<_> =
        known.iter().flat_map(|user| &user.request_ids).filter(|id| !distinct.contains(id)).collect();
    assert!(missing.is_empty(), "{} acknowledged writes have no record: {missing:?}", missing.len());
    // What was done without an answer is in the trail, too.
    let created: BTreeSet<_> = records
        .iter()
        .filter(|record| record["eventName"] == "CreateUser" && record["errorCode"].is_null())
        .filter_map(|record| record["requestParameters"]["userName"].as_str())
        .collect();
    for name in users.keys() {
        let first = name.trim_end_matches("-renamed");
        assert!(created.contains(first), "{name} was made without a record");
    }
}
