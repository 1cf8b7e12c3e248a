//! botocore as the judge: its signer signs what we verify, it verifies nothing itself, so our signatures are
//! compared with its own; its serializer writes forms that we read, and its parser reads what we write.
//!
//! Runs when `BAILIWICK_PYTHON` names a Python that has botocore; `cargo xtask test` sees to that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a test asks for its judge")]

use bailiwick_wire as wire;

use base::{Secret, SecretString, Timestamp};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use wire::json::{JsonWriter, Style};
use wire::sigv4::{self, Credentials, Expected, Regions};
use wire::{Head, Operation, Unit, iam, query, reply, sts};

/// Runs a script with JSON on its input and output; `None` if there is no Python to do it.
fn python(script: &str, input: &Value) -> Option<Value> {
    let Ok(python) = std::env::var("BAILIWICK_PYTHON") else {
        println!("skipped: BAILIWICK_PYTHON names no Python with botocore");
        return None;
    };
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("BAILIWICK_PYTHON runs");
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the script failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const SIGN: &str = r#"
import sys, json, datetime
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
out = []
for case in json.load(sys.stdin):
    now = datetime.datetime.strptime(case["date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now.replace(tzinfo=None)
    request = AWSRequest(method=case["method"], url=case["url"], headers=dict(case["headers"]), data=case["body"])
    credentials = Credentials(case["key"], case["secret"], case["token"])
    kind = botocore.auth.SigV4QueryAuth if case["presign"] else botocore.auth.SigV4Auth
    kind(credentials, case["service"], case["region"]).add_auth(request)
    prepared = request.prepare()
    out.append({"url": prepared.url, "headers": [[k, v] for k, v in prepared.headers.items()]})
json.dump(out, sys.stdout)
"#;

fn cases() -> Vec<Value> {
    let form = json!([["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]]);
    let mut cases = Vec::new();
    for (service, region) in [("iam", "us-east-1"), ("sts", "eu-central-1"), ("iam", "cn-north-1")] {
        for token in [Value::Null, json!("FwoGZXIvYXdz+/EXAMPLE==")] {
            for (method, target, headers, body) in [
                ("POST", "/", form.clone(), "Action=GetUser&Version=2010-05-08&UserName=B%C3%B6b"),
                ("POST", "/", json!([["X-Trim", "  a   b  "], ["User-Agent", "x"]]), ""),
                ("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", json!([]), ""),
                ("GET", "/?b=2&a=1&a-b=%2F%20~&C=", json!([["x-k8s-aws-id", "cluster"]]), ""),
                ("GET", "/a/./b//c/../%20d/~e", json!([]), ""),
            ] {
                for presign in [false, true] {
                    // botocore moves a form into the query string when it presigns; that is not our case.
                    if presign && method == "POST" {
                        continue;
                    }
                    cases.push(json!({
                        "method": method, "url": format!("http://localhost:8080{target}"), "headers": headers,
                        "body": body, "service": service, "region": region, "token": token, "presign": presign,
                        "key": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                        "date": "20261122T065457Z",
                    }));
                }
            }
        }
    }
    cases
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn its_signatures_are_ours() {
    let cases = cases();
    let Some(answers) = python(SIGN, &json!(cases)) else { return };
    for (case, answer) in cases.iter().zip(answers.as_array().unwrap()) {
        let uri: http::Uri = text(&answer["url"]).parse().unwrap();
        let mut headers = http::HeaderMap::new();
        for pair in answer["headers"].as_array().unwrap() {
            let name: http::HeaderName = text(&pair[0]).parse().unwrap();
            headers.append(name, text(&pair[1]).parse().unwrap());
        }
        headers.insert("host", "localhost:8080".parse().unwrap());
        let method: http::Method = text(&case["method"]).parse().unwrap();
        let body = text(&case["body"]).as_bytes();
        let now = Timestamp::parse_basic(text(&case["date"])).unwrap();
        let expected = Expected {
            service: if case["service"] == "iam" { "iam" } else { "sts" },
            regions: if case["service"] == "iam" { Regions::Global } else { Regions::All },
        };
        let credentials = Credentials {
            access_key: text(&case["key"]).to_owned(),
            secret: Secret::new(text(&case["secret"])),
            token: case["token"].as_str().map(SecretString::new),
        };
        // What it signed, we verify.
        let head = Head { method: &method, uri: &uri, headers: &headers };
        let params = head.params(body).unwrap();
        let claim =
            sigv4::parse(head, &params, &expected, now).unwrap_or_else(|fault| panic!("{fault}: {case}"));
        assert_eq!(claim.session_token(), case["token"].as_str());
        let key = claim.signing_key(&credentials.secret);
        claim.verify(&key, body).unwrap_or_else(|fault| panic!("{fault}: {case} {answer}"));
        // What we sign is the same.
        let scope = (text(&case["service"]), text(&case["region"]));
        if case["presign"] == true {
            let plain: http::Uri = text(&case["url"]).parse().unwrap();
            let url = sigv4::presign(&credentials, scope, &method, &plain, &headers, 3600, now).unwrap();
            let signature = |url: &str| url.rsplit_once("X-Amz-Signature=").unwrap().1.to_owned();
            assert_eq!(signature(&url), signature(text(&answer["url"])), "{case}");
        } else {
            let theirs = headers.remove("authorization").unwrap();
            sigv4::sign(&credentials, scope, &method, &uri, &mut headers, body, now).unwrap();
            let ours = &headers["authorization"];
            // It signs `content-length` only where it was given.
            let signature = |value: &http::HeaderValue| {
                value.to_str().unwrap().rsplit_once("Signature=").unwrap().1.to_owned()
            };
            if !theirs.to_str().unwrap().contains("content-length") {
                assert_eq!(signature(ours), signature(&theirs), "{case}");
            }
        }
    }
}

const SERIALIZE: &str = r#"
import sys, json, urllib.parse
import botocore.session, botocore.serialize
session = botocore.session.get_session()
out = []
for service, operation, params in json.load(sys.stdin):
    model = session.get_service_model(service).operation_model(operation)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"], False)
    body = serializer.serialize_to_request(params, model)["body"]
    out.append(urllib.parse.urlencode(body))
json.dump(out, sys.stdout)
"#;

#[test]
fn its_forms_are_read() {
    let inputs = [
        json!(["iam", "CreateUser", {"UserName": "Bob", "Path": "/a b/", "Tags": [{"Key": "k&", "Value": ""}, {"Key": "ü", "Value": "v"}]}]),
        json!(["iam", "CreateUser", {"UserName": "Bob", "Tags": []}]),
        json!(["iam", "SimulateCustomPolicy", {"PolicyInputList": ["{}", "+"], "ActionNames": ["a"], "MaxItems": 7,
            "ContextEntries": [{"ContextKeyName": "n", "ContextKeyValues": ["1", "2"], "ContextKeyType": "string"}]}]),
        json!(["sts", "AssumeRole", {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "s", "DurationSeconds": 900,
            "PolicyArns": [{"arn": "x"}], "TransitiveTagKeys": ["a", "b"]}]),
        json!(["iam", "UpdateAccountPasswordPolicy", {"RequireSymbols": true, "HardExpiry": false, "MaxPasswordAge": 3}]),
    ];
    let Some(forms) = python(SERIALIZE, &json!(inputs)) else { return };
    for (input, form) in inputs.iter().zip(forms.as_array().unwrap()) {
        let service = if input[0] == "iam" { &iam::SERVICE } else { &sts::SERVICE };
        let operation = service.operation(text(&input[1])).unwrap();
        let params = query::Params::parse(None, Some(text(form).as_bytes())).unwrap();
        let fields = query::decode(&params, operation.input.unwrap()).unwrap();
        let read: Value = serde_json::from_str(&JsonWriter::fields(&fields, Style::PROTOCOL)).unwrap();
        assert_eq!(read, input[2], "{form}");
    }
}

const PARSE: &str = r#"
import sys, json, base64, datetime
import botocore.session, botocore.parsers
session = botocore.session.get_session()
out = []
for service, operation, status, headers, body in json.load(sys.stdin):
    model = session.get_service_model(service)
    protocol = model.metadata["protocol"]
    shape = model.operation_model(operation).output_shape if operation else None
    parser = botocore.parsers.create_parser(protocol)
    response = {"status_code": status, "headers": dict(headers), "body": base64.b64decode(body)}
    parsed = parser.parse(response, shape)
    out.append(parsed)
json.dump(out, sys.stdout, default=lambda it: it.strftime("%Y-%m-%dT%H:%M:%SZ"))
"#;

fn answer(service: &str, operation: &str, reply: &wire::Reply) -> Value {
    json!([service, operation, reply.status, reply.headers, wire::base64::encode(&reply.body)])
}

#[test]
fn it_reads_our_answers() {
    let role = iam::Role {
        role_name: "a<&>\"'\r\n\u{e9}".into(),
        path: "/".into(),
        create_date: Timestamp::from_seconds(1_678_358_505),
        tags: Some(vec![iam::Tag { key: "k".into(), value: String::new() }]),
        ..Default::default()
    };
    let listed = iam::ListRolesResponse { roles: vec![role], is_truncated: Some(false), marker: None };
    let summary = [("Users".to_owned(), 27)].into_iter().collect();
    let summary = iam::GetAccountSummaryResponse { summary_map: Some(summary) };
    let fault = wire::Fault::of(&iam::errors::NO_SUCH_ENTITY, "The user with name <Bob> cannot be found.");
    let missing = |service| wire::Fault::not_implemented(service, None);
    let of = |id: &str| {
        let row = wire::route::known_services().iter().find(|row| row.id == id).unwrap();
        wire::Dialect::of_known(row)
    };
    let ask = json!([
        answer(
            "iam",
            "ListRoles",
            &reply::success(&iam::SERVICE, iam::ops::ListRoles::schema(), &listed, "id-1")
        ),
        answer(
            "iam",
            "GetAccountSummary",
            &reply::success(&iam::SERVICE, iam::ops::GetAccountSummary::schema(), &summary, "id-1")
        ),
        answer(
            "iam",
            "DeleteUser",
            &reply::success(&iam::SERVICE, iam::ops::DeleteUser::schema(), &Unit, "id-1")
        ),
        answer("iam", "GetUser", &reply::fault(&fault, wire::Dialect::of(&iam::SERVICE), "id-1")),
        answer("s3", "ListBuckets", &reply::fault(&missing("s3"), of("s3"), "id-1")),
        answer("ec2", "DescribeInstances", &reply::fault(&missing("ec2"), of("ec2"), "id-1")),
        answer("dynamodb", "ListTables", &reply::fault(&missing("dynamodb"), of("dynamodb"), "id-1")),
        answer(
            "organizations",
            "ListRoots",
            &reply::fault(&missing("organizations"), of("organizations"), "id-1")
        ),
        answer("lambda", "ListFunctions", &reply::fault(&missing("lambda"), of("lambda"), "id-1")),
        answer(
            "cloudfront",
            "ListDistributions",
            &reply::fault(&missing("cloudfront"), of("cloudfront"), "id-1")
        ),
    ]);
    let Some(parsed) = python(PARSE, &ask) else { return };
    assert_eq!(parsed[0]["Roles"][0]["RoleName"], "a<&>\"'\r\n\u{e9}");
    assert_eq!(parsed[0]["Roles"][0]["Tags"], json!([{"Key": "k", "Value": ""}]));
    assert_eq!(parsed[0]["Roles"][0]["CreateDate"], "2023-03-09T10:41:45Z");
    assert_eq!(parsed[0]["IsTruncated"], false);
    assert_eq!(parsed[0]["ResponseMetadata"]["RequestId"], "id-1");
    assert_eq!(parsed[1]["SummaryMap"], json!({"Users": 27}));
    assert_eq!(parsed[2]["ResponseMetadata"]["RequestId"], "id-1");
    assert_eq!(
        parsed[3]["Error"],
        json!({"Type": "Sender", "Code": "NoSuchEntity", "Message": fault.message})
    );
    for (place, service) in
        [(4, "s3"), (5, "ec2"), (6, "dynamodb"), (7, "organizations"), (8, "lambda"), (9, "cloudfront")]
    {
        let error = &parsed[place]["Error"];
        assert_eq!(
            (&error["Code"], text(&error["Message"])),
            (&json!("NotImplemented"), missing(service).message.as_str())
        );
        assert_eq!(parsed[place]["ResponseMetadata"]["HTTPStatusCode"], 501);
    }
}
