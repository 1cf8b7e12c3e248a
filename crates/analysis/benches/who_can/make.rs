//! A population from a fixed seed: accounts of an organization with their applications, AWS's kind of managed policies,
//! policies of applications, inline policies, boundaries, SCPs.
//!
//! Of a million principals three of four have a set of policies of their own, made of some twenty thousand documents.

use bailiwick_analysis::who_can::{AccountNumber, Builder, Kind, Person, PolicyId, Population};
use policy::{Document, PolicyKind, PolicyLabel};
use std::sync::Arc;

/// Principals of an account.
const OF_ACCOUNT: usize = 1_000;
/// Applications of an account; each has a policy of its own.
const APPLICATIONS: usize = 15;
/// Inline policies of an account, each shared by the few principals that a tool made alike.
const INLINE: usize = 4;
const SERVICES: [&str; 16] = [
    "s3",
    "sqs",
    "kms",
    "dynamodb",
    "secretsmanager",
    "ecr",
    "logs",
    "ec2",
    "lambda",
    "sns",
    "iam",
    "rds",
    "ssm",
    "states",
    "glue",
    "cloudwatch",
];
const VERBS: [&str; 8] = ["Get", "List", "Put", "Delete", "Create", "Update", "Describe", "Tag"];
const NOUNS: [&str; 8] = ["Object", "Table", "Queue", "Key", "Item", "Version", "Function", "Configuration"];
const TEAMS: [&str; 8] = ["blue", "red", "green", "gold", "grey", "pink", "teal", "lime"];

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self, sides: usize) -> usize {
        (self.next() % sides as u64) as usize
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }

    /// Mostly one of the first.
    fn favourite(&mut self, count: usize) -> usize {
        let (a, b) = (self.roll(count), self.roll(count));
        self.roll(a.min(b) + 1)
    }
}

/// The id of an account.
pub fn account_id(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number as u64 * 7_919)
}

struct Maker {
    dice: Dice,
    builder: Builder,
    /// AWS's kind of managed policies: the first ones are on most principals.
    managed: Vec<PolicyId>,
    boundaries: Vec<PolicyId>,
    own_password: PolicyId,
}

/// Makes so many principals.
pub fn population(principals: usize) -> Population {
    let mut maker = Maker::new();
    let accounts = principals.div_ceil(OF_ACCOUNT);
    let scps = maker.scps();
    let mut left = principals;
    for account in 0..accounts {
        maker.account(account, left.min(OF_ACCOUNT), &scps);
        left = left.saturating_sub(OF_ACCOUNT);
    }
    maker.builder.finish()
}

fn document(statements: &[String]) -> Arc<Document> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    Arc::new(Document::parse_tolerant(&text).0.unwrap())
}

fn list(entries: &[String]) -> String {
    let quoted: Vec<String> = entries.iter().map(|entry| format!("{entry:?}")).collect();
    format!("[{}]", quoted.join(","))
}

