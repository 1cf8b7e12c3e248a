use crate::harness::World;
use crate::{allow_on, arn};

/// Lists of a user's credentials, each with the element that holds them.
const OF_USERS: [(&str, &str); 4] = [
    ("ListMFADevices", "MFADevices"),
    ("ListSSHPublicKeys", "SSHPublicKeys"),
    ("ListSigningCertificates", "Certificates"),
    ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
];

#[test]
fn kinds_that_cannot_be_made_are_truly_none() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for (action, list) in OF_USERS {
        let answer = world.iam(action, &[("UserName", "bob")]);
        assert!(answer.has(list) && answer.texts("member").is_empty(), "{action}: {}", answer.body);
        world.iam(action, &[]);
        let missing = world.iam_fails(action, &[("UserName", "nobody")], "NoSuchEntity");
        assert_eq!(missing.message(), "The user with name nobody cannot be found.");
    }
    for (action, list) in [
        ("ListVirtualMFADevices", "VirtualMFADevices"),
        ("ListServerCertificates", "ServerCertificateMetadataList"),
        ("ListSAMLProviders", "SAMLProviderList"),
    ] {
        let answer = world.iam(action, &[]);
        assert!(answer.has(list) && answer.texts("member").is_empty(), "{action}: {}", answer.body);
    }
}

#[test]
fn nobody_has_a_login_profile() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for action in ["GetLoginProfile", "DeleteLoginProfile"] {
        let none = world.iam_fails(action, &[("UserName", "bob")], "NoSuchEntity");
        assert_eq!(
            (none.status, none.message().as_str()),
            (404, "Login Profile for User bob cannot be found.")
        );
        let missing = world.iam_fails(action, &[("UserName", "nobody")], "NoSuchEntity");
        assert_eq!(missing.message(), "The user with name nobody cannot be found.");
    }
}

#[test]
fn no_account_has_a_password_policy() {
    let world = World::new();
    let none = world.iam_fails("GetAccountPasswordPolicy", &[], "NoSuchEntity");
    assert_eq!(
        none.message(),
        format!("The Password Policy with domain name {} cannot be found.", crate::ACCOUNT)
    );
}

#[test]
fn lists_of_others_need_the_right_on_them() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let eve = world.user("eve", &allow_on("iam:List*", &arn("user/${aws:username}"), ""));
    for (action, _) in OF_USERS {
        world.iam_as(&eve, action, &[]).expect_ok(action);
        world.iam_as(&eve, action, &[("UserName", "bob")]).expect_code(action, "AccessDenied");
    }
    world
        .iam_as(&eve, "ListServiceSpecificCredentials", &[("AllUsers", "true")])
        .expect_code("all", "AccessDenied");
    world.iam("ListServiceSpecificCredentials", &[("AllUsers", "true")]);
}
