//! Exports become entities whole, or not at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::import::{Import, ImportError, ImportOptions, NoteKind, authorization_details};
use base::{AccountId, Timestamp};
use model::{AccountState, PolicyRef};
use std::io::Write;
use std::sync::Arc;

const HARBOUR: &str = include_str!("fixtures/harbour.json");

fn options() -> ImportOptions {
    ImportOptions::at(Timestamp::from_seconds(1_790_000_000))
}

fn import(text: &str) -> Result<Import, ImportError> {
    authorization_details(text.as_bytes(), &options())
}

fn harbour() -> Arc<AccountState> {
    let import = import(HARBOUR).unwrap();
    Arc::clone(import.snapshot().account(import.account.id).unwrap())
}

/// The export with one piece of its text replaced.
fn with(from: &str, to: &str) -> String {
    assert!(HARBOUR.contains(from), "{from}");
    HARBOUR.replacen(from, to, 1)
}

#[test]
fn everything_is_counted() {
    let report = import(HARBOUR).unwrap().report;
    assert_eq!((report.users, report.groups, report.memberships, report.roles), (3, 1, 1, 2));
    assert_eq!((report.policies, report.versions, report.instance_profiles), (4, 5, 1));
    assert_eq!((report.inline_policies, report.attachments, report.boundaries), (3, 4, 1));
    assert_eq!(report.aws_managed_policies, 1);
    let notes: Vec<_> = report.notes.iter().map(|note| (note.kind, note.subjects.as_slice())).collect();
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(notes[0], (NoteKind::NoCredentials, text(&["3 users"]).as_slice()));
    assert_eq!(
        notes[1],
        (
            NoteKind::UnknownAwsPolicy,
            text(&["arn:aws:iam::aws:policy/service-role/HarbourPilotAccess"]).as_slice()
        )
    );
    assert_eq!(notes[2].0, NoteKind::AwsPolicyVersion);
    assert!(notes[2].1[0].starts_with("IAMReadOnlyAccess: v2 in the export, v"));
    assert_eq!(notes[3].0, NoteKind::TrustedNotFound);
    assert_eq!(notes[4], (NoteKind::RoleDefaults, text(&["2 roles"]).as_slice()));
    assert_eq!(notes.len(), 5, "{notes:?}");
}

#[test]
fn users_keep_ids_dates_paths_and_tags() {
    let account = harbour();
    let nadia = account.users.get("nadia").unwrap();
    assert_eq!(nadia.id.as_str(), "AIDAHARBOURNADIA00001");
    assert_eq!(nadia.path, "/crew/");
    assert_eq!(nadia.created.iso(), "2024-02-03T04:05:06Z");
    assert_eq!(nadia.tags.get("Team"), Some("lights"));
    assert_eq!(nadia.groups.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["AGPAHARBOURKEEPERS001"]);
    assert!(nadia.access_keys.is_empty());
    let pavel = account.users.get("PAVEL").unwrap();
    assert_eq!(pavel.created.iso(), "2024-02-04T09:00:00Z");
    assert_eq!(pavel.boundary, Some(PolicyRef::Customer(base::UniqueId::from_text("ANPAHARBOURLIMIT00002"))));
    assert_eq!(pavel.attached.len(), 2);
    assert!(matches!(&pavel.attached[1], PolicyRef::Aws(_)));
    assert_eq!(account.users.get("olga").unwrap().created.iso(), "2024-02-03T12:05:06Z");
}

