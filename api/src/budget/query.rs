//! How a query gets its name, its budget and what else is expected of it: in one place, the table at the top of its repository.

use std::{fmt, time::Duration};

/// What one query may take where nothing else is said. The promise of the project.
pub const DEFAULT_QUERY_BUDGET: Duration = Duration::from_millis(100);

/// What is declared of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Table, dot, repository function.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// The SQL verb.
    pub operation: &'static str,
    /// What one call may take: exactly this long is still within.
    pub budget: Duration,
    /// The most rows that one call returns or touches.
    pub max_rows: u32,
    /// How it finds its rows.
    pub access: Access,
}

/// How a query finds its rows: what a plan is held against (`tests/plans`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It looks at no table, so it has no plan.
    Nothing,
    /// It adds rows, and looks at other tables only to check that they are referred to.
    Insert,
    /// By one of these indexes, then the rows themselves.
    Index(&'static [&'static str]),
    /// By one of these indexes alone: the rows themselves are not read.
    IndexOnly(&'static [&'static str]),
    /// It may walk whole tables: never in a request that did not ask for it.
    Scan,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no table"),
            Self::Insert => f.write_str("adds rows"),
            Self::Index(indexes) => write!(f, "by {}", indexes.join(", ")),
            Self::IndexOnly(indexes) => write!(f, "by {} alone", indexes.join(", ")),
            Self::Scan => f.write_str("whole tables"),
        }
    }
}

/// A query that has a name: the only kind that [`Conn`](crate::database::Conn) runs. Made by [`queries!`](crate::queries).
pub trait NamedQuery: Copy + Send + Sync + 'static {
    /// What is declared of it.
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
    panic!("enter the repository in repositories::QUERIES")
}

/// The queries of all lists, one list after the other. `N` is how many they are.
///
/// # Panics
/// At compile time, where there are none or `N` is wrong.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    reason = "const evaluation: a failure is a compile-time error"
)]
pub const fn joined<const N: usize>(lists: &[&[Query]]) -> [Query; N] {
    let mut all = [lists[0][0]; N];
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            all[count] = lists[list][at];
            count += 1;
            at += 1;
        }
        list += 1;
    }
    assert!(count == N, "N is the number of all queries");
    all
}

/// How many queries all lists have.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    reason = "const evaluation: a failure is a compile-time error"
)]
pub const fn count(lists: &[&[Query]]) -> usize {
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
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

/// Declares the queries of a module: a type for each, and `QUERIES`, the list of them.
///
/// ```text
/// queries! {
///     /// One user.
///     FindById: SELECT "users.find_by_id", rows <= 1, index(users_pkey);
///     /// Users whose name begins with these letters.
///     Search: SELECT "users.search", rows <= 100, index(users_name_idx), budget = 50 ms;
/// }
/// ```
///
/// `access` is one of `index(…)`, `index_only(…)`, `insert`, `scan` and `nothing`; see [`Access`]. Without `budget` it is
/// [`DEFAULT_QUERY_BUDGET`].
#[macro_export]
macro_rules! queries {
    ($(#[doc = $summary:literal] $type:ident: $operation:ident $name:literal, rows <= $rows:literal, $access:ident $(($($index:ident),+))? $(, budget = $millis:literal ms)?;)+) => {
        $(
            #[doc = concat!("`", $name, "`.", $summary)]
            #[derive(Clone, Copy, Debug)]
            pub struct $type;

            impl $crate::budget::NamedQuery for $type {
                const QUERY: $crate::budget::Query = $crate::budget::Query {
                    name: $name,
                    summary: $summary.trim_ascii(),
                    operation: stringify!($operation),
                    budget: $crate::queries!(@budget $($millis)?),
                    max_rows: $rows,
                    access: $crate::queries!(@access $access $(($($index),+))?),
                };
                const COMMENT: &'static str = concat!("/* q='", $name, "' */ ");
                const SLOT: usize = $crate::budget::slot_of($crate::repositories::QUERIES, $name);
            }
        )+

        /// The queries of this module.
        pub const QUERIES: &[$crate::budget::Query] = &[$(<$type as $crate::budget::NamedQuery>::QUERY),+];
    };
    (@budget) => { $crate::budget::DEFAULT_QUERY_BUDGET };
    (@budget $millis:literal) => { std::time::Duration::from_millis($millis) };
    (@access index($($index:ident),+)) => { $crate::budget::Access::Index(&[$(stringify!($index)),+]) };
    (@access index_only($($index:ident),+)) => { $crate::budget::Access::IndexOnly(&[$(stringify!($index)),+]) };
    (@access insert) => { $crate::budget::Access::Insert };
    (@access scan) => { $crate::budget::Access::Scan };
    (@access nothing) => { $crate::budget::Access::Nothing };
}
