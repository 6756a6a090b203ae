//! `report.html`: one file, without scripts, fonts or images from elsewhere; it reads well on
//! paper and in the dark.

use super::Report;
use super::svg;
use super::text;
use crate::measurements::RouteFigures;
use crate::wording::{count, mebibytes, per_second, percent, ratio_or_dash, time, time_or_dash};
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// The phases, from the first to the last of a request's life.
const PHASES: [(&str, &str); 6] = [
    ("pool_wait", "waiting for a connection"),
    ("blocking_queue", "waiting for a thread"),
    ("db", "in the database"),
    ("cache_load", "loading the cache"),
    ("serialize", "writing the answer"),
    ("handler", "everything else"),
];

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    let verdict = report.verdict;
    let body: String = [
        header(report),
        key_figures(report),
        routes(report),
        charts(report),
        phases(report),
        queries(report),
        settings(report),
    ]
    .concat();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{verdict}: load test of {}</title><style>{STYLE}</style></head>\
         <body>{body}</body></html>\n",
        escape(&report.started)
    )
}

fn header(report: &Report) -> String {
    let verdict = report.verdict;
    let sentence = match report.reasons.len() {
        0 => "Every budget was kept.".to_owned(),
        1 => "One thing stands against a pass.".to_owned(),
        number => format!("{number} things stand against a pass."),
    };
    let mut html = format!(
        "<header class=\"{verdict}\"><h1>{verdict}</h1><p>{sentence}</p>\
         <small>{} · profile {} · {} users at a time · {:.1} s measured after {} s of warm-up</small></header>",
        escape(&report.started),
        escape(&report.settings.profile),
        report.settings.users,
        report.measured.seconds,
        report.settings.warmup_seconds,
    );
    if !report.reasons.is_empty() {
        html.push_str("<ul class=\"reasons\">");
        for reason in &report.reasons {
            let (verdict, reason) = (reason.verdict, escape(&reason.to_string()));
            let _ = write!(html, "<li class=\"{verdict}\"><span>{reason}</span></li>");
        }
        html.push_str("</ul>");
    }
    html
}

fn key_figures(report: &Report) -> String {
    let measured = &report.measured;
    let slowest = measured.routes.iter().filter_map(|route| route.p99_ms);
    let (hits, gets) = measured.caches.iter().fold((0, 0), |(hits, gets), cache| {
        (hits + cache.hits, gets + cache.gets())
    });
    let requests = measured.requests();
    let mut figures = vec![
        ("requests", count(requests)),
        (
            "rate",
            per_second(crate::numbers::rate(requests, measured.seconds)),
        ),
        ("errors", count(measured.errors())),
        ("slowest p99", time_or_dash(slowest.reduce(f64::max))),
        ("cache hits", percent(crate::numbers::ratio(hits, gets))),
    ];
    if let Some(server) = &measured.server {
        figures.extend(
            server
                .memory_bytes
                .map(|bytes| ("memory", mebibytes(bytes))),
        );
        figures.extend(
            server
                .cpu_cores
                .map(|cores| ("processor", format!("{cores:.2} cores"))),
        );
    }
    let figure =
        |(name, figure): &(&str, String)| format!("<div><dt>{name}</dt><dd>{figure}</dd></div>");
    format!(
        "<dl class=\"key\">{}</dl>",
        figures.iter().map(figure).collect::<String>()
    )
}

fn routes(report: &Report) -> String {
    let mut html = String::from(
        "<h2>Routes</h2><p>Times to the last byte by the client's clock; a failed request is over \
         budget, however fast it failed. The server's p99 is estimated from its histogram.</p>\
         <div class=\"wide\"><table><tr><th>route<th>requests<th>rate<th class=\"client\">p50\
         <th class=\"client\">p95<th class=\"client\">p99<th class=\"client\">max\
         <th class=\"server\">server p99<th>budget<th>within<th>errors<th>verdict</tr>",
    );
    for route in &report.measured.routes {
        let _ = write!(html, "<tr><td>{}", escape(&route.route));
        cell(&mut html, "", &count(route.requests));
        cell(&mut html, "", &per_second(route.rate));
        for ms in [route.p50_ms, route.p95_ms, route.p99_ms, route.max_ms] {
            cell(&mut html, "client", &time_or_dash(ms));
        }
        cell(&mut html, "server", &time_or_dash(route.server_p99_ms));
        cell(&mut html, "", &time(route.budget_ms));
        cell(&mut html, "", &percent(route.share_within()));
        cell(&mut html, "", &count(route.errors));
        let verdict = report.verdict_of(&route.route).to_string();
        cell(&mut html, &verdict, &verdict);
    }
    html.push_str("</table></div>");
    html + &errors(&report.measured.routes)
}

