//! `DecodeAuthorizationMessage`: what stands behind a refusal, for those who may know.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>.
//!
//! IAM and STS never give encoded messages, as with AWS; our own operations do, see `authorization_message`.

use super::session;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use authn::SealedKind;
use model::Snapshot;
use wire::Fault;
use wire::sts::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::DecodeAuthorizationMessage>(
        "sts",
        |_, call, _| {
            session::refuse_user_session(call, "DecodeAuthorizationMessage")?;
            Ok(vec![Demand::anywhere()])
        },
        decode,
    )]
}

fn decode(
    at: Allowed<'_, ops::DecodeAuthorizationMessage>,
    _: &Snapshot,
    input: shape::DecodeAuthorizationMessageRequest,
) -> Result<shape::DecodeAuthorizationMessageResponse, Fault> {
    let kind = SealedKind::AuthorizationMessage;
    let opened = at.tools.tokens.open_text(kind, at.account_id(), &input.encoded_message);
    let decoded =
        opened.map_err(|_| Fault::of(&errors::INVALID_AUTHORIZATION_MESSAGE, "Message is not valid"))?;
    Ok(shape::DecodeAuthorizationMessageResponse { decoded_message: Some(decoded) })
}
