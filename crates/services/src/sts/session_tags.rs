//! Session tags, and the source identity: what a session says of whoever stands behind it.
//!
//! Tags marked as transitive and the source identity pass down a chain of roles and cannot be changed on the
//! way. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>.

use authn::Session;
use model::{Tag, Tags, quota};
use std::collections::HashSet;
use wire::Fault;
use wire::sts as shape;

/// The tags of a new session.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SessionTags {
    /// Those passed, and those inherited.
    pub tags: Tags,
    /// The keys of those that pass on.
    pub transitive: Vec<String>,
}

/// Tags as they stand in an input, for condition keys: nothing is judged.
pub fn read(tags: Option<&[shape::Tag]>) -> Vec<Tag> {
    let tags = tags.unwrap_or_default();
    tags.iter().map(|tag| Tag { key: tag.key.clone(), value: tag.value.clone() }).collect()
}

/// The tags that the calling session passes on.
pub fn inherited(calling: Option<&Session>) -> impl Iterator<Item = &Tag> {
    calling.into_iter().flat_map(|session| {
        session.tags.iter().filter(|tag| session.transitive.iter().any(|key| same_key(key, &tag.key)))
    })
}

/// The tags of a session from those that are passed and those of the calling session.
pub fn joined(
    passed: Option<&[shape::Tag]>,
    transitive: Option<&[String]>,
    calling: Option<&Session>,
) -> Result<SessionTags, Fault> {
    let (passed, transitive) = (read(passed), transitive.unwrap_or_default());
    check_keys(&passed)?;
    if passed.iter().any(|tag| inherited(calling).any(|known| same_key(&known.key, &tag.key))) {
        return Err(Fault::invalid_parameter_value(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
             from the calling session.",
        ));
    }
    if !transitive.iter().all(|key| passed.iter().any(|tag| same_key(key, &tag.key))) {
        return Err(Fault::invalid_parameter_value(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    let passing_on = passed.iter().filter(|tag| transitive.iter().any(|key| same_key(key, &tag.key)));
    let all = SessionTags {
        transitive: inherited(calling).chain(passing_on).map(|tag| tag.key.clone()).collect(),
        tags: inherited(calling).chain(&passed).cloned().collect(),
    };
    if all.tags.len() > quota::TAGS {
        return Err(Fault::validation(format!("A session can have at most {} tags.", quota::TAGS)));
    }
    Ok(all)
}

fn check_keys(tags: &[Tag]) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for tag in tags {
        let key = tag.key.to_ascii_lowercase();
        if key.starts_with("aws:") {
            return Err(Fault::invalid_parameter_value(format!(
                "The tag key {} is reserved: keys must not start with aws:.",
                tag.key
            )));
        }
        if !seen.insert(key) {
            return Err(Fault::invalid_parameter_value(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    Ok(())
}

/// The source identity of a new session: the calling session's if it has one.
pub fn source_identity(passed: Option<&str>, calling: Option<&Session>) -> Result<Option<String>, Fault> {
    match (passed, calling.and_then(|session| session.source_identity.as_deref())) {
        (Some(new), Some(known)) if new != known => {
            Err(Fault::validation("The source identity is already set for this assume role session"))
        }
        (new, known) => Ok(known.or(new).map(str::to_owned)),
    }
}

fn same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use authn::Parent;
    use base::{AccountId, SecretString, Timestamp, UniqueId};

    fn tag(key: &str, value: &str) -> shape::Tag {
        shape::Tag { key: key.into(), value: value.into() }
    }

    fn calling(tags: &[(&str, &str)], transitive: &[&str], source_identity: Option<&str>) -> Session {
        Session {
            key: UniqueId::from_text("ASIAEXAMPLE"),
            secret: SecretString::new("secret"),
            account: AccountId::parse("123456789012").unwrap(),
            parent: Parent::Role { id: UniqueId::from_text("AROAEXAMPLE"), session: "one".into() },
            issued: Timestamp::from_seconds(0),
            expires: Timestamp::from_seconds(3600),
            inline_policy: None,
            managed_policies: Vec::new(),
            tags: tags
                .iter()
                .map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() })
                .collect(),
            transitive: transitive.iter().map(|key| (*key).to_owned()).collect(),
            source_identity: source_identity.map(str::to_owned),
            mfa: None,
            chained: false,
            federation: None,
        }
    }

    #[test]
    fn only_transitive_tags_pass_on_and_stay_transitive() {
        let calling = calling(&[("Star", "1"), ("Heart", "1")], &["star"], None);
        let joined = joined(Some(&[tag("Sun", "2")]), None, Some(&calling)).unwrap();
        assert_eq!(
            (joined.tags.get("star"), joined.tags.get("sun"), joined.tags.get("heart")),
            (Some("1"), Some("2"), None)
        );
        assert_eq!(joined.transitive, ["Star"]);
    }

    #[test]
    fn an_inherited_tag_is_not_overwritten_whatever_its_case() {
        let calling = calling(&[("Team", "a")], &["Team"], None);
        let refused = joined(Some(&[tag("TEAM", "b")]), None, Some(&calling)).unwrap_err();
        assert_eq!(refused.code, "InvalidParameterValue");
        assert!(refused.message.contains("conflicts with a transitive tag key"));
    }

    #[test]
    fn keys_are_checked() {
        let refused = |tags: &[shape::Tag], transitive: &[&str]| {
            let transitive: Vec<String> = transitive.iter().map(|key| (*key).to_owned()).collect();
            joined(Some(tags), Some(&transitive), None).unwrap_err().message
        };
        assert!(refused(&[tag("Team", "a"), tag("team", "b")], &[]).starts_with("Duplicate tag keys"));
        assert!(refused(&[tag("AWS:x", "a")], &[]).contains("reserved"));
        assert!(refused(&[tag("Team", "a")], &["Cost"]).contains("must be included"));
        assert!(joined(Some(&[tag("Team", "a")]), Some(&["team".to_owned()]), None).is_ok());
    }

    #[test]
    fn a_session_has_at_most_fifty_tags_inherited_ones_included() {
        let own: Vec<_> = (0..50).map(|number| tag(&format!("k{number}"), "v")).collect();
        assert!(joined(Some(&own), None, None).is_ok());
        let calling = calling(&[("Team", "a")], &["Team"], None);
        assert_eq!(joined(Some(&own), None, Some(&calling)).unwrap_err().code, "ValidationError");
    }

    #[test]
    fn the_source_identity_stays() {
        let calling = calling(&[], &[], Some("Ann"));
        assert_eq!(source_identity(None, Some(&calling)).unwrap().as_deref(), Some("Ann"));
        assert_eq!(source_identity(Some("Ann"), Some(&calling)).unwrap().as_deref(), Some("Ann"));
        assert_eq!(source_identity(Some("Bob"), Some(&calling)).unwrap_err().code, "ValidationError");
        assert_eq!(source_identity(Some("Bob"), None).unwrap().as_deref(), Some("Bob"));
    }
}
