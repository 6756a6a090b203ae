//! A transaction in which nothing happens: PostgreSQL ends it, so that its locks do not stay, and the service goes on with another connection.

use std::time::Duration;

use api::{clock::Clock, database::ErrorKind, repositories::users};
use tests::{DatabaseKind, Outside, eventually, on_each_empty_database};

use crate::direct::{Direct, any, renamed, single_connection};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_idle_in_a_transaction_is_ended_and_nothing_of_it_is_committed() {
    on_each_empty_database(async |database| {
        if database.kind != DatabaseKind::Postgres {
            return;
        }
        let mut options = single_connection();
        options.idle_in_transaction_timeout = Duration::from_millis(100);
        let direct = Direct::open(&database.url, &options).await;
        let user = direct.insert_user("before").await;
        let mut outside = Outside::of(&database).await;
        // What comes after the pause: another statement, or the end.
        for goes_on in [true, false] {
            let mut conn = direct.database.write().await.unwrap();
            let result = conn
                .transaction(async |conn| {
                    let now = Clock::System.now();
                    users::update(conn, any(user), renamed("during"), now).await?;
                    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE \
                        datname = current_database() AND application_name = 'centum'";
                    eventually("the session is ended", async || {
                        outside.number(sessions).await == 0
                    })
                    .await;
                    if goes_on {
                        users::update(conn, any(user), renamed("after"), now).await?;
                    }
                    Ok(())
                })
                .await;
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable);
            drop(conn);
            // The only connection is replaced, and the row is free.
            assert_eq!(direct.name_of(user).await, "before");
            let mut conn = direct.database.write().await.unwrap();
            let renamed =
                users::update(&mut conn, any(user), renamed("before"), Clock::System.now());
            renamed.await.unwrap();
        }
    })
    .await;
}
