//! The load harness: attacks the service and judges every route and every named query against
//! its budget, by the client's clock and by the server's.
//!
//! A run in seven steps, each in its module:
//!
//! 1. [`settings`] and [`profiles`] say what is wanted, [`budgets`] what is promised.
//! 2. [`embedded`] starts the service, unless a running one is named.
//! 3. [`population`] asks it which users and posts there are.
//! 4. [`attack`] lets goose send [`personas`] against it, twice: once to warm up, once to measure.
//!    They make a [`request`], see the wire through [`client`], hold the [`contract`] in their
//!    hands, and write what they saw into their [`recorder`].
//! 5. [`probe`] reads the target's metrics before and after.
//! 6. [`measurements`] puts both views together, [`judge`] compares them with the budgets.
//! 7. [`report`] says it: on the terminal, in `report.json`, in `report.html`.
//!
//! [`run`] is the thread through all of them, [`measure`] through the middle ones.

pub mod attack;
pub mod budgets;
pub mod client;
pub mod contract;
pub mod embedded;
pub mod incidents;
pub mod interrupt;
pub mod judge;
pub mod listing;
pub mod measure;
pub mod measurements;
pub mod numbers;
pub mod personas;
pub mod population;
pub mod probe;
pub mod profiles;
pub mod progress;
pub mod recorder;
pub mod report;
pub mod request;
pub mod routes;
pub mod run;
pub mod settings;
pub mod visitor;
pub mod wording;
