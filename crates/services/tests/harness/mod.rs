//! A whole server without sockets: signed requests go in at [`Front::answer`], answers come out parsed.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

pub mod mfa;

pub mod issuer;
pub mod saml;

use authn::oidc::{Fetch, FetchError};
use bailiwick_services::call::Origin;
use bailiwick_services::first_start::Dev;
use bailiwick_services::{Front, FrontSettings, Incoming, Outgoing};
use base::{AccountId, Clock, Partition, Secret, SecretString, Timestamp};
use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::seal::{KeyRing, SealingKey};
use store::{Committer, Config, Memory};
use testkit::{FixedClock, SeededEntropy};
use trail::{Spool, SpoolOptions};
use wire::sigv4::{Credentials, sign};
use wire::xml::Element;

/// The account that a world starts with.
pub const ACCOUNT: &str = "123456789012";
/// A second account, made by [`World::second_account`].
pub const OTHER: &str = "210987654321";

/// The address that clients of a world are told.
pub const ENDPOINT: &str = "https://iam.example.com";

/// What identity providers publish, without a network.
#[derive(Debug, Default)]
pub struct Providers {
    documents: Mutex<HashMap<String, Vec<u8>>>,
    asked: Mutex<Vec<String>>,
}

impl Providers {
    /// Puts a document at an address.
    pub fn publish(&self, url: &str, document: &str) {
        self.documents.lock().unwrap().insert(url.to_owned(), document.as_bytes().to_vec());
    }

    /// The addresses that were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for Providers {
    fn get(&self, url: &str, _: usize, _: &[String]) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(url.to_owned());
        self.documents.lock().unwrap().get(url).cloned().ok_or(FetchError::Unreachable)
    }

    fn thumbprint(&self, url: &str) -> Result<Option<String>, FetchError> {
        let discovery = format!("{}/.well-known/openid-configuration", url.trim_end_matches('/'));
        let is_there = self.documents.lock().unwrap().contains_key(&discovery);
        if is_there { Ok(Some("a".repeat(40))) } else { Err(FetchError::Unreachable) }
    }

    fn may_be_plain(&self, _: &str) -> bool {
        false
    }
}

/// Keys of somebody.
#[derive(Debug, Clone)]
pub struct Keys {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    request_id: String,
}

/// A server.
pub struct World {
    pub front: Arc<Front>,
    pub clock: Arc<FixedClock>,
    pub admin: Keys,
    pub region: &'static str,
    pub providers: Arc<Providers>,
    directory: Arc<directory::Directory>,
    log: Memory,
    keys: Arc<KeyRing>,
    spool: Arc<Spool>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A development server with an administrator user `dev` in [`ACCOUNT`].
    pub fn new() -> Self {
        let keys = KeyRing::new(SealingKey::generate(&SeededEntropy::default()).unwrap());
        let clock = Arc::new(FixedClock::at_iso("2026-01-02T03:04:05Z"));
        Self::on(Memory::new(), clock, Arc::new(keys), SeededEntropy::new(2))
    }

    /// Another server on the same log: a second node, or the same one after a restart.
    pub fn beside(&self) -> Self {
        Self::on(self.log.clone(), self.clock.clone(), self.keys.clone(), SeededEntropy::new(3))
    }

    fn on(log: Memory, clock: Arc<FixedClock>, keys: Arc<KeyRing>, entropy: SeededEntropy) -> Self {
        let entropy = Arc::new(entropy);
        let folder = tempfile::tempdir().unwrap();
        let directory = Arc::new(
            Committer::start(
                Box::new(log.clone()),
                directory::Realm::default(),
                Config::default(),
                clock.clone(),
                entropy.clone(),
            )
            .unwrap(),
        );
        let spool = Arc::new(
            Spool::open(&folder.path().join("spool"), SpoolOptions { sync: false, ..Default::default() })
                .unwrap(),
        );
        let providers = Arc::new(Providers::default());
        let admin = Keys { id: "AKIADEVELOPMENT12345".into(), secret: "devsecret".into(), token: None };
        let dev = Dev {
            account: AccountId::parse(ACCOUNT).unwrap(),
            access_key_id: admin.id.clone(),
            secret: SecretString::new(admin.secret.as_str()),
        };
        let front = Front::open(FrontSettings {
            directory: Arc::clone(&directory),
            spool: Arc::clone(&spool),
            archive: folder.path().join("trail"),
            keys: keys.clone(),
            clock: clock.clone(),
            entropy,
            partitions: Partition::all().collect(),
            account_id: None,
            relying_party: Default::default(),
            dev: Some(dev),
            breached: None,
            fetch: providers.clone(),
            endpoint: ENDPOINT.to_owned(),
            rates: Default::default(),
        })
        .unwrap();
        Self {
            front,
            clock,
            admin,
            region: "us-east-1",
            providers,
            directory,
            log,
            keys,
            spool,
            _folder: folder,
        }
    }

