//! Over TLS, where what a connection has taken need not be on its way.

use super::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// More than the buffers of both sides take.
const LARGE: usize = 16 * 1024 * 1024;

/// Both sides of TLS under a certificate that the one shows and the other trusts.
fn sides() -> (TlsAcceptor, TlsConnector) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

#[tokio::test]
async fn a_large_request_is_sent_to_its_end() {
    let (acceptor, connector) = sides();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        // Later than everything was taken that there is room for.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut bytes = vec![0; 64 * 1024];
        let mut come = 0;
        while come < LARGE {
            come += stream.read(&mut bytes).await.unwrap();
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(answer).await.unwrap();
        stream.flush().await.unwrap();
        stream
    });
    let mut connection = Connection::new(Arc::new(Destination {
        addresses: vec![address],
        host: "localhost".parse().unwrap(),
        tls: Some((connector, ServerName::try_from("localhost").unwrap())),
    }));
    let large = Request::to("/").body(vec![b'x'; LARGE]);
    assert_eq!(
        ask(&mut connection, &Method::POST, large).await,
        right(200, "ok")
    );
    drop(server.await.unwrap());
}
