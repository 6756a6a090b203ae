//! `/debug/queries`: every query, how it did, how the database runs it, and nothing that a client sent.

use api::repositories::QUERIES;
use serde_json::{Value, json};
use tests::{TestApp, on_each_database_with, tracing_lines};

use crate::{
    blocked::patient,
    captures,
    slow_query::{a_slow_insert, trace_id},
};

const SECRET: &str = "do-not-show-me";

async fn report(app: &TestApp) -> Value {
    let response = app.management("/debug/queries").send().await.expect(200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    response.json()
}

fn of<'a>(report: &'a Value, name: &str) -> &'a Value {
    let queries = report["queries"].as_array().unwrap();
    queries.iter().find(|query| query["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_is_there_with_what_it_declares_and_what_it_did() {
    on_each_database_with(captures::every_call, async |app| {
        for number in 0..3 {
            app.create_user("Ada", &format!("ada{number}@example.com"))
                .await;
        }
        drop(app.get("/api/v1/users?limit=2").send().await.expect(200));
        drop(app.get("/api/v1/users").send().await.expect(200));
        captures::record(&app, |record| {
            record.query.name == "users.list" && record.rows == 3
        })
        .await;
        let report = report(&app).await;
        assert_eq!(report["queries"].as_array().unwrap().len(), QUERIES.len());
        let list = of(&report, "users.list");
        assert_eq!(list["budget_seconds"], 0.1);
        assert_eq!(list["max_rows"], 101);
        assert_eq!(
            (&list["calls"], &list["failed"], &list["over_budget"]),
            (&json!(2), &json!(0), &json!(0))
        );
        assert_eq!(list["rows_per_call"], 3.0);
        assert!(list["p50_seconds"].as_f64() <= list["p99_seconds"].as_f64());
        assert!(list["p50_seconds"].as_f64().unwrap() > 0.0);
        assert_eq!(
            list["routes"],
            json!([{ "route": "GET /api/v1/users", "calls": 2 }])
        );
        assert_eq!(list["newest_plan"]["rows"], 3);
        assert!(list["newest_plan"]["plan"]["root"]["node"].is_string());
        assert!(
            list["newest_plan"]["sql"]
                .as_str()
                .unwrap()
                .contains("\"users\".\"name\"")
        );
        assert_eq!(of(&report, "posts.delete")["newest_plan"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_call_is_there_with_its_trace_and_its_plan() {
    on_each_database_with(patient, async |app| {
        let response = a_slow_insert(&app, "slow@example.com").await;
        captures::record(&app, |record| record.over_budget).await;
        let report = report(&app).await;
        let slow = report["captures"]
            .as_array()
            .unwrap()
            .iter()
            .find(|capture| capture["over_budget"] == true);
        let slow = slow.unwrap();
        assert_eq!(slow["query"], "users.insert");
        assert_eq!(slow["trace_id"], trace_id(&response).as_str());
        assert!(slow["duration_seconds"].as_f64().unwrap() > 0.1);
        assert!(slow["time"].as_str().unwrap().ends_with('Z'));
        assert_eq!(of(&report, "users.insert")["over_budget"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_a_page() {
    on_each_database_with(captures::every_call, async |app| {
        drop(app.get("/api/v1/users").send().await.expect(200));
        captures::record(&app, |record| record.query.name == "users.list").await;
        let browser = app
            .management("/debug/queries")
            .header("accept", "text/html,*/*;q=0.8");
        let page = browser.send().await.expect(200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(page.header("content-security-policy").is_some());
        assert!(
            page.text.contains("<h2 id=\"users.list\">") && page.text.contains("GET /api/v1/users")
        );
        assert!(
            page.text.contains("by <code>users_") || app.is_sqlite(),
            "{}",
            page.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_client_sent_is_shown_or_logged() {
    on_each_database_with(captures::every_call, async |app| {
        let author = app
            .create_user(SECRET, &format!("{SECRET}@example.com"))
            .await;
        let post = app.create_post(&author, SECRET).await;
        let change = json!({ "title": format!("{SECRET} again"), "body": SECRET });
        let changed = app
            .patch(&format!("/api/v1/posts/{post}"))
            .header("if-match", "*")
            .json(&change)
            .send()
            .await;
        drop(changed.expect(200));
        drop(app.delete(&format!("/api/v1/users/{author}")).send().await);
        captures::record(&app, |record| record.query.name == "users.delete").await;
        let json = app.management("/debug/queries").send().await.text;
        let html = app
            .management("/debug/queries")
            .header("accept", "text/html")
            .send()
            .await
            .text;
        let logged = tracing_lines()
            .iter()
            .any(|line| line.to_string().contains(SECRET));
        assert!(!json.contains(SECRET) && !html.contains(SECRET) && !logged);
        let report = report(&app).await;
        for query in [
            "users.insert",
            "posts.insert",
            "posts.update",
            "users.delete",
        ] {
            assert!(of(&report, query)["newest_plan"].is_object(), "{query}");
        }
    })
    .await;
}
