//! Takes from the server's process what it does not need.
//!
//! What an attacker would gain by a defect in the server is bounded: it reads only what a server reads, writes only
//! its own data, and runs no program. Landlock does that where the kernel has it
//! (<https://docs.kernel.org/userspace-api/landlock.html>); and no core dump shows what is in memory.

use crate::problem::Problem;
use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use server::{KeySource, Place, Settings};
use std::path::{Path, PathBuf};

/// Whether the process is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Confine {
    // No documentation comments: the help of `serve` would become a page for each option.
    // Where the kernel can.
    Auto,
    // Or the server does not start.
    Required,
    // Not at all.
    Off,
}

/// What every server reads besides its own: names of hosts, certificates, libraries, facts of the system.
const READ: [&str; 9] =
    ["/etc", "/usr", "/lib", "/lib64", "/run/systemd/resolve", "/proc", "/sys", "/dev/urandom", "/dev/null"];

/// Confines this process for good, before it has other threads.
pub(crate) fn confine(when: Confine, settings: &Settings) -> Result<(), Problem> {
    if when == Confine::Off {
        return Ok(());
    }
    hide_memory();
    match restrict(settings) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => {
            tracing::info!("the process is confined to its own files");
            Ok(())
        }
        Ok(RulesetStatus::NotEnforced) if when == Confine::Auto => {
            tracing::info!("this kernel has no Landlock: the process is not confined");
            Ok(())
        }
        Ok(RulesetStatus::NotEnforced) => Err(Problem::unavailable("this kernel has no Landlock".to_owned())
            .help(
                "start it without `--confine required`, or on a kernel from 5.13 on with `lsm=landlock,…`",
            )),
        Err(error) if when == Confine::Auto => {
            tracing::warn!(%error, "the process could not be confined");
            Ok(())
        }
        Err(error) => Err(Problem::unavailable(format!("the process cannot be confined: {error}"))),
    }
}

/// No core dump, and no other process of the same user that looks into this one.
fn hide_memory() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of this user can look into this one");
    }
}

fn restrict(settings: &Settings) -> Result<RulesetStatus, RulesetError> {
    let abi = ABI::V5;
    let everything = AccessFs::from_all(abi);
    let reading = AccessFs::from_read(abi) & !AccessFs::Execute;
    let mut rules =
        Ruleset::default().set_compatibility(CompatLevel::BestEffort).handle_access(everything)?.create()?;
    for path in READ.into_iter().map(PathBuf::from).chain(read(settings)) {
        rules = allow(rules, &path, reading)?;
    }
    for path in written(settings) {
        rules = allow(rules, &path, everything & !AccessFs::Execute)?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

/// What is not there needs no right: whoever makes it later starts the server again.
fn allow(
    rules: landlock::RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(opened) => rules.add_rule(PathBeneath::new(opened, access)),
        Err(_) => Ok(rules),
    }
}

/// Certificates are renewed by new files in their folders.
fn read(settings: &Settings) -> Vec<PathBuf> {
    let tls = settings.listen.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
    tls.chain(&settings.issuers.authorities)
        .chain(&settings.breached)
        .filter_map(|file| folder(file))
        .collect()
}

/// The data directory (the folder that it will be made in, at a first start) and the folder of the key file.
fn written(settings: &Settings) -> Vec<PathBuf> {
    let place = match &settings.place {
        Place::Directory(path) | Place::Memory(path) => path.clone(),
    };
    let key = match &settings.key {
        KeySource::File(file) => folder(file),
        KeySource::Beside | KeySource::Text(_) => None,
    };
    existing(&place).into_iter().chain(key).collect()
}

fn folder(file: &Path) -> Option<PathBuf> {
    let parent = file.parent()?;
    Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() })
}

/// The path itself if it is there, else the folder above it that is.
fn existing(path: &Path) -> Option<PathBuf> {
    let there = path.ancestors().find(|folder| folder.exists())?;
    Some(if there.as_os_str().is_empty() { PathBuf::from(".") } else { there.to_owned() })
}
