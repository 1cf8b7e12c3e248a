//! How one fault looks in each protocol.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_wire as wire;

use wire::{Dialect, Fault, Protocol, iam, reply};

fn shown(fault: &Fault, protocol: Protocol, bare_errors: bool) -> String {
    let namespace = (protocol == Protocol::Query).then_some(iam::SERVICE.xml_namespace).flatten();
    let reply = reply::fault(
        fault,
        Dialect { protocol, namespace, bare_errors },
        "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE",
    );
    let mut out = format!("{}\n", reply.status);
    for (name, value) in &reply.headers {
        out += &format!("{name}: {value}\n");
    }
    out + "\n" + &String::from_utf8_lossy(&reply.body)
}

fn fault() -> Fault {
    Fault::access_denied(
        "User: arn:aws:iam::123456789012:user/<Bob> is not authorized to perform: iam:GetUser",
    )
}

#[test]
fn in_query() {
    insta::assert_snapshot!("query", shown(&fault(), Protocol::Query, false));
}

#[test]
fn in_ec2() {
    insta::assert_snapshot!("ec2", shown(&fault(), Protocol::Ec2, false));
}

#[test]
fn in_json() {
    insta::assert_snapshot!("json_1_1", shown(&fault(), Protocol::Json11, false));
    insta::assert_snapshot!(
        "json_1_0",
        shown(&Fault::not_implemented("dynamodb", Some("ListTables")), Protocol::Json10, false)
    );
}

#[test]
fn in_rest_json() {
    insta::assert_snapshot!(
        "rest_json",
        shown(&Fault::not_implemented("lambda", None), Protocol::RestJson, false)
    );
}

#[test]
fn in_rest_xml() {
    insta::assert_snapshot!(
        "rest_xml_bare",
        shown(&Fault::not_implemented("s3", None), Protocol::RestXml, true)
    );
    insta::assert_snapshot!(
        "rest_xml",
        shown(&Fault::not_implemented("cloudfront", None), Protocol::RestXml, false)
    );
}

#[test]
fn in_cbor() {
    let reply = reply::fault(
        &Fault::not_implemented("cloudwatch", None),
        Dialect { protocol: Protocol::Cbor, ..Dialect::UNKNOWN },
        "id",
    );
    assert_eq!(reply.header("smithy-protocol"), Some("rpc-v2-cbor"));
    assert_eq!(&reply.body[..23], b"\xa2\x66__type\x6eNotImplemented");
}

#[test]
fn who_accepts_only_json_reads_json() {
    let accept = |value: &'static str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("accept", value.parse().unwrap());
        reply::prefers_json(&headers)
    };
    assert!(accept("application/json") && accept("Application/JSON; q=1, text/xml"));
    assert!(!accept("*/*") && !accept("text/xml, application/json") && !accept("application/jsonx"));
    let reply = reply::query_json_fault(&Fault::access_denied("no \"x\""), "id-1");
    let json: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let error = serde_json::json!({ "Code": "AccessDenied", "Message": "no \"x\"", "Type": "Sender" });
    assert_eq!(json, serde_json::json!({ "Error": error, "RequestId": "id-1" }));
    assert_eq!((reply.status, reply.header("content-type")), (403, Some("application/json")));
}
