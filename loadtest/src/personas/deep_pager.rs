//! The deep pager: reads through whole lists, as an export or a search engine does.
//!
//! They follow `links.next` from page to page and keep a bookmark between their tasks, so that a
//! list is read far down; and they ask for pages by number, as far as numbers reach. What was there
//! from the first must come without a gap on the way, whatever others write.

use super::{PAGE_SIZE, Persona, Task};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, ensure};
use crate::population::{Ids, Population};
use crate::request::Request;
use crate::routes::Route;
use crate::walk::Walk;

/// So many pages of a list are enough; then they begin with another one.
const PAGES: usize = 100;
const NEWEST_FIRST: &str = "-created_at";

pub(super) const PERSONA: Persona = Persona {
    name: "deep-pager",
    about: "reads through whole lists, by links.next and by page number",
    weight: 1,
    tasks: &[
        Task {
            name: "read on in the users",
            weight: 3,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(read_on(client, Route::ListUsers)),
        },
        Task {
            name: "read on in the posts",
            weight: 3,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(read_on(client, Route::ListPosts)),
        },
        Task {
            name: "open a late page of the users",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(open_late_page(client, Route::ListUsers)),
        },
        Task {
            name: "open a late page of the posts",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(open_late_page(client, Route::ListPosts)),
        },
    ],
};

/// Queries and their sorts. The one that is only sorted, newest first, must meet everything.
const WALKS_THROUGH_USERS: [(&str, &str); 4] = [
    ("limit=20&", NEWEST_FIRST),
    ("limit=20&role=member&", NEWEST_FIRST),
    ("limit=50&", "-name"),
    ("limit=100&fields=id,name,created_at&", "name,-created_at"),
];
const WALKS_THROUGH_POSTS: [(&str, &str); 4] = [
    ("limit=20&", NEWEST_FIRST),
    ("limit=20&status=published&", "created_at"),
    ("limit=20&include=author&", NEWEST_FIRST),
    ("limit=100&fields=id,title,created_at&", "title"),
];

/// The next page of the list at hand, or the first page of another one.
async fn read_on(client: &mut Client<'_>, route: Route) -> Result<(), BrokenOff> {
    let at_hand = client.visitor.walks.remove(&route);
    let at_hand = at_hand.and_then(|walk| Some((walk.next(PAGES)?.to_owned(), walk)));
    let (page, walk) = at_hand.unwrap_or_else(|| set_out(client, route));
    let population = client.visitor.population();
    let check = |answer: &Answer| walk.go_on(answer, ids(&population, route));
    let walk = client.send(route, Request::to(page), check).await?;
    client.visitor.walks.insert(route, walk);
    Ok(())
}

/// Chooses a list, and goes to its first page.
fn set_out(client: &mut Client<'_>, route: Route) -> (String, Walk) {
    let walks = match route {
        Route::ListUsers => WALKS_THROUGH_USERS,
        _ => WALKS_THROUGH_POSTS,
    };
    let (query, sort) = client.visitor.choose(&walks);
    let first = format!("{}?cursor=start&{query}sort={sort}", route.path());
    let walk = Walk::through(first.clone(), sort);
    let is_whole = !["role=", "status="]
        .iter()
        .any(|filter| query.contains(filter));
    if is_whole && sort == NEWEST_FIRST {
        (first, walk.meeting_all())
    } else {
        (first, walk)
    }
}

/// A page of the second half of what numbers reach.
async fn open_late_page(client: &mut Client<'_>, route: Route) -> Result<(), BrokenOff> {
    let population = client.visitor.population();
    let ids = ids(&population, route);
    let last = (ids.len() / PAGE_SIZE).max(1);
    let page = client.visitor.number_between(last.div_ceil(2), last);
    let path = route.path();
    let path = format!("{path}?page={page}&limit={PAGE_SIZE}&sort={NEWEST_FIRST}");
    let check = |answer: &Answer| is_page(answer, page, ids);
    client.send(route, Request::to(path), check).await
}

/// Whether this is page `page` of the list. What is new moves the rest down, never up.
fn is_page(answer: &Answer, page: usize, ids: &Ids) -> Result<(), String> {
    let list = answer.sorted(NEWEST_FIRST)?;
    ensure(list.meta.page == Some(page), "another page than asked for")?;
    let met = || list.data.iter().map(|entry| entry.id.as_str());
    ids.join(&mut None, met())?;
    let first = met().find_map(|id| ids.place(id));
    let not_late = first.is_none_or(|place| place <= (page - 1) * PAGE_SIZE);
    ensure(not_late, "a page that begins too late")
}

fn ids(population: &Population, route: Route) -> &Ids {
    match route {
        Route::ListUsers => &population.users,
        _ => &population.posts,
    }
}
