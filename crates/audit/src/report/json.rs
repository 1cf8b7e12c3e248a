//! The report as JSON: `findings` first, a line each, then the summary, so that it can be written while the audit goes on.

use super::{Summary, TOOL, VERSION};
use base::Timestamp;
use serde_json::Value;
use std::io::{self, Write};

pub(super) fn begin(now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{{\"tool\":\"{TOOL}\",\"version\":\"{VERSION}\",\"generated\":\"{}\",\n\"findings\":[",
        now.iso()
    )
}

pub(super) fn end(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\n]")?;
    if let Value::Object(members) = serde_json::to_value(summary)? {
        let written = ["tool", "version", "generated"];
        for (name, value) in members.iter().filter(|(name, _)| !written.contains(&name.as_str())) {
            write!(out, ",\n\"{name}\":{value}")?;
        }
    }
    out.write_all(b"}\n")
}
