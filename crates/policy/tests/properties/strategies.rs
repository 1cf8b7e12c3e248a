//! Random questions from a small vocabulary, so that patterns often match.

use crate::oracle::{KeyValue, Question, Who};
use crate::support::{ACCOUNT, FEDERATED, OTHER, ROLE, SESSION, USER};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const ACTIONS: [&str; 13] = [
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectTagging",
    "S3:GetObj",
    "s3:PutObject",
    "s3:ListAllMyBuckets",
    "iam:CreateUser",
    "iam:DeletePolicy",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "kms:Decrypt",
    "kms:RetireGrant",
    "dynamodb:GetItem",
];

const ACTION_PATTERNS: [&str; 22] = [
    "s3:GetObj",
    "s3:GetObj*",
    "s3:GetObject*",
    "s3:GetObjectA*",
    "s3:GetObj*A?l",
    "S3:GETOBJECTTAGGING",
    "*",
    "s3:*",
    "S3:Get*",
    "s3:getobject",
    "s3:*Object",
    "s3:?etObject",
    "iam:*",
    "iam:CreateUser",
    "sts:AssumeRole",
    "sts:*",
    "kms:*",
    "kms:Decrypt",
    "*:*",
    "s3:G*t*j*t",
    "dynamodb:*",
    "s3: GetObject",
];

const RESOURCES: [&str; 11] = [
    "*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/Bob/key",
    "arn:aws:s3:::bucket/a*b",
    "arn:aws:iam::123456789012:role/path/App",
    "arn:aws:iam::999988887777:role/App",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:kms:us-east-1:123456789012:key/1",
    "arn:aws:dynamodb:us-east-1:123456789012:table/prod-a",
    "arn:aws:dynamodb:us-east-1:123456789012:table/a:b:c",
    "arn:aws-cn:s3:::bucket/key",
];

const RESOURCE_PATTERNS: [&str; 22] = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket*",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/p}",
    "arn:aws:s3:::bucket/${aws:none, 'Bob'}/*",
    "arn:aws:s3:::bucket/a${*}b",
    "arn:aws:s3:::*/*/k?y",
    "arn:*:s3:::*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::123456789012:role/path/App",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:dynamodb:*:*:table/prod-*",
    "arn:aws:dynamodb:*:table/prod-*",
    "arn:aws:dynamodb:us*:c",
    "arn:aws:dynamodb:us-e*1:*:b:c",
    "arn:aws:dynamodb",
    "arn:aws:*:us-east-1:*:*",
    "arn:a*:dynamodb:*-1:12?45*:t*:c",
    "arn:aws:dynamodb:*:b:c",
    "bucket/*",
];

/// What resources are put together from, beside those above: one text often begins another.
const PIECES: [&str; 10] = ["b", "bu", "bucket", "/", "key", ":", "a", "é", "Bob", "12345678"];
/// What patterns are put together from in addition.
const WILD_PIECES: [&str; 7] = ["*", "*", "?", "${aws:username}", "${*}", "**", "$"];
const HEADS: [&str; 6] = [
    "arn:aws:s3:::",
    "arn:aws:s3:::bucket/",
    "arn:aws:dynamodb:us-east-1:123456789012:",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/",
    "arn:aws-cn:s3:::",
    "arn:aws:kms:us-east-1:123456789012:",
];
const WILD_HEADS: [&str; 12] = [
    "arn:aws:s3:*:*:",
    "arn:aws:s3:*:*:bucket/",
    "arn:*:s3:::",
    "arn:aws*:s3:::b",
    "arn:aws:dynamodb:*:*:",
    "arn:aws:dynamodb:*:*:table/",
    "arn:aws:dynamodb:*:123456789012:table/",
    "arn:aws:dynamodb:us-*:*:",
    "arn:aws:dynamodb:*:",
    "arn:aws:kms:*:*:",
    "arn:aws:kms:?*:*:b",
    "arn:aws:s3:::${aws:PrincipalTag/p}",
];

const KEYS: [&str; 7] = [
    "aws:username",
    "aws:PrincipalTag/p",
    "aws:TagKeys",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "aws:PrincipalArn",
];

const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

const POLICY_VALUES: [&str; 22] = [
    "Bob",
    "bob",
    "B*",
    "?o?",
    "*",
    "",
    "true",
    "False",
    "5",
    "5.0",
    "-1",
    "2020-01-01",
    "2020-01-01T00:00:00Z",
    "1577836800",
    "10.0.0.0/8",
    "10.1.2.3",
    "2001:db8::/32",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::123456789012:*",
    "${aws:username}",
    "${aws:none}",
    "x${aws:PrincipalTag/p, 'd'}",
];

