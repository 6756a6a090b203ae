//! The header `Server-Timing`: where the time of a request went, for its caller.

use api::config::Switch;
use tests::{Response, TestOptions, on_each_database, on_each_database_with};

/// The header without its numbers: `pool;dur=N, db;dur=N;desc="1 query", …`.
fn shape(response: &Response) -> String {
    let header = response.header("server-timing").unwrap();
    let without_duration = |part: &str| {
        let Some(duration) = part.strip_prefix("dur=") else {
            return part.to_owned();
        };
        assert!(
            duration.parse::<f64>().is_ok_and(|millis| millis >= 0.0),
            "{header}"
        );
        "dur=N".to_owned()
    };
    let metric = |metric: &str| {
        metric
            .split(';')
            .map(without_duration)
            .collect::<Vec<_>>()
            .join(";")
    };
    header
        .split(", ")
        .map(metric)
        .collect::<Vec<_>>()
        .join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_many_queries_there_were_and_what_the_cache_did() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        for (method, path, expected) in [
            (
                "GET",
                "/api/v1/users",
                "pool;dur=N, db;dur=N;desc=\"1 query\", app;dur=N",
            ),
            (
                "GET",
                "/api/v1/users/1",
                "pool;dur=N, db;dur=N;desc=\"1 query\", cache;desc=miss, app;dur=N",
            ),
            (
                "GET",
                "/api/v1/users/1",
                "pool;dur=N, db;dur=N;desc=\"0 queries\", cache;desc=hit, app;dur=N",
            ),
            (
                "GET",
                "/nowhere",
                "pool;dur=N, db;dur=N;desc=\"0 queries\", app;dur=N",
            ),
            (
                "DELETE",
                "/api/v1/users/1",
                "pool;dur=N, db;dur=N;desc=\"4 queries\", app;dur=N",
            ),
        ] {
            let response = app.request(method, path).send().await;
            assert_eq!(shape(&response), expected, "{method} {path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_setting_turns_it_off() {
    let off = || TestOptions::with(|config| config.server_timing = Switch::Off);
    on_each_database_with(off, async |app| {
        let response = app.get("/api/v1/users").send().await.expect(200);
        assert_eq!(response.header("server-timing"), None);
        assert!(response.header("traceresponse").is_some());
    })
    .await;
}
