//! An OpenID Connect provider for tests: its keys, its pages, its tokens.

use super::World;
use authn::oidc::sign::{self, Kind, Made};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A provider.
pub struct Issuer {
    pub url: String,
    pub kind: Kind,
    pub key: Made,
    pub key_id: String,
}

impl Issuer {
    /// A provider at an address, its pages published in the world.
    pub fn new(world: &World, url: &str) -> Self {
        let issuer = Self {
            url: url.to_owned(),
            kind: Kind::Es384,
            key: sign::make(Kind::Es384).unwrap(),
            key_id: "key-1".to_owned(),
        };
        issuer.publish(world);
        issuer
    }

    /// The host and path.
    pub fn name(&self) -> &str {
        self.url.strip_prefix("https://").unwrap()
    }

    /// Its public key, with its name.
    pub fn public(&self) -> Value {
        let mut key: Value = serde_json::from_str(&self.key.public).unwrap();
        key["kid"] = self.key_id.as_str().into();
        key
    }

    /// Publishes its pages.
    pub fn publish(&self, world: &World) {
        let base = self.url.trim_end_matches('/');
        let keys = format!("{base}/keys");
        let description = json!({ "issuer": self.url, "jwks_uri": keys });
        world
            .providers
            .publish(&format!("{base}/.well-known/openid-configuration"), &description.to_string());
        world.providers.publish(&keys, &json!({ "keys": [self.public()] }).to_string());
    }

    /// Makes it a provider of the world's account, with these clients; yields the ARN.
    pub fn register(&self, world: &World, clients: &[&str]) -> String {
        let names: Vec<String> =
            (1..=clients.len()).map(|number| format!("ClientIDList.member.{number}")).collect();
        let mut params = vec![("Url", self.url.as_str())];
        params.extend(names.iter().map(String::as_str).zip(clients.iter().copied()));
        world.iam("CreateOpenIDConnectProvider", &params).text("OpenIDConnectProviderArn")
    }

    /// The claims of a token that is good for five minutes.
    pub fn claims(&self, world: &World, subject: &str, audience: &str) -> Value {
        let now = world.now().seconds();
        json!({ "iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + 300 })
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        sign::sign(self.kind, &self.key.private, &self.key_id, claims).unwrap()
    }

    /// A token with this header, these claims and this signature.
    pub fn forged(header: &Value, claims: &Value, signature: &[u8]) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (header, claims) = (header.to_string(), claims.to_string());
        format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(signature))
    }
}

/// A trust policy for a provider, with these actions and conditions.
pub fn trust_provider(arn: &str, actions: &[&str], condition: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": arn },
            "Action": actions,
            "Condition": condition,
        }],
    })
    .to_string()
}

impl World {
    /// Assumes a role with a token.
    pub fn with_token(&self, role: &str, token: &str, more: &[(&str, &str)]) -> super::Answer {
        let mut params =
            vec![("RoleArn", role), ("RoleSessionName", "pipeline"), ("WebIdentityToken", token)];
        params.extend_from_slice(more);
        self.sts_unsigned("AssumeRoleWithWebIdentity", &params)
    }
}
