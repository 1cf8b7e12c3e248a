//! The list of contents of a snapshot of ours: whose it is, when it was made, and what could not be collected.

use crate::estate::Input;
use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members, When};
use crate::inputs::note::{InputNote, InputNoteKind};
use base::AccountId;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    account: AccountId,
    made: When,
    #[serde(default = "yes")]
    complete: bool,
    #[serde(default)]
    not_collected: Vec<NotCollected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NotCollected {
    input: Option<Input>,
    operation: String,
    reason: String,
}

const fn yes() -> bool {
    true
}

/// Takes the list of contents.
pub(in crate::inputs) fn read(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let Some(contents) = members.get("BailiwickSnapshot") else { return Ok(()) };
    reading.is("snapshot contents");
    let place = contents;
    let contents: Contents = place.read()?;
    if !contents.complete {
        return Err(place.error(Reason::BrokenOff));
    }
    reading.told.insert(contents.account);
    reading.made = Some(contents.made.0);
    for NotCollected { input, operation, reason } in contents.not_collected {
        let why = format!("{operation}: {reason}");
        match input {
            Some(input) => reading.facts.push(Fact::NotCollected(input, why)),
            None => {
                let message = format!("tells that something is missing: {why}");
                let note = InputNote::new(InputNoteKind::NotCollected, Some(&reading.file), message);
                reading.notes.push(note);
            }
        }
    }
    // Even a whole snapshot tells something: an empty list is a fact, too.
    reading.facts.push(Fact::Contents);
    Ok(())
}
