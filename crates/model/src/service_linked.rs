//! Service-linked roles: which service has which, and what it carries.
//!
//! The table is generated (`cargo xtask facts`). See
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>.

use std::collections::HashMap;
use std::sync::OnceLock;

static TABLE: &str = include_str!("service_linked.tsv");

/// The role of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLinkedRole {
    /// The service's principal: `ecs.amazonaws.com`.
    pub principal: &'static str,
    /// The role's name: `AWSServiceRoleForECS`.
    pub name: &'static str,
    /// Whether an account may have several, told apart by a suffix.
    pub takes_suffix: bool,
    /// The policies it carries, as the resource part of their ARNs.
    pub policies: Vec<String>,
}

/// The role of the service with this principal; principals are case-sensitive.
pub fn of(principal: &str) -> Option<&'static ServiceLinkedRole> {
    table().get(principal)
}

/// Every role, in no order.
pub fn all() -> impl Iterator<Item = &'static ServiceLinkedRole> {
    table().values()
}

fn table() -> &'static HashMap<&'static str, ServiceLinkedRole> {
    static ROLES: OnceLock<HashMap<&'static str, ServiceLinkedRole>> = OnceLock::new();
    ROLES.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(read).map(|role| (role.principal, role)).collect()
    })
}

fn read(line: &'static str) -> Option<ServiceLinkedRole> {
    let mut fields = line.split('\t');
    Some(ServiceLinkedRole {
        principal: fields.next()?,
        name: fields.next()?,
        takes_suffix: fields.next()? == "suffix",
        policies: fields.next()?.split(' ').map(|name| format!("policy/aws-service-role/{name}")).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed;

    #[test]
    fn every_line_is_read_and_every_policy_is_known() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().count(), lines);
        for role in all() {
            for policy in &role.policies {
                let known = managed::by_resource(policy).unwrap_or_else(|| panic!("{policy}"));
                assert!(known.is_for_service_linked_roles(), "{policy}");
            }
        }
    }

    #[test]
    fn well_known_roles_are_there() {
        for (principal, name, takes_suffix) in [
            ("ecs.amazonaws.com", "AWSServiceRoleForECS", false),
            ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", true),
            ("es.amazonaws.com", "AWSServiceRoleForAmazonElasticsearchService", false),
            ("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", false),
        ] {
            let role = of(principal).unwrap_or_else(|| panic!("{principal}"));
            assert_eq!((role.name, role.takes_suffix), (name, takes_suffix));
        }
        assert_eq!(of("ECS.amazonaws.com"), None);
        assert_eq!(of("s3.amazonaws.com"), None);
    }
}
