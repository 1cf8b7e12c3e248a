//! Tags in inputs, and the operations on them.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>.

use super::limits;
use crate::demand::Demand;
use model::{Tag, Tags, quota};
use std::collections::HashSet;
use wire::Fault;
use wire::iam::{self as shape, errors};

/// Tags as they stand in an input, for condition keys: nothing is judged.
pub fn read(tags: Option<&[shape::Tag]>) -> Vec<Tag> {
    let tags = tags.unwrap_or_default();
    tags.iter().map(|tag| Tag { key: tag.key.clone(), value: tag.value.clone() }).collect()
}

/// The demands of an operation that makes something with these tags: its own action, and the right to tag.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>.
pub fn on_create(create: Demand, tag: &'static str, tags: Option<&[shape::Tag]>) -> Vec<Demand> {
    let tags = read(tags);
    let create = create.request_tags(&tags);
    if tags.is_empty() {
        return vec![create];
    }
    let tagging = Demand { action: Some(tag.into()), ..create.clone() };
    vec![create, tagging]
}

/// Tags of a new entity.
pub fn checked(tags: Option<Vec<shape::Tag>>) -> Result<Tags, Fault> {
    let mut all = Tags::default();
    add(&mut all, tags.unwrap_or_default())?;
    Ok(all)
}

/// Sets `new` tags on top of those there.
pub fn add(tags: &mut Tags, new: Vec<shape::Tag>) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for tag in &new {
        if !seen.insert(tag.key.to_ascii_lowercase()) {
            return Err(Fault::of(
                &errors::INVALID_INPUT,
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::of(
                &errors::INVALID_INPUT,
                format!("Invalid tag key {}: keys that start with `aws:` are reserved.", tag.key),
            ));
        }
    }
    for tag in new {
        tags.set(Tag { key: tag.key, value: tag.value });
    }
    if tags.len() > quota::TAGS {
        return Err(limits::exceeded("TagsPerEntity", quota::TAGS));
    }
    Ok(())
}
