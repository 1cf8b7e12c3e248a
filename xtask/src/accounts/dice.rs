//! Chance from a seed.

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        (self.next() % sides.max(1) as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        #[expect(clippy::indexing_slicing, reason = "the tables of this task have entries")]
        all[self.roll(all.len())]
    }

    /// Mostly one of the first.
    pub fn favourite(&mut self, count: usize) -> usize {
        let (a, b) = (self.roll(count), self.roll(count));
        self.roll(a.min(b) + 1)
    }

    /// A unique id such as `AROA…`.
    pub fn id(&mut self, kind: &str) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let rest: String = (0..17).map(|_| char::from(self.pick(LETTERS))).collect();
        format!("{kind}{rest}")
    }

    /// A date so many days at most before the day of the accounts.
    pub fn date(&mut self, most_days: usize) -> String {
        // 2026-11-22 is day 20,779 since 1970.
        let days = 20_779 - 1 - self.roll(most_days.max(1)) as i64;
        let (year, month, day) = civil(days);
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:00+00:00", self.roll(24), self.roll(60))
    }
}

/// Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(20_779), (2026, 11, 22));
        assert_eq!(civil(19_782), (2024, 2, 29));
    }
}
