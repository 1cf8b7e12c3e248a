//! One way to ask a question: the engine and the oracle both answer, and must agree.

use crate::oracle::{self, KeyValue, Question, Who};
use bailiwick_policy::*;
use base::AccountId;
use serde_json::Value;
use std::sync::Arc;

pub const ACCOUNT: &str = "123456789012";
pub const OTHER: &str = "999988887777";
pub const USER: &str = "arn:aws:iam::123456789012:user/team/Bob";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/path/App";
pub const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/App/s1";
pub const FEDERATED: &str = "arn:aws:sts::123456789012:federated-user/Fred";
pub const OBJECT: &str = "arn:aws:s3:::bucket/key";

/// A question in the making.
#[derive(Debug, Clone)]
pub struct Ask(pub Question);

pub fn user() -> Who {
    Who::User { arn: USER.to_owned(), id: Some("AIDAUSERUSERUSERUSER1".to_owned()) }
}

pub fn session() -> Who {
    Who::Session {
        role_arn: ROLE.to_owned(),
        session: "s1".to_owned(),
        id: Some("AROAROLEROLEROLEROLE1".to_owned()),
    }
}

pub fn federated() -> Who {
    Who::FederatedUser { arn: FEDERATED.to_owned(), issuer: Some(USER.to_owned()) }
}

pub fn root() -> Who {
    Who::Root { account: ACCOUNT.to_owned() }
}

/// A statement without its braces becomes a policy of today's version.
pub fn policy(statements: &[&str]) -> Value {
    let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(","));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub const ALLOW_ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
pub const DENY_ALL: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;

/// A statement that names a principal.
pub fn to(effect: &str, principal: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"*","Resource":"*"}}"#)
}

