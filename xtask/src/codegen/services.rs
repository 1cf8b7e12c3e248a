//! The table of all of AWS's services: what a call to one that is not built is recognised and answered by.

use super::model::Model;
use super::schemas::protocol;
use anyhow::Result;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// One row per service, sorted by signing name.
pub(super) fn table(data: &Path) -> Result<String> {
    let mut rows = BTreeSet::new();
    for entry in fs::read_dir(data)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let Some(id) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let Ok(metadata) = Model::metadata(data, id) else { continue };
        let signing = metadata.signing_name.clone().unwrap_or_else(|| metadata.endpoint_prefix.clone());
        rows.insert((
            signing,
            id.to_owned(),
            protocol(&metadata)?,
            metadata.target_prefix,
            metadata.api_version,
        ));
    }
    let mut out = String::from(
        "\nuse crate::route::KnownService;\nuse crate::schema::Protocol;\n\n/// Sorted by signing name.\n\
         pub(crate) static SERVICES: &[KnownService] = &[\n",
    );
    for (signing, id, protocol, prefix, version) in rows {
        writeln!(
            out,
            "KnownService {{ signing_name: {signing:?}, id: {id:?}, protocol: Protocol::{protocol},
             target_prefix: {prefix:?}, api_version: {version:?} }},"
        )?;
    }
    Ok(out + "];\n")
}
