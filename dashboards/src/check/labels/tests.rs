//! Labels followed through expressions that are right, and through expressions that are not.

use super::super::expression::{examine, tests::assert_found};
use crate::catalogue::Known;

#[track_caller]
fn assert_labels(expression: &str, expected: &[&str]) {
    let reading = examine(expression, &Known::new());
    assert_eq!(reading.faults, Vec::<String>::new(), "{expression}");
    let labels = reading.labels.unwrap_or_default();
    assert!(labels.iter().eq(expected), "{expression}: {labels:?}");
}

#[test]
fn what_grows_is_asked_how_fast_and_what_does_not_is_not() {
    for expression in [
        "sum(cache_gets_total)",
        "max_over_time(cache_gets_total[5m])",
        "cache_load_duration_seconds_count > 0",
    ] {
        assert_found(expression, "only grows");
    }
    assert_found("rate(cache_entries[5m])", "goes up and down");
    assert_labels("count(cache_gets_total)", &[]);
    assert_labels(
        "changes(process_start_time_seconds[5m])",
        &["instance", "job"],
    );
}

#[test]
fn a_label_that_was_summed_away_is_found() {
    assert_found("sum by (route) (cache_entries)", "the label `route`");
    assert_found(
        "max by (job) (sum by (cache_name) (cache_entries))",
        "the label `job`",
    );
    assert_found("sum without (route) (cache_entries)", "the label `route`");
    assert_found(
        "histogram_quantile(0.9, sum(rate(cache_load_duration_seconds_bucket[5m])))",
        "needs the label `le`",
    );
}

#[test]
fn sides_that_never_match_are_found() {
    assert_found("cache_entries / sum(cache_entries)", "never match");
    assert_found(
        "sum by (job) (up) and sum by (instance) (up)",
        "never match",
    );
    assert_found(
        "cache_entries / on (route) cache_capacity_entries",
        "`on` names the label `route`",
    );
    assert_found(
        "up * on (instance) group_left (pool) app_config_info",
        "asked for its label `pool`",
    );
    assert_found(
        "up * on (instance) group_right (pool) app_config_info",
        "asked for its label `pool`",
    );
}

#[test]
fn labels_are_followed_as_prometheus_does() {
    for (expression, expected) in [
        (
            "cache_entries / cache_capacity_entries",
            &["cache_name", "instance", "job"][..],
        ),
        ("sum by (job) (up)", &["job"]),
        ("topk by (job) (3, up)", &["instance", "job"]),
        ("sum without (job) (up)", &["instance"]),
        ("count_values by (job) (\"value\", up)", &["job", "value"]),
        (
            "sum by (job) (up) / ignoring (job) group_left () sum(up)",
            &["job"],
        ),
        ("up / on (job) sum by (job) (up)", &["job"]),
        ("sum by (job) (up) > ignoring (job) sum(up)", &[]),
        (
            "up * on (instance) group_left (revision) app_build_info",
            &["instance", "job", "revision"],
        ),
        (
            "sum by (job) (up) * on (job) group_right () up",
            &["instance", "job"],
        ),
        (
            "sum by (job) (up) or sum by (instance) (up)",
            &["instance", "job"],
        ),
        ("up unless on (job) cache_entries", &["instance", "job"]),
        ("absent(up{job=\"api\",instance=~\"a\"})", &["job"]),
        (
            "label_replace(sum(up), \"to\", \"x\", \"job\", \".*\")",
            &["to"],
        ),
        ("vector(1)", &[]),
        ("-up + 2 * scalar(sum(up))", &["instance", "job"]),
        ("max_over_time(sum by (job) (up)[5m:1m])", &["job"]),
        (
            "histogram_quantile(0.9, sum by (le, job) (rate(cache_load_duration_seconds_bucket[5m])))",
            &["job"],
        ),
    ] {
        assert_labels(expression, expected);
    }
}
