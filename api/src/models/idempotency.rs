//! Requests that are done once, however often they come: their keys, and the answers that are kept for them.

use diesel::{Insertable, Queryable, Selectable, pg::Pg, sqlite::Sqlite};

use super::Timestamp;
use crate::schema::idempotency_keys;

/// SHA-256 of a request's body: what tells one request from another with the same key.
pub type Fingerprint = [u8; 32];

/// Names a request among all that are done once: what it is sent to, and what its client calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Most characters of the part that the client chooses.
    pub const MAX: usize = 255;

    /// The request to `target`, a method with its concrete path, that its client calls `name`: 1 to 255 visible ASCII characters.
    #[must_use]
    pub fn parse(target: &str, name: &[u8]) -> Option<Self> {
        let name = str::from_utf8(name).ok()?;
        let valid = (1..=Self::MAX).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_graphic());
        // A name has no space, so no two pairs make the same key.
        valid.then(|| Self(format!("{target} {name}")))
    }

    /// The text in the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request that is done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// What it is called.
    pub key: IdempotencyKey,
    /// Of its body.
    pub fingerprint: Fingerprint,
}

/// An answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Its status.
    pub status: i32,
    /// Its headers, in a form that only its front door knows.
    pub headers: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// A row of `idempotency_keys` to be inserted.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = idempotency_keys, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct NewIdempotencyKey {
    key: String,
    fingerprint: Vec<u8>,
    status: Option<i32>,
    headers: Option<String>,
    body: Option<Vec<u8>>,
    created_at: Timestamp,
}

impl NewIdempotencyKey {
    /// The key of `request`, and the answer if there is one already.
    #[must_use]
    pub fn new(request: &KeyedRequest, answer: Option<StoredAnswer>, now: Timestamp) -> Self {
        let (status, headers, body) = match answer {
            Some(answer) => (Some(answer.status), Some(answer.headers), Some(answer.body)),
            None => (None, None, None),
        };
        Self {
            key: request.key.as_str().to_owned(),
            fingerprint: request.fingerprint.to_vec(),
            status,
            headers,
            body,
            created_at: now,
        }
    }
}

/// What a key that is taken stands for.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, check_for_backend(Pg, Sqlite))]
pub struct TakenKey {
    fingerprint: Vec<u8>,
    status: Option<i32>,
    headers: Option<String>,
    body: Option<Vec<u8>>,
}

impl TakenKey {
    /// Whether it was taken by the same request.
    #[must_use]
    pub fn is_of(&self, request: &KeyedRequest) -> bool {
        self.fingerprint == request.fingerprint
    }

    /// The answer, if there is one already.
    #[must_use]
    pub fn into_answer(self) -> Option<StoredAnswer> {
        Some(StoredAnswer {
            status: self.status?,
            headers: self.headers?,
            body: self.body?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "POST /api/v1/users";

    #[test]
    fn a_name_is_1_to_255_visible_ascii_characters() {
        for name in ["k", "~!#;,=\"\\", &"k".repeat(255)] {
            assert!(IdempotencyKey::parse(TARGET, name.as_bytes()).is_some());
        }
        for name in ["", " ", "a b", "a\tb", "a\x7f", "é", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(TARGET, name.as_bytes()), None);
        }
        assert_eq!(IdempotencyKey::parse(TARGET, b"\xff"), None);
    }

    #[test]
    fn the_same_name_is_another_key_elsewhere() {
        let key = |target| IdempotencyKey::parse(target, b"k");
        assert_eq!(key(TARGET), key(TARGET));
        assert_ne!(key(TARGET), key("POST /api/v1/posts"));
    }
}
