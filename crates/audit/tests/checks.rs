//! Every check fails in a world that is all wrong and passes in one that is in order; look-alikes are not told of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "checks/look_alikes.rs"]
mod look_alikes;
#[path = "checks/worlds.rs"]
mod worlds;

use bailiwick_audit::auditor::{Auditor, Outcome};
use bailiwick_audit::checks::{ALL, Area};
use bailiwick_audit::compliance::{self, RequirementStatus, frameworks};
use bailiwick_audit::estate::{Estate, Facts};
use bailiwick_audit::finding::Status;
use bailiwick_audit::settings::Settings;
use base::Partition;
use std::collections::{BTreeMap, BTreeSet};
use worlds::{OWN, bad, good, id, now};

fn audit(estate: &Estate) -> Outcome {
    Auditor::new(estate, &Settings::default(), now()).run()
}

/// The statuses that each check told.
fn told(outcome: &Outcome) -> BTreeMap<&'static str, BTreeSet<Status>> {
    let mut all: BTreeMap<&'static str, BTreeSet<Status>> = BTreeMap::new();
    for finding in &outcome.findings {
        all.entry(finding.check).or_default().insert(finding.status);
    }
    all
}

/// Paths and access from outside have tests of their own.
fn is_tested_here(area: Area) -> bool {
    !matches!(area, Area::External | Area::Escalation)
}

