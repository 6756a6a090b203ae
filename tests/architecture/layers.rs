//! Who may look at whom: the table of `docs/architecture.md`. What a layer may use is listed; everything else is forbidden to it.

use crate::source::{SourceFile, files};

/// What the files of one layer may look at.
struct Layer {
    /// The directory or file in `api/src`.
    name: &'static str,
    /// Modules of the crate, besides its own.
    may_use: &'static [&'static str],
    /// Kinds of libraries that belong to other layers.
    never: &'static [&'static [&'static str]],
}

const WEB: &[&str] = &["actix_http", "actix_service", "actix_web"];
const SQL: &[&str] = &["deadpool", "diesel", "diesel_async", "tokio_postgres"];
const JSON: &[&str] = &["serde", "serde_json"];
const CACHE: &[&str] = &["moka"];
const METRICS: &[&str] = &["prometheus"];
const TRACES: &[&str] = &["opentelemetry", "opentelemetry_otlp", "opentelemetry_sdk"];

/// From the front door to the bottom. `app`, `commands`, `listener`, `routes` and `workers` wire the rest: they may use everything, and
/// nothing may use them but for what is listed here.
const LAYERS: &[Layer] = &[
    Layer {
        name: "controllers",
        may_use: &[
            "app",
            "budget",
            "clock",
            "error",
            "faults",
            "models",
            "negotiation",
            "plans",
            "services",
            "telemetry",
        ],
        never: &[SQL, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "plans",
        may_use: &[
            "budget",
            "clock",
            "database",
            "faults::Faults",
            "models::Timestamp",
            "telemetry",
        ],
        never: &[WEB, SQL, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "middleware",
        may_use: &[
            "budget",
            "clock",
            "controllers::problem",
            "error",
            "faults",
            "lifecycle",
            "telemetry",
        ],
        never: &[SQL, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "services",
        may_use: &[
            "cache",
            "clock",
            "database",
            "error",
            "faults",
            "models",
            "repositories",
            "telemetry",
        ],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "cache",
        may_use: &["budget", "database", "faults", "telemetry"],
        never: &[WEB, SQL, JSON, METRICS, TRACES],
    },
    Layer {
        name: "repositories",
        may_use: &["budget", "database", "models", "queries", "schema"],
        never: &[WEB, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "models",
        may_use: &["database::types", "schema"],
        never: &[WEB, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "schema.rs",
        may_use: &["database::types"],
        never: &[WEB, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "database",
        may_use: &[
            "budget",
            "config",
            "faults",
            "models",
            "queries",
            "telemetry",
        ],
        never: &[WEB, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "budget",
        may_use: &[],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "telemetry",
        may_use: &[
            "budget",
            "clock",
            "config",
            "database::ErrorKind",
            "faults::Fault",
            "negotiation",
        ],
        never: &[WEB, SQL, CACHE],
    },
    // Below it are those whom it asks to do something, beside it those who ask it whether to.
    Layer {
        name: "faults",
        may_use: &["config", "database", "telemetry"],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "error",
        may_use: &["database::DatabaseError", "database::ErrorKind"],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "clock.rs",
        may_use: &["models::Timestamp"],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "config",
        may_use: &["database::PoolOptions"],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "lifecycle.rs",
        may_use: &["telemetry"],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "negotiation.rs",
        may_use: &[],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
    Layer {
        name: "seed",
        may_use: &[
            "app::StartError",
            "database",
            "models",
            "repositories::seed",
        ],
        never: &[WEB, SQL, JSON, CACHE, METRICS, TRACES],
    },
];

/// Files that wire the rest.
const WIRING: [&str; 9] = [
    "app.rs",
    "assembly.rs",
    "commands.rs",
    "lib.rs",
    "listener.rs",
    "main.rs",
    "routes.rs",
    "url_table.rs",
    "workers.rs",
];

/// Controllers of different resources do not know each other.
const RESOURCES: [&str; 2] = ["users", "posts"];

#[test]
fn every_layer_uses_only_what_is_listed_for_it() {
    let violations: Vec<_> = files("api/src").iter().flat_map(violations).collect();
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn every_file_belongs_to_a_layer_or_to_the_wiring() {
    for file in files("api/src") {
        let wires = WIRING.contains(&file.path.as_str());
        assert!(
            wires || layer_of(&file).is_some(),
            "say in LAYERS what {} may use",
            file.path
        );
    }
}

#[test]
fn a_forbidden_use_is_found() {
    for (path, text) in [
        ("services/users.rs", "use crate::controllers::envelope;"),
        ("services/users.rs", "use actix_web::web;"),
        ("models/user.rs", "#[derive(serde::Serialize)]"),
        (
            "models/user.rs",
            "use crate::database::{Conn, types::TimestampMicros};",
        ),
        ("controllers/users.rs", "use super::{envelope, posts};"),
        (
            "controllers/users.rs",
            "let rows = crate::repositories::users::list();",
        ),
        ("repositories/users.rs", "use super::super::cache::Cache;"),
        ("budget/mod.rs", "use crate::models::User;"),
    ] {
        let file = SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(violations(&file).len(), 1, "{path}: {text}");
    }
}

fn layer_of(file: &SourceFile) -> Option<&'static Layer> {
    let top = file.path.split('/').next();
    LAYERS.iter().find(|layer| Some(layer.name) == top)
}

fn violations(file: &SourceFile) -> Vec<String> {
    let Some(layer) = layer_of(file) else {
        return Vec::new();
    };
    let own = layer.name.trim_end_matches(".rs");
    let allowed = |path: &str| {
        is_within(path, own) || layer.may_use.iter().any(|module| is_within(path, module))
    };
    let modules = file
        .modules()
        .into_iter()
        .filter(|path| !allowed(path) || is_of_another_resource(file, path));
    let libraries = layer
        .never
        .iter()
        .copied()
        .flatten()
        .filter(|library| file.uses_library(library))
        .map(ToString::to_string);
    modules
        .chain(libraries)
        .map(|used| format!("{} uses {used}", file.path))
        .collect()
}

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_of_another_resource(file: &SourceFile, path: &str) -> bool {
    let Some(own) = file
        .path
        .strip_prefix("controllers/")
        .and_then(|name| name.strip_suffix(".rs"))
    else {
        return false;
    };
    let others = RESOURCES
        .iter()
        .filter(|resource| **resource != own && RESOURCES.contains(&own));
    others
        .into_iter()
        .any(|other| is_within(path, &format!("controllers::{other}")))
}
