//! Every metric of the service on one page: name, kind, labels, buckets and help. The contract with the boards, the alerts and the harness.
//!
//! Names and labels are the OpenTelemetry semantic conventions translated to Prometheus where they have a word for it. Base units only:
//! seconds, bytes, counts. **A new metric**: a line here, a field in the file of its area (`http.rs`, `queries.rs`, …), a panel that shows it.
//! Label values are enums or names known at compile time; no user input ever becomes one.

/// One metric family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricFamily {
    /// The exposed name; counters end in `_total`.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// The labels, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// What it says, as exposed.
    pub help: &'static str,
}

/// The kind of a metric family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// Seconds of requests, the same on the server and in the load test, so that ratios of the two are exact. 0.1 is the promise; a share at a
/// boundary is a count, not an estimate.
pub const REQUEST_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5,
];
/// Seconds of queries and cache loads.
pub const QUERY_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
];
/// Seconds of waiting for, making and using connections.
pub const POOL_SECONDS: &[f64] = &[
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0,
];
/// Seconds that a timer of a worker came late.
pub const LAG_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5];
/// Queries of a request.
pub const QUERY_COUNTS: &[f64] = &[1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0];
/// Rows of a query.
pub const ROW_COUNTS: &[f64] = &[0.0, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];

/// The names of labels, for the metrics below and for whoever asks about them.
pub mod label {
    macro_rules! labels {
        ($($const:ident = $name:literal;)+) => {
            $(
                #[doc = concat!("`", $name, "`")]
                pub const $const: &str = $name;
            )+
        };
    }

    labels! {
        BUDGET_MS = "budget_ms";
        CACHE = "cache_name";
        CACHE_TTL = "cache_ttl";
        CAUSE = "cause";
        CHECK = "check";
        CONFIG_HASH = "config_hash";
        CONFIG_POOL_MAX = "pool_max";
        CONNECTION_STATE = "db_client_connection_state";
        DATABASE = "database";
        DOMINANT_PHASE = "dominant_phase";
        ERROR_TYPE = "error_type";
        FAULT = "fault";
        KIND = "kind";
        LEVEL = "level";
        METHOD = "http_request_method";
        METRIC = "metric";
        OPERATION = "db_operation_name";
        OUTCOME = "outcome";
        PHASE = "phase";
        PLAN_HASH = "plan_hash";
        POOL = "db_client_connection_pool_name";
        PROFILE = "profile";
        QUERY = "db_query_summary";
        REASON = "reason";
        RESULT = "result";
        REVISION = "revision";
        ROUTE = "http_route";
        RUNTIME = "runtime";
        RUSTC = "rustc";
        SIGNAL = "signal";
        STATE = "state";
        STATUS = "http_response_status_code";
        TOP_NODE = "top_node";
        VERSION = "version";
        WORKER = "worker";
        WORKERS = "workers";
    }
}

use label::{
    BUDGET_MS, CACHE, CACHE_TTL, CAUSE, CHECK, CONFIG_HASH, CONFIG_POOL_MAX, CONNECTION_STATE,
    DATABASE, DOMINANT_PHASE, ERROR_TYPE, FAULT, KIND, LEVEL, METHOD, METRIC, OPERATION, OUTCOME,
    PHASE, PLAN_HASH, POOL, PROFILE, QUERY, REASON, RESULT, REVISION, ROUTE, RUNTIME, RUSTC,
    SIGNAL, STATE, STATUS, TOP_NODE, VERSION, WORKER, WORKERS,
};

macro_rules! catalogue {
    ($($const:ident: $kind:expr, $name:literal, [$($label:expr),*], $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $const: MetricFamily = MetricFamily { name: $name, kind: $kind, labels: &[$($label),*], help: $help };
        )+

        /// Every metric family of the service.
        pub const CATALOGUE: &[MetricFamily] = &[$($const),+];
    };
}

use Kind::{Counter, Gauge, Histogram};

