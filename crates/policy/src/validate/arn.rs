//! The forms of ARNs that services document, and ARNs of policies cut in parts.

use super::effort::Effort;
use super::overlap::{Token, overlap, tokens};
use crate::catalogue::{Action, Catalogue, ResourceType};
use std::collections::HashMap;
use std::sync::OnceLock;

/// An ARN of a policy, wildcards and variables included: what stands between its colons.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

/// Cuts at colons, in six parts at most; colons in `${…}` are none. The first part is what should be `arn`.
pub(super) fn split(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut inside) = (0, false);
    let last = if variables { text.rfind('}').unwrap_or(0) } else { 0 };
    for (at, letter) in text.char_indices() {
        match letter {
            '$' if at < last => inside |= text.get(at..).is_some_and(|rest| rest.starts_with("${")),
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

impl<'a> Pattern<'a> {
    /// Reads a whole ARN.
    pub(super) fn read(text: &'a str, variables: bool) -> Option<Self> {
        match split(text, variables).as_slice() {
            ["arn", partition, service, region, account, resource] => {
                Some(Self { partition, service, region, account, resource })
            }
            _ => None,
        }
    }
}

/// The form of the ARNs of a resource type.
#[derive(Debug)]
pub(super) struct Form {
    /// The prefix of the service that documents it: the keys of its own actions.
    pub(super) prefix: &'static str,
    pub(super) name: &'static str,
    service: &'static str,
    region: &'static str,
    account: &'static str,
    resource: Vec<Token<'static>>,
    /// As it is documented.
    pub(super) text: &'static str,
}

/// Forms that the services' own lists lack: the prefix, the type, and the ARN.
const MORE_FORMS: &[(&str, &str, &str)] = &[
    ("apigateway", "path", "arn:${Partition}:apigateway:${Region}::/${Path}"),
    (
        "backup",
        "recovery point",
        "arn:${Partition}:backup:${Region}:${Account}:recovery-point:${RecoveryPointId}",
    ),
    ("cloudformation", "transform", "arn:${Partition}:cloudformation:${Region}:${Account}:transform/${Name}"),
    ("iam", "root", "arn:${Partition}:iam::${Account}:root"),
    ("iam", "report", "arn:${Partition}:iam::${Account}:report/${Report}"),
    // What Amazon provides has no account.
    ("ssm", "document", "arn:${Partition}:ssm:${Region}::document/${DocumentName}"),
    ("ssm", "automation-definition", "arn:${Partition}:ssm:${Region}::automation-definition/${Name}"),
    ("ssm", "parameter", "arn:${Partition}:ssm:${Region}::parameter/aws/${Name}"),
    ("sts", "assumed-role", "arn:${Partition}:sts::${Account}:assumed-role/${Role}/${Session}"),
    ("sts", "federated-user", "arn:${Partition}:sts::${Account}:federated-user/${Name}"),
];

/// The forms by the service that stands in the ARN.
pub(super) fn forms(service: &str) -> &'static [Form] {
    static FORMS: OnceLock<HashMap<&'static str, Vec<Form>>> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        let mut forms: HashMap<_, Vec<Form>> = HashMap::new();
        let documented = Catalogue::get()
            .services()
            .flat_map(|service| service.resource_types())
            .map(|kind| (kind.service().prefix(), kind.name(), kind.arn_pattern()));
        for (prefix, name, text) in documented.chain(MORE_FORMS.iter().copied()) {
            if let Some(form) = Form::read(prefix, name, text) {
                forms.entry(form.service).or_default().push(form);
            }
        }
        forms
    });
    forms.get(service).map_or(&[], Vec::as_slice)
}

impl Form {
    fn read(prefix: &'static str, name: &'static str, text: &'static str) -> Option<Self> {
        let pattern = Pattern::read(text, true)?;
        // A variable part is one letter or more.
        let resource = tokens(pattern.resource, true).into_iter().flat_map(|token| match token {
            Token::Variable(_) => vec![Token::One, Token::Any],
            other => vec![other],
        });
        Some(Self {
            prefix,
            name,
            service: pattern.service,
            region: pattern.region,
            account: pattern.account,
            resource: resource.collect(),
            text,
        })
    }

