//! Statements on SQLite that would never end by themselves: they are interrupted, their thread is free for the next, and nothing of them stays.

use std::time::Duration;

use api::{
    clock::Clock,
    database::{Conn, DatabaseError, ErrorKind, PoolOptions},
    models::UserId,
    repositories::{health::Ping, users},
    telemetry::catalogue::POOL_CONNECTIONS,
};
use diesel::sql_query;
use tests::{DatabaseKind, Outside, Scrape, TestDatabase, eventually, on_each_empty_database};

use crate::{
    bare,
    direct::{Direct, abandoned_after, any, renamed, single_connection},
};

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

/// From here on it takes for ever to call a user `endless`, or to delete one.
pub async fn some_writes_never_end(database: &TestDatabase) {
    let view = format!("CREATE VIEW endless AS {ENDLESS};");
    let body = "BEGIN SELECT * FROM endless; END;";
    let updates = "CREATE TRIGGER endless_update AFTER UPDATE ON users WHEN NEW.name = 'endless'";
    let deletes = "CREATE TRIGGER endless_delete AFTER DELETE ON users";
    let mut outside = Outside::of(database).await;
    outside
        .run(&format!("{view} {updates} {body} {deletes} {body}"))
        .await;
}

/// From here on it takes for ever to list posts.
pub async fn lists_of_posts_never_end(database: &TestDatabase) {
    let view = format!("CREATE VIEW endless AS {ENDLESS};");
    let posts = "ALTER TABLE posts RENAME TO finite; \
                 CREATE VIEW posts AS SELECT finite.* FROM endless CROSS JOIN finite";
    let mut outside = Outside::of(database).await;
    outside.run(&format!("{view} {posts}")).await;
}

/// Whether a connection of this pool is at work.
pub fn is_busy(scrape: &Scrape, pool: &str) -> bool {
    let used = [
        ("db_client_connection_pool_name", pool),
        ("db_client_connection_state", "used"),
    ];
    scrape.sum(POOL_CONNECTIONS.name, &used) > 0.0
}

async fn works(direct: &Direct, pool: &str) {
    eventually("it is at work", async || {
        is_busy(&bare::scrape(&direct.metrics), pool)
    })
    .await;
}

/// One connection, and nothing but its caller's leave ends a statement.
fn patient() -> PoolOptions {
    let mut options = single_connection();
    options.statement_timeout = Duration::from_hours(1);
    options
}

fn impatient() -> PoolOptions {
    let mut options = single_connection();
    options.statement_timeout = Duration::from_millis(100);
    options
}

/// Runs `test` on a SQLite database with two users, in which some writes never end.
async fn on_sqlite(options: PoolOptions, test: impl AsyncFn(Direct, &TestDatabase, [UserId; 2])) {
    on_each_empty_database(async |database| {
        if database.kind == DatabaseKind::Sqlite {
            let direct = Direct::open(&database.url, &options).await;
            let users = [
                direct.insert_user("one").await,
                direct.insert_user("other").await,
            ];
            some_writes_never_end(&database).await;
            test(direct, &database, users).await;
        }
    })
    .await;
}

async fn rename(conn: &mut Conn, user: UserId, name: &str) -> Result<(), DatabaseError> {
    let changed = users::update(conn, any(user), renamed(name), Clock::System.now());
    changed.await.map(drop)
}

