//! The access graph: every way of the table fires, and look-alikes do not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "graph/world.rs"]
mod world;

use analysis::who_can::Verdict;
use audit::auditor::Auditor;
use audit::finding::{Severity, Status};
use audit::graph::methods::{self, Method, On, Shape};
use audit::graph::{Goal, remedy};
use audit::settings::Settings;
use bailiwick_audit as audit;
use serde_json::{Value, json};
use world::{ACCOUNT, World, allow, allow_on, arn, deny, now, policy, trusts};

fn admin() -> Vec<Value> {
    vec![allow(&["*"])]
}

fn lambda() -> Value {
    trusts("Service", "lambda.amazonaws.com")
}

fn resource_of(kind: &str) -> String {
    let (service, resource) = match kind {
        "AWS::AppRunner::Service" => ("apprunner", "service/one/8fe1e10304f84fd2b0df550fe98a71fa"),
        "AWS::BedrockAgentCore::CodeInterpreterCustom" => {
            ("bedrock-agentcore", "code-interpreter-custom/one-abcdefghij")
        }
        "AWS::Batch::JobDefinition" => ("batch", "job-definition/one:1"),
        "AWS::CloudFormation::Stack" => ("cloudformation", "stack/one/e690ef80-35b1-7e67-1d62-db1fa86fb9bc"),
        "AWS::CodeBuild::Project" => ("codebuild", "project/one"),
        "AWS::CodeDeploy::DeploymentGroup" => ("codedeploy", "deploymentgroup:one/one"),
        "AWS::EC2::Instance" => ("ec2", "instance/i-0123456789abcdef0"),
        "AWS::EC2::LaunchTemplate" => ("ec2", "launch-template/lt-0123456789abcdef0"),
        "AWS::ECS::Service" => ("ecs", "service/one/one"),
        "AWS::Glue::DevEndpoint" => ("glue", "devEndpoint/one"),
        "AWS::Lambda::Function" => ("lambda", "function:one"),
        "AWS::SageMaker::NotebookInstance" => ("sagemaker", "notebook-instance/one"),
        "AWS::StepFunctions::StateMachine" => ("states", "stateMachine:one"),
        other => panic!("no resource for {other}"),
    };
    format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}")
}

/// A world in which a method works, made from its line of the table; and who goes it. `more` is put into the policy of
/// whoever acts.
fn world_of(method: &Method, more: &[Value]) -> (World, &'static str) {
    let mut actions: Vec<&str> = method.needs.iter().map(|need| need.action).collect();
    actions.sort_unstable();
    let mut own = vec![allow(&actions)];
    own.extend_from_slice(more);
    let first = method.needs[0].on;
    let attacker = trusts("AWS", &arn("user/attacker"));
    let world = World::default();
    match method.shape {
        Shape::Pass => {
            let trust = match method.trust[0].strip_prefix("federated:") {
                Some(provider) => trusts("Federated", provider),
                None => trusts("Service", method.trust[0]),
            };
            (world.user("attacker", &own).role("target", trust, &admin()), "user/attacker")
        }
        Shape::Use => {
            let world = world.user("attacker", &own).role("target", lambda(), &admin());
            (
                world.workload(method.workloads[0], &resource_of(method.workloads[0]), "target"),
                "user/attacker",
            )
        }
        Shape::Assume => (world.user("attacker", &own).role("target", attacker, &admin()), "user/attacker"),
        Shape::Credentials => {
            let world = world.user("attacker", &own).user("target", &admin());
            let (keys, password) =
                if method.id == "iam-003" { (2, true) } else { (1, method.id == "iam-006") };
            (world.credentials("target", keys, password, false), "user/attacker")
        }
        Shape::Trust => (world.user("attacker", &own).role("target", lambda(), &admin()), "user/attacker"),
        Shape::SelfPolicy => match first {
            On::Role => (world.role("attacker", lambda(), &own), "role/attacker"),
            On::Group => {
                let world = world.group("team", &[allow(&["s3:ListAllMyBuckets"])]);
                (world.user_with("attacker", &own, &["team"], &[], ""), "user/attacker")
            }
            On::Policy => {
                let world = world.managed("mine", &[policy(&[allow(&actions)])]);
                (world.user_with("attacker", more, &[], &["mine"], ""), "user/attacker")
            }
            _ => (world.user("attacker", &own), "user/attacker"),
        },
        Shape::OtherPolicy => {
            let trust = if actions.contains(&"sts:AssumeRole") { attacker } else { lambda() };
            let some = [allow(&["s3:ListAllMyBuckets"])];
            let world = world.user("attacker", &own).managed("theirs", &[policy(&some)]);
            let world = match method.needs[1].on {
                On::User => world.user("target", &some),
                _ => world.role_with("target", trust, &[], &["theirs"], ""),
            };
            (world, "user/attacker")
        }
        Shape::Join => (world.user("attacker", &own).group("admins", &admin()), "user/attacker"),
        Shape::Version => {
            let world = world.managed("mine", &[policy(&admin()), policy(&own)]);
            (world.user_with("attacker", &[], &[], &["mine"], ""), "user/attacker")
        }
        Shape::Unbind | Shape::UnbindPolicy => {
            let mut all = admin();
            all.extend_from_slice(more);
            let limit = if first == On::Role { vec![allow(&["s3:*"])] } else { vec![allow(&actions)] };
            let world = world.managed("limit", &[policy(&limit)]);
            match first {
                On::Role => {
                    let world = world.user("attacker", &own);
                    (world.role_with("target", attacker, &admin(), &[], "limit"), "user/attacker")
                }
                _ => (world.user_with("attacker", &all, &[], &[], "limit"), "user/attacker"),
            }
        }
        Shape::SignOn => {
            let mut world = world.user("attacker", &own);
            world.sign_on = true;
            (world, "user/attacker")
        }
    }
}

