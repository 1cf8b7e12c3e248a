//! Measurements for monitoring, in the text form that Prometheus reads:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.
//!
//! They tell operations and error codes, never who called. Still they are nothing for everybody: the local socket's
//! owner gets them, and a listener of their own if one is asked for, beyond this machine only with a token.

use crate::request::House;
use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The media type of the text.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper bounds of the buckets of durations, in microseconds.
const BOUNDS: [u64; 12] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 5_000_000];

/// Writes measurements.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a measurement: its name, `counter`, `gauge` or `histogram`, and what it tells.
    pub fn begin(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A value, with labels.
    pub fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// A measurement with one value.
    pub fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.begin(name, kind, help);
        self.value(name, &[], value);
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// What the shell counts of its own.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) connections: AtomicU64,
    pub(crate) turned_away: AtomicU64,
    underway: AtomicU64,
    statuses: [AtomicU64; 3],
    buckets: [AtomicU64; BOUNDS.len()],
    requests: AtomicU64,
    micros: AtomicU64,
}

/// A request under way.
pub(crate) struct Begun<'a>(&'a Counts);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.underway.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An open connection.
pub(crate) struct Open(Arc<House>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.counts.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counts {
    /// A request is being answered until what this yields is dropped, whether its answer was sent or not.
    pub(crate) fn begin(&self) -> Begun<'_> {
        self.underway.fetch_add(1, Ordering::Relaxed);
        Begun(self)
    }

    /// A connection is open until what this yields is dropped.
    pub(crate) fn open(house: Arc<House>) -> Open {
        house.counts.connections.fetch_add(1, Ordering::Relaxed);
        Open(house)
    }

    /// Notes an answer.
    pub(crate) fn answered(&self, status: u16, took: Duration) {
        let class = match status {
            ..400 => 0,
            400..500 => 1,
            _ => 2,
        };
        if let Some(count) = self.statuses.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS.partition_point(|bound| *bound < micros);
        if let Some(count) = self.buckets.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn write(&self, out: &mut Exposition) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        out.single("bailiwick_connections", "gauge", "Connections that are open.", read(&self.connections));
        let turned_away = "Connections that were closed at once, since their address had too many.";
        out.single("bailiwick_connections_refused_total", "counter", turned_away, read(&self.turned_away));
        out.single("bailiwick_requests_underway", "gauge", "Requests being answered.", read(&self.underway));
        out.begin("bailiwick_responses_total", "counter", "Answers, by the first digit of their status.");
        for (class, count) in ["2xx", "4xx", "5xx"].into_iter().zip(&self.statuses) {
            out.value("bailiwick_responses_total", &[("status", class)], read(count));
        }
        self.write_durations(out);
    }

    fn write_durations(&self, out: &mut Exposition) {
        let name = "bailiwick_request_duration_seconds";
        out.begin(name, "histogram", "Time from the whole request to its answer.");
        let bucket = format!("{name}_bucket");
        let mut so_far = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.buckets) {
            so_far += count.load(Ordering::Relaxed);
            out.value(&bucket, &[("le", &seconds(*bound))], so_far);
        }
        let all = self.requests.load(Ordering::Relaxed).max(so_far);
        out.value(&bucket, &[("le", "+Inf")], all);
        out.value(&format!("{name}_sum"), &[], seconds(self.micros.load(Ordering::Relaxed)));
        out.value(&format!("{name}_count"), &[], all);
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up_from_bucket_to_bucket() {
        let counts = Counts::default();
        for (status, micros) in [(200, 50), (200, 51), (403, 3_000), (503, 9_000_000)] {
            let _begun = counts.begin();
            counts.answered(status, Duration::from_micros(micros));
        }
        let _begun = counts.begin();
        let mut out = Exposition::default();
        counts.write(&mut out);
        let text = out.finish();
        for line in [
            "bailiwick_requests_underway 1",
            "bailiwick_responses_total{status=\"2xx\"} 2",
            "bailiwick_responses_total{status=\"4xx\"} 1",
            "bailiwick_responses_total{status=\"5xx\"} 1",
            "bailiwick_request_duration_seconds_bucket{le=\"0.00005\"} 1",
            "bailiwick_request_duration_seconds_bucket{le=\"0.0001\"} 2",
            "bailiwick_request_duration_seconds_bucket{le=\"0.0025\"} 2",
            "bailiwick_request_duration_seconds_bucket{le=\"0.005\"} 3",
            "bailiwick_request_duration_seconds_bucket{le=\"5\"} 3",
            "bailiwick_request_duration_seconds_bucket{le=\"+Inf\"} 4",
            "bailiwick_request_duration_seconds_sum 9.003101",
            "bailiwick_request_duration_seconds_count 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn labels_cannot_break_out() {
        let mut out = Exposition::default();
        out.value("x", &[("a", "b\"\n\\"), ("c", "d")], 1);
        assert_eq!(out.finish(), "x{a=\"b\\\"\\n\\\\\",c=\"d\"} 1\n");
    }
}
