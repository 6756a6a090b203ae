//! `fields`: which of a resource's own fields are shown, and that no others are read.

use serde_json::{Value, json};
use tests::{TestApp, TestOptions, eventually, on_each_database, on_each_database_with};

use crate::bad_input::assert_refused;

const OF_USERS: &str = "id,name,email,role,version,created_at,updated_at";
const OF_POSTS: &str = "id,author_id,title,body,status,version,created_at,updated_at";
const LISTS: [(&str, &str); 3] = [
    ("/api/v1/users", OF_USERS),
    ("/api/v1/posts", OF_POSTS),
    ("/api/v1/users/1/posts", OF_POSTS),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_field_can_be_had_by_itself_and_is_what_it_is_among_all() {
    on_each_list(TestOptions::at_fixed_time, async |app| {
        for (list, names) in LISTS {
            let whole = first(&app, list).await;
            let all: Vec<_> = names.split(',').collect();
            assert_eq!(whole.as_object().map(serde_json::Map::len), Some(all.len()));
            for name in &all {
                let only = first(&app, &format!("{list}?fields={name}")).await;
                assert_eq!(only, json!({ *name: whole[name] }), "{list}");
                let reversed = first(&app, &format!("{list}?fields={name}&sort=id")).await;
                assert_eq!(reversed.as_object().map(serde_json::Map::len), Some(1));
            }
            assert_eq!(first(&app, &format!("{list}?fields={names}")).await, whole);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_shown_in_the_order_of_the_resource() {
    on_each_list(TestOptions::at_fixed_time, async |app| {
        for (path, expected) in [
            (
                "/api/v1/users?fields=role,name,id&limit=1&sort=id",
                r#""data":[{"id":"1","name":"Ada","role":"member"}]"#,
            ),
            (
                "/api/v1/posts?fields=status%2Cversion,title&limit=1&sort=id",
                r#""data":[{"title":"Notes","status":"published","version":1}]"#,
            ),
        ] {
            let response = app.get(path).send().await.expect(200);
            assert!(response.text.contains(expected), "{}", response.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_by_keys_that_are_not_shown() {
    on_each_list(TestOptions::at_fixed_time, async |app| {
        for sort in ["name,-created_at", "-id", "created_at"] {
            let all = format!("/api/v1/users?sort={sort}&fields=email");
            let all = app.get(&all).send().await.expect(200).json();
            let mut shown = Vec::new();
            let mut next = Some(format!(
                "/api/v1/users?cursor=start&limit=1&sort={sort}&fields=email"
            ));
            while let Some(path) = next {
                let page = app.get(&path).send().await.expect(200).json();
                shown.extend(page["data"].as_array().unwrap().clone());
                next = page["links"]["next"].as_str().map(str::to_owned);
                assert!(shown.len() < 10, "{page}");
            }
            assert_eq!(Value::Array(shown), all["data"], "{sort}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_may_be_used_with_other_fields_and_links_keep_those_that_were_asked_for() {
    on_each_list(TestOptions::at_fixed_time, async |app| {
        let path = "/api/v1/users?cursor=start&limit=1&fields=name&sort=id";
        let page = app.get(path).send().await.expect(200).json();
        let next = page["links"]["next"].as_str().unwrap();
        assert!(next.ends_with("&limit=1&fields=name&sort=id"), "{next}");
        for (fields, expected) in [
            ("fields=name", json!({ "name": "Bo" })),
            ("fields=id", json!({ "id": "2" })),
            ("fields=id,name", json!({ "id": "2", "name": "Bo" })),
        ] {
            let next = next.replace("fields=name", fields);
            assert_eq!(first(&app, &next).await, expected, "{next}");
        }
        let whole = first(&app, &next.replace("&fields=name", "")).await;
        assert_eq!(whole["email"], "2@example.com");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_not_there_are_refused_with_those_that_are() {
    on_each_database(async |app| {
        app.create_user("Ada", "ada@example.com").await;
        let many = vec!["id"; 2_000].join(",");
        for (list, names) in LISTS {
            let names = names.replace(',', ", ");
            for fields in [
                "",
                ",",
                "id,",
                ",id",
                "id,,version",
                "id,id",
                "id,version,id",
                "ID",
                "id%20",
                "%20id",
                "id;version",
                "id%00",
                "%00",
                "id,%00",
                "*",
                "password",
                "posts",
                "author",
                "users.id",
                "id)--",
                "%EF%BD%89d",
                "id%E2%80%8B",
                "%E2%80%AEdi",
                "%EF%BB%BFid",
                "t%C3%AFtle",
                "%FF",
                &many,
            ] {
                let path = format!("{list}?fields={fields}");
                let response = app.get(&path).send().await;
                assert_eq!(
                    response.json()["error"]["code"],
                    "INVALID_FIELDS",
                    "{path:.100}"
                );
                assert_refused(&response, "INVALID_FIELDS");
                assert!(response.text.contains(&names), "{}", response.text);
                assert!(response.text.len() < 1000, "{}", response.text.len());
            }
            let response = app.get(&format!("{list}?fields")).send().await;
            assert_refused(&response, "INVALID_FIELDS");
            let response = app.get(&format!("{list}?fields=id&fields=id")).send().await;
            assert_refused(&response, "CONFLICTING_PARAMETERS");
            let long = format!("{list}?fields={}", "id,".repeat(3_500));
            assert_refused(&app.get(&long).send().await, "URI_TOO_LONG");
        }
        let foreign = app.get("/api/v1/users?fields=title").send().await;
        assert_refused(&foreign, "INVALID_FIELDS");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_asked_for_is_not_read() {
    let every_call = || {
        let mut options = TestOptions::at_fixed_time();
        options.capture_policy.every_call = true;
        options
    };
    on_each_list(every_call, async |app| {
        for (path, selected) in [
            (
                "/api/v1/users?fields=email",
                r#"SELECT "users"."id", NULL, "users"."email", NULL, "users"."version", "users"."created_at", NULL FROM "users""#,
            ),
            (
                "/api/v1/users?fields=role&sort=name",
                r#"SELECT "users"."id", "users"."name", NULL, "users"."role", "users"."version", NULL, NULL FROM "users""#,
            ),
            (
                "/api/v1/posts?fields=title&sort=id",
                r#"SELECT "posts"."id", NULL, "posts"."title", NULL, NULL, "posts"."version", NULL, NULL FROM "posts""#,
            ),
            (
                "/api/v1/posts",
                r#"SELECT "posts"."id", "posts"."author_id", "posts"."title", "posts"."body", "posts"."status", "posts"."version", "posts"."created_at", "posts"."updated_at" FROM "posts""#,
            ),
        ] {
            assert_eq!(app.get(path).send().await.status, 200);
            let ran = || {
                let records = app.plans.records();
                records.iter().any(|record| record.sql.contains(selected))
            };
            eventually(path, async || ran()).await;
        }
    })
    .await;
}

/// What the list shows first.
async fn first(app: &TestApp, path: &str) -> Value {
    let list = app.get(path).send().await.expect(200).json();
    list["data"][0].clone()
}

/// Three users, and two posts of the first of them.
async fn on_each_list(options: impl Fn() -> TestOptions, test: impl AsyncFn(TestApp)) {
    on_each_database_with(options, async |app| {
        for (number, name) in (1..).zip(["Ada", "Bo", "Ada"]) {
            app.create_user(name, &format!("{number}@example.com"))
                .await;
            app.advance(std::time::Duration::from_secs(1));
        }
        for title in ["Notes", "More notes"] {
            app.create_post("1", title).await;
        }
        test(app).await;
    })
    .await;
}
