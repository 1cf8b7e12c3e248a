//! What the commands share that ask exact questions of policies: options, policies, findings, exit codes.

use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions as render;
use crate::sources::{Input, find_policies, read_inputs};
use analysis::{Blamed, Mode, Options, Refutation, Verdict, Witness};
use audit::ask::ReadPolicy;
use audit::sources::{Found, FoundPolicy, Side};
use base::Span;
use base::span::LineIndex;
use policy::{DocumentKind, Effect};
use std::collections::BTreeMap;

/// Which requests there are.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct ModeArgs {
    /// Answer as AWS's Access Analyzer does: any action on any resource with any condition keys
    #[arg(long, conflicts_with = "realistic")]
    aws_compat: bool,
    /// Only requests as services make them: documented actions with their own resources and keys (default)
    #[arg(long)]
    realistic: bool,
}

impl ModeArgs {
    /// How questions are answered.
    pub(crate) fn options(self) -> Options {
        let mode = if self.aws_compat { Mode::AwsCompat } else { Mode::Realistic };
        Options { mode, ..Options::default() }
    }
}

/// What a question is about, and how its answers are told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct What {
    /// In SARIF.
    pub(crate) code: &'static str,
    /// In JSON.
    pub(crate) key: &'static str,
    /// What is found.
    pub(crate) some: &'static str,
    /// What is found if there is none.
    pub(crate) none: &'static str,
    /// In a sentence, for SARIF.
    pub(crate) summary: &'static str,
    /// What statements of the other policy do about it.
    pub(crate) denied: &'static str,
}

/// The answer to one question about one policy.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) what: &'static What,
    /// Whether it makes the command fail.
    pub(crate) counts: bool,
    pub(crate) verdict: Verdict,
    /// What the request shows, in a sentence.
    pub(crate) sentence: String,
    /// The statements that allow it.
    pub(crate) statements: Vec<Statement>,
    /// The statements of the other policy that deny it.
    pub(crate) denied_by: Vec<Statement>,
}

/// Line and column, from one, where something starts and where it ends.
pub(crate) type Place = ((u32, u32), (u32, u32));

/// A statement to blame, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) file: String,
    /// Of which policy of the file, if it has several.
    pub(crate) policy: Option<String>,
    /// From zero.
    pub(crate) index: usize,
    pub(crate) sid: Option<String>,
    /// Where it starts and ends, from one; nowhere if the policy is in no file.
    pub(crate) place: Option<Place>,
    pub(crate) text: String,
}

/// What was found of one policy.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) file: String,
    /// Which policy of the file, if it has several.
    pub(crate) policy: Option<String>,
    /// What it is: `identity policy`.
    pub(crate) kind: String,
    pub(crate) findings: Vec<Finding>,
}

/// What a command found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) answers: Vec<Answers>,
    /// Policies of which nothing had to be asked: they are the same as before.
    pub(crate) unchanged: usize,
    /// What could not be read or had to be assumed.
    pub(crate) notes: Vec<String>,
}

/// Policies with the texts that they were found in.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) found: Vec<Found>,
    texts: BTreeMap<String, String>,
}

/// A policy that is asked about.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) found: FoundPolicy,
    pub(crate) read: ReadPolicy,
}

impl Sources {
    /// Reads everything that is named.
    pub(crate) fn read(arguments: &[String]) -> Result<Self, Problem> {
        Self::of(read_inputs(arguments)?)
    }

    /// Finds the policies of these texts.
    pub(crate) fn of(inputs: Vec<Input>) -> Result<Self, Problem> {
        let found = find_policies(&inputs)?;
        Ok(Self { found, texts: inputs.into_iter().map(|input| (input.name, input.text)).collect() })
    }

