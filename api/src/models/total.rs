//! How many rows a list has in all.

use super::page::{Listed, Slice, Start};

/// Whether a list says how many rows it has in all, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// It does not.
    #[default]
    None,
    /// Exactly while they are few, and near enough where they are many.
    Estimated,
    /// Exactly. Where it takes longer than a statement may, it is given up like any.
    Exact,
}

/// How many rows a list has in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub rows: i64,
    /// Whether it may be another number.
    pub is_estimate: bool,
}

impl Total {
    /// Just so many.
    #[must_use]
    pub const fn exactly(rows: i64) -> Self {
        Self {
            rows,
            is_estimate: false,
        }
    }
}

impl Slice {
    /// How many rows there are in all, if these rows of the slice prove it: nothing comes after them, and what came before was passed over.
    #[must_use]
    pub fn proven_total<T>(&self, listed: &Listed<T>) -> Option<i64> {
        let Start::Offset(before) = self.start else {
            return None;
        };
        let shown = i64::try_from(listed.rows.len()).ok()?;
        let ends_here = !listed.beyond && (shown > 0 || before == 0);
        ends_here.then_some(before + shown)
    }
}

#[cfg(test)]
mod tests {
    use crate::models::{KeyValue, Page, Slice, Start};

    #[test]
    fn a_last_page_by_number_proves_how_many_rows_there_are() {
        let proven = |number, rows| {
            let slice = Slice::from(Page { number, limit: 3 });
            slice.proven_total(&slice.cut(vec![(); rows]))
        };
        assert_eq!(proven(1, 0), Some(0));
        assert_eq!(proven(1, 3), Some(3));
        assert_eq!(proven(1, 4), None, "there are more");
        assert_eq!(proven(3, 2), Some(8));
        assert_eq!(
            proven(3, 0),
            None,
            "the page may be far behind the last row"
        );
    }

    #[test]
    fn a_page_behind_a_row_proves_nothing() {
        let keys = vec![KeyValue::Number(1)];
        for start in [Start::After(keys.clone()), Start::Before(keys)] {
            let slice = Slice { start, limit: 3 };
            assert_eq!(slice.proven_total(&slice.cut(vec![(); 2])), None);
        }
    }
}
