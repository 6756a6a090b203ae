//! Every series that an expression may ask for, by who writes it: the service, the harness, Prometheus and Alertmanager themselves, and the
//! rules.
//!
//! The service's are in [`api::telemetry::catalogue`]. **A new series of Prometheus' or Alertmanager's**: a constant in its module here, once a
//! panel or a rule asks for it. **A new recorded series**: a constant in [`recorded`] if a panel shows it, [`Known::record`] if only rules do.

mod known;

use api::telemetry::{Kind, MetricFamily};

pub use self::known::{Family, Known, Part, Series, Writer};

/// Labels that Prometheus adds to every series it scrapes.
pub const TARGET_LABELS: [&str; 2] = ["job", "instance"];

/// The name of the label that says which target of a job a series comes from.
pub const INSTANCE: &str = "instance";
/// The name of the label that says which job a series comes from.
pub const JOB: &str = "job";

const fn family(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    help: &'static str,
) -> MetricFamily {
    MetricFamily {
        name,
        kind,
        labels,
        help,
    }
}

/// What the harness shows of a run that goes on, by the constants that it registers them with.
pub mod loadtest {
    use loadtest::live::catalogue::{self as live, Family};

    use super::{Kind, MetricFamily};

    pub use loadtest::live::catalogue::label;

    const fn of(family: Family) -> MetricFamily {
        super::family(
            family.name,
            match family.kind {
                live::Kind::Counter => Kind::Counter,
                live::Kind::Gauge => Kind::Gauge,
                live::Kind::Histogram(bounds) => Kind::Histogram(bounds),
            },
            family.labels,
            family.help,
        )
    }

    macro_rules! families {
        ($($const:ident),+) => {
            $(
                #[doc = concat!("[`loadtest::live::catalogue::", stringify!($const), "`].")]
                pub const $const: MetricFamily = of(live::$const);
            )+

            /// Every family of a run; a test holds it against the harness's own list.
            pub const ALL: &[MetricFamily] = &[$($const),+];
        };
    }

    families!(
        REQUESTS,
        OVER_BUDGET,
        DURATION,
        USERS,
        DUE,
        BEGUN,
        WAITED,
        SLIP,
        GAPS,
        RUN_INFO
    );
}

/// What Prometheus and Alertmanager write of themselves and of their targets.
pub mod prometheus {
    use super::{Kind, MetricFamily, family};

    /// The name of the label that says which alert a series is of.
    pub const ALERTNAME: &str = "alertname";
    /// The name of the label that says whether an alert is pending or firing.
    pub const ALERTSTATE: &str = "alertstate";
    /// The name of the label that says whom an alert is for: `page`, `ticket` or `none`.
    pub const SEVERITY: &str = "severity";

    /// 1 for a target that was scraped, 0 for one that was not.
    pub const UP: MetricFamily = family("up", Kind::Gauge, &[], "1: the newest scrape worked.");
    /// Time of the newest scrape.
    pub const SCRAPE_DURATION: MetricFamily = family(
        "scrape_duration_seconds",
        Kind::Gauge,
        &[],
        "Time of the newest scrape.",
    );
    /// Every pending and firing alert. It carries every label of its alert: these are the ones that our rules give.
    pub const ALERTS: MetricFamily = family(
        "ALERTS",
        Kind::Gauge,
        &[
            ALERTNAME,
            ALERTSTATE,
            SEVERITY,
            super::recorded::SLO,
            crate::rules::alert::DRILL,
        ],
        "1 while an alert is pending or firing.",
    );
    /// Rules that could not be evaluated.
    pub const RULE_FAILURES: MetricFamily = family(
        "prometheus_rule_evaluation_failures_total",
        Kind::Counter,
        &["rule_group"],
        "Rules that could not be evaluated.",
    );

    /// All of them.
    pub const ALL: &[MetricFamily] = &[UP, SCRAPE_DURATION, ALERTS, RULE_FAILURES];
}

/// Series that our rules record and our boards show. They are written by rules, so they carry exactly these labels.
pub mod recorded {
    use super::{Kind, MetricFamily, family};

    /// The name of the label that says which promise a series is about.
    pub const SLO: &str = "slo";

    /// The share of bad events of the last hour.
    pub const ERROR_RATIO_1H: MetricFamily = family(
        "slo:error_ratio:1h",
        Kind::Gauge,
        &[SLO, super::JOB],
        "Bad events by all events, over an hour.",
    );
    /// The share of good events that is promised.
    pub const OBJECTIVE: MetricFamily = family(
        "slo:objective:ratio",
        Kind::Gauge,
        &[SLO],
        "The share of good events that is promised.",
    );
    /// What is left of the error budget: 1 for all of it, below 0 when the promise is broken.
    pub const BUDGET_REMAINING: MetricFamily = family(
        "slo:error_budget_remaining:ratio",
        Kind::Gauge,
        &[SLO, super::JOB],
        "What is left of the error budget of 30 days.",
    );

    /// All of them.
    pub const ALL: &[MetricFamily] = &[ERROR_RATIO_1H, OBJECTIVE, BUDGET_REMAINING];
}
