//! STS: roles assumed, sessions of users, what they carry and what ends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, Answer, Keys, OTHER, World, allow, trust};
use std::time::Duration;

fn assume(world: &World, who: &Keys, role: &str, params: &[(&str, &str)]) -> Answer {
    let all = [&[("RoleArn", role), ("RoleSessionName", "session")], params].concat();
    world.sts_as(who, "AssumeRole", &all)
}

/// A trust policy for an AWS principal with these actions and a condition.
fn trust_with(principal: &str, actions: &str, condition: &str) -> String {
    let document = trust(principal).replace("\"sts:AssumeRole\"", actions);
    if condition.is_empty() {
        return document;
    }
    document.replace("\"Action\"", &format!("\"Condition\":{condition},\"Action\""))
}

const ALL: &str = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;

#[test]
fn a_role_is_assumed() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListUsers"]));
    let answer = assume(&world, &bob, &role, &[]).expect_ok("AssumeRole");
    assert_eq!(answer.text("Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/Pilot/session"));
    let id = world.iam("GetRole", &[("RoleName", "Pilot")]).text("RoleId");
    assert_eq!(answer.text("AssumedRoleId"), format!("{id}:session"));
    assert_eq!(answer.text("Expiration"), "2026-01-02T04:04:05Z");
    assert_eq!(answer.text("SecretAccessKey").len(), 40);
    assert!(answer.text("AccessKeyId").starts_with("ASIA") && answer.text("AccessKeyId").len() == 20);
    assert!(!answer.has("PackedPolicySize") && !answer.has("SourceIdentity"));
    let session = answer.keys();
    let identity = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(identity.text("UserId"), format!("{id}:session"));
    world.iam_as(&session, "ListUsers", &[]).expect_ok("the role's right");
    world.iam_as(&session, "ListRoles", &[]).expect_code("no more than that", "AccessDenied");
}

#[test]
fn in_one_account_trust_in_the_user_suffices_and_trust_in_the_account_does_not() {
    let world = World::new();
    let bob = world.user("bob", "");
    let role = world.role("Pilot", &trust(ACCOUNT), "");
    assume(&world, &bob, &role, &[]).expect_code("account only", "AccessDenied");
    let direct = world.role("Direct", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/bob")), "");
    assume(&world, &bob, &direct, &[]).expect_ok("user");
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    assume(&world, &able, &role, &[]).expect_ok("account and policy");
    assume(&world, &able, &direct, &[]).expect_code("an allow alone never suffices", "AccessDenied");
}

#[test]
fn case_034_across_accounts_both_sides_must_agree() {
    let world = World::new();
    let other = world.second_account();
    let make = |name: &str, trust: &str| {
        let params = [("RoleName", name), ("AssumeRolePolicyDocument", trust)];
        world.iam_as(&other, "CreateRole", &params).expect_ok("CreateRole").text("Arn")
    };
    world.user("bob", "");
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let bob = world.user("robert", "");
    let trusting = make("Trusting", &trust(ACCOUNT));
    let direct = make("Direct", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/robert")));
    let closed = make("Closed", &trust(OTHER));
    assume(&world, &able, &trusting, &[]).expect_ok("both");
    assume(&world, &bob, &trusting, &[]).expect_code("trust alone", "AccessDenied");
    assume(&world, &bob, &direct, &[]).expect_code("trust in the user alone", "AccessDenied");
    let refused = assume(&world, &able, &closed, &[]).expect_code("policy alone", "AccessDenied");
    // A role that is not there reads the same.
    let missing = closed.replace("Closed", "Missing");
    let unknown = assume(&world, &able, &missing, &[]).expect_code("missing", "AccessDenied");
    assert_eq!(refused.message().replace("Closed", "Missing"), unknown.message());
    assert_eq!(
        unknown.message(),
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/able is not authorized to perform: sts:AssumeRole on resource: {missing}"
        )
    );
    let session = assume(&world, &able, &trusting, &[]).keys();
    let identity = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(identity.text("Account"), OTHER);
}

#[test]
fn case_032_a_role_of_the_same_name_in_another_account_is_another_role() {
    let world = World::new();
    let other = world.second_account();
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let here = world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListRoles"]));
    let params = [("RoleName", "Pilot"), ("AssumeRolePolicyDocument", &*trust(ACCOUNT))];
    let there = world.iam_as(&other, "CreateRole", &params).expect_ok("CreateRole").text("Arn");
    let (here, there) = (world.assume(&able, &here, &[]), world.assume(&able, &there, &[]));
    world.iam_as(&here, "ListRoles", &[]).expect_ok("here");
    world.iam_as(&there, "ListRoles", &[]).expect_code("there", "AccessDenied");
    world.iam_as(&here, "ListRoles", &[]).expect_ok("here again");
}

#[test]
fn case_033_the_external_id_must_be_the_one_that_is_demanded() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let demanding =
        trust_with(ACCOUNT, "\"sts:AssumeRole\"", r#"{"StringEquals":{"sts:ExternalId":"tide-42"}}"#);
    let role = world.role("Pilot", &demanding, "");
    assume(&world, &able, &role, &[]).expect_code("none", "AccessDenied");
    for wrong in ["tide-4", "tide-421", "TIDE-42", "*****"] {
        let answer = assume(&world, &able, &role, &[("ExternalId", wrong)]);
        assert!(
            ["AccessDenied", "ValidationError"].contains(&answer.code().as_str()),
            "{wrong}: {}",
            answer.body
        );
    }
    assume(&world, &able, &role, &[("ExternalId", "")]).expect_code("empty", "ValidationError");
    assume(&world, &able, &role, &[("ExternalId", "tide-42")]).expect_ok("right");
}

#[test]
fn an_arn_must_name_the_role_exactly() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    world.iam(
        "CreateRole",
        &[("RoleName", "Pilot"), ("Path", "/sea/"), ("AssumeRolePolicyDocument", &trust(ACCOUNT))],
    );
    assume(&world, &able, &format!("arn:aws:iam::{ACCOUNT}:role/sea/Pilot"), &[]).expect_ok("path");
    for (arn, code) in [
        (format!("arn:aws:iam::{ACCOUNT}:role/Pilot"), "AccessDenied"),
        (format!("arn:aws-cn:iam::{ACCOUNT}:role/sea/Pilot"), "AccessDenied"),
        (format!("arn:aws:iam::{ACCOUNT}:role/sea/pilot"), "AccessDenied"),
        ("arn:aws:iam::999999999999:role/sea/Pilot".to_owned(), "AccessDenied"),
        (format!("arn:aws:iam::{ACCOUNT}:user/able"), "ValidationError"),
        ("nothing like an arn at all".to_owned(), "ValidationError"),
    ] {
        assume(&world, &able, &arn, &[]).expect_code(&arn, code);
    }
}

