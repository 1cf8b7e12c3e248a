use crate::run::run;
use std::path::{Path, PathBuf};

const EXPORT: &str = include_str!("../../../audit/tests/fixtures/harbour.json");
const NOTES: &str = "arn:aws:s3:::harbour-notes/nadia/log.txt";

fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn all_who_can_are_listed_with_what_lets_them() {
    let home = tempfile::tempdir().unwrap();
    let export = file(home.path(), "harbour.json", EXPORT);
    let asked = ["who-can", "s3:GetObject", NOTES, "--in", export.to_str().unwrap()];
    let ran = run(home.path(), &asked).good();
    insta::assert_snapshot!("who-can", ran.out);
    let json = run(home.path(), &[&asked[..], &["--format", "json", "--limit", "1"]].concat()).good().json();
    assert_eq!((&json["Action"], json["People"].as_array().unwrap().len()), (&"s3:GetObject".into(), 1));
    let can = json["Count"]["Always"].as_u64().unwrap() + json["Count"]["If"].as_u64().unwrap();
    assert_eq!(json["Omitted"].as_u64(), Some(can - 1));
}

#[test]
fn nobody_is_an_answer() {
    let home = tempfile::tempdir().unwrap();
    let export = file(home.path(), "harbour.json", EXPORT);
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let ran = run(home.path(), &["who-can", "kms:Decrypt", key, "--in", export.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("note: nobody can use a key without its key policy"), "{}", ran.out);
}

#[test]
fn policies_come_with_the_question() {
    let home = tempfile::tempdir().unwrap();
    let export = file(home.path(), "harbour.json", EXPORT);
    let allow = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
        )
    };
    let levels = file(home.path(), "unit.json", &format!("[{}, {}]", allow("s3:*"), allow("ec2:*")));
    let other = file(home.path(), "other.json", &allow("iam:*"));
    let asked = ["who-can", "s3:GetObject", NOTES, "--in", export.to_str().unwrap()];
    let with = |more: &[&str]| run(home.path(), &[&asked[..], more].concat());
    let levels = ["--scp", levels.to_str().unwrap()];
    assert_eq!(with(&levels).code, 0);
    assert_eq!(with(&[&levels[..], &["--scp", other.to_str().unwrap()]].concat()).code, 1);
    let management = ["--management-account", "111122223333", "--scp", other.to_str().unwrap()];
    assert_eq!(with(&management).code, 0);
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    let bucket = file(home.path(), "bucket.json", deny);
    assert_eq!(with(&["--resource-policy", bucket.to_str().unwrap()]).code, 1);
}

#[test]
fn what_cannot_be_asked_is_told_with_help() {
    let home = tempfile::tempdir().unwrap();
    let export = file(home.path(), "harbour.json", EXPORT);
    let export = export.to_str().unwrap();
    let asked =
        |action: &str, resource: &str| run(home.path(), &["who-can", action, resource, "--in", export]);
    let ran = asked("s3:Get*", "*").bad(2, "`s3:Get*` is a pattern, not one action");
    assert!(ran.err.contains("help: ask for each action by itself"), "{}", ran.err);
    asked("s3:GetObject", "*").bad(2, "`s3:GetObject` acts on resources, so it must be asked of one");
    run(home.path(), &["who-can", "s3:GetObject", NOTES]).bad(2, "--in <EXPORT>");
    run(home.path(), &["who-can", "s3:GetObject", NOTES, "--in", export, "--in", export])
        .bad(2, "account 111122223333 is in two exports");
}
