//! Policies are found in what other tools write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use audit::sources::{Found, FoundPolicy, Side, SourceError, SourceForm, find};
use bailiwick_audit as audit;
use policy::DocumentKind::{self, Boundary, Identity, Rcp, Resource, Scp, Trust};
use serde_json::{Value, json};

const PLAN: &str = include_str!("fixtures/sources/plan.json");
const STATE: &str = include_str!("fixtures/sources/state.json");
const YAML: &str = include_str!("fixtures/sources/template.yaml");
const JSON: &str = include_str!("fixtures/sources/template.json");
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

fn all(file: &str, text: &str) -> Found {
    find(file, text).unwrap_or_else(|error| panic!("{file} {error}"))
}

type Row<'a> = (&'a str, DocumentKind, Option<&'a str>, Side);

fn rows(found: &Found) -> Vec<Row<'_>> {
    found.policies.iter().map(|it| (it.name.as_str(), it.kind, it.resource_type, it.side)).collect()
}

fn named<'a>(found: &'a Found, name: &str) -> &'a FoundPolicy {
    found.policies.iter().find(|policy| policy.name == name).unwrap_or_else(|| panic!("{name}: {found:?}"))
}

fn document(found: &Found, name: &str) -> Value {
    serde_json::from_str(&named(found, name).text).unwrap()
}

const TRUST: Option<&str> = Some("AWS::IAM::AssumeRolePolicyDocument");

#[test]
fn a_plan_has_both_sides_of_every_policy() {
    let found = all("plan.json", PLAN);
    assert_eq!(found.form, SourceForm::Terraform);
    assert_eq!(
        rows(&found),
        [
            ("aws_iam_group_policy.old[0]", Identity, None, Side::Before),
            ("aws_iam_policy.deploy", Identity, None, Side::Before),
            ("aws_iam_policy.deploy", Identity, None, Side::After),
            ("aws_iam_role.app: trust policy", Trust, TRUST, Side::After),
            ("aws_iam_role.app: inline policy logs", Identity, None, Side::After),
            ("aws_iam_user_policy.reader[\"ann\"]", Identity, None, Side::After),
            ("aws_iam_user_policy.reader[\"b.c\"]", Identity, None, Side::After),
            ("aws_lambda_permission.url", Resource, Some("AWS::Lambda::Function"), Side::After),
            ("aws_organizations_policy.guard", Rcp, None, Side::After),
            ("module.store[0].aws_s3_bucket_policy.b", Resource, Some("AWS::S3::Bucket"), Side::After),
        ]
    );
    assert!(found.policies.iter().all(|policy| policy.kind_is_certain && !policy.is_verbatim));
    assert_eq!(
        found.notes,
        [
            "`aws_kms_key.data` tells no policy, and gets AWS's own: the account's own policies decide who uses the key",
            "`aws_vpc_endpoint.s3` tells no policy, and gets AWS's own: everything may be done through the endpoint",
            "`policy` of `module.store[0].aws_s3_bucket_policy.logs` is known only after the apply, and is not looked at",
        ]
    );
    let sides: Vec<_> = found.policies.iter().filter(|it| it.name == "aws_iam_policy.deploy").collect();
    assert!(!sides[0].text.contains("s3:PutObject") && sides[1].text.contains("s3:PutObject"));
    let [boundary] = found.boundaries.as_slice() else { panic!("{:?}", found.boundaries) };
    assert_eq!(
        (boundary.principal.as_str(), boundary.policy.as_str()),
        ("aws_iam_role.app", "aws_iam_policy.deploy")
    );
    assert_eq!(
        document(&found, "aws_lambda_permission.url")["Statement"][0],
        json!({
            "Sid": "url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
            "Resource": "arn:aws:lambda:us-east-1:111122223333:function:web",
            "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        })
    );
    // Every document stands where it is said to.
    let place = named(&found, "module.store[0].aws_s3_bucket_policy.b").place;
    assert!(place.of(PLAN).starts_with("\"{\\\"Statement") && place.of(PLAN).contains("444455556666"));
}

#[test]
fn plans_without_changes_are_read_by_their_values() {
    let mut plan: Value = serde_json::from_str(PLAN).unwrap();
    plan.as_object_mut().unwrap().remove("resource_changes");
    plan["prior_state"] = serde_json::from_str(STATE).unwrap();
    assert_eq!(
        rows(&all("plan.json", &plan.to_string())),
        [
            ("aws_iam_group_policy.old[0]", Identity, None, Side::Before),
            ("aws_iam_policy.deploy", Identity, None, Side::Before),
            ("aws_iam_policy.deploy", Identity, None, Side::After),
            ("module.store[0].aws_s3_bucket_policy.b", Resource, Some("AWS::S3::Bucket"), Side::After),
        ]
    );
    let empty = json!({"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}});
    let found = all("plan.json", &empty.to_string());
    assert_eq!((found.form, found.policies.len(), found.notes.len()), (SourceForm::Terraform, 0, 0));
}

#[test]
fn states_are_read_as_shown_and_as_kept() {
    let expected = [
        ("aws_iam_group_policy.old[0]", Identity, None, Side::Only),
        ("aws_iam_policy.deploy", Identity, None, Side::Only),
    ];
    assert_eq!(rows(&all("state.json", STATE)), expected);
    let kept = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {}, "resources": [
            {"module": "module.a[\"x\"]", "mode": "managed", "type": "aws_sqs_queue_policy", "name": "q",
             "instances": [{"index_key": "k", "attributes": {"policy": POLICY}}, {"index_key": 1, "attributes": {"policy": POLICY}}]},
            {"mode": "data", "type": "aws_iam_policy", "name": "d", "instances": [{"attributes": {"policy": POLICY}}]},
            {"mode": "managed", "type": "aws_iam_policy", "name": "p",
             "instances": [{"deposed": "0a1b", "attributes": {"policy": POLICY}}, {"attributes": {"policy": ""}}]},
        ],
    });
    let found = all("terraform.tfstate", &kept.to_string());
    let names: Vec<_> = found.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "module.a[\"x\"].aws_sqs_queue_policy.q[\"k\"]",
            "module.a[\"x\"].aws_sqs_queue_policy.q[1]",
            "aws_iam_policy.p (deposed 0a1b)"
        ]
    );
}

