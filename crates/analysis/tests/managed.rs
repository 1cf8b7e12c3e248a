//! AWS's own policies, compared with one another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_analysis::*;
use policy::{Document, DocumentKind};
use std::sync::Arc;

/// Well-known policies, wide and narrow.
const NAMES: [&str; 20] = [
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "job-function/ViewOnlyAccess",
    "SecurityAudit",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSNSFullAccess",
    "AWSLambda_FullAccess",
    "service-role/AWSLambdaBasicExecutionRole",
    "CloudWatchLogsFullAccess",
    "AmazonRDSFullAccess",
    "IAMUserChangePassword",
    "job-function/Billing",
];

fn access(name: &str) -> Access {
    let policy = model::managed::by_resource(&format!("policy/{name}")).unwrap_or_else(|| panic!("{name}"));
    let document = Document::parse_strict(&policy.document(), DocumentKind::Identity).unwrap();
    Access::of(Arc::new(document), DocumentKind::Identity)
}

#[test]
fn every_pair_is_decided() {
    let accesses: Vec<Access> = NAMES.iter().map(|name| access(name)).collect();
    let mut proved = Vec::new();
    for (one, new) in NAMES.iter().zip(&accesses) {
        for (other, old) in NAMES.iter().zip(&accesses) {
            match no_new_access(new, old, &Scope::default(), Options::default()) {
                Verdict::Proved if one != other => proved.push(format!("{one} <= {other}")),
                Verdict::Proved => {}
                Verdict::Refuted(_) => assert_ne!(one, other),
                Verdict::Undetermined(reasons) => panic!("{one} {other} {reasons:?}"),
            }
        }
    }
    // Everything is within what administrators may, and little else within one another.
    assert_eq!(proved.iter().filter(|pair| pair.ends_with("<= AdministratorAccess")).count(), 19);
    for pair in [
        "IAMReadOnlyAccess <= IAMFullAccess",
        "AmazonSQSFullAccess <= PowerUserAccess",
        "IAMUserChangePassword <= IAMFullAccess",
        "service-role/AWSLambdaBasicExecutionRole <= CloudWatchLogsFullAccess",
    ] {
        assert!(proved.iter().any(|known| known == pair), "{pair}\n{}", proved.join("\n"));
    }
    for pair in ["IAMFullAccess <= PowerUserAccess", "ReadOnlyAccess <= job-function/ViewOnlyAccess"] {
        assert!(!proved.iter().any(|known| known == pair), "{pair}");
    }
}
