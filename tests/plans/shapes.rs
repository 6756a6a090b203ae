//! What is asked of lists besides whole rows: some fields alone, and how many rows there are in all.

use api::{
    models::{
        FieldSet, PostColumn, PostField, PostFilter, PostId, PostStatus, Role, UserColumn,
        UserField, UserFilter, UserId,
    },
    repositories::{posts, users},
};

use crate::{
    calls::{AUTHORS, Caller, PAGES, ROLES, STATUSES, orders},
    values::{filters_of_posts, filters_of_users},
};

/// Up to how many rows are counted where an estimate will do.
const MOST: i64 = 10_001;

impl Caller {
    /// Lists of which no field is shown but one, in each order.
    pub async fn projected_lists(&mut self) {
        let fields = FieldSet::from_iter([UserColumn::Email]);
        for sort in orders::<UserField>() {
            let filter = UserFilter {
                sort,
                ..UserFilter::default()
            };
            let listed = users::list(&mut self.0, filter, fields, &PAGES[0].into()).await;
            assert!(listed.unwrap().iter().all(|user| user.role.is_none()));
        }
        let fields = FieldSet::from_iter([PostColumn::AuthorId]);
        for sort in orders::<PostField>() {
            let filter = PostFilter {
                sort,
                ..PostFilter::default()
            };
            let listed = posts::list(&mut self.0, filter, fields, &PAGES[0].into()).await;
            assert!(listed.unwrap().iter().all(|post| post.body.is_none()));
        }
    }

    /// Exact counts of a small part of the table.
    pub async fn counts_of_few(&mut self) {
        let admins = UserFilter {
            role: Some(Role::Admin),
            ..UserFilter::default()
        };
        users::count(&mut self.0, admins).await.unwrap();
        let of_a_user = PostFilter {
            author_id: Some(UserId::new(77)),
            status: Some(PostStatus::Published),
            ..PostFilter::default()
        };
        posts::count(&mut self.0, of_a_user).await.unwrap();
    }

    /// Counts of users with each filter, and what an estimate asks for.
    pub async fn counts_of_users(&mut self) {
        let of_roles = ROLES.map(|role| UserFilter {
            role,
            ..UserFilter::default()
        });
        for filter in of_roles.into_iter().chain(filters_of_users()) {
            let all = users::count(&mut self.0, filter.clone()).await.unwrap();
            let counted = users::count_up_to(&mut self.0, filter, MOST).await;
            assert_eq!(counted.unwrap(), all.min(MOST));
        }
        let (smallest, greatest) = users::id_range(&mut self.0).await.unwrap().unwrap();
        let step = (greatest.get() - smallest.get()) / 1_000;
        let ids: Vec<_> = (0..1_000).map(|at| UserId::new(1 + at * step)).collect();
        for role in [None, Some(Role::Member)] {
            let filter = UserFilter {
                role,
                ..UserFilter::default()
            };
            let found = users::count_sample(&mut self.0, filter, ids.clone()).await;
            assert!(found.unwrap() > 0);
        }
    }

    /// The same of posts.
    pub async fn counts_of_posts(&mut self) {
        let of_values = AUTHORS.into_iter().flat_map(|author| {
            STATUSES.map(|status| PostFilter {
                author_id: author.map(UserId::new),
                status,
                ..PostFilter::default()
            })
        });
        for filter in of_values.chain(filters_of_posts()) {
            let all = posts::count(&mut self.0, filter.clone()).await.unwrap();
            let counted = posts::count_up_to(&mut self.0, filter, MOST).await;
            assert_eq!(counted.unwrap(), all.min(MOST));
        }
        let (smallest, greatest) = posts::id_range(&mut self.0).await.unwrap().unwrap();
        let step = (greatest.get() - smallest.get()) / 1_000;
        let ids: Vec<_> = (0..1_000).map(|at| PostId::new(1 + at * step)).collect();
        for status in [None, Some(PostStatus::Published)] {
            let filter = PostFilter {
                status,
                ..PostFilter::default()
            };
            let found = posts::count_sample(&mut self.0, filter, ids.clone()).await;
            assert!(found.unwrap() > 0);
        }
    }
}
