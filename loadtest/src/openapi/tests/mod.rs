//! What is drafted for documents of several kinds. Every draft is read by our own parser.

use super::{Document, Draft, draft};
use crate::budgets::Budgets;
use crate::commands::init::{BUDGETS, SCENARIO};
use crate::scenario::Scenario;
use crate::traffic::Traffic;
use serde_json::{Value, json};
use std::path::Path;

mod any_document;

/// A draft that our own parser has read.
struct Checked {
    text: String,
    routes: Vec<String>,
}

#[track_caller]
fn checked(draft: &Draft) -> Checked {
    let environment = |_: &str| Some("secret".to_owned());
    let scenario = Scenario::parse("s.toml", &draft.scenario, Path::new("."), &environment);
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}\n{}", draft.scenario));
    let routes = Traffic::of_scenario(&scenario).routes;
    let routes: Vec<_> = routes.into_iter().map(|route| route.name).collect();
    assert_eq!(routes.len(), draft.called);
    let budgets: String = draft.budgets.replace("# [", "[").replace("# p99", "p99");
    let budgets = Budgets::parse("b.toml", &budgets).unwrap();
    budgets
        .check_routes(routes.iter().map(String::as_str))
        .unwrap();
    Checked {
        text: draft.scenario.clone(),
        routes,
    }
}

fn of(document: &Value) -> Result<Draft, String> {
    let document = Document::parse("doc.json", &document.to_string());
    let drafted = document.and_then(|document| draft(&document));
    drafted.map_err(|error| format!("{error:#}"))
}

#[track_caller]
fn drafted(paths: &Value) -> Checked {
    checked(&of(&json!({ "openapi": "3.1.0", "paths": paths })).unwrap())
}

#[track_caller]
fn assert_holds(draft: &Checked, lines: &str) {
    assert!(draft.text.contains(lines), "{}\nlacks\n{lines}", draft.text);
}

fn ok(schema: &Value) -> Value {
    json!({ "200": { "content": { "application/json": { "schema": schema } } } })
}

fn object(fields: &Value) -> Value {
    json!({ "type": "object", "properties": fields })
}

#[test]
fn the_template_is_a_scenario_with_budgets() {
    let scenario = Scenario::parse("scenario.toml", SCENARIO, Path::new("."), &|_| None).unwrap();
    assert_eq!(scenario.expected_shares().len(), 4);
    let budgets = Budgets::parse("budgets.toml", BUDGETS).unwrap();
    assert!(budgets.route("GET /notes").times.len() == 1);
    // What is commented out can be meant too.
    let whole = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") && !rest.contains(':') => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    let uncommented: Vec<_> = SCENARIO.lines().map(whole).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.csv"), "email\na@b\n").unwrap();
    let read = Scenario::parse(
        "scenario.toml",
        &uncommented.join("\n"),
        folder.path(),
        &|_| None,
    );
    let scenario = read.unwrap();
    assert_eq!(scenario.allow_hosts, ["staging.example.com"]);
    assert_eq!(scenario.metrics.method_label, "method");
    assert!(scenario.budgets.is_some());
}

#[test]
fn ids_of_a_list_are_used_for_what_is_in_it() {
    let user = object(&json!({ "id": { "type": "integer" } }));
    let users = object(&json!({ "data": { "type": "array", "items": user } }));
    let draft = drafted(&json!({
        "/users": { "get": { "responses": ok(&users) } },
        "/users/{userId}": { "get": { "responses": ok(&user) } },
        "/users/{userId}/cards": { "get": { "responses": ok(&json!({})) } },
        "/cards/{id}": { "get": { "responses": ok(&json!({})) } },
    }));
    assert_eq!(
        draft.routes,
        [
            "GET /users",
            "GET /users/{userId}",
            "GET /users/{userId}/cards"
        ]
    );
    assert_holds(&draft, "capture = { userId = \"/data/*/id\" }");
    assert_holds(
        &draft,
        "# GET /cards/{id}: the document does not say which {id} there are",
    );
}

