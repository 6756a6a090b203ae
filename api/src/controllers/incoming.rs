//! A body on its way: how much of it is read, for how long it is waited for, and what becomes of one that nobody reads.

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, dev::Payload, http::header, web};
use futures_util::StreamExt;

use super::fields::malformed;
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    telemetry::request::{self, RequestRecord},
};

/// Most bytes of a body.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Longer than an answer takes to be sent.
const ABANDONED_FOR: Duration = Duration::from_secs(5);

/// A body that is not read yet. Let go of before its end, the server would read what is left of it, however much that is; while somebody holds it, the
/// connection is closed with the answer instead.
pub struct Incoming {
    payload: Payload,
    timeout: Duration,
    /// The length that is announced.
    length: Option<usize>,
    /// Whether what is left is little.
    is_short: bool,
}

impl Incoming {
    /// The body of `request`.
    pub fn of(request: &HttpRequest, payload: &mut Payload) -> Self {
        let length = content_length(request);
        let timeout = request
            .app_data::<web::Data<AppState>>()
            .map_or(Duration::from_secs(10), |state| state.body_timeout);
        Self {
            payload: payload.take(),
            timeout,
            length,
            is_short: length.is_some_and(|length| length <= BODY_LIMIT),
        }
    }

    /// All of it. The time that it takes is the client's.
    ///
    /// # Errors
    /// `PAYLOAD_TOO_LARGE`, `REQUEST_TIMEOUT`, and `MALFORMED_JSON` where it breaks off.
    pub async fn read(mut self) -> Result<Vec<u8>, Error> {
        if self.length.is_some_and(|length| length > BODY_LIMIT) {
            return Err(ErrorCode::PayloadTooLarge.into());
        }
        let receiving = Receiving::begin();
        let body = tokio::time::timeout(self.timeout, self.read_to_end()).await;
        drop(receiving);
        let body = body.unwrap_or_else(|_| Err(ErrorCode::RequestTimeout.into()));
        self.is_short = body.is_ok();
        body
    }

    async fn read_to_end(&mut self) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = self.payload.next().await {
            let breaks_off =
                |_| malformed("The body breaks off, or is not framed as its headers say");
            let chunk = chunk.map_err(breaks_off)?;
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(ErrorCode::PayloadTooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.is_short {
            let payload = Payload::take(&mut self.payload);
            actix_web::rt::spawn(async move {
                tokio::time::sleep(ABANDONED_FOR).await;
                drop(payload);
            });
        }
    }
}

/// Books the time in which a body is waited for, however it ends.
struct Receiving(Instant);

impl Receiving {
    fn begin() -> Self {
        request::with_current(RequestRecord::body_begins);
        Self(Instant::now())
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        request::with_current(|record| {
            record.body_ends();
            record.received(self.0.elapsed());
        });
    }
}

fn content_length(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
