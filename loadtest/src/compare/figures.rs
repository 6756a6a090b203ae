//! What one side did in one round.

use crate::budgets::{Budgets, Gate};
use crate::evidence::Evidence;
use crate::measurements::Measurements;
use crate::numbers::{count, milliseconds, rank, rate};
use crate::wording::{per_second, time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one side did in one round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Requests that were measured.
    pub requests: u64,
    /// Of these, those without a right answer.
    pub errors: u64,
    /// What was wrong with them, and how often.
    pub messages: BTreeMap<String, u64>,
    /// Half of the requests took no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100 requests took no longer.
    pub p99_ms: Option<f64>,
    /// Right answers per second.
    pub throughput: f64,
    /// Processor time of the target.
    pub cpu_ms_per_request: Option<f64>,
    /// Queries of the target.
    pub queries_per_request: Option<f64>,
    /// Half of the requests of each route took no longer.
    pub routes_p50_ms: BTreeMap<String, f64>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Half of the requests take no longer.
    P50,
    /// Right answers per second.
    Throughput,
    /// Processor time of the target per request.
    CpuPerRequest,
    /// Queries of the target per request.
    QueriesPerRequest,
    /// 99 of 100 requests take no longer: shown, never gated, since it is too noisy.
    P99,
}

/// Fewer queries per request than this are none: a check of the target's own health is no regression.
const LEAST_QUERIES: f64 = 0.001;

impl Figures {
    /// The figures of a round, which is all the evidence there is.
    #[must_use]
    pub fn of(evidence: &Evidence, budgets: &Budgets) -> Self {
        let measured = Measurements::of(evidence, budgets);
        let mut figures = Self {
            queries_per_request: measured.queries_per_request(),
            ..Self::default()
        };
        for round in &evidence.rounds {
            let whole = round.whole();
            let quantile = |q| {
                let found = whole.right.at_rank(rank(q, whole.requests()));
                found.map(milliseconds)
            };
            figures.requests = whole.requests();
            figures.errors = whole.errors();
            (figures.p50_ms, figures.p99_ms) = (quantile(0.50), quantile(0.99));
            figures.throughput = rate(whole.right.count(), measured.usable_seconds);
        }
        let sent: u64 = measured.routes.iter().map(|route| route.sent).sum();
        let window = evidence.target.as_ref();
        let busy = window.and_then(|window| window.growth(&evidence.metrics.cpu_seconds, &[]));
        let busy = busy.filter(|_| sent > 0);
        figures.cpu_ms_per_request = busy.map(|seconds| seconds * 1_000.0 / count(sent));
        for route in measured.routes {
            for (message, times) in route.messages {
                *figures.messages.entry(message).or_default() += times;
            }
            if let Some(ms) = route.p50_ms {
                figures.routes_p50_ms.insert(route.route, ms);
            }
        }
        figures
    }
}

impl Measure {
    /// Everything that is compared, in the order of the report.
    pub const ALL: [Self; 5] = [
        Self::P50,
        Self::Throughput,
        Self::CpuPerRequest,
        Self::QueriesPerRequest,
        Self::P99,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::Throughput => "throughput",
            Self::CpuPerRequest => "CPU per request",
            Self::QueriesPerRequest => "queries per request",
            Self::P99 => "p99",
        }
    }

    /// Its name in the budgets; None for what is never gated.
    #[must_use]
    pub fn gate(self) -> Option<Gate> {
        match self {
            Self::P50 => Some(Gate::P50),
            Self::Throughput => Some(Gate::Throughput),
            Self::CpuPerRequest => Some(Gate::CpuPerRequest),
            Self::QueriesPerRequest => Some(Gate::QueriesPerRequest),
            Self::P99 => None,
        }
    }

    /// Whether the target's metrics are needed for it.
    #[must_use]
    pub fn needs_metrics(self) -> bool {
        matches!(self, Self::CpuPerRequest | Self::QueriesPerRequest)
    }

    /// Whether more of it is better.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        self == Self::Throughput
    }

    /// Its value, if there is one that can be compared.
    #[must_use]
    pub fn of(self, figures: &Figures) -> Option<f64> {
        let value = match self {
            Self::P50 => figures.p50_ms,
            Self::Throughput => Some(figures.throughput),
            Self::CpuPerRequest => figures.cpu_ms_per_request,
            Self::QueriesPerRequest => figures
                .queries_per_request
                .map(|queries| queries.max(LEAST_QUERIES)),
            Self::P99 => figures.p99_ms,
        };
        value.filter(|value| *value > 0.0 && value.is_finite())
    }

    /// A value of it for people.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::P50 | Self::P99 => time(value),
            Self::CpuPerRequest => format!("{:.1} us", value * 1_000.0),
            Self::Throughput => per_second(value),
            Self::QueriesPerRequest if value <= LEAST_QUERIES => "0".to_owned(),
            Self::QueriesPerRequest => format!("{value:.3}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Cell, Round, RouteRecord};
    use crate::probe::{Scrape, Window};
    use std::time::Duration;

    fn evidence() -> Evidence {
        let mut cell = Cell {
            wrong: 1,
            ..Cell::default()
        };
        for ms in 1..=9 {
            cell.right.record(Duration::from_millis(ms));
        }
        let mut route = RouteRecord {
            route: "GET /".to_owned(),
            ..RouteRecord::default()
        };
        route.blocks.insert(0, cell);
        route.message("status 500", 1);
        let round = Round {
            seconds: 2.0,
            block_seconds: 1,
            routes: vec![route],
            ..Round::default()
        };
        let text = |cpu: f64, queries: u32, requests: u32| {
            Scrape::of(&format!(
                "process_cpu_seconds_total {cpu}\n\
                 db_client_route_queries_total{{http_route=\"GET /\"}} {queries}\n\
                 http_server_request_duration_seconds_count{{http_route=\"GET /\"}} {requests}\n"
            ))
        };
        Evidence {
            rounds: vec![round],
            target: Some(Window {
                before: text(1.0, 5, 100),
                after: text(1.02, 25, 110),
            }),
            ..Evidence::default()
        }
    }

    #[test]
    fn a_round_comes_to_these_figures() {
        let budgets = Budgets::parse("budgets.toml", "").unwrap();
        let figures = Figures::of(&evidence(), &budgets);
        let value = |measure: Measure| measure.of(&figures).unwrap();
        let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
        assert_eq!((figures.requests, figures.errors), (10, 1));
        assert!(close(value(Measure::P50), 5.0), "half of ten is the fifth");
        assert!(close(value(Measure::Throughput), 4.5), "right answers only");
        assert!(close(value(Measure::CpuPerRequest), 2.0));
        assert!(close(value(Measure::QueriesPerRequest), 2.0));
        assert_eq!(Measure::P99.of(&figures), None, "it falls among failures");
        assert_eq!(figures.messages["status 500"], 1);
    }

    #[test]
    fn what_the_target_does_not_tell_is_unknown() {
        let budgets = Budgets::parse("budgets.toml", "").unwrap();
        let blind = Evidence {
            target: None,
            ..evidence()
        };
        let figures = Figures::of(&blind, &budgets);
        assert!(Measure::P50.of(&figures).is_some());
        for measure in Measure::ALL.into_iter().filter(|m| m.needs_metrics()) {
            assert_eq!(measure.of(&figures), None, "{}", measure.name());
        }
    }
}
