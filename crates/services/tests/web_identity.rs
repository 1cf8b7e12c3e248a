//! Roles for whom identity providers vouch, and tokens for others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use authn::oidc::{IssuerUrl, Issuers, Jwt};
use harness::issuer::{Issuer, trust_provider};
use harness::{ACCOUNT, ENDPOINT, Keys, Providers, World, allow, trust};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const WEB: &str = "sts:AssumeRoleWithWebIdentity";
const ALL: [&str; 3] = [WEB, "sts:TagSession", "sts:SetSourceIdentity"];
const SHARED: &str = "https://login.example.com";

/// A policy with one statement under a condition.
fn allow_if(action: &str, condition: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}],
    })
    .to_string()
}

/// A role without policies that trusts the provider with these actions under a condition.
fn role(world: &World, name: &str, provider: &str, actions: &[&str], condition: &Value) -> String {
    world.role(name, &trust_provider(provider, actions, condition), "")
}

fn audience(issuer: &Issuer, audience: &str) -> Value {
    json!({"StringEquals": {format!("{}:aud", issuer.name()): audience}})
}

#[test]
fn the_answer_tells_whom_the_provider_vouches_for() {
    let world = World::new();
    let issuer = Issuer::new(&world, SHARED);
    let provider = issuer.register(&world, &["app"]);
    let role = role(&world, "Pilot", &provider, &[WEB], &audience(&issuer, "app"));
    let token = issuer.token(&issuer.claims(&world, "ann@example.com", "app"));
    let answer = world.with_token(&role, &token, &[("DurationSeconds", "900")]).expect_ok("assumed");
    assert_eq!(answer.text("SubjectFromWebIdentityToken"), "ann@example.com");
    assert_eq!((answer.text("Audience"), answer.text("Provider")), ("app".into(), provider.clone()));
    assert_eq!(answer.text("Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/Pilot/pipeline"));
    assert_eq!(answer.text("Expiration"), "2026-01-02T03:19:05Z");
    assert!(!answer.has("PackedPolicySize") && !answer.has("SourceIdentity"));
    let session = answer.keys();
    let identity = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(identity.text("Account"), ACCOUNT);
    let too_long = world.with_token(&role, &token, &[("DurationSeconds", "3601")]);
    too_long.expect_code("longer than the role allows", "ValidationError");
    // The records: who came, and for the session by whom it was vouched for.
    let records = world.records();
    let came =
        records.iter().find(|it| it["eventName"] == "AssumeRoleWithWebIdentity" && it["errorCode"].is_null());
    let came = came.unwrap();
    assert_eq!(
        came["userIdentity"],
        json!({
            "type": "WebIdentityUser",
            "principalId": format!("{provider}:app:ann@example.com"),
            "userName": "ann@example.com",
            "identityProvider": provider,
        })
    );
    assert_eq!(came["requestParameters"]["roleArn"], role.as_str());
    assert!(!came.to_string().contains(&token));
    assert_eq!(came["responseElements"]["subjectFromWebIdentityToken"], "ann@example.com");
    let later = records.iter().find(|it| it["eventName"] == "GetCallerIdentity").unwrap();
    let federation = &later["userIdentity"]["sessionContext"]["webIdFederationData"];
    assert_eq!(federation["federatedProvider"], provider.as_str(), "{later}");
}

