//! The frame of every page of its own: one file, without scripts, fonts or images from elsewhere.

use super::html::STYLE;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page of the harness with this title and body.
#[must_use]
pub fn page(title: &str, body: &Markup) -> String {
    frame(title, STYLE, body)
}

/// A page with this title, style sheet and body.
#[must_use]
pub fn frame(title: &str, style: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    };
    page.into_string() + "\n"
}

/// What was asked for, by name.
#[must_use]
pub fn settings(rows: &[(&str, String)]) -> Markup {
    html! {
        h2 { "Settings" }
        table.settings {
            @for (name, value) in rows { tr { td { (name) } td { (value) } } }
        }
    }
}
