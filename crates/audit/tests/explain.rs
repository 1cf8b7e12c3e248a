//! Questions asked of an export, with answers worked out by hand from its policies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::explain::{
    Answer, ChangeAnswer, Effect, ExplainError, LayerName, Part, Question, Setting, Source, StatementAnswer,
    StepKind, Verdict, ask,
};
use bailiwick_audit::import::{ImportOptions, authorization_details};
use base::Timestamp;
use model::Snapshot;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn harbour() -> Snapshot {
    let text = include_bytes!("fixtures/harbour.json");
    authorization_details(text, &ImportOptions::at(NOW)).unwrap().snapshot()
}

fn try_ask(question: &Question) -> Result<Answer, ExplainError> {
    ask(&harbour(), question, &Setting::at(NOW))
}

fn answer(principal: &str, action: &str, resource: &str) -> Answer {
    try_ask(&Question::new(principal, action, resource)).unwrap()
}

fn part(answer: &Answer, layer: LayerName) -> Part {
    answer.layers.iter().find(|found| found.layer == layer).unwrap().part
}

/// The texts under the marks of a statement, with what is said of them.
fn marked<'a>(answer: &'a Answer, statement: &'a StatementAnswer) -> Vec<(&'a str, &'a str)> {
    let text = &answer.policies[statement.policy].text;
    let under = |mark: &'a bailiwick_audit::explain::Mark| {
        (text.get(mark.place.start as usize..mark.place.end as usize).unwrap(), mark.label.as_str())
    };
    statement.marks.iter().map(under).collect()
}

#[test]
fn an_inline_policy_allows_by_the_users_own_name() {
    let answer = answer("user/nadia", "s3:GetObject", "arn:aws:s3:::harbour-notes/nadia/log.txt");
    assert_eq!(answer.verdict, Verdict::Allowed);
    assert_eq!(answer.summary, "inline policy `own-notes` of user/crew/nadia allows it");
    let deciding = answer.deciding.as_ref().unwrap();
    assert_eq!((deciding.sid.as_deref(), deciding.effect), (Some("OwnFolder"), Effect::Allow));
    assert_eq!((deciding.place.line, deciding.place.column), (4, 9));
    assert_eq!(
        marked(&answer, deciding),
        [
            ("\"s3:GetObject\"", "allows `s3:GetObject`"),
            ("\"arn:aws:s3:::harbour-notes/${aws:username}/*\"", "covers the resource"),
        ]
    );
    assert_eq!(answer.request.principal, "arn:aws:iam::111122223333:user/crew/nadia");
    assert_eq!(part(&answer, LayerName::IdentityPolicies), Part::Allows);
    assert_eq!(part(&answer, LayerName::PermissionsBoundary), Part::Absent);
    assert_eq!(part(&answer, LayerName::ResourcePolicy), Part::Unknown);
}

#[test]
fn anothers_folder_is_denied_with_the_element_that_fails() {
    let answer = answer("nadia", "s3:GetObject", "arn:aws:s3:::harbour-notes/pavel/log.txt");
    assert_eq!(answer.verdict, Verdict::ImplicitDeny);
    assert_eq!(answer.summary, "none of the principal's policies allows it");
    assert_eq!(answer.deciding, None);
    let near = &answer.near[0];
    assert_eq!(near.sid.as_deref(), Some("OwnFolder"));
    assert_eq!(marked(&answer, near)[0].1, "does not cover the resource");
    assert!(!near.marks[0].matches);
}

#[test]
fn a_groups_policy_needs_its_condition() {
    let lamp = "arn:aws:secretsmanager:eu-north-1:111122223333:secret:lamp-7";
    let without = answer("user/nadia", "secretsmanager:GetSecretValue", lamp);
    assert_eq!(without.verdict, Verdict::ImplicitDeny);
    assert_eq!(without.missing_context, ["aws:ResourceTag/Team"]);
    assert_eq!(marked(&without, &without.near[0])[0].1, "not in the request");
    let question = Question::new("user/nadia", "secretsmanager:GetSecretValue", lamp);
    let with = try_ask(&question.clone().with("aws:ResourceTag/Team", "lights")).unwrap();
    assert_eq!(with.verdict, Verdict::Allowed);
    assert_eq!(with.summary, "managed policy `lamp-keeper` allows it");
    let other = try_ask(&question.with("aws:ResourceTag/Team", "cranes")).unwrap();
    assert_eq!(other.verdict, Verdict::ImplicitDeny);
    assert_eq!(marked(&other, &other.near[0])[0].1, "does not hold: it is `cranes`");
}

