//! The `aws` command line: the tour of the README, waiters, pages, what it says when it is refused, and how it
//! gets its credentials.

use crate::clients::{PROGRAM, Ran, command, needed, path_with};
use std::path::{Path, PathBuf};
use testkit::Server;
use testkit::server::Credentials;

/// Someone who types `aws` commands.
struct Aws<'a> {
    program: PathBuf,
    server: &'a Server,
    variables: Vec<(&'static str, String)>,
}

impl<'a> Aws<'a> {
    fn administrator(program: PathBuf, server: &'a Server) -> Self {
        Self { program, server, variables: server.variables() }
    }

    /// Someone else at the same terminal.
    fn with(&self, credentials: &Credentials) -> Self {
        let mut variables = self.variables.clone();
        variables.retain(|(name, _)| {
            !matches!(*name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN")
        });
        variables.push(("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()));
        variables.push(("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()));
        variables.extend(credentials.session_token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
        Self { program: self.program.clone(), server: self.server, variables }
    }

    /// Runs a line of words, and then words that may have spaces.
    fn run(&self, line: &str, more: &[&str]) -> Ran {
        let mut command = command(&self.program, self.server);
        // Versions before 2.13 do not heed AWS_ENDPOINT_URL.
        command.envs(self.variables.iter().cloned()).args(["--endpoint-url", self.server.endpoint()]);
        Ran::of(command.args(line.split_whitespace()).args(more))
    }

    #[track_caller]
    fn ok(&self, line: &str) -> String {
        self.run(line, &[]).good()
    }

    #[track_caller]
    fn json(&self, line: &str) -> serde_json::Value {
        serde_json::from_str(&self.ok(line)).unwrap()
    }

    #[track_caller]
    fn fails(&self, line: &str, said: &str) -> String {
        self.run(line, &[]).bad(said)
    }
}

fn credentials(found: &serde_json::Value) -> Credentials {
    Credentials {
        access_key_id: found["AccessKeyId"].as_str().unwrap().into(),
        secret_access_key: found["SecretAccessKey"].as_str().unwrap().into(),
        session_token: found["SessionToken"].as_str().map(str::to_owned),
    }
}

#[test]
fn the_tour() {
    let Some(program) = needed(testkit::clients::aws_cli(), "aws of version 2") else { return };
    let server = testkit::server(PROGRAM).dev().start();
    let aws = Aws::administrator(program, &server);
    let account = server.account_id();
    let read = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:ListUsers", "sts:AssumeRole"], "Resource": "*"}]}"#;
    std::fs::write(server.folder().join("read.json"), read).unwrap();
    let document = format!("file://{}", server.folder().join("read.json").display());

    let alice =
        aws.ok("iam create-user --user-name alice --tags Key=team,Value=data --query User.Arn --output text");
    assert_eq!(alice, format!("arn:aws:iam::{account}:user/alice"));
    let key = credentials(&aws.json("iam create-access-key --user-name alice")["AccessKey"]);
    let as_alice = aws.with(&key);
    let refused = as_alice.fails("iam list-users", "(AccessDenied)");
    assert_eq!(
        refused,
        format!(
            "An error occurred (AccessDenied) when calling the ListUsers operation: User: {alice} is not authorized \
             to perform: iam:ListUsers on resource: arn:aws:iam::{account}:user/ because no identity-based policy \
             allows the iam:ListUsers action"
        )
    );

    aws.ok("iam create-group --group-name staff");
    let policy = aws
        .run(
            "iam create-policy --policy-name read --query Policy.Arn --output text --policy-document",
            &[&document],
        )
        .good();
    aws.ok(&format!("iam attach-group-policy --group-name staff --policy-arn {policy}"));
    assert_eq!(aws.ok("iam add-user-to-group --group-name staff --user-name alice"), "");
    assert_eq!(as_alice.ok("iam list-users --query Users[].UserName --output text"), "alice\tdev");
    as_alice.fails(
        "iam delete-user --user-name alice",
        "is not authorized to perform: iam:DeleteUser on resource: ",
    );

    let trust = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Principal": {{"AWS": "{alice}"}}, "Action": "sts:AssumeRole"}}]}}"#
    );
    let role = aws
        .run(
            "iam create-role --role-name deploy --query Role.Arn --output text --assume-role-policy-document",
            &[&trust],
        )
        .good();
    let tagging = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "data"}}}]}"#;
    aws.run("iam put-role-policy --role-name deploy --policy-name tag --policy-document", &[tagging]).good();
    let session = as_alice.json(&format!("sts assume-role --role-arn {role} --role-session-name monday"));
    let deploy = as_alice.with(&credentials(&session["Credentials"]));
    assert_eq!(
        deploy.ok("sts get-caller-identity --query Arn --output text"),
        format!("arn:aws:sts::{account}:assumed-role/deploy/monday")
    );
    deploy.ok("iam tag-user --user-name alice --tags Key=cost,Value=1");
    deploy.fails("iam list-users", "assumed-role/deploy/monday is not authorized to perform: iam:ListUsers");

    let trail = Ran::of(&mut server.command(&["trail", "--user", "monday"])).good();
    for told in ["iam:TagUser", "ok", "iam:ListUsers", "AccessDenied", "deploy/monday"] {
        assert!(trail.contains(told), "`{told}` is not in: {trail}");
    }
    let refused = Ran::of(&mut server.command(&["trail", "--user", "alice", "--errors"])).good();
    assert_eq!(refused.matches("AccessDenied").count(), 2, "{refused}");
}

