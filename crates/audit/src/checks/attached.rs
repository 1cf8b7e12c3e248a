//! AWS managed policies that are wider than their names sound: one check each.

use super::kit::*;
use super::wide::detach;
use crate::texts::Origin;

pub(super) const CLOUDSHELL: Check = Check {
    id: "cloudshell-full",
    title: "Nobody has AWSCloudShellFullAccess",
    severity: Severity::Low,
    area: Area::Privilege,
    why: "It lets files be sent out of the account through the browser, past every watch on the network.",
    judged: "AWSCloudShellFullAccess is attached to a user, group or role.",
    remediation: "Detach it; who needs CloudShell gets a policy without cloudshell:GetFileDownloadUrls and GetFileUploadUrls.",
    references: &["https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, &["AWSCloudShellFullAccess"], "detach AWSCloudShellFullAccess")
    },
};

pub(super) const POWER_USER: Check = Check {
    id: "power-user",
    title: "Policies that are nearly an administrator's are attached to nobody",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "PowerUserAccess lacks little but IAM: all data and every resource are its holder's; IAMFullAccess lacks nothing, as \
          its holder can give itself the rest.",
    judged: "PowerUserAccess, IAMFullAccess, SystemAdministrator or DatabaseAdministrator is attached to somebody.",
    remediation: "Give a policy for the work that is done.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &["PowerUserAccess", "IAMFullAccess", "SystemAdministrator", "DatabaseAdministrator"],
            "replace policies that are nearly an administrator's",
        )
    },
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>, names: &[&str], action: &str) {
    for policy in auditor.policies(account).iter().filter(|policy| policy.origin == Origin::Aws) {
        if !names.contains(&policy.name.as_str()) || policy.people.is_empty() && policy.holders.is_empty() {
            judged.pass();
            continue;
        }
        let message = format!("{} is attached to {}", policy.name, some(&policy.holders));
        judged.tell(&policy.arn, "", message, |finding| {
            finding.severity = if policy.name == "IAMFullAccess" { Severity::High } else { finding.severity };
            finding.principals =
                if policy.people.is_empty() { policy.holders.clone() } else { policy.people.clone() };
            finding
                .evidence
                .extend(policy.holders.iter().take(20).map(|holder| Evidence::new("attached", holder)));
            let commands = policy.holders.iter().take(20).map(|holder| detach(holder, &policy.arn)).collect();
            let change = match &policy.holders[..] {
                [only] => Some(Change::Detach { from: only.clone(), policy: policy.arn.clone() }),
                _ => None,
            };
            let summary = format!("Detach {} from {}", policy.name, some(&policy.holders));
            finding.fix = Some(Fix {
                change,
                ..fix_in_terraform(summary, action, commands, "aws_iam_*_policy_attachment")
            });
        });
    }
}
