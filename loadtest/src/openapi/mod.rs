//! Drafts a scenario from an OpenAPI document: safe reads, and resources that are created, read and
//! deleted again. What the document does not say is not guessed: it is left out, with the reason.
//!
//! `document` reads it, `operation` is one of its operations, `values` makes values for schemas,
//! `places` finds ids in answers, `requests` makes a step of an operation; [`draft`] puts steps
//! together, `files` writes them.

mod document;
mod draft;
mod files;
mod flows;
mod operation;
mod places;
mod requests;
mod security;
mod steps;
mod values;
mod writing;

#[cfg(test)]
mod tests;

pub use document::Document;
pub use draft::{Draft, draft};
