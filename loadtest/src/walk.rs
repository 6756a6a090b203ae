//! A long list that somebody reads through, page after page, for as long as it goes on.
//!
//! A user keeps it between two tasks: it is their bookmark. Each page must go on where the one
//! before it ended, in the order of the list, whatever others write in the meantime.

use crate::contract::{Answer, Entry, InOrder, List, ensure};
use crate::population::Ids;

/// A list, and how far it has been read.
#[derive(Clone, Debug)]
pub struct Walk {
    next: Option<String>,
    order: InOrder,
    pages: usize,
    /// The place of the next entry that was there from the first, in a walk that must meet them all.
    place: Option<usize>,
    meets_all: bool,
}

impl Walk {
    /// Through the list at this address, which has this order.
    #[must_use]
    pub fn through(first: String, sort: &str) -> Self {
        Self {
            next: Some(first),
            order: InOrder::by(sort),
            pages: 0,
            place: None,
            meets_all: false,
        }
    }

    /// It must meet everything that was there from the first: nothing is left out, newest first.
    #[must_use]
    pub fn meeting_all(self) -> Self {
        Self {
            place: Some(0),
            meets_all: true,
            ..self
        }
    }

    /// The address of the next page, if there is one, and not more than `pages` were read.
    #[must_use]
    pub fn next(&self, pages: usize) -> Option<&str> {
        self.next.as_deref().filter(|_| self.pages < pages)
    }

    /// Takes the next page. `ids` are those of the list that were there from the first.
    ///
    /// # Errors
    /// When it is no page as it should be, or does not go on from the one before.
    pub fn go_on(mut self, answer: &Answer, ids: &Ids) -> Result<Self, String> {
        let page: List<Entry> = answer.list()?;
        let is_first = self.pages == 0;
        let back = page.links.prev.is_some();
        ensure(
            back != is_first,
            "a way back from the first page, or none from a later one",
        )?;
        self.order.go_on(&page.data)?;
        if self.meets_all {
            let met = page.data.iter().map(|entry| entry.id.as_str());
            ids.join(&mut self.place, met)?;
            let all = page.meta.has_more || self.place >= Some(ids.len());
            ensure(all, "a list that ends before its last entry")?;
        }
        ensure(
            mirrors(answer, page.links.next.as_deref()),
            "a header Link without the next page",
        )?;
        self.next = page.links.next;
        self.pages += 1;
        Ok(self)
    }
}

/// Whether the header `Link` says where the next page is, as the body does.
fn mirrors(answer: &Answer, next: Option<&str>) -> bool {
    let header = answer.header("link").unwrap_or_default();
    match next {
        Some(next) => header.contains(&format!("<{next}>; rel=\"next\"")),
        None => !header.contains("rel=\"next\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use serde_json::{Value, json};

    /// A page of these ids, and the addresses of the pages around it.
    fn page(ids: &[u32], prev: Option<&str>, next: Option<&str>) -> Answer {
        let entry = |id: &u32| {
            let created_at = format!("2024-01-01T00:00:{id:02}Z");
            json!({ "id": id.to_string(), "name": "A", "created_at": created_at })
        };
        let data: Vec<Value> = ids.iter().map(entry).collect();
        let body = json!({ "data": data, "meta": { "limit": 2, "has_more": next.is_some() },
            "links": { "prev": prev, "next": next } });
        let link = |next| format!("</first>; rel=\"first\", <{next}>; rel=\"next\"");
        let link = next.map(|next| ("link", link(next)));
        Answer {
            status: StatusCode::OK,
            headers: link.into_iter().collect(),
            body: body.to_string().into(),
        }
    }

    fn walk() -> Walk {
        Walk::through("/1".to_owned(), "-created_at").meeting_all()
    }

    fn read(walk: Walk, pages: &[Answer]) -> Result<Walk, String> {
        let ids: Ids = ["9", "7", "5"].map(str::to_owned).into_iter().collect();
        pages
            .iter()
            .try_fold(walk, |walk, page| walk.go_on(page, &ids))
    }

    #[test]
    fn a_walk_goes_from_page_to_page_to_the_end_of_the_list() {
        assert_eq!(walk().next(9), Some("/1"));
        let first = page(&[9, 8], None, Some("/2"));
        let walked = read(walk(), std::slice::from_ref(&first)).unwrap();
        assert_eq!(walked.next(9), Some("/2"));
        assert_eq!(walked.next(1), None);
        let last = page(&[7, 5], Some("/1"), None);
        assert_eq!(read(walk(), &[first, last]).unwrap().next(9), None);
    }

    #[test]
    fn a_page_that_does_not_join_the_one_before_is_refused() {
        let first = || page(&[9, 8], None, Some("/2"));
        let second = |ids: &[u32], prev, next| read(walk(), &[first(), page(ids, prev, next)]);
        let (prev, next) = (Some("/1"), Some("/3"));
        assert!(second(&[7, 5], prev, next).is_ok());
        for (ids, fault) in [
            (
                &[5, 4][..],
                "a gap in the list, or an entry out of its turn",
            ),
            (&[8, 7], "an entry that came already"),
            (&[10, 7], "an entry out of order"),
        ] {
            assert_eq!(second(ids, prev, next).unwrap_err(), fault);
        }
        assert!(second(&[7, 5], None, next).is_err());
        let short = second(&[7], prev, None).unwrap_err();
        assert_eq!(short, "a list that ends before its last entry");
    }

    #[test]
    fn the_first_page_begins_at_the_beginning() {
        assert!(read(walk(), &[page(&[7, 5], None, Some("/2"))]).is_err());
        assert!(read(walk(), &[page(&[9, 7], Some("/0"), Some("/2"))]).is_err());
    }

    #[test]
    fn the_header_link_says_the_same_as_the_body() {
        let mut first = page(&[9, 8], None, Some("/2"));
        first.headers = crate::contract::Headers::default();
        assert!(read(walk(), &[first]).is_err());
        let mut last = page(&[9, 7], None, None);
        last.headers.set("link", "</2>; rel=\"next\"");
        assert!(mirrors(&page(&[9, 7], None, None), None));
        assert!(!mirrors(&last, None));
    }
}
