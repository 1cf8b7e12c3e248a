//! What a check says of what it judges.

use super::Check;
use crate::finding::{Finding, Severity, Status, fingerprint};
use base::AccountId;

/// Takes what a check says of an account.
#[derive(Debug)]
pub struct Judged<'a> {
    check: &'static Check,
    account: AccountId,
    /// The ARN that stands for the account.
    root: String,
    findings: &'a mut Vec<Finding>,
    passed: usize,
    spoken: bool,
    note: Option<String>,
}

impl<'a> Judged<'a> {
    pub(crate) fn new(
        check: &'static Check,
        account: AccountId,
        root: String,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self { check, account, root, findings, passed: 0, spoken: false, note: None }
    }

    /// The ARN that stands for the account as a whole.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// A finding that fails, to be filled in; `discriminator` tells several of one resource apart.
    pub fn fail(
        &mut self,
        resource: &str,
        discriminator: &str,
        message: impl Into<String>,
    ) -> Option<&mut Finding> {
        self.spoken = true;
        let finding = self.finding(Status::Fail, resource, discriminator, message.into());
        self.findings.push(finding);
        self.findings.last_mut()
    }

    /// The same, filled in by `fill`.
    pub fn tell(
        &mut self,
        resource: &str,
        discriminator: &str,
        message: impl Into<String>,
        fill: impl FnOnce(&mut Finding),
    ) {
        if let Some(finding) = self.fail(resource, discriminator, message) {
            fill(finding);
        }
    }

    /// Something is as it should be, and it needs to be said why.
    pub fn pass_because(&mut self, reason: impl Into<String>) {
        self.passed += 1;
        self.note = Some(reason.into());
    }

    /// Something is as it should be.
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    /// Something cannot be judged by what was given.
    pub fn not_assessable(&mut self, resource: &str, reason: impl Into<String>) {
        self.spoken = true;
        let finding = self.finding(Status::NotAssessable, resource, "", reason.into());
        self.findings.push(finding);
    }

    /// Something went wrong in judging.
    pub fn error(&mut self, resource: &str, reason: impl Into<String>) {
        self.spoken = true;
        let finding = self.finding(Status::Error, resource, "", reason.into());
        self.findings.push(finding);
    }

    /// The check is done: a pass if there was nothing else to say. Returns how many things passed.
    pub(crate) fn finish(self) -> usize {
        if !self.spoken {
            let message = match self.passed {
                _ if self.note.is_some() => self.note.clone().unwrap_or_default(),
                0 => "there is nothing that it applies to".to_owned(),
                1 => "as it should be".to_owned(),
                many => format!("all {many} as they should be"),
            };
            let finding = self.finding(Status::Pass, &self.root, "", message);
            self.findings.push(finding);
        }
        self.passed
    }

    fn finding(&self, status: Status, resource: &str, discriminator: &str, message: String) -> Finding {
        let fingerprint = fingerprint(self.check.id, self.account, resource, discriminator);
        let severity = if status == Status::Fail { self.check.severity } else { Severity::Info };
        let plain = Finding::plain(self.check.id, status, self.account, resource, fingerprint);
        Finding { severity, message, ..plain }
    }
}
