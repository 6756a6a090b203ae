//! What holds for all entries of a list, and how many it says there are.

use super::{List, ensure};

impl<T> List<T> {
    /// That this is so for every entry of the page.
    ///
    /// # Errors
    /// With this message, when it is not.
    pub fn all(&self, message: &str, is_so: impl Fn(&T) -> bool) -> Result<(), String> {
        ensure(self.data.iter().all(is_so), message)
    }

    /// That the first page of a list which was counted says how many entries there are.
    ///
    /// # Errors
    /// When it does not, or cannot have so few, or so many.
    pub fn counted(&self) -> Result<(), String> {
        let total = self.meta.total.ok_or("a count without a total")?;
        let shown = self.data.len();
        let says_so = self.meta.total_is_estimate.is_some();
        ensure(says_so, "a total that may be an estimate or not")?;
        ensure(total >= shown, "a total below the entries of one page")?;
        let whole = self.meta.has_more || total == shown;
        ensure(whole, "a total above the entries of all pages")
    }

    /// The same, and that it is no estimate.
    ///
    /// # Errors
    /// When it is one, or the total cannot be right.
    pub fn counted_exactly(&self) -> Result<(), String> {
        self.counted()?;
        let is_exact = self.meta.total_is_estimate == Some(false);
        ensure(is_exact, "an estimate where a count was asked for")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A page of two entries.
    fn page(has_more: bool, total: Option<u32>, is_estimate: Option<bool>) -> List<Value> {
        let meta = json!({ "limit": 2, "has_more": has_more, "total": total,
            "total_is_estimate": is_estimate });
        serde_json::from_value(json!({ "data": [1, 2], "meta": meta, "links": {} })).unwrap()
    }

    #[test]
    fn a_total_fits_the_page_it_comes_with() {
        for (has_more, total, right) in [
            (true, Some(3), true),
            (true, Some(1), false),
            (false, Some(2), true),
            (false, Some(3), false),
            (true, None, false),
        ] {
            let counted = page(has_more, total, Some(false)).counted();
            assert_eq!(counted.is_ok(), right, "{has_more} {total:?}");
        }
    }

    #[test]
    fn a_total_says_whether_it_is_an_estimate() {
        let list = |is_estimate| page(true, Some(9), is_estimate);
        assert!(list(None).counted().is_err());
        assert_eq!(list(Some(true)).counted(), Ok(()));
        assert!(list(Some(true)).counted_exactly().is_err());
        assert_eq!(list(Some(false)).counted_exactly(), Ok(()));
    }
}
