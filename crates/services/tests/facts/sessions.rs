//! Facts 7, 8 and 37 to 41: roles, their sessions, and who may hand them on.

use crate::harness::{ACCOUNT, Answer, Keys, World, allow, trust};

const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn assume(world: &World, who: &Keys, role: &str, params: &[(&str, &str)]) -> Answer {
    let all = [&[("RoleArn", role), ("RoleSessionName", "session")], params].concat();
    world.sts_as(who, "AssumeRole", &all)
}

#[test]
fn fact_007_a_role_that_changes_changes_the_sessions_already_issued() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let role = world.role("Pilot", &trust(ACCOUNT), "");
    let session = world.assume(&bob, &role, &[]);
    world.iam_as(&session, "ListUsers", &[]).expect_code("before", "AccessDenied");
    let policy = allow(&["iam:ListUsers"]);
    let params = [("RoleName", "Pilot"), ("PolicyName", "p"), ("PolicyDocument", policy.as_str())];
    world.iam("PutRolePolicy", &params);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("granted");
    world.iam("DeleteRolePolicy", &params[..2]);
    world.iam_as(&session, "ListUsers", &[]).expect_code("taken away", "AccessDenied");
}

#[test]
fn fact_008_the_callers_own_policies_play_no_part_in_the_session() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole", "iam:ListUsers"]));
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListRoles"]));
    let session = world.assume(&bob, &role, &[]);
    world.iam_as(&session, "ListUsers", &[]).expect_code("the caller's allow", "AccessDenied");
    let deny = allow(&["iam:ListRoles"]).replace("\"Allow\"", "\"Deny\"");
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "no"), ("PolicyDocument", &deny)]);
    world.iam_as(&bob, "ListRoles", &[]).expect_code("the caller's deny", "AccessDenied");
    world.iam_as(&session, "ListRoles", &[]).expect_ok("the role's allow");
}

#[test]
fn fact_037_passing_a_role_is_checked_when_it_is_passed() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    world.role("Keeper", EC2, "");
    for profile in ["ships", "boats"] {
        world.iam("CreateInstanceProfile", &[("InstanceProfileName", profile)]);
    }
    let passing = |role: &str, service: &str, associated: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"}},
                {{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{ACCOUNT}:role/{role}","Condition":{{
                    "StringEquals":{{"iam:PassedToService":"{service}"}},"ArnLike":{{"iam:AssociatedResourceArn":"{associated}"}}}}}}]}}"#
        )
    };
    let instances = format!("arn:aws:ec2:*:{ACCOUNT}:instance/*");
    let add = |who: &Keys, profile: &str| {
        let params = [("InstanceProfileName", profile), ("RoleName", "Pilot")];
        world.iam_as(who, "AddRoleToInstanceProfile", &params)
    };
    let refused = [
        ("other-role", passing("Keeper", "ec2.amazonaws.com", &instances)),
        ("other-service", passing("Pilot", "lambda.amazonaws.com", &instances)),
        ("other-resource", passing("Pilot", "ec2.amazonaws.com", "arn:aws:lambda:*:*:function:*")),
    ];
    for (name, policy) in refused {
        let answer = add(&world.user(name, &policy), "ships").expect_code(name, "AccessDenied");
        assert!(answer.message().contains("iam:PassRole"), "{}", answer.message());
    }
    let right = world.user("right", &passing("Pilot", "ec2.amazonaws.com", &instances));
    add(&right, "ships").expect_ok("passed");
    // What was passed stays passed: the right counts at the moment of passing alone.
    world.iam("DeleteUserPolicy", &[("UserName", "right"), ("PolicyName", "p")]);
    add(&right, "boats").expect_code("later", "AccessDenied");
    assert_eq!(
        world.iam("GetInstanceProfile", &[("InstanceProfileName", "ships")]).texts("RoleName"),
        ["Pilot"]
    );
}

#[test]
fn fact_038_a_chained_session_lasts_an_hour_at_most_and_more_is_an_error() {
    let world = World::new();
    let may = allow(&["sts:AssumeRole"]);
    let bob = world.user("bob", &may);
    let role = world.role("Pilot", &trust(ACCOUNT), &may);
    world.iam("UpdateRole", &[("RoleName", "Pilot"), ("MaxSessionDuration", "43200")]);
    let first = assume(&world, &bob, &role, &[("DurationSeconds", "43200")]).expect_ok("no chain").keys();
    let longer = [("DurationSeconds", "3601")];
    let refused = assume(&world, &first, &role, &longer).expect_code("chain", "ValidationError");
    assert!(refused.message().contains("role chaining"), "{}", refused.message());
    let chained = assume(&world, &first, &role, &[("DurationSeconds", "3600")]).expect_ok("an hour");
    assert_eq!(chained.text("Expiration"), "2026-01-02T04:04:05Z");
    // The next link is a chain as well.
    assume(&world, &chained.keys(), &role, &longer).expect_code("third link", "ValidationError");
    let user_session = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("GetSessionToken").keys();
    assume(&world, &user_session, &role, &longer).expect_ok("the session of a user begins no chain");
}

