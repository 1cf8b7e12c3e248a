use crate::run::{Ran, command, run};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const APP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": ["s3:GetObjekt", "s3:List*", "s3:ListBucket"],
      "Resource": "arn:aws:s3:::reports/${aws:username}/*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "*"
    }
  ]
}
"#;

const ROLE: &str = r#"{"Role": {"RoleName": "app", "Arn": "arn:aws:iam::111122223333:role/app",
  "AssumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D"}}"#;

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// Runs in the folder, so that paths are short.
fn lint(folder: &Path, arguments: &[&str]) -> Ran {
    command(folder, &[&["lint"], arguments].concat()).current_dir(folder).output().unwrap().into()
}

#[test]
fn findings_are_shown_in_the_text() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "app.json", APP);
    let ran = lint(home.path(), &["app.json"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("lint", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 120));
}

#[test]
fn a_threshold_and_codes_decide_the_exit() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "app.json", APP);
    write(
        home.path(),
        "redundant.json",
        &APP.replace("Objekt", "Object").replace("\"*\"", "\"arn:aws:iam::*:role/app\""),
    );
    assert_eq!(lint(home.path(), &["redundant.json"]).code, 0);
    assert_eq!(lint(home.path(), &["redundant.json", "--fail-on", "suggestion"]).code, 1);
    let ignored = [
        "--fail-on",
        "suggestion",
        "--ignore",
        "REDUNDANT_ACTION",
        "--ignore",
        "BAILIWICK_ACTION_WITHOUT_RESOURCE",
    ];
    let ran = lint(home.path(), &[&["redundant.json"][..], &ignored].concat()).good();
    assert_eq!(ran.out, "no findings in an identity policy\n");
    lint(home.path(), &["app.json", "--ignore", "NO_SUCH"]).bad(2, "there is no check of this code");
    lint(home.path(), &["app.json", "--resource-type", "AWS::X"]).bad(2, "the types are AWS::S3::Bucket, ");
    lint(home.path(), &["none.json"]).bad(4, "the file `none.json` cannot be read: no such file");
    lint(home.path(), &["app.json", "--type", "scp", "--resource-type", "AWS::KMS::Key"])
        .bad(2, "is of another type");
    run(home.path(), &["account", "list", "--format", "sarif"]).bad(2, "this command does not write SARIF");
    lint(home.path(), &[]).bad(2, "required arguments");
}

#[test]
fn policies_are_found_in_what_aws_prints() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "role.json", ROLE);
    let ran = lint(home.path(), &["role.json"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("lint-role", ran.out);
    write(home.path(), "export.json", include_str!("../../../audit/tests/fixtures/harbour.json"));
    insta::assert_snapshot!("lint-export", lint(home.path(), &["export.json"]).out);
    let version = format!(
        "{{\"PolicyVersion\": {{\"Document\": {APP}, \"VersionId\": \"v2\", \"IsDefaultVersion\": true}}}}"
    );
    write(home.path(), "version.json", &version);
    let ran = lint(home.path(), &["version.json"]);
    assert!(ran.out.contains("version.json, v2 (read as an identity policy)"), "{}", ran.out);
    let scp = r#"{"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"}}"#;
    write(home.path(), "organization.json", scp);
    assert!(lint(home.path(), &["organization.json"]).out.contains("SCP_SYNTAX_ERROR_PRINCIPAL"));
    write(home.path(), "other.json", "{\"name\": 1}");
    assert!(lint(home.path(), &["other.json"]).out.contains("MISSING_STATEMENT"));
}

#[test]
fn folders_and_standard_input_are_read() {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("policies/a/app.json", APP),
        ("policies/role.json", ROLE),
        ("policies/package.json", "{\"name\": \"x\"}"),
        ("policies/.hidden/app.json", APP),
        ("policies/broken.json", "{\"Statement\": ["),
        ("policies/readme.md", "{"),
        (
            "policies/guard-scp.json",
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#,
        ),
    ] {
        write(home.path(), name, text);
    }
    let json = lint(home.path(), &["policies", "--format", "json"]).json();
    let files: Vec<_> =
        json["Files"].as_array().unwrap().iter().map(|file| file["File"].as_str().unwrap()).collect();
    assert_eq!(
        files,
        ["policies/a/app.json", "policies/broken.json", "policies/guard-scp.json", "policies/role.json"]
    );
    assert_eq!(json["Files"][2]["Policies"][0]["Type"], "SCP");
    assert_eq!(json["Files"][2]["Policies"][0]["Detected"], false);
    assert_eq!(json["Files"][3]["Policies"][0]["Name"], "app: trust policy");
    let first = &json["Files"][0]["Policies"][0]["Findings"][0];
    assert_eq!(first["IssueCode"], "INVALID_ACTION");
    assert_eq!(first["Span"]["Start"], serde_json::json!({"Line": 7, "Column": 18, "Offset": 115}));
    assert_eq!(first["Fix"]["Edits"][0]["Text"], "\"s3:GetObject\"");
    let mut child = command(home.path(), &["lint", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(APP.as_bytes()).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(ran.out.starts_with("standard input (read as an identity policy)\n"), "{}", ran.out);
}

#[test]
fn files_are_mended() {
    let home = tempfile::tempdir().unwrap();
    let read = || std::fs::read_to_string(home.path().join("app.json")).unwrap();
    write(home.path(), "app.json", APP);
    let ran = lint(home.path(), &["app.json", "--fix"]);
    assert!(ran.out.contains("\n1 fix applied\n"), "{}", ran.out);
    assert_eq!(read(), APP.replace(", \"s3:ListBucket\"", ""));
    lint(home.path(), &["app.json", "--fix-all"]);
    assert_eq!(read(), APP.replace(", \"s3:ListBucket\"", "").replace("Objekt", "Object"));
    // What surrounds a document stays as it is.
    let around = format!(
        "[{{\"PolicyName\": \"a\", \"PolicyDocument\": {APP}}}, {{\"PolicyName\": \"b\", \"PolicyDocument\": {APP}}}]"
    );
    write(home.path(), "app.json", &around);
    lint(home.path(), &["app.json", "--fix"]);
    assert_eq!(read(), around.replace(", \"s3:ListBucket\"", ""));
    lint(home.path(), &["-", "--fix"]).bad(2, "standard input cannot be mended");
}

#[test]
fn sarif_has_rules_regions_and_fixes() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "my policies/app.json", APP);
    write(home.path(), "role.json", ROLE);
    let ran = lint(home.path(), &["my policies", "role.json", "--format", "sarif"]);
    assert_eq!(ran.code, 1);
    let log = ran.json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for rule in rules {
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"));
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        assert!(
            ["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
    }
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1 && region["startColumn"].as_u64().unwrap() >= 1);
        assert!(region["endLine"].as_u64() >= region["startLine"].as_u64());
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        for fix in result["fixes"].as_array().into_iter().flatten() {
            assert!(fix["artifactChanges"][0]["replacements"][0]["deletedRegion"]["startLine"].is_u64());
        }
    }
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "my%20policies/app.json"
    );
    insta::assert_snapshot!("lint-sarif", serde_json::to_string_pretty(&results[0]).unwrap());
    // A document in a string is shown by the string, and not mended.
    let role = results.last().unwrap();
    assert_eq!(role["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    assert!(role["fixes"].is_null());
}
