//! A population beside the layers that the engine judges the same principals by.

use bailiwick_analysis::who_can::{
    AccountNumber, Builder, Kind, Person, PersonId, PolicyId, Population, Question, Verdict,
};
use policy::{
    CompiledPolicy, ContextMap, Decision, Document, Layers, PolicyKind, PolicyLabel, PolicySet, Principal,
    Request, evaluate,
};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) const HOME: &str = "123456789012";
pub(crate) const OTHER: &str = "999988887777";

/// A principal as the tests know it.
pub(crate) struct Known {
    pub(crate) arn: String,
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) account: usize,
    pub(crate) identity: Vec<String>,
    pub(crate) boundary: Option<Vec<String>>,
    pub(crate) tags: Vec<(String, String)>,
}

/// Accounts with the SCPs on the way to them.
pub(crate) struct Account {
    pub(crate) id: &'static str,
    pub(crate) management: bool,
    pub(crate) levels: Vec<Vec<String>>,
    pub(crate) rcps: Vec<Vec<String>>,
    /// `None`: nothing is known; `Some(None)`: it is in none.
    pub(crate) organization: Option<Option<&'static str>>,
}

impl Account {
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, management: false, levels: Vec::new(), rcps: Vec::new(), organization: None }
    }

    /// The account's place in its organization.
    pub(crate) fn path(&self) -> Option<String> {
        Some(format!("{}/r-1/", self.organization??))
    }
}

pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
    pub(crate) people: Vec<Known>,
    pub(crate) resource_policy: Option<String>,
}

pub(crate) fn document(text: &str) -> Arc<Document> {
    Arc::new(Document::parse_tolerant(text).0.unwrap_or_else(|| panic!("{text}")))
}

pub(crate) fn compiled(text: &str) -> Arc<CompiledPolicy> {
    let label = PolicyLabel::new(PolicyKind::Resource, "arn", "given");
    Arc::new(CompiledPolicy::compile(document(text), label))
}

type Compiled = HashMap<String, Arc<CompiledPolicy>>;

fn set(known: &mut Compiled, texts: &[String]) -> PolicySet {
    let mut find =
        |text: &String| Arc::clone(known.entry(text.clone()).or_insert_with_key(|text| compiled(text)));
    texts.iter().map(&mut find).collect()
}

fn add(builder: &mut Builder, text: &str) -> PolicyId {
    builder.policy(document(text), PolicyLabel::new(PolicyKind::Managed, "arn", text))
}

impl World {
    pub(crate) fn population(&self) -> Population {
        let mut builder = Population::builder();
        let mut numbers: Vec<AccountNumber> = Vec::new();
        for account in &self.accounts {
            let number = builder.account(account.id.parse().unwrap(), "aws");
            let mut level = |level: &Vec<String>| level.iter().map(|text| add(&mut builder, text)).collect();
            let levels: Vec<Vec<PolicyId>> = account.levels.iter().map(&mut level).collect();
            builder.scps(number, &levels);
            let mut level = |level: &Vec<String>| level.iter().map(|text| add(&mut builder, text)).collect();
            let rcps: Vec<Vec<PolicyId>> = account.rcps.iter().map(&mut level).collect();
            builder.rcps(number, &rcps);
            match account.organization {
                None => {}
                Some(None) => builder.no_organization(number),
                Some(Some(id)) => builder.organization(number, id, &[account.path().unwrap()]),
            }
            if account.management {
                builder.management_account(number);
            }
            numbers.push(number);
        }
        for known in &self.people {
            let identity: Vec<_> = known.identity.iter().map(|text| add(&mut builder, text)).collect();
            let boundary: Option<Vec<_>> = known
                .boundary
                .as_ref()
                .map(|texts| texts.iter().map(|text| add(&mut builder, text)).collect());
            let tags: Vec<_> = known.tags.iter().map(|(key, value)| (&**key, &**value)).collect();
            let person = Person {
                id: Some(&known.id),
                identity: &identity,
                boundary: boundary.as_deref(),
                tags: &tags,
                ..Person::new(numbers[known.account], known.kind, &known.arn)
            };
            builder.person(&person).unwrap();
        }
        builder.finish()
    }

