//! A request from its first byte to its last, whichever way it ends: answered, panicked, or left by its client.

use std::{
    any::Any,
    cell::Cell,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use actix_http::ConnectionType;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
        uri::PathAndQuery,
    },
};

use super::{body::TrackedBody, server_timing::ServerTiming};
use crate::{
    budget::{Ledger, Timeline, nanos},
    clock::Clock,
    controllers::problem::{self, Unhandled},
    error::ErrorCode,
    lifecycle::ServiceState,
    telemetry::{
        HttpMetrics, Lifecycle, Metrics, Observation,
        access_log::{AccessLog, Line},
        request::{self, RequestRecord, shown},
        trace::{RequestId, Sampling, TraceContext},
        traces::{KeptRequest, Traces},
    },
};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A client that hung up before the answer was complete; the status that nginx gave it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// What all requests of one worker share.
pub(super) struct Shared {
    pub metrics: Arc<Metrics>,
    pub access_log: Rc<AccessLog>,
    pub state: Arc<ServiceState>,
    pub clock: Clock,
    /// Makes the header of that name, where it is wanted.
    pub server_timing: Option<ServerTiming>,
    /// After how long a request is given up, where its route says nothing else.
    pub deadline: Duration,
    /// Where the traces of kept requests go, if anywhere.
    pub traces: Option<Traces>,
}

/// A request that has not ended yet. Dropped unfinished, it is counted as 499: the client hung up.
pub(super) struct Guard {
    shared: Rc<Shared>,
    pub record: Rc<RequestRecord>,
    method: Method,
    method_index: usize,
    path: PathAndQuery,
    status: u16,
    finished: bool,
}

impl Guard {
    /// The first byte is here.
    pub fn begin(shared: &Rc<Shared>, request: &ServiceRequest) -> Self {
        let header = |name: HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
        let started = Instant::now();
        let traces = shared.traces.as_ref();
        let sampling = traces.map_or(Sampling::NEVER, Traces::sampling);
        let record = Rc::new(RequestRecord {
            started,
            clock: shared.clock.clone(),
            trace: TraceContext::continue_or_mint(header(TRACEPARENT), sampling),
            request_id: RequestId::accept_or_mint(header(X_REQUEST_ID)),
            accept: problem::accept(request.headers()).map(Into::into),
            route: shared.metrics.http.unmatched().into(),
            ledger: Ledger::default(),
            idempotency: Cell::default(),
            running_since: Cell::new(Some(started)),
            timeline: Timeline::new(traces.is_some()),
        });
        let method_index = HttpMetrics::method_index(request.method().as_str());
        if let Some(active) = shared.metrics.http.active(method_index) {
            active.inc();
        }
        Self {
            shared: Rc::clone(shared),
            record,
            method: request.method().clone(),
            method_index,
            path: path_of(request),
            status: CLIENT_CLOSED_REQUEST,
            finished: false,
        }
    }

    /// The answer is made; the request ends with its body.
    pub fn respond<B: MessageBody>(
        mut self,
        mut response: ServiceResponse<B>,
    ) -> ServiceResponse<TrackedBody<B>> {
        self.status = response.status().as_u16();
        self.write_headers(response.headers_mut());
        if self.is_last() {
            response
                .response_mut()
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        response.map_body(|_, body| TrackedBody::new(body, self))
    }

    /// Appends, because none of them can be there yet: replacing costs twice as much.
    fn write_headers(&self, headers: &mut HeaderMap) {
        let record = &self.record;
        if let Ok(value) = HeaderValue::from_bytes(record.request_id.as_bytes(&record.trace)) {
            headers.append(X_REQUEST_ID, value);
        }
        if let Ok(value) = HeaderValue::from_bytes(&record.trace.traceresponse()) {
            headers.append(TRACERESPONSE, value);
        }
        if let Some(timing) = &self.shared.server_timing {
            let value = timing.header(&record.ledger, record.started.elapsed());
            headers.append(SERVER_TIMING, value);
        }
    }

    /// The handler panicked: a 500 in the usual form.
    pub fn panicked(self, panic: &(dyn Any + Send)) -> Error {
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let trace_id = self.record.trace.trace_id();
        tracing::error!(
            event = "http.panic",
            trace_id,
            panic = message.unwrap_or("unknown"),
            "a handler panicked"
        );
        if let Some(route) = self.shared.metrics.http.route(self.record.route.get()) {
            route.panics.inc();
        }
        self.unhandled(ErrorCode::Internal)
    }

    /// When it is to be given up. Not known while its body is on its way.
    pub fn deadline(&self) -> Option<Instant> {
        let since = self.record.running_since.get()?;
        let route = self.shared.metrics.http.route(self.record.route.get());
        let own = route.and_then(|route| route.route.deadline);
        since.checked_add(own.unwrap_or(self.shared.deadline))
    }

    /// It ends with this error, and the handler is gone: the deadline has passed, or a fault came before it.
    pub fn failed(self, error: &crate::error::Error) -> Error {
        request::sync_scope(Rc::clone(&self.record), || problem::log(error));
        self.unhandled(error.code())
    }

    /// An answer in the usual form, made here.
    fn unhandled(self, code: ErrorCode) -> Error {
        let mut headers = HeaderMap::new();
        self.write_headers(&mut headers);
        let error = Unhandled::new(code, &self.record, headers, self.is_last());
        self.with_status(code.status()).finish(0);
        error.into()
    }

    /// Draining: the connection must not be used again.
    fn is_last(&self) -> bool {
        self.shared.state.lifecycle() != Lifecycle::Ready
    }

    /// The status that is counted.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Whether the answer's body stays here, whatever its size.
    pub(super) fn has_no_body(&self) -> bool {
        self.method == Method::HEAD
    }

    /// The last byte of the answer has been handed over.
    pub(super) fn finish(mut self, body_bytes: u64) {
        self.finished = true;
        self.observe(body_bytes);
    }

    fn observe(&self, body_bytes: u64) {
        let duration = self.record.started.elapsed();
        let phases = self.record.ledger.phases(nanos(duration));
        let observation = Observation {
            method: self.method_index,
            status: self.status,
            duration,
            phases,
            body_bytes,
        };
        let metrics = &self.shared.metrics;
        if let Some(active) = metrics.http.active(self.method_index) {
            active.dec();
        }
        let Some(route) = metrics.http.route(self.record.route.get()) else {
            return;
        };
        route.observe(&observation, &self.record);
        let line = Line {
            method: self.method.as_str(),
            route: route.route.name,
            path: self.path.path(),
            observation: &observation,
            over_budget: route.is_over_budget(duration),
        };
        self.shared.access_log.write(&self.record, &line);
        if let Some(traces) = &self.shared.traces
            && (line.over_budget || self.record.trace.is_sampled())
        {
            self.keep(traces, observation, line.over_budget);
        }
    }

    #[cold]
    fn keep(&self, traces: &Traces, observation: Observation, over_budget: bool) {
        let (steps, steps_left_out) = self.record.timeline.take();
        traces.keep(KeptRequest {
            trace: self.record.trace,
            route: self.record.route.get(),
            observation,
            path: shown(self.path.path()).into(),
            over_budget,
            started: self.record.started,
            ended: SystemTime::now(),
            steps,
            steps_left_out,
        });
    }
}

/// Shared with the request, not copied. A request for `*` has none.
fn path_of(request: &ServiceRequest) -> PathAndQuery {
    let path = request.uri().path_and_query();
    path.map_or_else(|| PathAndQuery::from_static("/"), PathAndQuery::clone)
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.finished {
            self.status = CLIENT_CLOSED_REQUEST;
            self.observe(0);
        }
    }
}
