//! What comes first: the risk of each finding, findings folded into actions, grades by area.
//!
//! Risk = what is reached × how exposed it is × what protection leaves of it, each 0–1 and each with its reason in words.
//! The values are those of [`values`]; nothing else goes into the number. The risk of several findings that one action
//! ends is 1 − (1 − r₁)(1 − r₂/2)(1 − r₃/4)…, the greatest first: it grows with each and never exceeds the whole, and a
//! hundred trifles do not come before one danger.

mod actions;
mod grades;
mod standing;
pub mod values;

pub use actions::{Action, Actions};
pub use grades::{Grade, Letter, Tallies, Tally};

use crate::auditor::Auditor;
use crate::finding::{ExternalKind, Finding, Risk, Severity, Status, Term};
use base::{AccountId, ArnRef};
use model::organization::OrganizationPolicyKind;
use standing::{Standing, Standings};
use values::{Value, opening, protection, reach, way};

/// Judges the risk of findings of one account.
#[derive(Debug)]
pub struct Ranking<'a> {
    standings: Standings<'a>,
    guarded: bool,
}

impl<'a> Ranking<'a> {
    /// The ranking of an account's findings.
    pub fn new(auditor: &'a Auditor<'a>, account: AccountId) -> Self {
        let levels = auditor.estate.guardrails(account, OrganizationPolicyKind::Scp);
        let denies = |text: &str| text.contains("\"Deny\"");
        let guarded = levels.iter().flatten().any(|policy| denies(policy.text.text()));
        Self { standings: Standings::new(auditor, account), guarded }
    }

    /// Gives every finding that failed its risk, and puts them in order: what failed first, the greatest risk first.
    pub fn rank(&mut self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.status == Status::Fail) {
            finding.risk = Some(self.risk(finding));
        }
        let score = |finding: &Finding| finding.risk.as_ref().map_or(0.0, |risk| risk.score);
        findings.sort_by(|a, b| {
            (a.status.cmp(&b.status))
                .then_with(|| score(b).total_cmp(&score(a)))
                .then_with(|| b.severity.cmp(&a.severity))
                .then_with(|| a.check.cmp(b.check))
                .then_with(|| a.resource.cmp(&b.resource))
                .then_with(|| a.fingerprint.cmp(&b.fingerprint))
        });
    }

    /// The risk of a finding, term by term.
    pub fn risk(&mut self, finding: &Finding) -> Risk {
        let concerned = self.concerned(finding);
        let reach = reached(finding, &concerned);
        let exposure = exposed(finding, &concerned);
        let protection = self.protected(finding, &concerned);
        let score = 100.0 * reach.value * exposure.value * protection.value;
        Risk { score: tenth(score), reach, exposure, protection }
    }

    /// The identities that the finding is about.
    fn concerned(&mut self, finding: &Finding) -> Vec<std::rc::Rc<Standing>> {
        let names = std::iter::once(&finding.resource).chain(&finding.principals);
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        // A thousand principals of one finding are not told apart any more.
        names.into_iter().take(64).filter_map(|arn| self.standings.of(arn)).collect()
    }

    fn protected(&self, finding: &Finding, concerned: &[std::rc::Rc<Standing>]) -> Term {
        let mut found: Vec<Value> = Vec::new();
        let steps = finding.path.iter().flatten().flat_map(|step| &step.conditions);
        let outside = finding.external.iter().flat_map(|external| &external.conditions);
        let conditions: Vec<&String> = steps.chain(outside).collect();
        if conditions.iter().any(|text| text.to_ascii_lowercase().contains("multifactorauth")) {
            found.push(protection::MFA);
        } else if !conditions.is_empty() {
            found.push(protection::CONDITIONS);
        }
        if !concerned.is_empty() && concerned.iter().all(|standing| standing.bounded) {
            found.push(protection::BOUNDARY);
        }
        if self.guarded && !is_root(&finding.resource) {
            found.push(protection::GUARDRAILS);
        }
        if found.is_empty() {
            return Term { value: 1.0, because: "nothing else protects it".to_owned() };
        }
        let because = found.iter().map(|value| format!("{} ({})", value.when, value.value));
        Term {
            value: thousandth(found.iter().map(|value| value.value).product()),
            because: because.collect::<Vec<_>>().join("; "),
        }
    }
}

