//! The two files of a draft, as they are written.

use super::document::Document;
use super::draft::Drafting;
use super::security::target;
use super::steps::Drafted;
use super::writing::{comment, text};
use std::fmt::Write as _;

/// Of ten users, those who read, where others write too.
const READERS: u32 = 9;

impl Drafting {
    /// The scenario file.
    pub(super) fn scenario(&self, document: &Document) -> String {
        let mut file = format!(
            "# What users of {:?} do, drafted by `loadtest init` from its OpenAPI document.\n\
             # Send it with: loadtest run --target URL --scenario scenario.toml --budgets budgets.toml\n\
             # Every key is explained in the file that `loadtest init` writes without --openapi.\n\n",
            comment(document.title())
        );
        let host = document
            .host()
            .unwrap_or_else(|| "staging.example.com".to_owned());
        let mut say = |text: &str| file.push_str(text);
        say(&format!(
            "# allow_hosts = [{}] # besides this machine\n\n{}",
            comment(&text(&host)),
            target(&self.headers)
        ));
        if !self.reads.is_empty() {
            say(
                "\n# Ids are taken from lists, any of the first page; so the lists must not be empty.\n",
            );
            let weight = if self.flows.is_empty() { 1 } else { READERS };
            say(&scenario("read", weight, &self.reads));
        }
        for (name, steps) in &self.flows {
            say(
                "\n# This one writes, and deletes what it wrote: leave it out where nothing may change.\n# Readers may meet what it has just deleted, therefore 404 is right for them.\n",
            );
            say(&scenario(name, 1, steps));
        }
        if !self.left_out.is_empty() {
            say("\n# Left out:\n");
        }
        for (route, why) in &self.left_out {
            say(&format!("# {}: {}\n", comment(route), comment(why)));
        }
        file
    }

    /// The budgets file.
    pub(super) fn budgets(&self, document: &Document) -> String {
        let mut file = format!(
            "# What {:?} promises; `loadtest run --budgets` judges every line.\n\
             # Times are written \"100ms\", \"1.5s\" or \"250us\", shares \"0.1%\".\n\n\
             [default] # for every route; p50, p90, p95, p99, p999, errors\n\
             p99 = \"100ms\"   # 99 of 100 requests take no longer, to the last byte\n\
             errors = \"0.1%\" # wrong status, wrong content, no answer\n\
             stall = \"500ms\" # no answer to anybody for longer than this\n\n\
             # A route may promise something else:\n",
            comment(document.title())
        );
        for route in &self.called {
            // A text takes everything.
            let _ = writeln!(
                file,
                "# [route.{}]\n# p99 = \"50ms\"",
                comment(&text(route))
            );
        }
        file
    }
}

fn scenario(name: &str, weight: u32, steps: &[Drafted]) -> String {
    let mut scenario = format!("[[scenario]]\nname = {}\nweight = {weight}\n", text(name));
    // Each was written once already, to see whether it can be.
    for step in steps.iter().filter_map(|step| step.written().ok()) {
        scenario.push('\n');
        scenario.push_str(&step);
    }
    scenario
}
