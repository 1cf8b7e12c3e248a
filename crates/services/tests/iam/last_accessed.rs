use crate::harness::{Answer, Keys, World, allow};
use crate::{READ_ONLY, arn};
use std::time::Duration;

/// Asks for a report, lets the server make it, and yields the job's id.
fn job(world: &World, arn: &str, granularity: &str) -> String {
    let params = [("Arn", arn), ("Granularity", granularity)];
    let id = world.iam("GenerateServiceLastAccessedDetails", &params).text("JobId");
    world.front.tick().unwrap();
    id
}

fn details(world: &World, job: &str) -> Answer {
    world.iam("GetServiceLastAccessedDetails", &[("JobId", job)])
}

/// A world in which bob used two services, and the usage is written.
fn used() -> (World, Keys) {
    let world = World::new();
    let bob = world.user("bob", &allow(&["iam:List*", "s3:GetObject", "sts:*"]));
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("allowed");
    world.clock.advance(Duration::from_secs(5));
    world.iam_as(&bob, "ListGroups", &[]).expect_ok("allowed");
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("open");
    world.iam_as(&bob, "CreateUser", &[("UserName", "x")]).expect_code("an attempt counts", "AccessDenied");
    world.front.tick().unwrap();
    (world, bob)
}

#[test]
fn services_that_the_policies_allow_are_told_with_their_last_use() {
    let (world, _) = used();
    let id = job(&world, &arn("user/bob"), "SERVICE_LEVEL");
    let told = details(&world, &id);
    assert_eq!((told.text("JobStatus"), told.text("JobType")), ("COMPLETED".into(), "SERVICE_LEVEL".into()));
    assert_eq!(told.texts("ServiceNamespace"), ["iam", "s3", "sts"]);
    assert_eq!(told.texts("LastAuthenticated"), ["2026-01-02T03:04:10Z", "2026-01-02T03:04:10Z"]);
    assert_eq!(told.texts("LastAuthenticatedEntity"), [arn("user/bob"), arn("user/bob")]);
    assert_eq!(told.texts("LastAuthenticatedRegion"), ["us-east-1", "us-east-1"]);
    assert_eq!(told.texts("TotalAuthenticatedEntities"), ["1", "0", "1"]);
    assert_eq!(told.texts("ServiceName")[1], "Amazon S3");
    assert!(!told.has("TrackedActionsLastAccessed") && !told.has("Error"));
    assert!(told.has("JobCreationDate") && told.has("JobCompletionDate"));
}

#[test]
fn actions_are_told_at_action_level() {
    let (world, _) = used();
    let told = details(&world, &job(&world, &arn("user/bob"), "ACTION_LEVEL"));
    assert_eq!(told.text("JobType"), "ACTION_LEVEL");
    assert_eq!(told.texts("ActionName"), ["CreateUser", "ListGroups", "ListUsers", "GetCallerIdentity"]);
    assert_eq!(told.texts("LastAccessedTime")[2], "2026-01-02T03:04:05Z");
    assert_eq!(told.texts("LastAccessedEntity")[0], arn("user/bob"));
}

#[test]
fn a_job_is_in_progress_until_it_is_done_and_its_answer_stays() {
    let (world, _) = used();
    let id = world.iam("GenerateServiceLastAccessedDetails", &[("Arn", &arn("user/bob"))]).text("JobId");
    assert_eq!(id.len(), 36);
    let waiting = details(&world, &id);
    assert_eq!(waiting.text("JobStatus"), "IN_PROGRESS");
    assert!(waiting.texts("ServiceNamespace").is_empty());
    world.front.tick().unwrap();
    let before = details(&world, &id);
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    assert_eq!(details(&world, &id).texts("ServiceNamespace"), before.texts("ServiceNamespace"));
    let page = world.iam("GetServiceLastAccessedDetails", &[("JobId", &id), ("MaxItems", "2")]);
    assert_eq!((page.texts("ServiceNamespace").len(), page.text("IsTruncated")), (2, "true".into()));
    let params = [("JobId", id.as_str()), ("Marker", &page.text("Marker"))];
    assert_eq!(world.iam("GetServiceLastAccessedDetails", &params).texts("ServiceNamespace"), ["sts"]);
    world.clock.advance(Duration::from_secs(8 * 86_400));
    world.iam_fails("GetServiceLastAccessedDetails", &[("JobId", &id)], "NoSuchEntity");
}

#[test]
fn only_who_asked_gets_the_answer() {
    let (world, _) = used();
    let id = job(&world, &arn("user/bob"), "SERVICE_LEVEL");
    let eve = world.user("eve", &allow(&["iam:*"]));
    world
        .iam_as(&eve, "GetServiceLastAccessedDetails", &[("JobId", &id)])
        .expect_code("another user", "NoSuchEntity");
    let unknown = "00000000-0000-0000-0000-000000000000";
    world.iam_fails("GetServiceLastAccessedDetails", &[("JobId", unknown)], "NoSuchEntity");
    world.iam_fails("GetOrganizationsAccessReport", &[("JobId", unknown)], "NoSuchEntity");
}