    /// The principals with their numbers, which are given in order.
    pub(crate) fn people(&self, population: &Population, question: &Question) -> Vec<(PersonId, &Known)> {
        // Everybody may ask who they are, which lists all.
        let everybody = Question::new("sts:GetCallerIdentity", "*").unwrap();
        let solution = population.who_can(&everybody);
        assert_eq!(solution.count(population).always as usize, self.people.len(), "{question:?}");
        assert!(population.people().all(|person| population.judge(person, &everybody) == Verdict::Always));
        population.people().zip(&self.people).collect()
    }

    /// The layers of a principal, as the engine wants them.
    pub(crate) fn sets(&self, known: &Known, question: &Question, compiled: &mut Compiled) -> Sets {
        let mut set = |texts: &[String]| set(compiled, texts);
        let owner = match question.owner() {
            Some(owner) => self.accounts.iter().find(|account| account.id == owner.as_str()),
            None => Some(&self.accounts[known.account]),
        };
        let rcps = owner.filter(|owner| !owner.management).map_or(&[][..], |owner| &owner.rcps);
        Sets {
            identity: set(&known.identity),
            boundary: known.boundary.as_deref().map(&mut set),
            scps: self.accounts[known.account].levels.iter().map(|level| Arc::new(set(level))).collect(),
            rcps: rcps.iter().map(|level| Arc::new(set(level))).collect(),
            resource: self.resource_policy.as_ref().map(|text| set(std::slice::from_ref(text))),
        }
    }
}

/// The layers of one principal.
pub(crate) struct Sets {
    identity: PolicySet,
    boundary: Option<PolicySet>,
    scps: Vec<Arc<PolicySet>>,
    rcps: Vec<Arc<PolicySet>>,
    resource: Option<PolicySet>,
}

impl Sets {
    /// The engine's decision about the principal.
    pub(crate) fn decide(&self, principal: &Principal, question: &Question, keys: &ContextMap) -> Decision {
        let layers = Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            scps: &self.scps,
            rcps: &self.rcps,
            resource: self.resource.as_ref(),
            ..Layers::default()
        };
        let mut request = Request::new(principal, question.action(), question.resource(), keys);
        if let Some(owner) = question.owner() {
            request = request.resource_account(owner);
        }
        evaluate(&layers, &request)
    }
}

impl Known {
    /// The keys that follow from the principal; of a role's session also its name.
    pub(crate) fn keys(&self, world: &World, question: &Question) -> ContextMap {
        let account = &world.accounts[self.account];
        let name = self.arn.rsplit('/').next().unwrap();
        let mut keys = ContextMap::new()
            .with("aws:PrincipalAccount", account.id)
            .with("aws:PrincipalArn", &*self.arn)
            .with("aws:PrincipalIsAWSService", "false");
        let owner = question.owner();
        keys.insert("aws:ResourceAccount", owner.map_or(account.id.to_owned(), |owner| owner.to_string()));
        let home = match owner {
            Some(owner) => world.accounts.iter().find(|account| account.id == owner.as_str()),
            None => Some(account),
        };
        for (of, account) in [("Principal", Some(account)), ("Resource", home)] {
            if let Some(Some(id)) = account.and_then(|account| account.organization) {
                keys.insert(&format!("aws:{of}OrgID"), id);
                keys.insert_many(&format!("aws:{of}OrgPaths"), [account.unwrap().path().unwrap()]);
            }
        }
        match self.kind {
            Kind::User => {
                keys.insert("aws:username", name);
                keys.insert("aws:userid", &*self.id);
                keys.insert("aws:PrincipalType", "User");
            }
            Kind::Role | Kind::LinkedRole => keys.insert("aws:PrincipalType", "AssumedRole"),
            Kind::Root => {
                keys.insert("aws:userid", account.id);
                keys.insert("aws:PrincipalType", "Account");
            }
        }
        for (key, value) in &self.tags {
            keys.insert(&format!("aws:PrincipalTag/{key}"), &**value);
        }
        keys
    }
}
