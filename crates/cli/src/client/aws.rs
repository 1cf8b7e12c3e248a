//! Calls of any service of AWS's, or of one server that answers for them: signed, tried again when the service is
//! busy, with errors as codes.

use super::credentials::Credentials;
use super::network::{Url, exchange, trust};
use super::profile::{Profile, Way};
use crate::problem::{Problem, plain};
use base::{Clock, Partition};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use rustls::ClientConfig;
use server::SystemClock;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wire::xml::Element;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 7;
/// The first pause between two attempts; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(250);

/// Where services are, and who calls them.
pub(crate) struct Aws {
    credentials: wire::sigv4::Credentials,
    /// The region of calls that name none.
    pub(crate) region: String,
    endpoint: Option<Url>,
    tls: Option<Arc<ClientConfig>>,
}

/// How to reach them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reached<'a> {
    /// A profile of the files of AWS's own tools.
    pub(crate) profile: Option<&'a str>,
    /// One server for all services.
    pub(crate) endpoint: Option<&'a str>,
    /// The region, if it is not the profile's.
    pub(crate) region: Option<&'a str>,
    /// Certificates to trust.
    pub(crate) ca_bundle: Option<&'a Path>,
}

/// A request of a service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call<'a> {
    /// The name that it is signed for: `iam`.
    pub(crate) service: &'a str,
    /// The host's first part, if it is another one.
    pub(crate) host: Option<String>,
    /// The region; that of the profile if there is none.
    pub(crate) region: Option<&'a str>,
    /// `GET` or `POST`.
    pub(crate) get: bool,
    /// Path and query; `/` if empty.
    pub(crate) target: String,
    /// Headers to be signed.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The service says no.
    Refused {
        /// The code: `AccessDenied`.
        code: String,
        /// What it says.
        message: String,
    },
    /// Nobody answers, or not in a way that can be read.
    Silent(String),
}

impl Failure {
    /// In a report: the code, or why nobody answers.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Silent(why) => why,
        }
    }

    /// Whether it is this code.
    pub(crate) fn is(&self, wanted: &[&str]) -> bool {
        matches!(self, Self::Refused { code, .. } if wanted.contains(&code.as_str()))
    }
}

impl Aws {
    /// Finds credentials and addresses; assumes the profile's role if it has one.
    pub(crate) fn reach(reached: &Reached<'_>) -> Result<Self, Problem> {
        let found = reached.profile.map(Profile::find).transpose()?;
        let (way, region) = match found {
            Some(profile) => (profile.way, profile.region),
            None => (Way::Keys(Credentials::find()?), None),
        };
        let region = reached.region.map(str::to_owned).or_else(crate::environment::aws_region).or(region);
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = match (reached.endpoint, reached.profile) {
            (Some(endpoint), _) => Some(Url::parse(endpoint)?),
            (None, Some(_)) => None,
            (None, None) => crate::environment::aws_endpoint().map(|url| Url::parse(&url)).transpose()?,
        };
        let secure = endpoint.as_ref().is_none_or(|url| url.secure);
        let tls = if secure { Some(Arc::new(trust(reached.ca_bundle)?)) } else { None };
        let keys = |found: Credentials| wire::sigv4::Credentials {
            access_key: found.key,
            secret: base::Secret::new(found.secret.expose()),
            token: found.token,
        };
        match way {
            Way::Keys(found) => Ok(Self { credentials: keys(found), region, endpoint, tls }),
            Way::Role { with, role, external_id, session } => {
                let mut aws = Self { credentials: keys(with), region, endpoint, tls };
                aws.credentials = aws.assume(&role, external_id.as_deref(), &session)?;
                Ok(aws)
            }
        }
    }

    /// The partition of the region.
    pub(crate) fn partition(&self) -> Partition {
        Partition::of_region(&self.region).unwrap_or(Partition::aws())
    }

