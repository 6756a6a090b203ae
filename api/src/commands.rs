//! The commands of the binary: what they print, and their exit codes. 0: done. 1: not healthy. 2: could not be done, with one sentence why.

#![expect(clippy::print_stdout, reason = "the commands' own output")]

use std::{
    ffi::OsString,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{Parser, Subcommand, ValueEnum, error::ContextKind};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{
    app::{Application, Parts, StartError, unreachable_database},
    budget,
    config::{Config, Setting},
    controllers::openapi,
    database::{Database, DatabaseTarget, Migrate, MigrationStatus, PoolOptions},
    error,
    repositories::QUERIES,
    routes::ROUTES,
    seed::{self, SeedOptions},
    telemetry::log::{LogSink, subscriber},
};

/// How long `healthcheck` waits for an answer.
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest time of one statement of `seed`, the COMMIT of millions of rows on a slow disk, and between two of them.
const SEED_TIMEOUT: Duration = Duration::from_mins(10);

/// Users and posts over REST, every query under 100 ms.
#[derive(Debug, Parser)]
#[command(name = "api", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database and serve until SIGTERM or Ctrl-C
    Serve {
        #[command(flatten)]
        config: Box<Config>,
    },
    /// Apply migrations, undo the newest, or list them
    Migrate {
        #[arg(value_enum)]
        action: MigrateAction,
        #[command(flatten)]
        config: Box<Config>,
    },
    /// Fill an empty database with users and posts, always the same for the same seed
    Seed {
        #[command(flatten)]
        options: SeedOptions,
        #[command(flatten)]
        config: Box<Config>,
    },
    /// Print the page about all queries: name, budget, rows and indexes of each
    Queries,
    /// Print the page about all statuses and errors: when each happens, what to do, and how to see it
    Errors,
    /// Print the description of the API, as it is served at `/openapi.json`
    Openapi,
    /// Ask a running service whether it is ready: exit code 0 or 1
    Healthcheck {
        #[command(flatten)]
        config: Box<Config>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MigrateAction {
    /// Apply all that are pending
    Up,
    /// Undo the newest
    Down,
    /// List which are applied and which are pending
    Status,
}

/// Runs the command line `arguments`, the program's name included.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command,
        Err(error) => return refuse(&error),
    };
    // One provider in the whole process; a second call, in tests, finds it there.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Workers have threads of their own; this runtime is for what goes on beside them.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("main")
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(execute(command)),
        Err(error) => Err(StartError(format!(
            "The runtime cannot be started ({error})"
        ))),
    };
    result.unwrap_or_else(|error| {
        eprintln!("api: {error}");
        ExitCode::from(2)
    })
}

/// Shows help where it was asked for; says what is wrong with a setting in one sentence, with both its names.
fn refuse(error: &clap::Error) -> ExitCode {
    let wrong = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let option = wrong.as_deref().and_then(|wrong| wrong.split(' ').next());
    let setting = option.and_then(|option| {
        Config::settings()
            .into_iter()
            .find(|setting| setting.option == option)
    });
    let text = error.render().to_string();
    if let (
        Some(Setting {
            variable, option, ..
        }),
        Some(sentence),
    ) = (setting, text.lines().next())
    {
        let reason = sentence.trim_start_matches("error: ");
        eprintln!("api: {variable} ({option}) cannot be used: {reason}");
        return ExitCode::from(2);
    }
    // Nowhere to say it if the terminal is gone.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn execute(command: Command) -> Result<ExitCode, StartError> {
    match command {
        Command::Serve { config } => serve(&config).await,
        Command::Migrate { action, config } => migrate(action, &config).await,
        Command::Seed { options, config } => fill(&options, &config).await,
        Command::Queries => {
            print!("{}", budget::markdown(QUERIES));
            Ok(ExitCode::SUCCESS)
        }
        Command::Errors => {
            print!("{}", error::markdown());
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => {
            print!("{}", openapi::text(ROUTES));
            Ok(ExitCode::SUCCESS)
        }
        Command::Healthcheck { config } => Ok(healthcheck(config.management_listen)),
    }
}

async fn serve(config: &Config) -> Result<ExitCode, StartError> {
    let filter = EnvFilter::try_new(&config.log_filter)
        .map_err(|error| StartError(format!("RUST_LOG cannot be used ({error})")))?;
    let metrics = Parts::metrics()?;
    let (log, writer) = LogSink::start(std::io::stdout(), metrics.log_drops.clone())
        .map_err(|error| StartError(format!("The log cannot be started ({error})")))?;
    let subscriber = subscriber(log.clone(), config.log_format, filter, Arc::clone(&metrics));
    // Fails where a subscriber is there already, which then gets the events.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(event = "panic", location, "a thread panicked");
    }));
    let result = match Application::build(config, Parts::new(metrics, log)).await {
        Ok(application) => {
            let stop = stop_signal(Duration::from_millis(config.drain_delay_ms))?;
            application
                .run_until_stopped(stop)
                .await
                .map(|()| ExitCode::SUCCESS)
        }
        Err(error) => Err(error),
    };
    writer.finish();
    result
}

