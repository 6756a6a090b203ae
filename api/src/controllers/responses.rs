//! Users and posts as clients see them: whole, or with only the fields that were asked for.

use serde::Serialize;

use super::envelope::Shown;
use crate::models::{
    FieldSet, Post, PostColumn, PostId, PostPart, PostStatus, Role, Timestamp, User, UserColumn,
    UserId, UserPart,
};

/// A user as clients see it. What is `None` is not shown.
#[derive(Serialize)]
pub struct UserResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Shown<UserId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Shown<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Shown<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posts: Option<Vec<PostResponse<'a>>>,
}

impl<'a> UserResponse<'a> {
    /// These fields of a user.
    #[must_use]
    pub fn of(user: &'a User, fields: FieldSet<UserColumn>) -> Self {
        Self {
            id: fields.pick(UserColumn::Id, Shown(user.id)),
            name: fields.pick(UserColumn::Name, user.name.as_str()),
            email: fields.pick(UserColumn::Email, user.email.as_str()),
            role: fields.pick(UserColumn::Role, user.role.as_str()),
            version: fields.pick(UserColumn::Version, user.version),
            created_at: fields.pick(UserColumn::CreatedAt, Shown(user.created_at)),
            updated_at: fields.pick(UserColumn::UpdatedAt, Shown(user.updated_at)),
            posts: None,
        }
    }

    /// The same of a user of whom no more may have been read.
    #[must_use]
    pub fn of_part(user: &'a UserPart, fields: FieldSet<UserColumn>) -> Self {
        Self {
            id: fields.pick(UserColumn::Id, Shown(user.id)),
            name: fields.pick(UserColumn::Name, user.name.as_deref()),
            email: fields.pick(UserColumn::Email, user.email.as_deref()),
            role: fields.pick(UserColumn::Role, user.role.map(Role::as_str)),
            version: fields.pick(UserColumn::Version, user.version),
            created_at: fields.pick(UserColumn::CreatedAt, user.created_at.map(Shown)),
            updated_at: fields.pick(UserColumn::UpdatedAt, user.updated_at.map(Shown)),
            posts: None,
        }
    }

    /// The user with these posts, whole.
    #[must_use]
    pub fn with_posts(self, posts: &'a [Post]) -> Self {
        Self {
            posts: Some(posts.iter().map(PostResponse::from).collect()),
            ..self
        }
    }
}

impl<'a> From<&'a User> for UserResponse<'a> {
    fn from(user: &'a User) -> Self {
        Self::of(user, FieldSet::default())
    }
}

/// A post as clients see it. What is `None` is not shown.
#[derive(Serialize)]
pub struct PostResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Shown<PostId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<Shown<UserId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Shown<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Shown<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<UserResponse<'a>>,
}

impl<'a> PostResponse<'a> {
    /// These fields of a post.
    #[must_use]
    pub fn of(post: &'a Post, fields: FieldSet<PostColumn>) -> Self {
        Self {
            id: fields.pick(PostColumn::Id, Shown(post.id)),
            author_id: fields.pick(PostColumn::AuthorId, Shown(post.author_id)),
            title: fields.pick(PostColumn::Title, post.title.as_str()),
            body: fields.pick(PostColumn::Body, post.body.as_str()),
            status: fields.pick(PostColumn::Status, post.status.as_str()),
            version: fields.pick(PostColumn::Version, post.version),
            created_at: fields.pick(PostColumn::CreatedAt, Shown(post.created_at)),
            updated_at: fields.pick(PostColumn::UpdatedAt, Shown(post.updated_at)),
            author: None,
        }
    }

    /// The same of a post of which no more may have been read.
    #[must_use]
    pub fn of_part(post: &'a PostPart, fields: FieldSet<PostColumn>) -> Self {
        Self {
            id: fields.pick(PostColumn::Id, Shown(post.id)),
            author_id: fields.pick(PostColumn::AuthorId, post.author_id.map(Shown)),
            title: fields.pick(PostColumn::Title, post.title.as_deref()),
            body: fields.pick(PostColumn::Body, post.body.as_deref()),
            status: fields.pick(PostColumn::Status, post.status.map(PostStatus::as_str)),
            version: fields.pick(PostColumn::Version, post.version),
            created_at: fields.pick(PostColumn::CreatedAt, post.created_at.map(Shown)),
            updated_at: fields.pick(PostColumn::UpdatedAt, post.updated_at.map(Shown)),
            author: None,
        }
    }

    /// The post with its author, whole.
    #[must_use]
    pub fn with_author(self, author: &'a User) -> Self {
        Self {
            author: Some(author.into()),
            ..self
        }
    }
}

impl<'a> From<&'a Post> for PostResponse<'a> {
    fn from(post: &'a Post) -> Self {
        Self::of(post, FieldSet::default())
    }
}
