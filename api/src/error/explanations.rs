//! What every code means for a client: when it happens, what to do then, and how to see it happen. The pages below `/errors` and
//! `docs/errors.md` show this; a test runs every line for a shell as it stands.

use super::ErrorCode;

/// How to see a code with one's own eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// A line for a shell. On a service with the data of [`SEED_COMMAND`](super::SEED_COMMAND), it is answered with the code.
    Line(&'static str),
    /// No request by itself is enough.
    Provoked {
        /// What has to happen, in a sentence.
        how: &'static str,
        /// The test that makes it happen, from the root of the repository.
        test: &'static str,
    },
}

macro_rules! explanations {
    ($($variant:ident: $cause:literal => $remedy:literal, $kind:ident $example:tt;)+) => {
        impl ErrorCode {
            /// When it happens, in a sentence or two.
            #[must_use]
            pub const fn cause(self) -> &'static str {
                match self { $(Self::$variant => $cause),+ }
            }

            /// What the client does then.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),+ }
            }

            /// How to see it happen.
            #[must_use]
            pub const fn example(self) -> Example {
                match self { $(Self::$variant => explanations!(@$kind $example)),+ }
            }
        }
    };
    (@shell $line:literal) => { Example::Line($line) };
    (@provoked ($how:literal, $test:literal)) => { Example::Provoked { how: $how, test: $test } };
}

