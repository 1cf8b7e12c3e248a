//! A plot with two logarithmic axes, as SVG that can be read on light and dark pages.

use std::fmt::Write;

/// Points that are joined.
pub struct Curve {
    /// What stands beside it.
    pub name: String,
    /// What is counted across, and nanoseconds.
    pub points: Vec<(f64, f64)>,
}

/// What is drawn, but for the curves.
pub struct Frame {
    /// What the picture shows, for those who cannot see it.
    pub title: &'static str,
    /// What is counted across.
    pub across: &'static str,
    /// Powers of ten at the ends of that axis.
    pub counts: (i32, i32),
    /// What takes the time.
    pub up: &'static str,
    /// Powers of ten of nanoseconds at the ends of that axis.
    pub nanoseconds: (i32, i32),
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 60.0;
/// One colour for each curve; they can be told apart without seeing red and green, on white and on black.
const COLOURS: [&str; 3] = ["#1f83d6", "#d9822b", "#8f6fd1"];

/// Draws curves.
pub fn draw(frame: &Frame, curves: &[Curve]) -> String {
    let title = frame.title;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\">\n<style>\n\
         text {{ font: 13px sans-serif; fill: #333; }}\n.grid {{ stroke: #888; stroke-opacity: 0.3; }}\n\
         @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd; }} }}\n</style>\n"
    );
    // Writing to a string does not fail.
    let _ = axes(&mut svg, frame);
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let _ = draw_curve(&mut svg, frame, curve, colour);
    }
    svg.push_str("</svg>\n");
    svg
}

fn axes(svg: &mut String, frame: &Frame) -> std::fmt::Result {
    let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
    for power in frame.counts.0..=frame.counts.1 {
        let (at, label) = (across(frame, 10f64.powi(power)), thousands(10u64.pow(power.unsigned_abs())));
        writeln!(svg, "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{top}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>")?;
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", bottom + 20.0)?;
    }
    for power in frame.nanoseconds.0..=frame.nanoseconds.1 {
        let (at, label) = (up(frame, 10f64.powi(power)), time(power));
        writeln!(svg, "<line class=\"grid\" x1=\"{left}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>")?;
        writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 8.0, at + 4.0)?;
    }
    let middle = (left + right) / 2.0;
    let y = HEIGHT - 15.0;
    writeln!(svg, "<text x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", frame.across)?;
    writeln!(svg, "<text x=\"{left}\" y=\"18\">{}</text>", frame.up)
}

fn draw_curve(svg: &mut String, frame: &Frame, curve: &Curve, colour: &str) -> std::fmt::Result {
    let points: Vec<String> = curve
        .points
        .iter()
        .map(|(count, time)| format!("{:.1},{:.1}", across(frame, *count), up(frame, *time)))
        .collect();
    writeln!(
        svg,
        "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" points=\"{}\"/>",
        points.join(" ")
    )?;
    for (count, time) in &curve.points {
        let (x, y) = (across(frame, *count), up(frame, *time));
        writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>")?;
    }
    let Some((count, time)) = curve.points.last() else { return Ok(()) };
    let (x, y) = (across(frame, *count) + 10.0, up(frame, *time) + 4.0);
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" style=\"fill: {colour}\">{}</text>", curve.name)
}

/// The place of a count.
fn across(frame: &Frame, count: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * share(count, frame.counts)
}

/// The place of a time.
fn up(frame: &Frame, nanoseconds: f64) -> f64 {
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(nanoseconds, frame.nanoseconds)
}

fn share(value: f64, (low, high): (i32, i32)) -> f64 {
    ((value.log10() - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0)
}

fn time(power: i32) -> String {
    let (unit, rest) = match power {
        0..3 => ("ns", power),
        3..6 => ("µs", power - 3),
        6..9 => ("ms", power - 6),
        _ => ("s", power - 9),
    };
    format!("{} {unit}", 10u64.pow(rest.unsigned_abs()))
}

fn thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000_000.. => format!("{},{:03},{:03}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_stay_within_the_picture() {
        let curve = Curve { name: "engine".to_owned(), points: vec![(1.0, 50.0), (10_000.0, 1e12)] };
        let frame =
            Frame { title: "Time", across: "policies", counts: (0, 4), up: "time", nanoseconds: (1, 8) };
        let svg = draw(&frame, &[curve]);
        assert!(svg.contains(">engine</text>") && svg.contains("points=\"80.0,309.0 590.0,30.0\""), "{svg}");
        assert_eq!(
            (time(1), time(4), time(8)),
            ("10 ns".to_owned(), "10 µs".to_owned(), "100 ms".to_owned())
        );
        assert_eq!(
            (time(9), thousands(10_000), thousands(1_000_000)),
            ("1 s".to_owned(), "10,000".to_owned(), "1,000,000".to_owned())
        );
    }
}