/// Nobody has another name than at first, and the only writer can change that.
async fn nothing_has_happened(direct: &Direct, database: &TestDatabase, users: [UserId; 2]) {
    let changed = "SELECT count(*) FROM users WHERE version <> 1";
    let mut conn = direct.database.write().await.unwrap();
    assert_eq!(Outside::of(database).await.number(changed).await, 0);
    let both = conn.transaction(async |conn| {
        rename(conn, users[0], "last").await?;
        rename(conn, users[1], "last").await
    });
    both.await.unwrap();
    assert_eq!(Outside::of(database).await.number(changed).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_past_its_time_out_is_interrupted_and_the_reader_serves_the_next() {
    on_sqlite(impatient(), async |direct, _, users| {
        let mut conn = direct.database.read().await.unwrap();
        for _ in 0..2 {
            let error = conn.execute(Ping, sql_query(ENDLESS)).await.unwrap_err();
            assert!(error.to_string().contains("interrupted"), "{error}");
            assert_eq!(error.kind(), ErrorKind::Timeout);
            assert!(error.outcome_is_unknown());
            assert_eq!(direct.name_of(users[0]).await, "one");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_whose_caller_is_gone_is_interrupted_and_the_reader_serves_the_next() {
    on_sqlite(patient(), async |direct, _, users| {
        let mut conn = direct.database.read().await.unwrap();
        tokio::select! {
            ended = conn.execute(Ping, sql_query(ENDLESS)) => panic!("{ended:?}"),
            () = works(&direct, "sqlite_readers") => {}
        }
        assert_eq!(direct.name_of(users[0]).await, "one");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_is_gone_is_interrupted_and_has_not_happened() {
    on_sqlite(patient(), async |direct, database, users| {
        let mut conn = direct.database.write().await.unwrap();
        tokio::select! {
            ended = rename(&mut conn, users[0], "endless") => panic!("{ended:?}"),
            () = works(&direct, "sqlite_writer") => {}
        }
        drop(conn);
        nothing_has_happened(&direct, database, users).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_caller_is_gone_is_interrupted_and_has_not_happened() {
    on_sqlite(patient(), async |direct, database, users| {
        let mut conn = direct.database.write().await.unwrap();
        let begun = tokio::sync::Notify::new();
        let endless = conn.transaction(async |conn| {
            rename(conn, users[0], "first").await?;
            begun.notify_one();
            rename(conn, users[1], "endless").await
        });
        let works = async {
            begun.notified().await;
            works(&direct, "sqlite_writer").await;
        };
        tokio::select! {
            ended = endless => panic!("{ended:?}"),
            () = works => {}
        }
        drop(conn);
        nothing_has_happened(&direct, database, users).await;
    })
    .await;
}

/// SQLite rolls back the transaction of a write that it interrupts. Whatever came after it would be on its own, and for good.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_transaction_happens_after_a_statement_of_it_was_interrupted() {
    on_sqlite(impatient(), async |direct, database, users| {
        let mut conn = direct.database.write().await.unwrap();
        let result = conn
            .transaction(async |conn| {
                rename(conn, users[0], "first").await?;
                let interrupted = rename(conn, users[1], "endless").await.unwrap_err();
                assert!(interrupted.to_string().contains("interrupted"));
                let refused = rename(conn, users[1], "after").await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Timeout);
                Ok(())
            })
            .await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
        let other = [("error_type", "other")];
        let scrape = bare::scrape(&direct.metrics);
        let defects = scrape.sum("db_client_operation_duration_seconds_count", &other);
        assert_eq!(defects, 0.0, "to roll back once more is no error");
        drop(conn);
        nothing_has_happened(&direct, database, users).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_transaction_happens_after_a_statement_of_it_was_given_up() {
    on_sqlite(patient(), async |direct, database, users| {
        let mut conn = direct.database.write().await.unwrap();
        let result = conn
            .transaction(async |conn| {
                rename(conn, users[0], "first").await?;
                tokio::select! {
                    // First, so that it has begun when it is given up.
                    biased;
                    ended = rename(conn, users[1], "endless") => panic!("{ended:?}"),
                    () = works(&direct, "sqlite_writer") => {}
                }
                let refused = rename(conn, users[1], "after").await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Cancelled);
                Ok(())
            })
            .await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
        drop(conn);
        nothing_has_happened(&direct, database, users).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_either_database_a_transaction_ends_with_the_first_of_its_statements_that_fails() {
    on_each_empty_database(async |database| {
        let direct = Direct::open(&database.url, &single_connection()).await;
        let one = direct.insert_user("one").await;
        let mut conn = direct.database.write().await.unwrap();
        for given_up in [false, true] {
            let result = conn
                .transaction(async |conn| {
                    rename(conn, one, "changed").await?;
                    if given_up {
                        abandoned_after(1, rename(conn, one, "given up")).await;
                    } else {
                        let nonsense = sql_query("SELECT nonsense");
                        conn.execute(Ping, nonsense).await.unwrap_err();
                    }
                    // As if it did not matter.
                    Ok(())
                })
                .await;
            assert!(result.is_err());
            if given_up {
                break;
            }
            rename(&mut conn, one, "one").await.unwrap();
        }
        drop(conn);
        assert_eq!(direct.name_of(one).await, "one");
    })
    .await;
}