    fn assume(
        &self,
        role: &str,
        external_id: Option<&str>,
        session: &str,
    ) -> Result<wire::sigv4::Credentials, Problem> {
        let mut params = vec![("RoleArn", role), ("RoleSessionName", session)];
        params.extend(external_id.map(|id| ("ExternalId", id)));
        let root = self.query("sts", "2011-06-15", "AssumeRole", &params, None).map_err(|failure| {
            Problem::refused(
                failure.reason(),
                format!("the role `{role}` cannot be assumed: {}", failure.reason()),
            )
        })?;
        let found = root.child("AssumeRoleResult").and_then(|result| result.child("Credentials"));
        let text = |name: &str| found.and_then(|found| found.text_of(name)).unwrap_or_default().to_owned();
        Ok(wire::sigv4::Credentials {
            access_key: text("AccessKeyId"),
            secret: base::Secret::new(text("SecretAccessKey").as_str()),
            token: Some(base::SecretString::new(text("SessionToken"))),
        })
    }

    /// An operation of the query protocol.
    pub(crate) fn query(
        &self,
        service: &str,
        version: &str,
        operation: &str,
        params: &[(&str, &str)],
        region: Option<&str>,
    ) -> Result<Element, Failure> {
        let mut body = format!("Action={operation}&Version={version}");
        for (name, value) in params {
            body.push_str(&format!("&{name}={}", wire::percent::encode(value)));
        }
        let call = Call {
            service,
            region,
            headers: vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
            body: body.into_bytes(),
            ..Call::default()
        };
        self.xml(&call)
    }

    /// An operation of a JSON service.
    pub(crate) fn json(
        &self,
        (service, target): (&str, &str),
        input: &serde_json::Value,
        region: Option<&str>,
    ) -> Result<serde_json::Value, Failure> {
        let call = Call {
            service,
            region,
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", target.to_owned()),
            ],
            body: input.to_string().into_bytes(),
            ..Call::default()
        };
        let body = self.send(&call)?;
        serde_json::from_slice(&body).map_err(|_| Failure::Silent("the answer is not JSON".into()))
    }

    /// A request whose answer is JSON.
    pub(crate) fn rest_json(&self, call: &Call<'_>) -> Result<serde_json::Value, Failure> {
        let body = self.send(call)?;
        serde_json::from_slice(&body).map_err(|_| Failure::Silent("the answer is not JSON".into()))
    }

    /// A request whose answer is XML.
    pub(crate) fn xml(&self, call: &Call<'_>) -> Result<Element, Failure> {
        let body = self.send(call)?;
        let text = std::str::from_utf8(&body).map_err(|_| Failure::Silent("the answer is not XML".into()))?;
        Element::parse(text).map_err(|error| Failure::Silent(error.to_string()))
    }

    /// Sends a request, again and again with growing pauses while the service is busy.
    pub(crate) fn send(&self, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let failure = match self.once(call) {
                Ok(body) => return Ok(body),
                Err((failure, false)) => return Err(failure),
                Err((failure, true)) => failure,
            };
            if attempt == ATTEMPTS {
                return Err(failure);
            }
            attempt += 1;
            std::thread::sleep(pause);
            pause *= 2;
        }
    }

    /// Sends a request once; an error comes with whether to try again.
    fn once(&self, call: &Call<'_>) -> Result<Vec<u8>, (Failure, bool)> {
        let silent = |why: String| (Failure::Silent(why), false);
        let region = self.signed_region(call);
        let url = self.url(call, region).map_err(|problem| silent(problem.message().to_owned()))?;
        let authority = url.uri.authority().map_or("", |authority| authority.as_str()).to_owned();
        let scheme = if url.secure { "https" } else { "http" };
        let target = if call.target.is_empty() { "/" } else { &call.target };
        let uri: Uri = format!("{scheme}://{authority}{target}")
            .parse()
            .map_err(|_| silent(format!("`{target}` cannot be asked for")))?;
        let method = if call.get { Method::GET } else { Method::POST };
        let mut headers = HeaderMap::new();
        for (name, value) in &call.headers {
            let value =
                HeaderValue::from_str(value).map_err(|_| silent(format!("`{name}` cannot be sent")))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let scope = (call.service, region);
        wire::sigv4::sign(
            &self.credentials,
            scope,
            &method,
            &uri,
            &mut headers,
            &call.body,
            SystemClock.now(),
        )
        .map_err(|fault| silent(format!("the request cannot be signed: {}", fault.message)))?;
        let pairs: Vec<(&str, String)> = headers
            .iter()
            .filter(|(name, _)| *name != http::header::HOST)
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let line = (method.as_str(), target, authority.as_str());
        let tls = self.tls.as_ref().filter(|_| url.secure);
        match exchange((url.host.as_str(), url.port), tls, line, &pairs, &call.body) {
            Ok(reply) if reply.status < 300 => Ok(reply.body),
            Ok(reply) => {
                let failure = refused(reply.status, &reply.body);
                let again = is_busy(reply.status, &failure);
                Err((failure, again))
            }
            Err(error) => {
                let gone = matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound
                        | std::io::ErrorKind::ConnectionRefused
                        | std::io::ErrorKind::InvalidInput
                );
                let lookup = error.to_string().contains("lookup");
                Err((Failure::Silent(format!("no answer: {}", plain(&error))), !gone && !lookup))
            }
        }
    }

    /// Global services are signed for one region of their partition.
    fn signed_region<'b>(&'b self, call: &Call<'b>) -> &'b str {
        const GLOBAL: [&str; 2] = ["iam", "organizations"];
        let region = call.region.unwrap_or(&self.region);
        if GLOBAL.contains(&call.service) { self.partition().facts().global_region } else { region }
    }

    fn url(&self, call: &Call<'_>, region: &str) -> Result<Url, Problem> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let facts = self.partition().facts();
        let host = call.host.as_deref().unwrap_or(call.service);
        let name = match (call.service, facts.id) {
            ("iam", "aws") => format!("iam.{}", facts.dns_suffix),
            ("iam", "aws-us-gov") => format!("iam.us-gov.{}", facts.dns_suffix),
            _ => format!("{host}.{region}.{}", facts.dns_suffix),
        };
        Url::parse(&format!("https://{name}"))
    }
}