#[test]
fn documents_keep_their_text() {
    let account = harbour();
    let notes = account.users.get("nadia").unwrap().inline["own-notes"].text().to_owned();
    assert!(
        notes.starts_with("{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n"),
        "{notes}"
    );
    assert!(notes.ends_with("\n    ]\n}"), "{notes}");
    let deploy = account.roles.get("deployer").unwrap().inline["deploy"].text().to_owned();
    assert!(deploy.starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{"), "{deploy}");
}

#[test]
fn trust_policies_name_unique_ids() {
    let account = harbour();
    let deployer = account.roles.get("deployer").unwrap();
    assert!(deployer.trust.text().contains("\"Principal\": {\"AWS\": \"AIDAHARBOURNADIA00001\"}"));
    let surveyor = account.roles.get("surveyor").unwrap().trust.text().to_owned();
    let principals =
        r#"["arn:aws:iam::111122223333:root","AROAHARBOURDEPLOYER01","arn:aws:iam::111122223333:user/gone"]"#;
    assert!(surveyor.contains(principals), "{surveyor}");
}

#[test]
fn roles_bring_their_use_and_their_instance_profile() {
    let import = import(HARBOUR).unwrap();
    let snapshot = import.snapshot();
    let account = snapshot.account(import.account.id).unwrap();
    let deployer = account.roles.get("deployer").unwrap();
    let used = snapshot.role_usage(deployer.id.as_str()).unwrap();
    assert_eq!((used.at.iso().as_str(), used.region.as_str()), ("2026-05-06T07:08:09Z", "eu-north-1"));
    let profile = account.instance_profiles.get("deployer").unwrap();
    assert_eq!(profile.role.as_ref(), Some(&deployer.id));
    assert_eq!(deployer.max_session_seconds, 3600);
    assert!(snapshot.role_usage("AROAHARBOURSURVEYOR02").is_none());
}

#[test]
fn versions_stand_in_order_and_numbers_are_not_used_again() {
    let account = harbour();
    let cargo = account.policies.get("cargo-manager").unwrap();
    assert_eq!(cargo.versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 3]);
    assert_eq!((cargo.default_version, cargo.next_version), (3, 4));
    assert_eq!(cargo.updated.iso(), "2024-06-05T00:00:00Z");
    let lamp = account.policies.get("lamp-keeper").unwrap();
    assert_eq!(lamp.description.as_deref(), Some("What keepers of the lamps need"));
}

#[test]
fn an_aws_policy_unknown_here_still_decides() {
    let account = harbour();
    let copy = account.policies.get("HarbourPilotAccess").unwrap();
    assert_eq!(copy.path, "/aws-managed/service-role/");
    assert_eq!(copy.default_version, 7);
    let surveyor = account.roles.get("surveyor").unwrap();
    assert_eq!(surveyor.attached, [PolicyRef::Customer(copy.id.clone())]);
}

#[test]
fn a_copy_of_an_aws_policy_gives_way_to_a_namesake() {
    let text = with(
        "\"PolicyName\": \"lamp-keeper\",\n            \"PolicyId\"",
        "\"PolicyName\": \"harbourpilotaccess\",\n            \"PolicyId\"",
    )
    .replace("policy/lamp-keeper", "policy/harbourpilotaccess");
    let import = import(&text).unwrap();
    let account = Arc::clone(import.snapshot().account(import.account.id).unwrap());
    assert_eq!(account.policies.get("harbourpilotaccess").unwrap().id.as_str(), "ANPAHARBOURLAMP000003");
    assert_eq!(account.policies.get("HarbourPilotAccess-aws").unwrap().id.as_str(), "ANPAHARBOURPILOT00004");
}

#[test]
fn gzip_is_unpacked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(HARBOUR.as_bytes()).unwrap();
    let mut packed = encoder.finish().unwrap();
    let import = authorization_details(&packed, &options()).unwrap();
    assert_eq!(import.entities, self::import(HARBOUR).unwrap().entities);
    packed.truncate(packed.len() / 2);
    assert!(matches!(authorization_details(&packed, &options()), Err(ImportError::BrokenGzip { .. })));
}

#[test]
fn every_truncation_is_refused() {
    for end in (1..HARBOUR.len() - 2).step_by(97) {
        let cut = HARBOUR.get(..end).unwrap();
        assert!(
            matches!(import(cut), Err(ImportError::CutOff { .. })),
            "cut at {end}: {:?}",
            import(cut).err()
        );
    }
}

#[test]
fn references_into_nothing_are_refused() {
    let dangling = |from: &str, to: &str| match import(&with(from, to)) {
        Err(ImportError::Dangling { what, target, .. }) => (what, target),
        other => panic!("{other:?}"),
    };
    assert_eq!(dangling("[\"keepers\"]", "[\"pilots\"]"), ("the group", "pilots".into()));
    let (what, target) = dangling(
        "\"PolicyArn\": \"arn:aws:iam::111122223333:policy/cargo/cargo-manager\"",
        "\"PolicyArn\": \"arn:aws:iam::111122223333:policy/cargo-manager\"",
    );
    assert_eq!(
        (what, target.as_str()),
        ("the attached policy", "arn:aws:iam::111122223333:policy/cargo-manager")
    );
    let (what, _) = dangling(
        "\"PolicyArn\": \"arn:aws:iam::aws:policy/IAMReadOnlyAccess\"",
        "\"PolicyArn\": \"arn:aws:iam::aws:policy/NoSuchAccess\"",
    );
    assert_eq!(what, "the attached policy");
    let (what, _) = dangling(
        "\"PermissionsBoundaryArn\": \"arn:aws:iam::111122223333:policy/crew-limit\"",
        "\"PermissionsBoundaryArn\": \"arn:aws:iam::444455556666:policy/crew-limit\"",
    );
    assert_eq!(what, "the permissions boundary");
}

