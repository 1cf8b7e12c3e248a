//! What AWS documents of its services: actions, access levels, resource types, condition keys.
//!
//! The table `facts.txt` is generated (`cargo xtask facts`) and lies in the program as text. Services are found
//! by one scan at the first call; a service's own lines are read when it is first asked for. Everything handed
//! out borrows from that text. The same facts stand, with prose, in the
//! [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/).

mod action;
mod condition_key;
mod global_keys;
mod service;
mod suggest;

pub use action::{AccessLevel, Action, ActionResource};
pub use condition_key::{ConditionKey, ValueType};
pub use service::{ResourceType, Service};
pub use suggest::nearest;

use crate::context::ContextMap;
use crate::pattern::{Glob, Syntax};
use condition_key::KeyIndex;
use std::sync::OnceLock;

static FACTS: &str = include_str!("facts.txt");

/// All services with their actions, resource types and condition keys.
#[derive(Debug)]
pub struct Catalogue {
    source: &'static str,
    /// In the order of their prefixes.
    services: Box<[Service]>,
    keys: OnceLock<KeyIndex>,
}

impl Catalogue {
    /// The one catalogue; the first call scans the table (about a millisecond).
    pub fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self::read(FACTS))
    }

    fn read(facts: &'static str) -> Self {
        let mut parts = facts.split("\nS\t");
        let head = parts.next().unwrap_or_default();
        let source = head.lines().find_map(|line| line.strip_prefix("V\t")).unwrap_or_default();
        Self { source, services: parts.filter_map(Service::read).collect(), keys: OnceLock::new() }
    }

    /// The package and version that the facts come from.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// Every service, in the order of prefixes.
    pub fn services(&'static self) -> impl Iterator<Item = &'static Service> {
        self.services.iter()
    }

    /// The service with this prefix (`iam`), whatever its case.
    pub fn service(&'static self, prefix: &str) -> Option<&'static Service> {
        let found = self.services.binary_search_by(|service| compare(service.prefix(), prefix));
        self.services.get(found.ok()?)
    }

    /// The action written `service:name`, whatever its case.
    pub fn action(&'static self, text: &str) -> Option<Action> {
        let (prefix, name) = text.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// Every action of every service.
    pub fn actions(&'static self) -> impl Iterator<Item = Action> {
        self.services().flat_map(Service::actions)
    }

    /// The actions that an entry of an `Action` element covers: `s3:Get*`, `iam:CreateUser`, `*`. In the name `*`
    /// stands for any letters, `?` for one; the service is written out or `*`; case is ignored.
    pub fn actions_matching(&'static self, pattern: &str) -> impl Iterator<Item = Action> {
        let pattern = if pattern == "*" { "*:*" } else { pattern };
        let (service, name) = pattern.split_once(':').unwrap_or(("", ""));
        let services = if service == "*" {
            self.services.as_ref()
        } else {
            self.service(service).map_or(&[][..], std::slice::from_ref)
        };
        let syntax = Syntax { wildcards: true, variables: false };
        let name = Glob::parse(&name.to_ascii_lowercase(), syntax);
        let context = ContextMap::new();
        let covered = move |action: &Action| name.matches(&action.name().to_ascii_lowercase(), &context);
        services.iter().flat_map(Service::actions).filter(covered)
    }

    /// The condition key with this name, whatever its case: a global one, or one of any service. A name with a
    /// variable part finds its template: `aws:RequestTag/team` finds `aws:RequestTag/${TagKey}`; a claim of a web
    /// identity (`login.example.org:sub`) finds `${Provider}:sub`.
    pub fn condition_key(&'static self, name: &str) -> Option<ConditionKey> {
        self.key_index().find(name).or_else(|| global_keys::web_identity_key(name))
    }

    /// The keys that any service's request may carry, AWS's cross-service ones included.
    pub fn global_condition_keys(&self) -> &'static [ConditionKey] {
        global_keys::GLOBAL_KEYS
    }

    /// Whether resource control policies apply to this service's actions.
    pub fn rcp_supported(&'static self, prefix: &str) -> bool {
        self.service(prefix).is_some_and(Service::rcp_supported)
    }

    /// Known prefixes that look like this unknown one, nearest first, at most three.
    pub fn suggest_service(&'static self, prefix: &str) -> Vec<&'static str> {
        nearest(prefix, self.services().map(Service::prefix))
    }

    /// Known actions (`iam:CreateUser`) that look like this unknown one, nearest first, at most three.
    pub fn suggest_action(&'static self, text: &str) -> Vec<String> {
        let (prefix, name) = text.split_once(':').unwrap_or(("", text));
        let known = self.service(prefix).map(|service| vec![service]);
        let services = known.unwrap_or_else(|| {
            nearest(prefix, self.services().map(Service::prefix))
                .into_iter()
                .filter_map(|prefix| self.service(prefix))
                .collect()
        });
        let of = |service: &'static Service| {
            let names = nearest(name, service.actions().map(|action| action.name()));
            names.into_iter().map(move |name| format!("{}:{name}", service.prefix()))
        };
        services.into_iter().flat_map(of).take(suggest::MOST).collect()
    }

    /// Known condition keys that look like this unknown one, nearest first, at most three.
    pub fn suggest_condition_key(&'static self, name: &str) -> Vec<&'static str> {
        nearest(name, self.key_index().names())
    }

    fn key_index(&'static self) -> &'static KeyIndex {
        self.keys.get_or_init(|| {
            let own = self.services().flat_map(|service| service.condition_keys().iter().copied());
            // The global table comes first: what it says of a key's type holds.
            KeyIndex::new(global_keys::GLOBAL_KEYS.iter().copied().chain(own))
        })
    }
}

/// Order without regard to ASCII case, as the table is sorted.
fn compare(left: &str, right: &str) -> std::cmp::Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = |tag: &str| FACTS.lines().filter(|line| line.starts_with(tag)).count();
        let catalogue = Catalogue::get();
        assert_eq!(catalogue.services().count(), lines("S\t"));
        assert_eq!(catalogue.actions().count(), lines("A\t"));
        assert_eq!(
            catalogue.services().map(|service| service.condition_keys().len()).sum::<usize>(),
            lines("K\t")
        );
        assert_eq!(
            catalogue.services().map(|service| service.resource_types().count()).sum::<usize>(),
            lines("R\t")
        );
        assert!(catalogue.actions().count() > 20_000);
    }

    #[test]
    fn every_action_is_found_by_its_name() {
        for action in Catalogue::get().actions() {
            let found = Catalogue::get().action(&action.to_string().to_uppercase()).unwrap();
            assert_eq!(found.to_string(), action.to_string());
        }
    }
}
