//! Who is let in from outside, and who only looks like it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::auditor::Auditor;
use bailiwick_audit::estate::{Estate, Facts};
use bailiwick_audit::external::{Externals, externals};
use bailiwick_audit::finding::{ExternalKind, Status};
use bailiwick_audit::settings::Settings;
use base::{AccountId, Partition, Timestamp};
use model::organization::{MemberAccount, OrganizationPolicy, OrganizationPolicyKind};
use model::resource::{AclGrant, KeyGrant, PublicAccessBlock};
use model::snapshot::Entity;
use model::{Account, Organization, PolicyText, Resource, Role};
use serde_json::{Value, json};

const OWN: &str = "111122223333";
const SISTER: &str = "222233334444";
const STRANGER: &str = "999900001111";
const ORGANIZATION: &str = "o-ours000000";

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn organization() -> Organization {
    let member = |account: &str| MemberAccount {
        id: id(account),
        name: account.into(),
        active: true,
        parent: "r-1".into(),
    };
    Organization {
        id: ORGANIZATION.into(),
        management_account: None,
        root: "r-1".into(),
        all_features: true,
        accounts: vec![member(OWN), member(SISTER)],
        units: Vec::new(),
        policies: Vec::new(),
    }
}

fn estate() -> Estate {
    let mut estate = Estate::new(Partition::aws());
    let account = Account::new(id(OWN), "own", Timestamp::default());
    estate.snapshot.put(account.into()).unwrap();
    estate.accounts.insert(id(OWN), Facts { entities: true, ..Facts::default() });
    estate.organization = Some(organization());
    estate
}

fn with_resource(mut estate: Estate, resource: Resource) -> Estate {
    let facts = estate.accounts.get_mut(&id(OWN)).unwrap();
    facts.resources.get_or_insert_default().push(resource);
    estate
}

fn resource(kind: &str, arn: &str, policy: Value) -> Resource {
    Resource {
        arn: arn.into(),
        kind: kind.into(),
        owner: id(OWN),
        policy: (!policy.is_null()).then(|| PolicyText::new(policy.to_string())),
        public_access_block: None,
        acl: Vec::new(),
        grants: Vec::new(),
    }
}

fn with_trust(mut estate: Estate, trust: Value) -> Estate {
    let role = Role {
        id: base::UniqueId::from_text("AROAEXAMPLE"),
        account: id(OWN),
        name: "role".into(),
        path: "/".into(),
        created: Timestamp::default(),
        description: None,
        trust: PolicyText::new(trust.to_string()),
        max_session_seconds: 3600,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: Vec::new(),
    };
    estate.snapshot.put(Entity::from(role)).unwrap();
    estate
}

fn statement(principal: Value, action: &str, condition: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn trust(principal: Value, action: &str, condition: Value) -> Value {
    let mut policy = statement(principal, action, condition);
    policy["Statement"][0].as_object_mut().unwrap().remove("Resource");
    policy
}

fn told(estate: &Estate) -> Vec<(ExternalKind, String)> {
    let found: Externals = externals(estate, &Settings::default(), id(OWN));
    assert_eq!(found.open, []);
    found.found.into_iter().map(|found| (found.external.kind, found.external.who)).collect()
}

fn of_queue(principal: Value, condition: Value) -> Vec<(ExternalKind, String)> {
    let arn = format!("arn:aws:sqs:us-east-1:{OWN}:q");
    let policy = statement(principal, "sqs:SendMessage", condition);
    told(&with_resource(estate(), resource("AWS::SQS::Queue", &arn, policy)))
}

fn of_role(principal: Value, action: &str, condition: Value) -> Vec<(ExternalKind, String)> {
    told(&with_trust(estate(), trust(principal, action, condition)))
}

#[test]
fn strangers_are_found() {
    use ExternalKind::{Account, Organization, Public, Service};
    assert_eq!(of_queue(json!("*"), Value::Null), [(Public, "*".into())]);
    assert_eq!(of_queue(json!({"AWS": "*"}), Value::Null), [(Public, "*".into())]);
    let everywhere = json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}});
    assert_eq!(of_queue(json!("*"), everywhere), [(Public, "*".into())]);
    assert_eq!(of_queue(json!({"AWS": STRANGER}), Value::Null), [(Account, STRANGER.into())]);
    let role = format!("arn:aws:iam::{STRANGER}:role/x");
    assert_eq!(of_queue(json!({"AWS": role}), Value::Null), [(Account, STRANGER.into())]);
    let by_condition = json!({"StringEquals": {"aws:PrincipalAccount": STRANGER}});
    assert_eq!(of_queue(json!("*"), by_condition), [(Account, STRANGER.into())]);
    let other = json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs0000"}});
    assert_eq!(of_queue(json!("*"), other), [(Organization, "o-theirs0000".into())]);
    let service = json!({"Service": "events.amazonaws.com"});
    assert_eq!(of_queue(service, Value::Null), [(Service, "events.amazonaws.com".into())]);
}

