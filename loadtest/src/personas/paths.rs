//! Where users and posts are.

pub(super) fn user(id: &str) -> String {
    format!("/api/v1/users/{id}")
}

pub(super) fn user_posts(id: &str) -> String {
    format!("/api/v1/users/{id}/posts")
}

pub(super) fn post(id: &str) -> String {
    format!("/api/v1/posts/{id}")
}
