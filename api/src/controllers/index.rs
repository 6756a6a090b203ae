//! Where everything begins: what the API has, and where.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::{envelope, representations::Form};
use crate::{app::AppState, error::Error};

/// The addresses of the collections.
#[derive(Serialize)]
struct Index {
    #[serde(rename = "self")]
    this: &'static str,
    users: &'static str,
    posts: &'static str,
}

/// `GET /api/v1`
///
/// # Errors
/// None but of the form that is asked for.
pub async fn index(state: Data<AppState>, form: Form) -> Result<HttpResponse, Error> {
    let index = Index {
        this: "/api/v1",
        users: "/api/v1/users",
        posts: "/api/v1/posts",
    };
    envelope::ok(&form, index, state.context.clock.now()).await
}
