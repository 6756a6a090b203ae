//! The index of the runbooks: one line for each alert.

use std::fmt::Write;

use super::alert::AlertName;

const HEAD: &str = "# Runbooks

One page for each alert: what it means, where to look first, how to tell the causes apart, what mends it now and for good, and how to see it for
practice. Every alert names its page, and so does every panel of the boards; `cargo run -p dashboards -- generate --runbooks URL` makes links of what alerts
name. This list is written by `generate`, too.

- **PromQL** goes into Prometheus' own page as it stands (<http://localhost:9090> with `docker compose up`); all of it is run by a test.
- **The log** is one JSON object per line on standard output: `docker compose logs --no-log-prefix api | grep '^{'`, with the `jq` of the page
  behind it. What is no JSON is the sentence with which a start has failed.
- **`127.0.0.1:9464`** is the management listener, on the service's machine.
- A label `drill=\"true\"` says that a fault was switched on within what the alert looks at: nobody is woken then. All faults end with
  `curl -sS -X DELETE 127.0.0.1:9464/debug/faults`.

| alert | what it says |
|---|---|
";

/// The page.
#[must_use]
pub fn index() -> String {
    let mut text = HEAD.to_owned();
    for alert in AlertName::ALL {
        let (name, meaning) = (alert.as_str(), alert.meaning());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| [{name}]({name}.md) | {meaning} |");
    }
    text
}
