//! Bodies that are no JSON object, or one with the wrong fields.

use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

use crate::bad_input::assert_refused;

const WRITES: [(&str, &str); 4] = [
    ("POST", "/api/v1/users"),
    ("POST", "/api/v1/posts"),
    ("PATCH", "/api/v1/users/1"),
    ("PATCH", "/api/v1/posts/1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_refused_with_the_place_of_the_fault() {
    on_each_database(async |app| {
        let bodies: [&[u8]; 17] = [
            b"",
            b"{",
            b"}",
            b"{'name':1}",
            b"{\"name\":}",
            b"nul",
            b"[]",
            b"[{}]",
            b"null",
            b"\"text\"",
            b"1",
            b"{}{}",
            b"{\"name\":\"\\ud800\"}",
            b"{\"name\":\"\xff\xfe\"}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":1e999}",
            b"{\"name\":\"a\0b\"}",
        ];
        for body in bodies {
            for (method, path) in WRITES {
                let request = app.request(method, path).body("application/json", body);
                assert_refused(&request.send().await, "MALFORMED_JSON");
            }
        }
        let request = app
            .post("/api/v1/users")
            .body("application/json", "{\n  \"name\" \"Ada\"\n}");
        let body = request.send().await.expect_error(400, "MALFORMED_JSON");
        assert_eq!(
            body["error"]["message"],
            "The body is no JSON: line 2, column 10"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_brackets_are_refused() {
    on_each_database(async |app| {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let objects = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
        for body in [
            deep.clone(),
            objects,
            "[".repeat(10_000),
            format!("{{\"name\":{deep}}}"),
        ] {
            let request = app.post("/api/v1/users").body("application/json", body);
            assert_refused(&request.send().await, "MALFORMED_JSON");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_the_wrong_type_is_refused_and_says_which_type_it_has() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post("1", "Notes").await;
        for (path, field, code) in [
            ("/api/v1/users/1", "name", "INVALID_NAME"),
            ("/api/v1/users/1", "email", "INVALID_EMAIL"),
            ("/api/v1/users/1", "role", "INVALID_ROLE"),
            ("/api/v1/posts/1", "title", "INVALID_TITLE"),
            ("/api/v1/posts/1", "body", "INVALID_BODY"),
            ("/api/v1/posts/1", "status", "INVALID_STATUS"),
        ] {
            for (value, kind) in [
                (json!(1), "a number"),
                (json!(true), "a boolean"),
                (Value::Null, "null"),
                (json!([]), "an array"),
                (json!({}), "an object"),
            ] {
                let response = app.patch(path).json(&json!({ field: value })).send().await;
                assert_refused(&response, code);
                let message = format!("{field} is a string, not {kind}");
                assert_eq!(response.json()["error"]["message"], message);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_that_is_no_id_is_refused() {
    on_each_database(async |app| {
        for author in [
            json!(1),
            json!("0"),
            json!("one"),
            json!("9223372036854775808"),
            json!("1 "),
            Value::Null,
        ] {
            let post = json!({ "author_id": author, "title": "Notes", "body": "Text" });
            let response = app.post("/api/v1/posts").json(&post).send().await;
            assert_refused(&response, "INVALID_ID");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_the_service_gives_cannot_be_given_to_it() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        for field in [
            "id",
            "version",
            "created_at",
            "updated_at",
            "Name",
            "__proto__",
            "",
            "\u{1f4a5}",
        ] {
            let response = app
                .patch("/api/v1/users/1")
                .json(&json!({ field: "1" }))
                .send()
                .await;
            assert_refused(&response, "UNKNOWN_FIELD");
        }
        let user = app.get("/api/v1/users/1").send().await.expect(200).json();
        assert_eq!(user["data"]["version"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_unknown_fields_are_all_named_and_none_in_full_length() {
    on_each_database(async |app| {
        let name = |number: usize| format!("{number}{}", "x".repeat(1000));
        let fields: serde_json::Map<_, _> =
            (0..100).map(|number| (name(number), json!(1))).collect();
        let response = patch_nobody(&app, &Value::Object(fields)).await;
        assert_refused(&response, "VALIDATION_FAILED");
        let errors = response.json()["error"]["details"]["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 100);
        assert!(response.text.len() < 30_000, "{}", response.text.len());
    })
    .await;
}

async fn patch_nobody(app: &TestApp, body: &Value) -> tests::Response {
    app.patch("/api/v1/users/1").json(body).send().await
}
