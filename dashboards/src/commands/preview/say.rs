//! What is said at the end: where the page is, how many panels have data, and what is wrong, one sentence for each kind.

use std::{
    io::{Write, stderr, stdout},
    path::Path,
    process::ExitCode,
};

use anyhow::Result;

use crate::{
    preview::{Shown, ShownBoard, Standing, Vanished},
    prometheus::Target,
};

/// Of a long list, so many are named.
const NAMED: usize = 5;

pub(super) fn say(out: &Path, shown: &Shown, vanished: &Vanished) -> Result<ExitCode> {
    writeln!(stdout(), "{}: {}", out.display(), counted(shown))?;
    let down = down(&shown.down);
    // What is down exposes nothing: that is not one more thing that is wrong.
    let lost = lost(vanished).filter(|_| down.is_none());
    let wrong = [refused(shown), lost, down];
    for sentence in wrong.iter().flatten() {
        writeln!(stderr(), "error: {sentence}")?;
    }
    Ok(if wrong.iter().flatten().next().is_some() {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// How many panels have data, and how many have not.
fn counted(shown: &Shown) -> String {
    let boards = shown.boards.iter();
    let count = |standing| {
        boards
            .clone()
            .map(|board| board.count(standing))
            .sum::<usize>()
    };
    let all: usize = boards.clone().map(|board| board.panels().count()).sum();
    let [failed, empty, idle] = [Standing::Failed, Standing::Empty, Standing::Idle].map(count);
    let with_data = all - failed - empty - idle;
    let idle = match idle {
        0 => String::new(),
        idle => format!(", {idle} wait for a load test or requests"),
    };
    format!("{with_data} of {all} panels have data, {empty} are empty, {failed} fail{idle}")
}

fn refused(shown: &Shown) -> Option<String> {
    let panels = shown.boards.iter().flat_map(ShownBoard::panels);
    let mut failures = panels.flat_map(|panel| {
        panel
            .failures()
            .map(move |reason| (panel.panel.title, reason))
    });
    let (title, reason) = failures.next()?;
    let others = failures.count();
    let others = if others > 0 {
        format!(" (and {others} more)")
    } else {
        String::new()
    };
    Some(format!(
        "Prometheus refuses a query of the panel `{title}`{others}, mend it there: {reason}"
    ))
}

pub(in crate::commands) fn lost(vanished: &Vanished) -> Option<String> {
    let (metric, panels) = vanished.iter().next()?;
    let titles: Vec<_> = panels
        .iter()
        .take(NAMED)
        .map(|title| format!("`{title}`"))
        .collect();
    let others: Vec<_> = vanished
        .keys()
        .skip(1)
        .take(NAMED)
        .map(String::as_str)
        .collect();
    let more = vanished.len().saturating_sub(1 + NAMED);
    let mut others = others.join(", ");
    if more > 0 {
        others = format!("{others} and {more} more");
    }
    let others = if others.is_empty() {
        others
    } else {
        format!(", nor of {others}")
    };
    Some(format!(
        "there is no series of {metric}, which {} asks for{others}: expose it, let Prometheus read the rules that record it, or change the panel",
        titles.join(", ")
    ))
}

pub(in crate::commands) fn down(targets: &[Target]) -> Option<String> {
    let target = targets.first()?;
    let of = |name: &str| target.labels.get(name).map_or("", String::as_str);
    Some(format!(
        "the target {} of the job {} is down ({}): start it, or see what keeps Prometheus from it",
        of("instance"),
        of("job"),
        target.last_error
    ))
}
