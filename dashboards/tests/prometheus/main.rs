//! What a real Prometheus is asked: the client's questions, and the page of boards.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a failed fixture must fail the test; values are read back exactly as they were written"
)]

mod client;
mod preview;
mod real;
