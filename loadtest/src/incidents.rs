//! What must not happen in the target while it is attacked, whatever its times are. The target counts it; the harness asks.

use crate::budgets::ServerBudget;

/// Something that must not happen.
pub struct Incident {
    /// Its name in `budgets.toml` and `report.json`.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The target's counter.
    pub metric: &'static str,
    /// Which of the counter's series.
    pub labels: &'static [(&'static str, &'static str)],
    /// How often it may happen all the same.
    pub allowed: fn(&ServerBudget) -> u64,
}

/// Everything that must not happen.
pub const INCIDENTS: [Incident; 6] = [
    Incident {
        key: "unnamed_queries",
        title: "unnamed queries",
        metric: "db_client_unnamed_queries_total",
        labels: &[],
        allowed: |budget| budget.unnamed_queries,
    },
    Incident {
        key: "query_loops",
        title: "queries in a loop",
        metric: "db_client_n_plus_one_suspected_total",
        labels: &[],
        allowed: |budget| budget.query_loops,
    },
    Incident {
        key: "query_counts_exceeded",
        title: "requests with more queries than declared",
        metric: "db_client_query_count_exceeded_total",
        labels: &[],
        allowed: |budget| budget.query_counts_exceeded,
    },
    Incident {
        key: "rows_exceeded",
        title: "queries with more rows than declared",
        metric: "db_client_rows_exceeded_total",
        labels: &[],
        allowed: |budget| budget.rows_exceeded,
    },
    Incident {
        key: "plan_changes",
        title: "changed plans",
        metric: "db_query_plan_changes_total",
        labels: &[],
        allowed: |budget| budget.plan_changes,
    },
    Incident {
        key: "log_drops",
        title: "dropped log lines",
        metric: "telemetry_dropped_total",
        labels: &[("signal", "logs")],
        allowed: |budget| budget.log_drops,
    },
];
