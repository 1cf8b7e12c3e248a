//! A world in which all is wrong, and one in which all is in order.

use bailiwick_audit::estate::{Estate, ServerCertificate};
use bailiwick_audit::inputs::{InputFile, read};
use base::{AccountId, Timestamp};
use model::last_accessed::ServiceLastAccessed;
use model::organization::{MemberAccount, OrganizationPolicy, OrganizationPolicyKind};
use model::sign_on::{Assignment, PermissionSet};
use model::{LastAccessed, Organization, PasswordPolicy, PolicyText, SignOn};
use serde_json::{Value, json};

pub(crate) const OWN: &str = "111122223333";
const OLD: &str = "2020-01-01T00:00:00Z";
const RECENT: &str = "2026-11-20T00:00:00Z";

pub(crate) fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:00:00Z").unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn allow(action: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

pub(crate) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn user(name: &str, inline: &[(&str, Value)], attached: &[&str]) -> Value {
    json!({
        "Path": "/", "UserName": name, "UserId": format!("AIDA{:X<17}", name.to_uppercase()), "Arn": format!("arn:aws:iam::{OWN}:user/{name}"),
        "CreateDate": OLD, "GroupList": [], "Tags": [],
        "UserPolicyList": inlines(inline), "AttachedManagedPolicies": attachments(attached),
    })
}

pub(crate) fn role(name: &str, trust: Value, inline: &[(&str, Value)], attached: &[&str]) -> Value {
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{:X<17}", name.to_uppercase()), "Arn": format!("arn:aws:iam::{OWN}:role/{name}"),
        "CreateDate": OLD, "Tags": [], "InstanceProfileList": [], "RoleLastUsed": {"LastUsedDate": RECENT, "Region": "us-east-1"},
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": inlines(inline), "AttachedManagedPolicies": attachments(attached),
    })
}

fn inlines(inline: &[(&str, Value)]) -> Vec<Value> {
    inline.iter().map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": document})).collect()
}

fn attachments(attached: &[&str]) -> Vec<Value> {
    let arn = |name: &&str| match name.strip_prefix("own/") {
        Some(name) => format!("arn:aws:iam::{OWN}:policy/{name}"),
        None => format!("arn:aws:iam::aws:policy/{name}"),
    };
    attached
        .iter()
        .map(|name| json!({"PolicyName": name.trim_start_matches("own/"), "PolicyArn": arn(name)}))
        .collect()
}

pub(crate) fn managed(name: &str, versions: u32, document: Value) -> Value {
    let version = |number: u32| json!({"VersionId": format!("v{number}"), "IsDefaultVersion": number == versions, "CreateDate": OLD, "Document": document});
    json!({
        "PolicyName": name, "PolicyId": format!("ANPA{:X<17}", name.to_uppercase()), "Arn": format!("arn:aws:iam::{OWN}:policy/{name}"),
        "Path": "/", "DefaultVersionId": format!("v{versions}"), "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true, "CreateDate": OLD, "UpdateDate": OLD,
        "PolicyVersionList": (1..=versions).map(version).collect::<Vec<_>>(),
    })
}

pub(crate) fn group(name: &str, inline: &[(&str, Value)], attached: &[&str]) -> Value {
    json!({
        "Path": "/", "GroupName": name, "GroupId": format!("AGPA{:X<17}", name.to_uppercase()), "Arn": format!("arn:aws:iam::{OWN}:group/{name}"),
        "CreateDate": OLD, "GroupPolicyList": inlines(inline), "AttachedManagedPolicies": attachments(attached),
    })
}

pub(crate) fn trusts(principal: Value, condition: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    policy(&[statement])
}

