//! Load for `cargo xtask bench`: keep-alive connections that send signed requests to a server on this machine.
//!
//! `load seed ADDRESS USERS` makes users and one more with a key, whose halves it prints; the keys to do so are
//! taken from `AWS_ACCESS_KEY_ID` and its companions. `load run ADDRESS KIND CONNECTIONS SECONDS` sends
//! `caller` (`GetCallerIdentity`), `user` (`GetUser`) or `hello` (a plain `GET`), and prints how many requests
//! were answered, and in how many seconds. Requests are signed beforehand, a stock for each connection, so that
//! signing takes no time from the server; only loopback addresses are taken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

use base::{Secret, SecretString, Timestamp};
use http::{HeaderMap, Method, Uri};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wire::sigv4::{Credentials, sign};

use bailiwick_wire as wire;

/// Signatures are good for fifteen minutes.
const SIGNED_FOR: Duration = Duration::from_secs(300);
/// Requests signed beforehand on each connection.
const STOCK: usize = 64;
/// Nobody needs more of either.
const MOST_SECONDS: u64 = 600;
const MOST_CONNECTIONS: usize = 256;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}}"#;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["seed", address, users] => seed(loopback(address), users.parse().expect("a number of users")),
        ["run", address, kind, connections, seconds] => run(
            loopback(address),
            kind,
            connections.parse::<usize>().expect("a number of connections").min(MOST_CONNECTIONS),
            Duration::from_secs(seconds.parse::<u64>().expect("seconds").min(MOST_SECONDS)),
        ),
        _ => {
            panic!("usage: load seed ADDRESS USERS | load run ADDRESS caller|user|hello CONNECTIONS SECONDS")
        }
    }
}

fn loopback(text: &str) -> SocketAddr {
    let address: SocketAddr = text.parse().expect("ADDRESS:PORT");
    assert!(address.ip().is_loopback(), "only servers on this machine");
    address
}

fn credentials() -> Credentials {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Credentials {
        access_key: read("AWS_ACCESS_KEY_ID").expect("AWS_ACCESS_KEY_ID"),
        secret: Secret::new(read("AWS_SECRET_ACCESS_KEY").expect("AWS_SECRET_ACCESS_KEY")),
        token: read("AWS_SESSION_TOKEN").map(SecretString::new),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis() as i64)
}

/// A signed request as it goes over the wire.
fn signed(address: SocketAddr, who: &Credentials, service: &str, parameters: &[(&str, &str)]) -> Vec<u8> {
    let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
    let mut body = format!("Version={version}");
    for (name, value) in parameters {
        body += &format!("&{name}={}", wire::percent::encode(value));
    }
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
    headers
        .insert("user-agent", "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python".parse().unwrap());
    let uri: Uri = format!("http://{address}/").parse().unwrap();
    sign(who, (service, "us-east-1"), &Method::POST, &uri, &mut headers, body.as_bytes(), now()).unwrap();
    let mut request = b"POST / HTTP/1.1\r\n".to_vec();
    for (name, value) in &headers {
        request.extend(name.as_str().bytes().chain(*b": ").chain(value.as_bytes().iter().copied()));
        request.extend(b"\r\n");
    }
    request.extend(format!("content-length: {}\r\n\r\n{body}", body.len()).bytes());
    request
}

/// A connection that is opened again when the server closes it.
struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    body: Vec<u8>,
}

impl Connection {
    fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, body: Vec::new() }
    }

    /// Sends a request and reads the answer's body; the answer must be a success.
    fn send(&mut self, request: &[u8]) -> &[u8] {
        for _ in 0..3 {
            if self.stream.is_none() {
                let stream = TcpStream::connect(self.address).expect("the server takes connections");
                stream.set_nodelay(true).unwrap();
                self.stream = Some(BufReader::new(stream));
            }
            if self.exchange(request).is_ok() {
                return &self.body;
            }
            self.stream = None;
        }
        panic!("the server closes connections without an answer");
    }

    fn exchange(&mut self, request: &[u8]) -> std::io::Result<()> {
        let stream = self.stream.as_mut().unwrap();
        stream.get_mut().write_all(request)?;
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut length, mut last) = (None, line.starts_with("HTTP/1.0"));
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            }
            last |= name.eq_ignore_ascii_case("connection") && value.trim().eq_ignore_ascii_case("close");
        }
        self.body.clear();
        match length {
            Some(length) => {
                self.body.resize(length, 0);
                stream.read_exact(&mut self.body)?;
            }
            None => drop(stream.read_to_end(&mut self.body)?),
        }
        if last || length.is_none() {
            self.stream = None;
        }
        assert_eq!(status, "200", "{}", String::from_utf8_lossy(&self.body));
        Ok(())
    }
}

fn seed(address: SocketAddr, users: usize) {
    let who = credentials();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        // Many at once, so that they share the store's waiting for the disk.
        for _ in 0..16 {
            scope.spawn(|| {
                let mut connection = Connection::new(address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= users as u64 {
                        return;
                    }
                    let name = format!("user{number}");
                    let parameters = [("Action", "CreateUser"), ("UserName", name.as_str())];
                    connection.send(&signed(address, &who, "iam", &parameters));
                }
            });
        }
    });
    let mut connection = Connection::new(address);
    let mut call = |parameters: &[(&str, &str)]| {
        String::from_utf8(connection.send(&signed(address, &who, "iam", parameters)).to_vec()).unwrap()
    };
    call(&[("Action", "CreateUser"), ("UserName", "bench")]);
    call(&[
        ("Action", "PutUserPolicy"),
        ("UserName", "bench"),
        ("PolicyName", "read"),
        ("PolicyDocument", POLICY),
    ]);
    let answer = call(&[("Action", "CreateAccessKey"), ("UserName", "bench")]);
    let between = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    println!("{} {}", between("AccessKeyId"), between("SecretAccessKey"));
}

/// The requests that one connection sends in turn.
fn stock(address: SocketAddr, kind: &str) -> Vec<Vec<u8>> {
    let one = |number: usize| match kind {
        "caller" => signed(address, &credentials(), "sts", &[("Action", "GetCallerIdentity")]),
        "user" => {
            let name = format!("user{}", number * 15 % 1000);
            signed(address, &credentials(), "iam", &[("Action", "GetUser"), ("UserName", &name)])
        }
        "hello" => format!("GET / HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes(),
        _ => panic!("caller, user or hello"),
    };
    (0..STOCK).map(one).collect()
}

fn run(address: SocketAddr, kind: &str, connections: usize, duration: Duration) {
    let (answered, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = Connection::new(address);
                let (mut requests, mut signed_at) = (stock(address, kind), Instant::now());
                while !over.load(Ordering::Relaxed) {
                    if signed_at.elapsed() > SIGNED_FOR {
                        (requests, signed_at) = (stock(address, kind), Instant::now());
                    }
                    for request in &requests {
                        connection.send(request);
                    }
                    answered.fetch_add(requests.len() as u64, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(duration);
        over.store(true, Ordering::Relaxed);
    });
    println!("{} {:.3}", answered.load(Ordering::Relaxed), start.elapsed().as_secs_f64());
}
