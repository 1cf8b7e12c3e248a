//! Users with their credentials, groups, roles.

use super::Maker;
use super::policies::Policies;
use serde_json::{Value, json};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n";
const GROUPS: usize = 20;

impl Maker {
    pub(super) fn groups(&mut self, policies: &Policies) -> Vec<Value> {
        (0..GROUPS)
            .map(|number| {
                let name = format!("group-{number}");
                let mut attached = vec![self.one_of(&policies.own)];
                if number == 0 {
                    attached = policies.aws.iter().take(1).map(attachment).collect();
                } else if self.dice.percent(40) {
                    attached.push(self.one_of(policies.aws.get(1..).unwrap_or_default()));
                }
                json!({
                    "Path": "/", "GroupName": name, "GroupId": self.dice.id("AGPA"),
                    "Arn": self.arn(&format!("group/{name}")), "CreateDate": self.dice.date(2_000),
                    "GroupPolicyList": [], "AttachedManagedPolicies": attached,
                })
            })
            .collect()
    }

    fn one_of(&mut self, policies: &[(String, String)]) -> Value {
        let place = self.dice.favourite(policies.len());
        policies.get(place).map_or(Value::Null, attachment)
    }

    /// Users, and the credential report of them.
    pub(super) fn all_users(&mut self, policies: &Policies) -> (Vec<Value>, String) {
        let mut report = HEADER.to_owned();
        let root = self.arn("root");
        let made = self.dice.date(2_500);
        let mfa = self.dice.percent(80);
        report.push_str(&format!(
            "<root_account>,{root},{made},not_supported,{made},not_supported,not_supported,{mfa},false,N/A,N/A,N/A,N/A,\
             false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
        ));
        let users = (0..self.users).map(|number| self.user(number, policies, &mut report)).collect();
        (users, report)
    }

    fn user(&mut self, number: usize, policies: &Policies, report: &mut String) -> Value {
        let is_person = self.dice.percent(60);
        let (team, app) = (self.team(), self.app());
        let name = if is_person { format!("person.{number}") } else { format!("svc-{team}-{app}-{number}") };
        let arn = self.arn(&format!("user/{name}"));
        let made = self.dice.date(1_500);
        report.push_str(&self.credentials(&name, &arn, &made, is_person));
        let groups: Vec<String> = match is_person {
            true => (0..1 + self.dice.roll(2))
                .map(|_| format!("group-{}", 1 + self.dice.roll(GROUPS - 1)))
                .collect(),
            false => Vec::new(),
        };
        let mut groups = if number.is_multiple_of(97) { vec!["group-0".to_owned()] } else { groups };
        groups.dedup();
        let inline = if is_person { Vec::new() } else { vec![self.inline("own")] };
        let attached = if is_person { Vec::new() } else { vec![self.one_of(&policies.own)] };
        json!({
            "Path": "/", "UserName": name, "UserId": self.dice.id("AIDA"), "Arn": arn, "CreateDate": made,
            "UserPolicyList": inline, "GroupList": groups, "AttachedManagedPolicies": attached,
            "Tags": self.tags(),
        })
    }

    fn credentials(&mut self, name: &str, arn: &str, made: &str, is_person: bool) -> String {
        let mfa = is_person && self.dice.percent(85);
        let password = if is_person {
            let used = if self.dice.percent(80) { self.dice.date(60) } else { self.dice.date(700) };
            format!("true,{used},{},N/A", self.dice.date(400))
        } else {
            "false,N/A,N/A,N/A".to_owned()
        };
        let mut key = |chance: usize| {
            if !self.dice.percent(chance) {
                return "false,N/A,N/A,N/A,N/A".to_owned();
            }
            let (rotated, used) = (self.dice.date(600), self.dice.date(200));
            format!("true,{rotated},{used},eu-central-1,s3")
        };
        let (first, second) = (key(if is_person { 25 } else { 95 }), key(8));
        format!("{name},{arn},{made},{password},{mfa},{first},{second},false,N/A,false,N/A\n")
    }

