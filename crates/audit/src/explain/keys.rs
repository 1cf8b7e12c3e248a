//! The condition keys of a request: those that follow from principal and resource, those that every request has,
//! and those of the question, which go before all others.

use super::answer::{ContextEntry, Source};
use super::subject::{Asker, Target};
use super::{Question, Setting};
use base::{AccountId, ArnRef, Partition};
use model::Identity;
use model::principal_keys::PRINCIPAL_KEYS;
use policy::ContextMap;
use policy::catalogue::Catalogue;

/// Keys with their documented spelling, for people.
const SPELLINGS: [(&str, &str); 5] = [
    ("aws:principalaccount", "aws:PrincipalAccount"),
    ("aws:principalarn", "aws:PrincipalArn"),
    ("aws:principaltype", "aws:PrincipalType"),
    ("aws:userid", "aws:userid"),
    ("aws:username", "aws:username"),
];

/// The context of a request, and the same for people.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    entries: Vec<ContextEntry>,
}

impl Keys {
    /// The keys of a question about this principal and resource.
    pub(super) fn of(
        question: &Question,
        asker: &Asker,
        partition: Partition,
        (resource, owner, target): (&str, Option<AccountId>, Option<&Target>),
        setting: &Setting,
    ) -> Self {
        let mut keys = Keys::default();
        match asker {
            Asker::Known(identity) => keys.of_identity(identity, partition, setting),
            Asker::Outside(principal) => {
                if *principal == policy::Principal::anonymous() {
                    keys.put("aws:PrincipalType", "Anonymous", Source::Principal);
                    keys.put("aws:userid", "anonymous", Source::Principal);
                }
            }
        }
        keys.of_resource(resource, owner, target);
        keys.put("aws:CurrentTime", &setting.now.iso(), Source::Assumed);
        keys.put("aws:EpochTime", &setting.now.seconds().to_string(), Source::Assumed);
        keys.put("aws:SecureTransport", "true", Source::Assumed);
        keys.put("aws:ViaAWSService", "false", Source::Assumed);
        let is_service = matches!(asker, Asker::Outside(principal) if matches!(principal.form(), policy::PrincipalForm::Service { .. }));
        keys.put("aws:PrincipalIsAWSService", if is_service { "true" } else { "false" }, Source::Principal);
        for (key, values) in &question.context {
            keys.given(key, values);
        }
        keys.entries.sort_by_key(|entry| (entry.source, entry.key.to_lowercase()));
        keys
    }

    /// The keys of a question about a principal of whom only the ARN is known: those given, and what the ARN says.
    pub(super) fn alone(question: &Question, principal: &policy::Principal) -> Self {
        let mut keys = Keys::default();
        for (key, value) in crate::decide::keys_of_arn(principal) {
            keys.put(key, &value, Source::Principal);
        }
        for (key, values) in &question.context {
            keys.entries.retain(|entry| !entry.key.eq_ignore_ascii_case(key));
            if !values.is_empty() {
                let (key, values) = (key.clone(), values.clone());
                keys.entries.push(ContextEntry { key, values, source: Source::Given });
            }
        }
        keys
    }

    /// The keys for the engine.
    pub(super) fn context(&self) -> ContextMap {
        let mut context = ContextMap::new();
        for ContextEntry { key, values, .. } in &self.entries {
            let multivalued = Catalogue::get().condition_key(key).is_some_and(|facts| facts.is_multivalued());
            match values.as_slice() {
                [value] if !multivalued => context.insert(key, value.as_str()),
                values => context.insert_many(key, values.iter().map(String::as_str)),
            }
        }
        context
    }

    /// The values of a key.
    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        self.entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(key))
            .map(|entry| entry.values.as_slice())
    }

    pub(super) fn into_entries(self) -> Vec<ContextEntry> {
        self.entries
    }

    fn of_identity(&mut self, identity: &Identity, partition: Partition, setting: &Setting) {
        for key in PRINCIPAL_KEYS {
            if let Some(value) = identity.condition_value(key, partition) {
                let spelling =
                    SPELLINGS.iter().find(|(known, _)| *known == key).map_or(key, |(_, spelling)| *spelling);
                self.put(spelling, &value, Source::Principal);
            }
        }
        for tag in identity.tags().into_iter().flatten() {
            self.put(&format!("aws:PrincipalTag/{}", tag.key), &tag.value, Source::Principal);
        }
        if matches!(identity, Identity::Role { .. }) {
            // A session is made of temporary credentials, here: of fresh ones without MFA.
            self.put("aws:TokenIssueTime", &setting.now.iso(), Source::Assumed);
            self.put("aws:MultiFactorAuthPresent", "false", Source::Assumed);
        }
    }

    fn of_resource(&mut self, resource: &str, owner: Option<AccountId>, target: Option<&Target>) {
        if let Some(owner) = owner {
            self.put("aws:ResourceAccount", owner.as_str(), Source::Resource);
        }
        if let Some(arn) = ArnRef::parse(resource).filter(|arn| !arn.region.is_empty()) {
            self.put("aws:RequestedRegion", arn.region, Source::Resource);
        }
        for tag in target.into_iter().flat_map(|target| target.tags.iter()) {
            self.put(&format!("aws:ResourceTag/{}", tag.key), &tag.value, Source::Resource);
            self.put(&format!("iam:ResourceTag/{}", tag.key), &tag.value, Source::Resource);
        }
    }

    fn put(&mut self, key: &str, value: &str, source: Source) {
        self.entries.push(ContextEntry { key: key.to_owned(), values: vec![value.to_owned()], source });
    }

    /// A key of the question. Without values, or with an empty one, the request does not have the key: that is how
    /// AWS's simulator reads it too.
    fn given(&mut self, key: &str, values: &[String]) {
        self.entries.retain(|entry| !entry.key.eq_ignore_ascii_case(key));
        if values.iter().any(|value| !value.is_empty()) {
            self.entries.push(ContextEntry {
                key: key.to_owned(),
                values: values.to_vec(),
                source: Source::Given,
            });
        }
    }
}
