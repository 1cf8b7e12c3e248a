//! How long things take, on a machine that may be doing other things as well.

use std::time::{Duration, Instant};

/// What one contestant did with one scenario.
pub struct Figures {
    pub scenario: String,
    pub contestant: &'static str,
    /// Decisions a second, in the best of some rounds.
    pub per_second: f64,
    /// Nanoseconds of single decisions, the clock's own included; none where only a rate was asked for.
    pub p50: Option<u64>,
    pub p99: Option<u64>,
}

/// Numbers that are timed together: short enough that now and then nothing comes between.
const BLOCK: usize = 500;

/// Runs `each` for the numbers up to `count`, again and again for about `time` in all; of every block of them the best
/// round counts.
pub fn rate(count: usize, time: Duration, mut each: impl FnMut(usize)) -> f64 {
    let begin = Instant::now();
    let mut best = vec![f64::MAX; count.div_ceil(BLOCK)];
    while begin.elapsed() < time {
        for (block, best) in best.iter_mut().enumerate() {
            let start = Instant::now();
            (block * BLOCK..count.min((block + 1) * BLOCK)).for_each(&mut each);
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    count as f64 / best.iter().sum::<f64>()
}

/// Median and 99th percentile of single calls in nanoseconds, with what looking at the clock costs.
pub fn percentiles(count: usize, samples: usize, mut each: impl FnMut(usize)) -> (u64, u64) {
    let mut times: Vec<u64> = (0..samples)
        .map(|sample| {
            let start = Instant::now();
            each(sample % count);
            start.elapsed().as_nanos() as u64
        })
        .collect();
    times.sort_unstable();
    (times[samples / 2], times[samples * 99 / 100])
}

impl Figures {
    pub fn measure(
        scenario: impl Into<String>,
        contestant: &'static str,
        count: usize,
        time: Duration,
        mut each: impl FnMut(usize),
    ) -> Self {
        let per_second = rate(count, time, &mut each);
        let samples = (per_second * time.as_secs_f64() / 4.0) as usize;
        let (p50, p99) = percentiles(count, samples.clamp(100, 400_000), each);
        Self { scenario: scenario.into(), contestant, per_second, p50: Some(p50), p99: Some(p99) }
    }

    /// One line for programs: fields between tabs.
    pub fn line(&self) -> String {
        let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        format!(
            "{}\t{}\t{:.0}\t{}\t{}",
            self.scenario,
            self.contestant,
            self.per_second,
            number(self.p50),
            number(self.p99)
        )
    }
}
