//! The entity whose policies are simulated.

use super::input::Documents;
use super::invalid;
use crate::call::Call;
use crate::iam::find;
use base::ArnRef;
use model::{AccountState, Group, Snapshot};
use policy::{PolicyKind, PolicyLabel};
use wire::Fault;

/// What kind of entity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Role,
}

/// An entity's policies.
pub(super) struct Source {
    pub(super) kind: Kind,
    pub(super) identity: Documents,
    pub(super) boundary: Option<Documents>,
}

/// Kind and name of the entity that an ARN of the caller's account names.
pub(super) fn named<'a>(call: &Call, arn: &'a str) -> Option<(Kind, &'a str)> {
    let parts = ArnRef::parse(arn)?;
    let here = parts.partition == call.partition.id()
        && parts.service == "iam"
        && parts.account == call.account_id().as_str();
    let kind = match parts.resource.split_once('/')?.0 {
        "user" => Kind::User,
        "group" => Kind::Group,
        "role" => Kind::Role,
        _ => return None,
    };
    (here && !parts.name().is_empty()).then(|| (kind, parts.name()))
}

/// The policies of the entity of this ARN; of a user those of its groups too.
pub(super) fn find(call: &Call, snapshot: &Snapshot, arn: &str) -> Result<Source, Fault> {
    let unclear =
        || invalid(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."));
    let (kind, name) = named(call, arn).ok_or_else(unclear)?;
    let (account, partition) = (call.account(snapshot)?, call.partition);
    let (found, effective) = match kind {
        Kind::User => {
            let user = find::user(account, name)?;
            (user.arn(partition), account.effective_of_user(user, partition))
        }
        Kind::Role => {
            let role = find::role(account, name)?;
            (role.arn(partition), account.effective_of_role(role, partition))
        }
        Kind::Group => {
            let group = find::group(account, name)?;
            let identity = of_group(call, account, group);
            (group.arn(partition), model::EffectivePolicies { identity, boundary: None })
        }
    };
    if found.as_str() != arn {
        return Err(find::no_such_entity(format!("The entity with ARN {arn} cannot be found.")));
    }
    Ok(Source { kind, identity: effective.identity, boundary: effective.boundary })
}

fn of_group(call: &Call, account: &AccountState, group: &Group) -> Documents {
    let owner = group.arn(call.partition);
    let label = |name: &str| PolicyLabel::new(PolicyKind::Inline, owner.as_str(), name);
    let inline = group.inline.iter().filter_map(|(name, text)| text.compiled(|| label(name)).cloned());
    let attached = group.attached.iter().filter_map(|it| account.compiled(it, call.partition));
    inline.chain(attached).collect()
}
