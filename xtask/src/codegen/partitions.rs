//! The table of partitions and their regions.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct Document {
    partitions: Vec<Partition>,
}

#[derive(Deserialize)]
struct Partition {
    id: String,
    outputs: Outputs,
    regions: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outputs {
    dns_suffix: String,
    implicit_global_region: String,
}

/// One row per partition, `aws` first, pseudo-regions of global endpoints left out.
pub(super) fn table(data: &Path) -> Result<String> {
    let text = fs::read_to_string(data.join("partitions.json")).context("no partitions.json")?;
    let mut document: Document = serde_json::from_str(&text)?;
    document.partitions.sort_by(|a, b| a.id.cmp(&b.id));
    let iam_regions = iam_regions(data)?;
    let mut out = String::from(
        "\nuse super::PartitionFacts;\n\npub(super) static PARTITIONS: &[PartitionFacts] = &[\n",
    );
    for partition in document.partitions {
        let regions: Vec<_> =
            partition.regions.keys().filter(|region| !region.ends_with("-global")).collect();
        let global_region =
            iam_regions.get(&partition.id).unwrap_or(&partition.outputs.implicit_global_region);
        writeln!(
            out,
            "PartitionFacts {{ id: {:?}, dns_suffix: {:?}, global_region: {global_region:?}, regions: &{regions:?} }},",
            partition.id, partition.outputs.dns_suffix,
        )?;
    }
    Ok(out + "];\n")
}

/// The region in the credential scope of IAM by partition: in China it is not the implicit global region.
fn iam_regions(data: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(data.join("endpoints.json")).context("no endpoints.json")?;
    let document: Value = serde_json::from_str(&text)?;
    let partitions = document.pointer("/partitions").and_then(Value::as_array);
    let partitions = partitions.context("endpoints.json has no partitions")?;
    let region = |partition: &Value| {
        let iam = partition.pointer("/services/iam")?;
        let endpoint = iam.get("endpoints")?.get(iam.get("partitionEndpoint")?.as_str()?)?;
        let region = endpoint.pointer("/credentialScope/region")?.as_str()?;
        Some((partition.get("partition")?.as_str()?.to_owned(), region.to_owned()))
    };
    Ok(partitions.iter().filter_map(region).collect())
}
