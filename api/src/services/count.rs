//! How many rows a list has in all: counted, or estimated from a sample of the table.

use std::ops::RangeInclusive;

use crate::{
    database::{Conn, DatabaseError},
    models::{Count, PostFilter, PostId, Total, UserFilter, UserId},
    repositories::{posts, users},
};

/// Most rows that are counted where an estimate will do.
const COUNTED: i64 = 10_000;
/// How many ids are looked at for an estimate. Where a share `p` of all ids match, its standard error is the estimate times
/// `sqrt((1 - p) / (p * SAMPLE))`, or a little less: 3 % for a half, 9 % for a tenth.
const SAMPLE: u32 = 1_000;
/// 2^64 divided by the golden ratio: its multiples, modulo 2^64, are spread evenly and follow no period.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Says which rows a list has, so that they can be counted.
pub(super) trait Countable: Clone {
    /// How many rows match.
    async fn count(self, conn: &mut Conn) -> Result<i64, DatabaseError>;
    /// How many rows match; `most` if they are more.
    async fn count_up_to(self, conn: &mut Conn, most: i64) -> Result<i64, DatabaseError>;
    /// The smallest and the greatest id of the whole table.
    async fn id_range(conn: &mut Conn) -> Result<Option<RangeInclusive<i64>>, DatabaseError>;
    /// How many of these ids are there and match.
    async fn count_sample(self, conn: &mut Conn, ids: Vec<i64>) -> Result<i64, DatabaseError>;
}

/// How many rows the filter lets through, if that is asked for. What a page has `proven` is not asked again.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub(super) async fn total(
    conn: &mut Conn,
    filter: impl Countable,
    count: Count,
    proven: Option<i64>,
) -> Result<Option<Total>, DatabaseError> {
    let total = match (count, proven) {
        (Count::None, _) => return Ok(None),
        (_, Some(rows)) => Total::exactly(rows),
        (Count::Exact, None) => Total::exactly(filter.count(conn).await?),
        (Count::Estimated, None) => estimated(conn, filter).await?,
    };
    Ok(Some(total))
}

/// Never less than what was counted, and so never less than a page by number can show: both end at the same row.
async fn estimated<F: Countable>(conn: &mut Conn, filter: F) -> Result<Total, DatabaseError> {
    let counted = filter.clone().count_up_to(conn, COUNTED + 1).await?;
    if counted <= COUNTED {
        return Ok(Total::exactly(counted));
    }
    let mut rows = counted;
    if let Some(range) = F::id_range(conn).await? {
        let found = filter.count_sample(conn, sample(&range)).await?;
        rows = rows.max(scaled(found, &range));
    }
    Ok(Total {
        rows,
        is_estimate: true,
    })
}

/// One id of each of [`SAMPLE`] equal stretches of the range, at a place in it that is another each time: what repeats itself from id to id
/// does not meet a sample that repeats itself too.
fn sample(range: &RangeInclusive<i64>) -> Vec<i64> {
    let border = |stretch: u32| i128::from(stretch) * width(range) / i128::from(SAMPLE);
    let ids = (0..SAMPLE).map(|stretch| {
        let (start, end) = (border(stretch), border(stretch + 1));
        let place = i128::from(u64::from(stretch + 1).wrapping_mul(GOLDEN));
        i128::from(*range.start()) + start + ((place * (end - start)) >> 64)
    });
    ids.filter_map(|id| i64::try_from(id).ok()).collect()
}

/// How many rows the whole range has, if the sample has `found`.
fn scaled(found: i64, range: &RangeInclusive<i64>) -> i64 {
    let rows = i128::from(found) * width(range) / i128::from(SAMPLE);
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// How many ids the range has.
fn width(range: &RangeInclusive<i64>) -> i128 {
    i128::from(*range.end()) - i128::from(*range.start()) + 1
}

impl Countable for UserFilter {
    async fn count(self, conn: &mut Conn) -> Result<i64, DatabaseError> {
        users::count(conn, self).await
    }

    async fn count_up_to(self, conn: &mut Conn, most: i64) -> Result<i64, DatabaseError> {
        users::count_up_to(conn, self, most).await
    }

    async fn id_range(conn: &mut Conn) -> Result<Option<RangeInclusive<i64>>, DatabaseError> {
        let range = users::id_range(conn).await?;
        Ok(range.map(|(smallest, greatest)| smallest.get()..=greatest.get()))
    }

    async fn count_sample(self, conn: &mut Conn, ids: Vec<i64>) -> Result<i64, DatabaseError> {
        users::count_sample(conn, self, ids.into_iter().map(UserId::new).collect()).await
    }
}

impl Countable for PostFilter {
    async fn count(self, conn: &mut Conn) -> Result<i64, DatabaseError> {
        posts::count(conn, self).await
    }

    async fn count_up_to(self, conn: &mut Conn, most: i64) -> Result<i64, DatabaseError> {
        posts::count_up_to(conn, self, most).await
    }

    async fn id_range(conn: &mut Conn) -> Result<Option<RangeInclusive<i64>>, DatabaseError> {
        let range = posts::id_range(conn).await?;
        Ok(range.map(|(smallest, greatest)| smallest.get()..=greatest.get()))
    }

    async fn count_sample(self, conn: &mut Conn, ids: Vec<i64>) -> Result<i64, DatabaseError> {
        posts::count_sample(conn, self, ids.into_iter().map(PostId::new).collect()).await
    }
}

#[cfg(test)]
mod tests {
    use super::{SAMPLE, sample, scaled};

    #[test]
    fn a_sample_has_one_id_of_each_stretch_and_none_beyond_the_range() {
        for range in [1..=10_001, -5..=20_000, 7..=i64::MAX, i64::MIN..=i64::MAX] {
            let ids = sample(&range);
            assert_eq!(ids.len(), SAMPLE as usize);
            assert!(ids.is_sorted_by(|one, other| one < other), "{range:?}");
            assert!(ids.iter().all(|id| range.contains(id)), "{range:?}");
        }
    }

    #[test]
    fn what_repeats_itself_from_id_to_id_is_met_as_often_as_it_is_there() {
        for period in [2, 3, 7, 10, 20, 100] {
            for range in [1..=10_000, 1..=20_000, 1..=100_000, 3..=1_234_567] {
                let matching = sample(&range)
                    .iter()
                    .filter(|id| **id % period == 0)
                    .count();
                let estimate = scaled(i64::try_from(matching).unwrap(), &range);
                let truth = (range.end() - range.start() + 1) / period;
                let (low, high) = (truth / 2, truth * 2);
                assert!(
                    (low..=high).contains(&estimate),
                    "{estimate} of {truth}: every {period}th of {range:?}"
                );
            }
        }
    }
}
