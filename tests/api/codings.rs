//! Bodies in content-codings: for those who ask, from 1 KiB on, with an `ETag` of their own.

use std::io::Read;

use serde_json::json;
use tests::{Request, Response, TestApp, TestOptions, on_each_database_with};

const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];
const SMALL: &str = "/api/v1/posts/1";
const LARGE: &str = "/api/v1/posts/2";

/// A small post, a large one, and so many others that a page of them is coded beside the workers.
async fn with_posts(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        for number in 0..8_usize {
            let bottles = format!("{number} bottles of tea. ").repeat(100 * (1 + number));
            let post =
                json!({ "author_id": "1", "title": "T", "body": bottles, "status": "published" });
            drop(
                app.post("/api/v1/posts")
                    .json(&post)
                    .send()
                    .await
                    .expect(201),
            );
        }
        test(app).await;
    })
    .await;
}

fn coded(request: Request, coding: &str) -> Request {
    request.header("accept-encoding", coding)
}

fn decoded(response: &Response) -> String {
    let body = &response.body[..];
    let mut reader: Box<dyn Read> = match response.header("content-encoding") {
        Some("gzip") => Box::new(flate2::read::GzDecoder::new(body)),
        Some("br") => Box::new(brotli::Decompressor::new(body, 4096)),
        Some("zstd") => Box::new(zstd::Decoder::new(body).unwrap()),
        _ => Box::new(body),
    };
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coded_body_says_what_the_plain_one_says() {
    with_posts(async |app| {
        for path in [
            LARGE,
            "/api/v1/posts?limit=5&sort=id",
            "/api/v1/posts?limit=100",
        ] {
            for accept in ["application/json", "application/xml"] {
                let get = || app.get(path).header("accept", accept);
                let plain = get().send().await.expect(200);
                assert_eq!(plain.header("content-encoding"), None);
                for coding in CODINGS {
                    let response = coded(get(), coding).send().await.expect(200);
                    assert_eq!(response.header("content-encoding"), Some(coding), "{path}");
                    assert_eq!(decoded(&response), plain.text, "{path}");
                    assert!(response.body.len() < plain.body.len() / 2, "{path}");
                    for header in ["content-type", "vary", "cache-control", "link"] {
                        assert_eq!(response.header(header), plain.header(header), "{path}");
                    }
                    let head = coded(app.request("HEAD", path), coding).header("accept", accept);
                    let head = head.send().await.expect(200);
                    for header in ["content-encoding", "content-length", "etag"] {
                        assert_eq!(
                            head.header(header),
                            response.header(header),
                            "{path} {header}"
                        );
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_is_not_coded() {
    with_posts(async |app| {
        let plain = coded(app.get(SMALL), "gzip, br, zstd")
            .send()
            .await
            .expect(200);
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(plain.header("etag"), Some("\"post-1-1-json1\""));
        let forced = coded(app.get(SMALL), "gzip, identity;q=0")
            .send()
            .await
            .expect(200);
        assert_eq!(decoded(&forced), plain.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_has_a_tag_of_its_own_and_is_known_by_it_alone() {
    with_posts(async |app| {
        let forms: Vec<(&str, &str)> = ["application/json", "application/xml"]
            .into_iter()
            .flat_map(|accept| ["identity", "gzip", "br", "zstd"].map(|coding| (accept, coding)))
            .collect();
        let get =
            |(accept, coding): (&str, &str)| coded(app.get(LARGE), coding).header("accept", accept);
        let mut tags = Vec::new();
        for form in &forms {
            let response = get(*form).send().await.expect(200);
            tags.push(response.header("etag").unwrap().to_owned());
        }
        assert_eq!(tags[0], "\"post-2-1-json1\"");
        assert_eq!(tags[1], "\"post-2-1-json1+gzip\"");
        assert_eq!(tags[6], "\"post-2-1-xml1+br\"");
        for (at, form) in forms.iter().enumerate() {
            for (known, tag) in tags.iter().enumerate() {
                let response = get(*form).header("if-none-match", tag).send().await;
                let expected = if at == known { 304 } else { 200 };
                assert_eq!(response.status, expected, "{form:?} {tag}");
                if at == known {
                    assert_eq!(response.header("etag"), Some(tag.as_str()));
                    assert_eq!(response.header("content-encoding"), None);
                }
            }
            // To a condition that compares strongly, a coding that was added is no difference.
            let tag = &tags[at - at % 4];
            drop(get(*form).header("if-match", tag).send().await.expect(200));
            let other = &tags[(at + 4) % 8];
            let response = get(*form).header("if-match", other).send().await;
            assert_eq!(response.status, 412, "{form:?} {other}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_of_any_form_says_to_a_write_which_version_is_known() {
    with_posts(async |app| {
        for (version, tag) in [
            (2, "\"post-2-1-json1+gzip\""),
            (3, "\"post-2-2-xml1\""),
            (4, "\"post-2-3-xml1+zstd\""),
        ] {
            let change = app
                .patch(LARGE)
                .json(&json!({ "title": tag.replace('"', "") }));
            let changed = change.header("if-match", tag).send().await.expect(200);
            assert_eq!(changed.json()["data"]["version"], version);
        }
        for tag in [
            "\"post-2-4-csv1\"",
            "\"post-2-4-json2\"",
            "\"post-2-4-json1x\"",
            "\"post-2-4\"",
        ] {
            let change = app.patch(LARGE).json(&json!({ "title": "Late" }));
            let response = change.header("if-match", tag).send().await;
            response.expect_error(412, "PRECONDITION_FAILED");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_write_made_is_coded_too() {
    with_posts(async |app| {
        let text = "A long story. ".repeat(100);
        let post = json!({ "author_id": "1", "title": "T", "body": text });
        let made = coded(app.post("/api/v1/posts").json(&post), "gzip")
            .send()
            .await
            .expect(201);
        let etag = made.header("etag").unwrap().to_owned();
        assert_eq!(etag, "\"post-10-1-json1+gzip\"");
        assert!(decoded(&made).contains("A long story"));
        let known = coded(app.get("/api/v1/posts/10"), "gzip").header("if-none-match", &etag);
        drop(known.send().await.expect(304));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_given_again_is_coded_for_whoever_asks() {
    with_posts(async |app| {
        let post = json!({ "author_id": "1", "title": "T", "body": "Again. ".repeat(200) });
        let send = |coding| {
            let request = coded(app.post("/api/v1/posts").json(&post), coding);
            request.header("idempotency-key", "key").send()
        };
        let plain = send("identity").await.expect(201);
        for coding in CODINGS {
            let again = send(coding).await.expect(201);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.header("content-encoding"), Some(coding));
            assert_eq!(decoded(&again), plain.text);
            let tag = format!("\"post-10-1-json1+{coding}\"");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_the_cache_is_not_made_again() {
    with_posts(async |app| {
        let phase = [
            ("http_route", "GET /api/v1/posts/{post_id}"),
            ("phase", "serialize"),
        ];
        let spent = async || {
            let scrape = app.scrape().await;
            scrape.sum("http_server_request_phase_seconds_total", &phase)
        };
        let get = || coded(app.get(LARGE), "br").header("accept", "application/xml");
        let first = get().send().await.expect(200);
        let before = spent().await;
        assert!(before > 0.0, "the first was not");
        for _ in 0..10 {
            assert_eq!(get().send().await.expect(200).body, first.body);
        }
        assert!(spent().await <= before, "a hit was made again");
    })
    .await;
}
