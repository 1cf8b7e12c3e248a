//! `aws accessanalyzer list-analyzers`.

use super::arn::account_of;
use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members};
use serde::Deserialize;

/// Takes whether an analyzer is active.
pub(in crate::inputs) fn read(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    #[derive(Deserialize)]
    struct Analyzer {
        arn: Option<String>,
        status: Option<String>,
    }
    let Some(list) = members.get("analyzers").or_else(|| members.get("Analyzers")) else { return Ok(()) };
    reading.is("analyzers");
    let analyzers: Vec<Analyzer> = list.read()?;
    reading.told.extend(analyzers.iter().filter_map(|analyzer| account_of(analyzer.arn.as_deref()?)));
    // A list without states is of those that are there.
    let active =
        analyzers.iter().any(|analyzer| analyzer.status.as_deref().is_none_or(|state| state == "ACTIVE"));
    reading.facts.push(Fact::Analyzer(active));
    Ok(())
}
