//! The database layer without a service around it, where a test must hold a connection in its own hands.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use api::{
    app::Parts,
    clock::Clock,
    config::Config,
    database::{Database, DatabaseError, DatabaseTarget, Migrate, PoolOptions},
    models::{NewUser, Precondition, Role, UserChanges, UserId},
    repositories::users,
    telemetry::Metrics,
};

/// A database, its schema, and what it counts.
pub struct Direct {
    pub database: Database,
    pub metrics: Arc<Metrics>,
}

/// The defaults, with a single connection for all callers.
pub fn single_connection() -> PoolOptions {
    let mut options = Config::default().pool_options();
    options.size = 1;
    options.sqlite_readers = 1;
    options.wait_timeout = Duration::from_secs(5);
    options.statement_timeout = Duration::from_secs(5);
    options.lock_timeout = Duration::from_secs(5);
    options
}

impl Direct {
    pub async fn open(url: &str, options: &PoolOptions) -> Self {
        let target = DatabaseTarget::parse(url, options).unwrap();
        target.migrate(Migrate::Up).await.unwrap();
        let metrics = Parts::metrics().unwrap();
        // As a worker does: the pool of the first is for what goes on beside the workers.
        let database = Database::connect(&target, options, &metrics)
            .unwrap()
            .for_worker()
            .unwrap();
        Self { database, metrics }
    }

    pub async fn insert_user(&self, name: &str) -> UserId {
        let now = Clock::System.now();
        let user = NewUser {
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            role: Role::Member,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut conn = self.database.write().await.unwrap();
        users::insert(&mut conn, user).await.unwrap().id
    }

    pub async fn name_of(&self, user: UserId) -> String {
        let mut conn = self.database.read().await.unwrap();
        users::find_by_id(&mut conn, user)
            .await
            .unwrap()
            .unwrap()
            .name
    }
}

/// The user, in whatever state.
pub fn any(user: UserId) -> (UserId, Precondition) {
    (user, Precondition::default())
}

pub fn renamed(name: &str) -> UserChanges {
    UserChanges {
        name: Some(name.to_owned()),
        ..UserChanges::default()
    }
}

/// Drops `future` if it is not ready after it has been asked `polls` times.
pub async fn abandoned_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A real error of a database.
pub async fn an_error() -> DatabaseError {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("any.db").display());
    let direct = Direct::open(&url, &single_connection()).await;
    direct.insert_user("taken").await;
    let mut conn = direct.database.read().await.unwrap();
    // A reader may not write.
    users::delete(&mut conn, UserId::new(1)).await.unwrap_err()
}
