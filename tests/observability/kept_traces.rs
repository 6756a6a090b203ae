//! Which traces a collector gets, and what their spans say: real OTLP, received by a collector of the test's own.

use serde_json::json;
use tests::{
    Collector, Outside, Response, SpanKind, SpanReceived, TestApp, TestOptions, eventually,
    on_each_database_with,
};

use crate::{blocked::patient, slow_query::a_slow_insert};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Exports to `collector`; of what begins here, `share` is sampled.
pub fn exporting(collector: &Collector, share: f64) -> TestOptions {
    TestOptions::with(|config| {
        config.otlp_endpoint.clone_from(&collector.url);
        config.traces_share = share;
    })
}

/// Trace, span and flags of the header `traceresponse`.
pub fn trace_of(response: &Response) -> [String; 3] {
    let header = response.header("traceresponse").unwrap();
    let parts: Vec<_> = header.split('-').map(str::to_owned).collect();
    let [_, trace, span, flags] = parts.try_into().unwrap();
    [trace, span, flags]
}

/// Asks for a user with this flag of a caller's trace.
pub async fn ask(app: &TestApp, trace: &str, flags: &str) -> Response {
    app.get("/api/v1/users/1")
        .header("traceparent", &format!("00-{trace}-{PARENT}-{flags}"))
        .send()
        .await
}

#[track_caller]
fn named<'a>(spans: &'a [SpanReceived], name: &str) -> &'a SpanReceived {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [one] = found.as_slice() else {
        panic!("one {name}, not {spans:#?}")
    };
    one
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sampled_request_is_a_tree_of_spans() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 0.0),
        async |app| {
            let trace = if app.is_sqlite() {
                TRACE.to_owned()
            } else {
                TRACE.replace('0', "1")
            };
            app.create_user("Ada Lovelace", "ada@example.com").await;
            let response = ask(&app, &trace, "01").await.expect(200);
            let [_, span_id, flags] = trace_of(&response);
            assert_eq!(flags, "01");
            let spans = collector.trace(&trace).await;
            assert_eq!(spans.len(), 4, "{spans:#?}");
            assert!(spans.iter().all(|span| span.sampled && !span.failed));
            let request = named(&spans, "GET /api/v1/users/{user_id}");
            assert_eq!(
                (&request.span_id, request.parent_id.as_str()),
                (&span_id, PARENT)
            );
            let load = named(&spans, "cache load");
            assert_eq!(load.parent_id, request.span_id);
            let wait = named(&spans, "pool wait");
            let query = named(&spans, "users.find_by_id");
            for inner in [wait, query] {
                assert_eq!(inner.parent_id, load.span_id);
                assert!(load.contains(inner), "{spans:#?}");
            }
            assert!(request.contains(load), "{spans:#?}");
            assert!(wait.end <= query.start, "{spans:#?}");
            request_is_described(request);
            query_is_described(query, app.is_sqlite());
        },
    )
    .await;
}

fn request_is_described(request: &SpanReceived) {
    assert_eq!(request.kind, SpanKind::Server);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.route", "GET /api/v1/users/{user_id}"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/v1/users/1"),
        ("over_budget", "false"),
    ] {
        assert_eq!(request.attribute(name), value, "{name}");
    }
    let service = request.resource.get("service.name");
    assert_eq!(service.map(String::as_str), Some("centum"));
}

