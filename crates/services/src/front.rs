//! The way of a request: route, authenticate, decode, judge, run, record, answer.

use crate::call::{Call, Draw, Origin, Tools};
use crate::exchange::{Incoming, Outgoing, Respond};
use crate::first_start::{self, Dev};
use crate::issuer_keys;
use crate::issuer_pages;
use crate::job::{ChoreError, write_and_wait};
use crate::known::Known;
use crate::meter::{Counted, Meter};
use crate::pipeline::{Admission, Admitted, Answerer, Unsigned, Write};
use crate::record;
use crate::reports;
use crate::row::Run;
use crate::slow_lane::{SlowLane, Turn};
use crate::table::Table;
use crate::throttle::{Rates, Throttle};
use crate::trail_desk::TrailDesk;
use crate::usage::Usage;
use arc_swap::{ArcSwap, Guard};
use authn::oidc::{Fetch, Issuers};
use authn::password::{Breached, Cost};
use authn::webauthn::RelyingParty;
use authn::{Authenticator, Passwords};
use base::{AccountId, Clock, Entropy, Partition, Region, Timestamp, Uuid};
use directory::Directory;
use model::Snapshot;
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::seal::{KeyRing, SealError};
use trail::Spool;
use wire::Fault;

/// What a front is made of.
pub struct FrontSettings {
    /// The realm.
    pub directory: Arc<Directory>,
    /// Takes records of reads and refusals.
    pub spool: Arc<Spool>,
    /// The folder into which records are delivered.
    pub archive: PathBuf,
    /// Seals secrets.
    pub keys: Arc<KeyRing>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Yields randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The partitions that are served.
    pub partitions: Vec<Partition>,
    /// The id of the first account; random if not given. Counts only at the first start.
    pub account_id: Option<AccountId>,
    /// Whom security keys work for.
    pub relying_party: RelyingParty,
    /// Makes it a development server.
    pub dev: Option<Dev>,
    /// Fetches what identity providers publish.
    pub fetch: Arc<dyn Fetch>,
    /// The base address that clients are told.
    pub endpoint: String,
    /// Passwords that are known to the world, for block lists.
    pub breached: Option<Arc<dyn Breached>>,
    /// How much one account or address may ask.
    pub rates: Rates,
}

