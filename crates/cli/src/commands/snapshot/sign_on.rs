//! IAM Identity Center: permission sets with their policies, and who has them where.

use super::resources::pages;
use super::store::Store;
use super::tree;
use crate::client::{Aws, Failure};
use crate::problem::Problem;
use serde_json::{Value, json};

/// Collects it, whole or not at all.
pub(super) fn collect(aws: &Aws, store: &mut Store) -> Result<(), Problem> {
    store.file("identity-center.json", ("sign_on", "ListInstances"), |store| whole(aws, store))
}

fn whole(aws: &Aws, store: &Store) -> Result<Value, Failure> {
    let instances = list(aws, "ListInstances", &json!({}), "Instances")?;
    let (mut sets, mut assignments) = (Vec::new(), Vec::new());
    for instance in instances.iter().filter_map(|instance| instance.get("InstanceArn")) {
        for set in list(aws, "ListPermissionSets", &json!({"InstanceArn": instance}), "PermissionSets")? {
            store.progress(&format!("permission sets, {}", sets.len()));
            let input = json!({"InstanceArn": instance, "PermissionSetArn": set});
            sets.push(described(aws, &input)?);
            for account in list(aws, "ListAccountsForProvisionedPermissionSet", &input, "AccountIds")? {
                let input = json!({"InstanceArn": instance, "PermissionSetArn": set, "AccountId": account});
                assignments.extend(list(aws, "ListAccountAssignments", &input, "AccountAssignments")?);
            }
        }
    }
    Ok(json!({"Instances": instances, "PermissionSets": sets, "AccountAssignments": assignments}))
}

fn described(aws: &Aws, input: &Value) -> Result<Value, Failure> {
    let mut set = tree::take(call(aws, "DescribePermissionSet", input)?, "PermissionSet");
    tree::set(
        &mut set,
        "InlinePolicy",
        tree::take(call(aws, "GetInlinePolicyForPermissionSet", input)?, "InlinePolicy"),
    );
    for (operation, member) in [
        ("ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies"),
        ("ListCustomerManagedPolicyReferencesInPermissionSet", "CustomerManagedPolicyReferences"),
    ] {
        tree::set(&mut set, member, list(aws, operation, input, member)?.into());
    }
    match call(aws, "GetPermissionsBoundaryForPermissionSet", input) {
        Ok(answer) => tree::set(&mut set, "PermissionsBoundary", tree::take(answer, "PermissionsBoundary")),
        Err(failure) if failure.is(&["ResourceNotFoundException"]) => {}
        Err(failure) => return Err(failure),
    }
    Ok(set)
}

fn call(aws: &Aws, operation: &str, input: &Value) -> Result<Value, Failure> {
    aws.json(("sso", &format!("SWBExternalService.{operation}")), input, None)
}

fn list(aws: &Aws, operation: &str, input: &Value, member: &str) -> Result<Vec<Value>, Failure> {
    pages(input, member, ("NextToken", "NextToken"), |input| call(aws, operation, input))
}
