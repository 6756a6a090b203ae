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
    /// All of one user, written anew.
    ReplaceUser,
    /// A change of one user.
    UpdateUser,
    /// The end of one user and of the posts they wrote.
    DeleteUser,
    /// A page of the posts of one user.
    ListUserPosts,
    /// A new post by one user.
    CreateUserPost,
    /// A page of posts.
    ListPosts,
    /// A new post.
    CreatePost,
    /// One post by id.
    GetPost,
    /// All of one post, written anew.
    ReplacePost,
    /// A change of one post.
    UpdatePost,
    /// The end of one post.
    DeletePost,
    /// Where everything begins.
    Index,
    /// What the service can do, for programs.
    OpenApi,
    /// What one code of an error means.
    ExplainError,
}

impl Route {
    /// Every route, in the order of the report.
    pub const ALL: [Self; 17] = [
        Self::ListUsers,
        Self::CreateUser,
        Self::GetUser,
        Self::ReplaceUser,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::ListUserPosts,
        Self::CreateUserPost,
        Self::ListPosts,
        Self::CreatePost,
        Self::GetPost,
        Self::ReplacePost,
        Self::UpdatePost,
        Self::DeletePost,
        Self::Index,
        Self::OpenApi,
        Self::ExplainError,
    ];

    /// Method and path template, as the target's `http_route` label spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListUsers => "GET /api/v1/users",
            Self::CreateUser => "POST /api/v1/users",
            Self::GetUser => "GET /api/v1/users/{user_id}",
            Self::ReplaceUser => "PUT /api/v1/users/{user_id}",
            Self::UpdateUser => "PATCH /api/v1/users/{user_id}",
            Self::DeleteUser => "DELETE /api/v1/users/{user_id}",
            Self::ListUserPosts => "GET /api/v1/users/{user_id}/posts",
            Self::CreateUserPost => "POST /api/v1/users/{user_id}/posts",
            Self::ListPosts => "GET /api/v1/posts",
            Self::CreatePost => "POST /api/v1/posts",
            Self::GetPost => "GET /api/v1/posts/{post_id}",
            Self::ReplacePost => "PUT /api/v1/posts/{post_id}",
            Self::UpdatePost => "PATCH /api/v1/posts/{post_id}",
            Self::DeletePost => "DELETE /api/v1/posts/{post_id}",
            Self::Index => "GET /api/v1",
            Self::OpenApi => "GET /openapi.json",
            Self::ExplainError => "GET /errors/{code}",
        }
    }

    /// Its method, in capitals.
    #[must_use]
    pub fn method(self) -> &'static str {
        self.name().split(' ').next().unwrap_or_default()
    }

    /// Its path template.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.name().split(' ').nth(1).unwrap_or_default()
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

    #[test]
    fn every_name_is_a_method_and_a_path() {
        for route in Route::ALL {
            assert_eq!(route.name(), format!("{} {}", route.method(), route.path()));
            assert!(route.path().starts_with('/'), "{route}");
            assert!(
                ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&route.method()),
                "{route}"
            );
        }
    }
}
