//! Which users and posts a target has: what the readers may ask for.
//!
//! The target is asked through its own lists, newest first, page by page to where offset paging
//! ends (10 000 rows). Nothing is assumed about ids, so any target will do. Readers prefer the
//! ids at the head of these lists, by Zipf's law: that is how real traffic looks, and what a
//! cache lives on. Nobody here changes or deletes what was there before them: so whoever reads
//! through a list must meet every one of these ids, each right after the one before it.

use crate::contract::{Answer, List, ensure};
use anyhow::{Context, Result, anyhow};
use reqwest::{Client, Url};
use serde::Deserialize;
use std::collections::HashMap;

/// Rows that offset paging reaches.
const REACH: usize = 10_000;
/// The largest page.
const PAGE: usize = 100;

/// What exists.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Ids of users.
    pub users: Ids,
    /// Ids of posts.
    pub posts: Ids,
}

/// Ids in the order of their list, newest first.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    ids: Vec<String>,
    places: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

impl Population {
    /// Asks the target.
    ///
    /// # Errors
    /// When it does not answer, or not as the contract says.
    pub async fn of(client: &Client, target: &Url) -> Result<Self> {
        Ok(Self {
            users: ids(client, target, "users").await?.into_iter().collect(),
            posts: ids(client, target, "posts").await?.into_iter().collect(),
        })
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() || self.posts.is_empty()
    }
}

impl Ids {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id at this place, from 0.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        self.ids.get(place).map(String::as_str)
    }

    /// The place of this id, if it was there from the first.
    #[must_use]
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Follows these ids of the list: those that were there from the first must come without a gap,
    /// beginning with the one at `next`, or anywhere where that is None. `next` moves on with them.
    ///
    /// # Errors
    /// When one was left out, or came out of its turn.
    pub fn join<'a>(
        &self,
        next: &mut Option<usize>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), String> {
        for place in ids.filter_map(|id| self.place(id)) {
            let joins = next.is_none_or(|next| next == place);
            ensure(joins, "a gap in the list, or an entry out of its turn")?;
            *next = Some(place + 1);
        }
        Ok(())
    }
}

impl FromIterator<String> for Ids {
    fn from_iter<T: IntoIterator<Item = String>>(ids: T) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        let places = ids.iter().cloned().zip(0..).collect();
        Self { ids, places }
    }
}

async fn ids(client: &Client, target: &Url, resource: &str) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for page in 1..=REACH / PAGE {
        let path = format!("/api/v1/{resource}?page={page}&limit={PAGE}");
        let list = list(client, target.join(&path)?)
            .await
            .with_context(|| format!("cannot list the {resource} of {target}"))?;
        ids.extend(list.data.into_iter().map(|entry| entry.id));
        if !list.meta.has_more {
            break;
        }
    }
    Ok(ids)
}

async fn list(client: &Client, url: Url) -> Result<List<Entry>> {
    let answer = client.get(url).send().await?;
    let status = answer.status();
    let headers = answer.headers().into();
    let body = answer.bytes().await?;
    Answer {
        status,
        headers,
        body,
    }
    .list()
    .map_err(|message| anyhow!(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joins(mut next: Option<usize>, met: &[&str]) -> Result<Option<usize>, String> {
        let ids: Ids = ["9", "7", "5"].map(str::to_owned).into_iter().collect();
        ids.join(&mut next, met.iter().copied()).map(|()| next)
    }

    #[test]
    fn what_was_there_from_the_first_comes_without_a_gap_and_the_new_in_between() {
        assert_eq!(joins(Some(0), &["12", "9", "8", "7"]), Ok(Some(2)));
        assert_eq!(joins(None, &["7", "5", "3"]), Ok(Some(3)));
        assert_eq!(joins(Some(1), &["12"]), Ok(Some(1)));
    }

    #[test]
    fn a_gap_within_a_page_or_between_two_is_found() {
        assert!(joins(Some(0), &["7", "5"]).is_err());
        assert!(joins(Some(0), &["9", "5"]).is_err());
        assert!(joins(Some(2), &["7"]).is_err());
        assert!(joins(None, &["7", "9"]).is_err());
    }
}
