//! `loadtest audit`: the service tells the truth, and a target that does not is found out.

use std::process::Output;

use tests::{DatabaseKind, TestApp, TestOptions, on_database};
use tokio::process::Command;

use crate::{BINARY, liar::Liar};

const SHORT: [&str; 8] = [
    "audit",
    "--rate",
    "100",
    "--round-time",
    "2s",
    "--warmup",
    "1s",
    "--out",
];

async fn audit(arguments: &[&str]) -> (Option<i32>, String) {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.args(SHORT).arg(out.path()).args(arguments);
    let output = command.kill_on_drop(true).output().await.unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout) + &text(stderr))
}

/// As much as the kinds of users ask for.
async fn fill(app: &TestApp) {
    for number in 0..10 {
        let email = format!("user{number}@example.com");
        let user = app.create_user("Ada Lovelace", &email).await;
        for title in ["One", "Two", "Three"] {
            app.create_post(&user, title).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_tells_the_truth_under_load() {
    let (code, said) = audit(&["--seed-users", "50"]).await;
    assert_eq!(code, Some(0), "{said}");
    for promise in ["requests sent = requests counted", "counters only grow"] {
        assert!(said.contains(promise), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_falsified_counter_is_named() {
    on_database(
        DatabaseKind::Sqlite,
        TestOptions::default(),
        async |app: TestApp| {
            fill(&app).await;
            let lie = "http_server_request_duration_seconds_count{";
            let liar = Liar::doubling(lie, "GET /api/v1/users\"", &app.management).await;
            let metrics = format!("{}/metrics", liar.base);
            let (code, said) = audit(&["--target", &app.base, "--metrics", &metrics]).await;
            assert_eq!(code, Some(1), "{said}");
            let named = "FAIL          GET /api/v1/users: requests sent = requests counted: ";
            assert!(said.contains(named), "{said}");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_without_metrics_cannot_be_audited() {
    let (code, said) = audit(&["--target", "http://127.0.0.1:9"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
