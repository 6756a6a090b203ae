//! Every function of the repositories.

use api::{
    clock::Clock,
    database::{Conn, Database},
    models::{
        Bounds, FieldSet, NewIdempotencyKey, Order, Page, PostChanges, PostField, PostFilter,
        PostId, PostStatus, Role, SortField, SortKey, Timestamp, UserChanges, UserField,
        UserFilter, UserId,
    },
    repositories::{idempotency_keys, posts, seed, users},
};

use crate::values::{
    answer, filters_of_posts, filters_of_users, keyed_request, new_post, new_user, preconditions,
};

/// Calls the repositories on one connection.
pub struct Caller(pub Conn);

/// The first page, and the last that pages by number reach.
pub const PAGES: [Page; 2] = [
    Page {
        number: 1,
        limit: Page::DEFAULT_LIMIT,
    },
    Page {
        number: Page::MAX_ROW / Page::MAX_LIMIT,
        limit: Page::MAX_LIMIT,
    },
];

/// None, a role of a tenth of the users, and one of most.
pub const ROLES: [Option<Role>; 3] = [None, Some(Role::Admin), Some(Role::Member)];
/// Everybody's posts, and a user's.
pub const AUTHORS: [Option<i64>; 2] = [None, Some(77)];
/// None, a status of a tenth of the posts, and one of most.
pub const STATUSES: [Option<PostStatus>; 3] = [
    None,
    Some(PostStatus::Archived),
    Some(PostStatus::Published),
];

impl Caller {
    pub async fn new(database: Database) -> Self {
        Self(database.write().await.unwrap())
    }

    pub async fn everything_else(&mut self) {
        self.single_users().await;
        self.single_posts().await;
        self.idempotency_keys().await;
        self.seeds().await;
    }

    pub async fn list_posts_of_a_user(&mut self) {
        let filter = PostFilter {
            author_id: Some(UserId::new(77)),
            sort: by(PostField::CreatedAt, Order::Descending),
            ..PostFilter::default()
        };
        posts::list(&mut self.0, filter, FieldSet::default(), &PAGES[0].into())
            .await
            .unwrap();
    }

    pub async fn lists_of_users(&mut self, page: Page, role: Option<Role>) {
        for sort in orders::<UserField>() {
            let filter = UserFilter {
                role,
                sort,
                ..UserFilter::default()
            };
            users::list(&mut self.0, filter, FieldSet::default(), &page.into())
                .await
                .unwrap();
        }
    }

    /// Each filter with operators, in each order.
    pub async fn filtered_lists_of_users(&mut self) {
        for filter in filters_of_users() {
            for sort in orders::<UserField>() {
                let filter = UserFilter {
                    sort,
                    ..filter.clone()
                };
                users::list(&mut self.0, filter, FieldSet::default(), &PAGES[0].into())
                    .await
                    .unwrap();
            }
        }
    }

    /// The same for posts.
    pub async fn filtered_lists_of_posts(&mut self) {
        for filter in filters_of_posts() {
            for sort in orders::<PostField>() {
                let filter = PostFilter {
                    sort,
                    ..filter.clone()
                };
                posts::list(&mut self.0, filter, FieldSet::default(), &PAGES[0].into())
                    .await
                    .unwrap();
            }
        }
    }

    /// Prefixes in the order of their texts: one index answers both.
    pub async fn prefixes(&mut self) {
        let filter = UserFilter {
            name: Bounds::prefix("Name 12"),
            sort: by(UserField::Name, Order::Ascending),
            ..UserFilter::default()
        };
        users::list(&mut self.0, filter, FieldSet::default(), &PAGES[0].into())
            .await
            .unwrap();
        let filter = PostFilter {
            title: Bounds::prefix("Title 12"),
            sort: by(PostField::Title, Order::Ascending),
            ..PostFilter::default()
        };
        posts::list(&mut self.0, filter, FieldSet::default(), &PAGES[0].into())
            .await
            .unwrap();
    }

    pub async fn lists_of_posts(
        &mut self,
        page: Page,
        author: Option<i64>,
        status: Option<PostStatus>,
    ) {
        for sort in orders::<PostField>() {
            let filter = PostFilter {
                author_id: author.map(UserId::new),
                status,
                sort,
                ..PostFilter::default()
            };
            posts::list(&mut self.0, filter, FieldSet::default(), &page.into())
                .await
                .unwrap();
        }
    }

