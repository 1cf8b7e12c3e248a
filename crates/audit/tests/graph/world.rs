//! Small accounts for the tests of the graph.

use audit::estate::{Estate, Facts};
use audit::graph::{Graph, Path};
use audit::import::{ImportOptions, authorization_details};
use bailiwick_audit as audit;
use base::{Partition, Timestamp};
use model::credential_report::{CredentialKey, CredentialRow, LastUse};
use model::organization::{MemberAccount, OrganizationPolicy, OrganizationPolicyKind};
use model::{CredentialReport, Organization, PolicyText, Workload};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "123456789012";

/// An account in the making, in the shapes of `get-account-authorization-details`.
#[derive(Clone, Default)]
pub(crate) struct World {
    users: Vec<Value>,
    groups: Vec<Value>,
    roles: Vec<Value>,
    policies: Vec<Value>,
    workloads: Option<Vec<Workload>>,
    report: Vec<CredentialRow>,
    guardrails: Vec<(OrganizationPolicyKind, Value)>,
    pub(crate) sign_on: bool,
}

pub(crate) fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

pub(crate) fn allow(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

pub(crate) fn allow_on(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

pub(crate) fn deny(actions: &[&str]) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": "*"})
}

pub(crate) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn trusts(kind: &str, name: &str) -> Value {
    let action = if kind == "Federated" { "sts:AssumeRoleWithWebIdentity" } else { "sts:AssumeRole" };
    json!({"Effect": "Allow", "Principal": {kind: name}, "Action": action})
}

fn boundary(name: &str) -> Value {
    match name {
        "" => Value::Null,
        name => {
            json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn(&format!("policy/{name}"))})
        }
    }
}

fn attached(names: &[&str]) -> Value {
    let all = names.iter().map(|name| {
        let arn = match name.strip_prefix("aws:") {
            Some(name) => format!("arn:aws:iam::aws:policy/{name}"),
            None => arn(&format!("policy/{name}")),
        };
        json!({"PolicyName": name.trim_start_matches("aws:"), "PolicyArn": arn})
    });
    all.collect()
}

fn put(mut entity: Value, key: &str, value: Value) -> Value {
    if !value.is_null() {
        entity[key] = value;
    }
    entity
}

impl World {
    fn id(&self, prefix: &str) -> String {
        let number = self.users.len() + self.groups.len() + self.roles.len() + self.policies.len();
        format!("{prefix}EXAMPLE{number:010}")
    }

    pub(crate) fn user(self, name: &str, statements: &[Value]) -> Self {
        self.user_with(name, statements, &[], &[], "")
    }

    pub(crate) fn user_with(
        mut self,
        name: &str,
        statements: &[Value],
        groups: &[&str],
        policies: &[&str],
        limit: &str,
    ) -> Self {
        let mut inline = vec![];
        if !statements.is_empty() {
            inline.push(json!({"PolicyName": "own", "PolicyDocument": policy(statements)}));
        }
        let user = json!({
            "Path": "/", "UserName": name, "UserId": self.id("AIDA"), "Arn": arn(&format!("user/{name}")),
            "CreateDate": "2025-01-01T00:00:00+00:00", "UserPolicyList": inline, "GroupList": groups,
            "AttachedManagedPolicies": attached(policies), "Tags": [],
        });
        self.users.push(put(user, "PermissionsBoundary", boundary(limit)));
        self
    }

    pub(crate) fn group(mut self, name: &str, statements: &[Value]) -> Self {
        self.groups.push(json!({
            "Path": "/", "GroupName": name, "GroupId": self.id("AGPA"), "Arn": arn(&format!("group/{name}")),
            "CreateDate": "2025-01-01T00:00:00+00:00", "AttachedManagedPolicies": [],
            "GroupPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(statements)}],
        }));
        self
    }

    pub(crate) fn role(self, name: &str, trust: Value, statements: &[Value]) -> Self {
        self.role_with(name, trust, statements, &[], "")
    }

    pub(crate) fn role_with(
        mut self,
        name: &str,
        trust: Value,
        statements: &[Value],
        policies: &[&str],
        limit: &str,
    ) -> Self {
        let (path, short) =
            name.rsplit_once('/').map_or(("/".to_owned(), name), |(path, name)| (format!("/{path}/"), name));
        let mut inline = vec![];
        if !statements.is_empty() {
            inline.push(json!({"PolicyName": "own", "PolicyDocument": policy(statements)}));
        }
        let role = json!({
            "Path": path, "RoleName": short, "RoleId": self.id("AROA"), "Arn": arn(&format!("role{path}{short}")),
            "CreateDate": "2025-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": policy(&[trust]),
            "InstanceProfileList": [], "RolePolicyList": inline, "AttachedManagedPolicies": attached(policies),
            "Tags": [],
        });
        self.roles.push(put(role, "PermissionsBoundary", boundary(limit)));
        self
    }

