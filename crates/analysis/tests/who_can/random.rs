//! Random populations and questions: what is proved must hold in every request that the engine can be shown, and
//! where nothing is open both must say the same.

use crate::world::{Account, HOME, Known, OTHER, World};
use bailiwick_analysis::who_can::{Joint, Kind, Question, Verdict};
use policy::ContextMap;

const ACTIONS: [&str; 6] =
    ["s3:GetObject", "s3:PutObject", "iam:PassRole", "sts:AssumeRole", "kms:Decrypt", "s3:ListAllMyBuckets"];
const ACTION_PATTERNS: [&str; 12] = [
    "s3:GetObject",
    "S3:Get*",
    "s3:*",
    "s3:?utObject",
    "*",
    "iam:PassRole",
    "iam:*",
    "sts:AssumeRole",
    "kms:*",
    "kms:Decrypt",
    "*:*",
    "s3:List*",
];
const RESOURCES: [&str; 8] = [
    "arn:aws:s3:::home/Ann/1",
    "arn:aws:s3:::home/red/1",
    "arn:aws:s3:::other",
    "arn:aws:iam::123456789012:role/App",
    "arn:aws:iam::999988887777:role/team/App",
    "arn:aws:iam::123456789012:role/aws-reserved/x",
    "arn:aws:kms:us-east-1:123456789012:key/1",
    "arn:aws-cn:s3:::home/Ann/1",
];
const RESOURCE_PATTERNS: [&str; 15] = [
    "*",
    "*",
    "arn:aws:s3:::home/*",
    "arn:aws:s3:::home/${aws:username}/*",
    "arn:aws:s3:::home/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::home/${aws:PrincipalTag/team, 'red'}/?",
    "arn:aws:s3:::home/${my:key}/*",
    "arn:aws:s3:::${my:key, 'other'}",
    "arn:aws:s3:::home/${*}*",
    "arn:aws:s3:::other",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::${aws:PrincipalAccount}:role/*",
    "arn:aws:iam::123456789012:role/${aws:username, 'App'}",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:s3:::home/${aws:userid}*",
];
const CONDITIONS: [&str; 23] = [
    r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#,
    r#""StringNotEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}"#,
    r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}"#,
    r#""ForAllValues:StringLike":{"aws:ResourceOrgPaths":["o-2/*","o-1/r-1/"]}"#,
    r#""StringEquals":{"aws:username":"Ann"}"#,
    r#""StringNotEquals":{"aws:PrincipalTag/team":"red"}"#,
    r#""StringEquals":{"aws:PrincipalTag/Team":["blue","red"]}"#,
    r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/App"}"#,
    r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}"#,
    r#""StringEquals":{"aws:PrincipalAccount":"123456789012"}"#,
    r#""StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}"#,
    r#""Bool":{"aws:SecureTransport":"false"}"#,
    r#""Bool":{"aws:SecureTransport":"true"}"#,
    r#""StringEquals":{"my:key":"a"}"#,
    r#""StringNotLike":{"my:key":"b*"}"#,
    r#""StringEqualsIfExists":{"my:key":["a","${aws:username}"]}"#,
    r#""Null":{"my:key":"true"}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["x"]}"#,
    r#""ForAnyValue:StringLike":{"aws:TagKeys":["x*"]}"#,
    r#""StringLike":{"aws:userid":"A*1"}"#,
    r#""StringMatches":{"my:key":"a"}"#,
    r#""StringEquals":{"aws:PrincipalType":"User"}"#,
    r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"StringLike":{"my:key":"?"}"#,
];
const PRINCIPALS: [&str; 13] = [
    r#""Principal":"*""#,
    r#""Principal":{"AWS":"123456789012"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::999988887777:root"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::123456789012:user/Ann"}"#,
    r#""Principal":{"AWS":["arn:aws:iam::123456789012:role/app","arn:aws:iam::999988887777:user/team/Bob"]}"#,
    r#""Principal":{"AWS":"AIDA1"}"#,
    r#""Principal":{"AWS":"AROA4"}"#,
    r#""Principal":{"Service":"ec2.amazonaws.com"}"#,
    r#""Principal":{"AWS":"arn:aws:sts::123456789012:assumed-role/App/any-session"}"#,
    r#""NotPrincipal":{"AWS":["123456789012","arn:aws:iam::123456789012:user/Ann"]}"#,
    r#""NotPrincipal":{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::123456789012:role/App"]}"#,
    r#""NotPrincipal":{"AWS":"arn:aws:iam::999988887777:root"}"#,
    r#""Sid":"none""#,
];
/// Conditions that are open and meet each other often.
const OPEN_CONDITIONS: [&str; 10] = [
    r#""Bool":{"aws:SecureTransport":"false"}"#,
    r#""Bool":{"aws:SecureTransport":"true"}"#,
    r#""BoolIfExists":{"aws:SecureTransport":"false"}"#,
    r#""StringEquals":{"my:key":"a"}"#,
    r#""StringNotEquals":{"my:key":"a"}"#,
    r#""StringNotLike":{"my:key":["a*","b*"]}"#,
    r#""Null":{"my:key":"true"}"#,
    r#""Null":{"my:key":"false"}"#,
    r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
    r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/16"}"#,
];

/// Values of keys in full requests; nothing stands for an absent key.
const VALUES: [(&str, [Option<&str>; 4]); 4] = [
    ("my:key", [None, Some("a"), Some("bx"), Some("Ann")]),
    ("aws:SecureTransport", [Some("true"), Some("false"), Some("true"), None]),
    ("aws:SourceIp", [Some("10.1.1.1"), Some("8.8.8.8"), None, Some("10.0.0.1")]),
    ("aws:TagKeys", [None, Some("x"), Some("xy"), Some("y")]),
];

/// SplitMix64.
struct Dice {
    state: u64,
    conditions: &'static [&'static str],
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of_ten(&mut self, share: usize) -> bool {
        self.below(10) < share
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    fn list(&mut self, of: &[&str]) -> String {
        let count = 1 + self.below(3);
        let entries: Vec<String> = (0..count).map(|_| format!("{:?}", self.one(of))).collect();
        format!("[{}]", entries.join(","))
    }

    fn statement(&mut self, allow: usize, conditions: usize, principal: bool) -> String {
        let effect = if self.of_ten(allow) { "Allow" } else { "Deny" };
        let not = |dice: &mut Self| if dice.of_ten(1) { "Not" } else { "" };
        let mut text = format!(r#"{{"Effect":"{effect}""#);
        text += &format!(r#","{}Action":{}"#, not(self), self.list(&ACTION_PATTERNS));
        if !principal || self.of_ten(8) {
            text += &format!(r#","{}Resource":{}"#, not(self), self.list(&RESOURCE_PATTERNS));
        }
        if principal || self.below(40) == 0 {
            text += &format!(",{}", self.one(&PRINCIPALS));
        }
        if self.of_ten(conditions) {
            text += &format!(r#","Condition":{{{}}}"#, self.one(self.conditions));
        }
        text + "}"
    }

    fn policy(&mut self, allow: usize, conditions: usize, principal: bool) -> String {
        let count = 1 + self.below(3);
        let statements: Vec<_> = (0..count).map(|_| self.statement(allow, conditions, principal)).collect();
        let version = if self.of_ten(9) { "2012-10-17" } else { "2008-10-17" };
        format!(r#"{{"Version":"{version}","Statement":[{}]}}"#, statements.join(","))
    }

    fn some(&mut self, pool: &[String], most: usize) -> Vec<String> {
        let count = self.below(most + 1);
        (0..count).map(|_| pool[self.below(pool.len())].clone()).collect()
    }

    fn world(&mut self, conditions: usize) -> World {
        let pool: Vec<_> = (0..8).map(|_| self.policy(9, conditions, false)).collect();
        let full = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.to_owned();
        let guards: Vec<_> = (0..3).map(|_| self.policy(5, conditions, false)).collect();
        let accounts: Vec<Account> = [HOME, OTHER]
            .map(|id| {
                let count = self.below(5) / 2;
                let level = |dice: &mut Self| {
                    let mut level = dice.some(&guards, 2);
                    level.extend(dice.of_ten(8).then(|| full.clone()));
                    level
                };
                let levels = (0..count).map(|_| level(self)).collect();
                let rcps = self.below(3) / 2;
                let rcps = (0..rcps).map(|_| vec![self.policy(2, conditions, true)]).collect();
                let organization = [None, Some(None), Some(Some("o-1")), Some(Some("o-2"))][self.below(4)];
                Account { management: self.of_ten(1), levels, rcps, organization, ..Account::new(id) }
            })
            .into();
        let mut people = Vec::new();
        for (number, (kind, name)) in [
            (Kind::User, "user/Ann"),
            (Kind::User, "user/team/Bob"),
            (Kind::Root, "root"),
            (Kind::Role, "role/App"),
            (Kind::Role, "role/team/Other"),
            (Kind::LinkedRole, "role/aws-service-role/x.amazonaws.com/Linked"),
            (Kind::User, "user/Cyd"),
            (Kind::User, "user/Dan"),
        ]
        .into_iter()
        .enumerate()
        {
            for (account, home) in accounts.iter().enumerate() {
                let root = kind == Kind::Root;
                let tags = ["team", "Team", "other"].into_iter().filter(|_| !root && self.of_ten(3));
                let tags: Vec<_> = tags.collect();
                people.push(Known {
                    arn: format!("arn:aws:iam::{}:{name}", home.id),
                    kind,
                    id: format!(
                        "{}{}",
                        if kind == Kind::User { "AIDA" } else { "AROA" },
                        number * 2 + account
                    ),
                    account,
                    identity: if root { Vec::new() } else { self.some(&pool, 4) },
                    boundary: (!root && self.of_ten(3)).then(|| self.some(&pool, 2)),
                    tags: tags
                        .into_iter()
                        .map(|key| (key.into(), self.one(&["red", "blue"]).into()))
                        .collect(),
                });
            }
        }
        let resource_policy = self.of_ten(4).then(|| self.policy(7, conditions, true));
        World { accounts, people, resource_policy }
    }

    fn question(&mut self) -> Question {
        let mut question = Question::new(self.one(&ACTIONS), self.one(&RESOURCES)).unwrap();
        if self.of_ten(3) {
            question = question.resource_account(self.one(&[HOME, OTHER]).parse().unwrap());
        }
        for (key, values) in VALUES {
            if self.of_ten(3) {
                question = question.with(key, values[self.below(4)].unwrap_or_default());
            }
        }
        question
    }
}

/// Adds the keys of a full request, those of the question as they are.
fn fill(dice: &mut Dice, keys: &mut ContextMap, question: &Question, empty: bool) {
    for (key, values) in VALUES {
        let drawn = values[dice.below(4)].filter(|_| !empty);
        let said = question.known(key);
        let values: Vec<String> = match said {
            Some(values) => values.to_vec(),
            None => drawn.into_iter().map(str::to_owned).collect(),
        };
        match values.as_slice() {
            [] => {}
            values if key == "aws:TagKeys" => keys.insert_many(key, values.to_vec()),
            values => values.iter().for_each(|value| keys.insert(key, value.as_str())),
        }
    }
}

/// Adds organizations where nothing is known of them.
fn organizations(
    dice: &mut Dice,
    keys: &mut ContextMap,
    account: &Account,
    world: &World,
    question: &Question,
) {
    let id = dice.one(&["o-1", "o-2", "o-3"]);
    if account.organization.is_none() && dice.of_ten(5) {
        keys.insert("aws:PrincipalOrgID", id);
        keys.insert_many("aws:PrincipalOrgPaths", [format!("{id}/r-2/")]);
    }
    let owner = question.owner().map(|owner| owner.to_string()).unwrap_or(account.id.to_owned());
    let home = world.accounts.iter().find(|account| account.id == owner);
    if home.is_none_or(|home| home.organization.is_none()) && dice.of_ten(5) {
        keys.insert("aws:ResourceOrgID", id);
        keys.insert_many("aws:ResourceOrgPaths", [format!("{id}/r-2/")]);
    }
}

/// How many principals there are of each verdict, and what those with open conditions come to.
fn check(seed: u64, conditions: usize, pool: &'static [&'static str]) -> ([usize; 3], [usize; 3]) {
    let mut dice = Dice { state: seed, conditions: pool };
    let world = dice.world(conditions);
    let population = world.population();
    let mut question = dice.question();
    if let Some(text) = &world.resource_policy {
        question = question.resource_policy(crate::world::compiled(text));
    }
    let open = population.who_can(&question);
    let joint = Joint::new(&population, &question);
    let together = population.who_can_with(&question, &joint);
    let closed = population.who_can(&question.clone().closed());
    let (mut seen, mut settled) = ([0; 3], [0; 3]);
    let mut compiled = std::collections::HashMap::new();
    let people = world.people(&population, &question);
    let numbers: Vec<_> = people.iter().map(|(person, _)| *person).collect();
    let grounds = open.grounds(&population, &numbers);
    for ((person, known), grounds) in people.into_iter().zip(grounds) {
        let account = &world.accounts[known.account];
        let principal = population.principal(person).unwrap();
        let own = known.keys(&world, &question);
        let sets = world.sets(known, &question, &mut compiled);
        let verdict = open.verdict(&population, person);
        assert_eq!(population.judge(person, &question), verdict, "seed {seed}: {}", known.arn);
        seen[verdict as usize] += 1;
        let refined = together.verdict(&population, person);
        assert_eq!(population.judge_with(person, &question, &joint), refined, "seed {seed}: {}", known.arn);
        if verdict == Verdict::If {
            settled[refined as usize] += 1;
        } else {
            assert_eq!(refined, verdict, "seed {seed}: {}", known.arn);
        }
        if conditions == 0 && world_has_no_unknown_variables(&world) {
            assert_ne!(verdict, Verdict::If, "seed {seed}: {question:?} {}", known.arn);
        }
        for round in 0..6 {
            let mut keys = own.clone();
            fill(&mut dice, &mut keys, &question, round == 0);
            if round > 0 {
                organizations(&mut dice, &mut keys, account, &world, &question);
            }
            if question.resource().contains("us-east-1") {
                keys.insert("aws:RequestedRegion", "us-east-1");
            }
            if round > 2 && matches!(known.kind, Kind::Role | Kind::LinkedRole) {
                keys.insert("aws:userid", format!("{}:1", known.id));
                // A session's tag, where the role has none of this name.
                if !known.tags.iter().any(|(key, _)| key.eq_ignore_ascii_case("team")) {
                    keys.insert("aws:PrincipalTag/team", ["red", "blue"][round % 2]);
                }
            }
            let allowed = sets.decide(&principal, &question, &keys).is_allowed();
            let told = || format!("seed {seed}: {} {question:?} {keys:?} {allowed}", known.arn);
            match refined {
                Verdict::Always => assert!(allowed, "{}", told()),
                Verdict::Never => assert!(!allowed, "{}", told()),
                Verdict::If => {}
            }
            if round == 0 {
                let expected = if allowed { Verdict::Always } else { Verdict::Never };
                assert_eq!(closed.verdict(&population, person), expected, "{}", told());
            }
        }
        assert_eq!(grounds.verdict, verdict);
        if verdict == Verdict::If {
            assert!(!grounds.ways.is_empty(), "seed {seed}: {}", known.arn);
        }
    }
    (seen, settled)
}

fn world_has_no_unknown_variables(world: &World) -> bool {
    let texts =
        world.people.iter().flat_map(|known| known.identity.iter().chain(known.boundary.iter().flatten()));
    let levels = world.accounts.iter().flat_map(|account| account.levels.iter().flatten());
    let rcps = world.accounts.iter().flat_map(|account| account.rcps.iter().flatten());
    let all: Vec<&String> = texts.chain(levels).chain(rcps).chain(&world.resource_policy).collect();
    !all.iter()
        .any(|text| text.contains("${my:key") || text.contains("${aws:Pr") || text.contains("${aws:userid"))
}

#[test]
fn what_is_proved_holds_in_every_request() {
    let mut seen = [0; 3];
    for seed in 0..400 {
        let (counts, _) = check(seed, 5, &CONDITIONS);
        seen.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    assert!(seen.iter().all(|count| *count > 200), "each verdict is to be seen often: {seen:?}");
}

#[test]
fn what_is_proved_of_conditions_together_holds_in_every_request() {
    let mut settled = [0; 3];
    for seed in 20_000..20_500 {
        let (_, more) = check(seed, 9, &OPEN_CONDITIONS);
        settled.iter_mut().zip(more).for_each(|(sum, count)| *sum += count);
    }
    assert!(settled.iter().all(|count| *count > 10), "some conditions settle each other: {settled:?}");
}

#[test]
fn without_conditions_nothing_is_open() {
    for seed in 10_000..10_200 {
        check(seed, 0, &CONDITIONS);
    }
}