#[test]
fn a_groups_denial_outweighs_its_permission() {
    let beacon = "arn:aws:ec2:eu-north-1:111122223333:instance/i-0123456789abcdef0";
    let question = Question::new("user/nadia", "ec2:TerminateInstances", beacon);
    let denied = try_ask(&question.clone().with("aws:ResourceTag/role", "beacon")).unwrap();
    assert_eq!(denied.verdict, Verdict::ExplicitDeny);
    let deciding = denied.deciding.as_ref().unwrap();
    assert_eq!(deciding.effect, Effect::Deny);
    assert_eq!(denied.policies[deciding.policy].title(), "inline policy `no-scuttling` of group/keepers");
    assert_eq!(part(&denied, LayerName::IdentityPolicies), Part::Denies);
    let allowed = try_ask(&question).unwrap();
    assert_eq!(allowed.verdict, Verdict::Allowed);
    // The denial that nearly matched is told: another tag would have turned the answer.
    assert_eq!(allowed.near.len(), 1);
    assert_eq!(allowed.near[0].effect, Effect::Deny);
    assert_eq!(allowed.missing_context, ["aws:ResourceTag/role"]);
}

#[test]
fn a_boundary_limits_what_policies_allow() {
    let answer = answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest");
    assert_eq!(answer.verdict, Verdict::ImplicitDeny);
    assert_eq!(answer.summary, "the permissions boundary does not allow it");
    assert_eq!(part(&answer, LayerName::IdentityPolicies), Part::Allows);
    assert_eq!(part(&answer, LayerName::PermissionsBoundary), Part::Silent);
    let deciding: Vec<_> =
        answer.layers.iter().filter(|layer| layer.decides).map(|layer| layer.layer).collect();
    assert_eq!(deciding, [LayerName::PermissionsBoundary]);
    assert_eq!(answer.policies[answer.near[0].policy].title(), "permissions boundary `crew-limit`");
    let read = self::answer("user/pavel", "s3:GetObject", "arn:aws:s3:::cargo/manifest");
    assert_eq!(read.verdict, Verdict::Allowed);
}

#[test]
fn only_the_default_version_of_a_policy_counts() {
    // Version 1 of cargo-manager allows everything; version 3 is in force.
    assert_eq!(answer("pavel", "s3:GetObject", "arn:aws:s3:::ballast/x").verdict, Verdict::ImplicitDeny);
}

#[test]
fn a_managed_policy_of_aws_decides() {
    let answer = answer("user/pavel", "iam:GetUser", "user/olga");
    // IAMReadOnlyAccess allows it; the boundary does not.
    assert_eq!(part(&answer, LayerName::IdentityPolicies), Part::Allows);
    assert_eq!(answer.verdict, Verdict::ImplicitDeny);
    assert_eq!(answer.request.resource, "arn:aws:iam::111122223333:user/olga");
    let copied =
        self::answer("role/surveyor", "geo:GetPlace", "arn:aws:geo:eu-north-1:111122223333:place-index/x");
    assert_eq!(copied.verdict, Verdict::Allowed);
}

#[test]
fn a_role_is_assumed_by_its_trust_policy() {
    let question = Question::new("user/nadia", "sts:AssumeRole", "role/deployer");
    let without = try_ask(&question).unwrap();
    assert_eq!(without.verdict, Verdict::ImplicitDeny);
    assert_eq!(without.summary, "the role's trust policy does not let it in");
    assert_eq!(without.missing_context, ["aws:MultiFactorAuthPresent"]);
    let with = try_ask(&question.with("aws:MultiFactorAuthPresent", "true")).unwrap();
    assert_eq!(with.verdict, Verdict::Allowed);
    let deciding = with.deciding.as_ref().unwrap();
    assert_eq!(deciding.layer, LayerName::ResourcePolicy);
    assert_eq!(with.policies[deciding.policy].title(), "trust policy of role/ci/deployer");
    // What is stored is nadia's unique id; what is shown is her ARN.
    let marks = marked(&with, deciding);
    let principal = marks.iter().find(|(_, label)| *label == "names the principal").unwrap();
    assert_eq!(principal.0, "\"arn:aws:iam::111122223333:user/crew/nadia\"");
    assert!(marks.contains(&("\"aws:MultiFactorAuthPresent\"", "holds: it is `true`")));
}

