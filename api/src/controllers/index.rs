//! Where everything begins: what there is, and where. A client needs no address but the first.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::{envelope, representations::Form};
use crate::{app::AppState, error::Error};

/// What the service has.
#[derive(Serialize)]
struct Root {
    #[serde(rename = "self")]
    this: &'static str,
    api: &'static str,
    openapi: &'static str,
    docs: &'static str,
    errors: &'static str,
}

/// The addresses of the collections and of what explains them, and templates (RFC 6570) for the rest.
#[derive(Serialize)]
struct Index {
    #[serde(rename = "self")]
    this: &'static str,
    users: &'static str,
    posts: &'static str,
    openapi: &'static str,
    docs: &'static str,
    errors: &'static str,
    templates: Templates,
}

/// Addresses in which an id is to be filled in.
#[derive(Serialize)]
struct Templates {
    user: &'static str,
    post: &'static str,
    user_posts: &'static str,
}

/// `GET /`
///
/// # Errors
/// None but of the form that is asked for.
pub async fn root(state: Data<AppState>, form: Form) -> Result<HttpResponse, Error> {
    let root = Root {
        this: "/",
        api: "/api/v1",
        openapi: "/openapi.json",
        docs: "/docs",
        errors: "/errors",
    };
    envelope::ok(&form, root, state.context.clock.now()).await
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
        openapi: "/openapi.json",
        docs: "/docs",
        errors: "/errors",
        templates: Templates {
            user: "/api/v1/users/{user_id}",
            post: "/api/v1/posts/{post_id}",
            user_posts: "/api/v1/users/{user_id}/posts",
        },
    };
    envelope::ok(&form, index, state.context.clock.now()).await
}
