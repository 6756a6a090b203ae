//! Services that are not ours: a scenario file says what is sent, or a document from which one is drafted.

use std::{path::Path, process::Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::{DatabaseKind, TestOptions, on_database};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::BINARY;

const SERVICE: &str = env!("CARGO_BIN_EXE_notes-service");
const EXAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../loadtest/examples/notes.toml"
);
/// A run that a slow machine manages too. What is too rare to be decided passes: that is not what is looked at here.
const RUN: &[&str] = &[
    "--rate",
    "200",
    "--max-users",
    "32",
    "--warmup",
    "0",
    "--rounds",
    "1",
    "--round-time",
    "5s",
    "--on-inconclusive",
    "pass",
];
const SLOW_MACHINE: &str = "[generator]\ngap = \"60s\"\ntainted = \"100%\"\ncpu = \"100%\"\nslip_p99 = \"60s\"\nbegun = \"1%\"\n";
const PATIENT: &str = "[default]\np90 = \"4s\"\nerrors = \"5%\"\nstall = \"60s\"\n";

/// The notes, in a process of their own. It is killed when it is dropped.
struct Notes {
    url: String,
    _child: Child,
}

impl Notes {
    async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(SERVICE);
        command.args(["--token", "s3cret"]).args(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            url: lines.next_line().await.unwrap().unwrap(),
            _child: child,
        }
    }
}

/// What the harness left.
struct Ended {
    code: Option<i32>,
    said: String,
    folder: TempDir,
}

impl Ended {
    #[track_caller]
    fn expect(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}", self.said);
        let report = std::fs::read_to_string(self.folder.path().join("run.json")).unwrap();
        assert!(!report.contains("s3cret"));
        serde_json::from_str(&report).unwrap()
    }

    #[track_caller]
    fn refused(&self, sentence: &str) {
        assert_eq!(self.code, Some(2), "{}", self.said);
        assert!(self.said.contains(sentence), "{}", self.said);
        assert!(!self.folder.path().join("run.json").exists());
    }
}

async fn harness(arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.args(arguments).arg("--out").arg(folder.path());
    command.env("NOTES_TOKEN", "s3cret").env("TOKEN", "s3cret");
    let output = command.kill_on_drop(true).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    Ended {
        code: output.status.code(),
        said: String::from_utf8(said).unwrap(),
        folder,
    }
}

/// Runs a scenario under budgets that a slow machine keeps.
async fn run(target: &str, scenario: &Path, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let budgets = folder.path().join("budgets.toml");
    std::fs::write(&budgets, format!("{SLOW_MACHINE}{PATIENT}")).unwrap();
    let (scenario, budgets) = (scenario.to_str().unwrap(), budgets.to_str().unwrap());
    let named = [
        "run",
        "--target",
        target,
        "--scenario",
        scenario,
        "--budgets",
        budgets,
    ];
    harness(&[&named, RUN, more].concat()).await
}

/// A draft from this document, which is also a scenario of the target's own.
async fn drafted(document: &str) -> TempDir {
    let ended = harness(&["init", "--openapi", document]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    ended.folder
}

/// Every route that was asked for, each with right answers only.
fn right(report: &Value) -> Vec<&str> {
    let routes = report["measured"]["routes"].as_array().unwrap();
    let mut names = Vec::new();
    for route in routes {
        assert!(route["requests"].as_u64() > Some(0), "{route:#}");
        assert_eq!(route["errors"], 0, "{route:#}");
        names.push(route["route"].as_str().unwrap());
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_passes_and_both_views_count_the_same() {
    let notes = Notes::start(&[]).await;
    let ended = run(&notes.url, Path::new(EXAMPLE), &["--metrics", &notes.url]).await;

    let report = ended.expect(0);
    assert_eq!(right(&report).len(), 4);
    for route in report["measured"]["routes"].as_array().unwrap() {
        assert!(route["counted"] == route["sent"], "{route:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_metrics_is_judged_by_the_clients_view() {
    let notes = Notes::start(&[]).await;
    let report = run(&notes.url, Path::new(EXAMPLE), &[]).await.expect(0);
    assert_eq!(report["evidence"]["target"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_service_breaks_the_budgets_in_the_scenario() {
    let notes = Notes::start(&["--slow-ms", "300"]).await;
    let run = ["run", "--target", &notes.url, "--scenario", EXAMPLE];
    let text = std::fs::read_to_string(EXAMPLE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("slow.toml");
    let trusted = SLOW_MACHINE.replace("[generator]", "[budgets.generator]");
    std::fs::write(&scenario, format!("{text}{trusted}")).unwrap();
    let run = [&run[..3], &["--scenario", scenario.to_str().unwrap()], RUN].concat();

    let report = harness(&run).await.expect(1);
    let findings = report["judgement"]["findings"].as_array().unwrap();
    let broken = findings
        .iter()
        .filter(|finding| finding["verdict"] == "FAIL");
    let broken: Vec<_> = broken.map(|finding| &finding["subject"]).collect();
    assert!(
        broken.contains(&&Value::from("GET /notes/{id}")),
        "{findings:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_break_the_budgets_and_are_told() {
    let notes = Notes::start(&["--failing"]).await;
    let ended = run(&notes.url, Path::new(EXAMPLE), &[]).await;
    let report = ended.expect(1);
    let told = report["evidence"]["rounds"].to_string();
    assert!(told.contains("status 500 instead of 201"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_refused_before_anything_is_sent() {
    let notes = Notes::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    let text = std::fs::read_to_string(EXAMPLE).unwrap();
    std::fs::write(
        &file,
        text.replace("{env:NOTES_TOKEN}", "{env:NO_SUCH_TOKEN}"),
    )
    .unwrap();
    let ended = run(&notes.url, &file, &[]).await;
    ended.refused("wrong.toml:5:29: the environment has no variable NO_SUCH_TOKEN");
    let ended = run(&notes.url, Path::new("/nowhere.toml"), &[]).await;
    ended.refused("cannot read /nowhere.toml");
    let elsewhere = run("http://example.com", Path::new(EXAMPLE), &[]).await;
    elsewhere.refused("example.com is not this machine");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drafted_from_the_notes_document_passes() {
    let notes = Notes::start(&[]).await;
    let folder = drafted(&format!("{}/openapi.json", notes.url)).await;
    let report = run(&notes.url, &folder.path().join("scenario.toml"), &[])
        .await
        .expect(0);
    assert_eq!(right(&report).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drafted_from_our_own_document_passes() {
    on_database(DatabaseKind::Sqlite, TestOptions::default(), async |app| {
        for number in 0..5 {
            let id = app
                .create_user("Ada", &format!("ada{number}@example.com"))
                .await;
            let post = serde_json::json!({ "author_id": id, "title": "On", "body": "engines" });
            drop(
                app.post("/api/v1/posts")
                    .json(&post)
                    .send()
                    .await
                    .expect(201),
            );
        }
        let folder = drafted(&format!("{}/openapi.json", app.base)).await;
        let ended = run(&app.base, &folder.path().join("scenario.toml"), &[]).await;
        let report = ended.expect(0);
        assert!(right(&report).len() > 15, "{:?}", right(&report));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_exist_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let budgets = folder.path().join("budgets.toml");
    std::fs::write(&budgets, "mine").unwrap();
    let out = folder.path().to_str().unwrap();
    let mut command = Command::new(BINARY);
    let output = command.args(["init", "--out", out]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&budgets).unwrap(), "mine");
    assert!(!folder.path().join("scenario.toml").exists());
}
