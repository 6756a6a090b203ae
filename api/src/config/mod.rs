//! Every setting, and the only reader of the environment. The doc comments are what `--help` prints and what README's table shows.

mod parse;

use std::net::SocketAddr;

use clap::{Args, Command, FromArgMatches, ValueEnum, builder::Resettable};

use self::parse::{
    DEFAULT_OTLP_TIMEOUT_MS, DEFAULT_TRACES_SHARE, http_url, millis, millis_or_default, secret,
    share,
};

/// The settings: each is an environment variable and an option of the same name.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME` (`sslmode` and `sslrootcert` as in libpq)
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite:centum.db",
        hide_env_values = true
    )]
    pub database_url: String,

    /// Address and port of the public listener; port 0 takes a free one
    #[arg(long, env = "CENTUM_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Address and port of the management listener: metrics and probes. Never carries user traffic
    #[arg(
        long,
        env = "CENTUM_MANAGEMENT_LISTEN",
        default_value = "127.0.0.1:9464"
    )]
    pub management_listen: SocketAddr,

    /// Worker threads of the public listener, 1 to 1024; 0 is one for each processor
    #[arg(long, env = "CENTUM_WORKERS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub workers: u16,

    /// PostgreSQL connections of each worker, 1 to 1000
    #[arg(long, env = "CENTUM_POOL_SIZE", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub pool_size: u16,

    /// SQLite reader threads, 1 to 64
    #[arg(long, env = "CENTUM_SQLITE_READERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub sqlite_readers: u16,

    /// What a commit on SQLite waits for: `full` outlasts a power cut, `normal` outlasts a crash of the process
    #[arg(long, env = "CENTUM_SQLITE_SYNCHRONOUS", value_enum, default_value_t = Synchronous::Full)]
    pub sqlite_synchronous: Synchronous,

    /// Longest wait for a connection or for the turn to write, in milliseconds; then 503
    #[arg(long, env = "CENTUM_POOL_WAIT_TIMEOUT_MS", default_value_t = 1000, value_parser = millis())]
    pub pool_wait_timeout_ms: u64,

    /// Longest time to connect to the database, in milliseconds; then 503
    #[arg(long, env = "CENTUM_POOL_CREATE_TIMEOUT_MS", default_value_t = 1000, value_parser = millis())]
    pub pool_create_timeout_ms: u64,

    /// Longest time to check a used connection, in milliseconds; then 503
    #[arg(long, env = "CENTUM_POOL_RECYCLE_TIMEOUT_MS", default_value_t = 500, value_parser = millis())]
    pub pool_recycle_timeout_ms: u64,

    /// Longest time of one statement, in milliseconds; then it is cancelled: 504. Up to 1000, PostgreSQL finds no deadlock before it
    #[arg(long, env = "CENTUM_STATEMENT_TIMEOUT_MS", default_value_t = 2000, value_parser = millis())]
    pub statement_timeout_ms: u64,

    /// Longest wait of a statement for another's lock on PostgreSQL, in milliseconds; then it is cancelled: 504. Longer than the server's `deadlock_timeout` (1 s), or no deadlock is known as one and tried again
    #[arg(long, env = "CENTUM_LOCK_TIMEOUT_MS", default_value_t = 1500, value_parser = millis())]
    pub lock_timeout_ms: u64,

    /// Longest time between two statements of a transaction on PostgreSQL, in milliseconds; then it is rolled back: 503
    #[arg(long, env = "CENTUM_IDLE_IN_TRANSACTION_TIMEOUT_MS", default_value_t = 5000, value_parser = millis())]
    pub idle_in_transaction_timeout_ms: u64,

    /// Longest time of a request after its body has arrived, in milliseconds; then it is given up: 504
    #[arg(long, env = "CENTUM_DEADLINE_MS", default_value_t = 3000, value_parser = millis())]
    pub deadline_ms: u64,

    /// Whether users and posts are cached by id
    #[arg(long, env = "CENTUM_CACHE", value_enum, default_value_t = Switch::On)]
    pub cache: Switch,

    /// Most entries of each cache: an entry is a row, and each form of its answer that was asked for
    #[arg(long, env = "CENTUM_CACHE_CAPACITY", default_value_t = 50_000)]
    pub cache_capacity: u64,

    /// Life of a cache entry, in milliseconds: how long another replica's write may stay unseen
    #[arg(long, env = "CENTUM_CACHE_TTL_MS", default_value_t = 30_000, value_parser = millis())]
    pub cache_ttl_ms: u64,

    /// Life of the knowledge that an id does not exist, in milliseconds
    #[arg(long, env = "CENTUM_CACHE_NEGATIVE_TTL_MS", default_value_t = 1000, value_parser = millis())]
    pub cache_negative_ttl_ms: u64,

    /// The secret that signs the cursors of lists, 32 characters at least, the same for all replicas; without a value a random one, so that cursors end with the process
    #[arg(long, env = "CENTUM_CURSOR_KEY", default_value = "", value_parser = secret, hide_env_values = true)]
    pub cursor_key: String,

    /// Whether requests are counted, logged, timed and given up at their deadline, and errors told in the form that `Accept` asks for; `off` only to measure what that costs
    #[arg(long, env = "CENTUM_TELEMETRY", value_enum, default_value_t = Switch::On)]
    pub telemetry: Switch,

    /// Whether answers carry the header `Server-Timing`
    #[arg(long, env = "CENTUM_SERVER_TIMING", value_enum, default_value_t = Switch::On)]
    pub server_timing: Switch,

    /// The form of log lines
    #[arg(long, env = "CENTUM_LOG_FORMAT", value_enum, default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,

    /// Which events are logged besides requests, in the syntax of tracing's `EnvFilter`
    #[arg(long, env = "RUST_LOG", default_value = "info,actix_server=warn")]
    pub log_filter: String,

    /// Where traces go, by OTLP over HTTP: `http://HOST:4318`. Kept are those that are sampled or over budget; without a value, none
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", default_value = "", value_parser = http_url, hide_env_values = true)]
    pub otlp_endpoint: String,

    /// The same with the whole path, instead of `/v1/traces` below the other
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", default_value = "", value_parser = http_url, hide_env_values = true)]
    pub otlp_traces_endpoint: String,

    /// Longest time of one export, in milliseconds; then its spans are dropped
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TIMEOUT", default_value_t = DEFAULT_OTLP_TIMEOUT_MS, value_parser = millis_or_default)]
    pub otlp_timeout_ms: u64,

    /// The share of requests that is sampled where their callers do not say, 0 to 1
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", default_value_t = DEFAULT_TRACES_SHARE, value_parser = share)]
    pub traces_share: f64,

    /// Where the service runs: in `production` nobody may break it on purpose
    #[arg(long, env = "CENTUM_ENV", value_enum, default_value_t = Environment::Development)]
    pub environment: Environment,

    /// Whether faults can be switched on at `/debug/faults` of the management listener, for drills; refused in `production`
    #[arg(long, env = "CENTUM_FAULTS", value_enum, default_value_t = Switch::Off)]
    pub faults: Switch,

    /// After SIGTERM: how long requests are still accepted while `/readyz` says no, in milliseconds
    #[arg(long, env = "CENTUM_DRAIN_DELAY_MS", default_value_t = 1000)]
    pub drain_delay_ms: u64,

    /// Longest time that requests in flight are waited for when the service stops, in milliseconds
    #[arg(long, env = "CENTUM_SHUTDOWN_TIMEOUT_MS", default_value_t = 10_000)]
    pub shutdown_timeout_ms: u64,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Switch {
    On,
    Off,
}

