//! Who administers keys does not use them.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "kms-duties",
    title: "Who administers keys does not use them",
    severity: Severity::Medium,
    area: Area::Governance,
    why: "Keys part those who keep data from those who read it; with both in one hand, nobody else needs to agree.",
    judged: "Users and roles that the engine lets both decrypt with a key that nobody named and change its policy or delete it \
             (identity policies, boundary, SCPs; key policies are the keys' own). Administrators are told elsewhere.",
    remediation: "Part the two into roles of their own.",
    references: &["https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let powerful = auditor.powerful(account);
    let uses = auditor.reach(account, "kms:Decrypt");
    let administers = ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
        .map(|action| (action, auditor.reach(account, action)));
    for (person, _) in uses.iter() {
        let can: Vec<String> = administers
            .iter()
            .filter(|(_, reach)| reach.has(person))
            .map(|(action, _)| (*action).to_owned())
            .collect();
        if can.is_empty() || powerful.contains_key(person) {
            judged.pass();
            continue;
        }
        let message = format!("{} can decrypt with every key and {}", name_of(person), some_actions(&can));
        judged.tell(person, "", message, |finding| {
            finding.principals.push(person.to_owned());
            finding
                .evidence
                .push(Evidence::new(format!("can do kms:Decrypt and {}", can.join(", ")), person));
            finding.actions = can;
            finding.actions.push("kms:Decrypt".into());
            finding.fix = Some(fix(
                format!("Take the administration of keys from {}", name_of(person)),
                "part the administration of keys from their use",
                Vec::new(),
            ));
        });
    }
}
