//! `aws iam get-account-authorization-details`, whole or a part.

use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members};
use base::{AccountId, ArnRef};

/// Takes an export; its text is kept until it is known which others belong to it.
pub(in crate::inputs) fn read(
    value: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList"];
    let has_policies =
        members.get("Policies").is_some_and(|list| list.first_members().contains_key("PolicyVersionList"));
    if !has_policies && !lists.iter().any(|name| members.contains_key(*name)) {
        return Ok(());
    }
    reading.is("authorization details");
    reading.told.extend(account(value.raw()));
    reading.facts.push(Fact::Export(value.raw().to_owned()));
    Ok(())
}

/// The account of the first ARN that has one: enough to tell whose export it is before it is read.
fn account(text: &str) -> Option<AccountId> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("\"Arn\"") {
        rest = after;
        let value =
            after.trim_start().strip_prefix(':').map(str::trim_start).and_then(|it| it.strip_prefix('"'));
        let arn = value.and_then(|value| value.split_once('"')).map(|(arn, _)| arn);
        if let Some(account) = arn.and_then(ArnRef::parse).and_then(|arn| AccountId::parse(arn.account).ok())
        {
            return Some(account);
        }
    }
    None
}
