//! What is asked of a real Prometheus.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a failed fixture must fail the test; values are read back exactly as they were written"
)]

mod client;
mod preview;
mod real;
