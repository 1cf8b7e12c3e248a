//! The list of contents of a snapshot of ours: whose it is, when it was made, and what could not be collected.

use crate::estate::Input;
use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members, When};
use base::AccountId;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    account: AccountId,
    made: When,
    #[serde(default)]
    not_collected: Vec<NotCollected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NotCollected {
    input: Input,
    operation: String,
    reason: String,
}

/// Takes the list of contents.
pub(in crate::inputs) fn read(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let Some(contents) = members.get("BailiwickSnapshot") else { return Ok(()) };
    reading.is("snapshot contents");
    let contents: Contents = contents.read()?;
    reading.told.insert(contents.account);
    reading.made = Some(contents.made.0);
    let missing = contents.not_collected.into_iter();
    reading
        .facts
        .extend(missing.map(|it| Fact::NotCollected(it.input, format!("{}: {}", it.operation, it.reason))));
    // Even a whole snapshot tells something: an empty list is a fact, too.
    reading.facts.push(Fact::Contents);
    Ok(())
}