#[test]
fn every_way_of_the_table_works_where_all_it_needs_is_allowed() {
    for method in methods::all() {
        let (world, attacker) = world_of(method, &[]);
        let ids = world.ids(attacker);
        assert!(ids.iter().any(|id| id == method.id), "{} is not found: {ids:?}", method.id);
    }
}

#[test]
fn no_way_works_where_any_action_that_it_needs_is_denied() {
    for method in methods::all() {
        for need in &method.needs {
            let (world, attacker) = world_of(method, &[deny(&[need.action])]);
            let ids = world.ids(attacker);
            assert!(!ids.iter().any(|id| id == method.id), "{} works without {}", method.id, need.action);
        }
    }
}

#[test]
fn no_way_works_under_a_boundary_or_scp_that_leaves_out_an_action() {
    for method in methods::all().iter().filter(|method| method.shape == Shape::Pass) {
        let (world, attacker) = world_of(method, &[]);
        let denied = world.clone().scp(&[allow(&["*"]), deny(&[method.needs[1].action])]);
        let ids = denied.ids(attacker);
        assert!(!ids.iter().any(|id| id == method.id), "{} works against an SCP", method.id);
        assert!(!world.scp(&[allow(&["*"])]).steps(attacker).is_empty(), "{}", method.id);
    }
}

const CREATE: [&str; 3] = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"];

fn passing(pass: Value) -> World {
    World::default().user("ann", &[pass, allow(&CREATE[1..])]).role("admin", lambda(), &admin()).role(
        "harmless",
        lambda(),
        &[allow(&["logs:PutLogEvents"])],
    )
}

#[test]
fn a_passed_role_must_be_one_that_matters_to_a_service_that_it_trusts() {
    let pass = |resource: &str, service: Option<&str>| {
        let mut statement = allow_on(&["iam:PassRole"], resource);
        if let Some(service) = service {
            statement["Condition"] = json!({"StringEquals": {"iam:PassedToService": service}});
        }
        passing(statement).steps("user/ann")
    };
    assert_eq!(pass("*", None), ["lambda-001"]);
    assert_eq!(pass("*", Some("lambda.amazonaws.com")), ["lambda-001"]);
    assert!(pass("*", Some("ec2.amazonaws.com")).is_empty(), "the role trusts another service");
    assert!(pass(&arn("role/harmless"), None).is_empty(), "the target is no administrator");
    assert_eq!(pass(&arn("role/adm*"), None), ["lambda-001"]);
    assert!(pass(&arn("role/aws-service-role/*"), None).is_empty());
}

