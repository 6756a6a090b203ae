//! Where requests go: the target's address, resolved and checked once, and how to trust it.

use anyhow::{Context, Result, ensure};
use reqwest::Url;
use reqwest::header::HeaderValue;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::lookup_host;
use tokio_rustls::TlsConnector;

/// A target, ready to be connected to.
pub struct Destination {
    /// Its addresses, in the order in which they are tried.
    pub addresses: Vec<SocketAddr>,
    /// What the header `Host` says.
    pub host: HeaderValue,
    /// How to speak TLS with it; None for plain HTTP.
    pub tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Destination {
    /// Resolves a target. Over TLS its certificate must come from an authority of this machine
    /// (or of `SSL_CERT_FILE`), or from one in the file `authorities`.
    ///
    /// # Errors
    /// When its name has no address, or the authorities cannot be read.
    pub async fn resolve(target: &Url, authorities: Option<&Path>) -> Result<Arc<Self>> {
        let host = target.host_str().context("a target needs a host")?;
        let port = target
            .port_or_known_default()
            .context("a target needs a port")?;
        // An IPv6 address stands in brackets in a URL, and only there.
        let bare = host.trim_matches(['[', ']']).to_owned();
        let addresses = lookup_host((bare.as_str(), port))
            .await
            .with_context(|| format!("{host} has no address"))?;
        let addresses = addresses.collect();
        let shown = target
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let tls = match target.scheme() {
            "https" => Some((connector(authorities)?, ServerName::try_from(bare)?)),
            _ => None,
        };
        Ok(Arc::new(Self {
            addresses,
            host: HeaderValue::try_from(shown)?,
            tls,
        }))
    }

    /// Whether all of it is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.addresses
            .iter()
            .all(|address| address.ip().is_loopback())
    }
}

impl std::fmt::Debug for Destination {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = formatter.debug_struct("Destination");
        fields
            .field("addresses", &self.addresses)
            .field("tls", &self.tls.is_some());
        fields.finish_non_exhaustive()
    }
}

fn connector(authorities: Option<&Path>) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = authorities {
        let name = file.display();
        let read = || format!("cannot read certificates from {name}");
        for certificate in CertificateDer::pem_file_iter(file).with_context(read)? {
            roots.add(certificate.with_context(read)?)?;
        }
        ensure!(!roots.is_empty(), "there is no certificate in {name}");
    } else {
        // Some that this machine has may be of a kind which nobody trusts any more.
        let (_, _) =
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
