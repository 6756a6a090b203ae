//! The same request over the client that goose gives its users: what stock goose would send.

use super::{Lost, TIMEOUT, given_up};
use crate::contract::Answer;
use crate::request::Request;
use goose::goose::{GooseRequest, GooseUser, TransactionError, goose_method_from_method};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, redirect};
use std::time::Duration;

/// A client as goose would have it, but with no proxy and no redirect between the two counts, and
/// without compression, which would measure the generator.
pub(crate) fn client() -> reqwest::Result<Client> {
    Client::builder()
        .no_proxy()
        .no_gzip()
        .redirect(redirect::Policy::none())
        .tcp_nodelay(true)
        .timeout(TIMEOUT)
        .build()
}

pub(super) async fn exchange(
    user: &mut GooseUser,
    method: &Method,
    request: Request,
) -> Result<Answer, Lost> {
    let patience = request.patience;
    let request = build(user, method, request).map_err(|error| Lost::Unsent(error.to_string()))?;
    let sent = user.request(request).await;
    let response = sent
        .map_err(|error| Lost::Unsent(error.to_string()))?
        .response;
    let response = response.map_err(|error| lost(&error, patience))?;
    let status = response.status();
    let headers = response.headers().into();
    let body = response
        .bytes()
        .await
        .map_err(|error| lost(&error, patience))?;
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn build<'a>(
    user: &GooseUser,
    method: &Method,
    request: Request,
) -> Result<GooseRequest<'a>, Box<TransactionError>> {
    let method = request.method.unwrap_or_else(|| method.clone());
    let method = goose_method_from_method(method)?;
    let mut built = user.get_request_builder(&method, &request.path)?;
    if let Some(content_type) = request.content_type {
        built = built.header(CONTENT_TYPE, content_type);
    }
    for (name, value) in request.headers {
        built = built.header(name, value);
    }
    if let Some(patience) = request.patience {
        built = built.timeout(patience);
    }
    if !request.body.is_empty() {
        built = built.body(request.body);
    }
    Ok(GooseRequest::builder().set_request_builder(built).build())
}

fn lost(error: &reqwest::Error, patience: Option<Duration>) -> Lost {
    if error.is_connect() {
        Lost::Unsent("no connection".to_owned())
    } else if error.is_timeout() {
        given_up(patience)
    } else {
        Lost::Unanswered("connection lost".to_owned())
    }
}
