//! AWS's own policies under validation: nothing breaks, and no action of theirs is unknown but for a short list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_model::managed::{self, AwsManagedPolicy};
use policy::DocumentKind;
use policy::validate::{RETIRED, UNPUBLISHED, ValidateOptions, validate};
use std::collections::{BTreeMap, HashSet};

/// Prefixes and actions of the past that none of AWS's policies names any more.
const OF_THE_PAST: [&str; 6] =
    ["application-cost-profiler", "gamesparks", "iotthingsgraph", "macie", "mobilehub", "sumerian"];

/// What was found in one policy: code and the text at its place.
fn findings(policy: &AwsManagedPolicy) -> Vec<(&'static str, String)> {
    let text = policy.document();
    let found = validate(&text, ValidateOptions::new(DocumentKind::Identity));
    found
        .iter()
        .map(|finding| (finding.check.code(), finding.span.of(&text).trim_matches('"').to_owned()))
        .collect()
}

#[test]
fn of_awss_policies_only_listed_actions_are_unknown() {
    let all: Vec<_> = managed::all().collect();
    let half = all.len() / 2;
    let judge = |part: &[&'static AwsManagedPolicy]| -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        part.iter().map(|policy| (policy.name(), findings(policy))).collect()
    };
    let found = std::thread::scope(|scope| {
        let first = scope.spawn(|| judge(&all[..half]));
        let mut rest = judge(&all[half..]);
        rest.extend(first.join().unwrap());
        rest
    });
    let (mut codes, mut listed): (BTreeMap<&str, usize>, HashSet<String>) = Default::default();
    for (policy, findings) in &found {
        for (code, text) in findings {
            *codes.entry(code).or_default() += 1;
            assert!(
                !["INVALID_ACTION", "INVALID_SERVICE_IN_ACTION"].contains(code),
                "{policy}: {code} {text}"
            );
            if code.starts_with("BAILIWICK_RETIRED") || code.starts_with("BAILIWICK_UNPUBLISHED") {
                let service = text.split(':').next().unwrap();
                listed.extend([text.clone(), service.to_owned(), format!("{service}:*")]);
            }
        }
    }
    for (name, _) in RETIRED.iter().chain(UNPUBLISHED) {
        assert!(listed.contains(*name) || OF_THE_PAST.contains(name), "no policy names `{name}` any more");
    }
    // What AWS calls an error is rare in what AWS writes: a check that finds more is likely wrong.
    for (code, most) in [
        ("INVALID_ARN_RESOURCE", 60),
        ("MISSING_ARN_ACCOUNT", 15),
        ("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", 40),
        ("INVALID_GLOBAL_CONDITION_KEY", 3),
        ("INVALID_SERVICE_CONDITION_KEY", 3),
        ("MISSING_QUALIFIER", 5),
        ("TYPE_MISMATCH", 5),
        ("WILDCARD_WITHOUT_LIKE_OPERATOR", 5),
    ] {
        let count = codes.get(code).copied().unwrap_or_default();
        assert!(count <= most, "{code}: {count}");
    }
    for never in [
        "JSON_SYNTAX_ERROR",
        "INVALID_PARTITION",
        "ARN_REGION_NOT_ALLOWED",
        "MISSING_ARN_REGION",
        "INVALID_ARN_REGION",
    ] {
        assert!(!codes.contains_key(never), "{never}");
    }
}

/// AWS's reference names the policies in which it finds these itself.
#[test]
fn what_aws_says_of_its_own_policies_is_found() {
    for (policy, code) in [
        ("AdministratorAccess", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"),
        ("AdministratorAccess", "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"),
        ("IAMFullAccess", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"),
        ("AdministratorAccess-Amplify", "PASS_ROLE_WITH_STAR_IN_RESOURCE"),
        ("PowerUserAccess", "CREATE_SLR_WITH_STAR_IN_RESOURCE"),
        ("ReadOnlyAccess", "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
        ("AmazonSecurityLakeAdministrator", "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"),
        ("S3UnlockBucketPolicy", "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"),
    ] {
        let policy = managed::all().find(|known| known.name() == policy).unwrap();
        assert!(findings(policy).iter().any(|(found, _)| *found == code), "{policy:?} {code}");
    }
}
