//! What a step says about its answer: what it must be, and what is taken from it.

use super::check::{Check, Origin};
use super::compile::whole;
use super::error::{Outcome, fault};
use super::file::{Check as Section, Named, Text};
use super::node::{Node, Placed};
use super::pointer::Pointer;
use super::steps::{json, scalar, template};
use super::template::{Scope, Template};
use reqwest::StatusCode;
use reqwest::header::HeaderName;
use toml::Spanned;

/// What `capture` writes in front of the name of a header.
const OF_A_HEADER: &str = "header:";
/// No answer that is larger is read.
const MOST_BYTES: i64 = 1 << 40;

pub(super) fn check(given: &Section, scope: &Scope<'_>) -> Outcome<Check> {
    let mut wanted = Vec::new();
    for (place, value) in &given.json {
        let pointer = pointer(place.get_ref(), place)?;
        if pointer.is_open() {
            return fault(
                &place.span(),
                "a check names one place: `*` is for `capture`",
            );
        }
        let expected = json(value, scope)?;
        if expected.is_drawn() {
            return fault(&value.span(), DRAWN);
        }
        wanted.push((pointer, expected));
    }
    let most = given.max_bytes.as_ref();
    let most = most
        .map(|most| whole(most, 0, MOST_BYTES, "`max_bytes`"))
        .transpose()?;
    let check = Check {
        statuses: statuses(given.status.as_ref())?,
        json: wanted,
        headers: headers(&given.header, scope)?,
        contains: contains(given.body_contains.as_ref(), scope)?,
        max_bytes: most.and_then(|most| usize::try_from(most).ok()),
    };
    Ok(check)
}

const DRAWN: &str =
    "what is drawn anew cannot be expected: `set` it in this step, send it, and name it here";

fn headers(given: &Named<Text>, scope: &Scope<'_>) -> Outcome<Vec<(String, Template)>> {
    let header = |(name, text): (&Text, &Text)| {
        let wanted = template(text, scope)?;
        if wanted.is_drawn() {
            return fault(&text.span(), DRAWN);
        }
        Ok((header_name(name)?, wanted))
    };
    given.iter().map(header).collect()
}

fn contains(given: Option<&Placed>, scope: &Scope<'_>) -> Outcome<Vec<Template>> {
    let texts = match given.map(Spanned::get_ref) {
        Some(Node::List(list)) => list.iter().collect(),
        _ => given.into_iter().collect::<Vec<_>>(),
    };
    let text = |value: &Placed| {
        let wanted = scalar(value, scope)?;
        if wanted.is_drawn() {
            return fault(&value.span(), DRAWN);
        }
        Ok(wanted)
    };
    texts.into_iter().map(text).collect()
}

/// One status or several; none are those from 200 to 299.
fn statuses(given: Option<&Placed>) -> Outcome<Vec<StatusCode>> {
    let given = match given.map(Spanned::get_ref) {
        Some(Node::List(list)) => list.iter().collect(),
        _ => given.into_iter().collect::<Vec<_>>(),
    };
    let status = |value: &Placed| {
        let number = match value.get_ref() {
            Node::Fixed(number) => number.as_u64(),
            _ => None,
        };
        let status = number.and_then(|number| u16::try_from(number).ok());
        let status = status.filter(|number| (200..600).contains(number));
        let status = status.and_then(|number| StatusCode::from_u16(number).ok());
        let wrong = "a status is a number from 200 to 599, or a list of them";
        status.map_or_else(|| fault(&value.span(), wrong), Ok)
    };
    given.into_iter().map(status).collect()
}

/// Where a value is taken from: `/data/id`, or `header:etag`.
pub(super) fn origin(from: &Text) -> Outcome<Origin> {
    match from.get_ref().strip_prefix(OF_A_HEADER) {
        Some(name) => {
            let name = Text::new(from.span(), name.trim().to_owned());
            header_name(&name).map(Origin::Header)
        }
        None => pointer(from.get_ref(), from).map(Origin::Body),
    }
}

fn pointer(text: &str, place: &Text) -> Outcome<Pointer> {
    Pointer::parse(text).or_else(|why| fault(&place.span(), why))
}

/// A header's name in small letters.
pub(super) fn header_name(name: &Text) -> Outcome<String> {
    let read = name.get_ref().parse::<HeaderName>();
    let wrong = |_error| {
        fault(
            &name.span(),
            format!("{:?} is no header's name", name.get_ref()),
        )
    };
    read.map(|name| name.as_str().to_owned()).or_else(wrong)
}