const REQUEST_VALUES: [&str; 15] = [
    "Bob",
    "bob",
    "B*",
    "",
    "true",
    "FALSE",
    "5",
    "4.5",
    "2020-01-01T00:00:00Z",
    "1577836801",
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "2001:db8::1",
    "arn:aws:iam::123456789012:role/path/App",
    "xBob",
];

const PRINCIPALS: [&str; 14] = [
    "\"*\"",
    r#"{"AWS":"*"}"#,
    r#"{"AWS":"123456789012"}"#,
    r#"{"AWS":"arn:aws:iam::123456789012:root"}"#,
    r#"{"AWS":"arn:aws:iam::999988887777:root"}"#,
    r#"{"AWS":["arn:aws:iam::123456789012:user/team/Bob","123456789012"]}"#,
    r#"{"AWS":"arn:aws:iam::123456789012:role/APP"}"#,
    r#"{"AWS":["arn:aws:sts::123456789012:assumed-role/App/s1","arn:aws:iam::123456789012:role/App","123456789012"]}"#,
    r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/App/s1"}"#,
    r#"{"AWS":"arn:aws:sts::123456789012:federated-user/Fred"}"#,
    r#"{"AWS":["AIDAUSERUSERUSERUSER1","AROAROLEROLEROLEROLE1"]}"#,
    r#"{"Service":"s3.amazonaws.com"}"#,
    r#"{"Federated":"accounts.google.com","AWS":"arn:aws:iam::123456789012:user/*"}"#,
    r#"{"Service":"*"}"#,
];

fn who() -> impl Strategy<Value = Who> {
    let user = |account: &str| Who::User {
        arn: USER.replace(ACCOUNT, account),
        id: Some("AIDAUSERUSERUSERUSER1".to_owned()),
    };
    let session = |role: &str| Who::Session {
        role_arn: role.to_owned(),
        session: SESSION.rsplit('/').next().unwrap().to_owned(),
        id: Some("AROAROLEROLEROLEROLE1".to_owned()),
    };
    select(vec![
        Who::Root { account: ACCOUNT.to_owned() },
        user(ACCOUNT),
        user(ACCOUNT),
        user(OTHER),
        session(ROLE),
        session(ROLE),
        session("arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"),
        Who::FederatedUser { arn: FEDERATED.to_owned(), issuer: Some(USER.to_owned()) },
        Who::Provider("accounts.google.com".to_owned()),
        Who::Service("s3.amazonaws.com".to_owned()),
        Who::Anonymous,
    ])
}

fn word(vocabulary: &'static [&'static str]) -> BoxedStrategy<String> {
    select(vocabulary).prop_map(str::to_owned).boxed()
}

fn entries(words: BoxedStrategy<String>, most: usize) -> impl Strategy<Value = Value> {
    prop_oneof![
        words.clone().prop_map(|text| json!(text)),
        vec(words, 1..most).prop_map(|texts| json!(texts)),
    ]
}

