//! A text as a tree of values: JSON or YAML, whichever it is.

use super::{MAX_BYTES, SourceError};
use crate::yaml::{self, Tags};
use base::json::{Json, JsonNode, Limits};
use base::span::LineIndex;
use base::{Diagnostic, Span};

/// Plans nest three levels a module, and values of resources below.
const JSON: Limits = Limits { size: MAX_BYTES, depth: 100 };
/// Templates have at most one megabyte; YAML takes more work a byte than JSON.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const YAML_BYTES: usize = 8 << 20;

/// The values of a source.
pub(super) struct Tree {
    pub(super) root: JsonNode,
    /// Whether documents stand in it as JSON.
    pub(super) is_json: bool,
}

/// Reads a text. `None` if it is a string of something else, such as a URL-encoded document.
pub(super) fn read(file: &str, text: &str) -> Result<Option<Tree>, SourceError> {
    let start = text.trim_start();
    if start.is_empty() {
        return Err(SourceError::Empty);
    }
    if start.starts_with(['%', '"']) || start.starts_with("{\\\"") {
        return Ok(None);
    }
    if text.len() > MAX_BYTES {
        return Err(SourceError::TooLarge { limit: MAX_BYTES });
    }
    let name = file.to_ascii_lowercase();
    let is_yaml_name = name.ends_with(".yaml") || name.ends_with(".yml");
    let json = match Json::parse(text, JSON) {
        Ok(json) => return Ok(Some(Tree { root: json.root, is_json: true })),
        Err(error) => error,
    };
    if name.ends_with(".tf") || name.ends_with(".hcl") {
        return Err(SourceError::TerraformSource);
    }
    let is_json = start.starts_with(['{', '[']) && !is_yaml_name;
    // Without these words there is nothing in it to look for.
    let may_be_yaml = is_yaml_name || text.contains("AWS::") || text.contains("Statement:");
    if is_json || !may_be_yaml {
        let (line, column) = place(text, json.span);
        return Err(SourceError::NotJson { line, column, message: json.message });
    }
    if text.len() > YAML_BYTES {
        return Err(SourceError::TooLarge { limit: YAML_BYTES });
    }
    let refused = |error: Diagnostic| {
        let (line, column) = place(text, error.span);
        SourceError::NotYaml { line, column, message: error.message }
    };
    let json = yaml::parse(text, Tags::CloudFormation).map_err(refused)?;
    Ok(Some(Tree { root: json.root, is_json: false }))
}

fn place(text: &str, span: Span) -> (u32, u32) {
    let position = LineIndex::new(text).position(text, span.start);
    (position.line, position.column)
}