    /// A customer managed policy, its versions oldest first; the last is in force.
    pub(crate) fn managed(mut self, name: &str, versions: &[Value]) -> Self {
        let list: Vec<Value> = versions
            .iter()
            .enumerate()
            .map(|(place, document)| {
                json!({"Document": document, "VersionId": format!("v{}", place + 1),
                    "IsDefaultVersion": place + 1 == versions.len(), "CreateDate": "2025-01-01T00:00:00+00:00"})
            })
            .rev()
            .collect();
        self.policies.push(json!({
            "PolicyName": name, "PolicyId": self.id("ANPA"), "Arn": arn(&format!("policy/{name}")), "Path": "/",
            "DefaultVersionId": format!("v{}", versions.len()), "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true, "CreateDate": "2025-01-01T00:00:00+00:00",
            "UpdateDate": "2025-01-01T00:00:00+00:00", "PolicyVersionList": list,
        }));
        self
    }

    pub(crate) fn workload(mut self, kind: &str, arn: &str, role: &str) -> Self {
        self.workloads.get_or_insert_default().push(Workload {
            arn: arn.into(),
            kind: kind.into(),
            account: ACCOUNT.parse().unwrap(),
            role: self::arn(&format!("role/{role}")),
            public: None,
            tags: vec![],
        });
        self
    }

    pub(crate) fn credentials(mut self, user: &str, keys: u8, password: bool, mfa: bool) -> Self {
        let key = |slot| CredentialKey {
            slot,
            active: true,
            rotated: None,
            last_used: LastUse::Never,
            last_region: None,
            last_service: None,
        };
        self.report.push(CredentialRow {
            user: user.into(),
            arn: arn(&format!("user/{user}")),
            created: None,
            password_enabled: Some(password),
            password_last_used: LastUse::Unknown,
            password_last_changed: None,
            mfa_active: mfa,
            keys: (1..=keys).map(key).collect(),
            active_certificates: 0,
        });
        self
    }

    pub(crate) fn scp(mut self, statements: &[Value]) -> Self {
        self.guardrails.push((OrganizationPolicyKind::Scp, policy(statements)));
        self
    }

    pub(crate) fn rcp(mut self, statements: &[Value]) -> Self {
        self.guardrails.push((OrganizationPolicyKind::Rcp, policy(statements)));
        self
    }

    pub(crate) fn estate(&self) -> Estate {
        let export = json!({
            "UserDetailList": self.users, "GroupDetailList": self.groups, "RoleDetailList": self.roles,
            "Policies": self.policies,
        });
        let import = authorization_details(export.to_string().as_bytes(), &ImportOptions::at(now())).unwrap();
        let mut estate = Estate::new(Partition::aws());
        estate.snapshot = import.snapshot();
        let report = CredentialReport { made: None, rows: self.report.clone() };
        let facts = Facts {
            entities: true,
            workloads: self.workloads.clone(),
            credential_report: (!self.report.is_empty()).then_some(report),
            ..Facts::default()
        };
        estate.accounts.insert(ACCOUNT.parse().unwrap(), facts);
        estate.sign_on = self.sign_on.then(Default::default);
        if !self.guardrails.is_empty() {
            estate.organization = Some(self.organization());
        }
        estate
    }

    fn organization(&self) -> Organization {
        let policy = |(place, (kind, text)): (usize, &(OrganizationPolicyKind, Value))| OrganizationPolicy {
            id: format!("p-{place}"),
            name: format!("guardrail {place}"),
            kind: *kind,
            type_name: "SERVICE_CONTROL_POLICY".into(),
            text: PolicyText::new(text.to_string()),
            targets: vec!["r-1".into()],
        };
        let account = MemberAccount {
            id: ACCOUNT.parse().unwrap(),
            name: "one".into(),
            active: true,
            parent: "r-1".into(),
        };
        Organization {
            id: "o-example".into(),
            management_account: "999999999999".parse().ok(),
            root: "r-1".into(),
            all_features: true,
            accounts: vec![account],
            units: vec![],
            policies: self.guardrails.iter().enumerate().map(policy).collect(),
        }
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(&self.estate(), now())
    }

    /// The shortest path of a principal to an administrator.
    pub(crate) fn path(&self, principal: &str) -> Option<Path> {
        let graph = self.graph();
        let who = graph.by_arn(&arn(principal)).expect("the principal is there");
        graph.path_to_admin(who)
    }

    /// The ids of the steps of the shortest path; empty if there is none.
    pub(crate) fn steps(&self, principal: &str) -> Vec<String> {
        self.path(principal).into_iter().flat_map(|path| path.steps).map(|step| step.id).collect()
    }

    /// Every id that is a step of any path.
    pub(crate) fn ids(&self, principal: &str) -> Vec<String> {
        let graph = self.graph();
        let who = graph.by_arn(&arn(principal)).expect("the principal is there");
        let paths = graph.paths_to_admin(who);
        let mut ids: Vec<String> =
            paths.into_iter().flat_map(|path| path.steps).map(|step| step.id).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:00:00Z").unwrap()
}
