//! What somebody who was woken up must know first: what is red, what is near it, what cannot be seen.

use super::{anchor, short_title};
use crate::{
    model::Kind,
    preview::{Answered, Line, Shown, Standing, draw, standing, units},
};

/// One thing that is not as it should be.
pub(super) struct Concern {
    pub(super) standing: Standing,
    /// The anchor of a panel; none of what is no panel.
    pub(super) link: Option<String>,
    pub(super) place: String,
    pub(super) what: String,
}

/// All of them, worst first; alerts and targets before panels.
pub(super) fn concerns(shown: &Shown) -> Vec<Concern> {
    let mut concerns: Vec<_> = alerts(shown)
        .chain(targets(shown))
        .chain(panels(shown))
        .collect();
    concerns.sort_by_key(|concern| std::cmp::Reverse(concern.standing));
    concerns
}

fn alerts(shown: &Shown) -> impl Iterator<Item = Concern> {
    shown.firing.iter().map(|alert| {
        let of = |name: &str| alert.labels.get(name).map_or("", String::as_str);
        let known = ["alertname", "severity"];
        let labels = alert
            .labels
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()));
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let since = alert
            .since
            .map(|since| crate::preview::scale::time(since, " since %H:%M:%S"));
        Concern {
            standing: standing::alert(alert),
            link: None,
            place: format!(
                "{} ({}){}",
                of("alertname"),
                of("severity"),
                since.unwrap_or_default()
            ),
            what: if alert.summary.is_empty() {
                labels.join(" ")
            } else {
                alert.summary.clone()
            },
        }
    })
}

fn targets(shown: &Shown) -> impl Iterator<Item = Concern> {
    shown.down.iter().map(|target| {
        let of = |name: &str| target.labels.get(name).map_or("", String::as_str);
        Concern {
            standing: Standing::Red,
            link: None,
            place: format!("{} {} is down", of("job"), of("instance")),
            what: target.last_error.clone(),
        }
    })
}

fn panels(shown: &Shown) -> impl Iterator<Item = Concern> {
    let boards = shown.boards.iter();
    let panels = boards.flat_map(|board| {
        board
            .panels()
            .enumerate()
            .map(move |(number, panel)| (board, number, panel))
    });
    panels.filter_map(|(board, number, panel)| {
        let standing = panel.standing();
        let is_concern = !matches!(standing, Standing::Fine | Standing::Idle);
        is_concern.then(|| Concern {
            standing,
            link: Some(anchor(board.board.uid, number)),
            place: format!("{}: {}", short_title(board.board.title), panel.panel.title),
            what: what(panel, standing),
        })
    })
}

fn what(panel: &Answered, standing: Standing) -> String {
    match standing {
        Standing::Failed => panel.failures().next().unwrap_or_default().to_owned(),
        Standing::Empty => panel.reason.clone(),
        _ => {
            if let Some((_, line)) = panel.worst() {
                let value = line
                    .last()
                    .map_or_else(String::new, |point| units::show(line.unit, point.value));
                return format!("{} {value}", name(panel, &line));
            }
            let whole = draw::whole(&panel.lines());
            whole.map_or_else(String::new, |whole| {
                format!("in all {}", units::show(panel.panel.unit, whole))
            })
        }
    }
}

/// What a value belongs to: in a table the row is a part of that.
fn name(panel: &Answered, line: &Line<'_>) -> String {
    if panel.panel.kind != Kind::Table {
        return line.name.clone();
    }
    let row: Vec<_> = line.labels.values().map(String::as_str).collect();
    format!("{}: {}", row.join(" "), line.name)
}
