use crate::arn;
use crate::harness::{World, allow};
use base64::Engine as _;
use std::time::Duration;

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

fn content(world: &World) -> String {
    let answer = world.iam("GetCredentialReport", &[]);
    assert_eq!(answer.text("ReportFormat"), "text/csv");
    let bytes = base64::engine::general_purpose::STANDARD.decode(answer.text("Content")).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn state(world: &World) -> String {
    world.iam("GenerateCredentialReport", &[]).text("State")
}

#[test]
fn a_report_is_asked_for_made_and_read() {
    let world = World::new();
    let none = world.iam_fails("GetCredentialReport", &[], "ReportNotPresent");
    assert_eq!(none.status, 410);
    let bob = world.user("Bob,1", &allow(&["iam:ListUsers"]));
    let second = world.iam("CreateAccessKey", &[("UserName", "Bob,1")]).text("AccessKeyId");
    let off = [("UserName", "Bob,1"), ("AccessKeyId", second.as_str()), ("Status", "Inactive")];
    world.iam("UpdateAccessKey", &off);
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("a use");
    world.front.tick().unwrap();

    let started = world.iam("GenerateCredentialReport", &[]);
    assert_eq!(started.text("State"), "STARTED");
    assert_eq!(started.text("Description"), "No report exists. Starting a new report generation task");
    assert_eq!(state(&world), "INPROGRESS");
    let early = world.iam_fails("GetCredentialReport", &[], "ReportInProgress");
    assert_eq!(early.status, 404);
    world.front.tick().unwrap();
    let done = world.iam("GenerateCredentialReport", &[]);
    assert_eq!((done.text("State"), done.has("Description")), ("COMPLETE".into(), false));

    let report = content(&world);
    let lines: Vec<_> = report.lines().collect();
    let now = "2026-01-02T03:04:05Z";
    assert_eq!(lines[0], HEADER);
    assert_eq!(
        lines[1],
        format!(
            "<root_account>,{},{now},not_supported,no_information,not_supported,not_supported,false,\
             false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
            arn("root")
        )
    );
    assert_eq!(
        lines[2],
        format!(
            "\"Bob,1\",\"{}\",{now},false,N/A,N/A,N/A,false,true,{now},{now},us-east-1,iam,\
             false,{now},N/A,N/A,N/A,false,N/A,false,N/A",
            arn("user/Bob,1")
        )
    );
    assert!(lines[3].starts_with("dev,"), "{}", lines[3]);
    assert_eq!((lines.len(), report.ends_with('\n')), (4, false));
}

#[test]
fn a_report_is_good_for_four_hours() {
    let world = World::new();
    assert_eq!(state(&world), "STARTED");
    world.front.tick().unwrap();
    let before = content(&world);
    world.iam("CreateUser", &[("UserName", "late")]);
    world.clock.advance(Duration::from_secs(4 * 3_600));
    assert_eq!((state(&world), content(&world)), ("COMPLETE".into(), before));
    world.clock.advance(Duration::from_secs(1));
    let expired = world.iam_fails("GetCredentialReport", &[], "ReportExpired");
    assert_eq!(expired.status, 410);
    assert_eq!(state(&world), "STARTED");
    // Whoever asks again after a second need not wait for the server's round.
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(state(&world), "COMPLETE");
    assert!(content(&world).contains("\nlate,"));
}

#[test]
fn every_account_has_its_own_report() {
    let world = World::new();
    let other = world.second_account();
    state(&world);
    world.front.tick().unwrap();
    world.iam_as(&other, "GetCredentialReport", &[]).expect_code("other", "ReportNotPresent");
    let eve = world.user("eve", &allow(&["iam:GenerateCredentialReport"]));
    world.iam_as(&eve, "GetCredentialReport", &[]).expect_code("without the right", "AccessDenied");
}
