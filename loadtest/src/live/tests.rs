//! The board by what it says, and the listener over a real socket.

use super::*;
use crate::evidence::PlanShown;
use crate::probe::Scrape;
use crate::recorder::Outcome;
use crate::traffic::RouteId;

const ROUTE: &str = "GET /a";

fn board() -> Board {
    let plan = PlanShown {
        profile: "smoke".to_owned(),
        rate: Some("10/s for 1 s".to_owned()),
        ..PlanShown::default()
    };
    let routes = [(ROUTE.to_owned(), Some(Duration::from_millis(100)))];
    Board::new(&plan, "run-1", &routes).unwrap()
}

fn wrong() -> Outcome<'static> {
    Outcome::Wrong("status 500".to_owned())
}

fn count(board: &Board, ms: u64, outcome: &Outcome<'_>) {
    let (elapsed, slip) = (Duration::from_millis(ms), Duration::from_micros(20));
    board.count(RouteId(0), elapsed, Some(slip), outcome);
}

fn sum(board: &Board, name: &str, filter: &[(&str, &str)]) -> u64 {
    let scrape = Scrape::of(&board.text().unwrap());
    crate::numbers::whole(scrape.sum(name, filter).unwrap())
}

fn right() -> crate::contract::Answer {
    crate::contract::Answer {
        status: reqwest::StatusCode::OK,
        headers: crate::contract::Headers::default(),
        body: Bytes::new(),
    }
}

#[test]
fn everything_is_there_before_anything_was_sent() {
    let board = board();
    for phase in ["warm-up", "measured"] {
        let series = [("phase", phase), ("route", ROUTE)];
        assert_eq!(sum(&board, "loadtest_requests_total", &series), 0);
    }
    let run = [
        ("run", "run-1"),
        ("profile", "smoke"),
        ("rate", "10/s for 1 s"),
    ];
    assert_eq!(sum(&board, "loadtest_run_info", &run), 1);
}

#[test]
fn what_is_exposed_is_the_catalogue_and_nothing_else() {
    let text = board().text().unwrap();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let mut exposed: Vec<_> = types.map(str::to_owned).collect();
    let mut listed: Vec<_> = catalogue::CATALOGUE
        .iter()
        .map(|family| {
            let kind = match family.kind {
                catalogue::Kind::Counter => "counter",
                catalogue::Kind::Gauge => "gauge",
                catalogue::Kind::Histogram(_) => "histogram",
            };
            format!("{} {kind}", family.name)
        })
        .collect();
    exposed.sort();
    listed.sort();
    assert_eq!(exposed, listed);
}

#[test]
fn a_request_that_took_exactly_its_budget_is_within_it_and_a_failed_one_never_is() {
    let (board, answer) = (board(), right());
    for ms in [100, 101] {
        count(&board, ms, &Outcome::Right(&answer));
    }
    count(&board, 1, &wrong());
    let edge = [("phase", "warm-up"), ("le", "0.1")];
    let buckets = "loadtest_request_duration_seconds_bucket";
    assert_eq!(sum(&board, buckets, &edge), 1);
    let number = "loadtest_request_duration_seconds_count";
    assert_eq!(sum(&board, number, &[]), 2);
    assert_eq!(sum(&board, "loadtest_over_budget_total", &[]), 2);
    assert_eq!(
        sum(&board, "loadtest_requests_total", &[("outcome", "wrong")]),
        1
    );
}

#[test]
fn the_warm_up_is_told_apart_and_counters_go_on_from_round_to_round() {
    let board = board();
    for round in 0..3 {
        board.begin(round);
        count(&board, 1, &wrong());
        for due in [4, 10] {
            let (users, gaps) = (u64::from(round) + 1, 1);
            board.say(Said { due, users, gaps });
        }
    }
    let requests = |phase| sum(&board, "loadtest_requests_total", &[("phase", phase)]);
    assert_eq!((requests("warm-up"), requests("measured")), (1, 2));
    assert_eq!(sum(&board, "loadtest_tickets_due_total", &[]), 30);
    assert_eq!(sum(&board, "loadtest_generator_gaps_total", &[]), 3);
    assert_eq!(sum(&board, "loadtest_users", &[]), 3);
    assert_eq!(sum(&board, "loadtest_tickets_begun_total", &[]), 3);
}

#[test]
fn two_routes_of_one_name_share_their_counters() {
    let twice = [(ROUTE.to_owned(), None), (ROUTE.to_owned(), None)];
    let board = Board::new(&PlanShown::default(), "x", &twice).unwrap();
    board.count(RouteId(1), Duration::ZERO, None, &wrong());
    assert_eq!(sum(&board, "loadtest_requests_total", &[]), 1);
    assert_eq!(sum(&board, "loadtest_tickets_waited_total", &[]), 1);
}

#[tokio::test]
async fn it_answers_until_it_is_dropped() {
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let live = Live::start(anywhere, board()).await.unwrap();
    let base = format!("http://{}", live.address);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{base}/metrics")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], prometheus::TEXT_FORMAT);
    assert!(answer.text().await.unwrap().contains("loadtest_run_info{"));
    let other = client.get(&base).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
    let posted = client.post(format!("{base}/metrics")).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);

    let address = live.address;
    let busy = Live::start(address, board()).await.unwrap_err();
    assert!(format!("{busy:#}").starts_with(&format!("--live cannot listen on {address}")));
    drop(live);
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).await.is_ok() {
        assert!(std::time::Instant::now() < deadline, "it still listens");
        tokio::task::yield_now().await;
    }
}
