//! Replies: outputs and faults in the caller's protocol. This is the one place that spells a [`Fault`].

use crate::fault::Fault;
use crate::json::{JsonWriter, Style};
use crate::route::KnownService;
use crate::schema::{OperationSchema, Protocol, ServiceSchema};
use crate::shape::Structure;
use crate::xml::{XmlWriter, escape_onto};
use std::borrow::Cow;
use std::fmt::Write;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers, names in lower case; `content-length` is the server's to set.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, content_type: &'static str, request_id: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers =
            vec![("content-type", content_type.into()), ("x-amzn-requestid", request_id.to_owned().into())];
        Self { status, headers, body: body.into() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_ref())
    }
}

impl From<Reply> for http::Response<Vec<u8>> {
    fn from(reply: Reply) -> Self {
        let mut response = http::Response::new(reply.body);
        *response.status_mut() =
            http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in reply.headers {
            if let Ok(value) = http::HeaderValue::from_str(&value) {
                response.headers_mut().insert(http::HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// How a caller must be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The protocol.
    pub protocol: Protocol,
    /// The namespace of XML answers.
    pub namespace: Option<&'static str>,
    /// S3 writes its errors without an element around them.
    pub bare_errors: bool,
}

impl Dialect {
    /// When nothing is known of the caller.
    pub const UNKNOWN: Dialect = Dialect { protocol: Protocol::Query, namespace: None, bare_errors: false };

    /// The dialect of a service that is built here.
    pub fn of(service: &'static ServiceSchema) -> Self {
        Self { protocol: service.protocol, namespace: service.xml_namespace, bare_errors: false }
    }

    /// The dialect of any service of AWS.
    pub fn of_known(service: &KnownService) -> Self {
        Self { protocol: service.protocol, namespace: None, bare_errors: service.id.starts_with("s3") }
    }
}

const XML: &str = "text/xml";

/// The answer to a call that succeeded, for generated outputs.
pub fn success(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Structure,
    request_id: &str,
) -> Reply {
    match service.protocol {
        Protocol::Cbor => {
            let unspoken = Fault::not_implemented(service.id, Some(operation.name));
            fault(&unspoken, Dialect::of(service), request_id)
        }
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
            let body = JsonWriter::structure(output, Style::PROTOCOL);
            Reply::new(200, json_type(service.protocol), request_id, body)
        }
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {
            Reply::new(200, XML, request_id, query_result(service, operation, output, request_id))
        }
    }
}

fn query_result(
    service: &ServiceSchema,
    operation: &OperationSchema,
    output: &dyn Structure,
    request_id: &str,
) -> String {
    let name = operation.name;
    let mut out = String::with_capacity(1024);
    out.extend(["<", name, "Response xmlns=\"", service.xml_namespace.unwrap_or_default(), "\">"]);
    if operation.output.is_some() {
        let wrapper = operation.result_wrapper;
        if let Some(wrapper) = wrapper {
            out.extend(["<", wrapper, ">"]);
        }
        let mut writer = XmlWriter::new(out);
        output.write(&mut writer);
        out = writer.finish();
        if let Some(wrapper) = wrapper {
            out.extend(["</", wrapper, ">"]);
        }
    }
    out.push_str("<ResponseMetadata><RequestId>");
    escape_onto(&mut out, request_id);
    out.extend(["</RequestId></ResponseMetadata></", name, "Response>"]);
    out
}

/// Whether the caller of a query service wants JSON: its `Accept` names that first. What checks the identity of
/// others does, as in `aws-iam-authenticator`, when it sends on a presigned `GetCallerIdentity`.
pub fn prefers_json(headers: &http::HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = accept.split([',', ';']).next().unwrap_or_default();
    first.trim().eq_ignore_ascii_case("application/json")
}

/// As [`success`], of a query service to a caller that [prefers JSON](prefers_json): the elements of the XML
/// answer as members, instants in seconds since 1970.
pub fn query_json(operation: &'static OperationSchema, output: &dyn Structure, request_id: &str) -> Reply {
    let mut members = format!("\"ResponseMetadata\":{{\"RequestId\":{}}}", quoted(request_id));
    if let (Some(_), Some(wrapper)) = (operation.output, operation.result_wrapper) {
        let result = JsonWriter::structure(output, Style::PROTOCOL);
        members = format!("{}:{result},{members}", quoted(wrapper));
    }
    let body = format!("{{\"{}Response\":{{{members}}}}}", operation.name);
    Reply::new(200, json_type(Protocol::RestJson), request_id, body)
}

/// As [`fault`], of a query service to a caller that [prefers JSON](prefers_json).
pub fn query_json_fault(fault: &Fault, request_id: &str) -> Reply {
    let kind = if fault.sender { "Sender" } else { "Receiver" };
    let error = serde_json::json!({ "Code": fault.code, "Message": fault.message, "Type": kind });
    let body = serde_json::json!({ "Error": error, "RequestId": request_id }).to_string();
    Reply::new(fault.status, json_type(Protocol::RestJson), request_id, body)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The answer to a call that succeeded, for services whose types are written with serde.
pub fn json<T: serde::Serialize>(protocol: Protocol, output: &T, request_id: &str) -> Reply {
    match serde_json::to_vec(output) {
        Ok(body) => Reply::new(200, json_type(protocol), request_id, body),
        // Maps with keys that are no text, which none of our types has.
        Err(_) => fault(&Fault::internal(), Dialect { protocol, ..Dialect::UNKNOWN }, request_id),
    }
}

const fn json_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        _ => "application/json",
    }
}

/// The answer to a call that failed.
pub fn fault(fault: &Fault, dialect: Dialect, request_id: &str) -> Reply {
    match dialect.protocol {
        Protocol::Query => Reply::new(fault.status, XML, request_id, wrapped(fault, dialect, request_id)),
        Protocol::RestXml if dialect.bare_errors => {
            Reply::new(fault.status, "application/xml", request_id, bare(fault, request_id))
        }
        Protocol::RestXml => {
            Reply::new(fault.status, "application/xml", request_id, wrapped(fault, dialect, request_id))
        }
        Protocol::Ec2 => {
            let mut out = DECLARATION.to_owned() + "<Response><Errors><Error><Code>";
            code_and_message(&mut out, fault);
            out.push_str("</Message></Error></Errors><RequestID>");
            escape_onto(&mut out, request_id);
            out.push_str("</RequestID></Response>");
            Reply::new(fault.status, "text/xml;charset=UTF-8", request_id, out)
        }
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
            json_fault(fault, dialect.protocol, request_id)
        }
        Protocol::Cbor => {
            let (code, status) = json_code(fault);
            let mut reply = Reply::new(status, "application/cbor", request_id, cbor(code, &fault.message));
            reply.headers.push(("smithy-protocol", "rpc-v2-cbor".into()));
            reply
        }
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

fn code_and_message(out: &mut String, fault: &Fault) {
    escape_onto(out, &fault.code);
    out.push_str("</Code><Message>");
    escape_onto(out, &fault.message);
}

fn wrapped(fault: &Fault, dialect: Dialect, request_id: &str) -> String {
    let mut out = String::with_capacity(512);
    out.push_str("<ErrorResponse");
    if let Some(namespace) = dialect.namespace {
        let _ = write!(out, " xmlns=\"{namespace}\"");
    }
    out.push_str("><Error><Type>");
    out.push_str(if fault.sender { "Sender" } else { "Receiver" });
    out.push_str("</Type><Code>");
    code_and_message(&mut out, fault);
    out.push_str("</Message></Error><RequestId>");
    escape_onto(&mut out, request_id);
    out.push_str("</RequestId></ErrorResponse>");
    out
}

fn bare(fault: &Fault, request_id: &str) -> String {
    let mut out = DECLARATION.to_owned() + "<Error><Code>";
    code_and_message(&mut out, fault);
    out.push_str("</Message><RequestId>");
    escape_onto(&mut out, request_id);
    out.push_str("</RequestId></Error>");
    out
}

fn json_fault(fault: &Fault, protocol: Protocol, request_id: &str) -> Reply {
    let (code, status) = json_code(fault);
    let body = serde_json::json!({ "__type": code, "message": fault.message }).to_string();
    let mut reply = Reply::new(status, json_type(protocol), request_id, body);
    reply.headers.push(("x-amzn-errortype", code.to_owned().into()));
    reply
}

/// Codes and statuses that JSON services spell otherwise than query services.
fn json_code(fault: &Fault) -> (&str, u16) {
    let code = match fault.code.as_ref() {
        "AccessDenied" => "AccessDeniedException",
        "ValidationError" => "ValidationException",
        "InvalidAction" => "UnknownOperationException",
        "MissingAction" => "UnknownOperationException",
        "MalformedInput" => "SerializationException",
        "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
        "IncompleteSignature" => "IncompleteSignatureException",
        "SignatureDoesNotMatch" => "InvalidSignatureException",
        "InvalidClientTokenId" => "UnrecognizedClientException",
        "ExpiredToken" => "ExpiredTokenException",
        "Throttling" => "ThrottlingException",
        "ServiceUnavailable" => "ServiceUnavailableException",
        other => other,
    };
    // The JSON protocols answer 400 to everything that is the caller's fault.
    let status = if fault.status < 500 && code != fault.code { 400 } else { fault.status };
    (code, status)
}

/// `{"__type": code, "message": message}` in CBOR.
fn cbor(code: &str, message: &str) -> Vec<u8> {
    let mut out = vec![0xA2];
    for text in ["__type", code, "message", message] {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        match length {
            0..=23 => out.push(0x60 | length as u8),
            24..=255 => out.extend([0x78, length as u8]),
            _ => {
                out.push(0x7A);
                out.extend(length.to_be_bytes());
            }
        }
        out.extend(text.as_bytes());
    }
    out
}
