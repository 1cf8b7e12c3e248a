//! The organization sets limits that no account can lift: one check each.
//!
//! An administrator of the account who does not exist is asked of: what SCPs leave to it they leave to whoever becomes
//! administrator.

use super::kit::*;
use analysis::who_can::{Kind, Person, PersonId, Population, Verdict};
use model::organization::OrganizationPolicyKind;
use policy::{Document, PolicyKind, PolicyLabel};
use std::sync::Arc;

const SCPS: &str =
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html";
const EXAMPLES: &str =
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html";
const JUDGED: &str = "An administrator of the account who does not exist is asked of, under the SCPs on the way to the account: \
    what they never allow, or only under conditions (roles that are excepted), is guarded. The management account is bound by \
    no SCP.";

pub(super) const LEAVE: Check = Check {
    id: "scp-leave",
    title: "The account cannot leave the organization",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "An account that leaves takes its data along and every guardrail off.",
    judged: JUDGED,
    remediation: "Deny organizations:LeaveOrganization in an SCP on the root.",
    references: &[SCPS, EXAMPLES],
    needs: &[Input::Organization],
    run: |auditor, account, judged| {
        guarded(
            auditor,
            account,
            judged,
            &["organizations:LeaveOrganization"],
            "nothing keeps the account from leaving the organization",
            "forbid leaving the organization",
        )
    },
};

pub(super) const LOGGING: Check = Check {
    id: "scp-logging",
    title: "Nobody in the account can stop the audit trail",
    severity: Severity::High,
    area: Area::Governance,
    why: "The first thing after a break-in is to stop the record of it.",
    judged: JUDGED,
    remediation: "Deny cloudtrail:StopLogging, DeleteTrail, UpdateTrail and PutEventSelectors in an SCP.",
    references: &[SCPS, EXAMPLES],
    needs: &[Input::Organization],
    run: |auditor, account, judged| {
        guarded(
            auditor,
            account,
            judged,
            &["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"],
            "an administrator of the account can stop CloudTrail",
            "protect CloudTrail by an SCP",
        )
    },
};

pub(super) const DETECTION: Check = Check {
    id: "scp-detection",
    title: "Nobody in the account can turn off detection",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "GuardDuty, Config and Security Hub tell of a break-in only as long as they run.",
    judged: JUDGED,
    remediation: "Deny guardduty:DeleteDetector, config:StopConfigurationRecorder, securityhub:DisableSecurityHub and their like \
                  in an SCP.",
    references: &[SCPS, EXAMPLES],
    needs: &[Input::Organization],
    run: |auditor, account, judged| {
        guarded(
            auditor,
            account,
            judged,
            &[
                "guardduty:DeleteDetector",
                "guardduty:UpdateDetector",
                "config:StopConfigurationRecorder",
                "config:DeleteConfigurationRecorder",
                "securityhub:DisableSecurityHub",
            ],
            "an administrator of the account can turn off detection",
            "protect detection by an SCP",
        )
    },
};

pub(super) const ROOT: Check = Check {
    id: "scp-root",
    title: "The account's root user is denied what it is not needed for",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "Nothing of the account binds its root user; only an SCP does.",
    judged: "The root user is asked of under the SCPs on the way to the account: making users, running instances, writing \
             policies of buckets. The management account is bound by no SCP.",
    remediation: "Deny everything where aws:PrincipalArn is arn:aws:iam::*:root in an SCP.",
    references: &[SCPS, EXAMPLES],
    needs: &[Input::Organization],
    run: root,
};

pub(super) const REGIONS: Check = Check {
    id: "scp-regions",
    title: "Regions that nobody uses are closed",
    severity: Severity::Low,
    area: Area::Governance,
    why: "Nobody looks into regions that nobody uses; that is where miners run.",
    judged: "The administrator is asked whether it can run instances in any of ten regions far apart: if all are open, none is \
             closed. The management account is bound by no SCP.",
    remediation: "Deny regions with aws:RequestedRegion in an SCP, global services excepted.",
    references: &[SCPS, EXAMPLES],
    needs: &[Input::Organization],
    run: regions,
};

pub(super) const RCP: Check = Check {
    id: "rcp",
    title: "Resource control policies keep outsiders off resources",
    severity: Severity::Low,
    area: Area::Governance,
    why: "SCPs bind the organization's own people; whom a bucket's policy lets in from outside only an RCP keeps off.",
    judged: "A resource control policy beside RCPFullAWSAccess binds the account. The management account is bound by none.",
    remediation: "Deny access to principals outside the organization (aws:PrincipalOrgID) in an RCP, AWS services excepted.",
    references: &[
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",
    ],
    needs: &[Input::Organization],
    run: rcp,
};

/// Regions far apart; nobody uses all of them.
const REGIONS_ASKED: [&str; 10] = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-south-2",
    "ap-southeast-4",
    "ap-northeast-3",
    "af-south-1",
    "me-south-1",
    "sa-east-1",
    "il-central-1",
];

/// Who is asked of: an administrator who does not exist, and the root user.
struct Asked {
    population: Population,
    administrator: PersonId,
    root: PersonId,
}

