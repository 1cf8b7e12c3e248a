//! Every form of input, and what is wrong with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::estate::Input;
use bailiwick_audit::inputs::{InputError, InputFile, InputNoteKind, Inputs, Planner, Reason, read};
use base::{AccountId, Timestamp};
use model::credential_report::LastUse;
use model::organization::OrganizationPolicyKind;
use std::io::Write;

/// 2026-09-21.
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const A: &str = "123456789012";
const B: &str = "210987654321";

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

/// An export of an account with user Ann, role Web in an instance profile, and an AWS managed policy in the
/// export's own words.
fn export(account: &str) -> String {
    let suffix = if account == A { "A" } else { "B" };
    format!(
        r#"{{"UserDetailList": [{{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN{suffix}", "Path": "/",
            "Arn": "arn:aws:iam::{account}:user/Ann", "CreateDate": "2026-01-02T03:04:05+00:00",
            "AttachedManagedPolicies": [{{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}]}}],
        "GroupDetailList": [],
        "RoleDetailList": [{{"RoleName": "Web", "RoleId": "AROAEXAMPLEWEB{suffix}", "Path": "/",
            "Arn": "arn:aws:iam::{account}:role/Web", "CreateDate": "2026-01-02T03:04:05+00:00",
            "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [
                {{"Effect": "Allow", "Principal": {{"Service": "ec2.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}},
            "InstanceProfileList": [{{"InstanceProfileName": "WebProfile", "InstanceProfileId": "AIPAEXAMPLE{suffix}", "Path": "/",
                "Arn": "arn:aws:iam::{account}:instance-profile/WebProfile", "CreateDate": "2026-01-02T03:04:05+00:00", "Roles": []}}]}}],
        "Policies": [{{"PolicyName": "ReadOnlyAccess", "PolicyId": "ANPAEXAMPLE", "Path": "/", "DefaultVersionId": "v7",
            "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "CreateDate": "2015-02-06T18:39:48+00:00",
            "PolicyVersionList": [{{"VersionId": "v7", "IsDefaultVersion": true, "CreateDate": "2020-02-06T18:39:48+00:00",
                "Document": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}]}}}}]}}]}}"#
    )
}

const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,cert_1_active
<root_account>,arn:aws:iam::123456789012:root,2019-09-18T09:21:27+00:00,not_supported,2026-01-28T23:25:24+00:00,not_supported,false,true,2023-07-19T22:10:09+00:00,N/A,N/A,N/A,false
Ann,arn:aws:iam::123456789012:user/Ann,2026-01-02T03:04:05+00:00,true,no_information,2026-01-02T03:04:05+00:00,true,false,2026-01-03T00:00:00+00:00,2026-02-01T00:00:00+00:00,us-east-1,sts,true
";

fn files(files: &[(&str, &str)]) -> Vec<InputFile> {
    files.iter().map(|(name, text)| InputFile::new(*name, text.as_bytes().to_vec())).collect()
}

fn with(more: &[(&str, &str)]) -> Result<Inputs, InputError> {
    let export = export(A);
    let mut all = vec![("account/authz.json", export.as_str())];
    all.extend_from_slice(more);
    read(files(&all), NOW)
}

fn refused(more: &[(&str, &str)]) -> InputError {
    with(more).unwrap_err()
}

