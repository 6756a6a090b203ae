//! HTTP byte by byte, for what no well-behaved client sends.

use std::{io::ErrorKind, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer than any answer takes, shorter than a test run.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to the service. Dropped, it is closed: the client hangs up.
pub struct RawConnection(TcpStream);

/// What came back, up to the end of the connection.
#[derive(Debug)]
pub struct RawResponse {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl RawConnection {
    pub(crate) async fn open(base: &str) -> Self {
        let address = base.strip_prefix("http://").unwrap_or(base);
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends these bytes and nothing else.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// What comes until the service closes the connection, whether that is an answer or not.
    pub async fn text(mut self) -> String {
        let mut bytes = Vec::new();
        let read = self.0.read_to_end(&mut bytes);
        let read = tokio::time::timeout(PATIENCE, read).await;
        // It may as well be reset.
        drop(read.expect("the service must close the connection"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads until the service closes the connection: ask for that by `Connection: close`. Where it closes with bytes unread, the system resets the
    /// connection behind the answer.
    pub async fn response(mut self) -> RawResponse {
        let mut bytes = Vec::new();
        let read = self.0.read_to_end(&mut bytes);
        let read = tokio::time::timeout(PATIENCE, read)
            .await
            .expect("the service must close the connection");
        if let Err(error) = read {
            let is_behind = error.kind() == ErrorKind::ConnectionReset && !bytes.is_empty();
            assert!(is_behind, "{error} instead of an answer");
        }
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        RawResponse {
            status: status.expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

impl RawResponse {
    /// Fails if it is not this error, with the status that goes with it.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        assert_eq!(body["error"]["code"], code, "{body}");
    }
}