#[test]
fn what_is_made_may_be_limited_to_a_pattern_of_names() {
    let function = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:dev-*");
    let world = World::default()
        .user("ann", &[allow(&["iam:PassRole"]), allow_on(&CREATE[1..], &function)])
        .role("admin", lambda(), &admin());
    let path = world.path("user/ann").unwrap();
    assert_eq!(path.steps[0].id, "lambda-001");
    assert!(path.unconditional);
    let elsewhere = "arn:aws:lambda:eu-west-1:999999999999:function:dev-*";
    let world = World::default()
        .user("ann", &[allow(&["iam:PassRole"]), allow_on(&CREATE[1..], elsewhere)])
        .role("admin", lambda(), &admin());
    assert!(world.steps("user/ann").is_empty(), "functions of another account");
}

#[test]
fn an_existing_workload_is_needed_where_nothing_is_made() {
    let world = World::default()
        .user("ann", &[allow(&["lambda:UpdateFunctionCode", "lambda:InvokeFunction"])])
        .role("admin", lambda(), &admin())
        .role("harmless", lambda(), &[]);
    assert!(world.steps("user/ann").is_empty(), "nothing is known to run as the role");
    let harmless =
        world.clone().workload("AWS::Lambda::Function", &resource_of("AWS::Lambda::Function"), "harmless");
    assert!(harmless.steps("user/ann").is_empty(), "the function runs as a harmless role");
    let world = world.workload("AWS::Lambda::Function", &resource_of("AWS::Lambda::Function"), "admin");
    assert_eq!(world.steps("user/ann"), ["lambda-003"]);
    assert!(world.ids("user/ann").contains(&"lambda-004".to_owned()));
}

#[test]
fn chains_go_over_several_principals_and_policies() {
    let world = World::default()
        .managed("part", &[policy(&[allow(&["lambda:CreateFunction"])])])
        .user_with("ann", &[allow_on(&["sts:AssumeRole"], &arn("role/deploy"))], &[], &[], "")
        .role_with(
            "deploy",
            trusts("AWS", &arn("root")),
            &[allow(&["iam:PassRole", "lambda:InvokeFunction"])],
            &["part"],
            "",
        )
        .role("keys", lambda(), &[allow_on(&["iam:CreateAccessKey"], &arn("user/boss"))])
        .user("boss", &admin())
        .credentials("boss", 1, false, true);
    assert_eq!(world.steps("user/ann"), ["sts-001", "lambda-001", "iam-002"]);
    let path = world.path("user/ann").unwrap();
    let names: Vec<&str> = path.steps.iter().map(|step| step.to.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["deploy", "keys", "boss"]);
    assert!(path.admin && path.unconditional);
}

#[test]
fn both_sides_of_a_role_count() {
    let world =
        |trust: Value, own: &[Value]| World::default().user("ann", own).role("admin", trust, &admin());
    let assume = [allow(&["sts:AssumeRole"])];
    assert!(
        world(trusts("AWS", &arn("root")), &[]).steps("user/ann").is_empty(),
        "the account only delegates"
    );
    assert_eq!(world(trusts("AWS", &arn("root")), &assume).steps("user/ann"), ["sts-001"]);
    assert_eq!(world(trusts("AWS", &arn("user/ann")), &[]).steps("user/ann"), ["sts-001"]);
    assert!(world(trusts("AWS", &arn("user/bob")), &assume).steps("user/ann").is_empty());
    assert!(world(lambda(), &assume).steps("user/ann").is_empty());
    let limited = |condition: Value| {
        let mut trust = trusts("AWS", "*");
        trust["Condition"] = condition;
        world(trust, &assume).scp(&[allow(&["*"])])
    };
    let organization =
        |id: &str| limited(json!({"StringEquals": {"aws:PrincipalOrgID": id}})).steps("user/ann");
    assert_eq!(organization("o-example"), ["sts-001"]);
    assert!(organization("o-other").is_empty(), "the trust is limited to another organization");
    assert!(limited(json!({"StringEquals": {"sts:ExternalId": "secret"}})).steps("user/ann").is_empty());
    assert!(
        limited(json!({"DateLessThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"}}))
            .steps("user/ann")
            .is_empty()
    );
    let mfa = limited(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})).path("user/ann").unwrap();
    assert!(!mfa.unconditional);
    assert_eq!(mfa.steps[0].conditions, ["aws:MultiFactorAuthPresent Bool true"]);
}