#[test]
fn configurations_in_json_are_read_as_far_as_they_are_plain() {
    let variable = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/$${aws:username}"}}"#;
    let source = json!({
        "resource": {
            "aws_iam_policy": {"p": {"policy": variable}, "q": {"policy": "${data.aws_iam_policy_document.q.json}"}},
            "aws_iam_role": {"r": [{
                "assume_role_policy": "${file(\"trust.json\")}",
                "inline_policy": {"name": "x", "policy": POLICY}}],
            },
        },
        "module": {"m": {"source": "./m"}},
    });
    let found = all("infra/main.tf.json", &source.to_string());
    assert_eq!(
        rows(&found),
        [
            ("aws_iam_policy.p", Identity, None, Side::Only),
            ("aws_iam_role.r: inline policy x", Identity, None, Side::Only)
        ]
    );
    assert!(named(&found, "aws_iam_policy.p").text.contains("b/${aws:username}"));
    assert_eq!(
        found.notes,
        [
            "`policy` of `aws_iam_policy.q` is an expression; a plan has its value",
            "`assume_role_policy` of `aws_iam_role.r: trust policy` is an expression; a plan has its value",
            "the modules that the configuration calls are not read; a plan has them",
        ]
    );
}

#[test]
fn attributes_that_are_not_known_are_told() {
    let change = |kind: &str, after: Value, unknown: Value| {
        json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind,
               "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown}})
    };
    let plan = json!({
        "format_version": "1.2",
        "configuration": {"root_module": {"resources": [
            {"address": "aws_iam_role.plain", "expressions": {"name": {}}},
        ]}},
        "resource_changes": [
            change("aws_iam_role", json!({"inline_policy": [{"name": "a", "policy": POLICY}, {"name": "b"}]}),
                   json!({"inline_policy": [{}, {"policy": true}], "permissions_boundary": true, "assume_role_policy": true})),
            change("aws_iam_role", json!({}), json!({"inline_policy": true})),
            change("aws_lambda_permission", json!({"action": "lambda:InvokeFunction", "function_name": "f",
                   "principal": "s3.amazonaws.com"}), json!({"source_arn": true})),
            change("aws_lambda_permission", json!({"action": "lambda:InvokeFunction", "function_name": "f"}), json!({})),
            change("aws_sqs_queue", json!({}), json!({"policy": true})),
            change("aws_instance", json!({}), json!({"policy": true})),
            {"address": "aws_iam_role.plain", "type": "aws_iam_role",
             "change": {"after": {}, "after_unknown": {"inline_policy": true}}},
            {"address": "aws_iam_policy.gone", "type": "aws_iam_policy",
             "change": {"actions": ["forget"], "before": {"policy": POLICY}, "after": null}},
        ],
    });
    let found = all("plan.json", &plan.to_string());
    let names: Vec<_> = found.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["aws_iam_role.x: inline policy a", "aws_iam_policy.gone"]);
    assert_eq!(
        found.notes,
        [
            "`assume_role_policy` of `aws_iam_role.x` is known only after the apply, and is not looked at",
            "`inline_policy[].policy` of `aws_iam_role.x` is known only after the apply, and is not looked at",
            "the permissions boundary of `aws_iam_role.x` is known only after the apply",
            "`source_arn` of `aws_lambda_permission.x` is known only after the apply, and the permission is not looked at",
            "`aws_lambda_permission.x` lacks an action, a function or a principal",
            "`policy` of `aws_sqs_queue.x` is known only after the apply, and is not looked at",
            "`aws_iam_policy.gone` is only forgotten: it stays as it is, but not in the plan",
        ]
    );
}

