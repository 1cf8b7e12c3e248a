//! Ways to administrator, and look-alikes that are none: each pair differs in what an exact judgement sees.

use super::Maker;
use super::identities::{service_trust, trust};
use serde_json::{Value, json};

/// What is planted into an account.
pub struct Planted {
    pub users: Vec<Value>,
    pub roles: Vec<Value>,
    pub policies: Vec<Value>,
    /// A line each: `path NAME` or `none NAME`, and why.
    pub told: Vec<String>,
}

impl Maker {
    pub(super) fn planted(&mut self) -> Planted {
        let mut planted =
            Planted { users: Vec::new(), roles: Vec::new(), policies: Vec::new(), told: Vec::new() };
        let admin = json!([{ "PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" }]);
        let empty = json!([]);
        planted.roles.push(self.plain_role(
            "planted-admin-lambda",
            &service_trust("lambda.amazonaws.com"),
            &empty,
            &admin,
        ));
        planted.roles.push(self.plain_role(
            "planted-admin-ec2",
            &service_trust("ec2.amazonaws.com"),
            &empty,
            &admin,
        ));
        planted.roles.push(self.plain_role(
            "planted-harmless-lambda",
            &service_trust("lambda.amazonaws.com"),
            &empty,
            &empty,
        ));
        self.passing(&mut planted);
        self.rewriting(&mut planted);
        self.chains(&mut planted);
        planted
    }

    fn add(&mut self, planted: &mut Planted, is_path: bool, name: &str, why: &str, statements: &Value) {
        let account = self.arn("root");
        let trust =
            trust(&json!({ "Effect": "Allow", "Principal": { "AWS": account }, "Action": "sts:AssumeRole" }));
        let inline = json!([{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }]);
        let role = self.plain_role(name, &trust, &inline, &json!([]));
        planted.roles.push(role);
        planted.told.push(format!("{} role/{name}: {why}", if is_path { "path" } else { "none" }));
    }

    /// PassRole with a service that takes it.
    fn passing(&mut self, planted: &mut Planted) {
        let admin = self.arn("role/planted-admin-lambda");
        let harmless = self.arn("role/planted-harmless-lambda");
        let pass = |role: &str, condition: Value| match condition {
            Value::Null => json!({ "Effect": "Allow", "Action": "iam:PassRole", "Resource": role }),
            condition => {
                json!({ "Effect": "Allow", "Action": "iam:PassRole", "Resource": role, "Condition": condition })
            }
        };
        let create = json!({ "Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*" });
        let deny = json!({ "Effect": "Deny", "Action": "lambda:CreateFunction", "Resource": "*" });
        let only_ec2 = json!({ "StringEquals": { "iam:PassedToService": "ec2.amazonaws.com" } });
        let only_lambda = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
        for (is_path, name, why, statements) in [
            (
                true,
                "planted-pass-lambda",
                "passes an administrator to a function",
                json!([pass(&admin, Value::Null), create]),
            ),
            (
                true,
                "planted-pass-lambda-only",
                "the same, for functions only",
                json!([pass(&admin, only_lambda), create]),
            ),
            (
                false,
                "alike-pass-denied",
                "making functions is denied",
                json!([pass(&admin, Value::Null), create, deny]),
            ),
            (
                false,
                "alike-pass-ec2-only",
                "the role may be passed to EC2 only",
                json!([pass(&admin, only_ec2), create]),
            ),
            (
                false,
                "alike-pass-harmless",
                "the role that may be passed can do nothing",
                json!([pass(&harmless, Value::Null), create]),
            ),
        ] {
            self.add(planted, is_path, name, why, &statements);
        }
        let endpoint = json!([
            { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": { "StringEquals": { "iam:PassedToService": "glue.amazonaws.com" } } },
            { "Effect": "Allow", "Action": ["glue:CreateDevEndpoint", "glue:GetDevEndpoint"], "Resource": "*" },
        ]);
        self.add(planted, false, "alike-glue-scp", "an SCP denies making development endpoints", &endpoint);
    }

    /// Rewriting policies, trust and credentials.
    fn rewriting(&mut self, planted: &mut Planted) {
        let admin = self.arn("role/planted-admin-ec2");
        let allow = |actions: Value, resource: &str| json!([{ "Effect": "Allow", "Action": actions, "Resource": resource }]);
        let everyone = self.arn("role/*");
        for (is_path, name, why, statements) in [
            (
                true,
                "planted-put-role-policy",
                "writes inline policies of every role",
                allow(json!("iam:PutRolePolicy"), &everyone),
            ),
            (
                true,
                "planted-trust",
                "rewrites an administrator's trust policy",
                allow(json!(["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"]), &admin),
            ),
            (true, "planted-key", "makes keys for every user", allow(json!("iam:CreateAccessKey"), "*")),
            (
                false,
                "alike-assume",
                "may assume a role that trusts only EC2",
                allow(json!("sts:AssumeRole"), &admin),
            ),
            (
                false,
                "alike-read-iam",
                "only reads",
                allow(json!(["iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy"]), "*"),
            ),
        ] {
            self.add(planted, is_path, name, why, &statements);
        }
        let boundary = self.arn("policy/logs-boundary");
        self.add(
            planted,
            false,
            "alike-bounded",
            "a boundary allows logs only",
            &allow(json!("iam:PutRolePolicy"), &everyone),
        );
        if let Some(Value::Object(role)) = planted.roles.last_mut() {
            role.insert(
                "PermissionsBoundary".to_owned(),
                json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary }),
            );
        }
        let version = self.arn("policy/planted-own-version");
        let statements = allow(json!("iam:CreatePolicyVersion"), &version);
        let policy = self.managed("planted-own-version", &version, "/", &statements);
        planted.policies.push(policy);
        let account = self.arn("root");
        let trust =
            trust(&json!({ "Effect": "Allow", "Principal": { "AWS": account }, "Action": "sts:AssumeRole" }));
        let attached = json!([{ "PolicyName": "planted-own-version", "PolicyArn": version }]);
        let role = self.plain_role("planted-version", &trust, &json!([]), &attached);
        planted.roles.push(role);
        planted.told.push("path role/planted-version: writes a new version of its own policy".to_owned());
    }

    /// One role after the other.
    fn chains(&mut self, planted: &mut Planted) {
        let last = self.arn("role/planted-put-role-policy");
        let step = json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": last }]);
        self.add(planted, true, "planted-chain", "assumes a role that writes policies", &step);
        let name = "planted-user";
        let chain = self.arn("role/planted-chain");
        let user = json!({
            "Path": "/", "UserName": name, "UserId": self.dice.id("AIDA"), "Arn": self.arn(&format!("user/{name}")),
            "CreateDate": self.dice.date(300), "GroupList": [], "AttachedManagedPolicies": [],
            "UserPolicyList": [{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": chain },
            ] } }],
            "Tags": [],
        });
        planted.users.push(user);
        planted
            .told
            .push(format!("path user/{name}: assumes a role that assumes a role that writes policies"));
    }
}
