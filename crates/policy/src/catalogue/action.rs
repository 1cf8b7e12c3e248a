//! One action: its level, the resources that it acts on, the condition keys that its requests carry.

use super::condition_key::ConditionKey;
use super::service::{ResourceType, Service};
use std::fmt;

/// What an action does, coarsely.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Says which resources exist.
    List,
    /// Says what is in them.
    Read,
    /// Changes only tags.
    Tagging,
    /// Makes, changes or removes resources.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
}

impl AccessLevel {
    /// AWS's words: `Permissions management`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
        }
    }

    fn read(letter: &str) -> Option<Self> {
        Some(match letter {
            "L" => Self::List,
            "R" => Self::Read,
            "T" => Self::Tagging,
            "W" => Self::Write,
            "P" => Self::PermissionsManagement,
            _ => return None,
        })
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug)]
pub(super) struct ActionRow {
    pub(super) name: &'static str,
    level: AccessLevel,
    /// Resource uses, key numbers, dependent actions: read when asked for.
    rest: &'static str,
}

impl ActionRow {
    pub(super) fn read(text: &'static str) -> Option<Self> {
        let (name, text) = text.split_once('\t')?;
        let (level, rest) = text.split_once('\t')?;
        Some(Self { name, level: AccessLevel::read(level)?, rest })
    }

    fn field(&self, place: usize) -> &'static str {
        self.rest.split('\t').nth(place).unwrap_or_default()
    }
}

/// An action of a service. Displays as `iam:CreateUser`.
#[derive(Clone, Copy)]
pub struct Action {
    service: &'static Service,
    row: &'static ActionRow,
}

/// A resource type that an action acts on.
#[derive(Debug, Clone, Copy)]
pub struct ActionResource {
    resource_type: ResourceType,
    required: bool,
    keys: &'static str,
}

impl Action {
    pub(super) fn new(service: &'static Service, row: &'static ActionRow) -> Self {
        Self { service, row }
    }

    /// The service that it belongs to.
    pub fn service(self) -> &'static Service {
        self.service
    }

    /// Its name without the service: `CreateUser`.
    pub fn name(self) -> &'static str {
        self.row.name
    }

    /// Its access level.
    pub fn access_level(self) -> AccessLevel {
        self.row.level
    }

    /// The resource types that it acts on; empty if it can only be granted on `*`.
    pub fn resource_types(self) -> impl Iterator<Item = ActionResource> {
        let uses = self.row.field(0).split(',').filter(|text| !text.is_empty());
        uses.filter_map(move |text| {
            let (kind, keys) = text.split_once(':').unwrap_or((text, ""));
            let number = kind.trim_end_matches('!').parse::<usize>().ok()?;
            let resource_type = self.service.resource_numbered(number)?;
            Some(ActionResource { resource_type, required: kind.ends_with('!'), keys })
        })
    }

    /// Whether it names no resource type: such an action is granted on `Resource: "*"` or not at all.
    pub fn is_wildcard_only(self) -> bool {
        self.row.field(0).is_empty()
    }

    /// The condition keys of the action as such, whatever the resource.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.service.keys_numbered(self.row.field(1), ',')
    }

    /// Every service-documented key that a request for it may carry: its own, those of its pairs with resource
    /// types, and those of the resource types; each once.
    pub fn all_condition_keys(self) -> Vec<ConditionKey> {
        let mut keys: Vec<ConditionKey> = self.condition_keys().collect();
        for used in self.resource_types() {
            keys.extend(used.condition_keys());
            keys.extend(used.resource_type().condition_keys());
        }
        keys.sort_by_key(|key| key.name());
        keys.dedup_by_key(|key| key.name());
        keys
    }

    /// Actions (`kms:Decrypt`) that the caller may need besides this one.
    pub fn dependent_actions(self) -> impl Iterator<Item = &'static str> {
        self.row.field(2).split(',').filter(|name| !name.is_empty())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix(), self.row.name)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ActionResource {
    /// The resource type.
    pub fn resource_type(self) -> ResourceType {
        self.resource_type
    }

    /// Whether every request for the action names such a resource.
    pub fn required(self) -> bool {
        self.required
    }

    /// The condition keys that apply when the action meets this resource type.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.resource_type.service().keys_numbered(self.keys, '.')
    }
}