#[test]
fn templates_in_yaml_are_evaluated() {
    let found = all("template.yaml", YAML);
    assert_eq!(found.form, SourceForm::CloudFormation);
    assert_eq!(
        rows(&found),
        [
            ("UploadsPolicy (if IsProduction)", Resource, Some("AWS::S3::Bucket"), Side::Only),
            ("UploadsPolicy (otherwise)", Resource, Some("AWS::S3::Bucket"), Side::Only),
            ("Role: trust policy", Trust, TRUST, Side::Only),
            ("Role: inline policy own-folder", Identity, None, Side::Only),
            ("Role: inline policy secrets", Identity, None, Side::Only),
            ("Boundary", Identity, None, Side::Only),
            ("Permission", Resource, Some("AWS::Lambda::Function"), Side::Only),
            ("Guard", Scp, None, Side::Only),
            ("LogPolicy", Resource, Some("AWS::Logs::LogGroup"), Side::Only),
        ]
    );
    assert_eq!(
        document(&found, "UploadsPolicy (if IsProduction)"),
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Readers", "Effect": "Allow",
                    "Principal": {"AWS": ["arn:aws:iam::444455556666:root", "arn:aws:iam::777788889999:root"]},
                    "Action": "s3:GetObject",
                    "Resource": ["arn:aws:s3:::uploads-prod-111122223333/*", "arn:aws:s3:::stack-archive/*"],
                    "Condition": {
                        "StringEquals": {"aws:SourceVpc": "vpc-07be04919e9d722c8"}, "Bool": {"aws:SecureTransport": "true"}
                    },
                },
                {
                    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
                    "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::uploads-prod-111122223333",
                },
            ],
        })
    );
    let resource = |name: &str| match document(&found, name)["Statement"].clone() {
        Value::Array(all) => all[0]["Resource"].clone(),
        one => one["Resource"].clone(),
    };
    assert_eq!(
        resource("Role: inline policy own-folder"),
        "arn:aws:s3:::uploads-prod-111122223333/${aws:username}/*"
    );
    assert_eq!(resource("Role: inline policy secrets"), "importvalue-shared-secret");
    assert_eq!(resource("LogPolicy"), "arn:aws:logs:us-east-1:111122223333:*");
    assert_eq!(resource("Permission"), "arn:aws:lambda:us-east-1:111122223333:function:stack-Function");
    assert!(!named(&found, "Guard").text.contains([' ', '\n']));
    assert_eq!(
        found.notes,
        [
            "`ImportValue` of `shared-secret` is known only in a stack: `importvalue-shared-secret` stands for it",
            "the parameter `Vpc` has no default: `vpc-07be04919e9d722c8` stands for it",
        ]
    );
    assert_eq!(found.stand_ins, ["importvalue-shared-secret", "vpc-07be04919e9d722c8"]);
    let [boundary] = found.boundaries.as_slice() else { panic!("{:?}", found.boundaries) };
    assert_eq!((boundary.principal.as_str(), boundary.policy.as_str()), ("Role", "Boundary"));
    let place = named(&found, "Role: trust policy").place;
    assert!(place.of(YAML).starts_with("Version: \"2012-10-17\""), "{}", place.of(YAML));
}