#[test]
fn groups_and_policies_are_told_with_their_entities() {
    let (world, _) = used();
    world.iam("CreateUser", &[("UserName", "ann")]);
    world.iam("CreateGroup", &[("GroupName", "crew")]);
    for user in ["ann", "bob"] {
        world.iam("AddUserToGroup", &[("GroupName", "crew"), ("UserName", user)]);
    }
    world.iam("AttachGroupPolicy", &[("GroupName", "crew"), ("PolicyArn", READ_ONLY)]);
    world.role("pilot", &crate::harness::trust(crate::ACCOUNT), "");
    world.iam("AttachRolePolicy", &[("RoleName", "pilot"), ("PolicyArn", READ_ONLY)]);
    let entities = |arn: &str| {
        let id = job(&world, arn, "SERVICE_LEVEL");
        let params = [("JobId", id.as_str()), ("ServiceNamespace", "iam")];
        world.iam("GetServiceLastAccessedDetailsWithEntities", &params)
    };
    let group = entities(&arn("group/crew"));
    assert_eq!(
        (group.texts("Name"), group.texts("Type")),
        (vec!["bob".into(), "ann".into()], vec!["USER".into(); 2])
    );
    assert_eq!(group.texts("LastAuthenticated"), ["2026-01-02T03:04:10Z"]);
    assert_eq!(group.texts("Path"), ["/", "/"]);
    let policy = entities(READ_ONLY);
    let mut names = policy.texts("Name");
    names.sort();
    assert_eq!(names, ["ann", "bob", "pilot"]);
    assert!(policy.texts("Type").contains(&"ROLE".to_owned()));
    let id = job(&world, &arn("group/crew"), "SERVICE_LEVEL");
    let params = [("JobId", id.as_str()), ("ServiceNamespace", "nonsense")];
    world.iam_fails("GetServiceLastAccessedDetailsWithEntities", &params, "InvalidInput");
}

#[test]
fn arns_must_name_something_of_the_account() {
    let world = World::new();
    for (arn, code) in [
        (arn("user/nobody"), "NoSuchEntity"),
        (arn("group/nobody"), "NoSuchEntity"),
        (arn("policy/nobody"), "NoSuchEntity"),
        (arn("instance-profile/x"), "InvalidInput"),
        ("arn:aws:iam::210987654321:user/bob".to_owned(), "AccessDenied"),
        ("arn:aws:s3:::bucket-of-some-kind".to_owned(), "InvalidInput"),
        ("something that is no arn".to_owned(), "InvalidInput"),
    ] {
        world.iam_fails("GenerateServiceLastAccessedDetails", &[("Arn", &arn)], code);
        let params = [("Arn", arn.as_str()), ("ServiceNamespaces.member.1", "iam")];
        world.iam_fails("ListPoliciesGrantingServiceAccess", &params, code);
    }
}

#[test]
fn policies_that_grant_a_service_are_listed() {
    let (world, _) = used();
    world.iam("CreateGroup", &[("GroupName", "crew")]);
    world.iam("AddUserToGroup", &[("GroupName", "crew"), ("UserName", "bob")]);
    let group = [("GroupName", "crew"), ("PolicyName", "g"), ("PolicyDocument", &allow(&["s3:*"]))];
    world.iam("PutGroupPolicy", &group);
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", READ_ONLY)]);
    let params = [
        ("Arn", &*arn("user/bob")),
        ("ServiceNamespaces.member.1", "s3"),
        ("ServiceNamespaces.member.2", "sts"),
        ("ServiceNamespaces.member.3", "ec2"),
    ];
    let listed = world.iam("ListPoliciesGrantingServiceAccess", &params);
    assert_eq!(listed.texts("ServiceNamespace"), ["s3", "sts", "ec2"]);
    let names = listed.texts("PolicyName");
    assert_eq!(names.iter().filter(|name| *name == "p").count(), 2, "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "g").count(), 1);
    assert!(names.contains(&"ReadOnlyAccess".to_owned()));
    assert!(listed.texts("PolicyArn").iter().all(|arn| arn == READ_ONLY));
    assert_eq!(listed.texts("EntityType"), ["USER", "GROUP", "USER"]);
    assert_eq!(listed.texts("EntityName"), ["bob", "crew", "bob"]);
    assert_eq!(listed.text("IsTruncated"), "false");
    let unknown = [params[0], ("ServiceNamespaces.member.1", "nonsense")];
    world.iam_fails("ListPoliciesGrantingServiceAccess", &unknown, "InvalidInput");
    let policy = [("Arn", READ_ONLY), ("ServiceNamespaces.member.1", "s3")];
    world.iam_fails("ListPoliciesGrantingServiceAccess", &policy, "InvalidInput");
}

#[test]
fn usage_ends_with_its_user() {
    let (world, bob) = used();
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    let id = world.iam("GenerateServiceLastAccessedDetails", &[("Arn", &arn("user/bob"))]).text("JobId");
    world.iam("DeleteUser", &[("UserName", "bob")]);
    world.front.tick().unwrap();
    let failed = details(&world, &id);
    assert_eq!((failed.text("JobStatus"), failed.has("Code")), ("FAILED".into(), true));
    world.user("bob", &allow(&["iam:*"]));
    let again = details(&world, &job(&world, &arn("user/bob"), "SERVICE_LEVEL"));
    assert!(!again.has("LastAuthenticated"));
}

#[test]
fn without_an_organization_there_is_no_report_of_one() {
    let world = World::new();
    let path = format!("o-a1b2c3d4e5/r-f6g7/{}", crate::ACCOUNT);
    let refused = world.iam_as(&world.admin, "GenerateOrganizationsAccessReport", &[("EntityPath", &path)]);
    assert!(refused.code().starts_with("OrganizationNotFound"), "{}", refused.body);
    assert_eq!(refused.message(), "No organization is associated with your account.");
}
