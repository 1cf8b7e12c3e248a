//! Whole estates: what principals gain and lose, by which layer, each witness decided once more by the engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use analysis::{KeyValue, Options, Verdict, Witness};
use bailiwick_audit::compare::{Change, Comparison, Part, estates};
use bailiwick_audit::estate::{Estate, Facts};
use bailiwick_audit::import::{ImportOptions, authorization_details};
use base::Timestamp;
use model::organization::{MemberAccount, OrganizationPolicy, OrganizationPolicyKind, Unit};
use model::{Organization, PolicyText, Resource};
use policy::*;
use std::sync::Arc;

const ACCOUNT: &str = "111122223333";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const CI: &str = "arn:aws:iam::111122223333:role/ci";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const EVERYTHING: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
}

/// Ann, tagged `team=red`, has `ann`; bob, untagged, has `bob`; the role ci has everything and trusts `trust`.
fn estate(ann: &str, bob: &str, trust: &str) -> Estate {
    let user = |name: &str, tags: &str, policy: &str| {
        format!(
            r#"{{"UserName":"{name}","UserId":"AIDAEXAMPLE{}","Path":"/","Arn":"arn:aws:iam::{ACCOUNT}:user/{name}",
              "CreateDate":"2026-01-01T00:00:00Z","Tags":[{tags}],
              "UserPolicyList":[{{"PolicyName":"own","PolicyDocument":{policy}}}]}}"#,
            name.to_uppercase()
        )
    };
    let export = format!(
        r#"{{"UserDetailList":[{},{}],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"RoleName":"ci",
          "RoleId":"AROAEXAMPLECI","Path":"/","Arn":"{CI}","CreateDate":"2026-01-01T00:00:00Z",
          "AssumeRolePolicyDocument":{},"RolePolicyList":[{{"PolicyName":"all","PolicyDocument":{}}}]}}]}}"#,
        user("ann", r#"{"Key":"team","Value":"red"}"#, &document(ann)),
        user("bob", "", &document(bob)),
        document(trust),
        document(EVERYTHING),
    );
    let options = ImportOptions::at(Timestamp::from_seconds(1_790_000_000));
    let import = authorization_details(export.as_bytes(), &options).unwrap();
    let facts = Facts { entities: true, ..Facts::default() };
    Estate {
        snapshot: import.snapshot(),
        accounts: [(ACCOUNT.parse().unwrap(), facts)].into_iter().collect(),
        ..Estate::default()
    }
}

const TRUST: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}"#;

/// The account is in a unit; `FullAWSAccess` is attached everywhere, `policy` to the unit.
fn organization(kind: OrganizationPolicyKind, policy: &str) -> Organization {
    let made = |id: &str, kind, text: String, targets: &[&str]| OrganizationPolicy {
        id: id.into(),
        name: id.into(),
        kind,
        type_name: String::new(),
        text: PolicyText::new(text),
        targets: targets.iter().map(|target| (*target).to_owned()).collect(),
    };
    let scp = OrganizationPolicyKind::Scp;
    Organization {
        id: "o-example".into(),
        management_account: "999900001111".parse().ok(),
        root: "r-1".into(),
        all_features: true,
        accounts: vec![MemberAccount {
            id: ACCOUNT.parse().unwrap(),
            name: "member".into(),
            active: true,
            parent: "ou-1".into(),
        }],
        units: vec![Unit { id: "ou-1".into(), name: "unit".into(), parent: "r-1".into() }],
        policies: vec![
            made("p-full", scp, document(EVERYTHING), &["r-1", "ou-1", ACCOUNT]),
            made("p-guard", kind, document(policy), &["ou-1"]),
        ],
    }
}

fn with(estate: Estate, organization: Organization) -> Estate {
    Estate { organization: Some(organization), ..estate }
}

fn compare(old: &Estate, new: &Estate) -> Comparison {
    estates(old, new, Options::default())
}

fn of<'a>(found: &'a Comparison, principal: &str, part: Part) -> Option<&'a Change> {
    found.changes.iter().find(|change| change.principal == principal && change.part == part)
}

fn witness(verdict: &Verdict) -> &Witness {
    &verdict.refutation().unwrap_or_else(|| panic!("{verdict:?}")).witness
}

/// Whether the engine allows the witness by these identity policies under these levels of SCPs.
fn is_allowed(principal: &Principal, identity: &str, scps: &[Vec<String>], witness: &Witness) -> bool {
    let set = |texts: &[String], kind: PolicyKind| -> Arc<PolicySet> {
        let compiled = texts.iter().map(|text| {
            let document = Arc::new(Document::parse_tolerant(text).0.unwrap());
            Arc::new(CompiledPolicy::compile(document, PolicyLabel::new(kind, "", "")))
        });
        Arc::new(compiled.collect())
    };
    let mut context = ContextMap::new();
    for (key, value) in &witness.context {
        match value {
            KeyValue::Absent => {}
            KeyValue::One(value) => context.insert(key, value.as_str()),
            KeyValue::Many(values) => context.insert_many(key, values.clone()),
        }
    }
    let request = Request::new(principal, &witness.action, &witness.resource, &context);
    let identity = set(&[document(identity)], PolicyKind::Inline);
    let scps: Vec<_> = scps.iter().map(|level| set(level, PolicyKind::Scp)).collect();
    let layers = Layers { identity: &identity, scps: &scps, ..Layers::default() };
    evaluate(&layers, &request).outcome == Outcome::Allowed
}

