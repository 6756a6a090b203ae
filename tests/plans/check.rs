//! A plan held against the declaration of its query.

use std::collections::BTreeSet;

use api::{
    budget::Access,
    plans::{Plan, Record},
};

/// Most rows that a query may sort: 25 ms or so.
const MAX_SORTED: f64 = 25_000.0;

/// What is wrong with the plan, in sentences that begin with the query's name.
pub fn violations(record: &Record) -> Vec<String> {
    let (query, plan) = (&record.query, &record.plan);
    let mut found = Vec::new();
    if query.access != Access::Scan {
        found.extend(scans(plan).map(|table| format!("it walks all of {table}")));
    }
    match query.access {
        Access::Nothing | Access::Scan => {}
        Access::Insert => found.extend(indexes(plan).map(|index| format!("it reads by {index}"))),
        Access::Index(declared) => found.extend(undeclared(plan, declared)),
        Access::IndexOnly(declared) => {
            found.extend(undeclared(plan, declared));
            found.extend(rows_read(plan));
        }
    }
    found.extend(large_sorts(plan));
    let expected = plan.root.rows.unwrap_or_default();
    if expected > f64::from(query.max_rows) {
        found.push(format!(
            "the planner expects {expected} rows, not {} at most",
            query.max_rows
        ));
    }
    if record.rows > query.max_rows as usize {
        found.push(format!(
            "it returned {} rows, not {} at most",
            record.rows, query.max_rows
        ));
    }
    let tree = serde_json::to_string(&plan.root).unwrap();
    let sentence = |what| {
        format!(
            "{}: {what}
{}
{tree}",
            query.name, record.sql
        )
    };
    found.into_iter().map(sentence).collect()
}

/// Every index that the plan uses.
pub fn indexes(plan: &Plan) -> impl Iterator<Item = String> {
    let nodes = plan.nodes().into_iter();
    nodes.filter_map(|node| node.index.clone())
}

/// A sort of many rows for the sake of a few: an index could have kept them in order.
fn large_sorts(plan: &Plan) -> impl Iterator<Item = String> {
    let nodes = plan.nodes().into_iter();
    let sorts = nodes.filter(|node| node.node == "Sort");
    let sorted = sorts.filter_map(|node| node.children.first()?.rows);
    sorted
        .filter(|rows| *rows > MAX_SORTED)
        .map(|rows| format!("it sorts {rows} rows"))
}

fn scans(plan: &Plan) -> impl Iterator<Item = String> {
    let nodes = plan.nodes().into_iter();
    let scans = nodes.filter(|node| node.node.ends_with("Seq Scan"));
    scans.filter_map(|node| node.relation.clone())
}

fn rows_read(plan: &Plan) -> impl Iterator<Item = String> {
    let nodes = plan.nodes().into_iter();
    let reads = nodes.filter(|node| node.relation.is_some() && node.node != "Index Only Scan");
    reads.map(|node| format!("it reads rows: {}", node.node))
}

fn undeclared(plan: &Plan, declared: &[&str]) -> Vec<String> {
    let used: BTreeSet<_> = indexes(plan).collect();
    if used.is_empty() {
        return vec!["it uses no index".to_owned()];
    }
    let undeclared = used
        .iter()
        .filter(|index| !declared.contains(&index.as_str()));
    undeclared
        .map(|index| format!("it uses {index}, which it does not declare"))
        .collect()
}
