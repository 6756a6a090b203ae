//! What a budget is, and how a query gets its name. This module knows nothing of users and posts.
//!
//! A query is declared beside the function that runs it:
//!
//! ```text
//! named_query!(FindById, SELECT "users.find_by_id");                      // the default budget
//! named_query!(Search, SELECT "users.search", budget = 50 ms);            // its own
//! ```
//!
//! and entered in `repositories::QUERIES`; one that is missing there does not compile. From then on the name stands in the SQL, the metrics,
//! the logs, the boards and the load report.

mod ledger;

use std::time::Duration;

pub use ledger::{CacheOutcome, Ledger, Phase, QueryCount, nanos};

/// What one query may take where nothing else is said. The promise of the project.
pub const DEFAULT_QUERY_BUDGET: Duration = Duration::from_millis(100);

/// The same name more often than this in one request looks like a loop over rows.
pub const N_PLUS_ONE_THRESHOLD: u32 = 3;

/// A named query with its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Table, dot, repository function.
    pub name: &'static str,
    /// The SQL verb.
    pub operation: &'static str,
    /// What one call may take: exactly this long is still within.
    pub budget: Duration,
}

/// A query that has a name: the only kind that [`Conn`](crate::database::Conn) runs. Made by [`named_query!`](crate::named_query).
pub trait NamedQuery: Copy + Send + Sync + 'static {
    /// Name, verb and budget.
    const QUERY: Query;
    /// The comment in front of the SQL.
    const COMMENT: &'static str;
    /// The place in the list of all queries, where the metric handles are kept.
    const SLOT: usize;
}

/// Where `name` stands in `queries`. A name that does not is a compile-time error.
///
/// # Panics
/// At compile time, where the name is missing.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "const evaluation: a failure is a compile-time error"
)]
pub const fn slot_of(queries: &[Query], name: &str) -> usize {
    let mut slot = 0;
    while slot < queries.len() {
        if same_text(queries[slot].name, name) {
            return slot;
        }
        slot += 1;
    }
    panic!("enter the query in repositories::QUERIES")
}

#[expect(
    clippy::indexing_slicing,
    reason = "const evaluation: a failure is a compile-time error"
)]
const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Declares a query: a type that carries its name, verb and budget.
#[macro_export]
macro_rules! named_query {
    ($type:ident, $operation:ident $name:literal) => {
        $crate::named_query!(@declare $type, $operation, $name, $crate::budget::DEFAULT_QUERY_BUDGET);
    };
    ($type:ident, $operation:ident $name:literal, budget = $millis:literal ms) => {
        $crate::named_query!(@declare $type, $operation, $name, std::time::Duration::from_millis($millis));
    };
    (@declare $type:ident, $operation:ident, $name:literal, $budget:expr) => {
        #[doc = concat!("The query `", $name, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $type;

        impl $crate::budget::NamedQuery for $type {
            const QUERY: $crate::budget::Query = $crate::budget::Query {
                name: $name,
                operation: stringify!($operation),
                budget: $budget,
            };
            const COMMENT: &'static str = concat!("/* q='", $name, "' */ ");
            const SLOT: usize = $crate::budget::slot_of($crate::repositories::QUERIES, $name);
        }
    };
}