#[test]
fn templates_in_json_keep_documents_that_are_plain() {
    let found = all("stack.template.json", JSON);
    let kept: Vec<_> = found.policies.iter().map(|it| (it.name.as_str(), it.is_verbatim)).collect();
    assert_eq!(kept, [("QueuePolicy", false), ("Key", true), ("Users: inline policy all", true)]);
    let key = named(&found, "Key");
    assert_eq!(key.place.of(JSON), key.text);
    assert!(named(&found, "QueuePolicy").text.contains("arn:aws:sqs:us-east-1:111122223333:stack-Queue"));
    assert_eq!(found.notes, [] as [&str; 0]);
    // As `get-template` prints them.
    let printed = format!("{{\"TemplateBody\": {JSON}, \"StagesAvailable\": []}}");
    assert_eq!(rows(&all("template", &printed)), rows(&found));
    let printed = json!({"TemplateBody": YAML}).to_string();
    let inner = all("template", &printed);
    assert_eq!(rows(&inner), rows(&all("template.yaml", YAML)));
    assert!(inner.policies.iter().all(|policy| policy.place.of(&printed).starts_with("\"AWSTemplate")));
}

#[test]
fn whatever_a_condition_chooses_is_read() {
    let action = |then: &str, otherwise: &str| format!("!If [A, {then}, {otherwise}]");
    let template = |action: &str| {
        format!(
            "
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{{Effect: Allow, Action: {action}, Resource: '*'}}]
"
        )
    };
    let actions = |action: &str| -> Vec<(String, Value)> {
        let found = all("t.yaml", &template(action));
        let of = |policy: &FoundPolicy| {
            (policy.name.clone(), document(&found, &policy.name)["Statement"][0]["Action"].clone())
        };
        found.policies.iter().map(of).collect()
    };
    let row = |name: &str, action: &str| (name.to_owned(), json!(action));
    assert_eq!(
        actions(&action("'s3:Get*'", "'s3:*'")),
        [row("P (if A)", "s3:Get*"), row("P (otherwise)", "s3:*")]
    );
    assert_eq!(actions(&action("'s3:*'", "'s3:*'")), [row("P", "s3:*")]);
    let nested = action("'s3:Get*'", "!If [B, 's3:Put*', 's3:*']");
    assert_eq!(
        actions(&nested),
        [
            row("P (if A)", "s3:Get*"),
            row("P (if not A and B)", "s3:Put*"),
            row("P (if not A and not B)", "s3:*")
        ]
    );
    let twice = action("!If [A, 's3:Get*', 's3:List*']", "!If [A, 's3:Put*', 's3:*']");
    assert_eq!(actions(&twice), [row("P (if A)", "s3:Get*"), row("P (otherwise)", "s3:*")]);
    // What stands in one branch only is told by its own name.
    assert_eq!(actions(&action("'s3:*'", "!Ref AWS::NoValue"))[0], row("P (if A)", "s3:*"));
    let many: Vec<String> =
        (0..6).map(|number| format!("!If [C{number}, 's3:a{number}', 's3:b{number}']")).collect();
    let found = all("t.yaml", &template(&format!("[{}]", many.join(", "))));
    assert_eq!(found.policies.len(), 16);
    assert!(found.notes[0].contains("more combinations of conditions than 16"), "{:?}", found.notes);
}

#[test]
fn what_a_template_leaves_open_is_told() {
    let template = "
Transform: AWS::Serverless-2016-10-31
Parameters:
  Name: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /names/a}
Resources:
  Fn::ForEach::Queues: [Q, [a, b], {'Queue${Q}': {Type: AWS::SQS::Queue}}]
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: nested.yaml}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AWSLambdaExecute
        - S3ReadPolicy: {BucketName: x}
        - Version: 2012-10-17
          Statement: {Effect: Allow, Action: '*', Resource: [!Sub '${Unknown.Arn}', !Sub '${aws:username}', !Ref Name,
            !GetAtt Nested.Outputs.Key, '{{resolve:ssm:x}}', !Ref Missing, !GetAtt Nested.Arn, !Ref Nested]}
  Bus:
    Type: AWS::Events::EventBusPolicy
    Properties:
      StatementId: x
      Statement: {Effect: Allow, Principal: '*', Action: events:PutEvents, Resource: '*'}
  OldBus: {Type: AWS::Events::EventBusPolicy, Properties: {Action: events:PutEvents, Principal: '*'}}
  Broken: {Type: AWS::SQS::QueuePolicy, Properties: {PolicyDocument: [1]}}
