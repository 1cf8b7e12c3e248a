//! Resources let in nobody from outside: one check for each kind of stranger, and what they share.

use super::{Area, Check, Judged};
use crate::auditor::Auditor;
use crate::external::{ExternalAccess, mend};
use crate::finding::{Evidence, ExternalKind, Severity};
use base::AccountId;
use policy::{Document, Statement};

const JUDGED: &str = "For everybody whom the policy could mean it is asked whether it allows any request, given the \
    organization's resource control policies and, of buckets, the block of public access; what is of the organization is \
    trusted. The request that was found is shown.";
const ACCESS_ANALYZER: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html";

pub(super) const PUBLIC: Check = Check {
    id: "external-public",
    title: "No role or resource lets in just anybody",
    severity: Severity::Critical,
    area: Area::External,
    why: "Whoever finds the name can use it, with no relation to the account at all.",
    judged: JUDGED,
    remediation: "Name the principals that need it, or limit it to the organization with aws:PrincipalOrgID.",
    references: &[
        ACCESS_ANALYZER,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Public),
};

pub(super) const ACCOUNT: Check = Check {
    id: "external-account",
    title: "No account outside the organization has access",
    severity: Severity::High,
    area: Area::External,
    why: "Whoever runs the other account, or breaks into it, has the access too, and nobody here sees them.",
    judged: JUDGED,
    remediation: "Take the account out, or say in the settings that it is trusted; of roles for third parties demand an \
                  external id.",
    references: &[
        ACCESS_ANALYZER,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Account),
};

pub(super) const VENDOR: Check = Check {
    id: "external-vendor",
    title: "Vendors have no more access than they need",
    severity: Severity::Medium,
    area: Area::External,
    why: "A vendor that is broken into takes its customers along; what it may reach is what is lost.",
    judged: JUDGED,
    remediation: "Check that the vendor is still needed, that its role demands an external id, and what it may do.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Vendor),
};

pub(super) const ORGANIZATION: Check = Check {
    id: "external-organization",
    title: "No other organization has access",
    severity: Severity::High,
    area: Area::External,
    why: "Every account that the other organization has or will have is let in.",
    judged: JUDGED,
    remediation: "Name the accounts or roles that need it.",
    references: &[ACCESS_ANALYZER],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Organization),
};

pub(super) const SERVICE: Check = Check {
    id: "external-service",
    title: "Services are told for whom they may act",
    severity: Severity::Medium,
    area: Area::External,
    why: "A service acts for all its customers; without a source it can be asked by any of them to use this resource \
          (the confused deputy).",
    judged: JUDGED,
    remediation: "Add aws:SourceAccount, aws:SourceArn or aws:SourceOrgID to the statement.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Service),
};

pub(super) const FEDERATED: Check = Check {
    id: "external-federated",
    title: "Roles for shared identity providers fix whose token it is",
    severity: Severity::Critical,
    area: Area::External,
    why: "Anybody can get a token of GitHub, Google and their like; without a condition on the subject any of them can \
          assume the role.",
    judged: JUDGED,
    remediation: "Fix the subject (for GitHub repo:OWNER/REPOSITORY and the branch or environment), not only the audience.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html",
    ],
    needs: &[],
    run: |auditor, account, judged| run(auditor, account, judged, ExternalKind::Federated),
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>, kind: ExternalKind) {
    let Some(externals) = auditor.externals(account) else { return };
    let found: Vec<&ExternalAccess> =
        externals.found.iter().filter(|found| found.external.kind == kind).collect();
    for _ in found.len()..externals.resources {
        judged.pass();
    }
    for access in found {
        tell(auditor, account, judged, access);
    }
    if kind == ExternalKind::Public {
        for (resource, reason) in &externals.open {
            judged.not_assessable(resource, reason);
        }
    }
}

