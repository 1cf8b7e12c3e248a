//! Questions that bring everything along.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::decide::Decider;
use serde_json::{Value, json};

fn answer(question: &Value) -> Value {
    answer_line(&question.to_string())
}

fn answer_line(line: &str) -> Value {
    serde_json::to_value(Decider::new().answer(line)).unwrap()
}

fn policy(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": effect, "Action": action, "Resource": resource}]})
}

fn of(principal: &str, mut statement: Value) -> Value {
    statement["Principal"] = if principal == "*" { json!("*") } else { json!({"AWS": principal}) };
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

const ANN: &str = "arn:aws:iam::111122223333:user/team/Ann";
const KEY: &str = "arn:aws:s3:::bucket/key";

fn question(principal: &str) -> Value {
    json!({
        "id": "q",
        "request": {
            "principal": principal,
            "action": "s3:GetObject",
            "resource": {"arn": KEY, "account_id": "111122223333"},
            "context": {},
        },
        "identity_policies": [policy("Allow", "s3:*", "*")],
        "resource_policy": null,
        "boundaries": null,
        "session_policies": null,
        "scps": [],
        "rcps": [],
        "endpoint_policies": [],
        "options": {},
    })
}

#[track_caller]
fn decided(question: &Value, decision: &str, layer: &str) {
    let answer = answer(question);
    assert_eq!((&answer["decision"], &answer["layer"]), (&json!(decision), &json!(layer)), "{answer}");
}

#[test]
fn every_layer_has_its_say() {
    decided(&question(ANN), "Allowed", "identity");
    let deny = policy("Deny", "s3:Get*", "*");
    for (part, value, layer) in [
        ("identity_policies", json!([policy("Allow", "s3:*", "*"), deny]), "identity"),
        ("boundaries", json!([deny]), "boundary"),
        ("session_policies", json!([policy("Allow", "*", "*"), deny]), "session"),
        ("scps", json!([[deny]]), "scp"),
        ("resource_policy", of("*", deny["Statement"][0].clone()), "resource"),
        ("rcps", json!([[], [of("*", deny["Statement"][0].clone())]]), "rcp"),
        ("endpoint_policies", json!([of("*", deny["Statement"][0].clone())]), "endpoint"),
    ] {
        let mut question = question(ANN);
        question[part] = value;
        decided(&question, "ExplicitlyDenied", layer);
    }
    let other = policy("Allow", "sqs:*", "*");
    for (part, value, layer) in [
        ("identity_policies", json!([]), "identity"),
        ("identity_policies", json!(null), "identity"),
        ("boundaries", json!([other]), "boundary"),
        ("session_policies", json!([other]), "session"),
        ("scps", json!([[]]), "scp"),
        ("scps", json!([[policy("Allow", "*", "*")], [other]]), "scp"),
        ("endpoint_policies", json!([of("*", other["Statement"][0].clone())]), "endpoint"),
    ] {
        let mut question = question(ANN);
        question[part] = value;
        decided(&question, "ImplicitlyDenied", layer);
    }
    for (part, value) in [
        ("boundaries", json!([])),
        ("session_policies", json!([])),
        ("session_policies", json!([other, policy("Allow", "s3:*", "*")])),
        ("scps", json!([[policy("Allow", "*", "*"), other]])),
        ("rcps", json!([[]])),
    ] {
        let mut question = question(ANN);
        question[part] = value;
        decided(&question, "Allowed", "identity");
    }
}

#[test]
fn principals_are_of_many_kinds() {
    let mut open = question(ANN);
    open["identity_policies"] = json!(null);
    open["resource_policy"] =
        of("*", json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}));
    for principal in [
        "anonymous",
        "cloudtrail.amazonaws.com",
        ANN,
        "arn:aws:iam::111122223333:role/r",
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "arn:aws:sts::111122223333:federated-user/f",
    ] {
        open["request"]["principal"] = json!(principal);
        decided(&open, "Allowed", "resource");
    }
    open["request"]["principal"] = json!(null);
    open["request"]["principal_type"] = json!("Anonymous");
    open["scps"] = json!([[policy("Deny", "*", "*")]]);
    decided(&open, "Allowed", "resource");

    let root = question("arn:aws:iam::111122223333:root");
    assert_eq!(answer(&root)["cause"], "root_user");

    let mut linked = question("arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s");
    linked["scps"] = json!([[policy("Deny", "*", "*")]]);
    decided(&linked, "ExplicitlyDenied", "scp");
    linked["request"]["principal_type"] = json!("ServiceLinkedRole");
    decided(&linked, "Allowed", "identity");

    let mut manager = question(ANN);
    manager["scps"] = json!([[policy("Deny", "*", "*")]]);
    manager["request"]["management_account"] = json!(true);
    decided(&manager, "Allowed", "identity");

    let mut odd = question(ANN);
    odd["request"]["principal_type"] = json!("Robot");
    assert!(
        answer(&odd)["error"]
            .as_str()
            .unwrap()
            .starts_with("`Robot` is no type of principals; types are Account")
    );
    odd["request"]["principal_type"] = json!("AssumedRole");
    assert_eq!(answer(&odd)["error"], format!("`{ANN}` names no principal of type AssumedRole"));
}

