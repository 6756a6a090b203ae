//! How the database runs the queries of the service: plans of slow ones, and of each statement when it is first seen.
//!
//! - [`Plan`] is a tree without conditions: those hold what clients sent, and none of that may be shown.
//! - [`Recorder`] asks for plans on a connection of its own, notices when one changes, and keeps the newest.

mod forms;
mod postgres;
mod recorder;
mod sqlite;

use serde::Serialize;

pub use recorder::{Record, Recorder};

use crate::database::RawPlan;

/// How a database runs a query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The hash of its shape: node types, relations, indexes and joins, but neither costs nor row counts. 16 hexadecimal digits.
    pub hash: String,
    /// The top of the tree.
    pub root: PlanNode,
}

/// One step of a plan, in the words of the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PlanNode {
    /// What it does: `Index Scan` (PostgreSQL), `SEARCH` (SQLite).
    pub node: String,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// The kind of join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    /// How many rows the planner expects of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<f64>,
    /// What the planner thinks it costs, in the planner's own unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<PlanNode>,
}

impl Plan {
    /// Reads what a database says.
    ///
    /// # Errors
    /// A sentence, if it is no plan.
    pub fn read(raw: &RawPlan) -> Result<Self, String> {
        let root = match raw {
            RawPlan::Postgres(json) => postgres::read(json)?,
            RawPlan::Sqlite(steps) => sqlite::read(steps),
        };
        let mut hash = Fnv::default();
        root.write_shape(&mut hash);
        Ok(Self {
            hash: format!("{:016x}", hash.0),
            root,
        })
    }

    /// Every node, a parent before its children.
    #[must_use]
    pub fn nodes(&self) -> Vec<&PlanNode> {
        let mut nodes = vec![&self.root];
        let mut at = 0;
        while let Some(node) = nodes.get(at).copied() {
            at += 1;
            nodes.splice(at..at, &node.children);
        }
        nodes
    }
}

impl PlanNode {
    fn write_shape(&self, hash: &mut Fnv) {
        let parts = [
            Some(&self.node),
            self.relation.as_ref(),
            self.index.as_ref(),
            self.join.as_ref(),
        ];
        for part in parts {
            hash.write(part.map_or("", String::as_str).as_bytes());
            hash.write(b"\0");
        }
        hash.write(b"(");
        for child in &self.children {
            child.write_shape(hash);
        }
        hash.write(b")");
    }
}

/// FNV-1a with 64 bits, <http://www.isthe.com/chongo/tech/comp/fnv/>: the same in every process and version, so that hashes can be compared.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Plan {
        Plan::read(&RawPlan::Postgres(json.to_owned())).unwrap()
    }

    #[test]
    fn the_hash_sees_the_shape_and_not_the_numbers() {
        let scan = |node: &str, cost: u32| {
            plan(&format!(
                r#"[{{"Plan": {{"Node Type": "{node}", "Relation Name": "users", "Total Cost": {cost}, "Plan Rows": {cost}}}}}]"#
            ))
        };
        assert_eq!(scan("Seq Scan", 1).hash, scan("Seq Scan", 2).hash);
        assert_ne!(scan("Seq Scan", 1).hash, scan("Index Scan", 1).hash);
        assert_eq!(scan("Seq Scan", 1).hash.len(), 16);
    }

    #[test]
    fn the_hash_sees_which_part_belongs_to_which() {
        let nested = plan(
            r#"[{"Plan": {"Node Type": "A", "Plans": [{"Node Type": "B", "Plans": [{"Node Type": "C"}]}]}}]"#,
        );
        let beside = plan(
            r#"[{"Plan": {"Node Type": "A", "Plans": [{"Node Type": "B"}, {"Node Type": "C"}]}}]"#,
        );
        assert_ne!(nested.hash, beside.hash);
        let names: Vec<_> = nested
            .nodes()
            .iter()
            .map(|node| node.node.clone())
            .collect();
        assert_eq!(names, ["A", "B", "C"]);
    }
}