#[test]
fn claims_are_condition_keys_of_the_trust_policy() {
    let world = World::new();
    let github = Issuer::new(&world, "https://token.actions.githubusercontent.com");
    let provider = github.register(&world, &["sts.amazonaws.com"]);
    let key = |claim: &str| format!("{}:{claim}", github.name());
    let condition = json!({
        "StringEquals": {
            key("aud"): "sts.amazonaws.com",
            key("repository_id"): "42",
            key("job_workflow_ref"): "octo/tide/.github/workflows/deploy.yml@refs/heads/main",
        },
        "StringLike": {key("sub"): "repo:octo/tide:*"},
    });
    let role = role(&world, "Deploy", &provider, &[WEB], &condition);
    let mut claims = github.claims(&world, "repo:octo/tide:ref:refs/heads/main", "sts.amazonaws.com");
    for (name, value) in [
        ("repository", json!("octo/tide")),
        ("repository_id", json!("42")),
        ("job_workflow_ref", json!("octo/tide/.github/workflows/deploy.yml@refs/heads/main")),
        ("ref", json!("refs/heads/main")),
        ("run_attempt", json!(1)),
    ] {
        claims[name] = value;
    }
    let session = world.with_token(&role, &github.token(&claims), &[]).expect_ok("GitHub").keys();
    claims["repository_id"] = json!("43");
    world.with_token(&role, &github.token(&claims), &[]).expect_code("another repository", "AccessDenied");
    // Of the claims only aud, sub and amr stay with the session.
    let may = |policy: &str| {
        let params = [("RoleName", "Deploy"), ("PolicyName", "p"), ("PolicyDocument", policy)];
        world.iam("PutRolePolicy", &params);
        world.iam_as(&session, "ListUsers", &[]).is_ok()
    };
    assert!(may(&allow_if("iam:ListUsers", &json!({"StringLike": {key("sub"): "repo:octo/*"}}))));
    assert!(may(&allow_if("iam:ListUsers", &json!({"StringEquals": {"aws:FederatedProvider": provider}}))));
    assert!(!may(&allow_if("iam:ListUsers", &json!({"StringEquals": {"aws:FederatedProvider": "other"}}))));
    assert!(may(&allow_if("iam:ListUsers", &json!({"Null": {key("repository_id"): "true"}}))));
    assert!(may(&allow_if("iam:ListUsers", &json!({"Null": {key("aud"): "false"}}))));
}

#[test]
fn a_pod_of_a_cluster_assumes_its_role() {
    let world = World::new();
    let cluster = Issuer::new(&world, "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF");
    let provider = cluster.register(&world, &["sts.amazonaws.com"]);
    let condition = json!({"StringEquals": {
        format!("{}:sub", cluster.name()): "system:serviceaccount:harbour:pilot",
        format!("{}:aud", cluster.name()): "sts.amazonaws.com",
    }});
    let role = role(&world, "Pilot", &provider, &[WEB], &condition);
    let token = |subject: &str, audience: Value| {
        let mut claims = cluster.claims(&world, subject, "");
        claims["aud"] = audience;
        claims["kubernetes.io"] = json!({"namespace": "harbour", "serviceaccount": {"name": "pilot"}});
        cluster.token(&claims)
    };
    let pilot = "system:serviceaccount:harbour:pilot";
    world.with_token(&role, &token(pilot, json!(["sts.amazonaws.com"])), &[]).expect_ok("one audience");
    let both = json!(["https://kubernetes.default.svc", "sts.amazonaws.com"]);
    let answer = world.with_token(&role, &token(pilot, both), &[]).expect_ok("two audiences");
    assert_eq!(answer.text("Audience"), "sts.amazonaws.com");
    let api = json!(["https://kubernetes.default.svc"]);
    world.with_token(&role, &token(pilot, api), &[]).expect_code("the API server's", "InvalidIdentityToken");
    let other = token("system:serviceaccount:harbour:mate", json!(["sts.amazonaws.com"]));
    world.with_token(&role, &other, &[]).expect_code("another pod", "AccessDenied");
}

