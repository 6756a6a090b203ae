//! Filters with operators: ids, times and prefixes, on both lists.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, TestOptions, on_each_database, on_each_database_with};

use crate::bad_input::assert_refused;

/// In the order in which they are made, a second apart from 2024-01-01T00:00:00Z.
const TEXTS: [&str; 7] = ["Ada", "ada", "Adam", "100%", "1000", "Adé", "a_b"];

#[tokio::test(flavor = "multi_thread")]
async fn times_narrow_both_lists_from_either_side() {
    on_each_list(async |app| {
        for (filter, expected) in [
            ("created_at[gte]=2024-01-01T00:00:05Z", vec!["6", "7"]),
            ("created_at[gt]=2024-01-01T00:00:05Z", vec!["7"]),
            ("created_at[lte]=2024-01-01T00:00:01Z", vec!["1", "2"]),
            ("created_at[lt]=2024-01-01T00:00:01Z", vec!["1"]),
            (
                "created_at[gt]=2024-01-01T02:00:01%2B02:00&created_at%5Blt%5D=2024-01-01T00:00:03.5Z",
                vec!["3", "4"],
            ),
            (
                "created_at[gte]=2024-01-01T00:00:05Z&created_at[lt]=2024-01-01T00:00:05Z",
                vec![],
            ),
            ("created_at[gte]=0000-01-01T00:00:00Z&created_at[lt]=0001-01-01T00:00:00Z", vec![]),
            ("created_at[lte]=9999-12-31T23:59:59.999999Z&id[in]=7", vec!["7"]),
        ] {
            lists(&app, filter, filter, &expected).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_narrow_both_lists() {
    on_each_list(async |app| {
        let hundred: Vec<_> = (5..105).map(|id| id.to_string()).collect();
        for (ids, expected) in [
            ("3", vec!["3"]),
            ("5,3,3,99", vec!["3", "5"]),
            ("9223372036854775807", vec![]),
            (&hundred.join(","), vec!["5", "6", "7"]),
        ] {
            let filter = format!("id[in]={ids}");
            lists(&app, &filter, &filter, &expected).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_narrows_by_characters_that_all_stand_for_themselves() {
    on_each_list(async |app| {
        for (prefix, expected) in [
            ("A", vec!["1", "3", "6"]),
            ("Ada", vec!["1", "3"]),
            ("Ad%C3%A9", vec!["6"]),
            ("a", vec!["2", "7"]),
            ("100", vec!["4", "5"]),
            ("100%25", vec!["4"]),
            ("%25", vec![]),
            ("_", vec![]),
            ("a_", vec!["7"]),
            ("%F4%8F%BF%BF", vec![]),
            ("'%20OR%201=1--", vec![]),
        ] {
            let (name, title) = (
                format!("name[prefix]={prefix}"),
                format!("title[prefix]={prefix}"),
            );
            lists(&app, &name, &title, &expected).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_the_order_of_their_code_points_on_both_databases() {
    on_each_list(async |app| {
        let order = ["4", "5", "1", "3", "6", "7", "2"];
        assert_eq!(ids(&app, "/api/v1/users?sort=name").await, order);
        assert_eq!(ids(&app, "/api/v1/posts?sort=title").await, order);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_together_and_stay_in_the_links() {
    on_each_list(async |app| {
        let filters = "name[prefix]=A&role=member&id[in]=1,3,4&created_at[gt]=2024-01-01T00:00:00Z";
        let path = format!("/api/v1/users?{filters}&limit=1");
        let list = app.get(&path).send().await.expect(200).json();
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["data"][0]["id"], "3");
        assert_eq!(list["meta"]["has_more"], false);
        let this = list["links"]["self"].as_str().unwrap();
        let again = app.get(this).send().await.expect(200).json();
        assert_eq!(again["data"], list["data"], "{this}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_mean_nothing_are_refused() {
    on_each_list(async |app| {
        let times = [
            "",
            "%00",
            "now",
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+02:00",
            "2024-13-01T00:00:00Z",
            "2024-01-01T00:00:00.0000001Z",
            "+262143-01-01T00:00:00Z",
            "1704067200",
            "9223372036854775808",
        ];
        for operator in ["gte", "gt", "lte", "lt"] {
            for time in times {
                refuses(&app, &format!("created_at[{operator}]={time}")).await;
            }
        }
        let many = vec!["1"; 101].join(",");
        let ids = [
            "",
            ",",
            "1,",
            "0",
            "-1",
            "1;2",
            "%D9%A1",
            "1%00",
            "9223372036854775808",
            &many,
            &"1".repeat(5_000),
        ];
        for ids in ids {
            refuses(&app, &format!("id[in]={ids}")).await;
        }
        for prefix in ["", "%00", "A%00", "A%0A", "%C2%85", &"x".repeat(5_000)] {
            refuses(&app, &format!("name[prefix]={prefix}")).await;
            refuses(&app, &format!("title[prefix]={prefix}")).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_given_once_and_belongs_to_its_list() {
    on_each_list(async |app| {
        for (path, code) in [
            ("users?id[in]=1&id%5Bin%5D=1", "CONFLICTING_PARAMETERS"),
            (
                "users?name[prefix]=A&name[prefix]=B",
                "CONFLICTING_PARAMETERS",
            ),
            ("users?title[prefix]=A", "UNKNOWN_PARAMETER"),
            ("posts?name[prefix]=A", "UNKNOWN_PARAMETER"),
            ("posts?id=1", "UNKNOWN_PARAMETER"),
            ("users?ID[in]=1", "UNKNOWN_PARAMETER"),
        ] {
            let response = app.get(&format!("/api/v1/{path}")).send().await;
            assert_refused(&response, code);
        }
    })
    .await;
}

async fn refuses(app: &TestApp, query: &str) {
    let list = if query.starts_with("title") {
        "posts"
    } else {
        "users"
    };
    let response = app.get(&format!("/api/v1/{list}?{query}")).send().await;
    assert_eq!(
        response.json()["error"]["code"],
        "INVALID_FILTER",
        "{query:.100}"
    );
    assert_refused(&response, "INVALID_FILTER");
    assert!(response.text.len() < 1000, "{}", response.text.len());
}

/// Fails unless both lists show the rows with these ids.
async fn lists(app: &TestApp, of_users: &str, of_posts: &str, expected: &[&str]) {
    for path in [format!("users?{of_users}"), format!("posts?{of_posts}")] {
        let path = format!("/api/v1/{path}&sort=id");
        assert_eq!(ids(app, &path).await, expected, "{path}");
    }
}

async fn on_each_list(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for (number, text) in (1..).zip(TEXTS) {
            let user = app
                .create_user(text, &format!("{number}@example.com"))
                .await;
            let post = json!({ "author_id": user, "title": text, "body": "Text" });
            let response = app.post("/api/v1/posts").json(&post).send().await;
            assert_eq!(response.status, 201);
            app.advance(Duration::from_secs(1));
        }
        test(app).await;
    })
    .await;
}

async fn ids(app: &TestApp, path: &str) -> Vec<String> {
    let list = app.get(path).send().await.expect(200).json();
    let rows = list["data"].as_array().unwrap();
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_refused() {
    on_each_database(async |app| {
        for (query, code) in [
            ("name[prefix]=%FF", "INVALID_FILTER"),
            ("name[prefix]=A%C3", "INVALID_FILTER"),
            ("name[prefix]=%ED%A0%80", "INVALID_FILTER"),
            ("role=%FF", "INVALID_ROLE"),
        ] {
            let response = app.get(&format!("/api/v1/users?{query}")).send().await;
            assert_refused(&response, code);
        }
    })
    .await;
}
