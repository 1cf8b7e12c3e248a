//! The start of a server: key, store, services, doors, in an order in which a refusal has changed nothing.

use crate::care::Cared;
use crate::data::DataDirectory;
use crate::error::StartError;
use crate::fetch::{IssuerFetch, IssuerSettings};
use crate::limits::Limits;
use crate::listen::Listen;
use crate::metrics_door::MetricsListen;
use crate::recorder::Recorder;
use crate::run::{Bound, Port};
use crate::stop::Signals;
use crate::system::{SystemClock, SystemEntropy};
use base::{AccountId, Clock, Entropy, Partition, SecretString};
use directory::{Directory, Realm};
use services::first_start::{Dev, token_sealer};
use services::front::OpenError;
use services::throttle::Rates;
use services::{Front, FrontSettings, RelyingParty};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::seal::{KeyRing, SealingKey};
use store::{Committer, Config, Log, Memory, Sqlite, keyfile};
use tokio::runtime::{Builder, Runtime};
use trail::{Archive, Spool, SpoolOptions};

/// The key file in the data directory.
pub const KEY_NAME: &str = "sealing.key";
/// The folder, in the data directory, of records on their way.
pub const SPOOL_NAME: &str = "spool";
/// The folder, in the data directory, that holds `AWSLogs`.
pub const TRAIL_NAME: &str = "trail";
/// The store's file in the data directory: its being there is what makes a start not the first.
const STORE_NAME: &str = "bailiwick.db";

/// What a server is to be.
#[derive(Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: Listen,
    /// Bounds.
    pub limits: Limits,
    /// Where data are kept.
    pub place: Place,
    /// Where the sealing key is.
    pub key: KeySource,
    /// The first account's id; counts only at the first start.
    pub account_id: Option<AccountId>,
    /// The partitions that are served.
    pub partitions: Vec<Partition>,
    /// Makes it a development server.
    pub dev: Option<Dev>,
    /// Which identity providers may be asked for their keys.
    pub issuers: IssuerSettings,
    /// A file of passwords that are known to the world, for the block lists of accounts.
    pub breached: Option<PathBuf>,
    /// How much one account or address may ask.
    pub rates: Rates,
    /// Where measurements are told, apart from the clients' address.
    pub metrics: Option<MetricsListen>,
}

/// Where data are kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In this directory.
    Directory(PathBuf),
    /// In memory; socket and records are in a directory of its own under this one, which goes with the server.
    Memory(PathBuf),
}

/// Where the sealing key is.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In the data directory, made at the first start.
    Beside,
    /// In this file, made at the first start.
    File(PathBuf),
    /// Here, in base64.
    Text(SecretString),
}

/// A server that is ready to run.
pub struct Server {
    runtime: Runtime,
    signals: Signals,
    bound: Bound,
    cared: Arc<Cared>,
    limits: Limits,
    account_id: Option<AccountId>,
    is_first: bool,
    // Last: the lock of the directory goes when everything else is closed.
    data: DataDirectory,
}

