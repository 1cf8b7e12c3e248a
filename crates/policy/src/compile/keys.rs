//! What a statement is found by.

use super::{ActionMatcher, ActionPattern, CompiledStatement, ResourceMatcher};
use crate::context::{Hash, spread};
use crate::pattern::{Glob, ResourcePattern};
use crate::set::common;

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
    /// The action's service and the first letters of its name.
    Stem,
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
    /// What is hashed; of a stem, without the star.
    pub(crate) text: Box<str>,
    /// The first bytes of the name, the first being the least significant, and how many of eight count.
    pub(crate) name: u64,
    pub(crate) named: u8,
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
    pub(crate) open: Open,
}

/// What must still be asked of a statement once its keys have led to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open(u8);

impl Open {
    pub(crate) const NOTHING: Open = Open(0);
    /// Whether the action element covers the action.
    pub(crate) const ACTION: Open = Open(1);
    /// Whether the resource element covers the resource.
    pub(crate) const RESOURCE: Open = Open(2);
    /// Whether the principal element names the caller.
    pub(crate) const PRINCIPAL: Open = Open(4);
    /// Whether the conditions hold.
    pub(crate) const CONDITIONS: Open = Open(8);
    /// Whether the resource is the key and nothing more.
    pub(crate) const MORE_RESOURCE: Open = Open(16);
    /// If the ARN is one of the action's own service in AWS's first partition, the key settles the resource.
    pub(crate) const OWN_SERVICE: Open = Open(32);

    /// What either leaves open.
    #[inline]
    pub(crate) const fn and(self, other: Open) -> Open {
        Open(self.0 | other.0)
    }

    /// What is left if the other is settled.
    #[inline]
    pub(crate) const fn without(self, other: Open) -> Open {
        Open(self.0 & !other.0)
    }

    /// Whether some of the other is open.
    #[inline]
    pub(crate) const fn has(self, other: Open) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing is left to be asked.
    #[inline]
    pub(crate) const fn is_nothing(self) -> bool {
        const ASKED: Open = Open::ACTION.and(Open::RESOURCE).and(Open::PRINCIPAL).and(Open::CONDITIONS);
        !self.has(ASKED)
    }
}

impl ResourceKey {
    fn new(part: Part, text: &str, open: Open) -> Self {
        Self { part, text: text.into(), open }
    }
}

/// How many letters of a name make a stem: patterns of actions mostly begin with a verb.
pub(crate) const STEM: usize = 3;

impl ActionKey {
    fn every(open: bool) -> Self {
        Self { group: Group::Every, hash: 0, text: "".into(), name: 0, named: 0, open }
    }

    /// Whether it is about actions of a service, and none else.
    fn is_of_service(&self, service: &str) -> bool {
        self.group != Group::Every && self.text.split(':').next() == Some(service)
    }

    fn of(service: &str, name: &Glob) -> Self {
        let key = |group, text: Box<str>| {
            let hash = match group {
                Group::Stem => Hash::of(text.as_bytes()).of_stem(),
                _ => spread(text.as_bytes()),
            };
            Self { group, hash, text, name: 0, named: 0, open: false }
        };
        match name {
            Glob::Exact(name) => key(Group::Exact, [service, ":", name].concat().into()),
            Glob::Any => key(Group::Service, service.into()),
            name => {
                let prefix = name.prefix();
                let (word, named) = first_word(prefix.as_bytes());
                // A name that has ended looks like one that goes on with zeros.
                let open = prefix.len() > 8 || prefix.contains('\0') || !matches!(name, Glob::Prefix(_));
                let found_by = match prefix.get(..STEM) {
                    Some(stem) => key(Group::Stem, [service, ":", stem].concat().into()),
                    None => key(Group::Service, service.into()),
                };
                Self { name: word, named, open, ..found_by }
            }
        }
    }
}

/// The first eight bytes of a text, the first being the least significant, and how many there are.
pub(crate) fn first_word(text: &[u8]) -> (u64, u8) {
    match text.first_chunk() {
        Some(bytes) => (u64::from_le_bytes(*bytes), 8),
        None => (text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)), text.len() as u8),
    }
}

impl Keys {
    /// The keys of a statement that is compiled but for them.
    pub(super) fn of(statement: &CompiledStatement) -> Self {
        let actions = of_actions(&statement.action);
        Self { resources: of_resources(statement.resource.as_ref(), &actions).into(), actions }
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

fn of_resources(matcher: Option<&ResourceMatcher>, actions: &[ActionKey]) -> Vec<ResourceKey> {
    let anywhere = |open| vec![ResourceKey::new(Part::Anywhere, "", open)];
    let matcher = match matcher {
        Some(matcher) if !matcher.is_negated() => matcher,
        // Without the element, or with `NotResource`, the statement itself must be asked.
        _ => return anywhere(Open::RESOURCE),
    };
    if matcher.patterns().any(|pattern| *pattern == ResourcePattern::Any) {
        return anywhere(Open::NOTHING);
    }
    let mut keys: Vec<ResourceKey> =
        matcher.patterns().filter_map(|pattern| of_pattern(pattern, actions)).collect();
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
    Some(ResourceKey::new(first.part, text, Open::RESOURCE))
}

/// The key of a pattern; none if it never matches.
fn of_pattern(pattern: &ResourcePattern, actions: &[ActionKey]) -> Option<ResourceKey> {
    let key = |part, text: &str, open| Some(ResourceKey::new(part, text, open));
    let ask = Open::RESOURCE;
    match pattern {
        ResourcePattern::Any | ResourcePattern::Never => None,
        ResourcePattern::Whole(glob) => match glob {
            Glob::Exact(text) => key(Part::Whole, text, Open::MORE_RESOURCE),
            Glob::Prefix(text) => key(Part::Whole, text, Open::NOTHING),
            glob => key(Part::Whole, glob.prefix(), ask),
        },
        ResourcePattern::Parts { head, rest } if !rest.prefix().is_empty() => {
            let [partition, service, region, account] = head.each_ref().map(|part| part.glob());
            // An exact rest has an end, of which the key knows nothing.
            let own_service = partition.exact() == Some("aws")
                && (region, account) == (&Glob::Any, &Glob::Any)
                && matches!(rest, Glob::Prefix(_))
                && service
                    .exact()
                    .is_some_and(|service| actions.iter().all(|key| key.is_of_service(service)));
            key(Part::Last, rest.prefix(), if own_service { ask.and(Open::OWN_SERVICE) } else { ask })
        }
        ResourcePattern::Parts { head, .. } => key(Part::Whole, &before_wildcards(head.as_slice()), ask),
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
