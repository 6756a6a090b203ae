//! Pages that were asked for, by number or by cursor, and how their neighbours are asked for.

use serde::Serialize;

use super::cursor::{Claims, Cursors};
use crate::models::{KeyValue, Listed, Page, Slice, SortField, SortKey, Sortable, Start};

/// The cursor before the first row.
pub const CURSOR_AT_START: &str = "start";

/// Most bytes of the header `Link`. nginx, as it is installed, takes 4 KiB for all headers of an answer, and answers 502 where they are longer.
const LINK_LIMIT: usize = 2048;
const SEPARATOR: &str = ", ";

/// How a page was asked for.
#[derive(Clone, Debug)]
pub enum At {
    /// By its number.
    Number(u32),
    /// By cursor, from the list's beginning.
    Start,
    /// By cursor, behind a row.
    Cursor {
        /// The cursor itself.
        text: String,
        /// Whether it is the page before the row.
        back: bool,
        /// The sort keys of the row.
        keys: Vec<KeyValue>,
    },
}

/// A page that was asked for.
pub struct PageRequest<F> {
    /// Which.
    pub at: At,
    /// Rows on a page.
    pub limit: u32,
    pub(super) path: String,
    /// The other parameters.
    pub(super) query: String,
    /// What cursors say of the list.
    pub(super) list: String,
    /// All keys that the list is sorted by.
    pub(super) order: Vec<SortKey<F>>,
    pub(super) cursors: Cursors,
}

/// The addresses of a page and of its neighbours.
#[derive(Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    this: String,
    first: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Links {
    /// The header `Link`; RFC 8288. Of addresses that are too long together it has the neighbours rather than the others, and none at all if even one
    /// is too long: the body has them all.
    #[must_use]
    pub fn header(&self) -> Option<String> {
        let link = |(relation, target): (&str, Option<&String>)| {
            target.map(|target| format!("<{target}>; rel=\"{relation}\""))
        };
        let mut links = [
            ("self", Some(&self.this)),
            ("first", Some(&self.first)),
            ("prev", self.prev.as_ref()),
            ("next", self.next.as_ref()),
        ]
        .map(link);
        let mut room = LINK_LIMIT;
        for link in links.iter_mut().rev() {
            let length = link.as_ref().map_or(0, |link| link.len() + SEPARATOR.len());
            match room.checked_sub(length) {
                Some(left) => room = left,
                None => *link = None,
            }
        }
        let links: Vec<_> = links.into_iter().flatten().collect();
        (!links.is_empty()).then(|| links.join(SEPARATOR))
    }

    /// Whether there is a next page.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }
}

impl<F: SortField> PageRequest<F> {
    /// Which rows to fetch.
    #[must_use]
    pub fn slice(&self) -> Slice {
        let limit = self.limit;
        let start = match &self.at {
            At::Number(number) => return page(*number, limit).into(),
            At::Start => Start::Offset(0),
            At::Cursor {
                back: false, keys, ..
            } => Start::After(keys.clone()),
            At::Cursor {
                back: true, keys, ..
            } => Start::Before(keys.clone()),
        };
        Slice { start, limit }
    }

    /// The number of the page, if it has one.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match self.at {
            At::Number(number) => Some(number),
            At::Start | At::Cursor { .. } => None,
        }
    }

    /// The addresses of the page and of its neighbours.
    #[must_use]
    pub fn links<R: Sortable<Field = F>>(&self, listed: &Listed<R>) -> Links {
        match &self.at {
            At::Number(number) => self.by_number(*number, listed),
            At::Start => self.by_cursor(CURSOR_AT_START, None, listed),
            At::Cursor { text, back, .. } => self.by_cursor(text, Some(*back), listed),
        }
    }

    fn by_number<R: Sortable<Field = F>>(&self, number: u32, listed: &Listed<R>) -> Links {
        let next = |next: u32| {
            if within_reach(page(next, self.limit)) {
                Some(self.link("page", &next.to_string()))
            } else {
                // Where numbers end, cursors go on.
                self.behind(listed.rows.last(), false)
            }
        };
        Links {
            this: self.link("page", &number.to_string()),
            first: self.link("page", "1"),
            prev: (number > 1).then(|| self.link("page", &(number - 1).to_string())),
            next: listed.beyond.then(|| next(number + 1)).flatten(),
        }
    }

    /// `back` is `None` at the list's beginning.
    fn by_cursor<R: Sortable<Field = F>>(
        &self,
        this: &str,
        back: Option<bool>,
        listed: &Listed<R>,
    ) -> Links {
        let first = self.link("cursor", CURSOR_AT_START);
        let before = || self.behind(listed.rows.first(), true);
        let after = || self.behind(listed.rows.last(), false);
        let (prev, next) = match back {
            None => (None, listed.beyond.then(after).flatten()),
            Some(false) => (before(), listed.beyond.then(after).flatten()),
            // The row that the page was asked for as the one before is on the next page.
            Some(true) => (
                listed.beyond.then(before).flatten(),
                after().or_else(|| Some(first.clone())),
            ),
        };
        Links {
            this: self.link("cursor", this),
            first,
            prev,
            next,
        }
    }

    /// The page behind a row.
    fn behind<R: Sortable<Field = F>>(&self, row: Option<&R>, back: bool) -> Option<String> {
        let row = row?;
        let keys = self.order.iter();
        let keys: Option<_> = keys.map(|key| row.key(key.field).map(Into::into)).collect();
        let claims = Claims {
            list: self.list.clone(),
            back,
            keys: keys?,
        };
        Some(self.link("cursor", &self.cursors.seal(&claims)))
    }

    fn link(&self, parameter: &str, value: &str) -> String {
        let separator = if self.query.is_empty() { "" } else { "&" };
        format!(
            "{}?{parameter}={value}&limit={}{separator}{}",
            self.path, self.limit, self.query
        )
    }
}

fn page(number: u32, limit: u32) -> Page {
    Page { number, limit }
}

/// Whether pages by number reach that far.
#[must_use]
pub fn within_reach(page: Page) -> bool {
    u64::from(page.number) * u64::from(page.limit) <= u64::from(Page::MAX_ROW)
}
