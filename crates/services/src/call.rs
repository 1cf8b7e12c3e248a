//! What is known of a call once its caller is known.

use crate::first_start::Dev;
use crate::known::Known;
use crate::record::SignIn;
use crate::trail_desk::TrailDesk;
use authn::second_factor::Bench;
use authn::webauthn::RelyingParty;
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, Entropy, Partition, Timestamp, Uuid};
use directory::Tx;
use model::{AccountState, Snapshot};
use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::seal::KeyRing;
use wire::Fault;

/// Where a call came from, as the server saw it: never as a header claims.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The peer's address; `None` over the local socket.
    pub address: Option<IpAddr>,
    /// The address as records show it.
    pub source: Arc<str>,
    /// The `User-Agent` header.
    pub user_agent: Arc<str>,
    /// Whether the connection was encrypted: `aws:SecureTransport`.
    pub secure: bool,
    /// The protocol version and cipher suite, for the audit record.
    pub tls: Option<Arc<(String, String)>>,
}

impl Origin {
    /// How records show an address; the local socket has none.
    pub fn source(address: Option<IpAddr>) -> Arc<str> {
        address.map_or_else(|| "local socket".into(), |address| address.to_string().into())
    }
}

/// What some handlers need besides the snapshot: together, so that a call counts one reference.
#[derive(Clone)]
pub struct Tools {
    /// Seals the secrets that a handler makes.
    pub keys: Arc<KeyRing>,
    /// Seals session tokens.
    pub tokens: Arc<authn::TokenSealer>,
    /// What a development server goes back to at a reset; `None` on every other server.
    pub dev: Option<Arc<Dev>>,
    /// What operations on passwords need.
    pub passwords: Arc<authn::Passwords>,
    /// Where the audit records are.
    pub trail: Arc<TrailDesk>,
    /// Whom security keys work for.
    pub relying_party: Arc<RelyingParty>,
    /// The keys of identity providers.
    pub issuers: Arc<authn::oidc::Issuers>,
    /// How often addresses have brought proofs that do not hold.
    pub attempts: Arc<authn::Attempts>,
    /// SAML assertions that have given a session.
    pub used_assertions: Arc<authn::saml::UsedAssertions>,
    /// The base address that clients are told.
    pub endpoint: Arc<str>,
}

impl Tools {
    /// The address of an account's issuer of tokens.
    pub fn issuer_url(&self, issuer: &str) -> String {
        format!("{}{}{issuer}", self.endpoint.trim_end_matches('/'), crate::issuer_pages::PATH)
    }
}

/// A call of a known caller, before and behind the gate.
pub struct Call {
    /// Who calls.
    pub caller: Arc<Known>,
    /// The partition that the credential scope's region names: that of every ARN in the answer.
    pub partition: Partition,
    /// The credential scope's region.
    pub region: &'static str,
    /// When the request arrived.
    pub now: Timestamp,
    /// The id that the answer and the audit record carry.
    pub request_id: Uuid,
    /// Where it came from.
    pub origin: Origin,
    /// What some handlers need besides the snapshot.
    pub tools: Arc<Tools>,
    /// Randomness drawn before the call was queued.
    pub entropy: Draw,
    /// What was made ahead of the transaction, see [`crate::row::Row::write_prepared`].
    pub prepared: Option<Prepared>,
    /// What makes its record that of a sign-in.
    pub sign_in: Option<SignIn>,
}

/// What a call's slow or impure work came to.
pub type Prepared = Arc<dyn Any + Send + Sync>;

impl Call {
    /// The caller's account id.
    pub fn account_id(&self) -> AccountId {
        self.caller.identity.account()
    }

    /// The caller's account.
    pub fn account<'s>(&self, snapshot: &'s Snapshot) -> Result<&'s AccountState, Fault> {
        snapshot.account(self.account_id()).map(Arc::as_ref).ok_or_else(Fault::internal)
    }

    /// What the verification of a second factor needs besides the realm.
    pub fn bench(&self) -> Bench<'_> {
        let Tools { keys, relying_party: party, .. } = &*self.tools;
        Bench { keys, party, partition: self.partition, now: self.now }
    }

    /// The caller's account in a transaction.
    pub fn account_in<'t>(&self, tx: &'t Tx<'_>) -> Result<&'t AccountState, Fault> {
        self.account(tx.snapshot())
    }
}

/// Randomness for one call: a stream made from a seed that was drawn before the call was queued, so that a
/// handler which runs again comes to the same ids and secrets.
pub struct Draw {
    seed: [u8; 32],
    block: AtomicU64,
}

impl Draw {
    /// A stream from fresh randomness.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut seed = [0; 32];
        entropy.fill(&mut seed);
        Self { seed, block: AtomicU64::new(0) }
    }

    /// Goes back to the start, for a handler that runs again.
    pub fn rewind(&self) {
        self.block.store(0, Ordering::Relaxed);
    }
}

impl Entropy for Draw {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::Relaxed);
            let mut input = [0; 40];
            let (seed, counter) = input.split_at_mut(32);
            seed.copy_from_slice(&self.seed);
            counter.copy_from_slice(&block.to_be_bytes());
            let bytes = digest(&SHA256, &input);
            chunk.iter_mut().zip(bytes.as_ref()).for_each(|(to, from)| *to = *from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn a_draw_repeats_after_rewinding_and_never_before() {
        let draw = Draw::new(&Sevens);
        let (mut first, mut second, mut again) = ([0; 48], [0; 48], [0; 48]);
        draw.fill(&mut first);
        draw.fill(&mut second);
        draw.rewind();
        draw.fill(&mut again);
        assert_ne!(first, second);
        assert_eq!(first, again);
    }
}
