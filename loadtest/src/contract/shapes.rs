//! The shapes of what the service shows, as far as anybody here looks at it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A user as the service shows one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// A number, as a string.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address, unique among users.
    pub email: String,
    /// `admin`, `editor` or `member`.
    pub role: String,
}

/// A post as the service shows one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Post {
    /// A number, as a string.
    pub id: String,
    /// The id of the user who wrote it.
    pub author_id: String,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// `draft`, `published` or `archived`.
    pub status: String,
}

/// A post together with the user who wrote it.
#[derive(Clone, Debug, Deserialize)]
pub struct PostWithAuthor {
    /// The id of the user who wrote it.
    pub author_id: String,
    /// That user.
    pub author: User,
}

/// A user together with what they wrote last.
#[derive(Clone, Debug, Deserialize)]
pub struct UserWithPosts {
    /// A number, as a string.
    pub id: String,
    /// Their newest posts, at most five.
    pub posts: Vec<Post>,
}

/// An entry of either list, as far as lists are sorted and filtered by it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// A number, as a string.
    pub id: String,
    /// When it was made.
    #[serde(deserialize_with = "time")]
    pub created_at: DateTime<Utc>,
    /// The name of a user, the title of a post.
    #[serde(alias = "title")]
    pub name: String,
    /// The role of a user.
    pub role: Option<String>,
    /// The id of the user who wrote a post.
    pub author_id: Option<String>,
    /// The status of a post.
    pub status: Option<String>,
}

/// The envelope of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    /// The entries of this page.
    pub data: Vec<T>,
    /// What page this is.
    pub meta: ListMeta,
    /// The way to other pages.
    pub links: Links,
}

/// What page a list is.
#[derive(Clone, Debug, Deserialize)]
pub struct ListMeta {
    /// The most entries a page can have.
    pub limit: usize,
    /// The number of the page, from 1; none where the page was asked for by cursor.
    pub page: Option<usize>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// Entries on all pages, if that was asked for.
    pub total: Option<usize>,
    /// Whether that is an estimate.
    pub total_is_estimate: Option<bool>,
}

/// The way to other pages.
#[derive(Clone, Debug, Deserialize)]
pub struct Links {
    /// The address of the next page, if there is one.
    pub next: Option<String>,
    /// The address of the page before, if there is one.
    pub prev: Option<String>,
}

/// Where everything begins.
#[derive(Clone, Debug, Deserialize)]
pub struct Index {
    /// The address of the users.
    pub users: String,
    /// The address of the posts.
    pub posts: String,
}

/// What an error means.
#[derive(Clone, Debug, Deserialize)]
pub struct Explanation {
    /// Its code.
    pub code: String,
    /// The status it comes with.
    pub status: u16,
    /// When it happens.
    pub cause: String,
    /// What to do then.
    pub remedy: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    // Why it is none differs from text to text; the fault is the same.
    let time = DateTime::parse_from_rfc3339(&text).ok();
    let no_time = || D::Error::custom("created_at is no time of RFC 3339");
    Ok(time.ok_or_else(no_time)?.to_utc())
}
