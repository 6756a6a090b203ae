//! Somebody else who uses the same database: locks held against the application, and looks at what it did.

use diesel::{
    Connection, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    dsl::sql,
    sql_types::{BigInt, Text},
};

use crate::database::{DatabaseKind, TestDatabase, connect};

/// A session of its own. Its locks end with it.
pub enum Outside {
    Sqlite(Box<SqliteConnection>),
    Postgres(tokio_postgres::Client),
}

impl Outside {
    pub async fn of(database: &TestDatabase) -> Self {
        match database.kind {
            DatabaseKind::Sqlite => {
                let path = database.url.strip_prefix("sqlite:").unwrap();
                let mut connection = SqliteConnection::establish(path).unwrap();
                // Only for what a test does beside the application; locks are taken where nobody holds them.
                connection
                    .batch_execute("PRAGMA busy_timeout = 5000")
                    .unwrap();
                Self::Sqlite(Box::new(connection))
            }
            DatabaseKind::Postgres => Self::Postgres(connect(&database.url).await),
        }
    }

    /// Runs statements.
    pub async fn run(&mut self, statements: &str) {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(statements).unwrap(),
            Self::Postgres(client) => client.batch_execute(statements).await.unwrap(),
        }
    }

    /// The number that `query` returns, which is in both dialects.
    pub async fn number(&mut self, query: &str) -> i64 {
        match self {
            Self::Sqlite(connection) => diesel::select(sql::<BigInt>(&format!("({query})")))
                .get_result(&mut **connection)
                .unwrap(),
            Self::Postgres(client) => client.query_one(query, &[]).await.unwrap().get(0),
        }
    }

    /// The text that `query` returns.
    pub async fn text(&mut self, query: &str) -> String {
        match self {
            Self::Sqlite(connection) => diesel::select(sql::<Text>(&format!("({query})")))
                .get_result(&mut **connection)
                .unwrap(),
            Self::Postgres(client) => client.query_one(query, &[]).await.unwrap().get(0),
        }
    }

    /// All indexes of users and posts, each by the statement that makes it.
    pub async fn indexes(&mut self) -> String {
        let query = match self {
            Self::Sqlite(_) => {
                "SELECT coalesce(group_concat(sql, '; '), '') FROM (SELECT sql FROM sqlite_master WHERE type = 'index' ORDER BY name)"
            }
            Self::Postgres(_) => {
                "SELECT string_agg(indexdef, '; ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'"
            }
        };
        self.text(query).await
    }

    /// From here on nobody else can write, until [`unlock`](Self::unlock).
    pub async fn lock_writes(&mut self) {
        let lock = match self {
            Self::Sqlite(_) => "BEGIN EXCLUSIVE",
            Self::Postgres(_) => "BEGIN; LOCK TABLE users, posts IN EXCLUSIVE MODE",
        };
        self.run(lock).await;
    }

    /// From here on nobody else can read or write, until [`unlock`](Self::unlock). PostgreSQL only: on SQLite readers are never held up.
    pub async fn lock_everything(&mut self) {
        self.run("BEGIN; LOCK TABLE users, posts IN ACCESS EXCLUSIVE MODE")
            .await;
    }

    pub async fn unlock(&mut self) {
        self.run("ROLLBACK").await;
    }

    /// How many sessions of the application wait for a lock. PostgreSQL only. Not inside a transaction, which would see its first answer
    /// again and again.
    pub async fn waiting_sessions(&mut self) -> i64 {
        self.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'centum' AND wait_event_type = 'Lock'",
        )
        .await
    }
}
