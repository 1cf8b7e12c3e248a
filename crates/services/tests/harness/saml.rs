//! A SAML provider that a world knows, and requests with its responses.

use super::{Answer, World};
use serde_json::{Value, json};
use testkit::saml::{Assertion, Idp, Signed, encoded};

/// The provider's name for itself.
pub const ENTITY: &str = "https://idp.example.com/saml";
/// Its ARN.
pub const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/Harbour";
/// The role that it may give.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/Pilot";
/// The operation.
pub const SAML: &str = "sts:AssumeRoleWithSAML";

/// A trust policy for the provider.
pub fn trust_saml(actions: &[&str], condition: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": actions,
            "Condition": condition,
        }],
    })
    .to_string()
}

/// A world whose account knows the provider, and has a role that trusts it.
pub fn harbour(actions: &[&str], condition: &Value, policy: &str) -> (World, Idp) {
    let world = World::new();
    let idp = Idp::new(ENTITY);
    world.iam("CreateSAMLProvider", &[("Name", "Harbour"), ("SAMLMetadataDocument", &idp.metadata())]);
    assert_eq!(world.role("Pilot", &trust_saml(actions, condition), policy), ROLE);
    (world, idp)
}

impl World {
    /// An assertion for the role, issued now.
    pub fn assertion(&self) -> Assertion {
        Assertion::new(self.now(), ROLE, PROVIDER)
    }

    /// Asks for the role with a response.
    pub fn with_response(&self, response: &str, params: &[(&str, &str)]) -> Answer {
        let text = encoded(response);
        let all =
            [&[("RoleArn", ROLE), ("PrincipalArn", PROVIDER), ("SAMLAssertion", text.as_str())], params];
        self.sts_unsigned("AssumeRoleWithSAML", &all.concat())
    }

    /// Asks for the role with an assertion that is signed.
    pub fn with_assertion(&self, idp: &Idp, assertion: &Assertion) -> Answer {
        self.with_response(&idp.response(assertion, Signed::Assertion), &[])
    }
}
