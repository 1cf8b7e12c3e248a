use crate::run::{ask, dev, kept, run};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn calls_are_told_newest_first() {
    let server = dev();
    ask(&server, &["account", "create", "one"]).good();
    ask(&server, &["account", "create", "one", "--id", server.account_id()]).bad(3, "exists");
    let ran = ask(&server, &["trail"]).good();
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("TIME"), "{}", ran.out);
    // Times have whole seconds: of two calls in one second either may come first.
    let tells = |words: [&str; 3]| lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(tells(["operator", "bailiwick:CreateAccount", "  ok  "]), "{}", ran.out);
    assert!(tells(["operator", "bailiwick:CreateAccount", "AccountAlreadyExists"]), "{}", ran.out);
    let writes = ask(&server, &["trail", "--errors", "--format", "json"]).good().json();
    assert_eq!(writes["Records"].as_array().unwrap().len(), 1);
    let none = ask(&server, &["trail", "--event", "DeleteUser"]).good();
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no records match\n"));
    let limited = ask(&server, &["trail", "--limit", "1", "--format", "json"]).good().json();
    assert_eq!(limited["Records"].as_array().unwrap().len(), 1);
}

#[test]
fn a_stopped_servers_files_tell_the_same() {
    let mut server = kept();
    ask(&server, &["account", "create", "one"]).good();
    ask(&server, &["account", "list"]).good();
    let folder = server.data().join("trail").display().to_string();
    assert!(server.stop().success());
    let ran = run(server.folder(), &["trail", "--from", &folder, "--format", "json"]).good().json();
    let names: Vec<_> =
        ran["Records"].as_array().unwrap().iter().map(|record| record["eventName"].clone()).collect();
    assert!(names.contains(&"CreateAccount".into()) && names.contains(&"ListAccounts".into()), "{names:?}");
    let writes = run(server.folder(), &["trail", "--from", &folder, "--writes"]).good().out;
    assert!(writes.contains("CreateAccount") && !writes.contains("ListAccounts"), "{writes}");
    run(server.folder(), &["trail", "--from", "/nowhere"]).bad(4, "the folder `/nowhere` cannot be read");
}

#[test]
fn following_shows_what_comes() {
    let server = dev();
    ask(&server, &["account", "create", "before"]).good();
    let arguments = ["trail", "--follow", "--event", "CreateAccount"];
    let mut child = server.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("Name=before"));
    ask(&server, &["account", "create", "after"]).good();
    assert!(lines.next().unwrap().unwrap().contains("Name=after"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn secrets_are_in_no_record() {
    let server = dev();
    let key = ask(&server, &["keys", "create", "dev", "--format", "json"]).good().json();
    let ran = ask(&server, &["trail", "--format", "json"]).good();
    assert!(ran.out.contains("CreateAccessKey"));
    assert!(!ran.out.contains(key["SecretAccessKey"].as_str().unwrap()));
}