#[test]
fn trusting_the_account_delegates_to_its_policies() {
    // surveyor trusts the account and deployer; olga has no policies, deployer is named itself.
    let olga = answer("user/olga", "sts:AssumeRole", "role/surveyor");
    assert_eq!(
        (olga.verdict, olga.summary.as_str()),
        (Verdict::ImplicitDeny, "the principal has no policies")
    );
    assert_eq!(part(&olga, LayerName::ResourcePolicy), Part::Allows);
    assert_eq!(answer("role/deployer/run-7", "sts:AssumeRole", "role/surveyor").verdict, Verdict::Allowed);
}

#[test]
fn services_and_root_are_principals_too() {
    let service = answer("ec2.amazonaws.com", "sts:AssumeRole", "role/deployer");
    assert_eq!(service.verdict, Verdict::Allowed);
    assert_eq!(service.request.principal, "ec2.amazonaws.com");
    assert_eq!(
        answer("lambda.amazonaws.com", "sts:AssumeRole", "role/deployer").verdict,
        Verdict::ImplicitDeny
    );
    let root = answer("root", "s3:DeleteBucket", "arn:aws:s3:::cargo");
    assert_eq!((root.verdict, root.summary.as_str()), (Verdict::Allowed, "the root user needs no policy"));
}

#[test]
fn other_accounts_must_allow_as_well() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::cargo/*"}]}"#;
    let mut question = Question::new("user/pavel", "s3:GetObject", "arn:aws:s3:::cargo/x");
    question.resource_account = Some(base::AccountId::parse("444455556666").unwrap());
    let unknown = try_ask(&question).unwrap();
    assert_eq!(unknown.verdict, Verdict::ImplicitDeny);
    assert!(
        unknown.notes.iter().any(|note| note.contains("belongs to account 444455556666")),
        "{:?}",
        unknown.notes
    );
    question.resource_policy = Some(policy.to_owned());
    let known = try_ask(&question).unwrap();
    assert_eq!(known.verdict, Verdict::Allowed);
    question.session_policies = vec![policy.to_owned()];
    assert!(matches!(try_ask(&question), Err(ExplainError::BadPolicy { what: "session policy", .. })));
}

#[test]
fn given_keys_go_before_those_that_are_filled_in() {
    let question = Question::new("role/deployer", "ecs:UpdateService", "*")
        .with("aws:username", "x")
        .with("AWS:TOKENISSUETIME", "");
    let answer = try_ask(&question).unwrap();
    let entry = |key: &str| answer.request.context.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    assert_eq!(entry("aws:username").unwrap().source, Source::Given);
    assert_eq!(entry("aws:TokenIssueTime"), None);
    assert_eq!(entry("aws:PrincipalTag/Purpose").unwrap().values, ["delivery"]);
    assert_eq!(entry("aws:userid").unwrap().values, ["AROAHARBOURDEPLOYER01:explain"]);
    assert_eq!(entry("aws:PrincipalArn").unwrap().values, ["arn:aws:iam::111122223333:role/ci/deployer"]);
}

#[test]
fn what_is_not_there_is_told_with_help() {
    let error = try_ask(&Question::new("user/nadja", "s3:GetObject", "*")).unwrap_err();
    assert_eq!(
        error,
        ExplainError::NoSuchPrincipal { text: "user/nadja".into(), near: vec!["user/nadia".into()] }
    );
    assert_eq!(error.help(), "is one of these meant: user/nadia");
    let error = |principal: &str, action: &str, resource: &str| {
        try_ask(&Question::new(principal, action, resource)).unwrap_err()
    };
    assert!(matches!(
        error("arn:aws:iam::999999999999:user/x", "s3:GetObject", "*"),
        ExplainError::NoSuchAccount(_)
    ));
    assert!(matches!(
        error("arn:aws:iam::111122223333:user/nadia", "s3:GetObject", "*"),
        ExplainError::NoSuchPrincipal { .. }
    ));
    assert!(matches!(
        error("arn:aws:iam::111122223333:group/keepers", "s3:GetObject", "*"),
        ExplainError::NotAPrincipal(_)
    ));
    for action in ["GetObject", "s3:*", "s3:Get Object", ":x", ""] {
        assert!(matches!(error("nadia", action, "*"), ExplainError::NotAnAction(_)), "{action}");
    }
    assert!(matches!(error("nadia", "s3:GetObject", "bucket"), ExplainError::NotAResource(_)));
    assert!(matches!(error("nadia", "iam:GetRole", "role/none"), ExplainError::NoSuchResource(_)));
}

#[test]
fn actions_are_spelt_as_documented_and_unknown_ones_are_told() {
    let answer = answer("nadia", "S3:getobject", "arn:aws:s3:::harbour-notes/nadia/x");
    assert_eq!((answer.request.action.as_str(), answer.verdict), ("s3:GetObject", Verdict::Allowed));
    let unknown = self::answer("nadia", "s3:GetObjct", "*");
    assert!(
        unknown.notes[0].contains("`s3:GetObjct` is no action that AWS documents; is `s3:GetObject"),
        "{:?}",
        unknown.notes
    );
    let list = self::answer("nadia", "s3:ListAllMyBuckets", "arn:aws:s3:::cargo");
    assert_eq!(list.request.resource, "*");
}

#[test]
fn an_answer_survives_json() {
    let answer = answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest");
    let text = serde_json::to_string(&answer).unwrap();
    assert!(text.contains("\"Verdict\":\"implicitDeny\""), "{text}");
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
}

/// The changes in words, one line each.
fn changes(answer: &Answer) -> Vec<String> {
    let joined = |change: &ChangeAnswer| {
        change.steps.iter().map(|step| step.says.as_str()).collect::<Vec<_>>().join(", and ")
    };
    answer.changes.iter().map(joined).collect()
}

#[test]
fn the_smallest_change_is_told() {
    let bounded = answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest");
    assert_eq!(changes(&bounded), ["statement 1 of permissions boundary `crew-limit` covered the action"]);
    let step = &bounded.changes[0].steps[0];
    assert_eq!((step.kind, step.layer), (StepKind::Allow, LayerName::PermissionsBoundary));
    let nearest = step.statement.as_ref().unwrap();
    assert_eq!(marked(&bounded, nearest), [("\"Action\"", "does not cover `s3:PutObject`")]);

    let allowed = answer("user/nadia", "s3:GetObject", "arn:aws:s3:::harbour-notes/nadia/log.txt");
    assert_eq!(
        changes(&allowed),
        ["statement 1, `OwnFolder`, of inline policy `own-notes` of user/crew/nadia"]
    );
    assert_eq!(allowed.changes[0].steps[0].kind, StepKind::Remove);

    let beacon = "arn:aws:ec2:eu-north-1:111122223333:instance/i-0123456789abcdef0";
    let question =
        Question::new("user/nadia", "ec2:TerminateInstances", beacon).with("aws:ResourceTag/role", "beacon");
    let denied = try_ask(&question).unwrap();
    assert_eq!(denied.changes[0].steps[0].kind, StepKind::Lift);
    assert!(changes(&denied)[0].contains("did not deny it"), "{:?}", changes(&denied));

    let nothing = answer("user/nadia", "sqs:SendMessage", "arn:aws:sqs:eu-north-1:111122223333:q");
    assert_eq!(changes(&nothing), ["a policy of the principal allowed it"]);
    // Nothing but a new denial stops the root user.
    assert_eq!(changes(&answer("root", "s3:GetObject", "arn:aws:s3:::cargo/x")), [""; 0]);
    let text = serde_json::to_string(&denied).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), denied);
}

#[test]
fn every_layer_tells_what_matched_and_what_nearly_did() {
    let answer = answer("user/pavel", "s3:PutObject", "arn:aws:s3:::cargo/manifest");
    let of = |layer| {
        let found = answer.layers.iter().find(|found| found.layer == layer).unwrap();
        found.statements.iter().map(|it| (it.matches, marked(&answer, it))).collect::<Vec<_>>()
    };
    let identity = of(LayerName::IdentityPolicies);
    assert!(identity[0].0, "those that match come first: {identity:?}");
    assert_eq!(
        of(LayerName::PermissionsBoundary),
        [(false, vec![("\"Action\"", "does not cover `s3:PutObject`")])]
    );
    assert!(of(LayerName::SessionPolicies).is_empty());
}