";
    let found = all("sam.yaml", template);
    let names: Vec<_> = found.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["Function: policy 3", "Bus"]);
    assert_eq!(
        found.notes,
        [
            "the resources that `Fn::ForEach::Queues` makes are not read",
            "the template of the nested stack `Nested` is not read",
            "the policy template `S3ReadPolicy` of `Function` is not read",
            "`OldBus` is told by `Action` and `Principal`, which are not read; use `Statement`",
            "`Broken` has an array and no policy",
            "`${aws:username}` is to be written `${!aws:username}` in `Fn::Sub`",
            "`Arn` of `Nested` is known only in a stack: `arn:aws:cloudformation:us-east-1:111122223333:stack/stack-Nested` stands for it",
            "`Missing` is neither a parameter nor a resource of the template: `Missing` stands for it",
            "`Outputs.Key` of `Nested` is known only in a stack: `stack-Nested-Outputs-Key` stands for it",
            "`Ref` of `Nested` is known only in a stack: `stack-Nested` stands for it",
            "`Unknown` is no resource of the template: `Unknown.Arn` stands for it",
            "`{{resolve:ssm:x}}` is resolved only in a stack",
            "the parameter `Name` is read from Systems Manager: `parameter-Name` stands for it",
        ]
    );
    // Functions of other tools are noted where they matter.
    let rain = "Resources:
  Stack: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: !Rain::Embed x.yaml}}
  Policy: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: !Rain::Include policy.json}}
";
    assert_eq!(
        all("rain.yaml", rain).notes,
        [
            "the template of the stack set `Stack` is not read",
            "`Policy` has no policy that can be read",
            "`Rain::Include` of `policy.json` is known only in a stack: `rain-include-policy-json` stands for it",
        ]
    );
}

#[test]
fn documents_are_what_they_say_or_are_called() {
    let of = |file: &str, text: &str| {
        let found = all(file, text);
        let [policy] = found.policies.as_slice() else { panic!("{found:?}") };
        (policy.kind, policy.kind_is_certain, policy.resource_type)
    };
    assert_eq!(of("app.json", POLICY), (Identity, false, None));
    assert_eq!(of("guard-scp.json", POLICY), (Scp, true, None));
    assert_eq!(of("HEAD~1:boundary.json", POLICY), (Boundary, true, None));
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    assert_eq!(of("x", trust), (Trust, false, TRUST));
    let bucket = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
    assert_eq!(of("x", bucket), (Resource, false, Some("AWS::S3::Bucket")));
    let yaml = "Version: 2012-10-17\nStatement:\n  - {Effect: Deny, Action: '*', Resource: '*'}\n";
    assert_eq!(of("policy.yaml", yaml), (Identity, false, None));
    assert_eq!(of("x", &serde_json::to_string(bucket).unwrap()), (Resource, false, Some("AWS::S3::Bucket")));
}

#[test]
fn what_aws_prints_is_searched() {
    for (text, name, kind) in [
        (json!({"Policy": POLICY}), "x.json", Identity),
        (json!({"Attributes": {"Policy": POLICY}}), "x.json", Identity),
        (json!({"policyText": POLICY, "repositoryName": "r"}), "x.json", Identity),
        (json!({"policy": {"document": POLICY}}), "x.json", Identity),
        (json!({"policy": POLICY.replace('"', "\\\"")}), "x.json", Identity),
        (json!({"resourcePolicies": [{"policyName": "p", "policyDocument": POLICY}]}), "p", Identity),
        (
            json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "PolicyDocument": POLICY}]}),
            "x.json",
            DocumentKind::Endpoint,
        ),
        (json!({"Role": {"RoleName": "r", "AssumeRolePolicyDocument": POLICY}}), "r: trust policy", Trust),
        (
            json!([{"PolicyName": "p", "PolicyVersion": {"VersionId": "v2", "Document": POLICY}}]),
            "p: v2",
            Identity,
        ),
    ] {
        let found = all("x.json", &text.to_string());
        assert_eq!(found.form, SourceForm::Printed);
        let [policy] = found.policies.as_slice() else { panic!("{text}: {found:?}") };
        assert_eq!((policy.name.as_str(), policy.kind, policy.text.as_str()), (name, kind, POLICY));
    }
    let export = all("export.json", include_str!("fixtures/harbour.json"));
    assert!(export.policies.len() > 5 && export.skipped > 0, "{export:?}");
}

