//! Which users and posts a target has: what the readers may ask for.
//!
//! The target is asked through its own lists, newest first, page by page to where offset paging
//! ends (10 000 rows). Nothing is assumed about ids, so any target will do. Readers prefer the
//! ids at the head of these lists, by Zipf's law: that is how real traffic looks, and what a
//! cache lives on.

use crate::contract::{Answer, List};
use anyhow::{Context, Result, anyhow};
use reqwest::{Client, Url};
use serde::Deserialize;

/// Rows that offset paging reaches.
const REACH: usize = 10_000;
/// The largest page.
const PAGE: usize = 100;

/// The ids that exist, newest first.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Ids of users.
    pub users: Vec<String>,
    /// Ids of posts.
    pub posts: Vec<String>,
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
            users: ids(client, target, "users").await?,
            posts: ids(client, target, "posts").await?,
        })
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() || self.posts.is_empty()
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
    let headers = answer.headers().clone();
    let body = answer.bytes().await?.to_vec();
    Answer {
        status,
        headers,
        body,
    }
    .list()
    .map_err(|message| anyhow!(message))
}
