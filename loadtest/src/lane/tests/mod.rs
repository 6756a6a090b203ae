//! What a connection makes of all that a server may answer (RFC 9112), and what it makes of servers
//! that go away, say nothing, or speak something else.

mod script;
mod tls;

use super::*;
use script::Act::{Ends, Hangs, Says};
use script::{Script, request, to};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

async fn get(connection: &mut Connection) -> Result<(u16, String), Lost> {
    ask(connection, &Method::GET, Request::to("/")).await
}

async fn ask(
    connection: &mut Connection,
    method: &Method,
    request: Request,
) -> Result<(u16, String), Lost> {
    let answer = connection
        .exchange(method, &request, Instant::now())
        .await?;
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    Ok((answer.status.as_u16(), body))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what came")]
fn right(status: u16, body: &str) -> Result<(u16, String), Lost> {
    Ok((status, body.to_owned()))
}

fn lost(why: &str) -> Result<(u16, String), Lost> {
    Err(Lost::Unanswered(why.to_owned()))
}

/// Both answers came whole, and over one connection.
async fn follows(first: &str, body: &str) {
    let second = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!";
    let mut script = Script::of(&[Says(first), Says(second)]).await;
    let mut connection = script.connection();
    assert_eq!(get(&mut connection).await, right(200, body), "{first}");
    assert_eq!(get(&mut connection).await, right(200, "!"), "{first}");
    assert_eq!([script.asked().0, script.asked().0], [0, 0], "{first}");
}

#[tokio::test]
async fn an_answer_ends_where_it_says_and_the_next_one_follows() {
    for (answer, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole", "whole"),
        ("HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 0\r\n\r\n", ""),
        ("HTTP/1.1 200\r\ncontent-length: 2, 2\r\n\r\nok", "ok"),
        (
            "HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok",
            "ok",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            "ok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\none\r\n0\r\n\r\n",
            "one",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=\"y\"\r\none\r\nA\r\n two three\r\n0\r\ntrailer: 1\r\n\r\n",
            "one two three",
        ),
    ] {
        follows(answer, body).await;
    }
}

#[tokio::test]
async fn what_has_no_body_has_none_whatever_its_length_says() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    let none = "HTTP/1.1 204 No Content\r\n\r\n";
    let same = "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n";
    let mut script = Script::of(&[head, none, same, none].map(Says)).await;
    let mut connection = script.connection();
    let asked = ask(&mut connection, &Method::HEAD, Request::to("/")).await;
    assert_eq!(asked, right(200, ""));
    assert_eq!(get(&mut connection).await, right(204, ""));
    assert_eq!(get(&mut connection).await, right(304, ""));
    let head = Request::to("/").method(Method::HEAD);
    let asked = ask(&mut connection, &Method::GET, head).await;
    assert_eq!(asked, right(204, ""));
    let connections = [0; 4].map(|_| script.asked().0);
    assert_eq!(connections, [0; 4]);
}

#[tokio::test]
async fn a_connection_that_will_close_is_not_used_again() {
    let next = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!";
    for (answer, body) in [
        (
            "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nok",
            "ok",
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
            "ok",
        ),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nuntil",
            "until",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "ok",
        ),
    ] {
        let mut script = Script::of(&[Ends(answer), Says(next)]).await;
        let mut connection = script.connection();
        assert_eq!(get(&mut connection).await, right(200, body), "{answer}");
        assert_eq!(get(&mut connection).await, right(200, "!"), "{answer}");
        assert_eq!([script.asked().0, script.asked().0], [0, 1], "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_lost() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhol",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\non",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let script = Script::of(&[Ends(answer)]).await;
        let asked = get(&mut script.connection()).await;
        assert_eq!(asked, lost("connection lost"), "{answer}");
    }
    let script = Script::of(&[Ends("")]).await;
    let asked = get(&mut script.connection()).await;
    assert_eq!(asked, lost("connection lost"));
}

#[tokio::test]
async fn what_is_no_http_is_said_to_be_none_and_so_is_what_is_ambiguous() {
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfour\r\n0\r\n\r\n",
    ] {
        let script = Script::of(&[Says(answer)]).await;
        let asked = get(&mut script.connection()).await;
        assert_eq!(asked, lost("an answer that is no HTTP"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_would_fill_the_memory_is_not_read() {
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let script = Script::of(&[Says(huge)]).await;
    let asked = get(&mut script.connection()).await;
    assert_eq!(asked, lost("an answer of more than 64 MiB"));
}

#[tokio::test]
async fn what_nobody_asked_for_ends_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        for answer in ["1HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2", "3"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await.unwrap();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{answer}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            // Until the other side closes.
            request(&mut stream).await;
        }
    });
    let mut connection = to(address);
    assert_eq!(get(&mut connection).await, right(200, "1"));
    assert_eq!(get(&mut connection).await, right(200, "3"));
    drop(connection);
    server.await.unwrap();
}

#[tokio::test]
async fn a_request_is_given_up_after_its_patience_and_its_answer_is_nobodys() {
    let next = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext";
    for begin in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nlate",
    ] {
        let mut script = Script::of(&[Hangs(begin), Says(next)]).await;
        let mut connection = script.connection();
        let request = Request::to("/").patience(Duration::from_millis(30));
        let begun = Instant::now();
        let asked = ask(&mut connection, &Method::GET, request).await;
        assert_eq!(asked, lost("hung up after 30ms"), "{begin}");
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(30) && took < TIMEOUT,
            "{took:?}"
        );
        assert_eq!(get(&mut connection).await, right(200, "next"), "{begin}");
        assert_eq!([script.asked().0, script.asked().0], [0, 1], "{begin}");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_in_the_meantime_is_opened_again() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n";
    let mut script =
        Script::of(&[&format!("{answer}1"), &format!("{answer}2")].map(|it| Ends(it))).await;
    let mut connection = script.connection();
    assert_eq!(get(&mut connection).await, right(200, "1"));
    // It does not say that it will close: one can only see that it has.
    let deadline = Instant::now() + TIMEOUT;
    while connection.is_quiet() && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&mut connection).await, right(200, "2"));
    assert_eq!([script.asked().0, script.asked().0], [0, 1]);
}

#[tokio::test]
async fn a_target_may_answer_before_it_has_read_everything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await.unwrap();
        let refusal = b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno";
        stream.write_all(refusal).await.unwrap();
        stream
    });
    let mut connection = to(address);
    // More than the buffers of both sides take.
    let large = Request::to("/").body(vec![b'x'; 32 * 1024 * 1024]);
    assert_eq!(
        ask(&mut connection, &Method::POST, large).await,
        right(413, "no")
    );
    drop(server.await.unwrap());
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let asked = get(&mut to(address)).await;
    assert_eq!(asked, Err(Lost::Unsent("no connection".to_owned())));
    let odd = ask(&mut to(address), &Method::GET, Request::to("a b")).await;
    assert_eq!(
        odd,
        Err(Lost::Unsent("a path that cannot be sent".to_owned()))
    );
}
