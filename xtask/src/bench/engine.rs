//! The policy engine, beside the naive oracle of its tests and beside cedar-policy, in one run.

use super::instructions;
use super::plot;
use crate::run::{cargo, read, root, target};
use anyhow::{Context, Result};
use std::fs;

/// Where the growth is drawn for the documentation.
const PICTURE: &str = "docs/pictures/engine-growth.svg";
const FRAME: plot::Frame = plot::Frame {
    title: "Time of a decision over the number of policies",
    across: "policies on one principal, five statements each",
    counts: (0, 4),
    up: "time of a decision",
    nanoseconds: (1, 8),
};
/// Rounds of a thousand decisions whose instructions are counted.
const ROUNDS: u64 = 20;

/// What one engine did with one scenario.
struct Line {
    scenario: String,
    engine: String,
    per_second: f64,
    p50: String,
    p99: String,
}

/// Measures, prints a table and, if asked to, draws the growth for the documentation.
pub fn compare(draw: bool) -> Result<()> {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package", "bailiwick-policy", "--bench", "engine", "--", "lines"]);
    let mut lines = lines(&read(&mut bench)?);
    let folder = target().join("xtask/cedar-engine");
    let mut cedar = cargo();
    cedar.args(["run", "--release", "--quiet", "--locked", "--manifest-path"]);
    cedar.arg(root().join("benches/cedar-engine/Cargo.toml")).arg("--target-dir").arg(folder);
    lines.extend(self::lines(&read(&mut cedar)?));
    print_table(&lines);
    if draw {
        let picture = root().join(PICTURE);
        fs::create_dir_all(picture.parent().context("a folder")?)?;
        fs::write(&picture, plot::draw(&FRAME, &curves(&lines)))?;
        println!("\ndrawn: {PICTURE}");
    }
    Ok(())
}

/// Counts the instructions of single decisions.
pub fn count() -> Result<()> {
    let program = instructions::benchmark("bailiwick-policy", "engine")?;
    println!("\n| engine | instructions |\n|---|---:|");
    for (scenario, function, name) in [
        ("20 policies", "engine::decide_all", "a decision, 20 policies × 5 statements"),
        ("all layers", "engine::decide_all", "a decision, all layers present"),
        ("1000 policies", "engine::decide_all", "a decision, 1,000 policies"),
        ("explain", "engine::explain_all", "a decision explained, 20 policies"),
        ("requests", "engine::prepare_all", "a request prepared"),
    ] {
        let arguments = [ROUNDS.to_string(), scenario.to_owned()];
        let total = instructions::counted(&program, function, &arguments)?;
        println!("| {name} | {} |", total / (ROUNDS * 1_000));
    }
    Ok(())
}

fn lines(printed: &str) -> Vec<Line> {
    let fields = printed.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    fields
        .filter_map(|fields| match fields.as_slice() {
            [scenario, engine, per_second, p50, p99] => Some(Line {
                scenario: (*scenario).to_owned(),
                engine: (*engine).to_owned(),
                per_second: per_second.parse().ok()?,
                p50: (*p50).to_owned(),
                p99: (*p99).to_owned(),
            }),
            _ => None,
        })
        .collect()
}

fn print_table(lines: &[Line]) {
    println!("| scenario | engine | a second | p50 ns | p99 ns | bailiwick is faster by |");
    println!("|---|---|---:|---:|---:|---:|");
    for line in lines {
        let Line { scenario, engine, per_second, p50, p99 } = line;
        let ours = lines.iter().find(|other| other.scenario == *scenario && other.engine == "bailiwick");
        let ratio = ours.filter(|_| engine != "bailiwick").map_or_else(String::new, |ours| {
            format!("{:.0}", ours.per_second / per_second.max(f64::MIN_POSITIVE))
        });
        println!("| {scenario} | {engine} | {per_second:.0} | {p50} | {p99} | {ratio} |");
    }
}

/// Nanoseconds a decision over the number of policies, for each engine.
fn curves(lines: &[Line]) -> Vec<plot::Curve> {
    let mut curves: Vec<plot::Curve> = Vec::new();
    for line in lines {
        let Some(policies) = line.scenario.strip_prefix("growth ").and_then(|count| count.parse().ok())
        else {
            continue;
        };
        let point = (policies, 1e9 / line.per_second);
        match curves.iter_mut().find(|curve| curve.name == line.engine) {
            Some(curve) => curve.points.push(point),
            None => curves.push(plot::Curve { name: line.engine.clone(), points: vec![point] }),
        }
    }
    curves
}
