//! The quotas of AWS: the last that is allowed works, one more is refused.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>. A kind of things that is new is
//! one row of [`COUNTS`], a length one of [`LENGTHS`].

use crate::harness::{ACCOUNT, Answer, World, trust};
use crate::{certificate, ssh_key};

/// A number of things.
struct Count {
    name: &'static str,
    limit: usize,
    /// What must be there before.
    before: fn(&World),
    /// Makes one more; they are counted from zero.
    add: fn(&World, usize) -> Answer,
    message: &'static str,
}

fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Answer {
    world.iam_as(&world.admin, action, params)
}

fn nothing(_: &World) {}

fn bob(world: &World) {
    world.iam("CreateUser", &[("UserName", "bob")]);
}

fn small() -> String {
    crate::harness::allow(&["s3:GetObject"])
}

fn policies(world: &World) {
    bob(world);
    world.iam("CreateGroup", &[("GroupName", "crew")]);
    world.role("pilot", &trust(ACCOUNT), "");
    let document = small();
    for number in 0..11 {
        let name = format!("p{number}");
        world.iam("CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", &document)]);
    }
}

fn attach(world: &World, action: &str, holder: (&str, &str), number: usize) -> Answer {
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p{number}");
    ask(world, action, &[holder, ("PolicyArn", &arn)])
}

fn tag(world: &World, action: &str, holder: (&str, &str), number: usize) -> Answer {
    let key = format!("key{number}");
    ask(world, action, &[holder, ("Tags.member.1.Key", &key), ("Tags.member.1.Value", "v")])
}

