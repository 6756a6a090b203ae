//! Over TLS a target is trusted by the authority that was named, and by no other.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{run::Run, server::stub};

/// Speaks TLS before a stub. Returns its address, and the certificate that it shows.
async fn in_front_of(stub: std::net::SocketAddr) -> (String, String) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Who does not trust the certificate ends it here.
                if let Ok(mut outside) = acceptor.accept(stream).await {
                    let mut inside = TcpStream::connect(stub).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                }
            });
        }
    });
    (format!("https://127.0.0.1:{port}"), cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_over_tls_is_trusted_by_the_authority_that_was_named_and_no_other() {
    let (stub, _) = stub();
    let (url, certificate) = in_front_of(stub.address).await;
    let route = "GET /delay/5ms";
    let run = || Run::against(&url, &[route], "").at(50, "1s");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, certificate).unwrap();
    let trusting = run().with(&["--cacert", file.to_str().unwrap()]);
    let report = trusting.end().await.report(0);
    assert!(report.shortest_ms(route) >= 5.0);

    let before = stub.requests();
    let ended = run().end().await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("certificate"), "{sentence}");
    assert_eq!(stub.requests(), before, "nothing was sent");
}
