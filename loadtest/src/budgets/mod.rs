//! The budgets file: what is promised, for every route, every query and the service as a whole.
//!
//! The file that ships is `loadtest/budgets.toml`; it says how to write one. Everything that
//! cannot be meant (an unknown key, a route that does not exist, "100" without a unit) is an
//! error with its line and column, because a budget which is not read is not kept. What the file
//! does not promise is measured and shown, not judged.

mod file;
mod mistake;
mod promises;
mod units;

#[cfg(test)]
mod tests;

pub use mistake::BudgetsError;
pub use promises::{
    Gate, GeneratorLimits, Percentile, QueryBudget, Regression, RouteBudget, ServerBudget,
    TimePromise,
};
pub use units::{Share, Time};

use file::{CacheEntry, File, QueryEntry, RouteEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use toml::Spanned;

/// The budgets in force when no file is named.
pub const SHIPPED: &str = include_str!("../../budgets.toml");

/// What a request takes at most where nothing is promised.
const DEFAULT_SLOWEST: Duration = Duration::from_millis(100);

/// How long nobody may get an answer where nothing is promised.
const DEFAULT_STALL: Time = Time(Duration::from_millis(500));

/// A whole budgets file.
#[derive(Clone, Debug)]
pub struct Budgets {
    file: String,
    text: String,
    default: RouteEntry,
    routes: BTreeMap<Spanned<String>, RouteEntry>,
    query_default: QueryEntry,
    queries: BTreeMap<Spanned<String>, QueryEntry>,
    caches: BTreeMap<Spanned<String>, CacheEntry>,
    /// Over all looks at a run, a verdict is wrong with at most one minus this probability.
    pub confidence: f64,
    /// A broken budget must be seen in at least this share of the rounds.
    pub rounds_agree: Share,
    /// At most this share of all requests fails.
    pub run_errors: Share,
    /// The target never leaves all requests unanswered for longer than this.
    pub stall: Time,
    /// What the generator must be like to be trusted.
    pub generator: GeneratorLimits,
    /// What the service promises as a whole.
    pub server: ServerBudget,
    /// What a comparison may call worse.
    pub regression: Regression,
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
        let confidence = read.verdict.confidence;
        if let Some(given) = &confidence
            && !(0.5..1.0).contains(given.get_ref())
        {
            let message = "a confidence is at least 0.5 and below 1, such as 0.95".to_owned();
            return Err(error_at(given.span().start, message));
        }
        if let Some(own) = read.route.values().find_map(|route| route.stall.as_ref()) {
            let message = "a stall is one of the target, not of a route: write it under [default]";
            return Err(error_at(own.span().start, message.to_owned()));
        }
        let stall = read.default.stall.clone();
        Ok(Self {
            file: file.to_owned(),
            text: text.to_owned(),
            stall: stall.map_or(DEFAULT_STALL, Spanned::into_inner),
            default: read.default,
            routes: read.route,
            query_default: read.query_default,
            queries: read.query,
            caches: read.cache,
            confidence: confidence.map_or(0.95, Spanned::into_inner),
            rounds_agree: read.verdict.rounds_agree.unwrap_or(Share(0.8)),
            run_errors: read.run.errors.unwrap_or(Share(0.001)),
            generator: read.generator,
            server: read.server,
            regression: read.regression,
        })
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The budget of a route.
    #[must_use]
    pub fn route(&self, name: &str) -> RouteBudget {
        let own = entry(&self.routes, name).unwrap_or_default();
        let errors_of_its_own = own.errors.is_some();
        let all = own.or(self.default.clone());
        let times = Percentile::ALL.into_iter().zip(all.times());
        let promise = |(percentile, within): (_, Option<Time>)| {
            within.map(|within| TimePromise { percentile, within })
        };
        RouteBudget {
            times: times.filter_map(promise).collect(),
            errors: all.errors,
            errors_of_its_own,
            queries_per_request: all.queries_per_request.map(|most| most.0),
            cache_hit: all.cache_hit,
        }
    }

    /// The longest time that a request of any route may take by its p99, or its slowest promise.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        let entries = self.routes.values().chain([&self.default]);
        let times = entries.flat_map(RouteEntry::times).flatten();
        times.map(|time| time.0).max().unwrap_or(DEFAULT_SLOWEST)
    }

    /// The budget of a query.
    #[must_use]
    pub fn query(&self, name: &str) -> QueryBudget {
        let own = entry(&self.queries, name);
        let all = own.unwrap_or_default().or(self.query_default);
        QueryBudget {
            within: all.within,
            share: all.share,
            max_per_request: all.max_per_request.map(|most| most.0),
            of_its_own: own.is_some(),
        }
    }

    /// The least share of the look-ups in a cache that find what they ask for.
    #[must_use]
    pub fn cache_hit(&self, name: &str) -> Option<Share> {
        entry(&self.caches, name).map(|entry| entry.hit)
    }

    /// The names of the queries which have a budget of their own.
    pub fn queries_of_their_own(&self) -> impl Iterator<Item = &str> {
        self.queries.keys().map(|key| key.get_ref().as_str())
    }

    /// The names of the caches which have a budget.
    pub fn caches_of_their_own(&self) -> impl Iterator<Item = &str> {
        self.caches.keys().map(|key| key.get_ref().as_str())
    }

    /// Compares the routes which have a budget of their own with those which there are.
    ///
    /// # Errors
    /// When a budget is for a route that does not exist.
    pub fn check_routes<'a>(
        &self,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), BudgetsError> {
        let known: Vec<_> = known.into_iter().collect();
        self.check("there is no route", self.routes.keys(), &known)
    }

    /// Compares the queries which have a budget of their own with those which the service has.
    ///
    /// # Errors
    /// When a budget is for a query that does not exist.
    pub fn check_queries(&self, known: &BTreeSet<String>) -> Result<(), BudgetsError> {
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        self.check("the target has no query", self.queries.keys(), &known)
    }

    fn check<'a>(
        &self,
        sentence: &str,
        mut written: impl Iterator<Item = &'a Spanned<String>>,
        known: &[&str],
    ) -> Result<(), BudgetsError> {
        let stranger = written.find(|key| !known.contains(&key.get_ref().as_str()));
        stranger.map_or(Ok(()), |key| {
            let name = key.get_ref();
            let hint = mistake::nearest(name, known.iter().copied());
            let message = format!("{sentence} {name:?}{hint}");
            let offset = key.span().start;
            Err(BudgetsError::at(&self.file, &self.text, offset, message))
        })
    }
}

fn entry<T: Clone>(entries: &BTreeMap<Spanned<String>, T>, name: &str) -> Option<T> {
    let found = entries.iter().find(|(key, _)| key.get_ref() == name);
    found.map(|(_, entry)| entry.clone())
}
