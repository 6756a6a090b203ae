//! The page about all statuses and errors: `api errors` prints it, and `docs/errors.md` is compared with it.

use std::fmt::Write;

use super::{ErrorCode, Example};

/// What makes the data that the lines for a shell are about.
pub const SEED_COMMAND: &str = "api seed --users 10 --posts-per-user 2 --seed 42";

/// A status that is no error.
#[derive(Clone, Copy, Debug)]
pub struct Success {
    /// The status.
    pub status: u16,
    /// What it says.
    pub meaning: &'static str,
    /// A line for a shell that is answered with it.
    pub line: &'static str,
}

/// Every status of the contract that is no error.
pub const SUCCESSES: &[Success] = &[
    Success {
        status: 200,
        meaning: "Here is what was asked for, or what the change made of it",
        line: "curl -sSi 'http://127.0.0.1:8080/api/v1/users?page=1&limit=20&sort=-created_at&role=admin'",
    },
    Success {
        status: 201,
        meaning: "It was made; `Location` says where it is",
        line: r#"curl -sSi http://127.0.0.1:8080/api/v1/users --json '{"name": "Ada Lovelace", "email": "ada@example.com"}'"#,
    },
    Success {
        status: 204,
        meaning: "It was done, and there is nothing to show",
        line: "curl -sSi -X DELETE http://127.0.0.1:8080/api/v1/users/10",
    },
    Success {
        status: 304,
        meaning: "What you have is still so; no body",
        line: r#"curl -sSi http://127.0.0.1:8080/api/v1/users/1 -H "If-None-Match: $(curl -sS -o /dev/null -w '%header{etag}' http://127.0.0.1:8080/api/v1/users/1)""#,
    },
    Success {
        status: 308,
        meaning: "The same without slashes too many: `Location` says where",
        line: "curl -sSi http://127.0.0.1:8080/api/v1/users/",
    },
];

const INTRODUCTION: &str = "\
# Statuses and errors

Every status that the service answers with, and every code of its errors. What is no HTTP at all is refused before the service sees it, without
a body: 400 (bytes above ASCII in an address, which are to be percent-encoded, a missing `Host`), and 431 where an address or the headers are beyond
what the parser takes. This page is printed by `api errors` from the declarations in
`api/src/error/`; a test compares it, and another runs every line below, as it stands, on both databases. The service shows the same under
`/errors` and `/errors/{code}`, for browsers and for programs.

An error has one shape: `error.code` for programs, `error.message` for people, `error.details` where a field is to blame,
`error.retryable` for whether the same request may succeed if it is sent again, and in `meta` the ids under which the log knows it.
Programs look at the code. Its status never changes, its message may.

The lines need curl 7.84 or newer, and a service on a fresh database with known data. In a checkout, `api` is `cargo run --release -p api --`.
";

/// The page as Markdown.
#[must_use]
pub fn markdown() -> String {
    // Writing into a string cannot fail.
    let mut page = INTRODUCTION.to_owned();
    let _ = write!(
        page,
        "\n```sh\n{SEED_COMMAND}\napi serve\n```\n\n\
         Some of them write: sent a second time, those find the user made or gone already.\n\n\
         ## What is no error\n\n| status | what it says | see it |\n|---|---|---|\n"
    );
    for success in SUCCESSES {
        let line = cell(success.line);
        let _ = writeln!(
            page,
            "| {} | {} | `{line}` |",
            success.status, success.meaning
        );
    }
    page.push_str(
        "\n## Errors\n\n| code | status | retryable | when it happens, *and what to do* | see it |\n|---|---|---|---|---|\n",
    );
    for code in ErrorCode::ALL {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} *{}* | {} |",
            code.as_str(),
            code.status(),
            if code.retryable() { "yes" } else { "no" },
            text(code.cause()),
            text(code.remedy()),
            example(code.example())
        );
    }
    page
}

fn example(example: Example) -> String {
    match example {
        Example::Line(line) => format!("`{}`", cell(line)),
        Example::Provoked { how, test } => format!("{how} [`{test}`](../{test})"),
    }
}

/// Inside a table a bar ends the cell, in code too.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Sentences, in which these characters are meant as they stand.
fn text(text: &str) -> String {
    cell(text).replace('*', "\\*").replace('_', "\\_")
}
