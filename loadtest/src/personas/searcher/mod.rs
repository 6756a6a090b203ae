//! The searcher: narrows lists down, sorts them, counts them, and asks for what belongs to them.
//!
//! Which entries they ask for is in [`filters`]; how they want to see them, in [`views`].

mod filters;
mod views;

use super::{Persona, Task};
use crate::routes::Route;

/// What is dear (a count, what belongs to the entries) is asked for as often as it takes to judge it.
pub(super) const PERSONA: Persona = Persona {
    name: "searcher",
    about: "filters, sorts and counts lists, and chooses what is shown of them",
    weight: 3,
    tasks: &[
        Task {
            name: "count the users of a role",
            weight: 3,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(filters::users_of_a_role(client)),
        },
        Task {
            name: "count posts like one they know",
            weight: 3,
            requests: &[(Route::GetPost, 1), (Route::ListPosts, 1)],
            run: |client| Box::pin(filters::posts_by_title(client)),
        },
        Task {
            name: "list users with their newest posts",
            weight: 3,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(views::users_with_posts(client)),
        },
        Task {
            name: "list posts with their authors",
            weight: 3,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(views::posts_with_authors(client)),
        },
        Task {
            name: "look for users like one they know",
            weight: 1,
            requests: &[(Route::GetUser, 1), (Route::ListUsers, 1)],
            run: |client| Box::pin(filters::users_by_name(client)),
        },
        Task {
            name: "look for users as old as one they know",
            weight: 1,
            requests: &[(Route::GetUser, 1), (Route::ListUsers, 1)],
            run: |client| Box::pin(filters::users_by_age(client)),
        },
        Task {
            name: "look for published posts by a user",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(filters::published_posts_by_a_user(client)),
        },
        Task {
            name: "pick some users",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(filters::some_users(client)),
        },
        Task {
            name: "pick some posts",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(filters::some_posts(client)),
        },
        Task {
            name: "list the names of users",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(views::names_of_users(client)),
        },
    ],
};
