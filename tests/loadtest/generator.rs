//! The generator's own faults are not the server's.

use rustix::process::Signal;

use crate::{
    run::{Run, Running},
    server::{Server, stub},
    stalls::stand_still,
};

/// As strict as the budgets that ship about seconds in which it did not run; not about the speed of this machine.
const MUST_RUN: &str =
    "[generator]\ntainted = \"1%\"\ncpu = \"100%\"\nslip_p99 = \"60s\"\nbegun = \"1%\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_generator_that_was_stopped_concludes_nothing_and_blames_nobody() {
    let server = Server::start().await;
    let route = "GET /delay/5ms";
    let run = Run::under(&server.url, &[route], MUST_RUN);
    let run = run.once(200, "5s");
    let running = run.start();
    server.asked(100.0).await;
    running.signal(Signal::STOP);
    let stopped = stand_still().await.as_secs_f64() * 1e3;
    running.signal(Signal::CONT);

    let report = running.end().await.report(3);
    assert_eq!(report.verdict(), "INCONCLUSIVE");
    let said = report.said_of("generator");
    assert!(said.contains("it did not run in"), "{said}");
    let gap = report.number_at("/measured/generator/longest_gap_ms");
    assert!(gap >= stopped - 100.0, "{gap} of {stopped} ms");
    // Half of the gap: had it been charged to the server, the p99 would be all of it.
    let p99 = report.of_route(route, "p99_ms");
    assert!((5.0..600.0).contains(&p99), "{p99} ms");
    let stall = report.number_at("/measured/longest_stall_ms");
    assert!(stall < 600.0, "{stall} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_this_machine_cannot_generate_concludes_nothing() {
    let (_stub, url) = stub();
    // The target is slow too, by then: without a look at its own processor, the generator would blame it. Stricter than the budgets that
    // ship, because other tests use the processor meanwhile.
    let budgets = "[generator]\ncpu = \"50%\"\n[default]\np99 = \"1ms\"\n";
    let run = Run::under(&url, &["GET /body/200"], budgets).on_one_processor();
    let report = run.once(300_000, "100ms").end().await.report(3);
    assert_eq!(report.verdict(), "INCONCLUSIVE");
    assert_eq!(
        report.verdict_of("generator", "can be trusted"),
        "INCONCLUSIVE"
    );
}

/// A process that uses a processor as far as it gets it, until this is dropped.
fn greedy() -> tokio::process::Child {
    let mut command = tokio::process::Command::new("taskset");
    command.args(["-c", "0", "sh", "-c", "while :; do :; done"]);
    command.kill_on_drop(true).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generator_that_others_left_no_processor_concludes_nothing() {
    let (_stub, url) = stub();
    let _others = [greedy(), greedy()];
    // It did not use much of its processor, ran often enough, and began all that it could.
    let budgets = "[generator]\ngap = \"60s\"\ncpu = \"85%\"\nslip_p99 = \"60s\"\nbegun = \"50%\"\n\
        [default]\np99 = \"1ms\"\n";
    let run = Run::under(&url, &["GET /body/200"], budgets).on_one_processor();
    let report = run.once(100_000, "100ms").end().await.report(3);
    assert_eq!(report.verdict(), "INCONCLUSIVE");
    let said = report.said_of("generator");
    assert!(said.contains("waited for another"), "{said}");
}

/// What it has allocated: the pages of a program that was built for tests are no measure.
fn kib_allocated(running: &Running) -> u64 {
    let status = format!("/proc/{}/status", running.pid().as_raw_nonzero());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_less_than_100_mib_for_256_users() {
    let server = Server::start().await;
    let run = Run::against(&server.url, &["GET /delay/1ms"], "");
    let running = run
        .with(&["--users", "256", "--round-time", "10m", "--rounds", "1"])
        .start();
    for requests in [500.0, 1_000.0, 2_000.0] {
        server.asked(requests).await;
        let kib = kib_allocated(&running);
        assert!(kib < 100 * 1024, "{kib} KiB after {requests} requests");
    }
    running.signal(Signal::INT);
    drop(running.end().await.report(130));
}
