//! Answers that the server gives itself, in AWS's form.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>.

use base::Uuid;
use http::{HeaderMap, header};
use services::Outgoing;

/// Why the server did not hand a request on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The body is larger than `limit` bytes.
    TooLarge { limit: usize },
    /// The body did not come in time.
    BodyTimeout,
    /// The body broke off or was not framed right.
    BrokenBody,
    /// Too many large bodies are being read.
    Busy,
    /// The request was dropped on the way.
    Internal,
}

impl Refusal {
    fn status(self) -> u16 {
        match self {
            Refusal::TooLarge { .. } => 413,
            Refusal::BodyTimeout | Refusal::BrokenBody => 400,
            Refusal::Busy => 503,
            Refusal::Internal => 500,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Refusal::TooLarge { .. } => "RequestEntityTooLarge",
            Refusal::BodyTimeout => "RequestTimeout",
            Refusal::BrokenBody => "IncompleteBody",
            Refusal::Busy => "ServiceUnavailable",
            Refusal::Internal => "InternalFailure",
        }
    }

    fn message(self) -> String {
        match self {
            Refusal::TooLarge { limit } => format!("The request body is larger than {limit} bytes."),
            Refusal::BodyTimeout => "The request body did not arrive in time.".into(),
            Refusal::BrokenBody => "The request body is incomplete or malformed.".into(),
            Refusal::Busy => "Too many large requests are being read; try again.".into(),
            Refusal::Internal => {
                "The request processing has failed because of an unknown error, exception or failure.".into()
            }
        }
    }

    /// The answer, in JSON for a caller that speaks JSON and otherwise in the query protocol's XML.
    pub(crate) fn answer(self, headers: &HeaderMap, request_id: Uuid) -> Outgoing {
        let (kind, body) = if speaks_json(headers) {
            let body = serde_json::json!({ "__type": self.code(), "message": self.message() });
            ("application/x-amz-json-1.1", body.to_string())
        } else {
            ("text/xml", self.xml(request_id))
        };
        Outgoing {
            status: self.status(),
            headers: vec![("content-type", kind.into()), ("x-amzn-requestid", request_id.to_string().into())],
            body: body.into_bytes(),
        }
    }

    fn xml(self, request_id: Uuid) -> String {
        let side = if self.status() < 500 { "Sender" } else { "Receiver" };
        // Nothing here comes from the request, so nothing needs escaping.
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <Error>\n    \
             <Type>{side}</Type>\n    <Code>{}</Code>\n    <Message>{}</Message>\n  </Error>\n  \
             <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
            self.code(),
            self.message(),
        )
    }
}

fn speaks_json(headers: &HeaderMap) -> bool {
    headers.contains_key("x-amz-target")
        || headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-amz-json"))
}
