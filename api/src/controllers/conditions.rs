//! Conditional requests (RFC 9110, section 13): what a client knows of a resource, and what follows from it.
//!
//! An `ETag` names one state of one resource in one form: `"post-42-7-json1"` is version 7 of post 42 as JSON. A content-coding adds its name:
//! `"post-42-7-json1+gzip"`. What shows less than the whole resource, or others with it, is named by its bytes too: `"post-42-7-json1;Uz0r…"`. Reads compare the whole tag. To writes it says which version the client knows, and the form is no matter: who has
//! read XML may write JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::{self, HeaderMap, HeaderName, HttpDate};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{representations, single::Resource};
use crate::models::{Precondition, Timestamp};

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

/// What a client may hold what it has against.
#[derive(Clone, Copy, Debug)]
pub struct Validators<'a> {
    /// What stands between the quotes of the `ETag`.
    pub tag: &'a str,
    /// Whether the tag is weak: equal tags mean the same, not the same bytes.
    pub weak: bool,
    /// When it was last changed, where that is known.
    pub updated_at: Option<Timestamp>,
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

/// What a list of tags names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'a> {
    /// `*`: any state.
    Any,
    /// The states with these tags.
    Tags(Vec<Tag<'a>>),
}

/// An entity tag: whether it is weak, and what stands between its quotes.
type Tag<'a> = (bool, &'a [u8]);

impl<'a> Named<'a> {
    /// What this header names, if it is there.
    fn in_header(headers: &'a HeaderMap, name: &HeaderName) -> Option<Self> {
        let mut named = None;
        for value in headers.get_all(name) {
            if value.as_bytes().trim_ascii() == b"*" {
                return Some(Self::Any);
            }
            let known: &mut Vec<_> = named.get_or_insert_default();
            known.extend(tags(value.as_bytes()));
        }
        named.map(Self::Tags)
    }

    /// Strong comparison (RFC 9110, section 8.8.3.2): weak tags are never equal. A coding that was added on the way is no difference.
    fn has(&self, tag: &str) -> bool {
        let plain = |tag: &'a [u8]| tag.split(|byte| *byte == b'+').next();
        let tag = tag.split('+').next().map(str::as_bytes);
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags
                .iter()
                .any(|(weak, known)| !weak && plain(known) == tag),
        }
    }

    /// Weak comparison: whether a tag is weak is no difference.
    fn has_weakly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|(_, known)| *known == tag.as_bytes()),
        }
    }
}

/// The conditions of a request on one resource. What is malformed names nothing, and a date that is none is not there.
#[derive(Clone, Debug)]
pub struct Conditions<'a> {
    matches: Option<Named<'a>>,
    unmodified_since: Option<i64>,
    none_matches: Option<Named<'a>>,
    modified_since: Option<i64>,
}

impl<'a> Conditions<'a> {
    /// The conditions of a request with these headers.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        Self {
            matches: Named::in_header(headers, &header::IF_MATCH),
            unmodified_since: date(headers, &header::IF_UNMODIFIED_SINCE),
            none_matches: Named::in_header(headers, &header::IF_NONE_MATCH),
            modified_since: date(headers, &header::IF_MODIFIED_SINCE),
        }
    }

    /// The order of RFC 9110, section 13.2.2, for GET and HEAD. A date says nothing of what has no time.
    #[must_use]
    pub fn of_a_read(&self, current: &Validators<'_>) -> Verdict {
        let updated_at = current.updated_at.map(seconds);
        let expected = match (&self.matches, self.unmodified_since) {
            (Some(Named::Any), _) | (None, None) => true,
            (Some(named), _) => !current.weak && named.has(current.tag),
            (None, Some(since)) => updated_at.is_none_or(|time| time <= since),
        };
        let known = match (&self.none_matches, self.modified_since) {
            (Some(named), _) => named.has_weakly(current.tag),
            (None, Some(since)) => updated_at.is_some_and(|time| time <= since),
            (None, None) => false,
        };
        match (expected, known) {
            (false, _) => Verdict::Failed,
            (true, true) => Verdict::NotModified,
            (true, false) => Verdict::Proceed,
        }
    }

    /// The same for a write on the resource with this number. It is the statement of the write that checks it.
    #[must_use]
    pub fn of_a_write<R: Resource>(&self, id: i64) -> Precondition {
        let versions = |tags: &[Tag<'_>], weakly: bool| -> Vec<i32> {
            let tags = tags.iter().filter(|(weak, _)| weakly || !weak);
            tags.filter_map(|(_, tag)| version::<R>(tag, id)).collect()
        };
        let (known, changed_before) = match (&self.matches, self.unmodified_since) {
            (Some(Named::Any), _) | (None, None) => (None, None),
            (Some(Named::Tags(tags)), _) => (Some(versions(tags, false)), None),
            (None, Some(since)) => (None, Some(second_after(since))),
        };
        match &self.none_matches {
            None => Precondition {
                versions: known,
                other_versions: None,
                changed_before,
            },
            // Only what does not exist is in no state at all.
            Some(Named::Any) => Precondition {
                versions: Some(Vec::new()),
                ..Precondition::default()
            },
            Some(Named::Tags(tags)) => Precondition {
                versions: known,
                other_versions: Some(versions(tags, true)),
                changed_before,
            },
        }
    }
}

/// When the second that the date names is over.
fn second_after(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_add(1).saturating_mul(1_000_000))
}

/// The strong tag of a state in this form.
#[must_use]
pub fn etag<R: Resource>(state: &State, form: &str) -> String {
    format!("\"{}-{}-{}-{form}\"", R::KIND, state.id, state.version)
}

/// Names bytes: 128 bits of their SHA-256, so that two that differ are not to be expected under one name.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    let (name, _) = digest.split_at(16);
    URL_SAFE_NO_PAD.encode(name)
}

/// The version of the resource with this number that a tag of ours names.
fn version<R: Resource>(tag: &[u8], id: i64) -> Option<i32> {
    let tag = std::str::from_utf8(tag).ok()?;
    let rest = tag.strip_prefix(R::KIND)?.strip_prefix('-')?;
    let (number, rest) = rest.split_once('-')?;
    let (version, form) = rest.split_once('-')?;
    let form = form.split(['+', ';']).next()?;
    let is_ours = representations::ALL.iter().any(|ours| ours.name == form);
    let parsed: i32 = version.parse().ok()?;
    let canonical = number == id.to_string() && version == parsed.to_string();
    (is_ours && canonical).then_some(parsed)
}

/// A time as HTTP writes it, which knows no parts of seconds.
#[must_use]
pub fn http_date(time: Timestamp) -> String {
    let since = Duration::from_secs(u64::try_from(seconds(time)).unwrap_or_default());
    HttpDate::from(UNIX_EPOCH + since).to_string()
}

/// Whether the second of that time is over.
#[must_use]
pub fn is_over(time: Timestamp, now: Timestamp) -> bool {
    seconds(now) > seconds(time)
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
