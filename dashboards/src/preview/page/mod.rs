//! The page: one file, without scripts, fonts or pictures from elsewhere; it reads well in the dark and on paper. What is red is on top.

mod bars;
mod concerns;
mod header;
mod key;
mod panel;
mod stats;
mod table;

use loadtest::report::frame;
use maud::{Markup, html};

use super::{Shown, ShownBoard, Standing, draw::Context};

const STYLE: &str = concat!(include_str!("style.css"), include_str!("colours.css"));

/// The whole page.
#[must_use]
pub fn render(shown: &Shown) -> String {
    let title = header::verdict(shown);
    let body = html! {
        (header::header(shown, &title))
        (navigation(shown))
        main { @for board in &shown.boards { (section(shown, board)) } }
    };
    frame(&title, STYLE, &body)
}

/// The boards with what is wrong on them.
fn navigation(shown: &Shown) -> Markup {
    html! {
        nav {
            a href="#top" { "Top" }
            @for board in &shown.boards {
                a href=(format!("#{}", board.board.uid)) {
                    (short_title(board.board.title))
                    @for standing in [Standing::Failed, Standing::Red, Standing::Orange, Standing::Empty] {
                        @let count = board.count(standing);
                        @if count > 0 { b class=(standing.class()) title=(standing.word()) { (count) } }
                    }
                }
            }
        }
    }
}

fn section(shown: &Shown, board: &ShownBoard) -> Markup {
    let uid = board.board.uid;
    let context = Context {
        window: &shown.window,
        events: &shown.events,
    };
    let numbers = board.rows.iter().scan(0, |first, row| {
        let own = *first;
        *first += row.len();
        Some(own)
    });
    html! {
        section id=(uid) {
            h2 { (board.board.title) }
            p.question { (board.board.question) }
            @for (row, first) in board.rows.iter().zip(numbers) {
                div.row {
                    @for (number, answered) in row.iter().enumerate() {
                        (panel::panel(shown, uid, &anchor(uid, first + number), answered, context))
                    }
                }
            }
        }
    }
}

/// Where a panel is on the page.
fn anchor(uid: &str, number: usize) -> String {
    format!("{uid}-{}", number + 1)
}

/// `API / 20 Queries` without what all boards share.
fn short_title(title: &str) -> &str {
    title.strip_prefix("API / ").unwrap_or(title)
}
