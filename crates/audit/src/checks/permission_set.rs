//! Permission sets are no wider and last no longer than needed.

use super::kit::*;
use model::sign_on::PermissionSet;
use policy::{Document, Effect};

const PAGE: &str = "https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html";

pub(super) const WIDE: Check = Check {
    id: "permission-set-wide",
    title: "Permission sets do not make administrators",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "A permission set is in many accounts at once: whoever has it is administrator of all of them, all day.",
    judged: "Permission sets that are assigned and have AdministratorAccess or IAMFullAccess, or an inline statement that allows \
             `*` on `*`. PowerUserAccess is told as low. A permissions boundary of their own counts as a limit.",
    remediation: "Give narrower sets for daily work, and administration for hours, on request.",
    references: &[PAGE],
    needs: &[Input::SignOn],
    run: |auditor, account, judged| each(auditor, account, judged, wide),
};

pub(super) const SESSION: Check = Check {
    id: "permission-set-session",
    title: "Sessions of powerful permission sets are short",
    severity: Severity::Low,
    area: Area::Governance,
    why: "A stolen session works until it ends.",
    judged: "Permission sets that make administrators and whose session lasts longer than four hours (`session-hours`).",
    remediation: "Shorten the session; signing in again costs a click.",
    references: &["https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html"],
    needs: &[Input::SignOn],
    run: |auditor, account, judged| each(auditor, account, judged, session),
};

fn each(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    one: fn(&Auditor<'_>, &PermissionSet, usize, &mut Judged<'_>),
) {
    let Some(sign_on) = auditor.estate.sign_on.as_ref() else { return };
    if !auditor.speaks_for_all(account) {
        return judged.pass_because("told with another account");
    }
    for set in &sign_on.permission_sets {
        let assigned = sign_on.assignments.iter().filter(|it| it.permission_set == set.arn).count();
        one(auditor, set, assigned, judged);
    }
}

/// What makes a set wide.
fn reason(set: &PermissionSet) -> Option<(&'static str, bool)> {
    let has = |name: &str| set.managed.iter().any(|arn| name_of(arn) == name);
    if set.boundary.is_some() {
        return None;
    }
    if has("AdministratorAccess") {
        return Some(("AdministratorAccess", true));
    }
    if has("IAMFullAccess") {
        return Some(("IAMFullAccess", true));
    }
    let inline = set.inline.as_ref().and_then(|text| Document::parse_tolerant(text.text()).0);
    let everything = |statement: &policy::Statement| {
        statement.effect == Effect::Allow
            && crate::texts::is_every_action(statement)
            && crate::texts::is_every_resource(statement)
    };
    if inline.is_some_and(|document| document.statements().iter().any(everything)) {
        return Some(("an inline policy that allows everything", true));
    }
    has("PowerUserAccess").then_some(("PowerUserAccess", false))
}

fn wide(_: &Auditor<'_>, set: &PermissionSet, assigned: usize, judged: &mut Judged<'_>) {
    let Some((by, full)) = reason(set).filter(|_| assigned > 0) else { return judged.pass() };
    let message = format!("permission set {} has {by}, and {assigned} assignments", set.name);
    judged.tell(&set.arn, "", message, |finding| {
        finding.severity = if full { finding.severity } else { Severity::Low };
        finding.evidence.push(Evidence::new(by, &set.arn));
        finding.fix = Some(fix_in_terraform(
            format!("Narrow permission set {}", set.name),
            "narrow permission sets",
            vec![format!(
                "aws sso-admin list-account-assignments --instance-arn INSTANCE --account-id ACCOUNT --permission-set-arn {}",
                set.arn
            )],
            "aws_ssoadmin_managed_policy_attachment and aws_ssoadmin_permission_set_inline_policy",
        ));
    });
}

fn session(auditor: &Auditor<'_>, set: &PermissionSet, assigned: usize, judged: &mut Judged<'_>) {
    let most = auditor.settings.session_hours * 60;
    let minutes = set.session_duration.as_deref().map_or(Some(60), minutes);
    let is_powerful = reason(set).is_some_and(|(_, full)| full) && assigned > 0;
    let Some(minutes) = minutes.filter(|minutes| is_powerful && *minutes > most) else {
        return judged.pass();
    };
    let duration = set.session_duration.as_deref().unwrap_or_default();
    let message = format!("sessions of permission set {} last {} hours", set.name, minutes / 60);
    judged.tell(&set.arn, "", message, |finding| {
        finding.evidence.push(Evidence::new(format!("the session lasts {duration}"), &set.arn));
        finding.fix = Some(fix_in_terraform(
            format!("Shorten the sessions of {}", set.name),
            "shorten sessions of powerful permission sets",
            vec![format!(
                "aws sso-admin update-permission-set --instance-arn INSTANCE --permission-set-arn {} --session-duration PT{}H",
                set.arn, auditor.settings.session_hours
            )],
            "`session_duration` of aws_ssoadmin_permission_set",
        ));
    });
}

/// Minutes of an ISO 8601 duration of hours and minutes: `PT8H`, `PT1H30M`.
fn minutes(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut total = 0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, unit) = rest.split_at(end);
        let number: u64 = number.parse().ok()?;
        total += match unit.chars().next()? {
            'H' => number * 60,
            'M' => number,
            'S' => number / 60,
            _ => return None,
        };
        rest = unit.get(1..)?;
    }
    Some(total)
}
