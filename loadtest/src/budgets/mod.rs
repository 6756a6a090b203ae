//! The budgets file: what is promised, for every route, every query and the service as a whole.
//!
//! The file that ships is `loadtest/budgets.toml`; it says how to write one. Everything that
//! cannot be meant (an unknown key, a route that does not exist, "100" without a unit) is an
//! error with its line and column, because a budget which is not read is not kept.

mod units;

pub use units::{Share, Time};

use crate::routes::Route;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use toml::Spanned;

/// The budgets in force when no file is named.
pub const SHIPPED: &str = include_str!("../../budgets.toml");

/// What is wrong with a budgets file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct BudgetsError {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

/// What a route promises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RouteBudget {
    /// 99 of 100 requests take no longer, by the client's clock.
    pub p99: Time,
    /// At most this share of the requests fails.
    pub errors: Share,
}

/// What a query promises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QueryBudget {
    /// The time a call may take; None is what the service itself exports as the query's budget.
    pub within: Option<Time>,
    /// At least this share of the calls takes no longer.
    pub share: Share,
}

/// What the service promises as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerBudget {
    /// Statements that ran without a name.
    pub unnamed_queries: u64,
    /// Requests that ran the same query again and again.
    pub query_loops: u64,
    /// Requests that ran more queries than their route declares.
    pub query_counts_exceeded: u64,
    /// Calls that returned more rows than their query declares.
    pub rows_exceeded: u64,
    /// Statements that were planned in another shape than before.
    pub plan_changes: u64,
    /// Log lines that were dropped.
    pub log_drops: u64,
}

/// A whole budgets file.
#[derive(Clone, Debug)]
pub struct Budgets {
    file: String,
    text: String,
    default: RouteBudget,
    routes: BTreeMap<Route, RouteEntry>,
    query_default: QueryBudget,
    queries: BTreeMap<Spanned<String>, QueryEntry>,
    /// What the service promises as a whole.
    pub server: ServerBudget,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RouteEntry {
    p99: Option<Time>,
    errors: Option<Share>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct QueryEntry {
    within: Option<Time>,
    share: Option<Share>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    default: RouteEntry,
    route: BTreeMap<Spanned<String>, RouteEntry>,
    query_default: QueryEntry,
    query: BTreeMap<Spanned<String>, QueryEntry>,
    server: ServerBudget,
}

impl Budgets {
    /// Reads the text of a budgets file; `file` is the name that errors call it by.
    ///
    /// # Errors
    /// When the text is no TOML, or says something that cannot be meant.
    pub fn parse(file: &str, text: &str) -> Result<Self, BudgetsError> {
        let error_at = |offset, message| BudgetsError::at(file, text, offset, message);
        let read: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            error_at(offset, error.message().to_owned())
        })?;
        let mut routes = BTreeMap::new();
        for (name, entry) in read.route {
            let unknown = || {
                let message = format!("there is no route {:?}", name.get_ref());
                error_at(name.span().start, message)
            };
            routes.insert(Route::named(name.get_ref()).ok_or_else(unknown)?, entry);
        }
        Ok(Self {
            file: file.to_owned(),
            text: text.to_owned(),
            default: read.default.or(RouteBudget {
                p99: Time(Duration::from_millis(100)),
                errors: Share(0.001),
            }),
            routes,
            query_default: read.query_default.or(QueryBudget {
                within: None,
                share: Share(0.999),
            }),
            queries: read.query,
            server: read.server,
        })
    }

    /// The file as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The budget of a route.
    #[must_use]
    pub fn route(&self, route: Route) -> RouteBudget {
        let entry = self.routes.get(&route).copied().unwrap_or_default();
        entry.or(self.default)
    }

    /// The budget of a query.
    #[must_use]
    pub fn query(&self, name: &str) -> QueryBudget {
        let entry = self.queries.iter().find(|(key, _)| key.get_ref() == name);
        let entry = entry.map(|(_, entry)| *entry).unwrap_or_default();
        entry.or(self.query_default)
    }

