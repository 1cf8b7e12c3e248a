use crate::run::{ask, dev};
use std::path::PathBuf;

const EXPORT: &str = r#"{
  "UserDetailList": [{
    "Path": "/", "UserName": "alice", "UserId": "AIDAEXAMPLEALICE00001",
    "Arn": "arn:aws:iam::555555555555:user/alice", "CreateDate": "2023-01-02T03:04:05+00:00",
    "UserPolicyList": [{"PolicyName": "own", "PolicyDocument":
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}]}}],
    "GroupList": [], "AttachedManagedPolicies": [], "Tags": []
  }],
  "GroupDetailList": [], "RoleDetailList": [], "Policies": []
}"#;

fn file(server: &testkit::Server, content: &str) -> PathBuf {
    let path = server.folder().join("export.json");
    std::fs::write(&path, content).unwrap();
    path
}

fn import(server: &testkit::Server, content: &str, more: &[&str]) -> crate::run::Ran {
    let path = file(server, content);
    ask(server, &[&["import", path.to_str().unwrap()], more].concat())
}

#[test]
fn an_export_becomes_an_account_and_its_users_get_keys() {
    let server = dev();
    let ran = import(&server, EXPORT, &["--name", "production"]).good();
    assert!(ran.out.starts_with("account 555555555555 is imported\n"), "{}", ran.out);
    assert!(
        ran.out.contains("      1  users\n") && ran.out.contains("      1  inline policies\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("note: users came over without access keys"), "{}", ran.out);
    let listed = ask(&server, &["account", "list"]).good().out;
    assert!(listed.contains("555555555555  production"), "{listed}");
    let key = ask(&server, &["keys", "create", "alice", "--account", "555555555555", "--format", "json"])
        .good()
        .json();
    assert_eq!(key["AccountId"], "555555555555");
    import(&server, EXPORT, &[]).bad(3, "555555555555 exists already");
}

#[test]
fn reports_for_programs_are_json() {
    let server = dev();
    let json = import(&server, EXPORT, &["--format", "json"]).good().json();
    assert_eq!(json["AccountId"], "555555555555");
    assert_eq!(json["Report"]["Users"], 1);
}

#[test]
fn what_is_no_export_changes_nothing() {
    let server = dev();
    let before = ask(&server, &["account", "list", "--format", "json"]).good().out;
    let truncated = EXPORT.split_at(EXPORT.len() / 2).0;
    let doubled =
        EXPORT.replacen("\"GroupDetailList\": []", "\"GroupDetailList\": [], \"GroupDetailList\": []", 1);
    let wrong = EXPORT.replacen("\"UserName\": \"alice\"", "\"UserName\": 7", 1);
    for (content, what) in
        [("", "empty"), ("not JSON", "text"), ("[]", "list"), ("{}", "object"), (truncated, "cut")]
    {
        assert_eq!(import(&server, content, &[]).code, 3, "{what}");
    }
    import(&server, &doubled, &[]).bad(3, "GroupDetailList");
    import(&server, &wrong, &[]).bad(3, "expected a string");
    assert_eq!(ask(&server, &["account", "list", "--format", "json"]).good().out, before);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let server = dev();
    ask(&server, &["import", "/nowhere/export.json"])
        .bad(4, "the file `/nowhere/export.json` cannot be read: no such file");
    let path = server.folder().join("bytes");
    std::fs::write(&path, b"\xff\xfe\x00").unwrap();
    ask(&server, &["import", path.to_str().unwrap()]).bad(2, "is not text in UTF-8");
    ask(&server, &["import", server.folder().to_str().unwrap()]).bad(4, "is a directory");
}

#[test]
fn an_export_of_ten_megabytes_is_taken_and_a_huge_one_refused() {
    let server = dev();
    let padding = " ".repeat(10 * 1024 * 1024);
    import(&server, &format!("{padding}{EXPORT}"), &[]).good();
    let huge = server.folder().join("huge");
    std::fs::File::create(&huge).unwrap().set_len(61 * 1024 * 1024).unwrap();
    ask(&server, &["import", huge.to_str().unwrap()]).bad(2, "larger than 60 MiB");
}