fn element(
    name: &'static str,
    words: BoxedStrategy<String>,
    most: usize,
) -> impl Strategy<Value = (String, Value)> {
    let name = prop_oneof![6 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
    (name, entries(words, most))
}

/// A resource, often one of which others are the beginning.
fn resource() -> BoxedStrategy<String> {
    let made = (word(&HEADS), vec(word(&PIECES), 0..4)).prop_map(|(head, rest)| head + &rest.concat());
    let colons = vec(word(&[":", "a", "b:"]), 0..24).prop_map(|rest| HEADS[2].to_owned() + &rest.concat());
    prop_oneof![6 => word(&RESOURCES), 4 => made, 1 => colons].boxed()
}

fn resource_pattern() -> BoxedStrategy<String> {
    let head = || prop_oneof![word(&HEADS), word(&WILD_HEADS)];
    let piece = prop_oneof![2 => word(&PIECES), 1 => word(&WILD_PIECES)];
    let made = (head(), vec(piece, 0..4)).prop_map(|(head, rest)| head + &rest.concat());
    let beginning = (head(), vec(word(&PIECES), 0..3)).prop_map(|(head, rest)| head + &rest.concat() + "*");
    prop_oneof![6 => word(&RESOURCE_PATTERNS), 2 => made, 2 => beginning].boxed()
}

fn condition() -> impl Strategy<Value = Value> {
    let prefix = select(&["", "", "", "ForAnyValue:", "ForAllValues:"][..]);
    let suffix = select(&["", "", "", "IfExists"][..]);
    let operator = (prefix, select(&OPERATORS[..]), suffix)
        .prop_map(|(prefix, name, suffix)| format!("{prefix}{name}{suffix}"));
    let keys = (select(&KEYS[..]), entries(word(&POLICY_VALUES), 3))
        .prop_map(|(key, values)| json!({ key: values }));
    vec((operator, keys), 0..3).prop_map(|conditions| Value::Object(conditions.into_iter().collect()))
}

/// A statement of this effect, with a principal or without.
pub fn statement(effect: &'static str, named: bool) -> impl Strategy<Value = Value> {
    let principal =
        (select(&["Principal", "Principal", "Principal", "NotPrincipal"][..]), select(&PRINCIPALS[..]));
    let parts = (
        element("Action", word(&ACTION_PATTERNS), 4),
        prop_oneof![
            4 => element("Resource", resource_pattern(), 3).boxed(),
            1 => element("Resource", resource_pattern(), 14).boxed(),
        ],
        condition(),
        principal,
    );
    (parts, any::<bool>()).prop_map(move |((action, resource, condition, principal), conditional)| {
        let mut statement = Map::from_iter([("Effect".to_owned(), json!(effect)), action, resource]);
        if named {
            statement.insert(principal.0.to_owned(), serde_json::from_str(principal.1).unwrap());
        }
        if conditional {
            statement.insert("Condition".to_owned(), condition);
        }
        Value::Object(statement)
    })
}

fn any_statement(named: bool) -> impl Strategy<Value = Value> {
    prop_oneof![5 => statement("Allow", named), 2 => statement("Deny", named), 2 => open(named)]
}

/// Allows everything to everybody, so that the layers above are reached.
fn open(named: bool) -> impl Strategy<Value = Value> {
    let plain = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let to_all = json!({"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "*", "Resource": "*"});
    Just(if named { to_all } else { plain })
}

fn policy(named: bool) -> impl Strategy<Value = Value> {
    let version = select(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"][..]);
    (version, vec(any_statement(named), 1..4))
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

/// A few policies, and now and then many.
pub fn policies(named: bool) -> impl Strategy<Value = Vec<Value>> {
    prop_oneof![29 => vec(policy(named), 0..3), 1 => vec(policy(named), 8..16)]
}

fn context() -> impl Strategy<Value = Vec<(String, KeyValue)>> {
    let value = prop_oneof![
        3 => select(&REQUEST_VALUES[..]).prop_map(|value| KeyValue::One(value.to_owned())),
        1 => vec(select(&REQUEST_VALUES[..]).prop_map(str::to_owned), 0..3).prop_map(KeyValue::Many),
    ];
    let keys = subsequence(KEYS.map(|key| key.to_owned()).to_vec(), 0..=KEYS.len());
    keys.prop_flat_map(move |keys| {
        let count = keys.len();
        (Just(keys), vec(value.clone(), count))
            .prop_map(|(keys, values)| keys.into_iter().zip(values).collect())
    })
}

/// A question with everything at random.
pub fn question() -> impl Strategy<Value = Question> {
    let asked =
        (who(), select(&ACTIONS[..]), resource(), option::of(select(&[ACCOUNT, OTHER][..])), context());
    let options = (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let principals = (policies(false), option::of(policies(false)), option::of(policies(false)));
    let resources =
        (option::of(policies(true)), vec(policies(true), 0..3), option::weighted(0.2, policies(true)));
    (asked, options, principals, resources, vec(policies(false), 0..3)).prop_map(
        |((who, action, resource, owner, keys), options, principals, resources, scps)| Question {
            who,
            management_account: options.0,
            action: action.to_owned(),
            resource,
            resource_account: owner.map(str::to_owned),
            keys,
            wildcard_only: options.1,
            aws_managed_key: options.2,
            identity: principals.0,
            boundary: principals.1,
            session: principals.2,
            resource_policy: resources.0,
            scps,
            rcps: resources.1,
            endpoint: resources.2,
        },
    )
}

/// Texts that are nearly JSON.
pub fn json_text() -> impl Strategy<Value = String> {
    let token = select(
        &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\\u00e9\\n\"",
            "\"b\"",
            "1",
            "-0.5",
            "1e9",
            "01",
            "true",
            "null",
            " ",
            "\n",
            "\"",
            "nul",
            "\\",
        ][..],
    );
    let value = prop_oneof![
        Just("1".to_owned()),
        Just("\"x\\\"\\ud83d\\ude00\"".to_owned()),
        Just("null".to_owned()),
        Just("-1.25".to_owned())
    ]
    .prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| format!("[ {} ]", values.join(" , "))),
            vec(inner, 0..4).prop_map(|values| {
                let members: Vec<String> =
                    values.iter().enumerate().map(|(i, value)| format!("\"k{i}\" :\t{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    prop_oneof![value, vec(token, 0..8).prop_map(|tokens| tokens.concat())]
}