    /// Whether some resource of this type fits the pattern's resource part.
    pub(super) fn meets_resource(&self, resource: &[Token<'_>], effort: &Effort) -> bool {
        // The text before the first variable decides mostly.
        for (left, right) in self.resource.iter().zip(resource) {
            match (left, right) {
                (Token::Letter(left), Token::Letter(right)) if left != right => return false,
                (Token::Letter(_), Token::Letter(_)) => {}
                _ => break,
            }
        }
        overlap(&self.resource, resource, effort)
    }

    pub(super) fn region(&self) -> Part {
        Part::of(self.region)
    }

    pub(super) fn account(&self) -> Part {
        Part::of(self.account)
    }
}

/// What a form has for region or account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing stands there.
    Empty,
    /// This stands there: `aws`.
    Fixed(&'static str),
    /// A region or account of the customer's.
    Variable,
}

impl Part {
    fn of(text: &'static str) -> Self {
        match text {
            "" => Part::Empty,
            text if text.contains(['$', '*']) => Part::Variable,
            text => Part::Fixed(text),
        }
    }

    /// Whether the pattern's part, which may have wildcards, can stand there.
    pub(super) fn meets(self, pattern: &str, variables: bool) -> bool {
        let pattern = tokens(pattern, variables);
        let effort = Effort::default();
        match self {
            Part::Empty => overlap(&pattern, &[], &effort),
            Part::Fixed(text) => overlap(&pattern, &tokens(text, false), &effort),
            Part::Variable => overlap(&pattern, &[Token::One, Token::Any], &effort),
        }
    }
}

/// Whether the action acts on some resource that the pattern matches; `None` if the pattern is no whole ARN.
pub(super) fn acts_on(action: Action, text: &str, variables: bool, effort: &Effort) -> Option<bool> {
    if text == "*" {
        return Some(true);
    }
    let pattern = Pattern::read(text, variables)?;
    if pattern.service.contains(['*', '?', '$']) || pattern.resource == "*" {
        return None;
    }
    let resource = tokens(pattern.resource, variables);
    if !effort.spend(resource.len() + 16) {
        return None;
    }
    let meets = |kind: ResourceType| {
        Form::read(kind.service().prefix(), kind.name(), kind.arn_pattern()).is_some_and(|form| {
            effort.spend(form.text.len());
            (form.service == pattern.service || form.service.contains('$'))
                && form.region().meets(pattern.region, variables)
                && form.account().meets(pattern.account, variables)
                && form.meets_resource(&resource, effort)
        })
    };
    // A form that the service's list lacks counts for every action of the service.
    let more = forms(pattern.service).iter().filter(|form| {
        MORE_FORMS.iter().any(|(.., text)| *text == form.text) && form.prefix == action.service().prefix()
    });
    let meets_more = more.into_iter().any(|form| form.meets_resource(&resource, effort));
    Some(meets_more || action.resource_types().any(|used| meets(used.resource_type())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_in_variables_part_nothing() {
        assert_eq!(split("arn:aws:iam::1:user/${aws:username}:x", true).len(), 6);
        let pattern = Pattern::read("arn:aws:iam::${aws:PrincipalAccount}:user/a", true).unwrap();
        assert_eq!((pattern.account, pattern.resource), ("${aws:PrincipalAccount}", "user/a"));
        assert_eq!(split("arn:aws:${x", true), ["arn", "aws", "${x"]);
    }

    #[test]
    fn forms_are_found_by_the_service_in_the_arn() {
        assert!(forms("s3").iter().any(|form| form.name == "bucket" && form.region() == Part::Empty));
        assert!(forms("iam").iter().any(|form| form.account() == Part::Variable));
        assert!(forms("nothing").is_empty());
    }
}