const COUNTS: [Count; 24] = [
    Count {
        name: "users",
        limit: 5_000,
        // The development user is one of them.
        before: nothing,
        add: |world, number| match number {
            0 => ask(world, "GetUser", &[]),
            _ => ask(world, "CreateUser", &[("UserName", &format!("u{number}"))]),
        },
        message: "Cannot exceed quota for UsersPerAccount: 5000",
    },
    Count {
        name: "groups",
        limit: 300,
        before: nothing,
        add: |world, number| ask(world, "CreateGroup", &[("GroupName", &format!("g{number}"))]),
        message: "Cannot exceed quota for GroupsPerAccount: 300",
    },
    Count {
        name: "roles",
        limit: 1_000,
        before: nothing,
        add: |world, number| match number {
            0 => world.iam("ListRoles", &[]),
            _ => ask(
                world,
                "CreateRole",
                &[("RoleName", &format!("r{number}")), ("AssumeRolePolicyDocument", &trust(ACCOUNT))],
            ),
        },
        message: "Cannot exceed quota for RolesPerAccount: 1000",
    },
    Count {
        name: "managed policies",
        limit: 1_500,
        before: nothing,
        add: |world, number| {
            let name = format!("p{number}");
            ask(world, "CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", &small())])
        },
        message: "Cannot exceed quota for PoliciesPerAccount: 1500",
    },
    Count {
        name: "instance profiles",
        limit: 1_000,
        before: nothing,
        add: |world, number| {
            ask(world, "CreateInstanceProfile", &[("InstanceProfileName", &format!("i{number}"))])
        },
        message: "Cannot exceed quota for InstanceProfilesPerAccount: 1000",
    },
    Count {
        name: "server certificates",
        limit: 20,
        before: nothing,
        add: |world, number| {
            let (pem, key) = certificate();
            let name = format!("s{number}");
            let params = [("ServerCertificateName", &*name), ("CertificateBody", &pem), ("PrivateKey", &key)];
            ask(world, "UploadServerCertificate", &params)
        },
        message: "Cannot exceed quota for ServerCertificatesPerAccount: 20",
    },
    Count {
        name: "access keys of a user",
        limit: 2,
        before: bob,
        add: |world, _| ask(world, "CreateAccessKey", &[("UserName", "bob")]),
        message: "Cannot exceed quota for AccessKeysPerUser: 2",
    },
    Count {
        name: "SSH keys of a user",
        limit: 5,
        before: bob,
        add: |world, number| {
            ask(world, "UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", ssh_key(number))])
        },
        message: "Cannot exceed quota for SSHPublicKeysPerUser: 5",
    },
    Count {
        name: "signing certificates of a user",
        limit: 2,
        before: bob,
        add: |world, _| {
            let (pem, _) = certificate();
            ask(world, "UploadSigningCertificate", &[("UserName", "bob"), ("CertificateBody", &pem)])
        },
        message: "Cannot exceed quota for CertificatesPerUser: 2",
    },
    Count {
        name: "service-specific credentials of a user and service",
        limit: 2,
        before: bob,
        add: |world, _| {
            let params = [("UserName", "bob"), ("ServiceName", "codecommit.amazonaws.com")];
            ask(world, "CreateServiceSpecificCredential", &params)
        },
        message: "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2",
    },
    Count {
        name: "groups of a user",
        limit: 10,
        before: |world| {
            bob(world);
            for number in 0..11 {
                world.iam("CreateGroup", &[("GroupName", &format!("g{number}"))]);
            }
        },
        add: |world, number| {
            ask(world, "AddUserToGroup", &[("UserName", "bob"), ("GroupName", &format!("g{number}"))])
        },
        message: "Cannot exceed quota for GroupsPerUser: 10",
    },
    Count {
        name: "policies attached to a user",
        limit: 10,
        before: policies,
        add: |world, number| attach(world, "AttachUserPolicy", ("UserName", "bob"), number),
        message: "Cannot exceed quota for PoliciesPerUser: 10",
    },
    Count {
        name: "policies attached to a group",
        limit: 10,
        before: policies,
        add: |world, number| attach(world, "AttachGroupPolicy", ("GroupName", "crew"), number),
        message: "Cannot exceed quota for PoliciesPerGroup: 10",
    },
    Count {
        name: "policies attached to a role",
        limit: 10,
        before: policies,
        add: |world, number| attach(world, "AttachRolePolicy", ("RoleName", "pilot"), number),
        message: "Cannot exceed quota for PoliciesPerRole: 10",
    },
    Count {
        name: "versions of a policy",
        limit: 5,
        before: nothing,
        add: |world, number| {
            let document = small();
            match number {
                0 => ask(world, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)]),
                _ => {
                    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
                    ask(world, "CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", &document)])
                }
            }
        },
        message: "",
    },
    Count {
        name: "roles in an instance profile",
        limit: 1,
        before: |world| {
            world.iam("CreateInstanceProfile", &[("InstanceProfileName", "i")]);
            world.role("r0", &trust(ACCOUNT), "");
            world.role("r1", &trust(ACCOUNT), "");
        },
        add: |world, number| {
            let name = format!("r{number}");
            ask(world, "AddRoleToInstanceProfile", &[("InstanceProfileName", "i"), ("RoleName", &name)])
        },
        message: "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    },
    Count {
        name: "tags of a user",
        limit: 50,
        before: bob,
        add: |world, number| tag(world, "TagUser", ("UserName", "bob"), number),
        message: "",
    },
    Count {
        name: "tags of a role",
        limit: 50,
        before: policies,
        add: |world, number| tag(world, "TagRole", ("RoleName", "pilot"), number),
        message: "",
    },
    Count {
        name: "tags of a policy",
        limit: 50,
        before: policies,
        add: |world, number| {
            tag(world, "TagPolicy", ("PolicyArn", &format!("arn:aws:iam::{ACCOUNT}:policy/p0")), number)
        },
        message: "",
    },
    Count {
        name: "tags of an instance profile",
        limit: 50,
        before: |world| drop(world.iam("CreateInstanceProfile", &[("InstanceProfileName", "i")])),
        add: |world, number| tag(world, "TagInstanceProfile", ("InstanceProfileName", "i"), number),
        message: "",
    },
    Count {
        name: "tags of a server certificate",
        limit: 50,
        before: |world| {
            let (pem, key) = certificate();
            let params = [("ServerCertificateName", "s"), ("CertificateBody", &*pem), ("PrivateKey", &*key)];
            world.iam("UploadServerCertificate", &params);
        },
        add: |world, number| tag(world, "TagServerCertificate", ("ServerCertificateName", "s"), number),
        message: "",
    },
    Count {
        name: "inline policies of a user, by their size",
        limit: 2,
        before: bob,
        add: |world, number| {
            let (name, document) = (format!("p{number}"), document(1_024));
            ask(
                world,
                "PutUserPolicy",
                &[("UserName", "bob"), ("PolicyName", &name), ("PolicyDocument", &document)],
            )
        },
        message: "",
    },
    Count {
        name: "inline policies of a group, by their size",
        limit: 5,
        before: policies,
        add: |world, number| {
            let (name, document) = (format!("p{number}"), document(1_024));
            ask(
                world,
                "PutGroupPolicy",
                &[("GroupName", "crew"), ("PolicyName", &name), ("PolicyDocument", &document)],
            )
        },
        message: "",
    },
    Count {
        name: "inline policies of a role, by their size",
        limit: 10,
        before: policies,
        add: |world, number| {
            let (name, document) = (format!("p{number}"), document(1_024));
            ask(
                world,
                "PutRolePolicy",
                &[("RoleName", "pilot"), ("PolicyName", &name), ("PolicyDocument", &document)],
            )
        },
        message: "",
    },
];

/// A policy of exactly so many characters, none of them white space.
fn document(size: usize) -> String {
    let (start, end) = (
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::"#,
        r#""}]}"#,
    );
    format!("{start}{}{end}", "a".repeat(size - start.len() - end.len()))
}

