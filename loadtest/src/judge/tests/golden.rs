//! Whole judgements, as people read them.

use super::*;
use crate::probe::{Scrape, Window};
use std::collections::BTreeSet;

fn told(judgement: &Judgement) -> String {
    let mut lines = vec![judgement.verdict.to_string()];
    for finding in &judgement.findings {
        let Finding {
            verdict,
            subject,
            promise,
            message,
            ..
        } = finding;
        let shown = if finding.counts { "" } else { " (shown)" };
        lines.push(format!("{verdict}{shown} {subject}, {promise}: {message}"));
    }
    lines.join("\n")
}

#[test]
fn a_run_that_kept_everything() {
    let seconds = [second(199, 1, 0), second(200, 0, 0)].repeat(5);
    let judgement = judged(&evidence(&[&seconds, &seconds]));
    insta::assert_snapshot!(told(&judgement), @r"
    PASS
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    PASS run, errors <= 1%: errors 0%, at most 0.09% (allowed 1%)
    PASS GET /a, p99 <= 100 ms: p99 1.0 ms; 0.25% over 100 ms, at most 0.46% (allowed 1%)
    PASS GET /a, errors <= 1%: errors 0%, at most 0.09% (allowed 1%)
    ");
}

#[test]
fn a_run_that_broke_its_time_in_every_round() {
    let seconds = [second(190, 10, 0); 10];
    let judgement = judged(&evidence(&[&seconds, &seconds]));
    insta::assert_snapshot!(told(&judgement), @r"
    FAIL
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    PASS run, errors <= 1%: errors 0%, at most 0.09% (allowed 1%)
    FAIL GET /a, p99 <= 100 ms: p99 250 ms; 5.00% over 100 ms, at least 4.35% (allowed 1%)
    PASS GET /a, errors <= 1%: errors 0%, at most 0.09% (allowed 1%)
    ");
}

#[test]
fn a_run_too_short_to_tell() {
    let judgement = judged(&evidence(&[&[second(20, 0, 0); 10]]));
    insta::assert_snapshot!(told(&judgement), @r"
    INCONCLUSIVE
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    INCONCLUSIVE run, errors <= 1%: errors 0%, between 0% and 1.83% (allowed 1%): 2 more rounds of such requests would decide it, about 400 more
    INCONCLUSIVE GET /a, p99 <= 100 ms: p99 1.0 ms; 0% over 100 ms, between 0% and 1.83% (allowed 1%): 2 more rounds of such requests would decide it, about 400 more
    INCONCLUSIVE (shown) GET /a, errors <= 1%: errors 0%, between 0% and 1.83% (allowed 1%): 2 more rounds of such requests would decide it, about 400 more
    ");
}

#[test]
fn a_server_that_fails_fast() {
    let seconds = [second(190, 0, 10); 10];
    let judgement = judged(&evidence(&[&seconds, &seconds]));
    insta::assert_snapshot!(told(&judgement), @r"
    FAIL
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    FAIL run, errors <= 1%: errors 5.00%, at least 4.35% (allowed 1%)
    FAIL GET /a, p99 <= 100 ms: p99 falls among the failed requests; 5.00% over 100 ms, at least 4.35% (allowed 1%)
    FAIL GET /a, errors <= 1%: errors 5.00% (status 500, expected 200), at least 4.35% (allowed 1%)
    ");
}

#[test]
fn a_server_that_stood_still_once() {
    let mut seconds = [second(500, 0, 0); 20];
    seconds[7] = second(0, 500, 0);
    let judgement = judged(&stalled(
        evidence(&[&seconds]),
        Duration::from_millis(1_200),
    ));
    insta::assert_snapshot!(told(&judgement), @r"
    FAIL
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    FAIL target, stall <= 500 ms: longest time without any answer 1.20 s, allowed 500 ms
    PASS run, errors <= 1%: errors 0%, at most 0.04% (allowed 1%)
    INCONCLUSIVE GET /a, p99 <= 100 ms: p99 250 ms; 5.00% over 100 ms, between 0.11% and 25.65% (allowed 1%): 11 more rounds of such requests would decide it, about 110 000 more
    PASS GET /a, errors <= 1%: errors 0%, at most 0.04% (allowed 1%)
    ");
}

#[test]
fn a_generator_that_stood_still() {
    let seconds = [second(190, 10, 0); 10];
    let mut evidence = stalled(evidence(&[&seconds]), Duration::from_millis(600));
    evidence.rounds[0].generator.tainted = BTreeSet::from([3]);
    let judgement = judged(&evidence);
    insta::assert_snapshot!(told(&judgement), @r"
    INCONCLUSIVE
    INCONCLUSIVE generator, can be trusted: it did not run in 1 of 10 seconds (10.00%, allowed 1%)
    INCONCLUSIVE target, stall <= 500 ms: longest time without any answer 600 ms, allowed 500 ms; whose fault that was, an untrusted generator cannot tell
    PASS run, errors <= 1%: errors 0%, at most 0.18% (allowed 1%)
    FAIL GET /a, p99 <= 100 ms: p99 250 ms; 5.00% over 100 ms, at least 4.09% (allowed 1%)
    PASS GET /a, errors <= 1%: errors 0%, at most 0.18% (allowed 1%)
    ");
}

#[test]
fn a_target_that_died() {
    let mut evidence = evidence(&[&[second(100, 0, 0); 3]]);
    evidence.target_died = Some("connection refused".to_owned());
    let judgement = judged(&evidence);
    insta::assert_snapshot!(told(&judgement), @r"
    FAIL
    FAIL target, it lives: it died during the attack: connection refused
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    INCONCLUSIVE run, errors <= 1%: errors 0%, between 0% and 1.22% (allowed 1%): 1 more round of such requests would decide it, about 300 more
    INCONCLUSIVE GET /a, p99 <= 100 ms: p99 1.0 ms; 0% over 100 ms, between 0% and 1.22% (allowed 1%): 1 more round of such requests would decide it, about 300 more
    INCONCLUSIVE (shown) GET /a, errors <= 1%: errors 0%, between 0% and 1.22% (allowed 1%): 1 more round of such requests would decide it, about 300 more
    ");
}

#[test]
fn a_target_with_metrics_of_its_own() {
    let before = "process_resident_memory_bytes 100\n";
    let after = r#"
http_server_request_duration_seconds_count{http_route="GET /a"} 1999
db_client_operation_duration_seconds_count{db_query_summary="a.list",error_type=""} 4000
db_client_operation_duration_seconds_count{db_query_summary="a.rare",error_type=""} 7
db_client_query_budget_seconds{db_query_summary="a.list"} 0.1
db_client_query_budget_seconds{db_query_summary="a.rare"} 0.1
db_client_operation_over_budget_total{db_query_summary="a.list"} 90
db_client_route_queries_total{http_route="GET /a",db_query_summary="a.list"} 3998
cache_gets_total{cache_name="a",result="hit"} 70
cache_gets_total{cache_name="a",result="miss"} 30
db_client_unnamed_queries_total 2
process_resident_memory_bytes 150
"#;
    let mut evidence = evidence(&[&[second(200, 0, 0); 10]]);
    evidence.target = Some(Window {
        before: Scrape::of(before),
        after: Scrape::of(after),
    });
    let budgets = "[default]\nqueries_per_request = 1\n[query_default]\nshare = \"99%\"\n\
                   [query.\"a.list\"]\nmax_per_request = 1\n[cache.a]\nhit = \"80%\"\n\
                   [server]\nunnamed_queries = 0\nlog_drops = 0\npool_wait_p99 = \"10ms\"\nrss_growth = \"20%\"";
    let judgement = judge_by(&evidence, budgets, 1);
    insta::assert_snapshot!(told(&judgement), @r"
    FAIL
    PASS generator, can be trusted: processor -, slip p99 -, 0 seconds spoilt
    PASS target, stall <= 500 ms: longest time without any answer 0.00 ms, allowed 500 ms
    INCONCLUSIVE run, errors <= 0.1%: errors 0%, between 0% and 0.18% (allowed 0.1%): 2 more rounds of such requests would decide it, about 4 000 more
    INCONCLUSIVE GET /a, sent = counted: the client sent 2 000 requests, the server counted 1 999
    FAIL GET /a, queries per request <= 1: 2.000 queries per request, allowed 1
    FAIL a.list, 99% within 100 ms: 2.25% over 100 ms, at least 1.81% (allowed 1%)
    FAIL a.list, calls per request <= 1: called 2.001 times per request of its routes, allowed 1
    INCONCLUSIVE (shown) a.rare, 99% within 100 ms: 0% over 100 ms, between 0% and 40.96% (allowed 1%): about 430 more calls would decide it, at a higher rate or in longer rounds
    FAIL cache a, hits >= 80%: hits 70.00%, at least 80% required
    FAIL target, unnamed queries <= 0: unnamed queries 2, allowed 0
    INCONCLUSIVE target, dropped log lines <= 0: the target's metrics do not tell
    INCONCLUSIVE target, p99 of waits for a connection <= 10 ms: the target's metrics do not tell
    FAIL target, memory growth <= 20%: memory grew by 50.00%, allowed 20%
    ");
}
