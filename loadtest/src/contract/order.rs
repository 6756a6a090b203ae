//! The order of a list, as its `sort` says it, followed from page to page.

use super::{Answer, Entry, List, ensure};
use std::cmp::Ordering;

/// Entries in the order of a `sort`, one after the other.
///
/// The id is always the last key, in the direction of the key before it. So of two entries one
/// comes first, whichever they are, and what comes twice is out of order.
#[derive(Clone, Debug)]
pub struct InOrder {
    keys: Vec<(Key, Direction)>,
    last: Option<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    CreatedAt,
    /// The name of a user, the title of a post.
    Name,
    Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl InOrder {
    /// The order of this `sort`, of which nothing has come yet.
    #[must_use]
    pub fn by(sort: &str) -> Self {
        let mut keys: Vec<_> = sort.split(',').map(key).collect();
        let direction = keys.last().map_or(Direction::Ascending, |last| last.1);
        keys.push((Key::Id, direction));
        Self { keys, last: None }
    }

    /// Goes on with these entries.
    ///
    /// # Errors
    /// When one came already, or should have come before another one.
    pub fn go_on(&mut self, entries: &[Entry]) -> Result<(), String> {
        for entry in entries {
            let order = self.last.as_ref().map(|last| self.compare(last, entry));
            ensure(order != Some(Ordering::Equal), "an entry that came already")?;
            ensure(order != Some(Ordering::Greater), "an entry out of order")?;
            self.last = Some(entry.clone());
        }
        Ok(())
    }

    fn compare(&self, one: &Entry, other: &Entry) -> Ordering {
        let by = |(key, direction): &(Key, Direction)| {
            let order = match key {
                Key::CreatedAt => one.created_at.cmp(&other.created_at),
                // By code point, as the service does on either database.
                Key::Name => one.name.cmp(&other.name),
                Key::Id => number(&one.id).cmp(&number(&other.id)),
            };
            match direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            }
        };
        let orders = self.keys.iter().map(by);
        orders.fold(Ordering::Equal, Ordering::then)
    }
}

fn key(text: &str) -> (Key, Direction) {
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let key = match name {
        "created_at" => Key::CreatedAt,
        "id" => Key::Id,
        _ => Key::Name,
    };
    (key, direction)
}

/// Of two numbers the one with more digits is greater.
fn number(id: &str) -> (usize, &str) {
    (id.len(), id)
}

impl Answer {
    /// A page of entries in this order.
    ///
    /// # Errors
    /// When it is no page as it should be, or its entries are in another order.
    pub fn sorted(&self, sort: &str) -> Result<List<Entry>, String> {
        let page: List<Entry> = self.list()?;
        InOrder::by(sort).go_on(&page.data)?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(entries: &[(&str, &str, &str)]) -> Vec<Entry> {
        let entry = |(id, name, second): &(&str, &str, &str)| {
            let created_at = format!("2024-01-01T00:00:{second}Z");
            let entry = serde_json::json!({ "id": id, "name": name, "created_at": created_at });
            serde_json::from_value(entry).unwrap()
        };
        entries.iter().map(entry).collect()
    }

    fn follows(sort: &str, pages: &[&[(&str, &str, &str)]]) -> Result<(), String> {
        let mut order = InOrder::by(sort);
        pages
            .iter()
            .try_for_each(|page| order.go_on(&entries(page)))
    }

    #[test]
    fn pages_go_on_from_new_to_old() {
        let first: &[_] = &[("3", "", "01.5"), ("2", "", "01")];
        let newest = |next| follows("-created_at", &[first, &[next]]);
        assert_eq!(newest(("1", "", "00.999")), Ok(()));
        assert_eq!(
            newest(("4", "", "01.1")).unwrap_err(),
            "an entry out of order"
        );
        assert_eq!(
            newest(("2", "", "01")).unwrap_err(),
            "an entry that came already"
        );
    }

    #[test]
    fn where_the_keys_are_the_same_the_id_decides_in_the_direction_of_the_last_key() {
        let same = |sort, one, other| follows(sort, &[&[(one, "A", "00"), (other, "A", "00")]]);
        for (one, other) in [("9", "10"), ("10", "11")] {
            assert_eq!(same("name", one, other), Ok(()));
            assert!(same("name", other, one).is_err());
            assert_eq!(same("name,-created_at", other, one), Ok(()));
            assert!(same("name,-created_at", one, other).is_err());
            assert_eq!(same("-id", other, one), Ok(()));
            assert!(same("-id", one, other).is_err());
        }
    }

    #[test]
    fn the_first_key_decides_before_the_second() {
        let by = |sort| {
            follows(
                sort,
                &[&[("1", "B", "00"), ("2", "a", "01"), ("3", "a", "00")]],
            )
        };
        assert_eq!(by("name,-created_at"), Ok(()));
        assert!(by("name,created_at").is_err());
        assert!(by("-name,-created_at").is_err());
    }
}