#[test]
fn waiters_and_pages() {
    let Some(program) = needed(testkit::clients::aws_cli(), "aws of version 2") else { return };
    let server = testkit::server(PROGRAM).dev().start();
    let aws = Aws::administrator(program, &server);
    aws.ok("iam create-user --user-name waited");
    aws.ok("iam wait user-exists --user-name waited");
    aws.ok("iam create-instance-profile --instance-profile-name waited");
    aws.ok("iam wait instance-profile-exists --instance-profile-name waited");
    aws.ok("iam wait role-exists --role-name Administrator");
    aws.ok("iam wait policy-exists --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess");

    let names = "--query Policies[].PolicyName --output json";
    let list = "iam list-policies --scope AWS";
    let names_of = |page: &serde_json::Value| -> Vec<String> {
        page["Policies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| policy["PolicyName"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = aws.json(&format!("{list} --max-items 5 --page-size 2"));
    let token = first["NextToken"].as_str().unwrap();
    let second = aws.json(&format!("{list} --max-items 5 --page-size 4 --starting-token {token}"));
    let both = [names_of(&first), names_of(&second)].concat();
    let straight: Vec<String> =
        serde_json::from_value(aws.json(&format!("{list} --max-items 10 {names}"))).unwrap();
    assert_eq!(both, straight);
    let whole: Vec<String> = serde_json::from_value(aws.json(&format!("{list} {names}"))).unwrap();
    assert!(whole.len() > 1000 && whole.starts_with(&both), "{}", whole.len());
}

#[test]
fn what_is_not_built_is_said() {
    let Some(program) = needed(testkit::clients::aws_cli(), "aws of version 2") else { return };
    let server = testkit::server(PROGRAM).dev().start();
    let aws = Aws::administrator(program, &server);
    for (line, said) in [
        ("s3 ls", "the service s3"),
        ("dynamodb list-tables", "the operation dynamodb:ListTables"),
        ("ec2 describe-instances", "(NotImplemented) when calling the DescribeInstances operation"),
        ("lambda list-functions", "the service lambda"),
    ] {
        let refused = aws.fails(line, "An error occurred (NotImplemented)");
        assert!(
            refused.contains("Bailiwick does not implement") && refused.contains(said),
            "{line}: {refused}"
        );
    }
    let nobody = aws.with(&Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "x".into(),
        session_token: None,
    });
    nobody.fails("sts get-caller-identity", "(InvalidClientTokenId)");
    aws.fails(
        "iam get-user --user-name nobody",
        "(NoSuchEntity) when calling the GetUser operation: The user with name nobody cannot be found.",
    );
}

/// Both versions, as far as they are here; only the second has to be.
fn versions() -> Vec<PathBuf> {
    let second = needed(testkit::clients::aws_cli(), "aws of version 2");
    second.into_iter().chain(testkit::clients::aws_cli_v1()).collect()
}

#[test]
fn a_shell_signs_in() {
    let server = testkit::server(PROGRAM).start();
    for program in versions() {
        let script = format!(
            "eval \"$(bailiwick login --data '{}')\" && aws sts get-caller-identity --query Arn --output text",
            server.data().display()
        );
        let folders = [program.parent().unwrap(), Path::new(PROGRAM).parent().unwrap()];
        let mut shell = command("/bin/sh", &server);
        shell.env("PATH", path_with(&folders)).env("AWS_EC2_METADATA_DISABLED", "true");
        let arn = Ran::of(shell.arg("-c").arg(script)).good();
        assert_eq!(arn, format!("arn:aws:sts::{}:assumed-role/Administrator/operator", server.account_id()));
    }
}

#[test]
fn a_profile_gets_its_sessions_by_itself() {
    let server = testkit::server(PROGRAM).start();
    let config = format!(
        "[profile local]\nregion = us-east-1\nendpoint_url = {}\ncredential_process = '{PROGRAM}' login \
         --credential-process --data '{}'\n",
        server.endpoint(),
        server.data().display()
    );
    std::fs::create_dir(server.folder().join(".aws")).unwrap();
    std::fs::write(server.folder().join(".aws/config"), config).unwrap();
    for program in versions() {
        let mut aws = command(&program, &server);
        aws.args(["--profile", "local", "--endpoint-url", server.endpoint()]);
        aws.args(["iam", "list-roles", "--query", "Roles[].RoleName", "--output", "text"]);
        assert_eq!(Ran::of(&mut aws).good(), "Administrator");
    }
}

#[test]
fn version_1_heeds_the_environment() {
    let Some(program) = needed(testkit::clients::aws_cli_v1(), "aws of version 1") else { return };
    let server = testkit::server(PROGRAM).dev().start();
    let run = |line: &str| {
        let mut aws = command(&program, &server);
        Ran::of(aws.envs(server.variables()).args(line.split_whitespace())).good()
    };
    assert_eq!(run("sts get-caller-identity --query Account --output text"), server.account_id());
    run("iam create-user --user-name old");
    run("iam wait user-exists --user-name old");
    assert!(run("iam list-users --page-size 1 --query Users[].UserName --output text").contains("old"));
}
