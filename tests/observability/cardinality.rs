//! However strange the requests, the number of series has a bound.

use fastrand::Rng;
use tests::{Request, TestApp, on_each_database};
use tokio::task::JoinSet;

use crate::labels;

/// Enough for every combination of method, route and status to have come.
const FIRST: usize = 1_000;
const MORE: usize = 9_000;
/// So many requests are under way at the same time.
const SIDE_BY_SIDE: usize = 16;

const METHODS: [&str; 12] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW", "get",
    "X-1",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_random_requests_add_no_series_after_the_first_thousand() {
    on_each_database(async |app| {
        let mut random = Rng::with_seed(100);
        send(&app, FIRST, &mut random).await;
        // The exposition's own gauges are there from the second on.
        app.scrape().await;
        let before = app.scrape().await;
        send(&app, MORE, &mut random).await;
        let after = app.scrape().await;
        let new: Vec<_> = after
            .series
            .keys()
            .filter(|series| !before.series.contains_key(*series))
            .collect();
        assert!(new.is_empty(), "{new:?}");
        assert!(after.len() < 5_000, "{}", after.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_methods_that_are_unknown_have_one_label_each() {
    on_each_database(async |app| {
        send(&app, FIRST, &mut Rng::with_seed(7)).await;
        let scrape = app.scrape().await;
        let family = "http_server_request_duration_seconds_count";
        let mut routes: Vec<String> = api::routes::ROUTES
            .iter()
            .map(|route| route.name.to_owned())
            .collect();
        routes.push("_unmatched".to_owned());
        routes.sort();
        assert_eq!(labels::values(&scrape, family, "http_route"), routes);
        let methods = [
            "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "_OTHER",
        ];
        assert_eq!(
            labels::values(&scrape, family, "http_request_method"),
            methods
        );
        let overflow = ("metric", "http_server_request_duration_seconds");
        assert!(scrape.sum("metrics_label_overflow_total", &[overflow]) < 0.5);
    })
    .await;
}

async fn send(app: &TestApp, count: usize, random: &mut Rng) {
    let mut under_way = JoinSet::new();
    for _ in 0..count {
        if under_way.len() == SIDE_BY_SIDE {
            under_way.join_next().await.unwrap().unwrap();
        }
        under_way.spawn(request(app, random).send());
    }
    under_way.join_all().await;
}

fn request(app: &TestApp, random: &mut Rng) -> Request {
    let word = |random: &mut Rng| -> String { (0..8).map(|_| random.alphanumeric()).collect() };
    let path = match random.u8(..8) {
        0 => format!("/{}", word(random)),
        1 => format!("/api/v1/{}/{}", word(random), random.u64(..)),
        2 => format!("/api/v1/users/{}", random.u64(..)),
        3 => format!("/api/v1/posts/{}", word(random)),
        4 => format!("/api/v1/users?{}={}", word(random), word(random)),
        5 => format!("/api/v1/posts?author_id={}", random.u32(1..)),
        6 => "/api/v1/users".to_owned(),
        _ => format!("/api/v1/posts/{}", random.u32(1..)),
    };
    let request = app.request(random.choice(METHODS).unwrap_or("GET"), &path);
    let request = request
        .header("x-request-id", &word(random))
        .header("user-agent", &word(random));
    match random.u8(..3) {
        0 => request,
        1 => request.body("application/json", format!("{{\"{}\":1}}", word(random))),
        _ => request.body(&word(random), "{}"),
    }
}