    /// Every policy but those that are to go.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &FoundPolicy> {
        self.found.iter().flat_map(|found| &found.policies).filter(|policy| policy.side != Side::Before)
    }

    /// What is to be said of the sources.
    pub(crate) fn notes(&self) -> Vec<String> {
        let note = |found: &Found, note: &String| format!("{}: {note}", found.file);
        self.found.iter().flat_map(|found| found.notes.iter().map(move |text| note(found, text))).collect()
    }

    /// Where the statements stand that are to blame.
    pub(crate) fn statements(&self, asked: &Asked, blamed: &[Blamed]) -> Vec<Statement> {
        // Of an SCP, also what stands beside it allows.
        let own = blamed.iter().filter(|statement| statement.policy == 0);
        own.filter_map(|statement| self.statement(asked, statement)).collect()
    }

    /// Where a piece of a policy starts and ends in its file; of one that stands there in a string, where that does.
    pub(crate) fn place(&self, asked: &Asked, within: Span) -> Option<Place> {
        let FoundPolicy { file, place, is_verbatim, .. } = &asked.found;
        let span = match is_verbatim {
            true => Span { start: place.start + within.start, end: place.start + within.end },
            false => *place,
        };
        let text = self.texts.get(file)?;
        let lines = LineIndex::new(text);
        let at = |offset| {
            let position = lines.position(text, offset);
            (position.line, position.column)
        };
        Some((at(span.start), at(span.end)))
    }

    /// The one policy that is to be asked about.
    pub(crate) fn only(&self) -> Result<&FoundPolicy, Problem> {
        let mut all = self.policies();
        match (all.next(), all.next()) {
            (Some(policy), None) => Ok(policy),
            (first, _) => {
                let count = if first.is_some() { "several policies" } else { "no policy" };
                let file = self.found.first().map(|found| found.file.as_str()).unwrap_or_default();
                Err(Problem::usage(format!("`{file}` holds {count}")).help("name a file with one policy"))
            }
        }
    }

    fn statement(&self, asked: &Asked, blamed: &Blamed) -> Option<Statement> {
        let FoundPolicy { file, name, .. } = &asked.found;
        let document = &asked.read.document;
        let known = document.statements().iter().find(|known| known.index == blamed.statement)?;
        let within = known.span;
        Some(Statement {
            file: file.clone(),
            policy: (name != file).then(|| name.clone()),
            index: blamed.statement,
            sid: blamed.sid.clone().filter(|sid| !sid.is_empty()),
            place: self.place(asked, within),
            text: within.of(document.text()).split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }
}

impl Asked {
    /// Reads a policy; `kind` is what it is if that is told.
    pub(crate) fn read(found: &FoundPolicy, kind: Option<DocumentKind>) -> Result<Self, Problem> {
        let kind = kind.unwrap_or(found.kind);
        let read = ReadPolicy::read(&shown(found), &found.text, kind).map_err(|error| {
            Problem::usage(error.to_string()).help("`bailiwick lint` tells what is wrong")
        })?;
        Ok(Self { found: found.clone(), read })
    }

    /// What to call it.
    pub(crate) fn shown(&self) -> String {
        shown(&self.found)
    }

    /// Makes sure that all of it could be read.
    pub(crate) fn whole(&self) -> Result<(), Problem> {
        match &self.read.loss {
            Some(loss) => Err(Problem::usage(loss).help("`bailiwick lint` tells what is wrong")),
            None => Ok(()),
        }
    }

    /// Whether it only denies, so that it allows nothing by itself whatever is left out of it.
    pub(crate) fn only_denies(&self) -> bool {
        !self.read.document.statements().iter().any(|statement| statement.effect == Effect::Allow)
    }

    /// What was found of it.
    pub(crate) fn answers(&self, findings: Vec<Finding>) -> Answers {
        let FoundPolicy { file, name, .. } = &self.found;
        let policy = (name != file).then(|| name.clone());
        Answers { file: file.clone(), policy, kind: render::kind(self.read.kind).to_owned(), findings }
    }

    /// Notes on what had to be assumed of it.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let told = self.read.notes.iter().filter(|note| note.severity == "note");
        told.map(|note| format!("{}: {}", note.part, note.message))
    }
}

fn shown(found: &FoundPolicy) -> String {
    let FoundPolicy { file, name, .. } = found;
    if name == file { file.clone() } else { format!("{file}: {name}") }
}

impl Finding {
    /// An answer. What is not read whole proves nothing and refutes nothing: `losses` tells what.
    pub(crate) fn new(
        what: &'static What,
        verdict: Verdict,
        losses: Vec<String>,
        sentence: impl Fn(&Witness) -> String,
        statements: impl Fn(&Refutation) -> Vec<Statement>,
    ) -> Self {
        let verdict = if losses.is_empty() { verdict } else { Verdict::Undetermined(losses) };
        let (sentence, statements) = match &verdict {
            Verdict::Refuted(found) => (sentence(&found.witness), statements(found)),
            _ => (String::new(), Vec::new()),
        };
        Self { what, counts: true, verdict, sentence, statements, denied_by: Vec::new() }
    }

    /// With the statements of the other policy that deny what is found.
    pub(crate) fn denied_by(self, statements: Vec<Statement>) -> Self {
        Self { denied_by: statements, ..self }
    }
}

impl Report {
    /// Writes the report and gives the exit code: 1 if something that counts was found, 3 if that is not determined.
    pub(crate) fn finish(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match context.global.format {
            Form::Text => context.output.text(&render::text(&self, context.output.colours()))?,
            Form::Sarif => context.output.json(&render::sarif(&self))?,
            _ => context.output.json(&render::json(&self))?,
        }
        let mut counting = self.answers.iter().flat_map(|answers| &answers.findings).filter(|it| it.counts);
        let is_open = |finding: &Finding| matches!(finding.verdict, Verdict::Undetermined(_));
        if counting.clone().any(|finding| finding.verdict.refutation().is_some()) {
            return Ok(Exit::No);
        }
        Ok(if counting.any(is_open) { Exit::UNDETERMINED } else { Exit::Ok })
    }
}
