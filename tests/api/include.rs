//! `include`: posts with their authors, users with their newest posts.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Outside, TestApp, TestOptions, eventually, on_each_database, on_each_database_with};

use crate::bad_input::assert_refused;

const LISTS: [(&str, &str); 3] = [
    ("/api/v1/users", "posts"),
    ("/api/v1/posts", "author"),
    ("/api/v1/users/1/posts", "author"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_post_is_shown_with_its_author() {
    on_each_list(async |app| {
        for list in ["/api/v1/posts", "/api/v1/users/1/posts"] {
            let plain = rows(&app, list).await;
            let including = rows(&app, &format!("{list}?include=author")).await;
            assert!(!plain.is_empty());
            for (mut row, plain) in including.into_iter().zip(plain) {
                let author = row.as_object_mut().unwrap().remove("author").unwrap();
                assert_eq!(row, plain);
                let path = format!("/api/v1/users/{}", row["author_id"].as_str().unwrap());
                let user = app.get(&path).send().await.expect(200).json();
                assert_eq!(author, user["data"]);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_user_is_shown_with_the_newest_five_posts_newest_first() {
    on_each_list(async |app| {
        let plain = rows(&app, "/api/v1/users?sort=id").await;
        let including = rows(&app, "/api/v1/users?sort=id&include=posts").await;
        let ids: Vec<Vec<_>> = including
            .iter()
            .map(|user| ids(user["posts"].as_array().unwrap()))
            .collect();
        // Of the first user's twelve, four at each moment; of the same moment the greatest id is the newest.
        assert_eq!(
            ids,
            [
                vec!["12", "11", "10", "9", "8"],
                vec![],
                vec!["14", "13"],
                vec!["15"]
            ]
        );
        for (mut row, plain) in including.into_iter().zip(plain) {
            let posts = row.as_object_mut().unwrap().remove("posts").unwrap();
            assert_eq!(row, plain);
            let id = row["id"].as_str().unwrap();
            let own = rows(&app, &format!("/api/v1/users/{id}/posts?limit=5")).await;
            assert_eq!(posts, Value::Array(own));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_neither_hide_nor_narrow_what_is_included_and_it_comes_last() {
    on_each_list(async |app| {
        let ada = app.get("/api/v1/users/1").send().await.json()["data"].clone();
        for list in ["/api/v1/posts", "/api/v1/users/1/posts"] {
            let path = format!("{list}?include=author&fields=title&sort=id&limit=1");
            let response = app.get(&path).send().await.expect(200);
            let expected = json!([{ "title": "Post 1", "author": ada }]);
            assert_eq!(response.json()["data"], expected);
            assert!(
                response.text.contains(r#"[{"title":"Post 1","author":{"#),
                "{}",
                response.text
            );
        }
        let path = "/api/v1/users?include=posts&fields=email&sort=id&limit=1";
        let response = app.get(path).send().await.expect(200);
        let user = &response.json()["data"][0];
        assert_eq!(user["posts"][4]["body"], "Text");
        assert_eq!(user.as_object().map(serde_json::Map::len), Some(2));
        let start = r#"[{"email":"1@example.com","posts":[{"id":"12""#;
        assert!(response.text.contains(start), "{}", response.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_may_be_used_with_or_without_what_is_included() {
    on_each_list(async |app| {
        let path = "/api/v1/posts?cursor=start&limit=2&include=author&sort=id";
        let page = app.get(path).send().await.expect(200).json();
        let next = page["links"]["next"].as_str().unwrap();
        assert!(next.ends_with("&limit=2&include=author&sort=id"), "{next}");
        let including = rows(&app, next).await;
        let plain = rows(&app, &next.replace("&include=author", "")).await;
        assert_eq!(ids(&including), ids(&plain));
        assert_eq!(including[0]["author"]["id"], "1");
        assert!(plain[0].get("author").is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_includes_nothing() {
    on_each_database(async |app| {
        app.create_user("Ada", "ada@example.com").await;
        for list in [
            "/api/v1/users?role=admin&include=posts",
            "/api/v1/posts?include=author",
            "/api/v1/users/1/posts?include=author",
        ] {
            assert!(rows(&app, list).await.is_empty(), "{list}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_author_is_gone_by_then_is_gone_as_well() {
    on_each_list(async |app| {
        // As it looks to the second query if both were deleted after the first.
        let mut outside = Outside::of(&app.database).await;
        let orphan = if app.is_sqlite() {
            "PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 3"
        } else {
            "ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey; DELETE FROM users WHERE id = 3"
        };
        outside.run(orphan).await;
        let shown = rows(&app, "/api/v1/posts?include=author&limit=3").await;
        assert_eq!(ids(&shown), ["15"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_author_with_many_posts_only_those_are_read_that_are_shown() {
    let every_call = || {
        let mut options = TestOptions::at_fixed_time();
        options.capture_policy.every_call = true;
        options
    };
    on_each_database_with(every_call, async |app| {
        let mut outside = Outside::of(&app.database).await;
        let now = if app.is_sqlite() { "1" } else { "now()" };
        let numbers = |most| {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"
            )
        };
        outside
            .run(&format!(
                "INSERT INTO users (name, email, role, version, created_at, updated_at) {} \
                 SELECT 'Ada', i || '@example.com', 'member', 1, {now}, {now} FROM n; \
                 INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) {} \
                 SELECT 1 + i / 30, 'Title', 'Text', 'draft', 1, {now}, {now} FROM n",
                numbers(100),
                numbers(2_999)
            ))
            .await;
        let users = rows(&app, "/api/v1/users?include=posts&limit=100").await;
        let posts = users.iter().map(|user| user["posts"].as_array().unwrap().len());
        assert_eq!(posts.sum::<usize>(), 500);
        let record = || {
            let records = app.plans.records();
            let wanted = |record: &&std::sync::Arc<api::plans::Record>| {
                record.query.name == "posts.newest_by_authors"
            };
            records.iter().find(wanted).cloned()
        };
        eventually("the plan is known", async || record().is_some()).await;
        let record = record().unwrap();
        assert_eq!(record.rows, 500);
        // PostgreSQL's planner is asked about a million posts in `tests/plans`.
        if app.is_sqlite() {
            let nodes = record.plan.nodes();
            let of_posts: Vec<_> = nodes
                .iter()
                .filter(|node| node.relation.as_deref() == Some("posts"))
                .map(|node| (node.node.as_str(), node.index.as_deref()))
                .collect();
            assert_eq!(
                of_posts,
                [
                    ("SEARCH", Some("PRIMARY KEY")),
                    ("SEARCH COVERING", Some("posts_author_created_at_idx"))
                ]
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_included_is_refused_with_what_can() {
    on_each_database(async |app| {
        app.create_user("Ada", "ada@example.com").await;
        let long = "author,".repeat(1_000);
        for (list, name) in LISTS {
            for include in [
                "",
                ",",
                "author,posts",
                &format!("{name},{name}"),
                &format!("{name},"),
                &format!("{name}%00"),
                &format!("%20{name}"),
                &name.to_uppercase(),
                "user",
                "comments",
                "author_id",
                "%00",
                "*",
                "author.posts",
                "%EF%BD%90osts",
                "posts%E2%80%8B",
                "%E2%80%AEstsop",
                "%FF",
                &long,
            ] {
                let path = format!("{list}?include={include}");
                let response = app.get(&path).send().await;
                assert_eq!(
                    response.json()["error"]["code"],
                    "INVALID_INCLUDE",
                    "{path:.100}"
                );
                assert_refused(&response, "INVALID_INCLUDE");
                let what = format!("What can be included here is {name}");
                assert!(response.text.contains(&what), "{}", response.text);
                assert!(response.text.len() < 1000, "{}", response.text.len());
            }
            let other = if name == "posts" { "author" } else { "posts" };
            let response = app.get(&format!("{list}?include={other}")).send().await;
            assert_refused(&response, "INVALID_INCLUDE");
            assert_refused(
                &app.get(&format!("{list}?include")).send().await,
                "INVALID_INCLUDE",
            );
            let twice = format!("{list}?include={name}&include={name}");
            assert_refused(&app.get(&twice).send().await, "CONFLICTING_PARAMETERS");
            let endless = format!("{list}?include={}", "x".repeat(10_000));
            assert_refused(&app.get(&endless).send().await, "URI_TOO_LONG");
        }
    })
    .await;
}

async fn rows(app: &TestApp, path: &str) -> Vec<Value> {
    let list = app.get(path).send().await.expect(200).json();
    list["data"].as_array().unwrap().clone()
}

fn ids(rows: &[Value]) -> Vec<&str> {
    let ids = rows.iter().map(|row| row["id"].as_str().unwrap());
    ids.collect()
}

/// Four users: the first has twelve posts of three moments, the second none, the others two and one.
async fn on_each_list(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for number in 1..=4 {
            app.create_user("Ada", &format!("{number}@example.com"))
                .await;
        }
        for number in 1..=15 {
            let author = match number {
                1..=12 => "1",
                13 | 14 => "3",
                _ => "4",
            };
            app.create_post(author, &format!("Post {number}")).await;
            if number % 4 == 0 {
                app.advance(Duration::from_secs(1));
            }
        }
        test(app).await;
    })
    .await;
}
