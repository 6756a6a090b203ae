//! TLS to PostgreSQL by rustls, with the meanings that `sslmode` has in libpq.

use std::{fs::File, io::BufReader, path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What `sslmode` and `sslrootcert` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verify {
    /// `prefer` and `require`: encrypted, but the server may be anybody.
    Nothing,
    /// `verify-ca`: the certificate is signed by a trusted authority.
    Authority,
    /// `verify-full`: and it names the host that was asked for.
    AuthorityAndHost,
}

/// Takes `sslmode` and `sslrootcert` out of a connection URL, because the driver knows only three of the modes.
///
/// # Errors
/// A sentence, where `sslmode` is none of libpq's modes or the root certificates cannot be read.
pub(super) fn from_url(url: &str) -> Result<(String, SslMode, MakeRustlsConnect), String> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut verify, mut roots) = (SslMode::Prefer, Verify::Nothing, None);
    let mut rest = form_urlencoded::Serializer::new(String::new());
    // In these URLs + is no space, unlike in a form: neither where it is read nor where it is written.
    let query = query.replace('+', "%2B");
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "sslmode" => (mode, verify) = parse_mode(&value)?,
            "sslrootcert" => roots = Some(value.into_owned()),
            _ => {
                rest.append_pair(&key, &value);
            }
        }
    }
    let connector = MakeRustlsConnect::new(client_config(&verify, roots.as_deref())?);
    let rest = rest.finish().replace('+', "%20");
    let url = if rest.is_empty() {
        address.to_owned()
    } else {
        format!("{address}?{rest}")
    };
    Ok((url, mode, connector))
}

fn parse_mode(text: &str) -> Result<(SslMode, Verify), String> {
    match text {
        "disable" => Ok((SslMode::Disable, Verify::Nothing)),
        "allow" | "prefer" => Ok((SslMode::Prefer, Verify::Nothing)),
        "require" => Ok((SslMode::Require, Verify::Nothing)),
        "verify-ca" => Ok((SslMode::Require, Verify::Authority)),
        "verify-full" => Ok((SslMode::Require, Verify::AuthorityAndHost)),
        other => Err(format!(
            "sslmode={other} is unknown: use disable, prefer, require, verify-ca or verify-full"
        )),
    }
}

fn client_config(verify: &Verify, roots: Option<&str>) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let verifier: Arc<dyn ServerCertVerifier> = match verify {
        Verify::Nothing => Arc::new(Lenient {
            provider,
            authority: None,
        }),
        Verify::Authority => Arc::new(Lenient {
            authority: Some(webpki(roots, &provider)?),
            provider,
        }),
        Verify::AuthorityAndHost => webpki(roots, &provider)?,
    };
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn webpki(
    roots: Option<&str>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) if path != "system" => {
            for certificate in read_certificates(Path::new(path))? {
                store.add(certificate).map_err(|error| {
                    format!("sslrootcert={path} holds a certificate that cannot be used: {error}")
                })?;
            }
        }
        _ => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| format!("sslmode verifies the server, but there are no root certificates: name a PEM file with sslrootcert ({error})"))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        format!("sslrootcert={} cannot be read: {error}", path.display())
    };
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    CertificateDer::pem_reader_iter(BufReader::new(file))
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(&error))
}

/// Checks less than rustls would: nothing at all, or the authority without the host name. The handshake's signature is always checked.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else {
            return Ok(ServerCertVerified::assertion());
        };
        match authority.verify_server_cert(certificate, intermediates, host, ocsp, now) {
            Err(Error::InvalidCertificate(
                rustls::CertificateError::NotValidForName
                | rustls::CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modes_of_libpq_are_understood_and_taken_out_of_the_url() {
        let (url, mode, _) =
            from_url("postgres://u@h/db?sslmode=require&application_name=x").unwrap();
        assert_eq!(
            (url.as_str(), mode),
            ("postgres://u@h/db?application_name=x", SslMode::Require)
        );
        let (url, ..) = from_url("postgres://u@h/db?options=-c%20a%3D1+2").unwrap();
        assert_eq!(url, "postgres://u@h/db?options=-c%20a%3D1%2B2");
        let (url, mode, _) = from_url("postgres://u@h/db").unwrap();
        assert_eq!((url.as_str(), mode), ("postgres://u@h/db", SslMode::Prefer));
        assert_eq!(
            parse_mode("verify-full"),
            Ok((SslMode::Require, Verify::AuthorityAndHost))
        );
    }

    #[test]
    fn an_unknown_mode_and_an_unreadable_root_are_said() {
        let refusal = |url| from_url(url).err().unwrap_or_default();
        assert!(refusal("postgres://u@h/db?sslmode=maybe").contains("verify-full"));
        assert!(
            refusal("postgres://u@h/db?sslmode=verify-ca&sslrootcert=/nowhere.pem")
                .contains("/nowhere.pem")
        );
    }
}