#[test]
fn every_check_fails_where_all_is_wrong() {
    let outcome = audit(&bad());
    let told = told(&outcome);
    let silent: Vec<_> = ALL
        .iter()
        .filter(|check| is_tested_here(check.area) && !told[check.id].contains(&Status::Fail))
        .map(|check| {
            (check.id, outcome.findings.iter().find(|it| it.check == check.id).map(|it| it.message.clone()))
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn every_check_passes_where_all_is_in_order() {
    let outcome = audit(&good());
    let wrong: Vec<_> = outcome
        .findings
        .iter()
        .filter(|it| it.status != Status::Pass)
        .filter(|it| is_tested_here(bailiwick_audit::checks::by_id(it.check).unwrap().area))
        .map(|it| (it.check, &it.resource, &it.message))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let hollow: Vec<_> = ALL
        .iter()
        .filter(|check| is_tested_here(check.area) && outcome.passed[&(id(OWN), check.id)] == 0)
        .map(|check| check.id)
        .collect();
    // There is nothing of the kind where all is in order, or it is judged in the next test: nobody has a password here.
    let nothing = [&PEOPLE[..], &["key-setup", "key-inactive", "full-access-aws", "kms-duties"]].concat();
    let hollow: Vec<_> = hollow.into_iter().filter(|id| !nothing.contains(id)).collect();
    assert!(hollow.is_empty(), "nothing was judged by {hollow:?}");
}

/// Checks of people with passwords and of users with policies of their own.
const PEOPLE: [&str; 9] = [
    "console-mfa",
    "console-unused",
    "mfa-hardware",
    "password-age",
    "key-on-person",
    "key-unused",
    "full-access-inline",
    "user-mixed",
    "inline-same",
];

#[test]
fn people_in_order_pass() {
    let outcome = audit(&worlds::people());
    for check in PEOPLE {
        let failed: Vec<_> = outcome.failed().filter(|it| it.check == check).map(|it| &it.message).collect();
        assert!(failed.is_empty(), "{check}: {failed:?}");
        assert!(outcome.passed[&(id(OWN), check)] > 0, "{check}");
    }
}

#[test]
fn findings_have_all_that_is_needed_to_act() {
    for finding in audit(&bad()).failed() {
        let check = bailiwick_audit::checks::by_id(finding.check).unwrap();
        if !is_tested_here(check.area) {
            continue;
        }
        let name = format!("{} {}", finding.check, finding.message);
        assert!(!finding.evidence.is_empty(), "{name}: no evidence");
        let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{name}: no fix"));
        assert!(!fix.summary.is_empty() && !fix.action.is_empty(), "{name}");
        assert!(finding.resource.starts_with("arn:"), "{name}: {}", finding.resource);
        assert!(!finding.message.ends_with('.'), "{name}");
    }
}

#[test]
fn fingerprints_are_unique() {
    let outcome = audit(&bad());
    let mut seen = BTreeMap::new();
    for finding in outcome.failed() {
        if let Some(other) = seen.insert(&finding.fingerprint, finding) {
            panic!("{} {} and {} have one fingerprint", finding.check, finding.message, other.message);
        }
    }
}

#[test]
fn nothing_passes_without_its_inputs() {
    let mut estate = Estate::new(Partition::aws());
    estate.accounts.insert(id(OWN), Facts { entities: true, ..Facts::default() });
    let account = model::Account::new(id(OWN), "own", base::Timestamp::default());
    estate.snapshot.put(account.into()).unwrap();
    let told = told(&audit(&estate));
    for check in ALL {
        let lacks = check.needs.iter().any(|input| !estate.has(id(OWN), *input));
        let only = &told[check.id];
        if lacks {
            assert_eq!(only.iter().collect::<Vec<_>>(), [&Status::NotAssessable], "{}", check.id);
        }
    }
    for id in ["root-access-key", "root-mfa", "root-certificate", "unused-provider"] {
        assert!(told[id].contains(&Status::NotAssessable), "{id}");
    }
}

#[test]
fn checks_are_well_described() {
    let mut ids = BTreeSet::new();
    let mut order = Vec::new();
    for check in ALL {
        assert!(ids.insert(check.id), "{} is there twice", check.id);
        assert!(
            check
                .id
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
        );
        for text in [check.why, check.judged, check.remediation] {
            assert!(text.ends_with('.') && text.len() > 10, "{}: {text}", check.id);
        }
        assert!(!check.title.ends_with('.'), "{}", check.id);
        assert!(!check.references.is_empty(), "{}", check.id);
        assert!(check.references.iter().all(|link| link.starts_with("https://")), "{}", check.id);
        order.push(Area::ALL.iter().position(|area| *area == check.area).unwrap());
    }
    assert!(order.is_sorted(), "the table is in the order of the report");
}

#[test]
fn requirements_name_checks_that_are_there() {
    for framework in frameworks() {
        let mut ids = BTreeSet::new();
        for requirement in &framework.requirements {
            assert!(ids.insert(requirement.id), "{} {} is there twice", framework.id, requirement.id);
            for check in &requirement.checks {
                assert!(
                    bailiwick_audit::checks::by_id(check).is_some(),
                    "{} {}: {check}",
                    framework.id,
                    requirement.id
                );
            }
        }
    }
    let ids: Vec<_> = frameworks().iter().map(|framework| framework.id).collect();
    assert_eq!(
        ids,
        [
            "cis-3.0",
            "cis-5.0",
            "cis-6.0",
            "cis-7.0",
            "pci-dss-4.0.1",
            "hipaa",
            "gdpr",
            "soc-2",
            "nist-800-53r5",
            "iso-27001-2022",
            "aws-fsbp"
        ]
    );
}

fn status(estate: &Estate, framework: &str, requirement: &str) -> RequirementStatus {
    let settings = Settings::default();
    let auditor = Auditor::new(estate, &settings, now());
    let assessment = compliance::assess(compliance::framework(framework).unwrap(), &auditor, &auditor.run());
    assessment.requirements.iter().find(|it| it.id == requirement).unwrap().status
}

#[test]
fn requirements_are_judged_by_their_own_numbers() {
    let (bad, mut good) = (bad(), good());
    for (framework, requirement) in
        [("cis-3.0", "1.4"), ("cis-7.0", "2.4"), ("aws-fsbp", "IAM.1"), ("gdpr", "25")]
    {
        assert_eq!(
            status(&bad, framework, requirement),
            RequirementStatus::Failed,
            "{framework} {requirement}"
        );
    }
    for (framework, requirement) in
        [("cis-3.0", "1.4"), ("cis-3.0", "1.8"), ("cis-7.0", "2.14"), ("pci-dss-4.0.1", "8.3.6")]
    {
        assert_eq!(
            status(&good, framework, requirement),
            RequirementStatus::Passed,
            "{framework} {requirement}"
        );
    }
    assert_eq!(status(&good, "cis-3.0", "1.1"), RequirementStatus::NotAssessable);
    // Twelve characters are enough for the house and for PCI, not for CIS and NIST.
    let facts = good.accounts.get_mut(&id(OWN)).unwrap();
    facts.password_policy.as_mut().unwrap().as_mut().unwrap().minimum_password_length = 12;
    assert_eq!(status(&good, "cis-3.0", "1.8"), RequirementStatus::Failed);
    assert_eq!(status(&good, "nist-800-53r5", "IA-5(1)"), RequirementStatus::Failed);
    assert_eq!(status(&good, "pci-dss-4.0.1", "8.3.6"), RequirementStatus::Passed);
}
