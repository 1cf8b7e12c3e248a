//! What the gate knows of a request: the condition keys that every call has, and those of the demand.
//!
//! Values come from the caller's entity, the session and the connection; never from a header that a client
//! writes. Presence follows
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>: a key that AWS
//! leaves out is left out here, since negated operators hold for absent keys.

use crate::call::Call;
use crate::demand::Demand;
use authn::{Parent, Session};
use base::AccountId;
use model::Identity;
use policy::{ConditionKey, Context, Values};
use std::cell::OnceCell;

/// The context of one demand.
pub struct GateContext<'a> {
    call: &'a Call,
    demand: &'a Demand,
    resource_account: Option<AccountId>,
    slots: [OnceCell<Option<String>>; SLOTS.len()],
}

/// Keys whose text is made when a policy asks for it, and kept.
const SLOTS: [&str; 15] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
];

impl<'a> GateContext<'a> {
    /// The context of `demand` in `call`; `resource_account` owns the resource.
    pub fn new(call: &'a Call, demand: &'a Demand, resource_account: Option<AccountId>) -> Self {
        Self { call, demand, resource_account, slots: [const { OnceCell::new() }; SLOTS.len()] }
    }

    fn session(&self) -> Option<&Session> {
        self.call.caller.session.as_deref()
    }

    fn make(&self, key: &str) -> Option<String> {
        let (call, identity) = (self.call, &self.call.caller.identity);
        match key {
            "aws:currenttime" => Some(call.now.iso()),
            "aws:epochtime" => Some(call.now.seconds().to_string()),
            "aws:multifactorauthpresent" if self.demand.mfa.is_some() => Some(true.to_string()),
            "aws:multifactorauthpresent" => self.session().map(|session| session.mfa.is_some().to_string()),
            "aws:multifactorauthage" => {
                let proven = self.demand.mfa.or_else(|| self.session()?.mfa)?;
                Some(call.now.since(proven).as_secs().to_string())
            }
            "aws:requestedregion" => Some(call.region.to_owned()),
            "aws:resourceaccount" => self.resource_account.map(String::from),
            "aws:securetransport" => Some(call.origin.secure.to_string()),
            "aws:sourceidentity" => self.session()?.source_identity.clone(),
            "aws:sourceip" => call.origin.address.map(|address| address.to_string()),
            "aws:tokenissuetime" => self.session().map(|session| session.issued.iso()),
            // What follows from the principal alone is the same in explanations, and made in one place.
            _ => identity.condition_value(key, call.partition),
        }
    }

    /// A key that follows from what an identity provider vouches for.
    fn of_outsider(&self, name: &str) -> Option<&Vec<String>> {
        let Identity::Outsider(outsider) = &self.call.caller.identity else { return None };
        outsider.keys.iter().find(|(known, _)| known == name).map(|(_, values)| values)
    }

    /// A key that a session keeps of the proof that it was made for.
    fn of_federation(&self, name: &str) -> Option<&Vec<String>> {
        let federation = self.session()?.federation.as_ref()?;
        federation.keys.iter().find(|(known, _)| known == name).map(|(_, values)| values)
    }

    /// `aws:PrincipalTag/…`: a session tag goes before the entity's own of the same key.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.
    fn principal_tag(&self, key: &str) -> Option<&str> {
        let of_session = self.session().and_then(|session| session.tags.get(key));
        of_session.or_else(|| self.call.caller.identity.tags()?.get(key))
    }
}

impl GateContext<'_> {
    /// Every key that has a value, principal tags apart.
    pub fn told(&self) -> Vec<(String, Vec<String>)> {
        let always = SLOTS.iter().filter_map(|name| Some(((*name).to_owned(), vec![self.make(name)?])));
        let demanded = self.demand.keys.iter().map(|(name, values)| (name.to_string(), values.clone()));
        always.chain(demanded).collect()
    }
}

impl Context for GateContext<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        let name = key.name();
        if let Ok(place) = SLOTS.binary_search(&name) {
            let slot = self.slots.get(place).map(|slot| slot.get_or_init(|| self.make(name)));
            return slot.and_then(Option::as_deref).map_or(Values::Absent, Values::One);
        }
        if let Some(tag) = name.strip_prefix("aws:principaltag/") {
            return self.principal_tag(tag).map_or(Values::Absent, Values::One);
        }
        match name {
            "aws:viaawsservice" | "aws:principalisawsservice" => return Values::One("false"),
            "aws:federatedprovider" => {
                let federation = self.session().and_then(|session| session.federation.as_ref());
                return federation.map_or(Values::Absent, |it| Values::One(&it.provider));
            }
            // Present in the sessions of `AssumeRoot` alone.
            "aws:assumedroot" if self.session().is_some_and(|session| session.parent == Parent::Root) => {
                return Values::One("true");
            }
            "aws:useragent" if !self.call.origin.user_agent.is_empty() => {
                return Values::One(&self.call.origin.user_agent);
            }
            _ => {}
        }
        let found = self.demand.keys.iter().find(|(known, _)| known == name);
        let found = found.map(|(_, values)| values);
        let found = found.or_else(|| self.of_outsider(name)).or_else(|| self.of_federation(name));
        match found.map(Vec::as_slice) {
            None => Values::Absent,
            Some(values) if is_multivalued(name) => Values::Many(values),
            Some([value]) => Values::One(value),
            Some(values) => Values::Many(values),
        }
    }
}

/// Keys of demands that hold a set even when it has one value.
const MULTIVALUED: [&str; 4] =
    ["aws:tagkeys", "iam:accountpropertynamespaces", "sts:identitytokenaudience", "sts:transitivetagkeys"];

/// `amr` of identity providers is a set, too.
fn is_multivalued(name: &str) -> bool {
    MULTIVALUED.contains(&name) || name.ends_with(":amr")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_sorted_for_the_search() {
        assert!(SLOTS.is_sorted());
    }
}
