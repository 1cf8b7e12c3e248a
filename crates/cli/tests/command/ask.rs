use crate::run::run;
use serde_json::{Value, json};
use std::path::Path;

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }] })
}

fn answers(home: &Path, questions: &[Value]) -> Vec<Value> {
    let file = home.join("questions.jsonl");
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    std::fs::write(&file, lines).unwrap();
    let ran = run(home, &["ask", file.to_str().unwrap()]).good();
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn answer(question: &Value) -> Value {
    let home = tempfile::tempdir().unwrap();
    answers(home.path(), std::slice::from_ref(question)).remove(0)
}

/// The example of `aws accessanalyzer check-no-new-access`.
#[test]
fn new_access_as_aws_answers() {
    let bucket = "arn:aws:s3:::amzn-s3-demo-bucket/*";
    let new = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [bucket] }] });
    for mode in ["aws-compat", "realistic"] {
        let mut question = json!({ "id": "x", "kind": "no_new_access", "policy_type": "IDENTITY_POLICY", "mode": mode,
            "policy": new.to_string(), "reference": allow("s3:GetObject", bucket) });
        let found = answer(&question);
        assert_eq!((&found["id"], &found["verdict"]), (&json!("x"), &json!("FAIL")));
        assert_eq!(found["reasons"], json!(["New access in the statement with index: 0."]));
        assert_eq!(found["statements"], json!([{ "in": "policy", "statement": 0, "sid": null }]));
        assert_eq!(found["witness"]["action"], "s3:PutObject");
        assert_eq!(found["witness"]["principal"], Value::Null);
        question["reference"] = allow("s3:*", "*");
        let found = answer(&question);
        assert_eq!(
            found,
            json!({ "id": "x", "verdict": "PASS", "witness": null, "statements": [], "reasons": [],
                    "diagnostics": [] })
        );
    }
}

