//! Questions about all principals of a population, from ten thousand to a million.

use super::plot;
use crate::run::{cargo, read, root};
use anyhow::{Context, Result};
use std::fs;

/// Where the growth is drawn for the documentation.
const PICTURE: &str = "docs/pictures/who-can-growth.svg";
const FRAME: plot::Frame = plot::Frame {
    title: "Time of a question over the number of principals",
    across: "principals",
    counts: (4, 6),
    up: "time of a question, asked for the first time",
    nanoseconds: (4, 9),
};
/// What is drawn, and how it is called there.
const DRAWN: [(&str, &str); 3] = [
    ("s3:GetObject on an object", "s3:GetObject"),
    ("iam:PassRole on a role", "iam:PassRole"),
    ("braket:CreateJob", "braket:CreateJob"),
];

/// Measures, prints a table and, if asked to, draws the growth for the documentation.
pub fn measure(draw: bool) -> Result<()> {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package", "bailiwick-analysis", "--bench", "who_can", "--", "lines"]);
    let printed = read(&mut bench)?;
    println!("| principals | what | first, ms | best, ms | always | if | sets |");
    println!("|---:|---|---:|---:|---:|---:|---:|");
    for line in printed.lines() {
        println!("| {} |", line.replace('\t', " | "));
    }
    if draw {
        let picture = root().join(PICTURE);
        fs::create_dir_all(picture.parent().context("a folder")?)?;
        fs::write(&picture, plot::draw(&FRAME, &curves(&printed)))?;
        println!("\ndrawn: {PICTURE}");
    }
    Ok(())
}

/// Nanoseconds of the first time over the number of principals.
fn curves(printed: &str) -> Vec<plot::Curve> {
    let curve = |(what, name): (&str, &str)| plot::Curve {
        name: name.to_owned(),
        points: printed.lines().filter_map(|line| point(line, what)).collect(),
    };
    DRAWN.map(curve).into()
}

fn point(line: &str, what: &str) -> Option<(f64, f64)> {
    let mut fields = line.split('\t');
    let principals: f64 = fields.next()?.parse().ok()?;
    fields.next().filter(|found| found.starts_with(what))?;
    let milliseconds: f64 = fields.next()?.parse().ok()?;
    Some((principals, milliseconds * 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_points() {
        let line = "10000\tiam:PassRole on a role\t1.5\t0.9\t255\t10\t";
        assert_eq!(point(line, "iam:PassRole"), Some((1e4, 1.5e6)));
        assert_eq!(point(line, "s3:GetObject"), None);
    }
}
