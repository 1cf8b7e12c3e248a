//! No secret is in any file of the data directory, in the log, or in a record.

use crate::caller::{Caller, Failed};
use crate::clients::{PROGRAM, Ran};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::Server;
use testkit::server::Credentials;
use wire::iam::{self as shape, ops};

/// Everything that the server wrote: names and bytes, archives unpacked.
fn written(server: &Server) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = vec![
        ("standard output".into(), server.record().to_string().into_bytes()),
        ("standard error".into(), server.log().into_bytes()),
    ];
    walk(&server.data(), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            let unpacked = Command::new("gzip").arg("-dc").arg(&path).output().unwrap();
            assert!(unpacked.status.success(), "{}", path.display());
            found.push((path, unpacked.stdout));
        } else if path.is_file() {
            found.push((path.clone(), std::fs::read(path).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The ways in which a secret could be written, and pieces of it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let third = secret.len() / 3;
    vec![
        secret.as_bytes().to_vec(),
        secret.as_bytes()[third..2 * third].to_vec(),
        wire::percent::encode(secret).into_bytes(),
        wire::base64::encode(secret.as_bytes()).into_bytes(),
    ]
}

fn key_of(caller: &Caller, user: &str) -> Credentials {
    let input = shape::CreateAccessKeyRequest { user_name: Some(user.into()) };
    let key = caller.iam::<ops::CreateAccessKey>(&input).unwrap().output.access_key;
    Credentials {
        access_key_id: key.access_key_id,
        secret_access_key: key.secret_access_key.expose().to_owned(),
        session_token: None,
    }
}

fn session(credentials: wire::sts::Credentials) -> Credentials {
    Credentials {
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose().to_owned(),
        session_token: Some(credentials.session_token.expose().to_owned()),
    }
}

/// Calls as someone who has this secret, with it and with what is wrong beside it.
fn use_it(server: &Server, credentials: &Credentials) {
    let who = shape::GetUserRequest::default();
    let identity = wire::sts::GetCallerIdentityRequest {};
    let caller = Caller::with(server, credentials.clone());
    caller.sts::<wire::sts::ops::GetCallerIdentity>(&identity).unwrap();
    caller.presigned_identity().unwrap();
    let _ = caller.iam::<ops::GetUser>(&who);
    let wrong = Credentials { secret_access_key: "wrong".into(), ..credentials.clone() };
    let refused = Caller::with(server, wrong).iam::<ops::GetUser>(&who);
    assert!(matches!(refused, Err(Failed::Refused(_))), "{refused:?}");
    // A key id that is not there, beside a token that is.
    let stray = Credentials { access_key_id: "AKIAIOSFODNN7EXAMPLE".into(), ..credentials.clone() };
    let refused = Caller::with(server, stray).iam::<ops::GetUser>(&who);
    assert!(matches!(refused, Err(Failed::Refused(_))), "{refused:?}");
}

/// All credentials that the server has handed out, each of them used.
fn hand_out(server: &Server) -> Vec<Credentials> {
    let login = server.credentials();
    let administrator = Caller::with(server, login.clone());
    let user = shape::CreateUserRequest { user_name: "ann".into(), ..Default::default() };
    administrator.iam::<ops::CreateUser>(&user).unwrap();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"arn:aws:iam::{}:user/ann"}}}}]}}"#,
        server.account_id()
    );
    let role = shape::CreateRoleRequest {
        role_name: "app".into(),
        assume_role_policy_document: trust,
        ..Default::default()
    };
    let role = administrator.iam::<ops::CreateRole>(&role).unwrap().output.role;
    let keys = [key_of(&administrator, "ann"), key_of(&administrator, "ann")];
    let ann = Caller::with(server, keys[0].clone());
    let token =
        ann.sts::<wire::sts::ops::GetSessionToken>(&Default::default()).unwrap().output.credentials.unwrap();
    let assume = wire::sts::AssumeRoleRequest {
        role_arn: role.arn,
        role_session_name: "one".into(),
        ..Default::default()
    };
    let assumed = ann.sts::<wire::sts::ops::AssumeRole>(&assume).unwrap().output.credentials.unwrap();
    let mut all = vec![login, session(token), session(assumed)];
    all.extend(keys);
    for credentials in &all {
        use_it(server, credentials);
    }
    all
}

/// The seed of a virtual MFA device, as its one answer shows it.
fn seed(server: &Server) -> String {
    let caller = Caller::with(server, server.credentials());
    let input =
        shape::CreateVirtualMFADeviceRequest { virtual_mfa_device_name: "ann".into(), ..Default::default() };
    let made = caller.iam::<ops::CreateVirtualMFADevice>(&input).unwrap().output.virtual_mfa_device;
    String::from_utf8(made.base32_string_seed.unwrap().expose().to_vec()).unwrap()
}

#[test]
fn no_secret_is_written_anywhere() {
    let mut server = testkit::server(PROGRAM).variable("BAILIWICK_LOG", "debug").start();
    let credentials = hand_out(&server);
    let seed = seed(&server);
    let records = Ran::of(&mut server.command(&["trail", "--limit", "1000", "--format", "json"])).good();
    // Once while it runs, with the files that only a running server has, and once after an orderly end.
    let mut seen = written(&server);
    seen.push(("records".into(), records.into_bytes()));
    assert!(server.stop().success());
    server.restart();
    seen.extend(written(&server));
    let id = credentials.last().unwrap().access_key_id.as_bytes();
    let finds = |name: &str| seen.iter().any(|(path, bytes)| path.ends_with(name) && holds(bytes, id));
    assert!(finds("bailiwick.db") || finds("bailiwick.db-wal"), "the store cannot be read by this test");
    assert!(finds("records"), "the trail cannot be read by this test");
    for credentials in &credentials {
        let secrets = std::iter::once(&credentials.secret_access_key).chain(&credentials.session_token);
        for form in secrets.flat_map(|secret| forms(secret)) {
            for (path, bytes) in &seen {
                assert!(
                    !holds(bytes, &form),
                    "a secret of {} is in {}",
                    credentials.access_key_id,
                    path.display()
                );
            }
        }
    }
    for form in forms(&seed) {
        for (path, bytes) in &seen {
            assert!(!holds(bytes, &form), "a seed is in {}", path.display());
        }
    }
    sealing_key_is_only_in_its_file(&server, &seen);
}

fn sealing_key_is_only_in_its_file(server: &Server, seen: &[(PathBuf, Vec<u8>)]) {
    let file = server.data().join("sealing.key");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.trim();
    let bytes = wire::base64::decode(text).unwrap();
    assert_eq!(bytes.len(), 32);
    for (path, content) in seen.iter().filter(|(path, _)| *path != file) {
        assert!(!holds(content, text.as_bytes()) && !holds(content, &bytes), "{}", path.display());
    }
}