#[test]
fn case_026_durations_have_limits_that_are_errors() {
    let world = World::new();
    let may = allow(&["sts:AssumeRole"]);
    let able = world.user("able", &may);
    let long = world.role("Long", &trust(ACCOUNT), &may);
    world.iam("UpdateRole", &[("RoleName", "Long"), ("MaxSessionDuration", "43200")]);
    let short = world.role("Short", &trust(ACCOUNT), "");
    let refused =
        assume(&world, &able, &short, &[("DurationSeconds", "3601")]).expect_code("role", "ValidationError");
    assert_eq!(
        refused.message(),
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    let session = assume(&world, &able, &long, &[("DurationSeconds", "43200")]).expect_ok("long");
    assert_eq!(session.text("Expiration"), "2026-01-02T15:04:05Z");
    let refused = assume(&world, &session.keys(), &long, &[("DurationSeconds", "3601")])
        .expect_code("chain", "ValidationError");
    assert_eq!(
        refused.message(),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    );
    assume(&world, &session.keys(), &long, &[("DurationSeconds", "3600")]).expect_ok("chain of an hour");
    assume(&world, &able, &long, &[("DurationSeconds", "899")]).expect_code("too short", "ValidationError");
    assume(&world, &able, &long, &[("DurationSeconds", "43201")]).expect_code("too long", "ValidationError");
    // Sessions of users begin no chain.
    let user = world.sts_as(&able, "GetSessionToken", &[]).expect_ok("GetSessionToken").keys();
    assume(&world, &user, &long, &[("DurationSeconds", "7200")]).expect_ok("no chain");
}

#[test]
fn session_policies_limit_and_are_checked() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let role =
        world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListUsers", "iam:ListRoles", "iam:ListGroups"]));
    let only_users = allow(&["iam:ListUsers", "iam:CreateUser"]);
    let answer = assume(&world, &able, &role, &[("Policy", &only_users)]).expect_ok("inline");
    assert!((1..=100).contains(&answer.text("PackedPolicySize").parse::<u32>().unwrap()));
    let session = answer.keys();
    world.iam_as(&session, "ListUsers", &[]).expect_ok("in both");
    world.iam_as(&session, "ListRoles", &[]).expect_code("role only", "AccessDenied");
    world.iam_as(&session, "CreateUser", &[("UserName", "eve")]).expect_code("session only", "AccessDenied");

    let managed =
        world.iam("CreatePolicy", &[("PolicyName", "roles"), ("PolicyDocument", &allow(&["iam:ListRoles"]))]);
    let managed = managed.text("Arn");
    let both = [("Policy", only_users.as_str()), ("PolicyArns.member.1.arn", managed.as_str())];
    let session = assume(&world, &able, &role, &both).expect_ok("both").keys();
    world.iam_as(&session, "ListUsers", &[]).expect_ok("inline");
    world.iam_as(&session, "ListRoles", &[]).expect_ok("managed");
    world.iam_as(&session, "ListGroups", &[]).expect_code("neither", "AccessDenied");
    world.iam("DeletePolicy", &[("PolicyArn", &managed)]);
    world.iam_as(&session, "ListRoles", &[]).expect_code("the managed one is gone", "AccessDenied");

    for (policy, code) in [
        ("nonsense".to_owned(), "MalformedPolicyDocument"),
        (trust(ACCOUNT), "MalformedPolicyDocument"),
        (allow(&[&format!("iam:{}", "x".repeat(2_048))]), "ValidationError"),
    ] {
        assume(&world, &able, &role, &[("Policy", &policy)]).expect_code(&policy, code);
    }
    let missing = format!("arn:aws:iam::{ACCOUNT}:policy/missing");
    assume(&world, &able, &role, &[("PolicyArns.member.1.arn", &missing)])
        .expect_code("missing", "ValidationError");
    let names: Vec<_> = (1..=11).map(|number| format!("PolicyArns.member.{number}.arn")).collect();
    let many: Vec<_> =
        names.iter().map(|name| (name.as_str(), "arn:aws:iam::aws:policy/ReadOnlyAccess")).collect();
    assume(&world, &able, &role, &many[..10]).expect_ok("ten");
    assume(&world, &able, &role, &many).expect_code("eleven", "ValidationError");
}

