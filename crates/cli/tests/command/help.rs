use crate::run::run;

#[test]
fn help_teaches() {
    let home = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("help", run(home.path(), &["--help"]).good().out);
    for name in [
        "serve",
        "login",
        "account",
        "import",
        "explain",
        "who-can",
        "ask",
        "audit",
        "compare",
        "grants",
        "public",
        "overlap",
        "redundant",
        "minimize",
        "decide",
        "verify",
        "test",
        "lint",
        "trail",
        "keys",
        "password-policy",
        "completions",
    ] {
        let help = run(home.path(), &[name, "--help"]).good();
        assert!(help.out.contains("Examples:"), "{name}: {}", help.out);
        insta::assert_snapshot!(format!("help-{name}"), help.out);
    }
}

#[test]
fn an_unknown_flag_or_command_is_a_usage_error() {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["serve", "--frob"]).bad(2, "unexpected argument '--frob'");
    run(home.path(), &["logni"]).bad(2, "a similar subcommand exists: 'login'");
    run(home.path(), &[]).bad(2, "Usage: bailiwick");
    run(home.path(), &["account", "create", "x", "--id", "12"])
        .bad(2, "an account id is twelve digits, not `12`");
    run(home.path(), &["serve", "--partition", "mars"]).bad(2, "the partitions are aws, ");
    run(home.path(), &["login", "--duration", "soon"]).bad(2, "a time looks like 900, 15m or 4h");
    run(home.path(), &["trail", "--since", "soon", "--from", "."]).bad(2, "`soon` is not a time");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn every_shell_gets_its_completions() {
    let home = tempfile::tempdir().unwrap();
    for (shell, holds) in
        [("bash", "complete -F"), ("zsh", "#compdef bailiwick"), ("fish", "complete -c bailiwick")]
    {
        let script = run(home.path(), &["completions", shell]).good();
        assert!(script.out.contains(holds), "{shell}");
    }
}

#[test]
fn without_a_server_the_help_says_how_to_start_one() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["account", "list"]).bad(4, "error: no server answers at `");
    assert!(ran.err.contains("\nhelp: start it with `bailiwick serve`"), "{}", ran.err);
    assert!(ran.err.contains(".local/share/bailiwick/bailiwick.sock"), "{}", ran.err);
    let ran = run(home.path(), &["account", "list", "--format", "json"])
        .bad(4, "{\"error\":{\"message\":\"no server");
    assert!(ran.out.is_empty());
    run(home.path(), &["account", "list", "--endpoint", "http://127.0.0.1:1"])
        .bad(2, "there are no credentials");
    run(home.path(), &["account", "list", "--endpoint", "127.0.0.1:1"])
        .bad(2, "is not the address of a server");
}

#[test]
fn a_dead_endpoint_is_said_to_be_dead() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::run::command(home.path(), &["account", "list"]);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ACCESS_KEY_ID", "a");
    let ran: crate::run::Ran = command.env("AWS_SECRET_ACCESS_KEY", "b").output().unwrap().into();
    ran.bad(4, "no server answers at `http://127.0.0.1:1`: connection refused");
}
