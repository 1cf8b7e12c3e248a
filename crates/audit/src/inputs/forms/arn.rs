//! What ARNs tell: accounts, types, and that a string is one.

use crate::import::percent_decode;
use base::{AccountId, ArnRef};

/// The account in an ARN, if it names one.
pub(in crate::inputs) fn account_of(arn: &str) -> Option<AccountId> {
    AccountId::parse(ArnRef::parse(arn)?.account).ok()
}

/// Whether this is the ARN of a role.
pub(in crate::inputs) fn is_role(text: &str) -> bool {
    ArnRef::parse(text).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"))
}

/// Whether this is the ARN of an instance profile.
pub(in crate::inputs) fn is_instance_profile(text: &str) -> bool {
    ArnRef::parse(text)
        .is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("instance-profile/"))
}

/// The file's name without folders and endings, its escapes decoded.
pub(in crate::inputs) fn stem(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let name = name.strip_suffix(".json").or_else(|| name.strip_suffix(".txt")).unwrap_or(name);
    percent_decode(name).unwrap_or_else(|| name.to_owned())
}

/// The ARN that a file is named by: `arn%3Aaws%3Akms…`, or with `:` where the system allows it.
pub(in crate::inputs) fn arn_in_name(file: &str) -> Option<String> {
    let stem = stem(file);
    ArnRef::parse(&stem).is_some().then_some(stem)
}

/// The type of what an ARN names, as CloudFormation names it.
pub(in crate::inputs) fn kind_of(arn: &str) -> String {
    let Some(parts) = ArnRef::parse(arn) else { return "unknown".to_owned() };
    let kind = parts.resource.split([':', '/']).next().unwrap_or_default();
    let known = KINDS.iter().find(|(service, resource, _)| {
        *service == parts.service && (resource.is_empty() || *resource == kind)
    });
    match known {
        Some((_, _, name)) => (*name).to_owned(),
        None => format!("{}:{kind}", parts.service),
    }
}

/// Service, resource type (any if empty), name in CloudFormation.
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>.
const KINDS: [(&str, &str, &str); 40] = [
    ("s3", "accesspoint", "AWS::S3::AccessPoint"),
    ("s3", "", "AWS::S3::Bucket"),
    ("kms", "key", "AWS::KMS::Key"),
    ("sqs", "", "AWS::SQS::Queue"),
    ("sns", "", "AWS::SNS::Topic"),
    ("lambda", "function", "AWS::Lambda::Function"),
    ("lambda", "layer", "AWS::Lambda::LayerVersion"),
    ("secretsmanager", "secret", "AWS::SecretsManager::Secret"),
    ("ecr", "repository", "AWS::ECR::Repository"),
    ("elasticfilesystem", "file-system", "AWS::EFS::FileSystem"),
    ("backup", "backup-vault", "AWS::Backup::BackupVault"),
    ("dynamodb", "table", "AWS::DynamoDB::Table"),
    ("kinesis", "stream", "AWS::Kinesis::Stream"),
    ("events", "event-bus", "AWS::Events::EventBus"),
    ("logs", "log-group", "AWS::Logs::LogGroup"),
    ("es", "domain", "AWS::OpenSearchService::Domain"),
    ("codeartifact", "repository", "AWS::CodeArtifact::Repository"),
    ("codeartifact", "domain", "AWS::CodeArtifact::Domain"),
    ("acm-pca", "certificate-authority", "AWS::ACMPCA::CertificateAuthority"),
    ("ses", "identity", "AWS::SES::EmailIdentity"),
    ("execute-api", "", "AWS::ApiGateway::RestApi"),
    ("ec2", "instance", "AWS::EC2::Instance"),
    ("ec2", "launch-template", "AWS::EC2::LaunchTemplate"),
    ("ecs", "task-definition", "AWS::ECS::TaskDefinition"),
    ("ecs", "service", "AWS::ECS::Service"),
    ("codebuild", "project", "AWS::CodeBuild::Project"),
    ("codepipeline", "", "AWS::CodePipeline::Pipeline"),
    ("cloudformation", "stack", "AWS::CloudFormation::Stack"),
    ("states", "stateMachine", "AWS::StepFunctions::StateMachine"),
    ("sagemaker", "notebook-instance", "AWS::SageMaker::NotebookInstance"),
    ("sagemaker", "domain", "AWS::SageMaker::Domain"),
    ("glue", "job", "AWS::Glue::Job"),
    ("glue", "devEndpoint", "AWS::Glue::DevEndpoint"),
    ("eks", "podidentityassociation", "AWS::EKS::PodIdentityAssociation"),
    ("eks", "nodegroup", "AWS::EKS::Nodegroup"),
    ("eks", "cluster", "AWS::EKS::Cluster"),
    ("batch", "job-definition", "AWS::Batch::JobDefinition"),
    ("apprunner", "service", "AWS::AppRunner::Service"),
    ("airflow", "environment", "AWS::MWAA::Environment"),
    ("datapipeline", "", "AWS::DataPipeline::Pipeline"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_tell_types_and_names_tell_arns() {
        assert_eq!(kind_of("arn:aws:s3:::bucket"), "AWS::S3::Bucket");
        assert_eq!(kind_of("arn:aws:lambda:us-east-1:123456789012:function:f"), "AWS::Lambda::Function");
        assert_eq!(kind_of("arn:aws:new:us-east-1:123456789012:thing/f"), "new:thing");
        assert_eq!(
            arn_in_name("a/arn%3Aaws%3Akms%3Aus-east-1%3A123456789012%3Akey%2Fk.json.gz").unwrap(),
            "arn:aws:kms:us-east-1:123456789012:key/k"
        );
        assert_eq!(arn_in_name("a/key.json"), None);
    }
}
