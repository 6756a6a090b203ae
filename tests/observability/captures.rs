//! Plans of queries: of slow ones, at most one a minute for each; of each statement when it is first seen; and what is said when one changes.

use std::time::Duration;

use api::{config::Switch, database::CapturePolicy, plans::Record};
use serde_json::Value;
use tests::{
    DatabaseKind, Outside, Proxy, TestApp, TestDatabase, TestOptions, eventually, on_database,
    on_each_database_with, on_each_empty_database, tracing_lines,
};

use crate::{
    blocked::patient,
    delta::{Delta, same},
    slow_query::{a_slow_insert, trace_id},
};

/// Every call is explained, however fast it was, and nothing is answered from memory.
pub fn every_call() -> TestOptions {
    let mut options = TestOptions::with(|config| config.cache = Switch::Off);
    options.capture_policy.every_call = true;
    options
}

fn captures(result: &'static str) -> [(&'static str, &'static str); 2] {
    [("db_query_summary", "users.insert"), ("result", result)]
}

/// The newest record of a query that `is_wanted`.
pub async fn record(app: &TestApp, is_wanted: impl Fn(&Record) -> bool) -> Record {
    let find = || {
        app.plans
            .records()
            .into_iter()
            .find(|record| is_wanted(record))
    };
    eventually("the plan is known", async || find().is_some()).await;
    find().unwrap().as_ref().clone()
}