#[test]
fn what_stands_twice_is_refused() {
    let twice = |from: &str, to: &str| match import(&with(from, to)) {
        Err(ImportError::Twice { what, value, .. }) => (what, value),
        other => panic!("{other:?}"),
    };
    let pavel = "\"UserName\": \"pavel\",\n            \"UserId\": \"AIDAHARBOURPAVEL00002\",\n            \"Arn\": \"arn:aws:iam::111122223333:user/pavel\"";
    let olga = pavel.replace("pavel", "OLGA");
    assert_eq!(twice(pavel, &olga), ("the name", "olga".into()));
    assert_eq!(
        twice("AIDAHARBOUROLGA000003", "AIDAHARBOURPAVEL00002"),
        ("the unique id", "AIDAHARBOURPAVEL00002".into())
    );
    assert_eq!(
        twice("AIDAHARBOUROLGA000003", "AROAHARBOURDEPLOYER01"),
        ("the unique id", "AROAHARBOURDEPLOYER01".into())
    );
    assert_eq!(twice("[\"keepers\"]", "[\"keepers\", \"Keepers\"]"), ("the group", "Keepers".into()));
    assert_eq!(twice("\"VersionId\": \"v1\"", "\"VersionId\": \"v3\""), ("the version", "v3".into()));
    let tags = "{\"Key\": \"Team\", \"Value\": \"lights\"}";
    assert_eq!(twice(tags, &format!("{tags}, {{\"Key\": \"TEAM\"}}")), ("the tag", "TEAM".into()));
}

#[test]
fn wrong_shapes_are_refused_with_their_place() {
    let error = import(&with("\"Tags\": []", "\"Tags\": \"none\"")).unwrap_err();
    assert_eq!(error.position(), Some((44, 26)), "{error}");
    assert_eq!(
        error.to_string(),
        "the export has an unexpected shape: invalid type: string \"none\", expected a sequence"
    );
    let error = import(&with("\"UserId\": \"AIDAHARBOURPAVEL00002\",", "")).unwrap_err();
    assert_eq!(error.to_string(), "the export has an unexpected shape: missing field `UserId`");
    let error = import(&with("\"UserName\": \"pavel\",", "\"UserName\": \"pavel\", \"UserName\": \"paul\","))
        .unwrap_err();
    assert_eq!(error.to_string(), "the export has an unexpected shape: duplicate field `UserName`");
    let error = import(&with("\"UserDetailList\": [", "\"UserDetailList\": [7, ")).unwrap_err();
    assert!(error.to_string().contains("expected an object that describes a user"), "{error}");
    let error = import(&with("\"Path\": \"/crew/\",", "\"Path\": \"/crew/\" ")).unwrap_err();
    assert!(matches!(error, ImportError::NotJson { line: 5, .. }), "{error:?}");
}

#[test]
fn contradictions_are_refused() {
    type Expected = fn(&ImportError) -> bool;
    let cases: [(&str, &str, Expected); 14] = [
        ("\"Path\": \"/crew/\"", "\"Path\": \"/\"", |e| matches!(e, ImportError::ArnDisagrees { .. })),
        ("\"UserName\": \"olga\"", "\"UserName\": \"helga\"", |e| {
            matches!(e, ImportError::ArnDisagrees { .. })
        }),
        ("111122223333:user/olga", "111122223333:role/olga", |e| matches!(e, ImportError::BadArn { .. })),
        ("arn:aws:iam::111122223333:user/olga", "user/olga", |e| matches!(e, ImportError::BadArn { .. })),
        ("arn:aws:iam::111122223333:user/olga", "arn:aws-cn:iam::111122223333:user/olga", |e| {
            matches!(e, ImportError::MixedPartitions { .. })
        }),
        ("\"DefaultVersionId\": \"v3\"", "\"DefaultVersionId\": \"v2\"", |e| {
            matches!(e, ImportError::NoDefaultVersion { .. })
        }),
        ("\"VersionId\": \"v1\"", "\"VersionId\": \"one\"", |e| matches!(e, ImportError::BadValue { .. })),
        ("\"IsDefaultVersion\": false", "\"IsDefaultVersion\": true", |e| {
            matches!(e, ImportError::BadValue { .. })
        }),
        ("\"PolicyName\": \"own-notes\"", "\"PolicyName\": \"own notes\"", |e| {
            matches!(e, ImportError::BadValue { .. })
        }),
        ("AIDAHARBOUROLGA000003", "AIDA OLGA", |e| matches!(e, ImportError::BadValue { .. })),
        ("AIDAHARBOUROLGA000003", "", |e| matches!(e, ImportError::BadValue { .. })),
        ("arn:aws:iam::111122223333:user/olga", "arn:mars:iam::111122223333:user/olga", |e| {
            matches!(e, ImportError::BadArn { .. })
        }),
        ("2024-02-03T04:05:06+00:00", "last summer", |e| matches!(e, ImportError::BadValue { .. })),
        ("\"Policies\": [", "\"IsTruncated\": true, \"Policies\": [", |e| {
            matches!(e, ImportError::Incomplete)
        }),
    ];
    for (from, to, expected) in cases {
        let error = import(&with(from, to)).unwrap_err();
        assert!(expected(&error), "{to}: {error:?}");
        assert!(!error.help().is_empty());
        assert!(!error.to_string().ends_with('.'));
    }
}

