//! The commands that work on files: what they print, write and end with. Nothing is sent.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]
#![expect(clippy::indexing_slicing, reason = "so must a missing field")]

use serde_json::Value;
use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests-data/run.json")
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadtest"));
    for variable in [
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "NO_COLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(variable);
    }
    command
}

fn loadtest(arguments: &[&str]) -> Output {
    command().args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was said about a mistake: one line, and exit code 2.
#[track_caller]
fn mistake(arguments: &[&str]) -> String {
    let output = loadtest(arguments);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// A folder with a file of this text in it.
fn file(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// The committed run as shard `shard` of `of`.
fn shard(folder: &Path, shard: u32, of: u32) -> String {
    let mut run: Value = serde_json::from_str(&read_to_string(committed()).unwrap()).unwrap();
    run["evidence"]["plan"]["shard"] = serde_json::json!([shard, of]);
    let path = folder.join(format!("{shard}.json"));
    write(&path, run.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_verdict_is_given_again_with_its_exit_code_and_without_colours() {
    let run = committed();
    let output = loadtest(&["judge", run.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.lines().last().unwrap().starts_with("FAIL: "), "{text}");
    assert!(
        !text.contains('\u{1b}'),
        "colours without a terminal: {text}"
    );
    let coloured = loadtest(&["judge", run.to_str().unwrap(), "--color", "always"]);
    assert!(stdout(&coloured).contains("\u{1b}[31m"));
}

#[test]
fn other_budgets_give_another_verdict_and_all_reports() {
    let text = "[default]\np50 = \"10s\"\nerrors = \"50%\"\nstall = \"60s\"\n[run]\nerrors = \"50%\"\n[generator]\ntainted = \"10%\"\n[query_default]\nshare = \"1%\"\n";
    let (folder, budgets) = file("loose.toml", text);
    let out = folder.path().join("out");
    let run = committed();
    let run = run.to_str().unwrap();
    let arguments = [
        "judge",
        run,
        "--budgets",
        &budgets,
        "--out",
        out.to_str().unwrap(),
    ];
    let output = loadtest(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let report: Value =
        serde_json::from_str(&read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(report["judgement"]["verdict"], "PASS");
    for name in ["report.html", "junit.xml", "summary.md", "report.txt"] {
        assert!(out.join(name).exists(), "{name}");
    }
}

#[test]
fn a_file_that_is_no_run_is_one_sentence() {
    let (_folder, path) = file("x.json", "{\"schema\": 1, \"evidence\": []}");
    for command in ["judge", "merge"] {
        let said = mistake(&[command, &path]);
        assert!(
            said.starts_with(&format!("error: {path}: this is no run.json")),
            "{said}"
        );
    }
    let (_folder, path) = file("x.json", "{\"schema\": 7}");
    let said = mistake(&["report", &path, "--out", "/nowhere"]);
    assert!(
        said.contains("has schema 7, but this version of loadtest reads schema 1"),
        "{said}"
    );
}

#[test]
fn budgets_for_what_was_not_seen_are_one_sentence_with_their_place() {
    let run = committed();
    let (_folder, budgets) = file("b.toml", "[route.\"GET /nowhere\"]\np99 = \"1s\"\n");
    let said = mistake(&["judge", run.to_str().unwrap(), "--budgets", &budgets]);
    let sentence = format!("error: {budgets}:1:8: there is no route \"GET /nowhere\"");
    assert!(said.starts_with(&sentence), "{said}");
}

#[test]
fn only_the_formats_asked_for_are_written() {
    let out = tempfile::tempdir().unwrap();
    let (run, folder) = (committed(), out.path().to_str().unwrap());
    let arguments = [
        "report",
        run.to_str().unwrap(),
        "--out",
        folder,
        "--format",
        "junit,md",
    ];
    assert_eq!(loadtest(&arguments).status.code(), Some(0));
    let files = std::fs::read_dir(out.path()).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["junit.xml", "summary.md"]);
}

#[test]
fn a_missing_shard_is_never_a_quiet_pass() {
    let folder = tempfile::tempdir().unwrap();
    let parts = [0, 1].map(|number| shard(folder.path(), number, 3));
    let loose = folder.path().join("loose.toml");
    write(
        &loose,
        "[default]\np50 = \"10s\"\nerrors = \"50%\"\nstall = \"60s\"\n[run]\nerrors = \"50%\"\n[generator]\ntainted = \"10%\"\n",
    )
    .unwrap();
    let out = folder.path().join("out");
    let [out, loose] = [&out, &loose].map(|path| path.to_str().unwrap());
    let arguments = [
        "merge",
        &parts[0],
        &parts[1],
        "--out",
        out,
        "--budgets",
        loose,
    ];
    let output = loadtest(&arguments);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("without shard 2/3"), "{text}");
    let said = mistake(&["merge", &parts[0], &parts[0], "--out", out]);
    assert!(
        said.contains("has shard 0/3, which is there already"),
        "{said}"
    );
}

#[test]
fn ci_gets_annotations_and_a_summary() {
    let (folder, summary) = file("summary.md", "what others said\n");
    let run = committed();
    let mut command = command();
    command.args(["judge", run.to_str().unwrap()]);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary);
    let output = command.output().unwrap();
    let text = stdout(&output);
    assert!(text.starts_with("::error title=FAIL%3A "), "{text}");
    let summary = read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(
        summary.starts_with("what others said\n## Load test: FAIL\n"),
        "{summary}"
    );
}

#[test]
fn on_a_full_disk_the_verdict_is_told_and_the_old_reports_stay() {
    let out = tempfile::tempdir().unwrap();
    let old = out.path().join("run.json");
    write(&old, "the old one").unwrap();
    // No file may be longer than 512 bytes: writing more is an error, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let (run, folder) = (committed(), out.path().to_str().unwrap());
    let binary = env!("CARGO_BIN_EXE_loadtest");
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        script,
        binary,
        "judge",
        run.to_str().unwrap(),
        "--out",
        folder,
    ]);
    let output = shell.output().unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.starts_with(&format!("error: cannot write {}: ", old.display())),
        "{said}"
    );
    assert!(
        stdout(&output)
            .lines()
            .last()
            .unwrap()
            .starts_with("FAIL: ")
    );
    assert_eq!(read_to_string(&old).unwrap(), "the old one");
    assert_eq!(
        std::fs::read_dir(out.path()).unwrap().count(),
        1,
        "nothing half done"
    );
}
