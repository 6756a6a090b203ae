//! A server that answers as it is told, byte by byte.

use super::super::{Connection, Destination};
use Act::{Ends, Hangs, Says};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Ends a text after which a server hangs.
const HANG: char = '\0';

/// What a server does when it was asked.
#[derive(Clone, Copy)]
pub(super) enum Act<'a> {
    /// Says this, and waits for the next request.
    Says(&'a str),
    /// Says this, and closes the connection.
    Ends(&'a str),
    /// Says this, and nothing more, whatever comes.
    Hangs(&'a str),
}

/// A server that has an answer to each request, in their order. It tells what it was asked, and
/// over which connection.
pub(super) struct Script {
    address: SocketAddr,
    asked: mpsc::UnboundedReceiver<(usize, String)>,
    task: JoinHandle<()>,
}

impl Script {
    pub(super) async fn of(answers: &[Act<'_>]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::unbounded_channel();
        let lines = answers.iter().map(|answer| match answer {
            Says(text) => ((*text).to_owned(), true),
            Ends(text) => ((*text).to_owned(), false),
            Hangs(text) => (format!("{text}{HANG}"), true),
        });
        let mut lines = lines.collect::<Vec<_>>().into_iter();
        let task = tokio::spawn(async move {
            let mut kept = Vec::new();
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                while let Some(request) = request(&mut stream).await {
                    let _ = tell.send((number, request));
                    let Some((text, stays)) = lines.next() else {
                        return;
                    };
                    // Byte by byte: whatever is cut anywhere must be put together again.
                    for byte in text.trim_end_matches(HANG).as_bytes() {
                        let _ = stream.write_all(&[*byte]).await;
                        tokio::task::yield_now().await;
                    }
                    if text.ends_with(HANG) {
                        kept.push(stream);
                        break;
                    }
                    if !stays {
                        break;
                    }
                }
            }
        });
        Self {
            address,
            asked,
            task,
        }
    }

    pub(super) fn connection(&self) -> Connection {
        to(self.address)
    }

    /// What it was asked over which connection.
    pub(super) fn asked(&mut self) -> (usize, String) {
        self.asked.try_recv().unwrap()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn to(address: SocketAddr) -> Connection {
    Connection::new(Arc::new(Destination {
        addresses: vec![address],
        host: "host".parse().unwrap(),
        tls: None,
    }))
}

/// A request's head.
pub(super) async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(bytes).ok()
}
