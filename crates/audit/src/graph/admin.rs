//! Who is an administrator, whatever the policies are called: asked by trying.

use super::ask::Ask;
use super::world::World;
use analysis::who_can::{Joint, Verdict};
use base::AccountId;
use std::sync::Arc;

/// Whoever can do one of these on anything can give anybody anything.
const CORE: [&str; 5] = [
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:CreatePolicyVersion",
];

/// What an administrator can do on anything: most of these. A few may be denied, as guardrails do.
const BREADTH: [&str; 25] = [
    "iam:CreateUser",
    "iam:DeleteRole",
    "iam:PassRole",
    "iam:UpdateAssumeRolePolicy",
    "s3:GetObject",
    "s3:PutBucketPolicy",
    "ec2:TerminateInstances",
    "ec2:CreateVpc",
    "ec2:AuthorizeSecurityGroupIngress",
    "lambda:UpdateFunctionCode",
    "dynamodb:DeleteTable",
    "rds:DeleteDBInstance",
    "kms:CreateKey",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:SendCommand",
    "sns:SetTopicAttributes",
    "sqs:DeleteQueue",
    "cloudformation:DeleteStack",
    "cloudtrail:StopLogging",
    "logs:DeleteLogGroup",
    "ecs:UpdateService",
    "ecr:SetRepositoryPolicy",
    "route53:ChangeResourceRecordSets",
    "glue:CreateJob",
];

/// How many of [`BREADTH`] make an administrator.
const ENOUGH: usize = 20;

/// What a principal that is no administrator may still do that others want: a name, and actions on anything, one of
/// which suffices.
const POWERS: [(&str, &[&str]); 9] = [
    ("write IAM policies", &CORE),
    ("read every secret", &["secretsmanager:GetSecretValue"]),
    ("read every object in S3", &["s3:GetObject"]),
    ("change every object in S3", &["s3:PutObject"]),
    ("read every table", &["dynamodb:Scan", "dynamodb:GetItem"]),
    ("run commands on every instance", &["ssm:SendCommand"]),
    ("end every instance", &["ec2:TerminateInstances"]),
    ("change every function", &["lambda:UpdateFunctionCode"]),
    ("stop trails", &["cloudtrail:StopLogging"]),
];

/// Every action that is tried.
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    let powers = POWERS.iter().flat_map(|(_, actions)| actions.iter().copied());
    CORE.into_iter().chain(BREADTH).chain(powers)
}

/// A set of powers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Powers(u16);

impl Powers {
    /// Those that the other does not have.
    pub(super) fn beyond(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In words.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        POWERS
            .iter()
            .enumerate()
            .filter(move |(place, _)| self.0 >> place & 1 == 1)
            .map(|(_, (name, _))| *name)
    }
}

impl World {
    /// Whether somebody is an administrator, be it under conditions.
    pub(super) fn judge_admin(&self, node: u32) -> Verdict {
        let core = CORE.iter().map(|action| self.on_anything(node, action)).max().unwrap_or(Verdict::Never);
        if core == Verdict::Never {
            return core;
        }
        let breadth: Vec<Verdict> = BREADTH.iter().map(|action| self.on_anything(node, action)).collect();
        let at_least = |least| breadth.iter().filter(|verdict| **verdict >= least).count() >= ENOUGH;
        match (core, at_least(Verdict::Always), at_least(Verdict::If)) {
            (Verdict::Always, true, _) => Verdict::Always,
            (_, _, true) => Verdict::If,
            _ => Verdict::Never,
        }
    }

    /// The question whose answer makes an administrator one.
    pub(super) fn mightiest(&self, node: u32) -> Option<Ask> {
        let action = CORE.iter().max_by_key(|action| self.on_anything(node, action))?;
        let resource = self.plain_resources(action, self.account_of(node)).into_iter().next()?;
        Some(self.granting(Ask::new(action, resource)))
    }

    /// The same where a policy is attached: that of administrators.
    fn granting(&self, ask: Ask) -> Ask {
        match ask.action().starts_with("iam:Attach") {
            true => ask.with("iam:policyarn", self.administrator_access()),
            false => ask,
        }
    }

    /// What somebody can do on anything.
    pub(super) fn judge_powers(&self, node: u32) -> Powers {
        let mut powers = Powers::default();
        for (place, (_, actions)) in POWERS.iter().enumerate() {
            if actions.iter().any(|action| self.on_anything(node, action) != Verdict::Never) {
                powers.0 |= 1 << place;
            }
        }
        powers
    }

    /// Whether somebody can do this on a resource of the own account of which nothing is special.
    fn on_anything(&self, node: u32, action: &'static str) -> Verdict {
        if !self.may(node, action) {
            return Verdict::Never;
        }
        let Some(place) = self.node(node) else { return Verdict::Never };
        let account = self.account_of(node);
        let key = (place.layer, account, action);
        let known = self.on_anything.lock().ok().and_then(|known| known.get(&key).cloned());
        let verdicts = known.unwrap_or_else(|| {
            let found = self.all_on_anything(node, account, action);
            if let Ok(mut known) = self.on_anything.lock() {
                known.insert(key, Arc::clone(&found));
            }
            found
        });
        verdicts.get(place.person.number()).copied().unwrap_or(Verdict::Never)
    }

    /// The same of everybody of the node's layer and account, by the numbers of the persons: what is asked is the same,
    /// and one answer for all is found faster than one for each.
    fn all_on_anything(&self, node: u32, account: AccountId, action: &'static str) -> Arc<[Verdict]> {
        let Some((population, _)) = self.population(node) else { return Arc::default() };
        let mut verdicts: Option<Vec<Verdict>> = None;
        for resource in self.plain_resources(action, account) {
            let Some(question) = self.question(Some(node), &self.granting(Ask::new(action, resource))) else {
                return Arc::default();
            };
            let solution = population.who_can_with(&question, &Joint::new(population, &question));
            let each = population.people().map(|person| solution.verdict(population, person));
            verdicts = Some(match verdicts {
                None => each.collect(),
                Some(known) => each.zip(known).map(|(one, other)| one.min(other)).collect(),
            });
        }
        verdicts.unwrap_or_default().into()
    }
}
