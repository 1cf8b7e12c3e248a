//! `bailiwick verify`.

use crate::run::run;
use base::{Secret, SecretString, Timestamp};
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};
use wire::sigv4::{Credentials, sign};

const AT: &str = "2026-11-22T12:00:00Z";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A signed request as a line of input.
fn question(id: u32, token: Option<&str>) -> Value {
    let credentials = Credentials {
        access_key: KEY.to_owned(),
        secret: Secret::new(SECRET.as_bytes()),
        token: token.map(SecretString::new),
    };
    let uri: Uri = "http://iam.amazonaws.com/".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    let body = "Action=ListUsers&Version=2010-05-08";
    let now = Timestamp::parse(AT).unwrap();
    sign(&credentials, ("iam", "us-east-1"), &Method::POST, &uri, &mut headers, body.as_bytes(), now)
        .unwrap();
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()])).collect();
    json!({
        "id": id, "method": "POST", "path": "/", "headers": headers, "body": body, "at": AT,
        "service": "iam", "region": "us-east-1", "keys": {KEY: SECRET},
    })
}

fn answers(lines: &[Value]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("requests.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, text).unwrap();
    let ran = run(home.path(), &["verify", file.to_str().unwrap()]).good();
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn requests_are_accepted_or_refused_with_aws_codes() {
    let changed = |member: &str, value: Value| {
        let mut line = question(2, None);
        line[member] = value;
        line
    };
    let full = |token: &str, also: Value| {
        let mut key = json!({"secret": SECRET, "session_token": token});
        key.as_object_mut().unwrap().extend(also.as_object().unwrap().clone());
        let mut line = question(3, Some("token"));
        line["keys"] = json!({KEY: key});
        line
    };
    let lines = [
        (question(1, None), ""),
        (changed("body", json!("Action=DeleteUser")), "SignatureDoesNotMatch"),
        (changed("path", json!("/other")), "SignatureDoesNotMatch"),
        (changed("query", json!("a=b")), "SignatureDoesNotMatch"),
        (changed("query", json!("a=%zz")), "MalformedQueryString"),
        (changed("path", json!("no path")), "MalformedHttpRequestException"),
        (changed("at", json!("2026-11-22T12:15:01Z")), "SignatureDoesNotMatch"),
        (changed("service", json!("sts")), "SignatureDoesNotMatch"),
        (changed("region", json!("eu-west-1")), "SignatureDoesNotMatch"),
        (changed("keys", json!({})), "InvalidClientTokenId"),
        (changed("keys", json!({KEY: "another"})), "SignatureDoesNotMatch"),
        (changed("keys", json!({KEY: {"secret": SECRET, "active": false}})), "InvalidClientTokenId"),
        (changed("headers", json!({"host": "iam.amazonaws.com"})), "MissingAuthenticationToken"),
        (full("token", json!({})), ""),
        (full("token", json!({"expires": "2026-11-22T12:00:01Z"})), ""),
        (full("token", json!({"expires": AT})), "ExpiredToken"),
        (full("another", json!({})), "InvalidClientTokenId"),
        (question(4, Some("token")), "InvalidClientTokenId"),
    ];
    let questions: Vec<_> = lines.iter().map(|(line, _)| line.clone()).collect();
    for (answer, (line, code)) in answers(&questions).iter().zip(&lines) {
        assert_eq!(answer["id"], line["id"]);
        if code.is_empty() {
            assert_eq!(answer["verdict"], "accepted", "{answer}");
            assert_eq!(answer["access_key_id"], KEY);
        } else {
            assert_eq!((&answer["verdict"], &answer["code"]), (&json!("refused"), &json!(code)), "{answer}");
            assert!(answer["status"].as_u64().unwrap() < 500);
        }
    }
}

#[test]
fn what_is_no_request_is_an_error_and_the_others_go_on() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("requests.jsonl");
    let mut late = question(7, None);
    late["at"] = json!("soon");
    std::fs::write(&file, format!("nonsense\n{{\"id\":5}}\n{late}\n{}\n", question(6, None))).unwrap();
    let ran = run(home.path(), &["verify", file.to_str().unwrap()])
        .bad(2, "error: 3 of 4 questions could not be answered\nhelp: ");
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines[0]["error"].as_str().unwrap().starts_with("the line is no JSON"));
    assert_eq!(lines[1]["id"], 5);
    assert_eq!(lines[2]["error"], "`at` is no time: `soon`");
    assert_eq!(lines[3]["verdict"], "accepted");
    assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET));
}
