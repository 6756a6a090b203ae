//! JSON: how every document is first written.

use super::Representation;

/// `application/json`.
pub static JSON: Representation = Representation {
    media_type: "application/json",
    name: "json1",
    from_json: None,
};
