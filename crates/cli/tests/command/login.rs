use crate::run::{Ran, ask, command, kept};
use std::process::Command;

/// What a shell has in a variable after it has read the lines.
fn shell(lines: &str, variable: &str) -> String {
    let script = format!("{lines}\nprintf %s \"${variable}\"");
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_shell_reads_the_lines_and_is_signed_in() {
    let server = kept();
    let lines = ask(&server, &["login"]).good().out;
    assert_eq!(shell(&lines, "AWS_ENDPOINT_URL"), server.endpoint());
    assert_eq!(shell(&lines, "AWS_REGION"), "us-east-1");
    let mut signed = command(server.folder(), &["account", "list", "--endpoint", server.endpoint()]);
    for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        signed.env(variable, shell(&lines, variable));
    }
    Ran::from(signed.output().unwrap()).good();
    signed.env("AWS_SESSION_TOKEN", "x");
    Ran::from(signed.output().unwrap()).bad(3, "help: the credentials are not of this server");
}

/// A client that is told an endpoint signs for the region that is set; IAM takes its global one only.
#[test]
fn a_region_stays_if_iam_can_be_called_in_it() {
    let server = kept();
    for (region, stays) in
        [("us-east-1", true), ("cn-north-1", true), ("eu-central-1", false), ("mars-1", false)]
    {
        let mut command = server.command(&["login"]);
        let lines = Ran::from(command.env("AWS_REGION", region).output().unwrap()).good().out;
        assert_eq!(lines.contains("export AWS_REGION='us-east-1'"), !stays, "{region}: {lines}");
        assert_eq!(lines.contains(&format!("# the region was {region};")), !stays, "{region}: {lines}");
    }
}

#[test]
fn credential_process_gets_its_json() {
    let server = kept();
    let json = ask(&server, &["login", "--credential-process", "--duration", "15m"]).good().json();
    assert_eq!(json["Version"], 1);
    for name in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
        assert!(json[name].is_string(), "{json}");
    }
}

#[test]
fn other_roles_accounts_and_times_are_checked_by_the_server() {
    let server = kept();
    ask(&server, &["account", "create", "x", "--id", "210987654321"]).good();
    let json = ask(&server, &["login", "--account", "210987654321", "--format", "json"]).good().json();
    assert_eq!(json["Session"]["Arn"], "arn:aws:sts::210987654321:assumed-role/Administrator/operator");
    assert_eq!(json["Endpoint"], server.endpoint());
    ask(&server, &["login", "--account", "999999999999"]).bad(3, "999999999999");
    ask(&server, &["login", "--role", "Nobody"]).bad(3, "Nobody");
    ask(&server, &["login", "--duration", "10"]).bad(3, "900");
}

/// The AWS CLI of Debian 12 does not heed `AWS_ENDPOINT_URL`: without the wrapper it would call the real AWS.
#[test]
fn an_old_aws_gets_a_wrapper_and_a_new_one_does_not() {
    let server = kept();
    for (version, wrapped) in
        [("aws-cli/2.9.19 Python/3.11.2", true), ("aws-cli/2.31.0 Python/3.13", false), ("?", true)]
    {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("aws");
        std::fs::write(&program, format!("#!/bin/sh\necho '{version}'\n")).unwrap();
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let ran = Ran::from(server.command(&["login"]).env("PATH", path).output().unwrap()).good();
        assert_eq!(ran.out.contains("aws() { command aws --endpoint-url"), wrapped, "{version}: {}", ran.out);
    }
}

#[test]
fn settings_that_lead_elsewhere_are_warned_of() {
    let server = kept();
    let mut command = server.command(&["login"]);
    command.env("AWS_ENDPOINT_URL_IAM", "https://iam.amazonaws.com");
    let ran = Ran::from(command.output().unwrap()).good();
    assert!(ran.err.contains("warning: AWS_ENDPOINT_URL_IAM leads AWS's tools past"), "{}", ran.err);
}

#[test]
fn fish_and_powershell_get_their_words() {
    let server = kept();
    let fish = ask(&server, &["login", "--shell", "fish"]).good().out;
    assert!(fish.starts_with("set -gx AWS_ACCESS_KEY_ID 'ASIA"), "{fish}");
    let powershell = ask(&server, &["login", "--shell", "powershell"]).good().out;
    assert!(powershell.starts_with("$Env:AWS_ACCESS_KEY_ID = 'ASIA"), "{powershell}");
}
