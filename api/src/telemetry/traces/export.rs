//! The thread that exports: it collects requests that are kept, and hands their spans to the collector in batches.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, bounded};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    resource::{
        EnvResourceDetector, ResourceDetector, SdkProvidedResourceDetector,
        TelemetryResourceDetector,
    },
    trace::SpanExporter as _,
};

use super::{KeptRequest, Message, TraceWriter, Traces, spans};
use crate::{
    config::Config,
    telemetry::{Metrics, trace::Sampling},
};

/// Requests that may wait for the export.
const QUEUE: usize = 2048;

/// A batch is exported when it has this many spans.
const BATCH_SPANS: u64 = 512;

/// Or when its first request has waited for this long.
const BATCH_TIME: Duration = Duration::from_secs(1);

/// The name of the service, where neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES` says another.
const SERVICE_NAME: &str = "centum";

/// Starts the export, if the settings name a collector.
///
/// # Errors
/// A sentence that says which setting cannot be used, and why.
pub fn start(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<Option<(Traces, TraceWriter)>, String> {
    let Some((variable, url)) = config.traces_url() else {
        return Ok(None);
    };
    let exporter = Exporter::new(config, &url, metrics)
        .map_err(|reason| format!("{variable} cannot be used: {reason}"))?;
    let (messages, queue) = bounded(QUEUE);
    let (finished, done) = bounded(1);
    std::thread::Builder::new()
        .name("traces".to_owned())
        .spawn(move || {
            exporter.run(&queue);
            // Nobody waits any more: nothing to say.
            let _ = finished.send(());
        })
        .map_err(|error| format!("The export of traces cannot be started ({error})"))?;
    let traces = Traces {
        messages: messages.clone(),
        drops: metrics.trace_drops.clone(),
        sampling: Sampling::share(config.traces_share),
    };
    Ok(Some((traces, TraceWriter { messages, done })))
}

/// Hands spans to the collector.
pub(super) struct Exporter {
    client: SpanExporter,
    metrics: Arc<Metrics>,
    database: &'static str,
    /// Whether the newest export failed.
    failing: bool,
}

impl Exporter {
    pub fn new(config: &Config, url: &str, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let mut client = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url)
            .with_timeout(Duration::from_millis(config.otlp_timeout_ms))
            .build()
            .map_err(|error| error.to_string())?;
        client.set_resource(&resource());
        Ok(Self {
            client,
            metrics: Arc::clone(metrics),
            database: if config.database_url.starts_with("sqlite:") {
                "sqlite"
            } else {
                "postgresql"
            },
            failing: false,
        })
    }

    /// Exports until there is nothing more to come.
    pub fn run(mut self, messages: &Receiver<Message>) {
        let mut more = true;
        while more {
            let mut batch = Vec::new();
            more = collect(messages, &mut batch);
            if !batch.is_empty() {
                self.export(&batch);
            }
        }
    }

    fn export(&mut self, batch: &[KeptRequest]) {
        let spans: Vec<_> = batch
            .iter()
            .flat_map(|request| spans::of(request, &self.metrics, self.database))
            .collect();
        let count = spans.len() as u64;
        match futures_executor::block_on(self.client.export(spans)) {
            Ok(()) => {
                for request in batch {
                    self.metrics.exemplify(request);
                }
                if self.failing {
                    tracing::info!("the collector takes traces again");
                }
                self.failing = false;
            }
            Err(error) => {
                self.metrics.trace_drops.inc_by(count);
                if !self.failing {
                    tracing::warn!(%error, "the collector does not take traces: they are dropped and counted");
                }
                self.failing = true;
            }
        }
    }
}

/// Waits for a batch; false if it is the last one.
fn collect(messages: &Receiver<Message>, batch: &mut Vec<KeptRequest>) -> bool {
    let Ok(Message::Request(first)) = messages.recv() else {
        return false;
    };
    let deadline = Instant::now() + BATCH_TIME;
    let mut spans = first.span_count();
    batch.push(*first);
    while spans < BATCH_SPANS {
        match messages.recv_deadline(deadline) {
            Ok(Message::Request(request)) => {
                spans += request.span_count();
                batch.push(*request);
            }
            Ok(Message::End) => return false,
            // The time is up; if there is nobody left to send, the next call says so.
            Err(_) => break,
        }
    }
    true
}

/// What the spans are about: the service, and what the standard variables say of it.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = Resource::builder_empty()
        .with_service_name(SERVICE_NAME)
        .with_attribute(version)
        .with_detectors(&[
            Box::new(TelemetryResourceDetector),
            Box::new(EnvResourceDetector::new()),
        ]);
    let named = SdkProvidedResourceDetector.detect();
    let unknown = named
        .iter()
        .any(|(_, value)| value.as_str().starts_with("unknown_service"));
    if unknown {
        builder.build()
    } else {
        builder
            .with_attributes(
                named
                    .iter()
                    .map(|(key, value)| KeyValue::new(key.clone(), value.clone())),
            )
            .build()
    }
}
