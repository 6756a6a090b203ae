//! What keeps the contract and what breaks it.

use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: Headers::default(),
        body: body.as_bytes().to_vec().into(),
    }
}

fn tagged(mut answer: Answer, etag: &str) -> Answer {
    answer.headers.set("etag", etag);
    answer
}

const USER: &str = r#"{"data":{"id":"7","name":"A","email":"a@b.c","role":"admin","version":1},
    "meta":{"timestamp":"2024-01-01T00:00:00Z"}}"#;

#[test]
fn a_user_in_its_envelope_is_read() {
    let user: User = answer(200, USER).single(StatusCode::OK).unwrap();
    assert_eq!(user.id, "7");
}

#[test]
fn only_a_strong_etag_will_do() {
    assert!(answer(200, USER).tagged::<User>(StatusCode::OK).is_err());
    for (etag, right) in [("W/\"1\"", false), ("\"1\"", true)] {
        let user = tagged(answer(200, USER), etag).tagged::<User>(StatusCode::OK);
        assert_eq!(user.is_ok(), right);
    }
}

#[test]
fn what_a_client_knows_is_not_sent_again_and_what_it_does_not_know_is() {
    let known = |status, body, etag| {
        let answer = tagged(answer(status, body), etag);
        answer
            .unless_known("\"1\"", |whole| whole.tagged::<User>(StatusCode::OK))
            .is_ok()
    };
    assert!(known(304, "", "\"1\""));
    assert!(!known(304, "", "\"2\""));
    assert!(!known(304, USER, "\"1\""));
    assert!(known(200, USER, "\"2\""));
    assert!(!known(200, USER, "\"1\""));
    assert!(!known(412, "", "\"1\""));
}

#[test]
fn one_etag_stands_for_one_body() {
    let first = tagged(answer(200, USER), "\"1\"");
    let agrees = |body, etag| tagged(answer(200, body), etag).agrees_with(&first).is_ok();
    assert!(agrees(USER, "\"1\""));
    assert!(agrees("{}", "\"2\""));
    assert!(!agrees("{}", "\"1\""));
}

#[test]
fn what_was_asked_for_holds_for_every_entry_of_a_page() {
    let users: List<User> = page(2, false, "{}").list().unwrap();
    let all = |role| users.all("another role", |user| user.role == role);
    assert_eq!(all("admin"), Ok(()));
    assert_eq!(all("member").unwrap_err(), "another role");
}

#[test]
fn the_second_answer_to_a_key_is_the_first_one_and_says_so() {
    let first = tagged(answer(201, USER), "\"1\"");
    let again = |mut second: Answer, replayed: &str| {
        second.headers.set("idempotency-replayed", replayed);
        second.replays(&first).is_ok()
    };
    assert!(again(first.clone(), "true"));
    assert!(!again(first.clone(), "false"));
    assert!(!again(tagged(answer(201, USER), "\"2\""), "true"));
    assert!(!again(tagged(answer(200, USER), "\"1\""), "true"));
    assert!(!again(tagged(answer(201, "{}"), "\"1\""), "true"));
    assert!(first.replays(&first).is_err());
}

#[test]
fn the_right_body_with_the_wrong_status_is_wrong() {
    let user = answer(201, USER).single::<User>(StatusCode::OK);
    assert_eq!(user.unwrap_err(), "status 201, expected 200");
}

#[test]
fn a_refusal_is_called_by_its_code() {
    let refusal = answer(404, r#"{"error":{"code":"USER_NOT_FOUND","message":"no"}}"#);
    let error = refusal.single::<User>(StatusCode::OK).unwrap_err();
    assert_eq!(error, "status 404 (USER_NOT_FOUND), expected 200");
}

#[test]
fn an_id_that_is_a_number_breaks_the_contract() {
    let body = USER.replace("\"7\"", "7");
    let error = answer(200, &body)
        .single::<User>(StatusCode::OK)
        .unwrap_err();
    assert!(
        error.starts_with("unexpected body: invalid type"),
        "{error}"
    );
}

/// A page of two users.
fn page(limit: usize, has_more: bool, links: &str) -> Answer {
    let one = r#"{"id":"7","name":"A","email":"a@b.c","role":"admin"}"#;
    let meta = format!(r#"{{"limit":{limit},"page":1,"has_more":{has_more}}}"#);
    let body = format!(r#"{{"data":[{one},{one}],"meta":{meta},"links":{links}}}"#);
    answer(200, &body)
}

#[test]
fn a_page_longer_than_its_limit_breaks_the_contract() {
    assert_eq!(page(2, false, "{}").list::<User>().unwrap().data.len(), 2);
    assert!(page(1, false, "{}").list::<User>().is_err());
}

#[test]
fn a_list_has_a_weak_etag() {
    let list = |etag| tagged(page(2, false, "{}"), etag).tagged_list::<User>();
    assert_eq!(list("W/\"1\"").unwrap().1, "W/\"1\"");
    assert!(list("\"1\"").is_err());
}

#[test]
fn a_page_has_a_next_one_if_it_says_so_and_only_then() {
    let next = r#"{"next":"/api/v1/users?cursor=x"}"#;
    assert!(page(2, true, next).list::<User>().is_ok());
    assert!(page(2, true, "{}").list::<User>().is_err());
    assert!(page(2, false, next).list::<User>().is_err());
}

#[test]
fn a_body_after_a_deletion_breaks_the_contract() {
    assert_eq!(answer(204, "").nothing(), Ok(()));
    assert!(answer(204, "{}").nothing().is_err());
    assert!(answer(200, "").nothing().is_err());
}