fn errors(routes: &[RouteFigures]) -> String {
    let mut rows = String::new();
    for route in routes {
        for (message, times) in &route.messages {
            let (name, message) = (escape(&route.route), escape(message));
            let _ = write!(rows, "<tr><td>{name}<td>{message}<td>{}", count(*times));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<h2>Errors</h2><div class=\"wide\"><table><tr><th>route<th>what went wrong<th>times</tr>\
         {rows}</table></div>"
    )
}

fn charts(report: &Report) -> String {
    let chart = |route: &RouteFigures| {
        let (name, drawing) = (escape(&route.route), svg::latency(route));
        format!("<figure><figcaption>{name}</figcaption>{drawing}</figure>")
    };
    let charts: String = report.measured.routes.iter().map(chart).collect();
    format!(
        "<h2>Latency by percentile</h2><p>So many of 100 requests took no longer than this, by the \
         client's clock. Both scales are logarithmic: half of each drawing is the slowest 1%.</p>\
         <div class=\"charts\">{charts}</div>"
    )
}

fn phases(report: &Report) -> String {
    let routes = report.measured.routes.iter();
    let longest = routes.map(phases_total).fold(0.0, f64::max);
    if longest <= 0.0 {
        return String::new();
    }
    let mut html = String::from(
        "<h2>Where the time went</h2><p>The average request of every route, by the server's \
         clock; beside each phase, its share of the time of all requests.</p><div class=\"legend\">",
    );
    for (phase, about) in PHASES {
        let mut phases = report.measured.phases.iter();
        let share = phases.find(|figures| figures.phase == phase);
        let share = percent(share.map_or(0.0, |figures| figures.share));
        let _ = write!(
            html,
            "<span><i style=\"background:var(--{phase})\"></i>{about} <code>{phase}</code> {share}</span>"
        );
    }
    html.push_str("</div><div class=\"bars\">");
    for route in &report.measured.routes {
        bar(&mut html, route, longest);
    }
    html.push_str("</div>");
    html
}

fn phases_total(route: &RouteFigures) -> f64 {
    route.phases_ms.values().sum()
}

fn bar(html: &mut String, route: &RouteFigures, longest: f64) {
    let name = escape(&route.route);
    let _ = write!(html, "<code>{name}</code><div class=\"bar\">");
    for (phase, _) in PHASES {
        let ms = route.phases_ms.get(phase).copied().unwrap_or(0.0);
        let (width, label) = (100.0 * ms / longest, time(ms));
        let _ = write!(
            html,
            "<i style=\"width:{width:.2}%;background:var(--{phase})\" title=\"{phase} {label}\"></i>"
        );
    }
    let _ = write!(html, "</div><span>{}</span>", time(phases_total(route)));
}

fn queries(report: &Report) -> String {
    let mut html = String::from(
        "<h2>Queries</h2><p>Every named statement, by the server's clock. Calls per request below \
         1: a cache answered the others.</p><div class=\"wide\"><table><tr><th>query<th>calls\
         <th>per request<th class=\"server\">p99<th>budget<th>over budget<th>within<th>verdict</tr>",
    );
    for query in &report.measured.queries {
        let _ = write!(html, "<tr><td>{}", escape(&query.query));
        cell(&mut html, "", &count(query.calls));
        cell(&mut html, "", &ratio_or_dash(query.per_request));
        cell(&mut html, "server", &time_or_dash(query.p99_ms));
        cell(&mut html, "", &time(query.budget_ms));
        cell(&mut html, "", &count(query.over_budget));
        cell(&mut html, "", &percent(query.share_within()));
        let verdict = report.verdict_of(&query.query).to_string();
        cell(&mut html, &verdict, &verdict);
    }
    html.push_str("</table></div>");
    html
}

fn settings(report: &Report) -> String {
    let shown = &report.settings;
    let mut rows = vec![
        ("command", report.command.clone()),
        ("target", shown.target.clone()),
        ("seed", shown.seed.to_string()),
        ("last line", text::verdict(report).trim_end().to_owned()),
    ];
    if let Some(server) = &report.measured.server {
        let list = |labels: &BTreeMap<String, String>| {
            let pairs = labels.iter().map(|(name, value)| format!("{name} {value}"));
            pairs.collect::<Vec<_>>().join(" · ")
        };
        rows.push(("build", list(&server.build)));
        rows.push(("configuration", list(&server.config)));
    }
    let row = |(name, value): &(&str, String)| format!("<tr><td>{name}<td>{}</tr>", escape(value));
    format!(
        "<h2>Settings</h2><table class=\"settings\">{}</table>\
         <details><summary>Budgets in force</summary><pre>{}</pre></details>",
        rows.iter().map(row).collect::<String>(),
        escape(&report.budgets)
    )
}

fn cell(html: &mut String, class: &str, text: &str) {
    let _ = write!(html, "<td class=\"{class}\">{}", escape(text));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_in_a_message_stays_text() {
        assert_eq!(
            escape("<b a=\"1\">&</b>"),
            "&lt;b a=&quot;1&quot;&gt;&amp;&lt;/b&gt;"
        );
    }
}
