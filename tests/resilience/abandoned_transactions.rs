//! Futures of transactions that are dropped at any of their waits.

use api::{
    clock::Clock,
    database::{Database, DatabaseError},
    models::UserId,
    repositories::users,
};
use futures_util::future::join_all;
use tests::{DatabaseKind, Outside, eventually, on_each_empty_database};

use crate::direct::{Direct, abandoned_after, any, renamed, single_connection};

/// Renames both users in one transaction.
async fn rename_both(
    database: &Database,
    [one, other]: [UserId; 2],
    name: &str,
) -> Result<(), DatabaseError> {
    let mut conn = database.write().await?;
    conn.transaction(async |conn| {
        users::update(conn, any(one), renamed(name), Clock::System.now()).await?;
        users::update(conn, any(other), renamed(name), Clock::System.now()).await?;
        Ok(())
    })
    .await
}

async fn pair(direct: &Direct) -> [UserId; 2] {
    let pair = [
        direct.insert_user("one").await,
        direct.insert_user("other").await,
    ];
    rename_both(&direct.database, pair, "before").await.unwrap();
    pair
}

async fn agree(direct: &Direct, [one, other]: [UserId; 2]) -> String {
    let mut conn = direct.database.read().await.unwrap();
    let name = users::find_by_id(&mut conn, one)
        .await
        .unwrap()
        .unwrap()
        .name;
    drop(conn);
    assert_eq!(
        direct.name_of(other).await,
        name,
        "half of a transaction was committed"
    );
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_dropped_at_any_of_its_waits_is_done_whole_or_not_at_all() {
    on_each_empty_database(async |test_database| {
        let direct = Direct::open(&test_database.url, &single_connection()).await;
        let pair = pair(&direct).await;
        let mut polls = 1;
        loop {
            let name = format!("after {polls}");
            let work = rename_both(&direct.database, pair, &name);
            let ended = abandoned_after(polls, work).await;
            // The only connection, or the turn to write, is free for the next one, and clean.
            let next = format!("{name}, next");
            rename_both(&direct.database, pair, &next).await.unwrap();
            assert_eq!(agree(&direct, pair).await, next);
            if let Some(result) = ended {
                result.unwrap();
                break;
            }
            polls += 1;
        }
        assert!(
            polls > 3,
            "it was dropped at each of its statements, not only {polls} times"
        );
        assert_eq!(direct.metrics.queries.unnamed.get(), 0);
        no_session_is_left_in_a_transaction(&test_database).await;
    })
    .await;
}

async fn no_session_is_left_in_a_transaction(database: &tests::TestDatabase) {
    if database.kind == DatabaseKind::Postgres {
        let mut outside = Outside::of(database).await;
        let query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND application_name = 'centum' AND state <> 'idle'";
        eventually("nothing runs on", async || outside.number(query).await == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_go_away_at_any_moment_do_not_harm_those_beside_them() {
    on_each_empty_database(async |test_database| {
        let mut options = single_connection();
        options.size = 3;
        let direct = Direct::open(&test_database.url, &options).await;
        let pair = pair(&direct).await;
        // Side by side in one task: a transaction's future stays where it was made.
        let writers = (0..6).map(|writer| {
            let database = direct.database.clone();
            async move {
                for round in 0..30 {
                    let name = format!("{writer} {round}");
                    // Every third one stays to the end, and must succeed.
                    if round % 3 == 0 {
                        rename_both(&database, pair, &name).await.unwrap();
                    } else {
                        let polls = 1 + (writer + round) % 7;
                        abandoned_after(polls, rename_both(&database, pair, &name)).await;
                    }
                }
            }
        });
        join_all(writers).await;
        agree(&direct, pair).await;
        rename_both(&direct.database, pair, "last").await.unwrap();
        assert_eq!(agree(&direct, pair).await, "last");
    })
    .await;
}
