//! The command line of the service in a process of its own, and what it prints.

use std::process::{Command, Output};

/// What a command that has ended has left.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the service with these arguments and settings, and nothing else in its environment, until it ends.
pub fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api-under-test"));
    command
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ended {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs a command on the database of `url`.
pub fn run_on(url: &str, arguments: &[&str]) -> Ended {
    run(arguments, &[("DATABASE_URL", url)])
}

impl Ended {
    /// Fails unless it has done what it was asked to.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self.out
    }

    /// Fails unless it has given up with exit code 2 and one sentence on standard error; returns the sentence.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.code, Some(2), "{self:?}");
        let sentence = self.err.trim_end().to_owned();
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        assert!(sentence.starts_with("api: "), "{sentence}");
        sentence
    }
}
