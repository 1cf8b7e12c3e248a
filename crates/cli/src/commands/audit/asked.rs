//! What the command line asks for, read and checked before anything is audited.

use super::Args;
use crate::commands::explain::bytes;
use crate::problem::{Problem, plain};
use audit::baseline::Baseline;
use audit::checks::{ALL, Check, by_id};
use audit::compliance::{self, Framework};
use audit::exceptions::Exceptions;
use audit::finding::Severity;
use audit::settings::Settings;
use base::{Clock, Timestamp};
use server::SystemClock;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Files of settings and exceptions are small.
const MOST: usize = 16 << 20;

/// What is to be shown beside the summary.
#[derive(Debug, Clone)]
pub(crate) enum Show {
    /// Every finding, what is in order too.
    All,
    /// The findings of a check.
    Check(&'static Check),
    /// One finding in full.
    Fingerprint(String),
}

/// From which severity on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threshold {
    /// The severity; none never fails.
    pub(crate) severity: Option<Severity>,
    /// Whether only new findings count.
    pub(crate) only_new: bool,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) now: Timestamp,
    pub(crate) settings: Settings,
    pub(crate) checks: Vec<&'static Check>,
    pub(crate) exceptions: Option<Exceptions>,
    pub(crate) baseline: Option<Baseline>,
    pub(crate) threshold: Threshold,
    pub(crate) severity: Option<Severity>,
    pub(crate) show: Vec<Show>,
    /// The standards to tell of.
    pub(crate) frameworks: Vec<&'static Framework>,
    /// Whether they were named: then the text tells of them, too.
    pub(crate) tells_standards: bool,
}

impl Asked {
    /// Reads the files that the command line names.
    pub(crate) fn read(args: &Args) -> Result<Self, Problem> {
        let threshold = threshold(&args.fail_on)?;
        if threshold.only_new && args.baseline.is_none() {
            return Err(Problem::usage(format!("`--fail-on {}` needs an older report", args.fail_on))
                .help("name it with `--baseline FILE`"));
        }
        let mut settings = match &args.settings {
            Some(file) => settings(file)?,
            None => Settings::default(),
        };
        if let Some(profile) = args.password_profile {
            settings.password_profile = profile.into();
        }
        Ok(Self {
            now: args.at.as_deref().map_or_else(|| Ok(SystemClock.now()), time)?,
            settings,
            checks: checks(args)?,
            exceptions: args.exceptions.as_deref().map(exceptions).transpose()?,
            baseline: args.baseline.as_deref().map(baseline).transpose()?,
            threshold,
            severity: args.severity.as_deref().map(severity).transpose()?,
            show: args.show.iter().map(|what| show(what)).collect::<Result<_, _>>()?,
            frameworks: frameworks(&args.compliance)?,
            tells_standards: !args.compliance.is_empty(),
        })
    }
}

/// The standards of these names, all of them if none is named.
fn frameworks(names: &[String]) -> Result<Vec<&'static Framework>, Problem> {
    if names.is_empty() {
        return Ok(compliance::frameworks().iter().collect());
    }
    let find = |name: &String| {
        compliance::framework(name).ok_or_else(|| {
            let known: Vec<&str> = compliance::frameworks().iter().map(|it| it.id).collect();
            Problem::usage(format!("there is no standard `{name}`"))
                .help(format!("one of {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn time(text: &str) -> Result<Timestamp, Problem> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::parse(&whole)
        .map_err(|_| Problem::usage(format!("`{text}` is no date")).help("write it as 2026-11-22"))
}

fn severity(text: &str) -> Result<Severity, Problem> {
    let known = Severity::ALL.iter().find(|severity| severity.as_str() == text);
    known.copied().ok_or_else(|| {
        Problem::usage(format!("`{text}` is no severity")).help("one of critical, high, medium, low, info")
    })
}

fn threshold(text: &str) -> Result<Threshold, Problem> {
    let (only_new, name) = text.strip_prefix("new:").map_or((false, text), |name| (true, name));
    let severity = if name == "never" { None } else { Some(severity(name)?) };
    Ok(Threshold { severity, only_new })
}

fn checks(args: &Args) -> Result<Vec<&'static Check>, Problem> {
    let find = |ids: &[String]| ids.iter().map(|id| check(id)).collect::<Result<Vec<_>, _>>();
    let (wanted, skipped) = (find(&args.check)?, find(&args.skip)?);
    let among = |list: &[&Check], check: &Check| list.iter().any(|other| other.id == check.id);
    let mut checks = ALL.to_vec();
    checks.retain(|check| (wanted.is_empty() || among(&wanted, check)) && !among(&skipped, check));
    if checks.is_empty() {
        return Err(Problem::usage("every check is left out").help("name fewer with `--skip`"));
    }
    Ok(checks)
}

fn check(id: &str) -> Result<&'static Check, Problem> {
    by_id(id).ok_or_else(|| {
        let near = ALL.iter().map(|check| check.id).filter(|known| alike(known, id));
        let near: Vec<_> = near.take(5).collect();
        let help = match near.is_empty() {
            true => "docs/checks.md lists the checks".to_owned(),
            false => format!("there is {}", near.join(", ")),
        };
        Problem::usage(format!("there is no check `{id}`")).help(help)
    })
}

/// Whether two ids share a word.
fn alike(known: &str, id: &str) -> bool {
    id.split(['-', '_']).any(|word| word.len() > 2 && known.contains(word))
}

fn show(what: &str) -> Result<Show, Problem> {
    if what == "all" {
        return Ok(Show::All);
    }
    if what.len() == 32 && what.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Show::Fingerprint(what.to_ascii_lowercase()));
    }
    check(what).map(Show::Check)
}

fn text(file: &Path) -> Result<String, Problem> {
    String::from_utf8(bytes(file, MOST)?)
        .map_err(|_| Problem::usage(format!("the file `{}` is not text in UTF-8", file.display())))
}

fn settings(file: &Path) -> Result<Settings, Problem> {
    Settings::parse(&text(file)?).map_err(|error| {
        Problem::usage(format!("the settings `{}` cannot be used: {error}", file.display()))
            .help("docs/audit.md lists the names")
    })
}

fn exceptions(file: &Path) -> Result<Exceptions, Problem> {
    Exceptions::parse(&text(file)?).map_err(|errors| {
        let told: Vec<String> = errors.iter().take(10).map(ToString::to_string).collect();
        Problem::usage(format!("the exceptions `{}` cannot be used: {}", file.display(), told.join("; ")))
            .help("docs/audit.md shows how they are written")
    })
}

fn baseline(file: &Path) -> Result<Baseline, Problem> {
    let shown = file.display();
    let open = File::open(file).map_err(|error| {
        Problem::unavailable(format!("the file `{shown}` cannot be read: {}", plain(&error)))
    })?;
    Baseline::read(BufReader::new(open)).map_err(|error| {
        Problem::usage(format!("the file `{shown}` is no report of an audit: {error}"))
            .help("write one with `bailiwick audit PATH --format json`")
    })
}
