//! When credentials and roles were last used, and what users and roles used: hot counters, kept apart from the
//! entities.

use base::{Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// The key.
    pub key: UniqueId,
    /// When.
    pub at: Timestamp,
    /// The service's namespace, as in `iam`.
    pub service: String,
    /// The region called.
    pub region: String,
}

/// The last use of a role: of any of its sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleUsage {
    /// The role.
    pub role: UniqueId,
    /// When.
    pub at: Timestamp,
    /// The region called.
    pub region: String,
}

/// What a user or a role used of the services, most recent uses only.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessUsage {
    /// The user or role.
    pub principal: UniqueId,
    /// By namespace, in order.
    pub services: Vec<ServiceUse>,
}

/// The last use of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The service's namespace, as in `iam`.
    pub service: String,
    /// The last use of each action.
    pub actions: Vec<ActionUse>,
}

/// The last use of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionUse {
    /// The action's name, as in `CreateUser`.
    pub action: String,
    /// When.
    pub at: Timestamp,
    /// The region called.
    pub region: String,
}

impl ServiceUse {
    /// The latest use of any of its actions.
    pub fn latest(&self) -> Option<&ActionUse> {
        self.actions.iter().max_by_key(|used| used.at)
    }
}

impl AccessUsage {
    /// Nothing used yet.
    pub fn none(principal: UniqueId) -> Self {
        Self { principal, services: Vec::new() }
    }

    /// The use of a service.
    pub fn of_service(&self, namespace: &str) -> Option<&ServiceUse> {
        self.services.iter().find(|used| used.service == namespace)
    }

    /// Notes a use; an earlier one than is known changes nothing.
    pub fn note(&mut self, service: &str, action: &str, at: Timestamp, region: &str) {
        let place = match self.services.binary_search_by(|used| used.service.as_str().cmp(service)) {
            Ok(place) => place,
            Err(place) => {
                self.services.insert(place, ServiceUse { service: service.to_owned(), actions: Vec::new() });
                place
            }
        };
        let Some(used) = self.services.get_mut(place) else { return };
        match used.actions.iter_mut().find(|used| used.action == action) {
            Some(known) if known.at > at => {}
            Some(known) => {
                known.at = at;
                if known.region != region {
                    region.clone_into(&mut known.region);
                }
            }
            None => {
                used.actions.push(ActionUse { action: action.to_owned(), at, region: region.to_owned() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_use_stays() {
        let mut usage = AccessUsage::none(UniqueId::from_text("AIDA"));
        let at = Timestamp::from_seconds;
        usage.note("sts", "GetCallerIdentity", at(5), "us-east-1");
        usage.note("iam", "GetUser", at(7), "us-east-1");
        usage.note("iam", "GetUser", at(6), "eu-west-1");
        usage.note("iam", "ListUsers", at(9), "eu-west-1");
        let names: Vec<_> = usage.services.iter().map(|used| used.service.as_str()).collect();
        assert_eq!(names, ["iam", "sts"]);
        let iam = usage.of_service("iam").unwrap();
        assert_eq!(iam.actions.iter().find(|used| used.action == "GetUser").unwrap().at, at(7));
        assert_eq!(iam.latest().unwrap().action, "ListUsers");
    }
}