#[test]
fn the_context_is_what_is_given_and_what_the_arn_says() {
    let mut asked = question(ANN);
    let mut with = |condition: Value, context: Value| {
        asked["identity_policies"][0]["Statement"][0]["Condition"] = condition;
        asked["request"]["context"] = context;
        answer(&asked)
    };
    let holds = |answer: Value| answer["decision"] == "Allowed";
    assert!(holds(with(json!({"StringEquals": {"aws:username": "Ann"}}), json!({}))));
    assert!(holds(with(json!({"ArnEquals": {"aws:PrincipalArn": ANN}}), json!({}))));
    assert!(!holds(with(json!({"StringEquals": {"aws:username": "Ann"}}), json!({"aws:UserName": "Bob"}))));
    assert!(!holds(with(json!({"StringEquals": {"aws:username": "Ann"}}), json!({"aws:username": null}))));
    assert!(holds(with(json!({"NumericEquals": {"s3:max-keys": "10"}}), json!({"s3:max-keys": 10}))));
    assert!(holds(with(
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"aws:SecureTransport": true})
    )));
    let set = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}});
    assert!(holds(with(set.clone(), json!({"aws:TagKeys": ["a", "b"]}))));
    assert!(!holds(with(set, json!({"aws:TagKeys": ["a", "c"]}))));
    let missing = with(json!({"Bool": {"aws:SecureTransport": "true"}}), json!({}));
    assert_eq!(missing["missing_context"], json!(["aws:SecureTransport"]));
    assert_eq!(missing["decision"], "ImplicitlyDenied");
    let bad = with(json!({}), json!({"aws:TagKeys": {"a": 1}}));
    assert!(bad["error"].as_str().unwrap().starts_with("`request.context.aws:TagKeys` is not a text"));
}

#[test]
fn options_tell_what_the_question_does_not() {
    let mut asked = question(ANN);
    asked["request"]["action"] = json!("s3:ListAllMyBuckets");
    asked["identity_policies"] = json!([policy("Allow", "s3:*", "arn:aws:s3:::bucket/*")]);
    let without = answer(&asked);
    assert_eq!(without["decision"], "Allowed");
    assert_eq!(without["diagnostics"][0]["code"], "ACTION_WITHOUT_RESOURCE_TYPE");
    asked["options"]["wildcard_only_action"] = json!(true);
    decided(&asked, "ImplicitlyDenied", "identity");

    let mut tags = question(ANN);
    tags["request"]["context"] = json!({"aws:ResourceTag/team": "a"});
    tags["identity_policies"][0]["Statement"][0]["Condition"] =
        json!({"StringEquals": {"aws:ResourceTag/team": "a"}});
    decided(&tags, "Allowed", "identity");
    tags["options"]["s3_abac"] = json!(true);
    decided(&tags, "Allowed", "identity");
    tags["options"]["s3_abac"] = json!(false);
    decided(&tags, "ImplicitlyDenied", "identity");
}