fn tell(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>, access: &ExternalAccess) {
    let who = &access.external.who;
    let Some(finding) = judged.fail(&access.resource, who, message(access)) else { return };
    let text = text_of(auditor, account, access);
    finding.severity = severity(access, finding.severity);
    finding.principals = access.external.who.starts_with("arn:").then(|| who.clone()).into_iter().collect();
    finding.external = Some(access.external.clone());
    finding.actions = access.actions.clone();
    finding.witness = access.witness.clone();
    finding.evidence = evidence(access, text.as_deref());
    finding.fix = Some(mend(access, account, text.as_deref()));
}

fn message(access: &ExternalAccess) -> String {
    let (who, name) = (&access.external.who, &access.external.name);
    let limits = if access.external.conditions.is_empty() { "" } else { ", under conditions" };
    let by = access.by.as_ref().map(|by| format!(" by its {by}")).unwrap_or_default();
    match access.external.kind {
        ExternalKind::Public => format!("anybody has access{by}{limits}"),
        ExternalKind::Account => {
            format!("account {who}, which is not of the organization, has access{by}{limits}")
        }
        ExternalKind::Vendor => {
            format!("{} ({who}) has access{by}{limits}", name.as_deref().unwrap_or("a vendor"))
        }
        ExternalKind::Organization => format!("organization {who} has access{limits}"),
        ExternalKind::Service => format!("{who} may act for anybody{limits}"),
        ExternalKind::Federated => {
            format!("anybody with a token of {} can assume the role{limits}", name.as_deref().unwrap_or(who))
        }
    }
}

/// A role that an account outside may assume without an external id: the account may be talked into it by another of its
/// customers.
fn no_id(access: &ExternalAccess) -> &'static str {
    let is_demanded =
        access.external.conditions.iter().any(|condition| condition.starts_with("sts:ExternalId"));
    if access.kind == "AWS::IAM::Role" && !is_demanded { ", without an external id" } else { "" }
}

/// Roles, keys, secrets and data are worse to lose than a place to send messages to.
fn severity(access: &ExternalAccess, severity: Severity) -> Severity {
    match (access.external.kind, access.kind.as_str()) {
        (ExternalKind::Public, "AWS::SNS::Topic" | "AWS::SQS::Queue" | "AWS::ECR::Repository") => {
            Severity::High
        }
        (ExternalKind::Vendor, _) if !no_id(access).is_empty() => Severity::High,
        _ => severity,
    }
}

fn text_of(auditor: &Auditor<'_>, account: AccountId, access: &ExternalAccess) -> Option<String> {
    if access.kind == "AWS::IAM::Role" {
        let state = auditor.estate.snapshot.account(account)?;
        let is_it = |role: &&std::sync::Arc<model::Role>| {
            role.arn(auditor.estate.partition).as_str() == access.resource
        };
        return state.roles.iter().find(is_it).map(|role| role.trust.text().to_owned());
    }
    let resources = auditor.estate.facts(account)?.resources.as_ref()?;
    let resource = resources.iter().find(|resource| resource.arn == access.resource)?;
    resource.policy.as_ref().map(|policy| policy.text().to_owned())
}

fn evidence(access: &ExternalAccess, text: Option<&str>) -> Vec<Evidence> {
    if let Some(by) = &access.by {
        return vec![Evidence::new(format!("the {by} lets them in"), &access.resource)];
    }
    let Some(document) = text.and_then(|text| Document::parse_tolerant(text).0) else { return Vec::new() };
    let blamed =
        document.statements().iter().filter(|statement| access.statements.contains(&statement.index));
    blamed.map(|statement| of_statement(access, &document, statement)).collect()
}

fn of_statement(access: &ExternalAccess, document: &Document, statement: &Statement) -> Evidence {
    let what = if access.kind == "AWS::IAM::Role" {
        "the trust policy allows it"
    } else {
        "the resource's policy allows it"
    };
    let sid = statement.sid.as_ref().map(|sid| sid.value.to_string()).filter(|sid| !sid.is_empty());
    let (start, end) = (statement.span.start as usize, statement.span.end as usize);
    Evidence {
        statement: Some(sid.unwrap_or_else(|| (statement.index + 1).to_string())),
        line: Some(base::span::position(document.text(), statement.span.start).line),
        text: document.text().get(start..end).map(str::to_owned),
        ..Evidence::new(what, &access.resource)
    }
}
