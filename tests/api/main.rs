//! The REST contract, whole: what every request is answered, on each database. One file per subject; where a rule is about the shape of an
//! answer, the whole body is compared, under a clock that stands still.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed fixture must fail the test"
)]

/// Compares a whole body with what stands here. A test runs once for each database, and the answers must be the same.
macro_rules! assert_body {
    ($body:expr, $($snapshot:tt)+) => {
        insta::allow_duplicates! {
            insta::assert_json_snapshot!($body, $($snapshot)+);
        }
    };
}

mod bad_bodies;
mod bad_input;
mod bad_lists;
mod bad_parameters;
mod cascade;
mod codings;
mod command_line;
mod conditional_reads;
mod conditional_writes;
mod count;
mod curl_lines;
mod cursors;
mod docs;
mod error_pages;
mod errors;
mod every_code;
mod fields;
mod filters;
mod hostile;
mod idempotency;
mod idempotency_keys;
mod idempotent_refusals;
mod include;
mod list_model;
mod list_tags;
mod lists;
mod lost_updates;
mod media;
mod methods;
mod migrations;
mod nothing_leaks;
mod openapi;
mod pages;
mod posts;
mod posts_model;
mod redirects;
mod representations;
mod seed;
mod settings;
mod single_views;
mod start;
mod strict_json;
mod texts;
mod user_posts;
mod users;
mod xml;
