//! `loadtest list`: what a run would do and what it would be judged by, without sending anything.

use crate::budgets::Budgets;
use crate::incidents::INCIDENTS;
use crate::personas::{PERSONAS, Task, expected_shares};
use crate::profiles;
use crate::report::Table;
use crate::routes::Route;
use crate::wording::{count, percent};

/// Profiles, personas, routes and budgets, as tables.
#[must_use]
pub fn listing(budgets: &Budgets) -> String {
    [profiles(), personas(), routes(budgets), others(budgets)].join("\n")
}

fn profiles() -> String {
    let headings = [
        "PROFILE",
        "warm-up",
        "rounds",
        "data",
        "a round, and what for",
    ];
    let mut table = Table::new(headings);
    for profile in profiles::profiles() {
        let (least, most) = profile.rounds;
        let (users, posts) = (
            profile.seed_users,
            profile.seed_users * profile.posts_per_user,
        );
        table.row([
            profile.name.clone(),
            format!("{} s", profile.warmup.as_secs_f64()),
            if least == most {
                least.to_string()
            } else {
                format!("{least} to {most}")
            },
            format!("{} users, {} posts", count(users), count(posts)),
            format!("{}: {}", profile.shape(), profile.about),
        ]);
    }
    table.render()
}

fn personas() -> String {
    let mut table = Table::new(["PERSONA / task", "of the requests", "about"]);
    for persona in PERSONAS {
        let share = percent(persona.share());
        table.row([persona.name.to_owned(), share, persona.about.to_owned()]);
        for task in persona.tasks {
            table.row([
                format!("  {}", task.name),
                percent(persona.share() * persona.share_of_task(task)),
                requests(task),
            ]);
        }
    }
    table.render()
}

/// The routes that a task calls: `2 × GET /api/v1/users`.
fn requests(task: &Task) -> String {
    let in_words = |(route, times): &(Route, usize)| match times {
        1 => route.name().to_owned(),
        times => format!("{times} × {route}"),
    };
    let requests: Vec<_> = task.requests.iter().map(in_words).collect();
    requests.join(", ")
}

fn routes(budgets: &Budgets) -> String {
    let mut table = Table::new(["ROUTE", "of all requests", "budget", "errors"]);
    for (route, share) in expected_shares(&[]) {
        let budget = budgets.route(&route);
        let dash = || "-".to_owned();
        let p99 = budget
            .main()
            .map_or_else(dash, |promise| promise.to_string());
        let errors = budget.errors.map_or_else(dash, |share| share.to_string());
        table.row([route, percent(share), p99, errors]);
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
            budget.share.map_or_else(String::new, |share| {
                format!("{share} of the calls within {within}")
            }),
        ]);
    };
    query("every query", "");
    for name in budgets.queries_of_their_own() {
        query(name, name);
    }
    for incident in &INCIDENTS {
        if let Some(allowed) = (incident.allowed)(&budgets.server) {
            table.row([incident.title.to_owned(), format!("at most {allowed}")]);
        }
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::SHIPPED;

    #[test]
    fn everything_that_a_run_would_do_is_listed() {
        let listing = listing(&Budgets::parse("budgets.toml", SHIPPED).unwrap());
        let profiles = profiles::names();
        let personas = PERSONAS.map(|persona| persona.name);
        let tasks = PERSONAS.iter().flat_map(|persona| persona.tasks);
        let routes = Route::ALL.map(Route::name);
        let names = profiles.into_iter().chain(personas).chain(routes);
        for name in names.chain(tasks.map(|task| task.name)) {
            assert!(listing.contains(name), "{name}");
        }
        assert!(listing.contains("750/s for 10 s, 3 000/s for 6 s, 750/s for 10 s"));
    }
}
