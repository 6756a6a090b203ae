//! Known delays come out as the right percentiles.

use crate::{run::Run, server::stub};

#[tokio::test(flavor = "multi_thread")]
async fn no_percentile_is_below_a_delay_and_the_longer_delay_is_the_longer_one() {
    let (_stub, url) = stub();
    let (short, long) = ("GET /delay/20ms", "GET /delay/200ms");
    let run = Run::against(&url, &[short, long], "").at(100, "2s");
    let report = run.and_metrics(&url).end().await.report(0);
    for (route, delay) in [(short, 20.0), (long, 200.0)] {
        assert!(report.shortest_ms(route) >= delay, "{report:#?}");
        let p50 = report.of_route(route, "p50_ms");
        let p99 = report.of_route(route, "p99_ms");
        assert!(delay <= p50 && p50 <= p99, "{route}: {p50} {p99}");
        // Both sides count the same requests.
        assert_eq!(report.maybe(route, "counted"), report.maybe(route, "sent"));
    }
    // Ten times the truth: it tells the routes apart, not a fast machine from a slow one.
    let p50 = report.of_route(short, "p50_ms");
    assert!(p50 < 200.0, "{p50} ms for a delay of 20 ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mix_of_fast_and_slow_answers_shows_both_at_their_places() {
    let (_stub, url) = stub();
    let route = "GET /delay/10ms/slow/0.3@250ms";
    let budgets = "[default]\np50 = \"2s\"\np90 = \"249ms\"\n";
    let run = Run::against(&url, &[route], budgets);
    let run = run.at(150, "2s");
    let report = run.end().await.report(1);
    let p50 = report.of_route(route, "p50_ms");
    assert!(
        (10.0..250.0).contains(&p50),
        "seven of ten take 10 ms: {p50} ms"
    );
    let p90 = report.of_route(route, "p90_ms");
    assert!(p90 >= 250.0, "three of ten take 250 ms: {p90} ms");
    assert_eq!(report.verdict_of(route, "p90 <= 249 ms"), "FAIL");
    assert_eq!(report.verdict_of(route, "p50 <= 2 s"), "PASS");
}
