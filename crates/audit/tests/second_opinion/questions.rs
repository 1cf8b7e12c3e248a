//! Questions for both: random ones, the same in every run, and those of the corpus.
//!
//! Each random question is about one topic, so that a difference can be told by what the question holds.

use bailiwick_audit::corpus::Case;
use policy::catalogue::Catalogue;
use serde_json::{Map, Value, json};

/// A generator of numbers whose only merit is that it gives the same ones everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One to `most` of the choices, a lone one without list.
    fn some(&mut self, choices: &[&str], most: usize) -> Value {
        let many: Vec<&str> = (0..=self.below(most)).map(|_| self.of(choices)).collect();
        if many.len() == 1 { json!(many[0]) } else { json!(many) }
    }
}

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "999988887777";

pub fn random(count: usize) -> Vec<Value> {
    let mut chance = Chance(20_261_122);
    (0..count)
        .map(|number| {
            let mut question = match chance.below(10) {
                0..3 => condition(&mut chance),
                3 => resource(&mut chance),
                4 => action(&mut chance),
                5 | 6 => principal(&mut chance),
                7 | 8 => layers(&mut chance),
                _ => services(&mut chance),
            };
            question["id"] = json!(number);
            question
        })
        .collect()
}

fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn question(principal: &str, action: &str, arn: &str) -> Value {
    json!({
        "request": {"principal": principal, "action": action, "resource": {"arn": arn, "account_id": ACCOUNT}, "context": {}},
        "identity_policies": [], "resource_policy": null, "boundaries": null, "session_policies": null,
        "scps": [], "rcps": [], "endpoint_policies": null, "options": {},
    })
}

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const OBJECT: &str = "arn:aws:s3:::bucket/ann/1";

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

