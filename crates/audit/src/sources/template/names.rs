//! What CloudFormation will call resources: names and ARNs that stand for those it makes up.

use super::ACCOUNT;

/// The partition, region and stack that a template is taken to go to.
pub(super) const PARTITION: &str = "aws";
pub(super) const REGION: &str = "us-east-1";
pub(super) const STACK: &str = "stack";

/// How resources of a type are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming {
    kind: &'static str,
    /// The property that names the resource, if it has one.
    pub(super) name: &'static str,
    /// The ARN: `{}` is the name, `{path}` the path of an IAM entity, `//` the region and account.
    arn: &'static str,
    reference: Reference,
}

/// What `Ref` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reference {
    Name,
    Arn,
    QueueUrl,
}

const fn by_name(kind: &'static str, name: &'static str, arn: &'static str) -> Naming {
    Naming { kind, name, arn, reference: Reference::Name }
}

const fn by_arn(kind: &'static str, name: &'static str, arn: &'static str) -> Naming {
    Naming { kind, name, arn, reference: Reference::Arn }
}

/// The types whose ARNs stand in policies mostly; what `Ref` and `Fn::GetAtt` answer is told by their pages, from
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html> on.
const NAMINGS: &[Naming] = &[
    by_name("AWS::S3::Bucket", "BucketName", "s3:::{}"),
    by_name("AWS::S3::AccessPoint", "Name", "s3//accesspoint/{}"),
    by_name("AWS::IAM::Role", "RoleName", "iam::@:role{path}{}"),
    by_name("AWS::IAM::User", "UserName", "iam::@:user{path}{}"),
    by_name("AWS::IAM::Group", "GroupName", "iam::@:group{path}{}"),
    by_name("AWS::IAM::InstanceProfile", "InstanceProfileName", "iam::@:instance-profile{path}{}"),
    by_arn("AWS::IAM::ManagedPolicy", "ManagedPolicyName", "iam::@:policy{path}{}"),
    by_arn("AWS::IAM::OIDCProvider", "", "iam::@:oidc-provider/{}"),
    by_arn("AWS::IAM::SAMLProvider", "Name", "iam::@:saml-provider/{}"),
    Naming { kind: "AWS::SQS::Queue", name: "QueueName", arn: "sqs//{}", reference: Reference::QueueUrl },
    by_arn("AWS::SNS::Topic", "TopicName", "sns//{}"),
    by_name("AWS::KMS::Key", "", "kms//key/{}"),
    by_name("AWS::KMS::ReplicaKey", "", "kms//key/{}"),
    by_name("AWS::KMS::Alias", "AliasName", "kms//{}"),
    by_arn("AWS::SecretsManager::Secret", "Name", "secretsmanager//secret:{}-a1b2c3"),
    by_name("AWS::SSM::Parameter", "Name", "ssm//parameter/{}"),
    by_name("AWS::Lambda::Function", "FunctionName", "lambda//function:{}"),
    by_name("AWS::Serverless::Function", "FunctionName", "lambda//function:{}"),
    by_arn("AWS::Lambda::Alias", "Name", "lambda//function:{}"),
    by_arn("AWS::Lambda::Version", "", "lambda//function:{}:1"),
    by_arn("AWS::Lambda::LayerVersion", "LayerName", "lambda//layer:{}:1"),
    by_name("AWS::DynamoDB::Table", "TableName", "dynamodb//table/{}"),
    by_name("AWS::DynamoDB::GlobalTable", "TableName", "dynamodb//table/{}"),
    by_name("AWS::Serverless::SimpleTable", "TableName", "dynamodb//table/{}"),
    by_name("AWS::Kinesis::Stream", "Name", "kinesis//stream/{}"),
    by_name("AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName", "firehose//deliverystream/{}"),
    by_name("AWS::ECR::Repository", "RepositoryName", "ecr//repository/{}"),
    by_name("AWS::ECS::Cluster", "ClusterName", "ecs//cluster/{}"),
    by_arn("AWS::ECS::Service", "ServiceName", "ecs//service/{}"),
    by_arn("AWS::ECS::TaskDefinition", "Family", "ecs//task-definition/{}:1"),
    by_name("AWS::EKS::Cluster", "Name", "eks//cluster/{}"),
    by_name("AWS::EFS::FileSystem", "", "elasticfilesystem//file-system/{}"),
    by_name("AWS::EFS::AccessPoint", "", "elasticfilesystem//access-point/{}"),
    by_name("AWS::EC2::VPC", "", "ec2//vpc/{}"),
    by_name("AWS::EC2::VPCEndpoint", "", "ec2//vpc-endpoint/{}"),
    by_name("AWS::EC2::Instance", "", "ec2//instance/{}"),
    by_name("AWS::EC2::SecurityGroup", "", "ec2//security-group/{}"),
    by_name("AWS::EC2::Subnet", "", "ec2//subnet/{}"),
    by_name("AWS::OpenSearchService::Domain", "DomainName", "es//domain/{}"),
    by_name("AWS::Elasticsearch::Domain", "DomainName", "es//domain/{}"),
    by_name("AWS::Logs::LogGroup", "LogGroupName", "logs//log-group:{}:*"),
    by_name("AWS::Events::Rule", "Name", "events//rule/{}"),
    by_name("AWS::Events::EventBus", "Name", "events//event-bus/{}"),
    by_arn("AWS::StepFunctions::StateMachine", "StateMachineName", "states//stateMachine:{}"),
    by_arn("AWS::Serverless::StateMachine", "Name", "states//stateMachine:{}"),
    by_name("AWS::CodeBuild::Project", "Name", "codebuild//project/{}"),
    by_name("AWS::CodePipeline::Pipeline", "Name", "codepipeline//{}"),
    by_name("AWS::CodeCommit::Repository", "RepositoryName", "codecommit//{}"),
    by_name("AWS::CloudFront::Distribution", "", "cloudfront::@:distribution/{}"),
    by_name("AWS::RDS::DBInstance", "DBInstanceIdentifier", "rds//db:{}"),
    by_name("AWS::RDS::DBCluster", "DBClusterIdentifier", "rds//cluster:{}"),
    by_name("AWS::Cognito::UserPool", "", "cognito-idp//userpool/{}"),
    by_name("AWS::Cognito::IdentityPool", "", "cognito-identity//identitypool/{}"),
    by_name("AWS::Backup::BackupVault", "BackupVaultName", "backup//backup-vault:{}"),
    by_arn("AWS::CertificateManager::Certificate", "", "acm//certificate/{}"),
    by_arn("AWS::MSK::Cluster", "ClusterName", "kafka//cluster/{}"),
    by_name("AWS::CloudTrail::Trail", "TrailName", "cloudtrail//trail/{}"),
    by_name("AWS::ApiGateway::RestApi", "", "apigateway:&::/restapis/{}"),
    by_name("AWS::Serverless::Api", "", "apigateway:&::/restapis/{}"),
    by_name("AWS::CodeArtifact::Domain", "DomainName", "codeartifact//domain/{}"),
    by_arn(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Name",
        "elasticloadbalancing//loadbalancer/app/{}/1",
    ),
    by_name("AWS::CodeDeploy::Application", "ApplicationName", "codedeploy//application:{}"),
    by_name("AWS::Glue::Database", "", "glue//database/{}"),
];

