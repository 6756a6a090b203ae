//! What a budget is, how a query gets its name, and what one request has spent. This module knows nothing of users and posts.

mod ledger;
mod page;
mod query;
mod timeline;

pub use ledger::{CacheOutcome, Ledger, Phase, QueryCount, nanos};
pub use page::markdown;
pub use query::{Access, DEFAULT_QUERY_BUDGET, NamedQuery, Query, count, joined, slot_of};
pub use timeline::{Step, StepKind, Timeline};

/// How often one request may run the same query where its route says nothing else: a query that comes again looks like a loop over rows.
pub const DEFAULT_MAX_SAME_QUERY: u32 = 1;
