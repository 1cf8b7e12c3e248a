//! Requests find their service and operation, and unbuilt services are answered in their own protocol.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_wire as wire;

use wire::route::{Route, Router};
use wire::{Dialect, Fault, Head, Protocol, iam, reply, sigv4, sts};

static ROUTER: Router = Router::new(&[&iam::SERVICE, &sts::SERVICE]);

struct Case<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a [(&'a str, &'a str)],
    scope: Option<&'a str>,
    body: &'a str,
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

impl Case<'_> {
    fn route(&self) -> Route {
        let mut request = http::Request::builder().method(self.method).uri(self.target);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        if let Some(scope) = self.scope {
            let value = format!(
                "AWS4-HMAC-SHA256 Credential=AKIA/20261122/us-east-1/{scope}/aws4_request, SignedHeaders=host, Signature=0"
            );
            request = request.header("authorization", value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let head = Head::of(&parts);
        let params = head.params(self.body.as_bytes()).unwrap();
        ROUTER.route(&head, &params, sigv4::claimed_service(&head, &params))
    }
}

fn form<'a>(scope: Option<&'a str>, body: &'a str) -> Case<'a> {
    Case { method: "POST", target: "/", headers: &[FORM], scope, body }
}

#[track_caller]
fn operation(case: &Case<'_>, expected: &str) {
    match case.route() {
        Route::Operation { service, operation } => {
            assert_eq!(format!("{}:{}", service.id, operation.name), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fault(case: &Case<'_>, code: &str, message: &str) -> Fault {
    let fault = case.route().fault().unwrap();
    assert_eq!((fault.code.as_ref(), fault.message.as_str()), (code, message));
    fault
}

#[test]
fn query_operations_are_found() {
    operation(&form(Some("iam"), "Action=CreateUser&Version=2010-05-08"), "iam:CreateUser");
    operation(&form(Some("sts"), "Action=GetCallerIdentity&Version=2011-06-15"), "sts:GetCallerIdentity");
    operation(&form(None, "Action=AssumeRoleWithSAML&Version=2011-06-15"), "sts:AssumeRoleWithSAML");
    let get = Case {
        method: "GET",
        target: "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=A%2F20261122%2Fus-east-1%2Fsts%2Faws4_request",
        headers: &[],
        scope: None,
        body: "",
    };
    operation(&get, "sts:GetCallerIdentity");
    // The version leads to the service; that the scope is another one is for the signature to refuse.
    operation(&form(Some("sts"), "Action=CreateUser&Version=2010-05-08"), "iam:CreateUser");
}

#[test]
fn unknown_operations_and_versions_are_invalid_actions() {
    let message = "Could not find operation Nope for version 2010-05-08";
    fault(&form(Some("iam"), "Action=Nope&Version=2010-05-08"), "InvalidAction", message);
    fault(&form(None, "Action=Nope&Version=2010-05-08"), "InvalidAction", message);
    let message = "Could not find operation CreateUser for version 2010-05-09";
    fault(&form(Some("iam"), "Action=CreateUser&Version=2010-05-09"), "InvalidAction", message);
    let message = "Could not find operation CreateUser for version NO_VERSION_SPECIFIED";
    fault(&form(Some("iam"), "Action=CreateUser"), "InvalidAction", message);
    fault(&form(None, "Action=CreateUser"), "InvalidAction", message);
    // Names are exact.
    fault(
        &form(Some("iam"), "Action=createuser&Version=2010-05-08"),
        "InvalidAction",
        "Could not find operation createuser for version 2010-05-08",
    );
    fault(
        &form(Some("iam"), "action=CreateUser&Version=2010-05-08"),
        "MissingAction",
        "The request is missing an action or a required parameter.",
    );
}

#[test]
fn case_001_a_request_that_says_nothing_is_unsigned() {
    let case = Case { method: "GET", target: "/", headers: &[], scope: None, body: "" };
    fault(&case, "MissingAuthenticationToken", "Request is missing Authentication Token");
    assert_eq!(case.route().dialect(), Dialect::UNKNOWN);
}

#[test]
fn unbuilt_services_are_named_in_their_protocol() {
    let json = |target| [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")];
    let dynamodb = json("DynamoDB_20120810.ListTables");
    let organizations = [
        ("x-amz-target", "AWSOrganizationsV20161128.ListRoots"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let get = |target, scope| Case { method: "GET", target, headers: &[], scope: Some(scope), body: "" };
    let cbor = [("smithy-protocol", "rpc-v2-cbor")];
    let cases = [
        (get("/", "s3"), "service s3", Protocol::RestXml),
        (
            form(Some("ec2"), "Action=DescribeInstances&Version=2016-11-15"),
            "operation ec2:DescribeInstances",
            Protocol::Ec2,
        ),
        (
            Case { method: "POST", target: "/", headers: &dynamodb, scope: Some("dynamodb"), body: "{}" },
            "operation dynamodb:ListTables",
            Protocol::Json10,
        ),
        (
            Case {
                method: "POST",
                target: "/",
                headers: &organizations,
                scope: Some("organizations"),
                body: "{}",
            },
            "operation organizations:ListRoots",
            Protocol::Json11,
        ),
        (get("/2015-03-31/functions/", "lambda"), "service lambda", Protocol::RestJson),
        (
            form(Some("sqs"), "Action=ListQueues&Version=2012-11-05"),
            "operation sqs:ListQueues",
            Protocol::Query,
        ),
        (
            Case {
                method: "POST",
                target: "/service/GraniteServiceVersion20100801/operation/ListMetrics",
                headers: &cbor,
                scope: Some("monitoring"),
                body: "",
            },
            "operation cloudwatch:ListMetrics",
            Protocol::Cbor,
        ),
    ];
    for (case, what, protocol) in cases {
        let fault = fault(&case, "NotImplemented", &format!("Bailiwick does not implement the {what}."));
        let dialect = case.route().dialect();
        assert_eq!((fault.status, dialect.protocol), (501, protocol), "{what}");
        assert_eq!(reply::fault(&fault, dialect, "id").status, 501);
    }
}

#[test]
fn the_table_is_sorted_and_knows_its_services() {
    let known = wire::route::known_services();
    assert!(known.len() > 300);
    assert!(known.is_sorted_by_key(|service| service.signing_name));
    for service in [&iam::SERVICE, &sts::SERVICE] {
        assert!(service.operations.is_sorted_by_key(|operation| operation.name));
        assert!(known.iter().any(|row| row.id == service.id && row.api_version == service.api_version));
    }
    assert_eq!((iam::SERVICE.operations.len(), sts::SERVICE.operations.len()), (180, 11));
}
