use crate::run::{Ran, command};
use serde_json::{Value, json};
use std::path::Path;

const KEYS: &str = "key-age";
const DAY: &str = "2026-11-22";

/// What stands in a policy is chosen by whoever may write policies.
const EVIL: &str = "</script><script>alert(1)</script>";
/// The account's only trusted stranger.
const STRANGER: &str = "444455556666";

fn export() -> String {
    let trust = |principal: Value| {
        json!({ "Version": "2012-10-17",
                "Statement": [{ "Sid": EVIL, "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }] })
    };
    let role = |name: &str, trust: Value| {
        json!({
            "Path": "/", "RoleName": name, "RoleId": format!("AROA{:A>17}", name.to_uppercase()),
            "Arn": format!("arn:aws:iam::111122223333:role/{name}"), "CreateDate": "2024-01-01T00:00:00Z",
            "AssumeRolePolicyDocument": trust, "InstanceProfileList": [], "AttachedManagedPolicies": [],
            "RolePolicyList": [{ "PolicyName": "own", "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Sid": "All" }] } }],
            "RoleLastUsed": { "LastUsedDate": "2026-11-20T00:00:00Z", "Region": "eu-central-1" },
        })
    };
    let stranger = json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") });
    json!({
        "UserDetailList": [{
            "Path": "/", "UserName": "robot", "UserId": "AIDAROBOT000000000001",
            "Arn": "arn:aws:iam::111122223333:user/robot", "CreateDate": "2024-01-01T00:00:00Z",
            "GroupList": [], "AttachedManagedPolicies": [],
            "UserPolicyList": [{ "PolicyName": "own", "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] } }],
        }],
        "GroupDetailList": [],
        "RoleDetailList": [role("guest", trust(stranger.clone())), role("guesttwo", trust(stranger)),
            role("job", trust(json!({ "Service": "lambda.amazonaws.com" })))],
        "Policies": [],
    })
    .to_string()
}

const REPORT: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated
robot,arn:aws:iam::111122223333:user/robot,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,\
2024-01-01T00:00:00+00:00,2026-11-20T00:00:00+00:00,eu-central-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
";

fn folder() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("account")).unwrap();
    std::fs::write(home.path().join("account/details.json"), export()).unwrap();
    std::fs::write(home.path().join("account/report.csv"), REPORT).unwrap();
    home
}

fn audit(home: &Path, arguments: &[&str]) -> Ran {
    let all = [&["audit", "account", "--at", DAY], arguments].concat();
    command(home, &all).current_dir(home).output().unwrap().into()
}

fn findings(report: &Value, check: &str) -> Vec<Value> {
    let all = report["findings"].as_array().unwrap();
    all.iter().filter(|it| it["check"] == check && it["status"] == "fail").cloned().collect()
}

#[test]
fn the_json_report_has_what_programs_need() {
    let home = folder();
    let ran = audit(home.path(), &["--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report = ran.json();
    assert_eq!(
        (&report["tool"], &report["generated"]),
        (&json!("bailiwick"), &json!("2026-11-22T00:00:00Z"))
    );
    for name in ["findings", "accounts", "grades", "counts", "actions", "inputs", "notes"] {
        assert!(!report[name].is_null(), "{name}");
    }
    let needed = [
        "fingerprint",
        "check",
        "status",
        "severity",
        "account",
        "resource",
        "principals",
        "actions",
        "evidence",
    ];
    for finding in report["findings"].as_array().unwrap() {
        needed.iter().for_each(|name| assert!(!finding[name].is_null(), "{name}: {finding}"));
        if finding["status"] == "fail" {
            let risk = &finding["risk"];
            let product: f64 = ["reach", "exposure", "protection"]
                .map(|it| risk[it]["value"].as_f64().unwrap())
                .iter()
                .product();
            assert!((product * 100.0 - risk["score"].as_f64().unwrap()).abs() < 0.2, "{risk}");
            assert!(
                ["reach", "exposure", "protection"]
                    .iter()
                    .all(|it| !risk[it]["because"].as_str().unwrap().is_empty())
            );
        }
    }
    // What failed comes first, the greatest risk first.
    let scores: Vec<f64> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["risk"]["score"].as_f64().unwrap_or(-1.0))
        .collect();
    assert!(scores.windows(2).all(|two| two[0] >= two[1]), "{scores:?}");
    // The same change of two roles is one thing to do.
    let strangers = findings(&report, "external-account");
    assert_eq!(strangers.len(), 2);
    let action = &strangers[0]["fix"]["action"];
    let folded = report["actions"].as_array().unwrap().iter().find(|it| it["action"] == *action).unwrap();
    assert_eq!((&folded["findings"], &folded["radius"]["role"]), (&json!(2), &json!(2)));
    // Twice the same.
    assert_eq!(audit(home.path(), &["--format", "json"]).out, ran.out);
}

#[test]
fn the_text_fits_a_terminal_and_tells_the_rest() {
    let home = folder();
    let ran = audit(home.path(), &[]);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    for said in
        ["Account 111122223333", "GRADE", "to do", "--show FINGERPRINT", "External access             D"]
    {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    let print =
        &findings(&audit(home.path(), &["--format", "json"]).json(), "external-account")[0]["fingerprint"];
    let whole = audit(home.path(), &["--show", print.as_str().unwrap()]).out;
    for said in ["Risk ", "× exposure", "Evidence", "Fix", "$ aws iam"] {
        assert!(whole.contains(said), "{said}: {whole}");
    }
    assert!(audit(home.path(), &["--show", KEYS]).out.contains("Judged: By `access_key"));
    audit(home.path(), &["--show", "0123456789abcdef0123456789abcdef"]).bad(2, "there is no finding");
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let home = folder();
    for (arguments, code) in [
        (&["--fail-on", "critical"][..], 0),
        (&["--fail-on", "high"], 1),
        (&["--fail-on", "never"], 0),
        (&["--check", KEYS], 0),
        (&["--check", KEYS, "--fail-on", "medium"], 1),
        (&["--skip", "external-account", "--check", "external-account"], 2),
        (&["--check", "key-rage"], 2),
        (&["--fail-on", "new:high"], 2),
        (&["--fail-on", "bad"], 2),
        (&["--at", "soon"], 2),
        (&["--account", "999999999999"], 2),
        (&["--format", "junit"], 2),
    ] {
        let ran = match arguments.first() {
            Some(&"--at") => command(home.path(), &["audit", "account", "--at", "soon"])
                .current_dir(home.path())
                .output()
                .unwrap()
                .into(),
            _ => audit(home.path(), arguments),
        };
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn exceptions_are_shown_and_come_back() {
    let home = folder();
    let write = |text: &str| std::fs::write(home.path().join("ok.yaml"), text).unwrap();
    let entry = |expires: &str| {
        format!(
            "- check: external-*\n  resource: '*:role/guest*'\n  reason: partner audit\n  owner: ann@example.com\n  \
             approver: bo@example.com\n  expires: {expires}\n- check: key-age\n  resource: '*:user/nobody'\n  \
             reason: r\n  owner: o\n  approver: a\n  expires: 2027-01-01\n"
        )
    };
    write(&entry("2027-03-31"));
    let with = ["--exceptions", "ok.yaml"];
    let ran = audit(home.path(), &with);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("2 excepted") && ran.out.contains("exception without a finding"), "{}", ran.out);
    let report = audit(home.path(), &[&with[..], &["--format", "json"]].concat()).json();
    assert_eq!(findings(&report, "external-account")[0]["exception"]["reason"], "partner audit");
    let of = |form: &str| audit(home.path(), &[&with[..], &["--format", form]].concat()).out;
    for form in ["csv", "sarif", "ocsf", "html"] {
        assert!(of(form).contains("partner audit"), "{form}");
    }
    let sarif: Value = serde_json::from_str(&of("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|it| it["suppressions"][0]["status"] == "accepted"));
    write(&entry("2026-11-21"));
    let ran = audit(home.path(), &with);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("EXCEPTION OVER") && ran.out.contains("ann@example.com"), "{}", ran.out);
    write(&entry("2027-03-31").replace("  reason: partner audit\n", ""));
    audit(home.path(), &with).bad(2, "line 1, column 3: the exception has no `reason`");
}

#[test]
fn an_older_report_tells_what_is_new() {
    let home = folder();
    let old = audit(home.path(), &["--format", "json", "--out", "old.json"]);
    assert_eq!((old.code, old.out.as_str()), (1, ""));
    let same = audit(home.path(), &["--baseline", "old.json", "--fail-on", "new:low"]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
    assert!(same.out.contains("0 new, 0 fixed"), "{}", same.out);
    let mended = export().replace(&format!("arn:aws:iam::{STRANGER}:root"), "arn:aws:iam::111122223333:root");
    std::fs::write(home.path().join("account/details.json"), mended).unwrap();
    let fixed = audit(home.path(), &["--baseline", "old.json"]);
    assert!(fixed.out.contains("fixed: external-account role/guest"), "{}", fixed.out);
    let report = audit(home.path(), &["--baseline", "old.json", "--format", "json"]).json();
    assert!(report["baseline"]["fixed"].as_array().unwrap().len() >= 2, "{}", report["baseline"]);
    let sarif = audit(home.path(), &["--baseline", "old.json", "--format", "sarif"]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|it| it["baselineState"] == "absent"));
    assert!(results.iter().all(|it| !it["baselineState"].is_null()));
    std::fs::write(home.path().join("old.json"), "{}").unwrap();
    audit(home.path(), &["--baseline", "old.json"]).bad(2, "is no report of an audit");
}

#[test]
fn sarif_is_as_its_schema_says() {
    let home = folder();
    let log = audit(home.path(), &["--format", "sarif"]).json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let rank = result["rank"].as_f64().unwrap();
        assert!((0.0..=100.0).contains(&rank));
        let place = &result["locations"][0];
        assert!(place["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap().starts_with("arn:"));
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.contains([' ', ':', '<']) && !uri.starts_with('/'), "{uri}");
        assert!(place["physicalLocation"]["region"]["startLine"].as_u64().is_none_or(|line| line >= 1));
    }
    for rule in rules {
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        let severity: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.0..=10.0).contains(&severity));
    }
}

/// What OCSF 1.4.0 requires of a Compliance Finding with the profile `cloud`, and the values that it allows
/// (`events/findings/compliance_finding.json`, `events/base_event.json`, `objects/*.json` of ocsf/ocsf-schema, Apache-2.0).
#[test]
fn ocsf_has_what_the_class_requires() {
    let home = folder();
    let events = audit(home.path(), &["--format", "ocsf"]).json();
    let events = events.as_array().unwrap();
    assert!(!events.is_empty());
    for event in events {
        for required in [
            "/activity_id",
            "/category_uid",
            "/class_uid",
            "/type_uid",
            "/severity_id",
            "/time",
            "/metadata/version",
            "/metadata/product/vendor_name",
            "/finding_info/uid",
            "/finding_info/title",
            "/compliance/standards/0",
            "/cloud/provider",
            "/cloud/account/uid",
        ] {
            assert!(event.pointer(required).is_some_and(|value| !value.is_null()), "{required}: {event}");
        }
        let number = |pointer: &str| event.pointer(pointer).and_then(Value::as_u64).unwrap();
        assert_eq!((number("/class_uid"), number("/category_uid")), (2003, 2));
        assert_eq!(number("/type_uid"), number("/class_uid") * 100 + number("/activity_id"));
        assert!(
            (1..=5).contains(&number("/severity_id")) && (1..=3).contains(&number("/compliance/status_id"))
        );
        assert!(number("/time") > 1_700_000_000_000, "milliseconds");
        assert!(!event.to_string().contains(":null"));
    }
    let results: Vec<&Value> = events.iter().map(|event| &event["compliance"]["status"]).collect();
    assert!(
        ["Pass", "Fail", "Warning"].iter().all(|word| results.iter().any(|it| *it == word)),
        "{results:?}"
    );
}

#[test]
fn csv_is_a_row_a_finding() {
    let home = folder();
    let rows = audit(home.path(), &["--format", "csv"]).out;
    let json = audit(home.path(), &["--format", "json"]).json();
    assert_eq!(rows.matches("\r\n").count(), json["findings"].as_array().unwrap().len() + 1);
    assert!(rows.starts_with("\"fingerprint\",\"check\",\"title\""));
}

#[test]
fn the_page_escapes_everything_and_needs_no_network() {
    let home = folder();
    let ran = audit(home.path(), &["--format", "html", "--out", "report.html"]);
    assert_eq!(ran.code, 1);
    let page = std::fs::read_to_string(home.path().join("report.html")).unwrap();
    assert!(!page.contains("<script>alert"), "a name has become a script");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for loaded in ["src=\"http", "@import", "url(http", "<link"] {
        assert!(!page.contains(loaded), "{loaded}");
    }
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let data: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    assert!(data["findings"].to_string().contains("alert(1)"), "the statement is evidence");
}

#[test]
fn a_fix_is_tried_on_a_copy() {
    let home = folder();
    let report = audit(home.path(), &["--format", "json"]).json();
    let print = |check: &str| findings(&report, check)[0]["fingerprint"].as_str().unwrap().to_owned();
    let ran = audit(home.path(), &["--verify-fix", &print("external-account")]).good();
    assert!(ran.out.contains("the finding is gone") && ran.out.contains("role/guest"), "{}", ran.out);
    let json = audit(home.path(), &["--verify-fix", &print("external-account"), "--format", "json"]).json();
    assert_eq!(json["outcome"], "gone");
    assert!(
        json["access"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["lost"].as_str().is_some_and(|it| it.contains(STRANGER)))
    );
    audit(home.path(), &["--verify-fix", &print(KEYS)]).bad(2, "changes no policy");
}

#[test]
fn settings_move_the_lines() {
    let home = folder();
    std::fs::write(home.path().join("ours.yaml"), "key-days: 5000\ntrusted-accounts: ['444455556666']\n")
        .unwrap();
    let report = audit(home.path(), &["--settings", "ours.yaml", "--format", "json"]).json();
    assert!(findings(&report, KEYS).is_empty() && findings(&report, "external-account").is_empty());
    std::fs::write(home.path().join("ours.yaml"), "key-days: 5000\nkey-day: 1\n").unwrap();
    audit(home.path(), &["--settings", "ours.yaml"]).bad(2, "line 2, column 1: `key-day`: unknown field");
}
