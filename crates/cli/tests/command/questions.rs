use crate::run::{Ran, command};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const OLD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:111122223333:q"}
  ]
}
"#;
const NEW: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    {
      "Sid": "Write",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::b/*",
      "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    }
  ]
}
"#;
const PLAN: &str = include_str!("../../../audit/tests/fixtures/sources/plan.json");

fn run(home: &Path, arguments: &[&str]) -> Ran {
    command(home, arguments).current_dir(home).output().unwrap().into()
}

/// What was said, whatever its lines.
fn unwrapped(ran: &Ran) -> String {
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    home
}

#[test]
fn what_is_new_and_what_is_lost() {
    let home = with(&[("old.json", OLD), ("new.json", NEW)]);
    let ran = run(home.path(), &["compare", "old.json", "new.json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("compare", ran.out);
    let found = run(home.path(), &["compare", "old.json", "new.json", "--format", "json"]).json();
    let policy = &found["Policies"][0];
    assert_eq!(policy["NewAccess"]["Witness"]["Context"], json!({ "aws:SourceIp": "203.0.113.10" }));
    assert_eq!(
        policy["NewAccess"]["Statements"],
        json!([{ "File": "new.json", "Policy": null, "Statement": 1, "Sid": "Write", "Line": 5 }])
    );
    assert_eq!(policy["LostAccess"]["Verdict"], "FAIL");
    let found = run(home.path(), &["compare", "old.json", "new.json", "--format", "sarif"]).json();
    let results = found["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["ruleId"]), (1, &json!("NEW_ACCESS")));
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 5);
}

#[test]
fn only_new_access_fails_unless_equality_is_asked_for() {
    let less = NEW.replace("s3:PutObject", "s3:GetObject");
    let home = with(&[("old.json", OLD), ("less.json", &less)]);
    let ran = run(home.path(), &["compare", "old.json", "less.json"]).good();
    assert!(ran.out.ends_with("\nno new access, lost access\n"), "{}", ran.out);
    assert_eq!(run(home.path(), &["compare", "old.json", "less.json", "--equivalent"]).code, 1);
    let same = run(home.path(), &["compare", "old.json", "old.json", "--aws-compat", "--equivalent"]).good();
    assert_eq!(same.out, "nothing has changed\n");
}

#[test]
fn policies_of_folders_are_matched_by_name() {
    let home = with(&[
        ("old/a.json", OLD),
        ("old/b/role.json", OLD),
        ("old/gone.json", OLD),
        ("new/a.json", OLD),
        ("new/b/role.json", NEW),
        ("new/added.json", NEW),
    ]);
    let ran = run(home.path(), &["compare", "old", "new"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("compare-folders", ran.out);
}

#[test]
fn a_plan_is_compared_with_what_it_changes() {
    let home = with(&[("plan.json", PLAN)]);
    let mut command = command(home.path(), &["compare", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PLAN.as_bytes()).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.code, 1, "{}", ran.err);
    let said = [
        "standard input, aws_iam_policy.deploy (identity policy) new access: NEW lets whoever has it do ",
        "standard input:111, statement 1 (Artifacts): {\"Action\":[\"s3:PutObject\",",
        "; OLD has no such policy ",
        "(RCP) lost access: OLD has no such policy and lets ",
        "note: standard input: `policy` of `module.store[0].aws_s3_bucket_policy.logs` is known only after the apply",
        " new access in 7 of 9, lost access in 2 of 9",
    ];
    let told = unwrapped(&ran);
    for said in said {
        assert!(told.contains(said), "{said}: {}", ran.out);
    }
}

#[test]
fn branches_of_templates_are_compared_with_what_there_was() {
    let template = |action: &str| {
        format!(
            "
Resources:
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{{Effect: Allow, Action: {action}, Resource: '*'}}]
  Other:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{{Effect: Allow, Action: 'sqs:*', Resource: '*'}}]
"
        )
    };
    let home = with(&[
        ("plain.yaml", &template("'s3:GetObject'")),
        ("if.yaml", &template("!If [A, 's3:GetObject', 's3:*']")),
    ]);
    let ran = run(home.path(), &["compare", "plain.yaml", "if.yaml"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.out.starts_with("if.yaml, Reader (otherwise) (identity policy)\n  new access: "),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("\nnew access in 1 of 3, no lost access\n"), "{}", ran.out);
    let ran = run(home.path(), &["compare", "if.yaml", "plain.yaml"]).good();
    assert!(ran.out.ends_with("\nno new access, lost access in 1 of 3\n"), "{}", ran.out);
}

#[test]
fn where_there_is_no_boundary_everything_goes() {
    let home = with(&[("old/boundary.json", OLD), ("old/x.json", OLD), ("new/x.json", OLD)]);
    let ran = run(home.path(), &["compare", "old", "new"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(unwrapped(&ran).contains("NEW has no such policy and lets whoever has it do "), "{}", ran.out);
    run(home.path(), &["compare", "new", "old"]).good();
}

#[test]
fn what_policies_grant() {
    let home = with(&[("p/old.json", OLD), ("p/new.json", NEW)]);
    let ran = run(home.path(), &["grants", "p", "--actions", "s3:Put*", "--resources", "arn:aws:s3:::b/x*"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("grants", ran.out);
    let ran = run(home.path(), &["grants", "p", "--actions", "iam:PassRole", "s3:DeleteObject"]).good();
    assert_eq!(ran.out, "nothing of that is granted\n");
    let ran = run(home.path(), &["grants", "p", "--resources", "arn:aws:sqs:*:*:*", "--format", "sarif"]);
    assert_eq!(ran.json()["runs"][0]["results"][0]["ruleId"], "ACCESS_GRANTED");
}

#[test]
fn what_is_public() {
    let bucket = r#"{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
    let closed =
        bucket.replace(r#""Sid""#, r#""Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}},"Sid""#);
    let home = with(&[("open.json", bucket), ("closed.json", &closed), ("user.json", OLD)]);
    let ran = run(home.path(), &["public", "open.json", "closed.json", "user.json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("public", ran.out);
    for mode in ["--aws-compat", "--realistic"] {
        let ran = run(home.path(), &["public", "closed.json", "--type", "AWS::S3::Bucket", mode]).good();
        assert_eq!(ran.out, "not public\n");
    }
}

#[test]
fn what_cannot_be_asked() {
    let half = OLD.replace("\"s3:GetObject\"", "7");
    let home = with(&[("old.json", OLD), ("half.json", &half), ("none.json", "{}")]);
    let bad = |arguments: &[&str], code: i32, said: &str| {
        run(home.path(), arguments).bad(code, said);
    };
    bad(&["compare", "old.json"], 2, "there is nothing to compare with\nhelp: name two versions");
    bad(&["compare", "-", "-"], 2, "standard input cannot be both versions");
    bad(&["compare", "old.json", "none.json"], 2, "the file `none.json` holds no policy");
    bad(&["compare", "old.json", "nowhere"], 4, "the file `nowhere` cannot be read: no such file");
    bad(&["grants", "old.json"], 2, "--actions <ACTION>");
    bad(&["grants", "old.json", "--actions", "all"], 2, "`all` is no action; write it as SERVICE:ACTION");
    bad(&["grants", "old.json", "--resources", "b"], 2, "`b` names no resource; write an ARN or `*`");
    bad(&["public", "old.json", "--type", "bucket"], 2, "a type of resources looks like AWS::S3::Bucket");
    let ran = run(home.path(), &["grants", "half.json", "--actions", "iam:PassRole"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("not determined: `half.json` cannot be read whole: "), "{}", ran.out);
}

const EXPORT: &str = include_str!("../../../audit/tests/fixtures/harbour.json");

#[test]
fn whole_accounts_are_compared() {
    let changes = [
        // Pavel's boundary grows, but his policies limit what he gets by it.
        (r#""s3:Get*", "s3:List*""#, r#""s3:Get*", "s3:PutObject", "ec2:*""#),
        // Nadia loses and gains by a policy with her name in it.
        (r#"["s3:GetObject", "s3:PutObject"]"#, r#"["s3:GetObject", "s3:DeleteObject"]"#),
        (r#"{"Service": "ec2.amazonaws.com"}"#, r#"{"Service": "ecs-tasks.amazonaws.com"}"#),
        (r#""UserName": "olga""#, r#""UserName": "olaf""#),
        ("user/olga", "user/olaf"),
    ];
    let mut changed = EXPORT.to_owned();
    for (from, to) in changes {
        assert!(changed.contains(from), "{from}");
        changed = changed.replace(from, to);
    }
    let home = with(&[("old.json", EXPORT), ("new.json", &changed)]);
    let ran = run(home.path(), &["compare", "old.json", "new.json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("compare-accounts", ran.out);
    let found = run(home.path(), &["compare", "old.json", "new.json", "--format", "json"]).json();
    let of = |policy: &str| {
        let all = found["Policies"].as_array().unwrap();
        all.iter().find(|it| it["Policy"].as_str().unwrap().ends_with(policy)).unwrap().clone()
    };
    assert_eq!(of("user/pavel")["NewAccess"]["Witness"]["Action"], "s3:PutObject");
    assert_eq!(of("user/pavel")["NewAccess"]["Witness"]["Principal"], "arn:aws:iam::111122223333:user/pavel");
    assert_eq!(of("user/olga")["LostAccess"]["Verdict"], "PASS");
    let same = run(home.path(), &["compare", "old.json", "old.json"]).good();
    assert_eq!(same.out, "nothing has changed\n");
}

/// The harbour's account is a member in a unit; `guard` is attached there.
fn harbour_organization(guard: &str) -> String {
    let full = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let guard = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Guard", "Effect": "Deny", "Action": guard, "Resource": "*" }] });
    let scp = |id: &str, content: &Value, targets: &[&str]| json!({ "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY", "Content": content, "Targets": targets });
    json!({
        "Organization": { "Id": "o-harbour1234", "MasterAccountId": "999900001111", "FeatureSet": "ALL" },
        "Accounts": [
            { "Id": "111122223333", "Name": "harbour", "Status": "ACTIVE", "ParentId": "ou-port" },
            { "Id": "999900001111", "Name": "management", "Status": "ACTIVE", "ParentId": "root" },
        ],
        "OrganizationalUnits": [{ "Id": "ou-port", "Name": "port", "ParentId": "root" }],
        "Policies": [
            scp("p-full", &full, &["root", "ou-port", "111122223333"]),
            scp("p-guard", &guard, &["ou-port"]),
        ],
    })
    .to_string()
}

#[test]
fn a_change_of_an_scp_is_told_by_principal() {
    let bucket = |principal: &str| {
        json!([{ "ResourceArn": "arn:aws:s3:::harbour-notes", "ResourceType": "AWS::S3::Bucket",
            "ResourceOwnerAccount": "111122223333",
            "Policy": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": principal,
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::harbour-notes/*" }] } }])
        .to_string()
    };
    let (old, new) = (harbour_organization("s3:*"), harbour_organization("s3:Put*"));
    let home = with(&[
        ("old/account.json", EXPORT),
        ("old/organization.json", &old),
        (
            "old/buckets.json",
            &bucket("arn:aws:iam::444455556666:root")
                .replace("\"arn:aws:iam::444455556666:root\"", "{\"AWS\":\"444455556666\"}"),
        ),
        ("new/account.json", EXPORT),
        ("new/organization.json", &new),
        ("new/buckets.json", &bucket("*")),
        ("account.json", EXPORT),
    ]);
    let ran = run(home.path(), &["compare", "old", "new"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    insta::assert_snapshot!("compare-scps", ran.out);
    let beside =
        ["compare", "account.json", "--organization", "old/organization.json", "new/organization.json"];
    let ran = run(home.path(), &beside);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let found = run(home.path(), &[&beside[..], &["--format", "json"]].concat()).json();
    let all = found["Policies"].as_array().unwrap();
    let nadia = all.iter().find(|it| it["Policy"].as_str().unwrap().ends_with("user/crew/nadia")).unwrap();
    assert_eq!(nadia["NewAccess"]["Witness"]["Action"], "s3:GetObject");
    assert_eq!(nadia["NewAccess"]["DeniedBy"][0]["Sid"], "Guard");
    assert_eq!(nadia["LostAccess"]["Verdict"], "PASS");
    run(
        home.path(),
        &["compare", "old/buckets.json", "new/buckets.json", "--organization", "old/organization.json"],
    )
    .bad(2, "--organization goes with exports of accounts");
}

#[test]
fn what_can_go_is_told_in_sarif() {
    let twice =
        NEW.replace(",\n      \"Condition\": {\"IpAddress\": {\"aws:SourceIp\": \"203.0.113.0/24\"}}", "");
    let home = with(&[("policy.json", &twice), ("old.json", OLD)]);
    let log = |arguments: &[&str]| run(home.path(), &[arguments, &["--format", "sarif"]].concat()).json();
    let found = log(&["redundant", "policy.json"]);
    assert_eq!(found["version"], "2.1.0");
    let results = found["runs"][0]["results"].as_array().unwrap();
    let rules = found["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1);
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!((&result["ruleId"], &result["level"]), (&rule["id"], &json!("note")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "policy.json");
        assert!(place["region"]["startLine"].as_u64() >= Some(4), "{result}");
    }
    assert_eq!(results[0]["message"]["text"], "statement 1 changes nothing");
    let found = log(&["minimize", "policy.json"]);
    let result = &found["runs"][0]["results"][0];
    let change = &result["fixes"][0]["artifactChanges"][0];
    let smaller = change["replacements"][0]["insertedContent"]["text"].as_str().unwrap();
    let printed = run(home.path(), &["minimize", "policy.json"]).good().out;
    assert_eq!(smaller, printed.trim_end());
    let region = &change["replacements"][0]["deletedRegion"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&json!(1), &json!(1)));
    for nothing in [&["redundant", "old.json"][..], &["minimize", "old.json"]] {
        assert_eq!(log(nothing)["runs"][0]["results"], json!([]));
    }
    let found = log(&["overlap", "policy.json", "old.json"]);
    assert_eq!(found["runs"][0]["results"][0]["ruleId"], "OVERLAP");
}

#[test]
fn what_two_policies_both_allow() {
    let home = with(&[("old.json", OLD), ("new.json", NEW)]);
    let ran = run(home.path(), &["overlap", "old.json", "new.json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!("overlap", ran.out);
    let other = OLD.replace("arn:aws:s3:::b/", "arn:aws:s3:::c/");
    let home = with(&[("new.json", NEW), ("other.json", &other)]);
    let ran = run(home.path(), &["overlap", "other.json", "new.json"]).good();
    assert_eq!(ran.out, "no overlap\n");
    let home = with(&[("p/a.json", OLD), ("p/b.json", OLD), ("a.json", OLD)]);
    run(home.path(), &["overlap", "p", "a.json"]).bad(2, "holds several policies");
}

#[test]
fn what_changes_nothing_can_go() {
    let policy = NEW.replace("\"Condition\"", "\"Sid2\"").replace(
        "},\n    {",
        "},\n    {\"Effect\": \"Deny\", \"Action\": \"sqs:*\", \"Resource\": \"*\"},\n    {",
    );
    let policy =
        policy.replace(",\n      \"Sid2\": {\"IpAddress\": {\"aws:SourceIp\": \"203.0.113.0/24\"}}", "");
    let home = with(&[("policy.json", &policy), ("old.json", OLD)]);
    let ran = run(home.path(), &["redundant", "policy.json"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    insta::assert_snapshot!("redundant", ran.out);
    assert_eq!(run(home.path(), &["redundant", "old.json"]).good().out, "nothing is redundant\n");
    let ran = run(home.path(), &["minimize", "policy.json"]).good();
    insta::assert_snapshot!("minimize", format!("{}---\n{}", ran.out, ran.err));
    std::fs::write(home.path().join("smaller.json"), &ran.out).unwrap();
    run(home.path(), &["compare", "policy.json", "smaller.json", "--equivalent"]).good();
    assert_eq!(run(home.path(), &["redundant", "smaller.json"]).good().out, "nothing is redundant\n");
}

#[test]
fn a_policy_that_only_denies_is_told_as_one() {
    let deny = OLD.replace("\"Allow\"", "\"Deny\"");
    let less = deny.replace("sqs:SendMessage", "sqs:ReceiveMessage");
    let home = with(&[("deny.json", &deny), ("less.json", &less)]);
    let ran = run(home.path(), &["compare", "deny.json", "less.json"]).good();
    assert!(
        unwrapped(&ran).contains("note: less.json: it allows nothing by itself; what it denies"),
        "{}",
        ran.out
    );
    let ran = run(home.path(), &["compare", "deny.json", "less.json", "--type", "scp"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    run(home.path(), &["minimize", "deny.json"]).bad(2, "`deny.json` allows nothing by itself");
    let ran = run(home.path(), &["redundant", "deny.json"]).good();
    assert!(ran.out.ends_with("nothing is redundant\n"), "{}", ran.out);
}
