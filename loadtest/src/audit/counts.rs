//! Were the requests counted that were sent, and no others?

use super::{Case, missing, over_routes, target};
use crate::judge::{Finding, Verdict};
use crate::measurements::RouteFigures;
use crate::numbers::whole;
use crate::probe::Window;
use crate::wording::count;

const SENT: &str = "requests sent = requests counted";
const NO_OTHERS: &str = "nobody else asks";

pub(super) fn findings(case: &Case, window: &Window) -> Vec<Finding> {
    let names = case.names();
    let counter = format!("{}_count", names.requests);
    if window.after.sum(&counter, &[]).is_none() {
        return vec![missing(SENT, &counter)];
    }
    let routes = case.measured.routes.iter();
    let asked = routes.filter(|figures| figures.sent > 0);
    let results = asked.map(|figures| (figures.route.as_str(), agree(figures)));
    let requests = case.measured.routes.iter().map(|figures| figures.sent);
    let requests = count(requests.sum());
    let agreed = |routes: &str| format!("{requests} requests on {routes}");
    let mut findings = over_routes(SENT, results.collect(), agreed);
    findings.push(strangers(case, window, &counter));
    findings
}

/// A request that got no answer, or a wrong one, may have ended before it was counted.
fn agree(figures: &RouteFigures) -> Result<(), String> {
    let (sent, counted) = (figures.sent, figures.counted.unwrap_or(0));
    let uncounted = sent.checked_sub(counted);
    if uncounted.is_some_and(|uncounted| uncounted <= figures.errors) {
        return Ok(());
    }
    let (sent, counted) = (count(sent), count(counted));
    Err(format!("{sent} sent, {counted} counted"))
}

/// Requests on routes that were not asked: what the target says is then not of this load alone.
fn strangers(case: &Case, window: &Window, counter: &str) -> Finding {
    let label = case.names().route_label.as_str();
    let routes = window.after.label_values(counter, label);
    let strange = routes.iter().filter_map(|route| {
        let asked = case.measured.route(route);
        let asked = asked.is_some_and(|figures| figures.sent > 0);
        let others = whole(super::growth(window, counter, &[(label, route)]));
        (!asked && others > 0).then(|| format!("{route} ({})", count(others)))
    });
    let strange: Vec<_> = strange.collect();
    if strange.is_empty() {
        return target(true, NO_OTHERS, "no other route was asked");
    }
    let verdict = Verdict::Inconclusive;
    let message = format!("requests that are not ours: {}", strange.join(", "));
    Finding::new(verdict, super::TARGET, NO_OTHERS, message)
}