#[test]
fn case_025_a_session_policy_is_not_shed_by_a_further_session() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["*"]));
    let id = world.iam("GetRole", &[("RoleName", "Pilot")]).text("Arn");
    world.iam(
        "UpdateAssumeRolePolicy",
        &[
            ("RoleName", "Pilot"),
            (
                "PolicyDocument",
                &trust(&id).replace(&format!("\"{id}\""), &format!("[\"{id}\",\"{ACCOUNT}\"]")),
            ),
        ],
    );
    let limited =
        assume(&world, &able, &role, &[("Policy", &allow(&["iam:ListUsers"]))]).expect_ok("limited").keys();
    assume(&world, &limited, &role, &[]).expect_code("again without the policy", "AccessDenied");
    world.sts_as(&limited, "GetSessionToken", &[]).expect_code("GetSessionToken", "AccessDenied");
    world.iam_as(&limited, "CreateAccessKey", &[("UserName", "able")]).expect_code("key", "AccessDenied");
    world.iam_as(&limited, "ListUsers", &[]).expect_ok("what is left");
}

#[test]
fn too_much_to_pack_is_refused() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:*"]));
    let role = world.role("Pilot", &trust_with(ACCOUNT, ALL, ""), "");
    // Text that does not compress: hexadecimal digits of a simple generator.
    let mut seed = 0x1234_5678_9abc_def0_u64;
    let mut noise = |length: usize| {
        let mut text = String::new();
        while text.len() < length {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text += &format!("{:08x}", seed >> 32);
        }
        text
    };
    let tags: Vec<_> = (1..=50)
        .flat_map(|number| {
            let member = format!("Tags.member.{number}");
            [(format!("{member}.Key"), noise(120)), (format!("{member}.Value"), noise(250))]
        })
        .collect();
    let params: Vec<_> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = assume(&world, &able, &role, &params).expect_code("tags", "PackedPolicyTooLarge");
    assert!(refused.message().contains("% of allotted space"), "{}", refused.message());
    assume(&world, &able, &role, &params[..4]).expect_ok("two tags");
}

