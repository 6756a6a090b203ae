//! HTTP in, HTTP out: parse what came, call a service, wrap what it returns. No rule and no query lives here, and no controller chooses the
//! status of an error: its code does.

pub mod caching;
pub mod conditions;
pub mod cursor;
pub mod debug_faults;
pub mod debug_queries;
pub mod docs;
pub mod elsewhere;
pub mod envelope;
pub mod errors;
pub mod fields;
mod filters;
pub mod health;
mod html;
pub mod idempotency;
mod incoming;
pub mod index;
mod json;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod parameters;
pub mod posts;
pub mod problem;
pub mod representations;
pub mod responses;
mod shape;
pub mod single;
pub mod user_posts;
pub mod users;