#[test]
fn an_scp_that_goes_gives_access_to_those_who_are_allowed_it() {
    let people = || estate(&allow("s3:*", "*"), &allow("ec2:*", "*"), TRUST);
    let guard = r#"{"Sid":"NoDeletes","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}"#;
    let other = r#"{"Sid":"NoBuckets","Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}"#;
    let rail = |guard: &str| with(people(), organization(OrganizationPolicyKind::Scp, guard));
    let (old, new) = (rail(guard), rail(other));
    let found = compare(&old, &new);
    let ann = of(&found, ANN, Part::Permissions).unwrap();
    let shown = witness(&ann.gained.verdict);
    assert!(shown.action.starts_with("s3:Delete") && shown.action != "s3:DeleteBucket", "{shown:?}");
    let levels = |guard: &str| {
        let full = document(EVERYTHING);
        vec![vec![full.clone()], vec![full.clone(), document(guard)], vec![full]]
    };
    let principal = Principal::user(ANN).unwrap();
    assert!(is_allowed(&principal, &allow("s3:*", "*"), &levels(other), shown));
    assert!(!is_allowed(&principal, &allow("s3:*", "*"), &levels(guard), shown));
    assert_eq!(ann.gained.denied_by.len(), 1);
    let denied = &ann.gained.denied_by[0];
    assert_eq!(
        (denied.policy.as_str(), denied.sid.as_deref()),
        ("service control policy p-guard", Some("NoDeletes"))
    );
    assert!(ann.gained.by.iter().any(|by| by.policy == "inline policy own"), "{:?}", ann.gained.by);
    assert!(ann.lost.verdict.is_proved());
    // Bob may nothing of that: he is asked about, and has gained nothing. The root user has.
    let bob = of(&found, BOB, Part::Permissions).unwrap();
    assert!(bob.gained.verdict.is_proved() && bob.lost.verdict.is_proved());
    let root = of(&found, ROOT, Part::Permissions).unwrap();
    assert_eq!(witness(&root.gained.verdict).principal.as_deref(), Some(ROOT));
    let back = compare(&new, &old);
    let ann = of(&back, ANN, Part::Permissions).unwrap();
    assert!(ann.gained.verdict.is_proved());
    assert_eq!(ann.lost.denied_by[0].sid.as_deref(), Some("NoDeletes"));
    assert!(compare(&old, &old).changes.is_empty());
}

#[test]
fn a_level_that_allows_nothing_denies_and_the_management_account_is_bound_by_none() {
    let people = || estate(&allow("s3:*", "*"), &allow("ec2:*", "*"), TRUST);
    let before = organization(OrganizationPolicyKind::Scp, EVERYTHING);
    let mut after = before.clone();
    let deny = r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}"#;
    after.policies[1].text = PolicyText::new(document(deny));
    after.policies[0].targets.retain(|target| target != "ou-1");
    let found = compare(&with(people(), before.clone()), &with(people(), after.clone()));
    let ann = of(&found, ANN, Part::Permissions).unwrap();
    assert!(witness(&ann.lost.verdict).action.starts_with("s3:"));
    let manage = |organization: &Organization| Organization {
        management_account: ACCOUNT.parse().ok(),
        ..organization.clone()
    };
    let found = compare(&with(people(), manage(&before)), &with(people(), manage(&after)));
    assert!(found.changes.is_empty(), "{:?}", found.changes);
}

#[test]
fn an_organization_of_one_side_is_that_of_both() {
    let people = |ann: &str| estate(&allow(ann, "*"), &allow("ec2:*", "*"), TRUST);
    let guard = r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}"#;
    let new = with(people("s3:*"), organization(OrganizationPolicyKind::Scp, guard));
    let found = compare(&people("s3:Get*"), &new);
    assert!(found.notes[0].contains("known of one version only"), "{:?}", found.notes);
    let ann = of(&found, ANN, Part::Permissions).unwrap();
    assert!(!witness(&ann.gained.verdict).action.starts_with("s3:Put"));
    assert!(of(&found, BOB, Part::Permissions).is_none());
    // What the SCP denies anyway is nothing new.
    let found = compare(&people("s3:Get*"), &with(people("s3:Put*"), new.organization.clone().unwrap()));
    assert!(of(&found, ANN, Part::Permissions).unwrap().gained.verdict.is_proved());
}

