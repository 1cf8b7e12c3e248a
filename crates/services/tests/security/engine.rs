//! What policies must not be led to.

use crate::harness::{ACCOUNT, World, allow};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn statement(effect: &str, action: &str, resource: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{more}}}]}}"#
    )
}

#[test]
fn case_064_headers_named_like_condition_keys_feed_no_condition() {
    let world = World::new();
    for (key, value, header) in [
        ("aws:username", "admin", "x-amz-username"),
        ("aws:userid", "admin", "userid"),
        ("aws:PrincipalTag/Team", "admins", "aws-principaltag-team"),
        ("aws:PrincipalArn", "admin", "aws-principalarn"),
        ("aws:SourceIdentity", "admin", "x-amz-source-identity"),
        ("aws:MultiFactorAuthPresent", "true", "aws-multifactorauthpresent"),
        ("aws:SecureTransport", "true", "x-forwarded-proto"),
    ] {
        let condition = format!(r#","Condition":{{"StringEquals":{{"{key}":"{value}"}}}}"#);
        let name = format!("user-{}", header);
        let bob = world.user(&name, &statement("Allow", "iam:ListUsers", "*", &condition));
        world.refused(key, "AccessDenied", || {
            let mut incoming = world.prepare(&bob, "iam", "ListUsers", &[]);
            incoming.headers.insert(header, value.parse().unwrap());
            world.send_raw(incoming)
        });
    }
}

#[test]
fn case_065_the_source_address_is_the_sockets() {
    let world = World::new();
    let condition = r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#;
    let bob = world.user("bob", &statement("Allow", "iam:ListUsers", "*", condition));
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "cf-connecting-ip"] {
        world.refused(header, "AccessDenied", || {
            let mut incoming = world.prepare(&bob, "iam", "ListUsers", &[]);
            let value = if header == "forwarded" { "for=10.0.0.1" } else { "10.0.0.1" };
            incoming.headers.insert(header, value.parse().unwrap());
            world.send_raw(incoming)
        });
    }
}

#[test]
fn case_066_sets_of_values_are_compared_as_documented() {
    let world = World::new();
    let may = |name: &str, operator: &str, tags: &[&str]| {
        let condition = format!(r#","Condition":{{"{operator}":{{"aws:TagKeys":["Team"]}}}}"#);
        let rights = statement("Allow", "iam:TagUser", "*", &condition);
        let bob = world.user(name, &rights);
        let mut params = vec![("UserName".to_owned(), "dev".to_owned())];
        for (place, tag) in tags.iter().enumerate() {
            params.push((format!("Tags.member.{}.Key", place + 1), (*tag).to_owned()));
            params.push((format!("Tags.member.{}.Value", place + 1), "v".to_owned()));
        }
        let params: Vec<_> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        world.iam_as(&bob, "TagUser", &params).is_ok()
    };
    assert!(may("all-1", "ForAllValues:StringEquals", &["Team"]));
    assert!(!may("all-2", "ForAllValues:StringEquals", &["Team", "Cost"]));
    assert!(may("any-1", "ForAnyValue:StringEquals", &["Team", "Cost"]));
    assert!(!may("any-2", "ForAnyValue:StringEquals", &["Cost"]));
    assert!(!may("not-all", "ForAllValues:StringNotEquals", &["Team", "Cost"]));
    assert!(may("not-any", "ForAnyValue:StringNotEquals", &["Team", "Cost"]));
    assert!(!may("not-any-2", "ForAnyValue:StringNotEquals", &["Team"]));
    // A key that is missing is an empty set: all of its values hold, and none of them does.
    let keyless = |name: &str, operator: &str| {
        let condition = format!(r#","Condition":{{"{operator}":{{"aws:TagKeys":["Team"]}}}}"#);
        let bob = world.user(name, &statement("Allow", "iam:ListUsers", "*", &condition));
        world.iam_as(&bob, "ListUsers", &[]).is_ok()
    };
    assert!(keyless("empty-all", "ForAllValues:StringEquals"));
    assert!(!keyless("empty-any", "ForAnyValue:StringEquals"));
    assert!(!keyless("empty-not-any", "ForAnyValue:StringNotEquals"));
}

#[test]
fn case_067_resources_match_whole_and_as_they_are_written() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "team")]);
    world.iam("CreateUser", &[("UserName", "team-b")]);
    world.iam("CreateUser", &[("UserName", "boss"), ("Path", "/team/../")]);
    let arn = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    let may = |name: &str, resource: &str, target: &str| {
        let bob = world.user(name, &statement("Allow", "iam:GetUser", resource, ""));
        world.iam_as(&bob, "GetUser", &[("UserName", target)]).is_ok()
    };
    assert!(may("exact", &arn("user/team"), "team"));
    assert!(!may("prefix", &arn("user/team"), "team-b"));
    assert!(may("star", &arn("user/team*"), "team-b"));
    assert!(!may("one", &arn("user/tea"), "team"));
    assert!(may("question", &arn("user/tea?"), "team"));
    assert!(!may("literal", &arn("user/${*}"), "team"));
    assert!(!may("account", "arn:aws:iam::210987654321:user/team", "team"));
    assert!(!may("partition", &format!("arn:aws-cn:iam::{ACCOUNT}:user/team"), "team"));
    assert!(!may("dots", &arn("user/boss"), "boss"));
    assert!(!may("encoded", &arn("user/te%61m"), "team"));
    assert!(!may("kind", &arn("group/*"), "team"));
}

