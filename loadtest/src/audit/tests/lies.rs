//! One lie at a time.

use super::*;
use crate::judge::Verdict::{Fail, Inconclusive, Pass};

/// The verdict of a check when the honest target says one thing differently.
fn lying(promise: &str, truth: &str, lie: &str) -> Verdict {
    assert!(AFTER.contains(truth), "{truth}");
    of(&saying(&AFTER.replace(truth, lie)).findings(), promise)
}

/// The same when it says something besides.
fn adding(promise: &str, lines: &str) -> Verdict {
    of(&saying(&format!("{AFTER}{lines}")).findings(), promise)
}

#[test]
fn an_honest_target_passes_every_check() {
    let findings = saying(AFTER).findings();
    for finding in &findings {
        assert_eq!(finding.verdict, Pass, "{}: {finding}", finding.promise);
    }
    let last = "PASS: 20 checks agree, 0 do not, 0 cannot be told\n";
    assert!(render(&findings).ends_with(last), "{}", render(&findings));
}

#[test]
fn a_count_that_is_not_what_was_sent_is_found_in_both_directions() {
    let promise = "requests sent = requests counted";
    let truth = "_seconds_count{http_route=\"GET /a\"} 100";
    for lie in ["99", "101"] {
        let lie = format!("_seconds_count{{http_route=\"GET /a\"}} {lie}");
        assert_eq!(lying(promise, truth, &lie), Fail);
    }
    assert_eq!(
        lying(promise, truth, "_seconds_count{http_route=\"GET /b\"} 100"),
        Fail
    );
}

#[test]
fn a_request_without_an_answer_may_be_counted_or_not() {
    let promise = "requests sent = requests counted";
    let counted = |lost: u64| {
        let mut audited = saying(AFTER);
        let record = &mut audited.evidence.rounds[0].routes[0];
        record.blocks.get_mut(&0).unwrap().wrong = lost;
        of(&audited.findings(), promise)
    };
    assert_eq!((counted(0), counted(5)), (Pass, Pass));
}

#[test]
fn requests_of_others_are_told() {
    let line = "http_server_request_duration_seconds_count{http_route=\"GET /b\"} 5\n";
    assert_eq!(adding("nobody else asks", line), Inconclusive);
}

#[test]
fn a_server_cannot_be_slower_than_its_clients_saw() {
    let promise = "the server's time lies inside the client's";
    // The bucket to 100 ms loses requests that were answered within 5 ms.
    let truth = "le=\"0.1\"} 100";
    assert_eq!(lying(promise, truth, "le=\"0.1\"} 98"), Pass);
    assert_eq!(lying(promise, truth, "le=\"0.1\"} 97"), Fail);
}

#[test]
fn a_histogram_cannot_be_faster_than_the_answers_say_themselves() {
    let promise = "its histogram has what Server-Timing says";
    let truth = "le=\"0.005\"} 98";
    assert_eq!(lying(promise, truth, "le=\"0.005\"} 99"), Fail);
    assert_eq!(lying(promise, truth, "le=\"0.005\"} 97"), Pass);
}

#[test]
fn a_budget_between_two_buckets_is_found() {
    let mut audited = saying(AFTER);
    audited.budgets = Budgets::parse("b.toml", "[default]\np99 = \"80ms\"\n").unwrap();
    let findings = audited.findings();
    let promise = "a bucket ends at each budget";
    assert_eq!(of(&findings, promise), Fail);
    let message = "none ends at 80 ms, only at 1.0 ms, 5.0 ms, 100 ms, 1.00 s";
    assert!(findings.iter().any(|found| found.message == message));
}

#[test]
fn buckets_that_do_not_add_up_are_found() {
    let promise = "buckets add up";
    assert_eq!(lying(promise, "le=\"1\"} 100", "le=\"1\"} 99"), Fail);
    assert_eq!(lying(promise, "le=\"+Inf\"} 100", "le=\"+Inf\"} 101"), Fail);
}

#[test]
fn phases_that_are_not_the_time_of_the_requests_are_found() {
    let promise = "phase seconds = request seconds";
    assert_eq!(
        lying(promise, "phase=\"db\"} 0.2", "phase=\"db\"} 0.19"),
        Fail
    );
    assert_eq!(
        lying(promise, "phase=\"db\"} 0.2", "phase=\"db\"} 0.21"),
        Fail
    );
}

#[test]
fn queries_that_are_counted_differently_by_route_and_by_name_are_found() {
    let promise = "queries by route = queries by name";
    let by_route = "db_query_summary=\"a.list\"} 70\ncache";
    for lie in ["69", "71", "0"] {
        let lie = format!("db_query_summary=\"a.list\"}} {lie}\ncache");
        assert_eq!(lying(promise, by_route, &lie), Fail);
    }
    let line = "db_client_route_queries_total{http_route=\"GET /a\",db_query_summary=\"b\"} 1\n";
    assert_eq!(adding(promise, line), Fail);
}

