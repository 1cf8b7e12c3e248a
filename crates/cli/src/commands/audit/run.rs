//! The way of an audit: read, judge, write.

use super::asked::{Asked, Show};
use super::{Args, inputs};
use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem, plain};
use crate::render::audit as text;
use audit::auditor::Auditor;
use audit::estate::Estate;
use audit::finding::Finding;
use audit::report::{self, AccountReport, Gathering, Summary, Wanted, html};
use base::AccountId;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Audits and writes; the exit code tells whether something as grave as the threshold was found.
pub(super) fn run(args: &Args, asked: &Asked, context: &Context<'_>) -> Result<Exit, Problem> {
    let wanted = Wanted {
        checks: asked.checks.clone(),
        severity: asked.severity,
        exceptions: asked.exceptions.as_ref(),
        baseline: asked.baseline.as_ref(),
        frameworks: asked.frameworks.clone(),
    };
    let mut report = Report::new(args, asked, context)?;
    let judge = |estate: &Estate, accounts: &[AccountId]| {
        let auditor = Auditor::new(estate, &asked.settings, asked.now);
        accounts.iter().map(|account| report::account(&auditor, *account, &wanted)).collect()
    };
    let told = inputs::each(&args.paths, &args.account, asked.now, &judge, &mut |made| report.add(made))?;
    report.finish((told.inputs, told.notes))
}

/// The report while it is written.
struct Report<'a> {
    asked: &'a Asked,
    form: Option<report::Form>,
    html: bool,
    out: Out,
    gathering: Gathering,
    /// Findings that are shown in the text or on the page.
    kept: Vec<Finding>,
    /// How many findings the page has no place for.
    omitted: usize,
    written: bool,
    colours: bool,
}

enum Out {
    File(BufWriter<File>, String),
    Standard(BufWriter<io::Stdout>),
}

impl<'a> Report<'a> {
    fn new(args: &Args, asked: &'a Asked, context: &Context<'_>) -> Result<Self, Problem> {
        let form = match context.global.format {
            Form::Json => Some(report::Form::Json),
            Form::Csv => Some(report::Form::Csv),
            Form::Sarif => Some(report::Form::Sarif),
            Form::Ocsf => Some(report::Form::Ocsf),
            Form::Text | Form::Html | Form::Junit => None,
        };
        let out = match &args.out {
            Some(path) => {
                let name = path.display().to_string();
                let file = File::create(path).map_err(|error| unwritable(&name, &error))?;
                Out::File(BufWriter::new(file), name)
            }
            None => Out::Standard(BufWriter::new(io::stdout())),
        };
        let mut report = Self {
            asked,
            form,
            html: context.global.format == Form::Html,
            out,
            gathering: Gathering::default(),
            kept: Vec::new(),
            omitted: 0,
            written: false,
            colours: context.output.colours() && args.out.is_none(),
        };
        if let Some(form) = form {
            report.write(|out| form.begin(asked.now, out))?;
        }
        Ok(report)
    }

    fn add(&mut self, report: AccountReport) -> Result<(), Problem> {
        self.gathering.add(&report);
        if let Some(form) = self.form {
            let first = !self.written;
            self.written |= self.write(|out| form.findings(&report, first, out))?;
            return Ok(());
        }
        let shown = |finding: &Finding| self.html || self.asked.show.iter().any(|show| show.shows(finding));
        self.kept.extend(report.findings.into_iter().filter(|finding| shown(finding)));
        if self.html {
            self.keep_the_worst();
        }
        Ok(())
    }

    /// Drops what a page has no place for, the least risk first.
    fn keep_the_worst(&mut self) {
        let score = |finding: &Finding| finding.risk.as_ref().map_or(0.0, |risk| risk.score);
        self.kept.sort_by(|a, b| a.status.cmp(&b.status).then_with(|| score(b).total_cmp(&score(a))));
        self.omitted += self.kept.len().saturating_sub(html::MOST_FINDINGS);
        self.kept.truncate(html::MOST_FINDINGS);
    }

    fn finish(mut self, (inputs, notes): (Vec<String>, Vec<String>)) -> Result<Exit, Problem> {
        let asked = self.asked;
        let worst = self.gathering.worst(asked.threshold.only_new);
        let gathering = std::mem::take(&mut self.gathering);
        let summary =
            gathering.finish(asked.now, asked.exceptions.as_ref(), asked.baseline.as_ref(), (inputs, notes));
        let kept = std::mem::take(&mut self.kept);
        self.conclude(&summary, &kept)?;
        let fails = asked.threshold.severity.is_some_and(|least| worst.is_some_and(|worst| worst >= least));
        Ok(if fails { Exit::No } else { Exit::Ok })
    }

    fn conclude(&mut self, summary: &Summary, kept: &[Finding]) -> Result<(), Problem> {
        let first = !self.written;
        match self.form {
            Some(form) => self.write(|out| form.end(summary, first, out))?,
            None if self.html => {
                let page = html::page(summary, kept, self.omitted);
                self.write(|out| out.write_all(page.as_bytes()))?;
            }
            None => {
                let text = text::report(summary, kept, self.asked, self.colours)?;
                self.write(|out| out.write_all(text.as_bytes()))?;
            }
        }
        self.write(|out| out.flush())
    }

    fn write<T>(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, Problem> {
        match &mut self.out {
            Out::File(file, name) => write(file).map_err(|error| unwritable(name, &error)),
            Out::Standard(stream) => write(stream).map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Problem::nobody_reads(),
                _ => unwritable("-", &error),
            }),
        }
    }
}

fn unwritable(name: &str, error: &io::Error) -> Problem {
    Problem::unavailable(format!("the file `{name}` cannot be written: {}", plain(error)))
}

impl Show {
    /// Whether a finding is to be shown.
    fn shows(&self, finding: &Finding) -> bool {
        match self {
            Self::All => true,
            Self::Check(check) => check.id == finding.check,
            Self::Fingerprint(fingerprint) => *fingerprint == finding.fingerprint,
        }
    }
}
