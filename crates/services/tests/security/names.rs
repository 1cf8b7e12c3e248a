//! Names and paths lead to what they name and to nothing else.

use crate::harness::{ACCOUNT, World, trust};

fn allow_on(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

#[test]
fn case_083_names_differ_by_more_than_case() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "Admin")]);
    for name in ["admin", "ADMIN", "aDmin"] {
        world.iam_fails("CreateUser", &[("UserName", name)], "EntityAlreadyExists");
        world.iam_fails("CreateUser", &[("UserName", name), ("Path", "/else/")], "EntityAlreadyExists");
    }
    world.iam("CreateUser", &[("UserName", "other")]);
    let rename = [("UserName", "other"), ("NewUserName", "ADMIN")];
    world.iam_fails("UpdateUser", &rename, "EntityAlreadyExists");
    // A right on `user/admin` is no right on `user/Admin`, whatever case the request uses.
    let eve = world.user("eve", &allow_on("iam:CreateAccessKey", &arn("user/admin")));
    for name in ["admin", "Admin", "ADMIN"] {
        world.iam_as(&eve, "CreateAccessKey", &[("UserName", name)]).expect_code(name, "AccessDenied");
    }
}

#[test]
fn case_083_the_path_is_part_of_what_a_policy_names() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob"), ("Path", "/ops/")]);
    world.iam("CreateUser", &[("UserName", "ann")]);
    let plain = world.user("plain", &allow_on("iam:CreateAccessKey", &arn("user/bob")));
    world.iam_as(&plain, "CreateAccessKey", &[("UserName", "bob")]).expect_code("no path", "AccessDenied");
    let ops = world.user("ops", &allow_on("iam:CreateAccessKey", &arn("user/ops/*")));
    world.iam_as(&ops, "CreateAccessKey", &[("UserName", "bob")]).expect_ok("its path");
    world.iam_as(&ops, "CreateAccessKey", &[("UserName", "ann")]).expect_code("root path", "AccessDenied");
    world.role("pilot", &trust(ACCOUNT), "");
    let passer = world.user("passer", &allow_on("iam:GetRole", &arn("role/ops/pilot")));
    world.iam_as(&passer, "GetRole", &[("RoleName", "pilot")]).expect_code("other path", "AccessDenied");
}

#[test]
fn case_083_names_cannot_climb() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for name in [
        "../bob",
        "ops/bob",
        "bob/",
        "/bob",
        "*",
        "b?b",
        "bob\0",
        "bob bob",
        "bob\r\n",
        "${aws:username}",
        "",
    ] {
        let answer = world.iam_as(&world.admin, "GetUser", &[("UserName", name)]);
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{name:?}");
    }
    for path in ["ops/", "/ops", "//x y/", "/a\nb/", ""] {
        let params = [("UserName", "new"), ("Path", path)];
        world.iam_fails("CreateUser", &params, "ValidationError");
    }
    // Dots in a path are letters like others: they climb nowhere.
    world.iam("CreateUser", &[("UserName", "dots"), ("Path", "/ops/../")]);
    let root = world.user("root-only", &allow_on("iam:GetUser", &arn("user/dots")));
    world.iam_as(&root, "GetUser", &[("UserName", "dots")]).expect_code("not resolved", "AccessDenied");
}