#[test]
fn a_boundary_stays_after_a_policy_is_written() {
    let write = [allow(&["iam:PutUserPolicy", "iam:CreateAccessKey"])];
    let bounded = |limit: &[Value]| {
        let world = World::default().managed("limit", &[policy(limit)]);
        world.user_with("ann", &write, &[], &[], "limit").steps("user/ann")
    };
    assert!(bounded(&[allow(&["iam:PutUserPolicy", "s3:*"])]).is_empty());
    assert_eq!(bounded(&[allow(&["*"])]), ["iam-007"]);
    let chain = bounded(&[allow(&["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"])]);
    assert_eq!(chain, ["iam-007", "iam-022"], "what it may give itself takes the boundary off");
    let kept = [allow(&["*"]), deny(&["iam:DeleteUserPermissionsBoundary"]), deny(&["iam:PutUserPolicy"])];
    assert!(bounded(&kept).is_empty());
}

#[test]
fn administrators_are_found_by_what_they_can_do() {
    let many = [
        "iam:*",
        "s3:*",
        "ec2:*",
        "lambda:*",
        "dynamodb:*",
        "rds:*",
        "kms:*",
        "secretsmanager:*",
        "ssm:*",
        "sns:*",
        "sqs:*",
        "cloudformation:*",
        "cloudtrail:*",
        "logs:*",
        "ecs:*",
        "ecr:*",
        "route53:*",
    ];
    let region = json!({"Effect": "Deny", "NotAction": ["iam:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}});
    let world = World::default()
        .managed("no-iam", &[policy(&[json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})])])
        .user("many", &[allow(&many)])
        .user("nearly", &[allow(&["*"]), deny(&["organizations:LeaveOrganization", "sqs:DeleteQueue"])])
        .user("region", &[allow(&["*"]), region])
        .user("power", &[json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})])
        .user("denied", &[allow(&["*"]), deny(&["iam:*"])])
        .user_with("bounded", &admin(), &[], &[], "no-iam")
        .user_with("by-name", &[], &[], &["aws:AdministratorAccess"], "")
        .user(
            "tagged",
            &[json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}})],
        );
    let graph = world.graph();
    let is = |name: &str| graph.admin(graph.by_arn(&arn(&format!("user/{name}"))).unwrap());
    for name in ["many", "nearly", "by-name"] {
        assert_eq!(is(name), Verdict::Always, "{name}");
    }
    assert_ne!(is("region"), Verdict::Never);
    for name in ["power", "denied", "bounded", "tagged"] {
        assert_eq!(is(name), Verdict::Never, "{name}");
    }
}

#[test]
fn credentials_that_are_there_already_count() {
    let world = |keys, password, mfa| {
        let all = [allow(&["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"])];
        World::default()
            .user("ann", &all)
            .user("boss", &admin())
            .credentials("boss", keys, password, mfa)
            .ids("user/ann")
    };
    assert_eq!(world(2, false, false), ["iam-004"]);
    assert_eq!(world(2, true, false), ["iam-006"]);
    assert!(world(2, true, true).is_empty(), "a password without the MFA device is of no use");
    assert_eq!(world(1, true, true), ["iam-002"]);
}

#[test]
fn roles_that_aws_keeps_are_not_changed() {
    let own = [allow(&[
        "iam:UpdateAssumeRolePolicy",
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
    ])];
    let linked = World::default().user("ann", &own).role(
        "aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda",
        lambda(),
        &admin(),
    );
    assert!(linked.steps("user/ann").is_empty());
    let reserved = World::default().user("ann", &own[..1]).role(
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
        trusts("Federated", "saml"),
        &admin(),
    );
    assert!(reserved.steps("user/ann").is_empty());
}

#[test]
fn rcps_bind_whoever_assumes_a_role() {
    let world = World::default().user("ann", &[allow(&["sts:AssumeRole"])]).role(
        "admin",
        trusts("AWS", &arn("root")),
        &admin(),
    );
    assert_eq!(world.steps("user/ann"), ["sts-001"]);
    let all = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    let no = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"});
    assert!(world.rcp(&[all, no]).steps("user/ann").is_empty());
}