    async fn single_users(&mut self) {
        let made = users::insert(&mut self.0, new_user("made")).await.unwrap();
        let changes = UserChanges {
            email: Some("changed@example.com".to_owned()),
            ..UserChanges::default()
        };
        let conn = &mut self.0;
        assert!(users::find_by_id(conn, made.id).await.unwrap().is_some());
        let authors = (1..=100)
            .map(|author| UserId::new(author * 1_000))
            .collect();
        let found = users::find_by_ids(conn, authors).await.unwrap();
        assert_eq!(found.len(), 100);
        for precondition in preconditions() {
            let now = Clock::System.now();
            let row = (made.id, precondition.clone());
            let updated = users::update(conn, row, changes.clone(), now)
                .await
                .unwrap();
            assert!(updated.is_some(), "{precondition:?}");
        }
        for precondition in preconditions() {
            assert!(users::claim(conn, made.id, precondition).await.unwrap());
        }
        assert!(users::delete(conn, made.id).await.unwrap());
    }

    async fn single_posts(&mut self) {
        let made = posts::insert(&mut self.0, new_post()).await.unwrap();
        let changes = PostChanges {
            status: Some(PostStatus::Published),
            ..PostChanges::default()
        };
        let conn = &mut self.0;
        assert!(posts::find_by_id(conn, made.id).await.unwrap().is_some());
        let authors: Vec<_> = (1..=100).map(UserId::new).collect();
        let newest = posts::newest_by_authors(conn, &authors, 5).await.unwrap();
        assert_eq!(newest.len(), 500);
        for precondition in preconditions() {
            let now = Clock::System.now();
            let row = (made.id, precondition.clone());
            let updated = posts::update(conn, row, changes.clone(), now)
                .await
                .unwrap();
            assert!(updated.is_some(), "{precondition:?}");
        }
        for (post, precondition) in (500..).zip(preconditions()) {
            let deleted = posts::delete(conn, PostId::new(post), precondition).await;
            assert!(deleted.unwrap());
        }
        assert!(
            !posts::delete_by_author(conn, UserId::new(99))
                .await
                .unwrap()
                .is_empty()
        );
    }

    async fn idempotency_keys(&mut self) {
        let (conn, request) = (&mut self.0, keyed_request());
        let row = |answer| NewIdempotencyKey::new(&request, answer, Clock::System.now());
        let expired = Timestamp::parse("2024-01-05T00:00:00Z").unwrap();
        let claimed = idempotency_keys::claim(conn, row(None), expired).await;
        assert!(claimed.unwrap());
        let filled = idempotency_keys::fill(conn, &request.key, answer()).await;
        filled.unwrap();
        let kept = idempotency_keys::keep(conn, row(Some(answer())), expired).await;
        assert!(!kept.unwrap(), "it is taken");
        let taken = idempotency_keys::find(conn, &request.key).await.unwrap();
        assert_eq!(taken.unwrap().into_answer(), Some(answer()));
        // Few, and a backlog of nearly all.
        for until in ["2024-01-05T00:00:00Z", "2024-12-05T00:00:00Z"] {
            let until = Timestamp::parse(until).unwrap();
            let keys = idempotency_keys::list_expired(conn, until, 100).await;
            let deleted = idempotency_keys::delete_expired(conn, keys.unwrap(), until).await;
            assert_eq!(deleted.unwrap(), 100);
        }
    }

    async fn seeds(&mut self) {
        assert!(seed::any_user(&mut self.0).await.unwrap());
        let users = ["one", "two"].map(new_user).to_vec();
        seed::insert_users(&mut self.0, users).await.unwrap();
        seed::insert_posts(&mut self.0, vec![new_post(), new_post()])
            .await
            .unwrap();
    }
}

pub fn by<F>(field: F, order: Order) -> Vec<SortKey<F>> {
    vec![SortKey { field, order }]
}

/// By each field that the API offers, in both directions, alone and followed by each other one.
pub fn orders<F: SortField>() -> impl Iterator<Item = Vec<SortKey<F>>> {
    let directions = [Order::Ascending, Order::Descending];
    let fields = F::ALL.iter().copied();
    let alone: Vec<_> = fields
        .flat_map(|field| directions.map(|order| SortKey { field, order }))
        .collect();
    let pairs = alone.clone().into_iter().flat_map({
        let seconds = alone.clone();
        move |first| {
            let others: Vec<_> = seconds
                .iter()
                .copied()
                .filter(|second| second.field != first.field)
                .collect();
            others.into_iter().map(move |second| vec![first, second])
        }
    });
    alone.into_iter().map(|key| vec![key]).chain(pairs)
}