#[test]
fn case_068_what_is_turned_round_or_unknown_gives_nothing_more() {
    let world = World::new();
    let document = |version: &str, body: &str| format!(r#"{{"Version":"{version}","Statement":[{body}]}}"#);
    let bob = world.user(
        "not-action",
        &document("2012-10-17", r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#),
    );
    world.refused("NotAction", "AccessDenied", || world.iam_as(&bob, "ListUsers", &[]));
    world.own_as(&bob, "Status", "{}").expect_ok("everything else");
    let variable = format!(
        r#"{{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::{ACCOUNT}:user/${{aws:nothing}}"}}"#
    );
    let bob = world.user("unknown", &document("2012-10-17", &variable));
    world.refused("a variable without value", "AccessDenied", || {
        world.iam_as(&bob, "GetUser", &[("UserName", "unknown")])
    });
    let own = format!(
        r#"{{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"}}"#
    );
    let bob = world.user("new", &document("2012-10-17", &own));
    world.iam_as(&bob, "GetUser", &[("UserName", "new")]).expect_ok("2012 has variables");
    let old = document("2008-10-17", &own);
    world.refused("IAM takes no old version", "MalformedPolicyDocument", || {
        let params = [("UserName", "new"), ("PolicyName", "old"), ("PolicyDocument", old.as_str())];
        world.iam_as(&world.admin, "PutUserPolicy", &params)
    });
    let not_resource = format!(
        r#"{{"Effect":"Allow","Action":"iam:GetUser","NotResource":"arn:aws:iam::{ACCOUNT}:user/dev"}}"#
    );
    let bob = world.user("not-resource", &document("2012-10-17", &not_resource));
    world.refused("NotResource", "AccessDenied", || world.iam_as(&bob, "GetUser", &[("UserName", "dev")]));
}

#[test]
fn case_069_documents_that_can_be_read_in_two_ways_are_refused() {
    let world = World::new();
    let good = allow(&["iam:ListUsers"]);
    let deep = "[".repeat(20_000);
    for (what, document) in [
        ("a key twice", good.replace("\"Effect\"", "\"Effect\":\"Deny\",\"Effect\"")),
        ("a key twice in other letters", good.replace("\"Effect\"", "\"effect\":\"Deny\",\"Effect\"")),
        ("an unknown field", good.replace("\"Effect\"", "\"Owner\":\"me\",\"Effect\"")),
        ("text after it", format!("{good}{{}}")),
        ("nesting", good.replace("\"*\"", &format!("{deep}\"*\"{}", "]".repeat(20_000)))),
        ("no JSON", "Allow everything".to_owned()),
        ("a comment", good.replace('{', "{/* */")),
        ("an unknown effect", good.replace("Allow", "allow")),
        ("an unknown version", good.replace("2012-10-17", "2099-01-01")),
    ] {
        world.refused(what, "MalformedPolicyDocument", || {
            let params = [("UserName", "dev"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
            world.iam_as(&world.admin, "PutUserPolicy", &params)
        });
    }
    for (what, letter) in [("NUL", "\u{0}"), ("beyond Latin-1", "\u{6f22}")] {
        let document = good.replace("iam:ListUsers", &format!("iam:List{letter}"));
        let params = [("UserName", "dev"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
        let answer = world.iam_as(&world.admin, "PutUserPolicy", &params);
        assert!(
            ["ValidationError", "MalformedPolicyDocument"].contains(&&*answer.code()),
            "{what}: {}",
            answer.body
        );
    }
}

/// The greatest policy of wildcards that a role can have, against the longest name: a matcher that tries every way of
/// sharing the name out among the wildcards would not come to an end.
#[test]
fn case_070_wildcards_cost_bounded_time() {
    let world = World::new();
    let pattern = format!("arn:aws:iam::{ACCOUNT}:user/{}b", "a*".repeat(450));
    let resources = vec![format!("\"{pattern}\""); 10].join(",");
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:GetUser","Resource":[{resources}]}}]}}"#
    );
    let role = world.role("Wild", &crate::harness::trust(ACCOUNT), &document);
    let session = world.assume(&world.admin, &role, &[]);
    let name = "a".repeat(64);
    world.iam_as(&session, "GetUser", &[("UserName", &name)]).expect_code("no match", "AccessDenied");
}

/// A user has one right or the other, never both; an operation that needs both is never allowed, however the policy
/// changes meanwhile.
#[test]
fn case_073_one_request_sees_one_state_of_the_policies() {
    let world = Arc::new(World::new());
    world.role("Pilot", &crate::harness::trust(ACCOUNT), "");
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "Profile")]);
    let (one, other) = (allow(&["iam:AddRoleToInstanceProfile"]), allow(&["iam:PassRole"]));
    let bob = world.user("bob", &one);
    let over = Arc::new(AtomicBool::new(false));
    let flipper = std::thread::spawn({
        let (world, over) = (Arc::clone(&world), Arc::clone(&over));
        move || {
            while !over.load(Ordering::Relaxed) {
                for document in [&other, &one] {
                    let params =
                        [("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
                    world.iam("PutUserPolicy", &params);
                }
            }
        }
    });
    let params = [("InstanceProfileName", "Profile"), ("RoleName", "Pilot")];
    for _ in 0..300 {
        world.iam_as(&bob, "AddRoleToInstanceProfile", &params).expect_code("never both", "AccessDenied");
    }
    over.store(true, Ordering::Relaxed);
    flipper.join().unwrap();
}
