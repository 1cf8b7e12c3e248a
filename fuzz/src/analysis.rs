//! Targets over questions about policies: is it wider, and who can.

use bailiwick_analysis::who_can::{Joint, Kind, Person, PersonId, Population, Question, Verdict as Can};
use bailiwick_analysis::{Access, AccessLayer, Mode, Options, Scope, Verdict, minimize, no_new_access};
use bailiwick_policy::catalogue::Catalogue;
use bailiwick_policy::{
    CompiledPolicy, ContextMap, Document, DocumentKind, Effect, Layer, Layers, PolicyKind, PolicyLabel,
    PolicySet, Request, evaluate,
};
use std::collections::HashSet;
use std::sync::Arc;

/// What may be done for one answer: some milliseconds, and twenty times that under the sanitizer, for each of two dozen
/// answers.
const WORK: u64 = 50_000;
const ACCOUNT: &str = "123456789012";

/// The documents of an input, one after the other with a byte 0xFF between.
fn documents(data: &[u8]) -> Vec<Arc<Document>> {
    let texts = data.split(|byte| *byte == 0xFF).filter_map(|part| str::from_utf8(part).ok());
    texts.filter_map(|text| Document::parse_tolerant(text).0).map(Arc::new).collect()
}

/// Two documents are compared both ways, in both modes and with both searches, as identity and as resource policies: no
/// search takes more than its share, what both decide they decide alike, and nothing is wider than itself.
pub fn compare(data: &[u8]) {
    let documents = documents(data);
    let (Some(one), Some(other)) = (documents.first(), documents.last()) else { return };
    for kind in [DocumentKind::Identity, DocumentKind::Resource] {
        let access = |document: &Arc<Document>| Access::of(Arc::clone(document), kind);
        for mode in [Mode::AwsCompat, Mode::Realistic] {
            let ask = |new: &Access, old: &Access, learn_at_once| {
                let options = Options { mode, work: WORK, blame_all: false, learn_at_once };
                no_new_access(new, old, &Scope::default(), options)
            };
            let same = ask(&access(one), &access(one), false);
            assert!(same.refutation().is_none(), "wider than itself: {same:?}");
            for (new, old) in [(one, other), (other, one)] {
                let (new, old) = (access(new), access(old));
                let verdicts = [ask(&new, &old, false), ask(&new, &old, true)];
                let proved = verdicts.contains(&Verdict::Proved);
                assert!(!proved || verdicts.iter().all(|it| it.refutation().is_none()), "{verdicts:?}");
                let both = Access::layered(vec![AccessLayer::new(
                    Layer::Identity,
                    vec![Arc::clone(one), Arc::clone(other)],
                )]);
                if kind == DocumentKind::Identity
                    && one.statements().iter().all(|it| it.effect == Effect::Allow)
                {
                    let more = ask(&access(one), &both, false);
                    let denies = other.statements().iter().any(|it| it.effect != Effect::Allow);
                    assert!(denies || more.refutation().is_none(), "lost by adding: {more:?}");
                }
            }
        }
    }
    if one.statements().len() <= 3 && one.text().len() < 600 {
        let options = Options { work: WORK / 10, blame_all: false, ..Options::default() };
        let found = minimize(one, DocumentKind::Identity, options);
        let access = |document: &Arc<Document>| Access::of(Arc::clone(document), DocumentKind::Identity);
        let (small, whole) = (access(&found.document), access(one));
        for (new, old) in [(&small, &whole), (&whole, &small)] {
            let verdict = no_new_access(new, old, &Scope::default(), Options { work: WORK, ..options });
            assert!(verdict.refutation().is_none(), "{} {verdict:?}", found.document.text());
        }
    }
}

/// Documents become identity policy, boundary, SCP, RCP and resource policy of three principals: one by one and all at
/// once come to the same, and the engine bears out what is said of them.
pub fn who_can(data: &[u8]) {
    let documents = documents(data);
    let Some(identity) = documents.first() else { return };
    let mut builder = Population::builder();
    let account = builder.account(ACCOUNT.parse().expect("an account"), "aws");
    let mut add = |document: &Arc<Document>, kind| {
        builder.policy(Arc::clone(document), PolicyLabel::new(kind, "arn", "fuzzed"))
    };
    let own = [add(identity, PolicyKind::Managed)];
    let boundary = documents.get(1).map(|document| [add(document, PolicyKind::Boundary)]);
    let scps = documents.get(2).map(|document| vec![add(document, PolicyKind::Scp)]);
    let rcps = documents.get(3).map(|document| vec![add(document, PolicyKind::Rcp)]);
    builder.scps(account, &scps.into_iter().collect::<Vec<_>>());
    builder.rcps(account, &rcps.into_iter().collect::<Vec<_>>());
    for (kind, name) in [(Kind::User, "user/Ann"), (Kind::Role, "role/App"), (Kind::Root, "root")] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:{name}");
        let person = Person::new(account, kind, &arn);
        let limited = boundary.as_ref().filter(|_| kind == Kind::User).map(|ids| ids.as_slice());
        let identity = if kind == Kind::Root { &[][..] } else { &own };
        let tags = if kind == Kind::Root { &[][..] } else { &[("team", "red")] };
        let person = Person { identity, boundary: limited, tags, session_tags: false, ..person };
        builder.person(&person).expect("a principal of the account");
    }
    let population = builder.finish();
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::bucket/Ann/1"),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/App"),
        ("ec2:DescribeInstances", "*"),
    ] {
        let mut question = Question::new(action, resource).expect("one action and one resource");
        let label = || PolicyLabel::new(PolicyKind::Resource, resource, "fuzzed");
        let policy = documents.get(4).map(|it| Arc::new(CompiledPolicy::compile(Arc::clone(it), label())));
        if let Some(policy) = &policy {
            question = question.resource_policy(Arc::clone(policy));
        }
        judge(&population, &question, &documents, policy.map(|it| [it].into_iter().collect()));
    }
}