#[test]
fn keys_tell_policies_again() {
    let mut found = all("old/plan.json", PLAN);
    assert_eq!(found.key(&found.policies[1]), "aws_iam_policy.deploy");
    found.below = Some("plan.json".to_owned());
    assert_eq!(found.key(&found.policies[1]), "plan.json: aws_iam_policy.deploy");
    let mut found = all("old/app.json", POLICY);
    assert_eq!(found.key(&found.policies[0]), "");
    found.below = Some("app.json".to_owned());
    assert_eq!(found.key(&found.policies[0]), "app.json");
}

#[test]
fn what_cannot_be_read_is_told() {
    let said = |file: &str, text: &str| {
        let error = find(file, text).unwrap_err();
        (error.to_string(), error.help().is_some())
    };
    for (file, text, sentence, has_help) in [
        ("a.json", "", "is empty", false),
        ("a.json", " \n", "is empty", false),
        (
            "a.json",
            "{\"Statement\": [",
            "is not JSON: line 1, column 16: the text ends where a JSON value is expected",
            false,
        ),
        (
            "a.json",
            "{\n  \"a\": 'b'\n}",
            "is not JSON: line 2, column 8: a JSON value is expected here",
            false,
        ),
        (
            "main.tf",
            "resource \"aws_iam_policy\" \"p\" {}",
            "is Terraform's source, which only Terraform evaluates",
            true,
        ),
        (
            "a.yaml",
            "Resources: {A: !!set x}",
            "is not YAML that can be read: line 1, column 16: `tag:yaml.org,2002:set` is no short form of a function of CloudFormation",
            false,
        ),
        (
            "a.yaml",
            "a: 1\n---\nb: 2",
            "is not YAML that can be read: line 2, column 1: a file is one YAML document",
            false,
        ),
        ("notes.txt", "hello", "is not JSON: line 1, column 1: a JSON value is expected here", false),
    ] {
        assert_eq!(said(file, text), (sentence.to_owned(), has_help), "{text}");
    }
    assert!(SourceError::Archive.help().unwrap().contains("terraform show -json"));
    assert_eq!(SourceError::TooLarge { limit: 64 << 20 }.to_string(), "is larger than 64 MiB");
}

#[test]
fn hostile_texts_end_soon() {
    let deep = [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(1 << 20),
        format!("Resources: {}", "[".repeat(1 << 20)),
        format!("AWS::: {}", "{a: ".repeat(1 << 16)),
        "- ".repeat(1 << 16) + "AWS::",
    ];
    for text in &deep {
        assert!(find("x.yaml", text).is_err());
    }
    // Aliases that double, and functions that do.
    let mut bomb = "AWSTemplateFormatVersion: 1\na0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        bomb.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}, *a{0}]\n", level - 1));
    }
    assert!(matches!(find("x.yaml", &bomb), Err(SourceError::NotYaml { .. })));
    let mut names = "Resources:\n".to_owned();
    for level in 0..40 {
        let twice = format!("${{B{0}}}${{B{0}}}${{B{0}}}${{B{0}.Arn}}", level + 1);
        names.push_str(&format!(
            "  B{level}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub '{twice}'}}}}\n"
        ));
    }
    names.push_str(
        "  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {PolicyDocument: {Statement: {Resource: [",
    );
    names.push_str(&"!GetAtt B0.Arn, ".repeat(2_000));
    names.push_str("x]}}}\n");
    let found = all("x.yaml", &names);
    assert!(found.policies.iter().map(|policy| policy.text.len()).sum::<usize>() < 64 << 20);
    // Names that are made of each other.
    let circle = "Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref B}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref A}}
  R: {Type: AWS::IAM::Role, Properties: {Path: !Ref R, RoleName: !GetAtt R.Arn}}
  P: {Type: AWS::S3::BucketPolicy, Properties: {PolicyDocument: {Statement: {Resource: [!Ref A, !GetAtt R.Arn]}}}}
