//! The policy simulator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, Answer, World, allow};
use wire::xml::Element;

const ALLOW_GET: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const KEY: &str = "arn:aws:s3:::bucket/key";

fn custom(world: &World, params: &[(&str, &str)]) -> Answer {
    world.iam_as(&world.admin, "SimulateCustomPolicy", params)
}

fn principal(world: &World, params: &[(&str, &str)]) -> Answer {
    world.iam_as(&world.admin, "SimulatePrincipalPolicy", params)
}

/// The members of the first list of this name.
fn members(answer: &Answer, name: &str) -> Vec<Element> {
    fn find<'e>(element: &'e Element, name: &str) -> Option<&'e Element> {
        if element.name == name {
            return Some(element);
        }
        element.children.iter().find_map(|child| find(child, name))
    }
    find(&answer.xml(), name).map(|list| list.children.clone()).unwrap_or_default()
}

fn text(element: &Element, path: &[&str]) -> String {
    let [first, rest @ ..] = path else { return element.text.clone() };
    let child = element.children.iter().find(|child| child.name == *first);
    text(child.unwrap_or_else(|| panic!("no {first} in {element:?}")), rest)
}

#[test]
fn fact_141_custom_policies_are_simulated_with_places() {
    let world = World::new();
    let answer = custom(
        &world,
        &[
            ("PolicyInputList.member.1", ALLOW_GET),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ActionNames.member.2", "s3:PutObject"),
        ],
    )
    .expect_ok("simulate");
    let results = members(&answer, "EvaluationResults");
    assert_eq!(text(&results[0], &["EvalActionName"]), "s3:GetObject");
    assert_eq!(text(&results[0], &["EvalResourceName"]), "*");
    assert_eq!(text(&results[0], &["EvalDecision"]), "allowed");
    let statement = ["MatchedStatements", "member"];
    let at = |path: &[&str]| text(&results[0], &[&statement[..], path].concat());
    assert_eq!(at(&["SourcePolicyId"]), "PolicyInputList.1");
    assert_eq!(at(&["SourcePolicyType"]), "IAM Policy");
    // As AWS tells it: behind the bracket, and behind the closing brace.
    assert_eq!((at(&["StartPosition", "Line"]), at(&["StartPosition", "Column"])), ("1".into(), "38".into()));
    assert_eq!((at(&["EndPosition", "Line"]), at(&["EndPosition", "Column"])), ("1".into(), "90".into()));
    assert_eq!(text(&results[1], &["EvalDecision"]), "implicitDeny");
    assert!(!answer.has("ResourceSpecificResults") && !answer.has("EvalDecisionDetails"));
    assert!(!answer.has("OrganizationsDecisionDetail") && !answer.has("PermissionsBoundaryDecisionDetail"));
    let spread = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";
    let answer =
        custom(&world, &[("PolicyInputList.member.1", spread), ("ActionNames.member.1", "s3:GetObject")]);
    assert_eq!(answer.texts("Line"), ["3", "8"]);
    assert_eq!(answer.texts("Column"), ["17", "6"]);
}