#[test]
fn who_only_looks_like_a_stranger_is_not_told() {
    let own = json!({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}});
    assert_eq!(of_queue(json!("*"), own.clone()), []);
    assert_eq!(of_queue(json!({"AWS": STRANGER}), own), [], "no account of another organization has ours");
    assert_eq!(of_queue(json!({"AWS": [OWN, SISTER]}), Value::Null), []);
    assert_eq!(of_queue(json!("*"), json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), []);
    for key in ["aws:SourceAccount", "AWS:sourceaccount"] {
        let service = json!({"Service": "events.amazonaws.com"});
        assert_eq!(of_queue(service, json!({"StringEquals": {key: OWN}})), []);
    }
    let service = json!({"Service": "s3.amazonaws.com"});
    assert_eq!(of_queue(service, json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}})), []);
    assert_eq!(of_role(json!({"Service": "lambda.amazonaws.com"}), "sts:AssumeRole", Value::Null), []);
    let nobody = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}]});
    let arn = format!("arn:aws:sqs:us-east-1:{OWN}:q");
    assert_eq!(told(&with_resource(estate(), resource("AWS::SQS::Queue", &arn, nobody))), []);
}

#[test]
fn a_service_on_behalf_of_a_foreign_account() {
    let service = json!({"Service": "s3.amazonaws.com"});
    let foreign = json!({"StringEquals": {"aws:SourceAccount": STRANGER}});
    assert_eq!(of_queue(service.clone(), foreign), [(ExternalKind::Account, STRANGER.into())]);
    let arn = format!("arn:aws:sns:us-east-1:{STRANGER}:topic");
    let foreign = json!({"ArnEquals": {"aws:SourceArn": arn}});
    assert_eq!(of_queue(service.clone(), foreign), [(ExternalKind::Account, STRANGER.into())]);
    let sister = json!({"StringEquals": {"aws:SourceAccount": SISTER}});
    assert_eq!(of_queue(service, sister), []);
}

#[test]
fn accounts_that_aws_acts_from_are_no_strangers() {
    let load_balancing = json!({"AWS": "arn:aws:iam::127311923021:root"});
    assert_eq!(of_queue(load_balancing, Value::Null), []);
}

#[test]
fn resource_control_policies_shut_out() {
    let arn = "arn:aws:s3:::bucket";
    let policy = statement(json!({"AWS": STRANGER}), "s3:GetObject", Value::Null);
    let mut estate = with_resource(estate(), resource("AWS::S3::Bucket", arn, policy));
    assert_eq!(told(&estate), [(ExternalKind::Account, STRANGER.into())]);
    let rcp = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]});
    estate.organization.as_mut().unwrap().policies.push(OrganizationPolicy {
        id: "p-1".into(),
        name: "perimeter".into(),
        kind: OrganizationPolicyKind::Rcp,
        type_name: "RESOURCE_CONTROL_POLICY".into(),
        text: PolicyText::new(rcp.to_string()),
        targets: vec!["r-1".into()],
    });
    assert_eq!(told(&estate), []);
}

#[test]
fn tokens_of_shared_issuers() {
    let github = "token.actions.githubusercontent.com";
    let provider = json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/{github}")});
    let action = "sts:AssumeRoleWithWebIdentity";
    let of = |condition: Value| of_role(provider.clone(), action, condition).len();
    let sub = format!("{github}:sub");
    let aud = json!({format!("{github}:aud"): "sts.amazonaws.com"});
    assert_eq!(of(Value::Null), 1);
    assert_eq!(of(json!({"StringEquals": aud})), 1, "anybody can choose the audience");
    assert_eq!(of(json!({"StringEquals": aud, "StringLike": {&sub: "repo:acme/*"}})), 0);
    assert_eq!(of(json!({"StringEquals": {&sub: "repo:acme/app:ref:refs/heads/main"}})), 0);
    assert_eq!(of(json!({"StringLike": {&sub: "repo:acme*/*"}})), 1, "acme-evil is somebody else");
    assert_eq!(of(json!({"StringLike": {&sub: "repo:*"}})), 1);
    assert_eq!(of(json!({"StringLike": {&sub: "*:ref:refs/heads/main"}})), 1);
    assert_eq!(of(json!({"StringEqualsIfExists": {&sub: "repo:acme/app:ref:refs/heads/main"}})), 0);
    assert_eq!(of(json!({"StringLike": {format!("{github}:repository_owner"): "acme"}})), 0);
    let eks = json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A")});
    assert_eq!(of_role(eks, action, Value::Null), []);
}

