//! Faults of a process of its own: what it leaves behind when it ends, and what it logs.

use api::faults::Fault;
use tests::{Outside, Process, ProcessOptions, TestDatabase, eventually, on_each_empty_database};

use crate::BINARY;

async fn start(database: &TestDatabase, faults: &'static str) -> Process {
    let mut options = ProcessOptions::new(BINARY, &database.url);
    let arguments = [faults, "--drain-delay-ms=0"];
    options.arguments = &arguments;
    Process::start(&options).await
}

async fn switch(service: &Process, fault: Fault, method: &str) {
    let path = format!("/debug/faults/{}", fault.as_str());
    let answer = service.management_request(method, &path).send().await;
    assert_eq!(answer.expect(200).json()["on"], method == "PUT");
}

/// The indexes with all of them; returned when one is gone.
async fn drop_index(service: &Process, outside: &mut Outside) -> String {
    let whole = outside.indexes().await;
    switch(service, Fault::DroppedIndex, "PUT").await;
    eventually("the index is gone", async || {
        outside.indexes().await != whole
    })
    .await;
    whole
}

fn says(log: &[String], event: &str) -> bool {
    let event = format!("\"event\":\"{event}\"");
    log.iter().any(|line| line.contains(&event))
}

/// How many lines of the flood there are.
fn flooded(log: &[String]) -> f64 {
    let lines = log.iter().filter(|line| line.contains("faults.log_flood"));
    f64::from(u32::try_from(lines.count()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn at_sigterm_the_index_is_put_back() {
    on_each_empty_database(async |database| {
        let service = start(&database, "--faults=on").await;
        assert!(says(&service.log(), "faults.wired"));
        let mut outside = Outside::of(&database).await;
        let whole = drop_index(&service, &mut outside).await;
        service.terminate();
        let (status, log) = service.wait().await;
        assert_eq!(status.code(), Some(0));
        assert_eq!(outside.indexes().await, whole);
        assert!(says(&log, "db.index_put_back"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_next_start_puts_the_index_back_whatever_its_settings() {
    on_each_empty_database(async |database| {
        for faults in ["--faults=off", "--faults=on"] {
            let service = start(&database, "--faults=on").await;
            let mut outside = Outside::of(&database).await;
            let whole = drop_index(&service, &mut outside).await;
            service.kill();
            assert_eq!(service.wait().await.0.code(), None);
            assert_ne!(outside.indexes().await, whole);

            let again = start(&database, faults).await;
            assert_eq!(outside.indexes().await, whole);
            assert!(says(&again.log(), "db.index_put_back"));
            again.terminate();
            let (status, log) = again.wait().await;
            assert_eq!(status.code(), Some(0));
            assert_eq!(says(&log, "faults.wired"), faults == "--faults=on");
            assert_eq!(outside.indexes().await, whole);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lines_is_logged_and_counted_until_it_is_switched_off() {
    on_each_empty_database(async |database| {
        let service = start(&database, "--faults=on").await;
        let warnings = async || {
            let scrape = service.scrape().await;
            scrape.sum("log_events_total", &[("level", "warn")])
        };
        switch(&service, Fault::LogFlood, "PUT").await;
        eventually("a flood is counted", async || warnings().await > 1000.0).await;
        let lines = || flooded(&service.log());
        eventually("a flood is logged", async || lines() > 1000.0).await;
        switch(&service, Fault::LogFlood, "DELETE").await;
        let scrape = service.scrape().await;
        let done = scrape.sum("fault_injections_total", &[("fault", "log_flood")]);
        // What the writer could not keep up with is counted.
        let dropped = scrape.sum("telemetry_dropped_total", &[("signal", "logs")]);
        eventually("all of it is logged", async || lines() + dropped >= done).await;
        service.terminate();
        let (status, log) = service.wait().await;
        assert_eq!(status.code(), Some(0));
        assert!(flooded(&log) <= done + 20.0);
    })
    .await;
}