pub(crate) fn estate(
    users: &[Value],
    groups: &[Value],
    roles: &[Value],
    policies: &[Value],
    report: &[&str],
) -> Estate {
    let entities = json!({"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies});
    let mut files = vec![InputFile::new("entities.json", entities.to_string().into_bytes())];
    if !report.is_empty() {
        let mut csv = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,\
            mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
            access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
            access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,\
            cert_2_last_rotated\n".to_owned();
        report.iter().for_each(|row| csv.push_str(&line(row)));
        files.push(InputFile::new("report.csv", csv.into_bytes()));
    }
    read(files, now()).unwrap().estate
}

/// A row: user, password (`-`, or when it was used and changed), MFA, keys (made and used, `-` without), certificate.
fn line(row: &str) -> String {
    let fields: Vec<&str> = row.split('|').map(str::trim).collect();
    let [user, password, mfa, first, second, certificate] = fields[..] else { panic!("{row}") };
    let is_root = user == "<root_account>";
    let arn =
        if is_root { format!("arn:aws:iam::{OWN}:root") } else { format!("arn:aws:iam::{OWN}:user/{user}") };
    let password = match password {
        "-" if is_root => "not_supported,N/A,not_supported".to_owned(),
        "-" => "false,N/A,N/A".to_owned(),
        used if is_root => format!("not_supported,{},not_supported", used.split(' ').next().unwrap()),
        used => format!("true,{}", used.replace(' ', ",")),
    };
    let key = |text: &str| match text {
        "-" => "false,N/A,N/A,N/A,N/A".to_owned(),
        text => {
            let mut parts = text.split(' ');
            let (state, made, used) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let service = parts.next().unwrap_or("N/A");
            format!("{state},{made},{used},us-east-1,{service}")
        }
    };
    let made = if user == "zoe" { "2026-11-01T00:00:00Z" } else { OLD };
    format!(
        "{user},{arn},{made},{password},N/A,{mfa},{},{},{certificate},N/A,false,N/A\n",
        key(first),
        key(second)
    )
}

fn organization(
    features: bool,
    policies: &[(OrganizationPolicyKind, Value)],
    sister_is_active: bool,
) -> Organization {
    let member =
        |text: &str, active| MemberAccount { id: id(text), name: text.into(), active, parent: "r-1".into() };
    let all = policies.iter().enumerate().map(|(place, (kind, document))| OrganizationPolicy {
        id: format!("p-{place}"),
        name: format!("policy {place}"),
        kind: *kind,
        type_name: String::new(),
        text: PolicyText::new(document.to_string()),
        targets: vec!["r-1".into()],
    });
    Organization {
        id: "o-ours000000".into(),
        management_account: Some(id("444455556666")),
        root: "r-1".into(),
        all_features: features,
        accounts: vec![
            member(OWN, true),
            member("444455556666", true),
            member("222233334444", sister_is_active),
        ],
        units: Vec::new(),
        policies: all.collect(),
    }
}

fn permission_set(name: &str, managed: &[&str], duration: &str) -> PermissionSet {
    PermissionSet {
        arn: format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{name}"),
        name: name.into(),
        session_duration: Some(duration.into()),
        managed: managed.iter().map(|name| format!("arn:aws:iam::aws:policy/{name}")).collect(),
        customer_managed: Vec::new(),
        inline: None,
        boundary: None,
    }
}

fn assigned(set: &PermissionSet) -> Assignment {
    Assignment {
        account: id(OWN),
        permission_set: set.arn.clone(),
        principal_type: "GROUP".into(),
        principal_id: "1".into(),
    }
}

fn accessed(arn: &str, services: &[(&str, &str)]) -> LastAccessed {
    let service = |(name, last): &(&str, &str)| ServiceLastAccessed {
        namespace: (*name).into(),
        last: Timestamp::parse(last).ok(),
        actions: Vec::new(),
    };
    LastAccessed { arn: arn.into(), made: None, services: services.iter().map(service).collect() }
}

pub(crate) fn bad() -> Estate {
    let any = || json!("*");
    let all = || policy(&[allow(any(), any())]);
    let same = || ("same", policy(&[allow(json!("s3:ListBucket"), json!("arn:aws:s3:::b"))]));
    let wide = policy(&[
        allow(json!("sqs:*"), any()),
        allow(json!(["s3:GetObject", "s3:PutBucketPolicy", "dynamodb:DeleteTable"]), any()),
        allow(json!(["iam:CreateAccessKey", "iam:PassRole", "sts:AssumeRole"]), any()),
        allow(json!("kms:*"), any()),
        allow(json!("cloudtrail:*"), any()),
        allow(json!("aws-marketplace:Subscribe"), any()),
        json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        json!({"Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:us-east-1:111122223333:x"}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}),
    ]);
    let tags = policy(&[
        json!({"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}),
        allow(json!(["iam:TagUser", "ec2:CreateTags"]), any()),
        allow(json!(["kms:Decrypt", "kms:PutKeyPolicy"]), any()),
    ]);
    let lint = policy(&[allow(json!("s3:GetObjekt"), json!("arn:aws:s3:::b/*"))]);
    let mut bounded = user("fred", &[("all", all())], &[]);
    bounded["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": format!("arn:aws:iam::{OWN}:policy/bound")});
    let mut idle = role("idle", trusts(json!({"Service": "ec2.amazonaws.com"}), Value::Null), &[same()], &[]);
    idle["RoleLastUsed"] = json!({"LastUsedDate": "2025-01-01T00:00:00Z", "Region": "us-east-1"});
    let mut estate = estate(
        &[
            user("ann", &[], &["AdministratorAccess"]),
            user("bob", &[], &["own/all"]),
            user("carl", &[("all", all())], &[]),
            user("dora", &[("wide", wide), same()], &["AWSCloudShellFullAccess", "PowerUserAccess"]),
            user("eve", &[("tags", tags), ("lint", lint), same()], &[]),
            bounded,
        ],
        &[group("empty", &[same()], &[])],
        &[
            idle,
            role(
                "outside",
                trusts(json!({"AWS": "arn:aws:iam::999900001111:root"}), Value::Null),
                &[],
                &["ReadOnlyAccess"],
            ),
            role(
                "admin",
                trusts(json!({"AWS": format!("arn:aws:iam::{OWN}:root")}), Value::Null),
                &[],
                &["AdministratorAccess"],
            ),
            role("gone", trusts(json!({"AWS": "AIDAGONEGONEGONEGONE1"}), Value::Null), &[], &[]),
        ],
        &[managed("all", 1, all()), managed("bound", 1, all()), managed("spare", 5, all())],
        &[
            "<root_account> | 2026-11-01T00:00:00Z | false | true 2020-01-01T00:00:00Z N/A | - | true",
            "ann | 2026-11-20T00:00:00Z 2020-01-01T00:00:00Z | false | true 2020-01-01T00:00:00Z N/A | true 2026-11-01T00:00:00Z 2026-11-20T00:00:00Z s3 | true",
            "bob | 2025-01-01T00:00:00Z 2026-01-01T00:00:00Z | true | false 2020-06-01T00:00:00Z N/A | - | false",
            "carl | - | false | true 2026-01-01T00:00:00Z 2026-11-20T00:00:00Z ec2 | true 2021-01-01T00:00:00Z 2022-01-01T00:00:00Z s3 | false",
            "dora | - | false | true 2021-01-01T00:00:00Z N/A | - | false",
            "eve | - | false | - | - | false",
            "fred | - | false | - | - | false",
        ],
    );
    let facts = estate.accounts.get_mut(&id(OWN)).unwrap();
    facts.password_policy = Some(None);
    facts.virtual_mfa = Some(vec![
        format!("arn:aws:iam::{OWN}:mfa/bob"),
        format!("arn:aws:iam::{OWN}:mfa/root-account-mfa-device"),
    ]);
    facts.access_analyzer = Some(false);
    facts.central_root_access = Some(false);
    facts.providers = Some(vec![format!("arn:aws:iam::{OWN}:saml-provider/nobody")]);
    let certificate = |name: &str, end: &str| ServerCertificate {
        arn: format!("arn:aws:iam::{OWN}:server-certificate/{name}"),
        name: name.into(),
        expiration: Some(at(end)),
    };
    facts.certificates =
        Some(vec![certificate("over", "2026-01-01T00:00:00Z"), certificate("soon", "2026-12-01T00:00:00Z")]);
    let idle = format!("arn:aws:iam::{OWN}:role/idle");
    facts.last_accessed.insert(idle.clone(), accessed(&idle, &[("s3", "never"), ("ec2", RECENT)]));
    let (admin, unused) =
        (permission_set("admin", &["AdministratorAccess"], "PT12H"), permission_set("unused", &[], "PT1H"));
    estate.sign_on = Some(SignOn {
        instance: None,
        assignments: vec![assigned(&admin)],
        permission_sets: vec![admin, unused],
    });
    estate.organization = Some(organization(false, &[], false));
    estate
}

/// People who sign in with passwords, as they should; one is powerful.
pub(crate) fn people() -> Estate {
    let keys = policy(&[allow(json!("iam:AddUserToGroup"), json!("*"))]);
    let reads = policy(&[allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*"))]);
    let mut estate = estate(
        &[user("pia", &[("groups", keys)], &[]), user("robot", &[("reads", reads)], &[])],
        &[],
        &[],
        &[],
        &[
            "pia | 2026-11-20T00:00:00Z 2026-10-01T00:00:00Z | true | - | - | false",
            "robot | - | false | true 2026-10-01T00:00:00Z 2026-11-20T00:00:00Z s3 | - | false",
        ],
    );
    estate.accounts.get_mut(&id(OWN)).unwrap().virtual_mfa = Some(Vec::new());
    estate
}

pub(crate) fn good() -> Estate {
    let narrow = || {
        policy(&[
            allow(json!(["s3:GetObject", "s3:PutObject"]), json!("arn:aws:s3:::reports/*")),
            json!({"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}),
            allow(json!("kms:Decrypt"), json!(format!("arn:aws:kms:us-east-1:{OWN}:key/1"))),
            json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
        ])
    };
    let mut zoe = user("zoe", &[], &[]);
    zoe["GroupList"] = json!(["team"]);
    zoe["Tags"] = json!([{"Key": "team", "Value": "payments"}]);
    zoe["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": format!("arn:aws:iam::{OWN}:policy/bound")});
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let mut keeper = role(
        "keeper",
        trusts(json!({"AWS": format!("arn:aws:iam::{OWN}:user/zoe")}), mfa),
        &[],
        &["own/keeping", "SecurityAudit", "AWSSupportAccess"],
    );
    keeper["Tags"] =
        json!([{"Key": "owner", "Value": "identity team"}, {"Key": "purpose", "Value": "keeps keys"}]);
    let saml = format!("arn:aws:iam::{OWN}:saml-provider/idp");
    let saml_only = json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}});
    let mut entry = trusts(json!({"Federated": saml}), saml_only);
    entry["Statement"][0]["Action"] = json!("sts:AssumeRoleWithSAML");
    let reader = role("reader", entry, &[], &["job-function/ViewOnlyAccess"]);
    let keeping = policy(&[allow(json!("iam:AddUserToGroup"), json!(format!("arn:aws:iam::{OWN}:group/*")))]);
    let bound = policy(&[allow(
        json!(["s3:*", "ec2:*", "kms:*"]),
        json!(["arn:aws:s3:::*", "arn:aws:ec2:*:*:instance/*", "arn:aws:kms:*:*:key/*"]),
    )]);
    let spare = policy(&[allow(json!("s3:ListBucket"), json!("arn:aws:s3:::reports"))]);
    let mut spare = managed("spare", 1, spare);
    spare["CreateDate"] = json!(RECENT);
    spare["UpdateDate"] = json!(RECENT);
    let mut estate = estate(
        &[zoe],
        &[group("team", &[], &["own/narrow"])],
        &[keeper, reader],
        &[managed("narrow", 1, narrow()), managed("bound", 1, bound), managed("keeping", 1, keeping), spare],
        &[
            "<root_account> | N/A | true | - | - | false",
            "zoe | - | true | true 2026-11-01T00:00:00Z N/A | - | false",
        ],
    );
    let facts = estate.accounts.get_mut(&id(OWN)).unwrap();
    facts.password_policy = Some(Some(PasswordPolicy {
        minimum_password_length: 14,
        require_symbols: true,
        require_numbers: true,
        require_uppercase_characters: true,
        require_lowercase_characters: true,
        allow_users_to_change_password: true,
        expire_passwords: true,
        max_password_age: Some(90),
        password_reuse_prevention: Some(24),
        hard_expiry: None,
    }));
    facts.virtual_mfa = Some(Vec::new());
    facts.access_analyzer = Some(true);
    facts.central_root_access = Some(true);
    facts.providers = Some(vec![saml]);
    facts.certificates = Some(vec![ServerCertificate {
        arn: format!("arn:aws:iam::{OWN}:server-certificate/fine"),
        name: "fine".into(),
        expiration: Some(at("2027-11-01T00:00:00Z")),
    }]);
    let keeper = format!("arn:aws:iam::{OWN}:role/keeper");
    facts.last_accessed.insert(keeper.clone(), accessed(&keeper, &[("iam", RECENT)]));
    let set = permission_set("read", &["ViewOnlyAccess"], "PT8H");
    estate.sign_on =
        Some(SignOn { instance: None, assignments: vec![assigned(&set)], permission_sets: vec![set] });
    let scp = policy(&[
        json!({"Effect": "Deny", "Action": ["organizations:LeaveOrganization", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail",
            "cloudtrail:UpdateTrail", "guardduty:*", "config:*", "securityhub:*"], "Resource": "*"}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}),
        json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}}),
    ]);
    let rcp = policy(&[json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours000000"}}})]);
    let policies = [(OrganizationPolicyKind::Scp, scp), (OrganizationPolicyKind::Rcp, rcp)];
    estate.organization = Some(organization(true, &policies, true));
    estate
}
