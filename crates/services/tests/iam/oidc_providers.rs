use crate::harness::World;
use crate::harness::issuer::Issuer;
use crate::{allow_on, arn};

const URL: &str = "https://login.example.com/Tenant";
const THUMBPRINT: &str = "9E99A48A9960B14926BB7F3B02E22DA2B0AB7280";

/// A provider of these clients, with a thumbprint so that nobody is asked.
fn create(world: &World, url: &str) -> String {
    let params = [("Url", url), ("ThumbprintList.member.1", THUMBPRINT), ("ClientIDList.member.1", "app")];
    world.iam("CreateOpenIDConnectProvider", &params).text("OpenIDConnectProviderArn")
}

#[test]
fn a_provider_is_made_read_listed_and_deleted() {
    let world = World::new();
    let params = [
        ("Url", URL),
        ("ThumbprintList.member.1", THUMBPRINT),
        ("ClientIDList.member.1", "app"),
        ("ClientIDList.member.2", "sts.amazonaws.com"),
        ("ClientIDList.member.3", "app"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "lights"),
        ("Tags.member.2.Key", "Cost"),
        ("Tags.member.2.Value", "7"),
    ];
    let made = world.iam("CreateOpenIDConnectProvider", &params);
    let provider = arn("oidc-provider/login.example.com/Tenant");
    assert_eq!(made.text("OpenIDConnectProviderArn"), provider);
    assert_eq!(made.texts("Key"), ["Cost", "Team"]);
    assert!(world.providers.asked().is_empty());
    let on = [("OpenIDConnectProviderArn", provider.as_str())];
    let shown = world.iam("GetOpenIDConnectProvider", &on);
    assert_eq!(shown.text("Url"), "login.example.com/Tenant");
    assert_eq!(shown.texts("member")[..2], ["app", "sts.amazonaws.com"]);
    assert!(shown.body.contains(&THUMBPRINT.to_ascii_lowercase()));
    assert_eq!(shown.text("CreateDate"), "2026-01-02T03:04:05Z");
    assert_eq!(world.iam("ListOpenIDConnectProviders", &[]).texts("Arn"), [provider.as_str()]);
    assert!(world.iam("GetAccountSummary", &[]).body.contains("<key>Providers</key><value>1</value>"));
    let again = world.iam_fails("CreateOpenIDConnectProvider", &params, "EntityAlreadyExists");
    assert_eq!((again.status, again.message()), (409, format!("Provider with url {URL} already exists.")));
    world.iam_fails(
        "CreateOpenIDConnectProvider",
        &[("Url", "https://LOGIN.example.com/tenant")],
        "EntityAlreadyExists",
    );
    world.iam("DeleteOpenIDConnectProvider", &on);
    world.iam("DeleteOpenIDConnectProvider", &on);
    let gone = world.iam_fails("GetOpenIDConnectProvider", &on, "NoSuchEntity");
    assert_eq!(gone.message(), format!("OpenIDConnect Provider not found for arn {provider}"));
    assert!(world.iam("ListOpenIDConnectProviders", &[]).texts("Arn").is_empty());
}

#[test]
fn a_thumbprint_that_is_not_given_is_the_servers() {
    let world = World::new();
    let issuer = Issuer::new(&world, "https://login.example.com");
    let provider = issuer.register(&world, &["app"]);
    let shown = world.iam("GetOpenIDConnectProvider", &[("OpenIDConnectProviderArn", &provider)]);
    assert!(shown.body.contains(&"a".repeat(40)));
    let nobody = [("Url", "https://nobody.example.com")];
    let answer = world.iam_fails("CreateOpenIDConnectProvider", &nobody, "OpenIdIdpCommunicationError");
    assert_eq!(answer.status, 400);
    // Who may not make one does not make the server ask.
    let eve = world.user("eve", &allow_on("iam:List*", "*", ""));
    let denied = world.iam_as(&eve, "CreateOpenIDConnectProvider", &nobody);
    denied.expect_code("eve", "AccessDenied");
}

