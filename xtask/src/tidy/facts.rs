//! Every fact about how AWS decides has a test named after its number; see `docs/semantics.md`.

use super::files::{files, text};
use anyhow::Result;
use std::collections::BTreeSet;

/// How many facts there are.
const FACTS: u32 = 142;

/// Facts without a test, and tests of facts that there are not.
pub fn problems() -> Result<Vec<String>> {
    let mut tested = BTreeSet::new();
    for path in files()?.into_iter().filter(|path| path.ends_with(".rs")) {
        tested.extend(tests_in(&text(&path)?.unwrap_or_default()));
    }
    let missing =
        (1..=FACTS).filter(|fact| !tested.contains(fact)).map(|fact| format!("fact {fact} has no test"));
    let unknown = tested.iter().filter(|fact| !(1..=FACTS).contains(*fact));
    Ok(missing.chain(unknown.map(|fact| format!("there is no fact {fact}"))).collect())
}

/// The numbers of facts that functions marked as tests are named after.
fn tests_in(text: &str) -> impl Iterator<Item = u32> {
    let lines = text.lines().map(str::trim);
    let pairs = lines.clone().zip(lines.skip(1));
    pairs.filter(|(above, _)| *above == "#[test]").filter_map(|(_, line)| number(line))
}

/// The number in `fn fact_012_…`.
fn number(line: &str) -> Option<u32> {
    let (digits, rest) = line.strip_prefix("fn fact_")?.split_at_checked(3)?;
    rest.starts_with('_').then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_count() {
        let text = "#[test]\n    fn fact_012_a() {}\nfn fact_013_b() {}\n#[test]\nfn facts_014_c() {}\n#[test]\nfn fact_15_d() {}";
        assert_eq!(tests_in(text).collect::<Vec<_>>(), [12]);
    }
}
