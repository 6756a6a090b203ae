//! What operations are grouped by, in the order in which a learner needs them.

use serde_json::{Value, json};

/// A group of operations.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    Discovery,
    Users,
    Posts,
    Errors,
    Probes,
}

impl Tag {
    const ALL: [Self; 5] = [
        Self::Discovery,
        Self::Users,
        Self::Posts,
        Self::Errors,
        Self::Probes,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Users => "users",
            Self::Posts => "posts",
            Self::Errors => "errors",
            Self::Probes => "probes",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Discovery => {
                "Where to begin: links to everything else, this document, and the page that shows it."
            }
            Self::Users => {
                "People. Their e-mail addresses are unique, whatever the case of letters."
            }
            Self::Posts => {
                "What users write. A post belongs to one user for ever, and ends with them. Writes say in `If-Match` which state they know."
            }
            Self::Errors => "What each code of an error means, and what to do about it.",
            Self::Probes => {
                "Whether the service lives, and whether it takes requests. For load balancers and orchestrators."
            }
        }
    }
}

pub(super) fn all() -> Value {
    let describe = |tag: &Tag| json!({ "name": tag.name(), "description": tag.description() });
    Tag::ALL.iter().map(describe).collect()
}
