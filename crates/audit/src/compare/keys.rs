//! What is known of a principal's requests on both sides.

use super::people::Person;
use super::side::Texts;
use analysis::{KeyValue, Scope};
use std::collections::BTreeSet;

/// Of what the policies speak that differs between principals.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    /// The tags of the principal that they name, in lower case.
    tags: BTreeSet<String>,
    /// Whether they speak of who it is.
    principal: bool,
    texts: Vec<String>,
}

const TAG: &str = "aws:principaltag/";

impl Keys {
    /// Of these policies.
    pub(super) fn of<'a>(asked: impl Iterator<Item = &'a Texts>) -> Self {
        let texts = asked.flatten().flat_map(|(_, texts)| texts).map(|text| text.to_lowercase());
        let texts: Vec<String> = texts.collect::<BTreeSet<_>>().into_iter().collect();
        let speaks = |of: &str| texts.iter().any(|text| text.contains(of));
        let tags = texts.iter().flat_map(|text| text.split(TAG).skip(1)).map(tag_name).collect();
        Self { tags, principal: speaks("aws:principal") || speaks("aws:user") || speaks("${"), texts }
    }

    /// Whether they speak of anything that differs between principals.
    pub(super) fn any(&self) -> bool {
        self.principal || !self.tags.is_empty()
    }

    /// Whether they speak of tags that the principal has on one side and not on the other.
    pub(super) fn tags_differ(&self, old: &Person, new: &Person) -> bool {
        self.tags.iter().any(|tag| old.tags.get(tag) != new.tags.get(tag))
    }

    /// Requests of this principal, if that matters, with what is known of it on both sides.
    pub(super) fn scope(&self, old: Option<&Person>, new: Option<&Person>) -> Scope {
        let Some(person) = new.or(old).filter(|_| self.any()) else { return Scope::default() };
        let others = || [old, new].into_iter().flatten();
        let mut context: Vec<(String, KeyValue)> = person.keys.clone();
        context.retain(|known| others().all(|other| other.keys.contains(known)));
        context.retain(|(key, _)| self.texts.iter().any(|text| text.contains(&key.to_lowercase())));
        for tag in &self.tags {
            let value = person.tags.get(tag);
            if others().any(|other| other.tags.get(tag) != value) {
                continue;
            }
            // The tags of a session come before those of its role.
            let is_open = others().any(|other| other.session_tags);
            match value {
                _ if is_open => {}
                Some(value) => context.push((spelt(person, tag), KeyValue::One(value.to_owned()))),
                None => context.push((spelt(person, tag), KeyValue::Absent)),
            }
        }
        Scope { principal: person.principal.clone(), context, ..Scope::default() }
    }
}

/// The name of a tag that stands at the start of a text: in a condition key, or in a variable.
fn tag_name(text: &str) -> String {
    let end = text.find(['"', '}', ',', '\'']).unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim().to_owned()
}

/// The key of a tag, as the principal's tag is written.
fn spelt(person: &Person, tag: &str) -> String {
    let known = person.tags.iter().find(|known| known.key.eq_ignore_ascii_case(tag));
    format!("aws:PrincipalTag/{}", known.map_or(tag, |known| known.key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Layer;

    #[test]
    fn tags_are_named_by_keys_and_by_variables() {
        let text = r#"{"Condition":{"StringEquals":{"aws:PrincipalTag/Team":"${aws:principaltag/unit, 'x'}"}},
            "Resource":"a/${aws:PrincipalTag/Home}/*"}"#;
        let texts: Texts = vec![(Layer::Identity, vec![text.into()])];
        let keys = Keys::of([&texts].into_iter());
        assert_eq!(keys.tags.iter().map(String::as_str).collect::<Vec<_>>(), ["home", "team", "unit"]);
    }
}
