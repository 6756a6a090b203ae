//! Do the target's counters agree with each other, and is it at rest when nobody asks any more?

use super::{Case, growth, missing, of_route, over_routes, target};
use crate::incidents::INCIDENTS;
use crate::judge::Finding;
use crate::measurements::CacheFigures;
use crate::numbers::whole;
use crate::probe::Window;
use crate::wording::{count, time};

const PHASES: &str = "phase seconds = request seconds";
const QUERIES: &str = "queries by route = queries by name";
const RESULTS: &str = "look-ups = hits + misses + coalesced + errors";
const LOADS: &str = "a load for each miss";
const AT_REST: &str = "nothing is under way at the end";
const WAITING: &str = "nobody waits for a connection at the end";
const DROPS: &str = "no log line is dropped";
const BUILD: &str = "it says what it is";

/// What two sums of the same seconds may differ by, as a share…
const SHARE: f64 = 0.02;
/// … and besides.
const SECONDS: f64 = 0.001;

pub(super) fn findings(case: &Case, window: &Window) -> Vec<Finding> {
    let mut findings = phases(case, window);
    findings.push(queries(case, window));
    findings.extend(caches(case, window));
    findings.extend(rest(case));
    findings.push(drops(case, window));
    findings.push(build(case, window));
    findings
}

fn phases(case: &Case, window: &Window) -> Vec<Finding> {
    let names = case.names();
    let sum = format!("{}_sum", names.requests);
    for needed in [&names.phases, &sum] {
        if window.after.sum(needed, &[]).is_none() {
            return vec![missing(PHASES, needed)];
        }
    }
    let asked = case.measured.routes.iter().filter(|route| route.sent > 0);
    let results = asked.map(|figures| {
        let route = of_route(names, &figures.route);
        let spent = growth(window, &names.phases, &route);
        let took = growth(window, &sum, &route);
        let agree = (spent - took).abs() <= SHARE * took + SECONDS;
        let (spent, took) = (time(spent * 1_000.0), time(took * 1_000.0));
        let message = || format!("phases {spent}, requests {took}");
        let result = if agree { Ok(()) } else { Err(message()) };
        (figures.route.as_str(), result)
    });
    over_routes(PHASES, results.collect(), |routes| {
        format!("within {}% on {routes}", SHARE * 100.0)
    })
}

/// Queries that no route ran, such as the checks of its own health, are in one of them only.
fn queries(case: &Case, window: &Window) -> Finding {
    let names = case.names();
    let counter = format!("{}_count", names.queries);
    for needed in [&counter, &names.route_queries] {
        if window.after.sum(needed, &[]).is_none() {
            return missing(QUERIES, needed);
        }
    }
    let label = names.query_label.as_str();
    let mut queries = window.after.label_values(&counter, label);
    queries.extend(window.after.label_values(&names.route_queries, label));
    let (mut of_requests, mut against) = (0, Vec::new());
    for query in &queries {
        let series = [(label, query.as_str())];
        let by_route = whole(growth(window, &names.route_queries, &series));
        let by_name = whole(growth(window, &counter, &series));
        of_requests += by_route;
        if by_route != by_name && by_route > 0 {
            let (routes, name) = (count(by_route), count(by_name));
            against.push(format!("{query}: {routes} by route, {name} by name"));
        }
    }
    let all = whole(growth(window, &counter, &[]));
    if against.is_empty() && of_requests == 0 && all > 0 && ran_queries(case) {
        against.push(format!("0 by route, {} by name", count(all)));
    }
    let all = format!("{} queries of requests", count(of_requests));
    unless(QUERIES, &against, all)
}

/// Whether the answers themselves say that they took time in the database.
fn ran_queries(case: &Case) -> bool {
    let routes = case.evidence.rounds.iter().flat_map(|round| &round.routes);
    let mut slowest = routes.flat_map(|record| &record.slowest);
    slowest.any(|request| request.phases.get("db").is_some_and(|ms| *ms > 0.0))
}

fn caches(case: &Case, window: &Window) -> Vec<Finding> {
    let names = case.names();
    if window.after.sum(&names.cache_gets, &[]).is_none() {
        let what = &names.cache_gets;
        return vec![missing(RESULTS, what), missing(LOADS, what)];
    }
    let caches = &case.measured.caches;
    let (mut unknown, mut unloaded) = (Vec::new(), Vec::new());
    let loads = format!("{}_count", names.cache_loads);
    for cache in caches {
        let series = [(names.cache_label.as_str(), cache.cache.as_str())];
        let gets = whole(growth(window, &names.cache_gets, &series));
        if gets != cache.gets() {
            let (gets, known) = (count(gets), count(cache.gets()));
            unknown.push(format!("{}: {gets}, of which {known} told", cache.cache));
        }
        // A load that fails is an error, and may have been a miss before.
        let loaded = whole(growth(window, &loads, &series));
        if !(cache.misses..=cache.misses + cache.errors).contains(&loaded) {
            let (misses, loaded) = (count(cache.misses), count(loaded));
            unloaded.push(format!("{}: {misses} misses, {loaded} loads", cache.cache));
        }
    }
    let gets = count(caches.iter().map(CacheFigures::gets).sum());
    let results = unless(RESULTS, &unknown, format!("{gets} look-ups"));
    let misses = count(caches.iter().map(|cache| cache.misses).sum());
    let loads = if window.after.sum(&loads, &[]).is_none() {
        missing(LOADS, &loads)
    } else {
        unless(LOADS, &unloaded, format!("{misses} loads"))
    };
    vec![results, loads]
}

/// Agrees unless something is against it.
fn unless(promise: &str, against: &[String], otherwise: String) -> Finding {
    if against.is_empty() {
        target(true, promise, otherwise)
    } else {
        target(false, promise, against.join("; "))
    }
}

/// By the last reading: it was made when every answer had come.
fn rest(case: &Case) -> Vec<Finding> {
    let names = case.names();
    let gauges = [
        (AT_REST, &names.requests_in_flight, "requests are under way"),
        (WAITING, &names.pool_waiting, "requests wait"),
    ];
    let last = case.readings.last();
    let finding = |(promise, gauge, what): (&str, &String, &str)| {
        let value = last.and_then(|last| last.scrape.sum(gauge, &[]));
        value.map_or_else(
            || missing(promise, gauge),
            |value| target(value.abs() < 0.5, promise, format!("{value} {what}")),
        )
    };
    gauges.map(finding).into()
}

fn drops(case: &Case, window: &Window) -> Finding {
    let mut incidents = INCIDENTS.iter();
    let drops = incidents.find(|incident| incident.key == "log_drops");
    let counter = &case.names().log_drops;
    let dropped = drops.and_then(|drops| window.growth(counter, drops.labels));
    dropped.map_or_else(
        || missing(DROPS, counter),
        |dropped| {
            let message = format!("{} dropped", count(whole(dropped)));
            target(dropped < 0.5, DROPS, message)
        },
    )
}

fn build(case: &Case, window: &Window) -> Finding {
    let build = window.after.info(&case.names().build);
    if build.is_empty() {
        return missing(BUILD, &case.names().build);
    }
    let said = build
        .iter()
        .map(|(label, value)| format!("{label} {value}"));
    target(true, BUILD, said.collect::<Vec<_>>().join(", "))
}