    pub(super) fn inline(&mut self, name: &str) -> Value {
        let statements: Vec<Value> = (0..1 + self.dice.roll(3)).map(|_| self.statement()).collect();
        json!({ "PolicyName": name, "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } })
    }

    pub(super) fn tags(&mut self) -> Value {
        let mut tags =
            vec![json!({ "Key": "team", "Value": self.team() }), json!({ "Key": "env", "Value": "prod" })];
        if self.dice.percent(60) {
            tags.push(json!({ "Key": "owner", "Value": format!("{}@example.com", self.team()) }));
        }
        json!(tags)
    }

    pub(super) fn all_roles(&mut self, policies: &Policies) -> Vec<Value> {
        (0..self.roles).map(|number| self.role(number, policies)).collect()
    }

    fn role(&mut self, number: usize, policies: &Policies) -> Value {
        let (team, app) = (self.team(), self.app());
        let (kind, trust) = self.trust();
        let name = format!("{team}-{app}-{kind}-{number}");
        let mut attached: Vec<Value> = (0..self.dice.roll(3)).map(|_| self.one_of(&policies.own)).collect();
        if self.dice.percent(25) {
            attached.push(self.one_of(policies.aws.get(1..).unwrap_or_default()));
        }
        if number % 251 == 7 {
            attached = policies.aws.iter().take(1).map(attachment).collect();
        }
        let mut seen = std::collections::HashSet::new();
        attached.retain(|policy| seen.insert(policy.to_string()));
        let inline = if self.dice.percent(55) { vec![self.inline("own")] } else { Vec::new() };
        let used = match self.dice.percent(75) {
            true => json!({ "LastUsedDate": self.dice.date(120), "Region": "eu-central-1" }),
            false => json!({}),
        };
        let mut role = self.plain_role(&name, &trust, &json!(inline), &json!(attached));
        if let Value::Object(members) = &mut role {
            members.insert("RoleLastUsed".to_owned(), used);
            let bounded = self.dice.percent(10);
            if let Some(boundary) = policies.boundaries.first().filter(|_| bounded) {
                members.insert(
                    "PermissionsBoundary".to_owned(),
                    json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary }),
                );
            }
        }
        role
    }

    pub(super) fn plain_role(
        &mut self,
        name: &str,
        trust: &Value,
        inline: &Value,
        attached: &Value,
    ) -> Value {
        json!({
            "Path": "/", "RoleName": name, "RoleId": self.dice.id("AROA"), "Arn": self.arn(&format!("role/{name}")),
            "CreateDate": self.dice.date(1_800), "AssumeRolePolicyDocument": trust, "InstanceProfileList": [],
            "RolePolicyList": inline, "AttachedManagedPolicies": attached, "Tags": self.tags(),
            "RoleLastUsed": { "LastUsedDate": self.dice.date(80), "Region": "eu-central-1" },
        })
    }

    /// What kind of role it is, and whom it trusts.
    fn trust(&mut self) -> (&'static str, Value) {
        let account = self.arn("root");
        let github = self.arn("oidc-provider/token.actions.githubusercontent.com");
        let repository = format!("repo:example/{}:*", self.app());
        let federated = json!({
            "Effect": "Allow", "Principal": { "Federated": github }, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
                           "StringLike": { "token.actions.githubusercontent.com:sub": repository } },
        });
        match self.dice.roll(100) {
            0..35 => ("lambda", service_trust("lambda.amazonaws.com")),
            35..52 => ("ec2", service_trust("ec2.amazonaws.com")),
            52..72 => ("ecs", service_trust("ecs-tasks.amazonaws.com")),
            72..80 => ("github", trust(&federated)),
            80..84 => {
                let other = format!(
                    "arn:aws:iam::{:012}:root",
                    330_000_000_000 + self.dice.roll(9) as u64 * 1_000_003
                );
                let condition = if self.dice.percent(70) {
                    json!({ "StringEquals": { "sts:ExternalId": format!("partner-{}", self.dice.roll(1_000)) } })
                } else {
                    json!({})
                };
                (
                    "partner",
                    trust(&json!({
                        "Effect": "Allow", "Principal": { "AWS": other }, "Action": "sts:AssumeRole", "Condition": condition,
                    })),
                )
            }
            84..88 => ("glue", service_trust("glue.amazonaws.com")),
            _ => (
                "team",
                trust(
                    &json!({ "Effect": "Allow", "Principal": { "AWS": account }, "Action": "sts:AssumeRole" }),
                ),
            ),
        }
    }
}

pub(super) fn trust(statement: &Value) -> Value {
    let mut statement = statement.clone();
    if let Value::Object(members) = &mut statement
        && members.get("Condition").is_some_and(|condition| condition == &json!({}))
    {
        members.remove("Condition");
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

pub(super) fn service_trust(service: &str) -> Value {
    trust(&json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }))
}

fn attachment((name, arn): &(String, String)) -> Value {
    json!({ "PolicyName": name, "PolicyArn": arn })
}
