//! `bailiwick serve`.

use crate::commands::Context;
use crate::confine::{Confine, confine};
use crate::output::{Format, Output};
use crate::problem::{Exit, Problem};
use crate::terminal::Style;
use base::Uuid;
use base::{AccountId, Partition, Secret, SecretString};
use server::Dev;
use server::{
    IssuerSettings, KeySource, Limits, Listen, MetricsListen, Place, Rates, Server, Settings, StartError,
    SystemEntropy, TlsFiles,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The account of `serve --dev`: AWS's own example, so that nobody takes it for a real one.
const DEV_ACCOUNT: &str = "123456789012";

const AFTER: &str = "\
The first start makes an account with an `Administrator` role, and a key file (mode 600) that seals the \
secrets in the store. There is no long-term root key: `bailiwick login`, on this machine and as the same user, \
hands out short sessions. Without TLS only this machine is served.

Examples:
  bailiwick serve
  bailiwick serve --listen 127.0.0.1:0 --data ./bailiwick-data
  bailiwick serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem

For tests and CI, in memory and with a key pair known beforehand; never for production:
  export BAILIWICK_DEV_ACCESS_KEY_ID=test BAILIWICK_DEV_SECRET_ACCESS_KEY=test
  bailiwick serve --dev --listen 127.0.0.1:0 --format json
A signed `POST /_bailiwick/dev/reset` empties it for the next test.

Environment:
  BAILIWICK_DATA                     the data directory, if `--data` does not name it
  BAILIWICK_KEY                      the sealing key, base64 of 32 bytes, instead of a key file
  BAILIWICK_LOG                      what to log: error, warn (the default), info, debug
  BAILIWICK_DEV_ACCESS_KEY_ID        the administrator's key pair of `--dev`, in any form;
  BAILIWICK_DEV_SECRET_ACCESS_KEY    random and printed if not set";

/// Answer AWS's IAM and STS APIs.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7373")]
    listen: SocketAddr,
    /// The certificate chain for TLS, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak plain HTTP even on addresses that other machines reach
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_http: bool,
    /// The address to tell clients, if it is not the one listened on
    #[arg(long, value_name = "URL")]
    advertise: Option<String>,
    /// The file with the sealing key, made at the first start [default: sealing.key in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "dev")]
    key_file: Option<PathBuf>,
    /// The first account's id, twelve digits; counts only at the first start [default: random]
    #[arg(long, value_name = "ID")]
    account_id: Option<AccountId>,
    /// A partition to serve, as in aws, aws-cn, aws-us-gov; may be repeated [default: aws; with --dev: all]
    #[arg(long, value_name = "NAME", value_parser = partition)]
    partition: Vec<Partition>,
    /// A host of an identity provider that may have a private address; may be repeated
    #[arg(long, value_name = "HOST")]
    private_issuer: Vec<String>,
    /// Ask identity providers for their keys whatever address they have
    #[arg(long)]
    allow_private_issuers: bool,
    /// Certificates of authorities that vouch for identity providers, in PEM, besides the system's
    #[arg(long, value_name = "FILE")]
    issuer_ca: Option<PathBuf>,
    /// Passwords that no user may have where the block list is on: a file of them, or of their SHA-1 in the form of
    /// Have I Been Pwned
    #[arg(long, value_name = "FILE")]
    breached_passwords: Option<PathBuf>,
    /// Tell measurements to Prometheus at http://ADDR:PORT/metrics
    #[arg(long, value_name = "ADDR:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// A file with the bearer token that Prometheus sends; needed beyond this machine
    #[arg(long, value_name = "FILE", requires = "metrics_listen")]
    metrics_token_file: Option<PathBuf>,
    /// Calls a second of one account at most, ten seconds of them at once [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    account_rate: Option<u32>,
    /// Refused signatures and sign-ins a second of one address at most; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 20)]
    refusal_rate: u32,
    /// Take from the process what it does not need (Landlock, core dumps)
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Confine::Auto)]
    confine: Confine,
    /// For tests: in memory, with the key pair of an administrator; never for production
    #[arg(long)]
    dev: bool,
}

/// Starts the server and prints how to use it.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    log(context.output)?;
    let (dev, made_up) = match args.dev {
        true => development(args.account_id).map(|(dev, made_up)| (Some(dev), made_up))?,
        false => (None, false),
    };
    let when = args.confine;
    let settings = settings(args, context, dev.clone())?;
    confine(when, &settings)?;
    let server = Server::open(settings).map_err(start_failed)?;
    ready();
    if dev.is_some() {
        banner(context.output);
    }
    match announce(&server, dev.as_ref(), made_up, context) {
        // Who started it need not listen.
        Err(problem) if problem.exit() != Exit::Ok => return Err(problem),
        _ => server.run(),
    }
    Ok(Exit::Ok)
}

