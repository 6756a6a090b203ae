//! One request and what becomes of it.

use super::Shared;
use super::behaviour::Fate;
use super::routes::Route;
use anyhow::{Result, anyhow};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use rustix::net::sockopt::set_socket_linger;
use rustix::time::{ClockId, clock_gettime};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Answers a request, or ends its connection.
///
/// # Errors
/// When the connection is to end without an answer.
pub(super) async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    socket: &OwnedFd,
) -> Result<Response<Content>> {
    if request.uri().path() == "/metrics" {
        let text = shared.counts.exposition()?;
        return Ok(response(
            StatusCode::OK,
            "text/plain; version=0.0.4",
            Content::whole(text),
        ));
    }
    let route = shared.routes.find(request.method(), request.uri().path());
    let method = request.method().clone();
    let mut unread = request.into_body();
    while let Some(frame) = unread.frame().await {
        frame?;
    }
    let read = Instant::now();
    shared.counts.requests.inc();
    let route = match route {
        Ok(route) => route,
        Err(error) => {
            let sentence = Content::whole(format!("{error}\n"));
            return Ok(response(StatusCode::NOT_FOUND, "text/plain", sentence));
        }
    };
    let answer = follow(&route, read, shared, socket).await?;
    let durations = shared
        .counts
        .durations(method.as_str(), &route.name, answer.status().as_str());
    durations.observe(read.elapsed().as_secs_f64());
    Ok(answer)
}

async fn follow(
    route: &Route,
    read: Instant,
    shared: &Shared,
    socket: &OwnedFd,
) -> Result<Response<Content>> {
    let (status, delay, content) = match route.next_fate() {
        Fate::Fail => (
            StatusCode::INTERNAL_SERVER_ERROR,
            Duration::ZERO,
            Content::whole(FAILED),
        ),
        Fate::Answer(delay) => (StatusCode::OK, delay, Content::whole(route.body.clone())),
        Fate::Cut(delay) => (StatusCode::OK, delay, Content::cut(&route.body)),
        Fate::Reset(delay) => {
            wait(read, delay, shared).await;
            set_socket_linger(socket, Some(Duration::ZERO))?;
            return Err(anyhow!("reset"));
        }
        Fate::Hang => std::future::pending().await,
    };
    work(route.behaviour.work.unwrap_or_default());
    wait(read, delay, shared).await;
    Ok(response(status, "application/json", content))
}

/// What a failure says.
const FAILED: &str = r#"{"error":"it was asked to fail"}"#;

async fn wait(read: Instant, delay: Duration, shared: &Shared) {
    let due = read + delay;
    let due = match &shared.stall {
        Some(stall) => stall.passed(read, due),
        None => due,
    };
    shared.timer.until(due).await;
}

/// Uses the processor for so long; time in which others had it does not count.
fn work(time: Duration) {
    let used = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    if !time.is_zero() {
        let end = used() + time;
        while used() < end {
            std::hint::spin_loop();
        }
    }
}

fn response(status: StatusCode, kind: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// A body that comes whole, or ends in its middle with the connection.
#[derive(Debug)]
pub(super) struct Content {
    announced: u64,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Bytes {
        bytes: Bytes,
        whole: bool,
    },
    /// What was sent so far leaves before the connection ends.
    Flush,
    Cut,
    End,
}

impl Content {
    fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            announced: bytes.len() as u64,
            next: Next::Bytes { bytes, whole: true },
        }
    }

    fn cut(bytes: &Bytes) -> Self {
        Self {
            announced: bytes.len() as u64,
            next: Next::Bytes {
                bytes: bytes.slice(..bytes.len() / 2),
                whole: false,
            },
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = anyhow::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::Bytes { bytes, whole } => {
                self.next = if whole { Next::End } else { Next::Flush };
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Next::Flush => {
                self.next = Next::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Next::Cut => Poll::Ready(Some(Err(anyhow!("cut")))),
            Next::End => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.next, Next::End)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
