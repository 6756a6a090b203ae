//! The JSON Schema of `run.json`. It is derived from the types, whose comments it repeats, and
//! committed as `loadtest/report.schema.json`, so that a change of the shape is seen in review.

use super::Report;
use schemars::Schema;
use schemars::generate::SchemaSettings;

/// The schema, in the draft of 2020-12.
#[must_use]
pub fn schema() -> Schema {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Report>()
}

#[cfg(test)]
mod tests {
    use crate::evidence::Evidence;
    use crate::report::Report;
    use crate::report::tests::{budgets, golden};
    use serde_json::Value;

    const COMMITTED: &str = include_str!("../../report.schema.json");

    #[track_caller]
    fn is_valid(report: &Report) {
        let schema: Value = serde_json::from_str(COMMITTED).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let written: Value = serde_json::from_str(&serde_json::to_string(report).unwrap()).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&written)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let committed: Value = serde_json::from_str(COMMITTED).unwrap();
        let again = "write it again: loadtest schema > loadtest/report.schema.json";
        assert!(committed == super::schema().to_value(), "{again}");
    }

    #[test]
    fn every_report_is_valid_by_the_schema() {
        is_valid(&golden());
        is_valid(&Report::of(Evidence::default(), &budgets()));
        let mut died = golden().evidence;
        died.target = None;
        died.target_died = Some("connection refused".to_owned());
        died.interrupted = true;
        died.missing_shards.insert(2);
        is_valid(&Report::of(died, &budgets()));
    }

    #[test]
    fn what_is_no_report_is_not_valid() {
        let schema: Value = serde_json::from_str(COMMITTED).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let mut report = serde_json::to_value(golden()).unwrap();
        assert!(validator.is_valid(&report));
        report["judgement"]["verdict"] = "MAYBE".into();
        assert!(!validator.is_valid(&report));
        report["judgement"]["verdict"] = "PASS".into();
        report["evidence"]["rounds"][0]["routes"] = "none".into();
        assert!(!validator.is_valid(&report));
    }
}
