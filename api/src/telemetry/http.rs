//! The handles of each route. A route is known by its slot in the URL table; unmatched paths share the last one.

use std::time::Duration;

use prometheus::{IntCounterVec, IntGauge, Registry, Result};

use super::{
    catalogue,
    exemplars::Shown,
    route::{Families, RouteMetrics},
};
use crate::budget::Query;

/// The route label of every request that no route matches, methods that a resource lacks included.
pub const UNMATCHED: &str = "_unmatched";

/// Methods that may become a label value; any other is `_OTHER`.
pub(super) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OTHER_METHOD: &str = "_OTHER";

/// What the metrics need to know of a route.
#[derive(Clone, Copy, Debug)]
pub struct RouteDefinition {
    /// The HTTP method.
    pub method: &'static str,
    /// Method and template: `GET /api/v1/users/{user_id}`.
    pub name: &'static str,
    /// The status of success.
    pub success: u16,
    /// What one request may take.
    pub budget: Duration,
    /// How many queries one request may run.
    pub max_queries: u32,
    /// How often one request may run the same query: more looks like a loop over rows.
    pub max_same_query: u32,
    /// After how long a request is given up, where it is not the usual time (`CENTUM_DEADLINE_MS`).
    pub deadline: Option<Duration>,
}

/// Metrics of all routes.
pub struct HttpMetrics {
    routes: Vec<RouteMetrics>,
    active: [IntGauge; METHODS.len() + 1],
}

impl HttpMetrics {
    pub(super) fn new(
        registry: &Registry,
        routes: &[RouteDefinition],
        queries: &'static [Query],
        overflow: &IntCounterVec,
    ) -> Result<Self> {
        let families = Families::new(registry, queries, overflow)?;
        let unmatched = RouteDefinition {
            method: OTHER_METHOD,
            name: UNMATCHED,
            success: 404,
            budget: Duration::from_millis(100),
            max_queries: 0,
            max_same_query: 0,
            deadline: None,
        };
        let active = catalogue::HTTP_ACTIVE.int_gauge(registry)?;
        Ok(Self {
            routes: routes
                .iter()
                .chain([&unmatched])
                .map(|route| families.resolve(*route))
                .collect(),
            active: std::array::from_fn(|method| active.with_label_values(&[method_name(method)])),
        })
    }

    /// The slot of unmatched paths.
    #[must_use]
    pub fn unmatched(&self) -> usize {
        self.routes.len().saturating_sub(1)
    }

    /// The metrics of the route in `slot`.
    #[must_use]
    pub fn route(&self, slot: usize) -> Option<&RouteMetrics> {
        self.routes.get(slot).or_else(|| self.routes.last())
    }

    /// The metrics of every route, unmatched paths last.
    pub fn routes(&self) -> impl Iterator<Item = &RouteMetrics> {
        self.routes.iter()
    }

    /// Adds the exemplars of all routes to `shown`.
    pub(super) fn show_exemplars(&self, shown: &mut Shown) {
        for route in &self.routes {
            route.show_exemplars(shown);
        }
    }

    /// The gauge of requests in flight with this method.
    #[must_use]
    pub fn active(&self, method: usize) -> Option<&IntGauge> {
        self.active.get(method)
    }

    /// The place of a method among the known ones.
    #[must_use]
    pub fn method_index(method: &str) -> usize {
        METHODS
            .iter()
            .position(|known| *known == method)
            .unwrap_or(METHODS.len())
    }
}

/// The label of a method by its place.
pub(super) fn method_name(index: usize) -> &'static str {
    METHODS.get(index).copied().unwrap_or(OTHER_METHOD)
}
