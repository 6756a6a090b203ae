//! A body that knows when it has ended: only then is the request over.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use super::guard::Guard;

pin_project! {
    /// Passes the bytes of `body` on and counts them. Dropped before the end, it leaves the request unfinished: the client hung up.
    pub struct TrackedBody<B> {
        #[pin]
        body: B,
        guard: Option<Guard>,
        sent: u64,
    }
}

impl<B: MessageBody> TrackedBody<B> {
    /// Tracks `body`. One that is empty ends at once.
    pub(super) fn new(body: B, guard: Guard) -> Self {
        let empty = matches!(body.size(), BodySize::None | BodySize::Sized(0));
        let guard = if empty || guard.has_no_body() {
            guard.finish(0);
            None
        } else {
            Some(guard)
        };
        Self {
            body,
            guard,
            sent: 0,
        }
    }
}

impl<B: MessageBody> MessageBody for TrackedBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let size = this.body.size();
        let chunk = ready!(this.body.poll_next(context));
        if let Some(Ok(bytes)) = &chunk {
            *this.sent += bytes.len() as u64;
        }
        let ended = chunk.is_none() || size == BodySize::Sized(*this.sent);
        if ended && let Some(guard) = this.guard.take() {
            guard.finish(*this.sent);
        }
        Poll::Ready(chunk)
    }
}
