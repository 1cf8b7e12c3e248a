//! Signing in as a user, and the password policy.

use crate::run::{Ran, ask, kept, signed};
use std::io::Write;
use std::process::Stdio;

/// Runs a command with lines on its standard input.
fn typed(server: &testkit::Server, arguments: &[&str], lines: &str) -> Ran {
    let mut child = server
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

fn iam(server: &testkit::Server, form: &str) {
    let (status, body) = signed(server, "iam", "/", &format!("Version=2010-05-08&{form}"));
    assert_eq!(status, 200, "{body}");
}

#[test]
fn a_user_signs_in_with_a_password() {
    let server = kept();
    iam(&server, "Action=CreateUser&UserName=alice");
    iam(&server, "Action=CreateLoginProfile&UserName=alice&Password=correct-Horse-7");
    iam(&server, "Action=CreateAccountAlias&AccountAlias=acme");
    let json = ["--format", "json"];
    let login = |more: &[&str], password: &str| {
        typed(&server, &[&["login", "--user", "Alice"], more].concat(), password)
    };
    let session = login(&json, "correct-Horse-7\n").good().json();
    let arn = format!("arn:aws:iam::{}:user/alice", server.account_id());
    assert_eq!(session["Session"]["Arn"], arn.as_str());
    assert_eq!(session["Endpoint"], server.endpoint());
    login(&["--account", "acme", "--duration", "15m"], "correct-Horse-7\n").good();
    login(&["--account", server.account_id()], "correct-Horse-7").good();
    // Over the network, and as credential_process wants it.
    let over = ["--endpoint", server.endpoint(), "--credential-process"];
    assert_eq!(login(&over, "correct-Horse-7\n").good().json()["Version"], 1);

    let wrong = login(&json, "wrong\n").bad(3, "authentication information is incorrect");
    assert!(wrong.err.contains("locked for half an hour") && !wrong.err.contains("wrong\n"), "{}", wrong.err);
    login(&["--account", "nobody"], "correct-Horse-7\n").bad(3, "authentication information is incorrect");
    login(&[], "").bad(2, "no password was given");
    login(&["--role", "Administrator"], "x\n").bad(2, "cannot be used with");
    login(&["--endpoint", "http://192.0.2.1:7373"], "x\n").bad(2, "without https");

    iam(&server, "Action=UpdateLoginProfile&UserName=alice&PasswordResetRequired=true");
    let told = login(&json, "correct-Horse-7\n").good();
    assert!(told.err.contains("must be changed"), "{}", told.err);
}

#[test]
fn presets_and_breached_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "completely-unguessable-but-known\n").unwrap();
    let list = list.to_str().unwrap();
    let server = testkit::server(crate::run::PROGRAM).argument("--breached-passwords").argument(list).start();
    let shown = ask(&server, &["password-policy"]).good().out;
    assert!(shown.contains("aws-default") && shown.contains("AWS's default one"), "{shown}");
    let set = ask(&server, &["password-policy", "--preset", "nist-63b-4", "--word", "Zeppelin"]).good().out;
    assert!(set.contains("MinimumPasswordLength") && set.contains("Zeppelin"), "{set}");
    iam(&server, "Action=CreateUser&UserName=alice");
    let make = |password: &str| {
        let form = format!("Version=2010-05-08&Action=CreateLoginProfile&UserName=alice&Password={password}");
        signed(&server, "iam", "/", &form)
    };
    let (status, body) = make("completely-unguessable-but-known");
    assert!(status == 400 && body.contains("known to others"), "{body}");
    let (status, body) = make("ZeppelinZeppelin2026");
    assert!(status == 400 && body.contains("easy to guess"), "{body}");
    assert_eq!(make("the-walrus-and-the-carpenter").0, 200);
    ask(&server, &["password-policy", "--preset", "NIST"]).bad(3, "is no preset");
    ask(&server, &["password-policy", "--block-list", "maybe"]).bad(2, "it is `on` or `off`");
}
