//! `DecodeAuthorizationMessage`.

use crate::harness::{Answer, World, allow};

fn encoded(refused: &Answer) -> String {
    let message = refused.any_message();
    let (_, encoded) =
        message.split_once("Encoded authorization failure message: ").expect("an encoded message");
    encoded.to_owned()
}

#[test]
fn a_refusal_of_our_own_service_can_be_decoded() {
    let world = World::new();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Never","Effect":"Deny","Action":"bailiwick:*","Resource":"*"}]}"#;
    let bob = world.user("bob", deny);
    let refused = world.own_as(&bob, "Status", "{}").expect_code("denied", "AccessDeniedException");
    let encoded = encoded(&refused);
    assert!(encoded.len() <= 10_240);
    let params = [("EncodedMessage", encoded.as_str())];
    world.sts_as(&bob, "DecodeAuthorizationMessage", &params).expect_code("no right", "AccessDenied");
    let decoded = world.sts_as(&world.admin, "DecodeAuthorizationMessage", &params).expect_ok("decoded");
    let message: serde_json::Value = serde_json::from_str(&decoded.text("DecodedMessage")).unwrap();
    assert_eq!(message["allowed"], false);
    assert_eq!(message["explicitDeny"], true);
    assert_eq!(message["matchedStatements"]["items"][0]["statementId"], "Never");
    assert_eq!(message["context"]["action"], "bailiwick:Status");
    assert!(message["context"]["principal"]["arn"].as_str().unwrap().ends_with(":user/bob"));
    let conditions = message["context"]["conditions"]["items"].as_array().unwrap();
    assert!(conditions.iter().any(|condition| condition["key"] == "aws:username"));
}

#[test]
fn what_was_changed_or_made_elsewhere_is_no_message() {
    let world = World::new();
    let bob = world.user("bob", "");
    let encoded = encoded(&world.own_as(&bob, "Status", "{}"));
    let decode =
        |text: &str| world.sts_as(&world.admin, "DecodeAuthorizationMessage", &[("EncodedMessage", text)]);
    decode(&encoded).expect_ok("as it is");
    for bad in
        ["x", &encoded[..encoded.len() - 1], &encoded.replace(&encoded[40..41], "_-"), &"A".repeat(10_240)]
    {
        let refused = decode(bad).expect_code("bad", "InvalidAuthorizationMessageException");
        assert_eq!((refused.status, refused.message()), (400, "Message is not valid".to_owned()));
    }
    decode(&"A".repeat(10_241)).expect_code("too long", "ValidationError");
    let other = world.second_account();
    let params = [("EncodedMessage", encoded.as_str())];
    world
        .sts_as(&other, "DecodeAuthorizationMessage", &params)
        .expect_code("another account", "InvalidAuthorizationMessageException");
}

#[test]
fn iam_and_sts_give_no_messages() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["s3:*"]));
    for refused in
        [world.iam_as(&bob, "ListUsers", &[]), world.sts_as(&bob, "GetFederationToken", &[("Name", "Ann")])]
    {
        let refused = refused.expect_code("refused", "AccessDenied");
        assert!(!refused.message().contains("Encoded"), "{}", refused.message());
    }
}
