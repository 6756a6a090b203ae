//! Every query of the service, one named function each. Functions take a [`Conn`](crate::database::Conn) and return rows; not found is
//! `Ok(None)`. What a missing row or a refused constraint *means* is said in `services/`.
//!
//! **A new query**: a line in the table of its repository, and the function of its name that runs it. The line is all that the metrics,
//! the boards, the load report, `docs/queries.md` and the tests of plans ask for.

pub mod health;
pub mod idempotency_keys;
pub mod posts;
pub mod seed;
pub mod users;

use crate::{
    budget::{self, Query},
    database,
};

const REPOSITORIES: &[&[Query]] = &[
    users::QUERIES,
    posts::QUERIES,
    idempotency_keys::QUERIES,
    database::QUERIES,
    health::QUERIES,
    seed::QUERIES,
];

/// Every named query. The place in the list is the query's slot in the metrics.
pub const QUERIES: &[Query] = &budget::joined::<{ budget::count(REPOSITORIES) }>(REPOSITORIES);
