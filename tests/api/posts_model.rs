//! Lists of posts, and users with their newest posts, against a model in memory: whatever is filtered, ordered, shown, included and counted.

use std::{cmp::Reverse, fmt::Write};

use proptest::{
    collection::vec,
    option::weighted,
    prelude::{Strategy, any},
    sample::{select, subsequence},
    strategy::ValueTree,
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use tests::{Outside, TestApp, on_each_database};

const TITLES: [&str; 5] = ["A", "Ada", "ada", "a%", "É"];
const STATUSES: [&str; 3] = ["draft", "published", "archived"];
const FIELDS: [&str; 8] = [
    "id",
    "author_id",
    "title",
    "body",
    "status",
    "version",
    "created_at",
    "updated_at",
];
const AUTHORS: usize = 3;
const CASES: usize = 48;

/// A post as the model has it.
#[derive(Clone, Debug)]
struct Row {
    id: usize,
    author: usize,
    title: &'static str,
    status: &'static str,
    second: u8,
}

/// Posts, and one way to list them.
#[derive(Clone, Debug)]
struct Case {
    rows: Vec<Row>,
    author: Option<usize>,
    status: Option<&'static str>,
    prefix: Option<&'static str>,
    ids: Option<Vec<usize>>,
    descending: bool,
    limit: usize,
    fields: Option<Vec<&'static str>>,
    include: bool,
    nested: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    let row = (
        1..=AUTHORS,
        select(&TITLES[..]),
        select(&STATUSES[..]),
        0..4_u8,
    );
    let filters = (
        weighted(0.4, 1..=AUTHORS),
        weighted(0.3, select(&STATUSES[..])),
        weighted(0.3, select(&["A", "Ada", "a"][..])),
        weighted(0.3, vec(0..40_usize, 1..20)),
    );
    let shape = (
        weighted(0.5, subsequence(FIELDS.to_vec(), 1..=8).prop_shuffle()),
        any::<[bool; 3]>(),
        1..9_usize,
    );
    (vec(row, 0..32), filters, shape).prop_map(|(rows, filters, shape)| {
        let (author, status, prefix, ids) = filters;
        let (fields, [descending, include, nested], limit) = shape;
        let row = |(at, (author, title, status, second))| Row {
            id: at,
            author,
            title,
            status,
            second,
        };
        Case {
            rows: rows.into_iter().enumerate().map(row).collect(),
            author,
            status,
            prefix,
            ids,
            descending,
            limit,
            fields,
            include,
            nested,
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_listed_shown_included_and_counted_as_the_model_says() {
    on_each_database(async |app| {
        let mut users = Vec::new();
        for author in 1..=AUTHORS {
            let id = app
                .create_user("Ada", &format!("{author}@example.com"))
                .await;
            let user = app.get(&format!("/api/v1/users/{id}")).send().await;
            users.push(user.expect(200).json()["data"].clone());
        }
        let mut outside = Outside::of(&app.database).await;
        let mut runner = TestRunner::deterministic();
        for number in 1..=CASES {
            let mut case = cases().new_tree(&mut runner).unwrap().current();
            case.move_ids(number * 100);
            case.fill(&mut outside).await;
            case.check_list(&app, &users).await;
            case.check_newest(&app).await;
        }
    })
    .await;
}

impl Case {
    /// No id is used twice, so that nothing is answered from memory.
    fn move_ids(&mut self, base: usize) {
        let ids = self.rows.iter_mut().map(|row| &mut row.id);
        for id in ids.chain(self.ids.iter_mut().flatten()) {
            *id += base;
        }
    }

    async fn fill(&self, outside: &mut Outside) {
        let mut statements = "DELETE FROM posts;".to_owned();
        for row in &self.rows {
            let time = match outside {
                Outside::Sqlite(_) => {
                    (1_704_067_200_000_000 + i64::from(row.second) * 1_000_000).to_string()
                }
                Outside::Postgres(_) => format!("'2024-01-01T00:00:0{}Z'", row.second),
            };
            let _ = write!(
                statements,
                "INSERT INTO posts (id, author_id, title, body, status, version, created_at, updated_at) \
                 VALUES ({}, {}, '{}', 'Text', '{}', 1, {time}, {time});",
                row.id, row.author, row.title, row.status
            );
        }
        outside.run(&statements).await;
    }

    /// The rows that the list has, in its order: by title, then the id in the same direction.
    fn expected(&self) -> Vec<&Row> {
        let matches = |row: &&Row| {
            self.author.is_none_or(|author| row.author == author)
                && self.status.is_none_or(|status| row.status == status)
                && self
                    .prefix
                    .is_none_or(|prefix| row.title.starts_with(prefix))
                && self.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
        };
        let mut rows: Vec<_> = self.rows.iter().filter(matches).collect();
        rows.sort_by_key(|row| (row.title, row.id));
        if self.descending {
            rows.reverse();
        }
        rows
    }

    fn path(&self) -> String {
        let ids = self.ids.as_ref().map(|ids| {
            let ids: Vec<_> = ids.iter().map(usize::to_string).collect();
            format!("&id[in]={}", ids.join(","))
        });
        let author = self.author.map(|author| author.to_string());
        let (list, author) = match author {
            Some(author) if self.nested => (format!("users/{author}/posts"), None),
            author => ("posts".to_owned(), author),
        };
        let more = [
            author.map(|author| format!("&author_id={author}")),
            self.status.map(|status| format!("&status={status}")),
            self.prefix.map(|prefix| format!("&title[prefix]={prefix}")),
            ids,
            self.fields
                .as_ref()
                .map(|fields| format!("&fields={}", fields.join(","))),
            self.include.then(|| "&include=author".to_owned()),
        ];
        let (direction, limit) = (if self.descending { "-" } else { "" }, self.limit);
        let more: String = more.into_iter().flatten().collect();
        format!("/api/v1/{list}?limit={limit}&sort={direction}title&count=exact{more}")
    }

    async fn check_list(&self, app: &TestApp, users: &[Value]) {
        let expected = self.expected();
        let shown: Vec<_> = expected.iter().map(|row| self.shown(row, users)).collect();
        for start in [self.path(), format!("{}&cursor=start", self.path())] {
            let (mut data, mut next) = (Vec::new(), Some(start.clone()));
            while let Some(path) = next {
                let page = app.get(&path).send().await.expect(200).json();
                assert_eq!(page["meta"]["total"], expected.len(), "{path}: {self:?}");
                assert_eq!(page["meta"]["total_is_estimate"], false);
                data.extend(page["data"].as_array().unwrap().clone());
                next = page["links"]["next"].as_str().map(str::to_owned);
            }
            assert_eq!(data, shown, "{start}");
        }
    }

    /// What clients see of a row.
    fn shown(&self, row: &Row, users: &[Value]) -> Value {
        let time = format!("2024-01-01T00:00:0{}Z", row.second);
        let mut whole = json!({
            "id": row.id.to_string(), "author_id": row.author.to_string(), "title": row.title, "body": "Text",
            "status": row.status, "version": 1, "created_at": time, "updated_at": time,
        });
        let object = whole.as_object_mut().unwrap();
        if let Some(fields) = &self.fields {
            object.retain(|name, _| fields.contains(&name.as_str()));
        }
        if self.include {
            object.insert("author".to_owned(), users[row.author - 1].clone());
        }
        whole
    }

    /// Each user with the newest five.
    async fn check_newest(&self, app: &TestApp) {
        let path = "/api/v1/users?sort=id&include=posts&fields=id";
        let list = app.get(path).send().await.expect(200).json();
        for author in 1..=AUTHORS {
            let of_author = |row: &&Row| row.author == author;
            let mut rows: Vec<_> = self.rows.iter().filter(of_author).collect();
            rows.sort_by_key(|row| Reverse((row.second, row.id)));
            let expected: Vec<_> = rows.iter().take(5).map(|row| row.id.to_string()).collect();
            let shown = list["data"][author - 1]["posts"].as_array().unwrap();
            let shown: Vec<_> = shown
                .iter()
                .map(|post| post["id"].as_str().unwrap())
                .collect();
            assert_eq!(shown, expected, "{self:?}");
        }
    }
}