explanations! {
    ValidationFailed:
        "Several things are wrong with the input. Each is in details.errors, with a code of its own."
        => "Go through details.errors, correct every field that is named there, and send the request again.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?page=0&limit=0'";
    InvalidEmail:
        "The e-mail address is missing, no text, or not of the form that browsers accept in a form's e-mail field, with a dot in its domain."
        => "Send an ASCII address such as ada@example.com, with at most 254 characters.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/users --json '{"name": "Ada Lovelace", "email": "ada"}'"#;
    InvalidName:
        "The name is missing, no text, or not of 1 to 100 characters on one line without spaces at its ends."
        => "Send 1 to 100 characters on one line; trim the spaces at both ends first.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/users --json '{"name": "", "email": "ada@example.com"}'"#;
    InvalidRole:
        "The role is none of admin, editor and member. Letters count in their case."
        => "Send admin, editor or member.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?role=king'";
    InvalidTitle:
        "The title is missing, no text, or not of 1 to 200 characters on one line without spaces at its ends."
        => "Send 1 to 200 characters on one line; trim the spaces at both ends first.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/posts --json '{"author_id": "1", "title": " ", "body": "Text"}'"#;
    InvalidBody:
        "The text of the post is missing, blank, longer than 20000 characters, or has control characters besides line breaks and tabs."
        => "Send 1 to 20000 characters that are not all blank, and take other control characters out.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/posts --json '{"author_id": "1", "title": "Notes", "body": ""}'"#;
    InvalidStatus:
        "The status is none of draft, published and archived. Letters count in their case."
        => "Send draft, published or archived.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/posts?status=lost'";
    InvalidId:
        "An id in the path, in a parameter or in the body is no whole number from 1 to 9223372036854775807. In JSON an id is a string."
        => "Use ids as the API gave them out, unchanged: digits alone, with no sign and no zeros in front.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users/one";
    MalformedJson:
        "The body is no JSON, no object, nests deeper than 32 levels, or gives one member twice. The message says which, and where."
        => "Let a JSON library write the body: one object in UTF-8, each of its members once.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/users --json '{"name": '"#;
    UnknownField:
        "The body has a member that this request does not take: a slip of the pen, or one that the service gives itself, such as id and version."
        => "Leave it out, or correct its name; the message lists those that are known.",
        shell r#"curl -sSi -X PATCH http://127.0.0.1:8080/api/v1/users/1 --json '{"age": 36}'"#;
    UnknownParameter:
        "The query has a parameter that this list does not take. It is refused, because a filter that is passed over would show too much."
        => "Leave it out, or correct its name; the message lists those that are known.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?age=36'";
    ConflictingParameters:
        "A parameter is given twice, or page and cursor are given together."
        => "Give each parameter once, and either page or cursor.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?page=1&cursor=start'";
    InvalidLimit:
        "The limit is no whole number from 1 to 100. It is refused and not made smaller, so that nobody takes part of a list for the whole."
        => "Ask for at most 100 items, and follow links.next for more.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?limit=101'";
    InvalidPage:
        "The page is no whole number from 1."
        => "Count pages from 1, or follow links.next instead of counting.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?page=0'";
    PageOutOfRange:
        "The page ends beyond row 10000. To come that far by number, the database would have to read all rows before it."
        => "Begin with cursor=start and follow links.next: pages by cursor are equally fast however deep they are. Or narrow the list by filters.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?page=501&limit=20'";
    InvalidCursor:
        "The cursor was not given out by this service, was changed or cut on its way, or was signed with a key that is no longer in use."
        => "Take cursors from links and Link as they are. If this one was such a one, begin again with cursor=start.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?cursor=forged'";
    CursorMismatch:
        "The cursor is genuine, but of another list: another path, other filters or another sort."
        => "Keep path, filters and sort from page to page. To change them, begin again with cursor=start.",
        shell r#"curl -sSi "http://127.0.0.1:8080$(curl -sS 'http://127.0.0.1:8080/api/v1/users?cursor=start&limit=1' | sed 's/.*"next":"\([^"]*\)".*/\1/')&role=admin""#;
    InvalidSort:
        "The list cannot be sorted so: a field that has no order here, a field twice, or an empty one."
        => "Sort by the fields that the message lists, each once, separated by commas, with - in front for descending.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?sort=email'";
    InvalidFilter:
        "The value of a filter does not fit it: an id in id[in] that is none, more than 100 of them, a time that is not written as RFC 3339 says, or a prefix that is empty or too long."
        => "Correct the parameter that details names; its message says what is allowed.",
        shell "curl -sSig 'http://127.0.0.1:8080/api/v1/users?id[in]=one'";
    InvalidFields:
        "The parameter fields names a field that the resource does not have, or names one twice."
        => "Name fields of the resource itself, each once, separated by commas: fields=id,name.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?fields=password'";
    InvalidInclude:
        "The parameter include names something that cannot be sent along with this resource."
        => "Posts include author, users include posts; leave the parameter out otherwise.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?include=friends'";
    InvalidCount:
        "The parameter count is none of none, estimated and exact."
        => "Ask for count=exact only if you need the number: it takes the database longer than the page itself. count=estimated is cheap.",
        shell "curl -sSi 'http://127.0.0.1:8080/api/v1/users?count=some'";
    InvalidIdempotencyKey:
        "The header Idempotency-Key is given twice, is empty, is longer than 255 characters, or has others than visible ASCII."
        => "Make one random key for each thing to be done, a UUID for instance, and send it once with every attempt.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Idempotency-Key: two words' --json '{"name": "Ada King", "email": "king@example.com"}'"#;
    UserNotFound:
        "No user has this id. It may have been deleted."
        => "Forget the id, or look the user up in the list.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users/999";
    PostNotFound:
        "No post has this id. It may have been deleted, by itself or with its author."
        => "Forget the id, or look the post up in the list.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/posts/999";
    RouteNotFound:
        "The service has nothing at this path: it is misspelt, in letters of another case, or of another version of the API."
        => "Begin at /api/v1 and follow its links.",
        shell "curl -sSi http://127.0.0.1:8080/api/v2/users";
    MethodNotAllowed:
        "The path is right, but what is there does not have this method."
        => "Use one of the methods in the header Allow.",
        shell "curl -sSi -X DELETE http://127.0.0.1:8080/api/v1/users";
    NotAcceptable:
        "The header Accept leaves nothing that the service can write: it has application/json and application/xml."
        => "Accept one of the two, or */*, or leave the header out.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Accept: image/png'";
    RequestTimeout:
        "The body did not arrive within ten seconds. Nothing was changed."
        => "Send the request again, in one go: have the whole body ready, and say its length as it is.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Content-Length: 100' --json '{'";
    EmailTaken:
        "Another user has this e-mail address already. Letters are compared without their case."
        => "Take another address, or find the user who has it.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/users --json '{"name": "Emil Okafor", "email": "emil.okafor.1@example.com"}'"#;
    Conflict:
        "Other changes to the same rows came in between again and again, and the database let those go first. Nothing was changed."
        => "Send the request again after a short and random pause.",
        provoked ("Somebody else holds the rows in an order that ends in a deadlock, each time that it is tried.", "tests/resilience/conflict.rs");
    IdempotencyInProgress:
        "Another request with this Idempotency-Key came before and is still at work."
        => "Wait as long as Retry-After says, then send it again with the same key: you get the answer of the first.",
        provoked ("A second request with the same key comes while the first is at work.", "tests/resilience/idempotency.rs");
    PreconditionFailed:
        "The resource is not in the state that If-Match, If-None-Match or If-Unmodified-Since asks for: somebody changed it after you read it. Nothing was changed."
        => "Read it again, make your change to what is there now, and send it with the new ETag.",
        shell r#"curl -sSi -X PATCH http://127.0.0.1:8080/api/v1/users/1 -H 'If-Match: "another"' --json '{"name": "Emil"}'"#;
    PayloadTooLarge:
        "The body is longer than 1048576 bytes. It was not read to its end."
        => "Send less: the longest valid body is far smaller.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Content-Length: 1048577' --json '{}'";
    UriTooLong:
        "Path and query have together more than 8192 bytes."
        => "Ask for fewer things at once: fewer ids in id[in], shorter values.",
        shell r#"curl -sSi "http://127.0.0.1:8080/$(printf '%08192d' 0)""#;
    UnsupportedMediaType:
        "The body is not said to be JSON, or it is compressed."
        => "Send Content-Type: application/json, for PATCH application/merge-patch+json too, and no Content-Encoding.",
        shell "curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Content-Type: text/plain' -d 'Ada Lovelace'";
    AuthorNotFound:
        "The post is well formed, but author_id is the id of no user. It may have been deleted."
        => "Take the id of a user that exists, or make the user first.",
        shell r#"curl -sSi http://127.0.0.1:8080/api/v1/posts --json '{"author_id": "999", "title": "Notes", "body": "Text"}'"#;
    IdempotencyKeyReused:
        "This Idempotency-Key came before with another body. A key stands for one thing to be done."
        => "Take a new key for a new request; use an old one only to send the very same request again.",
        shell r#"for name in Ada Grace; do curl -sSi http://127.0.0.1:8080/api/v1/users -H 'Idempotency-Key: example' --json '{"name": "'$name'", "email": "'$name'@example.org"}'; done"#;
    PreconditionRequired:
        "A post is not changed or deleted blindly: the request must say in If-Match which state it knows."
        => "Read the post, and send its ETag as If-Match. If-Match: * means any state.",
        shell "curl -sSi -X DELETE http://127.0.0.1:8080/api/v1/posts/1";
    Internal:
        "The service has a defect. What happened is in its log, under the trace id that is in meta."
        => "Tell the operator the trace id. Do not send the request again and again: it will likely fail in the same way.",
        provoked ("A handler panics, which none of the service does.", "tests/resilience/handler_panic.rs");
    Overloaded:
        "More requests wait for the database than it serves in time. This one was given up before it changed anything."
        => "Wait as long as Retry-After says, and longer after every failure. With fewer requests at once all are faster.",
        provoked ("All connections of a worker are held up by another's lock, and the next request waits for one.", "tests/resilience/pool_exhausted.rs");
    DatabaseUnavailable:
        "The database cannot be reached, or the connection to it broke. A write whose answer was lost may have happened."
        => "Wait as long as Retry-After says, and longer after every failure. After a write, look first whether it happened.",
        provoked ("The network between the service and its database is cut.", "tests/resilience/database_down.rs");
    DeadlineExceeded:
        "The request as a whole took longer than the service gives any. A write may have happened."
        => "Send it again, after a pause. After a write, look first whether it happened.",
        provoked ("A lock is held longer than the deadline of a request.", "tests/resilience/deadline.rs");
    QueryTimeout:
        "One statement took longer than the service gives any, and was cancelled."
        => "Send it again, after a pause. If it is a list, narrow it by filters or ask for a smaller page.",
        provoked ("A lock is held longer than the time-out of a statement.", "tests/resilience/statement_timeout.rs");
}