/// Why a front did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store does not take the first start's writes.
    #[error(transparent)]
    Store(#[from] ChoreError),
    /// What is sealed in the store does not open under the key that was given.
    #[error("the store's secrets do not open under this key: {0}")]
    Key(#[from] SealError),
}

thread_local! {
    /// A record on its way into the spool: the room for it is used again.
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Room that is kept for records; few are longer.
const LINE_BYTES: usize = 4096;

/// The one way in.
pub struct Front {
    pub(crate) directory: Arc<Directory>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) table: Table,
    pub(crate) usage: Usage,
    clock: Arc<dyn Clock>,
    tools: ArcSwap<Tools>,
    slow_lane: SlowLane,
    pub(crate) throttle: Throttle,
    pub(crate) meter: Meter,
    pub(crate) authenticator: Authenticator,
    sequence: AtomicU32,
}

impl Front {
    /// Opens a realm; at the first start, makes its first account.
    pub fn open(settings: FrontSettings) -> Result<Arc<Self>, OpenError> {
        furnish(&settings)?;
        let FrontSettings {
            directory,
            spool,
            archive,
            keys,
            clock,
            entropy,
            partitions,
            dev,
            breached,
            rates,
            ..
        } = settings;
        let relying_party = Arc::new(settings.relying_party);
        let table = Table::new();
        let tokens = first_start::token_sealer(&directory.peek().state.snapshot, &keys)?;
        let trail =
            Arc::new(TrailDesk { archive, spool: Arc::clone(&spool), directory: Arc::clone(&directory) });
        Ok(Arc::new(Self {
            authenticator: Authenticator::new(Arc::clone(&keys), Arc::clone(&entropy), partitions),
            meter: Meter::new(&table),
            throttle: Throttle::new(rates),
            table,
            usage: Usage::default(),
            slow_lane: SlowLane::start(),
            tools: ArcSwap::from_pointee(Tools {
                keys,
                tokens: Arc::new(tokens),
                dev: dev.map(Arc::new),
                passwords: Arc::new(Passwords::new(Cost::RECOMMENDED, breached)),
                trail,
                relying_party,
                issuers: Arc::new(Issuers::new(settings.fetch)),
                attempts: Arc::default(),
                used_assertions: Arc::default(),
                endpoint: settings.endpoint.into(),
            }),
            directory,
            spool,
            entropy,
            clock,
            sequence: AtomicU32::new(0),
        }))
    }

    /// What operations on passwords need: tests look at the counts in it.
    pub fn passwords(&self) -> Arc<Passwords> {
        Arc::clone(&self.tools.load().passwords)
    }

    /// What was counted since the start, for monitoring.
    pub fn counted(&self) -> Counted {
        self.meter.counted()
    }

    /// The account that belongs to the realm as a whole.
    pub fn management_account(&self) -> Option<AccountId> {
        first_start::management_account(&self.directory.peek().state.snapshot)
    }

    /// Answers a request. Reads and refusals are answered before this returns, writes from the store's thread
    /// once they are durable.
    pub fn answer(self: &Arc<Self>, incoming: Incoming, respond: Respond) {
        let now = self.clock.now();
        let request_id = Uuid::random(&*self.entropy);
        let answerer = Answerer::new(self, &incoming, now, request_id);
        if !self.spool.healthy() {
            // Better no answer than one that leaves no trace.
            let fault = Fault::service_unavailable("the audit trail cannot be written now");
            return respond(answerer.refuse(&fault));
        }
        if !self.throttle.hears(incoming.origin.address, now) {
            return respond(answerer.throttle(&incoming));
        }
        let snapshot = self.directory.snapshot();
        match answerer.admit(&snapshot.state.snapshot, incoming) {
            Err(outgoing) => respond(outgoing),
            Ok(Admission::Admitted(admitted)) => self.run(*admitted, &snapshot.state.snapshot, respond),
            Ok(Admission::Unsigned(unsigned)) => self.identify(unsigned, respond),
        }
    }

    /// Makes out who sends a request without a signature, and runs it, on a thread that may wait.
    fn identify(self: &Arc<Self>, unsigned: Box<Unsigned>, respond: Respond) {
        let front = Arc::clone(self);
        self.slow_lane.submit(Box::new(move |turn| match turn {
            Turn::Full => respond(unsigned.refuse(&front, Fault::throttling())),
            Turn::Now => match unsigned.identify(&front) {
                Err(outgoing) => respond(outgoing),
                Ok(admitted) => {
                    front.meter.call(admitted.service, admitted.operation);
                    front.run_here(admitted, respond);
                }
            },
        }));
    }

    fn run(self: &Arc<Self>, mut admitted: Admitted, snapshot: &Snapshot, respond: Respond) {
        let Some(row) = self.table.row(admitted.service, admitted.operation) else {
            let fault = Fault::not_implemented(admitted.service, Some(admitted.operation));
            return respond(admitted.finish(self, Err(fault), Vec::new()));
        };
        self.usage.note(&admitted.call, admitted.service, admitted.operation);
        self.meter.call(admitted.service, admitted.operation);
        if !self.throttle.admits(admitted.call.account_id(), admitted.call.now) {
            return respond(admitted.finish(self, Err(Fault::throttling()), Vec::new()));
        }
        match &row.run {
            Run::Read(_) if row.is_slow => self.run_slowly(admitted, respond),
            Run::Prepared { .. } => self.run_slowly(admitted, respond),
            Run::Factored { .. } if admitted.body.brings_factor() => Write::submit(self, admitted, respond),
            Run::Read(read) | Run::Factored { read, .. } => {
                // A read runs once, so that its input need not be kept.
                let body = std::mem::take(&mut admitted.body);
                let ran = read(row, &admitted.call, snapshot, body);
                respond(admitted.finish(self, ran.result, ran.resources));
            }
            Run::Write(_) => Write::submit(self, admitted, respond),
        }
    }

    /// Runs what takes long on a thread that may wait.
    fn run_slowly(self: &Arc<Self>, admitted: Admitted, respond: Respond) {
        let front = Arc::clone(self);
        self.slow_lane.submit(Box::new(move |turn| match turn {
            Turn::Full => respond(admitted.finish(&front, Err(Fault::throttling()), Vec::new())),
            Turn::Now => front.run_here(admitted, respond),
        }));
    }

    /// Runs an operation on this thread, however long it takes; a write is handed to the store once its slow part is
    /// done.
    fn run_here(self: &Arc<Self>, mut admitted: Admitted, respond: Respond) {
        let Some(row) = self.table.row(admitted.service, admitted.operation) else {
            return respond(admitted.finish(self, Err(Fault::internal()), Vec::new()));
        };
        let snapshot = self.directory.snapshot();
        match &row.run {
            Run::Factored { .. } if admitted.body.brings_factor() => Write::submit(self, admitted, respond),
            Run::Read(read) | Run::Factored { read, .. } => {
                let ran = read(row, &admitted.call, &snapshot.state.snapshot, admitted.body.clone());
                respond(admitted.finish(self, ran.result, ran.resources));
            }
            Run::Write(_) => Write::submit(self, admitted, respond),
            Run::Prepared { prepare, .. } => {
                let made = prepare(row, &admitted.call, &snapshot.state.snapshot, admitted.body.clone());
                // What was drawn for the preparation must not be drawn again: an id would repeat a secret.
                admitted.call.entropy = Draw::new(&*self.entropy);
                match made.result {
                    Ok(prepared) => {
                        admitted.call.prepared = Some(prepared);
                        Write::submit(self, admitted, respond);
                    }
                    Err(fault) => respond(admitted.finish(self, Err(fault), made.resources)),
                }
            }
        }
    }

    /// The call of a caller that was made out.
    pub(crate) fn call(
        &self,
        caller: authn::Caller,
        region: Region,
        now: Timestamp,
        request_id: Uuid,
        origin: Origin,
    ) -> Call {
        Call {
            caller: Known::of(caller, region.partition),
            partition: region.partition,
            region: region.name,
            now,
            request_id,
            origin,
            tools: self.tools.load_full(),
            entropy: Draw::new(&*self.entropy),
            prepared: None,
            sign_in: None,
        }
    }

    /// What is needed besides the snapshot, for a short look without counting a reference.
    pub(crate) fn tools(&self) -> Guard<Arc<Tools>> {
        self.tools.load()
    }

    /// The number of the next record.
    pub(crate) fn next_record(&self) -> u32 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes the refusal of somebody who has not proved who it is: it counts against the address.
    pub(crate) fn note_stranger(&self, fault: &Fault, origin: &Origin, now: Timestamp) {
        self.meter.fault(fault);
        if matches!(fault.status, 401 | 403) {
            self.throttle.refused(origin.address, now);
        }
    }

    /// Puts a record of a read or a refusal on its way. A spool that is full stops the server from answering,
    /// see [`Front::answer`].
    pub(crate) fn record(&self, facts: &record::Facts<'_>) {
        LINE.with_borrow_mut(|line| {
            line.clear();
            record::write(facts, &*self.entropy, line);
            let _ = self.spool.push(line);
            line.shrink_to(LINE_BYTES);
        });
    }

    /// What must happen every few seconds: gathered uses are written, reports made, token keys rotate. Blocks for the store.
    pub fn tick(&self) -> Result<(), OpenError> {
        let now = self.clock.now();
        if let Some(gathered) = self.usage.take() {
            let written = gathered.clone();
            if let Err(error) = write_and_wait(&self.directory, move |tx| written.write(tx)) {
                self.usage.put_back(gathered);
                return Err(error.into());
            }
        }
        self.write_failures(now)?;
        if let Some(made) = reports::made(&self.directory.peek().state.snapshot, now) {
            write_and_wait(&self.directory, move |tx| reports::keep(tx, &made))?;
        }
        if first_start::token_keys_are_due(&self.directory.peek().state.snapshot, now) {
            self.rotate(now)?;
        }
        self.renew_issuer_keys(now)
    }

    /// Makes new keys for accounts whose tokens for others are signed with old ones.
    fn renew_issuer_keys(&self, now: Timestamp) -> Result<(), OpenError> {
        for account in issuer_keys::due(&self.directory.peek().state.snapshot, now) {
            let keys = Arc::clone(&self.tools().keys);
            // Making fails only for lack of memory; the old keys go on signing, and the next tick tries again.
            if let Ok(made) = issuer_keys::make(account, now, &keys, &*self.entropy) {
                write_and_wait(&self.directory, move |tx| issuer_keys::put(tx, account, &made))?;
            }
        }
        Ok(())
    }

    /// A page that anybody may read: what an account's issuer of tokens publishes.
    pub fn issuer_page(&self, path: &str) -> Outgoing {
        let state = self.directory.snapshot();
        issuer_pages::page(&self.tools(), &state.state.snapshot, path).unwrap_or_else(issuer_pages::nothing)
    }

    /// Writes what has changed of failed sign-ins.
    fn write_failures(&self, now: Timestamp) -> Result<(), OpenError> {
        let passwords = Arc::clone(&self.tools.load().passwords);
        let Some(changes) = passwords.guard.changes(&self.directory.peek().state.snapshot, now) else {
            return Ok(());
        };
        let written = changes.clone();
        let outcome = write_and_wait(&self.directory, move |tx| {
            written.put.iter().for_each(|row| tx.put(row.clone()));
            written.remove.iter().for_each(|key| tx.remove(key));
        });
        if let Err(error) = outcome {
            passwords.guard.put_back(changes);
            return Err(error.into());
        }
        Ok(())
    }

    fn rotate(&self, now: Timestamp) -> Result<(), OpenError> {
        let tools = self.tools.load_full();
        rotate(&self.directory, &tools.keys, &self.entropy, now)?;
        let sealer = first_start::token_sealer(&self.directory.peek().state.snapshot, &tools.keys)?;
        self.tools.store(Arc::new(Tools { tokens: Arc::new(sealer), ..Tools::clone(&tools) }));
        Ok(())
    }
}

fn rotate(
    directory: &Directory,
    keys: &Arc<KeyRing>,
    entropy: &Arc<dyn Entropy>,
    now: Timestamp,
) -> Result<(), OpenError> {
    let (keys, draw) = (Arc::clone(keys), Draw::new(&**entropy));
    write_and_wait(directory, move |tx| {
        draw.rewind();
        // Sealing fails only for lack of memory; then the old keys stay, and the next tick tries again.
        let _ = first_start::rotate_token_keys(tx, now, &keys, &draw);
    })?;
    Ok(())
}

/// What the first start of a realm makes.
fn furnish(settings: &FrontSettings) -> Result<(), OpenError> {
    let now = settings.clock.now();
    let snapshot = settings.directory.snapshot();
    // A wrong key is noticed before anything is sealed under it.
    first_start::token_sealer(&snapshot.state.snapshot, &settings.keys)?;
    if first_start::token_keys_are_due(&snapshot.state.snapshot, now) {
        rotate(&settings.directory, &settings.keys, &settings.entropy, now)?;
    }
    if snapshot.state.snapshot.accounts().next().is_some() {
        return Ok(());
    }
    let draw = Draw::new(&*settings.entropy);
    let (keys, dev, named) = (Arc::clone(&settings.keys), settings.dev.clone(), settings.account_id);
    write_and_wait(&settings.directory, move |tx| {
        draw.rewind();
        match &dev {
            // As above.
            Some(dev) => drop(dev.furnish(tx, now, &keys, &draw)),
            None => {
                if let Some(id) = named.or_else(|| first_start::free_account_id(tx.snapshot(), &draw)) {
                    first_start::make_account(tx, id, "main", now, &draw);
                }
            }
        }
    })?;
    Ok(())
}

/// The answer to what the server refuses before it reaches the front, in a form that every client reads.
pub fn refusal(fault: &Fault, request_id: &str) -> Outgoing {
    wire::reply::fault(fault, wire::Dialect::UNKNOWN, request_id)
}
