//! Every operation of the `OpenAPI` document, called as the document says: its examples work, and nothing returns more than a hundred items.

use serde_json::{Map, Value, json};
use tests::{Request, Response, TestApp, on_each_database};

/// Most items that any answer has in one place.
const MOST_ITEMS: usize = 100;

/// In this order what one operation needs is not taken away by another.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation, with what it is called with.
struct Operation<'a> {
    method: &'a str,
    path: String,
    headers: Vec<(&'a str, &'a str)>,
    queries: Vec<String>,
    body: Option<(&'a str, &'a Value)>,
    success: u16,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_returns_more_than_a_hundred_items() {
    on_each_database(async |app| {
        fill(&app).await;
        let document = app.get("/openapi.json").send().await.expect(200).json();
        let operations = operations(&document);
        assert!(operations.len() > 15);
        for operation in operations {
            let response = call(&app, &operation, "").await.expect(operation.success);
            assert_bounded(&operation, &response);
            for query in &operation.queries {
                let response = call(&app, &operation, query).await;
                assert_bounded(&operation, &response.expect(operation.success));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_returns_as_many_as_its_largest_limit() {
    on_each_database(async |app| {
        fill(&app).await;
        let document = app.get("/openapi.json").send().await.expect(200).json();
        let operations = operations(&document);
        let lists = operations
            .iter()
            .filter(|operation| !operation.queries.is_empty());
        let mut count = 0;
        for list in lists {
            let response = call(&app, list, &list.queries[0]).await.expect(200).json();
            assert_eq!(longest_array(&response), MOST_ITEMS, "{}", list.path);
            count += 1;
        }
        assert_eq!(count, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_lists_a_hundred_violations_at_most() {
    on_each_database(async |app| {
        let unknown: Map<String, Value> = (0..1000).map(|n| (format!("f{n}"), json!(n))).collect();
        let body = Value::Object(unknown);
        let error = app.post("/api/v1/users").json(&body).send().await;
        let error = error.expect_error(400, "VALIDATION_FAILED");
        assert_eq!(longest_array(&error), MOST_ITEMS);
        let query: Vec<_> = (0..1000).map(|n| format!("f{n}")).collect();
        let list = format!("/api/v1/users?{}", query.join("&"));
        let error = app
            .get(&list)
            .send()
            .await
            .expect_error(400, "VALIDATION_FAILED");
        assert_eq!(longest_array(&error), MOST_ITEMS);
    })
    .await;
}

/// More users than fit on a page, and more posts of one of them.
async fn fill(app: &TestApp) {
    for number in 0..=MOST_ITEMS {
        app.create_user("Ada Lovelace", &format!("{number}@example.com"))
            .await;
    }
    for number in 0..=MOST_ITEMS {
        app.create_post("1", &format!("Notes {number}")).await;
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().unwrap();
    let mut operations: Vec<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap();
            operations
                .iter()
                .map(move |(method, described)| operation(document, path, method, described))
        })
        .collect();
    let place = |operation: &Operation<'_>| {
        METHODS
            .iter()
            .position(|method| *method == operation.method)
    };
    assert!(
        operations
            .iter()
            .all(|operation| place(operation).is_some())
    );
    operations.sort_by_key(place);
    operations
}

/// Fails if the document does not say how it is called.
fn operation<'a>(
    document: &'a Value,
    path: &str,
    method: &'a str,
    described: &'a Value,
) -> Operation<'a> {
    let parameters: Vec<_> = described["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| resolve(document, parameter))
        .collect();
    let (path, headers) = required(path, &parameters);
    let content = described["requestBody"]["content"].as_object();
    let body = content.and_then(|content| content.iter().next());
    let success = described["responses"].as_object().unwrap().keys();
    let mut success =
        success.filter_map(|status| status.parse().ok().filter(|status| *status < 300));
    Operation {
        method,
        path,
        headers,
        queries: queries(document, &parameters),
        body: body.map(|(media_type, body)| (media_type.as_str(), example(body))),
        success: success.next().unwrap(),
    }
}

/// The path and the headers, with examples for what must be there.
fn required<'a>(path: &str, parameters: &[&'a Value]) -> (String, Vec<(&'a str, &'a str)>) {
    let required = parameters
        .iter()
        .filter(|parameter| parameter["required"] == true);
    let (mut path, mut headers) = (path.to_owned(), Vec::new());
    for parameter in required {
        let (name, example) = (parameter["name"].as_str().unwrap(), example(parameter));
        let place = parameter["in"].as_str().unwrap();
        assert!(
            ["path", "header"].contains(&place),
            "{path} needs {name} in its {place}"
        );
        let value = example.as_str().unwrap();
        if place == "path" {
            path = path.replace(&format!("{{{name}}}"), value);
        } else {
            headers.push((name, value));
        }
    }
    assert!(!path.contains('{'), "no example for {path}");
    (path, headers)
}

/// With the largest limit, and with everything that can be shown besides.
fn queries(document: &Value, parameters: &[&Value]) -> Vec<String> {
    let named = |name: &str| {
        parameters
            .iter()
            .find(|parameter| parameter["name"] == name)
    };
    let Some(limit) = named("limit") else {
        return Vec::new();
    };
    let most = format!("?limit={}", limit["schema"]["maximum"]);
    let include = named("include").map(|include| &resolve(document, &include["schema"])["items"]);
    let included = include.and_then(|items| resolve(document, items)["enum"].as_array());
    let with = |name: &Value| format!("{most}&include={}", name.as_str().unwrap());
    let more: Vec<_> = included.into_iter().flatten().map(with).collect();
    [most].into_iter().chain(more).collect()
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |reference| {
        document.pointer(reference.trim_start_matches('#')).unwrap()
    })
}

/// The example, or the first of several.
fn example(described: &Value) -> &Value {
    let several = described["examples"].as_object();
    let first = several.and_then(|examples| examples.values().next());
    let example = first
        .map(|example| &example["value"])
        .or(described.get("example"));
    assert!(example.is_some(), "no example: {described}");
    example.unwrap()
}

async fn call(app: &TestApp, operation: &Operation<'_>, query: &str) -> Response {
    let method = operation.method.to_uppercase();
    let mut request: Request = app.request(&method, &format!("{}{query}", operation.path));
    for (name, value) in &operation.headers {
        request = request.header(name, value);
    }
    if let Some((media_type, body)) = operation.body {
        request = request.body(media_type, body.to_string());
    }
    request.send().await
}

fn assert_bounded(operation: &Operation<'_>, response: &Response) {
    let is_json = response
        .header("content-type")
        .is_some_and(|media_type| media_type.starts_with("application/json"));
    if is_json {
        let longest = longest_array(&response.json());
        assert!(
            longest <= MOST_ITEMS,
            "{} {}: {longest}",
            operation.method,
            operation.path
        );
    }
}

fn longest_array(value: &Value) -> usize {
    match value {
        Value::Array(items) => items
            .iter()
            .map(longest_array)
            .max()
            .unwrap_or(0)
            .max(items.len()),
        Value::Object(members) => members.values().map(longest_array).max().unwrap_or(0),
        _ => 0,
    }
}
