//! The HTTP contract as a client holds it: the shapes of the answers, and the checks on them.
//!
//! Written from the documentation and not from the service's types, so that it breaks when the
//! service breaks its word. A check that fails gives a message without ids or texts in it:
//! messages are counted, and the same fault must count as the same message.

mod forms;
mod headers;
mod order;
mod refusals;
mod shapes;
mod whole;

pub(crate) use headers::Field;
pub use headers::Headers;
pub use order::InOrder;
pub use shapes::{
    Entry, Explanation, Index, Links, List, ListMeta, Post, PostWithAuthor, User, UserWithPosts,
};

use bytes::Bytes;
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A complete answer: its last byte has arrived.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Bytes,
}

#[derive(Deserialize)]
struct Single<T> {
    data: T,
    #[expect(dead_code, reason = "it must be there, and must have a timestamp")]
    meta: SingleMeta,
}

#[derive(Deserialize)]
struct SingleMeta {
    #[expect(dead_code, reason = "it must be there")]
    timestamp: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalCode,
}

#[derive(Deserialize)]
struct RefusalCode {
    code: String,
}

impl Answer {
    /// The header of this name, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The one resource in the answer.
    ///
    /// # Errors
    /// When the status or the shape is another.
    pub fn single<T: DeserializeOwned>(&self, status: StatusCode) -> Result<T, String> {
        let single: Single<T> = self.shape(status)?;
        Ok(single.data)
    }

    /// A page of resources.
    ///
    /// # Errors
    /// When the status or the shape is another, the page has more entries than it may, or there is
    /// a way to the next page where there is none, or the other way round.
    pub fn list<T: DeserializeOwned>(&self) -> Result<List<T>, String> {
        let list: List<T> = self.shape(StatusCode::OK)?;
        ensure(
            list.data.len() <= list.meta.limit,
            "a page longer than its limit",
        )?;
        ensure(
            list.meta.has_more == list.links.next.is_some(),
            "has_more and links.next disagree",
        )?;
        Ok(list)
    }

    /// The one resource in the answer, and the strong `ETag` of its state.
    ///
    /// # Errors
    /// When the status or the shape is another, or there is no such header.
    pub fn tagged<T: DeserializeOwned>(&self, status: StatusCode) -> Result<(T, String), String> {
        let resource = self.single(status)?;
        let strong = self.header("etag").filter(|etag| etag.starts_with('"'));
        let etag = strong.ok_or("a resource without a strong ETag")?;
        Ok((resource, etag.to_owned()))
    }

    /// A page of resources, and the weak `ETag` of what it shows.
    ///
    /// # Errors
    /// When the status or the shape is another, or there is no such header.
    pub fn tagged_list<T: DeserializeOwned>(&self) -> Result<(List<T>, String), String> {
        let list = self.list()?;
        let weak = self.header("etag").filter(|etag| etag.starts_with("W/\""));
        let etag = weak.ok_or("a list without a weak ETag")?;
        Ok((list, etag.to_owned()))
    }

    /// What a client asks for again which knows the state of this `ETag`: 304 without a body while
    /// that is the state, and once it is another, `whole` is what the answer must be.
    ///
    /// # Errors
    /// When it is neither.
    pub fn unless_known<T>(
        &self,
        known: &str,
        whole: impl FnOnce(&Self) -> Result<(T, String), String>,
    ) -> Result<(), String> {
        if self.status == StatusCode::NOT_MODIFIED {
            let same = self.header("etag") == Some(known);
            ensure(same, "304 with the ETag of another state")?;
            return ensure(self.body.is_empty(), "a body where there should be none");
        }
        let (_, etag) = whole(self)?;
        ensure(
            etag != known,
            "a whole answer that the client knows already",
        )
    }

    /// The same answer as one that came before, to the last byte, as long as the state is the same.
    ///
    /// # Errors
    /// When the `ETag` is the same and the body is not.
    pub fn agrees_with(&self, before: &Self) -> Result<(), String> {
        let same_state = self.header("etag") == before.header("etag");
        let same_body = self.body == before.body;
        ensure(same_body || !same_state, "two bodies under one ETag")
    }

    /// The same answer again, because the request had the same key.
    ///
    /// # Errors
    /// When it is another, or does not say so.
    pub fn replays(&self, first: &Self) -> Result<(), String> {
        self.expect(first.status)?;
        let replayed = self.header("idempotency-replayed") == Some("true");
        ensure(replayed, "a second answer that says it is the first")?;
        let headers = ["content-type", "etag", "location"];
        let same = headers.map(|name| self.header(name) == first.header(name));
        ensure(
            same == [true; 3] && self.body == first.body,
            "a second answer that is not the first",
        )
    }

    /// No body at all.
    ///
    /// # Errors
    /// When the status is not 204, or there is a body.
    pub fn nothing(&self) -> Result<(), String> {
        self.expect(StatusCode::NO_CONTENT)?;
        ensure(self.body.is_empty(), "a body where there should be none")
    }

    /// The whole body, which is JSON of this shape.
    ///
    /// # Errors
    /// When the status or the shape is another.
    pub fn shape<T: DeserializeOwned>(&self, status: StatusCode) -> Result<T, String> {
        self.expect(status)?;
        serde_json::from_slice(&self.body).map_err(|error| format!("unexpected body: {error}"))
    }

    fn expect(&self, status: StatusCode) -> Result<(), String> {
        if self.status == status {
            return Ok(());
        }
        let (got, wanted) = (self.status.as_u16(), status.as_u16());
        let refusal = serde_json::from_slice(&self.body);
        let code = refusal.map(|refusal: Refusal| format!(" ({})", refusal.error.code));
        Err(format!(
            "status {got}{}, expected {wanted}",
            code.unwrap_or_default()
        ))
    }
}

/// An error with this message unless the condition holds.
///
/// # Errors
/// When it does not.
pub fn ensure(condition: bool, message: &str) -> Result<(), String> {
    if condition {
        Ok(())
    } else {
        Err(message.to_owned())
    }
}

#[cfg(test)]
mod tests;