#[test]
fn tags_need_the_right_to_tag_on_both_sides() {
    let world = World::new();
    let tags = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "lights")];
    let plain = world.user("plain", &allow(&["sts:AssumeRole"]));
    let tagging = world.user("tagging", &allow(&["sts:AssumeRole", "sts:TagSession"]));
    let deaf = world.role("Deaf", &trust(ACCOUNT), "");
    let role = world.role("Pilot", &trust_with(ACCOUNT, ALL, ""), "");
    assume(&world, &tagging, &deaf, &tags).expect_code("trust", "AccessDenied");
    let refused = assume(&world, &plain, &role, &tags).expect_code("caller", "AccessDenied");
    assert!(refused.message().contains("sts:TagSession"), "{}", refused.message());
    assume(&world, &plain, &role, &[]).expect_ok("without tags");
    assume(&world, &tagging, &role, &tags).expect_ok("both");
    let duplicate = [&tags[..], &[("Tags.member.2.Key", "TEAM"), ("Tags.member.2.Value", "x")]].concat();
    assume(&world, &tagging, &role, &duplicate).expect_code("duplicate", "InvalidParameterValue");
    let reserved = [("Tags.member.1.Key", "aws:x"), ("Tags.member.1.Value", "x")];
    assume(&world, &tagging, &role, &reserved).expect_code("reserved", "InvalidParameterValue");
    let foreign = [&tags[..], &[("TransitiveTagKeys.member.1", "Cost")]].concat();
    assume(&world, &tagging, &role, &foreign).expect_code("transitive", "InvalidParameterValue");
}

#[test]
fn request_tags_and_role_tags_are_conditions() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole", "sts:TagSession"]));
    let condition = r#"{"StringEquals":{"aws:RequestTag/Team":"lights"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team"],"sts:TransitiveTagKeys":["Team"]}}"#;
    let role = world.role("Pilot", &trust_with(ACCOUNT, ALL, condition), "");
    let team = |value| [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", value)];
    assume(&world, &bob, &role, &team("lights")).expect_ok("right");
    assume(&world, &bob, &role, &team("sails")).expect_code("value", "AccessDenied");
    let more = [&team("lights")[..], &[("Tags.member.2.Key", "Cost"), ("Tags.member.2.Value", "1")]].concat();
    assume(&world, &bob, &role, &more).expect_code("another key", "AccessDenied");
    let by_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Team":"${aws:username}"}}}]}"#;
    let ann = world.user("ann", by_tag);
    let open = world.role("Open", &trust(ACCOUNT), "");
    assume(&world, &ann, &open, &[]).expect_code("untagged", "AccessDenied");
    world.iam(
        "TagRole",
        &[("RoleName", "Open"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "ann")],
    );
    assume(&world, &ann, &open, &[]).expect_ok("tagged");
}

