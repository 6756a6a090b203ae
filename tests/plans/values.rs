//! What the calls are made with.

use api::{
    clock::Clock,
    models::{
        Bounds, IdempotencyKey, KeyedRequest, NewPost, NewUser, PostFilter, PostId, PostStatus,
        Precondition, Role, StoredAnswer, Timestamp, UserFilter, UserId,
    },
};

/// June of 2024.
fn june() -> Bounds<Timestamp> {
    Bounds {
        gte: Timestamp::parse("2024-06-01T00:00:00Z"),
        lt: Timestamp::parse("2024-07-01T00:00:00Z"),
        ..Bounds::default()
    }
}

/// Each filter with operators.
pub fn filters_of_users() -> [UserFilter; 3] {
    [
        UserFilter {
            ids: Some((1..=100).map(UserId::new).collect()),
            ..UserFilter::default()
        },
        UserFilter {
            name: Bounds::prefix("Name 12"),
            ..UserFilter::default()
        },
        UserFilter {
            created_at: june(),
            ..UserFilter::default()
        },
    ]
}

/// The same for posts.
pub fn filters_of_posts() -> [PostFilter; 3] {
    [
        PostFilter {
            ids: Some((1..=100).map(PostId::new).collect()),
            ..PostFilter::default()
        },
        PostFilter {
            title: Bounds::prefix("Title 12"),
            ..PostFilter::default()
        },
        PostFilter {
            created_at: june(),
            ..PostFilter::default()
        },
    ]
}

/// Nothing at all, and everything that a write can ask for; all of it is true.
pub fn preconditions() -> Vec<Precondition> {
    let now = Clock::System.now().as_micros();
    vec![
        Precondition::default(),
        Precondition {
            versions: Some((1..20).collect()),
            other_versions: Some(vec![99]),
            changed_before: Some(Timestamp::from_micros(now + 3_600_000_000)),
        },
        Precondition {
            versions: Some((1..9).collect()),
            ..Precondition::default()
        },
    ]
}

pub fn new_user(name: &str) -> NewUser {
    let now = Clock::System.now();
    NewUser {
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        role: Role::Member,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

pub fn new_post() -> NewPost {
    let now = Clock::System.now();
    NewPost {
        author_id: UserId::new(77),
        title: "Title".to_owned(),
        body: "Text".to_owned(),
        status: PostStatus::Draft,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

pub fn keyed_request() -> KeyedRequest {
    KeyedRequest {
        key: IdempotencyKey::parse("POST /api/v1/users", b"new").unwrap(),
        fingerprint: [0; 32],
    }
}

pub fn answer() -> StoredAnswer {
    StoredAnswer {
        status: 201,
        headers: "content-type: application/json\n".to_owned(),
        body: b"{}".to_vec(),
    }
}
