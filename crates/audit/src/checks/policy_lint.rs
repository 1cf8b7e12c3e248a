//! Policies say what they mean.

use super::kit::*;
use policy::DocumentKind;
use policy::validate::{FindingType, ValidateOptions, validate};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const CHECK: Check = Check {
    id: "policy-lint",
    title: "Policies have no errors and no security warnings",
    severity: Severity::Low,
    area: Area::Policies,
    why: "A policy with an error does not do what somebody thinks it does: what should be denied is allowed, or the other way.",
    judged: "Every customer managed, inline and trust policy is validated as Access Analyzer does it (docs/lint.md); errors and \
             security warnings are told, one finding a policy. Security warnings count as medium.",
    remediation: "Mend the places; `bailiwick lint --fix` mends many of them.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    ],
    needs: &[Input::Entities],
    run,
};

/// One thing to say: code, place, words, weight.
type Told = (String, base::Span, String, FindingType);

/// Texts that are the same are validated once.
type Known<'a> = HashMap<(bool, &'a str), Arc<[Told]>>;

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let partition = auditor.estate.partition;
    let mut known = Known::new();
    for policy in state.policies.iter() {
        let Some(version) = policy.default() else { continue };
        let arn = policy.arn(partition);
        one(judged, &mut known, arn.as_str(), &policy.name, "", version.text.text(), DocumentKind::Identity);
    }
    let users = state.users.iter().map(|user| (user.arn(partition), &user.inline));
    let groups = state.groups.iter().map(|group| (group.arn(partition), &group.inline));
    let roles: Vec<_> = state.roles.iter().filter(|role| !role.is_service_linked()).collect();
    let of_roles = roles.iter().map(|role| (role.arn(partition), &role.inline));
    for (arn, inline) in users.chain(groups).chain(of_roles) {
        for (name, text) in inline {
            one(judged, &mut known, arn.as_str(), name, name, text.text(), DocumentKind::Identity);
        }
    }
    for role in &roles {
        let arn = role.arn(partition);
        one(
            judged,
            &mut known,
            arn.as_str(),
            "trust policy",
            "trust",
            role.trust.text(),
            DocumentKind::Trust,
        );
    }
}

fn one<'a>(
    judged: &mut Judged<'_>,
    known: &mut Known<'a>,
    arn: &str,
    name: &str,
    discriminator: &str,
    text: &'a str,
    kind: DocumentKind,
) {
    let key = (kind == DocumentKind::Trust, text);
    let told = known.entry(key).or_insert_with(|| {
        let grave = |kind| matches!(kind, FindingType::Error | FindingType::SecurityWarning);
        let findings = validate(text, ValidateOptions::new(kind)).into_iter();
        let grave = findings.filter(|finding| grave(finding.check.finding_type()));
        grave.map(|it| (it.check.code().to_owned(), it.span, it.message, it.check.finding_type())).collect()
    });
    if told.is_empty() {
        return judged.pass();
    }
    let told = Arc::clone(told);
    let mut codes: Vec<&str> = told.iter().map(|(code, ..)| code.as_str()).collect();
    codes.dedup();
    let message = format!("{name} of {}: {}", name_of(arn), codes.join(", "));
    judged.tell(arn, discriminator, message, |finding| {
        if told.iter().any(|(.., kind)| *kind == FindingType::SecurityWarning) {
            finding.severity = Severity::Medium;
        }
        for (code, span, message, _) in told.iter().take(20) {
            finding.evidence.push(Evidence {
                policy: Some(name.to_owned()),
                line: Some(base::span::position(text, span.start).line),
                text: text.get(span.start as usize..span.end as usize).map(str::to_owned),
                ..Evidence::new(format!("{code}: {message}"), arn)
            });
        }
        finding.fix = Some(fix(
            format!("Mend {name} of {}", name_of(arn)),
            "mend policies with errors",
            vec!["bailiwick lint --fix policy.json".into()],
        ));
    });
}
