//! Identifiers. One type per table, so that a post's id cannot be taken for a user's.

use std::fmt;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = BigInt)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number as the database holds it.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }

            /// Parses the canonical form: decimal digits without sign or leading zero, 1 to 9 223 372 036 854 775 807.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                parse_id(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $name
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(value).map(Self)
            }
        }

        impl<DB: Backend> ToSql<BigInt, DB> for $name
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }
    };
}

id! {
    /// Names a user.
    UserId
}
id! {
    /// Names a post.
    PostId
}

fn parse_id(text: &str) -> Option<i64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::UserId;

    #[test]
    fn only_the_canonical_form_of_an_id_is_accepted() {
        assert_eq!(UserId::parse("1"), Some(UserId::new(1)));
        assert_eq!(
            UserId::parse("9223372036854775807"),
            Some(UserId::new(i64::MAX))
        );
        for text in [
            "",
            "0",
            "007",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "9223372036854775808",
            "abc",
            "1 ",
            "١",
        ] {
            assert_eq!(UserId::parse(text), None, "{text:?}");
        }
    }
}
