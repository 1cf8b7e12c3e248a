//! What an explanation tells beyond the decision.

use crate::support::*;
use bailiwick_policy::{Document, Effect, Element, Layer, Outcome};

#[test]
fn the_deciding_statement_is_named_with_its_place() {
    let document = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"},\n    {\"Sid\": \"No\", \"Effect\": \"Deny\", \"Action\": [\"ec2:*\", \"s3:Get*\"], \"Resource\": \"*\"}\n  ]\n}";
    let ask = ask(user()).document(document);
    let explanation = ask.explain();
    assert_eq!(explanation.decision, ask.decide());
    let deciding = explanation.deciding_statement().unwrap();
    assert_eq!(deciding.effect, Effect::Deny);
    assert_eq!(&*deciding.statement().unwrap().sid.as_ref().unwrap().value, "No");
    assert_eq!(deciding.action_span.unwrap().of(deciding.policy.document().text()), "\"s3:Get*\"");
    assert_eq!(explanation.matched().count(), 2);
}

#[test]
fn missing_context_keys_are_named() {
    let ask = when(r#"{"StringEquals":{"aws:PrincipalTag/Team":"${aws:ResourceTag/Team}"}}"#);
    let explanation = ask.explain();
    assert_eq!(explanation.missing_context, ["aws:principaltag/team", "aws:resourcetag/team"]);
    let misses = &explanation.layers[0].statements[0].misses;
    assert_eq!(misses[0].element, Element::Condition(0));
}

#[test]
fn every_layer_tells_its_part() {
    let ask = ask(user())
        .identity(ALLOW_ALL)
        .boundary(r#"{"Effect":"Allow","Action":"s3:Put*","Resource":"*"}"#)
        .scps(&[ALLOW_ALL]);
    let explanation = ask.explain();
    assert_eq!(explanation.decision.outcome, Outcome::ImplicitlyDenied);
    let parts: Vec<_> = explanation.layers.iter().map(|layer| (layer.layer, layer.allows)).collect();
    assert_eq!(parts, [(Layer::Scp, true), (Layer::Identity, true), (Layer::Boundary, false)]);
    let boundary = explanation.deciding_layer().unwrap();
    assert_eq!(boundary.statements[0].misses[0].element, Element::Action);
}

#[test]
fn statements_far_from_the_request_are_left_out() {
    let ask = ask(user()).identity(r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#);
    assert!(ask.explain().layers[0].statements.is_empty());
}

#[test]
fn principals_can_be_rewritten_and_nothing_else_changes() {
    let text = "{ \"Version\" : \"2012-10-17\",\n \"Statement\": {\"Effect\":\"Allow\", \"Principal\": {\"AWS\": [\"arn:aws:iam::123456789012:user/B\", \"123456789012\"], \"Service\":\"ec2.amazonaws.com\"},\n \"Action\": \"sts:AssumeRole\"} }";
    let (document, diagnostics) = Document::parse_tolerant(text);
    assert!(diagnostics.is_empty());
    let document = document.unwrap();
    assert_eq!(document.principals().count(), 3);
    let rewritten = document
        .rewrite_principals(&mut |principal| principal.ends_with("user/B").then(|| "AIDAX".to_owned()));
    assert_eq!(rewritten, text.replace("arn:aws:iam::123456789012:user/B", "AIDAX"));
}
