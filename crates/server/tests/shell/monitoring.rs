//! Health, readiness and measurements, and who gets them.

use crate::house::{House, raw, request};
use bailiwick_server::{Limits, Listen, MetricsListen, Port, StartError};
use base::Secret;
use http::Method;
use std::sync::atomic::Ordering;
use tokio::net::{TcpStream, UnixStream};

const TOKEN: &str = "a-token-for-the-scraper";

async fn monitored(token: Option<&str>) -> House {
    let metrics = MetricsListen { address: "127.0.0.1:0".parse().unwrap(), token: token.map(Secret::new) };
    House::furnished(Limits::default(), None, Some(metrics)).await
}

async fn scrape(house: &House, method: &Method, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(house.metrics.unwrap()).await.unwrap();
    raw(&mut stream, &request(method, path, headers, "")).await
}

#[tokio::test]
async fn a_scraper_reads_what_happened() {
    let house = monitored(None).await;
    for path in ["/a", "/b"] {
        house.raw(&request(&Method::POST, path, "", "x")).await;
    }
    let answer = scrape(&house, &Method::GET, "/metrics", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    for line in [
        "bailiwick_responses_total{status=\"2xx\"} 2",
        "bailiwick_request_duration_seconds_count 2",
        "bailiwick_requests_underway 0",
        "# TYPE bailiwick_request_duration_seconds histogram",
    ] {
        assert!(answer.lines().any(|found| found == line), "{line} is not in\n{answer}");
    }
}

#[tokio::test]
async fn the_monitoring_address_answers_nothing_else() {
    let house = monitored(None).await;
    assert!(scrape(&house, &Method::GET, "/health", "").await.starts_with("HTTP/1.1 200"));
    house.echo.unready.store(true, Ordering::SeqCst);
    assert!(scrape(&house, &Method::GET, "/health", "").await.starts_with("HTTP/1.1 503"));
    assert!(scrape(&house, &Method::POST, "/", "").await.starts_with("HTTP/1.1 405"));
    assert!(scrape(&house, &Method::GET, "/debug/pprof", "").await.starts_with("HTTP/1.1 404"));
    assert_eq!(house.echo.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn case_088_measurements_need_the_token_where_there_is_one() {
    let house = monitored(Some(TOKEN)).await;
    let get = async |headers: &str| scrape(&house, &Method::GET, "/metrics", headers).await;
    assert!(get(&format!("Authorization: Bearer {TOKEN}\r\n")).await.starts_with("HTTP/1.1 200"));
    for headers in [
        String::new(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer {TOKEN}x\r\n"),
        format!("Authorization: Basic {TOKEN}\r\n"),
        format!("Authorization: {TOKEN}\r\n"),
        format!("Authorization: Bearer nonsense\r\nAuthorization: Bearer {TOKEN}\r\n"),
    ] {
        let answer = get(&headers).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{headers}: {answer}");
        assert!(!answer.contains("bailiwick_"), "{answer}");
    }
}

#[tokio::test]
async fn case_088_clients_get_no_measurements_and_the_owner_does() {
    let house = House::plain().await;
    let answer = house.raw(&request(&Method::GET, "/_bailiwick/metrics", "", "")).await;
    assert!(!answer.contains("bailiwick_requests"), "{answer}");
    let mut stream = UnixStream::connect(&house.socket).await.unwrap();
    let answer = raw(&mut stream, &request(&Method::GET, "/_bailiwick/metrics", "", "")).await;
    assert!(answer.contains("bailiwick_build_info{version="), "{answer}");
}

#[tokio::test]
async fn measurements_for_other_machines_need_a_token() {
    let open = |token: Option<&str>| MetricsListen {
        address: "0.0.0.0:0".parse().unwrap(),
        token: token.map(Secret::new),
    };
    let listen =
        Listen { address: "127.0.0.1:0".parse().unwrap(), tls: None, insecure_http: false, advertise: None };
    let port = Port::take(&listen).await.unwrap();
    match port.with_metrics(&open(None)).await {
        Err(error @ StartError::OpenMetrics(_)) => assert!(error.help().unwrap().contains("token")),
        _ => panic!("measurements are told to everybody"),
    }
    let port = Port::take(&listen).await.unwrap();
    assert!(port.with_metrics(&open(Some(TOKEN))).await.is_ok());
}

#[tokio::test]
async fn being_alive_and_being_ready_are_told_apart() {
    let house = House::plain().await;
    let status = async |page: &str| {
        let answer = house.raw(&request(&Method::GET, &format!("/_bailiwick/{page}"), "", "")).await;
        answer[9..12].to_owned()
    };
    assert_eq!((status("live").await, status("ready").await), ("200".into(), "200".into()));
    house.echo.unready.store(true, Ordering::SeqCst);
    assert_eq!((status("live").await, status("ready").await), ("200".into(), "503".into()));
}
