//! A second evaluator, written from the facts alone: slow, plain, on the JSON itself. It shares no code with the
//! engine, and both must always agree.

mod condition;
mod pattern;
mod principal;

use serde_json::Value;

/// Condition keys as given, with their values.
pub type Keys = Vec<(String, KeyValue)>;

#[derive(Debug, Clone)]
pub enum KeyValue {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Root { account: String },
    User { arn: String, id: Option<String> },
    Session { role_arn: String, session: String, id: Option<String> },
    FederatedUser { arn: String, issuer: Option<String> },
    Provider(String),
    Service(String),
    Anonymous,
}

#[derive(Debug, Clone)]
pub struct Question {
    pub who: Who,
    pub management_account: bool,
    pub action: String,
    pub resource: String,
    pub resource_account: Option<String>,
    pub keys: Keys,
    pub wildcard_only: bool,
    pub aws_managed_key: bool,
    pub identity: Vec<Value>,
    pub boundary: Option<Vec<Value>>,
    pub session: Option<Vec<Value>>,
    pub resource_policy: Option<Vec<Value>>,
    pub scps: Vec<Vec<Value>>,
    pub rcps: Vec<Vec<Value>>,
    pub endpoint: Option<Vec<Value>>,
}

/// The answer, and the layer that is named for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Allowed,
    ExplicitlyDenied(&'static str),
    ImplicitlyDenied(&'static str),
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Principal,
    Resource,
    Organization,
}

struct Gate<'a> {
    name: &'static str,
    side: Side,
    policies: &'a [Value],
}

pub fn answer(q: &Question) -> Answer {
    let action = q.action.to_lowercase();
    if action == "sts:getcalleridentity" && q.who != Who::Anonymous {
        return Answer::Allowed;
    }
    if q.changes_what_aws_owns(&action) {
        return Answer::ImplicitlyDenied("resource");
    }
    let resource = q.judged_resource();
    if let (Some(home), Some(place)) = (q.who.part(1), part(&resource, 1))
        && home != place
    {
        return Answer::ImplicitlyDenied("resource");
    }
    let gates = q.gates(&action);
    // An explicit deny anywhere ends it.
    for gate in &gates {
        if q.statements(gate, "Deny").next().is_some() {
            return Answer::ExplicitlyDenied(gate.name);
        }
    }
    for gate in gates.iter().filter(|gate| gate.side == Side::Organization || gate.name == "endpoint") {
        if gate.name != "rcp" && q.statements(gate, "Allow").next().is_none() {
            return Answer::ImplicitlyDenied(gate.name);
        }
    }
    q.ask_both_sides(&gates, &action)
}

impl Question {
    fn judged_resource(&self) -> String {
        if self.wildcard_only { "*".to_owned() } else { self.resource.clone() }
    }

    fn changes_what_aws_owns(&self, action: &str) -> bool {
        let resource = self.judged_resource();
        let rest = resource.splitn(6, ':').nth(5).unwrap_or("");
        let changes = ["create", "delete", "attach", "detach", "put", "tag", "untag", "update", "setdefault"];
        let Some((service, name)) = action.split_once(':') else { return false };
        let changes = changes.iter().any(|verb| name.starts_with(verb));
        match service {
            "iam" if part(&resource, 4) == Some("aws") && rest.starts_with("policy/") => {
                changes
                    && name.contains("policy")
                    && !name.contains("role")
                    && !name.contains("user")
                    && !name.contains("group")
            }
            "iam" if rest.starts_with("role/aws-reserved/") => {
                (changes || name == "passrole") && name.contains("role") && !name.contains("instanceprofile")
            }
            "kms" if rest.starts_with("alias/aws/") => {
                ["createalias", "updatealias", "deletealias"].contains(&name)
            }
            _ => false,
        }
    }

