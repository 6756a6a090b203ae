//! A reader who knows one address and follows links from there.

use super::PAGE_SIZE;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Index, List, User, ensure};
use crate::request::Request;
use crate::routes::Route;
use chrono::{DateTime, FixedOffset};
use reqwest::StatusCode;
use serde::Deserialize;
use std::collections::HashSet;

/// Pages that a reader leafs through by cursor, if there are so many.
pub(super) const PAGES: usize = 3;

/// An entry of either list.
#[derive(Deserialize)]
struct Entry {
    id: String,
    created_at: String,
}

/// What came so far, page after page.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    last: Option<DateTime<FixedOffset>>,
}

impl Seen {
    /// Goes on with these entries, which must be new, and not newer than those before.
    fn go_on(&mut self, entries: Vec<Entry>) -> Result<(), String> {
        for entry in entries {
            let created = DateTime::parse_from_rfc3339(&entry.created_at);
            let created = created.map_err(|error| format!("created_at is no time: {error}"))?;
            let in_order = self.last.is_none_or(|last| created <= last);
            ensure(in_order, "an entry out of order")?;
            let is_new = self.ids.insert(entry.id);
            ensure(is_new, "an entry that came already")?;
            self.last = Some(created);
        }
        Ok(())
    }
}

pub(super) async fn begin_at_the_index(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| answer.single::<Index>(StatusCode::OK);
    let request = Request::to("/api/v1");
    let index = client.send(Route::Index, request, check).await?;
    let check = |answer: &Answer| answer.list::<User>().map(drop);
    let request = Request::to(index.users);
    client.send(Route::ListUsers, request, check).await
}

pub(super) async fn leaf_through_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    leaf_through(client, Route::ListUsers, "/api/v1/users").await
}

pub(super) async fn leaf_through_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    leaf_through(client, Route::ListPosts, "/api/v1/posts").await
}

/// While others write, too, nothing comes twice and everything in order.
async fn leaf_through(client: &mut Client<'_>, route: Route, list: &str) -> Result<(), BrokenOff> {
    let mut seen = Seen::default();
    let first = format!("{list}?cursor=start&limit={PAGE_SIZE}&sort=-created_at");
    let mut next = Some(first);
    for _ in 0..PAGES {
        let Some(page) = next else { break };
        let check = |answer: &Answer| {
            let page: List<Entry> = answer.list()?;
            seen.go_on(page.data)?;
            Ok(page.links.next)
        };
        next = client.send(route, Request::to(page), check).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(entries: &[(&str, &str)]) -> Vec<Entry> {
        let entry = |(id, second): &(&str, &str)| Entry {
            id: (*id).to_owned(),
            created_at: format!("2024-01-01T00:00:{second}Z"),
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn pages_go_on_from_new_to_old() {
        let mut seen = Seen::default();
        assert_eq!(seen.go_on(entries(&[("3", "01.5"), ("2", "01")])), Ok(()));
        assert_eq!(seen.go_on(entries(&[("9", "01"), ("1", "00.999")])), Ok(()));
        let newer = seen.go_on(entries(&[("4", "01")]));
        assert_eq!(newer.unwrap_err(), "an entry out of order");
    }

    #[test]
    fn what_came_on_an_earlier_page_must_not_come_again() {
        let mut seen = Seen::default();
        assert_eq!(seen.go_on(entries(&[("2", "01"), ("1", "00")])), Ok(()));
        let again = seen.go_on(entries(&[("2", "00")]));
        assert_eq!(again.unwrap_err(), "an entry that came already");
    }
}
