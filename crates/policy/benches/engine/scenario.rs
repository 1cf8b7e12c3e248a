//! Policies and requests for the benchmarks, the same in every run. The comparison with other engines includes this
//! file: rules are kept as data, so that each engine can be given them in its own language.

use bailiwick_policy::{CompiledPolicy, ContextMap, Document, PolicyKind, PolicyLabel, PolicySet};
use serde_json::{Value, json};
use std::sync::Arc;

pub const ACCOUNT: &str = "123456789012";
/// Requests that are asked again and again.
pub const REQUESTS: usize = 1_000;

const SERVICES: [&str; 12] =
    ["s3", "sqs", "kms", "dynamodb", "secretsmanager", "ecr", "logs", "ec2", "lambda", "sns", "iam", "rds"];
const VERBS: [&str; 8] = ["Get", "List", "Put", "Delete", "Create", "Update", "Describe", "Tag"];
const NOUNS: [&str; 8] = ["Object", "Table", "Queue", "Key", "Item", "Version", "Function", "Configuration"];
const TEAMS: [&str; 4] = ["blue", "red", "green", "gold"];

/// Knuth's generator of MMIX: any would do, as long as it is the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

/// A statement.
#[derive(Clone)]
pub struct Rule {
    pub deny: bool,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub conditions: Vec<Condition>,
    /// For policies of resources: whom it names.
    pub principal: Option<&'static str>,
}

