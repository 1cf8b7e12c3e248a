//! The directory of a server of ours: what an account's files would tell, told by the service itself.

use super::{Inputs, Source};
use crate::estate::{Estate, Facts};
use base::{Partition, Timestamp};
use model::credential_report::{CredentialKey, CredentialRow, LastUse};
use model::{CredentialReport, KeyStatus, Snapshot, User};

/// An estate of everything that a directory holds. The service has no passwords and no devices, and keeps no keys of
/// root users; so much of a credential report is known, and the rest of the inputs is not.
pub fn of_directory(snapshot: Snapshot, partition: Partition, now: Timestamp) -> Inputs {
    let mut estate = Estate::new(partition);
    for state in snapshot.accounts() {
        let rows = state.users.iter().map(|user| row(user, &snapshot, partition)).collect();
        let facts = Facts {
            entities: true,
            aliases: Some(state.account.alias.iter().cloned().collect()),
            providers: Some(state.oidc_providers.iter().map(|it| it.arn(partition).into()).collect()),
            credential_report: Some(CredentialReport { made: Some(now), rows }),
            ..Facts::default()
        };
        estate.accounts.insert(state.id(), facts);
    }
    estate.snapshot = snapshot;
    let source = Source {
        file: "the server's directory".to_owned(),
        kinds: vec!["authorization details", "credential report"],
        account: None,
        made: Some(now),
    };
    Inputs { estate, notes: Vec::new(), sources: vec![source], central_root_access: None }
}

fn row(user: &User, snapshot: &Snapshot, partition: Partition) -> CredentialRow {
    let keys = user.access_keys.iter().zip(1..).map(|(key, slot)| {
        let usage = snapshot.key_usage(key.id.as_str());
        CredentialKey {
            slot,
            active: key.status == KeyStatus::Active,
            rotated: Some(key.created),
            last_used: usage.map_or(LastUse::Never, |usage| LastUse::At(usage.at)),
            last_service: usage.map(|usage| usage.service.clone()),
            last_region: usage.map(|usage| usage.region.clone()),
        }
    });
    CredentialRow {
        user: user.name.clone(),
        arn: user.arn(partition).as_str().to_owned(),
        created: Some(user.created),
        password_enabled: Some(false),
        password_last_used: LastUse::Unknown,
        password_last_changed: None,
        mfa_active: false,
        keys: keys.collect(),
        active_certificates: 0,
    }
}
