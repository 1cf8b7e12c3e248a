//! Facts 125 to 138: which condition keys a request has, and with what values.
//!
//! A key is looked at as policies look at it: a statement allows `iam:ListUsers` under a condition, and the answer
//! tells whether the condition holds.

use crate::harness::{ACCOUNT, Keys, World, allow, trust};
use std::time::Duration;

/// Somebody whose requests are looked at.
struct Subject<'w> {
    world: &'w World,
    /// The operation that gives them a policy, and the parameter that names them.
    put: (&'static str, &'static str),
    name: &'static str,
    keys: Keys,
}

impl<'w> Subject<'w> {
    fn user(world: &'w World, name: &'static str) -> Self {
        Self { world, put: ("PutUserPolicy", "UserName"), name, keys: world.user(name, "") }
    }

    /// A session of a new role, assumed by an administrator of the account.
    fn session(world: &'w World, name: &'static str, params: &[(&str, &str)]) -> Self {
        let tagging = trust(ACCOUNT).replace("\"sts:AssumeRole\"", r#"["sts:AssumeRole","sts:TagSession"]"#);
        let role = world.role(name, &tagging, "");
        let keys = world.assume(&world.admin, &role, params);
        Self { world, put: ("PutRolePolicy", "RoleName"), name, keys }
    }

    fn policy(&self, statements: &str) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let params = [(self.put.1, self.name), ("PolicyName", "eye"), ("PolicyDocument", document.as_str())];
        self.world.iam(self.put.0, &params);
    }

    fn may_list(&self) -> bool {
        let answer = self.world.iam_as(&self.keys, "ListUsers", &[]);
        assert!(answer.is_ok() || answer.code() == "AccessDenied", "{}", answer.body);
        answer.is_ok()
    }

    /// Whether a request of the subject meets the condition.
    fn meets(&self, condition: &str) -> bool {
        self.policy(&format!(
            r#"{{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{condition}}}"#
        ));
        self.may_list()
    }