fn statement(effect: &str, actions: &[String], resources: &[String], condition: &str) -> String {
    let (actions, resources) = (list(actions), list(resources));
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    format!(r#"{{"Effect":"{effect}","Action":{actions},"Resource":{resources}{condition}}}"#)
}

impl Maker {
    fn new() -> Self {
        let mut builder = Population::builder();
        let text = r#"{"Effect":"Allow","Action":["iam:ChangePassword","iam:GetUser","iam:*AccessKey*"],
            "Resource":"arn:aws:iam::*:user/${aws:username}"}"#;
        let home = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#;
        let label =
            PolicyLabel::new(PolicyKind::Managed, "arn:aws:iam::aws:policy/SelfService", "SelfService");
        let own_password = builder.policy(document(&[text.into(), home.into()]), label);
        let mut maker =
            Self { dice: Dice(2_026), builder, managed: Vec::new(), boundaries: Vec::new(), own_password };
        maker.managed = (0..400).map(|number| maker.managed(number)).collect();
        maker.boundaries = (0..60).map(|number| maker.boundary(number)).collect();
        maker
    }

    fn action(&mut self, service: &str) -> String {
        let (verb, noun) = (self.dice.pick(&VERBS), self.dice.pick(&NOUNS));
        match self.dice.roll(10) {
            0 => format!("{service}:*"),
            1..4 => format!("{service}:{verb}*"),
            _ => format!("{service}:{verb}{noun}"),
        }
    }

    fn actions(&mut self, service: &str, most: usize) -> Vec<String> {
        (0..1 + self.dice.roll(most)).map(|_| self.action(service)).collect()
    }

    /// AWS's kind: everything, all but identities, reading of everything, whole services, jobs in some services.
    fn managed(&mut self, number: usize) -> PolicyId {
        let star = ["*".to_owned()];
        let statements = match number {
            0 => vec![self.read_only()],
            1 => vec![
                r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}"#
                    .into(),
            ],
            2 => vec![statement("Allow", &star, &star, "")],
            3..40 => {
                let service = SERVICES[number % SERVICES.len()];
                let verbs = ["Get", "List", "Describe"].map(|verb| format!("{service}:{verb}*"));
                let all = [format!("{service}:*")];
                vec![statement("Allow", if number < 20 { &all } else { &verbs }, &star, "")]
            }
            _ => (0..2 + self.dice.roll(5))
                .map(|_| {
                    let service = self.dice.pick(&SERVICES);
                    let actions = self.actions(service, 12);
                    let resource = match self.dice.roll(3) {
                        0 => format!("arn:aws:{service}:*:*:*"),
                        _ => "*".to_owned(),
                    };
                    let condition = match self.dice.roll(8) {
                        0 => r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
                        1 => r#"{"StringLike":{"iam:PassedToService":"*.amazonaws.com"}}"#,
                        _ => "",
                    };
                    statement("Allow", &actions, &[resource], condition)
                })
                .collect(),
        };
        let name = format!("Managed{number}");
        let label = PolicyLabel::new(PolicyKind::Managed, &format!("arn:aws:iam::aws:policy/{name}"), &name);
        self.builder.policy(document(&statements), label)
    }

    fn read_only(&mut self) -> String {
        let mut actions = Vec::new();
        for service in SERVICES {
            actions.extend(
                ["Get", "List", "Describe"]
                    .iter()
                    .flat_map(|verb| NOUNS.iter().map(move |noun| format!("{service}:{verb}{noun}*"))),
            );
        }
        statement("Allow", &actions, &["*".to_owned()], "")
    }

    fn boundary(&mut self, number: usize) -> PolicyId {
        let services: Vec<String> =
            SERVICES.iter().filter(|_| self.dice.percent(70)).map(|service| format!("{service}:*")).collect();
        let deny = ["iam:*".to_owned(), "organizations:*".to_owned()];
        let star = ["*".to_owned()];
        let statements = [statement("Allow", &services, &star, ""), statement("Deny", &deny, &star, "")];
        let name = format!("Boundary{number}");
        let label = PolicyLabel::new(PolicyKind::Boundary, &format!("arn:aws:iam::aws:policy/{name}"), &name);
        self.builder.policy(document(&statements), label)
    }

    /// SCPs of the root, and of eight organizational units.
    fn scps(&mut self) -> Vec<Vec<Vec<PolicyId>>> {
        let mut add = |name: &str, statements: &[&str]| {
            let statements: Vec<String> = statements.iter().map(|text| (*text).to_owned()).collect();
            self.builder.policy(document(&statements), PolicyLabel::new(PolicyKind::Scp, name, name))
        };
        let full = add("FullAWSAccess", &[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]);
        let stay = add(
            "Stay",
            &[
                r#"{"Effect":"Deny","Action":["organizations:LeaveOrganization","cloudtrail:StopLogging"],"Resource":"*"}"#,
            ],
        );
        let root = add(
            "NoRoot",
            &[
                r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}"#,
            ],
        );
        // AWS's example: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
        let region = add(
            "Regions",
            &[r#"{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","s3:Get*"],"Resource":"*",
            "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]},
            "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app-0/*"}}}"#],
        );
        (0..8)
            .map(|unit| {
                let mut own = vec![full];
                own.extend((unit % 2 == 1).then_some(root));
                own.extend((unit % 4 == 2).then_some(region));
                vec![vec![full, stay], own, vec![full]]
            })
            .collect()
    }

    fn account(&mut self, number: usize, principals: usize, scps: &[Vec<Vec<PolicyId>>]) {
        let id = account_id(number);
        let account = self.builder.account(id.parse().unwrap(), "aws");
        self.builder.scps(account, &scps[number % scps.len()]);
        let applications: Vec<PolicyId> =
            (0..APPLICATIONS).map(|place| self.application(&id, number, place)).collect();
        let inline: Vec<PolicyId> = (0..INLINE).map(|place| self.inline(&id, number, place)).collect();
        let root = format!("arn:aws:iam::{id}:root");
        self.builder.person(&Person::new(account, Kind::Root, &root)).unwrap();
        let mut before = Vec::new();
        for place in 1..principals {
            self.person(account, &id, place, (&applications, &inline), &mut before);
        }
    }

    /// A policy of an application: its bucket, queue and table, its roles handed on, some of it by tag.
    fn application(&mut self, id: &str, number: usize, place: usize) -> PolicyId {
        let name = format!("app-{number}-{place}");
        let services = ["s3", "sqs", "dynamodb", "lambda", "logs"];
        let mut statements: Vec<String> = (0..3 + self.dice.roll(3))
            .map(|_| {
                let service = self.dice.pick(&services);
                let actions = self.actions(service, 5);
                let resources = match service {
                    "s3" => vec![format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
                    service => vec![format!("arn:aws:{service}:*:{id}:{name}*")],
                };
                let condition = match self.dice.roll(10) {
                    0 => r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
                    1 => r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
                    2 => r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}"#,
                    _ => "",
                };
                statement("Allow", &actions, &resources, condition)
            })
            .collect();
        let pass = format!("arn:aws:iam::{id}:role/app-{place}/*");
        statements.push(statement("Allow", &["iam:PassRole".into()], &[pass], ""));
        if self.dice.percent(30) {
            let keys = format!("arn:aws:s3:::{name}/secret/*");
            statements.push(statement(
                "Deny",
                &["s3:*".into()],
                &[keys],
                r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
            ));
        }
        let arn = format!("arn:aws:iam::{id}:policy/{name}");
        self.builder.policy(document(&statements), PolicyLabel::new(PolicyKind::Managed, &arn, &name))
    }

    fn inline(&mut self, id: &str, number: usize, place: usize) -> PolicyId {
        let service = self.dice.pick(&["kms", "secretsmanager", "braket", "s3"]);
        let actions = self.actions(service, 4);
        let resource = format!("arn:aws:{service}:eu-central-1:{id}:own-{number}-{place}/*");
        let text = document(&[statement("Allow", &actions, &[resource], "")]);
        self.builder.policy(text, PolicyLabel::new(PolicyKind::Inline, &format!("arn:aws:iam::{id}:"), "own"))
    }

    fn person(
        &mut self,
        account: AccountNumber,
        id: &str,
        place: usize,
        (applications, inline): (&[PolicyId], &[PolicyId]),
        before: &mut Vec<PolicyId>,
    ) {
        let kind = match place % 50 {
            0..19 => Kind::User,
            19 => Kind::LinkedRole,
            _ => Kind::Role,
        };
        // Some have what the one before has, as members of a group do, unless their boundaries differ.
        if before.is_empty() || !self.dice.percent(38) {
            before.clear();
            before.extend((0..1 + self.dice.roll(3)).map(|_| self.managed[self.dice.favourite(400)]));
            before.extend((0..1 + self.dice.roll(4)).map(|_| self.dice.pick(applications)));
            before.extend((0..self.dice.roll(3)).map(|_| self.dice.pick(inline)));
            before.extend(self.dice.percent(30).then_some(self.own_password));
        }
        let arn = match kind {
            Kind::User => format!("arn:aws:iam::{id}:user/staff/person-{place}"),
            Kind::LinkedRole => {
                format!(
                    "arn:aws:iam::{id}:role/aws-service-role/x{place}.amazonaws.com/AWSServiceRoleFor{place}"
                )
            }
            _ => format!("arn:aws:iam::{id}:role/app-{}/worker-{place}", place % APPLICATIONS),
        };
        let unique =
            format!("{}{:017X}", if kind == Kind::User { "AIDA" } else { "AROA" }, self.dice.next() >> 4);
        let boundary = self.dice.percent(20).then(|| [self.dice.pick(&self.boundaries)]);
        let project = format!("project-{}", self.dice.roll(100));
        let tags = [("team", self.dice.pick(&TEAMS)), ("project", project.as_str())];
        let tags = if self.dice.percent(30) { &tags[..] } else { &[] };
        let boundary = boundary.as_ref().map(|policies| policies.as_slice());
        let person = Person {
            id: Some(&unique),
            identity: before,
            boundary,
            tags,
            ..Person::new(account, kind, &arn)
        };
        self.builder.person(&person).unwrap();
    }
}
