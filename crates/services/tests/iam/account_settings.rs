use crate::allow_on;
use crate::harness::World;

fn token_version(world: &World) -> String {
    let summary = world.iam("GetAccountSummary", &[]);
    let place = summary.texts("key").iter().position(|key| key == "GlobalEndpointTokenVersion").unwrap();
    summary.texts("value")[place].clone()
}

#[test]
fn the_token_version_shows_in_the_summary() {
    let world = World::new();
    assert_eq!(token_version(&world), "2");
    for (set, shown) in [("v1Token", "1"), ("v2Token", "2")] {
        world.iam("SetSecurityTokenServicePreferences", &[("GlobalEndpointTokenVersion", set)]);
        assert_eq!(token_version(&world), shown);
    }
    let bad = [("GlobalEndpointTokenVersion", "v3Token")];
    world.iam_fails("SetSecurityTokenServicePreferences", &bad, "ValidationError");
}

fn put<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
    let mut params = Vec::new();
    for (place, (key, value)) in pairs.iter().enumerate() {
        params.push((format!("Properties.entry.{}.key", place + 1), *key));
        params.push((format!("Properties.entry.{}.value", place + 1), *value));
    }
    params
}

fn borrowed<'a>(params: &'a [(String, &'a str)]) -> Vec<(&'a str, &'a str)> {
    params.iter().map(|(name, value)| (name.as_str(), *value)).collect()
}

#[test]
fn properties_have_one_namespace_a_request() {
    let world = World::new();
    assert!(world.iam("GetAccountProperties", &[]).texts("key").is_empty());
    let first = put(&[("RoleManager/Enabled", "true"), ("RoleManager/Level", "2")]);
    world.iam("PutAccountProperties", &borrowed(&first));
    let second = put(&[("Other/Enabled", "false")]);
    world.iam("PutAccountProperties", &borrowed(&second));
    let known = world.iam("GetAccountProperties", &[]);
    assert_eq!(known.texts("key"), ["Other/Enabled", "RoleManager/Enabled", "RoleManager/Level"]);
    assert_eq!(known.texts("value"), ["false", "true", "2"]);
    for bad in
        [put(&[("A/B", "1"), ("C/D", "1")]), put(&[("A", "1")]), put(&[("A/B/C", "1")]), put(&[("A/", "1")])]
    {
        world.iam_fails("PutAccountProperties", &borrowed(&bad), "InvalidInput");
    }
}

#[test]
fn policies_can_name_the_namespace() {
    let world = World::new();
    let condition = r#"{"ForAllValues:StringEquals":{"iam:AccountPropertyNamespaces":"RoleManager"}}"#;
    let eve = world.user("eve", &allow_on("iam:PutAccountProperties", "*", condition));
    let own = put(&[("RoleManager/Enabled", "true")]);
    world.iam_as(&eve, "PutAccountProperties", &borrowed(&own)).expect_ok("its namespace");
    let other = put(&[("Other/Enabled", "true")]);
    world.iam_as(&eve, "PutAccountProperties", &borrowed(&other)).expect_code("another", "AccessDenied");
}