#[test]
fn fact_039_an_external_id_is_a_condition_key_of_limited_letters_and_length() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let demanding = trust(ACCOUNT)
        .replace("\"Action\"", r#""Condition":{"StringLike":{"sts:ExternalId":"t*"}},"Action""#);
    let role = world.role("Pilot", &demanding, "");
    let longest = "t".repeat(1_224);
    for good in ["tt", "tide-42", "t=,.@:/-_+", longest.as_str()] {
        assume(&world, &bob, &role, &[("ExternalId", good)]).expect_ok(good);
    }
    let too_long = "t".repeat(1_225);
    for bad in ["", "t", "t t", "t*", "t?", "tä", "t#", too_long.as_str()] {
        assume(&world, &bob, &role, &[("ExternalId", bad)]).expect_code(bad, "ValidationError");
    }
    assume(&world, &bob, &role, &[]).expect_code("none", "AccessDenied");
    assume(&world, &bob, &role, &[("ExternalId", "other")]).expect_code("another", "AccessDenied");
    // A role that asks for none takes any.
    let open = world.role("Open", &trust(ACCOUNT), "");
    assume(&world, &bob, &open, &[("ExternalId", "any")]).expect_ok("any");
}

#[test]
fn fact_040_principals_are_kept_by_unique_id_and_condition_values_are_not() {
    let world = World::new();
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    let may = allow(&["sts:AssumeRole"]);
    let bob = world.user("bob", &may);
    let id = world.iam("GetUser", &[("UserName", "bob")]).text("UserId");
    let by_principal = world.role("ByPrincipal", &trust(&arn), "");
    let condition = format!(r#""Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{arn}"}}}},"Action""#);
    let by_condition = world.role("ByCondition", &trust(ACCOUNT).replace("\"Action\"", &condition), "");
    for role in [&by_principal, &by_condition] {
        assume(&world, &bob, role, &[]).expect_ok(role);
    }
    let shown = |role: &str| {
        let document = world.iam("GetRole", &[("RoleName", role)]).text("AssumeRolePolicyDocument");
        wire::percent::decode(document.as_bytes()).unwrap().into_owned()
    };
    assert!(shown("ByPrincipal").contains(&arn));

    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    world.iam("DeleteUser", &[("UserName", "bob")]);
    assert!(shown("ByPrincipal").contains(&id) && !shown("ByPrincipal").contains(&arn));
    assert!(shown("ByCondition").contains(&arn) && !shown("ByCondition").contains(&id));
    let another_bob = world.user("bob", &may);
    assume(&world, &another_bob, &by_principal, &[]).expect_code("the name is not the user", "AccessDenied");
    assume(&world, &another_bob, &by_condition, &[]).expect_ok("the text is the same");
}

#[test]
fn fact_041_trust_in_a_shared_provider_needs_a_subject_whose_first_value_counts() {
    const GITHUB: &str = "token.actions.githubusercontent.com";
    let world = World::new();
    let principal = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}");
    let document = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{principal}"}},"Action":"sts:AssumeRoleWithWebIdentity"{condition}}}]}}"#
        )
    };
    let like =
        |values: &str| document(&format!(r#","Condition":{{"StringLike":{{"{GITHUB}:sub":{values}}}}}"#));
    let refused = [
        document(""),
        document(&format!(r#","Condition":{{"StringEquals":{{"{GITHUB}:aud":"sts.amazonaws.com"}}}}"#)),
        document(&format!(r#","Condition":{{"StringNotEquals":{{"{GITHUB}:sub":"repo:evil/x"}}}}"#)),
        like(r#""*""#),
        like(r#"["*"]"#),
        like(r#"["*","repo:acme/x"]"#),
    ];
    for text in &refused {
        let params = [("RoleName", "Deployer"), ("AssumeRolePolicyDocument", text.as_str())];
        let answer = world.iam_fails("CreateRole", &params, "MalformedPolicyDocument");
        let expected = format!(
            "Trust policy with trusted principal {principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {GITHUB}:sub or {GITHUB}:job_workflow_ref which is not scoped to all"
        );
        assert!(answer.message().contains(&expected), "{text}: {}", answer.message());
    }
    // Only the first value is looked at, as AWS does: a star behind it passes, and admits everybody.
    let accepted = [
        like(r#""repo:acme/*""#),
        like(r#"["repo:acme/x","*"]"#),
        like(r#""repo:*""#),
        like(r#""repo:*/*""#),
    ];
    for (place, text) in accepted.iter().enumerate() {
        world.role(&format!("Deployer{place}"), text, "");
    }
    // A provider of one's own is not shared with others.
    world.role("Own", &document("").replace(GITHUB, "login.example.org"), "");
    let update = [("RoleName", "Deployer0"), ("PolicyDocument", refused[0].as_str())];
    world.iam_fails("UpdateAssumeRolePolicy", &update, "MalformedPolicyDocument");
}
