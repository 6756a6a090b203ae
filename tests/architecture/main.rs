//! The invariants of `docs/architecture.md` that a machine can check, read off the source: who looks at whom, sizes, names, tables.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed fixture must fail the test"
)]

mod layers;
mod openapi;
mod paths;
mod query_names;
mod readme;
mod source;
mod source_files;
mod under_load;
mod unsafety;