#[test]
fn look_ups_of_an_unknown_kind_and_misses_without_loads_are_found() {
    let promise = "look-ups = hits + misses + coalesced + errors";
    let maybe = "cache_gets_total{cache_name=\"a\",result=\"maybe\"} 1\n";
    assert_eq!(adding(promise, maybe), Fail);
    let promise = "a load for each miss";
    let (truth, lie) = ("result=\"miss\"} 70", "result=\"miss\"} 71");
    assert_eq!(lying(promise, truth, lie), Fail);
    assert_eq!(lying(promise, truth, "result=\"miss\"} 69"), Fail);
}

#[test]
fn what_is_under_way_when_all_is_over_is_found() {
    for (promise, gauge) in [
        (
            "nothing is under way at the end",
            "http_server_active_requests",
        ),
        (
            "nobody waits for a connection at the end",
            "db_client_connection_pending_requests",
        ),
    ] {
        let (truth, lie) = (format!("{gauge} 0"), format!("{gauge} 1"));
        assert_eq!(lying(promise, &truth, &lie), Fail);
    }
}

#[test]
fn dropped_log_lines_are_found() {
    let (truth, lie) = ("signal=\"logs\"} 0", "signal=\"logs\"} 1");
    assert_eq!(lying("no log line is dropped", truth, lie), Fail);
}

#[test]
fn series_that_come_with_the_requests_are_found_and_new_combinations_are_none() {
    let promise = "series do not grow with requests";
    let users = |number: u32| -> String {
        let line = |user| format!("hits_total{{user=\"{user}\"}} 1\n");
        (0..number).map(line).collect()
    };
    assert_eq!(adding(promise, &users(4)), Fail);
    assert_eq!(adding(promise, &users(3)), Inconclusive);
    let known = "hits_total{http_route=\"GET /a\",result=\"hit\"} 1\n";
    assert_eq!(adding(promise, known), Pass);
}

#[test]
fn a_status_that_comes_for_the_first_time_is_one_of_a_closed_list() {
    let promise = "series do not grow with requests";
    let status = |label, value| format!("hits_total{{{label}=\"{value}\"}} 1\n");
    for label in ["http_response_status_code", "status", "code"] {
        assert_eq!(adding(promise, &status(label, "404")), Pass);
        assert_eq!(adding(promise, &status(label, "604")), Inconclusive);
        assert_eq!(adding(promise, &status(label, "4040")), Inconclusive);
    }
    assert_eq!(adding(promise, &status("user", "404")), Inconclusive);
}

#[test]
fn a_counter_that_falls_or_goes_is_found() {
    let promise = "counters only grow";
    let with_a_middle = |middle: &str| {
        let mut audited = saying(AFTER);
        let reading = Reading::of(middle, Duration::ZERO);
        audited.readings.insert(1, reading);
        of(&audited.findings(), promise)
    };
    assert_eq!(with_a_middle(AFTER), Pass);
    let more = AFTER.replace("le=\"0.005\"} 98", "le=\"0.005\"} 99");
    assert_eq!(with_a_middle(&more), Fail);
    let other = format!("{AFTER}# TYPE other_total counter\nother_total 1\n");
    assert_eq!(with_a_middle(&other), Fail);
}

#[test]
fn a_slow_scrape_is_found() {
    let mut audited = saying(AFTER);
    audited.readings[0].took = Duration::from_millis(1_001);
    let promise = "a scrape takes at most 1 s";
    assert_eq!(of(&audited.findings(), promise), Fail);
}

#[test]
fn an_answer_that_says_it_took_longer_than_it_did_is_found() {
    let mut audited = saying(AFTER);
    audited.slowest()[1].phases.insert("db".to_owned(), 19.6);
    let promise = "Server-Timing <= the client's time";
    assert_eq!(of(&audited.findings(), promise), Fail);
}

#[test]
fn names_of_requests_that_are_missing_or_used_twice_are_found() {
    let promise = "every answer has a trace id of its own";
    let named = |name: Option<&str>| {
        let mut audited = saying(AFTER);
        audited.slowest()[1].trace_id = name.map(str::to_owned);
        of(&audited.findings(), promise)
    };
    assert_eq!((named(Some("2")), named(Some("1"))), (Pass, Fail));
    assert_eq!(named(None), Fail);
}

#[test]
fn a_target_that_died_is_found() {
    let mut audited = saying(AFTER);
    audited.evidence.target_died = Some("it is gone".to_owned());
    assert_eq!(of(&audited.findings(), "it lives"), Fail);
}
