//! Facts 118 to 124: the grammar, and what IAM says of documents that do not follow it.

use crate::support::*;
use bailiwick_policy::{Document, DocumentKind};
use base::json::Style;
use base::span::position;

fn refusal(text: &str, kind: DocumentKind) -> String {
    match Document::parse_strict(text, kind) {
        Ok(_) => panic!("accepted: {text}"),
        Err(malformed) => malformed.message,
    }
}

fn identity(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

#[test]
fn fact_118_single_values_and_lists_numbers_and_booleans() {
    let single = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:a":true},"NumericEquals":{"aws:n":[1,"2.0"]}}}}"#;
    assert!(Document::parse_strict(single, DocumentKind::Identity).is_ok());
    let ask = ask(user()).document(single).key("aws:a", "true");
    assert!(ask.clone().key("aws:n", "2").is_allowed() && !ask.key("aws:n", "3").is_allowed());
    let lists = identity(r#"{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":["*"]}"#);
    assert!(Document::parse_strict(&lists, DocumentKind::Identity).is_ok());
}

#[test]
fn fact_119_no_key_stands_twice() {
    for text in [
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:a":"true","aws:a":"false"}}}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","\u0045ffect":"Deny","Action":"*","Resource":"*"}]}"#,
    ] {
        assert_eq!(refusal(text, DocumentKind::Identity), "Syntax errors in policy.", "{text}");
    }
    let (document, diagnostics) = Document::parse_tolerant(
        r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    );
    assert!(document.is_some());
    assert_eq!(diagnostics[0].code, "DUPLICATE_ELEMENT");
}

