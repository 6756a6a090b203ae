//! What a newcomer reads first: where everything begins, and what the service can do.

use super::super::PAGE_SIZE;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Index, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// As much of the document as is looked at. It is long: what is passed over costs little.
#[derive(Deserialize)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "the names in an object are read, and what they stand for is passed over"
)]
struct Document {
    openapi: String,
    paths: HashMap<String, HashMap<String, IgnoredAny>>,
}

/// Only one address is known; the others are read from there.
pub(super) async fn begin_at_the_index(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| answer.single::<Index>(StatusCode::OK);
    let request = Request::to("/api/v1");
    let index = client.send(Route::Index, request, check).await?;
    let check = |answer: &Answer| {
        let users = answer.sorted("-created_at")?;
        ensure(
            users.meta.limit == PAGE_SIZE,
            "another page size than by default",
        )
    };
    let request = Request::to(index.users);
    client.send(Route::ListUsers, request, check).await
}

pub(super) async fn read_openapi(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| documents_every_route(&answer.shape(StatusCode::OK)?);
    let request = Request::to("/openapi.json");
    client.send(Route::OpenApi, request, check).await
}

/// What is called here is what the document says that can be called.
fn documents_every_route(document: &Document) -> Result<(), String> {
    let is_3_1 = document.openapi.starts_with("3.1.");
    ensure(is_3_1, "no document of OpenAPI 3.1")?;
    let api = Route::ALL.into_iter();
    for route in api.filter(|route| route.path().starts_with("/api/")) {
        let path = document.paths.get(route.path());
        let method = route.method().to_lowercase();
        let documented = path.is_some_and(|path| path.contains_key(&method));
        ensure(documented, &format!("{route} is not documented"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn document(version: &str, routes: impl Iterator<Item = Route>) -> Document {
        let mut paths = Map::new();
        for route in routes {
            let path = paths.entry(route.path()).or_insert(json!({}));
            path[route.method().to_lowercase()] = json!({});
        }
        serde_json::from_value(json!({ "openapi": version, "paths": paths })).unwrap()
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