#[test]
fn an_export_keeps_the_texts_of_aws_policies_that_it_has() {
    let inputs = with(&[]).unwrap();
    let partition = inputs.estate.partition;
    let state = inputs.estate.snapshot.account(id(A)).unwrap();
    let user = state.users.get("ann").unwrap();
    let text = state.policy_text(&user.attached[0], partition).unwrap();
    assert!(text.contains("s3:GetObject") && text.len() < 200, "{text}");
    assert_eq!(
        state.policy_arn(&user.attached[0], partition).unwrap(),
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
    assert_eq!(state.effective_of_user(user, partition).identity.len(), 1);
    assert!(inputs.estate.has(id(A), Input::Entities));
    assert_eq!(inputs.sources[0].kinds, ["authorization details"]);
}

#[test]
fn parts_of_one_export_are_joined_and_a_missing_page_is_told() {
    let page = |list: &str, more: bool| {
        let marker = if more { r#", "IsTruncated": true, "Marker": "x""# } else { "" };
        format!(r#"{{{list}{marker}}}"#)
    };
    let users = r#""UserDetailList": [{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN", "Arn": "arn:aws:iam::123456789012:user/Ann", "GroupList": ["Crew"]}]"#;
    let groups = r#""GroupDetailList": [{"GroupName": "Crew", "GroupId": "AGPAEXAMPLECREW", "Arn": "arn:aws:iam::123456789012:group/Crew"}]"#;
    let (first, second) = (page(users, true), page(groups, false));
    let inputs = read(files(&[("a/1.json", &first), ("a/2.json", &second)]), NOW).unwrap();
    assert_eq!(inputs.estate.snapshot.account(id(A)).unwrap().groups.iter().count(), 1);
    let error = read(files(&[("a/1.json", &first)]), NOW).unwrap_err();
    assert!(error.to_string().contains("one page of several"), "{error}");
    // Pages written into one file, one after another or as a list.
    let joined = format!("{first}\n{second}");
    assert!(read(files(&[("a/1.json", &joined)]), NOW).is_ok());
    let list = format!("[{first},{second}]");
    assert!(read(files(&[("a/1.json", &list)]), NOW).is_ok());
    // The same page twice.
    let error = read(files(&[("a/1.json", &second), ("a/2.json", &second)]), NOW).unwrap_err();
    assert!(error.to_string().contains("stands twice"), "{error}");
}

#[test]
fn credential_reports_are_read_by_column_and_from_answers() {
    let plain = with(&[("account/report.csv", REPORT)]).unwrap();
    let report = plain.estate.facts(id(A)).unwrap().credential_report.clone().unwrap();
    let root = &report.rows[0];
    assert!(root.is_root() && root.password_enabled.is_none() && root.keys[0].last_used == LastUse::Never);
    let ann = &report.rows[1];
    assert_eq!((ann.password_last_used, ann.active_certificates), (LastUse::Never, 1));
    assert_eq!(ann.keys.len(), 1);
    assert!(!ann.keys[0].active && ann.keys[0].last_service.as_deref() == Some("sts"));

    use base64::Engine;
    let content = base64::engine::general_purpose::STANDARD.encode(REPORT);
    let answer = format!(
        r#"{{"Content": "{content}", "ReportFormat": "text/csv", "GeneratedTime": "2026-09-01T00:00:00+00:00"}}"#
    );
    let answered = with(&[("account/x", &answer)]).unwrap();
    let made = answered.estate.facts(id(A)).unwrap().credential_report.as_ref().unwrap().made.unwrap();
    assert_eq!(made.iso(), "2026-09-01T00:00:00Z");

    // Other columns in another order, quoted.
    let other = "\"arn\",\"new_column\",\"user\",\"mfa_active\"\n\"arn:aws:iam::123456789012:user/Ann\",\"a, b\",\"Ann\",\"TRUE\"\n";
    let other = with(&[("account/r.csv", other)]).unwrap();
    let row = &other.estate.facts(id(A)).unwrap().credential_report.as_ref().unwrap().rows[0];
    assert!(row.mfa_active && row.keys.is_empty() && row.user == "Ann");
}

#[test]
fn facts_of_an_account_stand_alone_or_together() {
    let inputs = with(&[
        ("account/1", r#"{"SummaryMap": {"Users": 1, "Roles": 1, "Groups": 0, "AccountMFAEnabled": 1}}"#),
        ("account/2", r#"{"PasswordPolicy": {"MinimumPasswordLength": 14, "ExpirePasswords": true, "MaxPasswordAge": 90}}"#),
        ("account/3", r#"{"VirtualMFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/root", "EnableDate": "2026-01-01T00:00:00Z", "User": {"Arn": "arn:aws:iam::123456789012:root"}}, {"SerialNumber": "arn:aws:iam::123456789012:mfa/spare"}]}"#),
        ("account/4", r#"{"AccountAliases": ["prod"]}"#),
        ("account/5", r#"{"OpenIDConnectProviderList": [{"Arn": "arn:aws:iam::123456789012:oidc-provider/x"}]}"#),
        ("account/6", r#"{"SAMLProviderList": [{"Arn": "arn:aws:iam::123456789012:saml-provider/y", "ValidUntil": "2030-01-01T00:00:00Z"}]}"#),
        ("account/7", r#"{"ServerCertificateMetadataList": [{"ServerCertificateName": "c", "Arn": "arn:aws:iam::123456789012:server-certificate/c", "Expiration": "2026-01-01T00:00:00Z"}]}"#),
        ("account/8", r#"{"analyzers": [{"arn": "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/a", "status": "ACTIVE"}]}"#),
        ("account/9", r#"{"OrganizationId": "o-1", "EnabledFeatures": ["RootCredentialsManagement"]}"#),
        ("account/10", r#"{"Arn": "arn:aws:iam::123456789012:role/Web", "JobStatus": "COMPLETED", "JobCompletionDate": 1789000000.5, "ServicesLastAccessed": [{"ServiceName": "S3", "ServiceNamespace": "s3", "LastAuthenticated": "2026-02-01T00:00:00Z", "TrackedActionsLastAccessed": [{"ActionName": "GetObject"}]}, {"ServiceNamespace": "ec2"}]}"#),
    ])
    .unwrap();
    let facts = inputs.estate.facts(id(A)).unwrap();
    assert_eq!(facts.summary.as_ref().unwrap()["AccountMFAEnabled"], 1);
    let policy = facts.password_policy.clone().unwrap().unwrap();
    assert_eq!((policy.minimum_password_length, policy.max_password_age), (14, Some(90)));
    assert_eq!(facts.virtual_mfa.as_ref().unwrap(), &["arn:aws:iam::123456789012:mfa/root"]);
    assert!(facts.virtual_mfa_holders["arn:aws:iam::123456789012:mfa/root"].ends_with(":root"));
    assert_eq!(facts.aliases.as_ref().unwrap(), &["prod"]);
    assert_eq!(facts.providers.as_ref().unwrap().len(), 2);
    assert_eq!(facts.certificates.as_ref().unwrap()[0].name, "c");
    assert_eq!((facts.access_analyzer, facts.central_root_access), (Some(true), Some(true)));
    let used = &facts.last_accessed["arn:aws:iam::123456789012:role/Web"];
    assert_eq!((used.services.len(), used.services[0].actions.len()), (2, 1));
    assert!(inputs.notes.is_empty(), "{:?}", inputs.notes);

    let together = r#"{"AccountAliases": [], "Providers": ["arn:aws:iam::123456789012:saml-provider/y"], "PasswordPolicy": null,
        "SummaryMap": {"Users": 1}, "VirtualMFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/a"}]}"#;
    let facts = with(&[("account/all.json", together)]).unwrap().estate.facts(id(A)).unwrap().clone();
    assert_eq!((facts.password_policy, facts.virtual_mfa.unwrap().len()), (Some(None), 1));
}

#[test]
fn no_password_policy_is_told_in_several_ways() {
    let text = "\nAn error occurred (NoSuchEntity) when calling the GetAccountPasswordPolicy operation: The Password Policy with domain name 123456789012 cannot be found.\n";
    for (name, text) in [
        ("account/x.txt", text),
        ("account/password-policy.json", "null\n"),
        (
            "account/y.json",
            r#"{"Error": {"Code": "NoSuchEntity", "Message": "The Password Policy with domain name 123456789012 cannot be found."}}"#,
        ),
    ] {
        let facts = with(&[(name, text)]).unwrap().estate.facts(id(A)).unwrap().clone();
        assert_eq!(facts.password_policy, Some(None), "{name}");
    }
    let denied = "An error occurred (AccessDenied) when calling the GetAccountPasswordPolicy operation: no";
    let inputs = with(&[("account/x.txt", denied)]).unwrap();
    let facts = inputs.estate.facts(id(A)).unwrap();
    assert_eq!(facts.password_policy, None);
    assert!(facts.not_collected[&Input::PasswordPolicy].contains("AccessDenied"));
    assert_eq!(inputs.notes[0].kind, InputNoteKind::NotCollected);
}

#[test]
fn organizations_come_in_one_file_or_in_many() {
    let one = r#"{"Organization": {"Id": "o-abc", "MasterAccountId": "210987654321", "FeatureSet": "ALL"},
        "Accounts": [{"Id": "123456789012", "Name": "prod", "Status": "ACTIVE", "ParentId": "ou-x"}],
        "OrganizationalUnits": [{"Id": "ou-x", "Name": "x", "ParentId": "root"}],
        "Policies": [{"Id": "p-1", "Name": "n", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Statement": []}, "Targets": ["root", {"TargetId": "ou-x"}]}]}"#;
    let many = [
        (
            "org/a.json",
            r#"{"Organization": {"Id": "o-abc", "Arn": "arn:aws:organizations::210987654321:organization/o-abc", "MasterAccountId": "210987654321", "FeatureSet": "ALL"}}"#,
        ),
        (
            "org/b.json",
            r#"{"Accounts": [{"Id": "123456789012", "Arn": "arn:aws:organizations::210987654321:account/o-abc/123456789012", "Name": "prod", "Status": "ACTIVE"}]}"#,
        ),
        ("org/c.json", r#"{"Roots": [{"Id": "root", "Name": "Root"}]}"#),
        (
            "org/units-r-ab12.json",
            r#"{"ParentId": "root", "OrganizationalUnits": [{"Id": "ou-x", "Name": "x"}]}"#,
        ),
        (
            "org/e.json",
            r#"{"ParentId": "ou-x", "Accounts": [{"Id": "123456789012", "Name": "prod", "Status": "ACTIVE"}]}"#,
        ),
        (
            "org/f.json",
            r#"{"Policies": [{"Id": "p-1", "Name": "n", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false}]}"#,
        ),
        (
            "org/g.json",
            r#"{"Policy": {"PolicySummary": {"Id": "p-1", "Name": "n", "Type": "SERVICE_CONTROL_POLICY"}, "Content": "{\"Statement\": []}"}}"#,
        ),
        (
            "org/list-targets-for-policy-p-1.json",
            r#"{"Targets": [{"TargetId": "root", "Name": "Root", "Type": "ROOT"}, {"TargetId": "ou-x", "Type": "ORGANIZATIONAL_UNIT"}]}"#,
        ),
    ];
    let one = with(&[("organization.json", one)]).unwrap();
    let many = with(&many).unwrap();
    for inputs in [&one, &many] {
        let organization = inputs.estate.organization.as_ref().unwrap();
        assert_eq!((organization.id.as_str(), organization.root.as_str()), ("o-abc", "root"));
        assert_eq!(organization.way_to(id(A)).unwrap(), ["root", "ou-x", A]);
        let levels = inputs.estate.guardrails(id(A), OrganizationPolicyKind::Scp);
        // The file leaves out what AWS attaches to everything: nothing in it allows.
        let names = levels.iter().map(|level| level.iter().map(|policy| &*policy.name).collect::<Vec<_>>());
        let full = "FullAWSAccess";
        assert_eq!(names.collect::<Vec<_>>(), [vec!["n", full], vec!["n", full], vec![full]]);
        assert!(inputs.estate.is_ours(id(B)));
        assert!(inputs.notes.is_empty(), "{:?}", inputs.notes);
    }
    let nobody = refused(&[("u.json", r#"{"OrganizationalUnits": [{"Id": "ou-x", "Name": "x"}]}"#)]);
    assert!(
        nobody.to_string().contains("`u.json:1:25`") && nobody.help().contains("which member"),
        "{nobody}"
    );
    let untold = r#"{"Organization": {"Id": "o-abc"}, "Policies": [{"Id": "p-1", "Name": "n", "Type": "SERVICE_CONTROL_POLICY", "Targets": ["r"]}]}"#;
    assert_eq!(*refused(&[("o.json", untold)]).reason, Reason::NoContent("p-1".into()));
}

#[test]
fn resources_come_in_our_form_and_in_answers() {
    let ours = r#"[{"ResourceArn": "arn:aws:s3:::one", "ResourceType": "AWS::S3::Bucket", "Policy": {"Statement": []},
            "PublicAccessBlock": {"BlockPublicAcls": true}, "Acl": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]},
        {"ResourceArn": "arn:aws:kms:us-east-1:123456789012:key/k", "Policy": "{\"Statement\": []}",
            "Grants": [{"GrantId": "g", "GranteePrincipal": "arn:aws:iam::123456789012:role/Web", "Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": {"a": "b"}}}]},
        {"ResourceArn": "arn:aws:s3:::away", "OwnerAccount": "210987654321", "Policy": null}]"#;
    let inputs = with(&[("account/r.json", ours)]).unwrap();
    let resources = inputs.estate.facts(id(A)).unwrap().resources.clone().unwrap();
    let of = |arn: &str| resources.iter().find(|resource| resource.arn == arn).unwrap();
    let bucket = of("arn:aws:s3:::one");
    assert!(bucket.public_access_block.unwrap().block_public_acls && bucket.acl[0].is_public());
    let key = of("arn:aws:kms:us-east-1:123456789012:key/k");
    assert_eq!((key.kind.as_str(), key.grants[0].constrained), ("AWS::KMS::Key", true));
    assert_eq!(key.policy.as_ref().unwrap().text(), "{\"Statement\": []}");
    assert_eq!(inputs.estate.facts(id(B)).unwrap().resources.as_ref().unwrap()[0].arn, "arn:aws:s3:::away");

    let statement = |resource: &str| {
        format!(
            r#"{{\"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Resource\": \"{resource}\"}}]}}"#
        )
    };
    let bucket = format!(r#"{{"Policy": "{}"}}"#, statement("arn:aws:s3:::two/*"));
    let function = format!(
        r#"{{"Policy": "{}", "RevisionId": "1"}}"#,
        statement("arn:aws:lambda:us-east-1:123456789012:function:f")
    );
    let key = format!(r#"{{"Policy": "{}", "PolicyName": "default"}}"#, statement("*"));
    let queue = format!(
        r#"{{"Attributes": {{"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Policy": "{}"}}}}"#,
        statement("*")
    );
    let inputs = with(&[
        ("account/b1.json", &bucket),
        ("account/b2.json", r#"{"Bucket": "two", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}}"#),
        ("account/two.json", r#"{"Owner": {"ID": "1"}, "Grants": [{"Grantee": {"ID": "1", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}"#),
        ("account/l.json", &function),
        ("account/arn%3Aaws%3Akms%3Aus-east-1%3A123456789012%3Akey%2Fk.json", &key),
        ("account/g.json", r#"{"Grants": [{"KeyId": "arn:aws:kms:us-east-1:123456789012:key/k", "GrantId": "g", "Operations": []}]}"#),
        ("account/q.json", &queue),
        ("account/t.json", r#"{"Attributes": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Owner": "123456789012"}}"#),
        ("account/s.json", r#"{"ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s", "Name": "s", "ResourcePolicy": "{\"Statement\": []}"}"#),
        ("account/eu-west-1/e.json", r#"{"registryId": "123456789012", "repositoryName": "r", "policyText": "{\"Statement\": []}"}"#),
        ("account/account-public-access-block.json", r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}"#),
    ])
    .unwrap();
    let facts = inputs.estate.facts(id(A)).unwrap();
    let resources = facts.resources.as_ref().unwrap();
    let arns: Vec<&str> = resources.iter().map(|resource| resource.arn.as_str()).collect();
    assert_eq!(
        arns,
        [
            "arn:aws:ecr:eu-west-1:123456789012:repository/r",
            "arn:aws:kms:us-east-1:123456789012:key/k",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            "arn:aws:s3:::two",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:s",
            "arn:aws:sns:us-east-1:123456789012:t",
            "arn:aws:sqs:us-east-1:123456789012:q",
        ]
    );
    let bucket = &resources[3];
    assert!(
        bucket.policy.is_some()
            && bucket.acl.len() == 1
            && bucket.public_access_block.unwrap().block_public_policy
    );
    assert!(resources[1].policy.is_some() && resources[1].grants.len() == 1 && resources[5].policy.is_none());
    assert!(facts.public_access_block.unwrap().is_whole());
    assert!(inputs.notes.is_empty(), "{:?}", inputs.notes);
    assert_eq!(*refused(&[("account/key.json", &key)]).reason, Reason::ResourceUnknown);
}

#[test]
fn workloads_come_in_our_form_and_in_answers() {
    let inputs = with(&[
        ("account/w.json", r#"[{"Type": "AWS::Lambda::Function", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "Role": "arn:aws:iam::123456789012:role/Web", "Tags": {"env": "prod"}}]"#),
        ("account/l.json", r#"{"Functions": [{"FunctionName": "g", "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:g", "Role": "arn:aws:iam::123456789012:role/Web", "Layers": [{"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:l:1"}]}]}"#),
        ("account/i.json", r#"{"Reservations": [{"OwnerId": "123456789012", "Instances": [
            {"InstanceId": "i-1", "IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/WebProfile"}, "PublicIpAddress": "192.0.2.1", "Placement": {"AvailabilityZone": "eu-west-1a"}, "Tags": [{"Key": "a", "Value": "b"}]},
            {"InstanceId": "i-2"}]}]}"#),
        ("account/t.json", r#"{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/t:1", "taskRoleArn": "arn:aws:iam::123456789012:role/Web", "executionRoleArn": "arn:aws:iam::123456789012:role/Exec"}}"#),
        ("account/p.json", r#"{"projects": [{"name": "p", "arn": "arn:aws:codebuild:us-east-1:123456789012:project/p", "serviceRole": "arn:aws:iam::123456789012:role/Web"}]}"#),
        ("account/j.json", r#"{"Jobs": [{"Name": "j", "Role": "Web", "Command": {"Name": "glueetl"}}]}"#),
        ("account/b.json", r#"{"jobDefinitions": [{"jobDefinitionArn": "arn:aws:batch:us-east-1:123456789012:job-definition/d:1", "containerProperties": {"jobRoleArn": "arn:aws:iam::123456789012:role/Web"}}]}"#),
    ])
    .unwrap();
    let workloads = inputs.estate.facts(id(A)).unwrap().workloads.clone().unwrap();
    let mut found: Vec<(&str, &str)> =
        workloads.iter().map(|it| (it.kind.as_str(), it.role.rsplit('/').next().unwrap())).collect();
    found.sort();
    assert_eq!(
        found,
        [
            ("AWS::Batch::JobDefinition", "Web"),
            ("AWS::CodeBuild::Project", "Web"),
            ("AWS::EC2::Instance", "Web"),
            ("AWS::ECS::TaskDefinition", "Exec"),
            ("AWS::ECS::TaskDefinition", "Web"),
            ("AWS::Glue::Job", "Web"),
            ("AWS::Lambda::Function", "Web"),
            ("AWS::Lambda::Function", "Web"),
        ]
    );
    let instance = workloads.iter().find(|it| it.kind == "AWS::EC2::Instance").unwrap();
    assert_eq!(
        (instance.arn.as_str(), instance.public),
        ("arn:aws:ec2:eu-west-1:123456789012:instance/i-1", Some(true))
    );
    assert!(inputs.notes.is_empty(), "{:?}", inputs.notes);
}

#[test]
fn permission_sets_are_joined() {
    let arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";
    let inputs = with(&[
        ("sso/1.json", r#"{"Instances": [{"InstanceArn": "arn:aws:sso:::instance/ssoins-1", "IdentityStoreId": "d-1"}]}"#),
        ("sso/2.json", &format!(r#"{{"PermissionSets": ["{arn}"]}}"#)),
        ("sso/3.json", &format!(r#"{{"PermissionSet": {{"Name": "Admins", "PermissionSetArn": "{arn}", "SessionDuration": "PT1H"}}}}"#)),
        ("sso/4.json", &format!(r#"{{"PermissionSetArn": "{arn}", "AttachedManagedPolicies": [{{"Name": "X", "Arn": "arn:aws:iam::aws:policy/X"}}]}}"#)),
        ("sso/5.json", &format!(r#"{{"PermissionSetArn": "{arn}", "InlinePolicy": "{{\"Statement\": []}}"}}"#)),
        ("sso/6.json", &format!(r#"{{"AccountAssignments": [{{"AccountId": "{A}", "PermissionSetArn": "{arn}", "PrincipalType": "GROUP", "PrincipalId": "1"}}]}}"#)),
    ])
    .unwrap();
    let sign_on = inputs.estate.sign_on.unwrap();
    let set = &sign_on.permission_sets[0];
    assert_eq!((set.name.as_str(), set.managed.len(), set.inline.is_some()), ("Admins", 1, true));
    assert_eq!(sign_on.assignments.len(), 1);
    assert!(inputs.notes.is_empty(), "{:?}", inputs.notes);
}

#[test]
fn a_snapshot_tells_what_it_could_not_collect() {
    let contents = format!(
        r#"{{"BailiwickSnapshot": {{"Account": "{A}", "Made": "2026-09-20T00:00:00Z", "NotCollected": [{{"Input": "credential_report", "Operation": "GetCredentialReport", "Reason": "InvalidAction"}}]}}}}"#
    );
    let inputs = with(&[("account/snapshot.json", &contents)]).unwrap();
    assert_eq!(
        inputs.estate.facts(id(A)).unwrap().not_collected[&Input::CredentialReport],
        "GetCredentialReport: InvalidAction"
    );
}

#[test]
fn files_without_ids_belong_to_their_folder() {
    let (one, two) = (export(A), export(B));
    let summary = |mfa: u8| format!(r#"{{"SummaryMap": {{"AccountMFAEnabled": {mfa}}}}}"#);
    let (yes, no) = (summary(1), summary(0));
    let of = |inputs: &Inputs, account| inputs.estate.facts(id(account)).unwrap().summary.clone().unwrap()["AccountMFAEnabled"];
    let by_folder = read(
        files(&[("x/iam.json", &one), ("x/more/s.json", &yes), ("y/iam.json", &two), ("y/s.json", &no)]),
        NOW,
    )
    .unwrap();
    assert_eq!((of(&by_folder, A), of(&by_folder, B)), (1, 0));
    let by_name = read(
        files(&[
            ("iam-a.json", &one),
            ("iam-b.json", &two),
            ("123456789012-s.json", &yes),
            ("210987654321/s.json", &no),
        ]),
        NOW,
    )
    .unwrap();
    assert_eq!((of(&by_name, A), of(&by_name, B)), (1, 0));
    let nobody =
        read(files(&[("iam-a.json", &one), ("iam-b.json", &two), ("s.json", &yes)]), NOW).unwrap_err();
    assert_eq!(nobody.to_string(), "the file `s.json` cannot be used: nothing tells which account it is of");
    let twice = read(files(&[("x/iam.json", &one), ("x/1.json", &yes), ("x/2.json", &no)]), NOW).unwrap_err();
    assert!(matches!(*twice.reason, Reason::Twice { .. }), "{twice}");
    assert_eq!(by_name.estate.audited().count(), 2);
}

#[test]
fn packed_files_and_other_encodings_are_read() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(export(A).as_bytes()).unwrap();
    let file = InputFile::new("x.bin", packed.finish().unwrap());
    assert!(read([file], NOW).unwrap().estate.has(id(A), Input::Entities));
    let wide: Vec<u8> =
        std::iter::once(0xfeff_u16).chain(export(A).encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert!(read([InputFile::new("x.json", wide)], NOW).is_ok());
}

#[test]
fn unknown_files_are_told() {
    let inputs = with(&[
        ("account/README.md", "# Exports\n"),
        ("account/list.md", "[a](b)\n"),
        ("account/picture.png", "\u{0}\u{1}"),
        ("account/other.json", r#"{"hello": 1}"#),
        ("account/trail.json", r#"{"Records": []}"#),
        ("account/users.json", r#"{"Users": []}"#),
        ("account/.keep", ""),
    ])
    .unwrap();
    let unknown = inputs.notes.iter().filter(|note| note.kind == InputNoteKind::Unknown).count();
    assert_eq!((unknown, inputs.notes.len()), (6, 7));
    assert!(inputs.notes.iter().any(|note| note.message.contains("a CloudTrail file")));
    assert_eq!(inputs.notes.last().unwrap().kind, InputNoteKind::NotNeeded);
}

#[test]
fn broken_files_are_errors_with_their_place() {
    let said = |name: &str, text: &str| refused(&[(name, text)]).to_string();
    assert_eq!(
        said("account/s.json", "{\"SummaryMap\": {\n  \"Users\": 1,"),
        "the file `account/s.json:2:13` cannot be used: it is cut off: it ends in the middle of a value"
    );
    assert_eq!(
        said("account/s.json", "{\"SummaryMap\": {\n  \"Users\": \"many\"}}"),
        "the file `account/s.json:2:17` cannot be used: it has an unexpected shape: invalid type: string \"many\", expected i64"
    );
    assert!(
        said("account/s.json", "{\"SummaryMap\": }")
            .contains("`account/s.json:1:16` cannot be used: it is not JSON")
    );
    assert!(said("account/s.json", "").contains("is empty"));
    let cut = &REPORT[..REPORT.len() - 40];
    let error = said("account/r.csv", cut);
    assert!(
        error.contains("`account/r.csv:3:1`") && error.contains("line 3 has 10 of 13 columns"),
        "{error}"
    );
    let error = said("account/r.csv", &REPORT.replace("2023-07-19T22:10:09+00:00", "soon"));
    assert!(error.contains("column access_key_1_last_rotated cannot be `soon`"), "{error}");
    let error = said("account/x.yaml", "GroupDetailList:\n- Arn: x\n");
    assert!(error.contains("in another form than JSON"), "{error}");
    let error = said("account/a.json", r#"{"AccountAliases": ["x"], "IsTruncated": true, "Marker": "m"}"#);
    assert!(error.contains("one page of several"), "{error}");
    let export = export(A);
    let error = read(files(&[("e.json", &export[..export.len() - 90])]), NOW).unwrap_err();
    assert!(error.to_string().contains("cut off"), "{error}");
    let none = read(files(&[("t.json", r#"{"Records": []}"#)]), NOW).unwrap_err();
    assert_eq!(
        none.to_string(),
        "the file `t.json` cannot be used: it holds nothing that an audit needs: it looks like a CloudTrail file"
    );
}

#[test]
fn nesting_without_end_is_refused_at_once() {
    let brackets = format!("{{\"SummaryMap\": {}", "[".repeat(20 << 20));
    let error = refused(&[("account/deep.json", &brackets)]);
    assert_eq!(error.place.as_ref().unwrap().position, Some((1, 115)));
    assert!(error.to_string().contains("nested more than 100 deep"), "{error}");
}

#[test]
fn accounts_that_are_mixed_are_told() {
    let other = REPORT.replace(A, B);
    let error = refused(&[("account/r.csv", &other)]);
    assert_eq!(
        error.to_string(),
        "the file `account/r.csv` cannot be used: it is of account 210987654321, but the export beside it (`account/authz.json`) is of account 123456789012"
    );
    let strangers = REPORT.replace("Ann", "Bob");
    assert!(matches!(
        *refused(&[("account/r.csv", &strangers)]).reason,
        Reason::OtherUsers { report: 1, .. }
    ));
    let mixed = REPORT.replace(":123456789012:user", ":210987654321:user");
    assert!(matches!(*refused(&[("account/r.csv", &mixed)]).reason, Reason::MixedAccounts { .. }));
    let elsewhere = with(&[("other/r.csv", &other)]).unwrap();
    assert_eq!(elsewhere.notes[0].kind, InputNoteKind::NotAudited);
    let filtered = refused(&[("account/s.json", r#"{"SummaryMap": {"Groups": 4}}"#)]);
    assert!(filtered.to_string().contains("--filter"), "{filtered}");
}

#[test]
fn files_of_another_date_are_noted() {
    let more = format!(
        "{REPORT}Eve,arn:aws:iam::123456789012:user/Eve,2026-03-01T00:00:00+00:00,false,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false\n"
    );
    let inputs = with(&[("account/r.csv", &more)]).unwrap();
    assert!(inputs.notes[0].message.contains("does not have: Eve"), "{:?}", inputs.notes);
    use base64::Engine;
    let content = base64::engine::general_purpose::STANDARD.encode(REPORT);
    let answer = format!(r#"{{"Content": "{content}", "GeneratedTime": "2025-12-01T00:00:00+00:00"}}"#);
    let inputs = with(&[("account/r.json", &answer)]).unwrap();
    let note = &inputs.notes[0].message;
    assert!(
        note.contains("made on 2025-12-01, but the export `account/authz.json` not before 2026-01-02"),
        "{note}"
    );
}

#[test]
fn organizations_are_read_account_by_account() {
    let (one, two) = (export(A), export(B));
    let organization = format!(
        r#"{{"Organization": {{"Id": "o-abc", "MasterAccountId": "{B}"}}, "Accounts": [{{"Id": "{A}", "Status": "ACTIVE"}}, {{"Id": "{B}", "Status": "ACTIVE"}}]}}"#
    );
    let resources = format!(
        r#"[{{"ResourceArn": "arn:aws:sqs:us-east-1:{A}:q", "Policy": null}}, {{"ResourceArn": "arn:aws:sqs:us-east-1:{B}:q", "Policy": null}}]"#
    );
    let all = files(&[
        ("a/e.json", &one),
        ("a/s.json", r#"{"SummaryMap": {"Users": 1}}"#),
        ("b/e.json", &two),
        ("organization.json", &organization),
        ("resources.json", &resources),
        ("README.md", "hello"),
    ]);
    let mut planner = Planner::default();
    all.iter().for_each(|file| planner.add(file.clone()).unwrap());
    let plan = planner.plan().unwrap();
    assert_eq!(plan.shared, [3]);
    let of: Vec<_> = plan.accounts.iter().map(|it| (it.account, it.files.clone())).collect();
    assert_eq!(of, [(id(A), vec![0, 1, 4]), (id(B), vec![2, 4])]);
    let take = |numbers: &[usize]| -> Vec<InputFile> {
        numbers
            .iter()
            .map(|number| InputFile { account: plan.account_of(*number), ..all[*number].clone() })
            .collect()
    };
    let common = plan.common(take(&plan.shared), NOW).unwrap();
    let inputs = plan.read(id(A), common.as_ref(), take(&plan.accounts[0].files), NOW).unwrap();
    assert_eq!(inputs.estate.audited().collect::<Vec<_>>(), [id(A)]);
    assert_eq!(inputs.estate.facts(id(A)).unwrap().resources.as_ref().unwrap().len(), 1);
    assert!(inputs.estate.is_ours(id(B)) && inputs.estate.organization.is_some());
    assert!(inputs.estate.snapshot.account(id(B)).is_none());
}