#[test]
fn fact_120_ids_and_statement_ids() {
    let with_id = r#"{"Version":"2012-10-17","Id":"x y","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    assert_eq!(refusal(with_id, DocumentKind::Identity), "Has prohibited field Id");
    let bucket = with_id.replace("\"Effect\"", "\"Principal\":\"*\",\"Effect\"");
    assert!(Document::parse_strict(&bucket, DocumentKind::Resource).is_ok());
    let sid = |sid: &str| {
        identity(&format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#))
    };
    assert!(Document::parse_strict(&sid("Ab1"), DocumentKind::Identity).is_ok());
    assert!(Document::parse_strict(&sid(""), DocumentKind::Identity).is_ok());
    assert!(
        refusal(&sid("a b"), DocumentKind::Identity)
            .starts_with("Statement IDs (SID) must be alpha-numeric.")
    );
    let twice = sid("A")
        .replace("}]", "},{\"Sid\":\"A\",\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]");
    assert_eq!(
        refusal(&twice, DocumentKind::Identity),
        "Statement IDs (SID) in a single policy must be unique."
    );
}

#[test]
fn fact_121_white_space_does_not_count() {
    let compact = identity(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
    let document = Document::parse_strict(&compact, DocumentKind::Identity).unwrap();
    assert_eq!(document.counted_size(), compact.len());
    let pretty = document.print(Style::Pretty);
    assert!(pretty.len() > compact.len());
    assert_eq!(
        Document::parse_strict(&pretty, DocumentKind::Identity).unwrap().counted_size(),
        compact.len()
    );
}

#[test]
fn fact_122_characters_up_to_ff() {
    let with = |letter: &str| {
        identity(&format!(
            "{{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::{letter}\"}}\t\r\n"
        ))
    };
    assert!(Document::parse_strict(&with("é\u{ff}"), DocumentKind::Identity).is_ok());
    for letter in ["Ā", "中", "😀", "\u{2028}"] {
        assert_eq!(refusal(&with(letter), DocumentKind::Identity), "Syntax errors in policy.", "{letter}");
    }
}

#[test]
fn fact_123_versions_and_effects_are_exact() {
    let version = |version: &str| {
        format!(
            r#"{{"Version":{version},"Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}}"#
        )
    };
    for bad in ["\"2012-10-18\"", "\"2012\"", "20121017", "null", "\"\""] {
        assert_eq!(refusal(&version(bad), DocumentKind::Identity), "Syntax errors in policy.", "{bad}");
    }
    assert_eq!(
        refusal(&version("\"2008-10-17\""), DocumentKind::Identity),
        "Policy document must be version 2012-10-17 or greater."
    );
    let trust = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    assert!(Document::parse_strict(trust, DocumentKind::Trust).is_ok());
    let effect =
        |effect: &str| identity(&format!(r#"{{"Effect":"{effect}","Action":"s3:*","Resource":"*"}}"#));
    assert_eq!(refusal(&effect("allow"), DocumentKind::Identity), "The policy failed legacy parsing");
    assert_eq!(refusal(&effect("Permit"), DocumentKind::Identity), "Syntax errors in policy.");
    assert!(!ask(user()).document(&effect("allow")).is_allowed());
}

#[test]
fn fact_124_unknown_services_and_actions_are_not_refused() {
    let text =
        identity(r#"{"Effect":"Allow","Action":["nosuch:Thing","s3:NoSuchAction","ec2:*"],"Resource":"*"}"#);
    assert!(Document::parse_strict(&text, DocumentKind::Identity).is_ok());
}

#[test]
fn refusals_are_worded_as_aws_words_them() {
    for (statement, message) in [
        (r#"{"Effect":"Allow","Resource":"*"}"#, "Policy statement must contain actions."),
        (r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#, "Policy statement must contain actions."),
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, "Policy statement must contain resources."),
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":[]}"#, "Policy statement must contain resources."),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}"#,
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aw:s3:::b"}"#,
            "Partition \"aw\" is not valid for resource \"arn:aw:s3:::b\".",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws"}"#,
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::b"}"#,
            "The policy failed legacy parsing",
        ),
        (
            r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:us-east-1:123456789012:user/B"}"#,
            "IAM resource arn:aws:iam:us-east-1:123456789012:user/B cannot contain region information.",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:us-east-1::b"}"#,
            "Resource arn:aws:s3:us-east-1::b can not contain region information.",
        ),
        (
            r#"{"Effect":"Allow","Action":"GetObject","Resource":"*"}"#,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:Get:Object","Resource":"*"}"#,
            "Actions/Condition can contain only one colon.",
        ),
        (r#"{"Effect":"Allow","Action":"s 3:Get","Resource":"*"}"#, "Vendor s 3 is not valid"),
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Extra":1}"#, "Syntax errors in policy."),
        (r#"{"Effect":"Allow","action":"s3:*","Resource":"*"}"#, "Syntax errors in policy."),
        (
            r#"{"Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*"}"#,
            "Syntax errors in policy.",
        ),
        (r#"{"Effect":"Allow","Action":{"a":1},"Resource":"*"}"#, "Syntax errors in policy."),
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":[]}"#, "Syntax errors in policy."),
        (r#"{"Action":"s3:*","Resource":"*"}"#, "Syntax errors in policy."),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}"#,
            "The policy failed legacy parsing",
        ),
    ] {
        assert_eq!(refusal(&identity(statement), DocumentKind::Identity), message, "{statement}");
    }
    for text in [
        "",
        "x",
        "[]",
        "{}",
        "{\"Version\":\"2012-10-17\"}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":1}",
    ] {
        assert_eq!(refusal(text, DocumentKind::Identity), "Syntax errors in policy.", "{text}");
    }
    let trailing = identity(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#) + "x";
    assert_eq!(refusal(&trailing, DocumentKind::Identity), "Syntax errors in policy.");
}

#[test]
fn trust_policies_have_their_own_grammar() {
    let trust = |rest: &str| {
        identity(&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"123456789012"}},{rest}}}"#))
    };
    assert!(
        Document::parse_strict(
            &trust(r#""Action":["sts:AssumeRole","sts:TagSession"]"#),
            DocumentKind::Trust
        )
        .is_ok()
    );
    let refused = |rest: &str| refusal(&trust(rest), DocumentKind::Trust);
    assert_eq!(refused(r#""Action":"sts:AssumeRole","Resource":"*""#), "Has prohibited field Resource");
    assert_eq!(
        refused(r#""Action":"s3:GetObject""#),
        "AssumeRole policy may only specify STS AssumeRole actions."
    );
    assert_eq!(refused(r#""Action":"*""#), "AssumeRole policy may only specify STS AssumeRole actions.");
    let principal = |principal: &str| {
        let text =
            identity(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#));
        Document::parse_strict(&text, DocumentKind::Trust).map_err(|malformed| malformed.message)
    };
    for good in [
        "\"*\"",
        "{\"AWS\":\"*\"}",
        "{\"AWS\":[\"arn:aws:iam::123456789012:role/a/b\",\"AROAABCDEFGHIJKLMNOPQ\"]}",
        "{\"Service\":\"ec2.amazonaws.com\"}",
        "{\"Federated\":\"accounts.google.com\"}",
    ] {
        assert!(principal(good).is_ok(), "{good}");
    }
    for bad in [
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:iam::1234:root",
        "Bob",
        "arn:aws:s3:::b",
        "arn:aws:iam::123456789012:group/G",
    ] {
        let message = principal(&aws(bad)).unwrap_err();
        assert_eq!(message, format!("Invalid principal in policy: \"AWS\":\"{bad}\""));
    }
}

#[test]
fn refusals_tell_line_and_column() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Effect\": \"Allow\",\n    \"Action\": \"GetObject\",\n    \"Resource\": \"*\"\n  }]\n}";
    let malformed = Document::parse_strict(text, DocumentKind::Identity).unwrap_err();
    let place = position(text, malformed.diagnostics[0].span.start);
    assert_eq!((place.line, place.column), (5, 15));
    assert!(malformed.render(text).contains("5:15: error: the action `GetObject` names no service"));
}

#[test]
fn tolerant_reading_leaves_out_only_what_cannot_be_read() {
    let text = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":7},{"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"Bob"}]}"#;
    let (document, diagnostics) = Document::parse_tolerant(text);
    let document = document.unwrap();
    assert_eq!(document.statements().iter().map(|statement| statement.index).collect::<Vec<_>>(), [1]);
    assert_eq!(diagnostics.len(), 2);
    assert!(Document::parse_tolerant("{\"Statement\": [").0.is_none());
}

#[test]
fn nesting_size_and_odd_texts_are_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = identity(&format!(
        r#"{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{}"}}"#,
        "*a".repeat(600_000)
    ));
    for text in [deep.as_str(), huge.as_str(), "\u{0}", "{\"Statement\":[{\"Effect\":\"\\ud800\"}]}"] {
        assert_eq!(refusal(text, DocumentKind::Identity), "Syntax errors in policy.");
        assert!(Document::parse_tolerant(text).0.is_none());
    }
}