#[test]
fn a_group_that_is_joined_may_lead_on() {
    let world = World::default()
        .user("ann", &[allow(&["iam:AddUserToGroup"])])
        .group("writers", &[allow(&["iam:PutUserPolicy"])])
        .group("readers", &[allow(&["s3:GetObject"])]);
    assert_eq!(world.steps("user/ann"), ["iam-013", "iam-007"]);
    let only = World::default()
        .user("ann", &[allow_on(&["iam:AddUserToGroup"], &arn("group/readers"))])
        .group("admins", &admin())
        .group("readers", &[allow(&["s3:GetObject"])]);
    assert!(only.steps("user/ann").is_empty());
}

#[test]
fn what_can_be_reached_and_who_reaches_it() {
    let world = World::default()
        .user("ann", &[allow_on(&["sts:AssumeRole"], &arn("role/reader"))])
        .user("bob", &[])
        .role(
            "reader",
            trusts("AWS", &arn("root")),
            &[allow_on(&["s3:GetObject"], "arn:aws:s3:::payroll/*")],
        );
    let graph = world.graph();
    let who = |name: &str| graph.by_arn(&arn(name)).unwrap();
    let goal = Goal::Action { action: "s3:GetObject".into(), resource: "arn:aws:s3:::payroll/1.csv".into() };
    let reaching = graph.all_who_reach(&goal).unwrap();
    assert_eq!(reaching.iter().map(|path| path.from).collect::<Vec<_>>(), [who("user/ann")]);
    assert!(graph.at(&goal).unwrap().contains(&who("role/reader")));
    let goal = Goal::Principal(who("role/reader"));
    assert!(graph.shortest(who("user/ann"), &goal).unwrap().is_some());
    assert!(graph.shortest(who("user/bob"), &goal).unwrap().is_none());
    let blast = graph.blast(who("user/ann"));
    assert!(!blast.admin);
    assert_eq!(blast.paths.iter().map(|path| path.to).collect::<Vec<_>>(), [who("role/reader")]);
    assert!(graph.blast(who("user/bob")).paths.is_empty());
}

#[test]
fn findings_tell_path_evidence_witness_and_a_fix_that_holds() {
    let world = passing(allow(&["iam:PassRole"]));
    let estate = world.estate();
    let settings = Settings::default();
    let outcome = Auditor::new(&estate, &settings, now()).run();
    let of = |check: &str| outcome.findings.iter().find(|it| it.check == check && it.status == Status::Fail);
    let found = of("escalation-to-admin").unwrap();
    assert_eq!((found.resource.as_str(), found.severity), (&*arn("user/ann"), Severity::Critical));
    assert_eq!(found.actions, CREATE);
    let witness = found.witness.as_ref().unwrap();
    assert_eq!((&*witness.action, &*witness.resource), ("iam:PassRole", &*arn("role/admin")));
    let evidence = &found.evidence[0];
    assert_eq!((evidence.policy.as_deref(), evidence.statement.as_deref()), (Some("own"), Some("1")));
    let fix = remedy(&estate, evidence, &found.resource).unwrap();
    let audit::finding::Change::PutInline { text, .. } = fix.change.unwrap() else {
        panic!("{:?}", fix.summary)
    };
    let rest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rest["Statement"].as_array().unwrap().len(), 1);
    assert!(of("admin-workload").is_some());
    assert!(of("admin-equivalent").is_some());
    let workloads = outcome.findings.iter().find(|it| it.check == "escalation-through-workload").unwrap();
    assert_eq!(workloads.status, Status::NotAssessable);
}

#[test]
fn powers_of_others_are_told_unless_they_were_given() {
    let own = |statement: Value| {
        let world = World::default().user("ann", &[statement, allow(&CREATE[1..])]).role(
            "secrets",
            lambda(),
            &[allow(&["secretsmanager:GetSecretValue"])],
        );
        let graph = world.graph();
        graph
            .lateral(graph.by_arn(&arn("user/ann")).unwrap())
            .map(|(path, gained)| (path.steps[0].id.clone(), gained))
    };
    assert_eq!(own(allow(&["iam:PassRole"])).unwrap(), ("lambda-001".to_owned(), vec!["read every secret"]));
    assert!(own(allow(&["iam:PassRole", "secretsmanager:GetSecretValue"])).is_none(), "it can already");
    assert!(own(allow(&["iam:GetRole"])).is_none());
}