impl Naming {
    /// How resources of a type are called, if it is known.
    pub(super) fn of(kind: &str) -> Option<&'static Self> {
        NAMINGS.iter().find(|naming| naming.kind == kind)
    }

    /// The ARN of a resource of this name.
    pub(super) fn arn(&self, name: &str, path: &str) -> String {
        let home = format!(":{REGION}:{ACCOUNT}:");
        // Parameters are named with a slash that the ARN does not double.
        let name = if self.kind == "AWS::SSM::Parameter" { name.trim_start_matches('/') } else { name };
        let arn = self.arn.replacen("//", &home, 1).replace('@', ACCOUNT).replace('&', REGION);
        format!("arn:{PARTITION}:{}", arn.replace("{path}", path).replace("{}", name))
    }

    /// What `Ref` answers for a resource of this name.
    pub(super) fn reference(&self, name: &str, path: &str) -> String {
        match self.reference {
            Reference::Name => name.to_owned(),
            Reference::Arn => self.arn(name, path),
            Reference::QueueUrl => format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"),
        }
    }
}

/// An id of a resource whose type has no names, in the form of its ids.
pub(super) fn id(kind: &str, logical: &str) -> Option<String> {
    let hash = hash(logical);
    Some(match kind {
        "AWS::EC2::VPC" => format!("vpc-{hash:017x}"),
        "AWS::EC2::VPCEndpoint" => format!("vpce-{hash:017x}"),
        "AWS::EC2::Instance" => format!("i-{hash:017x}"),
        "AWS::EC2::SecurityGroup" => format!("sg-{hash:017x}"),
        "AWS::EC2::Subnet" => format!("subnet-{hash:017x}"),
        "AWS::EFS::FileSystem" => format!("fs-{hash:017x}"),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => uuid(hash),
        "AWS::Cognito::UserPool" => format!("{REGION}_{hash:09X}"),
        "AWS::Cognito::IdentityPool" => format!("{REGION}:{}", uuid(hash)),
        _ => return None,
    })
}

/// What stands for a value that nobody tells, in the form that its name or its type lets expect.
pub(super) fn stand_in(what: &str, name: &str, kind: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let label: String = format!("{what}-{name}").chars().take(64).map(plain).collect();
    let words = name.to_ascii_lowercase();
    let is = |word: &str| words.contains(word);
    let resource = kind.strip_suffix("::Id").or_else(|| kind.strip_prefix("List<")?.strip_suffix("::Id>"));
    if let Some(id) = resource.and_then(|resource| id(resource, name)) {
        return id;
    }
    match () {
        () if words.ends_with("arn") || words.ends_with("arns") => arn_stand_in(&words, &label),
        () if is("account") => format!("{:012}", hash(name) % 900_000_000_000 + 100_000_000_000),
        () if is("orgid") || is("organizationid") => format!("o-{:010x}", hash(name) & 0xff_ffff_ffff),
        () if is("vpcendpoint") || is("vpce") => format!("vpce-{:017x}", hash(name)),
        () if is("vpcid") => format!("vpc-{:017x}", hash(name)),
        () if is("bucket") => label.to_ascii_lowercase(),
        () => label,
    }
}

