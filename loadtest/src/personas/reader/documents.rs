//! A reader who learns how the service is to be used: what it can do, and what its errors mean.

use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Explanation, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde_json::Value;

/// Errors that readers and authors run into.
const CODES: [&str; 4] = [
    "EMAIL_TAKEN",
    "INVALID_CURSOR",
    "POST_NOT_FOUND",
    "PRECONDITION_FAILED",
];

pub(super) async fn read_openapi(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| documents_every_route(&answer.shape(StatusCode::OK)?);
    let request = Request::to("/openapi.json");
    client.send(Route::OpenApi, request, check).await
}

pub(super) async fn look_up_an_error(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let code = client.visitor.choose(&CODES);
    let check = |answer: &Answer| {
        let explanation: Explanation = answer.single(StatusCode::OK)?;
        ensure(explanation.code == code, "another code than asked for")?;
        ensure(!explanation.remedy.is_empty(), "an error without a remedy")
    };
    let request = Request::to(format!("/errors/{code}")).header("accept", "application/json");
    client.send(Route::ExplainError, request, check).await
}

/// What is called here is what the document says that can be called.
fn documents_every_route(document: &Value) -> Result<(), String> {
    let version = document.get("openapi").and_then(Value::as_str);
    let is_3_1 = version.is_some_and(|version| version.starts_with("3.1."));
    ensure(is_3_1, "no document of OpenAPI 3.1")?;
    let api = Route::ALL.into_iter();
    for route in api.filter(|route| route.path().starts_with("/api/")) {
        let paths = document.get("paths");
        let path = paths.and_then(|paths| paths.get(route.path()));
        let method = route.method().to_lowercase();
        let documented = path.is_some_and(|path| path.get(method).is_some());
        ensure(documented, &format!("{route} is not documented"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn document(version: &str, routes: impl Iterator<Item = Route>) -> Value {
        let mut paths = Map::new();
        for route in routes {
            let path = paths.entry(route.path()).or_insert(json!({}));
            path[route.method().to_lowercase()] = json!({});
        }
        json!({ "openapi": version, "paths": paths })
    }

    #[test]
    fn a_document_has_every_route_that_is_called() {
        let all = || Route::ALL.into_iter();
        assert_eq!(documents_every_route(&document("3.1.0", all())), Ok(()));
        assert!(documents_every_route(&document("3.0.3", all())).is_err());
        let some = all().filter(|route| *route != Route::ReplacePost);
        let error = documents_every_route(&document("3.1.0", some)).unwrap_err();
        assert_eq!(error, "PUT /api/v1/posts/{post_id} is not documented");
    }
}