    /// Whether a deny under the condition stops the subject.
    fn is_stopped_by(&self, condition: &str) -> bool {
        let allow = r#"{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}"#;
        let deny = format!(r#"{{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{condition}}}"#);
        self.policy(&format!("{allow},{deny}"));
        !self.may_list()
    }

    fn has(&self, key: &str) -> bool {
        let (absent, present) = (
            self.meets(&format!(r#"{{"Null":{{"{key}":"true"}}}}"#)),
            self.meets(&format!(r#"{{"Null":{{"{key}":"false"}}}}"#)),
        );
        assert_ne!(absent, present, "{key}");
        present
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.meets(&format!(r#"{{"StringEquals":{{"{key}":"{value}"}}}}"#))
    }
}

#[test]
fn fact_125_whether_a_second_factor_was_used_is_known_of_temporary_credentials_only() {
    let world = World::new();
    let key = "aws:MultiFactorAuthPresent";
    let (user, session) = (Subject::user(&world, "bob"), Subject::session(&world, "Pilot", &[]));
    assert!(!user.has(key));
    assert!(session.has(key) && session.is(key, "false"));
    let bool_false = r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#;
    let if_exists_false = bool_false.replace("Bool", "BoolIfExists");
    assert!(!user.is_stopped_by(bool_false), "access keys slip through");
    assert!(user.is_stopped_by(&if_exists_false) && session.is_stopped_by(bool_false));
    let if_exists_true = r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#;
    assert!(user.meets(if_exists_true), "access keys are let through");
    assert!(!session.meets(if_exists_true));
}

#[test]
fn fact_126_the_age_of_a_second_factor_needs_one() {
    let world = World::new();
    for subject in [Subject::user(&world, "bob"), Subject::session(&world, "Pilot", &[])] {
        assert!(!subject.has("aws:MultiFactorAuthAge"));
    }
}

#[test]
fn fact_127_keys_that_every_request_has() {
    let world = World::new();
    for subject in [Subject::user(&world, "bob"), Subject::session(&world, "Pilot", &[])] {
        for key in [
            "aws:CurrentTime",
            "aws:EpochTime",
            "aws:SecureTransport",
            "aws:userid",
            "aws:PrincipalType",
            "aws:PrincipalArn",
            "aws:PrincipalAccount",
            "aws:ViaAWSService",
            "aws:RequestedRegion",
            "aws:ResourceAccount",
        ] {
            assert!(subject.has(key), "{key}");
        }
        let now = world.now();
        assert!(subject.meets(&format!(r#"{{"DateEquals":{{"aws:CurrentTime":"{}"}}}}"#, now.iso())));
        assert!(subject.meets(&format!(r#"{{"NumericEquals":{{"aws:EpochTime":"{}"}}}}"#, now.seconds())));
        assert!(subject.meets(&format!(r#"{{"DateEquals":{{"aws:EpochTime":"{}"}}}}"#, now.iso())));
        for (key, value) in [
            ("aws:SecureTransport", "false"),
            ("aws:ViaAWSService", "false"),
            ("aws:RequestedRegion", "us-east-1"),
            ("aws:ResourceAccount", ACCOUNT),
            ("aws:PrincipalAccount", ACCOUNT),
        ] {
            assert!(subject.is(key, value), "{key}");
        }
    }
}

#[test]
fn fact_128_temporary_credentials_know_when_they_were_issued() {
    let world = World::new();
    assert!(!Subject::user(&world, "bob").has("aws:TokenIssueTime"));
    let session = Subject::session(&world, "Pilot", &[]);
    let issued = world.now().iso();
    world.clock.advance(Duration::from_secs(60));
    assert!(session.meets(&format!(r#"{{"DateEquals":{{"aws:TokenIssueTime":"{issued}"}}}}"#)));
    // How sessions are revoked: those issued before an instant are denied, newer ones and long-term keys are not.
    let revocation = format!(r#"{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}"#, world.now().iso());
    assert!(session.is_stopped_by(&revocation));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/Pilot");
    let newer = world.assume(&world.admin, &role, &[]);
    world.iam_as(&newer, "ListUsers", &[]).expect_ok("issued later");
    assert!(!Subject::user(&world, "ann").is_stopped_by(&revocation));
}

#[test]
fn fact_129_only_users_have_a_user_name() {
    let world = World::new();
    assert!(Subject::user(&world, "bob").is("aws:username", "bob"));
    assert!(!Subject::session(&world, "Pilot", &[]).has("aws:username"));
}

#[test]
fn fact_130_user_ids_are_unique_ids_with_the_sessions_name() {
    let world = World::new();
    let user = Subject::user(&world, "bob");
    let id = world.iam("GetUser", &[("UserName", "bob")]).text("UserId");
    assert!(id.starts_with("AIDA") && user.is("aws:userid", &id));
    let session = Subject::session(&world, "Pilot", &[]);
    let id = world.iam("GetRole", &[("RoleName", "Pilot")]).text("RoleId");
    assert!(id.starts_with("AROA") && session.is("aws:userid", &format!("{id}:session")));
}

#[test]
fn fact_131_types_of_principals() {
    let world = World::new();
    assert!(Subject::user(&world, "bob").is("aws:PrincipalType", "User"));
    let session = Subject::session(&world, "Pilot", &[]);
    assert!(session.is("aws:PrincipalType", "AssumedRole"));
    // The ARN of a session's principal is the role's.
    assert!(
        session
            .meets(&format!(r#"{{"ArnEquals":{{"aws:PrincipalArn":"arn:aws:iam::{ACCOUNT}:role/Pilot"}}}}"#))
    );
}

#[test]
fn fact_132_session_tags_go_before_the_roles_and_transitive_ones_pass_down() {
    let world = World::new();
    let user = Subject::user(&world, "bob");
    assert!(!user.has("aws:PrincipalTag/Team"));
    let tag = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "sails")];
    world.iam("TagUser", &[&[("UserName", "bob")], &tag[..]].concat());
    assert!(user.is("aws:PrincipalTag/team", "sails"));

    let plain = Subject::session(&world, "Plain", &[]);
    world.iam("TagRole", &[&[("RoleName", "Plain")], &tag[..]].concat());
    assert!(plain.is("aws:PrincipalTag/Team", "sails"));
    let overriding = [("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "lights")];
    let tagged = world.assume(&world.admin, &format!("arn:aws:iam::{ACCOUNT}:role/Plain"), &overriding);
    let tagged = Subject { keys: tagged, ..plain };
    assert!(tagged.is("aws:PrincipalTag/Team", "lights"));

    let all = r#"["sts:AssumeRole","sts:TagSession"]"#;
    let chain = trust(ACCOUNT).replace("\"sts:AssumeRole\"", all);
    let first = world.role("First", &chain, &allow(&["sts:AssumeRole", "sts:TagSession"]));
    let next = world.role("Next", &chain, "");
    world.iam("TagRole", &[&[("RoleName", "Next")], &tag[..]].concat());
    let two = [
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "passed"),
        ("Tags.member.2.Key", "Left"),
        ("Tags.member.2.Value", "behind"),
        ("TransitiveTagKeys.member.1", "Team"),
    ];
    let link = world.assume(&world.admin, &first, &two);
    let keys = world.assume(&link, &next, &[]);
    let next = Subject { world: &world, put: ("PutRolePolicy", "RoleName"), name: "Next", keys };
    assert!(next.is("aws:PrincipalTag/Team", "passed"), "it overrides the next role's tag");
    assert!(!next.has("aws:PrincipalTag/Left"));
}

/// The keys of what this server does not have; should it come to have it, this is to be told apart.
fn has_none_of(keys: &[&str]) {
    let world = World::new();
    for subject in [Subject::user(&world, "bob"), Subject::session(&world, "Pilot", &[])] {
        for key in keys {
            assert!(!subject.has(key), "{key}");
        }
    }
}

#[test]
fn fact_133_outside_an_organization_its_keys_are_absent() {
    has_none_of(&[
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:ResourceOrgID",
        "aws:ResourceOrgPaths",
    ]);
}

#[test]
fn fact_134_keys_of_endpoints_need_an_endpoint() {
    has_none_of(&["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"]);
    let world = World::new();
    let user = Subject::user(&world, "bob");
    assert!(user.meets(r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#));
    assert!(!user.is_stopped_by(r#"{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#));
}

#[test]
fn fact_135_keys_of_services_need_a_service_that_calls() {
    has_none_of(&[
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
    ]);
    let world = World::new();
    assert!(Subject::user(&world, "bob").is("aws:PrincipalIsAWSService", "false"));
}

#[test]
fn fact_136_nobody_calls_via_a_service() {
    has_none_of(&["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"]);
}

#[test]
fn fact_137_tags_of_request_and_resource() {
    let world = World::new();
    let bob = Subject::user(&world, "bob");
    let may = |condition: &str, action: &str, params: &[(&str, &str)]| {
        bob.policy(&format!(
            r#"{{"Effect":"Allow","Action":["iam:CreateUser","iam:TagUser","iam:GetUser"],"Resource":"*","Condition":{condition}}}"#
        ));
        world.iam_as(&bob.keys, action, params).is_ok()
    };
    let tags = [
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "sails"),
        ("Tags.member.2.Key", "Cost"),
        ("Tags.member.2.Value", "7"),
    ];
    let create = |name: &'static str| [&[("UserName", name)], &tags[..]].concat();
    let request = r#"{"StringEquals":{"aws:RequestTag/team":"sails","aws:RequestTag/Cost":"7"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team","Cost"]},"ForAnyValue:StringEquals":{"aws:TagKeys":"Cost"}}"#;
    assert!(may(request, "CreateUser", &create("ann")));
    for other in ["\"sails\"", "[\"Team\",\"Cost\"]"] {
        let changed = request.replace(other, "\"team\"");
        assert!(!may(&changed, "CreateUser", &create("eve")), "{changed}");
    }
    assert!(!may(request, "CreateUser", &[("UserName", "eve")]), "without tags the keys are absent");
    let resource = r#"{"StringEquals":{"aws:ResourceTag/TEAM":"sails"}}"#;
    assert!(may(resource, "GetUser", &[("UserName", "ann")]));
    assert!(!may(resource, "GetUser", &[("UserName", "bob")]));
}

#[test]
fn fact_138_claims_of_web_identities_are_not_in_sessions() {
    has_none_of(&["token.actions.githubusercontent.com:sub", "accounts.google.com:aud", "saml:sub"]);
}