/// <https://docs.aws.amazon.com/cli/latest/reference/accessanalyzer/check-access-not-granted.html>
#[test]
fn access_is_granted_or_not() {
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*" },
        { "Sid": "Notes", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::notes/*" }] });
    let ask = |access: Value| {
        answer(&json!({ "id": 1, "kind": "access_not_granted", "policy": policy, "access": access }))
    };
    assert_eq!(ask(json!([{ "actions": ["s3:DeleteObject"] }]))["verdict"], "PASS");
    let found = ask(json!([{ "actions": ["s3:DeleteObject"] }, { "actions": ["s3:PutObject"] }]));
    assert_eq!(
        found["reasons"],
        json!(["One or more of the listed actions in the statement with sid: Notes."])
    );
    let found = ask(json!([{ "actions": "s3:PutObject", "resources": ["arn:aws:s3:::payroll/*"] }]));
    assert_eq!(found["verdict"], "PASS");
    let found = ask(json!([{ "resources": ["arn:aws:s3:::notes/*"] }]));
    assert_eq!(found["verdict"], "FAIL");
    assert_eq!(
        found["reasons"][0],
        "One or more of the listed actions or resources in the statement with index: 0."
    );
}

#[test]
fn public_or_not() {
    let policy = |condition: Value| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "All", "Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition }] })
    };
    let ask = |kind: &str, policy: Value| {
        answer(&json!({ "id": 1, "kind": "public", "resource_type": kind, "policy": policy }))
    };
    let found = ask("AWS::S3::Bucket", policy(json!({})));
    assert_eq!(found["verdict"], "FAIL");
    assert_eq!(found["reasons"], json!(["Public access granted in the following statement with sid: All."]));
    let organization = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } });
    assert_eq!(ask("AWS::S3::Bucket", policy(organization))["verdict"], "PASS");
    assert_eq!(ask("AWS::Made::Up", policy(json!({})))["verdict"], "FAIL");
    let role = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "*" },
        "Action": "sts:AssumeRole" } });
    assert_eq!(ask("AWS::IAM::AssumeRolePolicyDocument", role)["verdict"], "FAIL");
}

#[test]
fn equivalent_or_lost() {
    let ask = |policy: Value, reference: Value| {
        answer(&json!({ "id": 1, "kind": "equivalent", "policy": policy, "reference": reference }))
    };
    let found = ask(allow("s3:get*", "*"), allow("s3:Get*", "*"));
    assert_eq!(found["verdict"], "PASS");
    let found = ask(allow("s3:GetObject", "*"), allow("s3:Get*", "*"));
    assert_eq!(found["verdict"], "FAIL");
    assert_eq!(found["statements"], json!([{ "in": "reference", "statement": 0, "sid": null }]));
    assert_eq!(found["reasons"], json!(["Lost access of the reference's statement with index: 0."]));
}

#[test]
fn an_scp_that_only_denies_stands_beside_full_access() {
    let deny = |action: &str| json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": action, "Resource": "*" } });
    let ask = |policy: Value, reference: Value| {
        answer(&json!({ "id": 1, "kind": "no_new_access", "policy_type": "scp", "policy": policy,
            "reference": reference }))
    };
    let found = ask(deny("s3:Delete*"), deny("s3:DeleteBucket"));
    assert_eq!(found["verdict"], "PASS");
    assert_eq!(found["diagnostics"][0]["code"], "DENY_LIST");
    let found = ask(deny("s3:DeleteBucket"), deny("s3:Delete*"));
    let denied = json!([{ "in": "reference", "statement": 0, "sid": null }]);
    assert_eq!((&found["verdict"], &found["statements"]), (&json!("FAIL"), &denied));
    let reason = "New access that the reference's statement with index: 0 denied.";
    assert_eq!(found["reasons"], json!([reason]));
    let allow = allow("*", "*");
    let found = ask(deny("s3:DeleteBucket"), allow.clone());
    assert_eq!(found["verdict"], "PASS");
    let found = ask(allow, deny("s3:DeleteBucket"));
    assert_eq!(found["reasons"], json!(["New access in the statement with index: 0.", reason]));
}

#[test]
fn what_cannot_be_read_whole_is_not_determined() {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": 3, "Resource": "*" }] });
    let found =
        answer(&json!({ "id": 1, "kind": "no_new_access", "policy": policy, "reference": allow("*", "*") }));
    assert_eq!(found["verdict"], "UNDETERMINED");
    assert!(found["reasons"][0].as_str().unwrap().starts_with("`policy` cannot be read whole: "), "{found}");
    assert!(!found["diagnostics"].as_array().unwrap().is_empty());
}

#[test]
fn bad_lines_are_told_and_the_others_go_on() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("questions.jsonl");
    let policy = allow("s3:*", "*");
    let lines = [
        "nonsense".to_owned(),
        "{\"id\": 1}".to_owned(),
        json!({ "id": 2, "kind": "wider", "policy": policy }).to_string(),
        json!({ "id": 3, "kind": "no_new_access", "policy": policy }).to_string(),
        json!({ "id": 4, "kind": "public", "policy": [] }).to_string(),
        json!({ "id": 5, "kind": "public", "policy": "{" }).to_string(),
        json!({ "id": 6, "kind": "access_not_granted", "policy": policy, "access": [{ "actions": ["all"] }] })
            .to_string(),
        json!({ "id": 7, "kind": "access_not_granted", "policy": policy, "access": [{ "resources": ["b"] }] })
            .to_string(),
        json!({ "id": 8, "kind": "access_not_granted", "policy": policy, "access": [] }).to_string(),
        json!({ "id": 9, "kind": "public", "policy": policy, "mode": "fast" }).to_string(),
        json!({ "id": 10, "kind": "public", "policy": policy, "policy_type": "odd" }).to_string(),
        json!({ "id": 11, "kind": "no_new_access", "policy": policy, "reference": policy }).to_string(),
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let ran = run(home.path(), &["ask", file.to_str().unwrap()])
        .bad(2, "error: 11 of 12 questions could not be answered");
    insta::assert_snapshot!("ask-bad-lines", ran.out);
}

/// The samples in <https://github.com/aws-samples/iam-access-analyzer-custom-policy-check-samples>:
/// `identity-policies/check-access-to-sensitive-resource/cloudformation-stack.md`.
#[test]
fn a_sensitive_stack_as_aws_documents_it() {
    let reference = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": ["cloudformation:DeleteStack", "cloudformation:UpdateStack"],
          "Resource": "arn:aws:cloudformation:*:*:stack/MySensitiveStack/*" }] });
    let stack = |name: &str| {
        allow("cloudformation:DeleteStack", &format!("arn:aws:cloudformation:*:*:stack/{name}/*"))
    };
    let ask = |policy: Value, mode: &str| json!({ "id": 1, "kind": "no_new_access", "policy": policy, "reference": reference, "mode": mode });
    let home = tempfile::tempdir().unwrap();
    for mode in ["aws-compat", "realistic"] {
        let policies = [
            stack("NotMySensitiveStack"),
            stack("MySensitiveStack"),
            stack("*Sensitive*"),
            allow("cloudformation:*", "*"),
        ];
        let questions = policies.map(|policy| ask(policy, mode));
        let verdicts: Vec<Value> =
            answers(home.path(), &questions).iter().map(|answer| answer["verdict"].clone()).collect();
        assert_eq!(verdicts, ["PASS", "FAIL", "FAIL", "FAIL"], "{mode}");
    }
}

#[test]
fn what_names_principals_is_a_policy_of_a_resource() {
    let policy = |principal: &str| {
        json!({ "Statement": { "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "s3:GetObject",
            "Resource": "*" } })
    };
    let found = answer(&json!({ "id": 1, "kind": "no_new_access", "policy": policy("444455556666"),
        "reference": policy("111122223333") }));
    assert_eq!(found["verdict"], "FAIL");
    assert!(found["witness"]["principal"].as_str().unwrap().contains(":444455556666:"), "{found}");
}

#[test]
fn an_rcp_that_denies_less_gives_new_access() {
    let rcp = |action: &str| json!({ "Statement": { "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*" } });
    let ask = |policy: &str, reference: &str| {
        answer(&json!({ "id": 1, "kind": "no_new_access", "policy_type": "rcp", "policy": rcp(policy),
            "reference": rcp(reference) }))
    };
    assert_eq!(ask("s3:*", "s3:Get*")["verdict"], "PASS");
    let found = ask("s3:Get*", "s3:*");
    assert_eq!(found["reasons"], json!(["New access that the reference's statement with index: 0 denied."]));
    assert_eq!(found["statements"], json!([{ "in": "reference", "statement": 0, "sid": null }]));
    // Of several, all that deny what is allowed now; what denies on both sides is not to blame.
    let several = |statements: Value| json!({ "Statement": statements });
    let deny = |sid: &str, action: &str| json!({ "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*" });
    let old = several(json!([deny("A", "s3:Get*"), deny("B", "sqs:*"), deny("C", "kms:Decrypt")]));
    let new = several(json!([deny("C", "kms:Decrypt"), deny("D", "s3:GetObject")]));
    let question =
        json!({ "id": 1, "kind": "equivalent", "policy_type": "rcp", "policy": new, "reference": old });
    let found = answer(&question);
    assert_eq!(
        found["statements"],
        json!([{ "in": "reference", "statement": 0, "sid": "A" }, { "in": "reference", "statement": 1, "sid": "B" }])
    );
    let question =
        json!({ "id": 1, "kind": "equivalent", "policy_type": "rcp", "policy": old, "reference": new });
    let found = answer(&question);
    assert_eq!(found["reasons"][0], "Lost access by the deny of the statement with sid: A.");
    assert_eq!(found["statements"][0]["in"], "policy");
}

/// The example of `aws accessanalyzer check-no-public-access` in AWS's SDKs: the sid is that of the statement.
#[test]
fn public_access_as_aws_answers() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Bob","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
    let found = answer(
        &json!({ "id": 1, "kind": "public", "resource_type": "AWS::S3::Bucket", "policy": policy, "mode": "aws-compat" }),
    );
    assert_eq!(found["verdict"], "FAIL");
    assert_eq!(found["reasons"], json!(["Public access granted in the following statement with sid: Bob."]));
}
