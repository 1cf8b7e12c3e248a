//! Facts 87 to 108: condition operators, sets and multivalued keys.

use crate::support::*;
use bailiwick_policy::{Document, DocumentKind};

/// Does `operator` with these policy values hold for these request values of the key `aws:k`?
fn holds(operator: &str, policy: &str, request: Option<&str>) -> bool {
    let ask = when(&format!(r#"{{"{operator}":{{"aws:k":{policy}}}}}"#));
    request.map_or(ask.clone(), |value| ask.key("aws:k", value)).is_allowed()
}

fn holds_for_many(operator: &str, policy: &str, request: &[&str]) -> bool {
    when(&format!(r#"{{"{operator}":{{"aws:k":{policy}}}}}"#)).keys("aws:k", request).is_allowed()
}

const POSITIVE: [(&str, &str); 9] = [
    ("StringEquals", "\"x\""),
    ("StringEqualsIgnoreCase", "\"x\""),
    ("StringLike", "\"*\""),
    ("NumericLessThan", "\"5\""),
    ("DateGreaterThan", "\"2020-01-01\""),
    ("Bool", "\"true\""),
    ("BinaryEquals", "\"QQ==\""),
    ("IpAddress", "\"0.0.0.0/0\""),
    ("ArnLike", "\"arn:*:*:*:*:*\""),
];

const NEGATED: [(&str, &str); 8] = [
    ("StringNotEquals", "\"x\""),
    ("StringNotEqualsIgnoreCase", "\"x\""),
    ("StringNotLike", "\"x\""),
    ("NumericNotEquals", "\"5\""),
    ("DateNotEquals", "\"2020-01-01\""),
    ("NotIpAddress", "\"10.0.0.0/8\""),
    ("ArnNotEquals", "\"arn:*:*:*:*:*\""),
    ("ArnNotLike", "\"arn:*:*:*:*:*\""),
];

#[test]
fn fact_087_absent_keys_fail_positive_operators_and_pass_negated_ones() {
    for (operator, value) in POSITIVE {
        assert!(!holds(operator, value, None), "{operator}");
    }
    for (operator, value) in NEGATED {
        assert!(holds(operator, value, None), "{operator}");
    }
}

#[test]
fn fact_088_if_exists_passes_absent_keys() {
    for (operator, value) in POSITIVE.into_iter().chain(NEGATED) {
        assert!(holds(&format!("{operator}IfExists"), value, None), "{operator}");
    }
    assert!(!holds("StringEqualsIfExists", "\"x\"", Some("y")));
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:k":"x"}}}"#;
    assert!(!ask_allowed(ALLOW_ALL).identity(deny).is_allowed());
}

#[test]
fn fact_089_several_values_are_any_and_none() {
    assert!(
        holds("StringEquals", r#"["a","b"]"#, Some("b")) && !holds("StringEquals", r#"["a","b"]"#, Some("c"))
    );
    assert!(
        !holds("StringNotEquals", r#"["a","b"]"#, Some("b"))
            && holds("StringNotEquals", r#"["a","b"]"#, Some("c"))
    );
    assert!(!holds("NotIpAddress", r#"["10.0.0.0/8","192.0.2.0/24"]"#, Some("192.0.2.1")));
}

#[test]
fn fact_090_wildcards_only_where_the_operator_has_them() {
    for operator in ["StringEquals", "StringEqualsIgnoreCase"] {
        assert!(
            !holds(operator, "\"a*\"", Some("abc")) && holds(operator, "\"a*\"", Some("a*")),
            "{operator}"
        );
    }
    assert!(holds("StringLike", "\"a?c*\"", Some("abcd")) && !holds("StringLike", "\"a?c\"", Some("ABC")));
    let arn = "arn:aws:sns:us-east-1:123456789012:topic";
    assert!(
        holds("ArnEquals", "\"arn:aws:sns:*:*:t*\"", Some(arn))
            && holds("ArnLike", "\"arn:aws:s?s:*:*:t*\"", Some(arn))
    );
    assert!(holds("StringEqualsIgnoreCase", "\"STRASSE\"", Some("strasse")));
}

#[test]
fn fact_091_arns_match_part_by_part_and_what_is_none_fails_both_ways() {
    for (positive, negated) in [("ArnEquals", "ArnNotEquals"), ("ArnLike", "ArnNotLike")] {
        let arn = "arn:aws:sns:us-east-1:123456789012:topic";
        assert!(holds(positive, "\"arn:aws:sns:*:123456789012:*\"", Some(arn)));
        assert!(!holds(negated, "\"arn:aws:sns:*:123456789012:*\"", Some(arn)));
        assert!(!holds(positive, "\"arn:aws:sns:*:topic\"", Some(arn)), "a star stays in its part");
        assert!(holds("StringLike", "\"arn:aws:sns:*:topic\"", Some(arn)));
        assert!(holds(positive, "\"arn:aws:logs:*:*:*\"", Some("arn:aws:logs:us-east-1:1:log-group:a:b")));
        for no_arn in ["x", "", "arn:aws:sns", "sns.amazonaws.com"] {
            assert!(
                !holds(positive, "\"arn:aws:sns:*:*:*\"", Some(no_arn))
                    && !holds(negated, "\"arn:aws:sns:*:*:*\"", Some(no_arn))
            );
        }
    }
}

#[test]
fn fact_092_dates_in_every_form_on_either_side() {
    for date in
        ["2018-08-10T00:00:00Z", "2018-08-10", "1533859200", "1533859200.0", "2018-08-10T02:00:00+02:00"]
    {
        for request in ["2018-08-10T00:00:00Z", "1533859200"] {
            assert!(holds("DateEquals", &format!("\"{date}\""), Some(request)), "{date} {request}");
            assert!(holds("DateLessThanEquals", &format!("\"{date}\""), Some(request)));
            assert!(!holds("DateNotEquals", &format!("\"{date}\""), Some(request)));
        }
    }
    assert!(holds("DateLessThan", "\"2018-08-10\"", Some("2018-08-09T23:59:59Z")));
    for operator in ["DateEquals", "DateNotEquals", "DateLessThan"] {
        assert!(!holds(operator, "\"2018-08-10\"", Some("soon")), "{operator}");
        assert!(!holds(operator, "\"2018-*\"", Some("2018-08-10")), "{operator}");
    }
}

#[test]
fn fact_093_numbers_compare_as_numbers() {
    assert!(holds("NumericEquals", "10", Some("10.0")) && holds("NumericLessThan", "\"10\"", Some("9.5")));
    assert!(holds("NumericGreaterThanEquals", "-3", Some("-3")) && holds("NumericNotEquals", "1", Some("2")));
    assert!(holds("NumericGreaterThan", "\"4503599627370495\"", Some("4503599627370495.5")));
    for operator in ["NumericEquals", "NumericNotEquals", "NumericLessThan"] {
        assert!(
            !holds(operator, "\"1\"", Some("one")) && !holds(operator, "\"one\"", Some("1")),
            "{operator}"
        );
    }
}

#[test]
fn fact_094_other_values_than_true_count_as_false() {
    assert!(holds("Bool", "\"true\"", Some("TRUE")) && holds("Bool", "true", Some("true")));
    assert!(holds("Bool", "\"false\"", Some("asdf")) && !holds("Bool", "\"true\"", Some("asdf")));
    assert!(holds("Bool", "\"False\"", Some("false")));
}

#[test]
fn fact_095_addresses_and_networks() {
    assert!(
        holds("IpAddress", "\"203.0.113.0/24\"", Some("203.0.113.9"))
            && holds("IpAddress", "\"203.0.113.9\"", Some("203.0.113.9"))
    );
    assert!(
        holds("IpAddress", "\"2001:db8::/32\"", Some("2001:DB8::1"))
            && !holds("IpAddress", "\"2001:db8::1\"", Some("2001:db8::2"))
    );
    assert!(
        !holds("IpAddress", "\"0.0.0.0/0\"", Some("2001:db8::1"))
            && holds("NotIpAddress", "\"0.0.0.0/0\"", Some("2001:db8::1"))
    );
    for operator in ["IpAddress", "NotIpAddress"] {
        assert!(
            !holds(operator, "\"10.0.0.0/8\"", Some("here"))
                && !holds(operator, "\"here\"", Some("10.0.0.1")),
            "{operator}"
        );
    }
    // An IPv4 address in IPv6 clothes is the IPv4 address: a deny by network cannot be escaped by it.
    assert!(
        holds("IpAddress", "\"10.0.0.0/8\"", Some("::ffff:10.1.2.3"))
            && !holds("NotIpAddress", "\"10.0.0.0/8\"", Some("::ffff:10.1.2.3"))
    );
}

#[test]
fn fact_096_a_deny_of_other_networks_blocks_requests_without_address() {
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let ask = ask_allowed(ALLOW_ALL).identity(deny);
    assert!(ask.clone().key("aws:SourceIp", "203.0.113.5").is_allowed());
    assert!(!ask.is_allowed());
}

#[test]
fn fact_097_binary_values_are_base64_on_both_sides() {
    assert!(
        holds("BinaryEquals", "\"QmluYXJ5\"", Some("QmluYXJ5"))
            && !holds("BinaryEquals", "\"QmluYXJ5\"", Some("QmluYXJ6"))
    );
    assert!(holds("BinaryEquals", "\"QQ==\"", Some("QQ")) && !holds("BinaryEquals", "\"QQ==\"", Some("A")));
}

#[test]
fn fact_098_null_asks_for_absence_and_an_empty_string_is_null() {
    assert!(holds("Null", "\"true\"", None) && !holds("Null", "\"true\"", Some("x")));
    assert!(holds("Null", "\"false\"", Some("x")) && !holds("Null", "\"false\"", None));
    assert!(holds("Null", "\"true\"", Some("")) && !holds("Null", "\"false\"", Some("")));
    assert!(holds_for_many("Null", "\"true\"", &[]) && holds_for_many("Null", "\"false\"", &["a", "b"]));
}

#[test]
fn fact_099_null_with_both_values_always_matches() {
    assert!(holds("Null", r#"["true","false"]"#, None) && holds("Null", r#"["true","false"]"#, Some("x")));
}

#[test]
fn fact_100_null_takes_booleans_but_no_if_exists() {
    assert!(holds("Null", "true", None) && holds("Null", "false", Some("x")));
    assert!(!holds("NullIfExists", "true", None) && !holds("NullIfExists", "false", Some("x")));
}

#[test]
fn fact_101_unknown_operators_never_match_and_are_refused() {
    for operator in ["StringMatches", "StringEqualsIfExist", "ForSome:StringEquals", "NullIfExists", ""] {
        assert!(!holds(operator, "\"x\"", Some("x")) && !holds(operator, "\"x\"", None), "{operator}");
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:k":"x"}}}}}}}}"#
        );
        assert!(Document::parse_strict(&text, DocumentKind::Identity).is_err(), "{operator}");
    }
}

#[test]
fn fact_102_set_rules_win_over_null() {
    assert!(!holds("ForAnyValue:Null", "true", None) && holds("ForAllValues:Null", "false", None));
    assert!(
        holds_for_many("ForAnyValue:Null", "false", &["a"])
            && !holds_for_many("ForAllValues:Null", "true", &["a"])
    );
}

#[test]
fn fact_103_sets_and_empty_sets() {
    let policy = r#"["a","b"]"#;
    assert!(holds_for_many("ForAllValues:StringEquals", policy, &["a", "b"]));
    assert!(!holds_for_many("ForAllValues:StringEquals", policy, &["a", "c"]));
    assert!(holds_for_many("ForAnyValue:StringEquals", policy, &["c", "a"]));
    assert!(!holds_for_many("ForAnyValue:StringEquals", policy, &["c", "d"]));
    assert!(
        holds("ForAllValues:StringEquals", policy, None) && !holds("ForAnyValue:StringEquals", policy, None)
    );
    assert!(
        holds("ForAllValues:StringEquals", policy, Some(""))
            && !holds("ForAnyValue:StringEquals", r#"["a",""]"#, Some(""))
    );
    assert!(
        holds_for_many("ForAllValues:StringEquals", policy, &[])
            && !holds_for_many("ForAnyValue:StringEquals", policy, &[])
    );
}

#[test]
fn fact_104_sets_with_negated_operators() {
    let policy = r#"["a","b"]"#;
    assert!(holds_for_many("ForAllValues:StringNotEquals", policy, &["c", "d"]));
    assert!(!holds_for_many("ForAllValues:StringNotEquals", policy, &["c", "a"]));
    assert!(holds_for_many("ForAnyValue:StringNotEquals", policy, &["a", "c"]));
    assert!(!holds_for_many("ForAnyValue:StringNotEquals", policy, &["a", "b"]));
    assert!(
        !holds("ForAnyValue:StringNotEquals", policy, None)
            && holds("ForAllValues:StringNotEquals", policy, None)
    );
}

#[test]
fn fact_105_set_operators_on_keys_of_one_value() {
    assert!(
        holds("ForAllValues:StringLike", "\"repo:*\"", Some("repo:x"))
            && !holds("ForAllValues:StringLike", "\"repo:*\"", Some("x"))
    );
    assert!(holds("ForAnyValue:StringLike", "\"repo:*\"", Some("repo:x")));
    assert!(holds("ForAllValues:StringLike", "\"repo:*\"", None), "opens on absence");
}

#[test]
fn fact_106_a_multivalued_key_under_a_plain_operator_does_not_match() {
    assert!(
        !holds_for_many("StringEquals", "\"a\"", &["a", "b"])
            && !holds_for_many("StringNotEquals", "\"c\"", &["a", "b"])
    );
    assert!(
        holds_for_many("StringEquals", "\"a\"", &["a"]) && holds_for_many("StringNotEquals", "\"a\"", &[])
    );
}

#[test]
fn fact_107_key_names_ignore_case_tags_included() {
    for written in ["aws:ResourceTag/TagKey1", "aws:resourcetag/tagkey1", "AWS:RESOURCETAG/TAGKEY1"] {
        let ask = when(&format!(r#"{{"StringEquals":{{"{written}":"v"}}}}"#));
        assert!(
            ask.clone().key("aws:ResourceTag/TagKey1", "v").is_allowed()
                && ask.clone().key("aws:ResourceTag/tagkey1", "v").is_allowed()
        );
        assert!(!ask.clone().key("aws:ResourceTag/TagKey1", "V").is_allowed(), "values follow the operator");
        assert!(ask.key("aws:ResourceTag/TagKey1", "w").key("aws:ResourceTag/tagkey1", "v").is_allowed());
    }
}

#[test]
fn fact_108_tag_keys_are_values_and_keep_their_case() {
    let ask = when(r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}}"#);
    assert!(
        ask.clone().keys("aws:TagKeys", &["Team"]).is_allowed()
            && !ask.keys("aws:TagKeys", &["team"]).is_allowed()
    );
}