impl Server {
    /// Takes the address, opens the store, and at the first start makes key and account.
    pub fn open(settings: Settings) -> Result<Self, StartError> {
        let runtime = Builder::new_multi_thread()
            .thread_name("server")
            .enable_all()
            .build()
            .map_err(StartError::System)?;
        let fetch = Arc::new(IssuerFetch::new(settings.issuers)?);
        let breached = settings.breached.as_deref().map(crate::breached::open).transpose()?;
        let mut port = runtime.block_on(Port::take(&settings.listen))?;
        if let Some(metrics) = &settings.metrics {
            port = runtime.block_on(port.with_metrics(metrics))?;
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let data = match &settings.place {
            Place::Directory(path) => DataDirectory::open(path)?,
            Place::Memory(parent) => DataDirectory::passing(parent, base::Uuid::random(&*entropy).as_str())?,
        };
        let (bound, signals) = {
            // Socket and signals register with the runtime.
            let _within = runtime.enter();
            (port.with_local(data.path())?, Signals::listen().map_err(StartError::System)?)
        };
        let is_first = !data.path().join(STORE_NAME).exists();
        let keys = Arc::new(KeyRing::new(key(&settings.key, data.path(), is_first, &*entropy)?));
        let directory = Arc::new(load(&settings.place, data.path(), &clock, &entropy)?);
        // Before anything is written under a key that may be the wrong one.
        token_sealer(&directory.peek().state.snapshot, &keys).map_err(|_| StartError::KeyWrong)?;
        let spool = Arc::new(Spool::open(&data.path().join(SPOOL_NAME), spool_options(&settings.place))?);
        let archive = Archive::new(data.path().join(TRAIL_NAME));
        let front = Front::open(FrontSettings {
            directory: Arc::clone(&directory),
            spool: Arc::clone(&spool),
            archive: archive.root().to_owned(),
            keys,
            clock: Arc::clone(&clock),
            entropy,
            partitions: settings.partitions,
            account_id: settings.account_id,
            relying_party: RelyingParty::of_endpoint(bound.endpoint()),
            dev: settings.dev,
            breached,
            fetch,
            endpoint: bound.endpoint().to_owned(),
            rates: settings.rates,
        })
        .map_err(first)?;
        let account_id = front.management_account();
        let cared = Arc::new(Cared::new(front, directory, spool, archive, clock.now()));
        Ok(Self { runtime, signals, bound, cared, limits: settings.limits, account_id, is_first, data })
    }

    /// The base address for clients.
    pub fn endpoint(&self) -> &str {
        self.bound.endpoint()
    }

    /// The address where measurements are told.
    pub fn metrics(&self) -> Option<std::net::SocketAddr> {
        self.bound.metrics()
    }

    /// The path of the local socket.
    pub fn socket(&self) -> &Path {
        self.bound.socket()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The first account.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account_id
    }

    /// Whether the store was made just now.
    pub fn is_first_start(&self) -> bool {
        self.is_first
    }

    /// Answers until SIGTERM or SIGINT; then finishes what is under way and puts everything on disk.
    pub fn run(self) {
        let Self { runtime, signals, bound, cared, limits, data, .. } = self;
        let recorder = Recorder::start(&cared);
        runtime.block_on(bound.run(cared, limits, signals.wait()));
        recorder.stop();
        drop(runtime);
        // The lock goes last.
        drop(data);
    }
}

/// Whether a folder is the data directory of a server.
pub fn is_data_directory(folder: &Path) -> bool {
    folder.join(STORE_NAME).is_file()
}

/// The realm that is kept in a data directory, whether a server runs on it or not: a copy of the store is read, in a
/// folder under `scratch` that goes again. `name` makes it unique.
///
/// # Errors
/// If the store cannot be copied or read.
pub fn stored(data: &Path, scratch: &Path, name: &str) -> Result<Realm, StartError> {
    let copy = DataDirectory::passing(scratch, name)?;
    Sqlite::copy(data, &copy.path().join(STORE_NAME))?;
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
        (Arc::new(SystemClock), Arc::new(SystemEntropy::default()));
    let directory = load(&Place::Directory(copy.path().to_owned()), copy.path(), &clock, &entropy)?;
    Ok(directory.peek().state.clone())
}

fn key(
    source: &KeySource,
    data: &Path,
    is_first: bool,
    entropy: &dyn Entropy,
) -> Result<SealingKey, StartError> {
    let path = match source {
        KeySource::Text(text) => return Ok(SealingKey::from_text(text.expose())?),
        KeySource::File(path) => path.clone(),
        KeySource::Beside => data.join(KEY_NAME),
    };
    if is_first {
        return Ok(keyfile::load_or_create(&path, entropy)?);
    }
    // A store whose key is missing must not get a new one: its secrets would be lost without a word.
    match path.try_exists() {
        Ok(false) => Err(StartError::KeyMissing { store: data.to_owned(), key: path }),
        _ => Ok(keyfile::load(&path)?),
    }
}

fn load(
    place: &Place,
    data: &Path,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Directory, StartError> {
    let log: Box<dyn Log> = match place {
        Place::Directory(_) => Box::new(Sqlite::open(data)?),
        Place::Memory(_) => Box::new(Memory::new()),
    };
    let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
    Ok(Committer::start(log, Realm::default(), Config::default(), clock, entropy)?)
}

/// A server in memory need not wait for the disk.
fn spool_options(place: &Place) -> SpoolOptions {
    SpoolOptions { sync: matches!(place, Place::Directory(_)), ..SpoolOptions::default() }
}

fn first(error: OpenError) -> StartError {
    match error {
        OpenError::Key(_) => StartError::KeyWrong,
        OpenError::Store(error) => StartError::First(error.to_string()),
    }
}