catalogue! {
    HTTP_DURATION: Histogram(REQUEST_SECONDS), "http_server_request_duration_seconds", [METHOD, ROUTE, STATUS], "Time from a request's first byte read to its last byte handed over. Status 499: the client hung up.";
    HTTP_ACTIVE: Gauge, "http_server_active_requests", [METHOD], "Requests in flight.";
    HTTP_PHASE_SECONDS: Counter, "http_server_request_phase_seconds_total", [ROUTE, PHASE], "Where the time of requests went. The phases of a route add up to its duration.";
    HTTP_OVER_BUDGET: Counter, "http_server_over_budget_total", [ROUTE, DOMINANT_PHASE], "Requests that took longer than their route's budget, by the phase that took most.";
    HTTP_BODY_BYTES: Counter, "http_server_response_body_bytes_total", [ROUTE], "Bytes of answers' bodies.";
    HTTP_IDEMPOTENT: Counter, "http_server_idempotent_requests_total", [ROUTE, OUTCOME], "Requests with an Idempotency-Key by what became of them; those that failed for another reason are not counted.";
    HTTP_PANICS: Counter, "http_server_panics_total", [ROUTE], "Panics that were turned into a 500.";

    QUERY_DURATION: Histogram(QUERY_SECONDS), "db_client_operation_duration_seconds", [OPERATION, QUERY, ERROR_TYPE], "Time of named queries, as their caller sees it.";
    QUERY_OVER_BUDGET: Counter, "db_client_operation_over_budget_total", [QUERY], "Queries that took longer than their own budget.";
    QUERY_BUDGET: Gauge, "db_client_query_budget_seconds", [QUERY], "What one call of the query may take.";
    QUERIES_PER_REQUEST: Histogram(QUERY_COUNTS), "db_client_queries_per_request", [ROUTE], "Queries that a request ran.";
    ROUTE_QUERIES: Counter, "db_client_route_queries_total", [ROUTE, QUERY], "Which route ran which query.";
    N_PLUS_ONE: Counter, "db_client_n_plus_one_suspected_total", [ROUTE, QUERY], "Requests that ran the same query more often than their route allows.";
    QUERY_COUNT_EXCEEDED: Counter, "db_client_query_count_exceeded_total", [ROUTE], "Requests that ran more queries than their route declares.";
    RETURNED_ROWS: Histogram(ROW_COUNTS), "db_client_response_returned_rows", [QUERY], "Rows that a query returned or touched.";
    TOO_MANY_ROWS: Counter, "db_client_rows_exceeded_total", [QUERY], "Calls that returned or touched more rows than their query declares.";
    STATEMENTS: Counter, "db_client_statements_total", [], "Statements that pooled connections were asked to run, counted below the query layer.";
    UNNAMED_QUERIES: Counter, "db_client_unnamed_queries_total", [], "Statements without a name that a pooled connection was asked to run. Stays 0.";
    PREPARES: Counter, "db_client_statement_prepares_total", [QUERY], "Statements that had to be prepared first.";

    RETRIES: Counter, "db_client_retries_total", [QUERY, REASON], "Statements and transactions that were tried again, by the query that was in another's way.";
    SLOW_QUERY_CAPTURES: Counter, "db_slow_query_captures_total", [QUERY, RESULT], "Calls over their budget by what became of their plan; failed also counts first calls of statements.";
    PLAN_INFO: Gauge, "db_query_plan_info", [QUERY, PLAN_HASH, TOP_NODE], "Always 1: the newest plan of a query by the hash of its shape.";
    PLAN_CHANGES: Counter, "db_query_plan_changes_total", [QUERY], "How often a statement was planned in another shape than before.";

    POOL_CONNECTIONS: Gauge, "db_client_connections", [POOL, CONNECTION_STATE], "Connections, idle and used.";
    POOL_MAX: Gauge, "db_client_connection_max", [POOL], "Most connections that the pool may have.";
    POOL_PENDING: Gauge, "db_client_connection_pending_requests", [POOL], "Callers that wait for a connection now.";
    POOL_WAIT: Histogram(POOL_SECONDS), "db_client_connection_wait_time_seconds", [POOL], "Time until a connection, or the turn to write, was given.";
    POOL_USE: Histogram(POOL_SECONDS), "db_client_connection_use_time_seconds", [POOL], "Time between taking a connection and giving it back.";
    POOL_CREATE: Histogram(POOL_SECONDS), "db_client_connection_create_time_seconds", [POOL], "Time to make a connection.";
    POOL_TIMEOUTS: Counter, "db_client_connection_timeouts_total", [POOL, KIND], "Waits that were given up.";
    POOL_ERRORS: Counter, "db_client_connection_errors_total", [POOL, ERROR_TYPE], "Connections that were asked for in vain: none was free in time, or the database cannot be reached.";
    POOL_CLOSED: Counter, "db_client_connection_closed_total", [POOL, REASON], "Connections that were not given back.";
    BLOCKING_QUEUE: Histogram(POOL_SECONDS), "db_client_blocking_queue_seconds", [POOL], "Time that a statement stood in the queue of a SQLite connection's thread.";

    CACHE_GETS: Counter, "cache_gets_total", [CACHE, RESULT], "Look-ups by how they ended.";
    CACHE_LOAD: Histogram(QUERY_SECONDS), "cache_load_duration_seconds", [CACHE], "Time of the loader.";
    CACHE_LOADS_IN_FLIGHT: Gauge, "cache_loads_in_flight", [CACHE], "Loaders that run now.";
    CACHE_EVICTIONS: Counter, "cache_evictions_total", [CACHE, CAUSE], "Entries that left the cache.";
    CACHE_ENTRIES: Gauge, "cache_entries", [CACHE], "Entries in the cache.";
    CACHE_CAPACITY: Gauge, "cache_capacity_entries", [CACHE], "Most entries that the cache may have.";

    WORKER_BUSY: Counter, "tokio_worker_busy_seconds_total", [WORKER], "Time that a worker was not idle.";
    WORKER_PARKS: Counter, "tokio_worker_parks_total", [WORKER], "How often a worker went idle.";
    WORKER_LAG: Histogram(LAG_SECONDS), "tokio_worker_loop_lag_seconds", [WORKER], "How late a timer of the worker came: what a request of another connection would have waited.";
    RUNTIME_QUEUE: Gauge, "tokio_runtime_global_queue_depth", [RUNTIME], "Tasks in the runtime's injection queue.";
    PROCESS_CPU: Counter, "process_cpu_seconds_total", [], "User and system processor time.";
    PROCESS_OPEN_FDS: Gauge, "process_open_fds", [], "Open file descriptors.";
    PROCESS_MAX_FDS: Gauge, "process_max_fds", [], "Most file descriptors that may be open.";
    PROCESS_RSS: Gauge, "process_resident_memory_bytes", [], "Resident memory.";
    PROCESS_START: Gauge, "process_start_time_seconds", [], "When the process began, in seconds since 1970.";
    PROCESS_THREADS: Gauge, "process_threads", [], "Threads of the process.";

    BUILD_INFO: Gauge, "app_build_info", [VERSION, REVISION, RUSTC, PROFILE], "Always 1: what runs here.";
    CONFIG_INFO: Gauge, "app_config_info", [CONFIG_HASH, DATABASE, CONFIG_POOL_MAX, WORKERS, CACHE_TTL, BUDGET_MS], "Always 1: the settings that a benchmark must know.";
    LIFECYCLE: Gauge, "app_lifecycle_state", [STATE], "1 for the state that the service is in.";
    STARTUP: Gauge, "app_startup_duration_seconds", [PHASE], "Time of each phase of the start.";
    HEALTH_STATUS: Gauge, "health_check_status", [CHECK], "1: the newest check passed.";
    HEALTH_DURATION: Gauge, "health_check_duration_seconds", [CHECK], "Time of the newest check.";
    MIGRATIONS_PENDING: Gauge, "db_migrations_pending", [], "Migrations that the binary knows and the database lacks.";

    FAULT_ACTIVE: Gauge, "fault_injection_active", [FAULT], "1 while the fault is switched on.";
    FAULTS_INJECTED: Counter, "fault_injections_total", [FAULT], "How often a fault was done to the service.";

    LOG_EVENTS: Counter, "log_events_total", [LEVEL], "Log lines by level.";
    TELEMETRY_DROPPED: Counter, "telemetry_dropped_total", [SIGNAL], "Log lines that were dropped because the writer was behind, and spans that the collector did not take in time.";
    REGISTRY_SERIES: Gauge, "metrics_registry_series", [], "Series in the previous exposition.";
    LABEL_OVERFLOW: Counter, "metrics_label_overflow_total", [METRIC], "Observations whose label was folded into _overflow.";
    EXPOSITION_BYTES: Gauge, "metrics_exposition_bytes", [], "Size of the previous exposition.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_alone_end_in_total_and_names_are_unique() {
        let mut names: Vec<_> = CATALOGUE.iter().map(|family| family.name).collect();
        for family in CATALOGUE {
            assert_eq!(
                family.name.ends_with("_total"),
                family.kind == Counter,
                "{}",
                family.name
            );
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUE.len());
    }

    #[test]
    fn the_promise_is_a_boundary_of_every_duration_that_it_is_about() {
        for family in [HTTP_DURATION, QUERY_DURATION, CACHE_LOAD, POOL_WAIT] {
            let Histogram(bounds) = family.kind else {
                panic!("{} is no histogram", family.name)
            };
            assert!(bounds.contains(&0.1), "{}", family.name);
        }
    }
}
