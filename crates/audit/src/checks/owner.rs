//! Powerful identities have an owner and a reason: one check each.

use super::kit::*;
use model::Tags;

const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html";

pub(super) const OWNER: Check = Check {
    id: "owner",
    title: "Powerful identities name their owner",
    severity: Severity::Low,
    area: Area::Governance,
    why: "Nobody can be asked whether an identity without an owner is still needed, so it stays.",
    judged: "Users and roles that can give permissions (attach or write policies, make keys of others, change whom roles trust) \
             without one of the tags in `owner-tags`. Service-linked roles and those of Identity Center have their owners.",
    remediation: "Tag it with the team or person that answers for it.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(auditor, account, judged, &auditor.settings.owner_tags, "does not say whose it is", "name owners")
    },
};

pub(super) const JUSTIFICATION: Check = Check {
    id: "justification",
    title: "Powerful identities say why they are needed",
    severity: Severity::Info,
    area: Area::Governance,
    why: "Without a reason a review can only nod.",
    judged: "Users and roles that can give permissions, without one of the tags in `justification-tags` and, of roles, without \
             a description.",
    remediation: "Tag it with the purpose or the ticket.",
    references: &[PAGE],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            &auditor.settings.justification_tags,
            "does not say what for",
            "say what powerful identities are for",
        )
    },
};

fn run(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    names: &[String],
    lacks: &str,
    action: &str,
) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let has = |tags: &Tags| names.iter().any(|name| tags.get(name).is_some_and(|value| !value.is_empty()));
    for (arn, can) in auditor.powerful(account).iter() {
        let name = name_of(arn);
        let kind = kind_of(arn);
        let told = match kind {
            "user" => state.users.get(name).is_none_or(|user| has(&user.tags)),
            _ => state.roles.get(name).is_none_or(|role| {
                let described = role.description.as_ref().is_some_and(|text| !text.is_empty());
                role.is_reserved() || has(&role.tags) || action != "name owners" && described
            }),
        };
        if told {
            judged.pass();
            continue;
        }
        judged.tell(arn, "", format!("{name} is powerful and {lacks}"), |finding| {
            finding.principals.push(arn.clone());
            finding.evidence.push(Evidence::new(format!("can do {}", some_actions(can)), arn));
            finding.evidence.push(Evidence::new(format!("none of the tags {}", names.join(", ")), arn));
            let tag = names.first().map_or("owner", String::as_str);
            finding.fix = Some(fix_in_terraform(
                format!("Tag {name} with {tag}"),
                action,
                vec![format!("aws iam tag-{kind} --{kind}-name {name} --tags Key={tag},Value=VALUE")],
                &format!("`tags` of aws_iam_{kind}"),
            ));
        });
    }
}
