//! A listener of the service: bound first, so that a busy port is known at once, then served by threads of its own, then stopped.

use std::{
    any::Any,
    fmt::Debug,
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::{
    Error, HttpServer,
    body::MessageBody,
    dev::{AppConfig, Extensions, Response, ServerHandle, Service, ServiceFactory},
};
use tokio::task::JoinHandle;

use crate::app::StartError;

/// How long an idle connection is kept: longer than the usual load balancer keeps its side, so that it never sends into a closing one.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What looks at each new connection and may keep something with it.
pub(crate) type OnConnect = fn(&dyn Any, &mut Extensions);

/// A listener that nobody serves yet.
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// A listener that is being served.
pub(crate) struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Bound {
    /// Where it will listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes the address that `setting` names.
    pub fn bind(address: SocketAddr, setting: &str) -> Result<Self, StartError> {
        let listener =
            TcpListener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = listener.map_err(|error| {
            StartError(format!(
                "{address} cannot be listened on ({error}): set {setting} to a free address"
            ))
        })?;
        Ok(Self { listener, address })
    }

    /// Starts `workers` threads, each with what `factory` makes. Each connection is shown to `on_connect` first, if there is one.
    pub fn serve<F, I, S, B>(
        self,
        workers: usize,
        shutdown_timeout: Duration,
        factory: F,
        on_connect: Option<OnConnect>,
    ) -> Result<Running, StartError>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error>,
        S::InitError: Debug,
        S::Response: Into<Response<B>>,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let mut server = HttpServer::new(factory)
            .workers(workers)
            .keep_alive(KEEP_ALIVE)
            .tcp_nodelay(true)
            // A client that closes its side is gone: what it asked for is dropped, cancelled where it can be, and counted as 499. Clients that
            // close only their sending side while they wait are not known among HTTP clients, and proxies treat them the same.
            .h1_allow_half_closed(false)
            .shutdown_timeout(shutdown_timeout.as_secs().max(1))
            .disable_signals();
        if let Some(on_connect) = on_connect {
            server = server.on_connect(on_connect);
        }
        let server = server
            .listen(self.listener)
            .map_err(|error| StartError(format!("{} cannot be served ({error})", self.address)))?
            .run();
        Ok(Running {
            address: self.address,
            handle: server.handle(),
            task: tokio::spawn(server),
        })
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops; gracefully: when what is in flight is finished, or the shutdown time-out is over.
    pub async fn stop(self, graceful: bool) {
        self.handle.stop(graceful).await;
        // The server has nothing more to say than that it ended.
        drop(self.task.await);
    }
}
