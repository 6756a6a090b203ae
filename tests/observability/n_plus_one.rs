//! The same query again and again in one request: seen, said, and impossible to merge by accident.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{self, Data, ServiceConfig},
};
use api::{
    app::AppState,
    config::Switch,
    models::PostId,
    repositories,
    routes::{Matched, ROUTES},
    telemetry::RouteDefinition,
};
use tests::{Outside, Scrape, TestApp, TestOptions, on_each_database_with, tracing_lines};

use crate::{
    delta::{Delta, same},
    slow_query::trace_id,
};

const LOOP: &str = "GET /loop";

/// A route that declares one query.
const WITH_A_LOOP: &[RouteDefinition] = &[RouteDefinition {
    method: "GET",
    name: LOOP,
    success: 204,
    budget: Duration::from_millis(100),
    max_queries: 1,
    max_same_query: 1,
    deadline: None,
}];

/// What nobody should write: a query for each row.
async fn find_one_by_one(state: Data<AppState>) -> HttpResponse {
    let mut conn = state.context.database.read().await.unwrap();
    for id in 1..=5 {
        repositories::posts::find_by_id(&mut conn, PostId::new(id))
            .await
            .unwrap();
    }
    HttpResponse::NoContent().finish()
}

fn with_a_loop() -> TestOptions {
    TestOptions {
        more_routes: WITH_A_LOOP,
        routes: |service: &mut ServiceConfig| {
            let route = web::get().guard(Matched(ROUTES.len())).to(find_one_by_one);
            service.route("/loop", route);
            api::routes::configure(service);
        },
        ..TestOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_in_a_loop_is_counted_and_said_with_its_trace() {
    on_each_database_with(with_a_loop, async |app| {
        let before = app.scrape().await;
        let response = app.get("/loop").send().await.expect(204);
        let delta = Delta::after_requests(&app, before, 1).await;
        let labels = [
            ("http_route", LOOP),
            ("db_query_summary", "posts.find_by_id"),
        ];
        assert!(same(
            delta.of("db_client_n_plus_one_suspected_total", &labels),
            1
        ));
        assert!(same(
            delta.of("db_client_query_count_exceeded_total", &labels[..1]),
            1
        ));
        assert!(same(delta.of("db_client_route_queries_total", &labels), 5));
        let trace_id = trace_id(&response);
        let mut lines = tracing_lines();
        lines.retain(|line| line["trace_id"] == trace_id.as_str());
        let [line] = lines.as_slice() else {
            panic!("one line, not {lines:?}")
        };
        assert_eq!(
            (&line["level"], &line["event"]),
            (&"WARN".into(), &"db.n_plus_one".into())
        );
        assert_eq!(line["db.query.summary"], "posts.find_by_id");
        assert_eq!(line["http.route"], LOOP);
        assert_eq!((&line["count"], &line["allowed"]), (&5.into(), &1.into()));
    })
    .await;
}

/// Every list, plain and with what it can include. A GET without an id in its path is a list.
fn lists() -> Vec<String> {
    let gets = ROUTES
        .iter()
        .filter(|route| route.max_queries > 0)
        .filter_map(|route| route.name.strip_prefix("GET "));
    let lists = gets.filter(|path| !path.contains('{'));
    let with_all_forms = lists.flat_map(|path| {
        let include = match path {
            "/api/v1/users" => "posts",
            _ => "author",
        };
        [path.to_owned(), format!("{path}?include={include}")]
    });
    with_all_forms.collect()
}

fn with(path: &str, parameter: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameter}")
}

/// How many statements the connections were asked to run for one answer of `path`, counted below Diesel.
async fn statements(app: &TestApp, path: &str, rows: usize) -> f64 {
    // The health check asks in the background: its own calls are told apart by name.
    let ran = |scrape: &Scrape| {
        let all = scrape.sum("db_client_statements_total", &[]);
        all - scrape.sum(
            "db_client_operation_duration_seconds_count",
            &[("db_query_summary", "health.ping")],
        )
    };
    let before = app.scrape().await;
    let list = app
        .get(&with(path, "limit=100"))
        .send()
        .await
        .expect(200)
        .json();
    let shown = list.get("data").and_then(serde_json::Value::as_array);
    assert_eq!(shown.map(Vec::len), Some(rows), "{path}");
    let delta = Delta::after_requests(app, before, 1).await;
    assert!(same(
        delta.of("db_client_n_plus_one_suspected_total", &[]),
        0
    ));
    assert!(same(
        delta.of("db_client_query_count_exceeded_total", &[]),
        0
    ));
    ran(&delta.after) - ran(&delta.before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_a_hundred_rows_runs_as_many_statements_as_one_of_ten() {
    let uncached = || TestOptions::with(|config| config.cache = Switch::Off);
    on_each_database_with(uncached, async |app| {
        let mut outside = Outside::of(&app.database).await;
        add(&mut outside, 1..=10).await;
        let mut of_ten = Vec::new();
        for path in lists() {
            let ran = statements(&app, &path, 10).await;
            let expected = if path.contains("include") { 2 } else { 1 };
            assert!(same(ran, expected), "{path}: {ran}");
            of_ten.push(ran);
        }
        add(&mut outside, 11..=100).await;
        for (path, of_ten) in lists().into_iter().zip(of_ten) {
            let of_a_hundred = statements(&app, &path, 100).await;
            assert!(
                (of_a_hundred - of_ten).abs() < 0.5,
                "{path}: {of_ten}, {of_a_hundred}"
            );
        }
    })
    .await;
}

/// One user and one post for each number.
async fn add(outside: &mut Outside, numbers: std::ops::RangeInclusive<u32>) {
    let now = match outside {
        Outside::Sqlite(_) => "1",
        Outside::Postgres(_) => "now()",
    };
    for number in numbers {
        outside
            .run(&format!(
                "INSERT INTO users (name, email, role, version, created_at, updated_at) \
                 VALUES ('Ada', 'ada{number}@example.com', 'member', 1, {now}, {now}); \
                 INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) \
                 VALUES ({number}, 'Title', 'Text', 'draft', 1, {now}, {now})"
            ))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_connections_run_is_what_is_counted_by_name() {
    on_each_database_with(TestOptions::default, async |app| {
        crate::traffic::run(&app).await;
        let scrape = app.scrape().await;
        let ran = scrape.sum("db_client_statements_total", &[]);
        let named = scrape.sum("db_client_operation_duration_seconds_count", &[]);
        assert!((ran - named).abs() < 0.5, "{ran} ran, {named} have a name");
        assert!(same(scrape.sum("db_client_unnamed_queries_total", &[]), 0));
    })
    .await;
}