#[test]
fn statements_are_told_with_their_places() {
    let mut asked = question(ANN);
    asked["scps"] =
        json!([[policy("Allow", "*", "*")], [{"name": "guard", "policy": policy("Deny", "s3:*", "*")}]]);
    let answer = answer(&asked);
    assert_eq!(answer["id"], "q");
    assert_eq!(answer["level"], 1);
    assert_eq!(
        answer["statements"],
        json!([{"layer": "scp", "policy": "scps[1][0]", "name": "guard", "statement": 0, "sid": "S", "effect": "Deny",
            "decides": true, "line": 1, "column": 38}])
    );
}

#[test]
fn what_cannot_be_read_never_allows() {
    let mut asked = question(ANN);
    asked["identity_policies"] = json!([policy("Allow", "s3:*", "*"), policy("deny", "s3:*", "*")]);
    let unsure = answer(&asked);
    let error = unsure["error"].as_str().unwrap();
    assert!(
        error.starts_with("what can be read allows it, but `identity_policies[1]` cannot be read whole: 1:"),
        "{error}"
    );
    asked["identity_policies"] = json!([policy("allow", "s3:*", "*")]);
    let denied = answer(&asked);
    assert_eq!(denied["decision"], "ImplicitlyDenied");
    assert_eq!(denied["diagnostics"][0]["code"], "INVALID_EFFECT");
    let mut asked = question(ANN);
    asked["boundaries"] = json!([{}]);
    decided(&asked, "ImplicitlyDenied", "boundary");
}

