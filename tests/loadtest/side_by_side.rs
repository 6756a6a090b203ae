//! `compare`, `capacity` and `calibrate` against servers whose latency is known: what they find, and that nothing stays behind.

use std::{net::TcpStream, path::Path, process::Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tests::eventually;
use tokio::process::{Child, Command};

use crate::BINARY;

/// What is sent: one route, which every stub has.
const SCENARIO: &str = "[[scenario]]\nname = \"one\"\n\n[[scenario.step]]\nroute = \"GET /\"\n";
/// Whatever this machine is busy with besides.
const SLOW_MACHINE: &str = "[generator]\ngap = \"60s\"\ntainted = \"100%\"\ncpu = \"100%\"\nslip_p99 = \"60s\"\nbegun = \"1%\"\n[default]\nstall = \"60s\"\n";

/// A folder with a scenario and budgets, and what the harness left in it.
struct Harness {
    folder: TempDir,
}

struct Ended {
    code: Option<i32>,
    said: String,
}

impl Harness {
    fn new(budgets: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let budgets = format!("{SLOW_MACHINE}{budgets}");
        std::fs::write(folder.path().join("scenario.toml"), SCENARIO).unwrap();
        std::fs::write(folder.path().join("budgets.toml"), budgets).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if arguments.first() != Some(&"calibrate") {
            command.args([
                "--scenario",
                "scenario.toml",
                "--budgets",
                "budgets.toml",
                "--out",
                "out",
            ]);
        }
        command
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        let child = self.command(arguments).spawn().unwrap();
        ended(child).await
    }

    fn read(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.path().join("out").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

async fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    Ended {
        code: output.status.code(),
        said: String::from_utf8(said).unwrap(),
    }
}

/// A stub that writes its process id and port into the harness's folder before it serves.
fn stub(name: &str, options: &str) -> String {
    format!(
        "sh -c 'echo $$ {{port}} > {name}.pid && exec {BINARY} stub --listen 127.0.0.1:{{port}} {options}'"
    )
}

/// The process and the port of such a stub.
fn started(harness: &Harness, name: &str) -> Option<(Pid, u16)> {
    let text = std::fs::read_to_string(harness.path().join(format!("{name}.pid"))).ok()?;
    let (pid, port) = text.trim().split_once(' ')?;
    Some((Pid::from_raw(pid.parse().ok()?)?, port.parse().ok()?))
}

async fn is_gone(harness: &Harness, name: &str) {
    let (pid, port) = started(harness, name).unwrap();
    eventually("the stub is gone", async || {
        test_kill_process(pid).is_err() && TcpStream::connect(("127.0.0.1", port)).is_err()
    })
    .await;
}

#[tokio::test]
async fn a_slower_second_side_is_found_and_both_are_stopped() {
    let harness = Harness::new("");
    let (a, b) = (stub("a", "--delay 2ms"), stub("b", "--delay 6ms"));
    let ended = harness
        .run(&[
            "compare",
            "--a",
            &a,
            "--b",
            &b,
            "--ready",
            "/",
            "--rounds",
            "7",
            "--round-time",
            "300ms",
            "--warmup",
            "0",
            "--users",
            "4",
        ])
        .await;
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("B is slower: p50 +"), "{}", ended.said);
    let comparison = harness.read("compare.json");
    assert_eq!(comparison["verdict"], "FAIL");
    let pairs = comparison["pairs"].as_array().unwrap().iter();
    let counted = pairs.filter(|pair| pair["left_out"].as_array().unwrap().is_empty());
    assert_eq!(counted.count(), 7);
    let ratio = comparison["measures"][0]["ratio"].as_f64().unwrap();
    assert!(ratio > 1.5 && ratio < 3.5, "6 ms to 2 ms: {ratio}");
    assert!(harness.path().join("out/compare.html").exists());
    is_gone(&harness, "a").await;
    is_gone(&harness, "b").await;
}

#[tokio::test]
async fn a_side_that_does_not_start_is_an_error_and_the_other_one_is_stopped() {
    let harness = Harness::new("");
    let a = stub("a", "");
    let b = format!("{BINARY} stub --listen 127.0.0.1:{{port}} --delay soon");
    let ended = harness.run(&["compare", "--a", &a, "--b", &b]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.said);
    let last = ended.said.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("error: --b: the command ended"),
        "{}",
        ended.said
    );
    is_gone(&harness, "a").await;
    let ended = harness
        .run(&["compare", "--a", &a, "--b", "no-such-program {port}"])
        .await;
    assert_eq!(ended.code, Some(2), "{}", ended.said);
    assert!(
        ended.said.contains("cannot start no-such-program"),
        "{}",
        ended.said
    );
    is_gone(&harness, "a").await;
}

