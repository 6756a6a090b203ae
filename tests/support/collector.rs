//! A collector of traces: it speaks OTLP over HTTP and keeps what it is sent.

use std::{
    collections::BTreeMap,
    fmt::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::CONTENT_TYPE,
    web::{self, Bytes, Data, PayloadConfig},
};
pub use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, status::StatusCode},
};
use prost::Message;

use crate::eventually;

/// A span as the collector got it, with its numbers in the forms of the headers.
#[derive(Clone, Debug)]
pub struct SpanReceived {
    pub name: String,
    pub kind: SpanKind,
    pub trace_id: String,
    pub span_id: String,
    /// Empty: it has none.
    pub parent_id: String,
    /// The sampling flag of its context.
    pub sampled: bool,
    /// Nanoseconds since 1970.
    pub start: u64,
    pub end: u64,
    pub failed: bool,
    pub attributes: BTreeMap<String, String>,
    /// What all spans of the service say.
    pub resource: BTreeMap<String, String>,
}

type Spans = Arc<Mutex<Vec<SpanReceived>>>;

/// A collector on a free port. It stops when it is dropped.
pub struct Collector {
    pub url: String,
    spans: Spans,
    server: ServerHandle,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spans = Spans::default();
        let shared = Data::new(Arc::clone(&spans));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(PayloadConfig::new(1 << 24))
                .route("/v1/traces", web::post().to(receive))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            spans,
            server: handle,
        }
    }

    /// All spans so far.
    pub fn spans(&self) -> Vec<SpanReceived> {
        self.spans.lock().unwrap().clone()
    }

    /// The spans of this trace so far.
    pub fn of_trace(&self, trace_id: &str) -> Vec<SpanReceived> {
        let mut spans = self.spans();
        spans.retain(|span| span.trace_id == trace_id);
        spans
    }

    /// The spans of this trace, as soon as there are any: a request's come together.
    pub async fn trace(&self, trace_id: &str) -> Vec<SpanReceived> {
        eventually("the collector has the trace", async || {
            !self.of_trace(trace_id).is_empty()
        })
        .await;
        self.of_trace(trace_id)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Told to stop; nobody waits for it.
        drop(self.server.stop(false));
    }
}

/// An address where nobody listens.
#[must_use]
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

async fn receive(spans: Data<Spans>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let content_type = request.headers().get(CONTENT_TYPE);
    assert_eq!(content_type.unwrap(), "application/x-protobuf");
    let export = ExportTraceServiceRequest::decode(body).unwrap();
    for resource in export.resource_spans {
        let described = resource.resource.map(|resource| resource.attributes);
        let described = attributes(described.unwrap_or_default());
        for span in resource
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans)
        {
            let received = SpanReceived::of(span, described.clone());
            spans.lock().unwrap().push(received);
        }
    }
    HttpResponse::Ok()
        .content_type("application/x-protobuf")
        .finish()
}

impl SpanReceived {
    fn of(span: Span, resource: BTreeMap<String, String>) -> Self {
        Self {
            kind: span.kind(),
            name: span.name,
            trace_id: hex(&span.trace_id),
            span_id: hex(&span.span_id),
            parent_id: hex(&span.parent_span_id),
            sampled: span.flags & 1 == 1,
            start: span.start_time_unix_nano,
            end: span.end_time_unix_nano,
            failed: span
                .status
                .is_some_and(|status| status.code() == StatusCode::Error),
            attributes: attributes(span.attributes),
            resource,
        }
    }

    /// An attribute's value as text.
    #[track_caller]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// Whether `other` happened during it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value: Option<Value>| match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(is)) => is.to_string(),
        other => panic!("{other:?}"),
    };
    pairs
        .into_iter()
        .map(|pair| (pair.key, text(pair.value.and_then(|value| value.value))))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
