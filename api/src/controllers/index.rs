//! Where everything begins: what the API has, and where.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::envelope;
use crate::app::AppState;

/// The addresses of the collections.
#[derive(Serialize)]
struct Index {
    #[serde(rename = "self")]
    this: &'static str,
    users: &'static str,
    posts: &'static str,
}

/// `GET /api/v1`
pub async fn index(state: Data<AppState>) -> HttpResponse {
    let index = Index {
        this: "/api/v1",
        users: "/api/v1/users",
        posts: "/api/v1/posts",
    };
    envelope::ok(index, state.context.clock.now())
}
