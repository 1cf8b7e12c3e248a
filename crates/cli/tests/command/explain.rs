use crate::run::{ask, dev, run};
use std::path::{Path, PathBuf};

const EXPORT: &str = include_str!("../../../audit/tests/fixtures/harbour.json");
const NOTES: &str = "arn:aws:s3:::harbour-notes/nadia/log.txt";

fn export(folder: &Path, content: &str) -> PathBuf {
    let path = folder.join("harbour.json");
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn an_export_answers_without_a_server() {
    let home = tempfile::tempdir().unwrap();
    let file = export(home.path(), EXPORT);
    let file = file.to_str().unwrap();
    let ran = run(home.path(), &["explain", "user/nadia", "s3:GetObject", NOTES, "--from", file]).good();
    assert!(
        ran.out.starts_with("allowed: inline policy `own-notes` of user/crew/nadia allows it\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("^^^^^^^^^^^^^^ allows `s3:GetObject`"), "{}", ran.out);
    let ran =
        run(home.path(), &["explain", "user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/x", "--from", file]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("denied: the permissions boundary does not allow it\n"), "{}", ran.out);
    let with = ["--context", "aws:MultiFactorAuthPresent=true", "--format", "json"];
    let ran = run(
        home.path(),
        &[&["explain", "nadia", "sts:AssumeRole", "role/deployer", "--from", file], &with[..]].concat(),
    );
    assert_eq!(ran.good().json()["Verdict"], "allowed");
}

#[test]
fn policies_can_come_with_the_question() {
    let home = tempfile::tempdir().unwrap();
    let file = export(home.path(), EXPORT);
    let policy = home.path().join("bucket.json");
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    std::fs::write(&policy, text).unwrap();
    let arguments = ["explain", "user/nadia", "s3:GetObject", NOTES, "--from", file.to_str().unwrap()];
    let ran = run(home.path(), &[&arguments[..], &["--resource-policy", policy.to_str().unwrap()]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("denied (explicitly): resource policy `given` denies it"), "{}", ran.out);
    std::fs::write(&policy, "{").unwrap();
    run(home.path(), &[&arguments[..], &["--session-policy", policy.to_str().unwrap()]].concat())
        .bad(2, "the session policy of the question cannot be read");
}

#[test]
fn a_live_server_gives_the_same_answer() {
    let server = dev();
    let file = export(server.folder(), EXPORT);
    ask(&server, &["import", file.to_str().unwrap()]).good();
    let question = ["explain", "user/nadia", "s3:GetObject", NOTES];
    let live = ask(&server, &[&question[..], &["--account", "111122223333"]].concat()).good();
    let offline = ask(&server, &[&question[..], &["--from", file.to_str().unwrap()]].concat()).good();
    assert_eq!(live.out, offline.out);
    ask(&server, &[&question[..], &["--account", "444455556666"]].concat()).bad(3, "444455556666");
}

#[test]
fn what_cannot_be_asked_is_told_with_help() {
    let home = tempfile::tempdir().unwrap();
    let file = export(home.path(), EXPORT);
    let cut = home.path().join("cut.json");
    std::fs::write(&cut, EXPORT.split_at(2_000).0).unwrap();
    let asked = |file: &Path, principal: &str, action: &str, more: &[&str]| {
        run(
            home.path(),
            &[&["explain", principal, action, "*", "--from", file.to_str().unwrap()], more].concat(),
        )
    };
    let ran = asked(&file, "user/nadja", "s3:GetObject", &[]).bad(2, "there is no user or role `user/nadja`");
    assert!(ran.err.contains("help: is one of these meant: user/nadia"), "{}", ran.err);
    asked(&file, "nadia", "GetObject", &[]).bad(2, "`GetObject` is no action");
    asked(&file, "nadia", "s3:GetObject", &["--context", "x"]).bad(2, "write it as KEY=VALUE");
    asked(&cut, "nadia", "s3:GetObject", &[]).bad(2, "the export is cut off");
    asked(Path::new("/nowhere"), "nadia", "s3:GetObject", &[]).bad(4, "cannot be read");
}
