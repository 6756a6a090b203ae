//! A budget just below the truth fails and one above it passes; what fails fast is not fast.

use crate::{run::Run, server::stub};

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_below_the_truth_fails_and_one_above_it_passes() {
    let (_stub, url) = stub();
    let route = "GET /delay/50ms";
    for (budget, code, verdict) in [("49.9ms", 1, "FAIL"), ("5s", 0, "PASS")] {
        let budgets = format!("[default]\np90 = \"{budget}\"\n");
        let run = Run::against(&url, &[route], &budgets);
        let run = run.at(100, "1500ms");
        let report = run.end().await.report(code);
        assert_eq!(report.verdict(), verdict, "{budget}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_fast_fails_and_has_no_better_percentile() {
    let (_stub, url) = stub();
    let (honest, failing) = ("GET /delay/60ms", "GET /delay/60ms/fail/0.9");
    let budgets = "[default]\np50 = \"2s\"\n";
    let run = Run::against(&url, &[honest, failing], budgets);
    let run = run.at(120, "2s");
    let report = run.end().await.report(1);
    assert_eq!(report.verdict(), "FAIL");
    assert_eq!(report.verdict_of(failing, "p50 <= 2 s"), "FAIL");
    assert_eq!(report.verdict_of(honest, "p50 <= 2 s"), "PASS");
    // Nine of ten failed: the median is among them, and has no time.
    assert_eq!(report.maybe(failing, "p50_ms"), None);
    assert!(report.shortest_ms(failing) >= 60.0);
    let messages = report.messages(failing);
    assert!(messages.contains("500"), "{messages}");
}
