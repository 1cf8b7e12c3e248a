//! What [`flip`] says is true: whoever does what it says gets the other answer, and not with less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "properties/strategies.rs"]
mod strategies;

use bailiwick_policy::*;
use oracle::{Question, Who};
use proptest::prelude::*;
use serde_json::{Value, json};
use strategies::question;
use support::*;

fn turn(question: &Question) -> Flip {
    Ask(question.clone()).flip()
}

fn is_allowed(question: &Question) -> bool {
    Ask(question.clone()).is_allowed()
}

/// The policies of a layer, or of one level of it; a layer that is not there is made.
fn policies(question: &mut Question, layer: Layer, level: u32) -> &mut Vec<Value> {
    match layer {
        Layer::Rcp => &mut question.rcps[level as usize],
        Layer::Scp => &mut question.scps[level as usize],
        Layer::Endpoint => question.endpoint.get_or_insert_default(),
        Layer::Resource => question.resource_policy.get_or_insert_default(),
        Layer::Identity => &mut question.identity,
        Layer::Boundary => question.boundary.get_or_insert_default(),
        Layer::Session => question.session.get_or_insert_default(),
    }
}

/// Names the caller itself.
fn principal(who: &Who) -> Value {
    match who {
        Who::Root { account } => json!({ "AWS": account }),
        Who::User { arn, .. } | Who::FederatedUser { arn, .. } => json!({ "AWS": arn }),
        Who::Session { role_arn, session, .. } => {
            let (account, name) = (role_arn.split(':').nth(4).unwrap(), role_arn.rsplit('/').next().unwrap());
            json!({"AWS": format!("arn:aws:sts::{account}:assumed-role/{name}/{session}")})
        }
        Who::Provider(name) => json!({ "Federated": name }),
        Who::Service(name) => json!({ "Service": name }),
        Who::Anonymous => json!("*"),
    }
}

fn apply(question: &Question, steps: &[Step]) -> Question {
    let mut changed = question.clone();
    for step in steps {
        match step {
            Step::Lift(place) | Step::Remove(place) => {
                let found = statement(&mut changed, place.layer, place.level, &place.statement);
                let expected = if matches!(step, Step::Lift(_)) { "Deny" } else { "Allow" };
                assert_eq!(found["Effect"], expected);
                *found = json!({"Effect": "Deny", "Action": "gone:Gone", "Resource": "*"});
            }
            Step::Allow(missing) => allow(&mut changed, missing),
        }
    }
    changed
}

fn statement<'q>(
    question: &'q mut Question,
    layer: Layer,
    level: u32,
    found: &StatementExplanation,
) -> &'q mut Value {
    let policy = &mut policies(question, layer, level)[found.policy_place as usize];
    &mut policy["Statement"][found.statement().unwrap().index]
}

