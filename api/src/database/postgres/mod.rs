//! PostgreSQL: a deadpool pool of diesel-async connections. Each worker has a pool of its own, so that no lock is shared between workers.

mod pool;
mod session;

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel_async::AsyncPgConnection;
use tokio::time::timeout;
use tokio_postgres::{CancelToken, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) use self::{
    pool::{BACKGROUND_POOL, PostgresPool, WORKER_POOL},
    session::PostgresSession,
};
use super::{PoolOptions, tls};

/// Where to connect and how: the same for every pool.
#[derive(Clone)]
pub(super) struct Target(Arc<Address>);

struct Address {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    /// Longest time to connect. The driver's own covers the TCP handshake only, not a server that then says nothing.
    limit: Duration,
}

impl Target {
    /// Reads a `postgres://` URL.
    pub(super) fn parse(url: &str, options: &PoolOptions) -> Result<Self, String> {
        let (url, mode, tls) = tls::from_url(url)?;
        let mut config: tokio_postgres::Config = url
            .parse()
            .map_err(|error| format!("it is no PostgreSQL URL: {error}"))?;
        config
            .ssl_mode(mode)
            .connect_timeout(options.create_timeout);
        if config.get_application_name().is_none() {
            config.application_name("centum");
        }
        Ok(Self(Arc::new(Address {
            config,
            tls,
            limit: options.create_timeout,
        })))
    }

    /// One connection outside any pool, without a statement time-out: for migrations.
    pub(super) async fn connect(&self) -> Result<AsyncPgConnection, String> {
        let connecting = async {
            let (client, _) = self
                .client(&self.0.config)
                .await
                .map_err(|error| describe(&error))?;
            AsyncPgConnection::try_from(client)
                .await
                .map_err(|error| error.to_string())
        };
        timeout(self.0.limit, connecting)
            .await
            .unwrap_or_else(|_| Err("it did not accept a connection in time".to_owned()))
    }

    /// Connects and drives the connection on this runtime. The flag turns true when the server or the network ends it.
    async fn client(
        &self,
        config: &tokio_postgres::Config,
    ) -> Result<(tokio_postgres::Client, Arc<AtomicBool>), tokio_postgres::Error> {
        let closed = Arc::new(AtomicBool::new(false));
        let client = if config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(drive(connection, Arc::clone(&closed)));
            client
        } else {
            let (client, connection) = config.connect(self.0.tls.clone()).await?;
            tokio::spawn(drive(connection, Arc::clone(&closed)));
            client
        };
        Ok((client, closed))
    }

    async fn cancel(self, token: CancelToken) {
        // The server answers nothing, and a statement that has ended by now cannot be cancelled: there is nothing to report.
        let limit = self.0.limit;
        let _ = if self.0.config.get_ssl_mode() == SslMode::Disable {
            timeout(limit, token.cancel_query(NoTls)).await
        } else {
            timeout(limit, token.cancel_query(self.0.tls.clone())).await
        };
    }
}

async fn drive(
    connection: impl Future<Output = Result<(), tokio_postgres::Error>>,
    closed: Arc<AtomicBool>,
) {
    // Pinned, so that the flag is set before the connection is dropped: who learns from it that the connection is gone finds it so.
    let mut connection = pin!(connection);
    let ended = connection.as_mut().await;
    closed.store(true, Ordering::Relaxed);
    if let Err(error) = ended {
        tracing::debug!(%error, "a database connection ended");
    }
}

/// The driver's error with its cause: "connection refused" stands only in the latter.
fn describe(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
