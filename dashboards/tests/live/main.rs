//! The commands that start something, as processes: what they leave running (nothing), what they say, and how they end.
//!
//! Those that need Prometheus and Alertmanager say so and are over where Debian's packages `prometheus` and `prometheus-alertmanager` are
//! missing, unless `REQUIRE_PROMETHEUS=1`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed fixture must fail the test"
)]

mod catch;
mod check;
mod drill;
mod run;
mod up;