#[test]
fn documents_that_are_none_are_refused_and_bad_ones_are_told() {
    let document = "\"Document\": {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"geo:Get*\", \"Resource\": \"*\"}]}";
    assert!(matches!(import(&with(document, "\"Document\": 7")), Err(ImportError::NoDocument { .. })));
    assert!(matches!(
        import(&with(document, "\"Document\": null")),
        Err(ImportError::NoDefaultVersion { .. })
    ));
    let told = |to: &str| {
        let report = import(&with(document, to)).unwrap().report;
        report.notes.into_iter().map(|note| note.kind).collect::<Vec<_>>()
    };
    assert!(told("\"Document\": \"hello\"").contains(&NoteKind::InvalidDocument));
    let faulty = document.replace("\"Allow\"", "\"Permit\"");
    assert!(told(&faulty).contains(&NoteKind::FaultyDocument));
}

#[test]
fn names_that_iam_would_not_take_are_refused() {
    let long = "o".repeat(65);
    for name in ["ol\\u0000ga", "ol ga", "ol/ga", "ölga", "ol*ga", long.as_str()] {
        let text =
            HARBOUR.replace("user/olga", &format!("user/{name}")).replace("\"olga\"", &format!("\"{name}\""));
        let error = import(&text).unwrap_err();
        let told = matches!(error, ImportError::BadValue { .. } | ImportError::ArnDisagrees { .. });
        assert!(told, "{name}: {error:?}");
    }
}

#[test]
fn a_policy_of_ten_megabytes_is_refused() {
    let huge = format!("\"Action\": [\"{}\"]", "x".repeat(10 << 20));
    let error = import(&with("\"Action\": \"geo:Get*\"", &huge)).unwrap_err();
    assert!(
        matches!(error, ImportError::DocumentTooLarge { size, .. } if size > 10 << 20),
        "{}",
        error.help()
    );
}

#[test]
fn the_account_is_the_exports_own() {
    let other = AccountId::parse("444455556666").unwrap();
    let asked = ImportOptions { account_id: Some(other), ..options() };
    assert!(matches!(
        authorization_details(HARBOUR.as_bytes(), &asked),
        Err(ImportError::OtherAccount { .. })
    ));
    let empty = b"{\"UserDetailList\": []}";
    assert_eq!(authorization_details(empty, &options()).unwrap_err(), ImportError::AccountUnknown);
    let import = authorization_details(empty, &asked).unwrap();
    assert_eq!((import.account.id, import.entities.len()), (other, 1));
    assert_eq!(import.report.notes[0].kind, NoteKind::ListAbsent);
    assert_eq!(import.report.notes[0].subjects, ["GroupDetailList", "RoleDetailList", "Policies"]);
}

#[test]
fn entities_of_a_second_account_get_an_account_of_their_own() {
    let text = HARBOUR.replace("arn:aws:iam::111122223333:user/olga", "arn:aws:iam::444455556666:user/olga");
    let import = import(&text).unwrap();
    let snapshot = import.snapshot();
    assert_eq!(import.account.id.as_str(), "111122223333");
    assert_eq!(snapshot.accounts().count(), 2);
    let second = snapshot.account(AccountId::parse("444455556666").unwrap()).unwrap();
    assert!(second.users.get("olga").is_some());
    assert!(import.report.notes.iter().any(|note| note.kind == NoteKind::SeveralAccounts));
    let member = text.replacen(
        "\"CreateDate\": 1706961906",
        "\"CreateDate\": 1706961906, \"GroupList\": [\"keepers\"]",
        1,
    );
    assert!(matches!(self::import(&member), Err(ImportError::Dangling { .. })));
}

#[test]
fn the_report_survives_json() {
    let report = import(HARBOUR).unwrap().report;
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<bailiwick_audit::import::ImportReport>(&text).unwrap(), report);
}

#[test]
fn no_damage_breaks_the_reader() {
    // Whatever happens to a byte, there is an import or an error, and an import can be asked.
    for at in (0..HARBOUR.len()).step_by(41) {
        for byte in [b'"', b'{', b']', b'\\', b'%', b'0', b' ', 0xff] {
            let mut damaged = HARBOUR.as_bytes().to_vec();
            damaged[at] = byte;
            if let Ok(import) = authorization_details(&damaged, &options()) {
                assert_eq!(import.snapshot().accounts().count(), import.report.accounts.len());
            }
        }
    }
}
