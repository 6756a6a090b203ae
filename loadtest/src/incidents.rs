//! What must not happen in the target while it is attacked, whatever its times are. The target
//! counts it; the harness asks.

use crate::budgets::ServerBudget;
use crate::evidence::MetricNames;

/// Something that must not happen.
pub struct Incident {
    /// Its name in `budgets.toml` and `run.json`.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The target's counter.
    pub metric: fn(&MetricNames) -> &str,
    /// Which of the counter's series.
    pub labels: &'static [(&'static str, &'static str)],
    /// How often it may happen all the same; None is not judged.
    pub allowed: fn(&ServerBudget) -> Option<u64>,
}

/// Everything that must not happen.
pub const INCIDENTS: [Incident; 6] = [
    Incident {
        key: "unnamed_queries",
        title: "unnamed queries",
        metric: |names| &names.unnamed_queries,
        labels: &[],
        allowed: |budget| budget.unnamed_queries,
    },
    Incident {
        key: "query_loops",
        title: "queries in a loop",
        metric: |names| &names.query_loops,
        labels: &[],
        allowed: |budget| budget.query_loops,
    },
    Incident {
        key: "query_counts_exceeded",
        title: "requests with more queries than declared",
        metric: |names| &names.query_counts_exceeded,
        labels: &[],
        allowed: |budget| budget.query_counts_exceeded,
    },
    Incident {
        key: "rows_exceeded",
        title: "queries with more rows than declared",
        metric: |names| &names.rows_exceeded,
        labels: &[],
        allowed: |budget| budget.rows_exceeded,
    },
    Incident {
        key: "plan_changes",
        title: "changed plans",
        metric: |names| &names.plan_changes,
        labels: &[],
        allowed: |budget| budget.plan_changes,
    },
    Incident {
        key: "log_drops",
        title: "dropped log lines",
        metric: |names| &names.log_drops,
        labels: &[("signal", "logs")],
        allowed: |budget| budget.log_drops,
    },
];
