//! The `OpenAPI` document describes the service that is here: its routes, its codes, nothing without a bound.

use std::collections::{BTreeMap, BTreeSet};

use api::{controllers::openapi, error::ErrorCode, routes::ROUTES};
use serde_json::Value;

/// Most items of an array, wherever it stands.
const MOST_ITEMS: u64 = 100;

#[test]
fn the_committed_document_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    // Not assert_eq, which would print both.
    assert!(
        committed == openapi::text(ROUTES),
        "make it anew: cargo run -p api -- openapi > api/openapi.json"
    );
}

#[test]
fn every_route_has_one_operation_and_every_operation_a_route() {
    let document = openapi::document(ROUTES);
    let described: BTreeSet<_> = operations(&document).into_keys().collect();
    let routes: BTreeSet<_> = ROUTES.iter().map(|route| route.name.to_owned()).collect();
    assert_eq!(described, routes);
    let ids: BTreeSet<_> = operations(&document)
        .into_values()
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), ROUTES.len());
}

#[test]
fn the_success_of_an_operation_is_that_of_its_route() {
    let document = openapi::document(ROUTES);
    let operations = operations(&document);
    for route in ROUTES {
        let responses = operations[route.name]["responses"].as_object().unwrap();
        let successes: Vec<_> = responses
            .keys()
            .filter(|status| status.starts_with('2'))
            .collect();
        assert_eq!(successes, [&route.success.to_string()], "{}", route.name);
    }
}

#[test]
fn every_code_comes_in_some_operation_and_each_under_its_own_status() {
    let document = openapi::document(ROUTES);
    let mut described = BTreeSet::new();
    for operation in operations(&document).values() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            for code in codes(&document, response) {
                described.insert((code, status.parse().unwrap()));
            }
        }
    }
    let all = ErrorCode::ALL.iter();
    let all = all.map(|code| (code.as_str().to_owned(), code.status()));
    assert_eq!(described, all.collect());
}

#[test]
fn every_reference_leads_to_a_component() {
    let document = openapi::document(ROUTES);
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    assert!(!used.is_empty());
    for reference in used {
        let found = document.pointer(reference.trim_start_matches('#'));
        assert!(found.is_some(), "{reference}");
    }
}

#[test]
fn every_array_has_a_bound() {
    let document = openapi::document(ROUTES);
    let mut arrays = Vec::new();
    collect(&document, &|value| value["type"] == "array", &mut arrays);
    assert!(!arrays.is_empty());
    for array in arrays {
        let most = array["maxItems"].as_u64();
        assert!(most.is_some_and(|most| most <= MOST_ITEMS), "{array}");
    }
}

/// Every operation under the name of its route.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.insert(format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    operations
}

/// The codes that an answer may carry, in any representation: they are the same in each.
fn codes(document: &Value, response: &Value) -> BTreeSet<String> {
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    let mut codes = BTreeSet::new();
    for media_type in [
        "application/json",
        "application/xml",
        "application/problem+json",
    ] {
        let schema = &response["content"][media_type]["schema"]["allOf"][1]["properties"];
        let of_this: BTreeSet<_> = [&schema["error"]["properties"]["code"], &schema["code"]]
            .into_iter()
            .filter_map(|code| code["enum"].as_array())
            .flatten()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        assert!(
            codes.is_empty() || codes == of_this,
            "{media_type}: {response}"
        );
        codes = of_this;
    }
    codes
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    let mut objects = Vec::new();
    collect(value, &|value| value["$ref"].is_string(), &mut objects);
    found.extend(
        objects
            .iter()
            .map(|object| object["$ref"].as_str().unwrap().to_owned()),
    );
}

/// Every value in `value` that `is_wanted`.
fn collect<'a>(value: &'a Value, is_wanted: &dyn Fn(&Value) -> bool, found: &mut Vec<&'a Value>) {
    if is_wanted(value) {
        found.push(value);
    }
    match value {
        Value::Object(members) => members
            .values()
            .for_each(|value| collect(value, is_wanted, found)),
        Value::Array(items) => items
            .iter()
            .for_each(|value| collect(value, is_wanted, found)),
        _ => {}
    }
}
