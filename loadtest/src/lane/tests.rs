//! What a connection makes of all that a server may answer (RFC 9112), and what it makes of servers
//! that go away, say nothing, or speak something else.

use super::*;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A server that answers each request with the next of these texts, and closes the connection after
/// a text that is empty. It tells what it was asked, and over which connection.
struct Script {
    address: SocketAddr,
    asked: mpsc::UnboundedReceiver<(usize, String)>,
    task: JoinHandle<()>,
}

impl Script {
    async fn of(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::unbounded_channel();
        let mut answers = answers.iter().map(ToString::to_string).collect::<Vec<_>>();
        answers.reverse();
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                while let Some(request) = request(&mut stream).await {
                    tell.send((number, request)).unwrap();
                    let Some(answer) = answers.pop() else { return };
                    if answer.is_empty() {
                        break;
                    }
                    // Byte by byte: whatever is cut anywhere must be put together again.
                    for byte in answer.as_bytes() {
                        let _ = stream.write_all(&[*byte]).await;
                        stream.flush().await.unwrap();
                        tokio::task::yield_now().await;
                    }
                    if answers.last().is_some_and(String::is_empty) {
                        answers.pop();
                        break;
                    }
                }
            }
        });
        Self {
            address,
            asked,
            task,
        }
    }

    fn connection(&self) -> Connection {
        Connection::new(Arc::new(Destination {
            addresses: vec![self.address],
            host: "host".parse().unwrap(),
            tls: None,
        }))
    }

    /// What it was asked over which connection.
    fn asked(&mut self) -> (usize, String) {
        self.asked.try_recv().unwrap()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request's head.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(bytes).ok()
}

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

fn right(status: u16, body: &str) -> Result<(u16, String), Lost> {
    Ok((status, body.to_owned()))
}

fn lost(why: &str) -> Result<(u16, String), Lost> {
    Err(Lost::Unanswered(why.to_owned()))
}

/// Both answers came whole, and over one connection.
async fn follows(first: &str, body: &str) {
    let second = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!";
    let mut script = Script::of(&[first, second]).await;
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
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\none\r\n0\r\n\r\n", "one"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=\"y\"\r\none\r\nA\r\n two three\r\n0\r\ntrailer: 1\r\n\r\n", "one two three"),
    ] {
        follows(answer, body).await;
    }
}

#[tokio::test]
async fn what_has_no_body_has_none_whatever_its_length_says() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    let none = "HTTP/1.1 204 No Content\r\n\r\n";
    let same = "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n";
    let mut script = Script::of(&[head, none, same, none]).await;
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
        ("HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nuntil", "until"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "ok"),
    ] {
        let mut script = Script::of(&[answer, "", next]).await;
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
        let script = Script::of(&[answer, ""]).await;
        let asked = get(&mut script.connection()).await;
        assert_eq!(asked, lost("connection lost"), "{answer}");
    }
    let script = Script::of(&[""]).await;
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
        let script = Script::of(&[answer]).await;
        let asked = get(&mut script.connection()).await;
        assert_eq!(asked, lost("an answer that is no HTTP"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_would_fill_the_memory_is_not_read() {
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let script = Script::of(&[huge]).await;
    let asked = get(&mut script.connection()).await;
    assert_eq!(asked, lost("an answer of more than 64 MiB"));
}

#[tokio::test]
async fn what_nobody_asked_for_ends_the_connection() {
    let more = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2";
    let last = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n3";
    let mut script = Script::of(&[more, "", last]).await;
    let mut connection = script.connection();
    assert_eq!(get(&mut connection).await, right(200, "1"));
    // Until all of it has come.
    tokio::task::yield_now().await;
    assert_eq!(get(&mut connection).await, right(200, "3"));
    assert_eq!([script.asked().0, script.asked().0], [0, 1]);
}

#[tokio::test]
async fn a_request_is_given_up_after_its_patience_and_its_answer_is_nobodys() {
    let late = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nlate";
    let next = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext";
    let mut script = Script::of(&[late, "", next]).await;
    let mut connection = script.connection();
    let short = Duration::from_millis(30);
    // The script waits for another request after a text, unless it is to close: here it has sent
    // less than it announced.
    let begun = Instant::now();
    let asked = ask(&mut connection, &Method::GET, Request::to("/").patience(short)).await;
    match asked {
        Err(Lost::Unanswered(why)) if why == "connection lost" => {}
        other => panic!("{other:?} after {:?}", begun.elapsed()),
    }
    assert_eq!(get(&mut connection).await, right(200, "next"));
    assert_eq!([script.asked().0, script.asked().0], [0, 1]);
}
