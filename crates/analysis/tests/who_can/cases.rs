//! Cases by hand.

use crate::world::{Account, HOME, Known, OTHER, World, document};
use bailiwick_analysis::who_can::{
    Grounds, Joint, Kind, PersonId, Population, Question, Refine, Solution, Verdict,
};
use policy::{Layer, PolicyKind};
use std::cell::Cell;

const EVERYTHING: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
const READ_WITH_VPN: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Vpn","Effect":"Allow","Action":"s3:Get*","Resource":"*",
    "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"StringEquals":{"aws:username":"Ann"}}}}"#;
const OBJECT: &str = "arn:aws:s3:::b/1";

fn known(account: usize, kind: Kind, name: &str, identity: &[&str]) -> Known {
    let id = [HOME, OTHER][account];
    Known {
        arn: format!("arn:aws:iam::{id}:{name}"),
        kind,
        id: format!("ID{name}"),
        account,
        identity: identity.iter().map(|text| (*text).to_owned()).collect(),
        boundary: None,
        tags: Vec::new(),
    }
}

fn world(people: Vec<Known>) -> World {
    let account = Account::new;
    World { accounts: vec![account(HOME), account(OTHER)], people, resource_policy: None }
}

fn listed(population: &Population, solution: &Solution) -> Vec<(String, Verdict)> {
    let name = |person| population.arn(person).rsplit([':', '/']).next().unwrap().to_owned();
    solution.people(population).map(|(person, verdict)| (name(person), verdict)).collect()
}

fn read() -> Question {
    Question::new("s3:GetObject", OBJECT).unwrap()
}

#[test]
fn conditions_are_shown_with_their_statement() {
    let world = world(vec![
        known(0, Kind::User, "user/Ann", &[READ_WITH_VPN]),
        known(0, Kind::User, "user/Bob", &[READ_WITH_VPN]),
        known(0, Kind::User, "user/Cyd", &[READ, READ_WITH_VPN]),
    ]);
    let population = world.population();
    let solution = population.who_can(&read());
    assert_eq!(
        listed(&population, &solution),
        [("Ann".into(), Verdict::If), ("Cyd".into(), Verdict::Always)]
    );
    let people: Vec<PersonId> = solution.people(&population).map(|(person, _)| person).collect();
    let [ann, cyd] = &solution.grounds(&population, &people)[..] else { panic!() };
    let gate = &ann.ways[0].gates[0];
    assert_eq!((gate.layer, gate.settled, gate.statements.len()), (Layer::Identity, false, 1));
    let keys: Vec<_> = gate.statements[0].conditions.iter().map(|it| &*it.key.value).collect();
    assert_eq!(keys, ["aws:SourceIp"], "that she is Ann is known");
    let gate = &cyd.ways[0].gates[0];
    assert!(gate.settled && gate.statements.len() == 1);
    assert_eq!(gate.statements[0].statement.sid.as_ref().map(|sid| &*sid.value), Some("Read"));

    let inside = population.who_can(&read().with("aws:SourceIp", "10.9.9.9"));
    assert_eq!(inside.count(&population).always, 2);
    let outside = population.who_can(&read().with("aws:SourceIp", "8.8.8.8"));
    assert_eq!(listed(&population, &outside), [("Cyd".into(), Verdict::Always)]);
    let nowhere = population.who_can(&read().closed());
    assert_eq!(listed(&population, &nowhere), [("Cyd".into(), Verdict::Always)]);
}