#[test]
fn resources_have_their_own_results() {
    let world = World::new();
    let narrow = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/secret"}]}"#;
    let ask = |context: &[(&str, &str)]| {
        let params = [
            ("PolicyInputList.member.1", narrow),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", KEY),
            ("ResourceArns.member.2", "arn:aws:s3:::bucket/secret"),
        ];
        custom(&world, &[&params[..], context].concat()).expect_ok("simulate")
    };
    let answer = ask(&[]);
    let [result] = &members(&answer, "EvaluationResults")[..] else { panic!("{}", answer.body) };
    assert_eq!(text(result, &["EvalDecision"]), "explicitDeny");
    assert_eq!(text(result, &["EvalResourceName"]), "arn:${Partition}:s3:::${BucketName}/${ObjectName}");
    let own = members(&answer, "ResourceSpecificResults");
    assert_eq!(text(&own[0], &["EvalResourceName"]), KEY);
    assert_eq!(text(&own[0], &["EvalResourceDecision"]), "implicitDeny");
    assert_eq!(text(&own[0], &["MissingContextValues", "member"]), "aws:SecureTransport");
    assert_eq!(text(&own[1], &["EvalResourceDecision"]), "explicitDeny");
    assert!(answer.body.contains("<EvalDecisionDetails"), "present and empty: {}", answer.body);
    let given = |value| {
        [
            ("ContextEntries.member.1.ContextKeyName", "AWS:securetransport"),
            ("ContextEntries.member.1.ContextKeyType", "boolean"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", value),
        ]
    };
    let own = members(&ask(&given("true")), "ResourceSpecificResults");
    assert_eq!(text(&own[0], &["EvalResourceDecision"]), "allowed");
    assert!(
        own[0].children.iter().any(|child| child.name == "MissingContextValues" && child.children.is_empty())
    );
    // An empty value says that the key is not there.
    let own = members(&ask(&given("")), "ResourceSpecificResults");
    assert_eq!(text(&own[0], &["EvalResourceDecision"]), "implicitDeny");
}

#[test]
fn fact_140_one_boundary_and_an_organization_have_their_say() {
    let world = World::new();
    let params = [("PolicyInputList.member.1", ALLOW_GET), ("ActionNames.member.1", "s3:GetObject")];
    let boundary = |policy: &str| {
        let more = [("PermissionsBoundaryPolicyInputList.member.1", policy)];
        custom(&world, &[&params[..], &more].concat()).expect_ok("boundary")
    };
    let answer = boundary(&allow(&["sqs:*"]));
    assert_eq!(answer.text("EvalDecision"), "implicitDeny");
    assert_eq!(answer.text("AllowedByPermissionsBoundary"), "false");
    assert_eq!(boundary(ALLOW_GET).text("AllowedByPermissionsBoundary"), "true");
    let two = [
        ("PermissionsBoundaryPolicyInputList.member.1", ALLOW_GET),
        ("PermissionsBoundaryPolicyInputList.member.2", ALLOW_GET),
    ];
    custom(&world, &[&params[..], &two].concat()).expect_code("two boundaries", "InvalidInput");
    let level = |policy: &str| {
        let root = "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1";
        let account = "OrderedOrganizationPolicyInputList.member.2.ServiceControlPolicyInputList.member.1";
        let more = [(root, ALLOW_GET), (account, policy)];
        custom(&world, &[&params[..], &more].concat()).expect_ok("organization")
    };
    let answer = level(DENY_ALL);
    assert_eq!(answer.text("EvalDecision"), "explicitDeny");
    assert_eq!(answer.text("AllowedByOrganizations"), "false");
    assert!(!answer.has("SourcePolicyId"), "statements of SCPs are not told");
    assert_eq!(level(ALLOW_GET).text("AllowedByOrganizations"), "true");
}

#[test]
fn resource_policies_decide_across_accounts() {
    let world = World::new();
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ann}"}},"Action":"s3:GetObject","Resource":"{KEY}"}}]}}"#
    );
    let ask = |identity: &str, more: &[(&str, &str)]| {
        let params = [
            ("PolicyInputList.member.1", identity),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", KEY),
            ("ResourcePolicy", &policy),
        ];
        custom(&world, &[&params[..], more].concat())
    };
    let sqs = allow(&["sqs:*"]);
    ask(&sqs, &[]).expect_code("no caller", "InvalidInput");
    let at_home = ask(&sqs, &[("CallerArn", &ann)]).expect_ok("at home");
    assert_eq!(at_home.text("EvalDecision"), "allowed");
    assert_eq!(at_home.text("SourcePolicyType"), "Resource Policy");
    let abroad = [("CallerArn", ann.as_str()), ("ResourceOwner", "arn:aws:iam::444455556666:root")];
    let answer = ask(&sqs, &abroad).expect_ok("abroad");
    assert_eq!(answer.text("EvalDecision"), "implicitDeny");
    let details: Vec<(String, String)> = members(&answer, "EvalDecisionDetails")
        .iter()
        .map(|entry| (text(entry, &["key"]), text(entry, &["value"])))
        .collect();
    let said = |kind: &str, said: &str| (kind.to_owned(), said.to_owned());
    assert_eq!(details, [said("IAM Policy", "implicitDeny"), said("Resource Policy", "allowed")]);
    assert_eq!(ask(ALLOW_GET, &abroad).text("EvalDecision"), "allowed");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/s");
    ask(ALLOW_GET, &[("CallerArn", &session)]).expect_code("a session", "InvalidInput");
}

