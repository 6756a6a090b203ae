//! PostgreSQL's `EXPLAIN (FORMAT JSON)`: <https://www.postgresql.org/docs/current/sql-explain.html>.

use serde::Deserialize;

use super::PlanNode;

#[derive(Deserialize)]
struct Explained {
    #[serde(rename = "Plan")]
    plan: Node,
}

/// What is taken of a node. Everything else stays behind: conditions hold the values of binds.
#[derive(Deserialize)]
struct Node {
    #[serde(rename = "Node Type")]
    kind: String,
    #[serde(rename = "Operation")]
    operation: Option<String>,
    #[serde(rename = "Relation Name")]
    relation: Option<String>,
    #[serde(rename = "Index Name")]
    index: Option<String>,
    #[serde(rename = "Join Type")]
    join: Option<String>,
    #[serde(rename = "Plan Rows")]
    rows: Option<f64>,
    #[serde(rename = "Total Cost")]
    cost: Option<f64>,
    #[serde(rename = "Plans", default)]
    children: Vec<Node>,
}

impl From<Node> for PlanNode {
    fn from(node: Node) -> Self {
        Self {
            // `ModifyTable` says less than what it does: `Delete`.
            node: node.operation.unwrap_or(node.kind),
            relation: node.relation,
            index: node.index,
            join: node.join,
            rows: node.rows,
            cost: node.cost,
            children: node.children.into_iter().map(Self::from).collect(),
        }
    }
}

/// The root of the plan.
pub(super) fn read(json: &str) -> Result<PlanNode, String> {
    let explained: Vec<Explained> =
        serde_json::from_str(json).map_err(|error| format!("the plan cannot be read: {error}"))?;
    let first = explained.into_iter().next();
    first.map_or_else(
        || Err("the plan is empty".to_owned()),
        |explained| Ok(explained.plan.into()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_plan_its_shape_is_taken_and_no_condition() {
        let json = r#"[{"Plan": {"Node Type": "ModifyTable", "Operation": "Delete", "Relation Name": "users", "Plan Rows": 0, "Total Cost": 8.44,
            "Plans": [{"Node Type": "Index Scan", "Index Name": "users_email_key", "Relation Name": "users", "Plan Rows": 1,
                "Index Cond": "(lower(email) = 'secret@example.com'::text)"}]}}]"#;
        let root = read(json).unwrap();
        assert_eq!(root.node, "Delete");
        assert_eq!(root.children[0].index.as_deref(), Some("users_email_key"));
        assert!(!format!("{root:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_plan_is_an_error() {
        assert!(read("[]").is_err() && read("{").is_err());
    }
}