#[test]
fn blocks_lists_and_grants() {
    let arn = "arn:aws:s3:::bucket";
    let public = statement(json!("*"), "s3:GetObject", Value::Null);
    let block =
        PublicAccessBlock { restrict_public_buckets: true, ignore_public_acls: true, ..Default::default() };
    let group = "http://acs.amazonaws.com/groups/global/AllUsers";
    let acl = vec![AclGrant { grantee: group.into(), permission: "READ".into() }];
    let open = Resource { acl, ..resource("AWS::S3::Bucket", arn, public) };
    let found = externals(&with_resource(estate(), open.clone()), &Settings::default(), id(OWN)).found;
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].by.as_deref(), Some("access control list"));
    assert!(found[1].actions.contains(&"s3:ListBucket".to_owned()));
    let shut = Resource { public_access_block: Some(block), ..open };
    assert_eq!(told(&with_resource(estate(), shut)), []);
    let grant = |account: &str| KeyGrant {
        id: "g".into(),
        grantee: format!("arn:aws:iam::{account}:role/x"),
        operations: vec!["Decrypt".into()],
        constrained: false,
    };
    let key = format!("arn:aws:kms:us-east-1:{OWN}:key/k");
    let key = Resource {
        grants: vec![grant(STRANGER), grant(SISTER)],
        ..resource("AWS::KMS::Key", &key, Value::Null)
    };
    assert_eq!(told(&with_resource(estate(), key)).len(), 1);
}

#[test]
fn a_finding_has_a_witness_evidence_and_a_change() {
    let arn = "arn:aws:s3:::bucket";
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Ours", "Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "s3:*", "Resource": [arn, format!("{arn}/*")]},
        {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:GetObject", "Resource": format!("{arn}/*")},
        {"Sid": "Events", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": format!("{arn}/*")}]});
    let estate = with_resource(estate(), resource("AWS::S3::Bucket", arn, policy));
    let settings = Settings::default();
    let outcome = Auditor::new(&estate, &settings, Timestamp::default()).run();
    let of = |check: &str| {
        let found =
            outcome.findings.iter().find(|finding| finding.check == check && finding.status == Status::Fail);
        found.unwrap_or_else(|| panic!("{check}"))
    };
    let account = of("external-account");
    assert_eq!((&*account.resource, &account.actions[..]), (arn, &["s3:GetObject".to_owned()][..]));
    assert_eq!(account.evidence[0].statement.as_deref(), Some("Theirs"));
    let witness = account.witness.as_ref().unwrap();
    assert!(witness.principal.contains(STRANGER) && witness.resource.starts_with(arn), "{witness:?}");
    let diff = account.fix.as_ref().unwrap().diff.as_ref().unwrap();
    assert!(diff.contains(&format!("-        \"AWS\": \"{STRANGER}\"")), "{diff}");
    let service = of("external-service").fix.as_ref().unwrap();
    assert!(service.diff.as_ref().unwrap().contains(&format!("+          \"aws:SourceAccount\": \"{OWN}\"")));
    assert!(
        outcome
            .findings
            .iter()
            .any(|finding| finding.check == "external-public" && finding.status == Status::Pass)
    );
}

#[test]
fn trusted_and_known_accounts() {
    let arn = format!("arn:aws:sqs:us-east-1:{OWN}:q");
    let policy = statement(json!({"AWS": STRANGER}), "sqs:*", Value::Null);
    let estate = with_resource(estate(), resource("AWS::SQS::Queue", &arn, policy));
    let trusted = Settings { trusted_accounts: vec![STRANGER.into()], ..Settings::default() };
    assert_eq!(externals(&estate, &trusted, id(OWN)).found, []);
    let known = [(STRANGER.to_owned(), "Example Vendor".to_owned())].into();
    let known = externals(&estate, &Settings { known_accounts: known, ..Settings::default() }, id(OWN)).found;
    assert_eq!(
        (known[0].external.kind, known[0].external.name.as_deref()),
        (ExternalKind::Vendor, Some("Example Vendor"))
    );
}

#[test]
fn without_an_organization_its_id_says_nothing() {
    let mut estate = with_trust(
        estate(),
        trust(json!("*"), "sts:AssumeRole", json!({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})),
    );
    estate.organization = None;
    let found = externals(&estate, &Settings::default(), id(OWN));
    assert_eq!(found.found, []);
    assert!(found.open[0].1.contains(ORGANIZATION), "{:?}", found.open);
}
