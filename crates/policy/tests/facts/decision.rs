//! Facts 1 to 8: the decision.

use crate::support::*;
use bailiwick_policy::{Cause, Layer, Outcome};

#[test]
fn fact_001_default_is_deny_and_an_explicit_deny_ends_it() {
    assert_eq!(ask(user()).implicit(), Layer::Identity);
    let open = || {
        ask(user())
            .identity(ALLOW_ALL)
            .boundary(ALLOW_ALL)
            .session(ALLOW_ALL)
            .endpoint(&to("Allow", "\"*\""))
            .scps(&[ALLOW_ALL])
    };
    assert!(open().is_allowed());
    assert_eq!(open().identity(DENY_ALL).explicit(), Layer::Identity);
    assert_eq!(open().boundary(DENY_ALL).explicit(), Layer::Boundary);
    assert_eq!(open().session(DENY_ALL).explicit(), Layer::Session);
    assert_eq!(open().endpoint(&to("Deny", "\"*\"")).explicit(), Layer::Endpoint);
    assert_eq!(open().scps(&[ALLOW_ALL, DENY_ALL]).explicit(), Layer::Scp);
    assert_eq!(open().rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
    assert_eq!(open().resource_policy(&to("Deny", "\"*\"")).explicit(), Layer::Resource);
}

#[test]
fn fact_002_a_missing_scp_allow_is_an_implicit_deny() {
    let decision =
        ask_allowed(ALLOW_ALL).scps(&[r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#]).decide();
    assert_eq!(decision.outcome, Outcome::ImplicitlyDenied);
    assert_eq!((decision.reason.layer, decision.reason.cause), (Layer::Scp, Cause::NoAllow));
    assert_eq!((decision.reason.policy, decision.reason.statement), (None, None));
}

#[test]
fn fact_003_gates_are_asked_in_todays_order() {
    let nothing = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;
    let layers = |ask: Ask| ask.implicit();
    let ask = ask(user()).owner(OTHER).boundary(nothing).session(nothing);
    assert_eq!(layers(ask.clone().scps(&[nothing])), Layer::Scp);
    assert_eq!(layers(ask.clone()), Layer::Resource);
    let ask = ask.resource_policy(&to("Allow", &aws(USER)));
    assert_eq!(layers(ask.clone()), Layer::Identity);
    let ask = ask.identity(ALLOW_ALL);
    assert_eq!(layers(ask.clone()), Layer::Boundary);
    assert_eq!(layers(ask.boundary(ALLOW_ALL)), Layer::Session);
    let all = crate::support::ask(user()).rcps(&[&to("Deny", "\"*\"")]).scps(&[DENY_ALL]).identity(DENY_ALL);
    assert_eq!(all.explicit(), Layer::Rcp);
}

#[test]
fn fact_004_statements_are_ored_and_conditions_anded() {
    let other = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;
    assert!(ask(user()).identity(other).identity(ALLOW_ALL).is_allowed());
    let both = r#"{"StringEquals":{"aws:a":"1","aws:b":"2"},"Bool":{"aws:c":"true"}}"#;
    let ask = when(both).key("aws:a", "1").key("aws:c", "true");
    assert_eq!(ask.clone().key("aws:b", "1").implicit(), Layer::Identity);
    assert!(ask.key("aws:b", "2").is_allowed());
}

#[test]
fn fact_005_in_one_account_identity_or_resource_policy_suffices() {
    assert!(ask(user()).identity(ALLOW_ALL).is_allowed());
    assert!(ask(user()).resource_policy(&to("Allow", &aws(USER))).is_allowed());
}

#[test]
fn fact_006_what_cannot_be_read_never_allows() {
    for condition in [
        r#"{"NumericEquals":{"aws:n":"many"}}"#,
        r#"{"DateEquals":{"aws:n":"soon"}}"#,
        r#"{"IpAddress":{"aws:n":"here"}}"#,
        r#"{"StringMatches":{"aws:n":"x"}}"#,
    ] {
        assert!(!when(condition).key("aws:n", "x").is_allowed(), "{condition}");
    }
}
