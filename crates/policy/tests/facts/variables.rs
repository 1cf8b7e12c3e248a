//! Facts 109 to 117: policy variables.

use crate::support::*;

fn on(resource: &str) -> Ask {
    ask_allowed(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#))
}

#[test]
fn fact_109_variables_exist_only_in_todays_version() {
    for (version, expected) in
        [("\"Version\":\"2012-10-17\",", true), ("\"Version\":\"2008-10-17\",", false), ("", false)]
    {
        let document = format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bucket/${{aws:username}}"}}}}"#
        );
        let ask = ask(user()).document(&document).key("aws:username", "Bob");
        assert_eq!(ask.clone().resource("arn:aws:s3:::bucket/Bob").is_allowed(), expected, "{version}");
        assert_eq!(ask.resource("arn:aws:s3:::bucket/${aws:username}").is_allowed(), !expected, "{version}");
    }
}

#[test]
fn fact_110_variables_stand_in_resources_and_in_some_condition_values() {
    let key = |ask: Ask| ask.key("aws:v", "5").key("aws:k", "5");
    for operator in ["StringEquals", "StringLike", "StringEqualsIgnoreCase"] {
        assert!(
            key(when(&format!(r#"{{"{operator}":{{"aws:k":"${{aws:v}}"}}}}"#))).is_allowed(),
            "{operator}"
        );
    }
    let arn = when(r#"{"ArnLike":{"aws:k":"arn:aws:sns:*:${aws:v}:*"}}"#).key("aws:v", ACCOUNT);
    assert!(arn.key("aws:k", "arn:aws:sns:us-east-1:123456789012:t").is_allowed());
    // The guide contradicts itself on Bool; variables are read there.
    assert!(when(r#"{"Bool":{"aws:k":"${aws:v}"}}"#).key("aws:v", "True").key("aws:k", "true").is_allowed());
    for condition in [
        r#"{"NumericEquals":{"aws:k":"${aws:v}"}}"#,
        r#"{"DateEquals":{"aws:k":"${aws:v}"}}"#,
        r#"{"BinaryEquals":{"aws:k":"${aws:v}"}}"#,
        r#"{"IpAddress":{"aws:k":"${aws:v}"}}"#,
    ] {
        assert!(!key(when(condition)).is_allowed(), "{condition}");
    }
    let action = r#"{"Effect":"Allow","Action":"s3:${aws:v}","Resource":"*"}"#;
    assert!(!ask_allowed(action).key("aws:v", "GetObject").is_allowed());
    let principal = to("Allow", &aws("arn:aws:iam::123456789012:user/team/${aws:username}"));
    assert!(!ask(user()).key("aws:username", "Bob").resource_policy(&principal).is_allowed());
}

#[test]
fn fact_111_three_variables_are_literals() {
    let ask = on("arn:aws:s3:::bucket/${*}-${?}-${$}");
    assert!(ask.clone().resource("arn:aws:s3:::bucket/*-?-$").is_allowed());
    assert!(!ask.resource("arn:aws:s3:::bucket/x-y-z").is_allowed());
    assert!(when(r#"{"StringLike":{"aws:k":"${*}x"}}"#).key("aws:k", "*x").is_allowed());
    assert!(!when(r#"{"StringLike":{"aws:k":"${*}x"}}"#).key("aws:k", "yx").is_allowed());
}

#[test]
fn fact_112_variables_take_defaults() {
    let ask = on("arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'company-wide'}/*");
    assert!(ask.clone().resource("arn:aws:s3:::bucket/company-wide/x").is_allowed());
    let blue = ask.key("aws:PrincipalTag/team", "blue");
    assert!(blue.clone().resource("arn:aws:s3:::bucket/blue/x").is_allowed());
    assert!(!blue.resource("arn:aws:s3:::bucket/company-wide/x").is_allowed());
}

#[test]
fn fact_113_multivalued_keys_are_no_variables() {
    let ask = on("arn:aws:s3:::bucket/${aws:TagKeys}");
    assert!(!ask.clone().keys("aws:TagKeys", &["a"]).resource("arn:aws:s3:::bucket/a").is_allowed());
    assert!(!ask.keys("aws:TagKeys", &["a", "b"]).resource("arn:aws:s3:::bucket/a").is_allowed());
}

#[test]
fn fact_114_a_resource_with_an_absent_variable_matches_nothing() {
    let pattern = "arn:aws:s3:::bucket/${aws:username}*";
    assert!(!on(pattern).resource("arn:aws:s3:::bucket/").is_allowed());
    assert!(!on(pattern).is_allowed());
    // So a NotResource with it excludes nothing: the statement applies.
    let deny = format!(r#"{{"Effect":"Deny","Action":"*","NotResource":"{pattern}"}}"#);
    assert!(!ask_allowed(ALLOW_ALL).identity(&deny).is_allowed());
    let deny = ask_allowed(ALLOW_ALL).identity(&deny).key("aws:username", "Bob");
    assert!(deny.resource("arn:aws:s3:::bucket/Bob/x").is_allowed());
}

#[test]
fn fact_115_an_absent_variable_in_a_condition_fails_positive_and_passes_negated_operators() {
    for (operator, expected) in
        [("StringEquals", false), ("StringLike", false), ("StringNotEquals", true), ("StringNotLike", true)]
    {
        let ask = when(&format!(r#"{{"{operator}":{{"aws:k":"${{aws:username}}"}}}}"#)).key("aws:k", "Bob");
        assert_eq!(ask.is_allowed(), expected, "{operator}");
    }
}

#[test]
fn fact_116_substituted_values_are_no_wildcards() {
    let ask = on("arn:aws:s3:::bucket/${aws:PrincipalTag/p}").key("aws:PrincipalTag/p", "*");
    assert!(!ask.is_allowed());
    assert!(ask.resource("arn:aws:s3:::bucket/*").is_allowed());
    let like = when(r#"{"StringLike":{"aws:k":"${aws:v}"}}"#).key("aws:v", "Bob*");
    assert!(!like.clone().key("aws:k", "Bobby").is_allowed() && like.key("aws:k", "Bob*").is_allowed());
    let not_like = when(r#"{"StringNotLike":{"aws:k":"${aws:v}"}}"#).key("aws:v", "Bob*");
    assert!(not_like.key("aws:k", "Bobby").is_allowed());
    let nested = on("arn:aws:s3:::bucket/${aws:v}").key("aws:v", "${aws:w}").key("aws:w", "key");
    assert!(!nested.is_allowed(), "what a variable stands for is not read again");
}

#[test]
fn fact_117_variable_names_ignore_case() {
    assert!(
        on("arn:aws:s3:::bucket/${AWS:UserName}")
            .key("aws:username", "Bob")
            .resource("arn:aws:s3:::bucket/Bob")
            .is_allowed()
    );
}
