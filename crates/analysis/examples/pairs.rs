//! Decides pairs of policies: lines of JSON with `old` and `new` on standard input, times on standard output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    missing_docs
)]

use bailiwick_analysis::{Access, Mode, Options, Scope, Verdict, no_new_access};
use policy::{Document, DocumentKind};
use std::io::BufRead;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mode = if std::env::args().any(|arg| arg == "compat") { Mode::AwsCompat } else { Mode::Realistic };
    let mut times = Vec::new();
    let (mut proved, mut refuted, mut open, mut undocumented) = (0, 0, 0, 0);
    for line in std::io::stdin().lock().lines() {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let kind = if line["kind"] == "resource" { DocumentKind::Resource } else { DocumentKind::Identity };
        let access = |side: &str| {
            let (document, _) = Document::parse_tolerant(&line[side].to_string());
            Access::of(Arc::new(document.unwrap()), kind)
        };
        let (old, new) = (access("old"), access("new"));
        for (new, old) in [(&new, &old), (&old, &new)] {
            let start = Instant::now();
            let verdict = no_new_access(new, old, &Scope::default(), Options { mode, ..Options::default() });
            let time = start.elapsed();
            times.push(time);
            match verdict {
                Verdict::Proved => proved += 1,
                Verdict::Refuted(found) => {
                    refuted += 1;
                    undocumented += i32::from(!found.witness.documented);
                }
                Verdict::Undetermined(reasons) => {
                    open += 1;
                    println!("open: {} {} {reasons:?}", line["name"], line["from"]);
                }
            }
            if time.as_millis() > 100 {
                println!("{time:?} {} {}", line["name"], line["from"]);
            }
        }
    }
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 1000).copied().unwrap_or_default();
    println!(
        "{} decisions: {proved} proved, {refuted} refuted ({undocumented} with undocumented requests), {open} open",
        times.len()
    );
    println!("median {:?}, p90 {:?}, p99 {:?}, longest {:?}", at(500), at(900), at(990), times.last());
}
