//! What the target's metrics are called. The service's own names are the default; a scenario file
//! names those of another service. A metric that is not there is not an error: what it would tell
//! is unknown.

use serde::{Deserialize, Serialize};

/// Names of metrics, labels and label values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MetricNames {
    /// Histogram of the seconds that requests took.
    pub requests: String,
    /// Label with the name of a route.
    pub route_label: String,
    /// Gauge of the requests that are under way.
    pub requests_in_flight: String,
    /// Label with its method, where the route's label has only the path; empty where it has both.
    pub method_label: String,
    /// Counter of the seconds that requests spent, by phase.
    pub phases: String,
    /// Label with the name of a phase.
    pub phase_label: String,
    /// Histogram of the seconds that queries took.
    pub queries: String,
    /// Label with the name of a query.
    pub query_label: String,
    /// Label with the error that a query failed with, empty where it did not.
    pub error_label: String,
    /// Gauge of the seconds that a query may take.
    pub query_budgets: String,
    /// Counter of the calls that took longer.
    pub queries_over_budget: String,
    /// Counter of calls by route and query.
    pub route_queries: String,
    /// Counter of look-ups in caches.
    pub cache_gets: String,
    /// Label with the name of a cache.
    pub cache_label: String,
    /// Label with how a look-up ended: `hit`, `miss`, `coalesced`, `error`.
    pub cache_result_label: String,
    /// Histogram of the seconds that a cache's loads took.
    pub cache_loads: String,
    /// Histogram of the seconds that requests waited for a connection.
    pub pool_wait: String,
    /// Gauge of the requests that wait for a connection.
    pub pool_waiting: String,
    /// Counter of processor seconds.
    pub cpu_seconds: String,
    /// Gauge of resident bytes.
    pub memory_bytes: String,
    /// Gauge whose labels are the version.
    pub build: String,
    /// Gauge whose labels are the settings.
    pub config: String,
    /// Counter of statements without a name.
    pub unnamed_queries: String,
    /// Counter of requests that ran the same query again and again.
    pub query_loops: String,
    /// Counter of requests that ran more queries than their route declares.
    pub query_counts_exceeded: String,
    /// Counter of calls that returned more rows than their query declares.
    pub rows_exceeded: String,
    /// Counter of statements that were planned in another shape than before.
    pub plan_changes: String,
    /// Counter of log lines, spans and the like that were dropped; the series of `signal="logs"`.
    pub log_drops: String,
}

impl MetricNames {
    /// The labels of a route's series.
    #[must_use]
    pub fn of_route<'a>(&'a self, route: &'a str) -> Vec<(&'a str, &'a str)> {
        match route.split_once(' ') {
            Some((method, path)) if !self.method_label.is_empty() => vec![
                (self.method_label.as_str(), method),
                (self.route_label.as_str(), path),
            ],
            _ => vec![(self.route_label.as_str(), route)],
        }
    }
}

impl Default for MetricNames {
    fn default() -> Self {
        Self {
            requests: "http_server_request_duration_seconds".to_owned(),
            route_label: "http_route".to_owned(),
            requests_in_flight: "http_server_active_requests".to_owned(),
            method_label: String::new(),
            phases: "http_server_request_phase_seconds_total".to_owned(),
            phase_label: "phase".to_owned(),
            queries: "db_client_operation_duration_seconds".to_owned(),
            query_label: "db_query_summary".to_owned(),
            error_label: "error_type".to_owned(),
            query_budgets: "db_client_query_budget_seconds".to_owned(),
            queries_over_budget: "db_client_operation_over_budget_total".to_owned(),
            route_queries: "db_client_route_queries_total".to_owned(),
            cache_gets: "cache_gets_total".to_owned(),
            cache_label: "cache_name".to_owned(),
            cache_result_label: "result".to_owned(),
            cache_loads: "cache_load_duration_seconds".to_owned(),
            pool_wait: "db_client_connection_wait_time_seconds".to_owned(),
            pool_waiting: "db_client_connection_pending_requests".to_owned(),
            cpu_seconds: "process_cpu_seconds_total".to_owned(),
            memory_bytes: "process_resident_memory_bytes".to_owned(),
            build: "app_build_info".to_owned(),
            config: "app_config_info".to_owned(),
            unnamed_queries: "db_client_unnamed_queries_total".to_owned(),
            query_loops: "db_client_n_plus_one_suspected_total".to_owned(),
            query_counts_exceeded: "db_client_query_count_exceeded_total".to_owned(),
            rows_exceeded: "db_client_rows_exceeded_total".to_owned(),
            plan_changes: "db_query_plan_changes_total".to_owned(),
            log_drops: "telemetry_dropped_total".to_owned(),
        }
    }
}
