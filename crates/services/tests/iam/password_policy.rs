use crate::harness::World;

#[test]
fn a_policy_is_set_shown_and_deleted() {
    let world = World::new();
    let none = world.iam_fails("DeleteAccountPasswordPolicy", &[], "NoSuchEntity");
    assert_eq!(none.message(), "The account policy with name PasswordPolicy cannot be found.");
    world.iam("UpdateAccountPasswordPolicy", &[]);
    let least = world.iam("GetAccountPasswordPolicy", &[]);
    assert_eq!(least.text("MinimumPasswordLength"), "6");
    for flag in [
        "RequireSymbols",
        "RequireNumbers",
        "RequireUppercaseCharacters",
        "RequireLowercaseCharacters",
        "AllowUsersToChangePassword",
        "ExpirePasswords",
    ] {
        assert_eq!(least.text(flag), "false", "{flag}");
    }
    for unset in ["MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"] {
        assert!(!least.has(unset), "{unset}");
    }
    world.iam(
        "UpdateAccountPasswordPolicy",
        &[
            ("MinimumPasswordLength", "14"),
            ("MaxPasswordAge", "90"),
            ("PasswordReusePrevention", "24"),
            ("HardExpiry", "true"),
            ("RequireSymbols", "true"),
        ],
    );
    let set = world.iam("GetAccountPasswordPolicy", &[]);
    let texts = ["MinimumPasswordLength", "MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"];
    assert_eq!(texts.map(|name| set.text(name)), ["14", "90", "24", "true"]);
    assert_eq!((set.text("ExpirePasswords"), set.text("RequireSymbols")), ("true".into(), "true".into()));
    // What is not given goes back to its default.
    world.iam("UpdateAccountPasswordPolicy", &[("MinimumPasswordLength", "10")]);
    let narrowed = world.iam("GetAccountPasswordPolicy", &[]);
    assert_eq!((narrowed.text("RequireSymbols"), narrowed.has("MaxPasswordAge")), ("false".into(), false));
    world.iam("DeleteAccountPasswordPolicy", &[]);
    world.iam_fails("GetAccountPasswordPolicy", &[], "NoSuchEntity");
}

#[test]
fn numbers_have_bounds() {
    let world = World::new();
    for (name, least, most) in
        [("MinimumPasswordLength", 6, 128), ("MaxPasswordAge", 1, 1095), ("PasswordReusePrevention", 1, 24)]
    {
        for good in [least, most] {
            world.iam("UpdateAccountPasswordPolicy", &[(name, &good.to_string())]);
        }
        for bad in [least - 1, most + 1, -1] {
            world.iam_fails("UpdateAccountPasswordPolicy", &[(name, &bad.to_string())], "ValidationError");
        }
    }
}

#[test]
fn an_account_has_its_own() {
    let world = World::new();
    let other = world.second_account();
    world.iam("UpdateAccountPasswordPolicy", &[("MinimumPasswordLength", "20")]);
    world.iam_as(&other, "GetAccountPasswordPolicy", &[]).expect_code("another's", "NoSuchEntity");
    world.iam_as(&other, "CreateUser", &[("UserName", "bob")]).expect_ok("user");
    let params = [("UserName", "bob"), ("Password", "short-but-Good")];
    world.iam_as(&other, "CreateLoginProfile", &params).expect_ok("AWS's default policy holds there");
}

/// Presets and the block list are of our own service.
#[test]
fn presets_set_policy_and_block_list() {
    let world = World::new();
    let ask = |action: &str, input: &str| world.own_as(&world.admin, action, input);
    let shown = ask("GetPasswordPolicy", "{}").expect_ok("get").json();
    assert_eq!((shown["Preset"].as_str(), shown["BlockList"].as_bool()), (Some("aws-default"), Some(false)));
    for (preset, length, list) in [("cis", 14, false), ("pci-4.0.1", 12, false), ("nist-63b-4", 15, true)] {
        let set = ask("SetPasswordPolicy", &format!(r#"{{"Preset":"{preset}"}}"#)).expect_ok(preset).json();
        assert_eq!(set["Preset"], preset);
        assert_eq!(set["BlockList"], list);
        let seen = world.iam("GetAccountPasswordPolicy", &[]);
        assert_eq!(seen.text("MinimumPasswordLength"), length.to_string());
        assert_eq!(seen.text("AllowUsersToChangePassword"), "true");
    }
    world.iam("CreateUser", &[("UserName", "jane.miller")]);
    let make = |password: &str| {
        let params = [("UserName", "jane.miller"), ("Password", password)];
        world.iam_as(&world.admin, "CreateLoginProfile", &params)
    };
    let easy = make("JaneMiller-Summer-2026!").expect_code("easy", "PasswordPolicyViolation");
    assert!(easy.message().contains("easy to guess"), "{}", easy.message());
    ask("SetPasswordPolicy", r#"{"Words":["Zeppelin"]}"#).expect_ok("words");
    make("ZeppelinZeppelin7").expect_code("an own word", "PasswordPolicyViolation");
    ask("SetPasswordPolicy", r#"{"BlockList":false}"#).expect_ok("off");
    make("JaneMiller-Summer-2026!").expect_ok("as AWS has it");
    let reset = ask("SetPasswordPolicy", r#"{"Preset":"aws-default"}"#).expect_ok("default").json();
    assert_eq!(reset["PasswordPolicy"], serde_json::Value::Null);
    world.iam_fails("GetAccountPasswordPolicy", &[], "NoSuchEntity");

    ask("SetPasswordPolicy", r#"{"Preset":"CIS"}"#).expect_code("no such preset", "ValidationException");
    ask("SetPasswordPolicy", r#"{"Words":["abc"]}"#).expect_code("too short", "ValidationException");
    let bob = world.user("bob", &crate::harness::allow(&["bailiwick:*"]));
    world
        .own_as(&bob, "SetPasswordPolicy", r#"{"Preset":"cis"}"#)
        .expect_code("without IAM's right", "AccessDeniedException");
}
