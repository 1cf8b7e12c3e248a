//! The attributes of AWS's provider that hold policies, as of its version 5.
//!
//! The schema of the provider lists more attributes with `policy` in their name: those are rules of lifecycles,
//! retries, routes and firewalls, policies of IoT and OpenSearch Serverless in languages of their own, and Cedar.

use super::super::holder::{Holder, endpoint, identity, resource, session, trust};

/// A permission of Lambda is told by its parts.
pub(super) const PERMISSION: &str = "aws_lambda_permission";

/// The parts of [`PERMISSION`] without which it would allow more.
pub(super) const PERMISSION_PARTS: &[&str] = &[
    "action",
    "function_name",
    "qualifier",
    "principal",
    "principal_org_id",
    "source_account",
    "source_arn",
    "event_source_token",
    "function_url_auth_type",
    "invoked_via_function_url",
];

/// Every attribute with a document.
pub(super) const ATTRIBUTES: &[Holder] = &[
    identity("aws_iam_policy", "policy"),
    trust("aws_iam_role", "assume_role_policy"),
    identity("aws_iam_role", "inline_policy[].policy"),
    identity("aws_iam_role_policy", "policy"),
    identity("aws_iam_user_policy", "policy"),
    identity("aws_iam_group_policy", "policy"),
    identity("aws_ssoadmin_permission_set_inline_policy", "inline_policy"),
    session("aws_transfer_user", "policy"),
    session("aws_transfer_access", "policy"),
    session("aws_rolesanywhere_profile", "session_policy"),
    // Its type says which of the organization's policies it is.
    identity("aws_organizations_policy", "content"),
    resource("aws_organizations_resource_policy", "content", "AWS::Organizations::ResourcePolicy"),
    endpoint("aws_vpc_endpoint", "policy"),
    endpoint("aws_vpc_endpoint_policy", "policy"),
    resource("aws_s3_bucket", "policy", "AWS::S3::Bucket"),
    resource("aws_s3_bucket_policy", "policy", "AWS::S3::Bucket"),
    resource("aws_s3_access_point", "policy", "AWS::S3::AccessPoint"),
    resource("aws_s3control_access_point_policy", "policy", "AWS::S3::AccessPoint"),
    resource(
        "aws_s3control_multi_region_access_point_policy",
        "details[].policy",
        "AWS::S3::MultiRegionAccessPoint",
    ),
    resource("aws_s3control_object_lambda_access_point_policy", "policy", "AWS::S3ObjectLambda::AccessPoint"),
    resource("aws_s3control_bucket_policy", "policy", "AWS::S3Outposts::Bucket"),
    resource(
        "aws_s3control_access_grants_instance_resource_policy",
        "policy",
        "AWS::S3::AccessGrantsInstance",
    ),
    resource("aws_s3tables_table_bucket_policy", "resource_policy", "AWS::S3Tables::TableBucket"),
    resource("aws_s3tables_table_policy", "resource_policy", "AWS::S3Tables::Table"),
    resource("aws_sqs_queue", "policy", "AWS::SQS::Queue"),
    resource("aws_sqs_queue_policy", "policy", "AWS::SQS::Queue"),
    resource("aws_sns_topic", "policy", "AWS::SNS::Topic"),
    resource("aws_sns_topic_policy", "policy", "AWS::SNS::Topic"),
    resource("aws_kms_key", "policy", "AWS::KMS::Key"),
    resource("aws_kms_key_policy", "policy", "AWS::KMS::Key"),
    resource("aws_kms_external_key", "policy", "AWS::KMS::Key"),
    resource("aws_kms_replica_key", "policy", "AWS::KMS::Key"),
    resource("aws_kms_replica_external_key", "policy", "AWS::KMS::Key"),
    resource("aws_secretsmanager_secret", "policy", "AWS::SecretsManager::Secret"),
    resource("aws_secretsmanager_secret_policy", "policy", "AWS::SecretsManager::Secret"),
    resource("aws_dynamodb_resource_policy", "policy", "AWS::DynamoDB::Table"),
    resource("aws_kinesis_resource_policy", "policy", "AWS::Kinesis::Stream"),
    resource("aws_lambda_layer_version_permission", "policy", "AWS::Lambda::LayerVersion"),
    resource("aws_ecr_repository_policy", "policy", "AWS::ECR::Repository"),
    resource("aws_ecr_registry_policy", "policy", "AWS::ECR::Registry"),
    resource("aws_ecr_repository_creation_template", "repository_policy", "AWS::ECR::Repository"),
    resource("aws_ecrpublic_repository_policy", "policy", "AWS::ECR::PublicRepository"),
    resource("aws_efs_file_system_policy", "policy", "AWS::EFS::FileSystem"),
    resource("aws_glacier_vault", "access_policy", "AWS::Glacier::Vault"),
    resource("aws_glacier_vault_lock", "policy", "AWS::Glacier::Vault"),
    resource("aws_backup_vault_policy", "policy", "AWS::Backup::BackupVault"),
    resource("aws_elasticsearch_domain", "access_policies", "AWS::Elasticsearch::Domain"),
    resource("aws_elasticsearch_domain_policy", "access_policies", "AWS::Elasticsearch::Domain"),
    resource("aws_opensearch_domain", "access_policies", "AWS::OpenSearchService::Domain"),
    resource("aws_opensearch_domain_policy", "access_policies", "AWS::OpenSearchService::Domain"),
    resource("aws_cloudsearch_domain_service_access_policy", "access_policy", "AWS::CloudSearch::Domain"),
    resource("aws_cloudwatch_event_bus_policy", "policy", "AWS::Events::EventBus"),
    resource("aws_cloudwatch_log_resource_policy", "policy_document", "AWS::Logs::LogGroup"),
    resource("aws_cloudwatch_log_destination_policy", "access_policy", "AWS::Logs::Destination"),
    resource(
        "aws_cloudwatch_log_delivery_destination_policy",
        "delivery_destination_policy",
        "AWS::Logs::DeliveryDestination",
    ),
    resource("aws_api_gateway_rest_api", "policy", "AWS::ApiGateway::RestApi"),
    resource("aws_api_gateway_rest_api_policy", "policy", "AWS::ApiGateway::RestApi"),
    resource("aws_api_gateway_domain_name", "policy", "AWS::ApiGateway::DomainNameV2"),
    resource("aws_codeartifact_domain_permissions_policy", "policy_document", "AWS::CodeArtifact::Domain"),
    resource(
        "aws_codeartifact_repository_permissions_policy",
        "policy_document",
        "AWS::CodeArtifact::Repository",
    ),
    resource("aws_codebuild_resource_policy", "policy", "AWS::CodeBuild::Project"),
    resource("aws_media_store_container_policy", "policy", "AWS::MediaStore::Container"),
    resource("aws_acmpca_policy", "policy", "AWS::ACMPCA::CertificateAuthority"),
    resource("aws_acmpca_permission", "policy", "AWS::ACMPCA::CertificateAuthority"),
    resource("aws_glue_resource_policy", "policy", "AWS::Glue::DataCatalog"),
    resource("aws_msk_cluster_policy", "policy", "AWS::MSK::Cluster"),
    resource("aws_networkfirewall_resource_policy", "policy", "AWS::NetworkFirewall::FirewallPolicy"),
    resource("aws_oam_sink_policy", "policy", "AWS::Oam::Sink"),
    resource("aws_redshift_resource_policy", "policy", "AWS::Redshift::Cluster"),
    resource("aws_redshiftserverless_resource_policy", "policy", "AWS::RedshiftServerless::Namespace"),
    resource(
        "aws_sagemaker_model_package_group_policy",
        "resource_policy",
        "AWS::SageMaker::ModelPackageGroup",
    ),
    resource("aws_schemas_registry_policy", "policy", "AWS::EventSchemas::Registry"),
    resource("aws_ses_identity_policy", "policy", "AWS::SES::EmailIdentity"),
    resource("aws_sesv2_email_identity_policy", "policy", "AWS::SES::EmailIdentity"),
    resource("aws_vpclattice_auth_policy", "policy", "AWS::VpcLattice::Service"),
    resource("aws_vpclattice_resource_policy", "policy", "AWS::VpcLattice::ServiceNetwork"),
    resource("aws_xray_resource_policy", "policy_document", "AWS::XRay::ResourcePolicy"),
];

