//! Traffic that touches every route and every kind of answer, each request with the route and the status that it must be counted under.

use tests::{Response, TestApp};

/// One request of the mix.
pub struct Step {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Option<&'static str>,
    /// The label `http_route`.
    pub route: &'static str,
    pub status: u16,
}

const fn step(method: &'static str, path: &'static str, route: &'static str, status: u16) -> Step {
    Step {
        method,
        path,
        body: None,
        route,
        status,
    }
}

const fn write(
    method: &'static str,
    path: &'static str,
    body: &'static str,
    route: &'static str,
    status: u16,
) -> Step {
    Step {
        method,
        path,
        body: Some(body),
        route,
        status,
    }
}

const LIST_USERS: &str = "GET /api/v1/users";
const CREATE_USER: &str = "POST /api/v1/users";
const GET_USER: &str = "GET /api/v1/users/{user_id}";
const UPDATE_USER: &str = "PATCH /api/v1/users/{user_id}";
const DELETE_USER: &str = "DELETE /api/v1/users/{user_id}";
const LIST_POSTS: &str = "GET /api/v1/posts";
const CREATE_POST: &str = "POST /api/v1/posts";
const GET_POST: &str = "GET /api/v1/posts/{post_id}";
const UPDATE_POST: &str = "PATCH /api/v1/posts/{post_id}";
const DELETE_POST: &str = "DELETE /api/v1/posts/{post_id}";
const INDEX: &str = "GET /api/v1";
const REPLACE_USER: &str = "PUT /api/v1/users/{user_id}";
const LIST_USER_POSTS: &str = "GET /api/v1/users/{user_id}/posts";
const CREATE_USER_POST: &str = "POST /api/v1/users/{user_id}/posts";
const REPLACE_POST: &str = "PUT /api/v1/posts/{post_id}";
const LIST_ERRORS: &str = "GET /errors";
const GET_ERROR: &str = "GET /errors/{code}";
const ROOT: &str = "GET /";
const OPENAPI: &str = "GET /openapi.json";
const DOCS: &str = "GET /docs";
const DOCS_FILE: &str = "GET /docs/{file}";
const LIVE: &str = "GET /livez";
const READY: &str = "GET /readyz";
const UNMATCHED: &str = "_unmatched";

