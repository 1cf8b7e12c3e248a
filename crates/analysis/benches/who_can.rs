//! What a question costs that is asked of many principals, and what keeping them costs.
//!
//! `cargo bench -p bailiwick-analysis --bench who_can` prints a table for 10,000, 100,000 and 1,000,000 principals;
//! with `-- lines` lines for `cargo xtask bench`; with `-- COUNT` only the lines of so many principals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

#[path = "who_can/make.rs"]
mod make;

use bailiwick_analysis::who_can::{PersonId, Population, Question, Solution};
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const SIZES: [usize; 5] = [10_000, 30_000, 100_000, 300_000, 1_000_000];
/// Questions are asked so many times; the first time counts as cold.
const ROUNDS: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let Some(count) = words.first().and_then(|word| word.parse().ok()) {
        return measure(count);
    }
    let lines = words.iter().any(|word| word == "lines");
    if !lines {
        println!(
            "| principals | what | first ms | best ms | always | if | sets |\n|---:|---|---:|---:|---:|---:|---:|"
        );
    }
    // Each in a process of its own, so that the memory is that of one population.
    for size in SIZES {
        let output = Command::new(std::env::current_exe().unwrap()).arg(size.to_string()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            match lines {
                true => println!("{line}"),
                false => println!("| {} |", line.replace('\t', " | ")),
            }
        }
    }
}

/// Prints lines of: principals, what, milliseconds the first time, at best, how many always, how many if, sets.
fn measure(principals: usize) {
    let start = Instant::now();
    let mut population = make::population(principals);
    let built = start.elapsed().as_secs_f64() * 1e3;
    let sets = population.sets();
    println!("{principals}\tbuilding\t{built:.0}\t{built:.0}\t\t\t{sets}");
    for (name, key) in [("memory, MB", "VmRSS"), ("memory at most, MB", "VmHWM")] {
        println!("{principals}\t{name}\t{0}\t{0}\t\t\t", megabytes(key));
    }
    println!("{principals}\tdocuments\t{0}\t{0}\t\t\t", population.documents());
    // What a process reads but once, such as the catalogue of condition keys, is no part of a question.
    population.who_can(&ask_of("sts:GetCallerIdentity", "*").with("aws:SourceIp", "10.1.2.3"));
    for (name, question) in questions() {
        ask(principals, &population, name, &question);
    }
    for (name, question) in questions() {
        judge(principals, &population, name, &question);
    }
    list(principals, &population);
    change(principals, &mut population);
    println!("{principals}\tmemory at most after questions, MB\t{0}\t{0}\t\t\t", megabytes("VmHWM"));
}

fn ask(principals: usize, population: &Population, name: &str, question: &Question) {
    let mut times = Vec::new();
    let mut count = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let solution = population.who_can(question);
        let counted = solution.count(population);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        count = Some(counted);
    }
    let best = times.iter().copied().fold(f64::MAX, f64::min);
    let count = count.unwrap();
    println!("{principals}\t{name}\t{:.1}\t{best:.1}\t{}\t{}\t", times[0], count.always, count.conditional);
}

/// Ten thousand principals by themselves, each in microseconds.
fn judge(principals: usize, population: &Population, name: &str, question: &Question) {
    let step = (population.len() / 10_000).max(1);
    let people: Vec<PersonId> = population.people().step_by(step).collect();
    let mut best = f64::MAX;
    let mut first = 0.0;
    for round in 0..ROUNDS {
        let start = Instant::now();
        people.iter().for_each(|person| {
            std::hint::black_box(population.judge(*person, question));
        });
        let time = start.elapsed().as_secs_f64() * 1e6 / people.len() as f64;
        best = best.min(time);
        if round == 0 {
            first = time;
        }
    }
    println!("{principals}\tone by itself, µs: {name}\t{first:.2}\t{best:.2}\t\t\t");
}

/// The first hundred with their grounds.
fn list(principals: usize, population: &Population) {
    let solution = population.who_can(&bucket());
    let start = Instant::now();
    let people: Vec<PersonId> = solution.people(population).map(|(person, _)| person).take(100).collect();
    let grounds = solution.grounds(population, &people);
    let time = start.elapsed().as_secs_f64() * 1e3;
    println!("{principals}\tgrounds of a hundred\t{time:.1}\t{time:.1}\t{}\t\t", grounds.len());
}

/// One policy of an application changed: the bucket is another one.
fn change(principals: usize, population: &mut Population) {
    let policy = population.policies_named(PolicyKind::Managed, "app-3-5").next().unwrap();
    let mut solution: Solution = population.who_can(&bucket());
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let document: Arc<Document> = Document::parse_tolerant(text).0.unwrap().into();
    let start = Instant::now();
    population.replace(policy, document);
    let touched = solution.update(population, policy, None);
    let time = start.elapsed().as_secs_f64() * 1e3;
    println!("{principals}\tone policy changed\t{time:.2}\t{time:.2}\t\t\t{touched}");
}

fn bucket() -> Question {
    ask_of("s3:GetObject", "arn:aws:s3:::app-3-5/2026/1.csv")
}

fn ask_of(action: &str, resource: &str) -> Question {
    Question::new(action, resource).unwrap()
}

fn questions() -> Vec<(&'static str, Question)> {
    let account = make::account_id(3);
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"ACCOUNT"},"Action":"s3:*","Resource":"*"},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::ACCOUNT:user/staff/person-7"},"Action":"s3:*","Resource":"*"},
        {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}},
        {"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let document = Document::parse_tolerant(&policy.replace("ACCOUNT", &account)).0.unwrap();
    let label = PolicyLabel::new(PolicyKind::Resource, "arn:aws:s3:::app-3-5", "bucket");
    let compiled = Arc::new(CompiledPolicy::compile(Arc::new(document), label));
    vec![
        ("s3:GetObject on an object, whose account may be anybody's", bucket()),
        ("the same with the bucket's policy, for all accounts", {
            bucket().resource_account(account.parse().unwrap()).resource_policy(compiled)
        }),
        ("s3:GetObject in somebody's home", ask_of("s3:GetObject", "arn:aws:s3:::home/person-7/1.txt")),
        (
            "iam:PassRole on a role",
            ask_of("iam:PassRole", &format!("arn:aws:iam::{account}:role/app-5/worker-65")),
        ),
        (
            "iam:ChangePassword of a user",
            ask_of("iam:ChangePassword", &format!("arn:aws:iam::{account}:user/staff/person-7")),
        ),
        ("ec2:DescribeInstances on everything", ask_of("ec2:DescribeInstances", "*")),
        (
            "braket:CreateJob, which few can",
            ask_of("braket:CreateJob", &format!("arn:aws:braket:eu-central-1:{account}:job/1")),
        ),
        ("sts:GetCallerIdentity, which all can", ask_of("sts:GetCallerIdentity", "*")),
    ]
}

/// A line of `/proc/self/status`.
fn megabytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_024
}
