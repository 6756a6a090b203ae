//! Centum: users and posts over REST, with every query named, counted, budgeted and judged.
//!
//! # The life of a request
//! 1. [`middleware::telemetry`] makes its record: start, trace, an empty [ledger](budget::Ledger).
//! 2. [`routes`] finds its controller, and notes the route in the record.
//! 3. [`controllers`] parse what came, and say everything that is wrong with it at once.
//! 4. [`services`] apply the rules, and ask the [`cache`] first.
//! 5. [`repositories`] build a query, and hand it under its name to a [`database::Conn`].
//! 6. [`database::Conn`] runs, times and counts it, books it to the ledger, and warns if it took longer than its budget.
//! 7. [`controllers::envelope`] makes the answer; when its last byte is handed over, the middleware adds the record to the
//!    [metrics](telemetry::Metrics) and writes one line to the log.
//!
//! # Where to read
//! In this order: [`routes`], [`controllers`], [`services`], [`repositories`], [`database`], [`budget`], [`cache`], [`telemetry`],
//! [`middleware`], [`app`] which wires them, [`commands`].

pub mod app;
mod assembly;
pub mod budget;
pub mod cache;
pub mod clock;
pub mod commands;
pub mod config;
pub mod controllers;
pub mod database;
pub mod error;
pub mod faults;
pub mod lifecycle;
mod listener;
pub mod middleware;
pub mod models;
pub mod negotiation;
pub mod plans;
pub mod repositories;
pub mod routes;
pub mod schema;
pub mod seed;
pub mod services;
pub mod telemetry;
mod url_table;
mod workers;

pub use commands::run;
