//! Policies that stand twice: AWS's provider also shows them in the resource that they are attached to.
//!
//! The policy of an `aws_s3_bucket_policy` is read back as `policy` of its `aws_s3_bucket` as well. When a plan changes
//! the one, the other still shows the old document on both sides, which would belie the change.

use super::{Resource, text};
use base::json::JsonNode;
use std::collections::HashSet;

/// The resources that set a policy, with those that show it.
const SET_BY: &[(&str, &str)] = &[
    ("aws_s3_bucket_policy", "aws_s3_bucket"),
    ("aws_s3control_access_point_policy", "aws_s3_access_point"),
    ("aws_sqs_queue_policy", "aws_sqs_queue"),
    ("aws_sns_topic_policy", "aws_sns_topic"),
    ("aws_kms_key_policy", "aws_kms_key"),
    ("aws_secretsmanager_secret_policy", "aws_secretsmanager_secret"),
    ("aws_vpc_endpoint_policy", "aws_vpc_endpoint"),
    ("aws_elasticsearch_domain_policy", "aws_elasticsearch_domain"),
    ("aws_opensearch_domain_policy", "aws_opensearch_domain"),
    ("aws_api_gateway_rest_api_policy", "aws_api_gateway_rest_api"),
    ("aws_iam_role_policy", "aws_iam_role"),
];

/// What the resources that show policies are called by those that set them.
const IDS: [&str; 6] = ["id", "arn", "url", "bucket", "key_id", "domain_name"];

/// Policies that may be shadows, until everything is read.
#[derive(Debug, Default)]
pub(super) struct Shadows<'a> {
    /// The types of resources that show policies, with everything that those that set them are told.
    set: HashSet<(&'a str, &'a str)>,
    /// Policies that the configuration does not set where they stand: their number, the type and its ids.
    shown: Vec<(usize, &'a str, Vec<String>)>,
}

impl<'a> Shadows<'a> {
    /// Notes what a resource sets the policy of.
    pub(super) fn set_by(&mut self, resource: &Resource<'a>) {
        let Some((_, shown_by)) = SET_BY.iter().find(|(kind, _)| *kind == resource.kind) else { return };
        let members = resource.values.as_object().unwrap_or_default().iter();
        let ids = members.filter(|member| !member.key.starts_with("policy"));
        self.set.extend(ids.filter_map(|member| Some((*shown_by, member.value.as_str()?))));
    }

    /// Notes that a resource shows a policy, which is the one of this number; an inline one with its name.
    pub(super) fn shown_by(&mut self, resource: &Resource<'a>, number: usize, inline: Option<&JsonNode>) {
        let name = inline.and_then(|inline| text(inline, "name"));
        let ids = IDS.iter().filter_map(|key| text(resource.values, key));
        let ids = ids.map(|id| match name {
            Some(name) => format!("{id}:{name}"),
            None => id.to_owned(),
        });
        self.shown.push((number, resource.kind, ids.collect()));
    }

    /// The numbers of the policies that another resource sets.
    pub(super) fn into_numbers(self) -> HashSet<usize> {
        let Self { set, shown } = self;
        let is_set = |(_, kind, ids): &(usize, &'a str, Vec<String>)| {
            ids.iter().any(|id| set.contains(&(*kind, id.as_str())))
        };
        shown.iter().filter(|shown| is_set(shown)).map(|(number, ..)| *number).collect()
    }
}