";
    assert_eq!(all("x.yaml", circle).policies.len(), 1);
    // Values of other shapes than expected.
    for odd in [
        json!({"format_version": 1, "resource_changes": {}}),
        json!({"format_version": 1, "resource_changes": [1, {}, {"address": "a", "type": "aws_iam_policy"}]}),
        json!({"format_version": 1, "resource_changes": [{"address": "a", "type": "aws_iam_policy", "change": {"after": [], "before": 1}}]}),
        json!({"format_version": 1, "values": {"root_module": {"child_modules": [{"resources": [[]]}]}}}),
        json!({"version": 4, "terraform_version": 1, "lineage": 1, "resources": [{"instances": 1}]}),
        json!({"Resources": {"A": {"Type": "AWS::IAM::Role"}, "B": {"Type": "AWS::IAM::Role", "Properties": []}}}),
        json!({"AWSTemplateFormatVersion": 1, "Resources": [], "Parameters": 1, "Mappings": 2}),
        json!({"TemplateBody": "{\"TemplateBody\": \"{}\"}"}),
        json!({"TemplateBody": {"Resources": {}}}),
    ] {
        assert_eq!(all("x", &odd.to_string()).policies, [], "{odd}");
    }
}

#[test]
fn many_notes_are_cut_short() {
    let changes: Vec<_> = (0..3_000)
        .map(|number| {
            json!({"address": format!("aws_iam_policy.p{number}"), "type": "aws_iam_policy",
                   "change": {"after": {}, "after_unknown": {"policy": true}}})
        })
        .collect();
    let found = all("plan.json", &json!({"format_version": "1.2", "resource_changes": changes}).to_string());
    assert_eq!(found.notes.len(), 501);
    assert_eq!(found.notes[500], "there is more of this kind that is not told");
}

#[test]
fn policies_that_stand_twice_are_told_once() {
    let public = POLICY.replace("\"Effect\"", "\"Principal\":\"*\",\"Effect\"");
    let same = |address: &str, kind: &str, values: Value| {
        json!({"address": address, "mode": "managed", "type": kind,
               "change": {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}})
    };
    let bucket = json!({"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b", "policy": public});
    let other = json!({"id": "c", "bucket": "c", "arn": "arn:aws:s3:::c", "policy": public});
    let role = json!({"id": "app", "arn": "arn:aws:iam::111122223333:role/app", "assume_role_policy": public,
        "inline_policy": [{"name": "own", "policy": POLICY}, {"name": "logs", "policy": POLICY}]});
    let plan = |configuration: Value| {
        json!({
            "format_version": "1.2",
            "configuration": configuration,
            "resource_changes": [
                same("aws_iam_role.app", "aws_iam_role", role.clone()),
                {"address": "aws_iam_role_policy.logs", "mode": "managed", "type": "aws_iam_role_policy", "change": {
                    "actions": ["delete"], "after": null,
                    "before": {"id": "app:logs", "role": "app", "name": "logs", "policy": POLICY}}},
                same("aws_s3_bucket.b", "aws_s3_bucket", bucket.clone()),
                same("aws_s3_bucket.c", "aws_s3_bucket", other.clone()),
                {"address": "aws_s3_bucket_policy.b", "mode": "managed", "type": "aws_s3_bucket_policy", "change": {
                    "actions": ["update"], "before": {"id": "b", "bucket": "b", "policy": public},
                    "after": {"id": "b", "bucket": "b", "policy": POLICY}}},
            ],
        })
    };
    let resources = |set: &str| {
        json!({"root_module": {"resources": [
            {"address": "aws_iam_role.app", "expressions": {}},
            {"address": "aws_s3_bucket.b", "expressions": {set: {}}},
            {"address": "aws_s3_bucket.c", "expressions": {}},
        ]}})
    };
    let after = |plan: Value| {
        let found = all("plan.json", &plan.to_string());
        let after = found.policies.iter().filter(|policy| policy.side == Side::After);
        after.map(|policy| policy.name.clone()).collect::<Vec<_>>()
    };
    let once = [
        "aws_iam_role.app: trust policy",
        "aws_iam_role.app: inline policy own",
        "aws_s3_bucket.c",
        "aws_s3_bucket_policy.b",
    ];
    assert_eq!(after(plan(resources("bucket"))), once);
    assert_eq!(
        after(
            plan(Value::Null)
                .as_object()
                .map(|plan| {
                    let mut plan = plan.clone();
                    plan.remove("configuration");
                    Value::Object(plan)
                })
                .unwrap()
        ),
        once
    );
    // What the configuration sets in both places is told twice.
    assert!(after(plan(resources("policy"))).contains(&"aws_s3_bucket.b".to_owned()));
}