fn judge(
    population: &Population,
    question: &Question,
    documents: &[Arc<Document>],
    resource: Option<PolicySet>,
) {
    let joint = Joint::new(population, question);
    let open = population.who_can(question);
    let together = population.who_can_with(question, &joint);
    let closed = population.who_can(&question.clone().closed());
    let set = |place: usize, kind| {
        let document = Arc::clone(documents.get(place)?);
        let compiled = CompiledPolicy::compile(document, PolicyLabel::new(kind, "arn", "fuzzed"));
        Some([Arc::new(compiled)].into_iter().collect::<PolicySet>())
    };
    let identity = set(0, PolicyKind::Managed).unwrap_or_default();
    let boundary = set(1, PolicyKind::Boundary);
    let scps: Vec<_> = set(2, PolicyKind::Scp).map(Arc::new).into_iter().collect();
    let rcps: Vec<_> = set(3, PolicyKind::Rcp).map(Arc::new).into_iter().collect();
    for person in population.people() {
        let verdict = open.verdict(population, person);
        assert_eq!(population.judge(person, question), verdict);
        let joined = together.verdict(population, person);
        assert!(verdict == Can::If || joined == verdict);
        let (none, user) = (PolicySet::default(), population.kind(person) == Kind::User);
        let layers = Layers {
            identity: if population.kind(person) == Kind::Root { &none } else { &identity },
            boundary: boundary.as_ref().filter(|_| user),
            scps: &scps,
            rcps: &rcps,
            resource: resource.as_ref(),
            ..Layers::default()
        };
        let principal = population.principal(person).expect("a principal");
        for (round, keys) in contexts(population, person, documents).iter().enumerate() {
            let request = Request::new(&principal, question.action(), question.resource(), keys);
            let allowed = evaluate(&layers, &request).is_allowed();
            let told = (population.arn(person), question.action(), round);
            assert!(
                if allowed { joined != Can::Never } else { joined != Can::Always },
                "{told:?} {joined:?}"
            );
            if round == 0 {
                let expected = if allowed { Can::Always } else { Can::Never };
                assert_eq!(closed.verdict(population, person), expected, "{told:?}");
            }
        }
    }
}

/// What follows from a principal; and the same with the keys that the documents ask for, of whatever is written there.
fn contexts(population: &Population, person: PersonId, documents: &[Arc<Document>]) -> Vec<ContextMap> {
    let arn = population.arn(person);
    let mut own = ContextMap::new()
        .with("aws:PrincipalAccount", ACCOUNT)
        .with("aws:ResourceAccount", ACCOUNT)
        .with("aws:PrincipalArn", arn)
        .with("aws:PrincipalIsAWSService", "false");
    let kind = match population.kind(person) {
        Kind::User => "User",
        Kind::Root => "Account",
        Kind::Role | Kind::LinkedRole => "AssumedRole",
    };
    own.insert("aws:PrincipalType", kind);
    match population.kind(person) {
        Kind::User => own.insert("aws:username", "Ann"),
        Kind::Root => own.insert("aws:userid", ACCOUNT),
        Kind::Role | Kind::LinkedRole => {}
    }
    if kind != "Account" {
        own.insert("aws:PrincipalTag/team", "red");
    }
    let mut contexts = vec![own.clone()];
    for round in 0..3 {
        let (mut keys, mut taken) = (own.clone(), HashSet::new());
        let statements = documents.iter().flat_map(|document| document.statements());
        for condition in statements.flat_map(|statement| &statement.conditions) {
            let (key, values) = (condition.key.value.to_lowercase(), &condition.values);
            let is_known = key.starts_with("aws:principal")
                || ["aws:username", "aws:userid", "aws:resourceaccount", "aws:requestedregion"]
                    .contains(&&*key);
            if is_known || values.is_empty() || !taken.insert(key.clone()) {
                continue;
            }
            let value = |place: usize| values.get(place % values.len()).map(|value| value.value.to_string());
            let multivalued =
                Catalogue::get().condition_key(&key).is_some_and(|facts| facts.is_multivalued());
            if multivalued {
                keys.insert_many(
                    &key,
                    [value(round), value(round + 1)].into_iter().flatten().collect::<Vec<_>>(),
                );
            } else {
                value(round).into_iter().for_each(|value| keys.insert(&key, value));
            }
        }
        contexts.push(keys);
    }
    contexts
}
