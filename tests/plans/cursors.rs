//! Pages by cursor, in every form that the service can give them.

use api::{
    models::{
        FieldSet, Order, Page, PostField, PostFilter, PostId, PostPart, PostStatus, Role, Slice,
        SortKey, Sortable, Start, UserField, UserFilter, UserId, UserPart, total_order,
    },
    repositories::{posts, users},
};

use crate::calls::{Caller, by, orders};

impl Caller {
    /// Pages by cursor, after and before a row in the middle, in each order and in mixed directions.
    pub async fn lists_by_cursor(&mut self) {
        let (user, post) = self.in_the_middle().await;
        for role in [None, Some(Role::Admin)] {
            for sort in orders().chain([mixed(UserField::Name, UserField::CreatedAt)]) {
                for slice in around(&user, &sort) {
                    let sort = sort.clone();
                    let filter = UserFilter {
                        role,
                        sort,
                        ..UserFilter::default()
                    };
                    let fields = FieldSet::default();
                    let listed = users::list(&mut self.0, filter, fields, &slice).await;
                    listed.unwrap();
                }
            }
        }
        for status in [None, Some(PostStatus::Published)] {
            for sort in orders().chain([mixed(PostField::Title, PostField::CreatedAt)]) {
                for slice in around(&post, &sort) {
                    let sort = sort.clone();
                    let filter = PostFilter {
                        status,
                        sort,
                        ..PostFilter::default()
                    };
                    let fields = FieldSet::default();
                    let listed = posts::list(&mut self.0, filter, fields, &slice).await;
                    listed.unwrap();
                }
            }
        }
    }

    async fn in_the_middle(&mut self) -> (UserPart, PostPart) {
        let conn = &mut self.0;
        let fields = FieldSet::default();
        let filter = UserFilter {
            ids: Some(vec![UserId::new(100_000)]),
            ..UserFilter::default()
        };
        let mut users = users::list(conn, filter, fields, &FIRST).await.unwrap();
        let filter = PostFilter {
            ids: Some(vec![PostId::new(500_001)]),
            ..PostFilter::default()
        };
        let fields = FieldSet::default();
        let mut posts = posts::list(conn, filter, fields, &FIRST).await.unwrap();
        (users.remove(0), posts.remove(0))
    }
}

/// A page of one row.
const FIRST: Slice = Slice {
    start: Start::Offset(0),
    limit: 1,
};

/// The rows after and before this one.
fn around<R: Sortable>(row: &R, sort: &[SortKey<R::Field>]) -> [Slice; 2] {
    let keys: Vec<_> = total_order(sort)
        .iter()
        .map(|key| row.key(key.field).unwrap())
        .collect();
    [Start::After(keys.clone()), Start::Before(keys)].map(|start| Slice {
        start,
        limit: Page::DEFAULT_LIMIT,
    })
}

fn mixed<F>(first: F, second: F) -> Vec<SortKey<F>> {
    [by(first, Order::Ascending), by(second, Order::Descending)]
        .into_iter()
        .flatten()
        .collect()
}
