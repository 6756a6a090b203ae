//! Every text by which an error is known, said by a real database. A new version that words it differently fails here.

use std::{fs, path::Path, time::Duration};

use api::{
    database::{Conn, DatabaseError, ErrorKind},
    repositories::health::Ping,
};
use diesel::sql_query;
use tests::{DatabaseKind, Outside, Proxy, TestOptions, eventually, on_database};

use crate::direct::{Direct, single_connection};

#[track_caller]
fn assert_said(error: &DatabaseError, text: &str, kind: ErrorKind) {
    assert!(error.to_string().contains(text), "{error}");
    assert_eq!(error.kind(), kind, "{error}");
}

async fn run(conn: &mut Conn, statement: &str) -> Result<usize, DatabaseError> {
    conn.execute(Ping, sql_query(statement)).await
}

async fn error_of(conn: &mut Conn, statements: &[String]) -> DatabaseError {
    let (last, before) = statements.split_last().unwrap();
    for statement in before {
        run(conn, statement).await.unwrap();
    }
    run(conn, last).await.unwrap_err()
}

/// Statements of which the last one fails, and what SQLite says then.
const SQLITE: [(&[&str], &str, ErrorKind); 7] = [
    (
        &[INSERT_USER, INSERT_USER],
        "users_email_key",
        ErrorKind::UniqueViolation,
    ),
    (
        &[INSERT_POST],
        "FOREIGN KEY constraint failed",
        ErrorKind::ForeignKeyViolation,
    ),
    (
        &["PRAGMA max_page_count = 1", CREATE_TABLE],
        "database or disk is full",
        ErrorKind::Unavailable,
    ),
    (
        &["PRAGMA query_only = ON", CREATE_TABLE],
        "attempt to write a readonly database",
        ErrorKind::Unavailable,
    ),
    (
        &["ATTACH DATABASE '{directory}/text' AS other"],
        "file is not a database",
        ErrorKind::Unavailable,
    ),
    (
        &[
            "ATTACH DATABASE '{directory}/unwritable' AS other",
            "CREATE TABLE other.more (id INTEGER)",
        ],
        "unable to open database file",
        ErrorKind::Unavailable,
    ),
    (&["SELECT nonsense"], "no such column", ErrorKind::Other),
];
const INSERT_USER: &str = "INSERT INTO users (name, email, role, version, created_at, updated_at) VALUES ('A', 'a@example.com', 'admin', 1, 0, 0)";
const INSERT_POST: &str = "INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) VALUES (9, 'T', 'B', 'draft', 1, 0, 0)";
const CREATE_TABLE: &str = "CREATE TABLE more (id INTEGER)";

/// One file that is no database, and one whose journal cannot be made because a directory has its name.
fn bad_files(directory: &Path) {
    fs::write(directory.join("text"), "This is no database. ".repeat(100)).unwrap();
    fs::create_dir(directory.join("unwritable-journal")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sqlite_says_is_understood() {
    let directory = tempfile::tempdir().unwrap();
    bad_files(directory.path());
    let path = directory.path().display().to_string();
    for (number, (statements, text, kind)) in SQLITE.into_iter().enumerate() {
        let url = format!("sqlite:{path}/{number}.db");
        let direct = Direct::open(&url, &single_connection()).await;
        let mut conn = direct.database.write().await.unwrap();
        let in_place = |statement: &&str| statement.replace("{directory}", &path);
        let statements: Vec<_> = statements.iter().map(in_place).collect();
        assert_said(&error_of(&mut conn, &statements).await, text, kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_sqlite_file_is_understood() {
    on_database(DatabaseKind::Sqlite, TestOptions::default(), async |app| {
        let mut options = single_connection();
        options.wait_timeout = Duration::from_millis(100);
        let direct = Direct::open(&app.database.url, &options).await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let mut conn = direct.database.write().await.unwrap();
        let error = run(&mut conn, "DELETE FROM users").await.unwrap_err();
        assert_said(&error, "database is locked", ErrorKind::Unavailable);
    })
    .await;
}

/// Runs `test` with the only connection of a database, and somebody else on the same one.
async fn on_postgres(
    change: impl FnOnce(&mut api::database::PoolOptions),
    test: impl AsyncFnOnce(Direct, Outside),
) {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut options = single_connection();
            change(&mut options);
            let url = format!("{}?application_name=direct", app.database.url);
            test(
                Direct::open(&url, &options).await,
                Outside::of(&app.database).await,
            )
            .await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_time_out_of_postgresql_is_understood() {
    let short = |options: &mut api::database::PoolOptions| {
        options.statement_timeout = Duration::from_millis(50);
    };
    on_postgres(short, async |direct, _| {
        let mut conn = direct.database.write().await.unwrap();
        let error = run(&mut conn, "SELECT pg_sleep(60)").await.unwrap_err();
        assert_said(
            &error,
            "canceling statement due to statement timeout",
            ErrorKind::Timeout,
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_time_out_of_postgresql_is_understood() {
    on_postgres(
        |options| options.lock_timeout = Duration::from_millis(50),
        async |direct, mut outside| {
            outside.lock_everything().await;
            let mut conn = direct.database.write().await.unwrap();
            let error = run(&mut conn, "DELETE FROM posts").await.unwrap_err();
            assert_said(
                &error,
                "canceling statement due to lock timeout",
                ErrorKind::LockTimeout,
            );
        },
    )
    .await;
}

const SESSIONS: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'direct'";

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_postgresql_ends_is_understood() {
    on_postgres(
        |options| options.statement_timeout = Duration::from_mins(1),
        async |direct, mut outside| {
            let mut conn = direct.database.write().await.unwrap();
            let end = async {
                let sleeping = format!("SELECT count(*) {SESSIONS} AND wait_event = 'PgSleep'");
                eventually("it sleeps", async || outside.number(&sleeping).await == 1).await;
                outside
                    .number(&format!(
                        "SELECT count(pg_terminate_backend(pid)) {SESSIONS}"
                    ))
                    .await
            };
            let (result, _) = tokio::join!(run(&mut conn, "SELECT pg_sleep(60)"), end);
            assert_said(
                &result.unwrap_err(),
                "terminating connection",
                ErrorKind::Unavailable,
            );
            // The same caller cannot go on; the next one gets another connection.
            assert_eq!(
                run(&mut conn, "SELECT 1").await.unwrap_err().kind(),
                ErrorKind::Unavailable
            );
            drop(conn);
            run(&mut direct.database.write().await.unwrap(), "SELECT 1")
                .await
                .unwrap();
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_the_network_ends_is_understood() {
    on_database(DatabaseKind::Postgres, TestOptions::default(), async |app| {
        let proxy = Proxy::in_front_of(&app.database.url).await;
        let direct = Direct::open(&proxy.url(&app.database.url), &single_connection()).await;
        let mut conn = direct.database.write().await.unwrap();
        run(&mut conn, "SELECT 1").await.unwrap();
        let cut = async {
            let mut outside = Outside::of(&app.database).await;
            let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
            eventually("it sleeps", async || outside.number(sleeping).await == 1).await;
            proxy.cut();
        };
        let (result, ()) = tokio::join!(run(&mut conn, "SELECT pg_sleep(60)"), cut);
        assert_said(&result.unwrap_err(), "connection closed", ErrorKind::Unavailable);
        drop(conn);
        proxy.mend();
        eventually("another connection is made", async || {
            let Ok(mut conn) = direct.database.write().await else { return false };
            run(&mut conn, "SELECT 1").await.is_ok()
        })
        .await;
    })
    .await;
}
