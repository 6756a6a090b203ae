//! The life of a request, from its first byte to its last: record, deadline, panic, headers, metrics, access line.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use futures_util::{
    FutureExt,
    future::{CatchUnwind, Ready, ready as ready_with},
};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    body::TrackedBody,
    guard::{Guard, Shared},
    server_timing::ServerTiming,
};
use crate::{
    clock::Clock,
    error::ErrorCode,
    lifecycle::ServiceState,
    telemetry::{
        Metrics,
        access_log::AccessLog,
        request::{self, Scoped},
        traces::Traces,
    },
};

/// What the middleware of one worker works with.
pub struct Telemetry {
    shared: Rc<Shared>,
}

impl Telemetry {
    /// The middleware of one worker. `deadline` is for routes that have none of their own.
    #[must_use]
    pub fn new(
        metrics: Arc<Metrics>,
        access_log: Rc<AccessLog>,
        state: Arc<ServiceState>,
        clock: Clock,
        server_timing: bool,
        deadline: Duration,
        traces: Option<Traces>,
    ) -> Self {
        Self {
            shared: Rc::new(Shared {
                metrics,
                access_log,
                state,
                clock,
                server_timing: server_timing.then(ServerTiming::default),
                deadline,
                traces,
            }),
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Telemetry
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<TrackedBody<B>>;
    type Error = Error;
    type Transform = TelemetryService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready_with(Ok(TelemetryService {
            service,
            shared: Rc::clone(&self.shared),
        }))
    }
}

/// The middleware around the application.
pub struct TelemetryService<S> {
    service: S,
    shared: Rc<Shared>,
}

impl<S, B> Service<ServiceRequest> for TelemetryService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<TrackedBody<B>>;
    type Error = Error;
    type Future = Tracked<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let guard = Guard::begin(&self.shared, &request);
        let record = Rc::clone(&guard.record);
        // Routing happens in `call`, the handler in the future: both book to the record.
        let future = request::sync_scope(Rc::clone(&record), || self.service.call(request));
        Tracked {
            future: Some(request::scope(
                record,
                AssertUnwindSafe(future).catch_unwind(),
            )),
            timer: None,
            guard: Some(guard),
        }
    }
}

pin_project! {
    /// The application at work on a request. Not boxed: it is polled where it is.
    pub struct Tracked<F> {
        #[pin]
        future: Option<Scoped<CatchUnwind<AssertUnwindSafe<F>>>>,
        // Only where the application had to wait: most requests are answered from the cache, and need no timer.
        #[pin]
        timer: Option<Sleep>,
        guard: Option<Guard>,
    }
}

impl<F, B> Future for Tracked<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<TrackedBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let polled = this
            .future
            .as_mut()
            .as_pin_mut()
            .map_or(Poll::Pending, |future| future.poll(context));
        if polled.is_pending() {
            ready!(deadline(this.timer, this.guard.as_ref(), context));
            // Where it is: what it holds is let go, and a statement that it waits for is cancelled. What that took is booked before the answer.
            this.future.set(None);
        }
        // Without a guard it is polled again after it was ready, which no executor does.
        match (polled, this.guard.take()) {
            (Poll::Ready(outcome), Some(guard)) => Poll::Ready(end(guard, outcome)),
            (Poll::Pending, Some(guard)) => {
                Poll::Ready(Err(guard.failed(&ErrorCode::DeadlineExceeded.into())))
            }
            (_, None) => Poll::Pending,
        }
    }
}

/// What the application made of a request; `Err` where it panicked.
type Outcome<B> = Result<Result<ServiceResponse<B>, Error>, Box<dyn Any + Send>>;

fn end<B: MessageBody>(
    guard: Guard,
    outcome: Outcome<B>,
) -> Result<ServiceResponse<TrackedBody<B>>, Error> {
    match outcome {
        Ok(Ok(response)) => Ok(guard.respond(response)),
        Ok(Err(error)) => Err(refuse(guard, error)),
        Err(panic) => Err(guard.panicked(panic.as_ref())),
    }
}

/// What came before the handler has ended the request.
fn refuse(guard: Guard, error: Error) -> Error {
    if let Some(known) = error.as_error::<crate::error::Error>() {
        return guard.failed(known);
    }
    let status = error.as_response_error().status_code().as_u16();
    guard.with_status(status).finish(0);
    error
}

/// Ready when the request is to be given up.
fn deadline(
    mut timer: Pin<&mut Option<Sleep>>,
    guard: Option<&Guard>,
    context: &mut Context<'_>,
) -> Poll<()> {
    let Some(deadline) = guard.and_then(Guard::deadline).map(Instant::from_std) else {
        timer.set(None);
        return Poll::Pending;
    };
    // It begins anew when the body is there.
    if timer.as_ref().get_ref().as_ref().map(Sleep::deadline) != Some(deadline) {
        timer.set(Some(sleep_until(deadline)));
    }
    timer
        .as_pin_mut()
        .map_or(Poll::Pending, |timer| timer.poll(context))
}
