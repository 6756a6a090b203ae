//! Two transactions in each other's way: one of them is tried again, or is told to, and nothing is half done.

use api::{
    clock::Clock,
    config::Config,
    database::{Database, DatabaseError, ErrorKind},
    error::ErrorCode,
    models::UserId,
    repositories::users,
};
use tests::{DatabaseKind, Outside, TestOptions, eventually, on_database, on_each_database};
use tokio::sync::Barrier;

use crate::{
    bare,
    direct::{Direct, any, renamed, single_connection},
    locker_and_observer,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_comes_while_its_author_is_deleted_is_a_conflict_and_nothing_is_deleted() {
    on_database(DatabaseKind::Postgres, TestOptions::default(), async |app| {
        let user = app.create_user("Ada", "ada@example.com").await;
        let first = app.create_post(&user, "First").await;
        let (mut author, mut observer) = locker_and_observer(&app).await;
        // Not committed yet: the first statement of the deletion does not see the post, the second waits for it.
        author
            .run(&format!(
                "BEGIN; INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) \
                 VALUES ({user}, 'Second', 'Text', 'draft', 1, now(), now())"
            ))
            .await;
        let path = format!("/api/v1/users/{user}");
        let deletion = tokio::spawn(app.delete(&path).try_send());
        eventually("the deletion waits", async || observer.waiting_sessions().await == 1).await;
        author.run("COMMIT").await;

        deletion.await.unwrap().unwrap().expect_error(409, "CONFLICT");
        drop(app.get(&path).send().await.expect(200));
        drop(app.get(&format!("/api/v1/posts/{first}")).send().await.expect(200));
        assert_eq!(observer.number("SELECT count(*) FROM posts").await, 2);
        // As the answer says: tried again, it succeeds.
        assert_eq!(app.delete(&path).send().await.status, 204);
        assert_eq!(observer.number("SELECT count(*) FROM posts").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_written_while_their_author_is_deleted_are_gone_or_refused() {
    on_each_database(async |app| {
        for round in 0..10 {
            let user = app
                .create_user("Ada", &format!("ada{round}@example.com"))
                .await;
            let path = format!("/api/v1/users/{user}");
            let post = serde_json::json!({ "author_id": user, "title": "Title", "body": "Text" });
            let writers: tokio::task::JoinSet<_> = (0..4)
                .map(|_| app.post("/api/v1/posts").json(&post).try_send())
                .collect();
            let deletion = app.delete(&path).send().await.status.as_u16();
            assert!(deletion == 204 || deletion == 409, "{deletion}");
            for answer in writers.join_all().await {
                let status = answer.unwrap().status.as_u16();
                assert!(status == 201 || status == 422, "{status}");
            }
            let mut outside = Outside::of(&app.database).await;
            let orphans =
                "SELECT count(*) FROM posts WHERE author_id NOT IN (SELECT id FROM users)";
            assert_eq!(outside.number(orphans).await, 0);
        }
    })
    .await;
}

/// Changes two rows. The first time it lets the others change one before it goes on to the second.
async fn change(
    database: &Database,
    [first, second]: [UserId; 2],
    both: &Barrier,
) -> Result<(), DatabaseError> {
    let mut conn = database.write().await?;
    let mut met = false;
    conn.transaction(async |conn| {
        users::update(conn, any(first), renamed("changed"), Clock::System.now()).await?;
        if !met {
            both.wait().await;
            met = true;
        }
        users::update(conn, any(second), renamed("changed"), Clock::System.now()).await?;
        Ok(())
    })
    .await
}

fn retries(direct: &Direct, reason: &str) -> f64 {
    let labels = [("reason", reason)];
    bare::scrape(&direct.metrics).sum("db_client_retries_total", &labels)
}

/// The lock time-out is the usual one: a deadlock must be told before it passes.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_transactions_in_a_deadlock_one_is_tried_again_and_both_succeed() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut options = single_connection();
            options.size = 2;
            options.lock_timeout = Config::default().pool_options().lock_timeout;
            let direct = Direct::open(&app.database.url, &options).await;
            let (one, other) = (
                direct.insert_user("one").await,
                direct.insert_user("other").await,
            );
            let both = Barrier::new(2);
            let (left, right) = tokio::join!(
                change(&direct.database, [one, other], &both),
                change(&direct.database, [other, one], &both),
            );
            left.unwrap();
            right.unwrap();
            assert_eq!(retries(&direct, "deadlock"), 1.0);
            let mut outside = Outside::of(&app.database).await;
            let versions = "SELECT sum(version)::bigint FROM users";
            assert_eq!(outside.number(versions).await, 6, "each changed each once");
        },
    )
    .await;
}

/// A transaction that sees the rows as they were when it began.
async fn on_repeatable_read(test: impl AsyncFn(Direct, UserId, Outside)) {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut options = single_connection();
            options.size = 2;
            let isolation = "options=-c%20default_transaction_isolation%3Drepeatable%5C%20read";
            let direct = Direct::open(&format!("{}?{isolation}", app.database.url), &options).await;
            let user = direct.insert_user("one").await;
            test(direct, user, Outside::of(&app.database).await).await;
        },
    )
    .await;
}

/// Changes a user in a transaction in whose first `conflicts` attempts somebody else is faster. Returns how often it was tried, and the end.
async fn late_change(
    direct: &Direct,
    user: UserId,
    conflicts: u32,
) -> (u32, Result<(), DatabaseError>) {
    let mut late = direct.database.write().await.unwrap();
    let mut attempts = 0;
    let result = late
        .transaction(async |conn| {
            attempts += 1;
            // From here on it sees the rows as they are now.
            users::find_by_id(conn, user).await?;
            if attempts <= conflicts {
                let mut early = direct.database.write().await?;
                users::update(&mut early, any(user), renamed("early"), Clock::System.now()).await?;
            }
            let late = users::update(conn, any(user), renamed("late"), Clock::System.now());
            late.await.map(drop)
        })
        .await;
    (attempts, result)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_cannot_be_serialised_is_tried_again_three_times() {
    on_repeatable_read(async |direct, user, _| {
        let (attempts, result) = late_change(&direct, user, 1).await;
        result.unwrap();
        assert_eq!(attempts, 2);
        assert_eq!(direct.name_of(user).await, "late");
        assert_eq!(retries(&direct, "serialization_failure"), 1.0);

        let (attempts, result) = late_change(&direct, user, u32::MAX).await;
        assert_eq!(attempts, 4);
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SerializationFailure);
        assert_eq!(api::error::Error::from(error).code(), ErrorCode::Conflict);
        assert_eq!(direct.name_of(user).await, "early");
        assert_eq!(retries(&direct, "serialization_failure"), 1.0 + 3.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_statement_that_cannot_be_serialised_is_tried_again() {
    on_repeatable_read(async |direct, user, mut outside| {
        outside
            .run("BEGIN; UPDATE users SET name = 'early', version = version + 1")
            .await;
        let late = async {
            let mut conn = direct.database.write().await.unwrap();
            users::update(&mut conn, any(user), renamed("late"), Clock::System.now()).await
        };
        let early = async {
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted \
                           AND locktype = 'transactionid'";
            eventually("the other one waits", async || {
                outside.number(waiting).await > 0
            })
            .await;
            outside.run("COMMIT").await;
        };
        let (late, ()) = tokio::join!(late, early);
        assert_eq!(late.unwrap().unwrap().version, 3);
        assert_eq!(retries(&direct, "serialization_failure"), 1.0);
    })
    .await;
}
