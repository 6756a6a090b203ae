//! Every line of `docs/errors.md`, run as it stands: only the address is that of the test's own service.

use std::{path::Path, sync::Arc, time::Duration};

use api::error::{ErrorCode, Example, SEED_COMMAND, SUCCESSES};
use serde_json::Value;
use tests::{TestApp, TestOptions, on_each_empty_database, say_skipped};
use tokio::process::Command;

use crate::command_line::run_on;

/// The address in the lines.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// What a line for a shell showed last.
#[derive(Debug)]
struct Shown {
    status: u16,
    body: String,
}

impl Shown {
    /// The last answer in what `curl -i` wrote; answers to earlier commands of the line, and interim ones, come before it.
    fn last_of(output: &str) -> Self {
        let (_, last) = output.rsplit_once("HTTP/1.1 ").unwrap_or_default();
        let (head, body) = last.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.get(..3).and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or_default(),
            body: body.to_owned(),
        }
    }

    fn is(&self, code: ErrorCode) -> bool {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        self.status == code.status() && body["error"]["code"] == code.as_str()
    }
}

async fn run(app: &TestApp, line: &str) -> Shown {
    assert!(line.contains(ADDRESS), "{line}");
    let line = line.replace(ADDRESS, &app.base);
    let output = Command::new("sh").args(["-c", &line]).output();
    let output = output.await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && errors.is_empty(),
        "{line}: {errors}"
    );
    Shown::last_of(&String::from_utf8_lossy(&output.stdout))
}

async fn curl_is_there() -> bool {
    let output = Command::new("curl").arg("--version").output().await;
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_shows_what_the_page_says() {
    if !curl_is_there().await {
        say_skipped("curl");
        return;
    }
    on_each_empty_database(async |database| {
        let seed: Vec<_> = SEED_COMMAND.split(' ').skip(1).collect();
        run_on(&database.url, &seed).done();
        let options = TestOptions {
            body_timeout: Duration::from_millis(100),
            ..TestOptions::default()
        };
        let app = TestApp::spawn_shared(Arc::clone(&database), options).await;
        for success in SUCCESSES {
            let shown = run(&app, success.line).await;
            assert_eq!(shown.status, success.status, "{}: {shown:?}", success.line);
        }
        for &code in ErrorCode::ALL {
            let Example::Line(line) = code.example() else {
                continue;
            };
            let shown = run(&app, line).await;
            assert!(shown.is(code), "{code:?}: {line}: {shown:?}");
        }
        app.stop().await;
    })
    .await;
}

#[test]
fn a_code_that_needs_more_than_a_line_names_the_test_that_makes_it_happen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for &code in ErrorCode::ALL {
        let Example::Provoked { test, .. } = code.example() else {
            continue;
        };
        let source = std::fs::read_to_string(root.join(test)).unwrap_or_default();
        let name = format!("\"{}\"", code.as_str());
        assert!(source.contains(&name), "{test} has nothing of {name}");
    }
}

#[test]
fn of_several_answers_the_last_counts() {
    let output = "HTTP/1.1 201 Created\r\nA: b\r\n\r\n{}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n{\"error\":{\"code\":\"USER_NOT_FOUND\"}}";
    let shown = Shown::last_of(output);
    assert!(shown.is(ErrorCode::UserNotFound), "{shown:?}");
    assert!(!shown.is(ErrorCode::PostNotFound), "{shown:?}");
    assert_eq!(Shown::last_of("").status, 0);
}