fn lines_of(trace_id: &str, event: &str) -> Vec<Value> {
    let mut lines = tracing_lines();
    lines.retain(|line| line["trace_id"] == trace_id && line["event"] == event);
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_slow_calls_in_a_minute_one_is_explained_in_one_line_with_its_trace() {
    on_each_database_with(patient, async |app| {
        let before = app.scrape().await;
        let first = a_slow_insert(&app, "first@example.com").await;
        let record = record(&app, |record| record.over_budget).await;
        a_slow_insert(&app, "second@example.com").await;
        let delta = Delta::after_requests(&app, before, 2).await;
        let count = |result| delta.of("db_slow_query_captures_total", &captures(result));
        assert!(same(count("captured"), 1) && same(count("rate_limited"), 1));
        assert!(same(count("failed"), 0));

        let trace_id = trace_id(&first);
        assert_eq!(
            (record.query.name, &record.trace_id),
            ("users.insert", &trace_id)
        );
        assert!(record.duration > record.query.budget);
        let lines = lines_of(&trace_id, "db.slow_query");
        let [line] = lines.as_slice() else {
            panic!("one line, not {lines:?}")
        };
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["db.query.summary"], "users.insert");
        assert_eq!(line["plan_hash"], record.plan.hash.as_str());
        let plan: Value = serde_json::from_str(line["plan"].as_str().unwrap()).unwrap();
        assert_eq!(plan["node"], record.plan.root.node.as_str());
        if !app.is_sqlite() {
            assert_eq!(plan["node"], "Insert");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_interval_a_slow_call_is_explained_again() {
    let options = || TestOptions {
        capture_policy: CapturePolicy {
            interval: Duration::ZERO,
            every_call: false,
        },
        ..patient()
    };
    on_each_database_with(options, async |app| {
        for email in ["one@example.com", "two@example.com"] {
            a_slow_insert(&app, email).await;
        }
        eventually("both are explained", async || {
            let scrape = app.scrape().await;
            same(
                scrape.sum("db_slow_query_captures_total", &captures("captured")),
                2,
            )
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_explained_when_it_is_first_seen_and_not_again() {
    let options = || TestOptions::with(|config| config.cache = Switch::Off);
    on_each_database_with(options, async |app| {
        app.create_user("Ada", "ada@example.com").await;
        for path in ["/api/v1/users", "/api/v1/users?sort=name"] {
            for _ in 0..20 {
                drop(app.get(path).send().await.expect(200));
            }
        }
        drop(app.get("/api/v1/users/1").send().await.expect(200));
        // Calls are explained in their order: when the last is, those before it are.
        record(&app, |record| record.query.name == "users.find_by_id").await;
        let of_lists: Vec<_> = app.plans.records();
        let of_lists: Vec<_> = of_lists
            .iter()
            .filter(|record| record.query.name == "users.list")
            .collect();
        assert_eq!(of_lists.len(), 2, "{of_lists:?}");
        assert!(of_lists.iter().all(|record| !record.over_budget));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changes_is_counted_and_said_with_both_plans() {
    on_each_database_with(every_call, async |app| {
        let mut outside = Outside::of(&app.database).await;
        fill(&mut outside).await;
        let list = "/api/v1/posts?sort=-created_at";
        drop(app.get(list).send().await.expect(200));
        let before = record(&app, |record| record.query.name == "posts.list").await;
        assert!(shows(&before, "posts_created_at_idx"), "{before:?}");
        assert!(shown(&app, &before).await);

        outside.run("DROP INDEX posts_created_at_idx").await;
        let response = app.get(list).send().await.expect(200);
        let after = record(&app, |record| record.previous_hash.is_some()).await;
        assert_eq!(
            after.previous_hash.as_deref(),
            Some(before.plan.hash.as_str())
        );
        assert!(!shows(&after, "posts_created_at_idx"), "{after:?}");
        assert!(shown(&app, &after).await && !shown(&app, &before).await);
        let scrape = app.scrape().await;
        let name = [("db_query_summary", "posts.list")];
        assert!(same(scrape.sum("db_query_plan_changes_total", &name), 1));
        assert!(same(scrape.sum("db_query_plan_changes_total", &[]), 1));
        let lines = lines_of(&trace_id(&response), "db.plan_changed");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["previous_plan_hash"], before.plan.hash.as_str());
        assert!(
            lines[0]["previous_plan"]
                .as_str()
                .unwrap()
                .contains("posts_created_at_idx")
        );
    })
    .await;
}

/// Enough rows that an index pays.
async fn fill(outside: &mut Outside) {
    let (numbers, now) = match outside {
        Outside::Sqlite(_) => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)",
            "i",
        ),
        Outside::Postgres(_) => (
            "WITH n(i) AS (SELECT generate_series(1, 20000))",
            "now() + i * interval '1 second'",
        ),
    };
    outside
        .run(&format!(
            "INSERT INTO users (name, email, role, version, created_at, updated_at) \
             {numbers} SELECT 'Ada', 'ada@example.com', 'member', 1, {now}, {now} FROM n LIMIT 1; \
             INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) \
             {numbers} SELECT 1, 'Title', 'Text', 'draft', 1, {now}, {now} FROM n; ANALYZE"
        ))
        .await;
}

fn shows(record: &Record, index: &str) -> bool {
    let nodes = record.plan.nodes();
    nodes
        .iter()
        .any(|node| node.index.as_deref() == Some(index))
}

/// Whether this is the plan that the metrics show for the query.
async fn shown(app: &TestApp, record: &Record) -> bool {
    let labels = [
        ("db_query_summary", record.query.name),
        ("plan_hash", &record.plan.hash),
        ("top_node", &record.plan.root.node),
    ];
    same(app.scrape().await.sum("db_query_plan_info", &labels), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_connection_that_the_server_ended_is_replaced() {
    on_database(DatabaseKind::Postgres, every_call(), async |app| {
        drop(app.get("/api/v1/users/1").send().await.expect(404));
        record(&app, |record| record.query.name == "users.find_by_id").await;
        end_side_connection(&app.database).await;
        drop(app.get("/api/v1/posts/1").send().await.expect(404));
        record(&app, |record| record.query.name == "posts.find_by_id").await;
        let failed = [("result", "failed")];
        assert!(same(
            app.scrape()
                .await
                .sum("db_slow_query_captures_total", &failed),
            0
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_be_had_is_counted_and_no_request_notices() {
    on_each_empty_database(async |database| {
        let proxy = match database.kind {
            DatabaseKind::Sqlite => None,
            DatabaseKind::Postgres => Some(Proxy::in_front_of(&database.url).await),
        };
        let mut options = every_call();
        options.config.database_url = proxy
            .as_ref()
            .map_or_else(|| database.url.clone(), |proxy| proxy.url(&database.url));
        options.config.workers = 1;
        options.config.pool_size = 1;
        let app = TestApp::spawn_at(database, options).await;
        // The worker has its connection now; the side connection has none.
        drop(app.get("/nowhere").send().await.expect(404));
        if let Some(proxy) = &proxy {
            drop(app.delete("/api/v1/users/1").send().await.expect(404));
            record(&app, |record| record.query.name == "users.delete").await;
            end_side_connection(&app.database).await;
            proxy.refuse_new();
        } else {
            let file = app.database.directory.path();
            std::fs::rename(file.join("test.db"), file.join("moved.db")).unwrap();
        }
        drop(app.get("/api/v1/users").send().await.expect(200));
        eventually("the failure is counted", async || {
            let failed = [("db_query_summary", "users.list"), ("result", "failed")];
            same(
                app.scrape()
                    .await
                    .sum("db_slow_query_captures_total", &failed),
                1,
            )
        })
        .await;
        drop(app.get("/api/v1/users").send().await.expect(200));
    })
    .await;
}

/// Ends the session that asked for a plan last.
async fn end_side_connection(database: &TestDatabase) {
    let mut outside = Outside::of(database).await;
    let ended = outside
        .number(
            "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND query LIKE '%plans.explain%' AND pid <> pg_backend_pid()) AS ended",
        )
        .await;
    assert_eq!(ended, 1);
}
