//! What a target does not say cannot be told; it is no lie.

use super::*;
use crate::judge::Verdict::Inconclusive;

/// The honest target without the lines that begin so.
fn without(prefix: &str) -> Audited {
    let lines = AFTER.lines().filter(|line| !line.starts_with(prefix));
    let text = lines.collect::<Vec<_>>().join("\n");
    from(&before(&text), &text)
}

#[test]
fn what_is_not_exported_is_inconclusive_and_named() {
    for (metric, promise) in [
        (
            "http_server_request_duration_seconds_count",
            "requests sent = requests counted",
        ),
        (
            "http_server_request_duration_seconds_bucket",
            "the server's time lies inside the client's",
        ),
        (
            "http_server_request_phase_seconds_total",
            "phase seconds = request seconds",
        ),
        (
            "db_client_route_queries_total",
            "queries by route = queries by name",
        ),
        (
            "cache_gets_total",
            "look-ups = hits + misses + coalesced + errors",
        ),
        ("cache_load_duration_seconds_count", "a load for each miss"),
        (
            "http_server_active_requests",
            "nothing is under way at the end",
        ),
        (
            "db_client_connection_pending_requests",
            "nobody waits for a connection at the end",
        ),
        ("telemetry_dropped_total", "no log line is dropped"),
        ("app_build_info", "it says what it is"),
    ] {
        let findings = without(metric).findings();
        assert_eq!(of(&findings, promise), Inconclusive, "{metric}");
        let mut own = findings.iter().filter(|found| found.promise == promise);
        let named = own.all(|found| found.message.contains(metric));
        assert!(named, "{metric}");
    }
}

#[test]
fn answers_without_headers_are_inconclusive() {
    let mut audited = saying(AFTER);
    for request in audited.slowest() {
        (request.trace_id, request.request_id) = (None, None);
        request.phases.clear();
    }
    let findings = audited.findings();
    for promise in [
        "Server-Timing <= the client's time",
        "its histogram has what Server-Timing says",
        "every answer has a trace id of its own",
        "every answer has a request id of its own",
    ] {
        assert_eq!(of(&findings, promise), Inconclusive, "{promise}");
    }
}

#[test]
fn a_target_of_another_kind_is_inconclusive_throughout() {
    let findings = from("up 1\n", "up 1\n").findings();
    assert_eq!(verdict(&findings), Inconclusive);
    assert_eq!(of(&findings, "counters only grow"), Inconclusive);
}

#[test]
fn a_target_whose_metrics_cannot_be_read_is_inconclusive() {
    let mut audited = saying(AFTER);
    audited.evidence.target = None;
    assert_eq!(verdict(&audited.findings()), Inconclusive);
}