#[test]
fn scps_and_boundaries_limit_and_spare_whom_they_do_not_bind() {
    let mut people = vec![
        known(0, Kind::Root, "root", &[]),
        known(0, Kind::User, "user/Ann", &[EVERYTHING]),
        known(0, Kind::LinkedRole, "role/aws-service-role/x.amazonaws.com/Linked", &[EVERYTHING]),
        known(0, Kind::Role, "role/App", &[READ]),
        known(0, Kind::User, "user/Bob", &[EVERYTHING]),
        known(0, Kind::User, "user/Dan", &[EVERYTHING]),
    ];
    people[4].boundary = Some(vec![READ_WITH_VPN.to_owned()]);
    people[5].boundary = Some(Vec::new());
    let mut world = world(people);
    let names = |world: &World| {
        let population = world.population();
        listed(&population, &population.who_can(&read()))
    };
    let everybody = ["root", "Ann", "Linked", "App"].map(|name| (name.to_owned(), Verdict::Always));
    assert_eq!(names(&world), everybody, "the boundary asks for Ann, and one of nothing for nobody");

    world.accounts[0].levels = vec![vec![EVERYTHING.to_owned()], vec![]];
    assert_eq!(names(&world), [("Linked".to_owned(), Verdict::Always)]);

    world.accounts[0].management = true;
    assert_eq!(names(&world), everybody);

    world.accounts[0].management = false;
    let deny = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}]}"#;
    world.accounts[0].levels = vec![vec![deny.to_owned()]];
    assert_eq!(names(&world), everybody[1..]);
}

