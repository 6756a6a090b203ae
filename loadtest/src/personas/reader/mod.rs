//! The reader: opens what is popular, sees what is new, and comes back to it. Most visitors are that.
//!
//! What they do with lists is in [`lists`], with one user or post in [`singles`].

mod lists;
mod singles;

use super::{Persona, Task};
use crate::routes::Route;

/// Most requests are for one popular user or post, which a cache has.
pub(super) const PERSONA: Persona = Persona {
    name: "reader",
    about: "opens popular users and posts, sees what is new, and comes back to it",
    weight: 9,
    tasks: &[
        Task {
            name: "open a user",
            weight: 16,
            requests: &[(Route::GetUser, 1)],
            run: |client| Box::pin(singles::open_user(client)),
        },
        Task {
            name: "read a post",
            weight: 16,
            requests: &[(Route::GetPost, 1)],
            run: |client| Box::pin(singles::read_post(client)),
        },
        Task {
            name: "come back to a user",
            weight: 4,
            requests: &[(Route::GetUser, 2)],
            run: |client| Box::pin(singles::come_back_to_user(client)),
        },
        Task {
            name: "come back to a post",
            weight: 4,
            requests: &[(Route::GetPost, 2)],
            run: |client| Box::pin(singles::come_back_to_post(client)),
        },
        Task {
            name: "open a user as XML",
            weight: 1,
            requests: &[(Route::GetUser, 1)],
            run: |client| Box::pin(singles::open_user_as_xml(client)),
        },
        Task {
            name: "page through the users",
            weight: 2,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(lists::page_through_users(client)),
        },
        Task {
            name: "see what a user wrote",
            weight: 3,
            requests: &[(Route::ListUserPosts, 1)],
            run: |client| Box::pin(lists::posts_of_a_user(client)),
        },
        Task {
            name: "see what is new",
            weight: 2,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(lists::published_posts(client)),
        },
        Task {
            name: "see what is new, compressed",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(lists::zipped_posts(client)),
        },
        Task {
            name: "come back to what is new",
            weight: 1,
            requests: &[(Route::ListPosts, 2)],
            run: |client| Box::pin(lists::come_back_to_published_posts(client)),
        },
    ],
};