fn is_root(arn: &str) -> bool {
    arn.ends_with(":root")
}

/// What is reached.
fn reached(finding: &Finding, concerned: &[std::rc::Rc<Standing>]) -> Term {
    let best = concerned.iter().max_by(|a, b| a.reach.value.total_cmp(&b.reach.value));
    if let Some(last) = finding.path.as_ref().and_then(|path| path.last()) {
        let gained = concerned.iter().find(|standing| standing.arn == last.to);
        let worst = finding.severity == Severity::Critical || last.from == last.to;
        return match gained {
            Some(gained) if !worst => term(gained.reach, &gained.arn),
            _ if worst => because(reach::EVERYTHING, "the path ends at an administrator"),
            _ => because(reach::IDENTITIES, "the path ends at other permissions than were given"),
        };
    }
    if is_root(&finding.resource) && finding.principals.iter().all(|arn| is_root(arn)) {
        return if finding.principals.is_empty() {
            because(reach::ALL_USERS, reach::ALL_USERS.when)
        } else {
            because(reach::EVERYTHING, "the root user can do everything")
        };
    }
    match best {
        Some(best) => term(best.reach, &best.arn),
        None if finding.external.is_some() || !finding.actions.is_empty() => {
            because(reach::RESOURCE, &format!("{}: {}", name(&finding.resource), reach::RESOURCE.when))
        }
        None => because(reach::UNKNOWN, reach::UNKNOWN.when),
    }
}

/// How exposed it is.
fn exposed(finding: &Finding, concerned: &[std::rc::Rc<Standing>]) -> Term {
    let (way, why) = way_in(finding, concerned);
    let opening = opening(finding.severity);
    Term {
        value: thousandth(opening * way.value),
        because: format!("{} finding ({opening}) × {why} ({})", finding.severity.as_str(), way.value),
    }
}

fn way_in(finding: &Finding, concerned: &[std::rc::Rc<Standing>]) -> (Value, String) {
    if let Some(external) = &finding.external {
        let way = match external.kind {
            ExternalKind::Public => way::PUBLIC,
            ExternalKind::Account | ExternalKind::Organization | ExternalKind::Federated => way::STRANGERS,
            ExternalKind::Vendor => way::VENDOR,
            ExternalKind::Service => way::DEPUTY,
        };
        return (way, format!("{}: {}", external.name.as_deref().unwrap_or(&external.who), way.when));
    }
    // Of a path it counts how one gets to its beginning.
    let start = finding.path.as_ref().and_then(|path| path.first()).map(|step| step.from.as_str());
    let of_start = concerned.iter().filter(|standing| start.is_none_or(|start| standing.arn == start));
    let best = of_start.max_by(|a, b| a.way.value.total_cmp(&b.way.value));
    match best {
        Some(best) => (best.way, format!("{}: {}", name(&best.arn), best.way.when)),
        None if is_root(&finding.resource) => (way::PASSWORD, "the account's own sign-in".to_owned()),
        None => (way::UNKNOWN, way::UNKNOWN.when.to_owned()),
    }
}

fn term(value: Value, arn: &str) -> Term {
    because(value, &format!("{}: {}", name(arn), value.when))
}

fn because(value: Value, because: &str) -> Term {
    Term { value: value.value, because: because.to_owned() }
}

/// `role/app` of a principal's ARN, the whole of others.
pub(crate) fn name(arn: &str) -> &str {
    match ArnRef::parse(arn) {
        Some(parts) if parts.service == "iam" => parts.resource,
        _ => arn,
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn thousandth(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
