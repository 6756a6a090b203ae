//! `--live`: the harness is looked at while it runs, by whoever reads metrics. Without Debian's package `prometheus` one test says so and is over,
//! unless `REQUIRE_PROMETHEUS=1`.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use tests::{eventually, is_installed, nobody};
use tokio::net::TcpListener;

use crate::run::Run;

/// The values of a text exposition that belong to counters.
fn counters(text: &str) -> Vec<(String, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let samples = lines.filter_map(|line| line.rsplit_once(' '));
    let counters = samples.filter(|(series, _)| {
        ["_total", "_count", "_bucket"]
            .iter()
            .any(|kind| series.ends_with(kind) || series.contains(&format!("{kind}{{")))
    });
    counters
        .map(|(series, value)| (series.to_owned(), value.parse().unwrap()))
        .collect()
}

fn sum(text: &str, begin: &str, part: &str) -> f64 {
    let counters = counters(text).into_iter();
    counters
        .filter(|(series, _)| series.starts_with(begin) && series.contains(part))
        .map(|(_, value)| value)
        .sum()
}

/// What it says; nothing while nobody listens.
async fn look(address: &str) -> Option<String> {
    let answer = reqwest::get(format!("http://{address}/metrics")).await;
    answer.ok()?.text().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_grow_over_warm_up_and_rounds_and_go_with_the_run() {
    let address = nobody().to_string();
    let run = Run::of_its_own_service("").with(&["--round-time", "2s", "--live", &address]);
    let running = run.start();
    let (mut last, mut seen) = (String::new(), 0.0);
    eventually("measured requests are shown", async || {
        let Some(text) = look(&address).await else {
            return false;
        };
        for ((series, before), (same, after)) in counters(&last).iter().zip(counters(&text)) {
            assert!(
                *series == same && *before <= after,
                "{series}: {before}, {after}"
            );
        }
        seen = sum(&text, "loadtest_requests_total{", "phase=\"measured\"");
        last = text;
        seen >= 20.0
    })
    .await;
    assert!(last.contains("loadtest_run_info{"), "{last}");
    let begun = sum(&last, "loadtest_tickets_begun_total", "");
    let requests = sum(&last, "loadtest_requests_total{", "");
    assert!((begun - requests).abs() <= 64.0, "{begun} and {requests}");
    check_names(&last);
    running.end().await;
    assert!(look(&address).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_one_sentence_and_nothing_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Run::of_its_own_service("")
        .with(&["--live", &address])
        .end()
        .await;
    let sentence = ended.sentence(2);
    let begin = format!("error: --live cannot listen on {address}: name another port");
    assert!(sentence.starts_with(&begin), "{sentence}");
    assert!(!ended.stderr.contains("seeding"), "{}", ended.stderr);
}

/// By Prometheus' own tool.
fn check_names(text: &str) {
    if !is_installed(&["promtool"]) {
        return;
    }
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}
