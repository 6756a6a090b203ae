//! `count`: how many rows a list has in all, exactly or nearly, and only for those who ask.

use serde_json::{Value, json};
use tests::{Outside, TestApp, on_each_database};

use crate::bad_input::assert_refused;

const LISTS: [&str; 3] = ["/api/v1/users", "/api/v1/posts", "/api/v1/users/1/posts"];

#[tokio::test(flavor = "multi_thread")]
async fn a_list_says_how_many_rows_it_has_only_when_it_is_asked() {
    on_each_small_list(async |app| {
        for list in LISTS {
            for query in ["", "&count=none"] {
                let meta = meta(&app, &format!("{list}?limit=1{query}")).await;
                assert!(meta.get("total").is_none(), "{meta}");
                assert!(meta.get("total_is_estimate").is_none(), "{meta}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn few_rows_are_counted_exactly_on_every_page_with_every_filter() {
    on_each_small_list(async |app| {
        for (query, total) in [
            ("users?", 5),
            ("users?role=member&", 5),
            ("users?role=admin&", 0),
            ("users?name[prefix]=User%201&", 1),
            ("users?id[in]=1,2,9&", 2),
            ("users?created_at[gte]=2000-01-01T00:00:00Z&sort=name&", 5),
            ("posts?", 7),
            ("posts?author_id=1&", 6),
            ("posts?author_id=9&", 0),
            ("posts?status=published&author_id=2&", 1),
            ("posts?title[prefix]=Post&", 7),
            ("users/1/posts?status=published&", 6),
            ("users/3/posts?", 0),
        ] {
            for page in [
                "page=1&limit=1",
                "page=2&limit=2",
                "page=90&limit=3",
                "limit=100",
                "cursor=start&limit=2",
            ] {
                for count in ["exact", "estimated"] {
                    let path = format!("/api/v1/{query}{page}&count={count}");
                    let meta = meta(&app, &path).await;
                    assert_eq!(
                        (&meta["total"], &meta["total_is_estimate"]),
                        (&json!(total), &json!(false)),
                        "{path}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_cursor_are_counted_and_a_cursor_may_be_used_with_another_count() {
    on_each_small_list(async |app| {
        let path = "/api/v1/users?cursor=start&limit=2&count=exact&sort=id";
        let first = app.get(path).send().await.expect(200).json();
        let next = first["links"]["next"].as_str().unwrap();
        assert!(next.ends_with("&limit=2&count=exact&sort=id"), "{next}");
        let second = app.get(next).send().await.expect(200).json();
        assert_eq!(second["meta"]["total"], 5);
        for count in ["&count=estimated", "&count=none", ""] {
            let other = next.replace("&count=exact", count);
            let page = app.get(&other).send().await.expect(200).json();
            assert_eq!(page["data"], second["data"], "{other}");
        }
        let prev = second["links"]["prev"].as_str().unwrap();
        let first_again = app.get(prev).send().await.expect(200).json();
        assert_eq!(first_again["data"], first["data"]);
        assert_eq!(first_again["meta"]["total"], 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_shows_where_the_list_ends_is_not_counted_again() {
    on_each_small_list(async |app| {
        for count in ["exact", "estimated"] {
            for (page, queries) in [
                ("page=1&limit=2", 2),
                ("page=3&limit=2", 1),
                ("page=1&limit=5", 1),
                ("page=4&limit=2", 2),
                ("page=1&limit=100", 1),
                ("page=1&role=admin", 1),
                ("cursor=start&limit=5", 1),
                ("cursor=start&limit=4", 2),
            ] {
                let path = format!("/api/v1/users?{page}&count={count}");
                let response = app.get(&path).send().await.expect(200);
                assert_eq!(response.queries(), queries, "{path}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_rows_an_estimate_is_as_near_as_its_sample_lets_it_be() {
    on_each_database(async |app| {
        let mut outside = Outside::of(&app.database).await;
        add(&mut outside, 10_000).await;
        let path = "/api/v1/users?limit=1&count=estimated";
        assert_eq!(total(&app, path).await, (10_000, false));
        add(&mut outside, 10_000).await;
        assert_eq!(total(&app, path).await, (20_000, true));
        let exact = path.replace("estimated", "exact");
        assert_eq!(total(&app, &exact).await, (20_000, false));
        for (filter, gone) in [("role=member", ""), ("name[prefix]=Name", "id % 4 = 1")] {
            if !gone.is_empty() {
                let delete = format!("DELETE FROM users WHERE {gone}");
                outside.run(&delete).await;
            }
            let (truth, _) = total(&app, &format!("{exact}&{filter}")).await;
            let (estimate, is_estimate) = total(&app, &format!("{path}&{filter}")).await;
            assert!(is_estimate && truth > 10_001);
            assert!(is_near(estimate, truth), "{estimate} of {truth}");
            let again = total(&app, &format!("{path}&{filter}&sort=name")).await;
            assert_eq!(again, (estimate, true));
        }
        // Of a tenth there are so few that they are counted.
        let editors = total(&app, &format!("{path}&role=editor")).await;
        assert_eq!(editors, (2_000, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_is_never_less_than_what_was_counted() {
    on_each_database(async |app| {
        let mut outside = Outside::of(&app.database).await;
        add(&mut outside, 10_001).await;
        // So far off that a sample of the range meets next to nothing.
        let far = "UPDATE users SET id = 9000000000000000000 WHERE id = 10001";
        outside.run(far).await;
        for page in [
            "page=1&limit=1",
            "page=100&limit=100",
            "cursor=start&limit=100",
        ] {
            let path = format!("/api/v1/users?{page}&count=estimated");
            assert_eq!(total(&app, &path).await, (10_001, true), "{page}");
        }
        let path = "/api/v1/users?limit=1&count=exact";
        assert_eq!(total(&app, path).await, (10_001, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_is_three_queries_more_whatever_the_page_size() {
    on_each_database(async |app| {
        add(&mut Outside::of(&app.database).await, 10_500).await;
        let before = app.scrape().await;
        for limit in [1, 10, 100] {
            let path = format!("/api/v1/users?limit={limit}&count=estimated&include=posts");
            let response = app.get(&path).send().await.expect(200);
            assert_eq!(response.queries(), 5, "{path}");
            let exact = path.replace("estimated", "exact");
            assert_eq!(app.get(&exact).send().await.expect(200).queries(), 3);
        }
        let exceeded = "db_client_query_count_exceeded_total";
        let after = app.scrape().await;
        let more = after.sum(exceeded, &[]) - before.sum(exceeded, &[]);
        assert!(more.abs() < 0.5, "{more}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_to_count_that_is_none_is_refused_with_those_that_are() {
    on_each_small_list(async |app| {
        let long = "exact".repeat(1_000);
        for list in LISTS {
            for count in [
                "",
                "0",
                "1",
                "true",
                "all",
                "Exact",
                "exact%20",
                "exact,none",
                "exact%00",
                "%00",
                "estimate",
                "null",
                "%D0%B5xact",
                "exact%E2%80%8B",
                "%E2%80%AEtcaxe",
                "%FF",
                &long,
            ] {
                let path = format!("{list}?count={count}");
                let response = app.get(&path).send().await;
                assert_eq!(
                    response.json()["error"]["code"],
                    "INVALID_COUNT",
                    "{path:.100}"
                );
                assert_refused(&response, "INVALID_COUNT");
                assert!(response.text.contains("none, estimated or exact"));
                assert!(response.text.len() < 1000, "{}", response.text.len());
            }
            let without_value = app.get(&format!("{list}?count")).send().await;
            assert_refused(&without_value, "INVALID_COUNT");
            let twice = format!("{list}?count=exact&count=none");
            assert_refused(&app.get(&twice).send().await, "CONFLICTING_PARAMETERS");
            let endless = format!("{list}?count={}", "x".repeat(10_000));
            assert_refused(&app.get(&endless).send().await, "URI_TOO_LONG");
        }
    })
    .await;
}

async fn meta(app: &TestApp, path: &str) -> Value {
    app.get(path).send().await.expect(200).json()["meta"].clone()
}

async fn total(app: &TestApp, path: &str) -> (i64, bool) {
    let meta = meta(app, path).await;
    let is_estimate = meta["total_is_estimate"].as_bool();
    (meta["total"].as_i64().unwrap(), is_estimate.unwrap())
}

/// Whether an estimate from a thousand of twenty thousand ids is within three standard errors.
fn is_near(estimate: i64, truth: i64) -> bool {
    (estimate - truth).pow(2) * 1_000 <= 9 * truth * (20_000 - truth)
}

/// So many users more: of each ten, one editor, two admins and seven members.
async fn add(outside: &mut Outside, rows: usize) {
    let before = outside.number("SELECT count(*) FROM users").await;
    let now = match outside {
        Outside::Sqlite(_) => "1",
        Outside::Postgres(_) => "now()",
    };
    let insert = format!(
        "INSERT INTO users (name, email, role, version, created_at, updated_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
         SELECT 'Name ' || i, ({before} + i) || '@example.com', \
         CASE WHEN i % 10 = 0 THEN 'editor' WHEN i % 10 < 3 THEN 'admin' ELSE 'member' END, \
         1, {now}, {now} FROM n"
    );
    outside.run(&insert).await;
}

/// Five users, of whom the first has six posts and the second one.
async fn on_each_small_list(test: impl AsyncFn(TestApp)) {
    on_each_database(async |app| {
        for number in 1..=5 {
            app.create_user(&format!("User {number}"), &format!("{number}@example.com"))
                .await;
        }
        for number in 1..=7 {
            let author = if number == 7 { "2" } else { "1" };
            app.create_post(author, &format!("Post {number}")).await;
        }
        test(app).await;
    })
    .await;
}
