use crate::run::{Ran, ask, command, dev, kept};

#[test]
fn accounts_are_made_and_listed() {
    let server = dev();
    let made =
        ask(&server, &["account", "create", "prod", "--id", "210987654321", "--alias", "my-prod"]).good();
    assert_eq!(made.out, "account 210987654321 `prod` is made\n");
    assert!(made.err.contains("bailiwick login --account 210987654321"), "{}", made.err);
    let listed = ask(&server, &["account", "list"]).good();
    let lines: Vec<Vec<&str>> = listed.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["ID", "NAME", "ALIAS", "CREATED", "USERS", "ROLES"]);
    assert_eq!(lines[2][..3], ["210987654321", "prod", "my-prod"]);
    ask(&server, &["account", "create", "again", "--id", "210987654321"])
        .bad(3, "210987654321 exists already");
    ask(&server, &["account", "create", ""]).bad(3, "1 to 50");
}

#[test]
fn errors_for_programs_carry_the_code() {
    let server = dev();
    let id = server.account_id().to_owned();
    let ran =
        ask(&server, &["account", "create", "again", "--id", &id, "--format", "json"]).bad(3, "\"code\":");
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(error["error"]["code"], "AccountAlreadyExistsException");
}

#[test]
fn keys_are_made_for_users() {
    let server = dev();
    ask(&server, &["keys", "create", "nobody"]).bad(3, "nobody");
    let ran = ask(&server, &["keys", "create", "dev", "--format", "json"]).good();
    let key = ran.json();
    let mut command = command(server.folder(), &["account", "list", "--endpoint", server.endpoint()]);
    let made: Ran = command
        .env("AWS_ACCESS_KEY_ID", key["AccessKeyId"].as_str().unwrap())
        .env("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"].as_str().unwrap())
        .output()
        .unwrap()
        .into();
    made.good();
    command.env("AWS_SECRET_ACCESS_KEY", "wrong");
    Ran::from(command.output().unwrap()).bad(3, "signature");
}

/// Someone who has a server running and tests against another one means the other one.
#[test]
fn the_server_that_aws_tools_would_call_is_the_one_meant() {
    let (own, other) = (kept(), dev());
    let listed = |variables: Vec<(&str, String)>| -> String {
        let mut list = command(own.folder(), &["account", "list"]);
        list.env("BAILIWICK_DATA", own.data()).envs(variables);
        Ran::from(list.output().unwrap()).good().out
    };
    assert!(listed(Vec::new()).contains(own.account_id()));
    assert!(listed(other.variables()).contains(other.account_id()));
    // No credentials are needed where the endpoint is the local server's own.
    assert!(listed(vec![("AWS_ENDPOINT_URL", own.endpoint().to_owned())]).contains(own.account_id()));
    let mut named = own.command(&["account", "list"]);
    let ran = Ran::from(named.envs(other.variables()).output().unwrap()).good();
    assert!(ran.out.contains(own.account_id()), "`--data` names the server: {}", ran.out);
}
