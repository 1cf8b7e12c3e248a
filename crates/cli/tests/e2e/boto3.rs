//! boto3: scripts whose every answer is compared with botocore's own model of the API.

use crate::clients::{PROGRAM, Ran, command, files, needed};
use testkit::Server;

fn run(script: &str, server: &Server, more: &[(&str, String)]) {
    let Some(python) = needed(testkit::clients::python(), "Python with boto3") else { return };
    let mut command = command(python, server);
    command.current_dir(files()).args(["-m", "unittest", script]);
    command.env("PYTHONDONTWRITEBYTECODE", "1").envs(server.variables()).envs(more.iter().cloned());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, 0, "{}{}", ran.err, server.log());
    assert!(ran.err.contains("\nOK"), "{}", ran.err);
}

#[test]
fn iam() {
    run("boto_iam", &testkit::server(PROGRAM).dev().start(), &[]);
}

#[test]
fn sts() {
    run("boto_sts", &testkit::server(PROGRAM).dev().start(), &[]);
}

#[test]
fn mfa() {
    run("boto_mfa", &testkit::server(PROGRAM).dev().start(), &[]);
}

#[test]
fn two_accounts_of_a_server_on_disk() {
    let server = testkit::server(PROGRAM).start();
    let mut create = server.command(&["account", "create", "other", "--format", "json"]);
    let made: serde_json::Value = serde_json::from_str(&Ran::of(&mut create).good()).unwrap();
    let id = made["Account"]["Id"].as_str().unwrap();
    let other = Ran::of(&mut server.command(&["login", "--credential-process", "--account", id])).good();
    run("boto_accounts", &server, &[("OTHER_ACCOUNT", other)]);
}