fn arn_stand_in(words: &str, label: &str) -> String {
    const FORMS: [(&str, &str); 12] = [
        ("role", "AWS::IAM::Role"),
        ("user", "AWS::IAM::User"),
        ("policy", "AWS::IAM::ManagedPolicy"),
        ("boundary", "AWS::IAM::ManagedPolicy"),
        ("bucket", "AWS::S3::Bucket"),
        ("topic", "AWS::SNS::Topic"),
        ("queue", "AWS::SQS::Queue"),
        ("secret", "AWS::SecretsManager::Secret"),
        ("key", "AWS::KMS::Key"),
        ("table", "AWS::DynamoDB::Table"),
        ("stream", "AWS::Kinesis::Stream"),
        ("function", "AWS::Lambda::Function"),
    ];
    let form = FORMS.iter().find(|(word, _)| words.contains(word)).and_then(|(_, kind)| Naming::of(kind));
    match form {
        Some(naming) if naming.kind == "AWS::S3::Bucket" => naming.arn(&label.to_ascii_lowercase(), "/"),
        Some(naming) => naming.arn(label, "/"),
        None => made_up_arn("AWS::Unknown::Resource", label),
    }
}

/// FNV-1a: the same for the same name, wherever it stands.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn uuid(hash: u64) -> String {
    let digits = format!("{hash:016x}{:016x}", hash.rotate_left(32) ^ 0x5bd1_e995_5bd1_e995);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// Whether an attribute of a resource is its ARN.
pub(super) fn is_arn(attribute: &str) -> bool {
    matches!(
        attribute,
        "Arn"
            | "ARN"
            | "TopicArn"
            | "DomainArn"
            | "BackupVaultArn"
            | "FunctionArn"
            | "ClusterArn"
            | "PolicyArn"
            | "KeyArn"
            | "RoleArn"
    )
}

/// Whether an attribute of a resource is its name or id.
pub(super) fn is_name(attribute: &str) -> bool {
    matches!(
        attribute,
        "Name" | "QueueName" | "TopicName" | "RoleName" | "Id" | "KeyId" | "VpcId" | "GroupId"
    )
}

/// An ARN of a type whose ARNs are not known here.
pub(super) fn made_up_arn(kind: &str, name: &str) -> String {
    let mut parts = kind.split("::");
    let service = parts.nth(1).unwrap_or("unknown").to_ascii_lowercase();
    let resource = parts.next().unwrap_or("resource").to_ascii_lowercase();
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_arns() {
        let arn = |kind: &str, name: &str| Naming::of(kind).unwrap().arn(name, "/ci/");
        for (kind, expected) in [
            ("AWS::S3::Bucket", "arn:aws:s3:::x"),
            ("AWS::IAM::Role", "arn:aws:iam::111122223333:role/ci/x"),
            ("AWS::SQS::Queue", "arn:aws:sqs:us-east-1:111122223333:x"),
            ("AWS::ApiGateway::RestApi", "arn:aws:apigateway:us-east-1::/restapis/x"),
            ("AWS::Logs::LogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:x:*"),
        ] {
            assert_eq!(arn(kind, "x"), expected);
        }
        assert_eq!(
            Naming::of("AWS::SQS::Queue").unwrap().reference("x", "/"),
            "https://sqs.us-east-1.amazonaws.com/111122223333/x"
        );
        for naming in NAMINGS {
            let arn = naming.arn("name", "/");
            assert!(base::ArnRef::parse(&arn).is_some(), "{arn}");
            assert!(!arn.contains(['@', '&', '{']) && arn.contains("name"), "{arn}");
        }
        assert_eq!(made_up_arn("AWS::Foo::Bar", "x"), "arn:aws:foo:us-east-1:111122223333:bar/x");
    }

    #[test]
    fn what_stands_for_something_looks_like_it() {
        for (name, kind, form) in [
            ("Name", "String", "parameter-Name"),
            ("LogBucket", "String", "parameter-logbucket"),
            ("DeployRoleArn", "String", "arn:aws:iam::111122223333:role/parameter-DeployRoleArn"),
            ("SourceArn", "String", "arn:aws:unknown:us-east-1:111122223333:resource/parameter-SourceArn"),
        ] {
            assert_eq!(stand_in("parameter", name, kind), form);
        }
        let account = stand_in("parameter", "AuditAccount", "String");
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
        assert_ne!(account, stand_in("parameter", "LogAccount", "String"));
        for (kind, prefix) in [("AWS::EC2::VPC::Id", "vpc-"), ("List<AWS::EC2::Subnet::Id>", "subnet-")] {
            let id = stand_in("parameter", "X", kind);
            assert!(id.starts_with(prefix) && id.len() == prefix.len() + 17, "{id}");
        }
        let key = id("AWS::KMS::Key", "Key").unwrap();
        assert_eq!(key.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
