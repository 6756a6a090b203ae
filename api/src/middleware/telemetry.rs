//! The life of a request, from its first byte to its last: record, panic, headers, metrics, access line.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
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

use super::{
    body::TrackedBody,
    guard::{Guard, Shared},
};
use crate::{
    clock::Clock,
    lifecycle::ServiceState,
    telemetry::{
        Metrics,
        access_log::AccessLog,
        request::{self, Scoped},
    },
};

/// What the middleware of one worker works with.
pub struct Telemetry {
    shared: Rc<Shared>,
}

impl Telemetry {
    /// The middleware of one worker.
    #[must_use]
    pub fn new(
        metrics: Arc<Metrics>,
        access_log: Rc<AccessLog>,
        state: Arc<ServiceState>,
        clock: Clock,
        server_timing: bool,
    ) -> Self {
        Self {
            shared: Rc::new(Shared {
                metrics,
                access_log,
                state,
                clock,
                server_timing,
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
            future: request::scope(record, AssertUnwindSafe(future).catch_unwind()),
            guard: Some(guard),
        }
    }
}

pin_project! {
    /// The application at work on a request. Not boxed: it is polled where it is.
    pub struct Tracked<F> {
        #[pin]
        future: Scoped<CatchUnwind<AssertUnwindSafe<F>>>,
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
        let this = self.project();
        let outcome = ready!(this.future.poll(context));
        let Some(guard) = this.guard.take() else {
            // Polled again after it was ready, which no executor does.
            return Poll::Pending;
        };
        Poll::Ready(match outcome {
            Ok(Ok(response)) => Ok(guard.respond(response)),
            Ok(Err(error)) => {
                let status = error.as_response_error().status_code().as_u16();
                guard.with_status(status).finish(0);
                Err(error)
            }
            Err(panic) => Err(guard.panicked(panic.as_ref())),
        })
    }
}
