//! `Reset`: empties a development server for the next test.

use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use directory::Tx;
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct Reset;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_write::<Reset, ResetInput, ResetOutput>(
        "Reset",
        |_, call, _| match (&call.tools.dev, &call.caller.key) {
            (Some(dev), Some(key)) if key.as_str() == dev.access_key_id => Ok(vec![Demand::anywhere()]),
            (Some(_), _) => Err(denied("only the development key resets the server")),
            (None, _) => Err(denied("only a server started with `serve --dev` can be reset")),
        },
        reset,
    )]
}

fn denied(message: &str) -> Fault {
    Fault::new("AccessDeniedException", 403, message)
}

#[derive(Debug, Deserialize)]
struct ResetInput {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResetOutput {
    removed: usize,
}

fn reset(at: Allowed<'_, Reset>, tx: &mut Tx<'_>, _: ResetInput) -> Result<ResetOutput, Fault> {
    let dev = at.tools.dev.clone().ok_or_else(Fault::internal)?;
    let entities = tx.snapshot().entities();
    let mut removed = 0;
    // What an account owns goes before the account; the sealing keys of tokens stay.
    for entity in
        entities.iter().rev().filter(|entity| !matches!(entity, model::snapshot::Entity::TokenKey(_)))
    {
        tx.remove(&entity.key());
        removed += 1;
    }
    dev.furnish(tx, at.now, &at.tools.keys, &at.entropy).map_err(|_| Fault::internal())?;
    Ok(ResetOutput { removed })
}
