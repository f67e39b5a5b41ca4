//! Certificates and keys, from files to a connector.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::certificate::Certificate;
use super::mode::SslMode;
use super::options::{Roots, TlsOptions};
use super::verifier::{Trust, Verifier};

/// Reads the files that the parameters name, and builds a connector.
pub(crate) fn connector(options: &TlsOptions) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier {
        provider: Arc::clone(&provider),
        trust: trust(options, &provider)?,
        checks_host: options.mode() == SslMode::VerifyFull,
    };
    let identity = identity(options, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&options.versions)
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(identity)),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    config.enable_sni = options.sends_host;
    Ok(MakeRustlsConnect::new(config))
}

/// Reads the certificates that vouch for the server's. As in libpq, they count in every mode.
fn trust(options: &TlsOptions, provider: &Arc<CryptoProvider>) -> Result<Option<Trust>, String> {
    let roots: Vec<CertificateDer<'static>> = match &options.roots {
        Some(Roots::System) => rustls_native_certs::load_native_certs().certs,
        Some(Roots::File(path)) => read_all("sslrootcert", path)?,
        None if options.mode() < SslMode::VerifyCa => return Ok(None),
        None => {
            return Err(format!(
                "`sslmode={}` needs a root certificate, and there is no ~/.postgresql/root.crt: name a file in `sslrootcert`, write `sslrootcert=system` for the roots of the operating system, or write `sslmode=require` to accept any certificate",
                options.mode().name()
            ));
        }
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().cloned());
    let store = Arc::new(store);
    let mut chains = WebPkiServerVerifier::builder_with_provider(store, Arc::clone(provider));
    if let Some(path) = &options.revoked {
        let lists: Vec<CertificateRevocationListDer<'static>> = read_all("sslcrl", path)?;
        chains = chains.with_crls(lists).enforce_revocation_expiration();
    }
    let chains = chains.build().map_err(|error| match &options.revoked {
        Some(path) => format!(
            "can't use the certificates of sslrootcert and sslcrl {}: {error}",
            path.display()
        ),
        None => format!("can't use the certificates of sslrootcert: {error}"),
    })?;
    Ok(Some(Trust { roots, chains, revokes: options.revoked.is_some() }))
}

/// Reads the client's certificate and key.
fn identity(
    options: &TlsOptions,
    provider: &CryptoProvider,
) -> Result<Option<SingleCertAndKey>, String> {
    let Some(certificate) = &options.certificate else { return Ok(None) };
    let chain: Vec<CertificateDer<'static>> = read_all("sslcert", certificate)?;
    let Some(path) = &options.key else {
        return Err("`sslcert` needs its private key in `sslkey`".into());
    };
    let key = key(path, options.key_password.as_deref())?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| format!("can't use sslkey {}: {error}", path.display()))?;
    let leaf = chain.first().map(Certificate::parse).transpose();
    let of_leaf = leaf.and_then(|leaf| leaf.map(|leaf| leaf.key()).transpose());
    let of_leaf =
        of_leaf.map_err(|error| format!("can't use sslcert {}: {error}", certificate.display()))?;
    if key.public_key().is_some() && key.public_key() != of_leaf {
        return Err(format!(
            "sslkey {} is not the key of sslcert {}",
            path.display(),
            certificate.display()
        ));
    }
    // The checks of `with_client_auth_cert` would refuse a certificate of version 1.
    Ok(Some(CertifiedKey::new(chain, key).into()))
}

/// Reads a private key.
fn key(path: &Path, password: Option<&str>) -> Result<PrivateKeyDer<'static>, String> {
    let failed = |words: &str| format!("can't read sslkey {}: {words}", path.display());
    check_access(path).map_err(|words| failed(&words))?;
    let text = fs::read_to_string(path).map_err(|error| failed(&error.to_string()))?;
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(failed(
            "it is encrypted in OpenSSL's old form, whose keys are derived by MD5; convert it by `openssl pkcs8 -topk8`",
        ));
    }
    if !text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|error| failed(&error.to_string()));
    }
    let Some(password) = password else {
        return Err(failed("it is encrypted; give its password in `sslpassword`"));
    };
    let (_, document) =
        pkcs8::SecretDocument::from_pem(&text).map_err(|error| failed(&error.to_string()))?;
    let encrypted = pkcs8::EncryptedPrivateKeyInfo::try_from(document.as_bytes())
        .map_err(|error| failed(&error.to_string()))?;
    let plain = encrypted
        .decrypt(password)
        .map_err(|_| failed("`sslpassword` does not open it, or its encryption is not AES"))?;
    Ok(PrivatePkcs8KeyDer::from(plain.as_bytes().to_vec()).into())
}

/// Refuses a key that others can read, as libpq does.
#[cfg(unix)]
fn check_access(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;

    let file = fs::metadata(path).map_err(|error| error.to_string())?;
    let forbidden = if file.uid() == 0 { 0o037 } else { 0o077 };
    if file.mode() & forbidden != 0 {
        return Err("others have access to it; write `chmod 600`".into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_access(_: &Path) -> Result<(), String> {
    Ok(())
}

/// Reads everything of one kind from a file.
fn read_all<T: PemObject>(parameter: &str, path: &Path) -> Result<Vec<T>, String> {
    let all: Vec<T> = T::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| format!("can't read {parameter} {}: {error}", path.display()))?;
    if all.is_empty() {
        return Err(format!("{parameter} {} has nothing of the kind in it", path.display()));
    }
    Ok(all)
}
