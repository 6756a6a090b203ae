//! Users, and the posts of one user.

use super::{
    super::{bodies::Body, success::Success, tags::Tag},
    OF_A_SELECTION, Operation, READ_CONDITIONS, WRITE_CONDITIONS,
};
use crate::error::ErrorCode;

/// What a write may be answered, because of what it says of a user.
const OF_WRITTEN_FIELDS: &[ErrorCode] = &[
    ErrorCode::InvalidName,
    ErrorCode::InvalidEmail,
    ErrorCode::InvalidRole,
    ErrorCode::EmailTaken,
];

const OF_ONE: &[ErrorCode] = &[
    ErrorCode::InvalidId,
    ErrorCode::UserNotFound,
    ErrorCode::PreconditionFailed,
];

pub(super) fn all() -> Vec<Operation> {
    [collection(), one(), posts_of_one()]
        .into_iter()
        .flatten()
        .collect()
}

fn collection() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v1/users", "list_users", Tag::Users, Success::Page("Users"))
            .described(
                "List users",
                "Page by page, newest first where nothing else is said. Filters all hold.\n\n\
                 `/api/v1/users?page=1&limit=20&sort=-created_at&role=admin` is the first page of administrators. Follow `links.next` until there is none.",
            )
            .listed(&["sort.users", "fields.users", "include.users", "role", "name.prefix"])
            .codes(&[ErrorCode::InvalidRole]),
        Operation::new("POST /api/v1/users", "create_user", Tag::Users, Success::Created("OneUser"))
            .described(
                "Create a user",
                "The answer has the whole user, its address in `Location`, and its state in `ETag`.\n\n\
                 With an `Idempotency-Key` the request can be sent again when its answer was lost: the user is made once.",
            )
            .written()
            .keyed()
            .body(Body::NewUser)
            .codes(OF_WRITTEN_FIELDS),
    ]
}

fn one() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v1/users/{user_id}", "get_user", Tag::Users, Success::State("OneShownUser"))
            .described("Show a user", "Send the `ETag` that you have in `If-None-Match`: if nothing has changed, the answer is 304, without a body.")
            .stored()
            .parameters(&["fields.users", "include.users"])
            .parameters(READ_CONDITIONS)
            .codes(OF_ONE)
            .codes(&OF_A_SELECTION),
        Operation::new("PUT /api/v1/users/{user_id}", "replace_user", Tag::Users, Success::Changed("OneUser"))
            .described("Write a whole user", "All that can be written, at once. What is left out is missing. A user who is not there is not made.")
            .written()
            .parameters(WRITE_CONDITIONS)
            .body(Body::WholeUser)
            .codes(OF_WRITTEN_FIELDS)
            .codes(OF_ONE),
        Operation::new("PATCH /api/v1/users/{user_id}", "update_user", Tag::Users, Success::Changed("OneUser"))
            .described("Change a user", "A JSON Merge Patch (RFC 7396): the fields that are given change, the others stay.")
            .written()
            .parameters(WRITE_CONDITIONS)
            .body(Body::UserChanges)
            .codes(OF_WRITTEN_FIELDS)
            .codes(OF_ONE),
        Operation::new("DELETE /api/v1/users/{user_id}", "delete_user", Tag::Users, Success::Gone)
            .described("Delete a user", "The user's posts end too, in the same transaction. A second time the answer is 404.")
            .erased()
            .parameters(WRITE_CONDITIONS)
            .codes(OF_ONE),
    ]
}

fn posts_of_one() -> Vec<Operation> {
    let of_author = [ErrorCode::InvalidId, ErrorCode::UserNotFound];
    vec![
        Operation::new("GET /api/v1/users/{user_id}/posts", "list_user_posts", Tag::Posts, Success::Page("Posts"))
            .described("List the posts of a user", "As the list of all posts, without `author_id`.")
            .listed(&["sort.posts", "fields.posts", "include.posts", "status", "title.prefix"])
            .codes(&of_author)
            .codes(&[ErrorCode::InvalidStatus]),
        Operation::new("POST /api/v1/users/{user_id}/posts", "create_user_post", Tag::Posts, Success::Created("OnePost"))
            .described("Create a post of a user", "The author is the user of the address. `Location` is the address of the post itself, `/api/v1/posts/{post_id}`.")
            .written()
            .keyed()
            .body(Body::NewPostOfUser)
            .codes(&of_author)
            .codes(super::posts::OF_WRITTEN_FIELDS),
    ]
}
