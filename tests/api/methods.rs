//! Every method on every resource: what it is answered, and what the resource says it has.

use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

/// Each resource, and the methods that it has.
const RESOURCES: [(&str, &str); 14] = [
    ("/", "GET, HEAD, OPTIONS"),
    ("/api/v1", "GET, HEAD, OPTIONS"),
    ("/api/v1/users", "GET, HEAD, POST, OPTIONS"),
    ("/api/v1/users/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
    ("/api/v1/users/1/posts", "GET, HEAD, POST, OPTIONS"),
    ("/api/v1/posts", "GET, HEAD, POST, OPTIONS"),
    ("/api/v1/posts/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
    ("/errors", "GET, HEAD, OPTIONS"),
    ("/errors/EMAIL_TAKEN", "GET, HEAD, OPTIONS"),
    ("/openapi.json", "GET, HEAD, OPTIONS"),
    ("/docs", "GET, HEAD, OPTIONS"),
    ("/docs/start.js", "GET, HEAD, OPTIONS"),
    ("/livez", "GET, HEAD, OPTIONS"),
    ("/readyz", "GET, HEAD, OPTIONS"),
];

/// Headers that differ from answer to answer.
const OF_EACH_ANSWER: [&str; 4] = ["date", "x-request-id", "traceresponse", "server-timing"];

#[tokio::test(flavor = "multi_thread")]
async fn options_says_which_methods_there_are() {
    on_each_database(async |app| {
        for (path, allow) in RESOURCES {
            let response = app.request("OPTIONS", path).send().await.expect(204);
            assert_eq!(response.header("allow"), Some(allow), "{path}");
            assert_eq!(response.text, "");
        }
        let nowhere = app.request("OPTIONS", "/api/v2").send().await;
        nowhere.expect_error(404, "ROUTE_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_method_is_refused_with_those_that_there_are() {
    on_each_database(async |app| {
        for (path, allow) in RESOURCES {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
                if allow.split(", ").any(|allowed| allowed == method) {
                    continue;
                }
                let response = app.request(method, path).send().await;
                assert_eq!(response.header("allow"), Some(allow), "{method} {path}");
                response.expect_error(405, "METHOD_NOT_ALLOWED");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_has_the_headers_of_get_and_no_body() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        let lists = ["/api/v1/users?limit=1", "/api/v1/posts?author_id=1"];
        let errors = ["/api/v1/users/9", "/api/v1/users?limit=0"];
        let paths = RESOURCES.iter().map(|(path, _)| *path);
        for path in paths.chain(lists).chain(errors) {
            let get = app.get(path).send().await;
            let head = app.request("HEAD", path).send().await;
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.text, "", "{path}");
            for (name, value) in &get.headers {
                let of_each = OF_EACH_ANSWER.contains(&name.as_str())
                    || name == "content-length" && varies(path);
                assert!(
                    of_each || head.headers.get(name) == Some(value),
                    "{path}: {name}"
                );
            }
            assert_eq!(head.headers.len(), get.headers.len(), "{path}");
        }
    })
    .await;
}

/// Whether the body shows the time of the answer, and so may differ in length.
fn varies(path: &str) -> bool {
    !path.ends_with("/users/1") && !path.ends_with("/posts/1")
}

#[tokio::test(flavor = "multi_thread")]
async fn head_reads_no_further_than_the_head() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let mut client = app.connect().await;
        client
            .send("HEAD /api/v1/users/1 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            .await;
        let response = client.response().await;
        assert_eq!((response.status, response.body.as_str()), (200, ""));
        assert!(response.head.to_lowercase().contains("content-length: "));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_indexes_lead_to_everything_else() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        let root = app.get("/").send().await.expect(200).json();
        let expected = json!({
            "self": "/", "api": "/api/v1", "openapi": "/openapi.json", "docs": "/docs", "errors": "/errors"
        });
        assert_eq!(root["data"], expected);
        let index = app.get("/api/v1").send().await.expect(200).json();
        let expected = json!({
            "self": "/api/v1", "users": "/api/v1/users", "posts": "/api/v1/posts",
            "openapi": "/openapi.json", "docs": "/docs", "errors": "/errors",
            "templates": {
                "user": "/api/v1/users/{user_id}", "post": "/api/v1/posts/{post_id}",
                "user_posts": "/api/v1/users/{user_id}/posts"
            }
        });
        assert_eq!(index["data"], expected);
        let mut index = index["data"].clone();
        let templates = index.as_object_mut().unwrap().remove("templates").unwrap();
        let links = [root["data"].clone(), index, templates];
        for (name, link) in links.iter().flat_map(|links| links.as_object().unwrap()) {
            let path = link.as_str().unwrap().replace("{user_id}", "1").replace("{post_id}", "1");
            let response = app.get(&path).send().await;
            assert_eq!(response.status, 200, "{name}: {path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_probes_say_yes_or_no_and_not_why() {
    on_each_database(async |app| {
        for path in ["/livez", "/readyz", "/readyz?verbose", "/livez?verbose=1"] {
            let response = app.get(path).send().await.expect(200);
            assert_eq!(response.text, "ok\n", "{path}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
        }
        let startup = app.get("/startupz").send().await;
        startup.expect_error(404, "ROUTE_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_writes_the_whole_of_a_user() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let whole = json!({ "name": "Ada King", "email": "king@example.com", "role": "admin" });
        let put = app.request("PUT", "/api/v1/users/1").json(&whole);
        let data = put.send().await.expect(200).json()["data"].clone();
        for (field, value) in whole.as_object().unwrap() {
            assert_eq!(&data[field], value);
        }
        assert_eq!(data["version"], 2);
        assert_missing_fields(&app, "/api/v1/users/1", &whole).await;
        app.create_user("Grace Hopper", "grace@example.com").await;
        let taken = json!({ "name": "Ada", "email": "grace@example.com", "role": "admin" });
        let put = app.request("PUT", "/api/v1/users/1").json(&taken);
        put.send().await.expect_error(409, "EMAIL_TAKEN");
        let put = app.request("PUT", "/api/v1/users/9").json(&whole);
        put.send().await.expect_error(404, "USER_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_writes_the_whole_of_a_post_but_for_its_author() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        let whole = json!({ "title": "More notes", "body": "New", "status": "archived" });
        let put = put_post(&app, "/api/v1/posts/1", &whole).await.expect(200);
        let data = put.json()["data"].clone();
        for (field, value) in whole.as_object().unwrap() {
            assert_eq!(&data[field], value);
        }
        assert_eq!(
            (&data["version"], &data["author_id"]),
            (&json!(2), &json!("1"))
        );
        assert_missing_fields(&app, "/api/v1/posts/1", &whole).await;
        let with_author = json!({ "title": "T", "body": "B", "status": "draft", "author_id": "1" });
        let put = put_post(&app, "/api/v1/posts/1", &with_author).await;
        put.expect_error(400, "UNKNOWN_FIELD");
        let put = put_post(&app, "/api/v1/posts/9", &whole).await;
        put.expect_error(404, "POST_NOT_FOUND");
    })
    .await;
}

async fn put_post(app: &TestApp, path: &str, whole: &Value) -> tests::Response {
    let put = app.request("PUT", path).header("if-match", "*");
    put.json(whole).send().await
}

/// Each field that is left out is a violation, and `null` is no value.
async fn assert_missing_fields(app: &TestApp, path: &str, whole: &Value) {
    for field in whole.as_object().unwrap().keys() {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(field);
        let body = app
            .request("PUT", path)
            .json(&part)
            .send()
            .await
            .expect(400)
            .json();
        assert_eq!(body["error"]["details"]["field"], *field, "{body}");
        part[field] = Value::Null;
        drop(
            app.request("PUT", path)
                .json(&part)
                .send()
                .await
                .expect(400),
        );
    }
    let none = app.request("PUT", path).json(&json!({})).send().await;
    none.expect_error(400, "VALIDATION_FAILED");
    let merge = "application/merge-patch+json";
    let put = app.request("PUT", path).body(merge, whole.to_string());
    put.send().await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_changes_says_in_which_form() {
    let forms = Some("application/merge-patch+json, application/json");
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let options = app.request("OPTIONS", "/api/v1/users/1").send().await;
        assert_eq!(options.expect(204).header("accept-patch"), forms);
        let change = app.patch("/api/v1/users/1").body("text/plain", "{}");
        assert_eq!(
            change.send().await.expect(415).header("accept-patch"),
            forms
        );
        let options = app.request("OPTIONS", "/api/v1/users").send().await;
        assert_eq!(options.expect(204).header("accept-patch"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_parameter_that_nobody_knows_is_not_done() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        let user = json!({ "name": "Eve", "email": "eve@example.com", "role": "member" });
        let post = json!({ "title": "T", "body": "B", "status": "draft" });
        for (method, path, body) in [
            ("POST", "/api/v1/users", &user),
            ("PUT", "/api/v1/users/1", &user),
            ("PATCH", "/api/v1/users/1", &user),
            ("DELETE", "/api/v1/users/1", &Value::Null),
            ("POST", "/api/v1/users/1/posts", &post),
            ("POST", "/api/v1/posts", &post),
            ("PUT", "/api/v1/posts/1", &post),
            ("PATCH", "/api/v1/posts/1", &post),
            ("DELETE", "/api/v1/posts/1", &Value::Null),
        ] {
            let request = app.request(method, &format!("{path}?dry_run=true"));
            let request = request.json(body).header("if-match", "*");
            request.send().await.expect_error(400, "UNKNOWN_PARAMETER");
        }
        for path in ["/api/v1/users", "/api/v1/posts"] {
            let list = app.get(path).send().await.expect(200).json();
            assert_eq!(list["data"].as_array().unwrap().len(), 1, "{path}");
            assert_eq!(list["data"][0]["version"], 1, "{path}");
        }
    })
    .await;
}
