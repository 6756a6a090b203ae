//! The rules. Services are the only callers of repositories and of the cache, and turn a missing row or a refused constraint into an error of
//! the contract. They know neither HTTP nor SQL.

mod count;
pub mod creation;
pub mod health;
pub mod idempotency;
pub mod kept;
pub mod migrations;
pub mod posts;
pub mod users;

use self::kept::Kept;
use crate::{
    cache::Cache,
    clock::Clock,
    database::Database,
    faults::Faults,
    models::{Post, User},
};

/// What services work with: one for each worker.
#[derive(Clone)]
pub struct Context {
    /// Where rows are.
    pub database: Database,
    /// Users by id.
    pub users: Cache<Kept<User>>,
    /// Posts by id.
    pub posts: Cache<Kept<Post>>,
    /// What time it is.
    pub clock: Clock,
    /// What may be done to the rules on purpose.
    pub faults: Faults,
}
