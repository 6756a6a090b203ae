//! Which trace a request belongs to, and by which id it is known.

use serde_json::Value;
use tests::{Response, TestApp, on_each_database};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// The answer to a request for a user who does not exist, with this header; and its line in the log.
async fn ask(app: &TestApp, header: &str, value: &str) -> (Response, Value) {
    let response = app
        .get("/api/v1/users/9")
        .header(header, value)
        .send()
        .await
        .expect(404);
    let trace = trace_of(&response).0;
    let mut found = None;
    tests::eventually("the line of the request", async || {
        let lines = app.access_lines(1).await;
        found = lines
            .into_iter()
            .find(|line| line["trace_id"] == trace.as_str());
        found.is_some()
    })
    .await;
    (response, found.unwrap())
}

/// Trace, span and flags of the header `traceresponse`.
fn trace_of(response: &Response) -> (String, String, String) {
    let header = response.header("traceresponse").unwrap();
    let parts: Vec<_> = header.split('-').map(str::to_owned).collect();
    let [version, trace, span, flags] = parts.as_slice() else {
        panic!("{header}")
    };
    assert_eq!(
        (version.as_str(), trace.len(), span.len()),
        ("00", 32, 16),
        "{header}"
    );
    (trace.clone(), span.clone(), flags.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_continued_with_a_span_of_its_own() {
    on_each_database(async |app| {
        for flags in ["01", "00"] {
            let (response, line) =
                ask(&app, "traceparent", &format!("00-{TRACE}-{PARENT}-{flags}")).await;
            let (trace, span, answered) = trace_of(&response);
            assert_eq!((trace.as_str(), answered.as_str()), (TRACE, flags));
            assert_ne!(span, PARENT);
            assert_eq!(line["trace_id"], TRACE);
            assert_eq!(response.json()["meta"]["trace_id"], TRACE);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_span_of_the_answer_is_that_of_the_log() {
    on_each_database(async |app| {
        let (response, line) = ask(&app, "accept", "*/*").await;
        assert_eq!(line["span_id"], trace_of(&response).1.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_trace_is_replaced_by_a_new_one() {
    on_each_database(async |app| {
        let malformed = [
            "nonsense".to_owned(),
            format!("00-{TRACE}-{PARENT}"),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            format!("00-{}-{PARENT}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("ff-{TRACE}-{PARENT}-01"),
        ];
        let mut minted = Vec::new();
        for header in &malformed {
            let (response, line) = ask(&app, "traceparent", header).await;
            let (trace, ..) = trace_of(&response);
            assert!(!trace.eq_ignore_ascii_case(TRACE), "{header}");
            assert_eq!(line["trace_id"], trace.as_str());
            minted.push(trace);
        }
        minted.sort();
        minted.dedup();
        assert_eq!(minted.len(), malformed.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_can_be_shown_is_kept_everywhere() {
    on_each_database(async |app| {
        for id in ["a", "order-42.retry_1", &"x".repeat(128)] {
            let (response, line) = ask(&app, "x-request-id", id).await;
            assert_eq!(response.header("x-request-id"), Some(id));
            assert_eq!(line["request_id"], id);
            assert_eq!(response.json()["meta"]["request_id"], id);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_cannot_is_replaced_by_the_id_of_the_trace() {
    on_each_database(async |app| {
        for id in ["", "a b", "a\"b", "<script>", "a,b", &"x".repeat(129)] {
            let (response, line) = ask(&app, "x-request-id", id).await;
            let (trace, ..) = trace_of(&response);
            assert_eq!(
                response.header("x-request-id"),
                Some(trace.as_str()),
                "{id:?}"
            );
            assert_eq!(line["request_id"], trace.as_str());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_of_the_contract() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        for (method, path) in [
            ("GET", "/api/v1/users/1"),
            ("GET", "/nowhere"),
            ("PUT", "/api/v1/users"),
            ("DELETE", "/api/v1/users/1"),
        ] {
            let response = app.request(method, path).send().await;
            for header in ["x-request-id", "traceresponse", "server-timing", "date"] {
                assert!(
                    response.header(header).is_some(),
                    "{method} {path}: {header}"
                );
            }
            assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(response.header("server"), None);
        }
    })
    .await;
}
