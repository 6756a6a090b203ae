//! `loadtest list`: what a run would do and what it would be judged by, without sending anything.

use crate::budgets::Budgets;
use crate::incidents::INCIDENTS;
use crate::personas::PERSONAS;
use crate::profiles::{POSTS_PER_USER, PROFILES};
use crate::report::Table;
use crate::routes::Route;

/// Profiles, personas, routes and budgets, as tables.
#[must_use]
pub fn listing(budgets: &Budgets) -> String {
    [profiles(), personas(), routes(budgets), others(budgets)].join("\n")
}

fn profiles() -> String {
    let mut table = Table::new(["PROFILE", "warm-up", "measured", "users", "data", "about"]);
    for profile in PROFILES {
        let users = profile.seed_users;
        table.row([
            profile.name.to_owned(),
            format!("{} s", profile.warmup.as_secs()),
            format!("{} s", profile.duration.as_secs()),
            profile.users.to_string(),
            format!("{users} users, {} posts", users * POSTS_PER_USER),
            profile.about.to_owned(),
        ]);
    }
    table.render()
}

fn personas() -> String {
    let mut table = Table::new(["PERSONA / task", "weight", "about"]);
    for persona in PERSONAS {
        let weight = persona.weight.to_string();
        table.row([persona.name.to_owned(), weight, persona.about.to_owned()]);
        for task in persona.tasks {
            let requests: usize = task.requests.iter().map(|(_, times)| times).sum();
            table.row([
                format!("  {}", task.name),
                task.weight.to_string(),
                match requests {
                    1 => "1 request".to_owned(),
                    several => format!("{several} requests"),
                },
            ]);
        }
    }
    table.render()
}

fn routes(budgets: &Budgets) -> String {
    let names = PERSONAS.map(|persona| persona.name);
    let [first, second] = names.map(|name| format!("per round of a {name}"));
    let mut table = Table::new(["ROUTE", &first, &second, "p99", "errors"]);
    for route in Route::ALL {
        let [first, second] = PERSONAS.map(|persona| persona.requests_per_round(route).to_string());
        let budget = budgets.route(route);
        let (p99, errors) = (budget.p99.to_string(), budget.errors.to_string());
        table.row([route.name().to_owned(), first, second, p99, errors]);
    }
    table.render()
}

fn others(budgets: &Budgets) -> String {
    let mut table = Table::new(["QUERY AND SERVER", "budget"]);
    let mut query = |what: &str, name: &str| {
        let budget = budgets.query(name);
        let within = budget
            .within
            .map_or("its own budget".to_owned(), |time| time.to_string());
        table.row([
            what.to_owned(),
            format!("{} of the calls within {within}", budget.share),
        ]);
    };
    query("every query", "");
    for name in budgets.queries_of_their_own() {
        query(name, name);
    }
    for incident in &INCIDENTS {
        let allowed = (incident.allowed)(&budgets.server);
        table.row([incident.title.to_owned(), format!("at most {allowed}")]);
    }
    table.render()
}
