//! Killed at any moment, the server has lost no write that it acknowledged, and has kept none by half.

use crate::run::{ask, kept, send};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::server::Credentials;

const KILLS: usize = 50;

/// Every user's name.
fn users(endpoint: &str, credentials: &Credentials) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut marker = String::new();
    loop {
        let form = format!("Action=ListUsers&Version=2010-05-08&MaxItems=1000{marker}");
        let (status, body) = send(endpoint, credentials, "iam", "/", &form).unwrap();
        assert_eq!(status, 200, "{body}");
        let between = |open: &str, close: &str| -> Vec<String> {
            body.split(open).skip(1).map(|rest| rest.split(close).next().unwrap().to_owned()).collect()
        };
        names.extend(between("<UserName>", "</UserName>"));
        match between("<Marker>", "</Marker>").first() {
            Some(next) => marker = format!("&Marker={next}"),
            None => return names,
        }
    }
}

/// Writes users one after the other until the server is gone; gives the acknowledged ones.
fn write(endpoint: &str, credentials: &Credentials, writer: &str) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for number in 0.. {
        let name = format!("{writer}-{number}");
        let form = format!(
            "Action=CreateUser&Version=2010-05-08&UserName={name}&Tags.member.1.Key=k&Tags.member.1.Value=v"
        );
        match send(endpoint, credentials, "iam", "/", &form) {
            Ok((200, _)) => drop(acknowledged.insert(name)),
            Ok((status, body)) => panic!("{status}: {body}"),
            Err(_) => break,
        }
    }
    acknowledged
}

#[test]
fn fifty_kills_lose_nothing_that_was_acknowledged() {
    let mut server = kept();
    let credentials = server.credentials();
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        let endpoint = server.endpoint().to_owned();
        let writers: Vec<_> = ["a", "b", "c"]
            .map(|letter| {
                let (endpoint, credentials) = (endpoint.clone(), credentials.clone());
                std::thread::spawn(move || write(&endpoint, &credentials, &format!("{letter}{kill}")))
            })
            .into();
        // Different moments, within and between the writes of a group.
        std::thread::sleep(Duration::from_micros(20_000 + 1_700 * kill as u64));
        server.kill();
        for writer in writers {
            acknowledged.extend(writer.join().unwrap());
        }
        server.restart();
        let found = users(server.endpoint(), &credentials);
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "kill {kill} lost {lost:?}");
        // At most one write of each writer was under way; it is there whole or not at all.
        let unasked: Vec<_> = found.difference(&acknowledged).cloned().collect();
        assert!(unasked.len() <= 3 * (kill + 1), "{unasked:?}");
        for name in unasked {
            let form = format!("Action=ListUserTags&Version=2010-05-08&UserName={name}");
            let (status, body) = send(server.endpoint(), &credentials, "iam", "/", &form).unwrap();
            assert!(status == 200 && body.contains("<Key>k</Key>"), "{name}: {body}");
        }
    }
    assert!(acknowledged.len() > KILLS, "hardly anything was written: {}", acknowledged.len());
    recorded(&server, &acknowledged);
}

/// Each acknowledged write has its record in the trail.
fn recorded(server: &testkit::Server, acknowledged: &BTreeSet<String>) {
    let arguments = ["trail", "--event", "CreateUser", "--limit", "100000", "--format", "json"];
    let trail = ask(server, &arguments).good().json();
    let told: BTreeSet<_> = trail["Records"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|record| record["requestParameters"]["userName"].as_str().map(str::to_owned))
        .collect();
    let untold: Vec<_> = acknowledged.difference(&told).collect();
    assert!(untold.is_empty(), "no record of {untold:?}");
}