/// For an empty database.
pub const MIX: &[Step] = &[
    step("GET", "/api/v1/users", LIST_USERS, 200),
    write(
        "POST",
        "/api/v1/users",
        r#"{"name":"Ada","email":"ada@example.com"}"#,
        CREATE_USER,
        201,
    ),
    write(
        "POST",
        "/api/v1/users",
        r#"{"name":"Grace","email":"grace@example.com"}"#,
        CREATE_USER,
        201,
    ),
    write(
        "POST",
        "/api/v1/users",
        r#"{"name":"Eve","email":"ADA@example.com"}"#,
        CREATE_USER,
        409,
    ),
    write(
        "POST",
        "/api/v1/users",
        r#"{"name":"Eve"}"#,
        CREATE_USER,
        400,
    ),
    write("POST", "/api/v1/users", "{", CREATE_USER, 400),
    step("POST", "/api/v1/users", CREATE_USER, 415),
    write(
        "POST",
        "/api/v1/posts",
        r#"{"author_id":"1","title":"Notes","body":"One"}"#,
        CREATE_POST,
        201,
    ),
    write(
        "POST",
        "/api/v1/posts",
        r#"{"author_id":"1","title":"Notes","body":"Two"}"#,
        CREATE_POST,
        201,
    ),
    write(
        "POST",
        "/api/v1/posts",
        r#"{"author_id":"2","title":"Compilers","body":"Three"}"#,
        CREATE_POST,
        201,
    ),
    write(
        "POST",
        "/api/v1/posts",
        r#"{"author_id":"9","title":"Lost","body":"Four"}"#,
        CREATE_POST,
        422,
    ),
    step(
        "GET",
        "/api/v1/users?role=member&sort=name&limit=1",
        LIST_USERS,
        200,
    ),
    step("GET", "/api/v1/users?limit=0", LIST_USERS, 400),
    step(
        "GET",
        "/api/v1/posts?author_id=1&status=draft",
        LIST_POSTS,
        200,
    ),
    step("GET", "/api/v1/users/1", GET_USER, 200),
    step("GET", "/api/v1/users/1", GET_USER, 200),
    step("GET", "/api/v1/users/1", GET_USER, 200),
    step("GET", "/api/v1/users/9", GET_USER, 404),
    step("GET", "/api/v1/users/9", GET_USER, 404),
    step("GET", "/api/v1/users/nine", GET_USER, 400),
    write(
        "PATCH",
        "/api/v1/users/1",
        r#"{"name":"Ada King"}"#,
        UPDATE_USER,
        200,
    ),
    write(
        "PATCH",
        "/api/v1/users/1",
        r#"{"email":"grace@example.com"}"#,
        UPDATE_USER,
        409,
    ),
    write(
        "PATCH",
        "/api/v1/users/9",
        r#"{"name":"Nobody"}"#,
        UPDATE_USER,
        404,
    ),
    step("GET", "/api/v1/users/1", GET_USER, 200),
    step("GET", "/api/v1/posts/1", GET_POST, 200),
    step("GET", "/api/v1/posts/3", GET_POST, 200),
    step("GET", "/api/v1/posts/9", GET_POST, 404),
    write(
        "PATCH",
        "/api/v1/posts/3",
        r#"{"status":"published"}"#,
        UPDATE_POST,
        200,
    ),
    write(
        "PUT",
        "/api/v1/posts/3",
        r#"{"title":"Compilers","body":"Three","status":"archived"}"#,
        REPLACE_POST,
        200,
    ),
    write(
        "PUT",
        "/api/v1/users/1",
        r#"{"name":"Ada","email":"ada@example.com","role":"admin"}"#,
        REPLACE_USER,
        200,
    ),
    write(
        "POST",
        "/api/v1/users/2/posts",
        r#"{"title":"Nested","body":"Five"}"#,
        CREATE_USER_POST,
        201,
    ),
    write(
        "POST",
        "/api/v1/users/9/posts",
        r#"{"title":"Nested","body":"Six"}"#,
        CREATE_USER_POST,
        404,
    ),
    step("HEAD", "/api/v1/posts/3", GET_POST, 200),
    step("DELETE", "/api/v1/posts/3", DELETE_POST, 428),
    step("DELETE", "/api/v1/posts/3", DELETE_POST, 204),
    step("DELETE", "/api/v1/posts/3", DELETE_POST, 404),
    step("DELETE", "/api/v1/users/1", DELETE_USER, 204),
    step("DELETE", "/api/v1/users/1", DELETE_USER, 404),
    step("GET", "/api/v1/posts/1", GET_POST, 404),
    step("GET", "/nowhere", UNMATCHED, 404),
    step("GET", "/api/v1/users/2/posts", LIST_USER_POSTS, 200),
    step("GET", "/api/v1/users/9/posts", LIST_USER_POSTS, 404),
    step("GET", "/api/v1", INDEX, 200),
    step("GET", "/errors", LIST_ERRORS, 200),
    step("GET", "/errors/EMAIL_TAKEN", GET_ERROR, 200),
    step("GET", "/", ROOT, 200),
    step("GET", "/openapi.json", OPENAPI, 200),
    step("GET", "/docs", DOCS, 200),
    step("GET", "/docs/start.js", DOCS_FILE, 200),
    step("GET", "/livez", LIVE, 200),
    step("GET", "/readyz", READY, 200),
    step("POST", "/api/v1/users/2", UNMATCHED, 405),
    step("OPTIONS", "/api/v1/users/2", UNMATCHED, 204),
    step("GET", "/api/v1/users/", UNMATCHED, 308),
    step("BREW", "/coffee", UNMATCHED, 404),
];

/// Look-ups by id in [`MIX`] that ask the cache: every one that has an id to look up. The list of a user's posts looks the user up first.
pub fn look_ups(route: &str) -> usize {
    MIX.iter()
        .filter(|step| step.route == route || route == GET_USER && step.route == LIST_USER_POSTS)
        .filter(|step| step.status != 400)
        .count()
}

/// Runs the mix, one request after another.
pub async fn run(app: &TestApp) -> Vec<Response> {
    let mut responses = Vec::new();
    for step in MIX {
        let mut request = app.request(step.method, step.path);
        if step.route.ends_with("{post_id}") && step.method != "GET" && step.status != 428 {
            request = request.header("if-match", "*");
        }
        if let Some(body) = step.body {
            request = request.body("application/json", body);
        }
        responses.push(request.send().await.expect(step.status));
    }
    responses
}
