use crate::run::{PROGRAM, Ran, ask, command, dev, kept, run, serving, signed};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_is_private_and_prints_no_secret() {
    let mut server = kept();
    let data = server.data();
    assert_eq!(server.record()["FirstStart"], true);
    assert_eq!(mode(&data), 0o700);
    for name in ["sealing.key", "bailiwick.db", "bailiwick.sock"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    let key = std::fs::read_to_string(data.join("sealing.key")).unwrap();
    let session = server.credentials();
    let printed = format!("{}{}", server.record(), server.log());
    assert!(!printed.contains(key.trim()) && !printed.contains(&session.secret_access_key), "{printed}");
    assert!(server.stop().success());
    assert!(!data.join("bailiwick.sock").exists());
}

#[test]
fn a_second_start_finds_the_account_and_a_living_session() {
    let mut server = kept();
    let account = server.account_id().to_owned();
    ask(&server, &["account", "create", "staging"]).good();
    let stopped_at = server.endpoint().to_owned();
    assert!(server.stop().success());
    server.restart();
    assert_eq!(server.record()["FirstStart"], false);
    assert_eq!(server.account_id(), account);
    assert_ne!(server.endpoint(), "");
    drop(stopped_at);
    let listed = ask(&server, &["account", "list", "--format", "json"]).good().json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 2);
}

#[test]
fn case_091_what_was_acknowledged_survives_a_kill() {
    let mut server = kept();
    for round in 0..5 {
        ask(&server, &["account", "create", &format!("number {round}")]).good();
        server.kill();
        server.restart();
        let listed = ask(&server, &["account", "list", "--format", "json"]).good().json();
        assert_eq!(listed["Accounts"].as_array().unwrap().len(), round + 2);
    }
}

#[test]
fn the_lines_to_copy_lead_to_this_server() {
    let server = kept();
    let mut second = command(server.folder(), &["serve", "--listen", "127.0.0.1:0"]);
    second.env("BAILIWICK_DATA", server.folder().join("other"));
    let mut child = second.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    while !text.contains("get-caller-identity") {
        assert_ne!(std::io::BufRead::read_line(&mut lines, &mut text).unwrap(), 0, "{text}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(text.contains("answers at http://127.0.0.1:"), "{text}");
    assert!(text.contains("  export AWS_ENDPOINT_URL=http://127.0.0.1:"), "{text}");
    assert!(text.contains(&format!("  eval \"$({PROGRAM} login)\"\n")), "{text}");
    assert!(text.contains("  aws sts get-caller-identity\n"), "{text}");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = kept();
    let data = server.data().display().to_string();
    let ran = run(server.folder(), &["serve", "--listen", "127.0.0.1:0", "--data", &data]);
    let ran = ran.bad(4, &format!("error: another server is running on `{data}`"));
    assert!(ran.err.contains("\nhelp: stop the other one"), "{}", ran.err);
    ask(&server, &["account", "list"]).good();
}

#[test]
fn a_port_in_use_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(home.path(), &["serve", "--listen", &address]).bad(4, "address already in use");
    run(home.path(), &["serve", "--listen", "0.0.0.0:0"]).bad(2, "can be reached from other machines");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    let below = home.path().join("file/data").display().to_string();
    run(home.path(), &["serve", "--listen", "127.0.0.1:0", "--data", &below]).bad(4, "is not a directory");
    // Not even the superuser makes directories there.
    let ran = run(home.path(), &["serve", "--listen", "127.0.0.1:0", "--data", "/proc/bailiwick"]);
    ran.bad(4, "the data directory `/proc/bailiwick` cannot be used");
}

#[test]
fn a_store_without_its_key_is_refused_and_kept() {
    let mut server = kept();
    let data = server.data();
    assert!(server.stop().success());
    let again = |arguments: &[&str]| {
        let listen = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
        run(server.folder(), &[&listen[..], arguments].concat())
    };
    let key = data.join("sealing.key");
    let aside = data.join("aside");
    std::fs::rename(&key, &aside).unwrap();
    again(&[]).bad(4, "its key file `").bad(4, "help: put the key file back");
    assert!(!key.exists(), "a new key was made for an old store");
    let other = server.folder().join("other.key");
    std::fs::write(&other, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n").unwrap();
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
    again(&["--key-file", other.to_str().unwrap()]).bad(4, "the store's secrets do not open under this key");
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o644)).unwrap();
    again(&["--key-file", other.to_str().unwrap()]).bad(4, "is open to others (mode 644)");
    std::fs::rename(&aside, &key).unwrap();
    server.restart();
    server.credentials();
}

