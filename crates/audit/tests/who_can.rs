//! Who can do what, in an export: answers by hand, and the same as one explanation after the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::explain::{self, Setting};
use bailiwick_audit::import::{ImportOptions, authorization_details, join};
use bailiwick_audit::who_can::{Answer, Part, Question, Verdict, ask};
use base::{Partition, Timestamp};
use model::Snapshot;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn harbour() -> Snapshot {
    authorization_details(include_bytes!("fixtures/harbour.json"), &ImportOptions::at(NOW))
        .unwrap()
        .snapshot()
}

fn export(name: &str, policy: &str) -> Snapshot {
    let text = format!(
        r#"{{"UserDetailList":[{{"UserName":"{name}","UserId":"AIDAEXAMPLE{name}",
        "Arn":"arn:aws:iam::123456789012:user/{name}","UserPolicyList":[{{"PolicyName":"own","PolicyDocument":{policy}}}]}}]}}"#
    );
    authorization_details(text.as_bytes(), &ImportOptions::at(NOW)).unwrap().snapshot()
}

fn answer(snapshot: &Snapshot, question: &Question) -> Answer {
    ask(snapshot, Partition::aws(), question).unwrap()
}

#[test]
fn all_that_is_asked_one_by_one_comes_to_the_same() {
    let snapshot = harbour();
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::harbour-notes/nadia/log.txt"),
        ("s3:PutObject", "arn:aws:s3:::cargo/x"),
        ("iam:CreateUser", "arn:aws:iam::111122223333:user/new"),
        ("iam:PassRole", "role/deployer"),
        ("sts:AssumeRole", "role/deployer"),
        ("sts:GetCallerIdentity", "*"),
        ("ec2:DescribeInstances", "*"),
        ("kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1"),
    ] {
        // Explanations take some keys for granted; the same are given here.
        let mut question = Question::new(action, resource);
        for (key, value) in [
            ("aws:CurrentTime", NOW.iso()),
            ("aws:EpochTime", NOW.seconds().to_string()),
            ("aws:SecureTransport", "true".to_owned()),
            ("aws:ViaAWSService", "false".to_owned()),
            ("aws:MultiFactorAuthPresent", "true".to_owned()),
            ("aws:SourceIp", "203.0.113.7".to_owned()),
        ] {
            question.context.insert(key.to_owned(), vec![value]);
        }
        let answer = answer(&snapshot, &question);
        let mut asked = 0;
        for state in snapshot.accounts() {
            let users = state.users.iter().map(|user| user.arn(Partition::aws()).to_string());
            let roles = state.roles.iter().map(|role| role.arn(Partition::aws()).to_string());
            for arn in users.chain(roles) {
                let mut one = explain::Question::new(&*arn, action, resource);
                one.context = question.context.clone();
                let explained = explain::ask(&snapshot, &one, &Setting::at(NOW)).unwrap();
                let listed = answer.people.iter().find(|person| person.principal == arn);
                match listed.map(|person| person.verdict) {
                    Some(Verdict::Always) => assert!(explained.is_allowed(), "{arn} {action}"),
                    None => assert!(!explained.is_allowed(), "{arn} {action}"),
                    Some(Verdict::If) => {}
                }
                asked += 1;
            }
        }
        let count = answer.count;
        // Each account has a root user besides.
        assert_eq!(count.always + count.conditional + count.never, asked + 1);
    }
}

#[test]
fn open_conditions_are_told() {
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Office","Effect":"Allow","Action":"s3:*","Resource":"*",
         "Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}},
        {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let snapshot = export("Ann", policy);
    let mut question = Question::new("s3:GetObject", "arn:aws:s3:::b/1");
    let ann = answer(&snapshot, &question).people.remove(1);
    assert_eq!(ann.verdict, Verdict::If);
    let [office, deny] = &ann.because[..] else { panic!("{ann:?}") };
    assert_eq!((office.part, deny.part), (Part::Allows, Part::Unless));
    assert_eq!(office.statement.conditions, ["aws:SourceIp IpAddress 10.0.0.0/8 | 192.0.2.0/24"]);
    assert_eq!((office.statement.sid.as_deref(), office.statement.policy.as_str()), (Some("Office"), "own"));
    assert_eq!(deny.statement.conditions, ["aws:SecureTransport Bool false"]);

    question.context.insert("aws:sourceip".into(), vec!["10.1.2.3".into()]);
    question.context.insert("aws:SecureTransport".into(), vec!["true".into()]);
    question.limit = Some(1);
    let answer = answer(&snapshot, &question);
    assert_eq!((answer.count.always, answer.people.len(), answer.omitted), (2, 1, 1));
}

#[test]
fn scps_come_level_by_level() {
    let snapshot = export("Ann", r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
    let full =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.to_owned();
    let s3 = full.replace(r#""Action":"*""#, r#""Action":"s3:*""#);
    let mut question = Question::new("ec2:DescribeInstances", "*");
    for (levels, always) in [
        (vec![], 2),
        (vec![vec![full.clone()]], 2),
        (vec![vec![s3.clone(), full.clone()]], 2),
        (vec![vec![full], vec![s3]], 0),
    ] {
        question.scps = levels;
        assert_eq!(answer(&snapshot, &question).count.always, always, "{:?}", question.scps);
    }
    question.management_account = Some("123456789012".parse().unwrap());
    assert_eq!(answer(&snapshot, &question).count.always, 2);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let snapshot = harbour();
    let error = |question: &Question| ask(&snapshot, Partition::aws(), question).unwrap_err().to_string();
    assert_eq!(error(&Question::new("s3:Get*", "*")), "`s3:Get*` is a pattern, not one action");
    assert_eq!(
        error(&Question::new("s3:GetObject", "arn:aws:s3:::b/*")),
        "`arn:aws:s3:::b/*` is a pattern, not one resource"
    );
    assert_eq!(
        error(&Question::new("s3:GetObject", "*")),
        "`s3:GetObject` acts on resources, so it must be asked of one"
    );
    assert_eq!(error(&Question::new("iam:PassRole", "role/none")), "there is no `role/none` here");
    let mut question = Question::new("s3:ListAllMyBuckets", "*");
    question.scps = vec![vec!["{".to_owned()]];
    assert!(error(&question).starts_with("the SCP cannot be read: "), "{}", error(&question));
    let bytes = include_bytes!("fixtures/harbour.json");
    let import = authorization_details(bytes, &ImportOptions::at(NOW)).unwrap();
    let twice = join(&[import.clone(), import]).unwrap_err();
    assert_eq!(twice.to_string(), "account 111122223333 is in two exports");
}

#[test]
fn conditions_are_judged_together() {
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-2"}}}]}"#;
    let found = answer(&export("Ann", policy), &Question::new("s3:GetObject", "arn:aws:s3:::b/1"));
    let [root] = &found.people[..] else { panic!("{found:?}") };
    assert_eq!((root.kind.as_str(), found.count.never), ("root", 1));
}
