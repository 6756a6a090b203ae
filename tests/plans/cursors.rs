//! Pages by cursor, in every form that the service can give them.

use api::{
    models::{
        Order, Page, PostField, PostFilter, PostId, PostStatus, Role, Slice, SortKey, Sortable,
        Start, UserField, UserFilter, UserId, total_order,
    },
    repositories::{posts, users},
};

use crate::calls::{Caller, by, orders};

impl Caller {
    /// Pages by cursor, after and before a row in the middle, in each order and in mixed directions.
    pub async fn lists_by_cursor(&mut self) {
        for role in [None, Some(Role::Admin)] {
            for sort in orders().chain([mixed(UserField::Name, UserField::CreatedAt)]) {
                let user = users::find_by_id(&mut self.0, UserId::new(100_000)).await;
                for slice in around(&user.unwrap().unwrap(), &sort) {
                    let sort = sort.clone();
                    let filter = UserFilter {
                        role,
                        sort,
                        ..UserFilter::default()
                    };
                    users::list(&mut self.0, filter, &slice).await.unwrap();
                }
            }
        }
        for status in [None, Some(PostStatus::Published)] {
            for sort in orders().chain([mixed(PostField::Title, PostField::CreatedAt)]) {
                let post = posts::find_by_id(&mut self.0, PostId::new(500_001)).await;
                for slice in around(&post.unwrap().unwrap(), &sort) {
                    let sort = sort.clone();
                    let filter = PostFilter {
                        status,
                        sort,
                        ..PostFilter::default()
                    };
                    posts::list(&mut self.0, filter, &slice).await.unwrap();
                }
            }
        }
    }
}

/// The rows after and before this one.
fn around<R: Sortable>(row: &R, sort: &[SortKey<R::Field>]) -> [Slice; 2] {
    let keys: Vec<_> = total_order(sort)
        .iter()
        .map(|key| row.key(key.field))
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
