//! Who uses a managed policy.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>.

use super::{find, page, target};
use crate::gate::Allowed;
use crate::row::Row;
use model::table::folded;
use model::{AccountState, Group, Named, PolicyRef, Role, Snapshot, User};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::ListEntitiesForPolicy>(
        "iam",
        |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
        list,
    )]
}

/// An entity that uses the policy. Pages go on across the kinds in this order.
enum Entry<'a> {
    Group(&'a Arc<Group>),
    User(&'a Arc<User>),
    Role(&'a Arc<Role>),
}

impl Entry<'_> {
    /// The entry's place in the order of all.
    fn place(&self) -> String {
        match self {
            Entry::Group(group) => format!("1{}", folded(&group.name)),
            Entry::User(user) => format!("2{}", folded(&user.name)),
            Entry::Role(role) => format!("3{}", folded(&role.name)),
        }
    }
}

/// What the input asks for.
struct Question<'a> {
    policy: PolicyRef,
    kind: Option<&'a str>,
    usage: Option<&'a str>,
    prefix: &'a str,
}

impl Question<'_> {
    fn wants_kind(&self, kind: &str) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    /// Whether an entity with this path, these attachments and this boundary belongs to the answer.
    fn wants(&self, entity: &impl Named, attached: &[PolicyRef], boundary: Option<&PolicyRef>) -> bool {
        let wants_usage = |usage: &str| self.usage.is_none_or(|wanted| wanted == usage);
        let uses = wants_usage("PermissionsPolicy") && attached.contains(&self.policy)
            || wants_usage("PermissionsBoundary") && boundary == Some(&self.policy);
        uses && model::snapshot::under(entity, self.prefix)
    }
}

fn list(
    at: Allowed<'_, ops::ListEntitiesForPolicy>,
    snapshot: &Snapshot,
    input: shape::ListEntitiesForPolicyRequest,
) -> Result<shape::ListEntitiesForPolicyResponse, Fault> {
    let account = at.account(snapshot)?;
    let question = Question {
        policy: find::readable(&at, account, &input.policy_arn)?.reference(),
        kind: input.entity_filter.as_deref(),
        usage: input.policy_usage_filter.as_deref(),
        prefix: input.path_prefix.as_deref().unwrap_or("/"),
    };
    let all = entries(account, &question);
    let page = page::of(all, input.marker.as_deref(), input.max_items, Entry::place)?;
    Ok(shown(page))
}

fn entries<'a>(account: &'a AccountState, question: &Question<'_>) -> impl Iterator<Item = Entry<'a>> {
    let groups = question.wants_kind("Group").then(|| account.groups.iter()).into_iter().flatten();
    let users = question.wants_kind("User").then(|| account.users.iter()).into_iter().flatten();
    let roles = question.wants_kind("Role").then(|| account.roles.iter()).into_iter().flatten();
    let groups = groups.filter(|group| question.wants(group.as_ref(), &group.attached, None));
    let users = users.filter(|user| question.wants(user.as_ref(), &user.attached, user.boundary.as_ref()));
    let roles = roles.filter(|role| question.wants(role.as_ref(), &role.attached, role.boundary.as_ref()));
    groups.map(Entry::Group).chain(users.map(Entry::User)).chain(roles.map(Entry::Role))
}

fn shown(page: page::Page<Entry<'_>>) -> shape::ListEntitiesForPolicyResponse {
    let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &page.items {
        match entry {
            Entry::Group(group) => groups.push(shape::PolicyGroup {
                group_name: Some(group.name.clone()),
                group_id: Some(group.id.to_string()),
            }),
            Entry::User(user) => users.push(shape::PolicyUser {
                user_name: Some(user.name.clone()),
                user_id: Some(user.id.to_string()),
            }),
            Entry::Role(role) => roles.push(shape::PolicyRole {
                role_name: Some(role.name.clone()),
                role_id: Some(role.id.to_string()),
            }),
        }
    }
    shape::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
    }
}
