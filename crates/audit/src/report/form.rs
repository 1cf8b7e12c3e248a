//! The forms that findings are written in: what comes before them, one after the other, and what comes after.

use super::{AccountReport, Summary, csv, json, ocsf, sarif};
use crate::finding::Finding;
use base::Timestamp;
use std::io::{self, Write};

/// A form for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An object with `findings` and the summary.
    Json,
    /// Rows, RFC 4180.
    Csv,
    /// SARIF 2.1.0.
    Sarif,
    /// OCSF 1.4 Compliance Findings, a list.
    Ocsf,
}

impl Form {
    /// Writes what comes before the findings.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn begin(self, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json => json::begin(now, out),
            Self::Csv => csv::begin(out),
            Self::Sarif => sarif::begin(out),
            Self::Ocsf => out.write_all(b"["),
        }
    }

    /// Writes the findings of an account; `first` if none were written before. Tells whether any was written.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn findings(self, report: &AccountReport, first: bool, out: &mut dyn Write) -> io::Result<bool> {
        let mut written = false;
        for finding in &report.findings {
            if !self.takes(finding) {
                continue;
            }
            let separator: &[u8] = match self {
                Self::Csv => b"",
                _ if first && !written => b"\n",
                _ => b",\n",
            };
            out.write_all(separator)?;
            self.finding(finding, report, out)?;
            written = true;
        }
        Ok(written)
    }

    fn takes(self, finding: &Finding) -> bool {
        self != Self::Sarif || finding.status == crate::finding::Status::Fail
    }

    fn finding(self, finding: &Finding, report: &AccountReport, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json => Ok(serde_json::to_writer(out, finding)?),
            Self::Csv => csv::row(finding, report, out),
            Self::Sarif => Ok(serde_json::to_writer(out, &sarif::result(finding))?),
            Self::Ocsf => Ok(serde_json::to_writer(out, &ocsf::event(finding, report))?),
        }
    }

    /// Writes what comes after the findings; `first` if none were written.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn end(self, summary: &Summary, first: bool, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json => json::end(summary, out),
            Self::Csv => Ok(()),
            Self::Sarif => sarif::end(summary, first, out),
            Self::Ocsf => out.write_all(b"\n]\n"),
        }
    }
}
