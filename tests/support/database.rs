//! Databases of one test's own.

use std::{
    io::Write,
    sync::{
        Arc, Once,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
}

impl DatabaseKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database that is gone when the test has ended.
pub struct TestDatabase {
    pub url: String,
    pub kind: DatabaseKind,
    /// Keeps the SQLite file.
    pub directory: TempDir,
}

/// The server that `TEST_DATABASE_URL` names.
#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
pub fn postgres_server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

pub fn kinds() -> Vec<DatabaseKind> {
    let server = postgres_server().is_some();
    say_once(if server {
        "databases: SQLite and PostgreSQL"
    } else {
        "databases: SQLite only; TEST_DATABASE_URL=postgres://USER@HOST/DATABASE adds PostgreSQL"
    });
    if server {
        vec![DatabaseKind::Sqlite, DatabaseKind::Postgres]
    } else {
        vec![DatabaseKind::Sqlite]
    }
}

/// Once in a run.
fn say_once(line: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| say(line));
}

/// Past the capture of a test's output: everybody is to see it.
pub fn say(line: &str) {
    let line = format!("{line}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Says that a test did not run, and what it needs.
pub fn say_skipped(needs: &str) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a test");
    say(&format!("skipped: {name} needs {needs}"));
}

pub async fn create(kind: DatabaseKind) -> TestDatabase {
    let directory = tempfile::tempdir().unwrap();
    let url = match kind {
        DatabaseKind::Sqlite => format!("sqlite:{}", directory.path().join("test.db").display()),
        DatabaseKind::Postgres => create_postgres().await,
    };
    TestDatabase {
        url,
        kind,
        directory,
    }
}

/// The name holds the process that made it, so that a later run can remove what a failed test left behind.
async fn create_postgres() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let server = postgres_server().expect("TEST_DATABASE_URL");
    if number == 0 {
        remove_leftovers(&server).await;
    }
    let name = format!("centum_test_{}_{number}", std::process::id());
    execute(&server, &format!("CREATE DATABASE {name}")).await;
    replace_database(&server, &name)
}

async fn remove_leftovers(server: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .expect("TEST_DATABASE_URL must be reachable");
    tokio::spawn(connection);
    let rows = client
        .query(
            "SELECT datname FROM pg_database WHERE datname LIKE 'centum\\_test\\_%'",
            &[],
        )
        .await
        .unwrap();
    for row in rows {
        let name: String = row.get(0);
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            // Another run may remove the same one at the same time.
            drop(
                client
                    .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await,
            );
        }
    }
}

/// A connection to the PostgreSQL database of `url`, outside the service.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the database must be reachable");
    tokio::spawn(connection);
    client
}

/// Runs `sql` on the PostgreSQL database of `url`.
pub async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap();
}

fn replace_database(server: &str, name: &str) -> String {
    let (before, query) = server
        .split_once('?')
        .map_or((server, String::new()), |(before, query)| {
            (before, format!("?{query}"))
        });
    let (host, _) = before
        .rsplit_once('/')
        .expect("TEST_DATABASE_URL is postgres://USER@HOST/NAME");
    format!("{host}/{name}{query}")
}

impl TestDatabase {
    /// Another empty database of the same kind.
    pub async fn like(other: &Self) -> Arc<Self> {
        Arc::new(create(other.kind).await)
    }

    /// Removes a PostgreSQL database; a SQLite file goes with its directory.
    pub async fn remove(&self) {
        if self.kind == DatabaseKind::Postgres {
            let server = postgres_server().expect("TEST_DATABASE_URL");
            let name = self
                .url
                .rsplit('/')
                .next()
                .and_then(|name| name.split('?').next())
                .unwrap_or_default();
            execute(
                &server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
    }
}
