//! A request and its answer over an open connection: one write, and as many reads as the answer
//! takes to its last byte.

use super::head::{self, Head, Length, NoHttp};
use super::stream::Stream;
use crate::contract::Answer;
use bytes::{Bytes, BytesMut};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWrite};

/// A read asks for this much at least, and for this much at most.
const LEAST_READ: usize = 4 * 1024;
const MOST_READ: usize = 1024 * 1024;
/// What a connection keeps between two answers is no larger.
const KEPT: usize = 256 * 1024;
/// A longer body is not taken into memory.
const MOST_BODY: usize = 64 * 1024 * 1024;

/// A connection that is open, as far as this side knows.
#[derive(Debug)]
pub(super) struct Open {
    stream: Stream,
    /// What has come and was not read yet.
    arrived: BytesMut,
}

/// Why it gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It did not take one byte.
    Unsent,
    Closed,
    NoHttp,
    TooLong,
}

impl From<NoHttp> for Broken {
    fn from(NoHttp: NoHttp) -> Self {
        Self::NoHttp
    }
}

impl Open {
    pub(super) fn over(stream: Stream) -> Self {
        Self {
            stream,
            arrived: BytesMut::new(),
        }
    }

    /// Whether the target has neither closed it nor said anything since the last answer.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Sends a request and reads the answer to its last byte; says too whether another request may
    /// follow.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        to_head: bool,
    ) -> Result<(Answer, bool), Broken> {
        let mut under_way = UnderWay {
            open: self,
            unsent: request,
            untouched: true,
            flushed: false,
        };
        let head = loop {
            if let Some(head) = head::take(under_way.arrived(), to_head)? {
                break head;
            }
            under_way.more(0).await?;
        };
        let Head {
            status,
            headers,
            length,
            stays,
        } = head;
        let body = match length {
            Length::Bytes(length) => under_way.bytes(length).await?,
            Length::Chunks => under_way.chunks().await?,
            Length::UntilClosed => under_way.until_closed().await?,
        };
        let stays = stays && under_way.is_sent() && under_way.arrived().is_empty();
        if body.len() > KEPT {
            self.arrived = BytesMut::new();
        }
        let answer = Answer {
            status,
            headers,
            body,
        };
        Ok((answer, stays))
    }
}

/// A request whose answer is not whole yet.
struct UnderWay<'a> {
    open: &'a mut Open,
    unsent: &'a [u8],
    /// Whether nothing was sent.
    untouched: bool,
    /// Whether what was taken is on its way: over TLS it can be taken and still be here.
    flushed: bool,
}

impl UnderWay<'_> {
    fn arrived(&mut self) -> &mut BytesMut {
        &mut self.open.arrived
    }

    /// Waits for further bytes, of which `missing` are known to come. What could not be sent yet is
    /// sent meanwhile: a target may answer before it has read everything, and wait for its answer
    /// to be read.
    async fn more(&mut self, missing: usize) -> Result<(), Broken> {
        if self.read(missing).await? == 0 {
            return Err(Broken::Closed);
        }
        Ok(())
    }

    async fn read(&mut self, missing: usize) -> Result<usize, Broken> {
        let wanted = missing.clamp(LEAST_READ, MOST_READ);
        self.arrived().reserve(wanted);
        poll_fn(|context| {
            if !self.is_sent() {
                self.send(context)?;
            }
            let Open { stream, arrived } = &mut *self.open;
            let read = pin!(stream.read_buf(arrived)).poll(context);
            read.map_err(|_error| Broken::Closed)
        })
        .await
    }

    fn is_sent(&self) -> bool {
        self.unsent.is_empty() && self.flushed
    }

    /// Sends what the connection takes now. One that takes nothing any more may have an answer all
    /// the same.
    fn send(&mut self, context: &mut Context<'_>) -> Result<(), Broken> {
        let mut stream = Pin::new(&mut self.open.stream);
        while !self.unsent.is_empty() {
            match stream.as_mut().poll_write(context, self.unsent) {
                Poll::Ready(Ok(sent)) if sent > 0 => {
                    self.untouched = false;
                    self.unsent = self.unsent.get(sent..).unwrap_or_default();
                }
                Poll::Ready(_) if self.untouched => return Err(Broken::Unsent),
                Poll::Ready(_) | Poll::Pending => break,
            }
        }
        // Its error comes with the next read.
        self.flushed = stream.poll_flush(context).is_ready();
        Ok(())
    }

    async fn bytes(&mut self, length: u64) -> Result<Bytes, Broken> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MOST_BODY {
            return Err(Broken::TooLong);
        }
        loop {
            let missing = length.saturating_sub(self.arrived().len());
            if missing == 0 {
                return Ok(self.arrived().split_to(length).freeze());
            }
            self.more(missing).await?;
        }
    }

    async fn chunks(&mut self) -> Result<Bytes, Broken> {
        let (mut first, mut joined) = (Bytes::new(), Vec::new());
        loop {
            let size = loop {
                if let Some(size) = head::take_chunk_size(self.arrived())? {
                    break size;
                }
                self.more(0).await?;
            };
            if size == 0 {
                break;
            }
            let taken = first.len().max(joined.len()) as u64;
            if taken.saturating_add(size) > MOST_BODY as u64 {
                return Err(Broken::TooLong);
            }
            let chunk = self.bytes(size).await?;
            if *self.bytes(2).await? != *b"\r\n" {
                return Err(Broken::NoHttp);
            }
            if first.is_empty() {
                first = chunk;
                continue;
            }
            if joined.is_empty() {
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&chunk);
        }
        while !self.trailer().await? {}
        Ok(if joined.is_empty() {
            first
        } else {
            joined.into()
        })
    }

    /// Takes a line of what follows the last chunk; true when it was the last one.
    async fn trailer(&mut self) -> Result<bool, Broken> {
        loop {
            if let Some(last) = head::take_trailer(self.arrived())? {
                return Ok(last);
            }
            self.more(0).await?;
        }
    }

    async fn until_closed(&mut self) -> Result<Bytes, Broken> {
        while self.read(0).await? > 0 {
            if self.arrived().len() > MOST_BODY {
                return Err(Broken::TooLong);
            }
        }
        Ok(self.arrived().split().freeze())
    }
}
