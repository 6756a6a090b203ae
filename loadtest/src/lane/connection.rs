//! One user's connection: HTTP/1.1 on a socket of their own, opened when needed and kept.
//!
//! Nothing runs beside it: whoever waits for an answer drives the connection. That saves a task,
//! and with it a wake-up and a switch for every request.

use super::{Destination, Lost, TIMEOUT, given_up};
use crate::contract::Answer;
use crate::request::Request;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HOST, HeaderValue};
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::net::TcpStream;
use tokio::time::timeout;

type Body = Full<Bytes>;
type Wire = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection to the target, or the place for one.
pub struct Connection {
    destination: Arc<Destination>,
    open: Option<Open>,
}

struct Open {
    sender: SendRequest<Body>,
    wire: Wire,
}

/// A request that a closing connection gave back.
type Returned = Option<hyper::Request<Body>>;

impl Connection {
    /// One that is still closed.
    #[must_use]
    pub fn new(destination: Arc<Destination>) -> Self {
        Self {
            destination,
            open: None,
        }
    }

    /// Connects, unless it is connected.
    ///
    /// # Errors
    /// When there is no connection to be had.
    pub async fn open(&mut self) -> Result<(), Lost> {
        if self.open.as_mut().is_some_and(Open::is_alive) {
            return Ok(());
        }
        self.open = None;
        let opening = timeout(TIMEOUT, Open::to(&self.destination));
        let unsent = |what: &str| Lost::Unsent(what.to_owned());
        let opened = opening
            .await
            .map_err(|_elapsed| unsent("no connection in time"))?;
        self.open = Some(opened.map_err(Lost::Unsent)?);
        Ok(())
    }

    pub(super) async fn exchange(
        &mut self,
        method: &Method,
        request: Request,
    ) -> Result<Answer, Lost> {
        let patience = request.patience_of();
        let request = self.message(method, request)?;
        let limit = patience.unwrap_or(TIMEOUT);
        match timeout(limit, self.send(request)).await {
            Ok(answered) => answered,
            Err(_elapsed) => {
                // What comes now belongs to a request that nobody waits for any more.
                self.open = None;
                Err(given_up(patience))
            }
        }
    }

    /// Sends once more, over a new connection, what a closing one gave back unsent.
    async fn send(&mut self, request: hyper::Request<Body>) -> Result<Answer, Lost> {
        let mut request = Some(request);
        while let Some(attempt) = request.take() {
            self.open().await?;
            let Some(open) = &mut self.open else { break };
            match open.exchange(attempt).await {
                Ok(answer) => return Ok(answer),
                Err((error, returned)) => {
                    self.open = None;
                    request = returned;
                    if request.is_none() {
                        return Err(lost(&error));
                    }
                }
            }
        }
        Err(Lost::Unsent("no connection".to_owned()))
    }

    fn message(&self, method: &Method, request: Request) -> Result<hyper::Request<Body>, Lost> {
        let mut message = hyper::Request::new(Body::new(request.body));
        let unsent = |what: &str| Lost::Unsent(format!("{what} that cannot be sent"));
        *message.method_mut() = request.method.unwrap_or_else(|| method.clone());
        *message.uri_mut() = request
            .path
            .try_into()
            .map_err(|_invalid| unsent("a path"))?;
        let headers = message.headers_mut();
        headers.reserve(request.headers.len() + 2);
        headers.insert(HOST, self.destination.host.clone());
        if let Some(content_type) = request.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        for (name, value) in request.headers {
            headers.insert(name, value);
        }
        Ok(message)
    }
}

impl Open {
    async fn to(destination: &Destination) -> Result<Self, String> {
        let stream = TcpStream::connect(destination.addresses.as_slice())
            .await
            .map_err(|_error| "no connection".to_owned())?;
        // Without it the end of a request may wait for the acknowledgement of its begin.
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        match &destination.tls {
            None => Self::over(stream).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await;
                Self::over(stream.map_err(|error| format!("no TLS: {error}"))?).await
            }
        }
    }

    async fn over<S>(stream: S) -> Result<Self, String>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
        TokioIo<S>: Read + Write,
    {
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, wire) = handshake.map_err(|error| error.to_string())?;
        Ok(Self {
            sender,
            wire: Box::pin(wire),
        })
    }

    /// Looks whether the target has closed it since the last answer.
    fn is_alive(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.wire.as_mut().poll(&mut context).is_pending() && self.sender.is_ready()
    }

    async fn exchange(
        &mut self,
        request: hyper::Request<Body>,
    ) -> Result<Answer, (hyper::Error, Returned)> {
        let Self { sender, wire } = self;
        let answer = async {
            let sent = sender.try_send_request(request).await;
            let response = sent.map_err(|mut error| {
                let returned = error.take_message();
                (error.into_error(), returned)
            })?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| (error, None))?;
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            })
        };
        drive(wire, answer).await
    }
}

/// Runs `work`, and the connection that it works on as far as it takes.
async fn drive<T>(wire: &mut Wire, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut ended = false;
    poll_fn(|context| {
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            if ended {
                return Poll::Pending;
            }
            // Its error reaches `work` by itself.
            ended = wire.as_mut().poll(context).is_ready();
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            if !ended {
                return Poll::Pending;
            }
        }
    })
    .await
}

fn lost(error: &hyper::Error) -> Lost {
    Lost::Unanswered(
        if error.is_parse() {
            "an answer that is no HTTP"
        } else {
            "connection lost"
        }
        .to_owned(),
    )
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Connection");
        fields.field("open", &self.open.is_some());
        fields.finish_non_exhaustive()
    }
}
