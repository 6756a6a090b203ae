//! The reader: browses users and posts, and opens what looks interesting. Most visitors are that.
//!
//! What they do with lists is in [`lists`], [`views`] and [`links`], with one user or post in [`singles`], and
//! what they read about the service in [`documents`].

mod documents;
mod links;
mod lists;
mod singles;
mod views;

use super::{Persona, Task};
use crate::routes::Route;

/// Rows on the pages that a reader asks for.
const PAGE_SIZE: usize = 20;

/// Most requests are for one popular user or post, which a cache has.
pub(super) const PERSONA: Persona = Persona {
    name: "reader",
    about: "browses users and posts, and opens the popular ones",
    weight: 3,
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
            name: "page through the users",
            weight: 3,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(lists::page_through_users(client)),
        },
        Task {
            name: "look for users of a role",
            weight: 3,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(lists::users_of_a_role(client)),
        },
        Task {
            name: "look for posts by a user",
            weight: 2,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(lists::posts_by_a_user(client)),
        },
        Task {
            name: "see what a user wrote",
            weight: 2,
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
            name: "open a user as XML",
            weight: 1,
            requests: &[(Route::GetUser, 1)],
            run: |client| Box::pin(singles::open_user_as_xml(client)),
        },
        Task {
            name: "come back to what is new",
            weight: 1,
            requests: &[(Route::ListPosts, 2)],
            run: |client| Box::pin(lists::come_back_to_published_posts(client)),
        },
        Task {
            name: "list posts compressed",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(lists::zipped_posts(client)),
        },
        Task {
            name: "list posts with their authors",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(views::posts_with_authors(client)),
        },
        Task {
            name: "list users with their newest posts",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(views::users_with_posts(client)),
        },
        Task {
            name: "list the names of users",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(views::names_of_users(client)),
        },
        Task {
            name: "count the posts",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(views::count_posts(client)),
        },
        Task {
            name: "begin at the index",
            weight: 1,
            requests: &[(Route::Index, 1), (Route::ListUsers, 1)],
            run: |client| Box::pin(links::begin_at_the_index(client)),
        },
        Task {
            name: "leaf through the newest users",
            weight: 1,
            requests: &[(Route::ListUsers, links::PAGES)],
            run: |client| Box::pin(links::leaf_through_users(client)),
        },
        Task {
            name: "leaf through the newest posts",
            weight: 1,
            requests: &[(Route::ListPosts, links::PAGES)],
            run: |client| Box::pin(links::leaf_through_posts(client)),
        },
        Task {
            name: "read what the service can do",
            weight: 1,
            requests: &[(Route::OpenApi, 1)],
            run: |client| Box::pin(documents::read_openapi(client)),
        },
        Task {
            name: "look up what an error means",
            weight: 1,
            requests: &[(Route::ExplainError, 1)],
            run: |client| Box::pin(documents::look_up_an_error(client)),
        },
    ],
};
