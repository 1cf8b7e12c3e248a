//! One service: its lines of the table, read when first asked for.

use super::action::{Action, ActionRow};
use super::compare;
use super::condition_key::ConditionKey;
use std::sync::OnceLock;

/// A service that has its own prefix in policies.
#[derive(Debug)]
pub struct Service {
    prefix: &'static str,
    title: &'static str,
    rcp: bool,
    /// The lines after the service's own.
    lines: &'static str,
    table: OnceLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    keys: Vec<ConditionKey>,
    resources: Vec<ResourceRow>,
    /// In the order of lower-case names.
    actions: Vec<ActionRow>,
}

#[derive(Debug)]
struct ResourceRow {
    name: &'static str,
    arn: &'static str,
    keys: &'static str,
}

impl Service {
    /// Reads a service's line (without its tag) and keeps the rest of `text` for later.
    pub(super) fn read(text: &'static str) -> Option<Self> {
        let (head, lines) = text.split_once('\n').unwrap_or((text, ""));
        let mut fields = head.split('\t');
        Some(Self {
            prefix: fields.next()?,
            title: fields.next()?,
            rcp: fields.next()? == "rcp",
            lines,
            table: OnceLock::new(),
        })
    }

    /// What stands before the colon of its actions: `iam`.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Its name: `AWS Identity and Access Management (IAM)`.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Whether resource control policies apply to its actions.
    pub fn rcp_supported(&self) -> bool {
        self.rcp
    }

    /// Its actions, in the order of their names.
    pub fn actions(&'static self) -> impl Iterator<Item = Action> {
        self.table().actions.iter().map(move |row| Action::new(self, row))
    }

    /// The action of this name (`CreateUser`), whatever its case.
    pub fn action(&'static self, name: &str) -> Option<Action> {
        let actions = &self.table().actions;
        let found = actions.binary_search_by(|row| compare(row.name, name)).ok()?;
        Some(Action::new(self, actions.get(found)?))
    }

    /// Its resource types, in the order of their names.
    pub fn resource_types(&'static self) -> impl Iterator<Item = ResourceType> {
        self.table().resources.iter().map(move |row| ResourceType { service: self, row })
    }

    /// The resource type of this name (`user`), whatever its case.
    pub fn resource_type(&'static self, name: &str) -> Option<ResourceType> {
        self.resource_types().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// The condition keys that it documents, global ones that it names included.
    pub fn condition_keys(&'static self) -> &'static [ConditionKey] {
        &self.table().keys
    }

    pub(super) fn resource_numbered(&'static self, number: usize) -> Option<ResourceType> {
        self.table().resources.get(number).map(|row| ResourceType { service: self, row })
    }

    /// The keys that a list of numbers in the table names.
    pub(super) fn keys_numbered(
        &'static self,
        list: &'static str,
        separator: char,
    ) -> impl Iterator<Item = ConditionKey> {
        list.split(separator)
            .filter_map(move |number| self.table().keys.get(number.parse::<usize>().ok()?).copied())
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| {
            let mut table = Table::default();
            for line in self.lines.lines() {
                match line.split_once('\t') {
                    Some(("K", rest)) => table.keys.extend(ConditionKey::read(rest)),
                    Some(("R", rest)) => table.resources.extend(ResourceRow::read(rest)),
                    Some(("A", rest)) => table.actions.extend(ActionRow::read(rest)),
                    _ => {}
                }
            }
            table
        })
    }
}

impl ResourceRow {
    fn read(text: &'static str) -> Option<Self> {
        let mut fields = text.split('\t');
        Some(Self { name: fields.next()?, arn: fields.next()?, keys: fields.next()? })
    }
}

/// A type of resource that a service's policies can name.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    service: &'static Service,
    row: &'static ResourceRow,
}

impl ResourceType {
    /// Its name in the service's documentation: `user`.
    pub fn name(self) -> &'static str {
        self.row.name
    }

    /// The service that it belongs to.
    pub fn service(self) -> &'static Service {
        self.service
    }

    /// The form of its ARNs: `arn:${Partition}:iam::${Account}:user/${UserNameWithPath}`.
    pub fn arn_pattern(self) -> &'static str {
        self.row.arn
    }

    /// The form of its ARNs with `*` for each variable part: `arn:*:iam::*:user/*`.
    pub fn arn_glob(self) -> String {
        let mut glob = String::with_capacity(self.row.arn.len());
        let mut rest = self.row.arn;
        while let Some((before, after)) = rest.split_once("${") {
            glob.push_str(before);
            glob.push('*');
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        glob.push_str(rest);
        glob
    }

    /// The condition keys that describe such a resource.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.service.keys_numbered(self.row.keys, ',')
    }
}