impl Switch {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// Where the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// Where it may be broken on purpose.
    Development,
    /// Where people depend on it.
    Production,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Pretty,
}

/// `PRAGMA synchronous` of the SQLite writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// A commit that was acknowledged outlasts a power cut.
    Full,
    /// A commit that was acknowledged outlasts a crash of the process.
    Normal,
}

impl Synchronous {
    /// The word in SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// One setting, as the documentation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable.
    pub variable: String,
    /// The option of the command line: `--listen`.
    pub option: String,
    /// The value where nothing is said.
    pub default: String,
    /// What it is, in which unit.
    pub help: String,
}

impl Default for Config {
    /// The defaults, whatever the environment says.
    fn default() -> Self {
        let command = command().mut_args(|argument| argument.env(Resettable::Reset));
        let parsed = command
            .try_get_matches_from(["api"])
            .and_then(|matches| Self::from_arg_matches(&matches));
        parsed.unwrap_or_else(|error| error.exit())
    }
}

fn command() -> Command {
    Config::augment_args(Command::new("api"))
}

impl Config {
    /// Every setting, in the order of the help.
    #[must_use]
    pub fn settings() -> Vec<Setting> {
        let text = |text: Option<&std::ffi::OsStr>| {
            text.map(|text| text.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let setting = |argument: &clap::Arg| Setting {
            variable: text(argument.get_env()),
            option: format!("--{}", argument.get_long().unwrap_or_default()),
            default: text(
                argument
                    .get_default_values()
                    .first()
                    .map(clap::builder::OsStr::as_os_str),
            ),
            help: argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default(),
        };
        command()
            .get_arguments()
            .map(setting)
            .filter(|setting| !setting.variable.is_empty())
            .collect()
    }

    /// Where traces go, and the variable that says so.
    #[must_use]
    pub fn traces_url(&self) -> Option<(&'static str, String)> {
        if !self.otlp_traces_endpoint.is_empty() {
            let url = self.otlp_traces_endpoint.clone();
            return Some(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url));
        }
        let base = self.otlp_endpoint.trim_end_matches('/');
        let url = format!("{base}/v1/traces");
        (!base.is_empty()).then_some(("OTEL_EXPORTER_OTLP_ENDPOINT", url))
    }

    /// How many workers there are.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => usize::from(workers),
        }
    }
}
