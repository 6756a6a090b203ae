//! Which rows a list shows, and in which order.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestApp, TestOptions, on_each_database, on_each_database_with};

/// Names and roles in the order in which they are made, a second apart.
const USERS: [(&str, &str); 5] = [
    ("Ada", "admin"),
    ("Grace", "editor"),
    ("Barbara", "admin"),
    ("Edsger", "member"),
    ("Ada", "member"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_come_first_where_nothing_is_said() {
    on_each_list(async |app| {
        assert_eq!(ids(&app, "/api/v1/users").await, ["5", "4", "3", "2", "1"]);
        assert_eq!(ids(&app, "/api/v1/posts").await, ["4", "3", "2", "1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_sorted_by_each_field_in_both_directions() {
    on_each_list(async |app| {
        for (sort, expected) in [
            ("id", ["1", "2", "3", "4", "5"]),
            ("-id", ["5", "4", "3", "2", "1"]),
            ("name", ["1", "5", "3", "4", "2"]),
            ("-name", ["2", "4", "3", "5", "1"]),
            ("created_at", ["1", "2", "3", "4", "5"]),
            ("-created_at", ["5", "4", "3", "2", "1"]),
            ("name,-created_at", ["5", "1", "3", "4", "2"]),
            ("-name,created_at", ["2", "4", "3", "1", "5"]),
        ] {
            let path = format!("/api/v1/users?sort={sort}");
            assert_eq!(ids(&app, &path).await, expected, "{sort}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_sorted_by_each_field_in_both_directions() {
    on_each_list(async |app| {
        for (sort, expected) in [
            ("id", ["1", "2", "3", "4"]),
            ("title", ["3", "2", "4", "1"]),
            ("-title", ["1", "4", "2", "3"]),
            ("-created_at", ["4", "3", "2", "1"]),
        ] {
            let path = format!("/api/v1/posts?sort={sort}");
            assert_eq!(ids(&app, &path).await, expected, "{sort}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_same_moment_are_in_the_order_of_their_ids() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for number in 0..4 {
            app.create_user("Twin", &format!("{number}@example.com"))
                .await;
        }
        assert_eq!(ids(&app, "/api/v1/users").await, ["4", "3", "2", "1"]);
        assert_eq!(
            ids(&app, "/api/v1/users?sort=created_at").await,
            ["1", "2", "3", "4"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_narrows_the_list_of_users() {
    on_each_list(async |app| {
        assert_eq!(ids(&app, "/api/v1/users?role=admin").await, ["3", "1"]);
        assert_eq!(ids(&app, "/api/v1/users?role=editor").await, ["2"]);
        assert_eq!(
            ids(&app, "/api/v1/users?role=member&sort=id").await,
            ["4", "5"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn author_and_status_narrow_the_list_of_posts_alone_and_together() {
    on_each_list(async |app| {
        for (filter, expected) in [
            ("author_id=1", vec!["3", "2", "1"]),
            ("author_id=2", vec!["4"]),
            ("status=published", vec!["4", "1"]),
            ("status=draft", vec!["2"]),
            ("status=archived", vec!["3"]),
            ("author_id=1&status=published", vec!["1"]),
            ("author_id=2&status=draft", vec![]),
            ("author_id=9223372036854775807", vec![]),
        ] {
            let path = format!("/api/v1/posts?{filter}");
            assert_eq!(ids(&app, &path).await, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_documentation_works_as_it_is_written() {
    on_each_list(async |app| {
        let path = "/api/v1/users?page=1&limit=20&sort=-created_at&role=admin";
        let response = app.get(path).send().await.expect(200);
        assert_body!(response.json(), @r#"
        {
          "data": [
            {
              "created_at": "2024-01-01T00:00:02Z",
              "email": "3@example.com",
              "id": "3",
              "name": "Barbara",
              "role": "admin",
              "updated_at": "2024-01-01T00:00:02Z",
              "version": 1
            },
            {
              "created_at": "2024-01-01T00:00:00Z",
              "email": "1@example.com",
              "id": "1",
              "name": "Ada",
              "role": "admin",
              "updated_at": "2024-01-01T00:00:00Z",
              "version": 1
            }
          ],
          "links": {
            "first": "/api/v1/users?page=1&limit=20&sort=-created_at&role=admin",
            "self": "/api/v1/users?page=1&limit=20&sort=-created_at&role=admin"
          },
          "meta": {
            "has_more": false,
            "limit": 20,
            "page": 1,
            "timestamp": "2024-01-01T00:00:09Z"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_link_mirrors_the_links_of_the_body() {
    on_each_list(async |app| {
        let path = "/api/v1/users?page=1&limit=20&sort=-created_at&role=admin";
        let response = app.get(path).send().await.expect(200);
        assert_eq!(
            response.header("link"),
            Some(
                "</api/v1/users?page=1&limit=20&sort=-created_at&role=admin>; rel=\"self\", \
                 </api/v1/users?page=1&limit=20&sort=-created_at&role=admin>; rel=\"first\""
            )
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_posts_is_answered_whole() {
    on_each_list(async |app| {
        let response = app.get("/api/v1/posts?status=archived").send().await;
        assert_body!(response.expect(200).json(), @r#"
        {
          "data": [
            {
              "author_id": "1",
              "body": "Text",
              "created_at": "2024-01-01T00:00:07Z",
              "id": "3",
              "status": "archived",
              "title": "Alpha",
              "updated_at": "2024-01-01T00:00:07Z",
              "version": 1
            }
          ],
          "links": {
            "first": "/api/v1/posts?page=1&limit=20&status=archived",
            "self": "/api/v1/posts?page=1&limit=20&status=archived"
          },
          "meta": {
            "has_more": false,
            "limit": 20,
            "page": 1,
            "timestamp": "2024-01-01T00:00:09Z"
          }
        }
        "#);
    })
    .await;
}

/// Five users and four posts, each a second younger than the one before.
async fn on_each_list(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for (number, (name, role)) in (1..).zip(USERS) {
            let user =
                json!({ "name": name, "email": format!("{number}@example.com"), "role": role });
            create(&app, "/api/v1/users", &user).await;
        }
        for (author, title, status) in [
            ("1", "Zeta", "published"),
            ("1", "Beta", "draft"),
            ("1", "Alpha", "archived"),
            ("2", "Gamma", "published"),
        ] {
            let post =
                json!({ "author_id": author, "title": title, "body": "Text", "status": status });
            create(&app, "/api/v1/posts", &post).await;
        }
        test(app).await;
    })
    .await;
}

async fn create(app: &TestApp, path: &str, body: &Value) {
    let response = app.post(path).json(body).send().await;
    assert_eq!(response.expect(201).json()["data"]["version"], 1);
    app.advance(Duration::from_secs(1));
}

async fn ids(app: &TestApp, path: &str) -> Vec<String> {
    let list = app.get(path).send().await.expect(200).json();
    let rows = list["data"].as_array().unwrap();
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_too_long_for_a_header_are_in_the_body() {
    on_each_database(async |app| {
        for name in ["Ada", "Grace"] {
            let email = format!("{name}@example.com");
            app.create_user(name, &email).await;
        }
        for (ids, relations) in [(1, 2), (40, 2), (80, 1), (100, 0)] {
            let numbers =
                (0..ids - 1).map(|number| (9_000_000_000_000_000_000_i64 + number).to_string());
            let ids: Vec<_> = ["1".to_owned()].into_iter().chain(numbers).collect();
            let path = format!("/api/v1/users?page=1&limit=1&id[in]={}", ids.join(","));
            let list = app.get(&path).send().await.expect(200);
            let header = list.header("link").unwrap_or_default();
            assert!(header.len() <= 2048, "{}", header.len());
            assert_eq!(header.matches("; rel=").count(), relations, "{header}");
            let body = list.json();
            for relation in ["self", "first"] {
                assert!(body["links"][relation].as_str().unwrap().len() > 40);
            }
        }
    })
    .await;
}
