//! Generated files: written, or compared with what is committed.

use crate::run::root;
use anyhow::{Context, Result, bail};
use std::fs;

/// One generated file.
pub struct Output {
    /// Where it lies, from the repository's root.
    pub path: &'static str,
    /// What it should hold.
    pub bytes: Vec<u8>,
    /// Maps both sides before they are compared, where equal facts may have different bytes (compression).
    pub canonical: fn(&[u8]) -> Result<Vec<u8>>,
}

impl Output {
    /// A text file, compared byte by byte.
    pub fn text(path: &'static str, text: String) -> Self {
        Self { path, bytes: text.into_bytes(), canonical: |bytes| Ok(bytes.to_vec()) }
    }

    fn is_current(&self) -> Result<bool> {
        let Ok(committed) = fs::read(root().join(self.path)) else { return Ok(false) };
        Ok(committed == self.bytes
            || (self.canonical)(&committed).ok() == Some((self.canonical)(&self.bytes)?))
    }
}

/// Writes the files, or with `check` fails if a committed file differs; `command` is what to run then.
pub fn settle(outputs: &[Output], check: bool, command: &str) -> Result<()> {
    let mut stale = Vec::new();
    for output in outputs {
        if output.is_current()? {
            continue;
        }
        if check {
            stale.push(output.path);
            continue;
        }
        let path = root().join(output.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, &output.bytes).with_context(|| format!("cannot write `{}`", output.path))?;
        println!("wrote {} ({} bytes)", output.path, output.bytes.len());
    }
    if !stale.is_empty() {
        bail!("not what the generator makes: {}; run `{command}` and commit the result", stale.join(", "));
    }
    println!("{} generated files are current", outputs.len());
    Ok(())
}
