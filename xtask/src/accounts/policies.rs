//! Customer managed policies, and the AWS managed ones that the accounts use.

use super::Maker;
use serde_json::{Value, json};

const SERVICES: [&str; 14] = [
    "s3",
    "sqs",
    "sns",
    "kms",
    "dynamodb",
    "secretsmanager",
    "ecr",
    "logs",
    "ec2",
    "lambda",
    "rds",
    "ssm",
    "states",
    "cloudwatch",
];
const ACTIONS: [(&str, &[&str]); 14] = [
    ("s3", &["GetObject", "PutObject", "ListBucket", "DeleteObject", "GetBucketPolicy", "Get*", "List*"]),
    ("sqs", &["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]),
    ("sns", &["Publish", "Subscribe", "ListTopics"]),
    ("kms", &["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey"]),
    ("dynamodb", &["GetItem", "PutItem", "Query", "UpdateItem", "BatchGetItem", "Scan"]),
    ("secretsmanager", &["GetSecretValue", "DescribeSecret", "ListSecrets"]),
    ("ecr", &["GetAuthorizationToken", "BatchGetImage", "GetDownloadUrlForLayer", "PutImage"]),
    ("logs", &["CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogGroups"]),
    ("ec2", &["DescribeInstances", "StartInstances", "StopInstances", "CreateTags", "Describe*"]),
    ("lambda", &["InvokeFunction", "GetFunction", "ListFunctions"]),
    ("rds", &["DescribeDBInstances", "CreateDBSnapshot", "ListTagsForResource"]),
    ("ssm", &["GetParameter", "GetParameters", "GetParametersByPath", "DescribeParameters"]),
    ("states", &["StartExecution", "DescribeExecution", "ListExecutions"]),
    ("cloudwatch", &["PutMetricData", "GetMetricData", "ListMetrics"]),
];
const TEAMS: [&str; 8] = ["payments", "search", "mobile", "risk", "platform", "growth", "data", "ops"];
const APPS: [&str; 10] = [
    "ledger", "catalog", "frontend", "loader", "webhook", "archiver", "metrics", "ingest", "quote",
    "notifier",
];

/// AWS managed policies, each with the statements that its name promises.
const AWS: [(&str, &str, &str); 6] = [
    ("AdministratorAccess", "/", r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#),
    (
        "AWSLambdaBasicExecutionRole",
        "/service-role/",
        r#"[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]"#,
    ),
    (
        "AmazonS3ReadOnlyAccess",
        "/",
        r#"[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]"#,
    ),
    ("AmazonSQSFullAccess", "/", r#"[{"Action":["sqs:*"],"Effect":"Allow","Resource":"*"}]"#),
    (
        "AmazonDynamoDBReadOnlyAccess",
        "/",
        r#"[{"Effect":"Allow","Action":["dynamodb:Get*","dynamodb:List*","dynamodb:Query","dynamodb:Scan"],"Resource":"*"}]"#,
    ),
    (
        "CloudWatchReadOnlyAccess",
        "/",
        r#"[{"Effect":"Allow","Action":["cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*","logs:Get*","logs:Describe*"],"Resource":"*"}]"#,
    ),
];

/// The managed policies of an account.
pub struct Policies {
    /// As `get-account-authorization-details` lists them.
    pub documents: Vec<Value>,
    /// Names and ARNs of customer managed ones.
    pub own: Vec<(String, String)>,
    /// Those of AWS, the administrator's first.
    pub aws: Vec<(String, String)>,
    /// Boundaries.
    pub boundaries: Vec<String>,
}

impl Maker {
    pub(super) fn policies(&mut self) -> Policies {
        let mut all =
            Policies { documents: Vec::new(), own: Vec::new(), aws: Vec::new(), boundaries: Vec::new() };
        for (name, path, statements) in AWS {
            let arn = format!("arn:aws:iam::aws:policy{path}{name}");
            let statements: Value = serde_json::from_str(statements).unwrap_or_default();
            all.documents.push(self.managed(name, &arn, path, &statements));
            all.aws.push((name.to_owned(), arn));
        }
        for number in 0..self.roles / 12 {
            let name = format!("{}-{}-{number}", self.team(), self.app());
            let arn = self.arn(&format!("policy/{name}"));
            let statements: Vec<Value> = (0..1 + self.dice.roll(5)).map(|_| self.statement()).collect();
            all.documents.push(self.managed(&name, &arn, "/", &json!(statements)));
            all.own.push((name, arn));
        }
        for (name, actions) in [
            ("workload-boundary", vec!["s3:*", "sqs:*", "sns:*", "dynamodb:*", "logs:*", "kms:*"]),
            ("logs-boundary", vec!["logs:*"]),
        ] {
            let arn = self.arn(&format!("policy/{name}"));
            let statements = json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }]);
            all.documents.push(self.managed(name, &arn, "/", &statements));
            all.boundaries.push(arn);
        }
        all
    }

    pub(super) fn managed(&mut self, name: &str, arn: &str, path: &str, statements: &Value) -> Value {
        let made = self.dice.date(2_000);
        json!({
            "PolicyName": name, "PolicyId": self.dice.id("ANPA"), "Arn": arn, "Path": path, "DefaultVersionId": "v1",
            "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
            "CreateDate": made, "UpdateDate": made,
            "PolicyVersionList": [{
                "Document": { "Version": "2012-10-17", "Statement": statements },
                "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": made,
            }],
        })
    }

    pub(super) fn team(&mut self) -> &'static str {
        self.dice.pick(&TEAMS)
    }

    pub(super) fn app(&mut self) -> &'static str {
        self.dice.pick(&APPS)
    }

    pub(super) fn statement(&mut self) -> Value {
        let service = self.dice.pick(&SERVICES);
        let names =
            ACTIONS.iter().find(|(name, _)| *name == service).map_or(&["List*"][..], |(_, names)| names);
        let mut actions: Vec<String> =
            (0..1 + self.dice.roll(4)).map(|_| format!("{service}:{}", self.dice.pick(names))).collect();
        if self.dice.percent(2) {
            actions = vec![format!("{service}:*")];
        }
        actions.sort();
        actions.dedup();
        let resource = if self.dice.percent(20) { "*".to_owned() } else { self.resource(service) };
        let effect = if self.dice.percent(6) { "Deny" } else { "Allow" };
        let mut statement = json!({ "Effect": effect, "Action": actions, "Resource": resource });
        if let (Value::Object(members), true) = (&mut statement, self.dice.percent(18)) {
            let condition = match self.dice.roll(4) {
                0 => json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
                1 => json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
                2 => json!({ "StringEquals": { "aws:PrincipalOrgID": super::ORGANIZATION } }),
                _ => json!({ "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } }),
            };
            members.insert("Condition".to_owned(), condition);
        }
        statement
    }

    fn resource(&mut self, service: &str) -> String {
        let (team, app, account) = (self.team(), self.app(), self.id.clone());
        match service {
            "s3" => format!("arn:aws:s3:::{team}-{app}/*"),
            "kms" => format!("arn:aws:kms:eu-central-1:{account}:key/*"),
            "dynamodb" => format!("arn:aws:dynamodb:eu-central-1:{account}:table/{team}-{app}"),
            "secretsmanager" => {
                format!("arn:aws:secretsmanager:eu-central-1:{account}:secret:{team}/{app}-??????")
            }
            "logs" => format!("arn:aws:logs:eu-central-1:{account}:log-group:/{team}/{app}:*"),
            "lambda" => format!("arn:aws:lambda:eu-central-1:{account}:function:{team}-{app}*"),
            "ssm" => format!("arn:aws:ssm:eu-central-1:{account}:parameter/{team}/*"),
            "ec2" | "cloudwatch" | "rds" | "ecr" | "states" => "*".to_owned(),
            other => format!("arn:aws:{other}:eu-central-1:{account}:{team}-{app}"),
        }
    }
}