#[tokio::test]
async fn both_sides_are_stopped_when_the_harness_is_interrupted_or_killed() {
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::KILL, None)] {
        let harness = Harness::new("");
        let (a, b) = (stub("a", ""), stub("b", ""));
        let child = harness
            .command(&["compare", "--a", &a, "--b", &b, "--warmup", "60s"])
            .spawn()
            .unwrap();
        eventually("both sides serve", async || {
            ["a", "b"].iter().all(|name| {
                started(&harness, name)
                    .is_some_and(|(_, port)| TcpStream::connect(("127.0.0.1", port)).is_ok())
            })
        })
        .await;
        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ended = ended(child).await;
        assert_eq!(ended.code, code, "{}", ended.said);
        is_gone(&harness, "a").await;
        is_gone(&harness, "b").await;
    }
}

#[tokio::test]
async fn too_few_rounds_and_sides_that_are_none_are_refused() {
    let harness = Harness::new("");
    let a = "http://127.0.0.1:9";
    for (arguments, part) in [
        (
            vec!["compare", "--a", a, "--b", a, "--rounds", "5"],
            "5 rounds cannot decide 2 measures",
        ),
        (vec!["compare", "--a", a, "--b", "api serve"], "{port}"),
        (
            vec!["compare", "--a", a, "--b", a, "--target", a],
            "--a and --b",
        ),
        (vec!["capacity", "--target", a, "--rate", "5"], "--start"),
        (
            vec!["capacity", "--target", a, "--max", "5"],
            "--max is less than --start",
        ),
    ] {
        let ended = harness.run(&arguments).await;
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.said);
        assert!(ended.said.contains(part), "{arguments:?}: {}", ended.said);
    }
}

/// One request at a time, each for 5 ms of the processor: 200/s and no more.
#[tokio::test]
async fn the_capacity_of_a_server_that_is_known_lies_in_the_bracket() {
    let harness = Harness::new("p50 = \"60ms\"\nerrors = \"50%\"\n[run]\nerrors = \"50%\"\n");
    let mut command = Command::new(BINARY);
    command
        .args(["stub", "--work", "5ms"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut url)
        .await
        .unwrap();
    let ended = harness
        .run(&[
            "capacity",
            "--target",
            url.trim(),
            "--start",
            "60",
            "--precision",
            "50%",
            "--step-time",
            "1s",
            "--rounds",
            "2",
            "--warmup",
            "0",
            "--arrival",
            "constant",
        ])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    let found = harness.read("capacity.json");
    let (holds, breaks) = (
        found["holds"].as_f64().unwrap(),
        found["breaks"].as_f64().unwrap(),
    );
    assert!((20.0..=210.0).contains(&holds), "{}", ended.said);
    assert!(breaks <= 500.0 && breaks > holds, "{}", ended.said);
    assert!(
        ended.said.contains("offered") && ended.said.contains("limit"),
        "{}",
        ended.said
    );
    assert!(harness.path().join("out/capacity.html").exists());
}

#[tokio::test]
async fn a_calibration_says_up_to_which_rate_figures_can_be_trusted() {
    let harness = Harness::new("");
    let ended = harness.run(&["calibrate", "--seconds", "1"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(
        ended.said.contains("64 users") && ended.said.contains("trusted"),
        "{}",
        ended.said
    );
}
