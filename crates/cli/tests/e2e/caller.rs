//! A client in this process: it signs, sends, and knows whether an answer came.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use testkit::Server;
use testkit::server::Credentials;
use wire::client::CallError;
use wire::schema::ServiceSchema;
use wire::shape::Operation;

/// Signs as someone at a server.
#[derive(Clone)]
pub(crate) struct Caller {
    endpoint: String,
    credentials: Credentials,
}

/// Why a call has no output.
#[derive(Debug)]
pub(crate) enum Failed {
    /// No answer came, so nobody knows whether it was done.
    Lost(#[allow(dead_code, reason = "shown by tests that fail")] io::Error),
    /// The server said no.
    Refused(CallError),
}

/// An output, and the id under which the trail has the call.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) output: T,
    pub(crate) request_id: String,
}

impl Caller {
    /// The server's administrator.
    pub(crate) fn of(server: &Server) -> Self {
        Self::with(server, server.credentials())
    }

    /// Whoever these credentials are of.
    pub(crate) fn with(server: &Server, credentials: Credentials) -> Self {
        Self { endpoint: server.endpoint().to_owned(), credentials }
    }

    /// The same at the address that the server has now.
    pub(crate) fn moved(&self, server: &Server) -> Self {
        Self::with(server, self.credentials.clone())
    }

    /// Calls an operation of IAM.
    pub(crate) fn iam<O: Operation>(&self, input: &O::Input) -> Result<Answer<O::Output>, Failed> {
        self.call::<O>(&wire::iam::SERVICE, "iam", input)
    }

    /// Calls an operation of STS.
    pub(crate) fn sts<O: Operation>(&self, input: &O::Input) -> Result<Answer<O::Output>, Failed> {
        self.call::<O>(&wire::sts::SERVICE, "sts", input)
    }

    /// Asks who it is by a presigned address, as a token for a cluster is.
    pub(crate) fn presigned_identity(&self) -> io::Result<String> {
        let now = base::Clock::now(&server::SystemClock);
        let uri: http::Uri =
            format!("{}/?Action=GetCallerIdentity&Version=2011-06-15", self.endpoint).parse().unwrap();
        let method = http::Method::GET;
        let headers = http::HeaderMap::new();
        let signed =
            wire::sigv4::presign(&self.keys(), ("sts", "us-east-1"), &method, &uri, &headers, 60, now)
                .unwrap();
        let target = signed.strip_prefix(&self.endpoint).unwrap();
        let host = uri.authority().unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = self.send(request.as_bytes())?;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        Ok(String::from_utf8(answer.body).unwrap())
    }

    fn keys(&self) -> wire::sigv4::Credentials {
        wire::sigv4::Credentials {
            access_key: self.credentials.access_key_id.clone(),
            secret: base::Secret::new(self.credentials.secret_access_key.clone()),
            token: self.credentials.session_token.clone().map(base::SecretString::new),
        }
    }

    fn call<O: Operation>(
        &self,
        service: &'static ServiceSchema,
        signing_name: &str,
        input: &O::Input,
    ) -> Result<Answer<O::Output>, Failed> {
        let request = wire::client::request::<O>(service, input);
        let bytes = self.signed(signing_name, &request);
        let answer = self.send(&bytes).map_err(Failed::Lost)?;
        let output =
            wire::client::response::<O>(service, answer.status, &answer.body).map_err(Failed::Refused)?;
        Ok(Answer { output, request_id: answer.request_id })
    }

    fn signed(&self, signing_name: &str, request: &wire::client::Request) -> Vec<u8> {
        let uri: http::Uri = format!("{}/", self.endpoint).parse().unwrap();
        let mut headers = http::HeaderMap::new();
        for (name, value) in &request.headers {
            headers.insert(*name, value.parse().unwrap());
        }
        let now = base::Clock::now(&server::SystemClock);
        let scope = (signing_name, "us-east-1");
        wire::sigv4::sign(&self.keys(), scope, &http::Method::POST, &uri, &mut headers, &request.body, now)
            .unwrap();
        let mut head = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n", request.body.len());
        for (name, value) in &headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        [head.as_bytes(), b"connection: close\r\n\r\n", &request.body].concat()
    }

    fn send(&self, request: &[u8]) -> io::Result<Raw> {
        let address = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Raw::parse(&answer).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }
}

struct Raw {
    status: u16,
    request_id: String,
    body: Vec<u8>,
}

impl Raw {
    /// A whole answer; half of one is no answer.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let body = bytes[end + 4..].to_vec();
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        if header("content-length")?.parse::<usize>().ok()? != body.len() {
            return None;
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, request_id: header("x-amzn-requestid")?, body })
    }
}