    fn gates(&self, action: &str) -> Vec<Gate<'_>> {
        let mut gates = Vec::new();
        let linked = matches!(&self.who, Who::Session { role_arn, .. } if role_arn.contains(":role/aws-service-role/"));
        let has_account = self.who.account().is_some();
        let has_policies =
            matches!(self.who, Who::User { .. } | Who::Session { .. } | Who::FederatedUser { .. });
        let service = action.split(':').next().unwrap();
        let rcp_service = ["s3", "sts", "sqs", "kms", "secretsmanager", "dynamodb"].contains(&service);
        let managed_key = service == "kms" && self.aws_managed_key;
        if rcp_service && !linked && action != "kms:retiregrant" && !managed_key {
            gates.extend(self.rcps.iter().map(|level| gate("rcp", Side::Organization, level)));
        }
        if has_account && !self.management_account && !linked {
            gates.extend(self.scps.iter().map(|level| gate("scp", Side::Organization, level)));
        }
        gates.extend(self.endpoint.iter().map(|policies| gate("endpoint", Side::Resource, policies)));
        gates.extend(self.resource_policy.iter().map(|policies| gate("resource", Side::Resource, policies)));
        if has_policies {
            gates.push(gate("identity", Side::Principal, &self.identity));
            gates.extend(self.boundary.iter().map(|policies| gate("boundary", Side::Principal, policies)));
            gates.extend(self.session.iter().map(|policies| gate("session", Side::Principal, policies)));
        }
        gates
    }

    fn ask_both_sides(&self, gates: &[Gate<'_>], action: &str) -> Answer {
        let find = |name: &str| gates.iter().find(|gate| gate.name == name);
        let allows = |name: &str| find(name).map(|gate| self.statements(gate, "Allow").next().is_some());
        // How closely the resource's policy names the caller: 1 its account, 2 its role, 3 itself.
        let closeness = find("resource").and_then(|gate| self.statements(gate, "Allow").max()).unwrap_or(0);
        let Some(account) = self.who.account() else {
            return if closeness > 0 { Answer::Allowed } else { Answer::ImplicitlyDenied("resource") };
        };
        let resource = self.judged_resource();
        let owner = self.resource_account.clone().or_else(|| {
            let account = part(&resource, 4)?;
            (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then(|| account.to_owned())
        });
        let same_account = owner.is_none_or(|owner| owner == account);
        let rest = resource.splitn(6, ':').nth(5).unwrap_or("");
        let own_rule = (action.starts_with("sts:")
            && part(&resource, 2) == Some("iam")
            && rest.starts_with("role/"))
            || (action.starts_with("kms:") && part(&resource, 2) == Some("kms") && rest.starts_with("key/"));
        if closeness == 0 && (!same_account || own_rule) {
            return Answer::ImplicitlyDenied("resource");
        }
        if same_account && closeness == 3 {
            return Answer::Allowed;
        }
        let root = matches!(self.who, Who::Root { .. });
        let identity_needed = !(same_account && closeness == 2);
        if identity_needed && !root && allows("identity") != Some(true) {
            return Answer::ImplicitlyDenied("identity");
        }
        if allows("boundary") == Some(false) {
            return Answer::ImplicitlyDenied("boundary");
        }
        let session = allows("session").unwrap_or(!matches!(self.who, Who::FederatedUser { .. }));
        if session { Answer::Allowed } else { Answer::ImplicitlyDenied("session") }
    }

    /// The statements of this effect that match, each with how closely it names the caller.
    fn statements<'q>(&'q self, gate: &'q Gate<'_>, effect: &'q str) -> impl Iterator<Item = u8> + 'q {
        let all = gate
            .policies
            .iter()
            .flat_map(|policy| one_or_many(&policy["Statement"]).into_iter().map(move |s| (policy, s)));
        all.filter(move |(_, statement)| statement["Effect"] == *effect)
            .filter_map(move |(policy, statement)| self.matches(policy, statement, gate.name, effect))
    }

    fn matches(&self, policy: &Value, statement: &Value, gate: &str, effect: &str) -> Option<u8> {
        let variables = policy["Version"] == "2012-10-17";
        let resource = self.judged_resource();
        // `*:*` is doubtful, and read whichever way denies.
        let doubtful_fits = (effect == "Deny") != statement.get("NotAction").is_some();
        let action_fits = element(statement, "Action", |pattern| match pattern {
            "*:*" => doubtful_fits,
            pattern => pattern::action(pattern, &self.action),
        })?;
        let resource_fits = element(statement, "Resource", |pattern| {
            pattern::resource(pattern, &resource, variables, &self.keys)
        })
        .unwrap_or(gate == "resource");
        let bounded = self.boundary.is_some()
            && matches!(self.who, Who::User { .. } | Who::Session { .. } | Who::FederatedUser { .. });
        let names_principals = ["resource", "rcp", "endpoint"].contains(&gate);
        let closeness = match (names_principals, statement.get("Principal"), statement.get("NotPrincipal")) {
            (false, None, None) => 3,
            (true, Some(element), None) => principal::closeness(element, &self.who)?,
            (true, None, Some(_)) if effect == "Allow" => return None,
            (true, None, Some(_)) if bounded => 3,
            (true, None, Some(element)) => (!principal::exempts(element, &self.who)).then_some(3)?,
            _ => return None,
        };
        let conditions = condition::all_hold(statement.get("Condition"), variables, &self.keys);
        (action_fits && resource_fits && conditions).then_some(closeness)
    }
}

fn gate<'a>(name: &'static str, side: Side, policies: &'a [Value]) -> Gate<'a> {
    Gate { name, side, policies }
}

/// `Name` or `NotName` of the statement; `None` if it has neither.
fn element(statement: &Value, name: &str, fits: impl Fn(&str) -> bool) -> Option<bool> {
    if let Some(value) = statement.get(name) {
        return Some(texts(value).iter().any(|text| fits(text)));
    }
    let value = statement.get(format!("Not{name}"))?;
    Some(!texts(value).iter().any(|text| fits(text)))
}

pub fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        value => vec![value],
    }
}

pub fn texts(value: &Value) -> Vec<String> {
    one_or_many(value)
        .into_iter()
        .map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// A part of an ARN, from zero.
pub fn part(arn: &str, place: usize) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    (parts.len() == 6 && parts[0] == "arn").then(|| parts[place])
}

impl Who {
    fn arn(&self) -> Option<&str> {
        match self {
            Who::User { arn, .. } | Who::FederatedUser { arn, .. } | Who::Session { role_arn: arn, .. } => {
                Some(arn)
            }
            _ => None,
        }
    }

    fn account(&self) -> Option<String> {
        match self {
            Who::Root { account } => Some(account.clone()),
            other => part(other.arn()?, 4).map(str::to_owned),
        }
    }

    fn part(&self, place: usize) -> Option<String> {
        match self {
            Who::Root { .. } => Some("aws".to_owned()),
            other => part(other.arn()?, place).map(str::to_owned),
        }
    }
}
