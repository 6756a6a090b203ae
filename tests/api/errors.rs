//! The shape of errors, whoever found them: the service or the framework.

use serde_json::{Value, json};
use tests::{Request, on_each_database};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// With an id and a trace of its own, so that the body is known but for its time.
fn known(request: Request) -> Request {
    request
        .header("x-request-id", "test-1")
        .header("traceparent", TRACEPARENT)
}

/// Compares an error's body, but for the time, with what stands here.
macro_rules! assert_error {
    ($body:expr, $($snapshot:tt)+) => {
        assert_body!($body, { ".meta.timestamp" => "[time]" }, $($snapshot)+)
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn one_violation_has_its_own_code() {
    on_each_database(async |app| {
        let user = json!({ "name": "Ada", "email": "nonsense" });
        let response = known(app.post("/api/v1/users").json(&user))
            .send()
            .await
            .expect(400);
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_error!(response.json(), @r#"
        {
          "error": {
            "code": "INVALID_EMAIL",
            "details": {
              "errors": [
                {
                  "code": "INVALID_EMAIL",
                  "field": "/email",
                  "message": "Invalid email format"
                }
              ],
              "field": "email"
            },
            "message": "Invalid email format",
            "retryable": false
          },
          "meta": {
            "request_id": "test-1",
            "timestamp": "[time]",
            "trace_id": "0af7651916cd43dd8448eb211c80319c"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_violations_come_all_at_once() {
    on_each_database(async |app| {
        let user = json!({ "name": "Ada", "email": "nonsense", "a/b~c": 1 });
        let response = known(app.post("/api/v1/users").json(&user)).send().await;
        assert_error!(response.expect(400).json(), @r#"
        {
          "error": {
            "code": "VALIDATION_FAILED",
            "details": {
              "errors": [
                {
                  "code": "INVALID_EMAIL",
                  "field": "/email",
                  "message": "Invalid email format"
                },
                {
                  "code": "UNKNOWN_FIELD",
                  "field": "/a~1b~0c",
                  "message": "Known fields: name, email, role"
                }
              ]
            },
            "message": "Several fields are invalid",
            "retryable": false
          },
          "meta": {
            "request_id": "test-1",
            "timestamp": "[time]",
            "trace_id": "0af7651916cd43dd8448eb211c80319c"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_of_parameters_come_all_at_once_too() {
    on_each_database(async |app| {
        let path = "/api/v1/posts?limit=0&page=0&sort=body&author_id=x&status=y&colour=red";
        let body = app.get(path).send().await.expect(400).json();
        assert_eq!(body["error"]["code"], "VALIDATION_FAILED");
        let errors = body["error"]["details"]["errors"].as_array().unwrap();
        let found: Vec<_> = errors
            .iter()
            .map(|error| [&error["field"], &error["code"]])
            .collect();
        let expected = [
            ["page", "INVALID_PAGE"],
            ["limit", "INVALID_LIMIT"],
            ["sort", "INVALID_SORT"],
            ["author_id", "INVALID_ID"],
            ["status", "INVALID_STATUS"],
            ["colour", "UNKNOWN_PARAMETER"],
        ];
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_found_has_no_details() {
    on_each_database(async |app| {
        let response = known(app.get("/api/v1/users/1")).send().await;
        assert_error!(response.expect(404).json(), @r#"
        {
          "error": {
            "code": "USER_NOT_FOUND",
            "message": "There is no user with this id",
            "retryable": false
          },
          "meta": {
            "request_id": "test-1",
            "timestamp": "[time]",
            "trace_id": "0af7651916cd43dd8448eb211c80319c"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_has_the_same_body_as_any_error() {
    on_each_database(async |app| {
        for path in [
            "/api",
            "/api/v1/userz",
            "/api/v1/users/1/2",
            "/startupz",
            "/metrics",
        ] {
            let response = known(app.get(path)).send().await;
            assert_error!(response.expect(404).json(), @r#"
            {
              "error": {
                "code": "ROUTE_NOT_FOUND",
                "message": "There is nothing at this path",
                "retryable": false
              },
              "meta": {
                "request_id": "test-1",
                "timestamp": "[time]",
                "trace_id": "0af7651916cd43dd8448eb211c80319c"
              }
            }
            "#);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_resource_lacks_says_which_there_are() {
    on_each_database(async |app| {
        for (path, methods, allow) in [
            (
                "/api/v1/users",
                ["PUT", "DELETE", "BREW"],
                "GET, HEAD, POST, OPTIONS",
            ),
            (
                "/api/v1/posts/1",
                ["POST", "PROPFIND", "TRACE"],
                "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
            ),
        ] {
            for method in methods {
                let response = known(app.request(method, path)).send().await.expect(405);
                assert_eq!(response.header("allow"), Some(allow), "{method} {path}");
                assert_error!(response.json(), @r#"
                {
                  "error": {
                    "code": "METHOD_NOT_ALLOWED",
                    "message": "This resource does not have this method: see the header Allow",
                    "retryable": false
                  },
                  "meta": {
                    "request_id": "test-1",
                    "timestamp": "[time]",
                    "trace_id": "0af7651916cd43dd8448eb211c80319c"
                  }
                }
                "#);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_when_it_happened() {
    on_each_database(async |app| {
        let body = app
            .get("/api/v1/users/1")
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
        let time = body["meta"]["timestamp"].as_str().unwrap_or_default();
        assert!(
            time.len() > 19 && time.ends_with('Z') && time.contains('T'),
            "{body}"
        );
        assert_ne!(body["meta"]["trace_id"], Value::Null);
    })
    .await;
}
