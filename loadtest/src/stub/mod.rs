//! A server whose latency is known exactly, to test a load generator with: in this process
//! ([`Stub`]), or as a process of its own (`loadtest stub`).
//!
//! `behaviour` says what it can do, by options or by path; `answer` does it, to the moment
//! that `timer` keeps; `routes` keeps what each path came to, and `counts` tells it at
//! `/metrics`, in the names that the service uses too. It knows nothing of the harness.

mod answer;
mod behaviour;
mod counts;
mod routes;
#[cfg(test)]
mod tests;
mod timer;

pub use behaviour::{Behaviour, Slow};

use answer::answer;
use anyhow::{Context, Result};
use counts::Counts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use routes::Routes;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use timer::Timer;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// How a stub is started.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Where it listens; port 0 is a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Threads that answer
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub threads: usize,
    /// The same seed deals the same fates to the requests of a path, in their order
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// No answer leaves from this time after the first request on …
    #[arg(long, value_name = "TIME", value_parser = behaviour::time, requires = "stall_for")]
    pub stall_after: Option<Duration>,
    /// … for so long
    #[arg(long, value_name = "TIME", value_parser = behaviour::time, requires = "stall_after")]
    pub stall_for: Option<Duration>,
    /// What is done with a request whose path does not say otherwise
    #[command(flatten)]
    pub behaviour: Behaviour,
}

/// A running stub; it stops when it is dropped.
#[derive(Debug)]
pub struct Stub {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    routes: Routes,
    counts: Counts,
    timer: Timer,
    stall: Option<Stall>,
}

/// A time in which no answer leaves.
#[derive(Debug)]
struct Stall {
    after: Duration,
    lasting: Duration,
    first_request: OnceLock<Instant>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            threads: 1,
            seed: 42,
            stall_after: None,
            stall_for: None,
            behaviour: Behaviour::default(),
        }
    }
}

impl Stub {
    /// Starts on threads of its own.
    ///
    /// # Errors
    /// When the behaviour is impossible, or it cannot listen at the address.
    pub fn start(options: Options) -> Result<Self> {
        options.behaviour.check()?;
        let stall = options.stall_after.zip(options.stall_for);
        let shared = Arc::new(Shared {
            routes: Routes::new(options.behaviour, options.seed),
            counts: Counts::new()?,
            timer: Timer::start()?,
            stall: stall.map(Stall::new),
        });
        let runtime = Builder::new_multi_thread()
            .worker_threads(options.threads)
            .thread_name("stub")
            .enable_all()
            .build()?;
        let listen = std::net::TcpListener::bind(options.listen)
            .with_context(|| format!("cannot listen at {}", options.listen))?;
        listen.set_nonblocking(true)?;
        let address = listen.local_addr()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listen)?
        };
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Connections that it accepted.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.counts.connections.get()
    }

    /// Requests that it read, those for its metrics left out.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.counts.requests.get()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        // It may be dropped by a task, which must not wait for other tasks to end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Stall {
    fn new((after, lasting): (Duration, Duration)) -> Self {
        Self {
            after,
            lasting,
            first_request: OnceLock::new(),
        }
    }

    /// When the answer leaves to a request that was read at `read` and is due at `due`.
    fn passed(&self, read: Instant, due: Instant) -> Instant {
        let begin = *self.first_request.get_or_init(|| read) + self.after;
        let end = begin + self.lasting;
        if (begin..end).contains(&due) {
            end
        } else {
            due
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                shared.counts.connections.inc();
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
            // Too many open files: some will be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Errors in here are clients that hang up, and ends that the behaviour asked for.
    let _ = stream.set_nodelay(true);
    let Ok(socket) = stream.as_fd().try_clone_to_owned() else {
        return;
    };
    let service = service_fn(|request| answer(request, &shared, &socket));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = served.await;
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "it takes one at least".to_owned())
}
