//! What an attack measured: the client's record and the target's metrics, side by side.
//!
//! This is the one place that knows which metric means what. The figures are plain data: they are
//! judged by [`crate::judge`] and written as they are into `report.json`. Times are milliseconds;
//! a missing time means that there was nothing to measure, or (percentiles) that so many requests
//! failed that the percentile falls among them.

mod queries;
mod routes;
mod server;

pub use queries::QueryFigures;
pub use routes::{LatencyPoint, RouteFigures};
pub use server::{CacheFigures, PhaseFigures, ServerFigures};

use crate::budgets::Budgets;
use crate::probe::Window;
use crate::recorder::Recorder;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Everything that was measured between the two scrapes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measurements {
    /// From the first request's begin to the last one's end.
    pub seconds: f64,
    /// Why the target could not be asked after the attack, if so.
    pub target_died: Option<String>,
    /// One entry per route of the contract.
    pub routes: Vec<RouteFigures>,
    /// One entry per query that was called.
    pub queries: Vec<QueryFigures>,
    /// One entry per phase, over all routes.
    pub phases: Vec<PhaseFigures>,
    /// One entry per cache.
    pub caches: Vec<CacheFigures>,
    /// The target as a whole; None when it died.
    pub server: Option<ServerFigures>,
}

impl Measurements {
    /// Puts both views together.
    #[must_use]
    pub fn new(recorder: &Recorder, window: &Window, budgets: &Budgets) -> Self {
        let seconds = recorder.span().as_secs_f64();
        let routes = routes::figures(recorder, Some(window), budgets, seconds);
        Self {
            seconds,
            target_died: None,
            queries: queries::figures(window, budgets),
            phases: server::phases(window, &routes),
            caches: server::caches(window),
            server: Some(server::figures(window)),
            routes,
        }
    }

    /// What is left when the target did not live to tell its own view.
    #[must_use]
    pub fn without_target(recorder: &Recorder, budgets: &Budgets, why: String) -> Self {
        let seconds = recorder.span().as_secs_f64();
        Self {
            seconds,
            target_died: Some(why),
            routes: routes::figures(recorder, None, budgets, seconds),
            ..Self::default()
        }
    }

    /// Whether client and server counted the same requests on every route.
    #[must_use]
    pub fn counts_agree(&self) -> bool {
        let mut routes = self.routes.iter();
        routes.all(|route| route.counted == Some(route.sent))
    }

    /// All requests that were tried.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.routes.iter().map(|route| route.requests).sum()
    }

    /// All requests that failed.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.routes.iter().map(|route| route.errors).sum()
    }
}
