//! The harness's own `/metrics`, for a Prometheus that looks on while a run runs (`--live`).
//!
//! [`catalogue`] names what is counted, `board` counts it, here is who is asked for it. Without `--live` nothing of this
//! exists, and nothing is counted twice. The listener goes when the run goes.

mod board;
pub mod catalogue;
#[cfg(test)]
mod tests;

pub use board::{Board, Said};

use crate::budgets::Percentile;
use crate::progress::say;
use crate::settings::Settings;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Connections at the same time; more is no Prometheus.
const CONNECTIONS: usize = 32;
/// A connection that says nothing for so long is closed.
const SILENCE: Duration = Duration::from_secs(30);
/// After an error of the listener, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener; it ends when it is dropped.
#[derive(Debug)]
pub struct Live {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it shows.
    pub board: Arc<Board>,
    task: JoinHandle<()>,
}

impl Live {
    /// What a run asked for; None where it did not.
    ///
    /// # Errors
    /// When the address is taken, or the run would send nothing.
    pub async fn of(settings: &Settings, run: &str) -> Result<Option<Self>> {
        let Some(address) = settings.live else {
            return Ok(None);
        };
        let routes = settings.traffic()?.routes.into_iter().map(|route| {
            let times = settings.budgets.route(&route.name).times;
            let mut promises = times.iter();
            let p99 = promises.find(|promise| promise.percentile == Percentile::P99);
            let first = p99.or(times.last()).map(|promise| promise.within.0);
            (route.name, first)
        });
        let board = Board::new(&settings.shown(), run, &routes.collect::<Vec<_>>())?;
        Self::start(address, board).await.map(Some)
    }

    /// Listens at `address`, and says where that is.
    ///
    /// # Errors
    /// When the address is taken, or is none of this machine's.
    pub async fn start(address: SocketAddr, board: Board) -> Result<Self> {
        let listener = TcpListener::bind(address).await;
        let listener = listener
            .with_context(|| format!("--live cannot listen on {address}: name another port"))?;
        let address = listener.local_addr()?;
        let board = Arc::new(board);
        let task = tokio::spawn(serve(listener, Arc::clone(&board)));
        say(&format!("live      http://{address}/metrics"));
        Ok(Self {
            address,
            board,
            task,
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes connections; they all end with this task.
async fn serve(listener: TcpListener, board: Arc<Board>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(attend(stream, Arc::clone(&board)));
            }
            Err(_busy) => tokio::time::sleep(PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
    }
}

async fn attend(stream: TcpStream, board: Arc<Board>) {
    let service = service_fn(|request| ready(Ok::<_, Infallible>(answer(&request, &board))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever asked has gone away: that harms nobody.
    let _ = connection.await;
}

fn answer<B>(request: &Request<B>, board: &Board) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return plain(StatusCode::NOT_FOUND, "there is only /metrics\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n");
        let allowed = hyper::header::HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(ALLOW, allowed);
        return refused;
    }
    match board.text() {
        Ok(text) => plain(StatusCode::OK, text),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static(prometheus::TEXT_FORMAT);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
