//! Who uses the service, and how: one persona per file, their weights here.
//!
//! A persona is a table of tasks. Goose gives every simulated user one persona, by weight, and
//! the user does the persona's tasks over and over, by weight. A task knows the routes it calls,
//! so that `loadtest list` can say where the traffic goes without sending any. To add a persona,
//! write its file and add a line to [`PERSONAS`].

mod author;
mod reader;

use crate::client::{BrokenOff, Client};
use crate::routes::Route;
use std::pin::Pin;

/// Everybody there is.
pub const PERSONAS: [Persona; 2] = [reader::PERSONA, author::PERSONA];

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

/// A task being done.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), BrokenOff>> + Send + 'a>>;

impl Persona {
    /// The requests that one user makes on a route while doing every task as often as it weighs.
    #[must_use]
    pub fn requests_per_round(&self, route: Route) -> usize {
        let of_task = |task: &Task| {
            let requests = task.requests.iter().filter(|(called, _)| *called == route);
            requests.map(|(_, times)| times).sum::<usize>() * task.weight
        };
        self.tasks.iter().map(of_task).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_traffic() {
        for route in Route::ALL {
            let requests = PERSONAS.map(|persona| persona.requests_per_round(route));
            assert!(requests.iter().sum::<usize>() > 0, "{route}");
        }
    }
}
