//! The HTTP contract as a client holds it: the shapes of the answers, and the checks on them.
//!
//! Written from the documentation and not from the service's types, so that it breaks when the
//! service breaks its word. A check that fails gives a message without ids or texts in it:
//! messages are counted, and the same fault must count as the same message.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A complete answer: its last byte has arrived.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The whole body.
    pub body: Vec<u8>,
    /// The header of that name: which state of the resource this is.
    pub etag: Option<String>,
}

/// A user as the service shows one.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// A number, as a string.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address, unique among users.
    pub email: String,
    /// `admin`, `editor` or `member`.
    pub role: String,
}

/// A post as the service shows one.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    /// A number, as a string.
    pub id: String,
    /// The id of the user who wrote it.
    pub author_id: String,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// `draft`, `published` or `archived`.
    pub status: String,
}

/// The envelope of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    /// The entries of this page.
    pub data: Vec<T>,
    /// What page this is.
    pub meta: ListMeta,
}

/// What page a list is.
#[derive(Clone, Debug, Deserialize)]
pub struct ListMeta {
    /// The most entries a page can have.
    pub limit: usize,
    /// The number of the page, from 1.
    pub page: u64,
    /// Whether there is a next page.
    pub has_more: bool,
}

#[derive(Deserialize)]
struct Single<T> {
    data: T,
    #[expect(dead_code, reason = "it must be there, and must have a timestamp")]
    meta: SingleMeta,
}

#[derive(Deserialize)]
struct SingleMeta {
    #[expect(dead_code, reason = "it must be there")]
    timestamp: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalCode,
}

#[derive(Deserialize)]
struct RefusalCode {
    code: String,
}

impl Answer {
    /// The one resource in the answer.
    ///
    /// # Errors
    /// When the status or the shape is another.
    pub fn single<T: DeserializeOwned>(&self, status: StatusCode) -> Result<T, String> {
        let single: Single<T> = self.shape(status)?;
        Ok(single.data)
    }

    /// A page of resources.
    ///
    /// # Errors
    /// When the status or the shape is another, or the page has more entries than it may.
    pub fn list<T: DeserializeOwned>(&self) -> Result<List<T>, String> {
        let list: List<T> = self.shape(StatusCode::OK)?;
        ensure(
            list.data.len() <= list.meta.limit,
            "a page longer than its limit",
        )?;
        Ok(list)
    }

    /// The one resource in the answer, and the strong `ETag` of its state.
    ///
    /// # Errors
    /// When the status or the shape is another, or there is no such header.
    pub fn tagged<T: DeserializeOwned>(&self, status: StatusCode) -> Result<(T, String), String> {
        let resource = self.single(status)?;
        let strong = self.etag.as_ref().filter(|etag| etag.starts_with('"'));
        let etag = strong.ok_or("a resource without a strong ETag")?;
        Ok((resource, etag.clone()))
    }

    /// No body at all.
    ///
    /// # Errors
    /// When the status is not 204, or there is a body.
    pub fn nothing(&self) -> Result<(), String> {
        self.expect(StatusCode::NO_CONTENT)?;
        ensure(self.body.is_empty(), "a body where there should be none")
    }

    fn shape<T: DeserializeOwned>(&self, status: StatusCode) -> Result<T, String> {
        self.expect(status)?;
        serde_json::from_slice(&self.body).map_err(|error| format!("unexpected body: {error}"))
    }

    fn expect(&self, status: StatusCode) -> Result<(), String> {
        if self.status == status {
            return Ok(());
        }
        let (got, wanted) = (self.status.as_u16(), status.as_u16());
        let refusal = serde_json::from_slice(&self.body);
        let code = refusal.map(|refusal: Refusal| format!(" ({})", refusal.error.code));
        Err(format!(
            "status {got}{}, expected {wanted}",
            code.unwrap_or_default()
        ))
    }
}

/// An error with this message unless the condition holds.
///
/// # Errors
/// When it does not.
pub fn ensure(condition: bool, message: &str) -> Result<(), String> {
    if condition {
        Ok(())
    } else {
        Err(message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
            etag: None,
        }
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
        let mut user = answer(200, USER);
        for (etag, right) in [
            (None, false),
            (Some("W/\"1\""), false),
            (Some("\"1\""), true),
        ] {
            user.etag = etag.map(ToOwned::to_owned);
            assert_eq!(user.tagged::<User>(StatusCode::OK).is_ok(), right);
        }
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

    #[test]
    fn a_page_longer_than_its_limit_breaks_the_contract() {
        let one = r#"{"id":"7","name":"A","email":"a@b.c","role":"admin"}"#;
        let page = |limit| {
            let meta = format!(r#"{{"limit":{limit},"page":1,"has_more":false}}"#);
            answer(200, &format!(r#"{{"data":[{one},{one}],"meta":{meta}}}"#))
        };
        assert_eq!(page(2).list::<User>().unwrap().data.len(), 2);
        assert!(page(1).list::<User>().is_err());
    }

    #[test]
    fn a_body_after_a_deletion_breaks_the_contract() {
        assert_eq!(answer(204, "").nothing(), Ok(()));
        assert!(answer(204, "{}").nothing().is_err());
        assert!(answer(200, "").nothing().is_err());
    }
}
