//! What was sent is what was counted.

use std::collections::BTreeMap;

use tests::on_each_database;

use crate::{
    delta::{Delta, same},
    traffic::{self, MIX},
};

const REQUESTS: &str = "http_server_request_duration_seconds_count";

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_counted_once_under_its_route_and_status() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        let mut sent = BTreeMap::new();
        for step in MIX {
            // HEAD is counted with the GET that answers it.
            let method = step.route.split_once(' ').map_or(step.method, |(of, _)| of);
            *sent.entry((method, step.route, step.status)).or_insert(0) += 1;
        }
        for ((method, route, status), count) in sent {
            let method = if method == "BREW" { "_OTHER" } else { method };
            let labels = [
                ("http_request_method", method),
                ("http_route", route),
                ("http_response_status_code", &status.to_string()),
            ];
            assert!(same(delta.of(REQUESTS, &labels), count), "{labels:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_answers_are_those_that_the_client_got() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        let responses = traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        let mut bytes = BTreeMap::new();
        for (step, response) in MIX.iter().zip(&responses) {
            *bytes.entry(step.route).or_insert(0) += response.text.len();
        }
        for (route, bytes) in bytes {
            let counted = delta.of(
                "http_server_response_body_bytes_total",
                &[("http_route", route)],
            );
            assert!(same(counted, bytes), "{route}: {counted} of {bytes}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_in_flight_after_the_last_answer() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        assert!(same(delta.after.sum("http_server_active_requests", &[]), 0));
        assert!(same(delta.after.sum("cache_loads_in_flight", &[]), 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_a_name_never_runs() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        assert!(same(
            delta.after.sum("db_client_unnamed_queries_total", &[]),
            0
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_runs_more_queries_than_it_declares() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        assert!(same(
            delta.after.sum("db_client_query_count_exceeded_total", &[]),
            0
        ));
        assert!(same(
            delta.after.sum("db_client_n_plus_one_suspected_total", &[]),
            0
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_the_log_are_counted_by_level() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        traffic::run(&app).await;
        let delta = Delta::after_requests(&app, before, MIX.len()).await;
        let lines = app.access_lines(MIX.len()).await;
        for (level, label) in [("INFO", "info"), ("WARN", "warn"), ("ERROR", "error")] {
            let written = lines.iter().filter(|line| line["level"] == level).count();
            assert!(
                same(delta.of("log_events_total", &[("level", label)]), written),
                "{level}"
            );
        }
        assert!(same(delta.after.sum("telemetry_dropped_total", &[]), 0));
    })
    .await;
}
