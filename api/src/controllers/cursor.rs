//! Cursors: where a page begins, signed, so that what comes back is what was given out.
//!
//! base64url of a version, the claims as JSON, and their HMAC-SHA256. Clients keep cursors whole; what is in them may change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac, digest::Key};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::models::{KeyValue, Timestamp};

/// Changes with what the claims mean: cursors of another version are refused.
const VERSION: u8 = 1;
/// Bytes of HMAC-SHA256.
const SIGNATURE: usize = 32;

/// Signs cursors, and knows those that it signed.
#[derive(Clone)]
pub struct Cursors(Hmac<Sha256>);

/// What a cursor says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The list that it belongs to; see [`list_id`].
    pub list: String,
    /// Whether the page ends before the row, instead of beginning after it.
    pub back: bool,
    /// The sort keys of the row.
    pub keys: Vec<Claim>,
}

/// The value of a sort key.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are those of KeyValue")]
pub enum Claim {
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "m")]
    Micros(i64),
}

impl From<KeyValue> for Claim {
    fn from(value: KeyValue) -> Self {
        match value {
            KeyValue::Number(number) => Self::Number(number),
            KeyValue::Text(text) => Self::Text(text),
            KeyValue::Time(time) => Self::Micros(time.as_micros()),
        }
    }
}

impl From<Claim> for KeyValue {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Number(number) => Self::Number(number),
            Claim::Text(text) => Self::Text(text),
            Claim::Micros(micros) => Self::Time(Timestamp::from_micros(micros)),
        }
    }
}

impl Cursors {
    /// Signs with this key. Without one with a random key, so that cursors end with the process.
    #[must_use]
    pub fn keyed(secret: &str) -> Self {
        let mut key = Key::<Hmac<Sha256>>::default();
        let bytes: [u8; SIGNATURE] = if secret.is_empty() {
            rand::random()
        } else {
            Sha256::digest(secret).into()
        };
        for (place, byte) in key.iter_mut().zip(bytes) {
            *place = byte;
        }
        Self(Hmac::new(&key))
    }

    /// The cursor that says this.
    #[must_use]
    pub fn seal(&self, claims: &Claims) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(serde_json::to_vec(claims).unwrap_or_default());
        let signature = self.0.clone().chain_update(&bytes).finalize();
        bytes.extend(signature.into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the cursor says, if it was made here.
    #[must_use]
    pub fn open(&self, cursor: &str) -> Option<Claims> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signed, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let expected = self.0.clone().chain_update(signed);
        expected.verify_slice(signature).ok()?;
        let (version, claims) = signed.split_first()?;
        (*version == VERSION).then_some(())?;
        serde_json::from_slice(claims).ok()
    }
}

/// What tells a list from others: its path and what narrows and orders it, in any order of the parameters.
#[must_use]
pub fn list_id<'a>(path: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters: Vec<_> = parameters.collect();
    parameters.sort_unstable();
    let mut query = form_urlencoded::Serializer::new(format!("{path}?"));
    let text = query.extend_pairs(parameters).finish();
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::{Claim, Claims, Cursors, list_id};

    fn claims() -> Claims {
        let keys = vec![
            Claim::Micros(i64::MIN),
            Claim::Text("é\0".to_owned()),
            Claim::Number(i64::MAX),
        ];
        Claims {
            list: list_id("/users", [("role", "admin")].into_iter()),
            back: true,
            keys,
        }
    }

    #[test]
    fn a_cursor_says_what_was_put_in_only_to_those_with_its_key() {
        let cursors = Cursors::keyed("a key");
        let cursor = cursors.seal(&claims());
        assert_eq!(cursors.open(&cursor), Some(claims()));
        assert_eq!(Cursors::keyed("a key").open(&cursor), Some(claims()));
        assert_eq!(Cursors::keyed("another").open(&cursor), None);
        assert_eq!(Cursors::keyed("").open(&cursor), None);
        assert_eq!(
            Cursors::keyed("").open(&Cursors::keyed("").seal(&claims())),
            None
        );
    }

    #[test]
    fn a_cursor_that_was_changed_anywhere_is_not_opened() {
        let cursors = Cursors::keyed("a key");
        let cursor = cursors.seal(&claims());
        for end in 0..cursor.len() {
            assert_eq!(cursors.open(&cursor[..end]), None, "cut at {end}");
        }
        for at in 0..cursor.len() {
            let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
            assert_eq!(cursors.open(&changed), None, "changed at {at}");
        }
        assert_eq!(cursors.open(&format!("{cursor}=")), None);
        assert_eq!(cursors.open(&format!("{cursor}AAAA")), None);
    }

    #[test]
    fn the_order_of_parameters_makes_no_other_list() {
        let list = |parameters: &[(&'static str, &'static str)]| {
            list_id("/users", parameters.iter().copied())
        };
        assert_eq!(
            list(&[("a", "1"), ("b", "2")]),
            list(&[("b", "2"), ("a", "1")])
        );
        assert_ne!(list(&[("a", "1&b=2")]), list(&[("a", "1"), ("b", "2")]));
        assert_ne!(
            list_id("/users", [].into_iter()),
            list_id("/posts", [].into_iter())
        );
    }
}
