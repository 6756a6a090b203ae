//! The `OpenAPI` document, made from what the service itself works with: its routes, codes, bounds and closed sets. What changes there changes here.
//!
//! An operation is described in `operations/`. What several operations share is a component, in the file of its kind. The text that the document
//! begins with is `introduction.md`.

mod bodies;
mod errors;
mod headers;
mod links;
mod operations;
mod parameters;
mod patterns;
mod schemas;
mod success;
mod tags;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::representations;
use crate::{models::Column, telemetry::RouteDefinition};

/// The document as it is served and printed: names in alphabetical order, two spaces to a level, a line break at the end.
#[must_use]
pub fn text(routes: &[RouteDefinition]) -> String {
    format!("{:#}\n", document(routes))
}

/// The description of these routes. A route that nobody has described is left out.
#[must_use]
pub fn document(routes: &[RouteDefinition]) -> Value {
    let operations = operations::all();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut responses = Map::new();
    for route in routes {
        let found = operations.iter().find(|found| found.route == route.name);
        if let (Some(operation), Some((_, path))) = (found, route.name.split_once(' ')) {
            let description = operation.describe(route.success, &mut responses);
            let item = paths.entry(path).or_default();
            item.insert(route.method.to_lowercase(), description);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Centum",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Users and posts over REST, every query under 100 ms",
            "description": include_str!("introduction.md"),
            "contact": { "name": "The authors of Centum" },
            "license": { "name": "MIT or Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The service that this document comes from" }],
        // There is nothing to log in to yet.
        "security": [],
        "tags": tags::all(),
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "parameters": parameters::all(),
            "headers": headers::all(),
            "responses": responses,
        },
    })
}

/// The media types in which everything is answered but for texts and pages.
fn representations() -> [&'static str; 2] {
    representations::ALL.map(|one| one.media_type)
}

/// The fields of a resource, in the order in which they are shown.
fn field_names<C: Column>() -> Vec<&'static str> {
    C::ALL.iter().map(|field| field.name()).collect()
}

/// Points to a component.
fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// The same content in each of these media types.
fn content(media_types: &[&str], of_each: &Value) -> Map<String, Value> {
    let of_each = media_types
        .iter()
        .map(|media_type| ((*media_type).to_owned(), of_each.clone()));
    of_each.collect()
}