#[derive(Clone)]
pub enum Condition {
    /// The caller's tag `team` is this.
    Team(&'static str),
    /// The request comes from one of these networks.
    Source(Vec<&'static str>),
    /// It came over TLS.
    Secure,
    /// The session is younger, in seconds.
    Younger(i64),
    /// The caller's ARN fits the pattern.
    Caller(&'static str),
}

/// What is known of a request besides action and resource.
#[derive(Clone, Copy)]
pub struct Known {
    pub user: &'static str,
    pub team: &'static str,
    pub source: &'static str,
    pub secure: bool,
    pub age: i64,
}

pub struct Asked {
    pub action: String,
    pub resource: String,
    /// A place in [`KNOWN`].
    pub known: usize,
}

pub const KNOWN: [Known; 4] = [
    Known { user: "Ann", team: "blue", source: "10.2.3.4", secure: true, age: 600 },
    Known { user: "Ben", team: "red", source: "192.0.2.17", secure: true, age: 7_200 },
    Known { user: "Cem", team: "green", source: "203.0.113.9", secure: false, age: 30 },
    Known { user: "Dag", team: "gold", source: "10.200.0.1", secure: true, age: 40_000 },
];

impl Known {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:user/team/{}", self.user)
    }

    pub fn context(&self) -> ContextMap {
        ContextMap::new()
            .with("aws:username", self.user)
            .with("aws:userid", "AIDAUSERUSERUSERUSER1")
            .with("aws:PrincipalArn", self.arn())
            .with("aws:PrincipalAccount", ACCOUNT)
            .with("aws:PrincipalType", "User")
            .with("aws:PrincipalTag/team", self.team)
            .with("aws:SourceIp", self.source)
            .with("aws:SecureTransport", self.secure.to_string())
            .with("aws:MultiFactorAuthAge", self.age.to_string())
            .with("aws:CurrentTime", "2026-01-01T00:00:00Z")
            .with("aws:EpochTime", "1767225600")
            .with("aws:RequestedRegion", "us-east-1")
    }
}

fn action(dice: &mut Dice, service: &str) -> String {
    format!("{service}:{}{}", dice.pick(&VERBS), dice.pick(&NOUNS))
}

/// Whether an action fits an entry of `Action`, for those that rules here have.
pub fn fits(pattern: &str, action: &str) -> bool {
    match (pattern.split_once(['*', '?']), pattern.contains('?')) {
        (None, _) => pattern == action,
        // `?et*` and a noun.
        (Some((service, rest)), true) => {
            let tail = rest.trim_start_matches("et*");
            action
                .strip_prefix(service)
                .is_some_and(|name| name.get(1..3) == Some("et") && name.ends_with(tail))
        }
        (Some((start, end)), false) => action.starts_with(start) && action.ends_with(end),
    }
}

/// Every action that is ever asked for.
pub fn every_action() -> impl Iterator<Item = String> {
    SERVICES.iter().flat_map(|service| {
        VERBS.iter().flat_map(move |verb| NOUNS.iter().map(move |noun| format!("{service}:{verb}{noun}")))
    })
}

impl Rule {
    fn random(dice: &mut Dice, app: usize, policies: usize) -> Self {
        let service = dice.pick(&SERVICES);
        let deny = dice.percent(10);
        let actions = match dice.roll(100) {
            0..50 => (0..1 + dice.roll(4)).map(|_| action(dice, service)).collect(),
            50..85 => vec![format!("{service}:{}*", dice.pick(&VERBS))],
            85..92 => vec![format!("{service}:*{}", dice.pick(&NOUNS))],
            92..97 => vec![format!("{service}:?et*{}", dice.pick(&NOUNS))],
            _ => vec![format!("{service}:*")],
        };
        // As policies become more, those on all resources do not, or nearly every request would be decided by them.
        let everywhere = !deny && app < 20 && policies > 0 && dice.percent(25);
        let resources = match dice.roll(3) {
            _ if everywhere => vec!["*".to_owned()],
            0 => vec![format!("arn:aws:{service}:us-east-1:{ACCOUNT}:thing/app-{app}")],
            1 => vec![
                format!("arn:aws:{service}:us-east-1:{ACCOUNT}:thing/app-{app}"),
                format!("arn:aws:{service}:us-east-1:{ACCOUNT}:thing/app-{app}/*"),
            ],
            _ => vec![format!("arn:aws:{service}:*:*:thing/app-{app}/*")],
        };
        let mut conditions = Vec::new();
        if dice.percent(30) {
            conditions.push(Condition::random(dice));
            if dice.percent(30) {
                conditions.push(Condition::random(dice));
            }
        }
        Self { deny, actions, resources, conditions, principal: None }
    }

    fn json(&self) -> Value {
        let mut statement = json!({ "Effect": if self.deny { "Deny" } else { "Allow" } });
        if let Some(principal) = self.principal {
            statement["Principal"] = json!({ "AWS": principal });
        }
        statement["Action"] = one_or_many(&self.actions);
        statement["Resource"] = one_or_many(&self.resources);
        for condition in &self.conditions {
            let (operator, key, value) = condition.written();
            statement["Condition"][operator][key] = value;
        }
        statement
    }
}

fn one_or_many(texts: &[String]) -> Value {
    match texts {
        [one] => json!(one),
        many => json!(many),
    }
}

impl Condition {
    fn random(dice: &mut Dice) -> Self {
        match dice.roll(5) {
            0 => Condition::Team(dice.pick(&TEAMS)),
            1 => Condition::Source(vec!["10.0.0.0/8", "192.0.2.0/24"]),
            2 => Condition::Secure,
            3 => Condition::Younger(3_600),
            _ => Condition::Caller("arn:aws:iam::*:user/team/*n"),
        }
    }

    fn written(&self) -> (&'static str, &'static str, Value) {
        match self {
            Condition::Team(team) => ("StringEquals", "aws:PrincipalTag/team", json!(team)),
            Condition::Source(networks) => ("IpAddress", "aws:SourceIp", json!(networks)),
            Condition::Secure => ("Bool", "aws:SecureTransport", json!("true")),
            Condition::Younger(seconds) => {
                ("NumericLessThan", "aws:MultiFactorAuthAge", json!(seconds.to_string()))
            }
            Condition::Caller(pattern) => ("ArnLike", "aws:PrincipalArn", json!(pattern)),
        }
    }
}

/// Policies of five statements each, every policy about an application of its own.
pub fn policies(seed: u64, count: usize) -> Vec<Vec<Rule>> {
    let mut dice = Dice::new(seed);
    (0..count).map(|app| (0..5).map(|_| Rule::random(&mut dice, app, count)).collect()).collect()
}

/// Requests, seven of ten of which some statement speaks of.
pub fn requests(seed: u64, policies: &[Vec<Rule>], count: usize) -> Vec<Asked> {
    let mut dice = Dice::new(seed ^ 0xa5a5);
    let known: Vec<String> = every_action().collect();
    (0..count)
        .map(|_| {
            let app = dice.roll(policies.len());
            let aimed = dice.percent(70);
            let rule = &policies[app][dice.roll(5)];
            let pattern = rule.actions[dice.roll(rule.actions.len())].as_str();
            let service = pattern.split(':').next().unwrap_or_default();
            let fitting: Vec<&String> =
                known.iter().filter(|action| aimed && fits(pattern, action)).collect();
            let action = match fitting.as_slice() {
                [] => action(&mut dice, service),
                fitting => fitting[dice.roll(fitting.len())].to_owned(),
            };
            let tail = if dice.percent(50) { format!("/part/{}", dice.roll(1_000)) } else { String::new() };
            let resource = format!("arn:aws:{service}:us-east-1:{ACCOUNT}:thing/app-{app}{tail}");
            Asked { action, resource, known: dice.roll(KNOWN.len()) }
        })
        .collect()
}

pub fn text(rules: &[Rule]) -> String {
    document(rules).to_string()
}

pub fn document(rules: &[Rule]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": rules.iter().map(Rule::json).collect::<Vec<_>>() })
}

pub fn compile(text: &str) -> Arc<CompiledPolicy> {
    let (document, _) = Document::parse_tolerant(text);
    let label = PolicyLabel::new(PolicyKind::Managed, "arn:aws:iam::123456789012:policy/p", "p");
    Arc::new(CompiledPolicy::compile(Arc::new(document.expect("a document")), label))
}

pub fn set(policies: &[Vec<Rule>]) -> PolicySet {
    policies.iter().map(|rules| compile(&text(rules))).collect()
}

/// What stands around the identity policies when every layer is there.
pub struct Around {
    pub boundary: Vec<Vec<Rule>>,
    pub session: Vec<Vec<Rule>>,
    pub resource: Vec<Vec<Rule>>,
    pub scps: Vec<Vec<Vec<Rule>>>,
    pub rcps: Vec<Vec<Vec<Rule>>>,
}

pub fn around() -> Around {
    let rule = |deny, actions: &[&str], resource: &str, conditions: Vec<Condition>| Rule {
        deny,
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec![resource.to_owned()],
        conditions,
        principal: None,
    };
    let to_all = |rule: Rule| Rule { principal: Some("*"), ..rule };
    let full = || vec![rule(false, &["*"], "*", Vec::new())];
    let boundary = vec![
        rule(false, &["s3:*", "sqs:*", "kms:*", "dynamodb:*", "ecr:*", "logs:*"], "*", Vec::new()),
        rule(false, &["ec2:*", "lambda:*", "sns:*", "rds:*"], "*", vec![Condition::Secure]),
        rule(false, &["iam:Get*", "iam:List*", "secretsmanager:Get*"], "*", Vec::new()),
        rule(true, &["iam:DeleteKey", "iam:CreateKey"], "*", Vec::new()),
    ];
    let session = vec![rule(false, &["*"], "*", Vec::new()), rule(true, &["iam:Delete*"], "*", Vec::new())];
    let scp = |level: usize| {
        vec![
            full(),
            vec![
                rule(
                    true,
                    &["ec2:Delete*", "rds:Delete*"],
                    &format!("arn:aws:ec2:*:*:thing/app-{level}/*"),
                    vec![],
                ),
                rule(true, &["logs:DeleteTable", "kms:DeleteKey"], "*", Vec::new()),
                rule(true, &["s3:Put*", "s3:Create*"], "*", vec![Condition::Team("nobody")]),
            ],
        ]
    };
    let rcp = |level: usize| {
        vec![vec![
            to_all(rule(
                true,
                &["s3:*", "sqs:*", "kms:*"],
                "*",
                vec![Condition::Caller("arn:aws:iam::*:root")],
            )),
            to_all(rule(
                true,
                &["secretsmanager:Delete*"],
                &format!("arn:aws:secretsmanager:*:*:thing/app-{level}"),
                vec![],
            )),
        ]]
    };
    let named = |rule: Rule, principal| Rule { principal: Some(principal), ..rule };
    let resource = vec![
        named(rule(false, &["s3:*", "sqs:*", "kms:*"], "*", Vec::new()), ACCOUNT),
        named(rule(false, &["dynamodb:Get*"], "*", Vec::new()), "arn:aws:iam::123456789012:user/team/Ben"),
        to_all(rule(true, &["*"], "*", vec![Condition::Caller("arn:aws:iam::*:user/intruder")])),
    ];
    Around {
        boundary: vec![boundary],
        session: vec![session],
        resource: vec![resource],
        scps: (0..3).map(scp).collect(),
        rcps: (0..3).map(rcp).collect(),
    }
}
