//! The upper limit: one thread that runs the query of `GET /api/v1/users/{user_id}` on SQLite in a loop, without the service around it.
//!
//! `DATABASE_URL=sqlite:PATH cargo bench -p api --bench sqlite_bare_loop` on a file that `api seed` has filled prints queries per second.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement has nobody to hand an error to"
)]

use std::time::{Duration, Instant};

use api::{
    models::User,
    schema::users::{self, dsl},
};
use diesel::{
    Connection, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection,
};

const DURATION: Duration = Duration::from_secs(5);

fn main() {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:centum.db".to_owned());
    let path = url.strip_prefix("sqlite:").unwrap();
    let mut connection = SqliteConnection::establish(path).unwrap();
    let count: i64 = dsl::users.count().get_result(&mut connection).unwrap();
    let (started, mut queries, mut rows) = (Instant::now(), 0_u32, 0_usize);
    while started.elapsed() < DURATION {
        let id = fastrand::i64(1..=count);
        let query = users::table
            .filter(users::id.eq(id))
            .select(User::as_select());
        rows += query.load::<User>(&mut connection).unwrap().len();
        queries += 1;
    }
    assert_eq!(rows, queries as usize, "every id must be there");
    let rate = f64::from(queries) / started.elapsed().as_secs_f64();
    println!("{queries} queries of one row: {rate:.0} queries/s");
}
