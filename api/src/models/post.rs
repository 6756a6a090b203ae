//! Posts as the database holds them.

use diesel::{
    AsChangeset, Insertable, Queryable, Selectable,
    pg::Pg,
    sql_types::{BigInt, Integer, Nullable, Text},
    sqlite::Sqlite,
};

use super::{
    Bounds, PostId, Timestamp, UserId,
    enums::text_enum,
    fields::{Part, columns},
    page::{KeyValue, SortField, SortKey, Sortable},
};
use crate::{database::types::TimestampMicros, schema::posts};

/// A row of `posts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = posts, check_for_backend(Pg, Sqlite))]
pub struct Post {
    /// Given by the database.
    pub id: PostId,
    /// The user who wrote it; never changes.
    pub author_id: UserId,
    /// 1 to 200 characters.
    pub title: String,
    /// 1 to 20 000 characters.
    pub body: String,
    /// Where the post stands between first draft and archive.
    pub status: PostStatus,
    /// 1 for a new row, one more with each change.
    pub version: i32,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

columns! {
    /// The fields of a post.
    PostColumn of "posts" {
        Id = "id", AuthorId = "author_id", Title = "title", Body = "body", Status = "status", Version = "version", CreatedAt = "created_at",
        UpdatedAt = "updated_at"
    }
}

/// A row of `posts` of which only some columns were read; the others are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub struct PostPart {
    pub id: PostId,
    pub author_id: Option<UserId>,
    pub title: Option<String>,
    pub body: Option<String>,
    pub status: Option<PostStatus>,
    pub version: i32,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
}

impl Part for PostPart {
    type Column = PostColumn;
    type SqlType = (
        BigInt,
        Nullable<BigInt>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Integer,
        Nullable<TimestampMicros>,
        Nullable<TimestampMicros>,
    );
    const ALWAYS: &'static [PostColumn] = &[PostColumn::Id, PostColumn::Version];
}

/// A row to be inserted.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = posts, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub struct NewPost {
    pub author_id: UserId,
    pub title: String,
    pub body: String,
    pub status: PostStatus,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What changes in a row; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = posts)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub struct PostChanges {
    pub title: Option<String>,
    pub body: Option<String>,
    pub status: Option<PostStatus>,
}

impl PostChanges {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which posts a list shows, and in which order.
#[derive(Clone, Debug, Default)]
pub struct PostFilter {
    /// Only posts by this user.
    pub author_id: Option<UserId>,
    /// Only posts with this status.
    pub status: Option<PostStatus>,
    /// Only posts with one of these ids.
    pub ids: Option<Vec<PostId>>,
    /// Only posts with such a title.
    pub title: Bounds<String>,
    /// Only posts that were made then.
    pub created_at: Bounds<Timestamp>,
    /// The order; the id is always the last key.
    pub sort: Vec<SortKey<PostField>>,
}

text_enum! {
    /// Where a post stands between first draft and archive.
    PostStatus { Draft = "draft", Published = "published", Archived = "archived" }
}

/// What posts can be sorted by: the fields that an index keeps in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub enum PostField {
    Id,
    Title,
    CreatedAt,
}

impl SortField for PostField {
    const ALL: &[Self] = &[Self::Id, Self::Title, Self::CreatedAt];
    const ID: Self = Self::Id;
    const TABLE: &'static str = "posts";

    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::CreatedAt => "created_at",
        }
    }

    fn holds(self, value: &KeyValue) -> bool {
        match self {
            Self::Id => matches!(value, KeyValue::Number(_)),
            Self::Title => matches!(value, KeyValue::Text(_)),
            Self::CreatedAt => matches!(value, KeyValue::Time(_)),
        }
    }
}

impl Sortable for PostPart {
    type Field = PostField;

    fn key(&self, field: PostField) -> Option<KeyValue> {
        match field {
            PostField::Id => Some(KeyValue::Number(self.id.get())),
            PostField::Title => self.title.clone().map(KeyValue::Text),
            PostField::CreatedAt => self.created_at.map(KeyValue::Time),
        }
    }
}
