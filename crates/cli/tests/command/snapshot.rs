//! What is collected from a server, and that an audit reads it.

use crate::run::{Ran, ask, command, dev, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A command with the credentials of the server's administrator, as `login` would set them.
fn signed(server: &testkit::Server, arguments: &[&str]) -> Ran {
    let mut command = command(server.folder(), arguments);
    command.envs(server.variables()).env("AWS_ENDPOINT_URL", server.endpoint());
    command.output().unwrap().into()
}

#[test]
fn a_server_is_collected_and_audited() {
    let server = dev();
    ask(&server, &["keys", "create", "dev"]).good();
    let out = server.folder().join("snap");
    let out = out.to_str().unwrap();
    let ran = signed(&server, &["snapshot", "--out", out, "--no-resources"]).good();
    assert!(ran.out.contains(server.account_id()) && ran.out.contains("not collected"), "{}", ran.out);
    let file = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(format!("{out}/{name}")).unwrap()).unwrap()
    };
    let contents = &file("snapshot.json")["BailiwickSnapshot"];
    assert_eq!(
        (contents["Account"].as_str(), contents["Complete"].as_bool()),
        (Some(server.account_id()), Some(true))
    );
    let details = file("iam/authorization-details.json");
    assert_eq!(details["UserDetailList"][0]["UserName"], "dev");
    let mode = fs::metadata(format!("{out}/snapshot.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let audited =
        run(server.folder(), &["audit", out, "--format", "json", "--fail-on", "never"]).good().json();
    let notes = audited["notes"].to_string() + &audited["summary"]["notes"].to_string();
    assert!(audited["findings"].as_array().is_some_and(|it| !it.is_empty()), "{notes}");

    // It is whole; another account's is not continued; a broken-off one goes on.
    signed(&server, &["snapshot", "--out", out]).bad(2, "is whole");
    let text = fs::read_to_string(format!("{out}/snapshot.json")).unwrap();
    fs::write(format!("{out}/snapshot.json"), text.replace("\"Complete\": true", "\"Complete\": false"))
        .unwrap();
    run(server.folder(), &["audit", out]).bad(2, "was broken off");
    let again =
        signed(&server, &["snapshot", "--out", out, "--no-resources", "--format", "json"]).good().json();
    assert!(again["Kept"].as_u64() > Some(0) && again["Fetched"] == 0, "{again}");
    let text = fs::read_to_string(format!("{out}/snapshot.json")).unwrap();
    fs::write(format!("{out}/snapshot.json"), text.replace(server.account_id(), "111111111111")).unwrap();
    signed(&server, &["snapshot", "--out", out]).bad(2, "of account 111111111111");
}

#[test]
fn a_data_directory_is_audited_as_it_is() {
    let server = crate::run::kept();
    let data = server.data();
    let ran =
        run(server.folder(), &["audit", data.to_str().unwrap(), "--format", "json", "--fail-on", "never"]);
    assert!(ran.good().out.contains(server.account_id()));
}

#[test]
fn the_policy_that_is_needed_lints_clean() {
    let folder = tempfile::tempdir().unwrap();
    let policy = run(folder.path(), &["snapshot", "--print-policy", "--last-accessed"]).good().out;
    let file = folder.path().join("policy.json");
    fs::write(&file, policy).unwrap();
    run(folder.path(), &["lint", file.to_str().unwrap()]).good();
}

#[test]
fn nobody_is_asked_without_credentials() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["snapshot", "--out", "x", "--endpoint", "http://127.0.0.1:1"])
        .bad(2, "no credentials");
    run(folder.path(), &["snapshot", "--out", "x", "--profile", "none"]).bad(2, "the profile `none`");
    run(folder.path(), &["snapshot"]).bad(2, "--out");
}
