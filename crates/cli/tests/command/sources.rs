use crate::run::{Ran, command};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where git may be.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";
const GOOD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
const PLAN: &str = include_str!("../../../audit/tests/fixtures/sources/plan.json");
const TEMPLATE: &str = include_str!("../../../audit/tests/fixtures/sources/template.yaml");

fn bad() -> String {
    GOOD.replace("GetObject", "GetObjekt")
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn lint(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(folder, &[&["lint", "--format", "json"], arguments].concat());
    command.env("PATH", PATH);
    command.current_dir(folder).output().unwrap().into()
}

/// The files with the names of their policies.
fn read(ran: &Ran) -> Vec<(String, Vec<String>)> {
    let report = ran.json();
    let files = report["Files"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    files
        .map(|file| {
            let policies = file["Policies"].as_array().unwrap();
            (text(&file["File"]), policies.iter().map(|policy| text(&policy["Name"])).collect())
        })
        .collect()
}

fn git(folder: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn plans_and_templates_are_linted() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "plan.json", PLAN);
    write(home.path(), "stack.yaml", TEMPLATE);
    let ran = lint(home.path(), &["plan.json", "stack.yaml"]);
    let files = read(&ran);
    assert_eq!(files[0].1.len(), 8, "{files:?}");
    // What the plan takes away is left out.
    assert!(!files[0].1.contains(&"aws_iam_group_policy.old[0]".to_owned()));
    assert!(files[0].1.contains(&"module.store[0].aws_s3_bucket_policy.b".to_owned()));
    assert!(files[1].1.contains(&"Role: inline policy own-folder".to_owned()));
    let report = ran.json();
    let policy = |file: usize, name: &str| {
        let policies = report["Files"][file]["Policies"].as_array().unwrap();
        policies.iter().find(|policy| policy["Name"] == name).unwrap().clone()
    };
    assert_eq!(policy(0, "aws_organizations_policy.guard")["Type"], "RCP");
    assert_eq!(policy(0, "module.store[0].aws_s3_bucket_policy.b")["ResourceType"], "AWS::S3::Bucket");
    assert_eq!(policy(1, "Guard")["Type"], "SCP");
    assert_eq!(report["Files"][0]["Notes"].as_array().unwrap().len(), 3);
    // What stands for a value that is not told is not judged.
    assert_eq!(policy(1, "Role: inline policy secrets")["Findings"], serde_json::json!([]));
    assert_eq!(policy(1, "UploadsPolicy (if IsProduction)")["Findings"], serde_json::json!([]));
    assert_eq!(policy(1, "LogPolicy")["Findings"][0]["IssueCode"], "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL");
    let text = command(home.path(), &["lint", "plan.json"]).current_dir(home.path()).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(
            "\nnote: plan.json: `policy` of `module.store[0].aws_s3_bucket_policy.logs` is known only"
        ),
        "{text}"
    );
    // A plan without policies is fine.
    write(
        home.path(),
        "empty.json",
        r#"{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[]}"#,
    );
    assert_eq!(lint(home.path(), &["empty.json"]).good().json()["Summary"]["Policies"], 0);
    let sarif = command(home.path(), &["lint", "stack.yaml", "--format", "sarif"]);
    let sarif = Ran::from({ sarif }.current_dir(home.path()).output().unwrap()).json();
    let notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes.len(), 2);
    assert_eq!(notes[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "stack.yaml");
}

#[test]
fn documents_of_templates_in_json_are_mended_in_place() {
    let home = tempfile::tempdir().unwrap();
    let template = format!(
        "{{\"Resources\": {{\"P\": {{\"Type\": \"AWS::IAM::ManagedPolicy\", \"Properties\": {{\n  \"PolicyDocument\": {}}}}}}}}}",
        bad()
    );
    write(home.path(), "stack.json", &template);
    lint(home.path(), &["stack.json", "--fix-all"]).good();
    assert_eq!(
        std::fs::read_to_string(home.path().join("stack.json")).unwrap(),
        template.replace("Objekt", "Object")
    );
}