/// Values of policies and of requests that suit an operator.
fn values(operator: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match operator {
        name if name.starts_with("String") => (
            &[
                "ann",
                "Ann",
                "a*",
                "?nn",
                "*",
                "bob",
                "${aws:username}",
                "x${aws:username}",
                "${aws:none}",
                "${aws:none, 'ann'}",
                "a${*}",
                "",
            ],
            &["ann", "ANN", "bob", "a*", "xann", "", "anna"],
        ),
        name if name.starts_with("Numeric") => {
            (&["5", "5.0", "-1", "10", "x", "007"], &["5", "4.5", "-1", "100", "x", ""])
        }
        name if name.starts_with("Date") => (
            &["2026-01-01T00:00:00Z", "2026-01-01", "1767225600", "2025-06-01T12:00:00+02:00", "soon"],
            &["2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "1767225600", "2026-06-01", "soon"],
        ),
        "Bool" => (&["true", "false", "TRUE"], &["true", "false", "True", "asdf", ""]),
        "BinaryEquals" => (&["QmluYXJ5", "YQ==", "x"], &["QmluYXJ5", "YQ==", "x"]),
        name if name.contains("Ip") => (
            &["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:db8::1", "0.0.0.0/0", "x"],
            &["10.1.2.3", "192.168.0.1", "2001:db8::1", "::ffff:10.1.2.3", "x"],
        ),
        "Null" => (&["true", "false"], &["a", ""]),
        _ => (
            &[
                "arn:aws:s3:::bucket",
                "arn:aws:s3:::b*",
                "arn:aws:sqs:*:111122223333:q?",
                "arn:aws:iam::*:role/*",
                "arn:*",
                "*",
                "arn:aws:s3:::${aws:username}",
                "x",
            ],
            &[
                "arn:aws:s3:::bucket",
                "arn:aws:s3:::ann",
                "arn:aws:sqs:eu-west-1:111122223333:q1",
                "arn:aws:iam::111122223333:role/a/b",
                "arn:aws:sqs:eu-west-1:111122223333:a:b",
                "x",
                "",
            ],
        ),
    }
}

/// One condition on one key.
fn condition(chance: &mut Chance) -> Value {
    let name = chance.of(&OPERATORS);
    let prefix = chance.of(&["", "", "", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = if name != "Null" && chance.one_in(5) { "IfExists" } else { "" };
    let (of_policy, of_request) = values(name);
    let key = chance.of(&["aws:PrincipalTag/t", "aws:TagKeys"]);
    let written = if chance.one_in(6) { key.to_uppercase() } else { key.to_owned() };
    let mut rule = statement(chance.of(&["Allow", "Allow", "Deny"]), "*", "*");
    rule["Condition"] = json!({format!("{prefix}{name}{suffix}"): {written: chance.some(of_policy, 3)}});
    let mut asked = question(ANN, "s3:GetObject", OBJECT);
    let value = match chance.below(8) {
        0 | 1 => Value::Null,
        _ if key == "aws:TagKeys" => {
            let many: Vec<&str> = (0..=chance.below(2)).map(|_| chance.of(of_request)).collect();
            json!(many)
        }
        _ => json!(chance.of(of_request)),
    };
    asked["request"]["context"] = json!({"aws:username": "ann", key: value});
    let version = if chance.one_in(8) { "2008-10-17" } else { "2012-10-17" };
    let denies = rule["Effect"] == "Deny";
    let mut policies = vec![json!({"Version": version, "Statement": [rule]})];
    if denies {
        policies.push(policy(&[statement("Allow", "*", "*")]));
    }
    asked["identity_policies"] = json!(policies);
    asked
}

const RESOURCES: [(&str, &str); 8] = [
    ("s3:GetObject", "arn:aws:s3:::bucket/ann/1"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("s3:ListAllMyBuckets", "*"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/prod-a"),
    ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:a:log-stream:b"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:queue"),
    ("iam:GetRole", "arn:aws:iam::111122223333:role/team/app"),
    ("ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
];

const RESOURCE_PATTERNS: [&str; 30] = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::Bucket/*",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:none}/*",
    "arn:aws:s3:::bucket/${aws:none, 'ann'}/*",
    "arn:aws:s3:::bucket/a${*}b",
    "arn:aws:s3:::bucket/ann/?",
    "arn:aws:s3:::b*t/*/1",
    "arn:*:s3:::*",
    "arn:aws:s*:::bucket/*",
    "arn:aws:*:::bucket/*",
    "arn:aws:dynamodb:*:*:table/prod-*",
    "arn:aws:dynamodb:*:table/prod-*",
    "arn:aws:dynamodb:eu-*:111122223333:table/*",
    "arn:aws:dynamodb:*",
    "arn:aws:dynamodb",
    "arn:aws:dynamodb:eu-west-1:????22223333:table/prod-?",
    "arn:aws:logs:*:*:log-group:*",
    "arn:aws:logs:*:*:log-group:a:*",
    "arn:aws:logs:*:*:*:b",
    "arn:aws:sqs:eu-west-1:111122223333:*",
    "arn:aws:sqs:*:*:QUEUE",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:*:*:instance",
];

/// One pattern of resources.
fn resource(chance: &mut Chance) -> Value {
    let (action, arn) = RESOURCES[chance.below(RESOURCES.len())];
    let mut asked = question(ANN, action, arn);
    let name = if chance.one_in(4) { "NotResource" } else { "Resource" };
    let effect = chance.of(&["Allow", "Allow", "Deny"]);
    let rule = json!({"Effect": effect, "Action": "*", name: chance.some(&RESOURCE_PATTERNS, 2)});
    let version = if chance.one_in(8) { "2008-10-17" } else { "2012-10-17" };
    let mut policies = vec![json!({"Version": version, "Statement": [rule]})];
    if effect == "Deny" {
        policies.push(policy(&[statement("Allow", "*", "*")]));
    }
    asked["request"]["context"] = json!({"aws:username": "ann"});
    asked["options"]["wildcard_only_action"] = json!(arn == "*");
    asked["identity_policies"] = json!(policies);
    asked
}

const ACTION_PATTERNS: [&str; 21] = [
    "*",
    "s3:*",
    "S3:*",
    "s3:Get*",
    "s3:getobject",
    "s3:GetObject",
    "s3:?etObject",
    "s3:G*t*j*t",
    "s3:*Object",
    "s3:GetObject*",
    "s3:GetObjectV*",
    "s3:Put*",
    "*:*",
    "*:GetObject",
    "s*:GetObject",
    "s3: GetObject",
    "s3:GetObject ",
    "s3:GetObject,s3:PutObject",
    "sqs:*",
    "iam:*",
    "s3:Get.bject",
];

/// One pattern of actions.
fn action(chance: &mut Chance) -> Value {
    let mut asked = question(ANN, chance.of(&["s3:GetObject", "S3:GETOBJECT", "s3:PutObject"]), OBJECT);
    let name = if chance.one_in(4) { "NotAction" } else { "Action" };
    let effect = chance.of(&["Allow", "Allow", "Deny"]);
    let mut rule = json!({"Effect": effect, name: chance.some(&ACTION_PATTERNS, 2), "Resource": "*"});
    if chance.one_in(20) {
        rule["Principal"] = json!("*");
    }
    let mut policies = vec![policy(&[rule])];
    if effect == "Deny" {
        policies.push(policy(&[statement("Allow", "*", "*")]));
    }
    asked["identity_policies"] = json!(policies);
    asked
}

const WHO: [&str; 11] = [
    ANN,
    "arn:aws:iam::111122223333:user/team/Ann",
    "arn:aws:iam::999988887777:user/ann",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:sts::111122223333:assumed-role/app/s2",
    "arn:aws:sts::999988887777:assumed-role/app/s1",
    "arn:aws:sts::111122223333:federated-user/fred",
    "arn:aws:iam::111122223333:root",
    "sns.amazonaws.com",
    "anonymous",
    "arn:aws:iam::111122223333:saml-provider/corp",
];

const PRINCIPALS: [&str; 22] = [
    r#""*""#,
    r#"{"AWS": "*"}"#,
    r#"{"AWS": "111122223333"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
    r#"{"AWS": "arn:aws:iam::999988887777:root"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:user/ann"}"#,
    r#"{"AWS": ["arn:aws:iam::111122223333:user/ann", "111122223333"]}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:user/team/Ann"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#,
    r#"{"AWS": "arn:aws:iam::999988887777:user/ann"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:role/team/APP"}"#,
    r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"}"#,
    r#"{"AWS": ["arn:aws:sts::111122223333:assumed-role/app/s1", "arn:aws:iam::111122223333:role/app"]}"#,
    r#"{"AWS": ["arn:aws:sts::111122223333:assumed-role/app/s1", "arn:aws:iam::111122223333:role/app", "111122223333"]}"#,
    r#"{"AWS": "arn:aws:sts::111122223333:federated-user/fred"}"#,
    r#"{"AWS": "arn:aws:iam::111122223333:user/fred"}"#,
    r#"{"Service": "sns.amazonaws.com"}"#,
    r#"{"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}"#,
    r#"{"Service": "*"}"#,
    r#"{"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}"#,
    r#"{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
];

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:queue";

/// A resource's policy, and whom it names; boundary, session and identity policies say all or nothing of it.
fn principal(chance: &mut Chance) -> Value {
    let mut asked = question(chance.of(&WHO), "sqs:SendMessage", QUEUE);
    let element = if chance.one_in(5) { "NotPrincipal" } else { "Principal" };
    let named: Value = serde_json::from_str(chance.of(&PRINCIPALS)).unwrap();
    let effect = chance.of(&["Allow", "Allow", "Allow", "Deny"]);
    let rule = json!({"Effect": effect, element: named, "Action": "sqs:*", "Resource": "*"});
    asked["resource_policy"] = policy(&[rule]);
    says(chance, &mut asked, "sqs:*");
    asked
}

/// Identity policies, boundary and session policies that allow it, deny it, or speak of something else.
fn says(chance: &mut Chance, asked: &mut Value, action: &str) {
    let says = |chance: &mut Chance| match chance.below(10) {
        0..6 => policy(&[statement("Allow", action, "*")]),
        6..9 => policy(&[statement("Allow", "ec2:*", "*")]),
        _ => policy(&[statement("Allow", "*", "*"), statement("Deny", action, "*")]),
    };
    asked["identity_policies"] = if chance.one_in(3) { json!([]) } else { json!([says(chance)]) };
    if chance.one_in(3) {
        asked["boundaries"] = json!([says(chance)]);
    }
    let who = asked["request"]["principal"].as_str().unwrap();
    if who.starts_with("arn:aws:sts:") && chance.one_in(2) {
        asked["session_policies"] = json!([says(chance)]);
    }
}

/// Every layer, each with its say.
fn layers(chance: &mut Chance) -> Value {
    let mut asked = question(chance.of(&WHO), "s3:GetObject", OBJECT);
    asked["request"]["resource"]["account_id"] = json!(chance.of(&[ACCOUNT, ACCOUNT, OTHER]));
    says(chance, &mut asked, "s3:*");
    let plain = |chance: &mut Chance| match chance.below(8) {
        0..6 => statement("Allow", chance.of(&["*", "s3:*", "s3:Get*"]), "*"),
        6 => statement("Allow", "ec2:*", "*"),
        _ => statement("Deny", chance.of(&["s3:*", "ec2:*"]), "*"),
    };
    let to_all = |chance: &mut Chance, mut rule: Value| {
        let named = chance.of(&[r#""*""#, r#"{"AWS": "*"}"#, r#"{"AWS": ["*"]}"#]);
        rule["Principal"] = serde_json::from_str(named).unwrap();
        rule
    };
    if chance.one_in(2) {
        let levels = (0..=chance.below(2)).map(|_| {
            let many: Vec<Value> = (0..=chance.below(2)).map(|_| policy(&[plain(chance)])).collect();
            if chance.one_in(10) { json!([]) } else { json!(many) }
        });
        asked["scps"] = levels.collect();
    }
    if chance.one_in(3) {
        let levels = (0..=chance.below(2)).map(|_| {
            let rule = statement("Deny", chance.of(&["s3:*", "sqs:*", "sqs:*", "kms:*"]), "*");
            json!([policy(&[to_all(chance, rule)])])
        });
        asked["rcps"] = levels.collect();
    }
    if chance.one_in(4) {
        let rule = plain(chance);
        asked["endpoint_policies"] = json!([policy(&[to_all(chance, rule)])]);
    }
    if chance.one_in(2) {
        let mut rule = plain(chance);
        rule["Principal"] = serde_json::from_str(chance.of(&PRINCIPALS)).unwrap();
        asked["resource_policy"] = policy(&[rule]);
    }
    if chance.one_in(12) {
        asked["request"]["management_account"] = json!(true);
    }
    asked
}

/// Services with rules of their own.
fn services(chance: &mut Chance) -> Value {
    let (action, arn) = chance.of::<(&str, &str)>(&[
        &("sts:AssumeRole", "arn:aws:iam::111122223333:role/app"),
        &("sts:AssumeRole", "arn:aws:iam::999988887777:role/app"),
        &("sts:GetCallerIdentity", "*"),
        &("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        &("kms:CreateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/a"),
        &("kms:CreateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"),
        &("kms:ListKeys", "*"),
        &("kms:RetireGrant", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        &("iam:DeletePolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        &("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        &("iam:DeleteRole", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/R"),
        &("iam:GetRole", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/R"),
        &("ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
        &("s3:GetObject", "arn:aws-cn:s3:::bucket/ann/1"),
    ]);
    let mut asked = question(chance.of(&WHO), action, arn);
    asked["request"]["resource"] = json!({ "arn": arn });
    asked["options"]["wildcard_only_action"] = json!(*arn == "*");
    let service = action.split(':').next().unwrap();
    says(chance, &mut asked, &format!("{service}:*"));
    let can_have_policy = (service == "sts" && *arn != "*") || arn.contains(":key/");
    if can_have_policy && !chance.one_in(5) {
        let named: Value = serde_json::from_str(chance.of(&PRINCIPALS)).unwrap();
        let effect = chance.of(&["Allow", "Allow", "Allow", "Deny"]);
        let mut rule = json!({"Effect": effect, "Principal": named, "Action": format!("{service}:*")});
        if service == "kms" {
            rule["Resource"] = json!("*");
        }
        asked["resource_policy"] = policy(&[rule]);
    }
    if chance.one_in(5) {
        let rule = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
        asked["rcps"] = json!([[policy(&[rule])]]);
    }
    asked
}

/// A case of a corpus as a question.
pub fn of_case(case: &Case) -> Value {
    let (asked, brought) = (&case.question, &case.brought);
    let texts = |set: Option<&policy::PolicySet>| -> Vec<Value> {
        let policies = set.into_iter().flat_map(|set| set.policies());
        policies.map(|policy| serde_json::from_str(policy.document().text()).unwrap()).collect()
    };
    let levels = |levels: &[std::sync::Arc<policy::PolicySet>]| {
        levels.iter().map(|level| Value::from(texts(Some(level)))).collect::<Vec<_>>()
    };
    let facts = Catalogue::get().action(&asked.action);
    let wildcard_only =
        brought.wildcard_only.unwrap_or_else(|| facts.is_some_and(|facts| facts.is_wildcard_only()));
    let mut context = Map::new();
    for (key, values) in &asked.context {
        let multivalued = Catalogue::get().condition_key(key).is_some_and(|facts| facts.is_multivalued());
        let value = match values.as_slice() {
            [value] if !multivalued => json!(value),
            values => json!(values),
        };
        context.insert(key.clone(), value);
    }
    let mut with_arn = json!({"aws:username": null, "aws:PrincipalArn": null});
    if let Some(name) = asked.principal.split(":user/").nth(1) {
        with_arn = json!({"aws:username": name.rsplit('/').next(), "aws:PrincipalArn": asked.principal});
    } else if let Some((account, rest)) =
        asked.principal.strip_prefix("arn:aws:sts::").and_then(|rest| rest.split_once(":assumed-role/"))
    {
        let role = rest.split('/').next().unwrap();
        with_arn["aws:PrincipalArn"] = json!(format!("arn:aws:iam::{account}:role/{role}"));
    } else if asked.principal.ends_with(":root") {
        with_arn["aws:PrincipalArn"] = json!(asked.principal);
    }
    for (key, value) in with_arn.as_object().unwrap() {
        if !value.is_null() {
            context.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    json!({
        "request": {
            "principal": asked.principal, "principal_type": brought.principal_type,
            "management_account": brought.management_account, "issuer": brought.issuer, "action": asked.action,
            "resource": {"arn": asked.resource, "account_id": asked.resource_account}, "context": context,
        },
        "identity_policies": texts(brought.identity.as_deref()),
        "resource_policy": texts(brought.resource.as_deref()).pop(),
        "boundaries": texts(brought.boundary.as_deref()),
        "session_policies": texts(brought.session.as_deref()),
        "scps": levels(&brought.scps), "rcps": levels(&brought.rcps),
        "endpoint_policies": texts(brought.endpoint.as_deref()),
        "options": {"wildcard_only_action": wildcard_only, "aws_managed_key": brought.aws_managed_key},
    })
}