#[test]
fn the_key_may_come_from_a_file_or_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept/apart.key");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let server = testkit::server(PROGRAM).argument("--key-file").argument(&file).start();
    assert_eq!(mode(&file), 0o600);
    assert!(!server.data().join("sealing.key").exists());
    let text = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let mut server = testkit::server(PROGRAM).variable("BAILIWICK_KEY", text).start();
    assert!(!server.data().join("sealing.key").exists());
    server.kill();
    server.restart();
    server.credentials();
    let mut weak = command(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    for (key, said) in
        [("hunter2", "32 bytes in base64"), ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not random")]
    {
        let ran: Ran = weak.env("BAILIWICK_KEY", key).output().unwrap().into();
        let ran = ran.bad(4, said);
        assert!(!ran.err.contains(key), "{}", ran.err);
    }
}

#[test]
fn a_development_server_says_so_and_can_be_reset() {
    let server = dev();
    assert!(server.log().contains("NOT FOR PRODUCTION"), "{}", server.log());
    assert_eq!(server.account_id(), testkit::server::DEV_ACCOUNT);
    assert!(!format!("{}{}", server.record(), server.log()).contains(testkit::server::DEV_SECRET_ACCESS_KEY));
    let over_the_network = |arguments: &[&str]| -> Ran {
        let mut command = command(server.folder(), arguments);
        command.envs(server.variables()).output().unwrap().into()
    };
    over_the_network(&["account", "create", "extra"]).good();
    let listed = over_the_network(&["account", "list", "--format", "json"]).good().json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 2);
    let (status, body) = signed(&server, "iam", "/_bailiwick/dev/reset", "");
    assert_eq!(status, 200, "{body}");
    let listed = over_the_network(&["account", "list", "--format", "json"]).good().json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 1);
    assert_eq!(listed["Accounts"][0]["Id"], testkit::server::DEV_ACCOUNT);
}

#[test]
fn only_a_development_server_can_be_reset() {
    let server = kept();
    let (status, body) = signed(&server, "iam", "/_bailiwick/dev/reset", "");
    assert_eq!(status, 403, "{body}");
    ask(&server, &["login"]).good();
}

#[test]
fn aws_calls_are_answered_and_recorded() {
    let server = kept();
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let (status, body) = signed(&server, "sts", "/", form);
    assert_eq!(status, 200, "{body}");
    let arn = format!("arn:aws:sts::{}:assumed-role/Administrator/operator", server.account_id());
    assert!(body.contains(&format!("<Arn>{arn}</Arn>")), "{body}");
    let trail = ask(&server, &["trail", "--service", "sts"]).good().out;
    assert!(trail.contains("sts:GetCallerIdentity") && trail.contains("Administrator/operator"), "{trail}");
}

#[test]
fn half_a_development_key_is_refused_and_none_is_made_up() {
    let home = tempfile::tempdir().unwrap();
    let mut half = command(home.path(), &["serve", "--dev", "--listen", "127.0.0.1:0"]);
    let ran: Ran = half.env("BAILIWICK_DEV_ACCESS_KEY_ID", "x").output().unwrap().into();
    ran.bad(2, "one half of the development key pair is set");
}

#[test]
fn a_development_server_leaves_nothing_behind() {
    let mut server = dev();
    let data = server.data();
    assert!(data.join("bailiwick.sock").exists());
    assert!(server.stop().success());
    assert!(!data.exists());
}

#[test]
fn tls_is_served_and_called() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = testkit::server(PROGRAM)
        .dev()
        .argument("--tls-cert")
        .argument(&chain)
        .argument("--tls-key")
        .argument(&key)
        .start();
    assert!(server.endpoint().starts_with("https://127.0.0.1:"));
    let call = |bundle: Option<&Path>| -> Ran {
        let mut command = command(server.folder(), &["account", "list"]);
        command.envs(server.variables());
        if let Some(bundle) = bundle {
            command.arg("--ca-bundle").arg(bundle);
        }
        command.output().unwrap().into()
    };
    call(Some(&chain)).good();
    // Whatever the machine trusts by itself, it is not this certificate.
    assert_eq!(call(None).code, 4);
    call(Some(&key)).bad(2, "cannot be used");
}

#[test]
fn a_log_filter_that_is_none_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let ran: Ran = command.env("BAILIWICK_LOG", "a=b=c").output().unwrap().into();
    ran.bad(2, "BAILIWICK_LOG is `a=b=c`");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn measurements_are_told_at_an_address_of_their_own() {
    use std::io::{Read, Write};
    let server = serving(&["--metrics-listen", "127.0.0.1:0"]);
    ask(&server, &["account", "list"]).good();
    let address = server.record()["Metrics"].as_str().unwrap();
    let address = address.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let line = "bailiwick_calls_total{service=\"bailiwick\",operation=\"ListAccounts\"} 1";
    assert!(text.lines().any(|found| found == line), "{text}");
    assert!(!text.contains(server.account_id()), "{text}");
}

#[test]
fn measurements_for_other_machines_need_a_long_token() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |more: &[&str]| {
        let listen = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "0.0.0.0:0"];
        run(folder.path(), &[&listen[..], more].concat())
    };
    let ran = serve(&[]).bad(4, "measurements are not for everybody");
    assert!(ran.err.contains("--metrics-token-file"), "{}", ran.err);
    let token = folder.path().join("token");
    std::fs::write(&token, "short\n").unwrap();
    serve(&["--metrics-token-file", token.to_str().unwrap()]).bad(2, "is too short");
}

#[test]
fn an_account_with_a_rate_is_throttled_as_aws_does() {
    let server = serving(&["--account-rate", "1"]);
    let answers: Vec<_> = (0..14).map(|_| ask(&server, &["account", "list"])).collect();
    let refused: Vec<_> = answers.iter().filter(|ran| ran.err.contains("Rate exceeded")).collect();
    assert!(!refused.is_empty() && refused.len() < 10, "{} of 14 were refused", refused.len());
}