fn query_is_described(query: &SpanReceived, is_sqlite: bool) {
    assert_eq!(query.kind, SpanKind::Client);
    let system = if is_sqlite { "sqlite" } else { "postgresql" };
    for (name, value) in [
        ("db.system.name", system),
        ("db.query.summary", "users.find_by_id"),
        ("db.operation.name", "SELECT"),
    ] {
        assert_eq!(query.attribute(name), value, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_caller_does_not_sample_is_not_kept() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            let before = collector.spans().len();
            let [unsampled, sampled] = ["2", "3"].map(|digit| TRACE.replace('0', digit));
            let response = ask(&app, &unsampled, "00").await;
            assert_eq!(trace_of(&response)[2], "00");
            // Exported in their order: when the later one is there, the earlier one is not coming.
            ask(&app, &sampled, "01").await;
            eventually("the sampled one is there", async || {
                collector.spans().len() > before
            })
            .await;
            assert!(collector.of_trace(&unsampled).is_empty());
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_over_its_budget_is_kept_although_nobody_sampled_it() {
    let collector = Collector::start();
    let options = || {
        let mut options = patient();
        options.config.otlp_endpoint.clone_from(&collector.url);
        options.config.traces_share = 0.0;
        options
    };
    on_each_database_with(options, async |app| {
        let response = a_slow_insert(&app, "slow@example.com").await;
        let [trace, span_id, flags] = trace_of(&response);
        assert_eq!(flags, "00");
        let spans = collector.trace(&trace).await;
        let request = named(&spans, "POST /api/v1/users");
        assert_eq!(request.attribute("over_budget"), "true");
        assert_eq!(
            (&request.span_id, request.parent_id.as_str()),
            (&span_id, "")
        );
        assert!(!request.sampled);
        let insert = named(&spans, "users.insert");
        assert_eq!(insert.parent_id, request.span_id);
        assert!(insert.end - insert.start > 100_000_000, "{insert:?}");
        assert!(request.contains(insert), "{spans:#?}");
        // On SQLite two of them: for the turn to write, and in the queue of the writer's thread.
        let waits = || spans.iter().filter(|span| span.name == "pool wait");
        assert_ne!(waits().count(), 0);
        assert!(waits().all(|wait| wait.parent_id == request.span_id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_trace_is_replaced_by_one_that_is_sampled_by_chance() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            let mut answered = Vec::new();
            for malformed in [
                "nonsense".to_owned(),
                format!("00-{TRACE}-{PARENT}"),
                format!("00-{}-{PARENT}-00", "0".repeat(32)),
                format!("ff-{TRACE}-{PARENT}-00"),
            ] {
                let request = app.get("/api/v1/users/9").header("traceparent", &malformed);
                let [trace, span_id, flags] = trace_of(&request.send().await);
                assert_ne!(trace, TRACE);
                assert_eq!(flags, "01", "{malformed}");
                answered.push((trace, span_id));
            }
            for (trace, span_id) in answered {
                let spans = collector.trace(&trace).await;
                let request = named(&spans, "GET /api/v1/users/{user_id}");
                assert_eq!(
                    (&request.span_id, request.parent_id.as_str()),
                    (&span_id, "")
                );
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_fails_says_why_and_a_mistake_of_the_client_is_no_failure_of_the_request() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            app.create_user("Ada Lovelace", "ada@example.com").await;
            let again = json!({ "name": "Ada", "email": "ada@example.com" });
            let response = app.post("/api/v1/users").json(&again).send().await;
            let [trace, ..] = trace_of(&response.expect(409));
            let spans = collector.trace(&trace).await;
            let insert = named(&spans, "users.insert");
            assert_eq!(insert.attribute("error.type"), "unique_violation");
            assert!(insert.failed);
            let request = named(&spans, "POST /api/v1/users");
            assert!(!request.failed && !request.attributes.contains_key("error.type"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_says_with_which_status() {
    let collector = Collector::start();
    let impatient = || {
        let mut options = exporting(&collector, 1.0);
        options.config.pool_wait_timeout_ms = 50;
        options.config.statement_timeout_ms = 50;
        options
    };
    on_each_database_with(impatient, async |app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let user = json!({ "name": "Ada", "email": "ada@example.com" });
        let response = app.post("/api/v1/users").json(&user).send().await;
        outside.unlock().await;
        let status = response.status.as_u16().to_string();
        assert!(status.starts_with('5'), "{status}");
        let spans = collector.trace(&trace_of(&response)[0]).await;
        let request = named(&spans, "POST /api/v1/users");
        assert!(request.failed);
        assert_eq!(request.attribute("error.type"), status);
    })
    .await;
}
