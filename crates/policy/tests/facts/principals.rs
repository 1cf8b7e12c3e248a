//! Facts 57 to 72: root, services, anonymous and federated callers, and how they are named.

use crate::oracle::Who;
use crate::support::*;
use bailiwick_policy::{Cause, Document, DocumentKind, Layer, Principal, PrincipalForm};

#[test]
fn fact_057_root_is_allowed_but_denies_bind_it() {
    let decision = ask(root()).decide();
    assert!(decision.is_allowed());
    assert_eq!(decision.reason.cause, Cause::RootUser);
    assert!(ask(root()).identity(DENY_ALL).boundary(DENY_ALL).is_allowed());
    assert_eq!(ask(root()).resource_policy(&to("Deny", "\"*\"")).explicit(), Layer::Resource);
    assert_eq!(ask(root()).scps(&[DENY_ALL]).explicit(), Layer::Scp);
    assert_eq!(ask(root()).rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
}

#[test]
fn fact_058_root_in_principal_is_the_account_and_in_principal_arn_the_root_user() {
    let root_arn = "arn:aws:iam::123456789012:root";
    let ask = |who, arn| ask(who).owner(OTHER).identity(ALLOW_ALL).key("aws:PrincipalArn", arn);
    assert!(ask(user(), USER).resource_policy(&to("Allow", &aws(root_arn))).is_allowed());
    let by_key = format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{root_arn}"}}}}}}"#
    );
    assert!(!ask(user(), USER).resource_policy(&by_key).is_allowed());
    assert!(ask(root(), root_arn).resource_policy(&by_key).is_allowed());
}