#[test]
fn addresses_clients_and_thumbprints_follow_the_rules() {
    let world = World::new();
    for url in
        ["example.com", "http://example.com", "https://example.com/?a", "https://", "ftp://example.com"]
    {
        let answer = world.iam_fails("CreateOpenIDConnectProvider", &[("Url", url)], "ValidationError");
        assert_eq!(answer.message(), "Invalid Open ID Connect Provider URL");
    }
    let long = format!("https://{}", "a".repeat(248));
    world.iam_fails("CreateOpenIDConnectProvider", &[("Url", &long)], "ValidationError");
    let provider = create(&world, URL);
    let on = [("OpenIDConnectProviderArn", provider.as_str())];
    let names: Vec<String> = (1..=6).map(|number| format!("ThumbprintList.member.{number}")).collect();
    let with = |count: usize| {
        let mut params = on.to_vec();
        params.extend(names.iter().take(count).map(|name| (name.as_str(), THUMBPRINT)));
        world.iam_as(&world.admin, "UpdateOpenIDConnectProviderThumbprint", &params)
    };
    with(5).expect_ok("five");
    with(6).expect_code("six", "InvalidInput");
    let bad = [on[0], ("ThumbprintList.member.1", "zz99a48a9960b14926bb7f3b02e22da2b0ab7280")];
    world.iam_fails("UpdateOpenIDConnectProviderThumbprint", &bad, "InvalidInput");
    let short = [on[0], ("ThumbprintList.member.1", "9e99")];
    world.iam_fails("UpdateOpenIDConnectProviderThumbprint", &short, "ValidationError");
    // `app` is there already: 99 more are a hundred.
    for number in 1..100 {
        let client = format!("client-{number}");
        world.iam("AddClientIDToOpenIDConnectProvider", &[on[0], ("ClientID", &client)]);
    }
    world.iam("AddClientIDToOpenIDConnectProvider", &[on[0], ("ClientID", "app")]);
    let more = [on[0], ("ClientID", "one more")];
    let full = world.iam_fails("AddClientIDToOpenIDConnectProvider", &more, "LimitExceeded");
    assert_eq!(full.message(), "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
    world.iam("RemoveClientIDFromOpenIDConnectProvider", &[on[0], ("ClientID", "app")]);
    world.iam("RemoveClientIDFromOpenIDConnectProvider", &[on[0], ("ClientID", "app")]);
    world.iam("AddClientIDToOpenIDConnectProvider", &more);
    let long = "c".repeat(256);
    world.iam_fails("AddClientIDToOpenIDConnectProvider", &[on[0], ("ClientID", &long)], "ValidationError");
}

#[test]
fn an_account_has_a_hundred_providers() {
    let world = World::new();
    for number in 0..100 {
        create(&world, &format!("https://p{number}.example.com"));
    }
    let one_more = [("Url", "https://more.example.com"), ("ThumbprintList.member.1", THUMBPRINT)];
    let full = world.iam_fails("CreateOpenIDConnectProvider", &one_more, "LimitExceeded");
    assert_eq!(full.message(), "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100");
}

#[test]
fn arns_are_of_providers_of_this_account() {
    let world = World::new();
    let provider = create(&world, URL);
    for (other, code) in [
        (provider.replace("login", "LOGIN"), "NoSuchEntity"),
        (provider.replace("Tenant", "tenant"), "NoSuchEntity"),
        (provider.replace("arn:aws:", "arn:aws-cn:"), "NoSuchEntity"),
        (arn("saml-provider/login.example.com"), "InvalidInput"),
        ("login.example.com/Tenant, a provider".to_owned(), "InvalidInput"),
    ] {
        let answer =
            world.iam_as(&world.admin, "GetOpenIDConnectProvider", &[("OpenIDConnectProviderArn", &other)]);
        let found = answer.code();
        assert!(found == code || found == "AccessDenied", "{other}: {}", answer.body);
    }
}

#[test]
fn tags_are_sorted_and_speak_in_conditions() {
    let world = World::new();
    let provider = create(&world, URL);
    let on = ("OpenIDConnectProviderArn", provider.as_str());
    let tags = [
        on,
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "lights"),
        ("Tags.member.2.Key", "cost"),
        ("Tags.member.2.Value", "7"),
    ];
    world.iam("TagOpenIDConnectProvider", &tags);
    assert_eq!(world.iam("ListOpenIDConnectProviderTags", &[on]).texts("Key"), ["cost", "Team"]);
    let condition = r#"{"StringEquals":{"aws:ResourceTag/team":"lights"}}"#;
    let ann = world.user("ann", &allow_on("iam:*OpenIDConnectProvider*", "*", condition));
    world.iam_as(&ann, "GetOpenIDConnectProvider", &[on]).expect_ok("tagged");
    world.iam("UntagOpenIDConnectProvider", &[on, ("TagKeys.member.1", "TEAM")]);
    world.iam_as(&ann, "GetOpenIDConnectProvider", &[on]).expect_code("untagged", "AccessDenied");
    assert_eq!(world.iam("ListOpenIDConnectProviderTags", &[on]).texts("Key"), ["cost"]);
}
