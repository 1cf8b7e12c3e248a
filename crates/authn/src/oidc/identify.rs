//! From a token to whom it is about: the order in which things are checked, and what is said of failures.
//!
//! Nothing that a token claims is believed before its signature is verified with a key of the provider that the
//! role's own account has made for exactly that issuer. An issuer that nobody knows and a signature that does not hold
//! are answered alike, so that strangers do not learn which providers an account trusts.

use super::claims::Claims;
use super::issuer::IssuerUrl;
use super::issuers::{FetchError, Issuers};
use super::jwt::{Jwt, JwtError};
use crate::authenticate::Authenticated;
use base::{AccountId, Region, Timestamp};
use model::{OidcProvider, Outsider, Proof, Snapshot};
use std::sync::Arc;
use std::time::Duration;
use wire::Fault;
use wire::sts::errors;

/// What is asked, and by what means.
pub struct Asked<'a> {
    /// The account of the role.
    pub account: AccountId,
    /// The token.
    pub token: &'a str,
    /// Where the request goes.
    pub region: Region,
    /// When it arrived.
    pub now: Timestamp,
    /// Whether the provider may be asked for keys that are not known yet.
    pub may_ask: bool,
    /// The claims of a provider, named as host and path, that condition keys speak of besides those of every
    /// provider.
    pub known_claims: fn(&str) -> Vec<String>,
}

/// How much clocks may differ for what must not lie in the future.
const SKEW: Duration = Duration::from_secs(300);

/// Providers that need not be made in an account, as AWS has them: address and name. Their clients are not
/// registered with an account, so that trust policies must tell them.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html>.
const BUILT_IN: [(&str, &str); 2] = [
    ("https://accounts.google.com", "accounts.google.com"),
    ("https://cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com"),
];

/// A provider as this account trusts it.
struct Trusted<'s> {
    url: IssuerUrl,
    /// How trust policies name it.
    principal: String,
    thumbprints: &'s [String],
    /// The clients whose tokens are taken; `None` if the trust policy alone tells.
    clients: Option<&'s [String]>,
}

/// Why a token proves nothing.
#[derive(Debug)]
pub struct Refused {
    /// What its bearer is told: `InvalidIdentityToken`, `IDPCommunicationError`, `ExpiredTokenException`,
    /// `IDPRejectedClaim`.
    pub fault: Fault,
    /// Whether the bearer could have made the token up: no provider was found to have signed it.
    pub is_made_up: bool,
}

/// The proof that the token's subject sends the request.
pub fn identify(asked: &Asked<'_>, snapshot: &Snapshot, issuers: &Issuers) -> Result<Authenticated, Refused> {
    let made_up = |fault| Refused { fault, is_made_up: true };
    let jwt = Jwt::parse(asked.token).map_err(not_taken).map_err(made_up)?;
    let provider = trusted(asked, snapshot, issuers, &jwt.claims.issuer);
    let provider = provider.ok_or_else(unverified).map_err(made_up)?;
    match issuers.have_signed(&provider.url, provider.thumbprints, &jwt, asked.may_ask, asked.now) {
        Ok(true) => {}
        Ok(false) => return Err(made_up(unverified())),
        Err(error) => return Err(Refused { fault: not_fetched(error), is_made_up: false }),
    }
    let outsider = believed(asked, provider, &jwt.claims);
    let outsider = outsider.map_err(|fault| Refused { fault, is_made_up: false })?;
    Ok(Authenticated::outsider(Arc::new(outsider), asked.region))
}

/// Whom a verified token is about.
fn believed(asked: &Asked<'_>, provider: Trusted<'_>, claims: &Claims) -> Result<Outsider, Fault> {
    check_times(claims, asked.now)?;
    let audience = audience(claims, provider.clients)?;
    let session = claims.for_session().map_err(not_taken)?;
    Ok(Outsider {
        account: asked.account,
        keys: condition_keys(provider.url.name(), claims, &audience, asked.known_claims),
        provider: provider.principal,
        proof: Proof::WebIdentity,
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        audience: audience.into_iter().next().unwrap_or_default(),
        tags: session.tags,
        transitive: session.transitive,
        source_identity: session.source_identity,
    })
}

