//! Makes spans of a request that is kept, named and described as OpenTelemetry's semantic conventions say.

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::KeptRequest;
use crate::{
    budget::{Step, StepKind},
    telemetry::{Metrics, http::method_name},
};

/// The span of the request and, below it, those of its steps. What happened during the load of a cache is below that load.
pub(super) fn of(
    request: &KeptRequest,
    metrics: &Metrics,
    database: &'static str,
) -> Vec<SpanData> {
    let root = root(request, metrics);
    let root_id = root.span_context.span_id();
    let steps: Vec<(SpanId, &Step)> = request.steps.iter().map(|step| (new_id(), step)).collect();
    let children = steps.iter().map(|(id, step)| {
        let parent = load_around(&steps, step).unwrap_or(root_id);
        let mut span = span(request, *id, parent);
        span.start_time = request.wall_clock(step.started);
        span.end_time = span.start_time + step.duration;
        describe(&mut span, step, metrics, database);
        span
    });
    let children: Vec<_> = children.collect();
    [root].into_iter().chain(children).collect()
}

fn root(request: &KeptRequest, metrics: &Metrics) -> SpanData {
    let id = hex(request.trace.span_id_bytes(), SpanId::from_hex).unwrap_or(SpanId::INVALID);
    let parent = request.trace.parent_bytes();
    let parent_id = parent.and_then(|bytes| hex(bytes, SpanId::from_hex));
    let mut root = span(request, id, parent_id.unwrap_or(SpanId::INVALID));
    let route = metrics.http.route(request.route);
    let name = route.map_or("", |route| route.route.name);
    let (observation, status) = (&request.observation, request.observation.status);
    root.parent_span_is_remote = parent.is_some();
    root.span_kind = SpanKind::Server;
    root.name = name.into();
    root.start_time = request.ended - observation.duration;
    root.end_time = request.ended;
    root.attributes = vec![
        KeyValue::new("http.request.method", method_name(observation.method)),
        KeyValue::new("http.route", name),
        KeyValue::new("http.response.status_code", i64::from(status)),
        KeyValue::new("url.path", request.path.to_string()),
        KeyValue::new("url.scheme", "http"),
        KeyValue::new("over_budget", request.over_budget),
    ];
    if status >= 500 {
        fail(&mut root, status.to_string());
    }
    root
}

fn describe(span: &mut SpanData, step: &Step, metrics: &Metrics, database: &'static str) {
    match step.kind {
        StepKind::PoolWait => span.name = "pool wait".into(),
        StepKind::CacheLoad => span.name = "cache load".into(),
        StepKind::Query(slot) => {
            let query = metrics.queries.get(slot).map(|resolved| resolved.query);
            let name = query.map_or("", |query| query.name);
            span.span_kind = SpanKind::Client;
            span.name = name.into();
            span.attributes = vec![
                KeyValue::new("db.system.name", database),
                KeyValue::new("db.query.summary", name),
                KeyValue::new(
                    "db.operation.name",
                    query.map_or("", |query| query.operation),
                ),
            ];
        }
    }
    if let Some(error) = step.error {
        fail(span, error.to_owned());
    }
}

fn fail(span: &mut SpanData, error: String) {
    span.attributes.push(KeyValue::new("error.type", error));
    span.status = Status::error("");
}

/// A span of the request's trace, without a name yet.
fn span(request: &KeptRequest, id: SpanId, parent_span_id: SpanId) -> SpanData {
    let trace_id =
        hex(request.trace.trace_id_bytes(), TraceId::from_hex).unwrap_or(TraceId::INVALID);
    let flags = TraceFlags::default().with_sampled(request.trace.is_sampled());
    SpanData {
        span_context: SpanContext::new(trace_id, id, flags, false, TraceState::default()),
        parent_span_id,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "".into(),
        start_time: request.ended,
        end_time: request.ended,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("api")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    }
}

/// The load during which `step` happened.
fn load_around(steps: &[(SpanId, &Step)], step: &Step) -> Option<SpanId> {
    let around = |load: &Step| {
        load.kind == StepKind::CacheLoad
            && step.kind != StepKind::CacheLoad
            && load.started <= step.started
            && step.started + step.duration <= load.started + load.duration
    };
    let (id, _) = steps.iter().find(|(_, other)| around(other))?;
    Some(*id)
}

fn hex<T, E>(digits: &[u8], read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
    read(std::str::from_utf8(digits).ok()?).ok()
}

fn new_id() -> SpanId {
    SpanId::from_bytes(fastrand::u64(1..).to_be_bytes())
}