pub fn aws(principal: &str) -> String {
    format!(r#"{{"AWS":"{principal}"}}"#)
}

/// `who` asks to read an object of the bucket in the account.
pub fn ask(who: Who) -> Ask {
    Ask(Question {
        who,
        management_account: false,
        action: "s3:GetObject".to_owned(),
        resource: OBJECT.to_owned(),
        resource_account: Some(ACCOUNT.to_owned()),
        keys: Vec::new(),
        wildcard_only: false,
        aws_managed_key: false,
        identity: Vec::new(),
        boundary: None,
        session: None,
        resource_policy: None,
        scps: Vec::new(),
        rcps: Vec::new(),
        endpoint: None,
    })
}

/// Bob, allowed by one statement of his.
pub fn ask_allowed(statement: &str) -> Ask {
    ask(user()).identity(statement)
}

/// Bob, with a statement under a condition; the condition decides.
pub fn when(condition: &str) -> Ask {
    ask_allowed(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#))
}

impl Ask {
    fn with(mut self, change: impl FnOnce(&mut Question)) -> Self {
        change(&mut self.0);
        self
    }

    pub fn action(self, action: &str) -> Self {
        self.with(|q| q.action = action.to_owned())
    }

    /// Another resource; its account is what the ARN says.
    pub fn resource(self, resource: &str) -> Self {
        self.with(|q| {
            q.resource = resource.to_owned();
            q.resource_account = None;
        })
    }

    pub fn owner(self, account: &str) -> Self {
        self.with(|q| q.resource_account = Some(account.to_owned()))
    }

    pub fn key(self, key: &str, value: &str) -> Self {
        self.with(|q| q.keys.push((key.to_owned(), KeyValue::One(value.to_owned()))))
    }

    pub fn keys(self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.with(|q| q.keys.push((key.to_owned(), KeyValue::Many(values))))
    }

    pub fn identity(self, statement: &str) -> Self {
        self.with(|q| q.identity.push(policy(&[statement])))
    }

    pub fn document(self, document: &str) -> Self {
        self.with(|q| q.identity.push(serde_json::from_str(document).unwrap()))
    }

    pub fn boundary(self, statement: &str) -> Self {
        self.with(|q| q.boundary = Some(vec![policy(&[statement])]))
    }

    pub fn session(self, statement: &str) -> Self {
        self.with(|q| q.session.get_or_insert_default().push(policy(&[statement])))
    }

    pub fn resource_policy(self, statement: &str) -> Self {
        self.with(|q| q.resource_policy.get_or_insert_default().push(policy(&[statement])))
    }

    /// One more level of SCPs.
    pub fn scps(self, statements: &[&str]) -> Self {
        self.with(|q| q.scps.push(statements.iter().map(|statement| policy(&[statement])).collect()))
    }

    /// One more level of RCPs.
    pub fn rcps(self, statements: &[&str]) -> Self {
        self.with(|q| q.rcps.push(statements.iter().map(|statement| policy(&[statement])).collect()))
    }

    pub fn endpoint(self, statement: &str) -> Self {
        self.with(|q| q.endpoint = Some(vec![policy(&[statement])]))
    }

    pub fn management_account(self) -> Self {
        self.with(|q| q.management_account = true)
    }

    pub fn wildcard_only(self) -> Self {
        self.with(|q| q.wildcard_only = true)
    }

    pub fn aws_managed_key(self) -> Self {
        self.with(|q| q.aws_managed_key = true)
    }

    pub fn is_allowed(&self) -> bool {
        self.decide().outcome == Outcome::Allowed
    }

    /// The layer that denies explicitly; panics if none does.
    pub fn explicit(&self) -> Layer {
        let decision = self.decide();
        assert_eq!(decision.outcome, Outcome::ExplicitlyDenied, "{decision:?}");
        decision.reason.layer
    }

    /// The layer that lacks an allow; panics if the request is allowed or denied explicitly.
    pub fn implicit(&self) -> Layer {
        let decision = self.decide();
        assert_eq!(decision.outcome, Outcome::ImplicitlyDenied, "{decision:?}");
        decision.reason.layer
    }

    pub fn decide(&self) -> Decision {
        let decision = self.run(evaluate);
        let expected = oracle::answer(&self.0);
        assert!(agree(decision, expected), "engine: {decision:?}\noracle: {expected:?}\n{self:#?}");
        decision
    }

    pub fn explain(&self) -> Explanation {
        self.run(explain)
    }

    pub fn flip(&self) -> Flip {
        self.run(flip)
    }

    pub fn run<T>(&self, run: impl FnOnce(&Layers<'_>, &Request<'_>) -> T) -> T {
        let q = &self.0;
        let identity = compile(&q.identity);
        let [boundary, session, resource, endpoint] =
            [&q.boundary, &q.session, &q.resource_policy, &q.endpoint]
                .map(|p| p.as_ref().map(|p| compile(p)));
        let levels =
            |levels: &[Vec<Value>]| levels.iter().map(|level| Arc::new(compile(level))).collect::<Vec<_>>();
        let (scps, rcps) = (levels(&q.scps), levels(&q.rcps));
        let layers = Layers {
            identity: &identity,
            boundary: boundary.as_ref(),
            session: session.as_ref(),
            resource: resource.as_ref(),
            scps: &scps,
            rcps: &rcps,
            endpoint: endpoint.as_ref(),
        };
        let principal = principal(&q.who, q.management_account);
        let mut context = ContextMap::new();
        for (key, value) in &q.keys {
            match value {
                KeyValue::One(value) => context.insert(key, value.clone()),
                KeyValue::Many(values) => context.insert_many(key, values.clone()),
            }
        }
        let mut request = Request::new(&principal, &q.action, &q.resource, &context)
            .wildcard_only(q.wildcard_only)
            .aws_managed_key(q.aws_managed_key);
        if let Some(account) = &q.resource_account {
            request = request.resource_account(AccountId::parse(account).unwrap());
        }
        run(&layers, &request)
    }
}

fn agree(decision: Decision, expected: oracle::Answer) -> bool {
    let name = match decision.reason.layer {
        Layer::Rcp => "rcp",
        Layer::Scp => "scp",
        Layer::Endpoint => "endpoint",
        Layer::Resource => "resource",
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
    };
    match expected {
        oracle::Answer::Allowed => decision.outcome == Outcome::Allowed,
        oracle::Answer::ExplicitlyDenied(layer) => {
            decision.outcome == Outcome::ExplicitlyDenied && layer == name
        }
        oracle::Answer::ImplicitlyDenied(layer) => {
            decision.outcome == Outcome::ImplicitlyDenied && layer == name
        }
    }
}

fn compile(policies: &[Value]) -> PolicySet {
    let one = |policy: &Value| {
        let (document, _) = Document::parse_tolerant(&policy.to_string());
        let label = PolicyLabel::new(PolicyKind::Managed, "arn:aws:iam::123456789012:policy/p", "p");
        Arc::new(CompiledPolicy::compile(Arc::new(document.expect("a document")), label))
    };
    policies.iter().map(one).collect()
}

fn principal(who: &Who, management_account: bool) -> Principal {
    let with_id = |principal: Principal, id: &Option<String>| match id {
        Some(id) => principal.with_id(id),
        None => principal,
    };
    let principal = match who {
        Who::Root { account } => Principal::root(AccountId::parse(account).unwrap(), "aws"),
        Who::User { arn, id } => with_id(Principal::user(arn).unwrap(), id),
        Who::Session { role_arn, session, id } => {
            with_id(Principal::role_session(role_arn, session).unwrap(), id)
        }
        Who::FederatedUser { arn, issuer } => Principal::federated_user(arn, issuer.as_deref()).unwrap(),
        Who::Provider(provider) => Principal::federated(provider),
        Who::Service(name) => Principal::service(name),
        Who::Anonymous => Principal::anonymous(),
    };
    if management_account { principal.in_management_account() } else { principal }
}
