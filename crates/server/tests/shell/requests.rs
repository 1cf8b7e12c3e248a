//! What a client may send, and what it is told otherwise.

use crate::house::{House, raw, read_all, request};
use bailiwick_server::Limits;
use http::Method;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn small() -> Limits {
    Limits {
        body_bytes: 1000,
        import_bytes: 5000,
        head_time: Duration::from_millis(150),
        body_time: Duration::from_millis(150),
        idle_time: Duration::from_millis(600),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_request_arrives_whole() {
    let house = House::plain().await;
    let sent =
        request(&Method::POST, "/a%2Fb?Action=X&Y=%20", "User-Agent: u/1\r\nX-A: 1\r\nX-A: 2\r\n", "hello");
    let answer = house.raw(&sent).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nPOST /a%2Fb 5"), "{answer}");
    let last = house.echo.last.lock().unwrap().take().unwrap();
    assert_eq!((last.uri.query(), last.body.as_slice()), (Some("Action=X&Y=%20"), &b"hello"[..]));
    assert_eq!(last.headers.get_all("x-a").iter().count(), 2);
    assert_eq!(last.origin.address, Some("127.0.0.1".parse().unwrap()));
    assert_eq!((&*last.origin.user_agent, &*last.origin.source), ("u/1", "127.0.0.1"));
    assert!(!last.from_owner && !last.origin.secure && last.origin.tls.is_none());
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let house = House::plain().await;
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut buffer = [0; 512];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(String::from_utf8_lossy(&buffer[..read]).ends_with("GET /x 0"));
    }
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn health_needs_no_signature_and_tells_nothing() {
    let house = House::plain().await;
    let answer = house.raw(&request(&Method::GET, "/_bailiwick/health", "", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"Status\":\"ok\"}\n"), "{answer}");
    house.echo.unready.store(true, Ordering::SeqCst);
    let answer = house.raw(&request(&Method::GET, "/_bailiwick/health", "", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.ends_with("{\"Status\":\"unavailable\"}\n"),
        "{answer}"
    );
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
    // The endpoint's page is for the local socket only; here the services get the request.
    let answer = house.raw(&request(&Method::GET, "/_bailiwick/endpoint", "", "")).await;
    assert!(!answer.contains("Endpoint"), "{answer}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_in_the_callers_protocol() {
    let house = House::open(small(), None).await;
    let body = "x".repeat(1001);
    let answer = house.raw(&request(&Method::POST, "/", "", &body)).await;
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
    assert!(answer.contains("<Code>RequestEntityTooLarge</Code>"), "{answer}");
    assert!(answer.contains("<Type>Sender</Type>"), "{answer}");
    let json = "Content-Type: application/x-amz-json-1.1\r\n";
    let answer = house.raw(&request(&Method::POST, "/", json, &body)).await;
    assert!(answer.contains("{\"__type\":\"RequestEntityTooLarge\",\"message\":"), "{answer}");
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
    assert!(house.raw(&request(&Method::POST, "/", "", &body[1..])).await.ends_with("POST / 1000"));
}

#[tokio::test]
async fn an_import_may_be_larger() {
    let house = House::open(small(), None).await;
    let import = "X-Amz-Target: Bailiwick.Import\r\n";
    let answer = house.raw(&request(&Method::POST, "/", import, &"x".repeat(5000))).await;
    assert!(answer.ends_with("POST / 5000"), "{answer}");
    let answer = house.raw(&request(&Method::POST, "/", import, &"x".repeat(5001))).await;
    assert!(answer.contains("RequestEntityTooLarge"), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_is_bounded_too_and_ends_its_connection() {
    let house = House::open(small(), None).await;
    let head = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = house.raw(format!("{head}5\r\nhello\r\n0\r\n\r\n").as_bytes()).await;
    assert!(answer.contains("connection: close") && answer.ends_with("POST /c 5"), "{answer}");
    let large = "x".repeat(0x800);
    let answer = house.raw(format!("{head}800\r\n{large}\r\n0\r\n\r\n").as_bytes()).await;
    assert!(answer.contains("RequestEntityTooLarge"), "{answer}");
}

/// The body's bytes must not be read as a second request, whichever of the two lengths an intermediary took.
#[tokio::test]
async fn case_018_nothing_is_smuggled_past_two_framings() {
    let house = House::open(small(), None).await;
    let inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for head in [
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost : x\r\nContent-Length: 0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\n Content-Length: 0\r\n\r\n",
    ] {
        let answer = house.raw(format!("{head}{inner}").as_bytes()).await;
        assert!(!answer.contains("/smuggled"), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let house = House::open(small(), None).await;
    for (bytes, status) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], "400"),
        (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        (b"GET  HTTP/1.1\r\n\r\n", "400"),
        (b"GET / HTTP/9.9\r\n\r\n", "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
    ] {
        let answer = house.raw(bytes).await;
        assert!(
            answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{bytes:?}: {answer}"
        );
    }
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn too_much_head_is_refused() {
    let house = House::plain().await;
    let many = "X-A: 1\r\n".repeat(101);
    let long = format!("X-A: {}\r\n", "x".repeat(40 * 1024));
    for headers in [many, long] {
        let answer = house.raw(&request(&Method::GET, "/", &headers, "")).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let fits = "X-A: 1\r\n".repeat(90);
    assert!(house.raw(&request(&Method::GET, "/", &fits, "")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_slow_head_is_cut() {
    let house = House::open(small(), None).await;
    for start in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nX-"] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        assert_eq!(raw(&mut stream, start.as_bytes()).await, "", "{start:?}");
    }
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_head_that_drips_is_cut() {
    let house = House::open(small(), None).await;
    let stream = TcpStream::connect(house.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let drip = tokio::spawn(async move {
        let _ = write.write_all(b"GET / HTTP/1.1\r\n").await;
        while write.write_all(b"X-A: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let answer = read_all(&mut read).await;
    drip.abort();
    assert!(!answer.contains("200"), "{answer}");
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_slow_body_is_told_so() {
    let house = House::open(small(), None).await;
    let answer = house.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello").await;
    assert!(answer.contains("<Code>RequestTimeout</Code>"), "{answer}");
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_handed_on() {
    let house = House::plain().await;
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
    stream.shutdown().await.unwrap();
    read_all(&mut stream).await;
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head_and_then_ends() {
    let house = House::open(small(), None).await;
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let get = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut buffer = [0; 512];
    stream.write_all(get).await.unwrap();
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    tokio::time::sleep(Duration::from_millis(300)).await;
    stream.write_all(get).await.unwrap();
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    assert_eq!(stream.read(&mut buffer).await.unwrap(), 0);
}

#[tokio::test]
async fn an_answer_may_take_longer_than_any_idle_time() {
    let limits = Limits { idle_time: Duration::from_millis(60), ..small() };
    let house = House::open(limits, None).await;
    let answer = house.raw(&request(&Method::GET, "/late", "", "")).await;
    assert!(answer.ends_with("GET /late 0"), "{answer}");
}

#[tokio::test]
async fn a_defect_is_an_internal_failure_and_nothing_more() {
    let house = House::plain().await;
    for path in ["/panic", "/drop"] {
        let answer = house.raw(&request(&Method::GET, path, "", "")).await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        assert!(answer.contains("<Code>InternalFailure</Code>"), "{answer}");
        assert!(!answer.contains("as asked"), "{answer}");
    }
    assert!(house.raw(&request(&Method::GET, "/", "", "")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_over_the_limit_wait_their_turn() {
    let house = House::open(Limits { connections: 1, ..Limits::default() }, None).await;
    let mut first = TcpStream::connect(house.address).await.unwrap();
    first.write_all(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut buffer = [0; 512];
    assert!(first.read(&mut buffer).await.unwrap() > 0);
    let mut second = TcpStream::connect(house.address).await.unwrap();
    second.write_all(&request(&Method::GET, "/y", "", "")).await.unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(100), second.read(&mut buffer)).await;
    assert!(waited.is_err());
    drop(first);
    assert!(read_all(&mut second).await.ends_with("GET /y 0"));
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way() {
    let mut house = House::plain().await;
    let mut idle = TcpStream::connect(house.address).await.unwrap();
    let mut busy = TcpStream::connect(house.address).await.unwrap();
    busy.write_all(b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    while house.echo.seen.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.stop();
    assert!(read_all(&mut busy).await.ends_with("GET /late 0"));
    assert_eq!(read_all(&mut idle).await, "");
    let (address, socket) = (house.address, house.socket.clone());
    let echo = house.stopped().await;
    assert_eq!(echo.closed.load(Ordering::SeqCst), 1);
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!socket.exists());
}
