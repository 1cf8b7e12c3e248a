//! An OpenID Connect provider that others have written, on this machine.

use crate::clients::{PROGRAM, Ran, command, files, needed, wanted};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// npm's `oidc-provider`, gone with the test.
struct Provider {
    child: Child,
    issuer: String,
    // Kept open: a closed pipe would end a provider that prints.
    _stdout: BufReader<ChildStdout>,
}

impl Provider {
    fn start(folder: &std::path::Path) -> Self {
        let mut child = Command::new("node")
            .arg(files().join("oidc_provider.mjs"))
            .env("BAILIWICK_OIDC_PROVIDER", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        // Other lines are the package's warnings.
        let records = stdout.by_ref().lines().map(Result::unwrap);
        let record = { records }.find_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
        let record = record.expect("the provider tells its address");
        Self { issuer: record["issuer"].as_str().unwrap().to_owned(), child, _stdout: stdout }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn roles_for_whom_a_real_provider_vouches() {
    let Some(python) = needed(testkit::clients::python(), "Python with boto3") else { return };
    let Some(folder) = wanted(testkit::clients::oidc_provider(), "oidc-provider of npm") else { return };
    let provider = Provider::start(&folder);
    let server = testkit::server(PROGRAM).dev().argument("--private-issuer").argument("127.0.0.1").start();
    let mut command = command(python, &server);
    command.current_dir(files()).args(["-m", "unittest", "boto_oidc"]);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("OIDC_ISSUER", &provider.issuer);
    let ran = Ran::of(command.envs(server.variables()));
    assert_eq!(ran.code, 0, "{}{}", ran.err, server.log());
    assert!(ran.err.contains("\nOK"), "{}", ran.err);
}
