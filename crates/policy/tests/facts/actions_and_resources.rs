//! Facts 73 to 86 and 142: actions and resources.

use crate::support::*;
use bailiwick_policy::*;
use std::sync::Arc;

fn action(pattern: &str, action: &str) -> bool {
    ask_allowed(&format!(r#"{{"Effect":"Allow","Action":"{pattern}","Resource":"*"}}"#))
        .action(action)
        .is_allowed()
}

fn resource(pattern: &str, resource: &str) -> bool {
    let ask = ask_allowed(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}"#));
    ask.resource(resource).owner(ACCOUNT).is_allowed()
}

#[test]
fn fact_073_actions_match_ignoring_case() {
    assert!(action("S3:getobject", "s3:GetObject") && action("s3:GET*", "S3:getOBJECT"));
}

#[test]
fn fact_074_wildcards_stand_in_the_name_only() {
    assert!(
        action("*", "s3:GetObject")
            && action("s3:*", "s3:GetObject")
            && action("s3:?et*ject", "s3:GetObject")
    );
    for pattern in ["*:GetObject", "s*:GetObject", "s3*", "?3:GetObject", "**", "*:?*"] {
        assert!(!action(pattern, "s3:GetObject"), "{pattern}");
    }
    // `*:*` is taken by AWS at write time, and it does not say what it means: read whichever way denies.
    let statement =
        |effect: &str, name: &str| format!(r#"{{"Effect":"{effect}","{name}":"*:*","Resource":"*"}}"#);
    assert_eq!(ask_allowed(&statement("Allow", "Action")).implicit(), Layer::Identity);
    assert_eq!(ask_allowed(&statement("Allow", "NotAction")).implicit(), Layer::Identity);
    for name in ["Action", "NotAction"] {
        let ask = ask_allowed(ALLOW_ALL).identity(&statement("Deny", name));
        assert_eq!(ask.explicit(), Layer::Identity, "{name}");
    }
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, statement("Deny", "Action"));
    assert!(Document::parse_strict(&text, DocumentKind::Identity).is_ok());
}

#[test]
fn fact_075_blanks_and_commas_never_match() {
    for pattern in [
        " s3:GetObject",
        "s3:GetObject ",
        "s3: GetObject",
        "s3:",
        ":GetObject",
        "s3:GetObject,s3:PutObject",
        "s3 :GetObject",
        "",
    ] {
        assert!(!action(pattern, "s3:GetObject"), "{pattern}");
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{pattern}","Resource":"*"}}}}"#
        );
        assert!(Document::parse_strict(&text, DocumentKind::Identity).is_err(), "{pattern}");
    }
}

#[test]
fn fact_076_not_action_covers_everything_else() {
    let allow = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    assert!(ask_allowed(allow).is_allowed());
    assert!(!ask_allowed(allow).action("iam:CreateUser").resource("*").is_allowed());
    let deny = r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}"#;
    assert_eq!(ask_allowed(deny).implicit(), Layer::Identity);
    assert_eq!(
        ask_allowed(deny).identity(ALLOW_ALL).action("iam:ListUsers").resource("*").explicit(),
        Layer::Identity
    );
}

#[test]
fn fact_077_resources_match_case_sensitively() {
    assert!(resource("arn:aws:s3:::bucket/Key", "arn:aws:s3:::bucket/Key"));
    assert!(!resource("arn:aws:s3:::bucket/Key", "arn:aws:s3:::bucket/key"));
    assert!(!resource("arn:aws:s3:::bucket/k*Y", "arn:aws:s3:::bucket/key"));
}

