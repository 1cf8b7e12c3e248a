//! The client's side: requests out of inputs, outputs or faults out of answers.

use crate::fault::Fault;
use crate::json::{self, JsonWriter, Style};
use crate::query;
use crate::schema::{Protocol, ServiceSchema};
use crate::shape::{Operation, Structure};
use crate::value::Fields;
use crate::xml::{self, Element, InvalidXml};

/// Headers and body of a `POST /`; it still has to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a call has no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The service refused it.
    #[error("{fault}")]
    Fault {
        /// What the service says.
        fault: Fault,
        /// The id of the request, if the answer carries one.
        request_id: Option<String>,
    },
    /// The answer cannot be understood.
    #[error("the answer with status {status} cannot be read: {why}")]
    Unreadable {
        /// Its HTTP status.
        status: u16,
        /// What is wrong with it.
        why: String,
    },
}

/// The request of an operation with generated types, in the query protocol or in JSON.
pub fn request<O: Operation>(service: &ServiceSchema, input: &O::Input) -> Request {
    match service.protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let body = JsonWriter::structure(input, Style::PROTOCOL);
            json_request(service, O::NAME, body.into_bytes())
        }
        _ => Request {
            headers: vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
            body: query::encode(service, O::schema(), input).into_bytes(),
        },
    }
}

/// The request of an operation of a JSON service, for a body that is already written.
pub fn json_request(service: &ServiceSchema, operation: &str, body: Vec<u8>) -> Request {
    let kind = match service.protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    };
    let target = format!("{}.{operation}", service.target_prefix.unwrap_or_default());
    Request { headers: vec![("content-type", kind.to_owned()), ("x-amz-target", target)], body }
}

/// The output of an operation with generated types.
///
/// # Errors
/// [`CallError::Fault`] if the service refused, [`CallError::Unreadable`] if the answer is not of its protocol.
pub fn response<O: Operation>(
    service: &ServiceSchema,
    status: u16,
    body: &[u8],
) -> Result<O::Output, CallError> {
    match service.protocol {
        Protocol::Json10 | Protocol::Json11 => {
            if status >= 300 {
                return Err(json_fault(status, body));
            }
            let fields = json::parse(body, <O::Output as Structure>::schema());
            fields.map(O::Output::read).map_err(|fault| CallError::Unreadable { status, why: fault.message })
        }
        _ => {
            let unreadable = |why: String| CallError::Unreadable { status, why };
            let text = std::str::from_utf8(body).map_err(|_| unreadable("not UTF-8".to_owned()))?;
            let root = Element::parse(text).map_err(|why| unreadable(why.to_string()))?;
            if status >= 300 {
                return Err(xml_fault(status, &root));
            }
            xml_output::<O>(&root).map(O::Output::read).map_err(|why| unreadable(why.to_string()))
        }
    }
}

fn xml_output<O: Operation>(root: &Element) -> Result<Fields, InvalidXml> {
    let schema = <O::Output as Structure>::schema();
    let wrapper = O::schema().result_wrapper;
    let missing = |name: &str| InvalidXml(format!("no `{name}`"));
    match wrapper {
        Some(name) => xml::members(root.child(name).ok_or_else(|| missing(name))?, schema),
        None => xml::members(root, schema),
    }
}

/// The output of an operation whose type uses serde.
///
/// # Errors
/// As [`response`].
pub fn json_response<T: serde::de::DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, CallError> {
    if status >= 300 {
        return Err(json_fault(status, body));
    }
    serde_json::from_slice(body).map_err(|why| CallError::Unreadable { status, why: why.to_string() })
}

fn xml_fault(status: u16, root: &Element) -> CallError {
    let error = root.child("Error").or_else(|| root.child("Errors")?.child("Error")).unwrap_or(root);
    let text = |name: &str| error.text_of(name).map(|text| text.trim().to_owned());
    let Some(code) = text("Code") else {
        return CallError::Unreadable { status, why: "an error without a code".to_owned() };
    };
    let mut fault = Fault::new(code, status, text("Message").unwrap_or_default());
    fault.sender = text("Type").map_or(status < 500, |kind| kind == "Sender");
    let request_id = root.text_of("RequestId").or_else(|| root.text_of("RequestID")).map(str::to_owned);
    CallError::Fault { fault, request_id }
}

fn json_fault(status: u16, body: &[u8]) -> CallError {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
        return CallError::Unreadable { status, why: "not JSON".to_owned() };
    };
    let text = |name: &str| json.get(name).and_then(serde_json::Value::as_str);
    let Some(code) = text("__type").or_else(|| text("code")) else {
        return CallError::Unreadable { status, why: "an error without a type".to_owned() };
    };
    // `com.amazon.coral.service#AccessDeniedException`, `ValidationException:http://…`.
    let code = code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code);
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    CallError::Fault { fault: Fault::new(code.to_owned(), status, message), request_id: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::ops::{CreateUser, DeleteUser, ListUsers};
    use crate::iam::{CreateUserRequest, CreateUserResponse, SERVICE, User};
    use crate::reply::{self, Dialect};
    use crate::shape::Unit;

    #[test]
    fn outputs_come_back() {
        let user = User { user_name: "Bob<>&\"\r\n ".into(), path: "/".into(), ..Default::default() };
        let output = CreateUserResponse { user: Some(user) };
        let reply = reply::success(&SERVICE, CreateUser::schema(), &output, "id-1");
        assert_eq!(response::<CreateUser>(&SERVICE, reply.status, &reply.body), Ok(output));
        let reply = reply::success(&SERVICE, DeleteUser::schema(), &Unit, "id-1");
        assert_eq!(response::<DeleteUser>(&SERVICE, reply.status, &reply.body), Ok(Unit));
        let reply =
            reply::success(&SERVICE, ListUsers::schema(), &crate::iam::ListUsersResponse::default(), "i");
        assert_eq!(response::<ListUsers>(&SERVICE, reply.status, &reply.body).unwrap().users, []);
    }

    #[test]
    fn faults_come_back() {
        let fault = Fault::of(&crate::iam::errors::NO_SUCH_ENTITY, "no <user> \"Bob\"");
        for protocol in [Protocol::Query, Protocol::Ec2, Protocol::RestXml] {
            for bare_errors in [false, true] {
                let dialect = Dialect { protocol, bare_errors, ..Dialect::UNKNOWN };
                let reply = reply::fault(&fault, dialect, "id-1");
                let error = response::<CreateUser>(&SERVICE, reply.status, &reply.body).unwrap_err();
                assert_eq!(error, CallError::Fault { fault: fault.clone(), request_id: Some("id-1".into()) });
            }
        }
        let reply = reply::fault(&fault, Dialect { protocol: Protocol::Json11, ..Dialect::UNKNOWN }, "id-1");
        let error = json_response::<serde_json::Value>(reply.status, &reply.body).unwrap_err();
        assert_eq!(error, CallError::Fault { fault, request_id: None });
    }

    #[test]
    fn other_answers_are_unreadable() {
        for body in [&b""[..], b"<html>", b"\xff", b"<a/>"] {
            let error = response::<CreateUser>(&SERVICE, 502, body).unwrap_err();
            assert!(matches!(error, CallError::Unreadable { status: 502, .. }), "{error}");
        }
    }

    #[test]
    fn inputs_go_out_as_forms() {
        let input = CreateUserRequest { user_name: "Bob".into(), ..Default::default() };
        let request = request::<CreateUser>(&SERVICE, &input);
        assert_eq!(request.body, b"Action=CreateUser&Version=2010-05-08&UserName=Bob");
    }
}
