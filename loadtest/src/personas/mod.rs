//! Who uses the service, and how: one persona per file or folder.
//!
//! A persona is a table of tasks. Goose gives every simulated user one persona, by weight, and
//! the user does the persona's tasks over and over, by weight. A task knows the routes it calls,
//! so that `loadtest list` can say where the traffic goes without sending any. To add a persona,
//! write its file and add a line to [`PERSONAS`].

mod author;
mod deep_pager;
mod impatient;
mod newcomer;
mod paths;
mod reader;
mod searcher;
mod shares;
mod writing;

pub use shares::expected_shares;

use crate::client::Client;
use crate::numbers::portion;
use crate::routes::Route;
use crate::traffic::Doing;

/// Everybody there is.
pub static PERSONAS: [Persona; 6] = [
    reader::PERSONA,
    author::PERSONA,
    searcher::PERSONA,
    newcomer::PERSONA,
    impatient::PERSONA,
    deep_pager::PERSONA,
];

/// Entries on the pages that most people ask for.
const PAGE_SIZE: usize = 20;

/// A kind of user.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    /// What they are called.
    pub name: &'static str,
    /// What they do, in a sentence.
    pub about: &'static str,
    /// So many users are of this kind, compared with the other weights.
    pub weight: usize,
    /// What they do, in tasks.
    pub tasks: &'static [Task],
}

/// Something a user does in one go.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// What it is called.
    pub name: &'static str,
    /// It is done so often, compared with the other weights.
    pub weight: usize,
    /// The requests it makes when all goes well.
    pub requests: &'static [(Route, usize)],
    /// Doing it.
    pub run: for<'a> fn(&'a mut Client<'_>) -> Doing<'a>,
}

impl Persona {
    /// Its share of the users, who take turns: so it is its share of the requests, too.
    #[must_use]
    pub fn share(&self) -> f64 {
        let all = PERSONAS.iter().map(|persona| persona.weight);
        portion(self.weight, all.sum())
    }

    /// The share of one of their tasks in the requests of one such user.
    #[must_use]
    pub fn share_of_task(&self, task: &Task) -> f64 {
        let all = self.tasks.iter().map(Task::requests_per_round);
        portion(task.requests_per_round(), all.sum())
    }

    /// The share of a route in the requests of one such user.
    #[must_use]
    pub fn share_of(&self, route: Route) -> f64 {
        let here = self.tasks.iter().map(|task| task.requests_to(route));
        let all = self.tasks.iter().map(Task::requests_per_round);
        portion(here.sum(), all.sum())
    }
}

impl Task {
    /// The requests it makes when all goes well, as often as it weighs.
    #[must_use]
    pub fn requests_per_round(&self) -> usize {
        let times = self.requests.iter().map(|(_, times)| times);
        times.sum::<usize>() * self.weight
    }

    fn requests_to(&self, route: Route) -> usize {
        let requests = self.requests.iter().filter(|(called, _)| *called == route);
        requests.map(|(_, times)| times).sum::<usize>() * self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Of the 30 000 requests of a round of the smoke profile that is 450: more than the 367 which it
    /// takes to pass a p99 at the first look.
    const ENOUGH: f64 = 0.015;

    #[test]
    fn every_route_has_traffic() {
        for (route, share) in expected_shares(&[]) {
            assert!(share >= ENOUGH, "{route}: {share}");
        }
    }

    #[test]
    fn most_requests_open_one_user_or_post_and_nearly_a_third_comes_from_authors() {
        let shares: BTreeMap<_, _> = expected_shares(&[]).into_iter().collect();
        let opened = [Route::GetUser, Route::GetPost].map(|route| shares[route.name()]);
        assert!(opened.iter().sum::<f64>() > 0.4, "{opened:?}");
        let authors = author::PERSONA.share();
        assert!((0.25..0.33).contains(&authors), "{authors}");
    }

    #[test]
    fn the_routes_share_all_requests() {
        let all: f64 = expected_shares(&[]).iter().map(|(_, share)| share).sum();
        assert!((all - 1.0).abs() < 1e-9, "{all}");
    }
}
