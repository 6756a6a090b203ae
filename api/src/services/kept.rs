//! What is cached: a row, and the answer that was made of it.

use std::sync::OnceLock;

use bytes::Bytes;

/// A row as clients see it. To clone it copies nothing.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The body.
    pub body: Bytes,
    /// The value of `ETag`, with its quotes.
    pub etag: Bytes,
    /// The value of `Last-Modified`.
    pub last_modified: Bytes,
}

/// A row that was loaded. What is made of it depends on nothing else, so it is made once.
#[derive(Debug)]
pub struct Kept<R> {
    /// The row.
    pub row: R,
    rendered: OnceLock<Rendered>,
}

impl<R> Kept<R> {
    /// A row that nobody has asked for yet.
    #[must_use]
    pub fn new(row: R) -> Self {
        Self {
            row,
            rendered: OnceLock::new(),
        }
    }

    /// The answer: the one that was made before, or what `render` makes. Nobody waits: two callers may both make the first one.
    pub fn rendered(&self, render: impl FnOnce(&R) -> Option<Rendered>) -> Option<Rendered> {
        if let Some(rendered) = self.rendered.get() {
            return Some(rendered.clone());
        }
        let rendered = render(&self.row)?;
        drop(self.rendered.set(rendered.clone()));
        Some(rendered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_once_and_then_shared() {
        let kept = Kept::new("row");
        let render = |row: &&'static str| {
            Some(Rendered {
                body: Bytes::from(row.to_string()),
                etag: Bytes::new(),
                last_modified: Bytes::new(),
            })
        };
        let first = kept.rendered(render).unwrap();
        let second = kept.rendered(|_| None).unwrap();
        assert_eq!(first.body.as_ptr(), second.body.as_ptr());
    }

    #[test]
    fn what_cannot_be_made_is_tried_again() {
        let kept = Kept::new("row");
        assert!(kept.rendered(|_| None).is_none());
        assert!(kept.row.starts_with("row"));
    }
}