/// The provider of this issuer, letter by letter, in the role's account.
fn trusted<'s>(
    asked: &Asked<'_>,
    snapshot: &'s Snapshot,
    issuers: &Issuers,
    issuer: &str,
) -> Option<Trusted<'s>> {
    let account = snapshot.account(asked.account)?;
    let url = IssuerUrl::parse(issuer, |host| issuers.fetch().may_be_plain(host)).ok()?;
    let made = account.oidc_providers.get(url.name()).filter(|provider| provider.url == issuer);
    if let Some(provider) = made.map(|provider| -> &'s OidcProvider { provider }) {
        return Some(Trusted {
            url,
            principal: provider.arn(asked.region.partition).into(),
            thumbprints: &provider.thumbprints,
            clients: Some(&provider.client_ids),
        });
    }
    let (_, name) = BUILT_IN.into_iter().find(|(known, _)| *known == issuer)?;
    Some(Trusted { url, principal: name.to_owned(), thumbprints: &[], clients: None })
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<(), Fault> {
    if now >= claims.expires {
        return Err(Fault::of(
            &errors::EXPIRED_TOKEN,
            format!(
                "Token expired: current date/time {} must be before the expiration date/time {}",
                now.seconds(),
                claims.expires.seconds()
            ),
        ));
    }
    let is_ahead = |time: Timestamp| time > now + SKEW;
    if is_ahead(claims.issued) || claims.not_before.is_some_and(is_ahead) {
        return Err(Fault::of(&errors::IDP_REJECTED_CLAIM, "The token is not valid yet."));
    }
    Ok(())
}

/// For whom the token was made: the client that it names as authorized, or those among its audiences that the account
/// has registered. Where it names one as authorized, that client must be registered as well as one of the audiences.
fn audience(claims: &Claims, clients: Option<&[String]>) -> Result<Vec<String>, Fault> {
    let Some(clients) = clients else {
        return Ok(match &claims.authorized_party {
            Some(party) => vec![party.clone()],
            None => claims.audience.clone(),
        });
    };
    let mine: Vec<String> = claims.audience.iter().filter(|it| clients.contains(it)).cloned().collect();
    let is_party_mine = claims.authorized_party.as_ref().is_none_or(|party| clients.contains(party));
    if mine.is_empty() || !is_party_mine {
        return Err(Fault::of(&errors::INVALID_IDENTITY_TOKEN, "Incorrect token audience"));
    }
    Ok(claims.authorized_party.as_ref().map_or(mine, |party| vec![party.clone()]))
}

/// Claims of every provider that condition keys speak of, by the same name, besides `aud`.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
const EVERYWHERE: [&str; 3] = ["amr", "email", "sub"];

/// The condition keys that follow from a token.
fn condition_keys(
    name: &str,
    claims: &Claims,
    audience: &[String],
    known: fn(&str) -> Vec<String>,
) -> Vec<(String, Vec<String>)> {
    let named = |claim: &str| format!("{name}:{claim}").to_ascii_lowercase();
    let mut keys = vec![(named("aud"), audience.to_vec()), (named("oaud"), claims.audience.clone())];
    let others = EVERYWHERE.map(str::to_owned).into_iter().chain(known(name));
    for claim in others {
        let key = named(&claim);
        let values = claims.values(&claim);
        if !values.is_empty() && keys.iter().all(|(there, _)| *there != key) {
            keys.push((key, values));
        }
    }
    keys
}

fn not_taken(error: JwtError) -> Fault {
    let message = match error {
        JwtError::Missing(claim) => format!("Missing a required claim: {claim}"),
        JwtError::Form | JwtError::TooLong => {
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
                .to_owned()
        }
        JwtError::Claim => "A claim of the token is not well formed.".to_owned(),
        JwtError::Algorithm | JwtError::Critical => return unverified(),
    };
    Fault::of(&errors::INVALID_IDENTITY_TOKEN, message)
}

/// One text for an issuer that is not known, a key that is not there and a signature that does not hold.
fn unverified() -> Fault {
    Fault::of(
        &errors::INVALID_IDENTITY_TOKEN,
        "The web identity token that was passed could not be validated by AWS. Get a new identity token from the \
         identity provider and then retry the request.",
    )
}

fn not_fetched(error: FetchError) -> Fault {
    match error {
        FetchError::Unreachable => Fault::of(
            &errors::IDP_COMMUNICATION_ERROR,
            "The identity provider that was asked to verify the token could not be reached.",
        ),
        FetchError::Untrusted => Fault::of(
            &errors::INVALID_IDENTITY_TOKEN,
            "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
        ),
        FetchError::NotAllowed | FetchError::NoDocument => Fault::of(
            &errors::INVALID_IDENTITY_TOKEN,
            "Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        ),
    }
}