#[test]
fn fact_059_services_are_judged_by_the_resource_policy_alone() {
    let service = || ask(Who::Service("sns.amazonaws.com".to_owned())).identity(ALLOW_ALL);
    assert_eq!(service().implicit(), Layer::Resource);
    assert!(service().resource_policy(&to("Allow", r#"{"Service":"sns.amazonaws.com"}"#)).is_allowed());
    for other in ["SNS.amazonaws.com", "sqs.amazonaws.com", "sns.amazonaws.com.cn"] {
        let policy = to("Allow", &format!(r#"{{"Service":"{other}"}}"#));
        assert!(!service().resource_policy(&policy).is_allowed(), "{other}");
    }
}

#[test]
fn fact_060_anonymous_callers_match_only_everyone() {
    let anonymous = || ask(Who::Anonymous).identity(ALLOW_ALL).boundary(DENY_ALL).session(DENY_ALL);
    for principal in ["\"*\"", "{\"AWS\":\"*\"}"] {
        assert!(anonymous().resource_policy(&to("Allow", principal)).is_allowed());
    }
    for principal in
        [aws(ACCOUNT), aws(USER), r#"{"Service":"*"}"#.to_owned(), r#"{"Federated":"*"}"#.to_owned()]
    {
        assert_eq!(anonymous().resource_policy(&to("Allow", &principal)).implicit(), Layer::Resource);
    }
    let open = anonymous().resource_policy(&to("Allow", "\"*\""));
    assert_eq!(open.clone().rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
    assert_eq!(open.endpoint(&to("Allow", &aws(ACCOUNT))).implicit(), Layer::Endpoint);
}

#[test]
fn fact_061_federated_users_have_their_own_arn() {
    let principal = Principal::federated_user(FEDERATED, None).unwrap();
    assert_eq!(principal.account().unwrap().as_str(), ACCOUNT);
    assert!(Principal::federated_user("arn:aws:iam::123456789012:user/Fred", None).is_err());
    assert!(ask(federated()).resource_policy(&to("Allow", &aws(FEDERATED))).is_allowed());
    assert!(
        !ask(federated())
            .resource_policy(&to("Allow", &aws("arn:aws:sts::123456789012:federated-user/fred")))
            .is_allowed()
    );
}

#[test]
fn fact_062_sessions_match_their_role_by_account_and_last_name() {
    let principal = Principal::role_session("arn:aws:iam::123456789012:role/team/x", "S").unwrap();
    let PrincipalForm::RoleSession { session_arn, .. } = principal.form() else { panic!() };
    assert_eq!(&**session_arn, "arn:aws:sts::123456789012:assumed-role/x/S");
    for role in ["arn:aws:iam::123456789012:role/path/App", "arn:aws:iam::123456789012:role/APP"] {
        assert!(ask(session()).resource_policy(&to("Allow", &aws(role))).is_allowed(), "{role}");
    }
    for other in [
        "arn:aws:iam::999988887777:role/path/App",
        "arn:aws:iam::123456789012:role/path/App2",
        "arn:aws-cn:iam::123456789012:role/App",
    ] {
        assert!(!ask(session()).resource_policy(&to("Allow", &aws(other))).is_allowed(), "{other}");
    }
    assert!(
        !ask(session())
            .resource_policy(&to("Allow", &aws("arn:aws:sts::123456789012:assumed-role/App/s2")))
            .is_allowed()
    );
}

#[test]
fn fact_063_an_endpoint_policy_is_one_more_gate() {
    let ask = ask_allowed(ALLOW_ALL);
    assert!(ask.clone().endpoint(&to("Allow", "\"*\"")).is_allowed());
    assert!(ask.clone().endpoint(&to("Allow", &aws(USER))).is_allowed());
    assert_eq!(ask.clone().endpoint(&to("Allow", &aws(OTHER))).implicit(), Layer::Endpoint);
    assert_eq!(ask.clone().endpoint(ALLOW_ALL).implicit(), Layer::Endpoint);
    assert_eq!(ask.endpoint(&to("Deny", &aws(USER))).explicit(), Layer::Endpoint);
}

#[test]
fn fact_064_no_wildcard_inside_a_principal() {
    for principal in [
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:iam::*:root",
        "arn:aws:iam::123456789012:*",
        "1234567890*",
    ] {
        assert!(!ask(user()).resource_policy(&to("Allow", &aws(principal))).is_allowed(), "{principal}");
    }
}

#[test]
fn fact_065_a_star_under_other_types_is_not_everyone() {
    for kind in ["Service", "Federated", "CanonicalUser"] {
        let principal = format!(r#"{{"{kind}":"*"}}"#);
        for who in [user(), Who::Anonymous, Who::Service("x.amazonaws.com".to_owned())] {
            assert!(!ask(who).resource_policy(&to("Allow", &principal)).is_allowed(), "{kind}");
        }
    }
}

#[test]
fn fact_066_groups_are_no_principals() {
    let group = "arn:aws:iam::123456789012:group/team/Bob";
    assert!(!ask(user()).resource_policy(&to("Allow", &aws(group))).is_allowed());
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, to("Allow", &aws(group)));
    let malformed = Document::parse_strict(&text, DocumentKind::Resource).unwrap_err();
    assert_eq!(malformed.message, format!("Invalid principal in policy: \"AWS\":\"{group}\""));
}

#[test]
fn fact_067_user_names_in_principals_are_case_sensitive() {
    assert!(!ask(user()).resource_policy(&to("Allow", &aws(&USER.replace("Bob", "bob")))).is_allowed());
    assert!(
        !ask(user()).resource_policy(&to("Allow", &aws("arn:aws:iam::123456789012:user/Bob"))).is_allowed()
    );
}

#[test]
fn fact_068_unique_ids_may_stand_in_principals() {
    assert!(ask(user()).resource_policy(&to("Allow", &aws("AIDAUSERUSERUSERUSER1"))).is_allowed());
    assert!(!ask(user()).resource_policy(&to("Allow", &aws("AIDAUSERUSERUSERUSER2"))).is_allowed());
    let role = ask(session()).resource_policy(&to("Allow", &aws("AROAROLEROLEROLEROLE1")));
    assert!(role.is_allowed());
    assert_eq!(
        role.boundary(r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#).implicit(),
        Layer::Boundary
    );
}

#[test]
fn fact_069_not_principal_exempts_whom_it_lists_at_every_level() {
    let deny = |listed: &[&str]| {
        format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":{listed:?}}},"Action":"*","Resource":"*"}}"#)
    };
    let by_user = |listed: &[&str]| ask(user()).identity(ALLOW_ALL).resource_policy(&deny(listed));
    assert!(by_user(&[ACCOUNT, USER]).is_allowed());
    assert_eq!(by_user(&[USER]).explicit(), Layer::Resource);
    assert_eq!(by_user(&[ACCOUNT]).explicit(), Layer::Resource);
    let by_session = |listed: &[&str]| ask(session()).identity(ALLOW_ALL).resource_policy(&deny(listed));
    assert!(by_session(&[ACCOUNT, ROLE, SESSION]).is_allowed());
    for missing in [[ROLE, SESSION], [ACCOUNT, SESSION], [ACCOUNT, ROLE]] {
        assert_eq!(by_session(&missing).explicit(), Layer::Resource, "{missing:?}");
    }
    assert!(ask(root()).resource_policy(&deny(&[ACCOUNT])).is_allowed());
}

#[test]
fn fact_070_not_principal_with_allow_admits_nobody_and_is_refused() {
    let statement = to("Allow", &aws(OTHER)).replace("Principal", "NotPrincipal");
    for who in [user(), Who::Anonymous] {
        assert!(!ask(who).resource_policy(&statement).is_allowed());
    }
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    assert!(Document::parse_strict(&text, DocumentKind::Resource).is_err());
}

#[test]
fn fact_071_principal_is_forbidden_in_identity_policies_and_required_in_resource_policies() {
    assert!(!ask(user()).identity(&to("Allow", "\"*\"")).is_allowed());
    assert!(!ask(user()).resource_policy(ALLOW_ALL).is_allowed());
    let strict = |statement: &str, kind| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        Document::parse_strict(&text, kind).map(|_| ()).map_err(|malformed| malformed.message)
    };
    use DocumentKind::{Boundary, Identity, Resource, Scp, Session, Trust};
    for kind in [Identity, Scp, Boundary, Session] {
        assert!(strict(ALLOW_ALL, kind).is_ok());
        assert_eq!(
            strict(&to("Allow", "\"*\""), kind).unwrap_err(),
            "Policy document should not specify a principal."
        );
    }
    assert!(strict(&to("Allow", "\"*\""), Resource).is_ok());
    assert_eq!(strict(ALLOW_ALL, Resource).unwrap_err(), "Missing required field Principal");
    assert!(strict(r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#, Trust).is_err());
}

#[test]
fn fact_072_canonical_users_exist_in_resource_policies_only() {
    let id = r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#;
    let strict = |statement: String, kind| {
        Document::parse_strict(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#), kind)
    };
    assert!(strict(to("Allow", id), DocumentKind::Resource).is_ok());
    let trust = format!(r#"{{"Effect":"Allow","Principal":{id},"Action":"sts:AssumeRole"}}"#);
    assert!(strict(trust, DocumentKind::Trust).is_err());
    assert!(!ask(user()).resource_policy(&to("Allow", id)).is_allowed());
}
