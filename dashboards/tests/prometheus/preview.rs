//! The command `preview`: from a real Prometheus, and what it says when there is nothing to draw.

use std::process::{Command, Output};

use tests::{is_installed, nobody};

use crate::real::{Real, eventually};

/// The command with these options, its page in a folder of its own.
fn preview(options: &[&str]) -> (Output, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let output = Command::new(env!("CARGO_BIN_EXE_dashboards"))
        .arg("preview")
        .args(options)
        .arg("--out")
        .arg(&page)
        .output()
        .unwrap();
    (output, std::fs::read_to_string(page).ok())
}

/// What is said when it cannot be done: one sentence, exit code 2, no page.
fn refused(options: &[&str]) -> String {
    let (output, page) = preview(options);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{options:?}: {said}");
    assert!(
        page.is_none() && output.stdout.is_empty(),
        "{options:?}: {said}"
    );
    said
}

/// The same, where it is about what was asked and not about how.
fn refused_in_one_sentence(options: &[&str]) -> String {
    let said = refused(options);
    assert_eq!(said.lines().count(), 1, "{options:?}: {said}");
    said
}

#[test]
fn without_a_prometheus_one_sentence_says_where_and_what_to_do() {
    let address = format!("http://{}", nobody());
    let said = refused_in_one_sentence(&["--prometheus", &address]);
    assert!(
        said.starts_with("error: there is no Prometheus at"),
        "{said}"
    );
    assert!(
        said.contains(&address) && said.contains("start it"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_meant_is_said_before_anything_is_asked() {
    for (options, expected) in [
        (["--prometheus", "localhost:9090"], "http://HOST:PORT"),
        (["--board", "nowhere"], "choose one of api-start, api-red"),
        (["--range", "0s"], "name a time such as 15m"),
        (["--range", "quarter"], "write it as 15m"),
        (["--end", "yesterday"], "2026-09-29T08:00:00Z"),
        (["--var", "job"], "job=api"),
    ] {
        let said = refused(&options);
        assert!(said.contains(expected), "{options:?}: {said}");
    }
}

#[tokio::test]
async fn a_prometheus_without_the_service_gives_a_page_that_says_so() {
    if !is_installed(&["prometheus"]) {
        return;
    }
    let real = Real::start();
    let address = real.prometheus.address();
    eventually("it has scraped itself", async || {
        let up = real.prometheus.query("up", None).await.ok()?;
        (!up.is_empty()).then_some(())
    })
    .await;
    let (output, page) = preview(&["--prometheus", &address, "--range", "1m"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let page = page.unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no series of"), "{said}");
    assert!(said.contains("let Prometheus read the rules"), "{said}");
    assert!(
        page.contains("No data") && page.contains("It needs requests"),
        "{said}"
    );
    assert!(page.contains("API / 00 Start here") && !page.contains("class=\"panel failed\""));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("panels have data") && told.contains("0 fail"),
        "{told}"
    );
    choices(&address);
}

/// What is chosen must be there: another page would be empty, and nobody would know why.
fn choices(address: &str) {
    for (options, expected) in [
        (
            ["--var", "job=nobody"],
            "no job is called `nobody`: choose one of own",
        ),
        (
            ["--var", "colour=red"],
            "there is no variable `colour`: choose one of",
        ),
        (
            ["--end", "1000000000"],
            "scraped nothing from 2001-09-09 01:31:40 UTC",
        ),
    ] {
        let said = refused_in_one_sentence(&[&["--prometheus", address], &options[..]].concat());
        assert!(said.contains(expected), "{options:?}: {said}");
    }
}
