//! Condition keys: their names, which may have variable parts, and the types of their values.

use std::collections::HashMap;
use std::fmt;

/// The type of a condition key's values, which tells the operators that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// An instant.
    Date,
    /// An address or a range of addresses.
    IpAddress,
}

impl ValueType {
    /// AWS's word for it: `ARN`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Arn => "ARN",
            Self::Bool => "Bool",
            Self::Numeric => "Numeric",
            Self::Date => "Date",
            Self::IpAddress => "IPAddress",
        }
    }

    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "String" => Self::String,
            "ARN" => Self::Arn,
            "Bool" => Self::Bool,
            "Numeric" => Self::Numeric,
            "Date" => Self::Date,
            "IPAddress" => Self::IpAddress,
            _ => return None,
        })
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConditionKey {
    name: &'static str,
    value_type: ValueType,
    multivalued: bool,
}

impl ConditionKey {
    pub(super) const fn one(name: &'static str, value_type: ValueType) -> Self {
        Self { name, value_type, multivalued: false }
    }

    pub(super) const fn many(name: &'static str, value_type: ValueType) -> Self {
        Self { name, value_type, multivalued: true }
    }

    pub(super) fn read(text: &'static str) -> Option<Self> {
        let (name, kind) = text.split_once('\t')?;
        Some(match kind.strip_prefix("ArrayOf") {
            Some(kind) => Self::many(name, ValueType::read(kind)?),
            None => Self::one(name, ValueType::read(kind)?),
        })
    }

    /// Its name as documented; variable parts are written `${TagKey}` or `<key>`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The type of its values.
    pub const fn value_type(self) -> ValueType {
        self.value_type
    }

    /// Whether a request may carry several values: such a key wants `ForAllValues` or `ForAnyValue`.
    pub const fn is_multivalued(self) -> bool {
        self.multivalued
    }

    /// Whether its name has a variable part.
    pub fn is_template(self) -> bool {
        self.name.contains(['$', '<'])
    }

    /// Whether this key is the one of that name, whatever its case; a variable part is one letter or more.
    pub fn matches(self, name: &str) -> bool {
        if self.is_template() {
            template_matches(&self.name.to_ascii_lowercase(), &name.to_ascii_lowercase())
        } else {
            self.name.eq_ignore_ascii_case(name)
        }
    }
}

/// Splits a template at its first variable part: the text before it and after it.
fn split_variable(template: &str) -> Option<(&str, &str)> {
    let start = template.find(['$', '<'])?;
    let (before, rest) = template.split_at_checked(start)?;
    let (_, after) = rest.split_once(['}', '>'])?;
    Some((before, after))
}

/// Both in lower case.
fn template_matches(template: &str, name: &str) -> bool {
    let Some((before, after)) = split_variable(template) else { return template == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    // The variable part takes at least one letter; what follows it may start at any later place.
    rest.char_indices()
        .map(|(place, letter)| place + letter.len_utf8())
        .filter_map(|end| rest.get(end..))
        .any(|rest| template_matches(after, rest))
}

/// Finds keys by name.
#[derive(Debug)]
pub(super) struct KeyIndex {
    /// By lower-case name.
    plain: HashMap<String, ConditionKey>,
    /// Lower-case template and key; the most specific (longest) first.
    templates: Vec<(String, ConditionKey)>,
    /// The places of templates by what stands before their first colon.
    of_prefix: HashMap<String, Vec<usize>>,
    /// What stands before the variable part, and the place, of those that have it before a colon.
    of_any_prefix: Vec<(String, usize)>,
}

impl KeyIndex {
    /// Of keys with the same name the first stays.
    pub(super) fn new(keys: impl Iterator<Item = ConditionKey>) -> Self {
        let (mut plain, mut templates) = (HashMap::new(), HashMap::new());
        for key in keys {
            let map = if key.is_template() { &mut templates } else { &mut plain };
            map.entry(key.name.to_ascii_lowercase()).or_insert(key);
        }
        let mut templates: Vec<_> = templates.into_iter().collect();
        templates.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        let mut index = Self { plain, templates, of_prefix: HashMap::new(), of_any_prefix: Vec::new() };
        for (place, (template, _)) in index.templates.iter().enumerate() {
            match template.split_once(':') {
                Some((prefix, _)) if !prefix.contains(['$', '<']) => {
                    index.of_prefix.entry(prefix.to_owned()).or_default().push(place);
                }
                _ => {
                    let before = template.split(['$', '<']).next().unwrap_or_default();
                    index.of_any_prefix.push((before.to_owned(), place));
                }
            }
        }
        index
    }

    pub(super) fn find(&self, name: &str) -> Option<ConditionKey> {
        let name = name.to_ascii_lowercase();
        self.plain.get(&name).copied().or_else(|| self.find_template(&name))
    }

    fn find_template(&self, name: &str) -> Option<ConditionKey> {
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let matches = |place: &usize| {
            self.templates.get(*place).is_some_and(|(template, _)| template_matches(template, name))
        };
        let of_prefix = self.of_prefix.get(prefix).into_iter().flatten().copied().find(&matches);
        let begun = self.of_any_prefix.iter().filter(|(before, _)| name.starts_with(before.as_str()));
        let of_any_prefix = begun.map(|(_, place)| *place).find(&matches);
        let place = of_prefix.into_iter().chain(of_any_prefix).min()?;
        self.templates.get(place).map(|(_, key)| *key)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.plain.values().chain(self.templates.iter().map(|(_, key)| key)).map(|key| key.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_unknown_keys_take_little_time() {
        let catalogue = crate::catalogue::Catalogue::get();
        assert!(catalogue.condition_key("unknown").is_none());
        let start = std::time::Instant::now();
        for number in 0..20_000 {
            assert!(catalogue.condition_key(&format!("s3:unknown{number}/x")).is_none());
            assert!(catalogue.condition_key(&format!("unknown{number}")).is_none());
        }
        assert!(start.elapsed().as_secs() < 5);
        assert_eq!(catalogue.condition_key("AWS:RequestTag/x").unwrap().name(), "aws:RequestTag/${TagKey}");
        assert_eq!(
            catalogue.condition_key("s3:RequestObjectTag/x").unwrap().name(),
            "s3:RequestObjectTag/<key>"
        );
    }

    #[test]
    fn variable_parts_take_one_letter_or_more() {
        for (template, name, expected) in [
            ("aws:requesttag/${tagkey}", "aws:requesttag/team", true),
            ("aws:requesttag/${tagkey}", "aws:requesttag/a/b:c", true),
            ("aws:requesttag/${tagkey}", "aws:requesttag/", false),
            ("aws:requesttag/${tagkey}", "aws:requesttag", false),
            ("s3:existingobjecttag/<key>", "s3:existingobjecttag/k", true),
            ("a:${x}/b/${y}.z", "a:1/b/2/b/3.z", true),
            ("a:${x}/b/${y}.z", "a:1/b/.z", false),
            ("a:${x}", "a:é", true),
        ] {
            assert_eq!(template_matches(template, name), expected, "{template} {name}");
        }
    }
}
