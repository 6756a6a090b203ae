//! Somebody between a service and whoever reads its metrics, who does not pass on what it says.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A listener that tells lies. It ends when it is dropped.
pub struct Liar {
    pub base: String,
    running: JoinHandle<()>,
}

impl Liar {
    /// Doubles the value of every line that begins with one text and contains another.
    pub async fn doubling(begin: &'static str, part: &'static str, honest: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let source = format!("{honest}/metrics");
        let running = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let truth = reqwest::get(&source).await.unwrap().text().await.unwrap();
                let told = truth.lines().map(|line| {
                    if line.starts_with(begin) && line.contains(part) {
                        doubled(line)
                    } else {
                        format!("{line}\n")
                    }
                });
                answer(stream, &told.collect::<String>()).await;
            }
        });
        Self { base, running }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn doubled(line: &str) -> String {
    let (series, value) = line.rsplit_once(' ').unwrap();
    format!("{series} {}\n", 2.0 * value.parse::<f64>().unwrap())
}

/// Answers one request, whatever it asks for. Who has gone away does not hear it.
async fn answer(mut stream: TcpStream, text: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let length = text.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
}
