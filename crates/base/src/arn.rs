//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! The resource is everything after the fifth colon, further colons included.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

use std::fmt;

/// An ARN that borrows its text, split in its six parts. Nothing is said of the parts beyond their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArnRef<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: &'a str,
    /// The service's namespace, as in `iam`.
    pub service: &'a str,
    /// The region; empty for global resources.
    pub region: &'a str,
    /// The owner's account id; empty where the format has none (S3), `aws` for managed policies.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> ArnRef<'a> {
    /// Splits `text`; `None` unless it starts with `arn:` and has at least five colons.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut rest = text.strip_prefix("arn:")?;
        // Every request reads several ARNs, whose parts are short: a plain loop finds the colon soonest.
        let mut part = || {
            let end = rest.bytes().position(|byte| byte == b':')?;
            let (part, after) = rest.split_at_checked(end)?;
            rest = after.get(1..)?;
            Some(part)
        };
        let (partition, service, region, account) = (part()?, part()?, part()?, part()?);
        Some(Self { partition, service, region, account, resource: rest })
    }

    /// The resource type and the rest, for resources written `type/rest` or `type:rest`:
    /// `user/team/Bob` yields `("user", "team/Bob")`.
    pub fn typed_resource(&self) -> Option<(&'a str, &'a str)> {
        self.resource.split_once(['/', ':'])
    }

    /// The name at the end of the resource: what follows its last `/`.
    pub fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }
}

impl fmt::Display for ArnRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// An owned ARN: text that is known to split into six parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn(String);

/// The text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN: arn:partition:service:region:account:resource")]
pub struct InvalidArn(pub String);

impl Arn {
    /// Reads an ARN from text.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidArn> {
        let text = text.into();
        if ArnRef::parse(&text).is_some() {
            Ok(Self(text))
        } else {
            Err(InvalidArn(text.chars().take(2048).collect()))
        }
    }

    /// The ARN of a global resource such as those of IAM: no region. The parts of the resource are joined as they
    /// are.
    pub fn global<const N: usize>(
        partition: &str,
        service: &str,
        account: &str,
        resource: [&str; N],
    ) -> Self {
        // Allocated once: ARNs are made in every request.
        let length = partition.len() + service.len() + account.len() + 8;
        let mut text = String::with_capacity(length + resource.iter().map(|part| part.len()).sum::<usize>());
        for part in ["arn:", partition, ":", service, "::", account, ":"].iter().chain(&resource) {
            text.push_str(part);
        }
        Self(text)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The six parts.
    pub fn parts(&self) -> ArnRef<'_> {
        let empty = ArnRef { partition: "", service: "", region: "", account: "", resource: "" };
        // Every constructor makes text that splits, so the fallback is never taken.
        ArnRef::parse(&self.0).unwrap_or(empty)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Arn {
    type Error = InvalidArn;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_keeps_its_colons() {
        let arn = ArnRef::parse("arn:aws:logs:us-east-1:123456789012:log-group:a:*").unwrap();
        assert_eq!(arn.resource, "log-group:a:*");
        assert_eq!(arn.typed_resource(), Some(("log-group", "a:*")));
        assert_eq!(arn.to_string(), "arn:aws:logs:us-east-1:123456789012:log-group:a:*");
    }

    #[test]
    fn names_follow_the_path() {
        let arn = Arn::parse("arn:aws:iam::123456789012:user/team/a/Bob").unwrap();
        assert_eq!(arn.parts().name(), "Bob");
        assert_eq!(arn.parts().typed_resource(), Some(("user", "team/a/Bob")));
    }

    #[test]
    fn parts_are_joined() {
        let arn = Arn::global("aws", "iam", "123456789012", ["user", "/team/", "Bob"]);
        assert_eq!(arn.as_str(), "arn:aws:iam::123456789012:user/team/Bob");
        assert_eq!(ArnRef::parse("arn:::::").map(|arn| arn.resource), Some(""));
    }

    #[test]
    fn too_few_parts_are_no_arn() {
        for bad in ["", "arn", "arn:", "arnx:a:b:c:d:e", "arn:aws:iam::1", "ARN:aws:iam::1:x", "*"] {
            assert!(Arn::parse(bad).is_err(), "{bad}");
        }
    }
}
