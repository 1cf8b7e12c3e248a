//! From a snapshot to a population.

use analysis::who_can::{Builder, Kind, Person, PolicyId, Population, admits_session_tags};
use base::{AccountId, Arn, Partition};
use model::{AccountState, EffectivePolicies, Snapshot, Tags};
use policy::CompiledPolicy;
use std::sync::Arc;

/// Every principal of a snapshot: of each account the root user, the users, the roles.
pub(super) fn population(
    snapshot: &Snapshot,
    partition: Partition,
    scps: &[Vec<Arc<CompiledPolicy>>],
    management: Option<AccountId>,
) -> Population {
    let mut builder = Population::builder();
    let levels: Vec<Vec<PolicyId>> = scps.iter().map(|level| policies(&mut builder, level)).collect();
    for state in snapshot.accounts() {
        let account = builder.account(state.id(), partition.id());
        builder.scps(account, &levels);
        if management == Some(state.id()) {
            builder.management_account(account);
        }
        let root = Arn::global(partition.id(), "iam", state.id().as_str(), ["root"]);
        add(&mut builder, Person::new(account, Kind::Root, root.as_str()), None, &Tags::default());
        people(&mut builder, account, state, partition);
    }
    builder.finish()
}

fn people(
    builder: &mut Builder,
    account: analysis::who_can::AccountNumber,
    state: &AccountState,
    partition: Partition,
) {
    for user in state.users.iter() {
        let (arn, policies) = (user.arn(partition), state.effective_of_user(user, partition));
        let person = Person { id: Some(user.id.as_str()), ..Person::new(account, Kind::User, arn.as_str()) };
        add(builder, person, Some(policies), &user.tags);
    }
    for role in state.roles.iter() {
        let (arn, policies) = (role.arn(partition), state.effective_of_role(role, partition));
        let kind = if role.path.starts_with("/aws-service-role/") { Kind::LinkedRole } else { Kind::Role };
        let trust = state.compiled_trust(role, partition);
        let session_tags = trust.is_none_or(|trust| admits_session_tags(trust.document()));
        let new = Person::new(account, kind, arn.as_str());
        let person = Person { id: Some(role.id.as_str()), session_tags, ..new };
        add(builder, person, Some(policies), &role.tags);
    }
}

fn add(builder: &mut Builder, person: Person<'_>, effective: Option<EffectivePolicies>, tags: &Tags) {
    let EffectivePolicies { identity, boundary } = effective.unwrap_or_default();
    let identity = policies(builder, &identity);
    let boundary = boundary.map(|boundary| policies(builder, &boundary));
    let tags: Vec<(&str, &str)> = tags.iter().map(|tag| (&*tag.key, &*tag.value)).collect();
    let person = Person { identity: &identity, boundary: boundary.as_deref(), tags: &tags, ..person };
    // Only a name that cannot stand in an ARN is refused, and importers refuse it before.
    let _ = builder.person(&person);
}

fn policies(builder: &mut Builder, policies: &[Arc<CompiledPolicy>]) -> Vec<PolicyId> {
    let add =
        |policy: &Arc<CompiledPolicy>| builder.policy(Arc::clone(policy.document()), policy.label().clone());
    policies.iter().map(add).collect()
}
