//! `report.html`: one file, without scripts, fonts or images from elsewhere; it reads well on
//! paper and in the dark. What a lead with five minutes needs is on top: the verdict, the reasons,
//! the key figures. Everything that was measured follows.

mod details;
mod tables;
mod why;

use super::svg::{self, Milliseconds};
use super::text::trust;
use super::{Report, page};
use crate::judge::Verdict;
use crate::measurements::RouteFigures;
use crate::wording::{count, mebibytes, per_second, percent, time_or_dash};
use maud::{Markup, html};

pub(super) const STYLE: &str = include_str!("style.css");

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    let (verdict, started) = (report.verdict(), &report.evidence.started);
    let body = html! {
        (header(report))
        (reasons(report))
        (key_figures(report))
        (tables::routes(report))
        (details::why(report))
        (over_time(report))
        (latency(report))
        (details::phases(report))
        (why::explanations(report))
        (tables::queries(report))
        (details::target(report))
        (details::generator(report))
        (tables::promises(report))
        (details::settings(report))
    };
    page(&format!("{verdict}: load test of {started}"), &body)
}

fn header(report: &Report) -> Markup {
    let plan = &report.evidence.plan;
    html! {
        header class=(report.verdict()) {
            h1 { (report.verdict()) }
            p { (report.sentence()) "." }
            small {
                (report.evidence.started) " · profile " (plan.profile) " · " (plan.target)
                @if let Some(rate) = &plan.rate { " · " (rate) " " (plan.arrival) }
                " · " (report.evidence.rounds.len()) " rounds of " (plan.round_seconds) " s after "
                (plan.warmup_seconds) " s of warm-up"
            }
        }
    }
}

fn reasons(report: &Report) -> Markup {
    let against = report.against();
    html! {
        @if !against.is_empty() {
            ul.reasons {
                @for finding in against {
                    li class=(report.standing(finding)) {
                        strong { (report.standing(finding)) } " "
                        code { (finding.subject) } " "
                        span { (finding.message) }
                    }
                }
            }
        }
    }
}

fn key_figures(report: &Report) -> Markup {
    let measured = &report.measured;
    let slowest = measured.routes.iter().filter_map(|route| route.p99_ms);
    let mut figures = vec![
        ("requests", count(measured.requests())),
        ("rate", per_second(measured.rate())),
        ("errors", percent(measured.error_share())),
        ("slowest p99", time_or_dash(slowest.reduce(f64::max))),
    ];
    if let Some(server) = &measured.server {
        let memory = server.memory_bytes.map(mebibytes);
        figures.extend(memory.map(|memory| ("memory", memory)));
        let cores = server.cpu_cores.map(|cores| format!("{cores:.2} cores"));
        figures.extend(cores.map(|cores| ("processor", cores)));
    }
    let (_, trust) = trust(&measured.generator);
    let generator = if trust == Verdict::Pass {
        "trusted"
    } else {
        "not trusted"
    };
    html! {
        dl.key {
            @for (name, figure) in figures {
                div { dt { (name) } dd { (figure) } }
            }
            div { dt { "generator" } dd class=(trust) { (generator) } }
        }
    }
}

/// One scale for all drawings of a page, so that they can be compared.
fn scale(report: &Report) -> Milliseconds {
    let routes = report.measured.routes.iter();
    let times = routes.flat_map(|route| {
        let promises = route.promises.iter().map(|promise| promise.budget_ms);
        let ends = [route.latency.first(), route.latency.last()];
        promises.chain(ends.into_iter().flatten().map(|point| point.ms))
    });
    Milliseconds::around(times)
}

fn over_time(report: &Report) -> Markup {
    let promises = report
        .measured
        .routes
        .iter()
        .filter_map(RouteFigures::main_promise);
    let mut budgets: Vec<_> = promises.map(|promise| promise.budget_ms).collect();
    budgets.sort_by(f64::total_cmp);
    budgets.dedup();
    html! {
        section {
            h2 { "As time went by" }
            p {
                "All routes together. Requests count when they were due, not when a user was free for them, so \
                 a target that stood still is seen as late as it was. Shaded: left out, because the \
                 generator did not run. A dot at the foot: requests without a right answer."
            }
            figure { (svg::timeline(&report.measured.timeline, scale(report), &budgets)) }
        }
    }
}

fn latency(report: &Report) -> Markup {
    html! {
        h2 { "Latency by percentile" }
        p {
            "So many of 100 requests took no longer than this, from the moment they were due to the last byte. \
             Both scales are logarithmic: half of each drawing is the slowest 1%."
        }
        div.charts {
            @for route in report.measured.routes.iter().filter(|route| route.requests > 0) {
                figure {
                    figcaption { (route.route) }
                    (svg::latency(route, scale(report)))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Finding, Verdict};
    use crate::report::tests::golden;

    #[test]
    fn markup_in_names_and_messages_stays_text() {
        let evil = "<script>alert('&\"')</script><img src=x onerror=y>";
        let mut report = golden();
        report.evidence.command = evil.to_owned();
        report.evidence.started = evil.to_owned();
        report.evidence.plan.target = evil.to_owned();
        report.evidence.plan.profile = evil.to_owned();
        report.budgets.text = evil.to_owned();
        let route = &mut report.measured.routes[0];
        route.route = evil.to_owned();
        route.messages.insert(evil.to_owned(), 1);
        route.phases_ms.insert(evil.to_owned(), 1.0);
        report.measured.queries[0].query = evil.to_owned();
        report.measured.generator.doubts = vec![evil.to_owned()];
        report.judgement.findings = vec![Finding::new(Verdict::Fail, evil, evil, evil)];
        let page = super::render(&report);
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(page.matches("&lt;script&gt;").count() > 10);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let page = super::render(&golden());
        for word in [
            "http:", "https:", "url(", "@import", "<link", "<script", " src=",
        ] {
            let target = page.replace("http://127.0.0.1", "");
            assert!(!target.contains(word), "{word}");
        }
    }
}
