use crate::run::{ask, command, dev, run};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const EXPORT: &str = include_str!("../../../audit/tests/fixtures/harbour.json");
const TESTS: &str = r#"
export: harbour.json
tests:
  - name: nadia reads her own notes
    tags: [notes]
    principal: user/nadia
    action: s3:GetObject
    resource: [arn:aws:s3:::harbour-notes/nadia/log.txt, arn:aws:s3:::harbour-notes/nadia/b]
    expect: {decision: allowed, sid: OwnFolder}
  - name: pavel is held by his boundary
    principal: user/pavel
    action: s3:PutObject
    resource: arn:aws:s3:::cargo/manifest
    expect: {decision: implicitly_denied, layer: boundary}
"#;

fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn with_export(content: &str) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "harbour.json", EXPORT);
    let file = write(home.path(), "tests.yaml", content).to_str().unwrap().to_owned();
    (home, file)
}

#[test]
fn what_is_expected_passes() {
    let (home, file) = with_export(TESTS);
    assert_eq!(run(home.path(), &["test", &file]).good().out, "2 tests, 3 cases: 3 passed, 0 failed\n");
    let ran = run(home.path(), &["test", &file, &file, "--format", "json"]).good().json();
    assert_eq!((&ran["passed"], &ran["failed"], &ran["tests"]), (&6.into(), &0.into(), &4.into()));
    assert_eq!(ran["files"][0]["tests"][0]["cases"][1]["verdict"], "allowed");
    for name in ["NOTES", "own notes"] {
        let ran = run(home.path(), &["test", &file, "--name", name]).good();
        assert_eq!(ran.out, "1 test, 2 cases: 2 passed, 0 failed\n");
    }
    run(home.path(), &["test", &file, "--name", "zoe"]).bad(2, "no test has `zoe` in its name or as a tag");
}

#[test]
fn a_failure_is_explained() {
    let (home, file) = with_export(&TESTS.replace("implicitly_denied, layer: boundary", "allowed"));
    let ran = run(home.path(), &["test", &file]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for said in [
        "failed: pavel is held by his boundary (",
        "tests.yaml:10)\n  expected allowed, but it is implicitly denied\n",
        "the permissions boundary does not allow it",
        "2 tests, 3 cases: 2 passed, 1 failed\n",
    ] {
        assert!(ran.out.contains(said), "`{said}` is not in {}", ran.out);
    }
    let report = home.path().join("report.xml");
    let ran = run(home.path(), &["test", &file, "--junit", report.to_str().unwrap(), "--format", "json"]);
    let cases = &ran.json()["files"][0]["tests"][1]["cases"];
    assert_eq!(cases[0]["complaints"][0], "expected allowed, but it is implicitly denied");
    assert_eq!(cases[0]["answer"]["Verdict"], "implicitDeny");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(
        report.contains("<testsuites name=\"bailiwick test\" tests=\"3\" failures=\"1\" errors=\"0\">"),
        "{report}"
    );
    assert!(
        report.contains("<failure message=\"expected allowed, but it is implicitly denied\">denied: "),
        "{report}"
    );
    let ran = run(home.path(), &["test", &file, "--junit", "-"]);
    assert_eq!((ran.code, &ran.out), (1, &report));
    let ran = run(home.path(), &["test", &file, "--format", "junit"]);
    assert_eq!((ran.code, ran.out), (1, report));
    run(home.path(), &["account", "list", "--format", "junit"]).bad(2, "only `test` writes JUnit's form");
}

#[test]
fn a_wrong_file_is_told_whole() {
    let home = tempfile::tempdir().unwrap();
    let file = write(home.path(), "t.yaml", "test: []\ntests:\n  - {nam: x}\n");
    let ran = run(home.path(), &["test", file.to_str().unwrap()])
        .bad(2, "t.yaml:1:1: the file has no member `test` (did you mean `tests`?)");
    assert!(ran.err.contains("t.yaml:3:6: a test has no member `nam` (did you mean `name`?)"), "{}", ran.err);
    assert!(!ran.err.contains("\\n"), "no line break is shown as an escape: {}", ran.err);
    run(home.path(), &["test", "nowhere.yaml"]).bad(4, "the file `nowhere.yaml` cannot be read");
    let file = write(home.path(), "e.json", r#"{"export": "none.json", "tests": []}"#);
    run(home.path(), &["test", file.to_str().unwrap()]).bad(4, "none.json` cannot be read");
    let file = write(home.path(), "empty.json", r#"{"tests": []}"#);
    run(home.path(), &["test", file.to_str().unwrap()]).bad(2, "there are no tests");
}

#[test]
fn a_case_without_an_answer_is_no_failure_but_an_error() {
    let (home, file) = with_export(&TESTS.replace("user/pavel", "user/pawel"));
    let ran = run(home.path(), &["test", &file]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("it cannot be answered: there is no user or role `user/pawel`"), "{}", ran.out);
    assert!(ran.out.ends_with("2 tests, 3 cases: 2 passed, 0 failed, 1 without an answer\n"), "{}", ran.out);
}

#[test]
fn tests_come_from_standard_input_and_exports_from_the_command_line() {
    let (home, _) = with_export(TESTS);
    let export = home.path().join("harbour.json");
    let mut child = command(home.path(), &["test", "-", "--from", export.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(TESTS.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2 tests, 3 cases: 3 passed, 0 failed\n");
}

#[test]
fn a_running_server_is_asked() {
    let server = dev();
    let export = write(server.folder(), "harbour.json", EXPORT);
    ask(&server, &["import", export.to_str().unwrap()]).good();
    let file = write(server.folder(), "tests.yaml", TESTS);
    let arguments = ["test", file.to_str().unwrap(), "--live", "--account", "111122223333"];
    assert_eq!(ask(&server, &arguments).good().out, "2 tests, 3 cases: 3 passed, 0 failed\n");
    let what_if = write(server.folder(), "what-if.yaml", &format!("{TESTS}    scps: [[]]\n"));
    let ran = ask(&server, &["test", what_if.to_str().unwrap(), "--live", "--account", "111122223333"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("a server is not told `scps`"), "{}", ran.out);
}

/// The corpus of facts passes through the command as well.
#[test]
fn the_corpus_of_facts_passes() {
    let home = tempfile::tempdir().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audit/tests/corpus");
    let files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    let files: Vec<&str> = std::iter::once("test").chain(files.iter().map(String::as_str)).collect();
    let ran = run(home.path(), &files).good();
    assert!(ran.out.ends_with(" passed, 0 failed\n"), "{}", ran.out);
}
