//! Posts.

use super::{
    super::{bodies::Body, success::Success, tags::Tag},
    OF_A_SELECTION, Operation, READ_CONDITIONS,
};
use crate::error::ErrorCode;

/// What a write may be answered, because of what it says of a post.
pub(super) const OF_WRITTEN_FIELDS: &[ErrorCode] = &[
    ErrorCode::InvalidTitle,
    ErrorCode::InvalidBody,
    ErrorCode::InvalidStatus,
];

const OF_ONE: &[ErrorCode] = &[
    ErrorCode::InvalidId,
    ErrorCode::PostNotFound,
    ErrorCode::PreconditionFailed,
];

/// A write on a post says which state it knows.
const WRITE_CONDITIONS: &[&str] = &["If-Match.required", "If-None-Match", "If-Unmodified-Since"];

pub(super) fn all() -> Vec<Operation> {
    [collection(), one()].into_iter().flatten().collect()
}

fn collection() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v1/posts", "list_posts", Tag::Posts, Success::Page("Posts"))
            .described(
                "List posts",
                "Page by page, newest first where nothing else is said. Filters all hold.\n\n\
                 `/api/v1/posts?status=published&include=author&cursor=start` begins pages by cursor: they stay complete while posts come and go.",
            )
            .listed(&["sort.posts", "fields.posts", "include.posts", "author_id", "status", "title.prefix"])
            .codes(&[ErrorCode::InvalidId, ErrorCode::InvalidStatus]),
        Operation::new("POST /api/v1/posts", "create_post", Tag::Posts, Success::Created("OnePost"))
            .described("Create a post", "The author must be there: if not, 422. Keep the `ETag`: who changes or deletes the post must say which state they know.")
            .written()
            .keyed()
            .body(Body::NewPost)
            .codes(OF_WRITTEN_FIELDS)
            .codes(&[ErrorCode::InvalidId, ErrorCode::AuthorNotFound]),
    ]
}

fn one() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v1/posts/{post_id}", "get_post", Tag::Posts, Success::State("OneShownPost"))
            .described("Show a post", "A published post may be kept by shared caches for half a minute. Its `ETag` is what a write sends in `If-Match`.")
            .stored()
            .parameters(&["fields.posts", "include.posts"])
            .parameters(READ_CONDITIONS)
            .codes(OF_ONE)
            .codes(&OF_A_SELECTION),
        written(
            Operation::new("PUT /api/v1/posts/{post_id}", "replace_post", Tag::Posts, Success::Changed("OnePost"))
                .described("Write a whole post", "All that can be written, at once. The author of a post never changes. Without `If-Match`: 428."),
        )
        .body(Body::WholePost)
        .codes(OF_WRITTEN_FIELDS),
        written(
            Operation::new("PATCH /api/v1/posts/{post_id}", "update_post", Tag::Posts, Success::Changed("OnePost"))
                .described("Change a post", "A JSON Merge Patch (RFC 7396): the fields that are given change, the others stay. Without `If-Match`: 428."),
        )
        .body(Body::PostChanges)
        .codes(OF_WRITTEN_FIELDS),
        written(
            Operation::new("DELETE /api/v1/posts/{post_id}", "delete_post", Tag::Posts, Success::Gone)
                .described("Delete a post", "Without `If-Match`: 428. A second time the answer is 404."),
        ),
    ]
}

fn written(operation: Operation) -> Operation {
    operation
        .erased()
        .parameters(WRITE_CONDITIONS)
        .codes(OF_ONE)
        .codes(&[ErrorCode::PreconditionRequired])
}
