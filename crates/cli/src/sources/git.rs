//! Files of git's revisions, written as `git show` takes them: `HEAD~1:policy.json`.
//!
//! Git is asked for objects only: nothing of the repository's configuration runs, and no file is changed.

use super::{Input, Problem, may_be_read, may_hold_policies, plain, shown, text};
use audit::sources::MAX_BYTES;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `REVISION:PATH`; without a revision, what is staged.
#[derive(Debug)]
pub(super) struct Revision<'a> {
    spec: &'a str,
    revision: &'a str,
    path: &'a str,
}

/// An object as git tells of it.
struct Object {
    id: String,
    kind: String,
    size: usize,
}

impl<'a> Revision<'a> {
    /// Takes a name apart. A file of that name wins, and `C:\policy.json` is a file.
    pub(super) fn of(name: &'a Path) -> Option<Self> {
        if name.symlink_metadata().is_ok() {
            return None;
        }
        let spec = name.to_str()?;
        let (revision, path) = spec.split_once(':')?;
        let is_drive = matches!(revision.as_bytes(), [letter] if letter.is_ascii_alphabetic())
            && (path.starts_with(['/', '\\']) || cfg!(windows));
        (!is_drive && !spec.contains(['\n', '\0'])).then_some(Self { spec, revision, path })
    }

    /// Reads the file, or the files below the folder that may hold policies.
    pub(super) fn read(&self, inputs: &mut Vec<Input>) -> Result<(), Problem> {
        let object = self.object()?;
        match object.kind.as_str() {
            "blob" => {
                let text = self.blob(self.spec, &object.id, object.size)?;
                inputs.push(Input { name: self.spec.to_owned(), path: None, below: None, text });
                Ok(())
            }
            "tree" => self.tree(&object.id, inputs),
            _ => Err(self.unavailable("it is neither a file nor a folder")),
        }
    }

    /// What the name stands for.
    fn object(&self) -> Result<Object, Problem> {
        // Names come in by standard input, where none of them is an option.
        let asked = format!("{}\n{}^{{tree}}\n", self.spec, self.revision);
        let answer = self.ask(&["cat-file", "--batch-check"], asked.as_bytes())?;
        let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
        let mut lines = answer.lines();
        let mut object = || {
            let line = lines.next()?;
            let mut words = line.rsplitn(3, ' ');
            let size = words.next()?.parse().ok()?;
            Some(Object { kind: words.next()?.to_owned(), id: words.next()?.to_owned(), size })
        };
        let (file, tree) = (object(), object());
        match (file, tree, self.revision) {
            (Some(file), ..) => Ok(file),
            (None, None, revision) if !revision.is_empty() => Err(Problem::unavailable(format!(
                "there is no file `{}`, and git knows no revision `{revision}`",
                self.spec
            ))),
            (None, _, "") => Err(Problem::unavailable(format!("`{}` is not staged in git", self.path))
                .help("paths start at the repository's root; `:./PATH` starts at this folder")),
            (None, _, revision) => {
                let message = format!("the revision `{revision}` has no file or folder `{}`", self.path);
                Err(Problem::unavailable(message).help(format!(
                    "paths start at the repository's root; `{revision}:./PATH` starts at this folder"
                )))
            }
        }
    }

    fn tree(&self, id: &str, inputs: &mut Vec<Input>) -> Result<(), Problem> {
        let listed = self.ask(&["ls-tree", "-r", "-l", "-z", "--full-tree", id], b"")?;
        for entry in listed.stdout.split(|byte| *byte == 0) {
            let Some((file, id, size)) = std::str::from_utf8(entry).ok().and_then(listed_file) else {
                continue;
            };
            let is_hidden = file.split('/').rev().skip(1).any(|folder| folder.starts_with('.'));
            if is_hidden || !may_be_read(Path::new(file), &super::ENDINGS) {
                continue;
            }
            let separator = if self.path.is_empty() || self.path.ends_with('/') { "" } else { "/" };
            let name = format!("{}{separator}{file}", self.spec);
            let text = self.blob(&name, id, size)?;
            if may_hold_policies(&text) {
                inputs.push(Input { name, path: None, below: Some(file.to_owned()), text });
            }
        }
        Ok(())
    }

    fn blob(&self, name: &str, id: &str, size: usize) -> Result<String, Problem> {
        if size > MAX_BYTES {
            return Err(Problem::usage(format!("{} is larger than {} MiB", shown(name), MAX_BYTES >> 20)));
        }
        text(&shown(name), self.ask(&["cat-file", "blob", id], b"")?.stdout.as_slice())
    }

    /// Runs git in the current folder.
    fn ask(&self, arguments: &[&str], input: &[u8]) -> Result<Output, Problem> {
        let mut command = Command::new("git");
        command.args(arguments).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let missing = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                let message = format!("there is no file `{}`, and no git to ask for a revision", self.spec);
                Problem::unavailable(message)
            }
            _ => self.unavailable(&format!("git does not run: {}", plain(&error))),
        };
        let mut child = command.spawn().map_err(missing)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A git that leaves early says why by itself.
            let _ = stdin.write_all(input);
        }
        let output = child
            .wait_with_output()
            .map_err(|error| self.unavailable(&format!("git does not run: {}", plain(&error))))?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("not a git repository") {
            let message =
                format!("there is no file `{}`, and this folder is in no git repository", self.spec);
            return Err(Problem::unavailable(message));
        }
        let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("git failed");
        Err(self.unavailable(line.trim_start_matches("fatal: ")))
    }

    fn unavailable(&self, why: &str) -> Problem {
        Problem::unavailable(format!("`{}` cannot be read: {why}", self.spec))
    }
}

/// Path, id and size of a plain file in a list of `ls-tree`; links and submodules are none.
fn listed_file(entry: &str) -> Option<(&str, &str, usize)> {
    let (about, path) = entry.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let is_file = words.next()?.starts_with("100") && words.next()? == "blob";
    let (id, size) = (words.next()?, words.next()?.parse().ok()?);
    is_file.then_some((path, id, size))
}