/// Whether AWS chooses the value of an attribute that is left out, and what then is allowed, if anything.
#[expect(
    clippy::option_option,
    reason = "whether there is a default, and what is to be said of it, are two things"
)]
pub(super) fn aws_default(resource: &str, path: &str) -> Option<Option<&'static str>> {
    match resource {
        "aws_iam_role" if path.starts_with("inline_policy") => Some(None),
        _ if path != "policy" && path != "access_policies" => None,
        "aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key" | "aws_kms_replica_external_key" => {
            Some(Some("the account's own policies decide who uses the key"))
        }
        "aws_vpc_endpoint" | "aws_vpc_endpoint_policy" => {
            Some(Some("everything may be done through the endpoint"))
        }
        "aws_sns_topic" => Some(Some("the topic's account may use it")),
        "aws_s3_bucket"
        | "aws_s3_access_point"
        | "aws_sqs_queue"
        | "aws_secretsmanager_secret"
        | "aws_api_gateway_rest_api"
        | "aws_elasticsearch_domain"
        | "aws_opensearch_domain" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::DocumentKind;
    use std::collections::HashSet;

    #[test]
    fn attributes_stand_once() {
        let mut seen = HashSet::new();
        for holder in ATTRIBUTES {
            assert!(seen.insert((holder.resource, holder.path)), "{holder:?}");
            let what = holder.what();
            assert!(holder.resource.starts_with("aws_"));
            assert_eq!(
                what.resource_type.is_some(),
                matches!(what.kind, DocumentKind::Resource | DocumentKind::Trust | DocumentKind::Endpoint),
                "{holder:?}"
            );
        }
    }
}
