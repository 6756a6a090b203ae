//! The management listener: probes and metrics, and nothing of either on the public one.

use tests::{Response, on_each_database};

/// The report without the time that a check took.
fn lines(response: &Response) -> Vec<String> {
    let without_time = |line: &str| match line.rsplit_once(' ') {
        Some((check, time)) if time.ends_with("ms") => check.to_owned(),
        _ => line.to_owned(),
    };
    response.text.lines().map(without_time).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_probe_of_a_running_service_passes() {
    on_each_database(async |app| {
        for path in ["/livez", "/readyz", "/startupz"] {
            let response = app.management(path).send().await.expect(200);
            assert_eq!(response.text, "ok\n", "{path}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(
                response.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_lists_its_checks_when_it_is_asked_to() {
    on_each_database(async |app| {
        let verbose = app.management("/readyz?verbose").send().await.expect(200);
        assert_eq!(
            lines(&verbose),
            ["[+]lifecycle ready", "[+]database ok", "ok"]
        );
        let excluded = app
            .management("/readyz?verbose&exclude=database")
            .send()
            .await
            .expect(200);
        assert_eq!(
            lines(&excluded),
            ["[+]lifecycle ready", "[ ]database excluded", "ok"]
        );
        let unknown = app
            .management("/readyz?exclude=nothing")
            .send()
            .await
            .expect(200);
        assert_eq!(lines(&unknown), ["ok"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_the_service_and_of_its_checks_is_in_the_metrics() {
    on_each_database(async |app| {
        let scrape = app.scrape().await;
        for (state, value) in [
            ("starting", 0.0),
            ("ready", 1.0),
            ("draining", 0.0),
            ("stopped", 0.0),
        ] {
            let shown = scrape.sum("app_lifecycle_state", &[("state", state)]);
            assert!((shown - value).abs() < 0.5, "{state}: {shown}");
        }
        assert!(scrape.sum("health_check_status", &[("check", "database")]) > 0.5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_come_in_the_text_format_of_prometheus() {
    on_each_database(async |app| {
        let response = app.management("/metrics").send().await.expect(200);
        assert_eq!(
            response.header("content-type"),
            Some("text/plain; version=0.0.4")
        );
        assert!(response.text.starts_with("# HELP "));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_shows_nothing_of_the_inside() {
    on_each_database(async |app| {
        for path in ["/metrics", "/debug", "/debug/vars", "/startupz"] {
            app.get(path)
                .send()
                .await
                .expect_error(404, "ROUTE_NOT_FOUND");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_management_listener_serves_no_users() {
    on_each_database(async |app| {
        app.management("/api/v1/users")
            .send()
            .await
            .expect_error(404, "ROUTE_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_management_listener_has_the_methods_that_it_says_it_has() {
    on_each_database(async |app| {
        for path in [
            "/livez",
            "/readyz",
            "/startupz",
            "/metrics",
            "/debug/queries",
        ] {
            let head = app.management_request("HEAD", path).send().await;
            assert_eq!(head.expect(200).text, "", "{path}");
            for (method, status) in [("OPTIONS", 204), ("POST", 405), ("DELETE", 405)] {
                let response = app.management_request(method, path).send().await;
                let response = response.expect(status);
                assert_eq!(
                    response.header("allow"),
                    Some("GET, HEAD, OPTIONS"),
                    "{path}"
                );
            }
            let slash = app.management(&format!("{path}/")).send().await.expect(308);
            assert_eq!(slash.header("location"), Some(path));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_scrapes_are_no_requests_of_the_service() {
    on_each_database(async |app| {
        for path in ["/livez", "/readyz", "/metrics", "/nowhere"] {
            app.management(path).send().await;
        }
        let counted = app
            .scrape()
            .await
            .sum("http_server_request_duration_seconds_count", &[]);
        assert!(counted < 0.5, "{counted}");
    })
    .await;
}