/// The error in an answer, in XML or in JSON.
fn refused(status: u16, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    if let Ok(root) = Element::parse(&text) {
        let error = root.child("Error").or_else(|| root.child("Errors")?.child("Error")).unwrap_or(&root);
        let told = |name: &str| error.text_of(name).unwrap_or_default().trim().to_owned();
        if !told("Code").is_empty() {
            return Failure::Refused { code: told("Code"), message: told("Message") };
        }
    }
    if let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) {
        let told =
            |names: &[&str]| names.iter().find_map(|name| body.get(*name)?.as_str()).unwrap_or_default();
        let code = told(&["__type", "code", "Code", "Type"]);
        let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let code = if code.is_empty() { format!("status {status}") } else { code.to_owned() };
        return Failure::Refused { code, message: told(&["message", "Message"]).to_owned() };
    }
    Failure::Refused { code: format!("status {status}"), message: String::new() }
}

/// Whether a service asks for patience.
fn is_busy(status: u16, failure: &Failure) -> bool {
    const BUSY: [&str; 9] = [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "LimitExceededException",
        "PriorRequestNotComplete",
    ];
    failure.is(&BUSY) || status == 429 || matches!(status, 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_by_their_codes() {
        let xml = b"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        let busy = refused(400, xml);
        assert!(is_busy(400, &busy) && busy.reason() == "Throttling");
        let s3 = refused(404, b"<Error><Code>NoSuchBucketPolicy</Code></Error>");
        assert!(s3.is(&["NoSuchBucketPolicy"]) && !is_busy(404, &s3));
        let json =
            refused(400, br#"{"__type":"com.amazonaws#AccessDeniedException:http://x","Message":"no"}"#);
        assert_eq!(json.reason(), "AccessDeniedException");
        assert_eq!(refused(501, b"what").reason(), "status 501");
    }
}
