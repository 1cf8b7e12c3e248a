//! A service's model as botocore ships it: `service-2.json.gz` and `paginators-1.json`.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Shapes that hold secrets though their models do not say so: service and shape. A session token is half of
/// what a thief needs.
const SECRETS: &[(&str, &str)] = &[("sts", "tokenType")];

/// What the generator reads of a model.
pub(super) struct Model {
    pub(super) id: String,
    pub(super) metadata: Metadata,
    pub(super) operations: Vec<Operation>,
    pub(super) shapes: Map<String, Value>,
    pub(super) paginators: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) api_version: String,
    pub(super) endpoint_prefix: String,
    pub(super) protocol: String,
    pub(super) json_version: Option<String>,
    pub(super) signing_name: Option<String>,
    pub(super) target_prefix: Option<String>,
    pub(super) xml_namespace: Option<String>,
    pub(super) global_endpoint: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) http: Http,
    pub(super) input: Option<ShapeRef>,
    pub(super) output: Option<ShapeRef>,
    #[serde(default)]
    pub(super) errors: Vec<ShapeRef>,
    pub(super) authtype: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    pub(super) method: String,
    pub(super) request_uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShapeRef {
    pub(super) shape: String,
    pub(super) result_wrapper: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    metadata: Metadata,
    operations: Map<String, Value>,
    shapes: Map<String, Value>,
}

impl Model {
    pub(super) fn load(data: &Path, service: &str) -> Result<Self> {
        let folder = newest(&data.join(service))?;
        let mut document: Document = serde_json::from_str(&read(&folder.join("service-2.json.gz"))?)?;
        for (_, secret) in SECRETS.iter().filter(|(of, _)| *of == service) {
            let shape = document.shapes.get_mut(*secret).and_then(Value::as_object_mut);
            shape
                .with_context(|| format!("no shape `{secret}`"))?
                .insert("sensitive".to_owned(), true.into());
        }
        let mut operations = Vec::new();
        for operation in document.operations.values() {
            operations.push(Operation::deserialize(operation)?);
        }
        operations.sort_by(|a, b| a.name.cmp(&b.name));
        let paginators = match fs::read_to_string(folder.join("paginators-1.json")) {
            Ok(text) => serde_json::from_str::<Value>(&text)?,
            Err(_) => Value::Null,
        };
        Ok(Self {
            id: service.to_owned(),
            metadata: document.metadata,
            operations,
            shapes: document.shapes,
            paginators: paginators.get("pagination").and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }

    /// The metadata alone.
    pub(super) fn metadata(data: &Path, service: &str) -> Result<Metadata> {
        let folder = newest(&data.join(service))?;
        let document: Document = serde_json::from_str(&read(&folder.join("service-2.json.gz"))?)?;
        Ok(document.metadata)
    }

    pub(super) fn shape(&self, name: &str) -> Result<&Map<String, Value>> {
        self.shapes.get(name).and_then(Value::as_object).with_context(|| format!("no shape `{name}`"))
    }

    pub(super) fn kind(&self, name: &str) -> Result<&str> {
        text(self.shape(name)?, "type").with_context(|| format!("shape `{name}` has no type"))
    }

    /// The names of all shapes that operations reach, errors apart, sorted.
    pub(super) fn reached(&self) -> Result<BTreeSet<String>> {
        let mut seen = BTreeSet::new();
        for operation in &self.operations {
            for root in operation.input.iter().chain(&operation.output) {
                self.reach(&root.shape, &mut seen)?;
            }
        }
        Ok(seen)
    }

    fn reach(&self, name: &str, seen: &mut BTreeSet<String>) -> Result<()> {
        if !seen.insert(name.to_owned()) {
            return Ok(());
        }
        let shape = self.shape(name)?;
        for place in ["member", "key", "value"] {
            if let Some(target) = shape.get(place).and_then(|it| it.get("shape")).and_then(Value::as_str) {
                self.reach(target, seen)?;
            }
        }
        for member in members(shape) {
            self.reach(target(member.1)?, seen)?;
        }
        Ok(())
    }

    /// Whether structure `from` holds structure `to` without a list or map in between, at any depth.
    pub(super) fn holds(&self, from: &str, to: &str, depth: usize) -> Result<bool> {
        if depth > 32 || self.kind(from)? != "structure" {
            return Ok(false);
        }
        for member in members(self.shape(from)?) {
            let inner = target(member.1)?;
            if inner == to || (inner != from && self.holds(inner, to, depth + 1)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The members of a structure in the model's order.
pub(super) fn members(shape: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let members = shape.get("members").and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, member)| (name.as_str(), member)).collect()
}

/// The name of the shape that a reference leads to.
pub(super) fn target(reference: &Value) -> Result<&str> {
    reference.get("shape").and_then(Value::as_str).context("a reference names no shape")
}

pub(super) fn text<'a>(shape: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    shape.get(key).and_then(Value::as_str)
}

pub(super) fn truth(shape: &Map<String, Value>, key: &str) -> bool {
    shape.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The names of a list of names; empty if there is none.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The folder of the newest version of a service's model: versions are dates.
fn newest(service: &Path) -> Result<PathBuf> {
    let mut versions = Vec::new();
    for entry in fs::read_dir(service).with_context(|| format!("cannot read `{}`", service.display()))? {
        let path = entry?.path();
        if path.join("service-2.json.gz").is_file() {
            versions.push(path);
        }
    }
    versions.sort();
    versions.pop().with_context(|| format!("`{}` holds no model", service.display()))
}

fn read(path: &Path) -> Result<String> {
    let file = fs::File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text)?;
    Ok(text)
}
