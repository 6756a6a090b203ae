//! The pages for people.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use crate::{
    controllers::html::document,
    error::{ErrorCode, Example, SEED_COMMAND},
};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#57606a;--line:#d8dee4;--soft:#f6f8fa;--link:#0550ae;--bad:#b42318;--good:#1a7f37}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--quiet:#8d96a0;--line:#30363d;--soft:#161b22;--link:#79c0ff;--bad:#ff7b72;--good:#56d364}}
body{font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:46rem;margin:0 auto;padding:2rem 1.2rem 4rem}
body.wide{max-width:64rem}
a{color:var(--link)}h1{font-size:1.6rem;line-height:1.25;margin:1.2rem 0 .4rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.8rem 0 .3rem}p{margin:.3rem 0}
code{font:.9em/1.5 ui-monospace,monospace}pre{font:14px/1.5 ui-monospace,monospace;background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.8rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:.9rem}.lead{font-size:1.15rem}.tags{display:flex;flex-wrap:wrap;gap:.5rem;margin:.8rem 0}
.tag{border:1px solid var(--line);border-radius:1rem;padding:.05rem .7rem;font-size:.85rem;white-space:nowrap}.tag.no{color:var(--bad)}.tag.yes{color:var(--good)}
nav.ends{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.5rem 1.5rem;border-top:1px solid var(--line);margin-top:2.5rem;padding-top:.8rem;font-size:.9rem}
dl{margin:.5rem 0}dl>div{display:grid;grid-template-columns:17rem 1fr;gap:0 1rem;padding:.35rem 0;border-top:1px solid var(--line)}dd{margin:0}
@media(max-width:40rem){dl>div{grid-template-columns:1fr}}
";

/// The page of one code.
pub(super) fn one(code: ErrorCode) -> Markup {
    let content = html! {
        nav class="quiet" { a href="/errors" { "All errors" } }
        h1 { code { (code.as_str()) } }
        p class="lead" { (code.message()) }
        p class="tags" {
            span class="tag" { "HTTP " (status(code.status())) }
            @if code.retryable() { span class="tag yes" { "retryable: the same request may succeed later" } }
            @else { span class="tag no" { "not retryable: the same request will fail again" } }
        }
        h2 { "When it happens" }
        p { (code.cause()) }
        h2 { "What to do" }
        p { (code.remedy()) }
        h2 { "See it happen" }
        (example(code.example()))
        (neighbours(code))
    };
    document(code.as_str(), STYLE, &html! { body { (content) } })
}

/// The page of all codes, by their status.
pub(super) fn index() -> Markup {
    let content = html! {
        h1 { "Errors" }
        p {
            "Every error carries one of these codes in " code { "error.code" } ". A program looks at the code: its status never changes, "
            "while a message may be worded more exactly. Where a field is to blame, " code { "error.details" } " names it."
        }
        p class="quiet" { "The same as data: " code { "curl http://127.0.0.1:8080/errors" } }
        @for codes in ErrorCode::ALL.chunk_by(|one, other| one.status() == other.status()) {
            @if let Some(first) = codes.first() { h2 { (status(first.status())) } }
            dl {
                @for code in codes {
                    div {
                        dt { a href={ "/errors/" (code.as_str()) } { code { (code.as_str()) } } }
                        dd { (code.cause()) @if code.retryable() { " " span class="tag yes" { "retryable" } } }
                    }
                }
            }
        }
    };
    document("Errors", STYLE, &html! { body class="wide" { (content) } })
}

fn example(example: Example) -> Markup {
    html! {
        @match example {
            Example::Line(line) => {
                pre { (line) }
                p class="quiet" { "Against a service of your own, on a fresh database that " code { (SEED_COMMAND) } " has filled." }
            }
            Example::Provoked { how, .. } => { p { "No request by itself is enough. " (how) } }
        }
    }
}

/// The codes before and after this one, for who reads them all.
fn neighbours(code: ErrorCode) -> Markup {
    let all = ErrorCode::ALL;
    let at = all
        .iter()
        .position(|other| *other == code)
        .unwrap_or_default();
    let before = at.checked_sub(1).and_then(|before| all.get(before));
    let link = |to: &ErrorCode, rel: &str, arrow: (&str, &str)| {
        html! { a rel=(rel) href={ "/errors/" (to.as_str()) } { (arrow.0) (to.as_str()) (arrow.1) } }
    };
    html! {
        nav class="ends" {
            span { @if let Some(before) = before { (link(before, "prev", ("← ", ""))) } }
            span { @if let Some(after) = all.get(at + 1) { (link(after, "next", ("", " →"))) } }
        }
    }
}

fn status(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default())
}