#[test]
fn fact_078_arn_parts_match_one_by_one_and_a_star_that_ends_one_goes_on() {
    let table = "arn:aws:dynamodb:us-east-1:123456789012:table/prod-orders";
    assert!(resource("arn:aws:dynamodb:*:*:table/prod-*", table));
    assert!(resource("arn:aws:dynamodb:us-*-1:1*2:table/*", table));
    // Inside a part a star stays there; in the sixth part it crosses colons.
    assert!(!resource("arn:aws:dynamodb:us*1:table/prod-*", table));
    assert!(!resource("arn:aws:dynamodb:us-e*2:table/prod-orders", table));
    assert!(resource(
        "arn:aws:logs:*:*:log-group:*:c",
        "arn:aws:logs:us-east-1:123456789012:log-group:a:b/x:c"
    ));
    // Today's guide: a star at the end of a part goes on beyond the colon.
    assert!(resource("arn:aws:dynamodb:*:table/prod-*", table));
    assert!(resource("arn:aws:dynamodb:us*:table/prod-orders", table));
    assert!(!resource("arn:aws:dynamodb:*:table/dev-*", table));
}

#[test]
fn fact_079_slashes_mean_nothing() {
    let pattern = "arn:aws:s3:::bucket/*/test/*";
    for name in ["1/test/x", "1/2/test/x", "/test/x", "1/test/", "1/2/test/3/x"] {
        assert!(resource(pattern, &format!("arn:aws:s3:::bucket/{name}")), "{name}");
    }
    for name in ["test/x", "1-test/x", "1/test"] {
        assert!(!resource(pattern, &format!("arn:aws:s3:::bucket/{name}")), "{name}");
    }
}

#[test]
fn fact_080_a_star_matches_nothing_too_and_a_question_mark_exactly_one() {
    let on = |pattern: &str, name: &str| {
        resource(&format!("arn:aws:s3:::b/{pattern}"), &format!("arn:aws:s3:::b/{name}"))
    };
    assert!(
        on("a*c", "abcc") && on("a*c", "ac") && on("a?c", "abc") && on("*a*b", "aab") && on("a?*c", "abc")
    );
    assert!(!on("a?c", "ac") && !on("a?c", "abbc") && !on("a*c", "abcd") && !on("a?*c", "ac"));
}

#[test]
fn fact_081_a_bucket_is_not_its_objects() {
    assert!(
        !resource("arn:aws:s3:::bucket", OBJECT) && !resource("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket")
    );
    for name in ["bucket", "bucket/key", "bucket2", "bucket2/key"] {
        assert!(resource("arn:aws:s3:::bucket*", &format!("arn:aws:s3:::{name}")), "{name}");
    }
}

