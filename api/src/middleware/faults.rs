//! The faults that befall requests: panics, errors, connections that are closed, statuses that nobody knows. Only there with
//! `CENTUM_FAULTS=on`, within the layer that sees them as it sees any others. Probes and documents are spared.

use std::{
    any::Any,
    future::pending,
    net::Shutdown,
    sync::atomic::{AtomicU16, Ordering},
};

use actix_web::{
    Error,
    body::BoxBody,
    dev::{Extensions, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    rt::net::TcpStream,
};

use crate::{
    error::ErrorCode,
    faults::{Fault, Faults},
};

/// What the requests of users begin with.
const SPOILT: &str = "/api/";
/// Statuses of success that nobody has given a meaning.
const UNKNOWN_STATUSES: std::ops::Range<u16> = 230..300;

/// A second handle of a connection's socket, to close it by.
struct Socket(std::net::TcpStream);

/// Keeps what a connection can be closed by. Called for each one before its first request.
pub fn keep_socket(connection: &dyn Any, data: &mut Extensions) {
    let socket = connection
        .downcast_ref::<TcpStream>()
        .map(rustix::io::dup)
        .and_then(Result::ok);
    if let Some(socket) = socket {
        data.insert(Socket(socket.into()));
    }
}

/// Answers `request`, or does to it what is switched on and due. Its route is known by then, and its handler has not begun.
///
/// # Errors
/// The fault `errors`, and what the framework says.
pub async fn spoil(
    faults: Faults,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.path().starts_with(SPOILT) {
        return next.call(request).await;
    }
    let closed = faults.is_due(Fault::Disconnects, 5) && close(&request);
    let answering = next.call(request);
    if closed {
        // Until the framework finds the connection closed, as if by the client, and drops the request.
        let _answering = answering;
        return pending().await;
    }
    if faults.is_due(Fault::Panics, 10) {
        panic_on_purpose();
    }
    if faults.is_due(Fault::Errors, 5) {
        return Err(crate::error::Error::from(next_error()).into());
    }
    let mut response = answering.await?;
    if response.status() == StatusCode::OK && faults.is_due(Fault::LabelFlood, 5) {
        *response.response_mut().status_mut() = unknown_status();
    }
    Ok(response)
}

/// Stands for a defect of a handler.
#[expect(clippy::panic, reason = "this is the fault")]
fn panic_on_purpose() {
    panic!("the fault `panics` is switched on");
}

/// Closes the connection of `request` in both directions.
fn close(request: &ServiceRequest) -> bool {
    let socket = request.conn_data::<Socket>();
    socket.is_some_and(|socket| socket.0.shutdown(Shutdown::Both).is_ok())
}

/// 500 and 503 in turn.
fn next_error() -> ErrorCode {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    if NEXT.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
        ErrorCode::Internal
    } else {
        ErrorCode::DatabaseUnavailable
    }
}

/// Another one than the last.
fn unknown_status() -> StatusCode {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = UNKNOWN_STATUSES.end - UNKNOWN_STATUSES.start;
    let status = UNKNOWN_STATUSES.start + NEXT.fetch_add(1, Ordering::Relaxed) % count;
    StatusCode::from_u16(status).unwrap_or(StatusCode::OK)
}
