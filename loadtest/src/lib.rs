//! The load harness: sends requests when they are due, and judges every route and every named query
//! against its budget, by the client's clock and by the server's.
//!
//! A run in seven steps, each in its module:
//!
//! 1. [`settings`] and [`profiles`] say what is wanted, [`budgets`] what is promised; [`prospects`]
//!    says beforehand whether that can be decided.
//! 2. [`target`] starts the service ([`embedded`]), unless a running one is named, and
//!    [`population`] asks which users and posts there are.
//! 3. [`traffic`] is what is sent: [`personas`], or a [`scenario`] for any service ([`openapi`]
//!    drafts one). [`schedule`] says when.
//! 4. [`attack`] lets goose run the users. They get tickets from the [`pacer`], make a [`request`],
//!    send it by their [`client`] over their [`lane`], hold the [`contract`] in their hands, and the
//!    [`recorder`] takes down how it went. A [`heartbeat`] knows whether this program ran.
//! 5. [`probe`] reads the target's metrics before and after. All that is [`evidence`].
//! 6. [`measurements`] are the figures, and [`judge`] compares them with the budgets, as surely as
//!    [`statistics`] allow. [`rounds`] go on until everything is decided.
//! 7. [`report`] says it: on the terminal, in `run.json`, on a page for people, to CI. [`why`] says
//!    where the time went.
//!
//! [`run`] is the thread through all of them; [`commands`] has every command. What else one can
//! ask: [`audit`], [`capacity`], [`compare`], [`calibrate`]; [`stub`] is a server to ask it of, and
//! [`live`] shows a run while it goes on.

pub mod attack;
pub mod audit;
pub mod budgets;
pub mod calibrate;
pub mod capacity;
pub mod client;
pub mod commands;
pub mod compare;
pub mod contract;
pub mod embedded;
pub mod evidence;
pub mod heartbeat;
pub mod incidents;
pub mod interrupt;
pub mod judge;
pub mod lane;
pub mod launch;
pub mod listing;
pub mod live;
pub mod measurements;
pub mod numbers;
pub mod openapi;
pub mod pacer;
pub mod personas;
pub mod population;
pub mod probe;
pub mod profiles;
pub mod progress;
pub mod prospects;
pub mod recorder;
pub mod report;
pub mod request;
pub mod rounds;
pub mod routes;
pub mod run;
pub mod scenario;
pub mod schedule;
pub mod settings;
pub mod statistics;
pub mod stub;
pub mod target;
pub mod target_log;
pub mod traffic;
pub mod visitor;
pub mod walk;
pub mod why;
pub mod wording;
