use crate::harness::{ACCOUNT, Answer, World};
use crate::{allow_on, arn};

fn create(world: &World, service: &str) -> Answer {
    world.iam("CreateServiceSpecificCredential", &[("UserName", "bob"), ("ServiceName", service)])
}

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world
}

fn list(world: &World, params: &[(&str, &str)]) -> Answer {
    world.iam("ListServiceSpecificCredentials", params)
}

#[test]
fn a_password_is_shown_once() {
    let world = world();
    let made = create(&world, "codecommit.amazonaws.com");
    assert_eq!(made.text("ServiceUserName"), format!("bob-at-{ACCOUNT}"));
    assert_eq!((made.text("UserName"), made.text("Status")), ("bob".into(), "Active".into()));
    let (id, password) = (made.text("ServiceSpecificCredentialId"), made.text("ServicePassword"));
    assert!(id.starts_with("ACCA") && password.len() == 60 && password.ends_with('='), "{id}");
    for absent in ["ServiceCredentialAlias", "ServiceCredentialSecret", "ExpirationDate"] {
        assert!(!made.has(absent), "{absent}");
    }
    let listed = list(&world, &[("UserName", "bob")]);
    assert_eq!(listed.texts("ServiceSpecificCredentialId"), std::slice::from_ref(&id));
    assert!(!listed.body.contains(&password) && !listed.has("ServicePassword"));
    let reset = world
        .iam("ResetServiceSpecificCredential", &[("UserName", "bob"), ("ServiceSpecificCredentialId", &id)]);
    assert_ne!(reset.text("ServicePassword"), password);
    assert_eq!(reset.text("ServiceUserName"), format!("bob-at-{ACCOUNT}"));
    let of = [("UserName", "bob"), ("ServiceSpecificCredentialId", id.as_str())];
    world.iam("UpdateServiceSpecificCredential", &[of[0], of[1], ("Status", "Inactive")]);
    assert_eq!(list(&world, &[("UserName", "bob")]).text("Status"), "Inactive");
    let conflict = world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must remove referenced objects first.");
    world.iam("DeleteServiceSpecificCredential", &of);
    let gone = world.iam_fails("DeleteServiceSpecificCredential", &of, "NoSuchEntity");
    assert_eq!(gone.message(), format!("No such credential {id} exists"));
    world.iam("DeleteUser", &[("UserName", "bob")]);
}

#[test]
fn an_api_key_has_an_alias_and_may_end() {
    let world = world();
    let params = [("UserName", "bob"), ("ServiceName", "bedrock.amazonaws.com"), ("CredentialAgeDays", "30")];
    let made = world.iam("CreateServiceSpecificCredential", &params);
    assert_eq!(made.text("ServiceCredentialAlias"), format!("bob-at-{ACCOUNT}"));
    assert!(made.text("ServiceCredentialSecret").starts_with("ABSK"));
    assert_eq!(made.text("ExpirationDate"), "2026-02-01T03:04:05Z");
    assert!(!made.has("ServiceUserName") && !made.has("ServicePassword"));
    assert_eq!(list(&world, &[("UserName", "bob")]).text("Status"), "Active");
    world.clock.advance(std::time::Duration::from_secs(30 * 86_400));
    assert_eq!(list(&world, &[("UserName", "bob")]).text("Status"), "Expired");
    let code =
        [("UserName", "bob"), ("ServiceName", "codecommit.amazonaws.com"), ("CredentialAgeDays", "30")];
    world.iam_fails("CreateServiceSpecificCredential", &code, "ValidationError");
}

#[test]
fn two_for_each_service() {
    let world = world();
    for service in ["codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com"] {
        create(&world, service);
        let second = create(&world, service);
        let login = if service.starts_with("bedrock") { "ServiceCredentialAlias" } else { "ServiceUserName" };
        assert_eq!(second.text(login), format!("bob+1-at-{ACCOUNT}"));
        let third = [("UserName", "bob"), ("ServiceName", service)];
        let refused = world.iam_fails("CreateServiceSpecificCredential", &third, "LimitExceeded");
        assert_eq!(refused.message(), "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2");
    }
    let some = list(&world, &[("UserName", "bob"), ("ServiceName", "cassandra.amazonaws.com")]);
    assert_eq!(some.texts("ServiceSpecificCredentialId").len(), 2);
    let unknown = [("UserName", "bob"), ("ServiceName", "s3.amazonaws.com")];
    for action in ["CreateServiceSpecificCredential", "ListServiceSpecificCredentials"] {
        let refused = world.iam_fails(action, &unknown, "NoSuchEntity");
        assert_eq!(
            refused.message(),
            "No such service s3.amazonaws.com is supported for Service Specific Credentials"
        );
    }
}

#[test]
fn those_of_all_users_come_in_pages() {
    let world = world();
    world.iam("CreateUser", &[("UserName", "ann")]);
    create(&world, "codecommit.amazonaws.com");
    create(&world, "cassandra.amazonaws.com");
    let params = [("UserName", "ann"), ("ServiceName", "codecommit.amazonaws.com")];
    world.iam("CreateServiceSpecificCredential", &params);
    let first = list(&world, &[("AllUsers", "true"), ("MaxItems", "2")]);
    let rest = list(&world, &[("AllUsers", "true"), ("Marker", &first.text("Marker"))]);
    let mut users = first.texts("UserName");
    users.extend(rest.texts("UserName"));
    users.sort();
    assert_eq!(users, ["ann", "bob", "bob"]);
    let both = [("AllUsers", "true"), ("UserName", "bob")];
    world.iam_fails("ListServiceSpecificCredentials", &both, "ValidationError");
}

#[test]
fn policies_limit_the_service_and_the_age() {
    let world = world();
    let condition = r#"{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},
        "NumericLessThanEquals":{"iam:ServiceSpecificCredentialAgeDays":"90"}}"#;
    let eve =
        world.user("eve", &allow_on("iam:CreateServiceSpecificCredential", &arn("user/bob"), condition));
    let ask = |service, days: &str| {
        let params = [("UserName", "bob"), ("ServiceName", service), ("CredentialAgeDays", days)];
        world.iam_as(&eve, "CreateServiceSpecificCredential", &params)
    };
    ask("bedrock.amazonaws.com", "91").expect_code("too long", "AccessDenied");
    ask("logs.amazonaws.com", "30").expect_code("another service", "AccessDenied");
    ask("bedrock.amazonaws.com", "90").expect_ok("as allowed");
}
