//! Lists against a model in memory: whatever filters, order and limit, the pages by cursor are together the sorted, filtered set, while
//! other rows come and go.

use std::{cmp::Ordering, collections::BTreeSet};

use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    sample::{Index, select, subsequence},
    strategy::ValueTree,
    test_runner::TestRunner,
};
use serde_json::Value;
use tests::{Outside, TestApp, on_each_database};

const NAMES: [&str; 8] = ["A", "Ada", "Ada B", "ada", "É", "a%", "Zoë", "z_"];
const ROLES: [&str; 3] = ["admin", "editor", "member"];
const PREFIXES: [&str; 4] = ["A", "Ada", "a%", "É"];
const CASES: usize = 48;
/// Rows that come and go while pages are read carry this name.
const VISITOR: &str = "Ada visits";
/// Fields that may be asked for besides the id, by which rows are told apart.
const FIELDS: [&str; 6] = [
    "name",
    "email",
    "role",
    "version",
    "created_at",
    "updated_at",
];

/// A row as the model has it: it stays while the pages are read.
#[derive(Clone, Debug)]
struct Row {
    id: usize,
    name: &'static str,
    role: &'static str,
    second: u8,
}

/// One walk through a list.
#[derive(Clone, Debug)]
struct Walk {
    rows: Vec<(&'static str, &'static str, u8)>,
    sort: Vec<(&'static str, bool)>,
    role: Option<&'static str>,
    prefix: Option<&'static str>,
    seconds: (Option<u8>, Option<u8>),
    limit: usize,
    fields: Option<Vec<&'static str>>,
    /// What happens between two pages: a row that is gone, a row that comes.
    between: Vec<(Index, &'static str, u8)>,
}

fn walks() -> impl Strategy<Value = Walk> {
    let row = (select(&NAMES[..]), select(&ROLES[..]), 0..6_u8);
    let fields = subsequence(vec!["name", "created_at", "id"], 0..=3).prop_shuffle();
    let sort = (fields, vec(any::<bool>(), 3))
        .prop_map(|(fields, down)| fields.into_iter().zip(down).collect());
    let role = proptest::option::weighted(0.3, select(&ROLES[..]));
    let prefix = proptest::option::weighted(0.3, select(&PREFIXES[..]));
    let second = || proptest::option::weighted(0.2, 0..6_u8);
    let change = (any::<Index>(), select(&ROLES[..]), 0..6_u8);
    let parts = (vec(row, 0..24), sort, role, prefix, (second(), second()));
    let fields = proptest::option::of(subsequence(FIELDS.to_vec(), 0..=6).prop_shuffle());
    (parts, 1..8_usize, fields, vec(change, 1..9)).prop_map(|(parts, limit, fields, between)| {
        let (rows, sort, role, prefix, seconds) = parts;
        Walk {
            rows,
            sort,
            role,
            prefix,
            seconds,
            limit,
            fields,
            between,
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_are_together_the_sorted_and_filtered_set() {
    on_each_database(async |app| {
        let mut outside = Outside::of(&app.database).await;
        let mut runner = TestRunner::deterministic();
        for case in 1..=CASES {
            let walk = walks().new_tree(&mut runner).unwrap().current();
            let rows = walk.fill(&mut outside, case * 1000).await;
            let expected = walk.expected(rows);
            let counted = format!("{}&count=exact", walk.path());
            let check = async |_, list: &Value| assert_eq!(list["meta"]["total"], expected.len());
            let by_number = walk.pages(&app, &counted, check).await;
            assert_eq!(by_number, expected, "by number: {walk:?}");
            let start = format!("{}&cursor=start", walk.path());
            let comes_and_goes =
                async |page, _: &Value| walk.change(&mut outside, case * 1000, page).await;
            let by_cursor = walk.pages(&app, &start, comes_and_goes).await;
            assert_eq!(by_cursor, expected, "by cursor: {walk:?}");
        }
    })
    .await;
}

impl Walk {
    fn expected(&self, mut rows: Vec<Row>) -> Vec<String> {
        let (from, before) = self.seconds;
        rows.retain(|row| {
            self.role.is_none_or(|role| row.role == role)
                && self
                    .prefix
                    .is_none_or(|prefix| row.name.starts_with(prefix))
                && from.is_none_or(|from| row.second >= from)
                && before.is_none_or(|before| row.second < before)
        });
        rows.sort_by(|one, other| self.compare(one, other));
        rows.into_iter().map(|row| row.id.to_string()).collect()
    }

    fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let default = [("created_at", true)];
        let sort: &[_] = if self.sort.is_empty() {
            &default
        } else {
            &self.sort
        };
        let last = sort.last().map(|(_, down)| ("id", *down));
        let keys = sort.iter().copied().chain(last);
        keys.fold(Ordering::Equal, |order, (field, down)| {
            let of_field = match field {
                "name" => one.name.cmp(other.name),
                "created_at" => one.second.cmp(&other.second),
                _ => one.id.cmp(&other.id),
            };
            order.then(if down { of_field.reverse() } else { of_field })
        })
    }

    fn path(&self) -> String {
        let keys = self.sort.iter();
        let keys: Vec<_> = keys
            .map(|(field, down)| format!("{}{field}", if *down { "-" } else { "" }))
            .collect();
        let prefix = self.prefix.map(|prefix| prefix.replace('%', "%25"));
        let (from, before) = self.seconds;
        let parameters = [
            Some(format!("limit={}", self.limit)),
            (!keys.is_empty()).then(|| format!("sort={}", keys.join(","))),
            self.role.map(|role| format!("role={role}")),
            prefix.map(|prefix| format!("name[prefix]={prefix}")),
            from.map(|from| format!("created_at[gte]={}", time(from))),
            before.map(|before| format!("created_at[lt]={}", time(before))),
            self.fields
                .as_ref()
                .map(|fields| format!("fields={}", [&fields[..], &["id"]].concat().join(","))),
        ];
        let parameters: Vec<_> = parameters.into_iter().flatten().collect();
        format!("/api/v1/users?{}", parameters.join("&"))
    }

    /// The ids of the rows that stay, in the order in which pages show them. `between` happens after each page.
    async fn pages(
        &self,
        app: &TestApp,
        start: &str,
        mut between: impl AsyncFnMut(usize, &Value),
    ) -> Vec<String> {
        let (mut shown, mut seen) = (Vec::new(), BTreeSet::new());
        let (mut next, mut page) = (Some(start.to_owned()), 0);
        while let Some(path) = next {
            let list = app.get(&path).send().await.expect(200).json();
            let rows = list["data"].as_array().unwrap();
            assert!(rows.len() <= self.limit, "{self:?}");
            for row in rows {
                let members = self.fields.as_ref().map_or(7, |fields| fields.len() + 1);
                assert_eq!(row.as_object().map(serde_json::Map::len), Some(members));
                let id = row["id"].as_str().unwrap().to_owned();
                assert!(seen.insert(id.clone()), "{id} is shown twice: {self:?}");
                // Those that come and go have ids between those that stay.
                if id.ends_with('0') {
                    shown.push(id);
                }
            }
            next = list["links"]["next"].as_str().map(str::to_owned);
            between(page, &list).await;
            page += 1;
        }
        shown
    }

    /// Makes the table hold just the rows of the walk.
    async fn fill(&self, outside: &mut Outside, base: usize) -> Vec<Row> {
        outside.run("DELETE FROM users").await;
        let mut rows = Vec::new();
        for (at, &(name, role, second)) in self.rows.iter().enumerate() {
            let id = base + 10 * at;
            insert(outside, id, name, role, second).await;
            rows.push(Row {
                id,
                name,
                role,
                second,
            });
        }
        rows
    }

    /// A row comes, with an id between those that are there, and every other time one goes that came before.
    async fn change(&self, outside: &mut Outside, base: usize, page: usize) {
        let Some((index, role, second)) = self.between.get(page) else {
            return;
        };
        let id = base + 10 * index.index(24) + 1 + page;
        insert(outside, id, VISITOR, role, *second).await;
        if page % 2 == 1 {
            let gone = format!(
                "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE name = '{VISITOR}' \
                 ORDER BY id LIMIT 1 OFFSET {})",
                index.index(page)
            );
            outside.run(&gone).await;
        }
    }
}

async fn insert(outside: &mut Outside, id: usize, name: &str, role: &str, second: u8) {
    let time = match outside {
        Outside::Sqlite(_) => (1_704_067_200_000_000 + i64::from(second) * 1_000_000).to_string(),
        Outside::Postgres(_) => format!("'{}'", time(second)),
    };
    let statement = format!(
        "INSERT INTO users (id, name, email, role, version, created_at, updated_at) \
         VALUES ({id}, '{name}', '{id}@example.com', '{role}', 1, {time}, {time})"
    );
    outside.run(&statement).await;
}

fn time(second: u8) -> String {
    format!("2024-01-01T00:00:0{second}Z")
}