    /// Calls an operation of IAM as the administrator; it must succeed.
    pub fn iam(&self, action: &str, params: &[(&str, &str)]) -> Answer {
        self.iam_as(&self.admin, action, params).expect_ok(action)
    }

    /// Calls an operation of IAM as the administrator; it must fail with this code.
    pub fn iam_fails(&self, action: &str, params: &[(&str, &str)], code: &str) -> Answer {
        self.iam_as(&self.admin, action, params).expect_code(action, code)
    }

    /// Calls an operation of IAM.
    pub fn iam_as(&self, who: &Keys, action: &str, params: &[(&str, &str)]) -> Answer {
        self.query(who, "iam", "2010-05-08", action, params)
    }

    /// Calls an operation of STS.
    pub fn sts_as(&self, who: &Keys, action: &str, params: &[(&str, &str)]) -> Answer {
        self.query(who, "sts", "2011-06-15", action, params)
    }

    /// Calls an operation of our own service.
    pub fn own_as(&self, who: &Keys, action: &str, input: &str) -> Answer {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", format!("Bailiwick.{action}").parse().unwrap());
        headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
        self.send_raw(self.signed(who, "bailiwick", headers, input.as_bytes()))
    }

    /// Calls an operation without a signature, from an address.
    pub fn own_unsigned(&self, from: &str, action: &str, input: &str) -> Answer {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", format!("Bailiwick.{action}").parse().unwrap());
        headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
        let mut incoming = self.incoming(headers, input.as_bytes().to_vec(), false);
        incoming.origin.address = Some(from.parse().unwrap());
        incoming.origin.source = from.into();
        self.send_raw(incoming)
    }

    /// Opens a page as a browser does: without a signature; yields the whole answer.
    pub fn browse(&self, path: &str) -> Outgoing {
        let mut incoming = self.incoming(http::HeaderMap::new(), Vec::new(), false);
        incoming.method = http::Method::GET;
        incoming.uri = path.parse().unwrap();
        let (sender, receiver) = channel::<Outgoing>();
        self.front.answer(incoming, Box::new(move |outgoing| sender.send(outgoing).unwrap()));
        receiver.recv_timeout(Duration::from_secs(20)).expect("an answer")
    }

    /// Makes a user with a password and one inline policy.
    pub fn person(&self, name: &str, password: &str, policy: &str) {
        self.iam("CreateUser", &[("UserName", name)]);
        if !policy.is_empty() {
            self.iam("PutUserPolicy", &[("UserName", name), ("PolicyName", "p"), ("PolicyDocument", policy)]);
        }
        self.iam("CreateLoginProfile", &[("UserName", name), ("Password", password)]);
    }

    /// Tries to sign in with a password.
    pub fn try_sign_in(&self, from: &str, name: &str, password: &str) -> Answer {
        let input = serde_json::json!({ "Account": ACCOUNT, "UserName": name, "Password": password });
        self.own_unsigned(from, "SignIn", &input.to_string())
    }

    /// Signs in with a password; it must succeed.
    pub fn sign_in(&self, name: &str, password: &str) -> Keys {
        self.try_sign_in("127.0.0.1", name, password).expect_ok("SignIn").json_keys()
    }

    /// How many hashes of passwords were computed so far.
    pub fn hashes(&self) -> u64 {
        self.front.passwords().hasher.computed()
    }

    /// Calls an operation of our own service as the operator over the local socket.
    pub fn own_as_operator(&self, action: &str, input: &str) -> Answer {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", format!("Bailiwick.{action}").parse().unwrap());
        headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
        self.send_raw(self.incoming(headers, input.as_bytes().to_vec(), true))
    }

