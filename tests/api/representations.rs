//! The same documents as JSON, as XML and, where they tell of an error, as problem details: chosen by `Accept`, with its weights.

use serde_json::{Value, json};
use tests::{Request, Response, TestApp, TestOptions, on_each_database_with};

use crate::xml::{as_said_in_xml, parse};

const JSON: &str = "application/json";
const XML: &str = "application/xml";
const PROBLEM: &str = "application/problem+json";

/// Two users, and two posts whose texts are hard to say in XML, at a time that stands still.
async fn with_posts(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada <b>&amp;\"'", "ada@example.com").await;
        app.create_user("Grace Hopper", "grace@example.com").await;
        app.create_post(&author, "Notes ]]> & <!-- more").await;
        let body = "line\r\n  tab\tnbsp\u{a0}é💥\u{2028} <![CDATA[";
        let post = json!({ "author_id": "1", "title": "T", "body": body });
        let made = app.post("/api/v1/posts").json(&post).send().await;
        drop(made.expect(201));
        test(app).await;
    })
    .await;
}

fn known(request: Request, accept: &str) -> Request {
    request
        .header("x-request-id", "test-1")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("accept", accept)
}

#[track_caller]
fn assert_type(response: &Response, media_type: &str) {
    assert_eq!(
        response.header("content-type"),
        Some(media_type),
        "{}",
        response.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_says_the_same_in_json_and_in_xml() {
    with_posts(async |app| {
        for path in [
            "/api/v1",
            "/api/v1/users",
            "/api/v1/users?role=admin",
            "/api/v1/users?cursor=start&limit=1",
            "/api/v1/users/1",
            "/api/v1/users/1/posts",
            "/api/v1/posts",
            "/api/v1/posts/1",
            "/api/v1/posts/2",
        ] {
            let json = app
                .get(path)
                .header("accept", JSON)
                .send()
                .await
                .expect(200);
            assert_type(&json, JSON);
            let xml = app.get(path).header("accept", XML).send().await.expect(200);
            assert_type(&xml, XML);
            assert_eq!(parse(&xml.text), as_said_in_xml(&json.json()), "{path}");
            for header in ["link", "last-modified", "cache-control", "vary"] {
                assert_eq!(xml.header(header), json.header(header), "{path}");
            }
            assert_eq!(
                xml.header("vary"),
                Some("Accept, Accept-Encoding"),
                "{path}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_write_made_is_shown_in_the_form_that_is_asked_for() {
    with_posts(async |app| {
        let user = json!({ "name": "Edsger", "email": "edsger@example.com" });
        let made = app.post("/api/v1/users").json(&user).header("accept", XML);
        let made = made.send().await.expect(201);
        assert_type(&made, XML);
        assert_eq!(made.header("location"), Some("/api/v1/users/3"));
        assert_eq!(parse(&made.text)["data"]["name"], "Edsger");
        let etag = made.header("etag").unwrap().to_owned();
        assert_eq!(etag, "\"user-3-1-xml1\"");
        // Who has read XML may write JSON: the tag says which version was known.
        let change = json!({ "name": "Edsger W." });
        let change = app.patch("/api/v1/users/3").json(&change);
        let changed = change
            .header("if-match", &etag)
            .header("accept", XML)
            .send()
            .await;
        let changed = changed.expect(200);
        assert_eq!(parse(&changed.text)["data"]["version"], "2");
        let late = app
            .delete("/api/v1/users/3")
            .header("if-match", &etag)
            .send()
            .await;
        late.expect_error(412, "PRECONDITION_FAILED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_welcome_form_is_chosen() {
    with_posts(async |app| {
        for (accept, expected) in [
            (&["*/*"][..], JSON),
            (&[""], JSON),
            (&["application/*"], JSON),
            (&["application/xml;q=0.9, application/json;q=0.8"], XML),
            (&["application/xml, application/json"], JSON),
            (&["text/html, application/xml;q=0.9, */*;q=0.8"], XML),
            (&["application/json;q=0", "*/*;q=0.1"], XML),
            (&["application/json; charset=utf-8"], JSON),
            // Who takes nothing but problem details means errors.
            (&[PROBLEM], JSON),
        ] {
            for path in ["/api/v1/users/1", "/api/v1/users"] {
                let lines = accept.iter();
                let request = lines.fold(app.get(path), |request, line| {
                    request.header("accept", line)
                });
                let response = request.send().await.expect(200);
                assert_type(&response, expected);
            }
        }
        assert_type(&app.get("/api/v1/users/1").send().await, JSON);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_refused_before_anything_is_done() {
    with_posts(async |app| {
        for accept in ["text/html", "application/json;q=0", "*/*;q=0", "nonsense"] {
            for path in [
                "/api/v1",
                "/api/v1/users",
                "/api/v1/users/1",
                "/api/v1/posts/9",
            ] {
                let response = app.get(path).header("accept", accept).send().await;
                assert_eq!(response.status, 406, "{accept} {path}");
                assert!(
                    response.text.contains("NOT_ACCEPTABLE"),
                    "{}",
                    response.text
                );
                assert!(
                    response.text.contains("application/xml"),
                    "{}",
                    response.text
                );
            }
        }
        let user = json!({ "name": "Edsger", "email": "edsger@example.com" });
        let made = app
            .post("/api/v1/users")
            .json(&user)
            .header("accept", "text/csv");
        made.send().await.expect_error(406, "NOT_ACCEPTABLE");
        let change = app.patch("/api/v1/users/1").json(&json!({ "name": "Eve" }));
        let change = change.header("accept", "text/csv").send().await;
        change.expect_error(406, "NOT_ACCEPTABLE");
        let users = app.get("/api/v1/users?sort=id").send().await.json();
        assert_eq!(users["data"].as_array().unwrap().len(), 2);
        assert_eq!(users["data"][0]["version"], 1);
        // What has no body is in no form.
        let gone = app
            .delete("/api/v1/users/2")
            .header("accept", "text/csv")
            .send()
            .await;
        drop(gone.expect(204));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_says_the_same_in_each_form() {
    with_posts(async |app| {
        let requests = || {
            let bad = json!({ "name": "", "email": "nonsense", "a/b": "<&>" });
            [
                (app.get("/api/v1/users/9"), 404),
                (app.get("/nowhere"), 404),
                (app.get("/api/v1/users?limit=0"), 400),
                (app.get("/api/v1/users?<b>=1"), 400),
                (app.post("/api/v1/users").json(&bad), 400),
                (app.post("/api/v1/users").body("text/plain", "{}"), 415),
                (app.post("/api/v1/users/1").json(&bad), 405),
                (app.delete("/api/v1/posts/1"), 428),
            ]
        };
        let requests = requests().into_iter().zip(requests()).zip(requests());
        for (((json, status), (xml, _)), (problem, _)) in requests {
            let json = known(json, JSON).send().await.expect(status);
            assert_type(&json, JSON);
            let xml = known(xml, XML).send().await.expect(status);
            assert_type(&xml, XML);
            assert_eq!(parse(&xml.text), as_said_in_xml(&json.json()));
            let problem = known(problem, PROBLEM).send().await.expect(status);
            assert_type(&problem, PROBLEM);
            assert_same(&problem.json(), &json.json(), status);
            for response in [json, xml, problem] {
                assert_eq!(response.header("vary"), Some("Accept"));
                assert_eq!(response.header("cache-control"), Some("no-store"));
            }
        }
    })
    .await;
}

fn assert_same(problem: &Value, envelope: &Value, status: u16) {
    let error = &envelope["error"];
    let code = error["code"].as_str().unwrap();
    assert_eq!(problem["type"], format!("/errors/{code}"));
    assert_eq!(problem["status"], status);
    assert_eq!(problem["detail"], error["message"]);
    assert_eq!(problem["instance"], "urn:request:test-1");
    assert_eq!(problem["code"], error["code"]);
    assert_eq!(problem["retryable"], error["retryable"]);
    assert_eq!(problem["errors"], error["details"]["errors"]);
    for name in ["timestamp", "request_id", "trace_id"] {
        assert_eq!(problem[name], envelope["meta"][name]);
    }
    assert!(!problem["title"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_even_to_those_who_accept_no_form_of_it() {
    with_posts(async |app| {
        for (accept, expected) in [
            ("text/html", JSON),
            ("application/*", JSON),
            ("application/problem+json, application/json;q=0.9", PROBLEM),
            ("application/problem+json;q=0.5, application/xml", XML),
        ] {
            let response = app.get("/nowhere").header("accept", accept).send().await;
            assert_type(&response.expect(404), expected);
        }
    })
    .await;
}