#[test]
fn folders_hold_plans_templates_and_packed_files() {
    let home = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(GOOD.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for (name, bytes) in [
        ("infra/stack.yaml", TEMPLATE.as_bytes()),
        ("infra/plan.json", PLAN.as_bytes()),
        ("infra/packed.json", packed.as_slice()),
        ("infra/chart.yaml", b"kind: Pod\n---\nkind: Pod\n"),
        ("infra/helm.yml", b"Statement: {{ .Values.x }}\n"),
        ("infra/main.tf", b"resource \"aws_iam_policy\" \"p\" {}"),
        (
            "infra/main.tf.json",
            br#"{"resource": {"aws_iam_policy": {"p": {"policy": "${data.x.json}"}}}, "Statement": 1}"#,
        ),
        ("infra/.terraform/x.json", GOOD.as_bytes()),
    ] {
        write(home.path(), name, bytes);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.path().join("infra"), home.path().join("infra/loop")).unwrap();
    let ran = lint(home.path(), &["infra"]);
    let files: Vec<_> = read(&ran).into_iter().map(|(file, policies)| (file, policies.len())).collect();
    assert_eq!(
        files,
        [
            ("infra/helm.yml".to_owned(), 0),
            ("infra/main.tf.json".to_owned(), 1),
            ("infra/packed.json".to_owned(), 1),
            ("infra/plan.json".to_owned(), 8),
            ("infra/stack.yaml".to_owned(), 9),
        ]
    );
    assert!(ran.json()["Files"][0]["Notes"][0].as_str().unwrap().contains("is not YAML that can be read"));
}

#[test]
fn revisions_are_read_from_git() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    git(folder, &["init", "-q"]);
    write(folder, "policies/app.json", bad());
    write(folder, "policies/deep/stack.yaml", TEMPLATE);
    write(folder, "policies/package.json", "{}");
    write(folder, "policies/.hidden/app.json", GOOD);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "first"]);
    write(folder, "policies/app.json", GOOD);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "second"]);
    write(folder, "policies/app.json", bad());
    git(folder, &["add", "-A"]);
    write(folder, "policies/app.json", "{");
    for (name, code) in
        [("HEAD~1:policies/app.json", 1), ("HEAD:policies/app.json", 0), (":policies/app.json", 1)]
    {
        let ran = lint(folder, &[name]);
        assert_eq!(ran.code, code, "{name}: {}{}", ran.out, ran.err);
        assert_eq!(read(&ran)[0].0, name);
    }
    let ran = lint(&folder.join("policies"), &["HEAD:./app.json"]).good();
    assert_eq!(read(&ran)[0].0, "HEAD:./app.json");
    for (name, first) in [("HEAD:policies", "HEAD:policies/app.json"), ("HEAD:", "HEAD:policies/app.json")] {
        let files: Vec<_> = read(&lint(folder, &[name])).into_iter().map(|(file, _)| file).collect();
        assert_eq!(files, [first, "HEAD:policies/deep/stack.yaml"]);
    }
    // A file of that name wins.
    write(folder, "HEAD~1:policies/app.json", GOOD);
    lint(folder, &["HEAD~1:policies/app.json"]).good();
    for (name, said) in [
        ("HEAD:policies/none.json", "the revision `HEAD` has no file or folder `policies/none.json`"),
        (":policies/none.json", "`policies/none.json` is not staged in git"),
        (
            "nope:policies/app.json",
            "there is no file `nope:policies/app.json`, and git knows no revision `nope`",
        ),
        ("C:\\policies\\app.json", "cannot be read: no such file"),
        ("--upload-pack=x:y", "unexpected argument"),
    ] {
        let code = if name.starts_with('-') { 2 } else { 4 };
        lint(folder, &[name]).bad(code, said);
    }
    lint(folder, &["HEAD:policies/app.json", "--fix"])
        .bad(2, "the revision `HEAD:policies/app.json` cannot be mended");
}

#[test]
fn without_git_revisions_are_told_plainly() {
    let home = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut alone = command(home.path(), &["lint", "HEAD:app.json"]);
    let ran: Ran = alone.env("PATH", elsewhere.path()).current_dir(home.path()).output().unwrap().into();
    ran.bad(4, "there is no file `HEAD:app.json`, and no git to ask for a revision");
    let ceiling = home.path().parent().unwrap();
    let mut outside = command(home.path(), &["lint", "HEAD:app.json"]);
    outside.env("PATH", PATH).env("GIT_CEILING_DIRECTORIES", ceiling);
    let ran: Ran = outside.current_dir(home.path()).output().unwrap().into();
    ran.bad(4, "there is no file `HEAD:app.json`, and this folder is in no git repository");
}

#[test]
fn what_cannot_be_read_is_told() {
    let home = tempfile::tempdir().unwrap();
    for (name, bytes, said) in [
        (
            "plan.out",
            &b"PK\x03\x04plan"[..],
            "the file `plan.out` is an archive, such as `terraform plan -out` writes",
        ),
        ("main.tf", b"resource \"aws_iam_policy\" \"p\" {}", "the file `main.tf` is Terraform's source"),
        ("a.json", b"\xff\xff\"Statement\"", "the file `a.json` is not text in UTF-8"),
        ("b.yaml", b"Resources: {A: !!set AWS::x}", "the file `b.yaml` is not YAML that can be read: line 1"),
        ("c.json", &[0x1f, 0x8b, 8], "the file `c.json` cannot be unpacked"),
    ] {
        write(home.path(), name, bytes);
        lint(home.path(), &[name]).bad(2, said);
    }
    let mut child = command(home.path(), &["lint", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"PK\x03\x04").unwrap();
    Ran::from(child.wait_with_output().unwrap()).bad(2, "standard input is an archive");
}
