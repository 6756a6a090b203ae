//! Texts: how long they may be, and what may be in them.

use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

use crate::bad_input::assert_refused;

#[tokio::test(flavor = "multi_thread")]
async fn texts_up_to_their_limit_are_kept_and_one_character_more_is_refused() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        for (field, limit, code) in [
            ("title", 200, "INVALID_TITLE"),
            ("body", 20_000, "INVALID_BODY"),
        ] {
            for character in ["a", "é", "\u{1f600}"] {
                let text = character.repeat(limit);
                assert_eq!(kept(&app, &author, field, &text).await, text, "{field}");
                let post = post_with(&author, field, &character.repeat(limit + 1));
                let response = app.post("/api/v1/posts").json(&post).send().await;
                assert_refused(&response, code);
            }
        }
        let name = |length: usize| json!({ "name": "ñ".repeat(length) });
        let response = app.patch("/api/v1/users/1").json(&name(100)).send().await;
        assert_eq!(response.expect(200).json()["data"]["name"], "ñ".repeat(100));
        let response = app.patch("/api/v1/users/1").json(&name(101)).send().await;
        assert_refused(&response, "INVALID_NAME");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_and_blank_texts_are_refused() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post("1", "Notes").await;
        let texts = [
            "",
            " ",
            "\0",
            "a\0b",
            "a\u{7}b",
            "\u{1b}[31mred",
            "a\u{7f}b",
            "a\u{85}b",
            "\u{2003}",
            "\u{3000}",
        ];
        for text in texts {
            for (path, field, code) in [
                ("/api/v1/users/1", "name", "INVALID_NAME"),
                ("/api/v1/posts/1", "title", "INVALID_TITLE"),
                ("/api/v1/posts/1", "body", "INVALID_BODY"),
            ] {
                let response = app.patch(path).json(&json!({ field: text })).send().await;
                assert_refused(&response, code);
            }
        }
        for text in [
            "two\nlines",
            "two\u{2028}lines",
            "two\u{2029}parts",
            " space",
            "space ",
            "tab\tbed",
        ] {
            let response = app
                .patch("/api/v1/users/1")
                .json(&json!({ "name": text }))
                .send()
                .await;
            assert_refused(&response, "INVALID_NAME");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_with_anything_but_plain_ascii_is_refused() {
    on_each_database(async |app| {
        let long = format!("{}@example.com", "a".repeat(65));
        let emails = [
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "ada@@example.com",
            "ada @example.com",
            "ada@example.com\0",
            "ada@example.com\r\nBcc: eve@example.com",
            "ädä@example.com",
            "ada\u{ff20}example.com",
            "аda@example.com",
            "ada@exämple.com",
            "\u{202e}ada@example.com",
            "ada@example..com",
            "ada@-example.com",
            &long,
        ];
        for email in emails {
            let user = json!({ "name": "Ada", "email": email });
            let response = app.post("/api/v1/users").json(&user).send().await;
            assert_refused(&response, "INVALID_EMAIL");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unicode_comes_back_as_it_went_in() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        for text in [
            "e\u{301} is not \u{e9}",
            "\u{202e}backwards",
            "zero\u{200b}width",
            "\u{feff}mark",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{10ffff}",
            "z\u{35a}\u{326}\u{34d}a\u{341}lgo",
            "' OR 1=1; -- \\ \" %s {} $1 ?1",
            "<script>alert(1)</script>",
        ] {
            assert_eq!(kept(&app, &author, "title", text).await, text);
            assert_eq!(kept(&app, &author, "body", text).await, text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escapes_in_json_are_what_they_stand_for() {
    on_each_database(async |app| {
        let body = r#"{"\u006eame":"\ud83d\ude00 \u0041da","email":"ada\u0040example.com"}"#;
        let response = app
            .post("/api/v1/users")
            .body("application/json", body)
            .send()
            .await;
        let user = response.expect(201).json();
        assert_eq!(user["data"]["name"], "\u{1f600} Ada");
        assert_eq!(user["data"]["email"], "ada@example.com");
    })
    .await;
}

fn post_with(author: &str, field: &str, text: &str) -> Value {
    let mut post = json!({ "author_id": author, "title": "Title", "body": "Body" });
    post[field] = json!(text);
    post
}

/// What a list shows of a text that was sent: it went to the database and back.
async fn kept(app: &TestApp, author: &str, field: &str, text: &str) -> Value {
    let post = post_with(author, field, text);
    let response = app.post("/api/v1/posts").json(&post).send().await;
    let created = response.expect(201).json();
    let list = app
        .get("/api/v1/posts?sort=-id&limit=1")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(list["data"][0]["id"], created["data"]["id"]);
    list["data"][0][field].clone()
}