/// A trust policy of exactly so many characters.
fn trust_of(size: usize) -> String {
    let (start, end) = (
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":""#
        ),
        r#""}}}]}"#,
    );
    format!("{start}{}{end}", "a".repeat(size - start.len() - end.len()))
}

#[test]
fn case_082_every_count_ends_at_its_quota() {
    for count in &COUNTS {
        let world = World::new();
        (count.before)(&world);
        for number in 0..count.limit {
            (count.add)(&world, number).expect_ok(&format!("{} number {}", count.name, number + 1));
        }
        let refused = (count.add)(&world, count.limit).expect_code(count.name, "LimitExceeded");
        assert_eq!(refused.status, 409, "{}", count.name);
        if !count.message.is_empty() {
            assert_eq!(refused.message(), count.message, "{}", count.name);
        }
    }
}

/// A length or a number in an input.
struct Length {
    name: &'static str,
    /// The last that is good, and the first that is not.
    edge: (usize, usize),
    code: &'static str,
    call: fn(&World, usize) -> Answer,
}

const fn longest(
    name: &'static str,
    limit: usize,
    code: &'static str,
    call: fn(&World, usize) -> Answer,
) -> Length {
    Length { name, edge: (limit, limit + 1), code, call }
}

fn assume(world: &World, more: &[(&str, &str)]) -> Answer {
    let open = trust(ACCOUNT)
        .replace("\"sts:AssumeRole\"", r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#);
    if world.iam("ListRoles", &[]).texts("RoleName").iter().all(|name| name != "pilot") {
        world.role("pilot", &open, "");
        world.iam("UpdateRole", &[("RoleName", "pilot"), ("MaxSessionDuration", "43200")]);
    }
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/pilot");
    let mut params = vec![("RoleArn", arn.as_str())];
    if more.iter().all(|(name, _)| *name != "RoleSessionName") {
        params.push(("RoleSessionName", "session"));
    }
    params.extend_from_slice(more);
    world.sts_as(&world.admin, "AssumeRole", &params)
}

fn create_role(world: &World, name: &str, more: &[(&str, &str)]) -> Answer {
    let open = trust(ACCOUNT);
    let mut params = vec![("RoleName", name)];
    if more.iter().all(|(name, _)| *name != "AssumeRolePolicyDocument") {
        params.push(("AssumeRolePolicyDocument", open.as_str()));
    }
    params.extend_from_slice(more);
    ask(world, "CreateRole", &params)
}

const LENGTHS: &[Length] = &[
    longest("user names", 64, "ValidationError", |world, length| {
        ask(world, "CreateUser", &[("UserName", &"u".repeat(length))])
    }),
    longest("role names", 64, "ValidationError", |world, length| {
        create_role(world, &"r".repeat(length), &[])
    }),
    longest("group names", 128, "ValidationError", |world, length| {
        ask(world, "CreateGroup", &[("GroupName", &"g".repeat(length))])
    }),
    longest("policy names", 128, "ValidationError", |world, length| {
        ask(world, "CreatePolicy", &[("PolicyName", &"p".repeat(length)), ("PolicyDocument", &small())])
    }),
    longest("instance profile names", 128, "ValidationError", |world, length| {
        ask(world, "CreateInstanceProfile", &[("InstanceProfileName", &"i".repeat(length))])
    }),
    longest("server certificate names", 128, "ValidationError", |world, length| {
        let ((pem, key), name) = (certificate(), "s".repeat(length));
        let params = [("ServerCertificateName", &*name), ("CertificateBody", &pem), ("PrivateKey", &key)];
        ask(world, "UploadServerCertificate", &params)
    }),
    longest("paths", 512, "ValidationError", |world, length| {
        let path = format!("/{}/", "p".repeat(length - 2));
        ask(world, "CreateUser", &[("UserName", "bob"), ("Path", &path)])
    }),
    longest("aliases", 63, "ValidationError", |world, length| {
        ask(world, "CreateAccountAlias", &[("AccountAlias", &"a".repeat(length))])
    }),
    Length {
        name: "short aliases",
        edge: (3, 2),
        code: "ValidationError",
        call: |world, length| ask(world, "CreateAccountAlias", &[("AccountAlias", &"a".repeat(length))]),
    },
    longest("descriptions of roles", 1_000, "ValidationError", |world, length| {
        create_role(world, "described", &[("Description", &"d".repeat(length))])
    }),
    longest("tag keys", 128, "ValidationError", |world, length| {
        let key = "k".repeat(length);
        create_role(world, "keyed", &[("Tags.member.1.Key", &key), ("Tags.member.1.Value", "v")])
    }),
    longest("tag values", 256, "ValidationError", |world, length| {
        let value = "v".repeat(length);
        create_role(world, "valued", &[("Tags.member.1.Key", "k"), ("Tags.member.1.Value", &value)])
    }),
    longest("managed policies", 6_144, "LimitExceeded", |world, size| {
        ask(world, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document(size))])
    }),
    longest("trust policies", 2_048, "LimitExceeded", |world, size| {
        create_role(world, "trusting", &[("AssumeRolePolicyDocument", &trust_of(size))])
    }),
    longest("inline policies of a user", 2_048, "LimitExceeded", |world, size| {
        let params = [("UserName", "dev"), ("PolicyName", "p"), ("PolicyDocument", &*document(size))];
        ask(world, "PutUserPolicy", &params)
    }),
    longest("items on a page", 1_000, "ValidationError", |world, items| {
        ask(world, "ListUsers", &[("MaxItems", &items.to_string())])
    }),
    longest("maximal session durations", 43_200, "ValidationError", |world, seconds| {
        create_role(world, "lasting", &[("MaxSessionDuration", &seconds.to_string())])
    }),
    Length {
        name: "short maximal session durations",
        edge: (3_600, 3_599),
        code: "ValidationError",
        call: |world, seconds| create_role(world, "brief", &[("MaxSessionDuration", &seconds.to_string())]),
    },
    longest("session names", 64, "ValidationError", |world, length| {
        assume(world, &[("RoleSessionName", &"s".repeat(length))])
    }),
    Length {
        name: "short session names",
        edge: (2, 1),
        code: "ValidationError",
        call: |world, length| assume(world, &[("RoleSessionName", &"s".repeat(length))]),
    },
    longest("external ids", 1_224, "ValidationError", |world, length| {
        assume(world, &[("ExternalId", &"e".repeat(length))])
    }),
    longest("source identities", 64, "ValidationError", |world, length| {
        assume(world, &[("SourceIdentity", &"i".repeat(length))])
    }),
    longest("sessions", 43_200, "ValidationError", |world, seconds| {
        assume(world, &[("DurationSeconds", &seconds.to_string())])
    }),
    Length {
        name: "short sessions",
        edge: (900, 899),
        code: "ValidationError",
        call: |world, seconds| assume(world, &[("DurationSeconds", &seconds.to_string())]),
    },
    longest("session policies", 2_048, "ValidationError", |world, size| {
        assume(world, &[("Policy", &document(size))])
    }),
    longest("managed session policies", 10, "ValidationError", |world, count| {
        let arns: Vec<(String, String)> = (1..=count)
            .map(|number| {
                let policy = ["ReadOnlyAccess", "SecurityAudit"][number % 2];
                (format!("PolicyArns.member.{number}.arn"), format!("arn:aws:iam::aws:policy/{policy}"))
            })
            .collect();
        let params: Vec<_> = arns.iter().map(|(name, arn)| (name.as_str(), arn.as_str())).collect();
        assume(world, &params)
    }),
    longest("session tags", 50, "ValidationError", |world, count| {
        let tags: Vec<(String, String)> = (1..=count)
            .flat_map(|number| {
                [
                    (format!("Tags.member.{number}.Key"), format!("k{number}")),
                    (format!("Tags.member.{number}.Value"), "v".to_owned()),
                ]
            })
            .collect();
        let params: Vec<_> = tags.iter().map(|(name, tag)| (name.as_str(), tag.as_str())).collect();
        assume(world, &params)
    }),
    longest("sessions of users", 129_600, "ValidationError", |world, seconds| {
        world.sts_as(&world.admin, "GetSessionToken", &[("DurationSeconds", &seconds.to_string())])
    }),
    longest("ages of API keys, in days", 36_600, "ValidationError", |world, days| {
        let params = [
            ("UserName", "dev"),
            ("ServiceName", "bedrock.amazonaws.com"),
            ("CredentialAgeDays", &*days.to_string()),
        ];
        ask(world, "CreateServiceSpecificCredential", &params)
    }),
    longest("namespaces asked about", 200, "ValidationError", |world, count| {
        let names: Vec<String> =
            (1..=count).map(|number| format!("ServiceNamespaces.member.{number}")).collect();
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/dev");
        let mut params = vec![("Arn", arn.as_str())];
        params.extend(names.iter().map(|name| (name.as_str(), "s3")));
        ask(world, "ListPoliciesGrantingServiceAccess", &params)
    }),
];

#[test]
fn case_082_every_length_ends_at_its_edge() {
    for length in LENGTHS {
        let (good, bad) = length.edge;
        let world = World::new();
        let refused = (length.call)(&world, bad).expect_code(&format!("{}: {bad}", length.name), length.code);
        assert!(refused.status == 400 || refused.status == 409, "{}", length.name);
        (length.call)(&world, good).expect_ok(&format!("{}: {good}", length.name));
    }
}
