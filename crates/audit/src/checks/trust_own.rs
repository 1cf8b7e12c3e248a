//! Powerful roles say who of the own account may assume them, and demand MFA of people: one check each.

use super::kit::*;
use model::Role;
use policy::{Document, Effect, PrincipalType, Statement};
use std::sync::Arc;

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html";

pub(super) const WIDE: Check = Check {
    id: "trust-account-wide",
    title: "Powerful roles name who of the account may assume them",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "A role that trusts the whole account is open to everybody with sts:AssumeRole, so one wide policy elsewhere opens it.",
    judged: "Roles that can give permissions and whose trust policy allows the own account as a whole, without any condition.",
    remediation: "Name the users and roles in the trust policy.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, "trusts the whole account", "name whom powerful roles trust", |it| {
            it.whole && it.free
        })
    },
};

pub(super) const WITHOUT_MFA: Check = Check {
    id: "trust-without-mfa",
    title: "Powerful roles for people demand MFA",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "Whoever steals a user's key takes the role with it, and nobody asked for a second factor.",
    judged: "Roles that can give permissions and whose trust policy allows users of the account, or the account as a whole, \
             without a condition on MFA.",
    remediation: "Add the condition `Bool` aws:MultiFactorAuthPresent true.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, "can be assumed without MFA", "demand MFA for powerful roles", |it| {
            (it.whole || it.users) && !it.mfa
        })
    },
};

/// What a statement of a trust policy lets in of the own account.
struct Lets {
    /// The account as a whole.
    whole: bool,
    /// Single users.
    users: bool,
    /// No condition at all.
    free: bool,
    /// A condition on MFA.
    mfa: bool,
}

fn run(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    what: &str,
    action: &str,
    is_such: fn(&Lets) -> bool,
) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let powerful = auditor.powerful(account);
    for role in state.roles.iter() {
        let arn = role.arn(auditor.estate.partition).as_str().to_owned();
        if !powerful.contains_key(&arn) {
            continue;
        }
        let Some(document) = role.trust.document() else { continue };
        let allows = document.statements().iter().filter(|it| it.effect == Effect::Allow);
        let such = allows.into_iter().find(|it| is_such(&lets(it, account)));
        match such {
            Some(statement) => tell(judged, role, &arn, document, statement, what, action),
            None => judged.pass(),
        }
    }
}

fn tell(
    judged: &mut Judged<'_>,
    role: &Arc<Role>,
    arn: &str,
    document: &Document,
    statement: &Statement,
    what: &str,
    action: &str,
) {
    judged.tell(arn, "", format!("{}, which is powerful, {what}", role.name), |finding| {
        finding.principals.push(arn.to_owned());
        let (start, end) = (statement.span.start as usize, statement.span.end as usize);
        finding.evidence.push(Evidence {
            statement: Some((statement.index + 1).to_string()),
            line: Some(base::span::position(document.text(), statement.span.start).line),
            text: document.text().get(start..end).map(str::to_owned),
            ..Evidence::new("the trust policy", arn)
        });
        finding.fix = Some(fix_in_terraform(
            format!("Change the trust policy of {}", role.name),
            action,
            vec![format!(
                "aws iam update-assume-role-policy --role-name {} --policy-document file://policy.json",
                role.name
            )],
            "`assume_role_policy` of aws_iam_role",
        ));
    });
}

fn lets(statement: &Statement, account: AccountId) -> Lets {
    let entries = statement.principal.iter().filter(|it| !it.negated).flat_map(|it| &it.entries);
    let aws: Vec<&str> =
        entries.filter(|entry| entry.kind == PrincipalType::Aws).map(|entry| &*entry.text.value).collect();
    let root = format!(":iam::{account}:root");
    Lets {
        whole: aws.iter().any(|text| *text == account.as_str() || text.ends_with(&root)),
        users: aws
            .iter()
            .any(|text| text.contains(&format!(":iam::{account}:user/")) || text.starts_with("AIDA")),
        free: statement.conditions.is_empty(),
        mfa: statement
            .conditions
            .iter()
            .any(|it| it.key.value.to_ascii_lowercase().starts_with("aws:multifactorauth")),
    }
}
