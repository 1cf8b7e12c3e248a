//! Rust types of a model's structures, with their readers and writers.

use super::model::{Model, members, target, truth};
use super::names::{field, shout, type_name};
use anyhow::{Result, bail};
use std::fmt::Write;

/// Every structure that an operation reaches.
pub(super) fn structures(model: &Model) -> Result<String> {
    let mut out = String::new();
    let mut items = Vec::new();
    for name in model.reached()? {
        if model.kind(&name)? == "structure" {
            structure(model, &name, &mut out)?;
            items.push(type_name(&name));
        }
    }
    writeln!(out, "structure_items! {{ {} }}\n", items.join(" "))?;
    Ok(out)
}

fn structure(model: &Model, name: &str, out: &mut String) -> Result<()> {
    let shape = model.shape(name)?;
    let rust = type_name(name);
    let schema = format!("schema::{}", shout(name));
    let required = super::model::strings(shape.get("required"));
    let mut declared = String::new();
    let mut read = String::new();
    let mut write = String::new();
    for (place, (member, reference)) in members(shape).into_iter().enumerate() {
        let field = field(member);
        let mut kind = rust_type(model, target(reference)?)?;
        if model.kind(target(reference)?)? == "structure"
            && (target(reference)? == name || model.holds(target(reference)?, name, 0)?)
        {
            kind = format!("Box<{kind}>");
        }
        if !required.iter().any(|needed| needed == member) {
            kind = format!("Option<{kind}>");
        }
        writeln!(declared, "pub {field}: {kind},")?;
        writeln!(read, "{field}: from.take(),")?;
        writeln!(write, "write_member(&members[{place}], &self.{field}, to);")?;
    }
    writeln!(out, "#[derive(Debug, Clone, Default, PartialEq)]\npub struct {rust} {{\n{declared}}}\n")?;
    let (reader, writer) = if declared.is_empty() {
        (
            "fn read(_: Fields) -> Self { Self {} }".to_owned(),
            "fn write(&self, _: &mut dyn ShapeWriter) {}".to_owned(),
        )
    } else {
        (
            format!(
                "fn read(fields: Fields) -> Self {{ let mut from = fields.into_values(); Self {{ {read} }} }}"
            ),
            format!(
                "fn write(&self, to: &mut dyn ShapeWriter) {{ let members = {schema}.members; {write} }}"
            ),
        )
    };
    writeln!(
        out,
        "impl Structure for {rust} {{
            fn schema() -> &'static StructSchema {{ &{schema} }}
            {reader}
            {writer}
            fn schema_of(&self) -> &'static StructSchema {{ &{schema} }}
        }}\n"
    )?;
    Ok(())
}

fn rust_type(model: &Model, name: &str) -> Result<String> {
    let shape = model.shape(name)?;
    let inner = |place: &str| -> Result<String> {
        rust_type(model, target(shape.get(place).unwrap_or(&serde_json::Value::Null))?)
    };
    Ok(match model.kind(name)? {
        "structure" => type_name(name),
        "list" => format!("Vec<{}>", inner("member")?),
        "map" => format!("std::collections::BTreeMap<String, {}>", inner("value")?),
        "string" | "character" if truth(shape, "sensitive") => "base::SecretString".to_owned(),
        "string" | "character" => "String".to_owned(),
        "blob" if truth(shape, "sensitive") => "base::Secret".to_owned(),
        "blob" => "Vec<u8>".to_owned(),
        "integer" => "i32".to_owned(),
        "long" => "i64".to_owned(),
        "float" | "double" => "f64".to_owned(),
        "boolean" => "bool".to_owned(),
        "timestamp" => "base::Timestamp".to_owned(),
        other => bail!("shape `{name}` has the unknown type `{other}`"),
    })
}
