//! Every query of the service, one named function each. Functions take a [`Conn`](crate::database::Conn) and return rows; not found is
//! `Ok(None)`. What a missing row or a refused constraint *means* is said in `services/`.
//!
//! **A new query**: `named_query!` and a function beside its like, and a line in [`QUERIES`].

pub mod health;
pub mod posts;
pub mod seed;
pub mod users;

use crate::{
    budget::{NamedQuery, Query},
    database::{Begin, Commit, Rollback},
};

/// Every named query. The place in the list is the query's slot in the metrics.
pub const QUERIES: &[Query] = &[
    users::List::QUERY,
    users::FindById::QUERY,
    users::Insert::QUERY,
    users::Update::QUERY,
    users::Delete::QUERY,
    posts::List::QUERY,
    posts::FindById::QUERY,
    posts::Insert::QUERY,
    posts::Update::QUERY,
    posts::Delete::QUERY,
    posts::DeleteByAuthor::QUERY,
    Begin::QUERY,
    Commit::QUERY,
    Rollback::QUERY,
    health::Ping::QUERY,
    seed::AnyUser::QUERY,
    seed::InsertUsers::QUERY,
    seed::InsertPosts::QUERY,
    seed::Analyze::QUERY,
];
