//! Which of a resource's own fields are asked for.

use std::{fmt, marker::PhantomData};

use super::page::{SortField, SortKey};

/// The closed set of a resource's fields.
pub trait Column: Copy + Send + Sync + 'static {
    /// Every field, in the order in which they are shown. At most 16.
    const ALL: &'static [Self];
    /// The table that they are in.
    const TABLE: &'static str;

    /// The column, which is also the name on the wire.
    fn name(self) -> &'static str;

    /// The field's own bit.
    fn bit(self) -> u16;
}

/// A row of which some columns may not have been read.
pub trait Part {
    /// The columns, in the order of the row's fields.
    type Column: Column;
    /// The SQL types of the row's fields, in their order.
    type SqlType;
    /// What is always read.
    const ALWAYS: &'static [Self::Column];
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident of $table:literal { $($variant:ident = $text:literal),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $variant,
            )+
        }

        impl $crate::models::Column for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const TABLE: &'static str = $table;

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            fn bit(self) -> u16 {
                1 << self as u16
            }
        }
    };
}
pub(super) use columns;

/// Some of a resource's fields. Shown as their names in the resource's own order, separated by commas: one text for each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldSet<C> {
    bits: u16,
    of: PhantomData<C>,
}

impl<C: Column> Default for FieldSet<C> {
    /// All of them.
    fn default() -> Self {
        C::ALL.iter().copied().collect()
    }
}

impl<C: Column> FromIterator<C> for FieldSet<C> {
    fn from_iter<I: IntoIterator<Item = C>>(fields: I) -> Self {
        let bits = fields.into_iter().fold(0, |bits, field| bits | field.bit());
        Self {
            bits,
            of: PhantomData,
        }
    }
}

impl<C: Column> FieldSet<C> {
    /// Parses names, separated by commas, each once, in any order.
    ///
    /// # Errors
    /// A sentence that lists the names.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut fields = Self::from_iter([]);
        for name in text.split(',') {
            match named::<C>(name) {
                Some(field) if !fields.has(field) => fields = fields.with([field]),
                _ => {
                    return Err(format!(
                        "Ask for one or more of {}, each once, separated by commas",
                        names::<C>()
                    ));
                }
            }
        }
        Ok(fields)
    }

    /// Whether the field is one of them.
    #[must_use]
    pub fn has(self, field: C) -> bool {
        self.bits & field.bit() != 0
    }

    /// Whether it is all that there are.
    #[must_use]
    pub fn is_all(self) -> bool {
        C::ALL.iter().all(|field| self.has(*field))
    }

    /// These and others.
    #[must_use]
    pub fn with(self, others: impl IntoIterator<Item = C>) -> Self {
        let others: Self = others.into_iter().collect();
        Self {
            bits: self.bits | others.bits,
            ..self
        }
    }

    /// These and those by which a list is sorted: they say where in the list a row is.
    #[must_use]
    pub fn with_keys<F: SortField>(self, keys: &[SortKey<F>]) -> Self {
        self.with(keys.iter().filter_map(|key| named(key.field.column())))
    }

    /// The value of a field, if the field is one of them.
    pub fn pick<T>(self, field: C, value: impl Into<Option<T>>) -> Option<T> {
        value.into().filter(|_| self.has(field))
    }
}

impl<C: Column> fmt::Display for FieldSet<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for field in C::ALL.iter().filter(|field| self.has(**field)) {
            write!(f, "{separator}{}", field.name())?;
            separator = ",";
        }
        Ok(())
    }
}

fn named<C: Column>(name: &str) -> Option<C> {
    C::ALL.iter().copied().find(|field| field.name() == name)
}

fn names<C: Column>() -> String {
    let names: Vec<_> = C::ALL.iter().map(|field| field.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::FieldSet;
    use crate::models::{Order, SortKey, UserColumn, UserField};

    #[test]
    fn a_set_has_one_text_whatever_the_order_in_which_it_was_asked_for() {
        for (text, canonical) in [
            ("id", "id"),
            ("name,id", "id,name"),
            ("updated_at,version,email", "email,version,updated_at"),
        ] {
            let fields = FieldSet::<UserColumn>::parse(text).unwrap();
            assert_eq!(fields.to_string(), canonical);
            assert_eq!(FieldSet::parse(canonical), Ok(fields));
            assert!(!fields.is_all());
        }
        let all = FieldSet::<UserColumn>::default();
        assert_eq!(FieldSet::parse(&all.to_string()), Ok(all));
        assert!(all.is_all());
    }

    #[test]
    fn only_names_each_once_are_a_set() {
        for text in [
            "", ",", "id,", ",id", "id,id", "ID", " id", "id;name", "*", "password",
        ] {
            let refused = FieldSet::<UserColumn>::parse(text).unwrap_err();
            assert!(refused.contains("id, name, email, role"), "{refused}");
        }
    }

    #[test]
    fn sort_keys_are_fields() {
        let key = SortKey {
            field: UserField::CreatedAt,
            order: Order::Ascending,
        };
        let fields = FieldSet::parse("name").unwrap().with_keys(&[key]);
        assert_eq!(fields.to_string(), "name,created_at");
        assert_eq!(fields.pick(UserColumn::Name, "Ada"), Some("Ada"));
        assert_eq!(fields.pick(UserColumn::Role, "admin"), None);
    }
}