    fn query(
        &self,
        who: &Keys,
        service: &str,
        version: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> Answer {
        self.send_raw(self.form(who, service, version, action, params))
    }

    /// A signed request, ready to be sent.
    pub fn prepare(&self, who: &Keys, service: &str, action: &str, params: &[(&str, &str)]) -> Incoming {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        self.form(who, service, version, action, params)
    }

    /// A signed request of our own service, ready to be sent.
    pub fn prepare_own(&self, who: &Keys, action: &str, input: &str) -> Incoming {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", format!("Bailiwick.{action}").parse().unwrap());
        headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
        self.signed(who, "bailiwick", headers, input.as_bytes())
    }

    fn form(
        &self,
        who: &Keys,
        service: &str,
        version: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> Incoming {
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in params {
            body += &format!("&{}={}", wire::percent::encode(name), wire::percent::encode(value));
        }
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        self.signed(who, service, headers, body.as_bytes())
    }

    fn signed(&self, who: &Keys, service: &str, mut headers: http::HeaderMap, body: &[u8]) -> Incoming {
        let credentials = Credentials {
            access_key: who.id.clone(),
            secret: Secret::new(who.secret.as_bytes()),
            token: who.token.clone().map(SecretString::new),
        };
        let uri = "http://localhost/".parse().unwrap();
        let now = self.clock.now();
        sign(&credentials, (service, self.region), &http::Method::POST, &uri, &mut headers, body, now)
            .unwrap();
        self.incoming(headers, body.to_vec(), false)
    }

    /// Calls an operation of STS without a signature.
    pub fn sts_unsigned(&self, action: &str, params: &[(&str, &str)]) -> Answer {
        let mut body = format!("Action={action}&Version=2011-06-15");
        for (name, value) in params {
            body += &format!("&{}={}", wire::percent::encode(name), wire::percent::encode(value));
        }
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        self.send_raw(self.incoming(headers, body.into_bytes(), false))
    }

    fn incoming(&self, headers: http::HeaderMap, body: Vec<u8>, from_owner: bool) -> Incoming {
        Incoming {
            method: http::Method::POST,
            uri: "/".parse().unwrap(),
            headers,
            body,
            origin: Origin {
                address: Some("127.0.0.1".parse().unwrap()),
                source: "127.0.0.1".into(),
                user_agent: "harness".into(),
                secure: false,
                tls: None,
            },
            from_owner,
        }
    }

    /// A call that must be refused with this code, changes nothing and leaves a record with the code.
    #[track_caller]
    pub fn refused(&self, what: &str, code: &str, call: impl FnOnce() -> Answer) -> Answer {
        let before = self.directory.snapshot().state.snapshot.entities();
        let answer = call().expect_code(what, code);
        assert!((400..500).contains(&answer.status), "{what}: {}", answer.status);
        assert_eq!(
            self.directory.snapshot().state.snapshot.entities(),
            before,
            "{what}: it changed something"
        );
        let id = answer.request_id();
        let record = self.records().into_iter().find(|record| record["requestID"] == id.as_str());
        let record = record.unwrap_or_else(|| panic!("{what}: no record of request {id}"));
        assert_eq!(record["errorCode"], code, "{what}: {record}");
        answer
    }

    /// Writes the records of reads and refusals to their file.
    pub fn flush_records(&self) {
        self.spool.flush().unwrap();
    }

    /// Sends a read and leaves the answer unread.
    pub fn send_unread(&self, incoming: Incoming) {
        self.front.answer(incoming, Box::new(|outgoing| assert_eq!(outgoing.status, 200)));
    }

    /// Sends any request.
    pub fn send_raw(&self, incoming: Incoming) -> Answer {
        let (sender, receiver) = channel::<Outgoing>();
        self.front.answer(incoming, Box::new(move |outgoing| sender.send(outgoing).unwrap()));
        let outgoing = receiver.recv_timeout(Duration::from_secs(20)).expect("an answer");
        let header = outgoing.headers.iter().find(|(name, _)| *name == "x-amzn-requestid");
        Answer {
            status: outgoing.status,
            request_id: header.map(|(_, value)| value.to_string()).unwrap_or_default(),
            body: String::from_utf8(outgoing.body).unwrap(),
        }
    }

    /// Makes a user with one inline policy and yields fresh keys.
    pub fn user(&self, name: &str, policy: &str) -> Keys {
        self.iam("CreateUser", &[("UserName", name)]);
        if !policy.is_empty() {
            self.iam("PutUserPolicy", &[("UserName", name), ("PolicyName", "p"), ("PolicyDocument", policy)]);
        }
        let made = self.iam("CreateAccessKey", &[("UserName", name)]);
        Keys { id: made.text("AccessKeyId"), secret: made.text("SecretAccessKey"), token: None }
    }

    /// Makes a role with this trust policy and one inline policy; yields its ARN.
    pub fn role(&self, name: &str, trust: &str, policy: &str) -> String {
        let made = self.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)]);
        if !policy.is_empty() {
            self.iam("PutRolePolicy", &[("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", policy)]);
        }
        made.text("Arn")
    }

    /// Assumes a role; it must succeed.
    pub fn assume(&self, who: &Keys, role_arn: &str, params: &[(&str, &str)]) -> Keys {
        let mut all = vec![("RoleArn", role_arn), ("RoleSessionName", "session")];
        all.extend_from_slice(params);
        self.sts_as(who, "AssumeRole", &all).expect_ok("AssumeRole").keys()
    }

    /// Makes [`OTHER`] and yields keys of its administrator role.
    pub fn second_account(&self) -> Keys {
        self.own_as_operator("CreateAccount", &format!(r#"{{"Name":"other","AccountId":"{OTHER}"}}"#))
            .expect_ok("CreateAccount");
        self.login(OTHER)
    }

    /// Signs in as the administrator of an account.
    pub fn login(&self, account: &str) -> Keys {
        let answer =
            self.own_as_operator("Login", &format!(r#"{{"Account":"{account}"}}"#)).expect_ok("Login");
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        Keys { id: text("AccessKeyId"), secret: text("SecretAccessKey"), token: Some(text("SessionToken")) }
    }

    /// The audit records so far, newest first, as JSON.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let answer = self.own_as_operator("LookupRecords", r#"{"Limit":1000}"#).expect_ok("LookupRecords");
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        json["Records"].as_array().unwrap().clone()
    }

    /// The time of the world.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }

    #[track_caller]
    pub fn expect_ok(self, what: &str) -> Self {
        assert!(self.is_ok(), "{what}: {} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn expect_code(self, what: &str, code: &str) -> Self {
        assert_eq!(self.code(), code, "{what}: {} {}", self.status, self.body);
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Credentials in an answer of our own service.
    #[track_caller]
    pub fn json_keys(&self) -> Keys {
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        Keys { id: text("AccessKeyId"), secret: text("SecretAccessKey"), token: Some(text("SessionToken")) }
    }

    /// The answer as XML.
    #[track_caller]
    pub fn xml(&self) -> Element {
        Element::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The error code; empty if there is none.
    pub fn code(&self) -> String {
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&self.body) {
            return json["__type"].as_str().unwrap_or_default().to_owned();
        }
        find(&self.xml(), "Code").map(|element| element.text.clone()).unwrap_or_default()
    }

    /// The error message.
    pub fn message(&self) -> String {
        find(&self.xml(), "Message").map(|element| element.text.clone()).unwrap_or_default()
    }

    /// The id by which records know the request.
    pub fn request_id(&self) -> String {
        self.request_id.clone()
    }

    /// The error message, in whichever protocol.
    pub fn any_message(&self) -> String {
        match serde_json::from_str::<serde_json::Value>(&self.body) {
            Ok(json) => json["message"].as_str().unwrap_or_default().to_owned(),
            Err(_) => self.message(),
        }
    }

    /// The text of the first element of this name, at any depth.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        find(&self.xml(), name).unwrap_or_else(|| panic!("no {name} in {}", self.body)).text.clone()
    }

    /// Whether there is an element of this name, at any depth.
    pub fn has(&self, name: &str) -> bool {
        find(&self.xml(), name).is_some()
    }

    /// The texts of all elements of this name, at any depth.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        collect(&self.xml(), name, &mut all);
        all
    }

    /// Temporary credentials in the answer.
    #[track_caller]
    pub fn keys(&self) -> Keys {
        Keys {
            id: self.text("AccessKeyId"),
            secret: self.text("SecretAccessKey"),
            token: Some(self.text("SessionToken")),
        }
    }
}

fn find<'e>(element: &'e Element, name: &str) -> Option<&'e Element> {
    if element.name == name {
        return Some(element);
    }
    element.children.iter().find_map(|child| find(child, name))
}

fn collect(element: &Element, name: &str, into: &mut Vec<String>) {
    if element.name == name {
        into.push(element.text.clone());
    }
    element.children.iter().for_each(|child| collect(child, name, into));
}

/// A policy that allows these actions on everything.
pub fn allow(actions: &[&str]) -> String {
    let actions: Vec<_> = actions.iter().map(|action| format!("\"{action}\"")).collect();
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{}],"Resource":"*"}}]}}"#,
        actions.join(",")
    )
}

/// A trust policy for one AWS principal.
pub fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}
