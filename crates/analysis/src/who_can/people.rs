//! Principals in little room, and the condition keys that follow from who they are.

use super::population::Kind;
use base::ArnRef;
use policy::{ConditionKey, Values};
use std::collections::HashMap;

/// A principal of a [`super::Population`], in the order in which they were given, from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(super) u32);

impl PersonId {
    /// The number, from zero.
    pub fn number(self) -> usize {
        self.0 as usize
    }
}

/// Every principal.
#[derive(Debug, Default)]
pub(super) struct People {
    /// ARNs and unique ids, one after the other.
    texts: String,
    all: Vec<Entry>,
    /// The tags of all, as numbers of `known_tags`.
    tags: Vec<u32>,
    known_tags: Vec<Tag>,
    tag_numbers: HashMap<(String, Vec<String>), u32>,
}

#[derive(Debug)]
struct Entry {
    /// Where its ARN begins; the id follows, then the next one's ARN.
    start: u64,
    set: u32,
    /// The end of its tags.
    tags: u32,
    arn: u16,
    id: u16,
    kind: Kind,
    /// Sessions have no tags but the role's.
    own_tags_only: bool,
}

#[derive(Debug)]
struct Tag {
    /// `aws:principaltag/…` in lower case.
    key: ConditionKey,
    /// Several if there are keys that differ in case only.
    values: Vec<String>,
}

/// Whether the value of a key follows from the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    Value,
    /// Not for this principal: it depends on the session.
    Session,
}

const PRINCIPAL_TAG: &str = "aws:principaltag/";

/// Whether a key is one that follows from who asks: of a resource without owner also those of the owner's account,
/// which then is the asker's.
pub(super) fn is_personal(key: &ConditionKey) -> bool {
    matches!(
        key.name(),
        "aws:principalaccount"
            | "aws:principalarn"
            | "aws:principalorgid"
            | "aws:principalorgpaths"
            | "aws:principaltype"
            | "aws:resourceaccount"
            | "aws:resourceorgid"
            | "aws:resourceorgpaths"
            | "aws:userid"
            | "aws:username"
    ) || key.name().starts_with(PRINCIPAL_TAG)
}

impl People {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn push(
        &mut self,
        set: u32,
        kind: Kind,
        arn: &str,
        id: &str,
        tags: &[(&str, &str)],
        own_tags_only: bool,
    ) {
        let start = self.texts.len() as u64;
        self.texts.push_str(arn);
        self.texts.push_str(id);
        self.push_tags(tags);
        let (arn, id) = (arn.len() as u16, id.len() as u16);
        self.all.push(Entry { start, set, tags: self.tags.len() as u32, arn, id, kind, own_tags_only });
    }

    /// Gives back what was reserved for more.
    pub(super) fn settle(&mut self) {
        self.texts.shrink_to_fit();
        self.all.shrink_to_fit();
        self.tags.shrink_to_fit();
        self.tag_numbers = HashMap::new();
    }

    fn push_tags(&mut self, tags: &[(&str, &str)]) {
        let mut keys: Vec<(String, Vec<String>)> = Vec::new();
        for (key, value) in tags {
            let key = ConditionKey::new(&format!("{PRINCIPAL_TAG}{key}")).name().to_owned();
            match keys.iter_mut().find(|(known, _)| *known == key) {
                Some((_, values)) => values.push((*value).to_owned()),
                None => keys.push((key, vec![(*value).to_owned()])),
            }
        }
        for tag in keys {
            let next = self.known_tags.len() as u32;
            let number = *self.tag_numbers.entry(tag).or_insert_with_key(|(key, values)| {
                self.known_tags.push(Tag { key: ConditionKey::new(key), values: values.clone() });
                next
            });
            self.tags.push(number);
        }
    }

    fn entry(&self, person: PersonId) -> Option<&Entry> {
        self.all.get(person.0 as usize)
    }

    pub(super) fn set(&self, person: PersonId) -> u32 {
        self.entry(person).map_or(u32::MAX, |entry| entry.set)
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = u32> {
        self.all.iter().map(|entry| entry.set)
    }

    pub(super) fn arn(&self, person: PersonId) -> &str {
        self.text(person, |entry| (0, entry.arn))
    }

    /// The unique id; empty if it is not known.
    pub(super) fn id(&self, person: PersonId) -> &str {
        self.text(person, |entry| (entry.arn, entry.id))
    }

    fn text(&self, person: PersonId, part: impl Fn(&Entry) -> (u16, u16)) -> &str {
        let text = || {
            let entry = self.entry(person)?;
            let (skip, length) = part(entry);
            let start = entry.start as usize + usize::from(skip);
            self.texts.get(start..start + usize::from(length))
        };
        text().unwrap_or_default()
    }

    /// The name after the last slash.
    pub(super) fn name(&self, person: PersonId) -> &str {
        self.arn(person).rsplit('/').next().unwrap_or_default()
    }

    /// Whether the value of a personal key, which may be that there is none, follows from who this is.
    ///
    /// What a session of a role adds does not: its name, and tags that the role does not have, unless it is known that
    /// its sessions bring none. The role's own tags are taken to be those of the session.
    pub(super) fn follows(&self, person: PersonId, key: &ConditionKey) -> Follows {
        let Some(entry) = self.entry(person) else { return Follows::Session };
        let is_role = matches!(entry.kind, Kind::Role | Kind::LinkedRole);
        let of_session = match key.name() {
            "aws:userid" => is_role || (entry.kind == Kind::User && entry.id == 0),
            name if !name.starts_with(PRINCIPAL_TAG) => false,
            _ => is_role && !entry.own_tags_only && self.tag(person, key).is_none(),
        };
        if of_session { Follows::Session } else { Follows::Value }
    }

    /// The values of a personal key.
    pub(super) fn values(&self, person: PersonId, key: &ConditionKey) -> Values<'_> {
        let Some(entry) = self.entry(person) else { return Values::Absent };
        match key.name() {
            "aws:principalarn" => Values::One(self.arn(person)),
            "aws:principalaccount" | "aws:resourceaccount" => Values::One(self.account(person)),
            "aws:principaltype" => Values::One(entry.kind.principal_type()),
            "aws:username" if entry.kind == Kind::User => Values::One(self.name(person)),
            "aws:userid" => match entry.kind {
                Kind::User if entry.id == 0 => Values::Absent,
                Kind::User => Values::One(self.id(person)),
                Kind::Root => Values::One(self.account(person)),
                Kind::Role | Kind::LinkedRole => Values::Absent,
            },
            _ => match self.tag(person, key).map(|tag| tag.values.as_slice()) {
                None => Values::Absent,
                Some([value]) => Values::One(value),
                Some(values) => Values::Either(values),
            },
        }
    }

    /// The account in the ARN.
    pub(super) fn account(&self, person: PersonId) -> &str {
        ArnRef::parse(self.arn(person)).map(|arn| arn.account).unwrap_or_default()
    }

    fn tag(&self, person: PersonId, key: &ConditionKey) -> Option<&Tag> {
        let end = self.entry(person)?.tags as usize;
        let before = person.0.checked_sub(1).and_then(|before| self.entry(PersonId(before)));
        let own = self.tags.get(before.map_or(0, |entry| entry.tags as usize)..end)?;
        own.iter().filter_map(|tag| self.known_tags.get(*tag as usize)).find(|tag| tag.key == *key)
    }
}
