//! The newcomer: learns how the service is to be used, by its documents and by mistakes.
//!
//! A mistake that is refused as the contract says is a right answer. What they read is in
//! [`documents`], what they do wrong in [`mistakes`].

mod documents;
mod mistakes;

use super::{Persona, Task};
use crate::routes::Route;

/// Everybody begins with the index; every mistake is followed by a look at what its error means.
pub(super) const PERSONA: Persona = Persona {
    name: "newcomer",
    about: "reads the documents, makes mistakes, and reads what their errors mean",
    weight: 3,
    tasks: &[
        Task {
            name: "begin at the index",
            weight: 5,
            requests: &[(Route::Index, 1), (Route::ListUsers, 1)],
            run: |client| Box::pin(documents::begin_at_the_index(client)),
        },
        Task {
            name: "read what the service can do",
            weight: 5,
            requests: &[(Route::OpenApi, 1)],
            run: |client| Box::pin(documents::read_openapi(client)),
        },
        Task {
            name: "write for an author who does not exist",
            weight: 5,
            requests: &[(Route::CreatePost, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::unknown_author(client)),
        },
        Task {
            name: "ask for a user who does not exist",
            weight: 1,
            requests: &[(Route::GetUser, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::unknown_user(client)),
        },
        Task {
            name: "ask for a post that does not exist",
            weight: 1,
            requests: &[(Route::GetPost, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::unknown_post(client)),
        },
        Task {
            name: "ask for users in a wrong way",
            weight: 1,
            requests: &[(Route::ListUsers, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::wrong_list_of_users(client)),
        },
        Task {
            name: "ask for posts in a wrong way",
            weight: 1,
            requests: &[(Route::ListPosts, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::wrong_list_of_posts(client)),
        },
        Task {
            name: "join with a wrong body",
            weight: 1,
            requests: &[(Route::CreateUser, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::wrong_body(client)),
        },
        Task {
            name: "write over a post without If-Match",
            weight: 1,
            requests: &[(Route::UpdatePost, 1), (Route::ExplainError, 1)],
            run: |client| Box::pin(mistakes::blind_write(client)),
        },
    ],
};
