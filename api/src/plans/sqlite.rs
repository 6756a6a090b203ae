//! SQLite's `EXPLAIN QUERY PLAN`: <https://www.sqlite.org/eqp.html>.

use super::PlanNode;
use crate::database::SqliteStep;

/// The root of the plan. SQLite has a list of steps; where it is not just one, they become the parts of one.
pub(super) fn read(steps: &[SqliteStep]) -> PlanNode {
    let mut top = children_of(0, steps);
    if top.len() == 1 {
        return top.remove(0);
    }
    PlanNode {
        node: "QUERY PLAN".to_owned(),
        children: top,
        ..PlanNode::default()
    }
}

fn children_of(parent: i32, steps: &[SqliteStep]) -> Vec<PlanNode> {
    let children = steps
        .iter()
        .filter(|(id, of, ..)| *of == parent && *id != parent);
    children
        .map(|(id, _, _, detail)| PlanNode {
            children: children_of(*id, steps),
            ..node(detail)
        })
        .collect()
}

/// `SEARCH users USING INDEX users_name_idx (name=?)`: what is in parentheses is a condition and stays behind.
fn node(detail: &str) -> PlanNode {
    let shape = detail.split(" (").next().unwrap_or_default();
    let (action, rest) = shape.split_once(' ').unwrap_or((shape, ""));
    if !matches!(action, "SCAN" | "SEARCH") || rest == "CONSTANT ROW" {
        return PlanNode {
            node: shape.to_owned(),
            ..PlanNode::default()
        };
    }
    let (relation, using) = rest.split_once(" USING ").unwrap_or((rest, ""));
    let (node, index) = match using {
        "" => (action.to_owned(), None),
        "INTEGER PRIMARY KEY" => (action.to_owned(), Some("PRIMARY KEY")),
        index => match index.strip_prefix("COVERING INDEX ") {
            Some(name) => (format!("{action} COVERING"), Some(name)),
            None => (action.to_owned(), index.rsplit(' ').next()),
        },
    };
    PlanNode {
        node,
        relation: Some(relation.to_owned()),
        index: index.map(ToOwned::to_owned),
        ..PlanNode::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(detail: &str) -> PlanNode {
        read(&[(2, 0, 0, detail.to_owned())])
    }

    #[test]
    fn a_step_is_an_action_a_table_and_an_index() {
        let search = read_one("SEARCH users USING INDEX users_email_key (<expr>=?)");
        assert_eq!(search.node, "SEARCH");
        assert_eq!(search.relation.as_deref(), Some("users"));
        assert_eq!(search.index.as_deref(), Some("users_email_key"));
        let covering = read_one("SCAN posts USING COVERING INDEX posts_title_idx");
        assert_eq!(covering.node, "SCAN COVERING");
        assert_eq!(covering.index.as_deref(), Some("posts_title_idx"));
        let by_id = read_one("SEARCH users USING INTEGER PRIMARY KEY (rowid=?)");
        assert_eq!(by_id.index.as_deref(), Some("PRIMARY KEY"));
        let scan = read_one("SCAN users");
        assert_eq!(
            (scan.relation.as_deref(), scan.index),
            (Some("users"), None)
        );
    }

    #[test]
    fn steps_become_a_tree() {
        let step = |id, parent, detail: &str| (id, parent, 0, detail.to_owned());
        let root = read(&[
            step(3, 0, "SCAN users"),
            step(5, 0, "LIST SUBQUERY 1"),
            step(7, 5, "SCAN posts"),
            step(9, 0, "USE TEMP B-TREE FOR ORDER BY"),
        ]);
        assert_eq!(root.node, "QUERY PLAN");
        assert_eq!(root.children.len(), 3);
        assert_eq!(
            root.children[1].children[0].relation.as_deref(),
            Some("posts")
        );
        assert_eq!(root.children[2].node, "USE TEMP B-TREE FOR ORDER BY");
    }

    #[test]
    fn a_statement_that_reads_nothing_has_an_empty_plan() {
        assert!(read(&[]).children.is_empty());
    }
}