#[test]
fn malformed_questions_are_told_apart() {
    for (line, error) in [
        ("{", "the question is no JSON object: EOF while parsing an object at column 1"),
        ("[]", "the question is no JSON object: invalid type: sequence, expected an object"),
        ("{}", "`request` is missing"),
        (r#"{"request":{},"request":{}}"#, "`request` stands twice in the question"),
        (r#"{"request":{"principal":"x"}}"#, "`x` names no principal"),
        (r#"{"request":{"principal":"anonymous"}}"#, "`request.action` is missing"),
        (
            r#"{"request":{"principal":"anonymous","action":"s3:*"}}"#,
            "`s3:*` is no action; write it as SERVICE:ACTION without wildcards",
        ),
        (r#"{"request":{"principal":"anonymous","action":"s3:A"}}"#, "`request.resource` is missing"),
        (
            r#"{"request":{"principal":"anonymous","action":"s3:A","resource":{"arn":"x"}}}"#,
            "`x` names no resource; write an ARN or `*`",
        ),
        (
            r#"{"request":{"principal":"anonymous","action":"s3:A","resource":{"arn":"*","account_id":"1"}}}"#,
            "`1` is no account id; those are twelve digits",
        ),
        (
            r#"{"request":{"principal":"anonymous","action":"s3:A","resource":"*"},"scps":[{}]}"#,
            "`scps[0]` is not an array",
        ),
        (
            r#"{"request":{"principal":"anonymous","action":"s3:A","resource":"*"},"identity_policies":["x"]}"#,
            "`identity_policies[0]` is not an object",
        ),
    ] {
        assert_eq!(answer_line(line)["error"], error, "{line}");
    }
    assert_eq!(answer_line(r#"{"id":7,"request":null}"#)["id"], 7);
    let odd = answer_line(
        r#"{"request":{"principal":"anonymous","action":"s3:A","resource":"*"},"identity_polices":[]}"#,
    );
    assert_eq!(odd["diagnostics"][0]["message"], "there is no `identity_polices`; it is not read");
    assert_eq!(odd["decision"], "ImplicitlyDenied");
}

#[test]
fn what_is_remembered_answers_alike() {
    let mut decider = Decider::new();
    let line = question(ANN).to_string();
    let first = serde_json::to_value(decider.answer(&line)).unwrap();
    assert_eq!(serde_json::to_value(decider.answer(&line)).unwrap(), first);
}

/// Each word of how questions are described: what is there, what may be left out, what comes back.
#[test]
fn the_form_is_as_described() {
    let full = answer(&question(ANN));
    let members: Vec<_> = full.as_object().unwrap().keys().cloned().collect();
    for member in ["id", "decision", "layer", "statements", "missing_context", "diagnostics"] {
        assert!(members.contains(&member.to_owned()), "{member}: {members:?}");
    }
    // Null means none, wherever it stands, and so does leaving out.
    let mut bare = question(ANN);
    for part in
        ["resource_policy", "boundaries", "session_policies", "scps", "rcps", "endpoint_policies", "options"]
    {
        bare[part] = json!(null);
        decided(&bare, "Allowed", "identity");
        bare.as_object_mut().unwrap().remove(part);
        decided(&bare, "Allowed", "identity");
    }
    bare["request"]["principal_type"] = json!(null);
    bare["request"]["context"] = json!(null);
    bare["request"]["resource"]["account_id"] = json!(null);
    decided(&bare, "Allowed", "identity");
    // The owner decides whether this is across accounts.
    bare["request"]["resource"]["account_id"] = json!("444455556666");
    decided(&bare, "ImplicitlyDenied", "resource");
    // Session policies are OR-ed, and an empty list is none.
    let mut session = question("arn:aws:sts::111122223333:assumed-role/r/s");
    for (policies, decision, layer) in [
        (json!([]), "Allowed", "identity"),
        (json!([policy("Allow", "sqs:*", "*")]), "ImplicitlyDenied", "session"),
        (json!([policy("Allow", "sqs:*", "*"), policy("Allow", "s3:*", "*")]), "Allowed", "identity"),
    ] {
        session["session_policies"] = policies;
        decided(&session, decision, layer);
    }
    // An id of any kind comes back, and questions without one are answered.
    for id in [json!(7), json!("x"), json!(null), json!({"a": [1]})] {
        let mut asked = question(ANN);
        asked["id"] = id.clone();
        assert_eq!(answer(&asked)["id"], id);
    }
}

#[test]
fn fact_085_several_resources_are_judged_each_and_needed_all() {
    let mut asked = question(ANN);
    asked["request"]["action"] = json!("ec2:RunInstances");
    asked["request"]["context"] = json!({"aws:RequestedRegion": "eu-north-1", "ec2:Owner": "somebody"});
    asked["identity_policies"] = json!([{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-north-1"}}},
        {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*::image/*",
         "Condition": {"StringEquals": {"ec2:Owner": "amazon"}}}]}]);
    let instance = "arn:aws:ec2:eu-north-1:111122223333:instance/*";
    let image = "arn:aws:ec2:eu-north-1::image/ami-1";
    asked["request"]["resource"] = json!([instance, {"arn": image, "context": {"ec2:owner": "amazon"}}]);
    let both = answer(&asked);
    assert_eq!(both["decision"], "Allowed", "{both}");
    assert_eq!(both["resources"][1]["statements"][0]["statement"], 1);
    asked["request"]["resource"] = json!([instance, image]);
    let one = answer(&asked);
    assert_eq!(one["decision"], "ImplicitlyDenied");
    let decisions: Vec<_> = one["resources"].as_array().unwrap().iter().map(|it| &it["decision"]).collect();
    assert_eq!(decisions, ["Allowed", "ImplicitlyDenied"]);
    assert_eq!(one["resources"][1]["arn"], image);
    // Each may bring its own policy; the question's stands where one brings none.
    let mut objects = question(ANN);
    objects["identity_policies"] = json!([]);
    let open = of(ANN, json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let closed = of(ANN, json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}));
    objects["resource_policy"] = open;
    objects["request"]["resource"] =
        json!([KEY, {"arn": "arn:aws:s3:::other/key", "resource_policy": closed}]);
    let told = answer(&objects);
    assert_eq!((&told["decision"], &told["layer"]), (&json!("ExplicitlyDenied"), &json!("resource")));
    assert_eq!(told["statements"][0]["policy"], "request.resource[1].resource_policy");
    assert_eq!(told["resources"][0]["decision"], "Allowed");
    objects["request"]["resource"] = json!([]);
    assert_eq!(answer(&objects)["error"], "`request.resource` is missing");
}

#[test]
fn changes_are_told_if_they_are_asked_for() {
    let mut asked = question(ANN);
    assert_eq!(answer(&asked)["changes"], json!(null));
    asked["options"]["changes"] = json!(true);
    let allowed = answer(&asked);
    let step = &allowed["changes"][0][0];
    assert_eq!((&step["step"], &step["layer"]), (&json!("remove"), &json!("identity")));
    assert_eq!(step["statement"]["policy"], "identity_policies[0]");
    asked["scps"] =
        json!([[policy("Allow", "*", "*")], [policy("Allow", "ec2:*", "*"), policy("Deny", "s3:*", "*")]]);
    asked["boundaries"] = json!([policy("Allow", "s3:*", "arn:aws:s3:::other/*")]);
    let denied = answer(&asked);
    let steps: Vec<_> = denied["changes"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["step"], &it["layer"], &it["fails"]))
        .collect();
    assert_eq!(
        steps,
        [
            (&json!("lift"), &json!("scp"), &json!(null)),
            (&json!("allow"), &json!("scp"), &json!(null)),
            (&json!("allow"), &json!("boundary"), &json!(["resource"])),
        ]
    );
    assert_eq!(denied["changes"][0][0]["level"], 1);
    let me = json!({"request": {"principal": ANN, "action": "sts:GetCallerIdentity", "resource": "*"}, "options": {"changes": true}});
    assert_eq!(answer(&me)["changes"], json!([]));
}

/// What a principal's ARN says, and nothing else; facts that the server's own requests cannot show.
#[test]
fn fact_129_only_users_have_a_user_name_whoever_asks() {
    for (principal, expected) in [
        (ANN, json!("Allowed")),
        ("arn:aws:iam::111122223333:root", json!("Allowed")),
        ("arn:aws:iam::111122223333:role/team/Ann", json!("ImplicitlyDenied")),
        ("arn:aws:sts::111122223333:assumed-role/Ann/Ann", json!("ImplicitlyDenied")),
        ("arn:aws:sts::111122223333:federated-user/Ann", json!("ImplicitlyDenied")),
    ] {
        let mut asked = question(principal);
        let mut conditional = policy("Allow", "s3:*", "*");
        conditional["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:username": "Ann"}});
        asked["identity_policies"] = json!([conditional]);
        asked["session_policies"] = json!([policy("Allow", "*", "*")]);
        assert_eq!(answer(&asked)["decision"], expected, "{principal}");
    }
}

fn principal_key(principal: &str, key: &str, value: &str) -> bool {
    let mut asked = question(principal);
    let condition = json!({"StringEquals": {key: value}});
    asked["identity_policies"] = json!([]);
    // A denial shows what a root user has, too.
    asked["resource_policy"] =
        of("*", json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition}));
    answer(&asked)["decision"] == "ExplicitlyDenied"
}

#[test]
fn fact_130_user_ids_of_root_and_federated_users() {
    assert!(principal_key("arn:aws:iam::111122223333:root", "aws:userid", "111122223333"));
    assert!(principal_key(
        "arn:aws:sts::111122223333:federated-user/Fred",
        "aws:userid",
        "111122223333:Fred"
    ));
    // Of users and roles the ARN does not tell it.
    for principal in [ANN, "arn:aws:sts::111122223333:assumed-role/r/s"] {
        let mut asked = question(principal);
        asked["identity_policies"][0]["Statement"][0]["Condition"] = json!({"Null": {"aws:userid": "true"}});
        decided(&asked, "Allowed", "identity");
    }
}

#[test]
fn fact_131_types_of_principals_follow_from_the_arn() {
    for (principal, kind) in [
        ("arn:aws:iam::111122223333:root", "Account"),
        (ANN, "User"),
        ("arn:aws:iam::111122223333:role/r", "AssumedRole"),
        ("arn:aws:sts::111122223333:assumed-role/r/s", "AssumedRole"),
        ("arn:aws:sts::111122223333:federated-user/Fred", "FederatedUser"),
    ] {
        assert!(principal_key(principal, "aws:PrincipalType", kind), "{principal}");
    }
}
