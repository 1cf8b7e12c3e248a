//! Answers in XML as the AWS CLI would print them in JSON.

use serde_json::{Map, Value};
use wire::xml::Element;

/// Members that are true or false.
const FLAGS: [&str; 17] = [
    "IsTruncated",
    "IsDefaultVersion",
    "IsAttachable",
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
    "ExpirePasswords",
    "HardExpiry",
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
    "PermissionsBoundaryAttached",
    "Enabled",
    "AwsManaged",
];
/// Members that are numbers.
const NUMBERS: [&str; 7] = [
    "MinimumPasswordLength",
    "MaxPasswordAge",
    "PasswordReusePrevention",
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "TotalAuthenticatedEntities",
    "MaxSessionDuration",
];

/// An element as a value: its list, its map, its members or its text. One without anything in it is null, which is
/// an empty list or text as the reader wishes.
pub(super) fn value(element: &Element) -> Value {
    let all = |name: &str| element.children.iter().all(|child| child.name == name);
    match element.children.as_slice() {
        [] => text(&element.name, &element.text),
        _ if all("member") || all("item") => Value::Array(element.children.iter().map(value).collect()),
        _ if all("entry") => element.children.iter().map(entry).collect::<Map<_, _>>().into(),
        children => {
            children.iter().map(|child| (child.name.clone(), value(child))).collect::<Map<_, _>>().into()
        }
    }
}

fn text(name: &str, text: &str) -> Value {
    let number = || text.trim().parse::<i64>().ok().map(Value::from);
    match (name, text) {
        (_, "") => Value::Null,
        (name, "true") if FLAGS.contains(&name) => Value::Bool(true),
        (name, "false") if FLAGS.contains(&name) => Value::Bool(false),
        (name, _) if NUMBERS.contains(&name) => number().unwrap_or(Value::Null),
        _ => Value::String(text.to_owned()),
    }
}

fn entry(entry: &Element) -> (String, Value) {
    let key = entry.text_of("key").unwrap_or_default().to_owned();
    let held = entry.text_of("value").unwrap_or_default();
    (key, held.parse::<i64>().map_or_else(|_| Value::from(held), Value::from))
}

/// A member of an answer; null if it is not there.
pub(super) fn of<'a>(value: &'a Value, name: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    value.get(name).unwrap_or(&NOTHING)
}

/// Takes a member out of an answer; null if it is not there.
pub(super) fn take(mut value: Value, name: &str) -> Value {
    value.get_mut(name).map_or(Value::Null, Value::take)
}

/// Sets a member of an object; what is none stays as it is.
pub(super) fn set(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}

/// The children of this name in a list that is written flat.
pub(super) fn all<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    element.children.iter().filter(|child| child.name == name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn xml_becomes_what_the_cli_prints() {
        let xml = "<R><Users><member><UserName>true</UserName><Tags/></member></Users><IsTruncated>false</IsTruncated>\
                   <SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap><MaxPasswordAge>90</MaxPasswordAge></R>";
        let value = value(&Element::parse(xml).unwrap());
        let wanted = json!({"Users": [{"UserName": "true", "Tags": null}], "IsTruncated": false,
            "SummaryMap": {"Users": 3}, "MaxPasswordAge": 90});
        assert_eq!(value, wanted);
    }
}
