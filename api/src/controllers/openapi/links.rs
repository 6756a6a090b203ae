//! Where an answer leads: which operations can be called with what it holds. A list leads nowhere, because it may be empty.

use serde_json::{Map, Value, json};

/// What is done with one user.
const OF_A_USER: [&str; 6] = [
    "get_user",
    "replace_user",
    "update_user",
    "delete_user",
    "list_user_posts",
    "create_user_post",
];

/// What is done with one post, and whether it must say which state it knows.
const OF_A_POST: [(&str, bool); 4] = [
    ("get_post", false),
    ("replace_post", true),
    ("update_post", true),
    ("delete_post", true),
];

/// Where the success of an operation leads.
pub(super) fn of_operation(id: &str) -> Map<String, Value> {
    match id {
        "create_user" => to_user("$response.body#/data/id"),
        "get_user" | "replace_user" | "update_user" => to_user("$request.path.user_id"),
        "create_post" | "create_user_post" => to_post("$response.body#/data/id"),
        "get_post" | "replace_post" | "update_post" => to_post("$request.path.post_id"),
        _ => Map::new(),
    }
}

fn to_user(id: &str) -> Map<String, Value> {
    let link =
        |operation: &str| json!({ "operationId": operation, "parameters": { "user_id": id } });
    OF_A_USER
        .iter()
        .map(|operation| ((*operation).to_owned(), link(operation)))
        .collect()
}

/// With the state that the answer shows.
fn to_post(id: &str) -> Map<String, Value> {
    let link = |&(operation, with_state): &(&str, bool)| {
        let mut parameters = Map::new();
        parameters.insert("post_id".to_owned(), json!(id));
        if with_state {
            parameters.insert("If-Match".to_owned(), json!("$response.header.ETag"));
        }
        let link = json!({ "operationId": operation, "parameters": parameters });
        (operation.to_owned(), link)
    };
    OF_A_POST.iter().map(link).collect()
}