#[test]
fn case_031_transitive_tags_and_the_source_identity_pass_down_unchanged() {
    let world = World::new();
    let all = allow(&["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    let bob = world.user("bob", &all);
    let first = world.role("First", &trust_with(ACCOUNT, ALL, ""), &all);
    let by_tag = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Star":"1","aws:SourceIdentity":"Ann"}}},
        {"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Heart":"1"}}},
        {"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
    let second = world.role("Second", &trust_with(ACCOUNT, ALL, ""), by_tag);
    let deaf = world.role("Deaf", &trust(ACCOUNT), "");
    let params = [
        ("Tags.member.1.Key", "Star"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "Heart"),
        ("Tags.member.2.Value", "1"),
        ("TransitiveTagKeys.member.1", "Star"),
        ("SourceIdentity", "Ann"),
    ];
    let answer = assume(&world, &bob, &first, &params).expect_ok("first");
    assert_eq!(answer.text("SourceIdentity"), "Ann");
    let session = answer.keys();
    let next = assume(&world, &session, &second, &[]).expect_ok("second");
    assert_eq!(next.text("SourceIdentity"), "Ann");
    world.iam_as(&next.keys(), "ListUsers", &[]).expect_ok("transitive tag and source identity");
    world.iam_as(&next.keys(), "ListRoles", &[]).expect_code("the other tag stays behind", "AccessDenied");
    let override_tag = [("Tags.member.1.Key", "STAR"), ("Tags.member.1.Value", "2")];
    let refused =
        assume(&world, &session, &second, &override_tag).expect_code("tag", "InvalidParameterValue");
    assert!(refused.message().contains("conflicts with a transitive tag key from the calling session"));
    let refused = assume(&world, &session, &second, &[("SourceIdentity", "Eve")])
        .expect_code("identity", "ValidationError");
    assert_eq!(refused.message(), "The source identity is already set for this assume role session");
    assume(&world, &next.keys(), &second, &override_tag).expect_code("third link", "InvalidParameterValue");
    // What is inherited needs the next role's consent as well.
    assume(&world, &session, &deaf, &[]).expect_code("deaf", "AccessDenied");
}

#[test]
fn a_source_identity_needs_its_right() {
    let world = World::new();
    let plain = world.user("plain", &allow(&["sts:AssumeRole"]));
    let setting = world.user("setting", &allow(&["sts:AssumeRole", "sts:SetSourceIdentity"]));
    let condition = r#"{"StringEquals":{"sts:SourceIdentity":"Ann"}}"#;
    let role = world.role("Pilot", &trust_with(ACCOUNT, ALL, condition), "");
    let ann = [("SourceIdentity", "Ann")];
    assume(&world, &plain, &role, &ann).expect_code("caller", "AccessDenied");
    assume(&world, &setting, &role, &[("SourceIdentity", "Eve")]).expect_code("condition", "AccessDenied");
    assume(&world, &setting, &role, &[]).expect_code("demanded", "AccessDenied");
    assume(&world, &setting, &role, &ann).expect_ok("both");
}

#[test]
fn case_030_names_that_could_spoof_are_refused() {
    let world = World::new();
    let able = world.user("able", &allow(&["sts:*"]));
    let role = world.role("Pilot", &trust_with(ACCOUNT, ALL, ""), "");
    for name in ["a/b", "a:b", "a*", "${aws:username}", "a\r\nb", "x", "a b", "ä€"] {
        let params = [("RoleArn", role.as_str()), ("RoleSessionName", name)];
        world.sts_as(&able, "AssumeRole", &params).expect_code(name, "ValidationError");
        assume(&world, &able, &role, &[("SourceIdentity", name)]).expect_code(name, "ValidationError");
    }
    for key in ["${x}", "a*", "a\nb"] {
        let params = [("Tags.member.1.Key", key), ("Tags.member.1.Value", "v")];
        assume(&world, &able, &role, &params).expect_code(key, "ValidationError");
        let params = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", key)];
        assume(&world, &able, &role, &params).expect_code(key, "ValidationError");
    }
}

#[test]
fn case_027_sessions_of_users_reach_little_of_iam_and_sts() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["*"]));
    let role = world.role("Pilot", &trust(ACCOUNT), "");
    let answer = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("GetSessionToken");
    assert_eq!(answer.text("Expiration"), "2026-01-02T15:04:05Z");
    let session = answer.keys();
    let identity = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(identity.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/bob"));
    assume(&world, &session, &role, &[]).expect_ok("AssumeRole");
    world.iam_as(&session, "ListUsers", &[]).expect_code("IAM", "InvalidClientTokenId");
    let refused =
        world.sts_as(&session, "GetSessionToken", &[]).expect_code("GetSessionToken", "AccessDenied");
    assert_eq!(refused.message(), "Cannot call GetSessionToken with session credentials");
    world
        .sts_as(&session, "GetAccessKeyInfo", &[("AccessKeyId", &bob.id)])
        .expect_code("GetAccessKeyInfo", "AccessDenied");
    let role_session = assume(&world, &bob, &role, &[]).keys();
    world.sts_as(&role_session, "GetSessionToken", &[]).expect_code("role session", "AccessDenied");
}

#[test]
fn durations_of_sessions_of_users_and_second_factors() {
    let world = World::new();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}"#;
    let bob = world.user("bob", deny);
    let get = |params: &[(&str, &str)]| world.sts_as(&bob, "GetSessionToken", params);
    assert_eq!(
        get(&[("DurationSeconds", "900")]).expect_ok("least").text("Expiration"),
        "2026-01-02T03:19:05Z"
    );
    assert_eq!(
        get(&[("DurationSeconds", "129600")]).expect_ok("most").text("Expiration"),
        "2026-01-03T15:04:05Z"
    );
    get(&[("DurationSeconds", "899")]).expect_code("less", "ValidationError");
    get(&[("DurationSeconds", "129601")]).expect_code("more", "ValidationError");
    let serial = format!("arn:aws:iam::{ACCOUNT}:mfa/bob");
    let code = [("SerialNumber", serial.as_str()), ("TokenCode", "123456")];
    get(&code).expect_code("no device", "AccessDenied");
    let role = world.role("Pilot", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/bob")), "");
    assume(&world, &bob, &role, &code).expect_code("denied by policy", "AccessDenied");
}