#[test]
fn tags_and_source_identity_come_from_the_token_if_the_trust_policy_lets_them() {
    let world = World::new();
    let issuer = Issuer::new(&world, SHARED);
    let provider = issuer.register(&world, &["app"]);
    let open = json!({});
    let plain = role(&world, "Plain", &provider, &[WEB], &open);
    let tagged = role(&world, "Tagged", &provider, &[WEB, "sts:TagSession"], &open);
    let all = role(&world, "All", &provider, &ALL, &open);
    let mut claims = issuer.claims(&world, "ann", "app");
    claims["https://aws.amazon.com/tags"] =
        json!({"principal_tags": {"Team": ["lights"], "Cost": ["7"]}, "transitive_tag_keys": ["Team"]});
    let token = issuer.token(&claims);
    world.with_token(&plain, &token, &[]).expect_code("no sts:TagSession", "AccessDenied");
    let answer = world.with_token(&tagged, &token, &[]).expect_ok("tagged");
    assert!(answer.has("PackedPolicySize"));
    claims["https://aws.amazon.com/source_identity"] = json!("ann@example.com");
    let token = issuer.token(&claims);
    let denied = world.with_token(&tagged, &token, &[]).expect_code("source identity", "AccessDenied");
    assert_eq!(denied.message(), "Not authorized to perform sts:SetSourceIdentity");
    let answer = world.with_token(&all, &token, &[]).expect_ok("all");
    assert_eq!(answer.text("SourceIdentity"), "ann@example.com");
    let session = answer.keys();
    let may = |condition: Value| {
        let policy = allow_if("iam:ListUsers", &condition);
        world.iam("PutRolePolicy", &[("RoleName", "All"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
        world.iam_as(&session, "ListUsers", &[]).is_ok()
    };
    assert!(may(json!({"StringEquals": {"aws:PrincipalTag/team": "lights"}})));
    assert!(may(json!({"StringEquals": {"aws:SourceIdentity": "ann@example.com"}})));
    assert!(!may(json!({"StringEquals": {"aws:PrincipalTag/team": "tides"}})));
    // The transitive one passes on, the other does not.
    let next = trust(ACCOUNT)
        .replace("\"sts:AssumeRole\"", r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#);
    let condition = json!({"StringEquals": {"aws:PrincipalTag/Team": "lights"}, "Null": {"aws:PrincipalTag/Cost": "true"}});
    let next = world.role("Next", &next, &allow_if("iam:ListUsers", &condition));
    let policy = allow(&["sts:*"]);
    world.iam("PutRolePolicy", &[("RoleName", "All"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    let chained = world.assume(&session, &next, &[]);
    world.iam_as(&chained, "ListUsers", &[]).expect_ok("the tag passed on");
    for bad in [
        json!({"principal_tags": {"aws:x": ["1"]}}),
        json!({"principal_tags": {"Team": ["a"]}, "transitive_tag_keys": ["Cost"]}),
        json!({"principal_tags": {"Team": ["a", "b"]}}),
    ] {
        claims["https://aws.amazon.com/tags"] = bad.clone();
        let answer = world.with_token(&all, &issuer.token(&claims), &[]);
        assert!(answer.status == 400, "{bad}: {}", answer.body);
    }
}

#[test]
fn session_policies_limit_the_session() {
    let world = World::new();
    let issuer = Issuer::new(&world, SHARED);
    let provider = issuer.register(&world, &["app"]);
    let document = trust_provider(&provider, &[WEB], &json!({}));
    let role = world.role("Pilot", &document, &allow(&["iam:ListUsers", "iam:ListRoles"]));
    let token = issuer.token(&issuer.claims(&world, "ann", "app"));
    let policy = allow(&["iam:ListRoles"]);
    let answer = world.with_token(&role, &token, &[("Policy", &policy)]).expect_ok("limited");
    assert!(answer.has("PackedPolicySize"));
    let session = answer.keys();
    world.iam_as(&session, "ListRoles", &[]).expect_ok("within");
    world.iam_as(&session, "ListUsers", &[]).expect_code("beyond", "AccessDenied");
}

#[test]
fn google_needs_no_provider_in_the_account() {
    let world = World::new();
    let google = Issuer::new(&world, "https://accounts.google.com");
    let condition =
        json!({"StringEquals": {"accounts.google.com:aud": "client", "accounts.google.com:oaud": "app"}});
    let document = trust_provider("accounts.google.com", &[WEB], &condition);
    let role = world.role("Pilot", &document, "");
    let mut claims = google.claims(&world, "1234567890", "app");
    world.with_token(&role, &google.token(&claims), &[]).expect_code("aud is app", "AccessDenied");
    claims["azp"] = json!("client");
    let answer = world.with_token(&role, &google.token(&claims), &[]).expect_ok("azp is client");
    assert_eq!(answer.text("Provider"), "accounts.google.com");
}

#[test]
fn keys_of_providers_are_fetched_once_and_again_when_they_change() {
    let world = World::new();
    let mut issuer = Issuer::new(&world, SHARED);
    let provider = issuer.register(&world, &["app"]);
    let role = role(&world, "Pilot", &provider, &[WEB], &json!({}));
    let assume = |issuer: &Issuer| {
        let token = issuer.token(&issuer.claims(&world, "ann", "app"));
        world.with_token(&role, &token, &[])
    };
    assume(&issuer).expect_ok("first");
    assume(&issuer).expect_ok("second");
    assert_eq!(world.providers.asked().len(), 2, "a description and the keys");
    world.clock.advance(Duration::from_secs(60));
    issuer.key = authn::oidc::sign::make(issuer.kind).unwrap();
    issuer.key_id = "key-2".to_owned();
    issuer.publish(&world);
    assume(&issuer).expect_ok("a new key");
    assert_eq!(world.providers.asked().len(), 4);
    let down =
        Issuer { url: "https://down.example.com".into(), ..Issuer::new(&world, "https://up.example.com") };
    let params = [
        ("Url", down.url.as_str()),
        ("ThumbprintList.member.1", &"b".repeat(40)),
        ("ClientIDList.member.1", "app"),
    ];
    let arn = world.iam("CreateOpenIDConnectProvider", &params).text("OpenIDConnectProviderArn");
    let other = world.role("Other", &trust_provider(&arn, &[WEB], &json!({})), "");
    let token = down.token(&down.claims(&world, "ann", "app"));
    world.with_token(&other, &token, &[]).expect_code("nobody answers", "IDPCommunicationError");
}

/// The claims of a token of ours, verified with what the issuer publishes.
fn verified(world: &World, token: &str) -> Value {
    let issuer = world.iam("GetOutboundWebIdentityFederationInfo", &[]).text("IssuerIdentifier");
    let published = Providers::default();
    for page in [".well-known/openid-configuration", ".well-known/jwks.json"] {
        let url = format!("{issuer}/{page}");
        let answer = world.front.issuer_page(url.strip_prefix(ENDPOINT).unwrap());
        assert_eq!(answer.status, 200, "{url}");
        published.publish(&url, &String::from_utf8(answer.body).unwrap());
    }
    let issuers = Issuers::new(Arc::new(published));
    let url = IssuerUrl::parse(&issuer, |_| false).unwrap();
    let jwt = Jwt::parse(token).unwrap();
    assert_eq!(jwt.claims.issuer, issuer);
    assert_eq!(issuers.have_signed(&url, &[], &jwt, true, world.now()), Ok(true));
    let payload = token.split('.').nth(1).unwrap();
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn ask(world: &World, who: &Keys, more: &[(&str, &str)]) -> harness::Answer {
    let mut params = vec![("Audience.member.1", "https://api.example.com"), ("SigningAlgorithm", "ES384")];
    for (name, value) in more {
        params.retain(|(known, _)| known != name);
        params.push((name, value));
    }
    world.sts_as(who, "GetWebIdentityToken", &params)
}

#[test]
fn an_account_issues_tokens_when_that_is_enabled() {
    let world = World::new();
    let off = world.iam_fails("GetOutboundWebIdentityFederationInfo", &[], "FeatureDisabled");
    assert_eq!(off.status, 404);
    let refused = ask(&world, &world.admin, &[]);
    refused.expect_code("disabled", "OutboundWebIdentityFederationDisabledException");
    world.iam_fails("DisableOutboundWebIdentityFederation", &[], "FeatureDisabled");
    let issuer = world.iam("EnableOutboundWebIdentityFederation", &[]).text("IssuerIdentifier");
    assert!(issuer.starts_with(&format!("{ENDPOINT}/_bailiwick/issuers/")), "{issuer}");
    let again = world.iam_fails("EnableOutboundWebIdentityFederation", &[], "FeatureEnabled");
    assert_eq!(again.status, 409);
    let info = world.iam("GetOutboundWebIdentityFederationInfo", &[]);
    assert_eq!(
        (info.text("IssuerIdentifier"), info.text("JwtVendingEnabled")),
        (issuer.clone(), "true".into())
    );
    world.iam("DisableOutboundWebIdentityFederation", &[]);
    ask(&world, &world.admin, &[]).expect_code("disabled", "OutboundWebIdentityFederationDisabledException");
    // The keys stay where they were, for tokens that live on.
    let path = format!("{}/.well-known/jwks.json", issuer.strip_prefix(ENDPOINT).unwrap());
    assert_eq!(world.front.issuer_page(&path).status, 200);
    let enabled = world.iam("EnableOutboundWebIdentityFederation", &[]);
    assert_eq!(enabled.text("IssuerIdentifier"), issuer, "others trust the address");
    for missing in ["", "/", "/nobody/.well-known/jwks.json", "/x"] {
        assert_eq!(world.front.issuer_page(&format!("/_bailiwick/issuers{missing}")).status, 404);
    }
}

#[test]
fn a_token_tells_who_the_caller_is() {
    let world = World::new();
    world.iam("EnableOutboundWebIdentityFederation", &[]);
    world.iam("CreateUser", &[("UserName", "ann")]);
    world.iam(
        "TagUser",
        &[("UserName", "ann"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "lights")],
    );
    let policy = allow(&["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"]);
    world.iam("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    let made = world.iam("CreateAccessKey", &[("UserName", "ann")]);
    let ann = Keys { id: made.text("AccessKeyId"), secret: made.text("SecretAccessKey"), token: None };
    for (algorithm, seconds) in [("ES384", 60), ("RS256", 3_600)] {
        let answer = ask(
            &world,
            &ann,
            &[
                ("SigningAlgorithm", algorithm),
                ("DurationSeconds", &seconds.to_string()),
                ("Tags.member.1.Key", "job"),
                ("Tags.member.1.Value", "42"),
            ],
        )
        .expect_ok("a token");
        let claims = verified(&world, &answer.text("WebIdentityToken"));
        let now = world.now().seconds();
        assert_eq!(claims["sub"], format!("arn:aws:iam::{ACCOUNT}:user/ann"));
        assert_eq!(claims["aud"], "https://api.example.com");
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + seconds)));
        assert!(claims["jti"].as_str().is_some_and(|id| id.len() == 36));
        let own = &claims["https://sts.amazonaws.com/"];
        assert_eq!((&own["aws_account"], &own["source_region"]), (&json!(ACCOUNT), &json!("us-east-1")));
        assert_eq!(
            (&own["principal_tags"]["Team"], &own["request_tags"]["job"]),
            (&json!("lights"), &json!("42"))
        );
    }
    let two = ask(&world, &ann, &[("Audience.member.1", "a"), ("Audience.member.2", "b")]).expect_ok("two");
    assert_eq!(verified(&world, &two.text("WebIdentityToken"))["aud"], json!(["a", "b"]));
    // The token is in no record.
    let token = two.text("WebIdentityToken");
    assert!(!world.records().iter().any(|record| record.to_string().contains(&token)));
}

#[test]
fn tokens_are_limited_by_policies_and_by_the_session() {
    let world = World::new();
    world.iam("EnableOutboundWebIdentityFederation", &[]);
    let condition = json!({
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["https://api.example.com"]},
        "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
        "StringEquals": {"sts:SigningAlgorithm": "ES384"},
    });
    let ann = world.user("ann", &allow_if("sts:GetWebIdentityToken", &condition));
    ask(&world, &ann, &[]).expect_ok("within");
    for (name, value) in [
        ("Audience.member.1", "https://evil.example.com"),
        ("Audience.member.2", "https://evil.example.com"),
        ("DurationSeconds", "301"),
        ("SigningAlgorithm", "RS256"),
    ] {
        ask(&world, &ann, &[(name, value)]).expect_code(name, "AccessDenied");
    }
    let tags = [("Tags.member.1.Key", "job"), ("Tags.member.1.Value", "42")];
    let denied = ask(&world, &ann, &tags).expect_code("tags", "AccessDenied");
    assert!(denied.message().contains("sts:TagGetWebIdentityToken"), "{}", denied.message());
    for (name, value) in [
        ("DurationSeconds", "59"),
        ("DurationSeconds", "3601"),
        ("SigningAlgorithm", "HS256"),
        ("SigningAlgorithm", "none"),
    ] {
        ask(&world, &world.admin, &[(name, value)]).expect_code(value, "ValidationError");
    }
    // A session cannot get a token that outlives it.
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["sts:GetWebIdentityToken"]));
    let able = world.user("able", &allow(&["sts:AssumeRole"]));
    let session = world.assume(&able, &role, &[("DurationSeconds", "900")]);
    ask(&world, &session, &[("DurationSeconds", "900")]).expect_ok("as long as the session");
    let longer = ask(&world, &session, &[("DurationSeconds", "901")]);
    longer.expect_code("longer", "SessionDurationEscalationException");
    let answer = ask(&world, &session, &[]).expect_ok("a role's");
    let claims = verified(&world, &answer.text("WebIdentityToken"));
    assert_eq!(claims["sub"], role);
    assert_eq!(claims["https://sts.amazonaws.com/"]["original_session_exp"], "2026-01-02T03:19:05Z");
}

#[test]
fn a_token_of_one_account_opens_a_role_of_another() {
    let world = World::new();
    let issuer = world.iam("EnableOutboundWebIdentityFederation", &[]).text("IssuerIdentifier");
    let other = world.second_account();
    for page in [".well-known/openid-configuration", ".well-known/jwks.json"] {
        let url = format!("{issuer}/{page}");
        let answer = world.front.issuer_page(url.strip_prefix(ENDPOINT).unwrap());
        world.providers.publish(&url, &String::from_utf8(answer.body).unwrap());
    }
    let params = [("Url", issuer.as_str()), ("ClientIDList.member.1", "sts.amazonaws.com")];
    let made = world.iam_as(&other, "CreateOpenIDConnectProvider", &params).expect_ok("provider");
    let name = issuer.strip_prefix("https://").unwrap();
    let condition =
        json!({"StringEquals": {format!("{name}:sub"): format!("arn:aws:iam::{ACCOUNT}:user/dev")}});
    let document = trust_provider(&made.text("OpenIDConnectProviderArn"), &[WEB], &condition);
    let params = [("RoleName", "There"), ("AssumeRolePolicyDocument", document.as_str())];
    let role = world.iam_as(&other, "CreateRole", &params).expect_ok("role").text("Arn");
    let token = ask(&world, &world.admin, &[("Audience.member.1", "sts.amazonaws.com")]);
    let token = token.expect_ok("token").text("WebIdentityToken");
    world.with_token(&role, &token, &[]).expect_ok("there");
}

#[test]
fn signing_keys_are_renewed_and_old_tokens_stay_good() {
    let world = World::new();
    world.iam("EnableOutboundWebIdentityFederation", &[]);
    let key_of = |world: &World| {
        let answer = ask(world, &world.admin, &[]).expect_ok("token").text("WebIdentityToken");
        verified(world, &answer);
        Jwt::parse(&answer).unwrap().key_id.unwrap()
    };
    let first = key_of(&world);
    let day = |world: &World, days: u64| {
        world.clock.advance(Duration::from_secs(days * 86_400));
        world.front.tick().unwrap();
    };
    day(&world, 90);
    assert_eq!(key_of(&world), first, "the new key is published first");
    day(&world, 1);
    let second = key_of(&world);
    assert_ne!(second, first);
    day(&world, 90);
    day(&world, 1);
    assert!(![first, second].contains(&key_of(&world)));
}