#[test]
fn resource_policies_count_by_whom_they_name() {
    let mut world = world(vec![
        known(0, Kind::User, "user/Ann", &[]),
        known(0, Kind::User, "user/Bob", &[EVERYTHING]),
        known(0, Kind::Role, "role/App", &[]),
        known(1, Kind::User, "user/Eve", &[EVERYTHING]),
        known(1, Kind::User, "user/Fay", &[]),
        known(1, Kind::Root, "root", &[]),
    ]);
    world.people[2].boundary = Some(Vec::new());
    let population = world.population();
    let names = |policy: &str, resource: &str, action: &str| {
        let question = Question::new(action, resource).unwrap().resource_account(HOME.parse().unwrap());
        let question = question.resource_policy(crate::world::compiled(policy));
        let solution = population.who_can(&question);
        listed(&population, &solution).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    let grant = |principal: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"*","Resource":"*"}}}}"#
        )
    };
    let object = |principal: &str| names(&grant(principal), OBJECT, "s3:GetObject");
    assert_eq!(object(r#""arn:aws:iam::123456789012:user/Ann""#), ["Ann", "Bob"]);
    assert_eq!(object(r#""arn:aws:iam::123456789012:role/App""#), ["Bob"], "the boundary limits the role");
    assert_eq!(object(r#""arn:aws:iam::999988887777:root""#), ["Bob", "Eve", "root"]);
    assert_eq!(object(r#""*""#), ["Ann", "Bob", "App", "Eve", "root"]);

    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    assert!(names(&grant(r#""arn:aws:iam::999988887777:user/Eve""#), key, "kms:Decrypt") == ["Eve"]);
    assert_eq!(names(&grant(r#""123456789012""#), key, "kms:Decrypt"), ["Bob"]);
}

#[test]
fn not_principal_denies_whom_a_boundary_limits() {
    let policy = r#"{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:user/Ann","arn:aws:iam::123456789012:user/Bob"]},"Action":"*","Resource":"*"}}"#;
    let mut people =
        ["user/Ann", "user/Bob", "user/Cyd"].map(|name| known(0, Kind::User, name, &[EVERYTHING]));
    people[0].boundary = Some(vec![EVERYTHING.to_owned()]);
    let population = world(people.into()).population();
    let solution = population.who_can(&read().resource_policy(crate::world::compiled(policy)));
    assert_eq!(listed(&population, &solution), [("Bob".into(), Verdict::Always)]);
}

#[test]
fn a_changed_policy_solves_again_only_what_has_it() {
    let mut world = world(vec![
        known(0, Kind::User, "user/Ann", &[READ]),
        known(0, Kind::User, "user/Bob", &[READ, READ_WITH_VPN]),
        known(0, Kind::User, "user/Cyd", &[EVERYTHING]),
    ]);
    world.accounts[0].levels = vec![vec![EVERYTHING.to_owned()]];
    let mut population = world.population();
    let policy = population.policies_named(PolicyKind::Managed, READ).next().unwrap();
    let mut solution = population.who_can(&read());
    assert_eq!(solution.count(&population).always, 3);

    let same = READ.replace("s3:GetObject", "s3:Get*").replace("Read", "Other");
    population.replace(policy, document(&same));
    assert_eq!(solution.update(&population, policy, None), 0, "it comes to the same");

    population.replace(policy, document(&READ.replace(":b/*", ":c/*")));
    assert_eq!(solution.update(&population, policy, None), 2);
    assert_eq!(listed(&population, &solution), [("Cyd".into(), Verdict::Always)]);
    let fresh = population.who_can(&read());
    assert_eq!(listed(&population, &fresh), listed(&population, &solution));

    let scp = population.policies_named(PolicyKind::Managed, EVERYTHING).next().unwrap();
    population.replace(scp, document(&EVERYTHING.replace("Allow", "Deny")));
    assert_eq!(solution.update(&population, scp, None), 3, "everybody in the account");
    assert_eq!(solution.count(&population).never, 3);
}

#[test]
fn whoever_knows_better_is_asked_once_for_the_same_policies() {
    struct Asked(Cell<usize>);
    impl Refine for Asked {
        fn refine(&self, _: PersonId, grounds: &Grounds<'_>) -> Verdict {
            self.0.set(self.0.get() + 1);
            assert_eq!(grounds.denies[0].conditions.len(), 1);
            Verdict::Never
        }
    }
    let never = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#;
    let people = ["user/Ann", "user/Bob"].map(|name| known(0, Kind::User, name, &[never]));
    let population = world(people.into()).population();
    assert_eq!(population.who_can(&read()).count(&population).conditional, 2);
    let asked = Asked(Cell::new(0));
    let solution = population.who_can_with(&read(), &asked);
    assert_eq!((solution.count(&population).never, asked.0.get()), (2, 1));
}

#[test]
fn principals_are_of_their_kind_and_account() {
    use bailiwick_analysis::who_can::Person;
    let mut builder = Population::builder();
    let account = builder.account(HOME.parse().unwrap(), "aws");
    for (kind, arn) in [
        (Kind::User, "arn:aws:iam::123456789012:role/App"),
        (Kind::User, "arn:aws:iam::999988887777:user/Ann"),
        (Kind::Role, "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/L"),
        (Kind::LinkedRole, "arn:aws:iam::123456789012:role/App"),
        (Kind::Root, "arn:aws:iam::123456789012:user/root"),
        (Kind::User, "arn:aws-cn:iam::123456789012:user/Ann"),
    ] {
        assert!(builder.person(&Person::new(account, kind, arn)).is_err(), "{arn}");
    }
    assert!(builder.person(&Person::new(account, Kind::User, "arn:aws:iam::123456789012:user/Ann")).is_ok());
}

#[test]
fn rcps_bind_whoever_asks_for_the_accounts_resources() {
    let resource_policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let rcp = r#"{"Version":"2012-10-17","Statement":{"Sid":"Ours","Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ours"}}}}"#;
    let mut world = world(vec![
        known(0, Kind::Root, "root", &[]),
        known(0, Kind::User, "user/Ann", &[EVERYTHING]),
        known(1, Kind::User, "user/Eve", &[EVERYTHING]),
        known(1, Kind::LinkedRole, "role/aws-service-role/x.amazonaws.com/Linked", &[EVERYTHING]),
    ]);
    world.accounts[0].rcps = vec![vec![rcp.to_owned()]];
    let question = || {
        let question = read().resource_account(HOME.parse().unwrap());
        question.resource_policy(crate::world::compiled(resource_policy))
    };
    let verdicts = |world: &World, question: &Question| {
        let population = world.population();
        listed(&population, &population.who_can(question))
    };
    let told = |told: &[(&str, Verdict)]| {
        told.iter().map(|(name, it)| ((*name).to_owned(), *it)).collect::<Vec<_>>()
    };
    // Nothing is known of organizations.
    let open =
        [("root", Verdict::If), ("Ann", Verdict::If), ("Eve", Verdict::If), ("Linked", Verdict::Always)];
    assert_eq!(verdicts(&world, &question()), told(&open));
    let population = world.population();
    let solution = population.who_can(&question());
    let eve = population.person_by_arn("arn:aws:iam::999988887777:user/Eve").unwrap();
    let [grounds] = &solution.grounds(&population, &[eve])[..] else { panic!() };
    assert_eq!((grounds.denies[0].layer, grounds.denies[0].conditions.len()), (Layer::Rcp, 1));

    world.accounts[0].organization = Some(Some("o-ours"));
    world.accounts[1].organization = Some(Some("o-theirs"));
    let known = [("root", Verdict::Always), ("Ann", Verdict::Always), ("Linked", Verdict::Always)];
    assert_eq!(verdicts(&world, &question()), told(&known));
    // Where the key is absent `IfExists` holds.
    world.accounts[1].organization = Some(None);
    assert_eq!(verdicts(&world, &question()), told(&known));
    // Resources of the management account are not bound, nor are services without RCPs.
    world.accounts[1].organization = Some(Some("o-theirs"));
    world.accounts[0].management = true;
    assert_eq!(verdicts(&world, &question()).len(), 4);
    world.accounts[0].management = false;
    let role = Question::new("iam:GetUser", "arn:aws:iam::123456789012:user/Ann").unwrap();
    world.accounts[0].organization = Some(Some("o-else"));
    assert_eq!(verdicts(&world, &role), told(&[("root", Verdict::Always), ("Ann", Verdict::Always)]));
    assert_eq!(verdicts(&world, &question()), told(&[("Linked", Verdict::Always)]));

    let mut population = world.population();
    let mut solution = population.who_can(&question());
    let policy = population.policies_named(PolicyKind::Managed, rcp).next().unwrap();
    population.replace(policy, document(&rcp.replace("\"Action\":\"*\"", "\"Action\":\"kms:*\"")));
    assert_eq!(solution.update(&population, policy, None), 4, "all of them");
    assert_eq!(solution.count(&population).always, 4);
}

#[test]
fn resources_have_the_organization_of_their_account() {
    let ours = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"},
        "ForAnyValue:StringLike":{"aws:ResourceOrgPaths":"o-ours/r-1/*"}}}}"#;
    let ours = ours.replacen('{', r#"{"Version":"2012-10-17","#, 1);
    let mut world = world(vec![known(0, Kind::User, "user/Ann", &[&ours])]);
    let verdict = |world: &World, question: &Question| {
        let population = world.population();
        let ann = population.people().next().unwrap();
        let verdict = population.judge(ann, question);
        assert_eq!(verdict, population.who_can(question).verdict(&population, ann));
        verdict
    };
    assert_eq!(verdict(&world, &read()), Verdict::If, "nothing is known");
    world.accounts[0].organization = Some(Some("o-ours"));
    assert_eq!(verdict(&world, &read()), Verdict::Always, "the bucket is of her account");
    let owned = read().resource_account(HOME.parse().unwrap());
    assert_eq!(verdict(&world, &owned), Verdict::Always);
    assert_eq!(verdict(&world, &read().with("aws:ResourceOrgID", "o-theirs")), Verdict::Never);
    world.accounts[0].organization = Some(None);
    assert_eq!(verdict(&world, &read()), Verdict::Never);
}

#[test]
fn tags_that_sessions_cannot_bring_are_not_there() {
    use bailiwick_analysis::who_can::Person;
    let red = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}"#;
    let mut builder = Population::builder();
    let account = builder.account(HOME.parse().unwrap(), "aws");
    let label = policy::PolicyLabel::new(PolicyKind::Inline, "arn", "red");
    let red = builder.policy(document(red), label);
    let mut add = |kind, arn: &str, session_tags| {
        let person = Person { identity: &[red], session_tags, ..Person::new(account, kind, arn) };
        builder.person(&person).unwrap()
    };
    let user = add(Kind::User, "arn:aws:iam::123456789012:user/Ann", true);
    let tagged = add(Kind::Role, "arn:aws:iam::123456789012:role/Tagged", true);
    let plain = add(Kind::Role, "arn:aws:iam::123456789012:role/Plain", false);
    let population = builder.finish();
    let verdicts = [user, tagged, plain].map(|person| population.judge(person, &read()));
    assert_eq!(verdicts, [Verdict::Never, Verdict::If, Verdict::Never]);
}

#[test]
fn principals_are_found_by_their_arns() {
    let people = ["user/b/Bob", "user/Ann", "role/App"].map(|name| known(0, Kind::User, name, &[]));
    let mut people: Vec<Known> = people.into();
    people[2].kind = Kind::Role;
    let population = world(people).population();
    for person in population.people() {
        assert_eq!(population.person_by_arn(population.arn(person)), Some(person));
    }
    assert_eq!(population.people().len(), 3);
    assert_eq!(population.person_by_arn("arn:aws:iam::123456789012:user/Bob"), None);
}

#[test]
fn conditions_are_judged_together_if_that_is_asked_for() {
    let statement = |effect: &str, condition: &str| {
        format!(r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let policy = |statements: &[(&str, &str)]| {
        let statements: Vec<_> =
            statements.iter().map(|(effect, condition)| statement(effect, condition)).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    };
    let verdict = |identity: &str, boundary: Option<&str>| {
        let mut ann = known(0, Kind::User, "user/Ann", &[identity]);
        ann.boundary = boundary.map(|text| vec![text.to_owned()]);
        let population = world(vec![ann]).population();
        let ann = population.people().next().unwrap();
        assert_eq!(population.judge(ann, &read()), Verdict::If);
        let question = read();
        let joint = Joint::new(&population, &question);
        let judged = || population.judge_with(ann, &question, &joint);
        assert_eq!(judged(), judged());
        population.judge_with(ann, &read(), &joint)
    };
    let inside = r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#;
    let outside = r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#;
    let narrow = r#""IpAddress":{"aws:SourceIp":"10.1.0.0/16"}"#;
    assert_eq!(verdict(&policy(&[("Allow", inside), ("Deny", narrow)]), None), Verdict::If);
    assert_eq!(verdict(&policy(&[("Allow", narrow), ("Deny", inside)]), None), Verdict::Never);
    assert_eq!(verdict(&policy(&[("Allow", inside), ("Deny", outside)]), None), Verdict::If);
    let vpc = r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#;
    let no_vpc = r#""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#;
    assert_eq!(verdict(&policy(&[("Allow", vpc), ("Allow", no_vpc)]), None), Verdict::Always);
    let secure = |value| format!(r#""Bool":{{"aws:SecureTransport":"{value}"}}"#);
    let (tls, plain) = (policy(&[("Allow", &secure("true"))]), policy(&[("Allow", &secure("false"))]));
    assert_eq!(verdict(&tls, Some(&plain)), Verdict::Never, "both gates must be passed at once");
    assert_eq!(verdict(&tls, Some(&tls)), Verdict::If);
    // Whatever the variable stands for.
    let own = r#""StringLike":{"my:key":"${my:other}-*"}"#;
    let other = r#""StringNotLike":{"my:key":"${my:other}*"}"#;
    assert_eq!(
        verdict(&policy(&[("Allow", own), ("Deny", r#""StringLike":{"my:key":"*"}"#)]), None),
        Verdict::Never
    );
    assert_eq!(verdict(&policy(&[("Allow", own)]), Some(&policy(&[("Allow", other)]))), Verdict::Never);
    let theirs = r#""StringLike":{"my:key":"${my:third}-*"}"#;
    assert_eq!(verdict(&policy(&[("Allow", own)]), Some(&policy(&[("Allow", theirs)]))), Verdict::If);
}
