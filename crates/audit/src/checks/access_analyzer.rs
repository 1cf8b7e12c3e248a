//! IAM Access Analyzer is on.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "access-analyzer",
    title: "IAM Access Analyzer is on",
    severity: Severity::Low,
    area: Area::Account,
    why: "This audit sees one moment; an analyzer watches, and tells of a bucket or role that opens tomorrow.",
    judged: "By whether an analyzer is active.",
    remediation: "Make an analyzer of external access in every region in use, for the organization if there is one.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html"],
    needs: &[Input::AccessAnalyzer],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    if auditor.estate.facts(account).and_then(|facts| facts.access_analyzer) == Some(true) {
        return judged.pass();
    }
    let root = judged.root().to_owned();
    judged.tell(&root, "", "no analyzer is active", |finding| {
        finding.evidence.push(Evidence::new("no active analyzer", "list-analyzers"));
        finding.fix = Some(fix_in_terraform(
            "Make an analyzer of external access",
            "make an analyzer of external access",
            vec!["aws accessanalyzer create-analyzer --analyzer-name external --type ACCOUNT".into()],
            "aws_accessanalyzer_analyzer",
        ));
    });
}