/// Does what is missing: changes the nearest statement in the elements that fail, or adds one.
fn allow(question: &mut Question, missing: &MissingAllow) {
    let names = matches!(missing.layer, Layer::Resource | Layer::Endpoint);
    let caller = principal(&question.who);
    let action = question.action.clone();
    let Some(nearest) = &missing.nearest else {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if names {
            statement["Principal"] = caller;
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        policies(question, missing.layer, missing.level).push(policy);
        return;
    };
    assert!(!nearest.misses.is_empty(), "nothing of the nearest statement fails");
    let written = nearest.statement().unwrap().clone();
    let found = statement(question, missing.layer, missing.level, nearest);
    let members = found.as_object_mut().unwrap();
    for miss in &nearest.misses {
        let mut put = |name: &str, value: Value| {
            members.remove(&format!("Not{name}"));
            members.insert(name.to_owned(), value);
        };
        match miss.element {
            Element::Action => put("Action", json!(action)),
            Element::Resource => put("Resource", json!("*")),
            Element::Principal if names => put("Principal", caller.clone()),
            Element::Principal => {
                members.remove("Principal");
                members.remove("NotPrincipal");
            }
            Element::Condition(place) => {
                let condition = &written.conditions[place];
                let keys = members["Condition"][&*condition.operator_text.value].as_object_mut().unwrap();
                keys.remove(&*condition.key.value).expect("the condition");
            }
        }
    }
}

/// What tells two changes apart.
fn places(change: &Change) -> String {
    let place = |step: &Step| match step {
        Step::Lift(it) | Step::Remove(it) => {
            let StatementExplanation { policy_place, statement_place, .. } = it.statement;
            format!("{:?} {} {policy_place} {statement_place}", it.layer, it.level)
        }
        Step::Allow(it) => format!("{:?} {} {}", it.layer, it.level, it.directly),
    };
    change.steps.iter().map(place).collect::<Vec<_>>().join(", ")
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    ProptestConfig {
        cases: if cases == 256 { 1_000 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_said_turns_the_decision_and_nothing_less_does(question in question()) {
        let before = Ask(question.clone()).decide();
        match turn(&question) {
            Flip::Changes(changes) => {
                prop_assert!(!changes.is_empty());
                let told: Vec<_> = changes.iter().map(places).collect();
                prop_assert!(told.iter().enumerate().all(|(at, it)| !told[..at].contains(it)), "{:?}", told);
                for change in &changes {
                    prop_assert!(!change.steps.is_empty());
                    let after = apply(&question, &change.steps);
                    prop_assert_ne!(is_allowed(&after), before.is_allowed(), "{:#?}", after);
                    for left_out in 0..change.steps.len() {
                        let mut fewer = change.steps.clone();
                        fewer.remove(left_out);
                        let after = apply(&question, &fewer);
                        prop_assert_eq!(is_allowed(&after), before.is_allowed(), "step {} is idle", left_out);
                    }
                }
            }
            Flip::OnlyDeny => {
                let is_root = matches!(question.who, Who::Root { .. });
                prop_assert!(is_root && before.is_allowed());
                let mut denied = question.clone();
                let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
                let policy = json!({"Version": "2012-10-17", "Statement": [deny]});
                policies(&mut denied, Layer::Resource, 0).push(policy);
                prop_assert!(!is_allowed(&denied));
            }
            Flip::Never => prop_assert!(matches!(
                before.reason.cause,
                Cause::AlwaysAllowed | Cause::AwsOwned | Cause::OtherPartition
            )),
        }
    }

    /// No change of one statement does if more than one step is said to be needed.
    #[test]
    fn no_single_removal_does_what_is_said_to_take_several(question in question()) {
        let before = is_allowed(&question);
        if let Flip::Changes(changes) = turn(&question) && before && changes[0].steps.len() > 1 {
            let explanation = Ask(question.clone()).explain();
            for layer in &explanation.layers {
                for found in layer.statements.iter().filter(|it| it.matches() && it.effect == Effect::Allow) {
                    let place = Place { layer: layer.layer, level: layer.level, statement: found.clone() };
                    prop_assert!(is_allowed(&apply(&question, &[Step::Remove(place)])));
                }
            }
        }
    }
}

fn steps(ask: &Ask) -> Vec<String> {
    let Flip::Changes(changes) = ask.flip() else { panic!("{:?}", ask.flip()) };
    changes.iter().map(names).collect()
}

fn names(change: &Change) -> String {
    let name = |step: &Step| match step {
        Step::Lift(place) => format!("lift {:?} {}", place.layer, place.statement.statement_place),
        Step::Remove(place) => format!("remove {:?} {}", place.layer, place.statement.statement_place),
        Step::Allow(missing) => {
            format!("allow {:?}{}", missing.layer, if missing.directly { " directly" } else { "" })
        }
    };
    change.steps.iter().map(name).collect::<Vec<_>>().join(", ")
}

const NOTHING: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

#[test]
fn denials() {
    assert_eq!(steps(&ask(user())), ["allow Identity"]);
    assert_eq!(steps(&ask_allowed(ALLOW_ALL).boundary(NOTHING)), ["allow Boundary"]);
    assert_eq!(steps(&ask_allowed(ALLOW_ALL).identity(DENY_ALL)), ["lift Identity 0"]);
    let everything = ask(user()).identity(DENY_ALL).boundary(NOTHING).scps(&[ALLOW_ALL]).scps(&[NOTHING]);
    assert_eq!(steps(&everything), ["lift Identity 0, allow Scp, allow Identity, allow Boundary"]);
    // In the resource's policy one statement that names the caller is enough.
    let with_policy = ask(user()).boundary(NOTHING).resource_policy(&to("Allow", &aws(OTHER)));
    assert_eq!(steps(&with_policy), ["allow Resource directly"]);
    assert_eq!(
        steps(&ask(user()).resource_policy(&to("Allow", &aws(OTHER)))),
        ["allow Identity", "allow Resource directly"]
    );
    assert_eq!(steps(&ask(user()).owner(OTHER)), ["allow Identity, allow Resource"]);
    assert_eq!(steps(&ask(federated()).identity(ALLOW_ALL)), ["allow Session"]);
    assert_eq!(steps(&ask(Who::Anonymous)), ["allow Resource directly"]);
    let role = "arn:aws:iam::123456789012:role/Target";
    let assume = ask(user()).action("sts:AssumeRole").resource(role).identity(ALLOW_ALL);
    assert_eq!(steps(&assume), ["allow Resource", "allow Resource directly"]);
}

#[test]
fn permissions() {
    assert_eq!(steps(&ask_allowed(ALLOW_ALL)), ["remove Identity 0"]);
    assert_eq!(steps(&ask_allowed(ALLOW_ALL).identity(ALLOW_ALL)), ["remove Identity 0, remove Identity 0"]);
    let limited = ask_allowed(ALLOW_ALL).boundary(ALLOW_ALL).scps(&[ALLOW_ALL]);
    assert_eq!(steps(&limited), ["remove Identity 0", "remove Boundary 0", "remove Scp 0"]);
    let two_ways = ask_allowed(ALLOW_ALL).resource_policy(&to("Allow", &aws(USER)));
    assert_eq!(steps(&two_ways), ["remove Resource 0, remove Identity 0"]);
    assert!(matches!(ask(root()).flip(), Flip::OnlyDeny));
    assert_eq!(steps(&ask(root()).scps(&[ALLOW_ALL])), ["remove Scp 0"]);
    assert!(matches!(ask(user()).action("sts:GetCallerIdentity").resource("*").flip(), Flip::Never));
}

#[test]
fn the_nearest_statement_comes_with_what_would_have_to_change() {
    let conditional = r#"{"Sid":"Near","Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#;
    let elsewhere = r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::other/*"}"#;
    let ask = ask(user()).identity(NOTHING).identity(elsewhere).identity(conditional);
    let Flip::Changes(changes) = ask.flip() else { panic!() };
    let [Step::Allow(missing)] = changes[0].steps.as_slice() else { panic!() };
    let nearest = missing.nearest.as_ref().unwrap();
    assert_eq!(nearest.statement().unwrap().sid.as_ref().unwrap().value.as_ref(), "Near");
    assert_eq!(nearest.misses.iter().map(|miss| miss.element).collect::<Vec<_>>(), [Element::Condition(0)]);
}
