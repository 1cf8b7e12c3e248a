//! What a statement is found by.

use super::{ActionMatcher, ActionPattern, CompiledStatement, ResourceMatcher};
use crate::context::spread;
use crate::pattern::{Glob, ResourcePattern};
use crate::set::common;
use std::cmp::Ordering;

/// Entries of `Resource` that are keys of their own; of more, what they have in common is the key.
const MOST_RESOURCES: usize = 8;

/// The keys of a statement; it is found by each of its actions together with each of its resources.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) actions: Box<[ActionKey]>,
    pub(crate) resources: Box<[ResourceKey]>,
}

/// By what kind of key an action leads to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The whole action.
    Exact,
    /// The action's service.
    Service,
    /// Every action.
    Every,
}

/// An entry of `Action`.
#[derive(Debug)]
pub(crate) struct ActionKey {
    pub(crate) group: Group,
    pub(crate) hash: u64,
    /// What is hashed.
    pub(crate) text: Box<str>,
    /// The first eight bytes of the name, where the mask has ones.
    pub(crate) name: u64,
    pub(crate) mask: u64,
    /// Whether more must be asked of the action.
    pub(crate) open: bool,
}

/// Which part of a resource leads to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// None.
    Anywhere,
    /// The ARN from its beginning.
    Whole,
    /// What follows the fifth colon, or a later one.
    Last,
}

/// What a resource begins with that an entry of `Resource` covers. The order of keys is that of part and text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourceKey {
    pub(crate) part: Part,
    pub(crate) text: Box<str>,
    /// For [`Part::Last`]: the service that the ARN names.
    service: Box<str>,
    pub(crate) open: Open,
}

/// What must still be asked of a statement once its keys have led to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open {
    /// Whether the action element covers the action.
    pub(crate) action: bool,
    /// Whether the resource is the key and nothing more.
    pub(crate) more_resource: bool,
    /// Whether the resource element covers the resource.
    pub(crate) resource: bool,
    /// If the ARN is one of the action's own service in AWS's first partition, the key settles the resource.
    pub(crate) own_service: bool,
    /// Whether the principal element names the caller.
    pub(crate) principal: bool,
    /// Whether the conditions hold.
    pub(crate) conditions: bool,
}

impl Open {
    /// Whether nothing is left to be asked.
    #[inline]
    pub(crate) fn is_nothing(self) -> bool {
        !(self.action | self.resource | self.principal | self.conditions)
    }
}

impl ResourceKey {
    fn new(part: Part, text: &str, open: Open) -> Self {
        Self { part, text: text.into(), service: "".into(), open }
    }

    /// Whether the ARN's service is that of the action or service in this text.
    pub(crate) fn is_of_service(&self, action: &str) -> bool {
        action.split(':').next() == Some(&self.service)
    }
}

impl ActionKey {
    /// The order of what leads to the statements, whatever name follows: first that of hashes.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| self.text.cmp(&other.text))
    }

    fn every(open: bool) -> Self {
        Self { group: Group::Every, hash: 0, text: "".into(), name: 0, mask: 0, open }
    }

    fn of(service: &str, name: &Glob) -> Self {
        let group = |group, text: Box<str>| Self {
            group,
            hash: spread(text.as_bytes()),
            text,
            name: 0,
            mask: 0,
            open: false,
        };
        match name {
            Glob::Exact(name) => group(Group::Exact, format!("{service}:{name}").into()),
            Glob::Any => group(Group::Service, service.into()),
            name => {
                let prefix = name.prefix().as_bytes();
                let (word, mask) = first_word(prefix);
                // A name that has ended looks like one that goes on with zeros.
                let open = prefix.len() > 8 || prefix.contains(&0) || !matches!(name, Glob::Prefix(_));
                Self { name: word, mask, open, ..group(Group::Service, service.into()) }
            }
        }
    }
}

/// The first eight bytes of a text, the first being the least significant, and ones where there are bytes.
pub(crate) fn first_word(text: &[u8]) -> (u64, u64) {
    text.iter()
        .take(8)
        .rev()
        .fold((0, 0), |(word, mask), byte| (word << 8 | u64::from(*byte), mask << 8 | 0xff))
}