fn announce(server: &Server, dev: Option<&Dev>, made_up: bool, context: &Context<'_>) -> Result<(), Problem> {
    match (context.output.format(), dev) {
        (Format::Json, dev) => context.output.json_line(&record(server, dev.filter(|_| made_up))),
        (Format::Text, Some(dev)) => context.output.text(&dev_lines(server, dev, made_up)),
        (Format::Text, None) => context.output.text(&lines(server, context)?),
    }
}

fn settings(args: Args, context: &Context<'_>, dev: Option<Dev>) -> Result<Settings, Problem> {
    let place = match args.dev {
        true => Place::Memory(std::env::temp_dir()),
        false => Place::Directory(context.data()?),
    };
    let key = match (args.dev, args.key_file, crate::environment::sealing_key()) {
        (true, ..) => KeySource::Beside,
        (false, Some(file), _) => KeySource::File(file),
        (false, None, Some(text)) => KeySource::Text(text),
        (false, None, None) => KeySource::Beside,
    };
    let tls = args.tls_cert.zip(args.tls_key).map(|(certificate, key)| TlsFiles { certificate, key });
    let partitions = match (args.partition.is_empty(), args.dev) {
        (false, _) => args.partition,
        (true, true) => Partition::all().collect(),
        (true, false) => vec![Partition::aws()],
    };
    Ok(Settings {
        listen: Listen {
            address: args.listen,
            tls,
            insecure_http: args.insecure_http,
            advertise: args.advertise.map(advertised).transpose()?,
        },
        limits: Limits::default(),
        place,
        key,
        account_id: args.account_id,
        partitions,
        issuers: IssuerSettings {
            private_hosts: args.private_issuer,
            all_private: args.allow_private_issuers,
            plain_loopback: dev.is_some(),
            authorities: args.issuer_ca,
        },
        dev,
        breached: args.breached_passwords,
        rates: Rates {
            account: args.account_rate,
            refusals: Some(args.refusal_rate).filter(|rate| *rate > 0),
        },
        metrics: args
            .metrics_listen
            .map(|address| metrics(address, args.metrics_token_file.as_deref()))
            .transpose()?,
    })
}

fn metrics(address: SocketAddr, token: Option<&Path>) -> Result<MetricsListen, Problem> {
    let token = token.map(|path| {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Problem::usage(format!("`{}` cannot be read: {error}", path.display())))?;
        let text = SecretString::new(text.trim());
        match text.expose().len() {
            16.. => Ok(Secret::new(text.expose())),
            _ => Err(Problem::usage(format!("the token in `{}` is too short", path.display()))
                .help("a token has 16 characters at least: `openssl rand -hex 32` makes one")),
        }
    });
    Ok(MetricsListen { address, token: token.transpose()? })
}

/// Tells the service manager, if one waits for it, that calls are answered from now on.
fn ready() {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the service manager could not be told that the server is ready");
    }
}

/// The administrator's key pair of a development server, and whether it was made up just now.
fn development(account_id: Option<AccountId>) -> Result<(Dev, bool), Problem> {
    let account = match account_id {
        Some(id) => id,
        None => AccountId::parse(DEV_ACCOUNT).map_err(|error| Problem::usage(error.to_string()))?,
    };
    let (access_key_id, secret, made_up) = match crate::environment::dev_keys() {
        (Some(id), Some(secret)) => (id, secret, false),
        (None, None) => {
            let entropy = SystemEntropy::default();
            let uuid = || Uuid::random(&entropy);
            let (id, secret) = (uuid().to_string(), format!("{}{}", uuid(), uuid()));
            let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
            (format!("DEV{}", id.to_uppercase()), SecretString::new(secret.replace('-', "")), true)
        }
        _ => {
            return Err(Problem::usage("one half of the development key pair is set and the other is not")
                .help(
                    "set both BAILIWICK_DEV_ACCESS_KEY_ID and BAILIWICK_DEV_SECRET_ACCESS_KEY, or neither",
                ));
        }
    };
    Ok((Dev { account, access_key_id, secret }, made_up))
}

fn partition(name: &str) -> Result<Partition, String> {
    Partition::by_id(name).ok_or_else(|| {
        let known: Vec<_> = Partition::all().map(Partition::id).collect();
        format!("the partitions are {}", known.join(", "))
    })
}

fn advertised(url: String) -> Result<String, Problem> {
    match url.starts_with("http://") || url.starts_with("https://") {
        true => Ok(url),
        false => Err(Problem::usage(format!("`{url}` is not the address of a server"))
            .help("an address looks like `https://iam.example.com`")),
    }
}

