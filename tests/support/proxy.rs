//! A network that can be broken: a TCP proxy in front of a server.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Forward,
    Refuse,
    RefuseNew,
    BlackHole,
}

/// Forwards connections to a PostgreSQL server until it is told otherwise. It ends when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    running: JoinHandle<()>,
}

impl Proxy {
    /// In front of the server of `url`, on a free port.
    pub async fn in_front_of(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Some(tokio_postgres::config::Host::Tcp(host)) = config.get_hosts().first() else {
            panic!("the proxy needs a server that is reached by TCP: {url}");
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, changes) = watch::channel(Mode::Forward);
        let running = tokio::spawn(run(listener, format!("{host}:{port}"), changes));
        Self {
            address,
            mode,
            running,
        }
    }

    /// The same URL through the proxy.
    pub fn url(&self, url: &str) -> String {
        let (user, rest) = url.rsplit_once('@').expect("postgres://USER@HOST/NAME");
        let (_, name) = rest.split_once('/').expect("postgres://USER@HOST/NAME");
        format!("{user}@{}/{name}", self.address)
    }

    /// Cuts every connection and refuses new ones.
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Refuse);
    }

    /// Keeps connections and refuses new ones.
    pub fn refuse_new(&self) {
        self.mode.send_replace(Mode::RefuseNew);
    }

    /// Keeps connections and accepts new ones, but no byte comes through any more.
    pub fn swallow(&self) {
        self.mode.send_replace(Mode::BlackHole);
    }

    /// Forwards again.
    pub fn mend(&self) {
        self.mode.send_replace(Mode::Forward);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn run(listener: TcpListener, server: String, mut mode: watch::Receiver<Mode>) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        if *mode.borrow_and_update() == Mode::Refuse {
            listener = None;
            connections.abort_all();
        } else if *mode.borrow() == Mode::RefuseNew {
            listener = None;
        } else if listener.is_none() {
            listener = Some(TcpListener::bind(address).await.unwrap());
        }
        tokio::select! {
            changed = mode.changed() => if changed.is_err() { return },
            client = accept(listener.as_ref()) => {
                connections.spawn(forward(client, server.clone(), mode.clone()));
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        Some(listener) => listener.accept().await.unwrap().0,
        None => std::future::pending().await,
    }
}

async fn forward(client: TcpStream, server: String, mut mode: watch::Receiver<Mode>) {
    drop(mode.wait_for(|mode| *mode != Mode::BlackHole).await);
    let server = TcpStream::connect(server).await.unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Either end of a connection that is closed closes the other.
    tokio::select! {
        _ = pump(from_client, to_server, mode.clone()) => {}
        _ = pump(from_server, to_client, mode) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mode: watch::Receiver<Mode>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        drop(mode.wait_for(|mode| *mode != Mode::BlackHole).await);
        to.write_all(&buffer[..count]).await?;
    }
}
