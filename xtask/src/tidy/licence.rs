//! SPDX expressions, as far as crates write them.

use anyhow::{Context, Result, bail, ensure};

/// What we may ship. The same list stands in `deny.toml`.
pub const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Whether the licences that the expression demands are all allowed, where it offers a choice for one choice.
pub fn is_allowed(expression: &str) -> Result<bool> {
    // Old crates write `MIT/Apache-2.0` for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let allowed = choice(&mut words)?;
    ensure!(words.next().is_none(), "`{expression}` is not an SPDX expression");
    Ok(allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn choice(words: &mut Words<'_>) -> Result<bool> {
    let mut allowed = all(words)?;
    while words.next_if_eq(&"OR").is_some() {
        // Both sides are read, whatever the first says.
        allowed |= all(words)?;
    }
    Ok(allowed)
}

fn all(words: &mut Words<'_>) -> Result<bool> {
    let mut allowed = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words)?;
    }
    Ok(allowed)
}

fn one(words: &mut Words<'_>) -> Result<bool> {
    match words.next().context("an SPDX expression ends early")? {
        "(" => {
            let allowed = choice(words)?;
            ensure!(words.next() == Some(")"), "an SPDX expression lacks a closing parenthesis");
            Ok(allowed)
        }
        word @ ("AND" | "OR" | "WITH" | ")") => {
            bail!("`{word}` stands in a wrong place of an SPDX expression")
        }
        name => match words.next_if_eq(&"WITH") {
            Some(_) => {
                let exception = words.next().context("an SPDX expression ends after `WITH`")?;
                Ok(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()))
            }
            None => Ok(ALLOWED.contains(&name)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (expression, expected) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND AGPL-3.0", false),
            ("GPL-3.0 OR (MIT AND ISC)", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-2.0 WITH Classpath-exception-2.0", false),
            ("MPL-2.0", false),
        ] {
            assert_eq!(is_allowed(expression).unwrap(), expected, "{expression}");
        }
        for broken in ["", "MIT OR", "(MIT", "MIT ISC", "AND MIT"] {
            assert!(is_allowed(broken).is_err(), "{broken}");
        }
    }
}