#[test]
fn case_028_a_session_ends_with_what_it_stands_on() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListUsers"]));
    let session = world.assume(&bob, &role, &[]);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("before");
    world.clock.advance(Duration::from_secs(10));
    let revoke = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}}}]}}"#,
        world.now().iso()
    );
    world.iam(
        "PutRolePolicy",
        &[("RoleName", "Pilot"), ("PolicyName", "revoke"), ("PolicyDocument", &revoke)],
    );
    world.iam_as(&session, "ListUsers", &[]).expect_code("revoked", "AccessDenied");
    let newer = world.assume(&bob, &role, &[]);
    world.iam_as(&newer, "ListUsers", &[]).expect_ok("newer");
    world.iam("DeleteRolePolicy", &[("RoleName", "Pilot"), ("PolicyName", "p")]);
    world.iam_as(&newer, "ListUsers", &[]).expect_code("policy gone", "AccessDenied");

    let token = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("GetSessionToken").keys();
    world.iam("UpdateAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id), ("Status", "Inactive")]);
    world.sts_as(&token, "GetCallerIdentity", &[]).expect_code("key inactive", "InvalidClientTokenId");
    world.iam("UpdateAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id), ("Status", "Active")]);
    world.sts_as(&token, "GetCallerIdentity", &[]).expect_ok("active again");
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    world.sts_as(&token, "GetCallerIdentity", &[]).expect_code("key gone", "InvalidClientTokenId");
}

#[test]
fn keys_tell_their_account() {
    let world = World::new();
    let other = world.second_account();
    let info = |key: &str| world.sts_as(&world.admin, "GetAccessKeyInfo", &[("AccessKeyId", key)]);
    assert_eq!(info(&world.admin.id).expect_ok("brought along").text("Account"), ACCOUNT);
    assert_eq!(info(&other.id).expect_ok("session").text("Account"), OTHER);
    let bob = world.user("bob", "");
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    assert_eq!(info(&bob.id).expect_ok("deleted").text("Account"), ACCOUNT);
    info("AKIAIOSFODNN7EXAMPLE").expect_code("made elsewhere", "ValidationError");
    info("SOMETHINGELSEENTIRELY").expect_code("no key at all", "ValidationError");
    let eve = world.user("eve", "");
    world.sts_as(&eve, "GetAccessKeyInfo", &[("AccessKeyId", &eve.id)]).expect_code("eve", "AccessDenied");
}

#[test]
fn case_072_get_caller_identity_works_against_an_explicit_deny() {
    let world = World::new();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let bob = world.user("bob", deny);
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    world
        .sts_as(&bob, "GetAccessKeyInfo", &[("AccessKeyId", &bob.id)])
        .expect_code("nothing else", "AccessDenied");
}

#[test]
fn case_063_a_deny_in_the_trust_policy_wins() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"sts:AssumeRole"}},
        {{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/bob"}},"Action":"sts:*"}}]}}"#
    );
    let role = world.role("Pilot", &document, "");
    let refused = assume(&world, &bob, &role, &[]).expect_code("denied", "AccessDenied");
    assert!(
        refused.message().ends_with("with an explicit deny in a resource-based policy"),
        "{}",
        refused.message()
    );
    let ann = world.user("ann", "");
    assume(&world, &ann, &role, &[]).expect_ok("everyone else");
}

#[test]
fn arns_and_trust_are_of_the_partition_that_is_called() {
    let mut world = World::new();
    world.region = "cn-north-1";
    let bob = world.user("bob", "");
    let principal = format!("arn:aws-cn:iam::{ACCOUNT}:user/bob");
    let role = world.role("Pilot", &trust(&principal), "");
    assert_eq!(role, format!("arn:aws-cn:iam::{ACCOUNT}:role/Pilot"));
    let answer = assume(&world, &bob, &role, &[]).expect_ok("AssumeRole");
    assert_eq!(answer.text("Arn"), format!("arn:aws-cn:sts::{ACCOUNT}:assumed-role/Pilot/session"));
    // Kept by id, the user is trusted in whichever partition the realm is called.
    world.region = "us-east-1";
    assume(&world, &bob, &role.replace("aws-cn", "aws"), &[]).expect_ok("aws");
    assume(&world, &bob, &role, &[]).expect_code("an ARN of another partition", "AccessDenied");
}
