//! Test data: the same for the same seed, on either database; all of it or, if anything fails, nothing.

mod progress;
mod texts;

use std::time::{Duration, Instant};

use clap::Args;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Zipf};

use self::progress::Progress;
use crate::{
    app::StartError,
    database::{Conn, Database, DatabaseError, ErrorKind},
    models::{NewPost, NewUser, PostStatus, Role, Timestamp, UserId},
    repositories::seed as queries,
};

/// Rows of one INSERT: 500 rows of 7 values stay far below the 32 766 values that SQLite takes in one statement.
const BATCH: u32 = 500;

/// How unevenly posts are spread over authors: with 0.7 the busiest of 10 000 authors has about 2 % of all posts.
const SKEW: f64 = 0.7;

/// The first row was made on 2024-01-01, the others at equal distances in the year after it.
const FIRST_MICROS: i64 = 1_704_067_200_000_000;
const YEAR_MICROS: i64 = 365 * 24 * 3600 * 1_000_000;

/// How much to make.
#[derive(Clone, Debug, Args)]
pub struct SeedOptions {
    /// Users to make, 1 to 10 000 000; 100 000 is the standard size for benchmarks
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub users: u32,
    /// Posts for each user on average, 0 to 1000, spread unevenly
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub posts_per_user: u32,
    /// The seed of the random numbers
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Copy, Debug)]
pub struct Seeded {
    /// Users.
    pub users: u32,
    /// Posts.
    pub posts: u32,
    /// Time it took.
    pub elapsed: Duration,
}

/// Fills an empty database.
///
/// # Errors
/// [`StartError`], if there are users already, or the database fails; then nothing was made.
pub async fn run(database: &Database, options: &SeedOptions) -> Result<Seeded, StartError> {
    let started = Instant::now();
    let failed = |error: DatabaseError| StartError(format!("Nothing was seeded: {error}"));
    let posts = options.users.saturating_mul(options.posts_per_user);
    let mut progress = Progress::new(u64::from(options.users) + u64::from(posts));
    let mut conn = database.write().await.map_err(failed)?;
    if queries::any_user(&mut conn).await.map_err(failed)? {
        return Err(StartError(
            "The database has users already: seed an empty one".to_owned(),
        ));
    }
    conn.transaction(async |conn| fill(conn, options, posts, &mut progress).await)
        .await
        .map_err(failed)?;
    queries::analyze(&mut conn).await.map_err(failed)?;
    progress.finish();
    Ok(Seeded {
        users: options.users,
        posts,
        elapsed: started.elapsed(),
    })
}

async fn fill(
    conn: &mut Conn,
    options: &SeedOptions,
    posts: u32,
    progress: &mut Progress,
) -> Result<(), DatabaseError> {
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    let mut authors = Vec::new();
    for (from, to) in batches(options.users) {
        let rows = (from..to)
            .map(|number| user(number, options.users, &mut random))
            .collect();
        authors.extend(queries::insert_users(conn, rows).await?);
        progress.add(u64::from(to - from));
    }
    let ranks = Zipf::new(f64::from(options.users), SKEW)
        .map_err(|error| DatabaseError::new(ErrorKind::Other, error.to_string()))?;
    for (from, to) in batches(posts) {
        let rows = (from..to)
            .filter_map(|number| post(number, posts, &authors, &ranks, &mut random))
            .collect();
        queries::insert_posts(conn, rows).await?;
        progress.add(u64::from(to - from));
    }
    Ok(())
}

fn batches(rows: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..rows)
        .step_by(BATCH as usize)
        .map(move |from| (from, from.saturating_add(BATCH).min(rows)))
}

fn user(number: u32, of: u32, random: &mut ChaCha8Rng) -> NewUser {
    let (first, last) = texts::name(random);
    let role = match random.random_range(0..100) {
        0 => Role::Admin,
        1..10 => Role::Editor,
        _ => Role::Member,
    };
    let email = format!(
        "{}.{}.{}@example.com",
        first.to_lowercase(),
        last.to_lowercase(),
        number + 1
    );
    let time = time_of(number, of);
    NewUser {
        name: format!("{first} {last}"),
        email,
        role,
        version: 1,
        created_at: time,
        updated_at: time,
    }
}

fn post(
    number: u32,
    of: u32,
    authors: &[UserId],
    ranks: &Zipf<f64>,
    random: &mut ChaCha8Rng,
) -> Option<NewPost> {
    let status = match random.random_range(0..10) {
        0..7 => PostStatus::Published,
        7..9 => PostStatus::Draft,
        _ => PostStatus::Archived,
    };
    let time = time_of(number, of);
    Some(NewPost {
        author_id: author(authors, ranks.sample(random))?,
        title: texts::title(random),
        body: texts::body(random),
        status,
        version: 1,
        created_at: time,
        updated_at: time,
    })
}

/// The author of a rank. Ranks are scattered over the ids by a stride that is prime, so that the busiest are not the first.
fn author(authors: &[UserId], rank: f64) -> Option<UserId> {
    const STRIDE: usize = 7_919;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is a whole number from 1 to the number of users"
    )]
    let rank = rank as usize;
    authors
        .get(rank.wrapping_mul(STRIDE) % authors.len().max(1))
        .copied()
}

fn time_of(number: u32, of: u32) -> Timestamp {
    Timestamp::from_micros(FIRST_MICROS + YEAR_MICROS / i64::from(of.max(1)) * i64::from(number))
}