#[test]
fn fact_082_actions_without_resource_types_are_judged_on_the_star() {
    let ask = |statement: &str| {
        ask_allowed(statement).action("s3:ListAllMyBuckets").resource(OBJECT).wildcard_only()
    };
    assert!(ask(ALLOW_ALL).is_allowed());
    for specific in ["arn:aws:s3:::*", "arn:aws:s3:::bucket/key", "arn:*:s3:*:*:*"] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{specific}"}}"#);
        assert!(!ask(&statement).is_allowed(), "{specific}");
        assert!(ask(ALLOW_ALL).identity(&statement.replace("Allow", "Deny")).is_allowed(), "{specific}");
        assert!(ask(&statement.replace("Resource", "NotResource")).is_allowed(), "{specific}");
    }
    assert!(!ask(r#"{"Effect":"Allow","Action":"*","NotResource":"*"}"#).is_allowed());
}

#[test]
fn fact_083_no_wildcard_in_the_service_and_no_variable_before_the_fifth_colon() {
    assert!(!resource("arn:aws:*:::bucket/key", OBJECT) && !resource("arn:aws:s?:::bucket/key", OBJECT));
    let statement =
        r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:queue"}"#;
    let ask = ask_allowed(statement).key("aws:PrincipalAccount", ACCOUNT);
    assert!(!ask.action("sqs:SendMessage").resource("arn:aws:sqs:us-east-1:123456789012:queue").is_allowed());
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:::x"}}"#;
    let malformed = Document::parse_strict(text, DocumentKind::Identity).unwrap_err();
    assert_eq!(malformed.message, "Resource vendor must be fully qualified and cannot contain regexes.");
}

#[test]
fn fact_084_not_resource_covers_resources_of_all_services() {
    let ask = ask_allowed(r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*"}"#);
    assert!(ask.is_allowed());
    assert!(
        ask.clone().action("sqs:SendMessage").resource("arn:aws:sqs:us-east-1:123456789012:q").is_allowed()
    );
    assert!(!ask.resource("arn:aws:s3:::secret/x").is_allowed());
}

#[test]
fn fact_085_a_call_on_several_resources_needs_all_of_them_each_with_its_own_keys() {
    let account = Principal::user(USER).unwrap();
    let set = |statements: &[&str]| {
        let document = Document::parse_tolerant(&policy(statements).to_string()).0.unwrap();
        let label = PolicyLabel::new(PolicyKind::Inline, USER, "p");
        PolicySet::new(vec![Arc::new(CompiledPolicy::compile(Arc::new(document), label))])
    };
    let run = r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringLike":{"ec2:InstanceType":"t*.micro"}}}"#;
    let image = r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*::image/*","Condition":{"StringEquals":{"ec2:Owner":"amazon"}}}"#;
    let of_instance = ContextMap::new().with("ec2:InstanceType", "t3.micro");
    let of_image = ContextMap::new().with("ec2:Owner", "amazon");
    let on = |resource, context| Request::new(&account, "ec2:RunInstances", resource, context);
    let instance = on("arn:aws:ec2:us-east-1:123456789012:instance/*", &of_instance);
    let bought = on("arn:aws:ec2:us-east-1::image/ami-1", &of_image);
    // The key of another resource of the same call does not count.
    let other = on("arn:aws:ec2:us-east-1::image/ami-2", &of_instance);
    let both = set(&[run, image]);
    let layers = Layers { identity: &both, ..Layers::default() };
    let all = evaluate_all([(&layers, &instance), (&layers, &bought)]).unwrap();
    assert!(all.is_allowed() && all.decisions.len() == 2);
    let all = evaluate_all([(&layers, &instance), (&layers, &other), (&layers, &bought)]).unwrap();
    assert_eq!((all.outcome(), all.deciding), (Outcome::ImplicitlyDenied, 1));
    // An explicit denial of one outweighs what the others lack.
    let denying = set(&[run, r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*::image/*"}"#]);
    let layers = Layers { identity: &denying, ..Layers::default() };
    let subnet = on("arn:aws:ec2:us-east-1:123456789012:subnet/s-1", &of_instance);
    let all = evaluate_all([(&layers, &instance), (&layers, &subnet), (&layers, &bought)]).unwrap();
    assert_eq!((all.outcome(), all.deciding), (Outcome::ExplicitlyDenied, 2));
    assert_eq!(all.decision(), Some(evaluate(&layers, &bought)));
    assert_eq!(evaluate_all([]), None, "what touches nothing is not allowed");
}

#[test]
fn fact_086_an_explanation_names_the_element_that_failed() {
    let ask = ask_allowed(r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::other/*"}"#);
    let explanation = ask.explain();
    let near = &explanation.layers[0].statements[0];
    assert_eq!(near.misses.len(), 1);
    assert_eq!(near.misses[0].element, Element::Resource);
    let text = near.policy.document().text();
    assert_eq!(near.misses[0].span.of(text), r#""Resource":"arn:aws:s3:::other/*""#);
    assert_eq!(near.action_span.unwrap().of(text), "\"s3:Get*\"");
}

#[test]
fn fact_142_missing_parts_are_completed_with_stars() {
    let queue = "arn:aws:sqs:us-east-1:123456789012:queue";
    for pattern in
        ["arn:aws:sqs", "arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:123456789012", "arn:aws:sqs:us-*"]
    {
        assert!(resource(pattern, queue), "{pattern}");
    }
    for pattern in ["arn:aws:sns", "arn:aws:sqs:eu-west-1", "arn:aws:sq", "arn"] {
        assert!(!resource(pattern, queue), "{pattern}");
    }
}
