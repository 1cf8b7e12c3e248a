//! `GetWebIdentityToken`: a token with which the caller proves to others who it is.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html>.

use super::session;
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::issuer_keys;
use crate::row::{Demanded, Row};
use authn::oidc::sign::{self, Kind};
use base::{SecretString, Timestamp, Uuid};
use model::{Identity, Snapshot, Tag};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::time::Duration;
use wire::Fault;
use wire::sts::{self as shape, errors, ops};

/// Seconds that a token lives if the caller does not say.
const DEFAULT_SECONDS: u32 = 300;
/// Bytes of claims. AWS documents that there is a limit, not its size.
const PAYLOAD_LIMIT: usize = 16 * 1024;
/// The claim under which everything stands that is AWS's own.
const NAMESPACE: &str = "https://sts.amazonaws.com/";

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetWebIdentityToken>("sts", demands, get).slow()]
}

/// The operation itself, and `sts:TagGetWebIdentityToken` for tags that go into the token.
fn demands(input: &shape::GetWebIdentityTokenRequest, call: &Call, _: &Snapshot) -> Demanded {
    session::refuse_user_session(call, "GetWebIdentityToken")?;
    let tags = super::session_tags::read(input.tags.as_deref());
    let base = Demand::anywhere().request_tags(&tags);
    let mut demands = vec![
        base.clone()
            .values("sts:identitytokenaudience", input.audience.clone())
            .key("sts:durationseconds", seconds(input).to_string())
            .key("sts:signingalgorithm", input.signing_algorithm.as_str()),
    ];
    if !tags.is_empty() {
        demands.push(Demand { action: Some("sts:TagGetWebIdentityToken".into()), ..base });
    }
    Ok(demands)
}

fn seconds(input: &shape::GetWebIdentityTokenRequest) -> u32 {
    input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_SECONDS)
}

fn get(
    at: Allowed<'_, ops::GetWebIdentityToken>,
    snapshot: &Snapshot,
    input: shape::GetWebIdentityTokenRequest,
) -> Result<shape::GetWebIdentityTokenResponse, Fault> {
    let account = at.account(snapshot)?;
    let outbound =
        account.account.outbound.as_ref().filter(|outbound| outbound.enabled).ok_or_else(|| {
            Fault::of(
                &errors::OUTBOUND_WEB_IDENTITY_FEDERATION_DISABLED,
                "The outbound web identity federation feature is not enabled for this account.",
            )
        })?;
    let kind = Kind::parse(&input.signing_algorithm)
        .ok_or_else(|| Fault::validation("SigningAlgorithm must be RS256 or ES384."))?;
    let issued = at.now.whole_seconds();
    let expires = issued + Duration::from_secs(u64::from(seconds(&input)));
    refuse_outliving(&at, expires)?;
    let tags = checked(super::session_tags::read(input.tags.as_deref()))?;
    let issuer = at.tools.issuer_url(&outbound.issuer);
    let claims = claims(&at, &issuer, &input.audience, (issued, expires), &tags);
    if claims.to_string().len() > PAYLOAD_LIMIT {
        return Err(Fault::of(
            &errors::JWT_PAYLOAD_SIZE_EXCEEDED,
            "The requested token payload size exceeds the maximum allowed size.",
        ));
    }
    let key = issuer_keys::signing(account, kind, at.now).ok_or_else(Fault::internal)?;
    let private = issuer_keys::open(&at.tools.keys, key).map_err(|_| Fault::internal())?;
    let token = sign::sign(kind, &private, key.id.as_str(), &claims).map_err(|_| Fault::internal())?;
    Ok(shape::GetWebIdentityTokenResponse {
        web_identity_token: Some(SecretString::new(token)),
        expiration: Some(expires),
    })
}

/// A token must not live on when the session that asks for it has ended.
fn refuse_outliving(call: &Call, expires: Timestamp) -> Result<(), Fault> {
    match &call.caller.session {
        Some(session) if expires > session.expires => Err(Fault::of(
            &errors::SESSION_DURATION_ESCALATION,
            "The requested token duration would extend the session beyond its original expiration time.",
        )),
        _ => Ok(()),
    }
}

/// Keys of tags are unique without regard to case.
fn checked(tags: Vec<Tag>) -> Result<Vec<Tag>, Fault> {
    let mut seen = HashSet::new();
    if !tags.iter().all(|tag| seen.insert(tag.key.to_ascii_lowercase())) {
        return Err(Fault::invalid_parameter_value(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ));
    }
    Ok(tags)
}

fn claims(
    call: &Call,
    issuer: &str,
    audience: &[String],
    (issued, expires): (Timestamp, Timestamp),
    tags: &[Tag],
) -> Value {
    let audience = match audience {
        [only] => json!(only),
        several => json!(several),
    };
    json!({
        "iss": issuer,
        "aud": audience,
        "sub": call.caller.identity.principal_arn(call.partition).as_str(),
        "iat": issued.seconds(),
        "exp": expires.seconds(),
        "jti": Uuid::random(&call.entropy).as_str(),
        NAMESPACE: Value::Object(own_claims(call, tags)),
    })
}

/// Who the caller is, in AWS's terms; what is not there is left out.
fn own_claims(call: &Call, tags: &[Tag]) -> Map<String, Value> {
    let mut own = Map::new();
    own.insert("aws_account".into(), call.account_id().to_string().into());
    own.insert("source_region".into(), call.region.into());
    own.insert("principal_id".into(), call.caller.identity.principal_arn(call.partition).as_str().into());
    let principal = principal_tags(call);
    if !principal.is_empty() {
        own.insert("principal_tags".into(), Value::Object(principal));
    }
    if !tags.is_empty() {
        let tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.as_str().into())).collect();
        own.insert("request_tags".into(), Value::Object(tags));
    }
    if let Some(session) = call.caller.session.as_deref() {
        own.insert("original_session_exp".into(), session.expires.iso().into());
        if let Some(source) = &session.source_identity {
            own.insert("source_identity".into(), source.as_str().into());
        }
        if let Some(federation) = &session.federation {
            own.insert("federated_provider".into(), federation.provider.as_str().into());
        }
    }
    own
}

/// The tags of the principal: a session's go before its entity's.
fn principal_tags(call: &Call) -> Map<String, Value> {
    let identity: &Identity = &call.caller.identity;
    let mut all = identity.tags().cloned().unwrap_or_default();
    if let Some(session) = call.caller.session.as_deref() {
        session.tags.iter().cloned().for_each(|tag| all.set(tag));
    }
    all.iter().map(|tag| (tag.key.clone(), tag.value.as_str().into())).collect()
}