impl Keys {
    /// The keys of a statement that is compiled but for them.
    pub(super) fn of(statement: &CompiledStatement) -> Self {
        let mut resources = of_resources(statement.resource.as_ref());
        let open = Open {
            principal: statement.principal.is_some(),
            conditions: !statement.conditions.is_empty(),
            ..Open::default()
        };
        for key in &mut resources {
            key.open.principal = open.principal;
            key.open.conditions = open.conditions;
        }
        Self { actions: of_actions(&statement.action), resources: resources.into() }
    }
}

fn of_actions(matcher: &ActionMatcher) -> Box<[ActionKey]> {
    if matcher.negated {
        return [ActionKey::every(true)].into();
    }
    if matcher.entries.iter().any(|entry| matches!(entry, ActionPattern::Any)) {
        return [ActionKey::every(false)].into();
    }
    let keys = matcher.entries.iter().filter_map(|entry| match entry {
        ActionPattern::Service { service, name } => Some(ActionKey::of(service, name)),
        ActionPattern::Any | ActionPattern::Never => None,
    });
    keys.collect()
}

fn of_resources(matcher: Option<&ResourceMatcher>) -> Vec<ResourceKey> {
    let anywhere = |resource| {
        let open = Open { resource, ..Open::default() };
        vec![ResourceKey::new(Part::Anywhere, "", open)]
    };
    let matcher = match matcher {
        Some(matcher) if !matcher.is_negated() => matcher,
        // Without the element, or with `NotResource`, the statement itself must be asked.
        _ => return anywhere(true),
    };
    if matcher.patterns().any(|pattern| *pattern == ResourcePattern::Any) {
        return anywhere(false);
    }
    let mut keys: Vec<ResourceKey> = matcher.patterns().filter_map(of_pattern).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() > MOST_RESOURCES {
        keys = keys.chunk_by(|a, b| a.part == b.part).filter_map(in_common).collect();
    }
    keys
}

/// One key for all of these, which are of the same part and sorted.
fn in_common(keys: &[ResourceKey]) -> Option<ResourceKey> {
    let (first, last) = (keys.first()?, keys.last()?);
    let mut length = common(&first.text, &last.text);
    while !first.text.is_char_boundary(length) {
        length -= 1;
    }
    let text = first.text.get(..length)?;
    Some(ResourceKey::new(first.part, text, Open { resource: true, ..Open::default() }))
}

/// The key of a pattern; none if it never matches.
fn of_pattern(pattern: &ResourcePattern) -> Option<ResourceKey> {
    let key = |part, text: &str, open| Some(ResourceKey::new(part, text, open));
    let ask = Open { resource: true, ..Open::default() };
    match pattern {
        ResourcePattern::Any | ResourcePattern::Never => None,
        ResourcePattern::Whole(glob) => match glob {
            Glob::Exact(text) => key(Part::Whole, text, Open { more_resource: true, ..Open::default() }),
            Glob::Prefix(text) => key(Part::Whole, text, Open::default()),
            glob => key(Part::Whole, glob.prefix(), ask),
        },
        ResourcePattern::Parts { head, rest } if !rest.prefix().is_empty() => {
            let [partition, service, region, account] = head.each_ref().map(|part| part.glob());
            // An exact rest has an end, of which the key knows nothing.
            let own_service = partition.exact() == Some("aws")
                && (region, account) == (&Glob::Any, &Glob::Any)
                && matches!(rest, Glob::Prefix(_));
            let service = service.exact().unwrap_or_default().into();
            Some(ResourceKey {
                service,
                ..ResourceKey::new(Part::Last, rest.prefix(), Open { own_service, ..ask })
            })
        }
        ResourcePattern::Parts { head, .. } => key(Part::Whole, &before_wildcards(head.as_slice()), ask),
        ResourcePattern::Short { head, .. } => key(Part::Whole, &before_wildcards(head), ask),
    }
}

/// What every ARN begins with whose first parts match.
fn before_wildcards(head: &[crate::pattern::Part]) -> String {
    let mut text = "arn:".to_owned();
    for part in head {
        text.push_str(part.glob().prefix());
        if part.glob().exact().is_none() {
            break;
        }
        text.push(':');
    }
    text
}
