//! Where a response may be addressed to: AWS's sign-in pages, and this server's own.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>.

use base::{Partition, Region};

/// The audience that stands for AWS.
const AUDIENCE: &str = "urn:amazon:webservices";

/// The addresses that are taken as this server's.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    /// The partition of the role.
    pub partition: Partition,
    /// The sign-in address of this server, if it has one.
    pub own: Option<&'a str>,
}

impl Endpoints<'_> {
    /// Whether a `Recipient` or a `Destination` is a sign-in page of the partition.
    pub fn is_sign_in(&self, address: &str) -> bool {
        if self.own == Some(address) {
            return true;
        }
        let host = address.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/saml"));
        let domain = domain(self.partition);
        host.is_some_and(|host| host == domain || self.is_regional(host, domain))
    }

    /// `REGION.signin.aws.amazon.com`.
    fn is_regional(&self, host: &str, domain: &str) -> bool {
        let region = host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
        region.and_then(Region::named).is_some_and(|region| region.partition == self.partition)
    }

    /// Whether an `Audience` is AWS, or one of its sign-in pages.
    pub fn is_audience(&self, audience: &str) -> bool {
        let of_partition = match self.partition.id() {
            "aws-cn" => "urn:amazon:webservices:cn-north-1",
            "aws-us-gov" => "urn:amazon:webservices:govcloud",
            _ => AUDIENCE,
        };
        audience == AUDIENCE || audience == of_partition || self.is_sign_in(audience)
    }
}

/// The host of a partition's sign-in page.
fn domain(partition: Partition) -> &'static str {
    match partition.id() {
        "aws-cn" => "signin.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        _ => "signin.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_pages() {
        let aws = Endpoints { partition: Partition::aws(), own: Some("https://iam.example.com/saml") };
        for good in [
            "https://signin.aws.amazon.com/saml",
            "https://eu-central-1.signin.aws.amazon.com/saml",
            "https://iam.example.com/saml",
        ] {
            assert!(aws.is_sign_in(good) && aws.is_audience(good), "{good}");
        }
        assert!(aws.is_audience("urn:amazon:webservices") && !aws.is_sign_in("urn:amazon:webservices"));
        for bad in [
            "",
            "https://signin.aws.amazon.com",
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com.evil.example/saml",
            "https://evil.signin.aws.amazon.com/saml",
            "https://evil.example/?https://signin.aws.amazon.com/saml",
            "https://cn-north-1.signin.aws.amazon.com/saml",
            "https://signin.amazonaws.cn/saml",
        ] {
            assert!(!aws.is_sign_in(bad) && !aws.is_audience(bad), "{bad}");
        }
    }
}
