use crate::harness::{ACCOUNT, World, allow, trust};
use crate::{allow_on, arn};

const KINDS: [(&str, &str, usize); 3] =
    [("User", "UserName", 2_048), ("Group", "GroupName", 5_120), ("Role", "RoleName", 10_240)];

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world.iam("CreateGroup", &[("GroupName", "bob")]);
    world.role("bob", &trust(ACCOUNT), "");
    world
}

/// A policy of exactly this counted size.
fn sized(size: usize) -> String {
    let empty = allow_on("s3:*", "arn:aws:s3:::", "").len();
    allow_on("s3:*", &format!("arn:aws:s3:::{}", "b".repeat(size - empty)), "")
}

#[test]
fn policies_are_put_read_listed_and_deleted() {
    let world = world();
    let text = "{ \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"} }";
    for (kind, name, _) in KINDS {
        let (put, get) = (format!("Put{kind}Policy"), format!("Get{kind}Policy"));
        let (delete, list) = (format!("Delete{kind}Policy"), format!("List{kind}Policies"));
        world.iam(&put, &[(name, "bob"), ("PolicyName", "b"), ("PolicyDocument", &allow(&["s3:*"]))]);
        world.iam(&put, &[(name, "bob"), ("PolicyName", "b"), ("PolicyDocument", text)]);
        world.iam(&put, &[(name, "bob"), ("PolicyName", "a"), ("PolicyDocument", text)]);
        let got = world.iam(&get, &[(name, "BOB"), ("PolicyName", "b")]);
        assert_eq!((got.text(name), got.text("PolicyName")), ("bob".into(), "b".into()));
        // Byte for byte as it was written, URL-encoded.
        assert_eq!(got.text("PolicyDocument"), wire::percent::encode(text).to_string());
        assert_eq!(members(&world.iam(&list, &[(name, "bob")])), ["a", "b"]);
        let first = world.iam(&list, &[(name, "bob"), ("MaxItems", "1")]);
        let rest = world.iam(&list, &[(name, "bob"), ("Marker", &first.text("Marker"))]);
        assert_eq!((members(&first), members(&rest)), (vec!["a".to_owned()], vec!["b".to_owned()]));
        world.iam(&delete, &[(name, "bob"), ("PolicyName", "a")]);
        assert_eq!(members(&world.iam(&list, &[(name, "bob")])), ["b"]);

        let kind = kind.to_lowercase();
        for action in [&get, &delete] {
            let gone = world.iam_fails(action, &[(name, "bob"), ("PolicyName", "a")], "NoSuchEntity");
            assert_eq!(gone.message(), format!("The {kind} policy with name a cannot be found."));
            let nobody = world.iam_fails(action, &[(name, "nobody"), ("PolicyName", "a")], "NoSuchEntity");
            assert_eq!(nobody.message(), format!("The {kind} with name nobody cannot be found."));
        }
        world.iam_fails(
            &put,
            &[(name, "nobody"), ("PolicyName", "a"), ("PolicyDocument", text)],
            "NoSuchEntity",
        );
        world.iam_fails(&list, &[(name, "nobody")], "NoSuchEntity");
    }
}

fn members(answer: &crate::harness::Answer) -> Vec<String> {
    answer.texts("member")
}

#[test]
fn malformed_policies_are_refused_and_nothing_changes() {
    let world = world();
    let bad = [
        "not json",
        "{}",
        "[]",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"s3:*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
        r#"{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*:*","Resource":"nothing"}]}"#,
    ];
    for (kind, name, _) in KINDS {
        for document in bad {
            let put = [(name, "bob"), ("PolicyName", "p"), ("PolicyDocument", document)];
            let fault = world.iam_fails(&format!("Put{kind}Policy"), &put, "MalformedPolicyDocument");
            assert!(fault.status == 400 && !fault.message().is_empty(), "{document}");
        }
        assert!(members(&world.iam(&format!("List{kind}Policies"), &[(name, "bob")])).is_empty());
    }
}

#[test]
fn all_inline_policies_together_have_one_quota() {
    let world = world();
    for (kind, name, quota) in KINDS {
        let put = |policy: &str, document: &str| {
            let params = [(name, "bob"), ("PolicyName", policy), ("PolicyDocument", document)];
            world.iam_as(&world.admin, &format!("Put{kind}Policy"), &params)
        };
        let half = quota / 2;
        put("a", &sized(half)).expect_ok("half");
        put("b", &sized(quota - half).replace(',', ",\n     "))
            .expect_ok("exactly the quota, white space aside");
        let full = put("b", &sized(quota - half + 1)).expect_code("one more", "LimitExceeded");
        let kind = kind.to_lowercase();
        assert_eq!(full.message(), format!("Maximum policy size of {quota} bytes exceeded for {kind} bob"));
        put("c", &allow(&["s3:*"])).expect_code("another", "LimitExceeded");
        put("a", &sized(half - 200)).expect_ok("smaller");
        put("c", &sized(200)).expect_ok("now there is room");
    }
}

#[test]
fn a_policy_on_oneself_needs_the_right() {
    let world = world();
    let eve = world.user("eve", &allow_on("iam:PutUserPolicy", &arn("user/bob"), ""));
    let everything = allow(&["*"]);
    let put = |user: &str| {
        let params = [("UserName", user), ("PolicyName", "x"), ("PolicyDocument", everything.as_str())];
        world.iam_as(&eve, "PutUserPolicy", &params)
    };
    put("eve").expect_code("herself", "AccessDenied");
    put("bob").expect_ok("bob");
    let role = [("RoleName", "bob"), ("PolicyName", "x"), ("PolicyDocument", everything.as_str())];
    world.iam_as(&eve, "PutRolePolicy", &role).expect_code("role", "AccessDenied");
    world
        .iam_as(&eve, "GetUserPolicy", &[("UserName", "bob"), ("PolicyName", "x")])
        .expect_code("read", "AccessDenied");
    world
        .iam_as(&eve, "DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "x")])
        .expect_code("delete", "AccessDenied");
}

#[test]
fn a_delegate_gives_policies_only_under_a_boundary() {
    let world = world();
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let under = format!(r#"{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}"#);
    let eve = world.user("eve", &allow_on("iam:Put*Policy", "*", &under));
    let document = allow(&["*"]);
    let put = [("RoleName", "bob"), ("PolicyName", "x"), ("PolicyDocument", document.as_str())];
    world.iam_as(&eve, "PutRolePolicy", &put).expect_code("no boundary", "AccessDenied");
    world.iam("PutRolePermissionsBoundary", &[("RoleName", "bob"), ("PermissionsBoundary", boundary)]);
    world.iam_as(&eve, "PutRolePolicy", &put).expect_ok("with the boundary");
}
