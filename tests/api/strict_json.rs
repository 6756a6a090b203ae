//! JSON that most readers take and this one does not: too deep, with a member twice, or compressed on its way.

use std::fs::read_to_string;

use tests::{Process, ProcessOptions, TestApp, on_each_database, on_each_empty_database};

use crate::bad_input::assert_refused;

const USER: &str = r#"{"name":"Ada Lovelace","email":"ada@example.com"}"#;

async fn post(app: &TestApp, body: &str) -> tests::Response {
    let request = app.post("/api/v1/users").body("application/json", body);
    request.send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_levels_are_read_and_one_more_is_malformed() {
    on_each_database(async |app| {
        let nested = |levels: usize| {
            let inside = "[".repeat(levels - 1) + &"]".repeat(levels - 1);
            format!("{{\"name\":{inside},\"email\":\"ada@example.com\"}}")
        };
        assert_refused(&post(&app, &nested(32)).await, "INVALID_NAME");
        let response = post(&app, &nested(33)).await;
        assert_refused(&response, "MALFORMED_JSON");
        let message = "A body has at most 32 objects and arrays inside each other";
        assert_eq!(response.json()["error"]["message"], message);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_given_twice_is_refused_by_its_name_and_nothing_is_done() {
    on_each_database(async |app| {
        for (body, field) in [
            (
                r#"{"name":"First","name":"Last","email":"ada@example.com"}"#,
                "/name",
            ),
            (
                r#"{"name":"Ada","email":"ada@example.com","\u0065mail":"ada@example.com"}"#,
                "/email",
            ),
            (
                r#"{"name":"Ada","email":"ada@example.com","role":"admin","role":"member"}"#,
                "/role",
            ),
            (
                r#"{"name":"Ada","email":"ada@example.com","a":[{"b/c":1,"b/c":1}]}"#,
                "/a/0/b~1c",
            ),
        ] {
            let response = post(&app, body).await;
            assert_refused(&response, "MALFORMED_JSON");
            let error = &response.json()["error"];
            assert_eq!(error["details"]["errors"][0]["field"], field);
            assert_eq!(error["message"], format!("{field} is given more than once"));
        }
        let long = "x".repeat(10_000);
        let response = post(&app, &format!("{{\"{long}\":1,\"{long}\":2}}")).await;
        assert_refused(&response, "MALFORMED_JSON");
        assert!(response.text.len() < 1000, "{}", response.text.len());
        let list = app.get("/api/v1/users").send().await.expect(200).json();
        assert_eq!(list["data"].as_array().unwrap().len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_coded_is_refused_with_what_is_read() {
    on_each_database(async |app| {
        for coding in [
            "gzip",
            "br",
            "zstd",
            "deflate",
            "identity, gzip",
            "GZIP",
            "x",
        ] {
            let request = app.post("/api/v1/users").body("application/json", USER);
            let response = request.header("content-encoding", coding).send().await;
            assert_refused(&response, "UNSUPPORTED_MEDIA_TYPE");
            assert_eq!(
                response.header("accept-encoding"),
                Some("identity"),
                "{coding}"
            );
            assert_eq!(
                response.json()["error"]["details"]["field"],
                "Content-Encoding"
            );
        }
        // A wrong media type is another matter, and says nothing of codings.
        let response = app
            .post("/api/v1/users")
            .body("text/plain", USER)
            .send()
            .await;
        assert_eq!(response.header("accept-encoding"), None);
        assert_refused(&response, "UNSUPPORTED_MEDIA_TYPE");
        let request = app.post("/api/v1/users").body("application/json", USER);
        let response = request.header("content-encoding", "Identity").send().await;
        assert_eq!(response.expect(201).json()["data"]["version"], 1);
    })
    .await;
}

/// Were a mebibyte of brackets read into values, one inside the other, each body would take tens of mebibytes.
const FLAT_KIB: u64 = 24 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_under_bodies_of_brackets_alone() {
    on_each_empty_database(async |database| {
        let options = ProcessOptions::new(env!("CARGO_BIN_EXE_api-under-test"), &database.url);
        let service = Process::start(&options).await;
        let bomb = async |body: String| {
            let request = service.request("POST", "/api/v1/users");
            let response = request.body("application/json", body).send().await;
            assert_refused(&response, "MALFORMED_JSON");
        };
        let flat = || " ".repeat(1024 * 1024);
        for _ in 0..8 {
            bomb(flat()).await;
        }
        let before = peak_kib(&service);
        for _ in 0..8 {
            bomb("[".repeat(1024 * 1024)).await;
            bomb("{\"a\":".repeat(200_000)).await;
        }
        let grown = peak_kib(&service) - before;
        assert!(grown < FLAT_KIB, "{grown} KiB more at the peak");
        let list = service.request("GET", "/api/v1/users").send().await;
        assert_eq!(list.expect(200).json()["meta"]["has_more"], false);
    })
    .await;
}

/// The most memory that the process has had so far.
fn peak_kib(service: &Process) -> u64 {
    let status = read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.unwrap().parse().unwrap()
}
