//! The credential report: its CSV, and the answer that carries it.

use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members, When};
use crate::inputs::text;
use base::{AccountId, ArnRef, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::CredentialReport;
use model::credential_report::{CredentialKey, CredentialRow, LastUse};
use std::collections::BTreeMap;

const KIND: &str = "credential report";

/// The answer of `aws iam get-credential-report`: the CSV in base64, and when it was made.
pub(in crate::inputs) fn answer(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let (Some(content), true) = (
        members.get("Content"),
        members.contains_key("GeneratedTime") || members.contains_key("ReportFormat"),
    ) else {
        return Ok(());
    };
    let packed: String = content.read()?;
    let packed: String = packed.split_whitespace().collect();
    let broken = || content.error(Reason::Shape("`Content` is no report in base64".into()));
    let csv =
        String::from_utf8(STANDARD.decode(packed.as_bytes()).map_err(|_| broken())?).map_err(|_| broken())?;
    if text::kind(&csv) != text::TextKind::Report {
        return Err(broken());
    }
    let made: Option<When> = members.get("GeneratedTime").map(Json::read).transpose()?;
    reading.made = made.map(|made| made.0);
    read_csv(&csv, reading, reading.made)
}

/// The report itself.
pub(in crate::inputs) fn csv(text: &str, reading: &mut Reading) -> Result<(), InputError> {
    read_csv(text, reading, None)
}

fn read_csv(text: &str, reading: &mut Reading, made: Option<Timestamp>) -> Result<(), InputError> {
    reading.is(KIND);
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header = lines.next().map(|(_, line)| cells(line)).unwrap_or_default();
    let mut report = CredentialReport { made, rows: Vec::new() };
    let mut of: Option<AccountId> = None;
    for (number, line) in lines {
        let line_cells = cells(line);
        if line_cells.len() < header.len() {
            let reason =
                Reason::ShortLine { line: number + 1, cells: line_cells.len(), columns: header.len() };
            return Err(InputError::at(&reading.file, (number + 1, 1), reason));
        }
        let columns: BTreeMap<&str, &str> =
            header.iter().map(String::as_str).zip(line_cells.iter().map(String::as_str)).collect();
        let line = Line { file: &reading.file, number: number + 1, columns };
        let (account, row) = line.row()?;
        match of {
            Some(first) if first != account => {
                let reason = Reason::MixedAccounts { first, second: account };
                return Err(InputError::at(&reading.file, (number + 1, 1), reason));
            }
            _ => of = Some(account),
        }
        report.rows.push(row);
    }
    report.rows.sort_by_key(|row| !row.is_root());
    reading.told.extend(of);
    reading.facts.push(Fact::Report(report));
    Ok(())
}

/// The cells of a line; quotes may surround one, and are doubled within.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.trim_end_matches('\r').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            _ => cell.push(letter),
        }
    }
    cells.push(cell.trim().to_owned());
    cells
}

/// One line of the report.
struct Line<'a> {
    file: &'a str,
    number: usize,
    columns: BTreeMap<&'a str, &'a str>,
}

impl Line<'_> {
    fn row(&self) -> Result<(AccountId, CredentialRow), InputError> {
        let arn = self.text("arn");
        let account = ArnRef::parse(arn).and_then(|arn| AccountId::parse(arn.account).ok());
        let account = account.ok_or_else(|| self.bad("arn", arn))?;
        let password_enabled = self.flag("password_enabled")?;
        let row = CredentialRow {
            user: self.text("user").to_owned(),
            arn: arn.to_owned(),
            created: self.date("user_creation_time")?,
            password_enabled,
            password_last_used: self.last_use("password_last_used", false)?,
            password_last_changed: self.date("password_last_changed")?,
            mfa_active: self.flag("mfa_active")?.unwrap_or_default(),
            keys: [self.key(1)?, self.key(2)?].into_iter().flatten().collect(),
            active_certificates: u8::from(self.flag("cert_1_active")? == Some(true))
                + u8::from(self.flag("cert_2_active")? == Some(true)),
        };
        Ok((account, row))
    }

    /// A key, if it exists: one that never was is neither active nor has it a date.
    fn key(&self, slot: u8) -> Result<Option<CredentialKey>, InputError> {
        let column = |name: &str| format!("access_key_{slot}_{name}");
        let active = self.flag(&column("active"))?.unwrap_or_default();
        let rotated = self.date(&column("last_rotated"))?;
        if !active && rotated.is_none() {
            return Ok(None);
        }
        let told = |name: &str| {
            let text = self.text(&column(name));
            (!text.is_empty() && !is_none(text)).then(|| text.to_owned())
        };
        Ok(Some(CredentialKey {
            slot,
            active,
            rotated,
            last_used: self.last_use(&column("last_used_date"), true)?,
            last_service: told("last_used_service"),
            last_region: told("last_used_region"),
        }))
    }

    /// The cell of a column; empty if there is none.
    fn text(&self, column: &str) -> &str {
        self.columns.get(column).copied().unwrap_or_default()
    }

    fn flag(&self, column: &str) -> Result<Option<bool>, InputError> {
        match self.text(column) {
            text if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            text if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            text if text.is_empty() || is_none(text) => Ok(None),
            text => Err(self.bad(column, text)),
        }
    }

    fn date(&self, column: &str) -> Result<Option<Timestamp>, InputError> {
        match self.text(column) {
            text if text.is_empty() || is_none(text) => Ok(None),
            text => Timestamp::parse(text).map(Some).map_err(|_| self.bad(column, text)),
        }
    }

    /// `N/A` of a key that exists means that it was never used, of a password that there is none.
    fn last_use(&self, column: &str, exists: bool) -> Result<LastUse, InputError> {
        Ok(match (self.date(column)?, self.text(column)) {
            (Some(at), _) => LastUse::At(at),
            (None, "no_information") => LastUse::Never,
            (None, "N/A") if exists => LastUse::Never,
            (None, _) => LastUse::Unknown,
        })
    }

    fn bad(&self, column: &str, value: &str) -> InputError {
        let what = format!("column {column}");
        let value = value.chars().take(80).collect::<String>().escape_debug().to_string();
        InputError::at(self.file, (self.number, 1), Reason::BadValue { what, value })
    }
}

fn is_none(text: &str) -> bool {
    matches!(text, "N/A" | "not_supported" | "no_information")
}