#[test]
fn scps_that_speak_of_principals_are_asked_of_each() {
    let people = || estate(&allow("s3:*", "*"), &allow("s3:*", "*"), TRUST);
    let guard = |except: &str| {
        format!(
            r#"{{"Sid":"OnlySome","Effect":"Deny","Action":"s3:PutObject","Resource":"*",
              "Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{except}"}}}}}}"#
        )
    };
    let rail = |except: &str| with(people(), organization(OrganizationPolicyKind::Scp, &guard(except)));
    let found = compare(&rail(ANN), &rail(BOB));
    let (ann, bob) =
        (of(&found, ANN, Part::Permissions).unwrap(), of(&found, BOB, Part::Permissions).unwrap());
    assert!(ann.gained.verdict.is_proved() && bob.lost.verdict.is_proved());
    assert_eq!(witness(&ann.lost.verdict).action, "s3:PutObject");
    assert_eq!(witness(&bob.gained.verdict).action, "s3:PutObject");
}

#[test]
fn a_tag_that_a_user_lacks_is_absent() {
    let tagged = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"red"}}}"#;
    let home = allow("s3:GetObject", "arn:aws:s3:::b/${aws:PrincipalTag/home}/*");
    let none = allow("ec2:RunInstances", "*");
    let old = estate(&none, &none, TRUST);
    let found = compare(&old, &estate(tagged, tagged, TRUST));
    assert_eq!(witness(&of(&found, ANN, Part::Permissions).unwrap().gained.verdict).action, "s3:GetObject");
    assert!(of(&found, BOB, Part::Permissions).unwrap().gained.verdict.is_proved());
    let found = compare(&old, &estate(&home, &home, TRUST));
    assert!(of(&found, ANN, Part::Permissions).unwrap().gained.verdict.is_proved());
    // A deny by a tag that nobody has keeps nobody away.
    let unless = r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/home":"x"}}}"#;
    let both = format!("{},{unless}", allow("s3:GetObject", "*"));
    let found = compare(&estate(&allow("s3:GetObject", "*"), &none, TRUST), &estate(&both, &none, TRUST));
    let ann = of(&found, ANN, Part::Permissions).unwrap();
    assert!(ann.lost.verdict.is_proved() && ann.gained.verdict.is_proved());
}

#[test]
fn rcps_count_for_roles_and_for_resources() {
    let bucket = |policy: &str| Resource {
        arn: "arn:aws:s3:::b".into(),
        kind: "AWS::S3::Bucket".into(),
        owner: ACCOUNT.parse().unwrap(),
        policy: Some(PolicyText::new(document(policy))),
        public_access_block: None,
        acl: Vec::new(),
        grants: Vec::new(),
    };
    let partner = r#"{"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let trust = format!("{TRUST},{}", TRUST.replace(ACCOUNT, "444455556666"));
    let people = |policy: &str| {
        let mut estate = estate(&allow("s3:*", "*"), &allow("ec2:*", "*"), &trust);
        let facts = estate.accounts.values_mut().next().unwrap();
        facts.resources = Some(vec![bucket(policy)]);
        estate
    };
    let guard = |action: &str| {
        let rcp = format!(
            r#"{{"Sid":"OnlyOurs","Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*",
              "Condition":{{"StringNotEqualsIfExists":{{"aws:PrincipalAccount":"{ACCOUNT}"}}}}}}"#
        );
        organization(OrganizationPolicyKind::Rcp, &rcp)
    };
    let old = with(people(partner), guard("s3:*"));
    let found = compare(&old, &with(people(partner), guard("sts:AssumeRole")));
    let bucket_change = of(&found, "arn:aws:s3:::b", Part::Resource).unwrap();
    let shown = witness(&bucket_change.gained.verdict);
    assert!(shown.principal.as_ref().unwrap().contains("444455556666"), "{shown:?}");
    assert_eq!(bucket_change.gained.denied_by[0].sid.as_deref(), Some("OnlyOurs"));
    assert_eq!(bucket_change.gained.by[0].sid.as_deref(), Some("Partner"));
    let role = of(&found, CI, Part::Trust).unwrap();
    assert!(witness(&role.lost.verdict).principal.as_ref().unwrap().contains("444455556666"));
    assert_eq!(role.lost.denied_by[0].policy, "resource control policy p-guard");
    assert!(role.gained.verdict.is_proved());
    // A resource's policy that lets in a stranger whom the RCP keeps out lets in nobody new.
    let wide = partner.replace("arn:aws:iam::444455556666:root", "*");
    let found = compare(&old, &with(people(&wide), guard("s3:*")));
    let bucket_change = of(&found, "arn:aws:s3:::b", Part::Resource).unwrap();
    let shown = witness(&bucket_change.gained.verdict);
    assert!(shown.principal.as_ref().unwrap().contains(ACCOUNT), "{shown:?}");
    let known = people(partner);
    let mut unknown = people(partner);
    unknown.accounts.values_mut().next().unwrap().resources = None;
    assert!(compare(&known, &unknown).notes[0].contains("known of one version only, and not compared"));
}
