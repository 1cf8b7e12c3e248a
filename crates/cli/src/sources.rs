//! What commands read policies from: files, folders, standard input and git's revisions.

mod git;

use crate::problem::{Problem, plain};
use audit::sources::{Found, MAX_BYTES, SourceError, SourceForm, find};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How deep folders are searched.
const DEEPEST: usize = 32;
/// What the names of files end in that may hold policies.
const ENDINGS: [&str; 4] = ["json", "yaml", "yml", "template"];
/// Without one of these words, nothing in a text is a policy.
const SIGNS: [&str; 3] = ["Statement", "AWS::", "aws_lambda_permission"];

/// A text that was named, or that lay in a folder that was.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// As it was named.
    pub(crate) name: String,
    /// Where it is; standard input and revisions are nowhere.
    pub(crate) path: Option<PathBuf>,
    /// Its path below the folder that was named.
    pub(crate) below: Option<String>,
    pub(crate) text: String,
}

impl Input {
    /// In a sentence.
    pub(crate) fn shown(&self) -> String {
        shown(&self.name)
    }

    /// In a sentence, where it is no file that could be written.
    pub(crate) fn unmendable(&self) -> String {
        if self.name == STANDARD_INPUT { self.name.clone() } else { format!("the revision `{}`", self.name) }
    }

    /// Whether it was found and not named: folders hold other files, too.
    pub(crate) fn is_found(&self) -> bool {
        self.below.is_some()
    }
}

/// Finds the policies of what was named: files, folders, `-` and `REVISION:PATH`.
///
/// A file that is named must hold policies, unless it is a plan or a template; of folders, those that do are read.
pub(crate) fn find_policies(inputs: &[Input]) -> Result<Vec<Found>, Problem> {
    let mut all = Vec::new();
    for input in inputs {
        let found = match find(&input.name, &input.text) {
            Ok(found) => Found { below: input.below.clone(), ..found },
            // In folders, YAML is mostly something else's.
            Err(error @ SourceError::NotYaml { .. }) if input.is_found() => {
                let notes = vec![format!("{} {error}", input.shown())];
                Found { file: input.name.clone(), below: input.below.clone(), notes, ..Found::default() }
            }
            Err(error) => return Err(unusable(&input.shown(), &error)),
        };
        let is_empty = found.policies.is_empty() && found.notes.is_empty();
        let may_be_empty = matches!(found.form, SourceForm::Terraform | SourceForm::CloudFormation);
        match is_empty {
            true if input.is_found() => {}
            true if !may_be_empty && found.skipped == 0 => {
                return Err(Problem::usage(format!("{} holds no policy", input.shown()))
                    .help("docs/policy-sources.md tells what is read"));
            }
            _ => all.push(found),
        }
    }
    Ok(all)
}

/// Reads the texts of everything that is named. Of folders, the files that may hold policies.
pub(crate) fn read_inputs<A: AsRef<OsStr>>(arguments: &[A]) -> Result<Vec<Input>, Problem> {
    let mut inputs = Vec::new();
    for argument in arguments {
        let path = Path::new(argument.as_ref());
        if path.as_os_str() == "-" {
            let name = STANDARD_INPUT.to_owned();
            let text = text(&name, io::stdin().lock())?;
            inputs.push(Input { name, path: None, below: None, text });
        } else if path.is_dir() {
            folder(path, &mut inputs)?;
        } else if let Some(revision) = git::Revision::of(path) {
            revision.read(&mut inputs)?;
        } else {
            inputs.push(file(path, None)?);
        }
    }
    Ok(inputs)
}

const STANDARD_INPUT: &str = "standard input";

fn shown(name: &str) -> String {
    if name == STANDARD_INPUT { name.to_owned() } else { format!("the file `{name}`") }
}

fn file(path: &Path, below: Option<String>) -> Result<Input, Problem> {
    let name = path.display().to_string();
    let opened = File::open(path).map_err(|error| unreadable(&shown(&name), &error))?;
    let text = text(&shown(&name), opened)?;
    Ok(Input { name, path: Some(path.to_owned()), below, text })
}

fn folder(path: &Path, inputs: &mut Vec<Input>) -> Result<(), Problem> {
    let mut found = Vec::new();
    walk(path, &ENDINGS, &mut found)?;
    found.sort();
    for found in &found {
        let below = found.strip_prefix(path).unwrap_or(found).display().to_string().replace('\\', "/");
        let input = file(found, Some(below))?;
        if may_hold_policies(&input.text) {
            inputs.push(input);
        }
    }
    Ok(())
}

fn may_hold_policies(text: &str) -> bool {
    SIGNS.iter().any(|sign| text.contains(sign))
}

fn may_be_read(name: &Path, endings: &[&str]) -> bool {
    name.extension().is_some_and(|end| endings.iter().any(|ending| end.eq_ignore_ascii_case(ending)))
}

fn text(shown: &str, from: impl Read) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(shown, &error))?;
    audit::sources::text(bytes).map_err(|error| unusable(shown, &error))
}

/// The files below a folder whose names have one of these endings. Links and hidden folders are not followed.
pub(crate) fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    walk_to(folder, endings, DEEPEST, found)
}

fn walk_to(folder: &Path, endings: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let shown = format!("the folder `{}`", folder.display());
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&shown, &error))? {
        let entry = entry.map_err(|error| unreadable(&shown, &error))?;
        let kind = entry.file_type().map_err(|error| unreadable(&shown, &error))?;
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && !is_hidden && depth > 0 {
            walk_to(&path, endings, depth - 1, found)?;
        } else if kind.is_file() && may_be_read(&path, endings) {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(shown: &str, error: &io::Error) -> Problem {
    Problem::unavailable(format!("{shown} cannot be read: {}", plain(error)))
}

/// A text that is not what it should be.
pub(crate) fn unusable(shown: &str, error: &SourceError) -> Problem {
    Problem::usage(format!("{shown} {error}")).help_if(error.help().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

    #[test]
    fn files_that_are_named_hold_policies() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let policy = write("all/a/policy.json", POLICY);
        let empty = write("all/package.json", "{\"name\": \"Statement\"}");
        let broken = write("broken/policy.json", "{\"Statement\": [");
        let chart = write("charts/chart.yaml", "Statement: {{ x }}\n");
        let plan = write("plan.json", "{\"format_version\": \"1.2\", \"planned_values\": {}}");
        let read = |names: &[&str]| read_inputs(names).and_then(|inputs| find_policies(&inputs));
        let said = |names: &[&str]| read(names).unwrap_err().message().to_owned();

        let found = read(&[&policy, &plan]).unwrap();
        assert_eq!((found[0].policies.len(), found[1].policies.len()), (1, 0));
        assert_eq!((found[0].below.as_deref(), found[0].key(&found[0].policies[0])), (None, String::new()));
        let folder_name = |name: &str| folder.path().join(name).display().to_string();
        let found = read(&[&folder_name("all"), &folder_name("charts")]).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].key(&found[0].policies[0]), "a/policy.json");
        assert!(found[1].notes[0].contains("is not YAML"), "{:?}", found[1].notes);

        assert_eq!(said(&[&empty]), format!("the file `{empty}` holds no policy"));
        assert!(said(&[&folder_name("broken")]).contains(&format!("`{broken}` is not JSON: line 1")));
        assert!(said(&[&chart]).contains("is not YAML that can be read"));
        assert!(said(&[&folder_name("none")]).contains("cannot be read: no such file"));
    }
}
