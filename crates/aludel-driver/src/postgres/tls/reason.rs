//! Failures of TLS, in words.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};

use super::options::{Roots, TlsOptions};

/// Returns the reason of a failure of TLS, and `None` for any other failure.
pub(crate) fn reason(error: &tokio_postgres::Error, options: &TlsOptions) -> Option<String> {
    if let Some(error) = tls_error(error) {
        return Some(words(error, options));
    }
    let cause = error.source().filter(|_| is_handshake(error))?.to_string();
    let mode = options.mode().name();
    if cause == "server does not support TLS" {
        return Some(format!(
            "the server has no TLS, and `sslmode={mode}` asks for it; switch it on there (`ssl = on`), or write `sslmode=prefer`"
        ));
    }
    let hint = if options.is_direct { "; `sslnegotiation=direct` needs PostgreSQL 17" } else { "" };
    Some(format!("TLS failed: {cause}{hint}"))
}

/// The driver has no other sign for it than its words.
fn is_handshake(error: &tokio_postgres::Error) -> bool {
    error.to_string().starts_with("error performing TLS handshake")
}

fn tls_error<'e>(error: &'e tokio_postgres::Error) -> Option<&'e rustls::Error> {
    let mut cause: Option<&'e (dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let found = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(found) = found.or_else(|| error.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn words(error: &rustls::Error, options: &TlsOptions) -> String {
    match error {
        rustls::Error::InvalidCertificate(problem) => certificate_words(problem, options),
        rustls::Error::AlertReceived(alert) => alert_words(*alert, options),
        other => format!("TLS failed: {other}"),
    }
}

fn certificate_words(problem: &CertificateError, options: &TlsOptions) -> String {
    let path = |path: &std::path::Path| path.display().to_string();
    match problem {
        CertificateError::UnknownIssuer => {
            let roots = match &options.roots {
                Some(Roots::File(file)) => path(file),
                Some(Roots::System) | None => "the operating system".into(),
            };
            format!("no root certificate of {roots} vouches for the server's certificate")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet".into()
        }
        CertificateError::Revoked => "the server's certificate is revoked".into(),
        CertificateError::UnknownRevocationStatus => {
            let file = options.revoked.as_deref().map(path).unwrap_or_default();
            format!("no revocation list of {file} is by the issuer of the server's certificate")
        }
        CertificateError::Other(problem) => problem.0.to_string(),
        other => format!("the server's certificate is refused: {other}"),
    }
}

/// The server's alerts about certificates concern the client's.
fn alert_words(alert: AlertDescription, options: &TlsOptions) -> String {
    let is_about_certificate = matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
    );
    match &options.certificate {
        Some(file) if is_about_certificate => {
            format!("the server refuses the client certificate {} ({alert:?})", file.display())
        }
        None if is_about_certificate => {
            format!(
                "the server asks for a client certificate ({alert:?}); name its files in `sslcert` and `sslkey`"
            )
        }
        _ => format!("TLS failed: the server ended it with the alert {alert:?}"),
    }
}
