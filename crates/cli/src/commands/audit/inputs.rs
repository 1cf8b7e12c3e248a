//! Paths to an estate.

use crate::commands::explain::{bytes, unreadable};
use crate::problem::Problem;
use audit::estate::{Estate, Facts};
use audit::import::{ImportOptions, authorization_details, join};
use base::{Partition, Timestamp};
use std::path::PathBuf;

/// The estate of these paths.
pub(crate) fn estate(paths: &[PathBuf], now: Timestamp) -> Result<(Estate, ()), Problem> {
    let mut imports = Vec::new();
    for path in paths {
        let bytes = bytes(path, audit::import::MAX_BYTES)?;
        let import = authorization_details(&bytes, &ImportOptions::at(now));
        imports.push(import.map_err(|error| unreadable(path, &error))?);
    }
    let mut estate = Estate::new(imports.first().map_or(Partition::aws(), |import| import.report.partition));
    estate.snapshot = join(&imports).map_err(|error| Problem::usage(error.to_string()))?;
    for import in &imports {
        for account in &import.report.accounts {
            estate.accounts.insert(*account, Facts { entities: true, ..Facts::default() });
        }
    }
    Ok((estate, ()))
}
