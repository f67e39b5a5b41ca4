//! The check of the server's certificate.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerMisbehaved, SignatureScheme,
};
use webpki::{EndEntityCert, RawPublicKeyEntity};

use super::certificate::{Certificate, names_host};

/// Checks the server's certificate as libpq does.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) provider: Arc<CryptoProvider>,
    /// The certificates that vouch for the server's; without them, any certificate will do.
    pub(super) trust: Option<Trust>,
    /// True if the certificate has to name the host.
    pub(super) checks_host: bool,
}

/// Certificates that vouch for others.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) roots: Vec<CertificateDer<'static>>,
    pub(super) chains: Arc<WebPkiServerVerifier>,
    /// True if there are revocation lists, which only `chains` reads.
    pub(super) revokes: bool,
}

/// A problem with a certificate that rustls has no words for.
#[derive(Debug)]
struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

fn problem(words: String) -> Error {
    CertificateError::Other(OtherError(Arc::new(Problem(words)))).into()
}

impl Verifier {
    /// Checks that a root certificate vouches for a certificate.
    fn check_trust(
        &self,
        trust: &Trust,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let certificate = Certificate::parse(leaf)?;
        let is_root = trust.roots.iter().any(|root| root.as_ref() == leaf.as_ref());
        if !is_root && !certificate.is_old_style() {
            return match trust.chains.verify_server_cert(leaf, between, host, &[], now) {
                // The name is looked at after everything else, and not in every mode.
                Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                ))
                | Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
        }
        if trust.revokes {
            return Err(problem(
                "the server's certificate is of version 1, or one that may sign others, and revocation lists (`sslcrl`) can't be checked for it".into(),
            ));
        }
        certificate.check_time(now)?;
        if is_root {
            return Ok(());
        }
        let algorithms = self.provider.signature_verification_algorithms.all;
        for root in &trust.roots {
            let root = Certificate::parse(root)?;
            if certificate.is_signed_by(&root, algorithms)? {
                return root.check_time(now);
            }
        }
        Err(CertificateError::UnknownIssuer.into())
    }
}

/// Checks that a certificate names a host. The common name counts where there is no other.
fn check_host(leaf: &CertificateDer<'_>, host: &ServerName<'_>) -> Result<(), Error> {
    let mut names = Vec::new();
    if let Ok(certificate) = EndEntityCert::try_from(leaf) {
        if certificate.verify_is_valid_for_subject_name(host).is_ok() {
            return Ok(());
        }
        names.extend(certificate.valid_dns_names().map(str::to_owned));
    }
    let host = host.to_str();
    if names.is_empty() {
        names.extend(Certificate::parse(leaf)?.common_name());
        if names.iter().any(|name| names_host(name, &host)) {
            return Ok(());
        }
    }
    let named = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    Err(problem(format!(
        "the server's certificate is for {named}, not for {host}; connect by a name that it has, or write `sslmode=verify-ca` to leave the name unchecked"
    )))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trust) = &self.trust {
            self.check_trust(trust, leaf, between, host, now)?;
        }
        if self.checks_host {
            check_host(leaf, host)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = Certificate::parse(leaf)?.key()?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
        let known = self.provider.signature_verification_algorithms.mapping.iter();
        let (_, algorithms) = known
            .into_iter()
            .find(|(scheme, _)| *scheme == signature.scheme)
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        // In TLS 1.2, a scheme does not state the curve of the key.
        let is_valid = algorithms
            .iter()
            .any(|a| key.verify_signature(*a, message, signature.signature()).is_ok());
        if is_valid {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(CertificateError::BadSignature.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(
            message,
            &Certificate::parse(leaf)?.key()?,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
