//! What a stub did, as Prometheus reads it.

use anyhow::Result;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, Registry, TextEncoder,
};

/// The upper bounds in seconds.
const BUCKETS: [f64; 16] = [
    0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
    10.0,
];

/// The counters of one stub.
#[derive(Debug)]
pub(super) struct Counts {
    /// Connections accepted.
    pub(super) connections: IntCounter,
    /// Requests read.
    pub(super) requests: IntCounter,
    durations: HistogramVec,
    registry: Registry,
}

impl Counts {
    pub(super) fn new() -> Result<Self> {
        let connections = IntCounter::new("stub_connections_total", "Connections accepted.")?;
        let requests = IntCounter::new(
            "stub_requests_total",
            "Requests read, also those that got no answer.",
        )?;
        let durations = HistogramOpts::new(
            "http_server_request_duration_seconds",
            "Time from a request's last byte read to its answer handed over.",
        );
        let labels = [
            "http_request_method",
            "http_route",
            "http_response_status_code",
        ];
        let durations = HistogramVec::new(durations.buckets(BUCKETS.to_vec()), &labels)?;
        let registry = Registry::new();
        registry.register(Box::new(connections.clone()))?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        Ok(Self {
            connections,
            requests,
            durations,
            registry,
        })
    }

    /// The durations of a route, such as `GET /delay/5ms`, by its method and the status of the answers.
    pub(super) fn durations(&self, method: &str, route: &str, status: &str) -> Histogram {
        self.durations.with_label_values(&[method, route, status])
    }

    /// All of it, in the text format.
    pub(super) fn exposition(&self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