#[test]
fn fact_139_trust_policies_play_no_part() {
    let world = World::new();
    for (action, resource) in [
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/r"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/k"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q"),
    ] {
        let policy = allow(&[action]);
        let params = [
            ("PolicyInputList.member.1", policy.as_str()),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
        ];
        let answer = custom(&world, &params).expect_ok(action);
        assert_eq!(answer.text("EvalDecision"), "allowed", "{action}");
        assert_eq!(answer.texts("SourcePolicyId"), ["PolicyInputList.1"; 2]);
    }
}

#[test]
fn principals_are_simulated_with_all_that_is_attached() {
    let world = World::new();
    world.user("ann", &allow(&["s3:GetObject"]));
    world.iam("CreateGroup", &[("GroupName", "devs")]);
    world.iam(
        "PutGroupPolicy",
        &[("GroupName", "devs"), ("PolicyName", "in"), ("PolicyDocument", &allow(&["sqs:*"]))],
    );
    world.iam(
        "AttachGroupPolicy",
        &[("GroupName", "devs"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
    );
    world.iam("AddUserToGroup", &[("GroupName", "devs"), ("UserName", "ann")]);
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let group = format!("arn:aws:iam::{ACCOUNT}:group/devs");
    let ask = |arn: &str, action: &str, more: &[(&str, &str)]| {
        let params = [("PolicySourceArn", arn), ("ActionNames.member.1", action)];
        principal(&world, &[&params[..], more].concat())
    };
    let answer = ask(&ann, "s3:GetObject", &[]).expect_ok("ann");
    assert_eq!(answer.text("EvalDecision"), "allowed");
    assert_eq!(answer.texts("SourcePolicyId"), ["user_ann_p", "ReadOnlyAccess"]);
    assert_eq!(ask(&ann, "sqs:SendMessage", &[]).text("SourcePolicyId"), "group_devs_in");
    assert_eq!(ask(&group, "sqs:SendMessage", &[]).text("EvalDecision"), "allowed");
    let denied = ask(&ann, "s3:GetObject", &[("PolicyInputList.member.1", DENY_ALL)]);
    assert_eq!(denied.texts("SourcePolicyId"), ["PolicyInputList.1"]);
    let without = [
        ("PolicyExclusionList.member.1.PolicyType", "inline"),
        ("PolicyExclusionList.member.2.PolicyArn", "arn:aws:iam::aws:policy/ReadOnly*"),
    ];
    assert_eq!(
        ask(&ann, "s3:GetObject", &without).expect_ok("exclusion").text("EvalDecision"),
        "implicitDeny"
    );
    let own = [("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"), ("UserName", "ann")];
    world.iam("PutUserPermissionsBoundary", &own);
    let bounded = ask(&ann, "sqs:SendMessage", &[]);
    assert_eq!(bounded.text("AllowedByPermissionsBoundary"), "false");
    assert_eq!(bounded.text("EvalDecision"), "implicitDeny");
    let free = [("PolicyExclusionList.member.1.PolicyType", "permission-boundary")];
    assert_eq!(ask(&ann, "sqs:SendMessage", &free).text("EvalDecision"), "allowed");
    ask(&format!("arn:aws:iam::{ACCOUNT}:user/eve"), "s3:GetObject", &[]).expect_code("eve", "NoSuchEntity");
    let unclear =
        ask(&format!("arn:aws:iam::{ACCOUNT}:root"), "s3:GetObject", &[]).expect_code("root", "InvalidInput");
    assert!(
        unclear.message().contains("does not clearly define entity type and name"),
        "{}",
        unclear.message()
    );
}

#[test]
fn results_come_in_pages() {
    let world = World::new();
    let names: Vec<String> = (1..=5).map(|number| format!("ActionNames.member.{number}")).collect();
    let actions: Vec<String> = (1..=5).map(|number| format!("s3:GetThing{number}")).collect();
    let mut params = vec![("PolicyInputList.member.1", ALLOW_GET), ("MaxItems", "2")];
    params.extend(names.iter().map(String::as_str).zip(actions.iter().map(String::as_str)));
    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let mut ask = params.clone();
        if !marker.is_empty() {
            ask.push(("Marker", &marker));
        }
        let page = custom(&world, &ask).expect_ok("page");
        seen.extend(page.texts("EvalActionName"));
        if page.text("IsTruncated") == "false" {
            break;
        }
        marker = page.text("Marker");
    }
    assert_eq!(seen, actions);
}

#[test]
fn inputs_that_make_no_sense_are_refused() {
    let world = World::new();
    let ask = |policy, action, more: &[(&str, &str)]| {
        let params = [("PolicyInputList.member.1", policy), ("ActionNames.member.1", action)];
        custom(&world, &[&params[..], more].concat())
    };
    ask(ALLOW_GET, "s3:Get*", &[]).expect_code("wildcard", "InvalidInput");
    ask(ALLOW_GET, "ListBuckets", &[]).expect_code("no service", "InvalidInput");
    let bad = ask("{\"Statement\":{\"Effect\":\"allow\"}}", "s3:GetObject", &[])
        .expect_code("policy", "InvalidInput");
    assert!(bad.message().starts_with("Invalid policy PolicyInputList.1: 1:24: "), "{}", bad.message());
    ask(ALLOW_GET, "s3:GetObject", &[("ResourceArns.member.1", "bucket")])
        .expect_code("resource", "InvalidInput");
    ask(ALLOW_GET, "ec2:RunInstances", &[("ResourceHandlingOption", "EC2-VPC-EBS")])
        .expect_code("scenario", "InvalidInput");
    let number = [
        ("ContextEntries.member.1.ContextKeyName", "s3:max-keys"),
        ("ContextEntries.member.1.ContextKeyType", "numeric"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "many"),
    ];
    ask(ALLOW_GET, "s3:GetObject", &number).expect_code("number", "InvalidInput");
}

#[test]
fn context_keys_are_listed_once() {
    let world = World::new();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*",
        "Condition":{"StringLike":{"s3:prefix":"${aws:PrincipalTag/team, 'x'}"},"Bool":{"AWS:UserName":"a","aws:SecureTransport":"true"}}}]}"#;
    let keys = world
        .iam_as(&world.admin, "GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", policy)])
        .expect_ok("custom");
    let named = |answer: &Answer| -> Vec<String> {
        members(answer, "ContextKeyNames").into_iter().map(|member| member.text).collect()
    };
    assert_eq!(named(&keys), ["s3:prefix", "AWS:UserName", "aws:SecureTransport", "aws:PrincipalTag/team"]);
    world.user("ann", policy);
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let more = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:TagKeys":"true"}}}}"#;
    let params = [("PolicySourceArn", ann.as_str()), ("PolicyInputList.member.1", more)];
    let keys = world.iam_as(&world.admin, "GetContextKeysForPrincipalPolicy", &params).expect_ok("principal");
    assert_eq!(named(&keys).last().unwrap(), "aws:TagKeys");
    assert_eq!(named(&keys).len(), 5);
}

#[test]
fn simulating_others_needs_leave() {
    let world = World::new();
    let eve = world.user("eve", &allow(&["iam:SimulateCustomPolicy"]));
    let params = [("PolicyInputList.member.1", ALLOW_GET), ("ActionNames.member.1", "s3:GetObject")];
    world.iam_as(&eve, "SimulateCustomPolicy", &params).expect_ok("custom");
    let own = format!("arn:aws:iam::{ACCOUNT}:user/eve");
    let params = [("PolicySourceArn", own.as_str()), ("ActionNames.member.1", "s3:GetObject")];
    let denied = world.iam_as(&eve, "SimulatePrincipalPolicy", &params).expect_code("eve", "AccessDenied");
    assert!(denied.message().contains(&own), "{}", denied.message());
}
