//! `Explain`: may this principal do this, and why.

use super::account_meant;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use audit::explain::{Answer, Question, Setting, ask};
use base::AccountId;
use model::Snapshot;
use serde::Deserialize;
use wire::Fault;

/// Marks the proof.
pub struct Explain;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_read::<Explain, ExplainInput, Answer>(
        "Explain",
        // What it tells is what AWS's simulator tells, so whoever may not simulate may not ask.
        |_, _, _| Ok(vec![Demand::anywhere(), Demand::of("iam:SimulatePrincipalPolicy", "*")]),
        explain,
    )]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExplainInput {
    #[serde(default)]
    account: Option<AccountId>,
    question: Question,
}

fn explain(at: Allowed<'_, Explain>, snapshot: &Snapshot, input: ExplainInput) -> Result<Answer, Fault> {
    let account = account_meant(&at, snapshot, input.account)?;
    let setting = Setting { partition: at.partition, account: Some(account), now: at.now };
    ask(snapshot, &input.question, &setting)
        .map_err(|error| Fault::new("ValidationException", 400, format!("{error} (help: {})", error.help())))
}
