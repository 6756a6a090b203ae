//! Two transactions in each other's way: one of them is told to try again, and nothing is half done.

use api::{
    clock::Clock,
    database::{Database, DatabaseError, ErrorKind},
    models::UserId,
    repositories::users,
};
use tests::{DatabaseKind, Outside, TestOptions, eventually, on_database, on_each_database};
use tokio::sync::Barrier;

use crate::{
    direct::{Direct, renamed, single_connection},
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

/// Changes two rows, and lets the others change one before it goes on to the second.
async fn change(
    database: &Database,
    [first, second]: [UserId; 2],
    both: &Barrier,
) -> Result<(), DatabaseError> {
    let mut conn = database.write().await?;
    conn.transaction(async |conn| {
        users::update(conn, first, renamed("changed"), Clock::System.now()).await?;
        both.wait().await;
        users::update(conn, second, renamed("changed"), Clock::System.now()).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_transactions_in_a_deadlock_one_succeeds_and_one_is_a_conflict() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut options = single_connection();
            options.size = 2;
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
            let kinds = [left, right].map(|result| result.err().map(|error| error.kind()));
            assert!(
                kinds.contains(&None) && kinds.contains(&Some(ErrorKind::Deadlock)),
                "{kinds:?}"
            );
            // Both connections are good for more.
            let again = Barrier::new(1);
            change(&direct.database, [one, other], &again)
                .await
                .unwrap();
            change(&direct.database, [other, one], &again)
                .await
                .unwrap();
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_cannot_be_serialised_is_a_conflict() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut options = single_connection();
            options.size = 2;
            let isolation = "options=-c%20default_transaction_isolation%3Drepeatable%5C%20read";
            let direct = Direct::open(&format!("{}?{isolation}", app.database.url), &options).await;
            let user = direct.insert_user("one").await;
            let mut late = direct.database.write().await.unwrap();
            let result: Result<(), DatabaseError> = late
                .transaction(async |conn| {
                    // From here on it sees the rows as they are now.
                    users::find_by_id(conn, user).await?;
                    let mut early = direct.database.write().await?;
                    users::update(&mut early, user, renamed("early"), Clock::System.now()).await?;
                    users::update(conn, user, renamed("late"), Clock::System.now())
                        .await
                        .map(drop)
                })
                .await;
            assert_eq!(result.unwrap_err().kind(), ErrorKind::SerializationFailure);
            assert_eq!(direct.name_of(user).await, "early");
        },
    )
    .await;
}