    /// The names of the queries which have a budget of their own.
    pub fn queries_of_their_own(&self) -> impl Iterator<Item = &str> {
        self.queries.keys().map(|key| key.get_ref().as_str())
    }

    /// Compares the queries which have a budget of their own with those which the service has.
    ///
    /// # Errors
    /// When a budget is for a query that does not exist.
    pub fn check_queries(&self, known: &BTreeSet<String>) -> Result<(), BudgetsError> {
        let stranger = self
            .queries
            .keys()
            .find(|key| !known.contains(key.get_ref()));
        stranger.map_or(Ok(()), |key| {
            let message = format!("the target has no query {:?}", key.get_ref());
            let offset = key.span().start;
            Err(BudgetsError::at(&self.file, &self.text, offset, message))
        })
    }
}

impl RouteEntry {
    fn or(self, default: RouteBudget) -> RouteBudget {
        RouteBudget {
            p99: self.p99.unwrap_or(default.p99),
            errors: self.errors.unwrap_or(default.errors),
        }
    }
}

impl QueryEntry {
    fn or(self, default: QueryBudget) -> QueryBudget {
        QueryBudget {
            within: self.within.or(default.within),
            share: self.share.unwrap_or(default.share),
        }
    }
}

impl BudgetsError {
    fn at(file: &str, text: &str, offset: usize, message: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Budgets, String> {
        Budgets::parse("budgets.toml", text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_shipped_file_promises_100_ms_for_every_route() {
        let budgets = parse(SHIPPED).unwrap();
        for route in Route::ALL {
            assert_eq!(budgets.route(route).p99.0, Duration::from_millis(100));
        }
        assert_eq!(budgets.query("posts.list").within, None);
        assert_eq!(budgets.server, ServerBudget::default());
    }

    #[test]
    fn a_route_overrides_only_what_it_names() {
        let budgets = parse(
            "[default]\nerrors = \"1%\"\n[route.\"GET /api/v1/users\"]\np99 = \"1.5s\"\n\
             [query.\"posts.list\"]\nwithin = \"50ms\"",
        );
        let budgets = budgets.unwrap();
        let list = budgets.route(Route::ListUsers);
        assert_eq!(list.p99.0, Duration::from_millis(1_500));
        assert_eq!(list.errors, Share(0.01));
        let query = budgets.query("posts.list");
        assert_eq!(query.within, Some(Time(Duration::from_millis(50))));
        assert_eq!(query.share, Share(0.999));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_line_and_column() {
        let error = parse("[default]\np99 = \"1s\"\n  p98 = \"1s\"").unwrap_err();
        assert!(
            error.starts_with("budgets.toml:3:3: unknown field `p98`"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_route_is_an_error_with_line_and_column() {
        let error = parse("\n[route.\"GET /nowhere\"]\np99 = \"1s\"").unwrap_err();
        assert_eq!(
            error,
            "budgets.toml:2:8: there is no route \"GET /nowhere\""
        );
    }

    #[test]
    fn an_unknown_query_is_an_error_with_line_and_column() {
        let budgets = parse("[query.\"posts.lost\"]\nshare = \"1%\"").unwrap();
        let known = BTreeSet::from(["posts.list".to_owned()]);
        let error = budgets.check_queries(&known).unwrap_err().to_string();
        assert_eq!(
            error,
            "budgets.toml:1:8: the target has no query \"posts.lost\""
        );
    }

    #[test]
    fn a_value_without_its_unit_is_an_error_with_line_and_column() {
        let error = parse("[default]\np99 = \"100\"").unwrap_err();
        assert!(
            error.starts_with("budgets.toml:2:7: \"100\" is no time"),
            "{error}"
        );
        let error = parse("[default]\nerrors = \"110%\"").unwrap_err();
        assert!(
            error.starts_with("budgets.toml:2:10: \"110%\" is no share"),
            "{error}"
        );
    }

    #[test]
    fn text_that_is_no_toml_is_an_error_with_line_and_column() {
        let error = parse("[default]\np99 = = 3").unwrap_err();
        assert!(error.starts_with("budgets.toml:2:"), "{error}");
    }
}
