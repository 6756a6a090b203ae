//! Users as the database holds them.

use diesel::{
    AsChangeset, Insertable, Queryable, Selectable,
    pg::Pg,
    sql_types::{BigInt, Integer, Nullable, Text},
    sqlite::Sqlite,
};

use super::{
    Bounds, Timestamp, UserId,
    enums::text_enum,
    fields::{Part, columns},
    page::{KeyValue, SortField, SortKey, Sortable},
};
use crate::{database::types::TimestampMicros, schema::users};

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg, Sqlite))]
pub struct User {
    /// Given by the database.
    pub id: UserId,
    /// 1 to 100 characters.
    pub name: String,
    /// Unique in any case of letters.
    pub email: String,
    /// What the user may do.
    pub role: Role,
    /// 1 for a new row, one more with each change.
    pub version: i32,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

columns! {
    /// The fields of a user.
    UserColumn of "users" {
        Id = "id", Name = "name", Email = "email", Role = "role", Version = "version", CreatedAt = "created_at", UpdatedAt = "updated_at"
    }
}

/// A row of `users` of which only some columns were read; the others are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub struct UserPart {
    pub id: UserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub role: Option<Role>,
    pub version: i32,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
}

impl Part for UserPart {
    type Column = UserColumn;
    type SqlType = (
        BigInt,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Integer,
        Nullable<TimestampMicros>,
        Nullable<TimestampMicros>,
    );
    const ALWAYS: &'static [UserColumn] = &[UserColumn::Id, UserColumn::Version];
}

/// A row to be inserted.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What changes in a row; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub struct UserChanges {
    pub name: Option<String>,
    pub email: Option<String>,
    pub role: Option<Role>,
}

impl UserChanges {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which users a list shows, and in which order.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Only users with this role.
    pub role: Option<Role>,
    /// Only users with one of these ids.
    pub ids: Option<Vec<UserId>>,
    /// Only users with such a name.
    pub name: Bounds<String>,
    /// Only users who were made then.
    pub created_at: Bounds<Timestamp>,
    /// The order; the id is always the last key.
    pub sort: Vec<SortKey<UserField>>,
}

text_enum! {
    /// What a user may do.
    Role { Admin = "admin", Editor = "editor", Member = "member" }
}

/// What users can be sorted by: the fields that an index keeps in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub enum UserField {
    Id,
    Name,
    CreatedAt,
}

impl SortField for UserField {
    const ALL: &[Self] = &[Self::Id, Self::Name, Self::CreatedAt];
    const ID: Self = Self::Id;
    const TABLE: &'static str = "users";

    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::CreatedAt => "created_at",
        }
    }

    fn holds(self, value: &KeyValue) -> bool {
        match self {
            Self::Id => matches!(value, KeyValue::Number(_)),
            Self::Name => matches!(value, KeyValue::Text(_)),
            Self::CreatedAt => matches!(value, KeyValue::Time(_)),
        }
    }
}

impl Sortable for UserPart {
    type Field = UserField;

    fn key(&self, field: UserField) -> Option<KeyValue> {
        match field {
            UserField::Id => Some(KeyValue::Number(self.id.get())),
            UserField::Name => self.name.clone().map(KeyValue::Text),
            UserField::CreatedAt => self.created_at.map(KeyValue::Time),
        }
    }
}