/// Ready at SIGTERM, with the time that a load balancer needs; or at Ctrl-C, at once.
fn stop_signal(drain_delay: Duration) -> Result<impl Future<Output = Duration>, StartError> {
    let refused =
        |error: std::io::Error| StartError(format!("Signals cannot be waited for ({error})"));
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => drain_delay,
            _ = interrupt.recv() => Duration::ZERO,
        }
    })
}

async fn migrate(action: MigrateAction, config: &Config) -> Result<ExitCode, StartError> {
    let action = match action {
        MigrateAction::Up => Migrate::Up,
        MigrateAction::Down => Migrate::Down,
        MigrateAction::Status => Migrate::Status,
    };
    let MigrationStatus { applied, pending } = target(config)?
        .migrate(action)
        .await
        .map_err(|reason| unreachable_database(&reason))?;
    for name in &applied {
        println!("applied  {name}");
    }
    for name in &pending {
        println!("pending  {name}");
    }
    println!("{} applied, {} pending", applied.len(), pending.len());
    Ok(ExitCode::SUCCESS)
}

async fn fill(options: &SeedOptions, config: &Config) -> Result<ExitCode, StartError> {
    let target = target(config)?;
    target
        .migrate(Migrate::Up)
        .await
        .map_err(|reason| unreachable_database(&reason))?;
    // A batch, an ANALYZE and the one large COMMIT are not requests: no time-out of a request is meant for them.
    let pool_options = PoolOptions {
        statement_timeout: SEED_TIMEOUT,
        lock_timeout: SEED_TIMEOUT,
        idle_in_transaction_timeout: SEED_TIMEOUT,
        ..config.pool_options()
    };
    let database = Database::connect(&target, &pool_options, &Parts::metrics()?)
        .map_err(|reason| unreachable_database(&reason))?;
    let seeded = seed::run(&database, options).await;
    database.close().await;
    let seeded = seeded?;
    println!(
        "{} users and {} posts in {:.1} s",
        seeded.users,
        seeded.posts,
        seeded.elapsed.as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}

fn target(config: &Config) -> Result<DatabaseTarget, StartError> {
    DatabaseTarget::parse(&config.database_url, &config.pool_options())
        .map_err(|reason| StartError(format!("DATABASE_URL cannot be used: {reason}")))
}

/// One request to `/readyz`, made by hand: an HTTP client would be the largest part of this command.
fn healthcheck(management: SocketAddr) -> ExitCode {
    let ask = || -> std::io::Result<String> {
        // An address to listen on may be "any"; asked is this machine.
        let ip = if management.ip().is_unspecified() {
            [127, 0, 0, 1].into()
        } else {
            management.ip()
        };
        let mut stream = TcpStream::connect_timeout(
            &SocketAddr::new(ip, management.port()),
            HEALTHCHECK_TIMEOUT,
        )?;
        stream.set_read_timeout(Some(HEALTHCHECK_TIMEOUT))?;
        stream.write_all(b"GET /readyz?verbose HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    match ask() {
        Ok(answer) => {
            println!(
                "{}",
                answer
                    .split_once("\r\n\r\n")
                    .map_or("", |(_, body)| body)
                    .trim_end()
            );
            let ready = answer.split(' ').nth(1) == Some("200");
            if ready {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            println!("no answer from {management}: {error}");
            ExitCode::FAILURE
        }
    }
}
