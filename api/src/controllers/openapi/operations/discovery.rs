//! Where to begin, what explains the rest, and the probes.

use super::{
    super::{success::Success, tags::Tag},
    Operation,
};
use crate::error::ErrorCode;

pub(super) fn all() -> Vec<Operation> {
    [indexes(), documents(), errors(), probes()]
        .into_iter()
        .flatten()
        .collect()
}

fn indexes() -> Vec<Operation> {
    vec![
        Operation::new("GET /", "get_root", Tag::Discovery, Success::Data("Root"))
            .described("Show what there is", "Links to the API, to what describes it, and to what its errors mean.")
            .negotiated(),
        Operation::new("GET /api/v1", "get_index", Tag::Discovery, Success::Data("Index"))
            .described(
                "Show what the API has",
                "A client needs no other address: the collections are links, and what is in them has its address by a template (RFC 6570), such as `/api/v1/users/{user_id}`.",
            )
            .negotiated(),
    ]
}

fn documents() -> Vec<Operation> {
    vec![
        Operation::new(
            "GET /openapi.json",
            "get_openapi",
            Tag::Discovery,
            Success::Static(&["application/json"]),
        )
        .described(
            "Show this document",
            "OpenAPI 3.1, made from the code of the service.",
        )
        .parameters(&["If-None-Match", "If-Match"])
        .codes(&[ErrorCode::PreconditionFailed]),
        Operation::new(
            "GET /docs",
            "get_docs",
            Tag::Discovery,
            Success::Static(&["text/html"]),
        )
        .described(
            "Show this document to people",
            "A page that loads nothing from elsewhere.",
        )
        .parameters(&["If-None-Match", "If-Match"])
        .codes(&[ErrorCode::PreconditionFailed]),
        Operation::new(
            "GET /docs/{file}",
            "get_docs_file",
            Tag::Discovery,
            Success::Static(&["text/css", "text/javascript"]),
        )
        .described(
            "Get a file of the page",
            "Scripts and style sheet of the page that shows this document.",
        )
        .parameters(&["If-None-Match", "If-Match"])
        .codes(&[ErrorCode::RouteNotFound, ErrorCode::PreconditionFailed]),
    ]
}

fn errors() -> Vec<Operation> {
    vec![
        Operation::new("GET /errors", "list_errors", Tag::Errors, Success::Explanation("ErrorCodes"))
            .described("List the codes of errors", "All of them: the list is closed.")
            .negotiated(),
        Operation::new("GET /errors/{code}", "get_error", Tag::Errors, Success::Explanation("OneErrorCode"))
            .described("Explain a code", "Its cause, its remedy, and whether to try again. For people as a page, for programs as data.")
            .negotiated()
            .codes(&[ErrorCode::RouteNotFound]),
    ]
}

fn probes() -> Vec<Operation> {
    vec![
        Operation::new("GET /livez", "get_livez", Tag::Probes, Success::Word)
            .described("Say whether the service lives", "Looks at no dependency: restart it if the answer is no."),
        Operation::new("GET /readyz", "get_readyz", Tag::Probes, Success::Word)
            .described("Say whether the service is ready", "Send requests elsewhere while the answer is no: the service starts, stops, or has lost its database."),
    ]
}
