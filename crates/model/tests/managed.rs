//! The policies that AWS manages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_model::managed;
use base::{IdKind, Partition, UniqueId};
use std::collections::HashSet;

#[test]
fn policies_are_found_by_arn_in_any_partition() {
    let policy = managed::by_arn("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap();
    assert_eq!(policy.name(), "ReadOnlyAccess");
    assert_eq!(
        policy.arn(Partition::by_id("aws-cn").unwrap()).as_str(),
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
    );
    assert!(managed::by_arn("arn:aws-cn:iam::aws:policy/ReadOnlyAccess").is_some());
    assert!(managed::by_arn("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess").is_some());
    for unknown in [
        "arn:aws:iam::aws:policy/readonlyaccess",
        "arn:aws:iam::aws:policy/ViewOnlyAccess",
        "arn:aws:iam::123456789012:policy/ReadOnlyAccess",
        "arn:mars:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam:us-east-1:aws:policy/ReadOnlyAccess",
        "ReadOnlyAccess",
    ] {
        assert!(managed::by_arn(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn known_policies_have_their_known_facts() {
    let policy = managed::by_arn("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
    assert_eq!(policy.id(), "ANPAIWMBCKSKIEE64ZLYK");
    assert_eq!(policy.default_version(), 1);
    assert_eq!(policy.created().iso(), "2015-02-06T18:39:46Z");
    assert_eq!(policy.path(), "/");
    let expected = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"#;
    assert_eq!(policy.document(), expected);
    // Ids as an export of a real account has them.
    for (resource, id) in [
        ("policy/ReadOnlyAccess", "ANPAILL3HVNFSB6DCOWYQ"),
        ("policy/SecurityAudit", "ANPAIX2T3QCXHR2OGGCTO"),
        ("policy/job-function/ViewOnlyAccess", "ANPAID22R6XPJATWOFDK6"),
        ("policy/AmazonS3FullAccess", "ANPAIFIR6V6BVTRAHWINE"),
    ] {
        assert_eq!(managed::by_resource(resource).unwrap().id(), id, "{resource}");
        assert_eq!(managed::by_id(id).unwrap().id(), id);
    }
}

#[test]
fn ids_are_unique_and_of_the_right_form() {
    let ids: HashSet<_> = managed::all().map(|policy| policy.id()).collect();
    assert_eq!(ids.len(), managed::all().len());
    for id in ids {
        assert_eq!(UniqueId::from_text(id).kind(), Some(IdKind::Policy), "{id}");
        assert!(
            id.len() == 21 && id.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)),
            "{id}"
        );
    }
}

#[test]
fn documents_are_policies() {
    for policy in managed::all() {
        let document: serde_json::Value = serde_json::from_str(&policy.document()).unwrap();
        let keys: Vec<_> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["Version", "Statement"], "{policy:?}");
        assert!(policy.created() <= policy.updated(), "{policy:?}");
    }
    assert!(managed::all().len() > 1_500);
    assert!(managed::all().map(|policy| policy.name()).is_sorted());
}

#[test]
fn documents_speak_of_their_partition() {
    let policy = managed::by_resource("policy/AmazonEC2ReadOnlyAccess").unwrap();
    assert_eq!(policy.document_in(Partition::aws()), policy.document());
    let policy = managed::all().find(|policy| policy.document().contains("\"arn:aws:s3:::")).unwrap();
    let there = policy.document_in(Partition::by_id("aws-cn").unwrap());
    assert!(there.contains("\"arn:aws-cn:s3:::") && !there.contains("\"arn:aws:"), "{there}");
}
