//! `dashboards up`.

use std::net::TcpListener;

use rustix::process::Signal;

use crate::run::{Ended, FREE_PORTS, Running, eventually, is_installed, json};

/// A small stack with a little load.
fn start(arguments: &[&str]) -> Running {
    let small = ["up", "--fast", "--seed-users", "50"];
    Running::start(&[&small, &FREE_PORTS[..], arguments].concat())
}

/// The address that stands behind a word in what was printed.
fn address<'a>(printed: &'a str, word: &str) -> &'a str {
    let line = printed.lines().find(|line| line.starts_with(word)).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap();
    url.split('/').nth(2).unwrap()
}

/// Waits until all four targets of Prometheus answer it.
async fn all_targets_are_up(prometheus: &str) {
    let url = format!("http://{prometheus}/api/v1/query?query=up%20%3D%3D%201");
    eventually("all targets are up", async || {
        let answer = json(&url).await?;
        (answer["data"]["result"].as_array()?.len() == 4).then_some(())
    })
    .await;
}

async fn ended_by(signal: Signal) -> Ended {
    let mut running = start(&["--load", "10"]);
    let printed = running.says("Ctrl-C").await;
    all_targets_are_up(address(&printed, "Prometheus")).await;
    // Itself, and five others with their guards.
    assert!(running.processes().len() > 5, "{:?}", running.processes());
    running.signal(signal);
    running.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_runs_until_ctrl_c_and_is_stopped_by_it() {
    if is_installed() {
        let ended = ended_by(Signal::INT).await;
        assert_eq!(ended.code(), Some(0), "{}", ended.stderr);
        assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_running_when_it_is_killed() {
    if is_installed() {
        assert_eq!(ended_by(Signal::KILL).await.code(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_alertmanager_delivers_is_printed_and_shown() {
    if !is_installed() {
        return;
    }
    let mut running = start(&[]);
    let printed = running.says("Ctrl-C").await;
    let url = format!("http://{}/", address(&printed, "deliveries"));
    running.says("deadman  firing    Watchdog").await;
    let shown = json(&url).await.unwrap();
    assert_eq!(shown[0]["labels"]["alertname"], "Watchdog", "{shown}");
    assert_eq!(shown[0]["receiver"], "deadman");
    // The service has switches, and all of them are off.
    running.signal(Signal::TERM);
    assert_eq!(running.end().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_prometheus_the_package_that_has_it_is_named() {
    let nothing = tempfile::tempdir().unwrap();
    let arguments = [&["up"], &FREE_PORTS[..]].concat();
    let ended = Running::with(&arguments, |command| {
        command.env("PATH", nothing.path());
    });
    let ended = ended.end().await;
    let sentence = ended.sentence(2);
    assert!(
        sentence.contains("apt install prometheus prometheus-alertmanager"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_port_is_named_with_the_option_that_changes_it() {
    if !is_installed() {
        return;
    }
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let option = format!("--prometheus-port={}", busy.local_addr().unwrap().port());
    let mut arguments = vec!["up", &option];
    arguments.extend(
        FREE_PORTS
            .iter()
            .filter(|option| !option.contains("prometheus")),
    );
    let ended = Running::start(&arguments).end().await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("--prometheus-port"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_said_to_in_one_sentence() {
    if !is_installed() {
        return;
    }
    let ended = start(&["--database", "postgres://nobody@127.0.0.1:1/nothing"])
        .end()
        .await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("database"), "{sentence}");
}
