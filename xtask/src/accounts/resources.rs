//! Policies of resources, and what runs as which role.

use super::Maker;
use serde_json::{Value, json};

impl Maker {
    pub(super) fn resource_policies(&mut self) -> Value {
        let mut all = Vec::new();
        let account = self.id.clone();
        for number in 0..60 {
            let (team, app) = (self.team(), self.app());
            let name = format!("{team}-{app}-{account}-{number}");
            let arn = format!("arn:aws:s3:::{name}");
            let principal = match number {
                0 | 1 => json!("*"),
                2..6 => {
                    json!({ "AWS": format!("arn:aws:iam::{:012}:root", 330_000_000_000_u64 + number * 1_000_003) })
                }
                _ => json!({ "AWS": self.arn("root") }),
            };
            let mut statement = json!({
                "Effect": "Allow", "Principal": principal, "Action": ["s3:GetObject"], "Resource": [format!("{arn}/*")],
            });
            if let (1, Value::Object(members)) = (number, &mut statement) {
                // Looks public and is not.
                members.insert(
                    "Condition".to_owned(),
                    json!({ "StringEquals": { "aws:PrincipalOrgID": super::ORGANIZATION } }),
                );
            }
            all.push(resource(&arn, "AWS::S3::Bucket", &statement));
        }
        for number in 0..20 {
            let arn = format!("arn:aws:sqs:eu-central-1:{account}:queue-{number}");
            let statement = json!({
                "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
                "Resource": arn, "Condition": { "StringEquals": { "aws:SourceAccount": account } },
            });
            all.push(resource(&arn, "AWS::SQS::Queue", &statement));
            let arn =
                format!("arn:aws:kms:eu-central-1:{account}:key/{number:08}-1111-2222-3333-444444444444");
            let statement = json!({
                "Effect": "Allow", "Principal": { "AWS": self.arn("root") }, "Action": "kms:*", "Resource": "*",
            });
            all.push(resource(&arn, "AWS::KMS::Key", &statement));
        }
        json!(all)
    }

    /// Functions, tasks and instances that run as the roles that such services may assume.
    pub(super) fn workloads(&mut self, roles: &[Value]) -> Value {
        let account = self.id.clone();
        let text =
            |role: &Value, name: &str| role.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let all = roles.iter().filter_map(|role| {
            let (name, arn) = (text(role, "RoleName"), text(role, "Arn"));
            let (kind, of) = if name.contains("-lambda-") || name.ends_with("-lambda") {
                ("AWS::Lambda::Function", format!("arn:aws:lambda:eu-central-1:{account}:function:{name}"))
            } else if name.contains("-ecs-") {
                (
                    "AWS::ECS::TaskDefinition",
                    format!("arn:aws:ecs:eu-central-1:{account}:task-definition/{name}:1"),
                )
            } else {
                return None;
            };
            Some(json!({ "Type": kind, "Arn": of, "Role": arn }))
        });
        json!(all.collect::<Vec<_>>())
    }
}

fn resource(arn: &str, kind: &str, statement: &Value) -> Value {
    json!({
        "ResourceArn": arn, "ResourceType": kind,
        "Policy": { "Version": "2012-10-17", "Statement": [statement] },
    })
}