/// Whom to ask; says why nobody can be asked.
fn asked(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) -> Option<Asked> {
    let organization = auditor.estate.organization.as_ref()?;
    if organization.management_account == Some(account) {
        judged.pass_because("no policy of the organization binds the management account");
        return None;
    }
    let root = judged.root().to_owned();
    if !organization.has(account) {
        judged.not_assessable(&root, "the account is not of the organization that is known");
        return None;
    }
    let mut builder = Population::builder();
    let partition = auditor.estate.partition.id();
    let number = builder.account(account, partition);
    let everything =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let everything = Arc::new(Document::parse_tolerant(everything).0?);
    let levels: Vec<Vec<_>> = auditor
        .estate
        .guardrails(account, OrganizationPolicyKind::Scp)
        .iter()
        .map(|level| {
            let mut policies = Vec::new();
            for policy in level {
                let Some(document) = Document::parse_tolerant(policy.text.text()).0 else { continue };
                let label = PolicyLabel::new(PolicyKind::Scp, &policy.id, &policy.name);
                policies.push(builder.policy(Arc::new(document), label));
            }
            policies
        })
        .collect();
    builder.scps(number, &levels);
    if let Some(path) = organization.path_of(account) {
        builder.organization(number, &organization.id, &[path]);
    }
    let admin =
        builder.policy(everything, PolicyLabel::new(PolicyKind::Managed, "administrator", "administrator"));
    let arn = format!("arn:{partition}:iam::{account}:role/bailiwick-probe");
    let identity = [admin];
    let administrator = Person { identity: &identity, ..Person::new(number, Kind::Role, &arn) };
    let administrator = builder.person(&administrator).ok()?;
    let root = builder.person(&Person::new(number, Kind::Root, &root)).ok()?;
    Some(Asked { population: builder.finish(), administrator, root })
}

impl Asked {
    fn verdict(
        &self,
        person: PersonId,
        auditor: &Auditor<'_>,
        account: AccountId,
        action: &str,
        region: Option<&str>,
    ) -> Verdict {
        let Some(question) = crate::texts::question(action, account, auditor.estate.partition) else {
            return Verdict::Never;
        };
        let question = match region {
            Some(region) => question.with("aws:RequestedRegion", region),
            None => question,
        };
        self.population.judge(person, &question)
    }
}

fn guarded(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    actions: &[&str],
    message: &str,
    action: &str,
) {
    let Some(asked) = asked(auditor, account, judged) else { return };
    let open = |action: &&&str| {
        asked.verdict(asked.administrator, auditor, account, action, None) == Verdict::Always
    };
    let open: Vec<String> = actions.iter().filter(open).map(|action| (**action).to_owned()).collect();
    if open.is_empty() {
        return judged.pass();
    }
    tell(judged, message, action, &open, deny(&open));
}

fn root(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(asked) = asked(auditor, account, judged) else { return };
    let actions = ["iam:CreateUser", "ec2:RunInstances", "s3:PutBucketPolicy"];
    let open = |action: &&&str| asked.verdict(asked.root, auditor, account, action, None) == Verdict::Always;
    let open: Vec<String> = actions.iter().filter(open).map(|action| (**action).to_owned()).collect();
    if open.is_empty() {
        return judged.pass();
    }
    let statement = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}"#;
    tell(
        judged,
        "no SCP binds the account's root user",
        "deny the root user by an SCP",
        &open,
        statement.to_owned(),
    );
}

fn regions(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(asked) = asked(auditor, account, judged) else { return };
    let open = |region: &str| {
        asked.verdict(asked.administrator, auditor, account, "ec2:RunInstances", Some(region))
            != Verdict::Never
    };
    if !REGIONS_ASKED.iter().all(|region| open(region)) {
        return judged.pass();
    }
    let statement = r#"{"Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["REGION"]}}}"#;
    tell(
        judged,
        "every region is open",
        "close regions by an SCP",
        &["ec2:RunInstances".to_owned()],
        statement.to_owned(),
    );
}

fn rcp(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    if asked(auditor, account, judged).is_none() {
        return;
    }
    let levels = auditor.estate.guardrails(account, OrganizationPolicyKind::Rcp);
    if levels.iter().flatten().any(|policy| policy.name != "RCPFullAWSAccess") {
        return judged.pass();
    }
    let statement = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "ORGANIZATION"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#;
    tell(
        judged,
        "no resource control policy binds the account",
        "write a resource control policy",
        &[],
        statement.to_owned(),
    );
}

/// A statement that denies these actions.
fn deny(actions: &[String]) -> String {
    format!(r#"{{"Effect": "Deny", "Action": ["{}"], "Resource": "*"}}"#, actions.join("\", \""))
}

fn tell(judged: &mut Judged<'_>, message: &str, action: &str, actions: &[String], statement: String) {
    let root = judged.root().to_owned();
    judged.tell(&root, "", message, |finding| {
        finding.actions = actions.to_vec();
        let what = match actions {
            [] => "no such policy on the way to the account".to_owned(),
            actions => format!("the SCPs on the way to the account leave {}", some_actions(actions)),
        };
        finding.evidence.push(Evidence::new(what, "organization"));
        finding.fix = Some(fix_in_terraform(
            format!("Add to a policy of the organization: {statement}"),
            action,
            vec![
                "aws organizations create-policy --type SERVICE_CONTROL_POLICY --name NAME --description TEXT --content file://policy.json".into(),
                "aws organizations attach-policy --policy-id POLICY --target-id ROOT".into(),
            ],
            "aws_organizations_policy and aws_organizations_policy_attachment",
        ));
    });
}