#[test]
fn what_can_be_deleted_is_created_read_and_deleted() {
    let note = object(&json!({ "id": { "type": "string" } }));
    let item = json!({
        "get": { "responses": ok(&note) },
        "delete": { "responses": { "204": {} }, "parameters": [{ "in": "header", "name": "If-Match", "required": true }] },
    });
    let body = json!({ "type": "object", "required": ["title", "mail", "owner_id", "n"], "properties": {
        "title": { "type": "string" }, "mail": { "type": "string", "format": "email" },
        "owner_id": { "type": "string" }, "n": { "type": "integer", "minimum": 5 }, "more": { "type": "string" },
    }});
    let body = json!({ "required": true, "content": { "application/json": { "schema": body } } });
    let list = json!({ "type": "array", "items": object(&json!({ "owner_id": {} })) });
    let draft = drafted(&json!({
        "/owners": { "get": { "responses": ok(&list) } },
        "/owners/{owner_id}": { "get": { "responses": ok(&json!({})) } },
        "/notes": { "post": { "responses": { "201": ok(&note)["200"] }, "requestBody": body } },
        "/notes/{id}": item,
        "/logs": { "post": { "responses": { "201": {} } } },
    }));
    let flow = draft.text.split("create and delete /notes").nth(1).unwrap();
    let routes: Vec<_> = flow
        .lines()
        .filter(|line| line.starts_with("route"))
        .collect();
    assert_eq!(routes.len(), 4, "{flow}");
    assert_holds(
        &draft,
        "json = { mail = \"{unique}@example.com\", n = 5, owner_id = \"{owner_id}\", title = \"text {unique}\" }\ncapture = { id = \"/id\" }\ncheck = { status = 201 }",
    );
    assert_holds(
        &draft,
        "capture = { etag = \"header:etag\" }\ncheck = { status = 200, json = { \"/id\" = \"{id}\" } }",
    );
    assert_holds(&draft, "headers = { if-match = \"{etag}\" }");
    assert_holds(&draft, "# POST /logs: it creates what nothing deletes");
}

#[test]
fn an_id_that_only_the_location_tells_is_followed() {
    let created = json!({ "201": { "headers": { "Location": {} } } });
    let draft = drafted(&json!({
        "/notes": { "post": { "responses": created } },
        "/notes/{id}": { "delete": { "responses": { "204": {} } } },
    }));
    assert_holds(&draft, "capture = { id = \"header:location\" }");
    assert_holds(&draft, "route = \"DELETE /notes/{id}\"\npath = \"{id}\"");
}

#[test]
fn secrets_come_from_the_environment() {
    let document = json!({
        "openapi": "3.0.3", "security": [{ "token": [], "key": [] }],
        "components": { "securitySchemes": {
            "token": { "type": "http", "scheme": "bearer" },
            "key": { "type": "apiKey", "in": "query", "name": "api_key" },
            "mutual": { "type": "mutualTLS" },
        }},
        "paths": {
            "/a": { "get": { "responses": ok(&json!({})) } },
            "/b": { "get": { "responses": ok(&json!({})), "security": [{ "mutual": [] }] } },
        },
    });
    let draft = checked(&of(&document).unwrap());
    assert_holds(
        &draft,
        "headers = { authorization = \"Bearer {env:TOKEN}\" }",
    );
    assert_holds(&draft, "query = { api_key = \"{env:API_KEY}\" }");
    assert_holds(&draft, "# GET /b: it asks for \"mutual\"");
}

#[test]
fn paths_begin_with_that_of_the_server() {
    let document = json!({
        "openapi": "3.0.0",
        "servers": [{ "url": "https://{zone}.example.com/v{n}/", "variables": { "zone": { "default": "eu" }, "n": { "default": "2" } } }],
        "paths": { "/a": { "get": { "responses": { "default": {} } } } },
    });
    let draft = checked(&of(&document).unwrap());
    assert_eq!(draft.routes, ["GET /v2/a"]);
    assert_holds(&draft, "# allow_hosts = [\"eu.example.com\"]");
}

#[test]
fn a_document_may_be_yaml() {
    let text = "openapi: 3.0.3\ninfo: {title: Notes}\npaths:\n  /notes:\n    get:\n      responses:\n        '200': {description: all}\n";
    let document = Document::parse("notes.yaml", text).unwrap();
    assert_eq!(checked(&draft(&document).unwrap()).routes, ["GET /notes"]);
}

#[test]
fn what_is_no_document_is_refused() {
    for (text, wanted) in [
        (
            "{",
            "doc is no JSON: EOF while parsing an object at line 1 column 1",
        ),
        ("a: [", "doc is no YAML: "),
        ("{}", "doc is no OpenAPI document: it has no key `openapi`"),
        (
            "{\"swagger\":\"2.0\"}",
            "doc is Swagger 2: convert it to OpenAPI 3 first",
        ),
        (
            "openapi: 4.0.0",
            "doc is OpenAPI 4.0.0: only 3.0 and 3.1 are understood",
        ),
    ] {
        let error = format!("{:#}", Document::parse("doc", text).unwrap_err());
        assert!(error.starts_with(wanted), "{error}");
    }
    let empty = of(&json!({ "openapi": "3.1.0" })).unwrap_err();
    assert!(empty.contains("it has no operations"), "{empty}");
}

#[test]
fn a_reader_may_meet_what_a_writer_has_just_deleted() {
    let note = object(&json!({ "id": {} }));
    let list = json!({ "type": "array", "items": note });
    let draft = drafted(&json!({
        "/notes": { "get": { "responses": ok(&list) }, "post": { "responses": ok(&note) } },
        "/notes/{id}": { "get": { "responses": ok(&json!({})) }, "delete": { "responses": ok(&json!({})) } },
    }));
    let step = "route = \"GET /notes/{id}\"\nparams = { id = \"{notes_id}\" }\n";
    assert_holds(&draft, &format!("{step}check = {{ status = [200, 404] }}"));
}
