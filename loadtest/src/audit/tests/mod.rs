//! An honest target, and the same with one lie at a time: no check may miss the lie that it is for.

mod lies;
mod silence;

use super::*;
use crate::budgets::Budgets;
use crate::evidence::{Cell, Round, RouteRecord, SlowRequest};
use crate::probe::Scrape;
use std::collections::BTreeMap;
use std::time::Duration;

const ROUTE: &str = "GET /a";

/// What the honest target says after 100 requests: 98 of 3 ms, and two of 20 ms.
const AFTER: &str = "\
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_route=\"GET /a\",le=\"0.001\"} 0
http_server_request_duration_seconds_bucket{http_route=\"GET /a\",le=\"0.005\"} 98
http_server_request_duration_seconds_bucket{http_route=\"GET /a\",le=\"0.1\"} 100
http_server_request_duration_seconds_bucket{http_route=\"GET /a\",le=\"1\"} 100
http_server_request_duration_seconds_bucket{http_route=\"GET /a\",le=\"+Inf\"} 100
http_server_request_duration_seconds_sum{http_route=\"GET /a\"} 0.3
http_server_request_duration_seconds_count{http_route=\"GET /a\"} 100
http_server_active_requests 0
http_server_request_phase_seconds_total{http_route=\"GET /a\",phase=\"db\"} 0.2
http_server_request_phase_seconds_total{http_route=\"GET /a\",phase=\"handler\"} 0.1
# TYPE db_client_operation_duration_seconds histogram
db_client_operation_duration_seconds_count{db_query_summary=\"a.list\"} 70
db_client_operation_duration_seconds_count{db_query_summary=\"health.ping\"} 3
db_client_route_queries_total{http_route=\"GET /a\",db_query_summary=\"a.list\"} 70
cache_gets_total{cache_name=\"a\",result=\"hit\"} 30
cache_gets_total{cache_name=\"a\",result=\"miss\"} 70
cache_load_duration_seconds_count{cache_name=\"a\"} 70
db_client_connection_pending_requests 0
telemetry_dropped_total{signal=\"logs\"} 0
app_build_info{version=\"1\"} 1
";

/// Everything that is checked, to be changed by a test.
struct Audited {
    evidence: Evidence,
    budgets: Budgets,
    readings: Vec<Reading>,
}

/// A target that says so much later, before the first request: every counter is 0.
fn before(after: &str) -> String {
    let zeroed = |line: &str| match line.rsplit_once(' ') {
        Some((series, _)) if !line.starts_with(['#', 'a']) => format!("{series} 0\n"),
        _ => format!("{line}\n"),
    };
    after.lines().map(zeroed).collect()
}

/// A target that was honest at the begin, and says this after its requests.
fn saying(after: &str) -> Audited {
    from(&before(AFTER), after)
}

fn from(before: &str, after: &str) -> Audited {
    let quick = Duration::from_millis(2);
    let readings = vec![Reading::of(before, quick), Reading::of(after, quick)];
    let window = Window {
        before: Scrape::of(before),
        after: Scrape::of(after),
    };
    let round = Round {
        seconds: 1.0,
        routes: vec![record()],
        ..Round::default()
    };
    let evidence = Evidence {
        rounds: vec![round],
        target: Some(window),
        ..Evidence::default()
    };
    let budgets = Budgets::parse("b.toml", "[default]\np99 = \"100ms\"\n").unwrap();
    Audited {
        evidence,
        budgets,
        readings,
    }
}

fn record() -> RouteRecord {
    let mut cell = Cell::default();
    for _ in 0..98 {
        cell.right.record(Duration::from_millis(4));
    }
    for _ in 0..2 {
        cell.right.record(Duration::from_millis(21));
    }
    RouteRecord {
        route: ROUTE.to_owned(),
        service: cell.right.clone(),
        blocks: BTreeMap::from([(0, cell)]),
        slowest: vec![slow("1"), slow("2")],
        ..RouteRecord::default()
    }
}

fn slow(id: &str) -> SlowRequest {
    let phases = [("db", 19.0), ("app", 1.0)];
    SlowRequest {
        ms: 21.0,
        waited_ms: 0.5,
        trace_id: Some(id.to_owned()),
        request_id: Some(id.to_owned()),
        phases: phases.map(|(name, ms)| (name.to_owned(), ms)).into(),
    }
}

impl Audited {
    fn findings(&self) -> Vec<Finding> {
        audit(&Case {
            evidence: &self.evidence,
            measured: &Measurements::of(&self.evidence, &self.budgets),
            readings: &self.readings,
        })
    }

    fn slowest(&mut self) -> &mut Vec<SlowRequest> {
        &mut self.evidence.rounds[0].routes[0].slowest
    }
}

/// The verdict of the check with this promise.
fn of(findings: &[Finding], promise: &str) -> Verdict {
    let own = findings.iter().filter(|found| found.promise == promise);
    own.map(|found| found.verdict).max().unwrap()
}
