//! A plot with two logarithmic axes, as SVG that can be read on light and dark pages.

use std::fmt::Write;

/// Points that are joined.
pub struct Curve {
    /// What stands beside it.
    pub name: String,
    /// Policies, and nanoseconds a decision.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 60.0;
/// Powers of ten at the ends of the axes.
const POLICIES: (i32, i32) = (0, 4);
const NANOSECONDS: (i32, i32) = (1, 8);
/// One colour for each curve; both can be told apart without seeing red and green, on white and on black.
const COLOURS: [&str; 3] = ["#1f83d6", "#d9822b", "#8f6fd1"];

/// Draws curves.
pub fn draw(curves: &[Curve]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Time of a decision over the number of policies\">\n<style>\n\
         text {{ font: 13px sans-serif; fill: #333; }}\n.grid {{ stroke: #888; stroke-opacity: 0.3; }}\n\
         @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd; }} }}\n</style>\n"
    );
    // Writing to a string does not fail.
    let _ = axes(&mut svg);
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let _ = draw_curve(&mut svg, curve, colour);
    }
    svg.push_str("</svg>\n");
    svg
}

fn axes(svg: &mut String) -> std::fmt::Result {
    let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
    for power in POLICIES.0..=POLICIES.1 {
        let (at, label) = (across(10f64.powi(power)), thousands(10u64.pow(power.unsigned_abs())));
        writeln!(svg, "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{top}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>")?;
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", bottom + 20.0)?;
    }
    for power in NANOSECONDS.0..=NANOSECONDS.1 {
        let (at, label) = (up(10f64.powi(power)), time(power));
        writeln!(svg, "<line class=\"grid\" x1=\"{left}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>")?;
        writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 8.0, at + 4.0)?;
    }
    let middle = (left + right) / 2.0;
    let y = HEIGHT - 15.0;
    writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">policies on one principal, five statements each</text>"
    )?;
    writeln!(svg, "<text x=\"{left}\" y=\"18\">time of a decision</text>")
}

fn draw_curve(svg: &mut String, curve: &Curve, colour: &str) -> std::fmt::Result {
    let points: Vec<String> = curve
        .points
        .iter()
        .map(|(policies, time)| format!("{:.1},{:.1}", across(*policies), up(*time)))
        .collect();
    writeln!(
        svg,
        "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" points=\"{}\"/>",
        points.join(" ")
    )?;
    for (policies, time) in &curve.points {
        let (x, y) = (across(*policies), up(*time));
        writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>")?;
    }
    let Some((policies, time)) = curve.points.last() else { return Ok(()) };
    let (x, y) = (across(*policies) + 10.0, up(*time) + 4.0);
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" style=\"fill: {colour}\">{}</text>", curve.name)
}

/// The place of a number of policies.
fn across(policies: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * share(policies, POLICIES)
}

/// The place of a time.
fn up(nanoseconds: f64) -> f64 {
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(nanoseconds, NANOSECONDS)
}

fn share(value: f64, (low, high): (i32, i32)) -> f64 {
    ((value.log10() - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0)
}

fn time(power: i32) -> String {
    let (unit, rest) = match power {
        0..3 => ("ns", power),
        3..6 => ("µs", power - 3),
        _ => ("ms", power - 6),
    };
    format!("{} {unit}", 10u64.pow(rest.unsigned_abs()))
}

fn thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_stay_within_the_picture() {
        let curve = Curve { name: "engine".to_owned(), points: vec![(1.0, 50.0), (10_000.0, 1e12)] };
        let svg = draw(&[curve]);
        assert!(svg.contains(">engine</text>") && svg.contains("points=\"80.0,309.0 590.0,30.0\""), "{svg}");
        assert_eq!(
            (time(1), time(4), time(8)),
            ("10 ns".to_owned(), "10 µs".to_owned(), "100 ms".to_owned())
        );
    }
}
