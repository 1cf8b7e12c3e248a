use crate::run::{command, run};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

const ALLOWED: &str = r#"{"id":"a","request":{"principal":"arn:aws:iam::111122223333:user/ann","action":"s3:GetObject","resource":{"arn":"arn:aws:s3:::b/k"},"context":{}},"identity_policies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}]}"#;
const DENIED: &str =
    r#"{"id":2,"request":{"principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}}"#;

#[test]
fn questions_are_answered_line_by_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("questions.jsonl");
    std::fs::write(&file, format!("{ALLOWED}\n\n{DENIED}")).unwrap();
    let ran = run(home.path(), &["decide", file.to_str().unwrap()]).good();
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with(r#"{"id":"a","decision":"Allowed","layer":"identity""#), "{}", ran.out);
    assert!(
        lines[1].starts_with(r#"{"id":2,"decision":"ImplicitlyDenied","layer":"resource""#),
        "{}",
        ran.out
    );
    assert_eq!(lines.len(), 2);
    run(home.path(), &["decide", "nowhere"]).bad(4, "the file `nowhere` cannot be read: no such file");
}

#[test]
fn a_malformed_line_does_not_stop_the_batch() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("questions.jsonl");
    let long = "x".repeat((16 << 20) + 5);
    std::fs::write(&file, format!("{{\"id\":1}}\nnonsense\n{long}\n{ALLOWED}\n")).unwrap();
    let ran = run(home.path(), &["decide", file.to_str().unwrap()])
        .bad(2, "error: 3 of 4 questions could not be answered\nhelp: ");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], r#"{"id":1,"error":"`request` is missing"}"#);
    assert!(lines[1].starts_with(r#"{"id":null,"error":"the question is no JSON object: "#));
    assert_eq!(lines[2], r#"{"id":null,"error":"the question is longer than 16 MiB"}"#);
    assert!(lines[3].contains("\"Allowed\""));
}

#[test]
fn a_program_gets_each_answer_before_it_asks_on() {
    let home = tempfile::tempdir().unwrap();
    let mut child =
        command(home.path(), &["decide"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut questions, mut answers) =
        (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for (question, decision) in [(ALLOWED, "Allowed"), (DENIED, "ImplicitlyDenied")] {
        writeln!(questions, "{question}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.contains(&format!("\"decision\":\"{decision}\"")), "{answer}");
    }
    drop(questions);
    assert!(child.wait().unwrap().success());
}