fn start_failed(error: StartError) -> Problem {
    let problem = match &error {
        StartError::Unencrypted(_) => Problem::usage(error.to_string()),
        _ => Problem::unavailable(error.to_string()),
    };
    problem.help_if(error.help())
}

/// What happened, for a program that started the server.
fn record(server: &Server, dev: Option<&Dev>) -> serde_json::Value {
    let mut record = serde_json::json!({
        "Endpoint": server.endpoint(),
        "Metrics": server.metrics().map(|address| format!("http://{address}/metrics")),
        "AccountId": server.account_id(),
        "Data": server.data(),
        "Socket": server.socket(),
        "FirstStart": server.is_first_start(),
    });
    if let (Some(dev), Some(record)) = (dev, record.as_object_mut()) {
        record.insert("AccessKeyId".into(), dev.access_key_id.as_str().into());
        record.insert("SecretAccessKey".into(), dev.secret.expose().into());
    }
    record
}

/// What to copy into another terminal. No line holds a secret.
fn lines(server: &Server, context: &Context<'_>) -> Result<String, Problem> {
    let mut login = format!("{} login", program());
    if crate::environment::data_directory().is_none_or(|usual| !is_same(&usual, server.data()))
        || context.global.data.is_some()
    {
        login.push_str(&format!(" --data {}", quoted(&server.data().display().to_string())));
    }
    Ok(format!(
        "{}\n{}\n  export AWS_ENDPOINT_URL={}\n  eval \"$({login})\"\n  aws sts get-caller-identity\n",
        head(
            server,
            if server.is_first_start() { "new account" } else { "account" },
            context.output.colours()
        ),
        "In another terminal:\n",
        quoted(server.endpoint()),
    ))
}

/// The same for a development server, whose key pair is no secret.
fn dev_lines(server: &Server, dev: &Dev, made_up: bool) -> String {
    let secret = match made_up {
        true => quoted(dev.secret.expose()),
        false => "\"$BAILIWICK_DEV_SECRET_ACCESS_KEY\"".to_owned(),
    };
    format!(
        "{}\nIn another terminal:\n\n  export AWS_ENDPOINT_URL={}\n  export AWS_ACCESS_KEY_ID={} \
         AWS_SECRET_ACCESS_KEY={secret} AWS_REGION=us-east-1\n  aws sts get-caller-identity\n",
        head(server, "account", false),
        quoted(server.endpoint()),
        quoted(&dev.access_key_id),
    )
}

fn head(server: &Server, account: &str, colours: bool) -> String {
    let id = server.account_id().map_or_else(String::new, |id| id.to_string());
    format!(
        "{} answers at {}\n{account} {id}, data in {}\n",
        Style::Bold.paint(concat!("Bailiwick ", env!("CARGO_PKG_VERSION")), colours),
        Style::Bold.paint(server.endpoint(), colours),
        crate::terminal::escape(&server.data().display().to_string()),
    )
}

fn banner(output: &Output) {
    output.note(
        "warning: this is a DEVELOPMENT server. Its data are in memory and gone when it stops, and its key pair\n\
         warning: is known to whoever set it. It is NOT FOR PRODUCTION.",
    );
}

/// How this program is called: by its name if a shell finds it by that.
fn program() -> String {
    let this = std::env::current_exe().ok();
    let found = crate::environment::program("bailiwick");
    match (this, found) {
        (Some(this), Some(found)) if is_same(&this, &found) => "bailiwick".to_owned(),
        (Some(this), _) => quoted(&this.display().to_string()),
        (None, _) => "bailiwick".to_owned(),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// For a shell; quotes only where they are needed.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+=,@%".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Log lines go to standard error.
fn log(output: &Output) -> Result<(), Problem> {
    use tracing_subscriber::EnvFilter;
    let filter = crate::environment::log_filter().unwrap_or_else(|| "warn".to_owned());
    let filter = EnvFilter::try_new(&filter).map_err(|_| {
        Problem::usage(format!("BAILIWICK_LOG is `{filter}`, which is not a filter of log lines"))
            .help("write `info`, or `bailiwick_server=debug`")
    })?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let set = match output.format() {
        Format::Json => lines.json().try_init(),
        Format::Text => lines.try_init(),
    };
    set.map_err(|error| Problem::unavailable(format!("log lines cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_get_quotes_where_they_need_them() {
        assert_eq!(quoted("http://127.0.0.1:7373"), "http://127.0.0.1:7373");
        assert_eq!(quoted("/home/x/my data"), "'/home/x/my data'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
