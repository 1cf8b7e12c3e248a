//! Tokens of OpenID Connect providers.

use crate::harness::issuer::{Issuer, trust_provider};
use crate::harness::{ACCOUNT, Answer, ENDPOINT, World, allow};
use authn::oidc::sign::{self, Kind};
use serde_json::{Value, json};
use std::time::Duration;

const URL: &str = "https://login.example.com/tenant";
const WEB: &str = "sts:AssumeRoleWithWebIdentity";

/// A world with a provider and a role that trusts `ann` of it.
struct Scene {
    world: World,
    issuer: Issuer,
    role: String,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        let issuer = Issuer::new(&world, URL);
        let arn = issuer.register(&world, &["app"]);
        let condition = json!({"StringEquals": {format!("{}:sub", issuer.name()): "ann"}});
        let role = world.role("Pilot", &trust_provider(&arn, &[WEB], &condition), &allow(&["iam:ListUsers"]));
        Self { world, issuer, role }
    }

    fn claims(&self) -> Value {
        self.issuer.claims(&self.world, "ann", "app")
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    fn without(&self, name: &str) -> Value {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn assume(&self, token: &str) -> Answer {
        self.world.with_token(&self.role, token, &[])
    }

    /// The token is refused with this code, and the refusal is in the account's trail.
    #[track_caller]
    fn refused(&self, what: &str, token: &str, code: &str) -> Answer {
        let answer = self.assume(token).expect_code(what, code);
        assert!(!answer.body.contains("AccessKeyId"), "{what}");
        let record =
            self.world.records().into_iter().find(|it| it["eventName"] == "AssumeRoleWithWebIdentity");
        let record = record.unwrap_or_else(|| panic!("{what} left no record"));
        assert_eq!(record["errorCode"], code, "{what}: {record}");
        assert_eq!(record["recipientAccountId"], ACCOUNT, "{what}");
        let is_long = token.len() > 20;
        assert!(!is_long || !record.to_string().contains(token), "{what}: the token is in the record");
        answer
    }
}

#[test]
fn a_good_token_is_taken() {
    let scene = Scene::new();
    let session = scene.assume(&scene.issuer.token(&scene.claims())).expect_ok("good").keys();
    scene.world.iam_as(&session, "ListUsers", &[]).expect_ok("the role's right");
}

#[test]
fn case_017_signatures_of_zeroes_are_refused() {
    let scene = Scene::new();
    let header = json!({"alg": "ES384", "kid": "key-1"});
    // The order of P-384, and one more.
    let order =
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    let order: Vec<u8> =
        (0..48).map(|at| u8::from_str_radix(&order[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let mut beyond = order.clone();
    *beyond.last_mut().unwrap() += 1;
    let (zero, one) = (vec![0; 48], [vec![0; 47], vec![1]].concat());
    for (r, s) in [
        (&zero, &zero),
        (&zero, &one),
        (&one, &zero),
        (&order, &order),
        (&order, &one),
        (&one, &order),
        (&beyond, &beyond),
    ] {
        let signature = [r.as_slice(), s.as_slice()].concat();
        let token = Issuer::forged(&header, &scene.claims(), &signature);
        scene.refused("zeroes", &token, "InvalidIdentityToken");
    }
    // The same with a key of P-256, as most providers have.
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(algorithm).unwrap();
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    let part = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let point = pair.public_key().as_ref();
    let key = json!({"kty": "EC", "crv": "P-256", "kid": "p256", "x": part(&point[1..33]), "y": part(&point[33..])});
    scene.world.providers.publish(&format!("{URL}/keys"), &json!({"keys": [key]}).to_string());
    scene.world.clock.advance(Duration::from_secs(60));
    let header = json!({"alg": "ES256", "kid": "p256"});
    let unsigned = Issuer::forged(&header, &scene.claims(), b"");
    let signed = unsigned.strip_suffix('.').unwrap();
    let good = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), signed.as_bytes()).unwrap();
    scene.assume(&format!("{signed}.{}", part(good.as_ref()))).expect_ok("the key is the provider's");
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&order[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let (zero, one) = (vec![0; 32], [vec![0; 31], vec![1]].concat());
    for (r, s) in
        [(&zero, &zero), (&zero, &one), (&one, &zero), (&order, &order), (&order, &one), (&one, &order)]
    {
        let token = format!("{signed}.{}", part(&[r.as_slice(), s.as_slice()].concat()));
        scene.refused("zeroes of P-256", &token, "InvalidIdentityToken");
    }
    let scene = Scene::new();
    // A real signature in another form: as two integers of ASN.1, cut, doubled.
    let good = scene.issuer.token(&scene.claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for changed in [&signature[..signature.len() - 4], &format!("{signature}{signature}")] {
        scene.refused("length", &format!("{signed}.{changed}"), "InvalidIdentityToken");
    }
}

#[test]
fn case_037_no_algorithm_means_no_token() {
    let scene = Scene::new();
    for alg in ["none", "None", "NONE", "nOnE", "none ", "", "null"] {
        for signature in [&b""[..], b"x"] {
            let token = Issuer::forged(&json!({"alg": alg, "kid": "key-1"}), &scene.claims(), signature);
            scene.refused(alg, &token, "InvalidIdentityToken");
        }
    }
    let token = Issuer::forged(&json!({"kid": "key-1"}), &scene.claims(), b"x");
    scene.refused("no alg", &token, "InvalidIdentityToken");
}

#[test]
fn case_038_a_public_key_is_no_shared_secret() {
    let scene = Scene::new();
    let public = scene.issuer.public().to_string();
    for (alg, method) in [
        ("HS256", aws_lc_rs::hmac::HMAC_SHA256),
        ("HS384", aws_lc_rs::hmac::HMAC_SHA384),
        ("HS512", aws_lc_rs::hmac::HMAC_SHA512),
    ] {
        let header = json!({"alg": alg, "kid": "key-1"});
        let unsigned = Issuer::forged(&header, &scene.claims(), b"");
        let signed = unsigned.strip_suffix('.').unwrap();
        let key = aws_lc_rs::hmac::Key::new(method, public.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
        let token = Issuer::forged(&header, &scene.claims(), tag.as_ref());
        scene.refused(alg, &token, "InvalidIdentityToken");
    }
    // A key of one kind verifies no algorithm of another, whatever the header says.
    for alg in ["RS256", "PS256", "ES256", "ES512", "EdDSA"] {
        let token = Issuer::forged(&json!({"alg": alg, "kid": "key-1"}), &scene.claims(), &[1; 96]);
        scene.refused(alg, &token, "InvalidIdentityToken");
    }
}

#[test]
fn case_039_keys_in_headers_are_not_looked_at() {
    let scene = Scene::new();
    let own = sign::make(Kind::Es384).unwrap();
    let mut public: Value = serde_json::from_str(&own.public).unwrap();
    public["kid"] = "mine".into();
    scene
        .world
        .providers
        .publish("https://evil.example/keys", &json!({ "keys": [public.clone()] }).to_string());
    let good = sign::sign(Kind::Es384, &own.private, "key-1", &scene.claims()).unwrap();
    scene.refused("another's key under the right name", &good, "InvalidIdentityToken");
    for header in [
        json!({"alg": "ES384", "kid": "mine", "jwk": public}),
        json!({"alg": "ES384", "jwk": public}),
        json!({"alg": "ES384", "kid": "mine", "jku": "https://evil.example/keys"}),
        json!({"alg": "ES384", "x5u": "https://evil.example/keys"}),
        json!({"alg": "ES384", "x5c": ["MIIB"]}),
        json!({"alg": "ES384", "kid": "../../../../etc/passwd"}),
        json!({"alg": "ES384", "kid": "https://evil.example/keys"}),
        json!({"alg": "ES384", "kid": "key-1' OR '1'='1"}),
        json!({"alg": "ES384", "kid": "key-1\u{0}"}),
        json!({"alg": "ES384", "kid": 1}),
        json!({"alg": "ES384", "kid": "unknown"}),
        json!({"alg": "ES384", "kid": "key-1", "crit": ["b64"], "b64": false}),
    ] {
        let unsigned = Issuer::forged(&header, &scene.claims(), b"");
        let signed = unsigned.strip_suffix('.').unwrap();
        let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(
            &aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            own.private.expose(),
        );
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = pair.unwrap().sign(&random, signed.as_bytes()).unwrap();
        let token = Issuer::forged(&header, &scene.claims(), signature.as_ref());
        scene.refused(&header.to_string(), &token, "InvalidIdentityToken");
    }
    assert!(scene.world.providers.asked().iter().all(|url| url.starts_with(URL)), "nobody else was asked");
}

#[test]
fn case_040_a_token_is_for_this_account_or_for_nobody() {
    let scene = Scene::new();
    for audience in [
        json!("other"),
        json!("APP"),
        json!("app "),
        json!("ap"),
        json!("app,other"),
        json!(["other", "another"]),
    ] {
        let token = scene.issuer.token(&scene.with("aud", audience.clone()));
        let answer = scene.refused(&audience.to_string(), &token, "InvalidIdentityToken");
        assert_eq!(answer.message(), "Incorrect token audience");
    }
    for audience in [json!([]), json!(""), json!(null), json!({"app": 1}), json!(["app", 5])] {
        let token = scene.issuer.token(&scene.with("aud", audience.clone()));
        scene.refused(&audience.to_string(), &token, "InvalidIdentityToken");
    }
    let missing = scene.refused("none", &scene.issuer.token(&scene.without("aud")), "InvalidIdentityToken");
    assert_eq!(missing.message(), "Missing a required claim: aud");
    // One issued to another's application is not ours, though we are among those who may read it; and one issued to
    // us for somebody else's interface is not for us.
    scene.refused("azp", &scene.issuer.token(&scene.with("azp", json!("other"))), "InvalidIdentityToken");
    let mut for_others = scene.with("aud", json!("https://api.example.com"));
    for_others["azp"] = "app".into();
    scene.refused("aud of another", &scene.issuer.token(&for_others), "InvalidIdentityToken");
    // Of several audiences one suffices.
    let token = scene.issuer.token(&scene.with("aud", json!(["vault", "app"])));
    assert_eq!(scene.assume(&token).expect_ok("two").text("Audience"), "app");
    scene.assume(&scene.issuer.token(&scene.with("azp", json!("app")))).expect_ok("azp of ours");
}

#[test]
fn case_041_times_and_issuer_are_exact() {
    let scene = Scene::new();
    let now = scene.world.now().seconds();
    let token = |name: &str, value: Value| scene.issuer.token(&scene.with(name, value));
    scene.refused("expired", &token("exp", json!(now)), "ExpiredTokenException");
    scene.refused("long ago", &token("exp", json!(1)), "ExpiredTokenException");
    scene.refused("nbf", &token("nbf", json!(now + 301)), "IDPRejectedClaim");
    scene.refused("iat", &token("iat", json!(now + 301)), "IDPRejectedClaim");
    scene.assume(&token("nbf", json!(now + 60))).expect_ok("clocks differ a little");
    for (name, value) in [
        ("exp", json!("9999999999")),
        ("exp", json!(9.9e9)),
        ("exp", json!(-1)),
        ("exp", json!(null)),
        ("iat", json!([1])),
        ("nbf", json!("soon")),
    ] {
        scene.refused(&format!("{name} {value}"), &token(name, value), "InvalidIdentityToken");
    }
    for claim in ["exp", "iat", "sub", "iss"] {
        let token = scene.issuer.token(&scene.without(claim));
        let answer = scene.refused(claim, &token, "InvalidIdentityToken");
        assert_eq!(answer.message(), format!("Missing a required claim: {claim}"));
    }
    for issuer in [
        "https://login.example.com/tenant/",
        "https://login.example.com/Tenant",
        "https://LOGIN.example.com/tenant",
        "https://login.example.com@evil.example/tenant",
        "https://login.example.com/tenant#",
        "https://login.example.com/tenant?x",
        "https://login.example.com//tenant",
        "https://login.example.com/x/../tenant",
        "https://login.example.com",
        "https://login.example.com.evil.example/tenant",
        "http://login.example.com/tenant",
        "login.example.com/tenant",
        " https://login.example.com/tenant",
        "",
    ] {
        scene.refused(issuer, &token("iss", json!(issuer)), "InvalidIdentityToken");
    }
    scene.world.clock.advance(Duration::from_secs(300));
    scene.refused(
        "five minutes later",
        &scene.issuer.token(&{
            let mut claims = scene.claims();
            claims["exp"] = json!(now + 300);
            claims
        }),
        "ExpiredTokenException",
    );
}

#[test]
fn case_042_strangers_do_not_learn_whom_an_account_trusts() {
    let scene = Scene::new();
    let stranger = Issuer::new(&scene.world, "https://stranger.example");
    let unknown = scene.refused(
        "a provider that nobody made",
        &stranger.token(&stranger.claims(&scene.world, "ann", "app")),
        "InvalidIdentityToken",
    );
    let forged = Issuer { url: URL.to_owned(), ..Issuer::new(&scene.world, "https://forger.example") };
    let wrong = scene.refused("a wrong signature", &forged.token(&scene.claims()), "InvalidIdentityToken");
    assert_eq!((unknown.status, unknown.message()), (wrong.status, wrong.message()));
    assert!(
        !scene.world.providers.asked().iter().any(|url| url.contains("stranger")),
        "nobody asks strangers"
    );
    // In an account that is not there it reads the same, and so does a role that is not there.
    let nowhere = scene.role.replace(ACCOUNT, "999999999999");
    let there = scene.world.with_token(&nowhere, &stranger.token(&scene.claims()), &[]);
    assert_eq!(there.message(), wrong.message());
    // Who goes on learns nothing any more and makes nobody ask; others at the same address are let in.
    let bad = forged.token(&scene.claims());
    (0..70).for_each(|_| drop(scene.assume(&bad)));
    scene.assume(&bad).expect_code("too often", "Throttling");
    let asked = scene.world.providers.asked().len();
    let unknown = stranger.token(&stranger.claims(&scene.world, "ann", "app"));
    scene.assume(&unknown).expect_code("too often", "Throttling");
    scene.assume(&scene.issuer.token(&scene.claims())).expect_ok("a good token");
    assert_eq!(scene.world.providers.asked().len(), asked);
    scene.world.clock.advance(Duration::from_secs(61));
    scene.assume(&bad).expect_code("a minute later", "InvalidIdentityToken");
}

#[test]
fn case_043_nothing_but_a_verified_token_leads_to_a_role() {
    let scene = Scene::new();
    for token in [
        "null",
        "AAAA",
        r#"{"sub":"ann","aud":"app"}"#,
        "eyJhbGciOiJub25lIn0.e30.",
        "....",
        "Bearer x.y.z",
        &"A".repeat(20_000),
    ] {
        scene.refused(&token[..token.len().min(20)], token, "InvalidIdentityToken");
    }
    for (name, value) in [
        ("WebIdentityToken", "x"),
        ("RoleSessionName", "a/b"),
        ("DurationSeconds", "899"),
        ("DurationSeconds", "43201"),
    ] {
        let token = scene.issuer.token(&scene.claims());
        let mut params =
            vec![("RoleArn", scene.role.as_str()), ("RoleSessionName", "s"), ("WebIdentityToken", &token)];
        params.retain(|(known, _)| *known != name);
        params.push((name, value));
        let answer = scene.world.sts_unsigned("AssumeRoleWithWebIdentity", &params);
        answer.expect_code(&format!("{name} {value}"), "ValidationError");
    }
    let token = scene.issuer.token(&scene.claims());
    scene
        .world
        .with_token(&scene.role, &token, &[("ProviderId", "www.amazon.com")])
        .expect_code("an access token", "IDPCommunicationError");
    // Another's subject is verified and still not let in, and is told nothing of the role.
    let eve = scene.issuer.token(&scene.with("sub", json!("eve")));
    let denied = scene.refused("eve", &eve, "AccessDenied");
    assert_eq!(denied.message(), format!("Not authorized to perform {WEB}"));
    let missing = scene.world.with_token(&scene.role.replace("Pilot", "Missing"), &token, &[]);
    assert_eq!((missing.status, missing.message()), (denied.status, denied.message()));
    // The other ways to a role do not take the provider for a principal.
    let signed = scene.world.sts_as(
        &scene.world.user("bob", &allow(&["sts:*"])),
        "AssumeRole",
        &[("RoleArn", &scene.role), ("RoleSessionName", "session")],
    );
    signed.expect_code("AssumeRole", "AccessDenied");
    let user = scene.world.role("Other", &crate::harness::trust(ACCOUNT), "");
    scene.world.with_token(&user, &token, &[]).expect_code("a role for users", "AccessDenied");
}

#[test]
fn case_045_a_shared_provider_is_trusted_with_a_subject_only() {
    let world = World::new();
    let github = Issuer::new(&world, "https://token.actions.githubusercontent.com");
    let arn = github.register(&world, &["sts.amazonaws.com"]);
    let create = |name: &str, condition: Value| {
        let document = trust_provider(&arn, &[WEB], &condition);
        world.iam_as(
            &world.admin,
            "CreateRole",
            &[("RoleName", name), ("AssumeRolePolicyDocument", &document)],
        )
    };
    let key = |claim: &str| format!("{}:{claim}", github.name());
    for condition in [
        json!({"StringEquals": {key("aud"): "sts.amazonaws.com"}}),
        json!({"StringLike": {key("sub"): "*"}}),
        json!({"StringNotEquals": {key("sub"): "repo:octo/tide:*"}}),
        json!({"StringLike": {key("repository"): "octo/*"}}),
    ] {
        create("Open", condition.clone()).expect_code(&condition.to_string(), "MalformedPolicyDocument");
    }
    let mine = json!({"StringLike": {key("sub"): "repo:octo/tide:*"}});
    let role = create("Mine", mine).expect_ok("a subject").text("Arn");
    let token = |subject: &str| github.token(&github.claims(&world, subject, "sts.amazonaws.com"));
    world.with_token(&role, &token("repo:octo/tide:ref:refs/heads/main"), &[]).expect_ok("mine");
    for other in ["repo:octo/tides:ref:refs/heads/main", "repo:evil/octo/tide:x", "xrepo:octo/tide:x"] {
        world.with_token(&role, &token(other), &[]).expect_code(other, "AccessDenied");
    }
}

#[test]
fn a_provider_of_another_account_vouches_for_nobody_here() {
    let scene = Scene::new();
    let other = scene.world.second_account();
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", scene.issuer.name());
    // The other account's role trusts the provider by its ARN of this account; the token is looked up there.
    let document = trust_provider(&arn, &[WEB], &json!({}));
    let params = [("RoleName", "There"), ("AssumeRolePolicyDocument", document.as_str())];
    let role = scene.world.iam_as(&other, "CreateRole", &params).expect_ok("CreateRole").text("Arn");
    let token = scene.issuer.token(&scene.claims());
    scene.world.with_token(&role, &token, &[]).expect_code("there", "InvalidIdentityToken");
    scene.world.iam("DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", &arn)]);
    scene.assume(&token).expect_code("deleted", "InvalidIdentityToken");
}

#[test]
fn case_105_addresses_that_users_give_are_asked_only_by_the_fetcher() {
    let scene = Scene::new();
    // A provider's page may name keys elsewhere; what may be reached is the fetcher's to judge, and a token brings
    // no address of its own.
    for (page, code) in [
        (
            json!({"issuer": URL, "jwks_uri": "http://169.254.169.254/latest/meta-data"}),
            "InvalidIdentityToken",
        ),
        (json!({"issuer": URL, "jwks_uri": "file:///etc/passwd"}), "InvalidIdentityToken"),
        (
            json!({"issuer": "https://evil.example", "jwks_uri": format!("{URL}/keys")}),
            "InvalidIdentityToken",
        ),
        (json!({"issuer": URL}), "InvalidIdentityToken"),
    ] {
        let scene = Scene::new();
        scene.world.providers.publish(&format!("{URL}/.well-known/openid-configuration"), &page.to_string());
        scene.refused(&page.to_string(), &scene.issuer.token(&scene.claims()), code);
        let asked = scene.world.providers.asked();
        assert!(asked.iter().all(|url| url.starts_with(URL)), "{asked:?}");
    }
    for url in ["http://example.com", "https://a@example.com", "file:///etc/passwd", "gopher://x", "https://"]
    {
        let answer = scene.world.iam_as(&scene.world.admin, "CreateOpenIDConnectProvider", &[("Url", url)]);
        answer.expect_code(url, "ValidationError");
    }
}

#[test]
fn case_101_an_issuer_is_told_by_the_configuration() {
    let world = World::new();
    world.iam("EnableOutboundWebIdentityFederation", &[]);
    let mut incoming = world.prepare(&world.admin, "iam", "GetOutboundWebIdentityFederationInfo", &[]);
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "/evil"),
    ] {
        incoming.headers.insert(name, value.parse().unwrap());
    }
    let issuer = world.send_raw(incoming).expect_ok("info").text("IssuerIdentifier");
    assert!(issuer.starts_with(&format!("{ENDPOINT}/_bailiwick/issuers/")), "{issuer}");
}
