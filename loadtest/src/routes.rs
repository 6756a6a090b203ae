//! The routes under test: the part of the HTTP contract that every other module names things by.
//!
//! A route's name (`GET /api/v1/users/{user_id}`) is the same in goose, in the budgets, in the
//! target's metrics and in the report. A new route is one more line in [`Route::ALL`].

use std::fmt;

/// One operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// A page of users.
    ListUsers,
    /// A new user.
    CreateUser,
    /// One user by id.
    GetUser,
    /// A change of one user.
    UpdateUser,
    /// The end of one user and of the posts they wrote.
    DeleteUser,
    /// A page of posts.
    ListPosts,
    /// A new post.
    CreatePost,
    /// One post by id.
    GetPost,
    /// A change of one post.
    UpdatePost,
    /// The end of one post.
    DeletePost,
}

impl Route {
    /// Every route, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::ListUsers,
        Self::CreateUser,
        Self::GetUser,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::ListPosts,
        Self::CreatePost,
        Self::GetPost,
        Self::UpdatePost,
        Self::DeletePost,
    ];

    /// Method and path template, as the target's `http_route` label spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListUsers => "GET /api/v1/users",
            Self::CreateUser => "POST /api/v1/users",
            Self::GetUser => "GET /api/v1/users/{user_id}",
            Self::UpdateUser => "PATCH /api/v1/users/{user_id}",
            Self::DeleteUser => "DELETE /api/v1/users/{user_id}",
            Self::ListPosts => "GET /api/v1/posts",
            Self::CreatePost => "POST /api/v1/posts",
            Self::GetPost => "GET /api/v1/posts/{post_id}",
            Self::UpdatePost => "PATCH /api/v1/posts/{post_id}",
            Self::DeletePost => "DELETE /api/v1/posts/{post_id}",
        }
    }

    /// The route of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn every_route_is_found_by_its_own_name_and_no_other() {
        for route in Route::ALL {
            assert_eq!(Route::named(route.name()), Some(route));
        }
        assert_eq!(Route::named("GET /api/v1/user"), None);
    }
}
