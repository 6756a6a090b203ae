//! What is cached: a row, and the answer that was made of it.

use std::sync::OnceLock;

use bytes::Bytes;

/// How many forms of an answer can be kept: each representation in each content-coding.
pub const FORMS: usize = 8;

/// A row as clients see it, in one form. To clone it copies nothing.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The body.
    pub body: Bytes,
    /// The media type of the body.
    pub media_type: &'static str,
    /// The content-coding of the body, if it is coded.
    pub coding: Option<&'static str>,
    /// The value of `ETag`, with its quotes.
    pub etag: Bytes,
    /// The value of `Last-Modified`, if one time says when all that is shown was last changed.
    pub last_modified: Option<Bytes>,
}

/// A row that was loaded. What is made of it depends on nothing else, so each form is made once.
#[derive(Debug)]
pub struct Kept<R> {
    /// The row.
    pub row: R,
    /// The form that nearly everybody asks for.
    first: OnceLock<Rendered>,
    /// The others, for which there is room when somebody asks for one.
    others: OnceLock<Box<[OnceLock<Rendered>; FORMS]>>,
}

impl<R> Kept<R> {
    /// A row that nobody has asked for yet.
    #[must_use]
    pub fn new(row: R) -> Self {
        Self {
            row,
            first: OnceLock::new(),
            others: OnceLock::new(),
        }
    }

    /// The answer in the form with this number, if it was made before.
    #[must_use]
    pub fn rendered(&self, form: usize) -> Option<Rendered> {
        let place = if form == 0 {
            &self.first
        } else {
            self.others.get()?.get(form)?
        };
        place.get().cloned()
    }

    /// Keeps an answer for those who ask next. Nobody waits: two callers may both make the first one.
    pub fn keep(&self, form: usize, rendered: &Rendered) {
        let place = if form == 0 {
            Some(&self.first)
        } else {
            self.others.get_or_init(Box::default).get(form)
        };
        if let Some(place) = place {
            drop(place.set(rendered.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &'static str) -> Rendered {
        Rendered {
            body: Bytes::from(body.to_owned()),
            media_type: "text/plain",
            coding: None,
            etag: Bytes::new(),
            last_modified: None,
        }
    }

    #[test]
    fn each_form_is_kept_by_itself_and_shared() {
        let kept = Kept::new("row");
        for form in 0..FORMS {
            assert!(kept.rendered(form).is_none());
            kept.keep(form, &answer("body"));
            let (one, other) = (kept.rendered(form).unwrap(), kept.rendered(form).unwrap());
            assert_eq!(one.body.as_ptr(), other.body.as_ptr());
        }
    }

    #[test]
    fn the_first_answer_stays() {
        let kept = Kept::new("row");
        kept.keep(1, &answer("first"));
        kept.keep(1, &answer("second"));
        assert_eq!(kept.rendered(1).unwrap().body, "first");
    }

    #[test]
    fn a_form_that_nobody_knows_is_not_kept() {
        let kept = Kept::new("row");
        kept.keep(FORMS, &answer("body"));
        assert!(kept.rendered(FORMS).is_none());
    }
}
