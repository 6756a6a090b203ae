//! Conditional requests (RFC 9110, section 13): what a client knows of a resource, and what follows from it.
//!
//! An `ETag` names one state of one resource in one form: `"post-42-7-json1"` is version 7 of post 42 as JSON; the number behind the form is
//! counted up when the same row is to be shown in other bytes. A content-coding adds its name: `"post-42-7-json1+gzip"`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName, HttpDate},
};

use super::single::Resource;
use crate::models::{Precondition, Timestamp};

/// The media type, and which edition of it.
const FORM: &str = "json1";

/// Which resource, in which state.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// Its number.
    pub id: i64,
    /// Its version.
    pub version: i32,
    /// When it came into this state.
    pub updated_at: Timestamp,
}

/// What is to be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What it asks for.
    Proceed,
    /// The client has this state already: 304.
    NotModified,
    /// The resource is in another state than the client expects: 412.
    Failed,
}

/// The versions that a list of tags names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// `*`: any.
    Any,
    /// These, of this resource.
    Versions(Vec<i32>),
}

impl Named {
    fn has(&self, version: i32) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// The conditions of a request on one resource. What is malformed names nothing, and a date that is none is not there.
#[derive(Clone, Debug)]
pub struct Conditions {
    matches: Option<Named>,
    unmodified_since: Option<i64>,
    none_matches: Option<Named>,
    modified_since: Option<i64>,
}

/// How tags are compared (RFC 9110, section 8.8.3.2).
#[derive(Clone, Copy)]
enum Comparison {
    /// Weak tags are never equal. A coding that was added on the way is no difference.
    Strong,
    /// Whether a tag is weak is no difference.
    Weak,
}

impl Conditions {
    /// The conditions of `request` on the resource with this number.
    #[must_use]
    pub fn of<R: Resource>(request: &HttpRequest, id: i64) -> Self {
        let headers = request.headers();
        let named =
            |name, comparison| named(headers, name, &format!("{}-{id}-", R::KIND), comparison);
        let has = |name: &HeaderName| headers.contains_key(name);
        Self {
            matches: has(&header::IF_MATCH).then(|| named(header::IF_MATCH, Comparison::Strong)),
            unmodified_since: date(headers, &header::IF_UNMODIFIED_SINCE),
            none_matches: has(&header::IF_NONE_MATCH)
                .then(|| named(header::IF_NONE_MATCH, Comparison::Weak)),
            modified_since: date(headers, &header::IF_MODIFIED_SINCE),
        }
    }

    /// The order of RFC 9110, section 13.2.2, for GET and HEAD.
    #[must_use]
    pub fn of_a_read(&self, state: &State) -> Verdict {
        let seconds = seconds(state.updated_at);
        let expected = match (&self.matches, self.unmodified_since) {
            (Some(named), _) => named.has(state.version),
            (None, Some(since)) => seconds <= since,
            (None, None) => true,
        };
        let known = match (&self.none_matches, self.modified_since) {
            (Some(named), _) => named.has(state.version),
            (None, Some(since)) => seconds <= since,
            (None, None) => false,
        };
        match (expected, known) {
            (false, _) => Verdict::Failed,
            (true, true) => Verdict::NotModified,
            (true, false) => Verdict::Proceed,
        }
    }
}

impl Conditions {
    /// The same for a write. It is the statement of the write that checks it.
    #[must_use]
    pub fn of_a_write(&self) -> Precondition {
        let (versions, changed_before) = match (&self.matches, self.unmodified_since) {
            (Some(Named::Any), _) | (None, None) => (None, None),
            (Some(Named::Versions(versions)), _) => (Some(versions.clone()), None),
            (None, Some(since)) => (None, Some(second_after(since))),
        };
        match &self.none_matches {
            None => Precondition {
                versions,
                other_versions: None,
                changed_before,
            },
            // Only what does not exist is in no state at all.
            Some(Named::Any) => Precondition {
                versions: Some(Vec::new()),
                ..Precondition::default()
            },
            Some(Named::Versions(known)) => Precondition {
                versions,
                other_versions: Some(known.clone()),
                changed_before,
            },
        }
    }
}

/// When the second that the date names is over.
fn second_after(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_add(1).saturating_mul(1_000_000))
}

/// The strong tag of a state.
#[must_use]
pub fn etag<R: Resource>(state: &State) -> String {
    format!("\"{}-{}-{}-{FORM}\"", R::KIND, state.id, state.version)
}

/// A time as HTTP writes it, which knows no parts of seconds.
#[must_use]
pub fn http_date(time: Timestamp) -> String {
    let since = Duration::from_secs(u64::try_from(seconds(time)).unwrap_or_default());
    HttpDate::from(UNIX_EPOCH + since).to_string()
}

fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

/// The one date in this header, in seconds since 1970.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let mut values = headers.get_all(name);
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let date: HttpDate = value.to_str().ok()?.parse().ok()?;
    let since = SystemTime::from(date).duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

fn named(headers: &HeaderMap, name: HeaderName, prefix: &str, comparison: Comparison) -> Named {
    let mut versions = Vec::new();
    for value in headers.get_all(name) {
        if value.as_bytes().trim_ascii() == b"*" {
            return Named::Any;
        }
        let tags = tags(value.as_bytes()).into_iter();
        versions.extend(tags.filter_map(|tag| version(tag, prefix, comparison)));
    }
    Named::Versions(versions)
}

/// An entity tag: whether it is weak, and what stands between its quotes.
type Tag<'a> = (bool, &'a [u8]);

/// The tags of a list, up to where it is malformed. Empty entries are none.
fn tags(list: &[u8]) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = entry(list);
    while let Some((tag, behind)) = first_tag(rest) {
        tags.push(tag);
        let behind = behind.trim_ascii_start();
        if !behind.starts_with(b",") {
            break;
        }
        rest = entry(behind);
    }
    tags
}

/// Where the next entry begins.
fn entry(list: &[u8]) -> &[u8] {
    let begins = |byte: &u8| *byte != b',' && !byte.is_ascii_whitespace();
    let at = list.iter().position(begins).unwrap_or(list.len());
    list.get(at..).unwrap_or_default()
}

fn first_tag(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let strong = text.strip_prefix(b"W/");
    let quoted = strong.unwrap_or(text).strip_prefix(b"\"")?;
    let length = quoted.iter().position(|byte| *byte == b'"')?;
    let (opaque, behind) = quoted.split_at_checked(length)?;
    Some(((strong.is_some(), opaque), behind.strip_prefix(b"\"")?))
}

/// The version that a tag names, if it is one of the resource whose tags begin with `prefix`.
fn version((weak, opaque): Tag<'_>, prefix: &str, comparison: Comparison) -> Option<i32> {
    let rest = std::str::from_utf8(opaque).ok()?.strip_prefix(prefix)?;
    let (number, form) = rest.split_once('-')?;
    let form = match comparison {
        Comparison::Strong if weak => return None,
        Comparison::Strong => form.split_once('+').map_or(form, |(form, _)| form),
        Comparison::Weak => form,
    };
    let version: i32 = number.parse().ok()?;
    (form == FORM && version.to_string() == number).then_some(version)
}
