//! The organization: accounts, units, and the policies that bind them.

use super::store::Store;
use super::tree;
use crate::client::{Aws, Failure};
use crate::problem::Problem;
use serde_json::{Value, json};

/// Types of policies that decide.
const TYPES: [&str; 2] = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

/// Collects it, whole or not at all: policies that are not known would be taken as not there.
pub(super) fn collect(aws: &Aws, store: &mut Store) -> Result<(), Problem> {
    store.file("organization.json", ("organization", "DescribeOrganization"), |store| whole(aws, store))
}

fn whole(aws: &Aws, store: &Store) -> Result<Value, Failure> {
    let described = call(aws, "DescribeOrganization", &json!({}))?;
    let roots = list(aws, "ListRoots", &json!({}), "Roots")?;
    let (mut accounts, mut units) = (Vec::new(), Vec::new());
    let mut parents: Vec<String> = roots.iter().filter_map(id).collect();
    while let Some(parent) = parents.pop() {
        store.progress(&format!("organization, {} accounts", accounts.len()));
        let input = json!({"ParentId": parent});
        for mut account in list(aws, "ListAccountsForParent", &input, "Accounts")? {
            tree::set(&mut account, "ParentId", Value::from(parent.as_str()));
            accounts.push(account);
        }
        for mut unit in list(aws, "ListOrganizationalUnitsForParent", &input, "OrganizationalUnits")? {
            tree::set(&mut unit, "ParentId", Value::from(parent.as_str()));
            parents.extend(id(&unit));
            units.push(unit);
        }
    }
    let mut policies = Vec::new();
    for kind in TYPES {
        for summary in list(aws, "ListPolicies", &json!({"Filter": kind}), "Policies")? {
            policies.push(policy(aws, summary)?);
        }
    }
    Ok(json!({
        "Organization": tree::of(&described, "Organization"),
        "Roots": roots,
        "Accounts": accounts,
        "OrganizationalUnits": units,
        "Policies": policies,
    }))
}

/// A policy with its text and what it is attached to.
fn policy(aws: &Aws, mut summary: Value) -> Result<Value, Failure> {
    let input = json!({"PolicyId": tree::of(&summary, "Id")});
    let described = call(aws, "DescribePolicy", &input)?;
    tree::set(&mut summary, "Content", tree::of(tree::of(&described, "Policy"), "Content").clone());
    tree::set(&mut summary, "Targets", list(aws, "ListTargetsForPolicy", &input, "Targets")?.into());
    Ok(summary)
}

fn id(value: &Value) -> Option<String> {
    value.get("Id")?.as_str().map(str::to_owned)
}

fn call(aws: &Aws, operation: &str, input: &Value) -> Result<Value, Failure> {
    aws.json(("organizations", &format!("AWSOrganizationsV20161128.{operation}")), input, None)
}

fn list(aws: &Aws, operation: &str, input: &Value, member: &str) -> Result<Vec<Value>, Failure> {
    super::resources::pages(input, member, ("NextToken", "NextToken"), |input| call(aws, operation, input))
}
